/**
 * The entries of one search and one more, which another search finds, at its place in key order, where there is one. What the order
 * is only the source knows, so it is asked which of the others comes next behind the one.
 */
import type { Entry } from '../../../model/entry.js'
import type { Context, SearchRequest } from '../../../model/request.js'
import type { Directory } from '../../directory.js'

/** @param one finds one entry at most; that `all` finds it too does no harm */
export async function* inserted(
  directory: Pick<Directory, 'search'>,
  all: SearchRequest,
  one: SearchRequest,
  ctx: Context,
): AsyncIterable<readonly Entry[]> {
  let entry = await first(directory.search({ ...one, limit: 1 }, ctx))
  if (entry === undefined) {
    yield* directory.search(all, ctx)
    return
  }
  const following = { ...all, attributes: new Set<string>(), after: entry.id, limit: 1 }
  // Where there is no order, the one comes last.
  const next = all.unordered === true ? undefined : await first(directory.search(following, ctx))
  let room = all.limit ?? Number.POSITIVE_INFINITY
  for await (const entries of directory.search(all, ctx)) {
    const place = entries.findIndex((e) => e.id === next?.id)
    let batch = entries
    if (entries.some((e) => e.id === entry?.id)) entry = undefined
    if (entry !== undefined && place >= 0) {
      batch = [...entries.slice(0, place), entry, ...entries.slice(place)].slice(0, room)
      entry = undefined
    }
    room -= batch.length
    if (batch.length > 0) yield batch
  }
  if (entry !== undefined && room > 0) yield [entry]
}

async function first(found: AsyncIterable<readonly Entry[]>): Promise<Entry | undefined> {
  for await (const [entry] of found) return entry
  return undefined
}
