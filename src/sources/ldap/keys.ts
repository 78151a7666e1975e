/**
 * The order of a directory's rows, which servers do not have: that of their names. Whoever reads page after page gets the
 * entries of the names that were there when he began, each as it is now.
 */

/** Names that are kept altogether, and for how long nobody may have asked for them, in milliseconds. */
const MOST_NAMES = 1_000_000
const LONGEST_IDLE = 120_000

interface KeyList {
  readonly names: readonly string[]
  usedAt: number
}

export class KeyLists {
  readonly #lists = new Map<string, KeyList>()
  #names = 0

  /** Those behind `after`; undefined where they have to be read anew. */
  behind(question: string, after: string): readonly string[] | undefined {
    this.#forget()
    const list = this.#lists.get(question)
    if (list === undefined) return undefined
    list.usedAt = performance.now()
    // The one least recently used is the first to go.
    this.#lists.delete(question)
    this.#lists.set(question, list)
    return list.names.slice(placeBehind(list.names, after))
  }

  /** @param names sorted */
  keep(question: string, names: readonly string[]): void {
    this.#drop(question)
    if (names.length > MOST_NAMES) return
    this.#lists.set(question, { names, usedAt: performance.now() })
    this.#names += names.length
    this.#forget()
  }

  #forget(): void {
    const oldest = performance.now() - LONGEST_IDLE
    for (const [question, { usedAt }] of this.#lists) {
      if (usedAt >= oldest && this.#names <= MOST_NAMES) return
      this.#drop(question)
    }
  }

  #drop(question: string): void {
    const list = this.#lists.get(question)
    if (list === undefined) return
    this.#names -= list.names.length
    this.#lists.delete(question)
  }
}

/** Where in sorted names those begin that are greater. */
export function placeBehind(names: readonly string[], after: string): number {
  let [low, high] = [0, names.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((names[middle] ?? '') <= after) low = middle + 1
    else high = middle
  }
  return low
}
