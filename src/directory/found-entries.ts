/** The entries of the rows that a source finds: those that are meant, from the place asked for, no more than asked for. */
import { shaped } from '../model/attributes.js'
import type { Entry } from '../model/entry.js'
import type { Tally } from '../model/observe.js'
import { DONE, isOver } from '../sources/batch-iterator.js'
import type { Row } from '../sources/source.js'

type Step = IteratorResult<readonly Entry[], undefined>

export interface FoundParts {
  readonly decode: (row: Row) => Entry
  /** Is the entry meant? Absent where the source has decided that. */
  readonly decide?: (entry: Entry) => boolean
  /** What entries hold only to be decided on. */
  readonly hidden: readonly string[]
  /** What the source has not left out. */
  readonly skip: number
  readonly limit: number
  /** Is told how long rows were waited for, how many came, and how many of them were not meant. */
  readonly tally?: Tally | undefined
}

export class FoundEntries implements AsyncIterableIterator<readonly Entry[]> {
  readonly #rows: AsyncIterator<readonly Row[]>
  readonly #parts: FoundParts
  #skip: number
  #remaining: number
  /** Is nothing to be given any more? And have the rows been left? */
  #isOver = false
  #isLeft = false

  constructor(rows: AsyncIterator<readonly Row[]>, parts: FoundParts) {
    this.#rows = rows
    this.#parts = parts
    this.#skip = parts.skip
    this.#remaining = parts.limit
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<Step> {
    if (!this.#isOver) return this.#further()
    return this.#isLeft ? DONE : this.return()
  }

  async return(): Promise<Step> {
    this.#isOver = true
    if (!this.#isLeft) {
      this.#isLeft = true
      await this.#rows.return?.()
    }
    return { done: true, value: undefined }
  }

  async #further(): Promise<Step> {
    const { tally } = this.#parts
    for (;;) {
      const begun = tally === undefined ? 0 : performance.now()
      let rows: readonly Row[] | undefined
      try {
        rows = (await this.#rows.next()).value
      } finally {
        if (tally !== undefined) {
          tally.source += performance.now() - begun
          tally.rows += rows?.length ?? 0
        }
        if (rows === undefined || isOver(this.#rows)) this.#isOver = this.#isLeft = true
      }
      if (rows === undefined) return { done: true, value: undefined }
      const entries = this.#entriesOf(rows)
      if (this.#remaining <= 0) this.#isOver = true
      if (entries.length > 0) return { done: false, value: entries }
      if (this.#isOver) return this.return()
    }
  }

  #entriesOf(rows: readonly Row[]): readonly Entry[] {
    const { decode, decide, hidden, tally } = this.#parts
    let entries = rows.map(decode)
    if (decide !== undefined) entries = entries.filter(decide)
    if (tally !== undefined) tally.left += rows.length - entries.length
    if (this.#skip > 0) {
      const left = entries.slice(this.#skip)
      this.#skip -= entries.length - left.length
      entries = left
    }
    if (entries.length > this.#remaining) entries = entries.slice(0, this.#remaining)
    if (hidden.length > 0)
      entries = entries.map((entry) => ({ ...entry, attributes: shaped(entry.attributes).without(hidden) }))
    this.#remaining -= entries.length
    return entries
  }
}
