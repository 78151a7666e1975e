/**
 * The entries of a union, from those of its members: one after the other, or in the order of an attribute; without
 * those that another member has with precedence. Entries that are completed by others are in `merging.ts`.
 */
import type { Entry } from '../../model/entry.js'
import { VitrineError } from '../../model/errors.js'
import type { Filter } from '../../model/filter.js'
import type { MatchingOf } from '../../model/match.js'
import type { Context, SearchRequest } from '../../model/request.js'
import type { EntryId, Scalar } from '../../model/value.js'
import type { Directory } from '../directory.js'
import { inOrder, ordering } from '../ordered.js'
import { Merger } from './merging.js'
import type { Found, References } from './references.js'
import { isTelling } from './relax.js'
import { NOTHING, type TwinFinder } from './twins.js'
import { forgives, idOf, limitOf, placeOf, startOf, type Union } from './union.js'

/** Asked for beyond what is wanted where some may turn out to be hidden. */
const SPARE = 50
/** Entries looked at together in a merged order, and fetched by key. */
const AT_ONCE = 100

export interface ReaderParts {
  readonly core: Directory
  readonly matchingOf: MatchingOf
  readonly finder: TwinFinder
  readonly references: References
}

type Stream<T> = Pick<AsyncGenerator<T>, 'next' | 'return'>
type Ordered = SearchRequest & { readonly order: NonNullable<SearchRequest['order']> }

export class Reader {
  readonly #parts: ReaderParts
  readonly #merger: Merger

  constructor(parts: ReaderParts) {
    this.#parts = parts
    this.#merger = new Merger(parts)
  }

  /** As `Directory.search` does, but entries are as the members have them, with more attributes than were asked for. */
  async *search(union: Union, request: SearchRequest, ctx: Context): AsyncGenerator<readonly Found[]> {
    const { order } = request
    const { skip = 0, limit = Number.POSITIVE_INFINITY } = request
    let left = skip
    let room = limit
    let all: AsyncIterable<readonly Found[]>
    if (order !== undefined) {
      const ordered = { ...request, order }
      all =
        union.duplicates === 'merge' ? this.#sorted(union, ordered, ctx) : this.#inOrder(union, ordered, ctx)
      if (union.duplicates === 'merge') left = 0
    } else {
      const start = skip === 0 ? undefined : await this.#startBehind(union, request, skip, ctx)
      left = start?.left ?? left
      const wanted = limit + left
      const asked = Number.isFinite(wanted) ? { ...request, limit: wanted } : request
      all = this.visible(union, asked, ctx, start?.index)
    }
    for await (const found of all) {
      const shown = found.slice(left, left + room)
      left = Math.max(left - found.length, 0)
      room -= shown.length
      if (shown.length > 0) yield shown
      if (room <= 0) return
    }
  }

  /**
   * What the union shows in its own order, from `after` on, whatever the request's order and place; `limit` is how many
   * are wanted, but there may come more.
   */
  async *visible(
    union: Union,
    request: SearchRequest,
    ctx: Context,
    from = 0,
  ): AsyncGenerator<readonly Found[]> {
    if (union.duplicates === 'merge') {
      yield* this.#merger.visible(union, request, ctx)
      return
    }
    const { first, after, id } = startOf(union, request, from)
    const indices = [...union.members.keys()].filter(
      (i) => i >= first && (id === undefined || i === id.index),
    )
    const atOnce = after === undefined && isTelling(request.filter)
    const streams = indices.map((i): Stream<readonly Found[]> => {
      const stream = this.#ofMember(union, i, request, i === first ? after : undefined, ctx)
      return atOnce ? begun(stream) : stream
    })
    try {
      for (const stream of streams) {
        for (let next = await stream.next(); next.done !== true; next = await stream.next()) yield next.value
      }
    } finally {
      for (const stream of streams) stream.return(undefined).catch(() => undefined)
    }
  }

