/**
 * What a sorted search sends where one view is searched by one key and its source has that very order: the first page, or a
 * window of the list, without a look at anything else. All else is left to the list that is made here.
 */
import { type LdapResult, type ListViewRequest, listViewCode, resultCode } from '../../ldap/index.js'
import type { Filter } from '../../model/filter.js'
import type { SearchRequest } from '../../model/request.js'
import type { View } from '../../model/view.js'
import type { Position } from './cookie.js'
import { offsetIn, windowResult } from './list-window.js'
import type { KeptOf } from './ordered-list.js'
import type { SortOrder } from './sort.js'
import type { SortedParts, SortedSearch, SortedStage } from './sorted-search.js'

export interface SourceOrderParts extends SortedParts {
  /** See `Directory`. */
  ordersStrictly(request: SearchRequest): Promise<boolean>
  count(request: SearchRequest): Promise<number>
}

/** What is sent in one piece at most: sources pass over rows to come to a place, which takes its time. */
const MOST = 2000

type Asked = Extract<SortedStage, { view: View }>

export class SourceOrder {
  readonly #parts: SourceOrderParts
  readonly #order: SortOrder
  readonly #stage: number
  readonly #view: View
  readonly #request: SearchRequest
  readonly #list: SortedSearch

  private constructor(
    parts: SourceOrderParts,
    order: SortOrder,
    [stage, { view, filter, attributes }]: readonly [number, Asked],
    key: SortOrder['keys'][number],
    list: SortedSearch,
  ) {
    this.#parts = parts
    this.#order = order
    this.#stage = stage
    this.#view = view
    this.#list = list
    const isNamed = view.rdn.map((attr): Filter => ({ op: 'present', attr }))
    this.#request = {
      view: view.name,
      filter: { op: 'and', of: [...isNamed, filter] },
      attributes: new Set([...attributes, key.attr, ...view.rdn]),
      order: { attr: key.attr, descending: key.reverse, strict: true },
    }
  }

  /** @returns the list itself where several places, several keys or another order than the attribute's own are asked for */
  static over(
    parts: SourceOrderParts,
    order: SortOrder,
    stages: readonly (SortedStage | undefined)[],
    list: SortedSearch,
  ): SourceOrder | SortedSearch {
    const covered = [...stages.entries()].flatMap(([i, at]) => (at === undefined ? [] : [[i, at] as const]))
    const [first, ...others] = covered
    const [key, ...more] = order.keys
    if (first === undefined || others.length > 0 || key === undefined || more.length > 0 || !key.isOwn)
      return list
    const [stage, at] = first
    return 'own' in at ? list : new SourceOrder(parts, order, [stage, at], key, list)
  }

  /** As the list does; it is the list that further pages come from. */
  async sendPage(position: Position, room: number, kept: KeptOf | undefined): Promise<Position | undefined> {
    // Values that are alike here may not be so to the source, which tells times more finely.
    const isCoarse = kept !== undefined && this.#kind !== 'integer' && this.#kind !== 'text'
    const request = { ...this.#request, limit: room + 1 }
    if (
      position.sorted !== undefined ||
      room > MOST ||
      isCoarse ||
      !(await this.#parts.ordersStrictly(request))
    )
      return this.#list.sendPage(position, room, kept)
    let left = room
    let next: Position | undefined
    for await (const entries of this.#parts.search(request)) {
      for (const entry of entries) {
        if (!this.#parts.isNamed(entry, this.#view)) continue
        if (left-- <= 0) return next
        await this.#parts.send(entry, this.#view)
        const forms = this.#order.formsOf(entry, () => true)
        next = { stage: this.#stage, after: entry.id, sent: 0, sorted: { forms, list: '' } }
      }
    }
    return undefined
  }

  async sendWindow(asked: ListViewRequest, room: number): Promise<LdapResult> {
    const { before, after } = asked
    const isSmall = before + after < MOST
    if (!isSmall || !(await this.#parts.ordersStrictly({ ...this.#request, limit: MOST })))
      return this.#list.sendWindow(asked, room)
    const { order: _, ...all } = this.#request
    const count = await this.#parts.count(all)
    const position = await this.#placeOf(asked, count)
    if (position === 'unknown') return this.#list.sendWindow(asked, room)
    if (position === undefined) return windowResult(0, count, listViewCode.offsetRangeError)
    const skip = Math.max(0, position - 1 - before)
    const wanted = Math.min(count, position + after) - skip
    const limit = Math.min(wanted, room)
    if (limit > 0) {
      for await (const entries of this.#parts.search({ ...this.#request, skip, limit })) {
        for (const entry of entries)
          if (this.#parts.isNamed(entry, this.#view)) await this.#parts.send(entry, this.#view)
      }
    }
    return windowResult(position, count, resultCode.success, wanted > room)
  }

  get #kind() {
    return this.#parts.schema.attribute(this.#order.keys[0]?.attr ?? '')?.syntax.kind
  }

  /** From 1. What comes before a value is counted where sources compare such values as they order them. */
  async #placeOf({ target }: ListViewRequest, count: number): Promise<number | 'unknown' | undefined> {
    if (!('value' in target)) return offsetIn(count, target)
    const [key] = this.#order.keys
    const value = key && this.#parts.schema.parse(key.attr, target.value, 'equality')
    if (key === undefined || value === undefined || this.#kind !== 'integer') return 'unknown'
    const { attr } = key
    const before: Filter = key.reverse
      ? {
          op: 'or',
          of: [
            { op: 'not', of: { op: 'present', attr } },
            { op: 'gt', attr, value },
          ],
        }
      : { op: 'lt', attr, value }
    const { order: _, ...all } = this.#request
    return 1 + (await this.#parts.count({ ...all, filter: { op: 'and', of: [all.filter, before] } }))
  }
}
