/** The entries that a query finds, in the order that it asks for: any, that of their names, or that of an attribute. */
import { formatFilter } from '../../ldap/filter-text.js'
import type { SourceQuery } from '../source.js'
import type { Found } from './entries.js'
import { type KeyLists, placeBehind } from './keys.js'
import type { EntryQuestion } from './question.js'
import type { Asked, Reading } from './reading.js'
import { firstNames } from './sorted.js'

/** Entries that are asked for by name at a time, and that are sorted as they come. */
const BATCH = 100
/** More than a page are expected. */
const MANY = 100_000

interface Kept {
  readonly lists: KeyLists
  /** Whose they are: others may see other entries. */
  readonly of: string
}

export class Turns {
  readonly #query: SourceQuery
  readonly #asked: Asked
  readonly #reading: Reading
  readonly #kept: Kept

  constructor(query: SourceQuery, asked: Asked, reading: Reading, kept: Kept) {
    this.#query = query
    this.#asked = asked
    this.#reading = reading
    this.#kept = kept
  }

  /** Those left out that are to be skipped; more may come than the query's limit. @throws VitrineError */
  found({ names }: EntryQuestion): AsyncIterable<readonly Found[]> {
    const { after, skip = 0, order, unordered } = this.#query
    if (order !== undefined) return this.#inOrder(order, names)
    if (names !== undefined) return this.#named([...names].sort())
    return unordered === true && after === undefined && skip === 0 ? this.#asTheyCome() : this.#byName()
  }

  /** A few are put in order all the same, so that they come as they do page by page. */
  async *#asTheyCome(): AsyncGenerator<readonly Found[], void> {
    const { limit = 0, expected = limit } = this.#query
    const batches = this.#reading.entries({ ...this.#asked, ...(expected > 0 && { expected }) })
    let first: readonly Found[] | undefined
    let isFirst = true
    for await (const entries of batches) {
      if (first !== undefined) yield first
      first = undefined
      if (isFirst && entries.length <= BATCH) first = entries
      else yield entries
      isFirst = false
    }
    if (first !== undefined) yield first.toSorted(byName)
  }

  async *#inOrder(order: NonNullable<SourceQuery['order']>, names: ReadonlySet<string> | undefined) {
    const { skip = 0, limit = Number.POSITIVE_INFINITY } = this.#query
    const count = names === undefined ? skip + limit : Number.POSITIVE_INFINITY
    const sorted = await firstNames(this.#asked, order, count, this.#reading)
    yield* this.#inTurn((names === undefined ? sorted : sorted.filter((name) => names.has(name))).slice(skip))
  }

  async *#byName(): AsyncGenerator<readonly Found[], void> {
    const { after, skip = 0, limit, where } = this.#query
    const { place, filter } = this.#asked
    const conditions = where.map(({ column, not, values }) => [column.name, not, values])
    const question = JSON.stringify([this.#kept.of, place.table.name, conditions, formatFilter(filter)])
    const kept = after === undefined ? undefined : this.#kept.lists.behind(question, String(after))
    if (kept !== undefined) {
      yield* this.#inTurn(kept.slice(skip))
      return
    }
    // A few come at once; of more, the names are read first.
    const few = await this.#few()
    if (few !== undefined) {
      const sorted = few.sort(byName)
      const names = sorted.map(({ name }) => name)
      const shown = sorted.slice((after === undefined ? 0 : placeBehind(names, String(after))) + skip)
      if (shown.length > 0) yield shown
      return
    }
    const all: string[] = []
    for await (const entries of this.#reading.entries({ ...this.#asked, attributes: [], expected: MANY })) {
      for (const { name } of entries) all.push(name)
    }
    all.sort()
    if (limit !== undefined) this.#kept.lists.keep(question, all)
    yield* this.#inTurn(all.slice((after === undefined ? 0 : placeBehind(all, String(after))) + skip))
  }

  /** All of them, if they are no more than a batch. */
  async #few(): Promise<Found[] | undefined> {
    const found: Found[] = []
    for await (const entries of this.#reading.entries(this.#asked)) {
      found.push(...entries)
      if (found.length > BATCH) return undefined
    }
    return found
  }

  /** Those of sorted names that are still there, from where the query goes on. */
  async *#named(names: readonly string[]): AsyncGenerator<readonly Found[], void> {
    const { after, skip = 0 } = this.#query
    let left = skip
    const from = after === undefined ? 0 : placeBehind(names, String(after))
    for await (const entries of this.#inTurn(names.slice(from))) {
      const shown = entries.slice(left)
      left -= entries.length - shown.length
      if (shown.length > 0) yield shown
    }
  }

  /** Those of the names that are still there, in their order. */
  async *#inTurn(names: readonly string[]): AsyncGenerator<readonly Found[], void> {
    const step = Math.min(BATCH, this.#query.limit ?? BATCH)
    for (let at = 0; at < names.length; at += step) {
      const some = names.slice(at, at + step)
      const found = await this.#reading.named(some, this.#asked)
      const entries = some.flatMap((name) => found.get(name) ?? [])
      if (entries.length > 0) yield entries
    }
  }
}

const byName = (a: Found, b: Found) => (a.name < b.name ? -1 : 1)
