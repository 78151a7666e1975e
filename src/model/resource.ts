/**
 * How a view is shown as a SCIM resource type: its schemas (RFC 7643 7), and which of its attributes holds what. What
 * the standard schemas are stands in `schema/scim`; a mapping's resource is put together in `mapping/resource.ts`.
 */

export type ScimType =
  | 'string'
  | 'boolean'
  | 'decimal'
  | 'integer'
  | 'dateTime'
  | 'binary'
  | 'reference'
  | 'complex'

/** RFC 7643 7; `required` and the like say what this service does, not only what the standard asks. */
export interface ScimAttribute {
  readonly name: string
  readonly type: ScimType
  readonly multiValued: boolean
  readonly description: string
  readonly required: boolean
  readonly canonicalValues?: readonly string[]
  readonly caseExact: boolean
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly'
  readonly returned: 'always' | 'never' | 'default' | 'request'
  readonly uniqueness: 'none' | 'server' | 'global'
  readonly referenceTypes?: readonly string[]
  /** Of a complex attribute. */
  readonly subAttributes?: readonly ScimAttribute[]
}

export interface ScimSchema {
  /** Its URN. */
  readonly id: string
  readonly name: string
  readonly description: string
  readonly attributes: readonly ScimAttribute[]
}

/**
 * Where an attribute of the resource is kept. A complex attribute that is single-valued has no binding of its own but
 * one for each sub-attribute that is kept.
 */
export type Binding =
  /** One value, or several plain ones: the values of one attribute of the view. */
  | { readonly kind: 'plain'; readonly attr: string }
  /**
   * A multi-valued complex attribute: its elements are those of one or more attributes of the view. Elements of a
   * store with a `type` are of that type unless they have a `type` part of their own.
   */
  | { readonly kind: 'elements'; readonly stores: readonly ElementStore[] }
  /** References to entries of views that are resources: elements `{ value, $ref, display, type }`, or one of them. */
  | { readonly kind: 'references'; readonly attr: string }

export interface ElementStore {
  readonly attr: string
  /** The parts of its elements; `value` is among them where they have one. */
  readonly parts: readonly string[]
  readonly type?: string
}

export type ResourceOperation = 'create' | 'update' | 'delete'

export interface Resource {
  /** Name of the resource type, e.g. `User`. */
  readonly type: string
  /** e.g. `/Users`. */
  readonly endpoint: string
  readonly description: string
  /** Holds only what the mapping keeps, besides what every resource has (`schemas`, `id`, `meta`). */
  readonly schema: ScimSchema
  readonly extensions: readonly { readonly schema: ScimSchema; readonly required: boolean }[]
  readonly operations: ReadonlySet<ResourceOperation>
  /** By `bindingKey`. */
  readonly bindings: ReadonlyMap<string, Binding>
  /** Attributes of the view that hold `meta.created` and `meta.lastModified`. */
  readonly created?: string
  readonly lastModified?: string
}

/** The key of an attribute, or of a sub-attribute of a single-valued complex one, among `Resource.bindings`. */
export function bindingKey(schema: string, attribute: string, sub?: string): string {
  return sub === undefined ? `${schema}:${attribute}` : `${schema}:${attribute}.${sub}`
}
