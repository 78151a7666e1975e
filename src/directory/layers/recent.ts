/**
 * What was used of late, by name, as much as fits; the longest unused is forgotten first. Several are forgotten at a time: where a
 * map has lost its first keys, finding the next takes as long as there were of them.
 */
export class Recent<T> {
  readonly #most: number
  readonly #known = new Map<string, T>()

  /** @param most how many are remembered at most */
  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#known.size
  }

  get(key: string): T | undefined {
    return this.#known.get(key)
  }

  /** Used just now. */
  set(key: string, value: T): void {
    const known = this.#known
    known.delete(key)
    known.set(key, value)
    if (known.size <= this.#most) return
    let excess = Math.ceil(this.#most / 100)
    for (const oldest of known.keys()) {
      if (excess-- === 0) return
      known.delete(oldest)
    }
  }

  delete(key: string): boolean {
    return this.#known.delete(key)
  }
}
