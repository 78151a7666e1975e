/**
 * How fast a service is asked: so many requests at a time, fewer when it says that there are too many, more again while it
 * does not, and none while it has asked to wait.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { whenAborted } from '../../../abort.js'

/** Answers in a row after which one more request is made at a time. */
const FINE = 20

export class Pace {
  readonly #most: number
  readonly #now: () => number
  readonly #waiting: (() => void)[] = []
  #limit: number
  #running = 0
  #fine = 0
  #until = 0

  constructor(most: number, now: () => number = Date.now) {
    this.#most = most
    this.#limit = most
    this.#now = now
  }

  /** Waits for its turn, and does the work. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#enter(signal)
    try {
      return await work()
    } finally {
      this.#running -= 1
      this.#next()
    }
  }

  /** A request was answered as it should be. */
  fine(): void {
    this.#fine += 1
    if (this.#fine < FINE || this.#limit === this.#most) return
    this.#fine = 0
    this.#limit += 1
    this.#next()
  }

  /** There were too many requests; nobody asks for so many milliseconds. */
  tooMany(wait: number): void {
    this.#fine = 0
    this.#limit = Math.max(1, Math.floor(this.#limit / 2))
    this.#until = Math.max(this.#until, this.#now() + wait)
  }

  /** @throws the signal's reason */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await sleep(ms, undefined, { signal })
    } catch {
      signal.throwIfAborted()
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#running >= this.#limit) await this.#turn(signal)
    else this.#running += 1
    try {
      for (let left = this.#left(); left > 0; left = this.#left()) await this.wait(left, signal)
    } catch (error) {
      this.#running -= 1
      this.#next()
      throw error
    }
  }

  #left(): number {
    return this.#until - this.#now()
  }

  /** Resolves when it counts among those that run. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        stop()
        this.#running += 1
        resolve()
      }
      const stop = whenAborted(signal, () => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1)
        reject(signal.reason)
      })
      this.#waiting.push(enter)
    })
  }

  #next(): void {
    while (this.#running < this.#limit) {
      const enter = this.#waiting.shift()
      if (enter === undefined) return
      enter()
    }
  }
}
