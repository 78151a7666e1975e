/** Keeps from asking a server again and again that cannot be reached: each failure doubles the pause, one success ends it. */

const FIRST_PAUSE = 500
const LONGEST_PAUSE = 30_000

export class Breaker {
  readonly #now: () => number
  #pause = 0
  #until = 0
  #trying = false

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** May it be tried? After a failure by one at a time, and not before the pause is over. */
  get isOpen(): boolean {
    return this.#pause === 0 || (!this.#trying && this.#now() >= this.#until)
  }

  /** Milliseconds until it may be tried; 0: now. */
  get wait(): number {
    return this.#pause === 0 ? 0 : Math.max(0, this.#until - this.#now())
  }

  /** @throws what `work` throws, which counts as a failure */
  async attempt<T>(work: () => Promise<T>): Promise<T> {
    this.#trying = true
    try {
      const result = await work()
      this.#pause = 0
      return result
    } catch (error) {
      this.failed()
      throw error
    } finally {
      this.#trying = false
    }
  }

  failed(): void {
    this.#pause = Math.min(LONGEST_PAUSE, this.#pause === 0 ? FIRST_PAUSE : this.#pause * 2)
    this.#until = this.#now() + this.#pause * (0.75 + Math.random() / 4)
  }
}
