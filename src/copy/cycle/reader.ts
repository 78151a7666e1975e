/** Where a cycle's entries come from: what it needs of views as their sources have them. */
import type { Context } from '../../model/request.js'
import type { EntryId } from '../../model/value.js'
import type { SourceEntry } from './plan.js'

export interface Reader {
  /** Throws where the view cannot be read now, and nothing is known of it that a target would need. */
  ready?(view: string, ctx: Context): Promise<void>
  /** All entries of the view to the true end, in batches; throws where it cannot come to it. */
  all(view: string, ctx: Context): AsyncIterable<readonly SourceEntry[]>
  /**
   * Are its entries in several places, so that one that goes from one to another while all are read may be seen in neither?
   * Goes with `keys`.
   */
  isScattered?(view: string): boolean
  /** Those that have changed since then, or at that time; absent where no view tells. Goes with `keys` and `some`. */
  changedSince?(view: string, since: Date, ctx: Context): AsyncIterable<readonly SourceEntry[]>
  /**
   * Of these keys those that several entries have. Who reads in the order of keys would not see the second one behind the
   * end of a batch.
   */
  repeated?(view: string, keys: readonly EntryId[], ctx: Context): Promise<readonly EntryId[]>
  /** The keys of all entries of the view to the true end; throws where it cannot come to it. */
  keys?(view: string, ctx: Context): AsyncIterable<readonly EntryId[]>
  /** Those of the entries with these keys that there are, in any order. */
  some(view: string, keys: readonly EntryId[], ctx: Context): AsyncIterable<readonly SourceEntry[]>
}
