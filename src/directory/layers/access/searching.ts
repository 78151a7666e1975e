/** Searches as somebody may make them: what they ask is narrowed, and what they find is cut to what may be read. */
import type { Entry } from '../../../model/entry.js'
import { type Filter, filterAttributes, mapAssertions } from '../../../model/filter.js'
import type { Context, SearchRequest } from '../../../model/request.js'
import type { Directory } from '../../directory.js'
import { asksElements } from '../../references.js'
import type { Acquaintance } from './acquaintance.js'
import type { Allowed, Asker } from './asker.js'
import type { Askers } from './askers.js'
import { isNowhere } from './cover.js'
import { inserted } from './insert.js'
import { knowing, type Rights, type RightsToFind, type ViewRights } from './rights.js'
import { inTwoParts, narrowedByRow } from './rows.js'
import { refsIn, refsOf, Sight, withoutStrangers } from './strangers.js'

interface Parts {
  readonly directory: Directory
  readonly askers: Askers
  readonly acquaintance: Acquaintance
  readonly rights: RightsToFind
}

type Found = AsyncIterable<readonly Entry[]>

export class Searching {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  search(request: SearchRequest, ctx: Context): Found {
    const asker = this.#parts.askers.of(ctx.principal, request.view, ctx)
    return asker instanceof Promise ? this.#later(asker, request, ctx) : this.#searchAs(asker, request, ctx)
  }

  /** Where the right to the attribute hangs on the entry, so does its place. */
  async ordersStrictly(request: SearchRequest, ctx: Context): Promise<boolean> {
    const { directory, askers, rights: known } = this.#parts
    const { view, order } = request
    const asker = await askers.of(ctx.principal, view, ctx)
    const rights = known.of(asker, view)
    const { toAll, toOwn, chooses } = rights
    const differs =
      chooses || toAll.searchable !== toOwn.searchable || toAll.readable !== toOwn.readable || !toAll.any
    if (order === undefined || differs || !toAll.searchable(order.attr) || !toAll.readable(order.attr))
      return false
    const left = this.#narrowed(request, rights, await this.#prepare(request, rights, ctx))
    return left !== undefined && directory.ordersStrictly(left.ofAll, ctx)
  }

  async count(request: SearchRequest, ctx: Context): Promise<number> {
    const { directory, askers, rights: known } = this.#parts
    const asker = await askers.of(ctx.principal, request.view, ctx)
    const rights = known.of(asker, request.view)
    const sight = await this.#prepare(request, rights, ctx)
    if (rights.chooses) {
      const left = this.#narrowedToRows({ ...request, attributes: new Set() }, rights, sight)
      return left === undefined ? 0 : directory.count(left.request, ctx)
    }
    const left = this.#narrowed(request, rights, sight)
    if (left === undefined) return 0
    if (left.ofOwn === undefined) return directory.count(left.ofAll, ctx)
    const { view, filter, id } = request
    let count = 0
    const wanted = { view, filter, attributes: new Set<string>(), unordered: true as const }
    const counted = { ...wanted, ...(id !== undefined && { id }) }
    for await (const entries of this.search(counted, ctx)) count += entries.length
    return count
  }

