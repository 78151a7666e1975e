/** A bounded memory of what holds for a while only. The oldest is forgotten first. */
import { hash } from 'node:crypto'
import { Recent } from '../../../directory/layers/recent.js'

export class Remembered<T extends { readonly until: number }> {
  readonly #now: () => number
  readonly #known: Recent<T>

  /** @param most how many are kept */
  constructor(most: number, now: () => number) {
    this.#known = new Recent(most)
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
    if (value.until > this.#now()) this.#known.set(key, value)
  }
}

/** A token as memories know it: nothing here holds a token itself. */
export function fingerprint(token: string): string {
  return hash('sha256', token)
}
