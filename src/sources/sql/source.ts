/** The SQL source: which database answers, and how what is asked of a source reaches it. */
import { VitrineError } from '../../model/errors.js'
import type { Context } from '../../model/request.js'
import type { Tracing } from '../../model/trace.js'
import { AtOnce } from '../at-once.js'
import type { LookupQueue } from '../lookup-queue.js'
import type {
  Cell,
  Column,
  ColumnKind,
  Explanation,
  Field,
  Health,
  Operand,
  Order,
  Row,
  Source,
  SourceQuery,
  SourceWrite,
  Support,
  Test,
  TextRule,
} from '../source.js'
import { advise } from './advise.js'
import { BATCH, Batches, type Load, Pace } from './batches.js'
import type { SqlColumn } from './dialect.js'
import type { Driver, DriverOptions } from './driver.js'
import { mysqlDriver } from './drivers/mysql.js'
import { postgresDriver } from './drivers/postgres.js'
import { sqliteDriver } from './drivers/sqlite.js'
import { lookupOf, type SqlLookup, sqlLookups } from './lookup.js'
import { type Ask, fetchRelated, layOut, NONE_RELATED, type ReadCells } from './related.js'
import { type Part, partsOf, rowColumns, selectRelated, selectRows, selectUntidy } from './select.js'
import { textSupport } from './text-test.js'
import { RelatedTogether } from './together.js'
import { tracedDriver } from './traced.js'
import { Walks } from './walks.js'
import { SqlWrite } from './write.js'

const drivers: Readonly<Record<string, (options: DriverOptions) => Driver>> = {
  'mysql:': mysqlDriver,
  'mariadb:': mysqlDriver,
  'postgres:': postgresDriver,
  'postgresql:': postgresDriver,
  'sqlite:': sqliteDriver,
}

export interface SqlOptions extends DriverOptions {
  /** As in `TracedDriverOptions`. */
  readonly traceComments?: boolean
}

/** @param tracing hears of each statement, where anybody wants to */
export function createSqlSource(options: SqlOptions, tracing?: Tracing): Source {
  const driver = openDriver(options)
  if (tracing === undefined) return new SqlSource(driver)
  const { url, traceComments = false } = options
  return new SqlSource(tracedDriver(driver, tracing, { url, traceComments }))
}

/** A driver for the database that the URL names; it connects when first asked. */
export function openDriver(options: DriverOptions): Driver {
  const scheme = options.url.slice(0, options.url.indexOf(':') + 1)
  const driver = drivers[scheme]?.(options)
  if (driver === undefined) throw new TypeError(`no database is reached by ${scheme}`)
  return driver
}

interface Queue {
  /** The names of the table and of the column. */
  readonly table: string
  readonly column: string
  readonly rule: TextRule | undefined
  readonly where: SourceQuery['where']
  readonly columns: readonly Column[]
  readonly queue: LookupQueue<readonly Cell[]>
  /** Absent where no row has any. */
  readonly related: RelatedTogether | undefined
}

/** What every database puts in order as values are. */
const STRICT: ReadonlySet<ColumnKind> = new Set(['integer', 'time', 'date'])

/** A source over a driver, which it closes. */
export class SqlSource implements Source {
  readonly #driver: Driver
  /** Of queries of one kind, which come with the very same list of fields. */
  readonly #paces = new WeakMap<readonly Field[], Pace>()
  readonly #queues = new WeakMap<readonly Field[], Queue[]>()
  readonly #load: Load = { searches: 0 }
  readonly #walks: Walks

  readonly mostTests?: number
  readonly write: SourceWrite
  readonly listen?: NonNullable<Source['listen']>