  async *#later(asker: Promise<Asker>, request: SearchRequest, ctx: Context): Found {
    yield* this.#searchAs(await asker, request, ctx)
  }

  #searchAs(asker: Asker, request: SearchRequest, ctx: Context): Found {
    const rights = this.#parts.rights.of(asker, request.view)
    const isReady = request.displays !== true && !asksElements(request.filter) && !rights.knowsSome
    return isReady ? this.#found(request, rights, ctx, undefined) : this.#prepared(request, rights, ctx)
  }

  async *#prepared(request: SearchRequest, rights: ViewRights, ctx: Context): Found {
    const { directory, acquaintance } = this.#parts
    const { view, attributes } = request
    if (request.displays === true)
      await acquaintance.learn(view, attributes === 'all' ? allOf(view, directory) : attributes)
    yield* this.#found(request, rights, ctx, await this.#prepare(request, rights, ctx))
  }

  /** What has to be known before a search is narrowed. */
  async #prepare({ view, filter }: SearchRequest, rights: ViewRights, ctx: Context) {
    const { directory, acquaintance } = this.#parts
    await acquaintance.learn(view, elementAttributes(filter))
    if (!rights.knowsSome) return undefined
    const sight = new Sight(directory, rights.asker, ctx)
    await sight.lookUp(refsIn(filter))
    return sight
  }

  #found(request: SearchRequest, rights: ViewRights, ctx: Context, sight: Sight | undefined): Found {
    if (rights.chooses) return this.#foundByRow(request, rights, ctx, sight)
    const { directory } = this.#parts
    const left = this.#narrowed(request, rights, sight)
    if (left === undefined) return nothing()
    const { ofAll, ofOwn, own, onlyOwn, toAll, toOwn, refers } = left
    const entries =
      ofOwn === undefined ? directory.search(ofAll, ctx) : inserted(directory, ofAll, ofOwn, ctx)
    const isWhole = onlyOwn || toAll.readable === toOwn.readable
    const readable = isWhole
      ? entries
      : each(entries, (entry) => (entry.id === own ? entry : only(entry, toAll.readable)))
    return this.#withoutTheUnknown(readable, ofAll, rights, refers, sight)
  }

  #foundByRow(request: SearchRequest, rights: ViewRights, ctx: Context, sight: Sight | undefined): Found {
    const { directory } = this.#parts
    const left = this.#narrowedToRows(request, rights, sight)
    if (left === undefined) return nothing()
    const { orderedWhere, shown } = left
    const entries =
      orderedWhere === undefined
        ? directory.search(left.request, ctx)
        : inTwoParts(left.request, orderedWhere, directory, ctx)
    const readable = shown === undefined ? entries : eachBatch(entries, (batch) => shown(batch, ctx))
    const { attributes } = left.request
    const refers = this.#parts.rights.referring(
      attributes === 'all' ? [] : attributes,
      request.view,
      rights.asker,
    )
    return this.#withoutTheUnknown(readable, left.request, rights, refers, sight)
  }

  /** What is left of a search for this asker; undefined: nothing. */
  #narrowed(request: SearchRequest, rights: ViewRights, sight: Sight | undefined) {
    const { acquaintance } = this.#parts
    const { view, order } = request
    const { own, toAll, toOwn, asker } = rights
    const onlyOwn = own !== undefined && (!toAll.any || request.id === own)
    if (!toOwn.any || (onlyOwn && (request.id ?? own) !== own)) return undefined
    const { refers, attributes } = this.#parts.rights.readable(request.attributes, view, rights)
    const limited = ({ asked, searchable }: Rights, id: string | undefined): SearchRequest => {
      const ask =
        sight === undefined ? asked : acquaintance.asking(asker, view, searchable, 'search', sight.knows)
      const left = {
        ...request,
        filter: mapAssertions(request.filter, ask),
        attributes,
        ...(id !== undefined && { id }),
      }
      if (order === undefined || searchable(order.attr)) return left
      // The order of what may not be searched would tell it.
      const { order: _, ...unordered } = left
      return unordered
    }
    const ofAll = limited(onlyOwn ? toOwn : toAll, onlyOwn ? own : request.id)
    const differs = () =>
      [...filterAttributes(request.filter)].some((attr) => toOwn.searchable(attr) && !toAll.searchable(attr))
    const alone =
      own === undefined || onlyOwn || request.id !== undefined || order !== undefined || !differs()
    const ofOwn = alone ? undefined : limited(toOwn, own)
    return { ofAll, ofOwn, own, onlyOwn, toAll, toOwn, refers }
  }

  /** The same where rules choose among entries. */
  #narrowedToRows(request: SearchRequest, { asker }: ViewRights, sight: Sight | undefined) {
    const { directory, acquaintance } = this.#parts
    const { view } = request
    const searchable = (attr: string) => !isNowhere(asker.cover(view, 'search', attr))
    const asked = acquaintance.asking(asker, view, searchable, 'search', sight?.knows ?? knowing(asker))
    return narrowedByRow(request, asker, asked, directory)
  }

  /** Without references to entries of which one may not know, and names of those that one may not read. */
  #withoutTheUnknown(
    entries: Found,
    { view, attributes, displays }: SearchRequest,
    { asker }: ViewRights,
    refers: readonly string[],
    sight: Sight | undefined,
  ): Found {
    const nameless =
      displays === true
        ? this.#parts.acquaintance.muting(view, attributes === 'all' ? [] : attributes, asker)
        : undefined
    if (refers.length === 0 && nameless === undefined) return entries
    const known = sight?.knows ?? knowing(asker)
    const met = (entry: Entry) => {
      const acquainted = refers.length === 0 ? entry : withoutStrangers(entry, refers, known)
      return nameless === undefined ? acquainted : nameless(acquainted)
    }
    if (sight === undefined) return each(entries, met)
    return eachBatch(entries, async (batch) => {
      await sight.lookUp(refsOf(batch, refers))
      return batch.map(met)
    })
  }
}

const allOf = (view: string, { views }: Directory): Iterable<string> =>
  views.get(view)?.attributes.keys() ?? []

/** The attributes of whose elements the filter asks. */
function elementAttributes(filter: Filter): ReadonlySet<string> {
  const found = new Set<string>()
  mapAssertions(filter, (assertion) => {
    if (assertion.op === 'element') found.add(assertion.attr)
    return assertion
  })
  return found
}

function only(entry: Entry, readable: Allowed): Entry {
  return { ...entry, attributes: new Map([...entry.attributes].filter(([attr]) => readable(attr))) }
}

async function* nothing(): AsyncIterable<never> {}

async function* each(batches: Found, change: (entry: Entry) => Entry): Found {
  for await (const entries of batches) yield entries.map(change)
}

async function* eachBatch(
  batches: Found,
  change: (entries: readonly Entry[]) => Promise<readonly Entry[]>,
): Found {
  for await (const entries of batches) yield await change(entries)
}
