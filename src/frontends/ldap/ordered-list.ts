/**
 * The entries of a search in the order asked for, by name only: what they are ordered by, and where they are to be found.
 * Lists are kept for a while, so that pages of one search need not be put in order again and again; who comes when
 * its list is gone has it made anew, and goes on behind the same entry.
 */
import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
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

  private constructor(order: SortOrder, entries: readonly Placed[]) {
    this.order = order
    this.entries = entries
  }

  /** Long lists are put in order in steps, between which others have their turn. */
  static async of(order: SortOrder, entries: readonly Placed[], signal: AbortSignal): Promise<OrderedList> {
    const compare = (a: Placed, b: Placed) => comparePlaces(order, a, b)
    let runs: Placed[][] = []
    for (let at = 0; at < entries.length; at += STEP) {
      runs.push(entries.slice(at, at + STEP).sort(compare))
      if (entries.length > STEP) await turn(signal)
    }
    while (runs.length > 1) {
      const merged: Placed[][] = []
      for (let i = 0; i < runs.length; i += 2)
        merged.push(await mergedRuns(runs[i] ?? [], runs[i + 1] ?? [], compare, signal))
      runs = merged
    }
    return new OrderedList(order, runs[0] ?? [])
  }

  /** Where the entries behind this one begin, whether it is there or not. */
  behind(place: Placed): number {
    return this.#firstThat((entry) => comparePlaces(this.order, entry, place) > 0)
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
}

/** Entries that are sorted, or merged, in one go. */
const STEP = 10_000

function comparePlaces(order: SortOrder, a: Placed, b: Placed): number {
  return order.compare(a.forms, b.forms) || a.stage - b.stage || compareIds(a.id, b.id)
}

async function mergedRuns(
  a: readonly Placed[],
  b: readonly Placed[],
  compare: (a: Placed, b: Placed) => number,
  signal: AbortSignal,
): Promise<Placed[]> {
  const merged: Placed[] = []
  let [i, j] = [0, 0]
  for (;;) {
    const [x, y] = [a[i], b[j]]
    if (x === undefined && y === undefined) return merged
    if (y === undefined || (x !== undefined && compare(x, y) <= 0)) {
      if (x !== undefined) merged.push(x)
      i++
    } else {
      merged.push(y)
      j++
    }
    if (merged.length % STEP === 0) await turn(signal)
  }
}

/** Lets others have theirs. @throws the signal's reason */
async function turn(signal: AbortSignal): Promise<void> {
  await setImmediate()
  signal.throwIfAborted()
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
