/** The list of problems of a target, as the store keeps it; when which of them is tried again. */
import { createHash } from 'node:crypto'
import type { Records, StoreRecord } from '../store/store.js'
import type { Problem } from './problems.js'

const KIND = 'problems'
/** How long after the first attempt the second one is made, and how long one waits at most, in milliseconds. */
const FIRST = 60_000
const LONGEST = 24 * 3_600_000

/** Of a problem: also what the entry came to when it failed. One that has changed is tried at once. */
interface Kept extends Problem {
  readonly hash: string
}

/** Milliseconds until the next attempt, after so many: doubled each time, up to a day. */
export function backoff(attempts: number): number {
  return Math.min(LONGEST, FIRST * 2 ** Math.min(attempts - 1, 30))
}

export class ProblemList {
  readonly #records: Records
  readonly #target: string
  readonly #now: () => Date
  #known = new Map<string, Kept>()
  #changed = new Map<string, Kept | undefined>()

  constructor(records: Records, target: string, now: () => Date) {
    this.#records = records
    this.#target = target
    this.#now = now
  }

  /** Begins anew with what is kept. */
  async load(): Promise<void> {
    this.#known = new Map()
    this.#changed = new Map()
    for await (const { key, value } of recordsOf(this.#records, `${this.#target}/`))
      this.#known.set(key, value as Kept)
  }

  get isEmpty(): boolean {
    return this.#known.size === 0 && this.#changed.size === 0
  }

  /** Is it to be left alone this time? As it failed before, unchanged, and before its time. */
  waits(view: string, key: string, hash: string): boolean {
    const known = this.#at(view, key)
    return known !== undefined && known.hash === hash && Date.parse(known.nextAttempt) > this.#now().getTime()
  }

  has(view: string, key: string): boolean {
    return this.#at(view, key) !== undefined
  }

  /** Keys of the view that are on the list. */
  keys(view: string): readonly string[] {
    return [...this.#known.values()].flatMap((problem) => (problem.view === view ? [problem.key] : []))
  }

  add(of: Pick<Problem, 'view' | 'key' | 'name' | 'reason'>, hash: string): void {
    const before = this.#at(of.view, of.key)
    const now = this.#now()
    const attempts = (before?.attempts ?? 0) + 1
    this.#changed.set(this.#keyOf(of.view, of.key), {
      ...of,
      target: this.#target,
      hash,
      firstSeen: before?.firstSeen ?? now.toISOString(),
      lastSeen: now.toISOString(),
      attempts,
      nextAttempt: new Date(now.getTime() + backoff(attempts)).toISOString(),
    })
  }

  /** It is well now, or no longer there. */
  settle(view: string, key: string): void {
    if (this.has(view, key)) this.#changed.set(this.#keyOf(view, key), undefined)
  }

  /** What has changed since it was loaded. */
  changes(): readonly StoreRecord[] {
    return [...this.#changed].map(([key, value]) => ({ kind: KIND, key, value }))
  }

  #at(view: string, key: string): Kept | undefined {
    const name = this.#keyOf(view, key)
    return this.#changed.has(name) ? this.#changed.get(name) : this.#known.get(name)
  }

  #keyOf(view: string, key: string): string {
    return `${this.#target}/${recordKey(view, key)}`
  }
}

/** All problems of a target, in the order of views and keys. */
export async function* problemsOf(records: Records, target: string): AsyncIterable<Problem> {
  for await (const { value } of recordsOf(records, `${target}/`)) {
    const { hash: _hash, ...problem } = value as Kept
    yield problem
  }
}

/** What a record about an entry is kept under: short enough, whatever the entry's key. */
export function recordKey(view: string, key: string): string {
  return `${view}/${key.length <= 100 ? key : `#${createHash('sha256').update(key).digest('hex')}`}`
}

/** All records whose keys begin so. */
export async function* recordsOf(records: Records, prefix: string): AsyncIterable<Omit<StoreRecord, 'kind'>> {
  let after = prefix
  for (;;) {
    const page = await records.list({ after, limit: 1000 })
    for (const record of page) {
      if (!record.key.startsWith(prefix)) return
      yield record
    }
    const last = page.at(-1)
    if (last === undefined) return
    after = last.key
  }
}
