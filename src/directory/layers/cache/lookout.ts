/**
 * Looks from time to time whether a view has changed, where its source does not tell: entries have a time of their last change,
 * and there are as many as before. What could not be looked for is not known to be unchanged.
 */
import { type Filter, TRUE } from '../../../model/filter.js'
import { ANONYMOUS } from '../../../model/request.js'
import type { Directory } from '../../directory.js'
import type { Ear } from './cache.js'

/** Times in milliseconds. */
export interface LookoutOptions {
  readonly view: string
  /** The attribute that tells when an entry changed last. */
  readonly changedBy: string
  readonly interval: number
  /** A change may be seen so long after others of its time have been. */
  readonly overlap: number
}

/** Milliseconds within which two changes may have one time. */
const GRAIN = 1000
/** Where more have changed lately than this, it is not looked which. */
const MANY = 5000

/** From when on changes are looked for: milliseconds since 1970, and whether that moment itself is among them. */
interface Since {
  readonly time: number
  readonly inclusive: boolean
}

/** What had changed lately when it was looked for, and how many entries there were. */
interface Seen {
  readonly count: number
  /** The time of the last change of all, in milliseconds since 1970; least where none has any. */
  readonly newest: number
  /** Entries with their times; undefined where they were too many. */
  readonly lately: ReadonlyMap<string, number> | undefined
  readonly since: Since
}

export class Lookout {
  readonly #directory: Pick<Directory, 'search' | 'count'>
  readonly #options: LookoutOptions
  readonly #ear: Ear
  readonly #ending = new AbortController()
  #seen: Seen | undefined
  /** When something was last found to have changed, by our own clock. */
  #changedAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  constructor(directory: Pick<Directory, 'search' | 'count'>, options: LookoutOptions, ear: Ear) {
    this.#directory = directory
    this.#options = options
    this.#ear = ear
  }

  start(): void {
    void this.#look()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#ending.abort()
  }

  async #look(): Promise<void> {
    try {
      const before = this.#seen
      const since = before?.since ?? this.#from(await this.#newest())
      const found = await this.#see(since, before?.newest ?? since.time)
      const change = before === undefined ? 'seen' : changeBetween(before, found)
      const now = performance.now()
      if (change === 'seen') this.#changedAt = now
      // Where something has just changed, more may have in the very same moment.
      if (change !== undefined || now - this.#changedAt <= GRAIN + this.#options.interval) this.#ear.heard()
      const next = this.#from(found.newest)
      const lately = found.lately && new Map([...found.lately].filter(([, time]) => isWithin(time, next)))
      this.#seen = { ...found, lately, since: next }
      this.#ear.hears()
    } catch {
      if (!this.#ending.signal.aborted) this.#ear.deaf()
    }
    if (this.#ending.signal.aborted) return
    this.#timer = setTimeout(() => void this.#look(), this.#options.interval)
    this.#timer.unref()
  }

  #from(newest: number): Since {
    const { overlap } = this.#options
    // What was under way when something changed last has come to its end by then.
    const isOver = this.#seen !== undefined && performance.now() - this.#changedAt > overlap
    return isOver ? { time: newest, inclusive: false } : { time: newest - overlap, inclusive: true }
  }

  async #newest(): Promise<number> {
    const { view, changedBy: attr } = this.#options
    const filter: Filter = { op: 'present', attr }
    const order = { attr, descending: true }
    const request = { view, filter, attributes: new Set([attr]), order, limit: 1 }
    for await (const [entry] of this.#directory.search(request, this.#context())) {
      const value = entry?.attributes.get(attr)?.[0]
      if (value instanceof Date) return value.getTime()
    }
    return 0
  }

  async #see({ time: from, inclusive }: Since, known: number): Promise<Omit<Seen, 'since'>> {
    const { view, changedBy: attr } = this.#options
    const ctx = this.#context()
    const all = { view, filter: TRUE, attributes: new Set<string>(), unordered: true as const }
    const count = await this.#directory.count(all, ctx)
    const filter: Filter = { op: inclusive ? 'ge' : 'gt', attr, value: new Date(from) }
    const request = { ...all, filter, attributes: new Set([attr]), limit: MANY + 1 }
    const lately = new Map<string, number>()
    let newest = known
    for await (const entries of this.#directory.search(request, ctx)) {
      for (const { id, attributes } of entries) {
        const value = attributes.get(attr)?.[0]
        if (!(value instanceof Date)) continue
        const time = value.getTime()
        lately.set(JSON.stringify([id, time]), time)
        newest = Math.max(newest, time)
      }
    }
    if (lately.size <= MANY) return { count, newest, lately }
    return { count, newest: Math.max(newest, await this.#newest()), lately: undefined }
  }

  #context() {
    return { principal: ANONYMOUS, signal: this.#ending.signal }
  }
}

const isWithin = (time: number, since: Since): boolean =>
  time > since.time || (since.inclusive && time === since.time)

/** Has anything changed? Where too many have lately, that is not seen, and cannot be ruled out. */
function changeBetween(
  before: Seen,
  { count, newest, lately }: Omit<Seen, 'since'>,
): 'seen' | 'possible' | undefined {
  if (count !== before.count || newest !== before.newest) return 'seen'
  if (lately === undefined || before.lately === undefined) return 'possible'
  const isSame =
    lately.size === before.lately.size && [...lately.keys()].every((one) => before.lately?.has(one))
  return isSame ? undefined : 'seen'
}
