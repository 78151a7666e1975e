/**
 * Lists (RFC 7644 3.4.2, RFC 9865): which resources stand on a page, how many there are in all, and where the next page
 * starts; over one resource type or several, one after the other in the order of their endpoints. Sorted lists over
 * several types are merged in `merge.ts`.
 */

import type { Directory } from '../../directory/directory.js'
import type { Changeable } from '../../model/changeable.js'
import type { Entry } from '../../model/entry.js'
import type { Context, SearchRequest } from '../../model/request.js'
import type { EntryId } from '../../model/value.js'
import type { JsonText, Unknown } from '../../scim/representation/representation.js'
import type { Cursors, Position } from './cursor.js'
import { type Merged, merged } from './merge.js'
import type { ResourceType } from './resource-type.js'
import { type Found, identityOf, type ListQuery, type Stage, shownIn, stagesOf } from './stage.js'

export const LIST_RESPONSE = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'
/** Of lists that are not all there is because some of it cannot be asked now; also the name of what says so. */
const PARTIAL = 'urn:vitrine:scim:api:messages:2.0:Partial'

export interface ListParts {
  readonly directory: Directory
  readonly cursors: Cursors
  /** Resources of a page where the client does not say, and at most. */
  readonly defaultCount: number
  readonly maxCount: number
}

/** Where a page begins, and how much is read of it. */
interface Place {
  readonly limit: number
  readonly skip?: number
  readonly after?: EntryId
}

/** A page before it is written down. */
interface Page {
  readonly found: readonly Found[]
  readonly total: number
  readonly nextCursor?: string
}

export class Listing {
  readonly #parts: ListParts
  /** Types of which the last unfiltered first page was not all there is. */
  readonly #large = new Set<ResourceType>()

  constructor(parts: ListParts) {
    this.#parts = parts
  }

