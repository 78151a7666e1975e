/**
 * Searches by somebody who may do different things with different entries: each assertion counts only where its attribute
 * may be searched, and each attribute is shown only where it may be read. What is found is what would be in a directory
 * that holds nothing else.
 */
import type { Entry } from '../../../model/entry.js'
import { type Assertion, type Filter, filterAttributes } from '../../../model/filter.js'
import { matcher } from '../../../model/match.js'
import type { Context, SearchRequest } from '../../../model/request.js'
import { Ref } from '../../../model/value.js'
import type { View } from '../../../model/view.js'
import type { Directory } from '../../directory.js'
import type { Asker } from './asker.js'
import {
  type Cover,
  conjunction,
  disjunction,
  filterOfCover,
  includes,
  isNowhere,
  literal,
  type Row,
  whereTrue,
} from './cover.js'
import { asGateway } from './facts.js'

/** Entries asked about at a time. */
const AT_ONCE = 200

/** What is left of a search. */
export interface Narrowed {
  readonly request: SearchRequest
  /** Where the order can be told of some entries only: these, and not of the others. */
  readonly orderedWhere: Filter | undefined
  /** Makes of found entries what may be shown of them; undefined: they are that. */
  readonly shown: ((entries: readonly Entry[], ctx: Context) => Promise<readonly Entry[]>) | undefined
}

/**
 * @param asked what becomes of an assertion on an attribute that may be searched somewhere
 * @returns undefined where nothing can be found
 */
export function narrowedByRow(
  request: SearchRequest,
  asker: Asker,
  asked: (assertion: Assertion) => Filter,
  directory: Directory,
): Narrowed | undefined {
  const { view, order } = request
  const covers = (['search', 'read'] as const).map((right) => asker.cover(view, right))
  if (covers.some(isNowhere)) return undefined
  const isSure = (cover: Cover) => covers.some((found) => includes(cover, found))
  const filter = conjunction([
    ...[...new Map(covers.map((cover) => [keyOf(cover), cover])).values()].map(filterOfCover),
    whereTrue(request.filter, (part, truth) => {
      if (part.op === 'key') return literal(part, truth)
      const cover = asker.cover(view, 'search', part.attr)
      const question = whereTrue(asked(part), literal, truth)
      return isSure(cover) ? question : conjunction([filterOfCover(cover), question])
    }),
  ])
  const described = directory.views.get(view)
  const wanted = request.attributes === 'all' ? (described?.attributes.keys() ?? []) : request.attributes
  const readable = new Map(
    [...wanted].flatMap((attr) => {
      const cover = asker.cover(view, 'read', attr)
      return isNowhere(cover) ? [] : [[attr, cover] as const]
    }),
  )
  const unsure = [...readable].filter(([, cover]) => !isSure(cover))
  const rows = new Map(unsure.flatMap(([, cover]) => (cover === 'all' ? [] : cover)).map((r) => [r.key, r]))
  const decision = new Decision([...rows.values()], described, directory)
  const attributes = new Set([...readable.keys(), ...decision.attributes])
  const { order: _, ...unordered } = request
  const left = { ...unordered, filter, attributes }
  const orderedBy = order === undefined ? [] : asker.cover(view, 'search', order.attr)
  const isOrdered = order !== undefined && !isNowhere(orderedBy)
  return {
    request: isOrdered ? { ...left, order } : left,
    orderedWhere: isOrdered && !isSure(orderedBy) ? filterOfCover(orderedBy) : undefined,
    shown:
      unsure.length === 0
        ? undefined
        : async (entries, ctx) => {
            const holds = await decision.of(entries, ctx)
            return entries.map((entry) => {
              const isShown = (attr: string) => {
                const cover = readable.get(attr)
                if (cover === undefined) return false
                return isSure(cover) || cover === 'all' || cover.some((row) => holds(entry, row))
              }
              return { ...entry, attributes: new Map([...entry.attributes].filter(([a]) => isShown(a))) }
            })
          },
  }
}

const keyOf = (cover: Cover): string =>
  cover === 'all' ? '' : JSON.stringify(cover.map(({ key }) => key).sort())

