/** A view: a published collection of entries, as frontends and layers see it. Where it comes from is not here. */
import type { Resource } from './resource.js'
import type { ValueKind } from './value.js'

export interface ViewPart {
  readonly name: string
  readonly kind: ValueKind
}

export interface ViewAttribute {
  /** As the schema spells it. */
  readonly name: string
  readonly kind: ValueKind
  /** Views that its values may refer to; empty if its values are no references. */
  readonly refers: readonly string[]
  /** Can it have values that are no references, besides those that are? */
  readonly mixed?: boolean
  readonly multiValued: boolean
  /** A secret: bindable, never readable, searchable or comparable. */
  readonly verifyOnly: boolean
  /** Can what is shown be stored? Where not, it is derived from what other attributes hold, or belongs to others. */
  readonly writable: boolean
  /** Other attributes that may change when it is written, for they are kept in the same place. */
  readonly shares?: readonly string[]
  /** The parts of its elements, `value` among them where they have one; none where its values are plain. */
  readonly parts: readonly ViewPart[]
  /** Shown by this face only. */
  readonly face?: 'scim'
}

/** What the mapping lets be done, whoever does it. */
export interface ViewWrites {
  readonly add: boolean
  readonly delete: boolean
  /** May all entries below a level be deleted at once? */
  readonly deleteTree?: boolean
}

/** A container above a view's entries that one of their attributes makes: `type=value`. */
export interface Level {
  /** Of its RDN, as the schema spells it. */
  readonly type: string
  /** The attribute of the view that holds its value. */
  readonly attr: string
}

export interface View {
  readonly name: string
  /** The attributes that name an entry within its container; more than one is a multi-valued RDN. */
  readonly rdn: readonly string[]
  /** Where the entries hang in the tree, relative to the suffix, e.g. `ou=people`; empty: right below it. */
  readonly base: string
  /**
   * Between there and the entries, from the top down; absent where there are none. An entry hangs below as many as it has
   * values for, up to the first that it has none for.
   */
  readonly levels?: readonly Level[]
  readonly objectClasses: readonly string[]
  readonly attributes: ReadonlyMap<string, ViewAttribute>
  /** Can its entries bind with a password? */
  readonly bindable: boolean
  /** Does it stand in the tree that LDAP shows? */
  readonly inTree: boolean
  /** What may be done with its entries besides changing attributes that are `writable`. */
  readonly writes: ViewWrites
  /** Does its source remember what was deleted? */
  readonly remembersDeletions?: boolean
  /** How it is shown over SCIM, if it is. */
  readonly resource?: Resource
}

/** What names an entry: the attributes of its RDN, then those of its levels. */
export function namingAttributes({ rdn, levels }: Pick<View, 'rdn' | 'levels'>): readonly string[] {
  return levels === undefined ? rdn : [...rdn, ...levels.map(({ attr }) => attr)]
}
