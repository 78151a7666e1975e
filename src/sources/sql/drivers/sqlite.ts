/**
 * SQLite: `node:sqlite` where the runtime has it, else libsql; this file alone knows which. Statements run in this
 * process and hold its loop while they do, so batches are kept small by the caller and statements few.
 */
import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sqlite } from '../dialects/sqlite.js'
import type { Driver, DriverOptions, Query, RawRows } from '../driver.js'
import { translateError } from '../errors.js'
import { describe, indexes, readers } from './sqlite-schema.js'
import { Queue, Turns } from './turns.js'

/** What both libraries can be made to do. */
interface Database {
  all(sql: string, bindings: readonly unknown[]): RawRows
  exec(sql: string): void
  close(): void
}

const PREPARED = 256

const fileOf = (url: string) =>
  url.startsWith('file:') ? fileURLToPath(url) : url.replace(/^sqlite:(\/\/)?/, '')

type Access = 'read' | 'write'

/** Opens a file; it is not created. */
function openSqlite(file: string, access: Access): Database {
  const require = createRequire(import.meta.url)
  const builtIn = process.getBuiltinModule?.('node:sqlite') as SqliteModule | undefined
  return builtIn === undefined
    ? openLibsql(require('libsql') as LibsqlConstructor, file, access)
    : openBuiltIn(builtIn, file, access)
}

/** Who writes keeps what it changes to itself until the end, so that others may read until then. */
const settings: Readonly<Record<Access, string>> = {
  read: 'PRAGMA query_only = ON; PRAGMA busy_timeout = 0',
  write: 'PRAGMA foreign_keys = ON; PRAGMA cache_spill = OFF; PRAGMA busy_timeout = 0',
}

/** Makes a new file by running SQL scripts in it. */
export function createSqliteFile(file: string, scripts: readonly string[]): void {
  const builtIn = process.getBuiltinModule?.('node:sqlite') as SqliteModule | undefined
  const require = createRequire(import.meta.url)
  const database =
    builtIn === undefined
      ? new (require('libsql') as LibsqlConstructor)(file, { fileMustExist: false })
      : new builtIn.DatabaseSync(file, { readOnly: false })
  try {
    for (const script of scripts) database.exec(script)
  } finally {
    database.close()
  }
}

interface LibsqlStatement {
  raw(on: boolean): LibsqlStatement
  safeIntegers(on: boolean): LibsqlStatement
  readonly reader: boolean
  all(bindings: readonly unknown[]): readonly (readonly unknown[])[]
  run(bindings: readonly unknown[]): unknown
}
interface LibsqlConstructor {
  new (
    file: string,
    options: { fileMustExist: boolean },
  ): { prepare(sql: string): LibsqlStatement; exec(sql: string): void; close(): void }
}

function openLibsql(Libsql: LibsqlConstructor, file: string, access: Access): Database {
  const database = new Libsql(file, { fileMustExist: true })
  database.exec(settings[access])
  const prepared = statementCache((sql) => {
    const statement = database.prepare(sql)
    const { reader } = statement
    return { statement: reader ? statement.raw(true).safeIntegers(true) : statement, reader }
  })
  /**
   * A statement that found the file locked still counts as running, and while it does, locks of later ones stay, so
   * that nobody else can write. It ends by being run.
   */
  const stuck = new Map<LibsqlStatement, readonly unknown[]>()
  const all = (statement: LibsqlStatement, bindings: readonly unknown[]) => {
    try {
      const rows = statement.all(bindings)
      stuck.delete(statement)
      return rows
    } catch (error) {
      if (translateError(error).code === 'busy') stuck.set(statement, bindings)
      else stuck.delete(statement)
      throw error
    }
  }
  return {
    all: (sql, bindings) => {
      const { statement, reader } = prepared(sql)
      if (!reader) {
        statement.run(bindings)
        return []
      }
      const rows = all(statement, bindings)
      if (stuck.size > 0) for (const [other, its] of stuck) all(other, its)
      return rows
    },
    exec: (sql) => database.exec(sql),
    close: () => database.close(),
  }
}

interface SqliteModule {
  DatabaseSync: new (
    file: string,
    options: { readOnly: boolean },
  ) => { prepare(sql: string): BuiltInStatement; exec(sql: string): void; close(): void }
}
interface BuiltInStatement {
  setReturnArrays?(on: boolean): void
  setReadBigInts(on: boolean): void
  all(...bindings: unknown[]): readonly unknown[]
}

