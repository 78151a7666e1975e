/** Changes of related rows, as statements in a transaction that keeps other writers from the row they belong to. */
import { VitrineError } from '../../model/errors.js'
import type { Cell, Column, SetChange } from '../source.js'
import type { Dialect } from './dialect.js'
import type { Query } from './driver.js'
import {
  type Assigned,
  deleteMembers,
  insertRows,
  insertUnlessThere,
  type Members,
  type Scope,
  selectMembers,
  updateMembers,
} from './mutation.js'
import { conditionValue } from './predicate.js'
import type { Ask } from './related.js'

/** Tuples per statement. */
const TOGETHER = 500
/** Tuples per statement where each is compared by itself. */
const TOGETHER_EXACTLY = 100

type Tuple = readonly Cell[]

/** One change, of the rows that belong to a row with these cells. */
export class SetWriter {
  readonly #change: SetChange
  readonly #scope: Scope
  /** What every new row holds. */
  readonly #held: readonly Assigned[]
  readonly #dialect: Dialect
  readonly #query: Query
  readonly #ask: Ask

  /** @param parents the cells of the relation's parent columns, in its order */
  constructor(change: SetChange, parents: readonly Cell[], dialect: Dialect, query: Query, ask: Ask) {
    const { relation, columns } = change
    const holding = relation.on.map(({ child }, i) => ({ column: child, value: parents[i] ?? null }))
    this.#change = change
    this.#scope = { table: relation.table.name, holding, where: relation.where }
    const given = new Set([...columns, ...holding.map((h) => h.column)].map((c) => c.name))
    const fixed = relation.where.flatMap(({ column, not, values: [value, ...more] }): Assigned[] =>
      not || value === undefined || value === null || more.length > 0 || given.has(column.name)
        ? []
        : [{ column, value: conditionValue(value, column) }],
    )
    this.#held = [...holding, ...fixed]
    this.#dialect = dialect
    this.#query = query
    this.#ask = ask
  }

