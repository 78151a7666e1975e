/** What changes by itself, asked for again and again while somebody looks. */
import { History } from './history.js'

/** @import { Counters, SourceStatus } from '../terms.js' */
/** @import { Api } from './api.js' */

/** Milliseconds between two looks. */
const EVERY = 2000
/** Sources are asked how they are at one look of so many. */
const SELDOM = 3

export class Live {
  history = new History()
  /** @type {Counters | undefined} */
  counters
  /** @type {readonly SourceStatus[] | undefined} */
  sources
  /** @type {unknown} what kept the last look from being answered */
  problem
  #api
  #isOver = false
  #looks = 0
  /** @type {Set<() => void>} */
  #listeners = new Set()

  /** @param {Api} api */
  constructor(api) {
    this.#api = api
  }

  async run() {
    while (!this.#isOver) {
      if (!document.hidden) await this.#look()
      await new Promise((resolve) => setTimeout(resolve, EVERY))
    }
  }

  stop() {
    this.#isOver = true
    this.#listeners.clear()
  }

  /**
   * Returns what ends it.
   * @param {() => void} listener
   */
  listen(listener) {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async #look() {
    try {
      const wantsSources = this.#looks++ % SELDOM === 0
      const [counters, found] = await Promise.all([
        this.#api.get('counters'),
        wantsSources && this.#api.get('sources'),
      ])
      if (this.#isOver) return
      this.counters = counters
      this.history.add(counters)
      if (found) this.sources = found.sources
      this.problem = undefined
    } catch (error) {
      if (this.#isOver) return
      this.problem = error
      this.#looks = 0
    }
    for (const listener of this.#listeners) listener()
  }
}
