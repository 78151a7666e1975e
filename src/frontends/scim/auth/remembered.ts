/** A bounded memory of what holds for a while only. The oldest is forgotten first. */
import { createHash } from 'node:crypto'

export class Remembered<T extends { readonly until: number }> {
  readonly #most: number
  readonly #now: () => number
  readonly #known = new Map<string, T>()

  /** @param most how many are kept */
  constructor(most: number, now: () => number) {
    this.#most = most
    this.#now = now
  }

  get size(): number {
    return this.#known.size
  }

  get(key: string): T | undefined {
    const found = this.#known.get(key)
    if (found === undefined || found.until > this.#now()) return found
    this.#known.delete(key)
    return undefined
  }

  set(key: string, value: T): void {
    if (value.until <= this.#now()) return
    this.#known.delete(key)
    this.#known.set(key, value)
    const [oldest] = this.#known.keys()
    if (this.#known.size > this.#most && oldest !== undefined) this.#known.delete(oldest)
  }
}

/** A token as memories know it: nothing here holds a token itself. */
export function fingerprint(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
