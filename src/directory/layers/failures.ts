/** Failed attempts by key, as far back as a window reaches; those that siblings had are counted like one's own. */
import type { Siblings } from '../../model/siblings.js'

/** Keys remembered at most; those that failed longest ago are forgotten first. */
const REMEMBERED = 100_000
/** So many are forgotten at a time if there are more, for it takes a while to find the first; and so often in a window those that are out of it. */
const AT_ONCE = 1000

export interface FailuresOptions {
  /** Milliseconds. */
  readonly window: number
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly siblings: Siblings
  /** What tells these failures from others that siblings speak of. */
  readonly topic: string
}

export class Failures {
  readonly #options: FailuresOptions
  readonly #times = new Map<string, number[]>()
  /** When it is looked again what has gone out of the window. */
  #due = 0

  constructor(options: FailuresOptions) {
    this.#options = options
    options.siblings.hear(options.topic, (key) => this.begin(key))
    options.siblings.hear(`${options.topic} cleared`, (key) => this.#times.delete(key))
  }

  count(key: string): number {
    if (this.#times.size === 0) return 0
    const times = this.#times.get(key)
    if (times === undefined) return 0
    const since = this.#options.now() - this.#options.window
    while (times[0] !== undefined && times[0] <= since) times.shift()
    if (times.length === 0) this.#times.delete(key)
    return times.length
  }

  /** Counts an attempt as failed until it is known; returns what takes it back. Siblings hear nothing of it yet. */
  begin(key: string): () => void {
    const time = this.#options.now()
    const times = this.#times.get(key) ?? []
    times.push(time)
    this.#times.delete(key)
    this.#times.set(key, times)
    this.#sweep()
    return () => {
      const index = times.lastIndexOf(time)
      if (index >= 0) times.splice(index, 1)
      if (times.length === 0 && this.#times.get(key) === times) this.#times.delete(key)
    }
  }

  /** What has begun here has failed. */
  failed(key: string): void {
    this.#options.siblings.tell(this.#options.topic, key)
  }

  add(key: string): void {
    this.begin(key)
    this.failed(key)
  }

  clear(key: string): void {
    if (this.#times.size > 0 && this.#times.delete(key))
      this.#options.siblings.tell(`${this.#options.topic} cleared`, key)
  }

  /** Keys stand in the order of their last failures. */
  #sweep(): void {
    const { now, window } = this.#options
    const time = now()
    let excess = this.#times.size <= REMEMBERED ? 0 : AT_ONCE
    if (excess === 0 && time < this.#due) return
    this.#due = time + window / AT_ONCE
    for (const [key, times] of this.#times) {
      if (excess-- <= 0 && (times.at(-1) ?? 0) > time - window) return
      this.#times.delete(key)
    }
  }
}
