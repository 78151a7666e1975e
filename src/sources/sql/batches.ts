/** A search as batches of rows: statement after statement, each where the one before it ended. */
import { VitrineError } from '../../model/errors.js'
import type { Cell, Column, Order, Row, SourceQuery } from '../source.js'
import type { Dialect } from './dialect.js'
import { type Ask, countRelated, fetchRelated, layOut, NONE_RELATED, type Related } from './related.js'
import { type Part, partsOf, rowColumns, selectCount, selectRows, type Window } from './select.js'
import type { Cells, Place } from './walk.js'

/** Rows per statement at most: more are no faster, and clients that wait hold them; fewer while rows carry many related ones. */
export const BATCH = 256
/** The same at the beginning where nobody says how many will be taken: who asks for everything may read none of it. */
const FIRST_BATCH = 128
/** Rows that all searches in progress together should fetch at a time: their clients may take none of them. */
const IN_PASSING = 8192
const FIRST_BATCH_WITH_SETS = 8
const LEAST_BATCH = 16
/** Related rows that one batch should not exceed. */
const RELATED = 20_000

/** How many rows queries of one kind fetch at a time, by how many related ones there were until now. */
export class Pace {
  #rows = FIRST_BATCH_WITH_SETS

  get rows(): number {
    return this.#rows
  }

  /** Keeps the related rows of a batch within bounds; grows not too fast. */
  saw(rows: number, related: number): void {
    const most = Math.floor((RELATED * rows) / Math.max(1, related))
    this.#rows = Math.max(1, Math.min(BATCH, most, Math.max(this.#rows, rows * 4)))
  }
}

/** How many searches of a source are in progress. */
export interface Load {
  searches: number
}

export interface BatchesParts {
  readonly dialect: Dialect
  readonly ask: Ask
  /** The rows of a page in the order of keys. */
  readonly page: (place: Place) => Promise<Cells>
  readonly pace: Pace
  readonly load: Load
}

export class Batches {
  readonly #load: Load
  readonly #query: SourceQuery
  readonly #dialect: Dialect
  readonly #ask: Ask
  readonly #page: (place: Place) => Promise<Cells>
  readonly #columns: readonly Column[]
  readonly #keyAt: number
  readonly #pace: Pace

  constructor(query: SourceQuery, { dialect, ask, page, pace, load }: BatchesParts) {
    this.#load = load
    this.#pace = pace
    this.#query = query
    this.#dialect = dialect
    this.#ask = ask
    this.#page = page
    this.#columns = rowColumns(query)
    this.#keyAt = this.#columns.findIndex((c) => c.name === query.key.name)
  }

  async *byKey(): AsyncIterable<readonly Row[]> {
    this.#load.searches++
    try {
      yield* this.#inKeyOrder()
    } finally {
      this.#load.searches--
    }
  }

  async *#inKeyOrder(): AsyncIterable<readonly Row[]> {
    const { limit: all = Number.POSITIVE_INFINITY, expected } = this.#query
    let { after, skip = 0 } = this.#query
    let wanted = all
    let taken = Number.isFinite(all) ? BATCH : 0
    while (wanted > 0) {
      const most = expected ?? Math.max(FIRST_BATCH, taken)
      const share = Math.max(LEAST_BATCH, Math.floor(IN_PASSING / this.#load.searches))
      const size = Math.min(this.#hasSets ? this.#pace.rows : BATCH, Math.max(most, LEAST_BATCH), share)
      const limit = Number.isFinite(wanted) ? Math.ceil(wanted / Math.ceil(wanted / size)) : size
      const cells =
        after === undefined && skip > 0
          ? await this.#page({ columns: this.#columns, skip, limit })
          : await this.#select({ limit, skip, ...(after !== undefined && { after }) })
      const related = await this.#related(cells)
      if (cells.length > 0) yield layOut(this.#query, this.#columns, cells, related)
      if (cells.length < limit) return
      after = this.#keyOf(cells.at(-1))
      skip = 0
      wanted -= cells.length
      taken += cells.length
    }
  }

  /** Rows with a value and rows without are asked for one after the other, so that an index gives the first of them. */
  async *inOrder(order: Order): AsyncIterable<readonly Row[]> {
    const { limit: all = Number.POSITIVE_INFINITY } = this.#query
    let { skip = 0 } = this.#query
    let wanted = all
    const parts = partsOf(order, this.#dialect)
    for (const part of parts) {
      let found = 0
      for (;;) {
        const limit = Math.min(wanted, BATCH)
        if (limit <= 0) return
        const cells = await this.#select({ limit, skip, ...(part !== undefined && { part }) })
        yield* this.#withRelated(cells)
        found += cells.length
        skip += cells.length
        wanted -= cells.length
        if (cells.length < limit) break
      }
      if (part === undefined || part === parts.at(-1)) return
      // One that gave rows was passed over to its end.
      skip = found > 0 || skip === 0 ? 0 : Math.max(0, skip - (await this.#count(part)))
    }
  }

  get #hasSets(): boolean {
    return this.#query.fields.some((f) => f.kind === 'set')
  }

  #select(window: Window) {
    return this.#ask(selectRows(this.#query, this.#columns, this.#dialect, window), this.#columns)
  }

  async #count(part: Part): Promise<number> {
    const [row] = await this.#ask(selectCount(this.#query, this.#dialect, { part }), [])
    return Number(row?.[0])
  }

  async #related(cells: readonly (readonly Cell[])[]): Promise<Related> {
    if (!this.#hasSets || cells.length === 0) return NONE_RELATED
    const keys = cells.map((row) => row[this.#keyAt] ?? null)
    const related = await fetchRelated(this.#query, keys, this.#dialect, this.#ask)
    this.#pace.saw(cells.length, countRelated(related))
    return related
  }

  /** Many rows at once, and as many related ones at a time as is good. */
  async *#withRelated(cells: readonly (readonly Cell[])[]): AsyncIterable<readonly Row[]> {
    for (let from = 0; from < cells.length; ) {
      const some = cells.slice(from, from + (this.#hasSets ? this.#pace.rows : BATCH))
      const related = await this.#related(some)
      yield layOut(this.#query, this.#columns, some, related)
      from += some.length
    }
  }

  #keyOf(row: readonly Cell[] | undefined): Exclude<Cell, null> {
    const key = row?.[this.#keyAt] ?? null
    if (key !== null) return key
    const { table, key: column } = this.#query
    throw new VitrineError('internalError', { detail: `${table.name}.${column.name} is NULL in a row` })
  }
}
