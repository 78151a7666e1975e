/** Search (RFC 4511 4.5): finds the base, goes through the stages of the scope, sends pages, keeps the limits. */

import type { Directory } from '../../directory/directory.js'
import {
  type Control,
  formatFilter,
  type LdapResult,
  pagedResultsControl,
  type SearchRequest,
  type SearchWriter,
  sortResponseControl,
} from '../../ldap/index.js'
import type { Context } from '../../model/request.js'
import { dnThere, invisible, isVisible, missing, missingEntry } from './absence.js'
import { holdsFor, satisfies } from './assertion.js'
import type { Cookies, Position } from './cookie.js'
import type { FilterTranslator } from './filter.js'
import { MatchedValues } from './matched-values.js'
import type { Location, Namespace } from './namespace.js'
import type { KeptLists, KeptOf } from './ordered-list.js'
import type { OwnEntry } from './own-entry.js'
import type { Places } from './places.js'
import type { Renderer } from './render.js'
import type { LdapOperation } from './request.js'
import type { LevelRange, Stage } from './scope.js'
import { NO_CONTROLS, type SearchControls, searchControls } from './search-controls.js'
import { SearchOutput } from './search-output.js'
import type { Selection, Selections } from './selection.js'
import type { SortOrder } from './sort.js'
import { SortedSearch, type SortedStage } from './sorted-search.js'
import { SourceOrder, type SourceOrderParts } from './source-order.js'
import { below } from './subordinates.js'
import { TreeSearch } from './tree-search.js'
import { mightSelect, sendView, type ViewQuestion, within } from './view-search.js'

export interface SearchParts {
  readonly directory: Directory
  readonly namespace: Namespace
  readonly places: Places
  readonly selections: Selections
  readonly translator: FilterTranslator
  readonly renderer: Renderer
  readonly cookies: Cookies
  readonly lists: KeptLists
  readonly rootDse: OwnEntry
  readonly subschema: OwnEntry
  /** Entries that one search may yield, whatever the client asks; 0: no limit. */
  readonly sizeLimit: number
  /** Entries of one page at most; 0: no limit. */
  readonly pageLimit: number
}

/** One search in progress. */
export class Search {
  readonly #parts: SearchParts
  readonly #request: SearchRequest
  readonly #ctx: Context
  readonly #selection: Selection
  readonly #output: SearchOutput
  /** Made where any is looked for. */
  #ownEntries: TreeSearch | undefined
  /** Will the client go on behind what it is sent now? */
  #isPaged = false
  #controls: SearchControls = NO_CONTROLS

  constructor(parts: SearchParts, request: SearchRequest, ctx: Context, writer: SearchWriter) {
    this.#parts = parts
    this.#request = request
    this.#ctx = ctx
    this.#selection = parts.selections.of(request.attributes)
    this.#output = new SearchOutput(parts.renderer, this.#selection, request, writer, ctx.tally)
  }

  run(op: LdapOperation): Promise<LdapResult> {
    return op.controls.length === 0 ? this.#answer() : this.#controlled(op)
  }

  async #controlled(op: LdapOperation): Promise<LdapResult> {
    const controls = searchControls(op.controls, this.#parts.namespace.schema)
    if ('code' in controls) return controls
    this.#controls = controls
    if (controls.values !== undefined) this.#output.matched = new MatchedValues(controls.values, this.#parts)
    const result = await this.#answer()
    const { sorted, listView } = controls
    const isTold = result.code === 0 || result.code === SIZE_LIMIT_EXCEEDED
    if (sorted === undefined || listView !== undefined || !isTold) return result
    return { ...result, controls: [sortResponseControl(sorted), ...(result.controls ?? [])] }
  }

