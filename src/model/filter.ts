/**
 * The one filter tree of the product. LDAP and SCIM filters become this; the mapping and the sources compile
 * it; `match.ts` says what it means. Attribute names are as the schema spells them and assertion values are
 * already typed: a name or value that its syntax refuses has become `const undefined` (RFC 4511 4.5.1.7).
 */
import type { EntryId, Scalar } from './value.js'

export type ComparisonOp = 'eq' | 'ge' | 'le' | 'gt' | 'lt' | 'approx'

export interface AndFilter {
  readonly op: 'and'
  readonly of: readonly Filter[]
}
export interface OrFilter {
  readonly op: 'or'
  readonly of: readonly Filter[]
}
export interface NotFilter {
  readonly op: 'not'
  readonly of: Filter
}
export interface PresentFilter {
  readonly op: 'present'
  readonly attr: string
}
export interface ComparisonFilter {
  readonly op: ComparisonOp
  readonly attr: string
  readonly value: Scalar
  /** A matching rule other than the attribute's own, by its name in the schema, e.g. `inChain`. */
  readonly rule?: string
  /** Of the values only the first is asked, by which an entry is named; goes with `eq`. */
  readonly first?: true
}
export interface SubstringFilter {
  readonly op: 'substring'
  readonly attr: string
  readonly initial?: string
  readonly any: readonly string[]
  readonly final?: string
}
/** One element of a multi-valued attribute satisfies the whole inner filter, whose names are its parts. */
export interface ElementFilter {
  readonly op: 'element'
  readonly attr: string
  readonly of: Filter
}
/** The entry has this key, which need stand in no attribute. */
export interface KeyFilter {
  readonly op: 'key'
  readonly id: EntryId
}
/** `undefined` is LDAP's third truth value: neither it nor its negation selects anything. */
export interface ConstFilter {
  readonly op: 'const'
  readonly value: boolean | undefined
}

/** The filters that ask about one attribute. */
export type Assertion = PresentFilter | ComparisonFilter | SubstringFilter | ElementFilter

export type Filter = AndFilter | OrFilter | NotFilter | Assertion | KeyFilter | ConstFilter

export const TRUE: ConstFilter = { op: 'const', value: true }
export const FALSE: ConstFilter = { op: 'const', value: false }
export const UNDEFINED: ConstFilter = { op: 'const', value: undefined }

/** Every attribute that the filter asks about. */
export function filterAttributes(filter: Filter, into: Set<string> = new Set()): Set<string> {
  switch (filter.op) {
    case 'and':
    case 'or':
      for (const f of filter.of) filterAttributes(f, into)
      return into
    case 'not':
      return filterAttributes(filter.of, into)
    case 'key':
    case 'const':
      return into
    default:
      return into.add(filter.attr)
  }
}

/** The same filter with every assertion replaced by what `replace` makes of it. */
export function mapAssertions(filter: Filter, replace: (assertion: Assertion) => Filter): Filter {
  switch (filter.op) {
    case 'and':
    case 'or':
      return { op: filter.op, of: filter.of.map((f) => mapAssertions(f, replace)) }
    case 'not':
      return { op: 'not', of: mapAssertions(filter.of, replace) }
    case 'key':
    case 'const':
      return filter
    default:
      return replace(filter)
  }
}