  async *#ofMember(
    union: Union,
    index: number,
    request: SearchRequest,
    after: EntryId | undefined,
    ctx: Context,
  ): AsyncGenerator<readonly Found[]> {
    const { core } = this.#parts
    const member = union.members[index] ?? ''
    if (ctx.missing?.has(member) === true) return
    try {
      const asked = await this.#asked(union, index, request, ctx)
      const isExact = index === 0 || union.duplicates === 'error'
      const limit = limitOf(request, isExact ? 0 : SPARE)
      let last = after
      for (;;) {
        let seen = 0
        const from = { ...(last !== undefined && { after: last }), ...(limit !== undefined && { limit }) }
        for await (const entries of core.search({ ...asked, ...from }, ctx)) {
          seen += entries.length
          last = entries.at(-1)?.id ?? last
          const shown = await this.#shown(union, index, entries, ctx)
          if (shown.length > 0) yield shown.map((entry) => ({ index, entry }))
        }
        if (limit === undefined || isExact || seen < limit) return
      }
    } catch (error) {
      if (!forgives(union, member, error, ctx)) throw error
    }
  }

  /** The request as a member is asked it, without place and order. */
  async #asked(union: Union, index: number, request: SearchRequest, ctx: Context): Promise<SearchRequest> {
    const member = union.members[index] ?? ''
    const { attributes, displays, unordered, id } = request
    const place = id === undefined ? undefined : placeOf(union, id)
    return {
      view: member,
      filter: await this.#parts.references.inward(request.filter, member, ctx),
      attributes: attributes === 'all' ? 'all' : new Set([...attributes, ...union.sameness.attributes]),
      ...(displays === true && { displays }),
      ...(unordered === true && { unordered }),
      ...(place !== undefined && { id: place.key }),
    }
  }

  /** Those of a member's entries that the union shows. */
  async #shown(
    union: Union,
    index: number,
    entries: readonly Entry[],
    ctx: Context,
  ): Promise<readonly Entry[]> {
    const { finder } = this.#parts
    if (union.duplicates === 'error') {
      await this.#refuseTwins(union, index, entries, ctx)
      return entries
    }
    if (index === 0) return entries
    const hidden = await finder.preceded(union, index, entries, ctx)
    return hidden.size === 0 ? entries : entries.filter((entry) => !hidden.has(entry))
  }

  async #refuseTwins(union: Union, index: number, entries: readonly Entry[], ctx: Context): Promise<void> {
    const { finder } = this.#parts
    const others = [...union.members.keys()].filter((i) => i !== index)
    const found = await Promise.all(others.map((i) => finder.in(union, i, entries, NOTHING, ctx)))
    for (const twins of found)
      for (const [entry, [twin]] of twins) if (twin !== undefined) refuse(union, entry, twin)
  }

  /** In which member the entry behind so many is, as far as members can be passed over by counting. */
  async #startBehind(union: Union, request: SearchRequest, skip: number, ctx: Context) {
    if (request.after !== undefined || request.id !== undefined) return undefined
    const countable =
      union.duplicates === 'error' ? union.members.length : union.duplicates === 'first' ? 1 : 0
    let left = skip
    let index = 0
    for (; index < countable; index++) {
      const count = await this.#countOf(union, index, request, ctx)
      if (count > left) break
      left -= count
    }
    return { index, left }
  }

  /** How many of a member's entries there are, hidden ones among them. */
  async #countOf(union: Union, index: number, request: SearchRequest, ctx: Context): Promise<number> {
    const member = union.members[index] ?? ''
    if (ctx.missing?.has(member) === true) return 0
    try {
      return await this.#parts.core.count(await this.#asked(union, index, request, ctx), ctx)
    } catch (error) {
      if (!forgives(union, member, error, ctx)) throw error
      return 0
    }
  }

  async count(union: Union, request: SearchRequest, ctx: Context): Promise<number> {
    const { view, filter, id } = request
    const asked = {
      view,
      filter,
      attributes: new Set<string>(),
      unordered: true as const,
      ...(id !== undefined && { id }),
    }
    const place = id === undefined ? undefined : placeOf(union, id)
    if (id !== undefined && place === undefined) return 0
    let count = 0
    let index = 0
    // Only members of which nothing can be hidden can count for themselves.
    const countable =
      union.duplicates === 'error' ? union.members.length : union.duplicates === 'first' ? 1 : 0
    if (place !== undefined && place.index < countable) return this.#countOf(union, place.index, asked, ctx)
    for (; place === undefined && index < countable; index++)
      count += await this.#countOf(union, index, asked, ctx)
    for await (const found of this.visible(union, asked, ctx, index)) count += found.length
    return count
  }

  /** Members' entries come in order; the first of all is always the first of one of them. */
  async *#inOrder(union: Union, request: Ordered, ctx: Context): AsyncGenerator<readonly Found[]> {
    const { valueOf: keyOf, compare } = ordering(request.order, this.#parts.matchingOf(request.order.attr))
    const place = request.id === undefined ? undefined : placeOf(union, request.id)
    if (request.id !== undefined && place === undefined) return
    const indices = [...union.members.keys()].filter((i) => place === undefined || i === place.index)
    const streams = indices.map((index) => this.#orderedMember(union, index, request, ctx))
    const fronts: { readonly found: Found; readonly value: Scalar | undefined }[] = []
    const advance = async (i: number) => {
      const next = await streams[i]?.next()
      if (next === undefined || next.done === true) delete fronts[i]
      else fronts[i] = { found: next.value, value: keyOf(next.value.entry) }
    }
    try {
      await Promise.all(streams.map((_, i) => advance(i)))
      let some: Found[] = []
      for (;;) {
        let best: number | undefined
        for (const i of streams.keys()) {
          const front = fronts[i]
          const current = best === undefined ? undefined : fronts[best]
          if (front !== undefined && (current === undefined || compare(front.value, current.value) < 0))
            best = i
        }
        const front = best === undefined ? undefined : fronts[best]
        if (front !== undefined) some.push(front.found)
        if (some.length >= AT_ONCE || front === undefined) {
          yield await this.#shownAmong(union, some, ctx)
          some = []
        }
        if (best === undefined) return
        await advance(best)
      }
    } finally {
      for (const stream of streams) stream.return(undefined).catch(() => undefined)
    }
  }

  async *#orderedMember(union: Union, index: number, request: Ordered, ctx: Context): AsyncGenerator<Found> {
    const { core } = this.#parts
    const member = union.members[index] ?? ''
    if (ctx.missing?.has(member) === true) return
    try {
      const asked = await this.#asked(union, index, request, ctx)
      const { attributes } = asked
      const { order, limit, skip = 0 } = request
      const wanted = attributes === 'all' ? attributes : new Set([...attributes, order.attr])
      const size = limit === undefined ? undefined : limit + skip + SPARE
      for (let at = 0; ; at += size ?? 0) {
        let seen = 0
        const place = { ...(size !== undefined && { limit: size }), ...(at > 0 && { skip: at }) }
        for await (const entries of core.search({ ...asked, attributes: wanted, order, ...place }, ctx)) {
          seen += entries.length
          for (const entry of entries) yield { index, entry }
        }
        if (size === undefined || seen < size) return
      }
    } catch (error) {
      if (!forgives(union, member, error, ctx)) throw error
    }
  }

  async #shownAmong(union: Union, found: readonly Found[], ctx: Context): Promise<readonly Found[]> {
    const shown = new Set<Entry>()
    for (const index of union.members.keys()) {
      const own = found.filter((f) => f.index === index).map((f) => f.entry)
      if (own.length === 0) continue
      for (const entry of await this.#shown(union, index, own, ctx)) shown.add(entry)
    }
    return found.filter(({ entry }) => shown.has(entry))
  }

  /** What entries are ordered by may come from any member: keys and values are read first, then the entries by key. */
  async *#sorted(union: Union, request: Ordered, ctx: Context): AsyncGenerator<readonly Found[]> {
    const { view, filter, order, id, skip = 0, limit = Number.POSITIVE_INFINITY } = request
    const asked = { view, filter, attributes: new Set([order.attr]), ...(id !== undefined && { id }) }
    const all = withIds(union, this.visible(union, asked, ctx))
    const ids = await inOrder(all, order, this.#parts.matchingOf(order.attr))
    const wanted = ids.slice(skip, skip + limit)
    const { attributes, displays } = request
    for (let at = 0; at < wanted.length; at += AT_ONCE) {
      const some = wanted.slice(at, at + AT_ONCE)
      const of = some.map((each): Filter => ({ op: 'key', id: each }))
      const byKey = { view, filter: { op: 'or', of } as const, attributes, displays: displays === true }
      const found = new Map<string, Found>()
      for await (const batch of this.visible(union, byKey, ctx)) {
        for (const one of batch) found.set(idOf(union.members[one.index] ?? '', one.entry.id), one)
      }
      yield some.flatMap((each) => found.get(each) ?? [])
    }
  }
}

async function* withIds(union: Union, all: AsyncIterable<readonly Found[]>): AsyncIterable<readonly Entry[]> {
  for await (const found of all)
    yield found.map(({ index, entry }) => ({ ...entry, id: idOf(union.members[index] ?? '', entry.id) }))
}

function refuse({ view, sameness }: Union, entry: Entry, twin: Entry): never {
  const keys = new Set(sameness.keysOf(twin))
  const common = sameness.criteria.filter((_, i) =>
    sameness.keysOf(entry).some((key) => keys.has(key) && key.startsWith(`${i} `)),
  )
  throw new VitrineError('internalError', {
    message: `${view.name} has two entries that are the same: ${idOf(entry.view, entry.id)} and ${idOf(twin.view, twin.id)} agree in ${common.map((attrs) => attrs.join('+')).join(', ')}`,
  })
}

/** The same, with the first step begun. */
function begun<T>(stream: AsyncGenerator<T>): Stream<T> {
  let first: Promise<IteratorResult<T>> | undefined = stream.next()
  // Whoever stops early never looks at it.
  first.catch(() => undefined)
  return {
    next: () => {
      const next = first ?? stream.next()
      first = undefined
      return next
    },
    return: () => stream.return(undefined),
  }
}
