/**
 * The related rows of lookups that were answered together are fetched together, by one statement per relation, as long
 * as they are few: nobody is to wait for the many that another has asked for.
 */
import type { Cell } from '../source.js'
import { countRelated, NONE_RELATED, type Related } from './related.js'

/** Related rows that a row may have on average for others to be fetched with them. */
const FEW = 64
/** What is left, with each fetch, of the memory of a row that had more. */
const DECAY = 0.95

interface Waiting {
  readonly keys: readonly Cell[]
  resolve(related: Related): void
  reject(error: unknown): void
}

export class RelatedTogether {
  readonly #fetch: (keys: readonly Cell[], signal?: AbortSignal) => Promise<Related>
  #waiting: Waiting[] = []
  /** How many a row had, the greatest that is remembered; at first nobody knows. */
  #usual = Number.POSITIVE_INFINITY

  constructor(fetch: (keys: readonly Cell[], signal?: AbortSignal) => Promise<Related>) {
    this.#fetch = fetch
  }

  /** An abort ends what is fetched for one alone; a statement that others share is short. */
  async of(keys: readonly Cell[], ctx: { readonly signal: AbortSignal }): Promise<Related> {
    if (keys.length === 0) return NONE_RELATED
    if (this.#usual > FEW) return this.#counted(keys, await this.#fetch(keys, ctx.signal))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ keys, resolve, reject })
      // Those whose lookups have just been answered ask before this runs.
      if (this.#waiting.length === 1) queueMicrotask(() => void this.#send())
    })
  }

  async #send(): Promise<void> {
    const together = this.#waiting
    this.#waiting = []
    const keys = [...new Set(together.flatMap((w) => w.keys))]
    try {
      const related = this.#counted(keys, await this.#fetch(keys))
      for (const { resolve } of together) resolve(related)
    } catch (error) {
      for (const { reject } of together) reject(error)
    }
  }

  #counted(keys: readonly Cell[], related: Related): Related {
    const each = countRelated(related) / keys.length
    this.#usual = Number.isFinite(this.#usual) ? Math.max(each, this.#usual * DECAY) : each
    return related
  }
}
