/**
 * The entries of a search in the order asked for, by name only: what they are ordered by, and where they are to be found.
 * Lists are kept for a while, so that pages of one search need not be put in order again and again; who comes when
 * its list is gone has it made anew, and goes on behind the same entry.
 */
import { randomBytes } from 'node:crypto'
import type { EntryId } from '../../model/value.js'
import type { Forms, SortOrder } from './sort.js'

/** An entry's place. */
export interface Placed {
  readonly forms: Forms
  /** Which of the places that the search covers, in its order. */
  readonly stage: number
  /** Absent for an entry of the tree itself. */
  readonly id?: EntryId
}

export class OrderedList {
  readonly order: SortOrder
  readonly entries: readonly Placed[]

  constructor(order: SortOrder, entries: Placed[]) {
    this.order = order
    this.entries = entries.sort((a, b) => this.#compare(a, b))
  }

  /** Where the entries behind this one begin, whether it is there or not. */
  behind(place: Placed): number {
    return this.#firstThat((entry) => this.#compare(entry, place) > 0)
  }

  /** The first that is not before a value in the order of the first key. */
  from(form: NonNullable<Forms[number]>): number {
    return this.#firstThat((entry) => this.order.compareFirst(entry.forms[0], form) >= 0)
  }

  #firstThat(holds: (entry: Placed) => boolean): number {
    let [low, high] = [0, this.entries.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      const entry = this.entries[middle]
      if (entry !== undefined && holds(entry)) high = middle
      else low = middle + 1
    }
    return low
  }

  #compare(a: Placed, b: Placed): number {
    return this.order.compare(a.forms, b.forms) || a.stage - b.stage || compareIds(a.id, b.id)
  }
}

/** Numbers by their value: so equal entries come in the order of most keys. */
function compareIds(a: EntryId | undefined, b: EntryId | undefined): number {
  if (a === undefined || b === undefined || a === b) return a === b ? 0 : a === undefined ? -1 : 1
  if (NUMBER.test(a) && NUMBER.test(b) && a.length !== b.length) return a.length - b.length
  return a < b ? -1 : 1
}

const NUMBER = /^[1-9]\d*$/

interface Kept {
  /** Of which search, by whom. */
  readonly of: string
  readonly list: OrderedList
  readonly since: number
}

/** Entries in all lists that are kept. */
const MOST_ENTRIES = 300_000
const MILLISECONDS = 60_000

/** Kept lists, of one search by one asker. */
export interface KeptOf {
  readonly lists: KeptLists
  readonly of: string
}

/** Lists that somebody may go on with. */
export class KeptLists {
  readonly #kept = new Map<string, Kept>()
  #entries = 0

  /** By what the list is found again. */
  keep(of: string, list: OrderedList): string {
    const token = randomBytes(8).toString('base64url')
    if (list.entries.length > MOST_ENTRIES) return token
    this.#kept.set(token, { of, list, since: Date.now() })
    this.#entries += list.entries.length
    for (const [old, { since }] of this.#kept) {
      if (this.#entries <= MOST_ENTRIES && Date.now() - since <= MILLISECONDS) break
      this.#drop(old)
    }
    return token
  }

  /** Undefined where it is gone, or is of another search. */
  find(token: string, of: string): OrderedList | undefined {
    const kept = this.#kept.get(token)
    return kept?.of === of && Date.now() - kept.since <= MILLISECONDS ? kept.list : undefined
  }

  #drop(token: string): void {
    this.#entries -= this.#kept.get(token)?.list.entries.length ?? 0
    this.#kept.delete(token)
  }
}
