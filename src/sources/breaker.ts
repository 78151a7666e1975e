/** Keeps from asking a server again and again that cannot be reached: each failure doubles the pause, one success ends it. */

const FIRST_PAUSE = 500
const LONGEST_PAUSE = 5000

export class Breaker {
  readonly #now: () => number
  readonly #longest: number
  #pause = 0
  #until = 0

  /**
   * @param longest milliseconds of a pause at most
   * @param now milliseconds of a clock that never goes back
   */
  constructor(longest = LONGEST_PAUSE, now: () => number = () => performance.now()) {
    this.#longest = longest
    this.#now = now
  }

  /** Is nobody to ask the server, but one who tries after the pause? */
  get isTripped(): boolean {
    return this.#pause > 0
  }

  /** Milliseconds until it is to be tried; 0: now. */
  get wait(): number {
    return this.isTripped ? Math.max(0, this.#until - this.#now()) : 0
  }

  /** The server has failed. Those who had begun to ask it before are not counted again. */
  trip(leastPause = 0): void {
    if (this.wait > 0) return
    const pause = this.#pause === 0 ? FIRST_PAUSE : Math.min(this.#longest, this.#pause * 2)
    this.#pause = Math.max(pause, leastPause)
    this.#until = this.#now() + this.#pause * (0.75 + Math.random() / 4)
  }

  reset(): void {
    this.#pause = 0
  }
}
