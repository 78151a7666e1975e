/**
 * Asks for the next batch while the present one is being used: one ahead, never more; and none while the first is, of which
 * the client may take nothing.
 */

import type { Batches, BatchIterator } from '../sources/batch-iterator.js'

export function prefetch<T>(batches: AsyncIterator<T>): BatchIterator<T> {
  return new Ahead(batches)
}

class Ahead<T> implements BatchIterator<T> {
  readonly #iterator: Batches<T>
  #next: Promise<IteratorResult<T>> | undefined
  #begun = false

  constructor(iterator: Batches<T>) {
    this.#iterator = iterator
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  get isOver(): boolean {
    return this.#next === undefined && this.#iterator.isOver === true
  }

  next(): Promise<IteratorResult<T>> {
    const present = this.#next ?? this.#iterator.next()
    this.#next = undefined
    if (this.#begun) return present.then(this.#askFurther)
    this.#begun = true
    return present
  }

  async return(): Promise<IteratorResult<T>> {
    // A generator that is busy ends after its present step.
    void this.#iterator.return?.()
    return { done: true, value: undefined }
  }

  readonly #askFurther = (result: IteratorResult<T>): IteratorResult<T> => {
    if (result.done === true || this.#iterator.isOver === true) return result
    this.#next = this.#iterator.next()
    // Whoever stops early never looks at it.
    this.#next.catch(ignore)
    return result
  }
}

function ignore(): void {}
