/** Batches of which there is mostly one. */
import { type BatchIterator, DONE } from './batch-iterator.js'

/** What `all` comes to, as one batch if there is anything; where it is undefined, the batches of `others`. */
export class AtOnce<T> implements BatchIterator<readonly T[]> {
  readonly #all: () => Promise<readonly T[] | undefined>
  readonly #others: () => AsyncIterable<readonly T[]>
  #state: 'new' | 'begun' | 'over' = 'new'
  #further: AsyncIterator<readonly T[]> | undefined

  constructor(all: () => Promise<readonly T[] | undefined>, others: () => AsyncIterable<readonly T[]>) {
    this.#all = all
    this.#others = others
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  get isOver(): boolean {
    return this.#state === 'over'
  }

  next(): Promise<IteratorResult<readonly T[], undefined>> {
    if (this.#state === 'new') {
      this.#state = 'begun'
      return this.#all().then(this.#begin)
    }
    return this.#further?.next() ?? DONE
  }

  async return(): Promise<IteratorResult<readonly T[], undefined>> {
    this.#state = 'over'
    await this.#further?.return?.()
    return DONE
  }

  readonly #begin = (
    all: readonly T[] | undefined,
  ): IteratorResult<readonly T[], undefined> | Promise<IteratorResult<readonly T[], undefined>> => {
    // Whoever left meanwhile wants no others.
    if (all !== undefined || this.#state === 'over') {
      this.#state = 'over'
      return all === undefined || all.length === 0
        ? { done: true, value: undefined }
        : { done: false, value: all }
    }
    this.#further = this.#others()[Symbol.asyncIterator]()
    return this.#further.next()
  }
}
