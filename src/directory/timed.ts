/** Rows of a source, with how many there are and how long they were waited for, where somebody wants to know that. */
import type { Tally } from '../model/observe.js'
import type { Batches, BatchIterator } from '../sources/batch-iterator.js'
import type { Row } from '../sources/source.js'

type Rows = Batches<readonly Row[]>

export function timed(rows: Rows, tally: Tally | undefined): Rows {
  return tally === undefined ? rows : new Timed(rows, tally)
}

class Timed implements BatchIterator<readonly Row[]> {
  readonly #rows: Rows
  readonly #tally: Tally

  constructor(rows: Rows, tally: Tally) {
    this.#rows = rows
    this.#tally = tally
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  get isOver(): boolean {
    return this.#rows.isOver === true
  }

  async next(): Promise<IteratorResult<readonly Row[]>> {
    const begun = performance.now()
    try {
      const step = await this.#rows.next()
      if (step.done !== true) this.#tally.rows += step.value.length
      return step
    } finally {
      this.#tally.source += performance.now() - begun
    }
  }

  async return(): Promise<IteratorResult<readonly Row[]>> {
    await this.#rows.return?.()
    return { done: true, value: undefined }
  }
}
