/** What frontends ask of the directory, and on whose behalf. */
import type { Filter } from './filter.js'
import type { EntryId } from './value.js'

/** Who asks. Anonymous until a bind or a token says otherwise. */
export type Principal =
  | { readonly kind: 'anonymous' }
  /** A service account of the configuration; `name` is its DN as configured. */
  | { readonly kind: 'service'; readonly name: string }
  /** An entry of a view. */
  | { readonly kind: 'entry'; readonly view: string; readonly id: EntryId; readonly names: readonly string[] }

export const ANONYMOUS: Principal = { kind: 'anonymous' }

/** Travels with every request down to the source. */
export interface Context {
  readonly principal: Principal
  /** The client's network address, for throttling and logs. */
  readonly address?: string
  /** Aborted on abandon, disconnect and time limit; its reason is then a VitrineError. */
  readonly signal: AbortSignal
}

export interface SearchRequest {
  readonly view: string
  readonly filter: Filter
  /** Attribute names as the schema spells them, or all that may be read. */
  readonly attributes: ReadonlySet<string> | 'all'
  /** No more than so many entries are wanted; the directory never yields more. */
  readonly limit?: number
  /** Continue behind this entry, in the view's key order. */
  readonly after?: EntryId
  /** Only the entry with this key. */
  readonly id?: EntryId
}

/** Who a password is offered for: an entry, or a service account (or what is neither, and will fail like them). */
export type Identity = EntryName | { readonly service: string }

/** Names one entry by the values of its view's RDN attributes, in the order of `View.rdn`. */
export interface EntryName {
  readonly view: string
  readonly names: readonly string[]
}
