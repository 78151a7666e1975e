/** How a store reaches its database: a file that is made if need be, one pool that reads and one that writes. */
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { VitrineError } from '../../model/errors.js'
import type { Cell, Column } from '../../sources/source.js'
import type { Dialect, SqlColumn } from '../../sources/sql/dialect.js'
import { padded } from '../../sources/sql/dialect.js'
import type { Driver, Query, RawRows } from '../../sources/sql/driver.js'
import { createSqliteFile } from '../../sources/sql/drivers/sqlite-file.js'
import { mayDoAgain, refusalOf } from '../../sources/sql/refusals.js'
import { openDriver } from '../../sources/sql/source.js'
import { SqlBuilder, type Statement } from '../../sources/sql/statement.js'
import { mariadb, postgresql, type StoreDialect, sqlite } from './dialect.js'
import { Superseded } from './store.js'

export interface DatabaseOptions {
  /** `sqlite:` with a path, `mysql://`, `mariadb://`, `postgres://`. */
  readonly url: string
  readonly pool: { readonly max: number; readonly acquireTimeout: number }
  /** Milliseconds that a statement of a reader may take. */
  readonly statementTimeout: number
  readonly connectTimeout: number
}

/** What writers do is done in pieces, each of which may take so many milliseconds. */
const WRITING = {
  pool: { max: 3, acquireTimeout: 60_000 },
  statementTimeout: 120_000,
  writesMuch: true,
}

const ATTEMPTS = 8
/** Milliseconds between the first two attempts, doubled each time. */
const PAUSE = 5

export class Database {
  readonly reading: Driver
  readonly writing: Driver
  readonly #file: string | undefined
  #own: StoreDialect | undefined

  /** Throws a TypeError for a database that no store can be kept in. */
  constructor(options: DatabaseOptions) {
    if (options.url.endsWith(':memory:')) throw new TypeError('a store is kept in a file, not in memory')
    this.reading = openDriver(options)
    this.writing = openDriver({ ...options, ...WRITING })
    this.#file = this.dialect.name === 'sqlite' ? options.url.replace(/^sqlite:(\/\/)?/, '') : undefined
  }

  get dialect(): Dialect {
    return this.reading.dialect
  }

  /** Known once the database was asked what it is. */
  get own(): StoreDialect {
    if (this.#own === undefined)
      throw new VitrineError('internalError', { detail: 'the store is not open yet' })
    return this.#own
  }

  async open(): Promise<void> {
    if (this.#file !== undefined) await makeFile(this.#file)
    this.#own ??= await this.#recognized()
  }

  async #recognized(): Promise<StoreDialect> {
    const { name } = this.dialect
    if (name !== 'mariadb') return name === 'sqlite' ? sqlite : postgresql
    const [row] = await this.reading.query({ sql: 'SELECT VERSION()', bindings: [] })
    return mariadb(!/mariadb/i.test(String(row?.[0])))
  }

  /** Begun again where another transaction was in its way, or did not end; refusals of values are told as such. */
  transact<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.#again(() => this.writing.transaction(work))
  }

  /**
   * One statement as a transaction of its own, which the database ends by itself: should this process stand still,
   * others need not wait for it.
   */
  async change(statement: Statement): Promise<void> {
    if (this.#file !== undefined) await this.transact((query) => query(statement))
    else await this.#again(() => this.writing.query(statement))
  }

  async #again<T>(work: () => Promise<T>): Promise<T> {
    for (let count = 1; ; count++) {
      try {
        return await work()
      } catch (error) {
        if (count >= ATTEMPTS || error instanceof Superseded || !(mayDoAgain(error) || isBusy(error)))
          throw refusalOf(error)
      }
      await sleep(PAUSE * 2 ** (count - 1) * Math.random())
    }
  }

  quote(name: string): string {
    return this.dialect.quote(name)
  }

  builder(): SqlBuilder {
    return new SqlBuilder((n) => this.dialect.placeholder(n))
  }

  /** A cell as it is stored in a column. */
  stored(cell: Cell, column: Column): unknown {
    return this.dialect.writing.binding(cell, column as SqlColumn)
  }

  /** ` IN (...)` over the values of a column. */
  among(out: SqlBuilder, column: Column, values: readonly Cell[]): void {
    const bindings = values.map((value) => this.stored(value, column))
    this.dialect.inList(out, this.quote(column.name), padded(bindings), column.kind)
  }

  /** Makes cells of raw rows of these columns. */
  read(raw: RawRows, columns: readonly Column[]): readonly (readonly Cell[])[] {
    const readers = columns.map(({ kind }) => this.reading.read(kind))
    return raw.map((row) => readers.map((read, i) => (read === undefined ? (row[i] as Cell) : read(row[i]))))
  }

  async close(): Promise<void> {
    await Promise.all([this.reading.close(), this.writing.close()])
  }
}

const isBusy = (error: unknown) => error instanceof VitrineError && error.code === 'busy'

/** A write-ahead log lets others read while a transaction is written. The file holds people: it is its owner's alone. */
async function makeFile(file: string): Promise<void> {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    makeOwn(file)
    for (let attempt = 1; ; attempt++) {
      try {
        createSqliteFile(file, ['PRAGMA busy_timeout = 2000', 'PRAGMA journal_mode = WAL'])
        return
      } catch (error) {
        // Somebody else is just doing the same.
        if (attempt === 5 || !/locked|busy/i.test(String(error))) throw error
        await sleep(50 * attempt)
      }
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new VitrineError('unavailable', {
      detail: `the store's file cannot be opened: ${why}`,
      cause: error,
    })
  }
}

/** A file that is there is not opened: closing it again would end all locks that this process has on it. */
function makeOwn(file: string): void {
  try {
    closeSync(openSync(file, 'ax', 0o600))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