function openBuiltIn({ DatabaseSync }: SqliteModule, file: string, access: Access): Database {
  const database = new DatabaseSync(file, { readOnly: access === 'read' })
  database.exec(settings[access])
  const prepared = statementCache((sql) => {
    const statement = database.prepare(sql)
    statement.setReadBigInts(true)
    statement.setReturnArrays?.(true)
    return statement
  })
  return {
    all: (sql, bindings) =>
      prepared(sql)
        .all(...bindings)
        .map((row) => (Array.isArray(row) ? row : Object.values(row as object))),
    exec: (sql) => database.exec(sql),
    close: () => database.close(),
  }
}

function statementCache<S>(prepare: (sql: string) => S): (sql: string) => S {
  const statements = new Map<string, S>()
  return (sql) => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const statement = prepare(sql)
    const [oldest] = statements.keys()
    if (statements.size >= PREPARED && oldest !== undefined) statements.delete(oldest)
    statements.set(sql, statement)
    return statement
  }
}

/** The time to plan a statement grows with the square of its tests, and holds the loop. */
const MOST_TESTS = 100

/** Tells a file from another of the same name. Throws ENOENT where there is none: libsql would make one. */
function identityOf(file: string): string {
  if (file === ':memory:') return file
  const { dev, ino } = statSync(file)
  return `${dev} ${ino}`
}

/** How long a file may be locked by others before that is told, in milliseconds. */
const PATIENCE = 2000
const LONGEST_PAUSE = 20

/** Waits for others to leave the file, without holding the loop. */
async function patiently<T>(run: () => T, turns: Turns, signal?: AbortSignal): Promise<T> {
  const deadline = performance.now() + PATIENCE
  for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    await turns.mine()
    signal?.throwIfAborted()
    try {
      return run()
    } catch (error) {
      const translated = translateError(error)
      if (translated.code !== 'busy' || performance.now() > deadline) throw translated
    }
    await sleep(pause * (0.5 + Math.random()))
  }
}

/** A connection to the file that now stands there, if need be opened again: it may have been replaced or taken away. */
class Connection {
  readonly #file: string
  readonly #access: Access
  #database: Database | undefined
  #opened: string | undefined
  /** What stands there has been looked at in this turn of the loop. */
  #looked = false

  constructor(file: string, access: Access) {
    this.#file = file
    this.#access = access
  }

  current(): Database {
    if (this.#looked && this.#database !== undefined) return this.#database
    const found = identityOf(this.#file)
    if (found !== this.#opened) this.close()
    this.#database ??= openSqlite(this.#file, this.#access)
    this.#opened = found
    this.#looked = true
    setImmediate(() => {
      this.#looked = false
    })
    return this.#database
  }

  close(): void {
    this.#database?.close()
    this.#database = undefined
    this.#looked = false
  }
}

export function sqliteDriver(options: DriverOptions): Driver {
  const file = fileOf(options.url)
  const reading = new Connection(file, 'read')
  const writing = new Connection(file, 'write')
  const turns = new Turns()
  const queue = new Queue(options.pool.acquireTimeout)
  const query: Driver['query'] = ({ sql, bindings }, signal) =>
    patiently(() => reading.current().all(sql, bindings), turns, signal)
  const transaction: Driver['transaction'] = (work, signal) =>
    queue.run(() => transact(writing, turns, work, signal), signal)
  return {
    dialect: sqlite,
    mostTests: MOST_TESTS,
    query,
    transaction,
    read: (kind) => readers[kind],
    describe: (table) => describe(table, query),
    indexes: (table) => indexes(table, query),
    close: async () => {
      reading.close()
      writing.close()
    },
  }
}

async function transact<T>(
  connection: Connection,
  turns: Turns,
  work: (query: Query) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const database = await patiently(
    () => {
      const current = connection.current()
      current.exec('BEGIN IMMEDIATE')
      return current
    },
    turns,
    signal,
  )
  try {
    const result = await work(({ sql, bindings }) =>
      patiently(() => database.all(sql, bindings), turns, signal),
    )
    await patiently(() => database.exec('COMMIT'), turns, signal)
    return result
  } catch (error) {
    try {
      database.exec('ROLLBACK')
    } catch {
      // Some failures have ended the transaction themselves.
      connection.close()
    }
    // The file was taken away after it had been looked at: the next one looks again, were it in the same turn.
    if (translateError(error).code === 'unavailable') connection.close()
    throw error
  }
}
