/** What changes by itself, asked for again and again: often while somebody looks, and seldom while the page is in the background. */
import { History } from './history.js'

/** @import { Counters, SourceStatus } from '../terms.js' */
/** @import { Api } from './api.js' */

/** Milliseconds between two looks. */
const EVERY = 2000
/** The same while nobody sees the page: what happens meanwhile is drawn as well, less exactly. */
const EVERY_HIDDEN = 20_000
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
      await this.#look()
      await pause()
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

/** Until the next look, or until the page is seen again. */
async function pause() {
  await new Promise((/** @type {(nothing?: unknown) => void} */ resolve) => {
    const timer = setTimeout(done, document.hidden ? EVERY_HIDDEN : EVERY)
    document.addEventListener('visibilitychange', done)
    function done() {
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', done)
      resolve()
    }
  })
}
