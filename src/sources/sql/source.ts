/** The SQL source: searches as keyset batches, related rows fetched once per batch. */
import { VitrineError } from '../../model/errors.js'
import type { Context } from '../../model/request.js'
import type {
  Cell,
  Column,
  Explanation,
  Field,
  Health,
  Operand,
  Row,
  Source,
  SourceQuery,
  Support,
  Test,
} from '../source.js'
import { advise } from './advise.js'
import type { Driver, DriverOptions } from './driver.js'
import { mysqlDriver } from './drivers/mysql.js'
import { postgresDriver } from './drivers/postgres.js'
import { sqliteDriver } from './drivers/sqlite.js'
import { type Lookup, LookupQueue, lookupOf } from './lookup.js'
import { countRelated, fetchRelated, layOut, type ReadCells, type Related } from './related.js'
import { rowColumns, selectRelated, selectRows } from './select.js'
import { textSupport } from './text-test.js'

/** Rows per statement at most, so that pages of a thousand take two; fewer while rows carry many related ones. */
const BATCH = 512
const FIRST_BATCH_WITH_SETS = 8
const LEAST_BATCH = 16
/** Related rows that one batch should not exceed. */
const RELATED = 20_000

const drivers: Readonly<Record<string, (options: DriverOptions) => Driver>> = {
  'mysql:': mysqlDriver,
  'mariadb:': mysqlDriver,
  'postgres:': postgresDriver,
  'postgresql:': postgresDriver,
  'sqlite:': sqliteDriver,
}

export type SqlOptions = DriverOptions

export function createSqlSource(options: SqlOptions): Source {
  const scheme = options.url.slice(0, options.url.indexOf(':') + 1)
  const driver = drivers[scheme]?.(options)
  if (driver === undefined) throw new TypeError(`no database is reached by ${scheme}`)
  return new SqlSource(driver)
}

interface Queue {
  readonly columns: readonly Column[]
  readonly where: SourceQuery['where']
  readonly queue: LookupQueue
}

class SqlSource implements Source {
  readonly #driver: Driver
  readonly #queues = new WeakMap<readonly Field[], Map<string, Queue>>()

  readonly mostTests?: number

  constructor(driver: Driver) {
    this.#driver = driver
    if (driver.mostTests !== undefined) this.mostTests = driver.mostTests
  }

  describe(table: string) {
    return this.#driver.describe(table)
  }

  support(on: Operand, test: Test): Support {
    if (test.test === 'text' || test.test === 'substring') return textSupport(on, test, this.#driver.dialect)
    if ('concat' in on) return 'none'
    if (on.kind === 'decimal' || on.kind === 'other') return test.test === 'present' ? 'exact' : 'none'
    return 'exact'
  }

  async *search(query: SourceQuery, ctx: Context): AsyncIterable<readonly Row[]> {
    const lookup = lookupOf(query, this.#driver.dialect)
    if (lookup !== undefined) {
      const rows = await this.#lookup(query, lookup, ctx)
      // Several rows would have to be in key order, which the database knows.
      if (rows !== 'tooMany' && rows.length < 2) {
        if (rows.length > 0) yield rows
        return
      }
    }
    const columns = rowColumns(query)
    const keyAt = columns.findIndex((c) => c.name === query.key.name)
    const hasSets = query.fields.some((f) => f.kind === 'set')
    let { after } = query
    let wanted = query.limit ?? Number.POSITIVE_INFINITY
    let size = hasSets
      ? FIRST_BATCH_WITH_SETS
      : Math.min(BATCH, Math.max(query.expected ?? BATCH, LEAST_BATCH))
    while (wanted > 0) {
      const limit = Number.isFinite(wanted) ? Math.ceil(wanted / Math.ceil(wanted / size)) : size
      const statement = selectRows(query, columns, this.#driver.dialect, after, limit)
      const raw = await this.#driver.query(statement, ctx.signal)
      const cells = this.#read(raw, columns)
      const keys = cells.map((row) => row[keyAt] ?? null)
      const related = await fetchRelated(query, keys, this.#driver, this.#read, ctx)
      if (cells.length > 0) yield layOut(query, columns, cells, related)
      if (cells.length < limit) return
      const last = keys.at(-1) ?? null
      if (last === null) {
        throw new VitrineError('internalError', {
          detail: `${query.table.name}.${query.key.name} is NULL in a row`,
        })
      }
      after = last
      wanted -= cells.length
      size = nextSize(cells.length, related)
    }
  }

  async #lookup(query: SourceQuery, lookup: Lookup, ctx: Context): Promise<readonly Row[] | 'tooMany'> {
    const { columns, queue } = this.#queueOf(query, lookup)
    const cells = await queue.find(lookup, ctx)
    if (cells === 'tooMany') return cells
    const keyAt = columns.findIndex((c) => c.name === query.key.name)
    const keys = cells.map((row) => row[keyAt] ?? null)
    const related = await fetchRelated(query, keys, this.#driver, this.#read, ctx)
    return layOut(query, columns, cells, related)
  }

  /** Queries of one kind come with the same list of fields and conditions, the very same objects. */
  #queueOf(query: SourceQuery, { column, rule }: Lookup): Queue {
    const byColumn = this.#queues.get(query.fields) ?? new Map<string, Queue>()
    this.#queues.set(query.fields, byColumn)
    const key = `${query.table.name} ${column.name} ${rule}`
    const known = byColumn.get(key)
    if (known?.where === query.where) return known
    const columns = rowColumns(query)
    if (!columns.some((c) => c.name === column.name)) columns.push(column)
    const { table, where } = query
    const queue = new LookupQueue(this.#driver, { table, where, columns, column, rule }, (raw) =>
      this.#read(raw, columns),
    )
    const made = { columns, where, queue }
    byColumn.set(key, made)
    return made
  }

  explain(query: SourceQuery): readonly Explanation[] {
    const { dialect } = this.#driver
    const main = selectRows(
      query,
      rowColumns(query),
      dialect,
      query.after,
      Math.min(BATCH, query.limit ?? BATCH),
    )
    const sets = query.fields.flatMap((field) => {
      if (field.kind !== 'set') return []
      const { sql } = selectRelated(query, field.relation, field.columns, [null], dialect)
      return [{ text: sql, bindings: [`the ${query.key.name} of each row of a batch`] }]
    })
    return [{ text: main.sql, bindings: main.bindings }, ...sets]
  }

  advise(query: SourceQuery) {
    return advise(query, this.#driver)
  }

  async health(): Promise<Health> {
    try {
      await this.#driver.query({ sql: 'SELECT 1', bindings: [] })
      return { ok: true }
    } catch (error) {
      return { ok: false, detail: error instanceof VitrineError ? error.message : String(error) }
    }
  }

  close() {
    return this.#driver.close()
  }

  readonly #read: ReadCells = (raw, columns) => {
    const readers = columns.map((c) => this.#driver.read(c.kind))
    if (readers.every((r) => r === undefined)) return raw as readonly (readonly Cell[])[]
    return raw.map((row) =>
      row.map((value, i) => readers[i]?.(value) ?? ((readers[i] === undefined ? value : null) as Cell)),
    )
  }
}

/** As many rows as keep the related ones of a batch within bounds, growing not too fast. */
function nextSize(rows: number, related: Related): number {
  return Math.max(
    1,
    Math.min(BATCH, rows * 4, Math.floor((RELATED * rows) / Math.max(1, countRelated(related)))),
  )
}
