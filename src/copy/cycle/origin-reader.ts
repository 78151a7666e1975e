/** Copied views as a cycle reads them: whole, or what has changed, as far as their origins tell. */
import type { Filter } from '../../model/filter.js'
import type { Context } from '../../model/request.js'
import type { EntryId } from '../../model/value.js'
import type { Origin } from '../views/origin.js'
import type { SourceEntry } from './plan.js'
import type { Reader } from './reader.js'

/** Keys that are asked for at a time. */
const AT_ONCE = 100

export interface OriginReaderParts {
  readonly origin: Pick<Origin, 'read' | 'keys' | 'ready' | 'isUnion'>
  /** By view: the attribute that tells when an entry changed last. */
  readonly changedBy: ReadonlyMap<string, string>
}

export class OriginReader implements Reader {
  readonly #parts: OriginReaderParts

  constructor(parts: OriginReaderParts) {
    this.#parts = parts
  }

  async ready(view: string): Promise<void> {
    await this.#parts.origin.ready(view)
  }

  all(view: string, ctx: Context): AsyncIterable<readonly SourceEntry[]> {
    return this.#parts.origin.read(view, ctx)
  }

  isScattered(view: string): boolean {
    return this.#parts.origin.isUnion(view)
  }

  changedSince(view: string, since: Date, ctx: Context): AsyncIterable<readonly SourceEntry[]> {
    const attr = this.#parts.changedBy.get(view)
    if (attr === undefined) return this.all(view, ctx)
    return this.#parts.origin.read(view, ctx, { filter: { op: 'ge', attr, value: since } })
  }

  async repeated(view: string, keys: readonly EntryId[], ctx: Context): Promise<readonly EntryId[]> {
    const times = new Map<EntryId, number>()
    for await (const entries of this.some(view, keys, ctx))
      for (const { entry } of entries) times.set(entry.id, (times.get(entry.id) ?? 0) + 1)
    return [...times].flatMap(([key, count]) => (count > 1 ? [key] : []))
  }

  keys(view: string, ctx: Context): AsyncIterable<readonly EntryId[]> {
    return this.#parts.origin.keys(view, ctx)
  }

  async *some(view: string, keys: readonly EntryId[], ctx: Context): AsyncIterable<readonly SourceEntry[]> {
    for (let at = 0; at < keys.length; at += AT_ONCE) {
      const of = keys.slice(at, at + AT_ONCE).map((id): Filter => ({ op: 'key', id }))
      yield* this.#parts.origin.read(view, ctx, { filter: { op: 'or', of } })
    }
  }
}