  /**
   * The page as the JSON text of a ListResponse.
   * @param types in the order in which their resources are listed
   * @param unknown what becomes of names that a type does not know
   * @param base URL of the service
   */
  async list(
    types: readonly ResourceType[],
    query: ListQuery,
    unknown: Unknown,
    base: string,
    ctx: Context,
  ): Promise<JsonText> {
    const { defaultCount, maxCount } = this.#parts
    const count = Math.min(Math.max(query.count ?? defaultCount, 0), maxCount)
    const stages = await stagesOf(types, query, unknown)
    if (count === 0) return listResponse({ total: await this.#total(stages, ctx) }, base, ctx)
    if (query.cursor !== undefined) {
      return listResponse(await this.#cursored(stages, query, query.cursor, count, ctx), base, ctx)
    }
    const startIndex = Math.max(query.startIndex ?? 1, 1)
    const { found, total } = await this.#indexed(stages, query, startIndex - 1, count, ctx)
    return listResponse({ found, total, startIndex }, base, ctx)
  }

  async #indexed(
    stages: readonly Stage[],
    query: ListQuery,
    skip: number,
    count: number,
    ctx: Context,
  ): Promise<Page> {
    const [only] = stages
    if (only !== undefined && stages.length === 1) return this.#one(only, query, skip, count, ctx)
    if (query.sortBy !== undefined) {
      const [found, total] = await Promise.all([
        this.#merged(stages, query, skip, count, ctx),
        this.#total(stages, ctx),
      ])
      return { found: found.map(alone), total }
    }
    const totals = await Promise.all(stages.map((stage) => this.#count(stage, ctx)))
    const found: Found[] = []
    let left = skip
    let room = count
    for (const [i, stage] of stages.entries()) {
      const total = totals[i] ?? 0
      if (room > 0 && left < total) {
        const entries = await this.#page(stage, { limit: room, skip: left }, ctx)
        found.push({ stage, entries })
        room -= entries.length
      }
      left = Math.max(left - total, 0)
    }
    return { found, total: totals.reduce((sum, n) => sum + n, 0) }
  }

  /** The page and the total of one type; where the page itself tells the total, nothing is counted. */
  async #one(stage: Stage, query: ListQuery, skip: number, count: number, ctx: Context): Promise<Page> {
    // One more than wanted tells whether there is more.
    const place = skip > 0 ? { limit: count + 1, skip } : { limit: count + 1 }
    const page = this.#page(stage, place, ctx)
    const isLarge = skip > 0 || (query.filter === undefined && this.#large.has(stage.type))
    if (isLarge) {
      const [entries, total] = await Promise.all([page, this.#count(stage, ctx)])
      return this.#counted(stage, query, entries, skip, count, total)
    }
    const entries = await page
    const total = entries.length > count ? await this.#count(stage, ctx) : skip + entries.length
    return this.#counted(stage, query, entries, skip, count, total)
  }

  #counted(
    stage: Stage,
    query: ListQuery,
    entries: readonly Entry[],
    skip: number,
    count: number,
    counted: number,
  ): Page {
    const isMore = entries.length > count
    if (query.filter === undefined && skip === 0) {
      if (isMore) this.#large.add(stage.type)
      else this.#large.delete(stage.type)
    }
    // Counted at another moment than the page was read, it must not contradict it.
    const total = isMore
      ? Math.max(counted, skip + entries.length)
      : entries.length > 0
        ? skip + entries.length
        : Math.min(counted, skip)
    return { found: [{ stage, entries: isMore ? entries.slice(0, count) : entries }], total }
  }

  async #cursored(
    stages: readonly Stage[],
    query: ListQuery,
    cursor: string,
    count: number,
    ctx: Context,
  ): Promise<Page> {
    const { cursors } = this.#parts
    const identity = identityOf(stages, query, ctx)
    const position: Position = cursor === '' ? { stage: 0 } : cursors.read(cursor, identity)
    const { found, next } =
      stages.length > 1 && query.sortBy !== undefined
        ? await this.#mergedFrom(stages, query, position, count, ctx)
        : await this.#from(stages, position, count, ctx)
    const total =
      position.total ?? (next === undefined && cursor === '' ? sizeOf(found) : await this.#total(stages, ctx))
    return {
      found,
      total,
      ...(next !== undefined && { nextCursor: cursors.write({ ...next, total }, identity) }),
    }
  }

  /** What stands from a position on; and where to go on if there is more than `count`. */
  async #from(
    stages: readonly Stage[],
    position: Position,
    count: number,
    ctx: Context,
  ): Promise<{ found: readonly Found[]; next?: Position }> {
    const found: Found[] = []
    let room = count
    for (let i = position.stage; i < stages.length; i++) {
      const stage = stages[i]
      if (stage === undefined) break
      const { after, skip = 0 } = i === position.stage ? position : {}
      // A sorted list goes on by number, any other behind the entry that was last.
      const isSorted = stage.request.order !== undefined
      const place = isSorted ? skip > 0 && { skip } : after !== undefined && { after }
      const entries = await this.#page(stage, { limit: room + 1, ...place }, ctx)
      const shown = entries.slice(0, room)
      found.push({ stage, entries: shown })
      if (entries.length > room) {
        const last = shown.at(-1)?.id ?? after
        const next = isSorted ? { skip: skip + room } : last !== undefined && { after: last }
        return { found, next: { stage: i, ...next } }
      }
      room -= shown.length
    }
    return { found }
  }

  async #mergedFrom(
    stages: readonly Stage[],
    query: ListQuery,
    { skip = 0 }: Position,
    count: number,
    ctx: Context,
  ): Promise<{ found: readonly Found[]; next?: Position }> {
    const found = await this.#merged(stages, query, skip, count + 1, ctx)
    const isMore = found.length > count
    const shown = found.slice(0, count).map(alone)
    return isMore ? { found: shown, next: { stage: 0, skip: skip + count } } : { found: shown }
  }

  #merged(stages: readonly Stage[], query: ListQuery, skip: number, count: number, ctx: Context) {
    return merged(this.#parts.directory, stages, query.descending === true, skip, count, ctx)
  }

  async #page({ request }: Stage, { limit, skip, after }: Place, ctx: Context): Promise<readonly Entry[]> {
    const { view, filter, attributes, displays, id, order } = request
    // Put together in one order, requests are objects of few shapes, which everything behind is fast with.
    const asked: Changeable<SearchRequest> = { view, filter, attributes, limit }
    if (displays !== undefined) asked.displays = displays
    if (id !== undefined) asked.id = id
    if (order !== undefined) asked.order = order
    if (skip !== undefined) asked.skip = skip
    if (after !== undefined) asked.after = after
    let found: readonly Entry[] = []
    for await (const entries of this.#parts.directory.search(asked, ctx)) {
      found = found.length === 0 ? entries : found.concat(entries)
    }
    return found
  }

  #count(stage: Stage, ctx: Context): Promise<number> {
    return this.#parts.directory.count(stage.request, ctx)
  }

  async #total(stages: readonly Stage[], ctx: Context): Promise<number> {
    const totals = await Promise.all(stages.map((stage) => this.#count(stage, ctx)))
    return totals.reduce((sum, n) => sum + n, 0)
  }
}

const alone = ({ entry, stage }: Merged): Found => ({ stage, entries: [entry] })

const sizeOf = (found: readonly Found[]) => found.reduce((sum, { entries }) => sum + entries.length, 0)

function listResponse(
  page: {
    readonly total: number
    readonly found?: readonly Found[]
    readonly startIndex?: number
    readonly nextCursor?: string
  },
  base: string,
  ctx: Context,
): JsonText {
  const { total, found, startIndex, nextCursor } = page
  const resources = found && shownIn(found, base)
  if (ctx.tally !== undefined) ctx.tally.entries += resources?.count ?? 0
  let head = `${headOf(ctx.missing)},"totalResults":${total}`
  if (startIndex !== undefined) head += `,"startIndex":${startIndex}`
  if (resources === undefined) return `${head}}`
  head += `,"itemsPerPage":${resources.count}`
  if (nextCursor !== undefined) head += `,"nextCursor":${JSON.stringify(nextCursor)}`
  return resources.in(head)
}

const WHOLE = JSON.stringify({ schemas: [LIST_RESPONSE] }).slice(0, -1)

/** How a message begins, by what it is without. */
function headOf(without: ReadonlySet<string> | undefined): string {
  if (without === undefined || without.size === 0) return WHOLE
  const message = { schemas: [LIST_RESPONSE, PARTIAL], [PARTIAL]: { missing: [...without].sort() } }
  return JSON.stringify(message).slice(0, -1)
}
