/**
 * Object classes (RFC 4512 2.4): how they are written down. Which there are is said in `definitions/`; they are
 * looked up in a `Schema`.
 */
import { checkName, oidFor } from './attribute-types.js'

type ObjectClassKind = 'abstract' | 'structural' | 'auxiliary'

/** An object class as its standard defines it; `must` and `may` without what it inherits. */
export interface ObjectClassDefinition {
  readonly oid: string
  /** The name that entries show, then its aliases. */
  readonly names: readonly [string, ...string[]]
  readonly description?: string
  readonly sup?: readonly string[]
  readonly kind: ObjectClassKind
  readonly must?: readonly string[]
  readonly may?: readonly string[]
}

export interface ObjectClass {
  readonly definition: ObjectClassDefinition
  readonly oid: string
  /** The spelling that entries show. */
  readonly name: string
  readonly names: readonly string[]
  /** The names of its direct superclasses. */
  readonly sup: readonly string[]
  readonly kind: ObjectClassKind
  /** Canonical names of the attributes it requires itself; superclasses require theirs. */
  readonly must: readonly string[]
  /** Canonical names of the attributes it allows itself. */
  readonly may: readonly string[]
}

/** An object class of one's own. */
export interface CustomObjectClass {
  readonly name: string
  readonly aliases?: readonly string[]
  /** Made from the name where none is registered. */
  readonly oid?: string
  readonly description?: string
  /** `top` where none is given. */
  readonly sup?: readonly string[]
  /** `auxiliary` where none is given. */
  readonly kind?: ObjectClassKind
  readonly must?: readonly string[]
  readonly may?: readonly string[]
}

/**
 * The definition of a custom object class.
 * @throws SchemaError where its name is none.
 */
export function defineObjectClass(custom: CustomObjectClass): ObjectClassDefinition {
  const names = [custom.name, ...(custom.aliases ?? [])] as const
  for (const name of names) checkName(name)
  return {
    oid: custom.oid ?? oidFor(custom.name),
    names,
    ...(custom.description !== undefined && { description: custom.description }),
    sup: custom.sup ?? ['top'],
    kind: custom.kind ?? 'auxiliary',
    must: custom.must ?? [],
    may: custom.may ?? [],
  }
}
