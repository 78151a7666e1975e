/** Batches of which there is mostly one. */

const DONE = Promise.resolve({ done: true, value: undefined } as const)

/** What `all` comes to, as one batch if there is anything; where it is undefined, the batches of `others`. */
export class AtOnce<T> implements AsyncIterableIterator<readonly T[]> {
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

  next(): Promise<IteratorResult<readonly T[], undefined>> {
    if (this.#state === 'new') {
      this.#state = 'begun'
      return this.#begin()
    }
    return this.#further?.next() ?? DONE
  }

  async return(): Promise<IteratorResult<readonly T[], undefined>> {
    this.#state = 'over'
    await this.#further?.return?.()
    return DONE
  }

  async #begin(): Promise<IteratorResult<readonly T[], undefined>> {
    const all = await this.#all()
    if (all !== undefined) return all.length === 0 ? DONE : { done: false, value: all }
    // Whoever left meanwhile wants no others.
    if (this.#state === 'over') return DONE
    this.#further = this.#others()[Symbol.asyncIterator]()
    return this.#further.next()
  }
}
