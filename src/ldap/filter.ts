/**
 * The search filter as a type (RFC 4511 4.5.1.7). Its BER form is `filter-ber.ts`, its text form
 * `filter-text.ts`; what a filter selects is left to whoever answers the search.
 */

export interface SetFilter {
  readonly tag: 'and' | 'or'
  /** May be empty: absolute true and false (RFC 4526). */
  readonly filters: readonly LdapFilter[]
}
export interface NotFilter {
  readonly tag: 'not'
  readonly filter: LdapFilter
}
export interface AssertionFilter {
  readonly tag: 'equality' | 'greaterOrEqual' | 'lessOrEqual' | 'approx'
  readonly attribute: string
  readonly value: Buffer
}
export interface SubstringsFilter {
  readonly tag: 'substrings'
  readonly attribute: string
  readonly initial?: Buffer
  readonly any: readonly Buffer[]
  readonly final?: Buffer
}
export interface PresentFilter {
  readonly tag: 'present'
  readonly attribute: string
}
/** At least one of `rule` and `attribute` is given. */
export interface ExtensibleFilter {
  readonly tag: 'extensible'
  /** Name or OID of a matching rule. */
  readonly rule?: string
  readonly attribute?: string
  readonly value: Buffer
  readonly dnAttributes: boolean
}

export type LdapFilter =
  | SetFilter
  | NotFilter
  | AssertionFilter
  | SubstringsFilter
  | PresentFilter
  | ExtensibleFilter

export interface FilterLimits {
  /** How deep filters may be nested; never more than 1000. */
  readonly maxFilterDepth: number
  /** How many filters, and middle pieces of substrings, there may be in one. */
  readonly maxFilterNodes: number
}

export const DEFAULT_FILTER_LIMITS: FilterLimits = { maxFilterDepth: 128, maxFilterNodes: 4096 }
export const DEEPEST_FILTER = 1000
