/**
 * A search whose entries come in an order (RFC 2891), all of them, page after page, or as a window (virtual list view): what
 * they are ordered by is read first, which needs memory for that alone; then those that are sent, by key.
 */
import { type LdapResult, type ListViewRequest, listViewCode, resultCode } from '../../ldap/index.js'
import type { Entry } from '../../model/entry.js'
import { VitrineError } from '../../model/errors.js'
import type { Filter } from '../../model/filter.js'
import type { SearchRequest } from '../../model/request.js'
import type { EntryId } from '../../model/value.js'
import type { View } from '../../model/view.js'
import type { Schema } from '../../schema/schema.js'
import type { Position } from './cookie.js'
import { offsetIn, windowResult } from './list-window.js'
import { type KeptOf, OrderedList, type Placed } from './ordered-list.js'
import type { OwnEntry } from './own-entry.js'
import type { SortOrder } from './sort.js'

/** A place that a search covers: an entry of the tree itself that it finds, or what it asks of a view. */
export type SortedStage =
  | { readonly own: OwnEntry }
  | {
      readonly view: View
      readonly filter: Filter
      readonly attributes: ReadonlySet<string>
    }

export interface SortedParts {
  readonly schema: Schema
  /** Aborted when nobody waits for the answer any longer. */
  readonly signal: AbortSignal
  search(request: SearchRequest): AsyncIterable<readonly Entry[]>
  /** May entries of the view be found by the attribute? */
  mayOrder(view: View, attr: string): boolean | Promise<boolean>
  isNamed(entry: Entry, view: View): boolean
  sendOwn(own: OwnEntry): undefined | Promise<void>
  send(entry: Entry, view: View): undefined | Promise<void>
}

/** Entries fetched by key at a time. */
const AT_ONCE = 200
/** Entries that are put in order at most. */
const MOST = 1_000_000

export class SortedSearch {
  readonly #parts: SortedParts
  readonly #order: SortOrder
  readonly #stages: readonly (SortedStage | undefined)[]

  /** @param stages undefined for those that this search does not find */
  constructor(parts: SortedParts, order: SortOrder, stages: readonly (SortedStage | undefined)[]) {
    this.#parts = parts
    this.#order = order
    this.#stages = stages
  }