/** Tells of entries whether rows of covers are theirs: by what they hold, or where that does not tell, by the source. */
export class Decision {
  /** What entries have to come with. */
  readonly attributes: ReadonlySet<string>
  readonly #rows: readonly Row[]
  readonly #view: View | undefined
  readonly #directory: Directory

  constructor(rows: readonly Row[], view: View | undefined, directory: Directory) {
    this.#rows = rows
    this.#view = view
    this.#directory = directory
    this.attributes = new Set(
      rows.filter((row) => isTold(row, view)).flatMap(({ filter }) => [...filterAttributes(filter)]),
    )
  }

  async of(
    entries: readonly Entry[],
    ctx: Context,
  ): Promise<(entry: Pick<Entry, 'id'>, row: Row) => boolean> {
    const held = new Map<string, ReadonlySet<string>>()
    for (const row of this.#rows) {
      if (isTold(row, this.#view)) {
        const holds = matcher(row.filter, this.#directory.matchingOf)
        held.set(row.key, new Set(entries.filter((e) => holds(e) === true).map(({ id }) => id)))
      } else held.set(row.key, await this.#asked(row, entries, ctx))
    }
    return ({ id }, { key }) => held.get(key)?.has(id) === true
  }

  async #asked(row: Row, entries: readonly Entry[], ctx: Context): Promise<ReadonlySet<string>> {
    const found = new Set<string>()
    const view = this.#view?.name ?? ''
    for (let at = 0; at < entries.length; at += AT_ONCE) {
      const keys = entries.slice(at, at + AT_ONCE).map(({ id }): Filter => ({ op: 'key', id }))
      const filter = conjunction([row.filter, disjunction(keys)])
      const request = { view, filter, attributes: new Set<string>(), unordered: true as const }
      for await (const some of this.#directory.search(request, asGateway(ctx)))
        for (const { id } of some) found.add(id)
    }
    return found
  }
}

/** Do the entries' own values tell, without reading what they refer to? */
function isTold({ filter }: Row, view: View | undefined): boolean {
  return isTellable(filter, (attr, value) => {
    const described = view?.attributes.get(attr)
    return described === undefined || (described.refers.length === 0 && !(value instanceof Ref))
  })
}

/**
 * @param isPlain does an assertion on this attribute ask about nothing but what entries show?
 * @param showsKind is all of what kind the entry is shown?
 */
export function isTellable(
  filter: Filter,
  isPlain: (attr: string, value: unknown) => boolean,
  showsKind = false,
): boolean {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.of.every((f) => isTellable(f, isPlain, showsKind))
    case 'not':
      return isTellable(filter.of, isPlain, showsKind)
    case 'key':
    case 'const':
      return true
    case 'element':
      return false
    default:
      // What kind an entry is may be true without being shown.
      if (!showsKind && /objectClass$/i.test(filter.attr)) return false
      if ('rule' in filter && filter.rule !== undefined) return false
      return isPlain(filter.attr, 'value' in filter ? filter.value : undefined)
  }
}

/**
 * In order are those of which the order may be told; the others have nothing that it goes by, and so come last, and
 * first where it is descending.
 */
export async function* inTwoParts(
  request: SearchRequest,
  orderedWhere: Filter,
  directory: Pick<Directory, 'search' | 'count'>,
  ctx: Context,
): AsyncIterable<readonly Entry[]> {
  const { order, limit, skip = 0, ...rest } = request
  const told = {
    ...rest,
    ...(order !== undefined && { order }),
    filter: conjunction([request.filter, orderedWhere]),
  }
  const untold = { ...rest, filter: conjunction([request.filter, literal(orderedWhere, false)]) }
  const [first, second] = order?.descending === true ? [untold, told] : [told, untold]
  let room = limit ?? Number.POSITIVE_INFINITY
  const before = skip === 0 ? 0 : await directory.count(first, ctx)
  for (const [part, passed] of [
    [first, skip],
    [second, Math.max(0, skip - before)],
  ] as const) {
    if (room <= 0) return
    if (part === first && skip > 0 && skip >= before) continue
    const place = { ...(passed > 0 && { skip: passed }), ...(Number.isFinite(room) && { limit: room }) }
    for await (const entries of directory.search({ ...part, ...place }, ctx)) {
      room -= entries.length
      yield entries
    }
  }
}
