/** Search (RFC 4511 4.5): finds the base, goes through the stages of the scope, sends pages, keeps the limits. */

import { type Directory, filterOfName } from '../../directory/directory.js'
import {
  type Control,
  formatFilter,
  type LdapResult,
  pagedResultsControl,
  type SearchRequest,
  type SearchWriter,
  sortResponseControl,
} from '../../ldap/index.js'
import type { Entry } from '../../model/entry.js'
import { type Filter, filterAttributes, TRUE } from '../../model/filter.js'
import { match } from '../../model/match.js'
import type { Context } from '../../model/request.js'
import { dnThere, invisible, isVisible, missing, missingEntry } from './absence.js'
import { holdsFor, satisfies } from './assertion.js'
import type { Cookies, Position } from './cookie.js'
import { type FilterTranslator, hasExtensible } from './filter.js'
import { type LevelEntry, levelEntries } from './levels.js'
import { MatchedValues } from './matched-values.js'
import type { Container, Location, Namespace } from './namespace.js'
import type { KeptLists, KeptOf } from './ordered-list.js'
import type { OwnEntry } from './own-entry.js'
import type { Places } from './places.js'
import type { Below, Renderer } from './render.js'
import type { LdapOperation } from './request.js'
import type { LevelRange, Stage } from './scope.js'
import { NO_CONTROLS, type SearchControls, searchControls } from './search-controls.js'
import type { Selection, Selections } from './selection.js'
import type { SortOrder } from './sort.js'
import { SortedSearch, type SortedStage } from './sorted-search.js'
import {
  below,
  isShown,
  levelWithSubordinates,
  type Wanted,
  wantedOf,
  withSubordinates,
} from './subordinates.js'

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
  readonly #writer: SearchWriter
  readonly #selection: Selection
  /** Entries still to be sent before the page or the limit is full. */
  #room: number
  #sent = 0
  /** Will the client go on behind what it is sent now? */
  #isPaged = false
  /** The filter as all of the tree's own entries answer it. */
  #ownFilter: Filter | undefined
  #wanted: Wanted | undefined
  #controls: SearchControls = NO_CONTROLS
  /** Which values are wanted, where not all are. */
  #matched: MatchedValues | undefined

  constructor(parts: SearchParts, request: SearchRequest, ctx: Context, writer: SearchWriter) {
    this.#parts = parts
    this.#request = request
    this.#ctx = ctx
    this.#writer = writer
    this.#selection = parts.selections.of(request.attributes)
    this.#room = Number.POSITIVE_INFINITY
  }

  async run(op: LdapOperation): Promise<LdapResult> {
    const result = await this.#run(op)
    const { missing } = this.#ctx
    if (missing === undefined || missing.size === 0) return result
    // What was sent is not all, and what was not found may be there.
    const isSilent = result.code === 0 || result.code === NO_SUCH_OBJECT
    return {
      ...result,
      code: isSilent ? UNAVAILABLE : result.code,
      message: `this is not all: ${[...missing].sort().join(', ')} cannot be asked now`,
    }
  }

  async #run(op: LdapOperation): Promise<LdapResult> {
    if (op.controls.length === 0) return this.#answer()
    const controls = searchControls(op.controls, this.#parts.namespace.schema)
    if ('code' in controls) return controls
    this.#controls = controls
    if (controls.values !== undefined) this.#matched = new MatchedValues(controls.values, this.#parts)
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
    this.#room = Math.min(left, pageSize ?? Number.POSITIVE_INFINITY)
    if (order !== undefined && listView !== undefined) {
      const result = await (await this.#inOrder(order, stages)).sendWindow(listView, this.#room)
      return (this.#sent === 0 ? await this.#absence(location) : undefined) ?? result
    }
    const next = await (order === undefined
      ? this.#stages(stages, position)
      : (await this.#inOrder(order, stages)).sendPage(position, this.#room, this.#kept()))
    if (next === undefined) {
      const isNothing = this.#sent === 0 && position === START
      const absence = isNothing ? await this.#absence(location) : undefined
      if (absence !== undefined) return absence
      return this.#done(undefined, page.isPaged)
    }
    if (this.#sent >= left) return { code: SIZE_LIMIT_EXCEEDED, ...(page.isPaged && pageControl()) }
    return this.#done({ ...next, sent: position.sent + this.#sent }, page.isPaged)
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

  async #inOrder(order: SortOrder, stages: readonly Stage[]): Promise<SortedSearch> {
    const { directory, namespace } = this.#parts
    const ctx = this.#ctx
    const places: (SortedStage | undefined)[] = []
    const levels: SortedStage[] = []
    for (const stage of stages) {
      const own = stage.kind === 'container' ? await this.#own(stage.container) : undefined
      if (stage.kind === 'levels')
        levels.push(...(await this.#levelsIn(stage.ranges)).map(({ own }) => ({ own })))
      else places.push(stage.kind === 'container' ? own && { own } : this.#question(stage))
    }
    places.push(...levels)
    return new SortedSearch(
      {
        schema: namespace.schema,
        signal: ctx.signal,
        search: (request) => directory.search(request, ctx),
        mayOrder: (view, attr) => directory.isVisible(view.name, ctx, attr),
        isNamed: (entry, view) => namespace.dnOf(entry, view) !== undefined,
        sendOwn: (own) => this.#send(own.entry, own.dn, below(own)),
        send: (entry, view) => this.#send(entry, namespace.dnOfEntry(entry, view)),
      },
      order,
      places,
    )
  }

  /** The container as it is shown; undefined where this search does not find it. */
  async #own(container: Container): Promise<Container | undefined> {
    const { directory } = this.#parts
    const wanted = this.#wantedBelow(container)
    const own =
      wanted === 'nothing' ? container : await withSubordinates(container, wanted, directory, this.#ctx)
    if (!this.#matches(own)) return undefined
    const shown = isShown(container, directory, this.#ctx)
    return shown === true || (await shown) ? own : undefined
  }

  /** Sends what there is from `position` on; returns where to go on if there is more than room. */
  async #stages(stages: readonly Stage[], position: Position): Promise<Position | undefined> {
    for (let stage = position.stage; stage < stages.length; stage++) {
      const at = stages[stage]
      if (at === undefined) break
      if (at.kind === 'container') {
        const own = await this.#own(at.container)
        if (own === undefined) continue
        if (this.#room <= 0) return { stage, sent: 0 }
        await this.#send(own.entry, own.dn, below(own))
        continue
      }
      if (at.kind === 'levels') {
        const rest = await this.#levels(at.ranges, stage === position.stage ? position.after : undefined)
        if (rest !== undefined) return { stage, ...rest, sent: 0 }
        continue
      }
      const rest = await this.#view(at, stage === position.stage ? position.after : undefined)
      if (rest !== undefined) return { stage, ...rest, sent: 0 }
    }
    return undefined
  }

  async #levelsIn(ranges: readonly LevelRange[]): Promise<readonly LevelEntry[]> {
    // What an extensible assertion is about differs from entry to entry.
    const filter = hasExtensible(this.#request.filter) ? TRUE : this.#filterOf(undefined)
    const found = await levelEntries(ranges, filter, this.#parts, this.#ctx)
    const entries: LevelEntry[] = []
    for (const { place, own } of found) {
      const whole = await levelWithSubordinates(own, this.#wantedBelow(own), this.#parts, this.#ctx)
      if (this.#matches(whole)) entries.push({ place, own: whole })
    }
    return entries
  }

  /** As `#view`. */
  async #levels(
    ranges: readonly LevelRange[],
    after: string | undefined,
  ): Promise<Pick<Position, 'after'> | undefined> {
    let last = after
    for (const { place, own } of await this.#levelsIn(ranges)) {
      if (after !== undefined && place <= after) continue
      if (this.#room <= 0) return last === undefined ? {} : { after: last }
      await this.#send(own.entry, own.dn, below(own))
      last = place
    }
    return undefined
  }

  /** Sends a view's entries; returns behind which one to go on if there are more than room. */
  async #view(
    stage: Extract<Stage, { kind: 'view' | 'entry' }>,
    after: string | undefined,
  ): Promise<Pick<Position, 'after'> | undefined> {
    const { directory, namespace } = this.#parts
    const { view, filter, attributes } = this.#question(stage)
    const anyOrder = !this.#isPaged
    const request = {
      view: view.name,
      filter,
      attributes,
      ...(anyOrder && { unordered: true as const }),
    }
    let last = after
    // Where the search is made again in no order, it finds again what it found.
    let met: Set<string> | undefined
    // One more than wanted tells whether there is more.
    let limit = this.#room + 1
    for (;;) {
      let seen = 0
      const from = !anyOrder && last !== undefined && { after: last }
      const most = Number.isFinite(limit) && { limit }
      const asked = from || most ? { ...request, ...from, ...most } : request
      for await (const entries of directory.search(asked, this.#ctx)) {
        for (const entry of entries) {
          if (met?.has(entry.id) === true) continue
          seen++
          if (anyOrder && Number.isFinite(limit)) {
            met ??= new Set()
            met.add(entry.id)
          }
          const dn = namespace.dnOf(entry, view)
          if (dn !== undefined) {
            if (this.#room <= 0) return last === undefined ? {} : { after: last }
            const sent = this.#send(entry, dn)
            if (sent !== undefined) await sent
          }
          last = entry.id
        }
      }
      if (seen < limit) return undefined
      // Some had no name: behind them there may be others, or, where they are in no order, anywhere.
      limit = anyOrder ? Number.POSITIVE_INFINITY : Math.max(this.#room + 1, UNNAMED)
    }
  }

  /** What is asked of a view. */
  #question(stage: Extract<Stage, { kind: 'view' | 'entry' }>) {
    const { namespace, translator } = this.#parts
    const { view } = stage
    const wanted = translator.translate(this.#request.filter, view)
    const within = stage.kind === 'view' ? stage.within : filterOfName(stage.names, view, namespace.schema)
    const filter: Filter = within === undefined ? wanted : { op: 'and', of: [within, wanted] }
    return { view, filter, attributes: this.#selection.attributesOf(view) }
  }

  #send(entry: Entry, dn: string, subordinates?: Below): undefined | Promise<void> {
    this.#room--
    this.#sent++
    return this.#writer.entry(dn, this.#attributes(entry, dn, subordinates))
  }

  #attributes(entry: Entry, dn: string, subordinates?: Below) {
    const { typesOnly } = this.#request
    const matched = typesOnly ? undefined : this.#matched?.of(entry)
    return this.#parts.renderer.attributes(entry, dn, this.#selection, typesOnly, subordinates, matched)
  }

  /** The filter as an entry of the tree answers it. */
  #filterOf(own: OwnEntry | undefined): Filter {
    if (this.#ownFilter !== undefined) return this.#ownFilter
    const filter = this.#parts.translator.translate(this.#request.filter, undefined, own)
    if (!hasExtensible(this.#request.filter)) this.#ownFilter = filter
    return filter
  }

  /** What hangs below is looked for only where it matters. */
  #wantedBelow(own: OwnEntry): Wanted {
    if (this.#wanted === undefined) {
      const asked = filterAttributes(this.#filterOf(own))
      this.#wanted = wantedOf((attr) => this.#selection.includes(attr) || asked.has(attr))
    }
    return this.#wanted
  }

  #matches(own: OwnEntry): boolean {
    const { directory } = this.#parts
    const { whole } = own
    const filter = this.#filterOf(own)
    // Mostly it is about what people have.
    if ('attr' in filter && !whole.attributes.has(filter.attr)) return false
    return match(filter, whole, directory.matchingOf) === true
  }

  #single(own: OwnEntry): LdapResult {
    const { assertion } = this.#controls
    if (assertion !== undefined && !holdsFor(own, assertion, this.#parts)) return { code: ASSERTION_FAILED }
    if (this.#matches(own)) this.#writer.entry(own.dn, this.#attributes(own.entry, own.dn))
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

/** How many are asked for at least where some have turned out to be without a name. */
const UNNAMED = 1000
const NO_SUCH_OBJECT = 32
const UNAVAILABLE = 52
const SIZE_LIMIT_EXCEEDED = 4
const ASSERTION_FAILED = 122
const NO_COOKIE = new Uint8Array(0)
const START: Position = { stage: 0, sent: 0 }

function pageControl(cookie: Uint8Array = NO_COOKIE): { controls: readonly Control[] } {
  return { controls: [pagedResultsControl({ size: 0, cookie: Buffer.from(cookie) })] }
}
