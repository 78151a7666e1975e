/**
 * The values an entry holds, in the shape every room shares: protocol syntaxes and database types are
 * translated to and from these at the edges.
 */

/** The key of an entry within its view, as text; what `Entry.id` holds and paging continues from. */
export type EntryId = string

/**
 * A reference to another entry (member, manager). `names` are the values of the target view's RDN
 * attributes, in the order of `View.rdn`, then those of the levels that it hangs below, from the top down; `id` is its key where the source told it. Protocol faces render it:
 * LDAP as a DN, SCIM as `value` and `$ref`.
 */
export class Ref {
  readonly view: string
  readonly names: readonly string[]
  readonly id: EntryId | undefined
  /** Where asked for: what people call the target, and the UUID that its view declares. */
  readonly display: string | undefined
  readonly uuid: string | undefined
  /** Where asked for: the resource type that the target is shown as. */
  readonly type: string | undefined

  constructor(
    view: string,
    names: readonly string[],
    id?: EntryId,
    display?: string,
    uuid?: string,
    type?: string,
  ) {
    this.view = view
    this.names = names
    this.id = id
    this.display = display
    this.uuid = uuid
    this.type = type
  }
}

export type Scalar = string | number | bigint | boolean | Date | Uint8Array | Ref

/** One element of a multi-valued attribute with parts, e.g. `{ value, type, primary }`. */
export interface ComplexValue {
  readonly [part: string]: Scalar
}

export type Value = Scalar | ComplexValue

/** What a type's value is, whatever its syntax is called in a protocol. */
export type ValueKind = 'text' | 'integer' | 'decimal' | 'boolean' | 'time' | 'binary'

export function isComplex(value: Value): value is ComplexValue {
  return (
    typeof value === 'object' &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Ref)
  )
}

/** Is it an element that says more than its own value? */
export function hasOtherParts(value: Value): boolean {
  return isComplex(value) && Object.keys(value).some((part) => part !== 'value')
}

/** The element's own value: an element with parts shows its `value` part where only one scalar fits. */
export function scalarOf(value: Value): Scalar | undefined {
  return isComplex(value) ? value.value : value
}