  constructor(driver: Driver) {
    this.#driver = driver
    this.#walks = new Walks(driver, this.#read)
    this.write = new SqlWrite(driver, this.#read)
    if (driver.listen !== undefined) this.listen = driver.listen
    if (driver.mostTests !== undefined) this.mostTests = driver.mostTests
  }

  describe(table: string) {
    return this.#driver.describe(table)
  }

  support(on: Operand, test: Test): Support {
    if (test.test === 'text' || test.test === 'substring') return textSupport(on, test, this.#driver.dialect)
    if (test.test === 'texts') {
      const { rule, values } = test
      const each = values.map((value) => this.support(on, { test: 'text', rule, value }))
      return rule !== 'dn' && each.every((support) => support === 'exact') ? 'exact' : 'none'
    }
    if ('concat' in on) return 'none'
    if (test.test === 'bits') return on.kind === 'integer' && isMask(test.mask) ? 'exact' : 'none'
    if (on.kind === 'decimal' && test.test === 'compare' && typeof test.value === 'number')
      return this.#driver.dialect.decidesDecimal(on as SqlColumn, test.value) ? 'exact' : 'superset'
    if (on.kind === 'decimal' || on.kind === 'other') return test.test === 'present' ? 'exact' : 'none'
    return 'exact'
  }

  search(query: SourceQuery, ctx: Context): AsyncIterable<readonly Row[]> {
    const lookup = lookupOf(query, this.#driver.dialect)
    if (lookup === undefined) return this.#batches(query, ctx)
    return new AtOnce(
      () => this.#lookup(query, lookup, ctx),
      () => this.#batches(query, ctx),
    )
  }

  #batches(query: SourceQuery, ctx: Context): AsyncIterable<readonly Row[]> {
    const batches = new Batches(query, {
      dialect: this.#driver.dialect,
      ask: this.#asking(ctx),
      page: (place) => this.#walks.page(query, place, ctx),
      pace: this.#paceOf(query),
      load: this.#load,
    })
    return query.order === undefined ? batches.byKey() : batches.inOrder(query.order)
  }

  state() {
    return this.#driver.state?.()
  }

  count(query: SourceQuery, ctx: Context): Promise<number> {
    return this.#walks.count(query, ctx)
  }

  orders({ on }: Order): boolean {
    return 'concat' in on || on.kind !== 'other'
  }

  async ordersStrictly(query: SourceQuery, { signal }: Context): Promise<boolean> {
    const { order, key } = query
    if (order === undefined || 'concat' in order.on || key.kind !== 'integer') return false
    if (STRICT.has(order.on.kind)) return true
    if (order.on.kind !== 'text') return false
    const { dialect } = this.#driver
    return (await this.#driver.query(selectUntidy(query, order.on, dialect), signal)).length === 0
  }

  /** Undefined where there are several rows, which have to be in key order, and the database knows that. */
  async #lookup(query: SourceQuery, lookup: SqlLookup, ctx: Context): Promise<readonly Row[] | undefined> {
    const { columns, queue, related } = this.#queueOf(query, lookup)
    const cells = await queue.find(lookup, ctx)
    if (cells === 'tooMany' || cells.length > 1) return undefined
    if (related === undefined) return layOut(query, columns, cells, NONE_RELATED)
    const keyAt = columns.findIndex((c) => c.name === query.key.name)
    const keys = cells.map((row) => row[keyAt] ?? null)
    return layOut(query, columns, cells, await related.of(keys, ctx))
  }

  /** Queries of one kind come with the same list of fields and conditions, the very same objects. */
  #queueOf(query: SourceQuery, { column, rule }: SqlLookup): Queue {
    const { table, where, fields } = query
    const queues = this.#queues.get(fields) ?? []
    const { name } = column
    const isAlike = (one: Queue) => one.column === name && one.rule === rule && one.table === table.name
    const known = queues.find(isAlike)
    if (known?.where === where) return known
    const columns = rowColumns(query)
    if (!columns.some((c) => c.name === name)) columns.push(column)
    const queue = sqlLookups(this.#driver, { table, where, columns, column, rule }, (raw) =>
      this.#read(raw, columns),
    )
    const related = fields.some((f) => f.kind === 'set') ? this.#relatedTo(query) : undefined
    const made = { table: table.name, column: name, rule, where, columns, queue, related }
    this.#queues.set(fields, [...queues.filter((one) => !isAlike(one)), made])
    return made
  }

  #relatedTo({ table, key, fields }: SourceQuery): RelatedTogether {
    const { dialect } = this.#driver
    return new RelatedTogether((keys, signal) =>
      fetchRelated({ table, key, fields }, keys, dialect, this.#asking({ signal })),
    )
  }

  explain(query: SourceQuery): readonly Explanation[] {
    const { dialect } = this.#driver
    const { after, skip, order, limit = BATCH } = query
    const rows = (part?: Part) =>
      selectRows(query, rowColumns(query), dialect, {
        limit: Math.min(BATCH, limit),
        ...(after !== undefined && { after }),
        ...(skip !== undefined && { skip }),
        ...(part !== undefined && { part }),
      })
    const main = order === undefined ? [rows()] : partsOf(order, dialect).map(rows)
    const sets = query.fields.flatMap((field) => {
      if (field.kind !== 'set') return []
      const { sql } = selectRelated(query, field.relation, field.columns, [null], dialect)
      return [{ text: sql, bindings: [`the ${query.key.name} of each row of a batch`] }]
    })
    return [...main.map(({ sql, bindings }) => ({ text: sql, bindings })), ...sets]
  }

  advise(query: SourceQuery) {
    return advise(query, this.#driver)
  }

  async rights(): Promise<readonly string[]> {
    return (await this.#driver.rights?.()) ?? []
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

  #paceOf({ fields }: SourceQuery): Pace {
    const pace = this.#paces.get(fields) ?? new Pace()
    this.#paces.set(fields, pace)
    return pace
  }

  /** @param ctx its signal may be made only if somebody looks at it */
  #asking(ctx: { readonly signal: AbortSignal | undefined }): Ask {
    return async (statement, columns) => this.#read(await this.#driver.query(statement, ctx.signal), columns)
  }

  readonly #read: ReadCells = (raw, columns) => {
    const readers = columns.flatMap(({ kind }, at) => {
      const read = this.#driver.read(kind)
      return read === undefined ? [] : [{ at, read }]
    })
    // The rows are nobody's but ours.
    const rows = raw as Cell[][]
    if (readers.length > 0) {
      for (const row of rows) for (const { at, read } of readers) row[at] = read(row[at])
    }
    return rows
  }
}

/** Databases calculate with 64 bits, and differ in what the highest one means. */
const isMask = (mask: bigint) => mask >= 0n && mask < 2n ** 63n