  async #answer(): Promise<LdapResult> {
    const { places, rootDse, subschema } = this.#parts
    const { base, scope } = this.#request
    const isBase = scope === 'baseObject'
    const location = places.baseAt(base)
    if (location.kind === 'rootDse') return isBase ? this.#single(rootDse) : { code: NO_SUCH_OBJECT }
    if (location.kind === 'subschema') {
      return isBase ? this.#single(subschema) : { code: NO_SUCH_OBJECT }
    }
    if (location.kind === 'nowhere') return missing(location.deepest, this.#parts, this.#ctx)
    const visible = isVisible(location, this.#parts, this.#ctx)
    if (visible !== true && !(await visible)) return invisible(this.#ctx)
    const { assertion, order, listView, onlySubentries } = this.#controls
    if (assertion !== undefined && !(await satisfies(this.#parts, location, assertion, this.#ctx)))
      return (await this.#absence(location)) ?? { code: ASSERTION_FAILED }
    const page = this.#page()
    this.#isPaged = page.isPaged
    const stages = onlySubentries === true ? [] : places.stages(location, scope)
    const position =
      page.cookie.length === 0 ? START : this.#parts.cookies.read(page.cookie, this.#identity())
    const limit = this.#limit()
    const pageSize = page.size === undefined || (limit > 0 && page.size >= limit) ? undefined : page.size
    if (page.size === 0) return this.#done(undefined, page.isPaged)
    const left = limit === 0 ? Number.POSITIVE_INFINITY : limit - position.sent
    this.#output.room = Math.min(left, pageSize ?? Number.POSITIVE_INFINITY)
    if (order !== undefined && listView !== undefined) {
      const result = await (await this.#inOrder(order, stages)).sendWindow(listView, this.#output.room)
      return (this.#output.sent === 0 ? await this.#absence(location) : undefined) ?? result
    }
    const next = await (order === undefined
      ? this.#stages(stages, position)
      : (await this.#inOrder(order, stages)).sendPage(position, this.#output.room, this.#kept()))
    if (next === undefined) {
      const isNothing = this.#output.sent === 0 && position === START
      const absence = isNothing ? await this.#absence(location) : undefined
      if (absence !== undefined) return absence
      return this.#done(undefined, page.isPaged)
    }
    if (this.#output.sent >= left) return { code: SIZE_LIMIT_EXCEEDED, ...(page.isPaged && pageControl()) }
    return this.#done({ ...next, sent: position.sent + this.#output.sent }, page.isPaged)
  }

  /** Where lists are kept for further pages of this search; undefined where there will be none. */
  #kept(): KeptOf | undefined {
    return this.#isPaged ? { lists: this.#parts.lists, of: this.#identity() } : undefined
  }

  /** The answer where the base is the name of an entry that is not there. */
  async #absence(location: Exclude<Location, { kind: 'nowhere' }>): Promise<LdapResult | undefined> {
    if (location.kind === 'container') return undefined
    if ((await dnThere(location, this.#parts, this.#ctx)) !== undefined) return undefined
    return missingEntry(location, this.#parts, this.#ctx)
  }

  get #tree(): TreeSearch {
    this.#ownEntries ??= new TreeSearch(this.#parts, this.#request.filter, this.#selection, this.#ctx)
    return this.#ownEntries
  }

  async #inOrder(order: SortOrder, stages: readonly Stage[]): Promise<SortedSearch | SourceOrder> {
    const { directory, namespace } = this.#parts
    const ctx = this.#ctx
    const places: (SortedStage | undefined)[] = []
    const levels: SortedStage[] = []
    for (const stage of stages) {
      const own = stage.kind === 'container' ? await this.#tree.container(stage.container) : undefined
      if (stage.kind === 'levels')
        levels.push(...(await this.#tree.levels(stage.ranges)).map(({ own }) => ({ own })))
      else places.push(stage.kind === 'container' ? own && { own } : this.#question(stage))
    }
    places.push(...levels)
    const parts: SourceOrderParts = {
      schema: namespace.schema,
      signal: ctx.signal,
      search: (request) => directory.search(request, ctx),
      ordersStrictly: (request) => directory.ordersStrictly(request, ctx),
      count: (request) => directory.count(request, ctx),
      mayOrder: (view, attr) => directory.isVisible(view.name, ctx, attr),
      isNamed: (entry, view) => namespace.dnOf(entry, view) !== undefined,
      sendOwn: (own) => this.#output.send(own.entry, own.dn, below(own)),
      send: (entry, view) => this.#output.send(entry, namespace.dnOfEntry(entry, view)),
    }
    return SourceOrder.over(parts, order, places, new SortedSearch(parts, order, places))
  }

  /** Sends what there is from `position` on; returns where to go on if there is more than room. */
  async #stages(stages: readonly Stage[], position: Position): Promise<Position | undefined> {
    for (let stage = position.stage; stage < stages.length; stage++) {
      const at = stages[stage]
      if (at === undefined) break
      if (at.kind === 'container') {
        const found = this.#tree.container(at.container)
        const own = found instanceof Promise ? await found : found
        if (own === undefined) continue
        if (this.#output.room <= 0) return { stage, sent: 0 }
        await this.#output.send(own.entry, own.dn, below(own))
        continue
      }
      if (at.kind === 'levels') {
        const rest = await this.#levels(at.ranges, stage === position.stage ? position.after : undefined)
        if (rest !== undefined) return { stage, ...rest, sent: 0 }
        continue
      }
      const after = stage === position.stage ? position.after : undefined
      const question = this.#question(at)
      if (!mightSelect(question.filter, question.view)) continue
      const rest = await sendView(question, after, this.#isPaged, this.#output, this.#parts, this.#ctx)
      if (rest !== undefined) return { stage, ...rest, sent: 0 }
    }
    return undefined
  }

  /** Sends levels; returns behind which one to go on if there are more than room. */
  async #levels(
    ranges: readonly LevelRange[],
    after: string | undefined,
  ): Promise<Pick<Position, 'after'> | undefined> {
    let last = after
    for (const { place, own } of await this.#tree.levels(ranges)) {
      if (after !== undefined && place <= after) continue
      if (this.#output.room <= 0) return last === undefined ? {} : { after: last }
      await this.#output.send(own.entry, own.dn, below(own))
      last = place
    }
    return undefined
  }

  /** What is asked of a view. */
  #question(stage: Extract<Stage, { kind: 'view' | 'entry' }>): ViewQuestion {
    const { namespace, translator } = this.#parts
    const { view } = stage
    const filter = within(stage, translator.translate(this.#request.filter, view), namespace)
    return { view, filter, attributes: this.#selection.attributesOf(view) }
  }

  #single(own: OwnEntry): LdapResult {
    const { assertion } = this.#controls
    if (assertion !== undefined && !holdsFor(own, assertion, this.#parts)) return { code: ASSERTION_FAILED }
    if (this.#tree.matches(own)) this.#output.send(own.entry, own.dn)
    return { code: 0 }
  }

  #limit(): number {
    const { sizeLimit } = this.#parts
    const asked = this.#request.sizeLimit
    return asked === 0 ? sizeLimit : sizeLimit === 0 ? asked : Math.min(asked, sizeLimit)
  }

  #page(): { isPaged: boolean; size: number | undefined; cookie: Uint8Array } {
    const { page } = this.#controls
    if (page === undefined) return { isPaged: false, size: undefined, cookie: NO_COOKIE }
    const { size, cookie } = page
    const { pageLimit } = this.#parts
    return { isPaged: true, size: pageLimit > 0 ? Math.min(size, pageLimit) : size, cookie }
  }

  /** A cookie is good for the search it was given out in only. */
  #identity(): string {
    const { base, scope, filter } = this.#request
    const places = this.#parts.namespace.containers.map((c) => [c.dn, c.views.map((v) => [v.name, v.levels])])
    const { sortValue } = this.#controls
    const order = sortValue === undefined ? [] : [sortValue.toString('latin1')]
    return JSON.stringify([this.#ctx.principal, base, scope, formatFilter(filter), places, ...order])
  }

  #done(next: Position | undefined, isPaged: boolean): LdapResult {
    if (!isPaged) return { code: 0 }
    return { code: 0, ...pageControl(next && this.#parts.cookies.write(next, this.#identity())) }
  }
}

/**
 * How a search ends that came to this.
 * @param missing names of sources that its answer is without
 */
export function partly(result: LdapResult, missing: ReadonlySet<string> | undefined): LdapResult {
  if (missing === undefined || missing.size === 0) return result
  // What was sent is not all, and what was not found may be there.
  const isSilent = result.code === 0 || result.code === NO_SUCH_OBJECT
  return {
    ...result,
    code: isSilent ? UNAVAILABLE : result.code,
    message: `this is not all: ${[...missing].sort().join(', ')} cannot be asked now`,
  }
}

const NO_SUCH_OBJECT = 32
const UNAVAILABLE = 52
const SIZE_LIMIT_EXCEEDED = 4
const ASSERTION_FAILED = 122
const NO_COOKIE = new Uint8Array(0)
const START: Position = { stage: 0, sent: 0 }

function pageControl(cookie: Uint8Array = NO_COOKIE): { controls: readonly Control[] } {
  return { controls: [pagedResultsControl({ size: 0, cookie: Buffer.from(cookie) })] }
}