  async write(): Promise<void> {
    const { op, tuples } = this.#change
    if (this.#scope.holding.some(({ value }) => value === null)) {
      // Nothing belongs to NULL, and nothing can.
      if (op === 'remove' || tuples.length === 0) return
      throw new VitrineError('constraintViolation', {
        message: 'this entry lacks a value that what is added would have to refer to',
        detail: `${this.#scope.table} is related by a column that is NULL`,
      })
    }
    switch (op) {
      case 'add':
        for (const some of this.#chunks(tuples)) {
          if (this.#change.exactly === true || this.#change.violated !== undefined) await this.#addNew(some)
          else await this.#add(some)
        }
        return
      case 'remove':
        for (const some of this.#chunks(tuples)) {
          const { exactly = false, violated } = this.#change
          if (violated !== undefined && (await this.#there(some)) < some.length) throw violated()
          await this.#delete(some, exactly)
        }
        return
      case 'replace':
        await this.#replace(this.#distinct(tuples))
        return
    }
  }

  #chunks(tuples: readonly Tuple[]): Iterable<readonly Tuple[]> {
    return chunks(this.#distinct(tuples), this.#change.exactly === true ? TOGETHER_EXACTLY : TOGETHER)
  }

  get #identity(): readonly Column[] {
    return this.#change.columns.slice(0, this.#change.identity)
  }

  /** Others are kept from adding the same, so that what is not there need only be inserted. */
  async #add(tuples: readonly Tuple[]): Promise<void> {
    const { columns, identity } = this.#change
    const [first] = tuples
    if (first !== undefined && tuples.length === 1 && identity === columns.length) {
      await this.#insertUnlessThere(first)
      return
    }
    const statement = selectMembers(this.#scope, columns, this.#members(tuples), this.#dialect)
    const there = new Map((await this.#ask(statement, columns)).map((row) => [this.#textOf(row), row]))
    const absent: Tuple[] = []
    for (const tuple of tuples) {
      const text = this.#textOf(tuple)
      const row = there.get(text)
      there.delete(text)
      if (row === undefined) absent.push(tuple)
      else if (this.#differs(tuple, row)) await this.#update(tuple)
    }
    if (there.size === 0) {
      await this.#insert(absent)
      return
    }
    // The database has equal ones that are spelt differently; it alone knows which.
    for (const tuple of absent) {
      if (columns.length > identity) await this.#update(tuple)
      await this.#insertUnlessThere(tuple)
    }
  }

  /** What is not there, as it is told from others exactly or by whoever minds if it is. */
  async #addNew(tuples: readonly Tuple[]): Promise<void> {
    const { columns, violated } = this.#change
    const members = this.#members(tuples, this.#change.exactly)
    const rows = await this.#ask(selectMembers(this.#scope, columns, members, this.#dialect), columns)
    if (violated !== undefined && rows.length > 0) throw violated()
    const there = new Map(rows.map((row) => [this.#textOf(row), row]))
    for (const tuple of tuples) {
      const row = there.get(this.#textOf(tuple))
      if (row !== undefined && this.#differs(tuple, row)) await this.#update(tuple, this.#change.exactly)
    }
    await this.#insert(tuples.filter((tuple) => !there.has(this.#textOf(tuple))))
  }

  /** How many of these are there. */
  async #there(tuples: readonly Tuple[]): Promise<number> {
    const members = this.#members(tuples, this.#change.exactly)
    const columns = this.#identity
    const rows = await this.#ask(selectMembers(this.#scope, columns, members, this.#dialect), columns)
    return new Set(rows.map((row) => this.#textOf(row))).size
  }

  async #replace(wanted: readonly Tuple[]): Promise<void> {
    if (wanted.length === 0) {
      await this.#query(deleteMembers(this.#scope, undefined, this.#dialect))
      return
    }
    const { columns } = this.#change
    const rows = await this.#ask(selectMembers(this.#scope, columns, undefined, this.#dialect), columns)
    const current = new Map(rows.map((row) => [this.#textOf(row), row]))
    const fresh: Tuple[] = []
    const changed: Tuple[] = []
    for (const tuple of wanted) {
      const text = this.#textOf(tuple)
      const row = current.get(text)
      current.delete(text)
      if (row === undefined) fresh.push(tuple)
      else if (this.#differs(tuple, row)) changed.push(tuple)
    }
    const gone = [...current.values()]
    const isAll = fresh.length === wanted.length
    if (isAll && gone.length > 0) await this.#query(deleteMembers(this.#scope, undefined, this.#dialect))
    else await this.#deleteExactly(gone)
    for (const tuple of changed) await this.#update(tuple, true)
    for (const some of chunks(fresh, TOGETHER)) await this.#insert(some)
  }

  /** Not those that the database takes for equal and that stay. */
  async #deleteExactly(gone: readonly Tuple[]): Promise<void> {
    const hasText = this.#identity.some((c) => c.kind === 'text')
    for (const some of chunks(gone, hasText ? TOGETHER_EXACTLY : TOGETHER)) await this.#delete(some, hasText)
  }

  async #delete(tuples: readonly Tuple[], exactly = false): Promise<void> {
    await this.#query(deleteMembers(this.#scope, this.#members(tuples, exactly), this.#dialect))
  }

  async #insert(tuples: readonly Tuple[]): Promise<void> {
    if (tuples.length === 0) return
    const rows = { table: this.#scope.table, holding: this.#held }
    await this.#query(insertRows(rows, this.#change.columns, tuples, this.#dialect))
  }

  async #insertUnlessThere(tuple: Tuple): Promise<void> {
    const { columns, identity } = this.#change
    await this.#query(insertUnlessThere(this.#scope, this.#held, columns, tuple, identity, this.#dialect))
  }

  async #update(tuple: Tuple, exactly = false): Promise<void> {
    const { columns, identity } = this.#change
    const cells = columns.slice(identity).map((column, i) => ({ column, value: tuple[identity + i] ?? null }))
    await this.#query(updateMembers(this.#scope, this.#members([tuple], exactly), cells, this.#dialect))
  }

  #members(tuples: readonly Tuple[], exactly = false): Members {
    const { identity } = this.#change
    return { columns: this.#identity, tuples: tuples.map((t) => t.slice(0, identity)), exactly }
  }

  /** Equal where the identities are, so far as it can be told without the database. */
  #textOf(tuple: Tuple): string {
    return JSON.stringify(this.#identity.map((column, i) => cellText(tuple[i] ?? null, column)))
  }

  #differs(tuple: Tuple, row: Tuple): boolean {
    return this.#change.columns.some(
      (column, i) =>
        i >= this.#change.identity && cellText(tuple[i] ?? null, column) !== cellText(row[i] ?? null, column),
    )
  }

  #distinct(tuples: readonly Tuple[]): readonly Tuple[] {
    return [...new Map(tuples.map((tuple) => [this.#textOf(tuple), tuple])).values()]
  }
}

const DAY = 86_400_000

/** Equal for equal cells, whether given or read. */
export function cellText(cell: Cell, { kind }: Pick<Column, 'kind'>): string | null {
  if (cell === null) return null
  if (cell instanceof Date) return String(kind === 'date' ? Math.floor(cell.getTime() / DAY) : cell.getTime())
  if (cell instanceof Uint8Array) return Buffer.from(cell).toString('hex')
  if (typeof cell === 'boolean') return String(Number(cell))
  return kind === 'uuid' ? String(cell).toLowerCase() : String(cell)
}

function* chunks<T>(items: readonly T[], size: number): Iterable<readonly T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size)
}
