/**
 * The current snapshot of a store as a source: one SQL source per snapshot, whose tables are the rows that it sees. A
 * search keeps the one it began with. Which one is current is looked up every second, and told by commits of one's own.
 */
import { VitrineError } from '../../model/errors.js'
import type { Context } from '../../model/request.js'
import type {
  Explanation,
  Finding,
  Health,
  Operand,
  Order,
  Row,
  Source,
  SourceQuery,
  Support,
  Table,
  Test,
} from '../../sources/source.js'
import type { SqlColumn } from '../../sources/sql/dialect.js'
import type { Driver } from '../../sources/sql/driver.js'
import { SqlSource } from '../../sources/sql/source.js'
import type { Database } from './database.js'
import { HASH, ID, physicalName, readDefinitions, SINCE, UNTIL } from './definitions.js'
import { readPointer } from './pointer.js'
import type { SnapshotNumber, StoreTable } from './store.js'

/**
 * How often the pointer is looked at, in milliseconds, and how old a look may be: rows are removed only later than that
 * after the pointer has told that they will be.
 */
const POLL = 1000
const STALE = 4000

const VERSIONING = new Set([SINCE, UNTIL, HASH, ID])

interface Generation {
  readonly number: SnapshotNumber
  readonly source: SqlSource
}

export class SnapshotSource implements Source {
  readonly #db: Database
  readonly #open: () => Promise<void>
  readonly #end: () => Promise<void>
  #current: Generation | undefined
  #oldest: SnapshotNumber = 0
  #looked = 0
  #timer: NodeJS.Timeout | undefined
  #isClosed = false
  /** Of the tables that were described: MariaDB takes its time with what it has to find out by itself. */
  readonly #columns = new Map<string, string>()
  /** Answers what needs no snapshot. */
  readonly #plain: SqlSource
  readonly mostTests?: number

  /**
   * @param open makes sure that the store's tables are there
   * @param end closes the store
   */
  constructor(db: Database, open: () => Promise<void>, end: () => Promise<void>) {
    this.#db = db
    this.#open = open
    this.#end = end
    this.#plain = new SqlSource(db.reading)
    const { mostTests } = db.reading
    if (mostTests !== undefined) this.mostTests = mostTests
  }

