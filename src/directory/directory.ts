/** The directory as frontends and layers see it: views, and what can be asked of them. Sources are behind it. */
import type { Entry } from '../model/entry.js'
import type { Filter } from '../model/filter.js'
import type { MatchingOf } from '../model/match.js'
import type { Context, EntryName, Identity, Principal, SearchRequest } from '../model/request.js'
import type { View } from '../model/view.js'
import type { Schema } from '../schema/schema.js'

export interface Directory {
  readonly schema: Schema
  readonly views: ReadonlyMap<string, View>
  /** How values are compared, references among them. */
  readonly matchingOf: MatchingOf
  /**
   * The entries that the filter selects, in key order, in batches as the source yields them. Stopping early stops
   * the source. Throws VitrineErrors; never ends early without one.
   */
  search(request: SearchRequest, ctx: Context): AsyncIterable<readonly Entry[]>
  /** Does the entry satisfy the assertion? Undefined as in filters; `absent` if it lacks the attribute. */
  compare(name: EntryName, assertion: Filter, ctx: Context): Promise<Comparison>
  /** Undefined for an unknown name, a wrong password and an entry that is disabled alike. */
  authenticate(identity: Identity, password: Uint8Array, ctx: Context): Promise<Principal | undefined>
  /** May the asker find anything in this view? */
  isVisible(view: string, principal: Principal): boolean
}

export type Comparison = boolean | 'undefined' | 'absent' | 'noSuchEntry'

/** A directory around a directory. */
export type Layer = (next: Directory) => Directory

/** The filter that names an entry by its RDN; exact where RDNs are unique. */
export function filterOfName(names: readonly string[], view: View, schema: Schema): Filter {
  return {
    op: 'and',
    of: view.rdn.map((attr, i): Filter => {
      const value = schema.parse(attr, Buffer.from(names[i] ?? '', 'utf8'), 'equality')
      return value === undefined ? { op: 'const', value: false } : { op: 'eq', attr, value }
    }),
  }
}