  /** @throws VitrineError adminLimitExceeded where there are too many */
  async #list(): Promise<OrderedList> {
    const placed: Placed[] = []
    for (const [stage, at] of this.#stages.entries()) {
      if (at === undefined) continue
      if ('own' in at) placed.push({ stage, forms: this.#order.formsOf(at.own.entry, () => true) })
      else await this.#place(stage, at, placed)
    }
    return OrderedList.of(this.#order, placed, this.#parts.signal)
  }

  async #place(stage: number, at: Extract<SortedStage, { view: View }>, placed: Placed[]): Promise<void> {
    const { view, filter } = at
    const known = new Set<string>()
    for (const attr of this.#order.attributes) if (await this.#parts.mayOrder(view, attr)) known.add(attr)
    const request = {
      view: view.name,
      filter,
      attributes: new Set([...known, ...view.rdn]),
      unordered: true as const,
    }
    for await (const entries of this.#parts.search(request)) {
      for (const entry of entries) {
        if (!this.#parts.isNamed(entry, view)) continue
        const forms = this.#order.formsOf(entry, (attr) => known.has(attr))
        placed.push({ stage, id: entry.id, forms })
      }
      if (placed.length > MOST) {
        throw new VitrineError('adminLimitExceeded', { message: 'these are too many entries to be sorted' })
      }
    }
  }

  /**
   * Sends what there is from a position on.
   * @param kept where lists are kept for further pages, if there are any
   * @returns where to go on if there is more than room
   */
  async sendPage(position: Position, room: number, kept: KeptOf | undefined): Promise<Position | undefined> {
    const { sorted, stage, after } = position
    const known = sorted && kept?.lists.find(sorted.list, kept.of)
    const list = known ?? (await this.#list())
    const from =
      sorted === undefined
        ? 0
        : list.behind({ forms: sorted.forms, stage, ...(after !== undefined && { id: after }) })
    const last = await this.#send(list, from, room)
    if (last === undefined) return undefined
    const token = known === undefined ? kept?.lists.keep(kept.of, list) : sorted?.list
    return {
      stage: last.stage,
      ...(last.id !== undefined && { after: last.id }),
      sent: 0,
      sorted: { forms: last.forms, list: token ?? '' },
    }
  }

  /**
   * Sends the entries of a list from one place on, as far as they are still found.
   * @param room how many at most
   * @param until the place behind the last that may be sent
   * @returns the last place that was come to, or undefined where nothing is behind it
   */
  async #send(
    list: OrderedList,
    from: number,
    room: number,
    until = Number.POSITIVE_INFINITY,
  ): Promise<Placed | undefined> {
    const { entries } = list
    const end = Math.min(until, entries.length)
    let left = room
    let at = from
    while (at < end && left > 0) {
      const some = entries.slice(at, Math.min(end, at + Math.min(left, AT_ONCE)))
      left -= await this.#sendAll(some)
      at += some.length
    }
    return at < end ? entries[at - 1] : undefined
  }

  async #sendAll(places: readonly Placed[]): Promise<number> {
    const byStage = new Map<number, EntryId[]>()
    for (const { stage, id } of places) {
      if (id === undefined) continue
      const ids = byStage.get(stage)
      if (ids === undefined) byStage.set(stage, [id])
      else ids.push(id)
    }
    const found = new Map<number, Map<EntryId, Entry>>()
    for (const [stage, ids] of byStage) found.set(stage, await this.#fetch(stage, ids))
    let sent = 0
    for (const { stage, id } of places) {
      const at = this.#stages[stage]
      if (at === undefined) continue
      if ('own' in at) await this.#parts.sendOwn(at.own)
      else {
        const entry = id === undefined ? undefined : found.get(stage)?.get(id)
        if (entry === undefined) continue
        await this.#parts.send(entry, at.view)
      }
      sent++
    }
    return sent
  }

  async #fetch(stage: number, ids: readonly EntryId[]): Promise<Map<EntryId, Entry>> {
    const found = new Map<EntryId, Entry>()
    const at = this.#stages[stage]
    if (at === undefined || 'own' in at) return found
    const { view, filter, attributes } = at
    const keys: Filter = { op: 'or', of: ids.map((id): Filter => ({ op: 'key', id })) }
    const request = {
      view: view.name,
      filter: { op: 'and', of: [keys, filter] } as const,
      attributes,
      unordered: true as const,
    }
    for await (const entries of this.#parts.search(request)) {
      for (const entry of entries) if (this.#parts.isNamed(entry, view)) found.set(entry.id, entry)
    }
    return found
  }

  /** Sends a window of the list, as far as there is room for it. */
  async sendWindow(asked: ListViewRequest, room: number): Promise<LdapResult> {
    const list = await this.#list()
    const contentCount = list.entries.length
    const { target } = asked
    const position = 'value' in target ? this.#placeOf(list, target.value) : offsetIn(contentCount, target)
    if (position === undefined) return windowResult(0, contentCount, listViewCode.offsetRangeError)
    const from = Math.max(0, position - 1 - asked.before)
    const until = Math.min(contentCount, position + asked.after)
    await this.#send(list, from, room, until)
    return windowResult(position, contentCount, resultCode.success, until - from > room)
  }

  /** The first that is not before the value, from 1. */
  #placeOf(list: OrderedList, value: Buffer): number {
    const attr = this.#order.keys[0]?.attr ?? ''
    const scalar = this.#parts.schema.parse(attr, value, 'equality') ?? value.toString('utf8')
    const form = this.#order.firstForm(scalar)
    if (form === undefined) {
      throw new VitrineError('invalidAttributeSyntax', { message: `no value of ${attr} to compare with` })
    }
    return list.from(form) + 1
  }
}