  async describe(name: string): Promise<Table | undefined> {
    await this.#open()
    const definition = definitionOf(
      await readDefinitions((statement) => this.#db.reading.query(statement)),
      name,
    )
    if (definition === undefined) return undefined
    const physical = await this.#db.reading.describe(physicalName(name))
    if (physical === undefined) return undefined
    const table = shown(name, physical, definition)
    this.#columns.set(name, [...table.columns.keys()].map((c) => this.#db.quote(c)).join(', '))
    return table
  }

  support(on: Operand, test: Test): Support {
    return this.#plain.support(on, test)
  }

  orders(order: Order): boolean {
    return this.#plain.orders(order)
  }

  async *search(query: SourceQuery, ctx: Context): AsyncIterable<readonly Row[]> {
    ctx.signal.throwIfAborted()
    const { source, number } = this.#current ?? (await this.look())
    for await (const batch of source.search(query, ctx)) {
      if (this.#mayLack(number)) await this.#requireKept(number)
      yield batch
    }
    if (this.#mayLack(number)) await this.#requireKept(number)
  }

  async count(query: SourceQuery, ctx: Context): Promise<number> {
    const { source, number } = this.#current ?? (await this.look())
    const count = await source.count(query, ctx)
    if (this.#mayLack(number)) await this.#requireKept(number)
    return count
  }

  async ordersStrictly(query: SourceQuery, ctx: Context): Promise<boolean> {
    const { source } = this.#current ?? (await this.look())
    return source.ordersStrictly(query, ctx)
  }

  explain(query: SourceQuery): readonly Explanation[] {
    return this.#generation(this.#current?.number ?? 0).source.explain(query)
  }

  advise(query: SourceQuery): Promise<readonly Finding[]> {
    return this.#generation(this.#current?.number ?? 0).source.advise(query)
  }

  async health(): Promise<Health> {
    try {
      await this.#open()
    } catch (error) {
      return { ok: false, detail: error instanceof Error ? error.message : String(error) }
    }
    return this.#plain.health()
  }

  close(): Promise<void> {
    return this.#end()
  }

  /** Nothing is looked up any more. */
  stop(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
  }

  /** Looks which snapshot is current. Throws `unavailable` where nothing was committed yet. */
  async look(): Promise<Generation> {
    await this.#open()
    const began = performance.now()
    const { snapshot, oldest } = await readPointer(
      (statement) => this.#db.reading.query(statement),
      this.#db,
      false,
    )
    this.#oldest = Math.max(this.#oldest, oldest)
    this.#looked = began
    this.#watch()
    if (snapshot > 0) return this.moved(snapshot)
    throw new VitrineError('unavailable', { detail: 'nothing was copied into the store yet' })
  }

  /** A snapshot has become current. It never goes back. */
  moved(number: SnapshotNumber): Generation {
    if (this.#current === undefined || this.#current.number < number) this.#current = this.#generation(number)
    return this.#current
  }

  #watch(): void {
    if (this.#timer !== undefined || this.#isClosed) return
    this.#timer = setInterval(() => {
      // Who asks for rows hears of what is wrong.
      this.look().catch(() => {})
    }, POLL)
    this.#timer.unref()
  }

  #mayLack(number: SnapshotNumber): boolean {
    return this.#oldest > number || performance.now() - this.#looked > STALE
  }

  async #requireKept(number: SnapshotNumber): Promise<void> {
    if (this.#oldest <= number) await this.look()
    if (this.#oldest <= number) return
    const detail = `snapshot ${number} is no longer kept: the search has taken too long`
    throw new VitrineError('timeLimitExceeded', { detail })
  }

  #generation(number: SnapshotNumber): Generation {
    const { reading } = this.#db
    const driver: Driver = {
      ...reading,
      dialect: {
        ...reading.dialect,
        from: (table, hold) => {
          const columns = this.#columns.get(table) ?? '*'
          const name = this.#db.quote(physicalName(table))
          const sees = `${SINCE} <= ${hold(number)} AND ${this.#db.own.until} > ${hold(number)}`
          return `(SELECT ${columns} FROM ${name} WHERE ${sees})`
        },
      },
      indexes: async (table) => {
        const indexes = await reading.indexes(physicalName(table))
        return indexes.map((i) => ({ ...i, columns: i.columns.filter((c) => !VERSIONING.has(c)) }))
      },
    }
    return { number, source: new SqlSource(driver) }
  }
}

interface Definition {
  readonly columns: StoreTable['columns']
  readonly key: string
  readonly isParent: boolean
}

function definitionOf(tables: ReadonlyMap<string, StoreTable>, name: string): Definition | undefined {
  const table = tables.get(name)
  if (table !== undefined) return { columns: table.columns, key: table.key, isParent: true }
  for (const { children } of tables.values()) {
    const child = children.find((c) => c.name === name)
    if (child !== undefined)
      return { columns: [{ name: child.of, kind: 'text' }, ...child.columns], key: child.of, isParent: false }
  }
  return undefined
}

/** A table without what makes versions of its rows; in a snapshot its key is unique. */
function shown(name: string, { columns }: Table, definition: Definition): Table {
  const all = definition.columns.flatMap(({ name: column, index }): SqlColumn[] => {
    const found = columns.get(column) as SqlColumn | undefined
    if (found === undefined) return []
    const isKey = definition.isParent && column === definition.key
    return [{ ...found, ...((isKey || index === 'unique') && { unique: true, distinct: true }) }]
  })
  const shownColumns = new Map(all.map((c) => [c.name, c]))
  const key = definition.isParent ? shownColumns.get(definition.key) : undefined
  return { name, columns: shownColumns, ...(key !== undefined && { key }) }
}
