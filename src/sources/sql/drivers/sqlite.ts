/**
 * SQLite: `node:sqlite` where the runtime has it, else libsql; this file alone knows which. Statements run in this
 * process and hold its loop while they do, so batches are kept small by the caller and statements few.
 */
import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Cell, ColumnKind, Table } from '../../source.js'
import { readBinary, readInteger, readIsoTime, readPadded, readText } from '../cells.js'
import type { Index, SqlColumn } from '../dialect.js'
import { sqlite } from '../dialects/sqlite.js'
import type { Driver, DriverOptions } from '../driver.js'
import { translateError } from '../errors.js'
import type { Statement } from '../statement.js'

/** What both libraries can be made to do. */
interface Database {
  all(sql: string, bindings: readonly unknown[]): readonly (readonly unknown[])[]
  close(): void
}

const PREPARED = 256

const fileOf = (url: string) =>
  url.startsWith('file:') ? fileURLToPath(url) : url.replace(/^sqlite:(\/\/)?/, '')

/** Opens a file; it is not created. */
function openSqlite(file: string): Database {
  const require = createRequire(import.meta.url)
  const builtIn = process.getBuiltinModule?.('node:sqlite') as SqliteModule | undefined
  return builtIn === undefined
    ? openLibsql(require('libsql') as LibsqlConstructor, file)
    : openBuiltIn(builtIn, file)
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
  all(bindings: readonly unknown[]): readonly (readonly unknown[])[]
}
interface LibsqlConstructor {
  new (
    file: string,
    options: { fileMustExist: boolean },
  ): { prepare(sql: string): LibsqlStatement; exec(sql: string): void; close(): void }
}

function openLibsql(Libsql: LibsqlConstructor, file: string): Database {
  const database = new Libsql(file, { fileMustExist: true })
  database.exec('PRAGMA query_only = ON; PRAGMA busy_timeout = 2000')
  const prepared = statementCache((sql) => database.prepare(sql).raw(true).safeIntegers(true))
  return { all: (sql, bindings) => prepared(sql).all(bindings), close: () => database.close() }
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

function openBuiltIn({ DatabaseSync }: SqliteModule, file: string): Database {
  const database = new DatabaseSync(file, { readOnly: true })
  database.exec('PRAGMA busy_timeout = 2000')
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

/** How long statements may hold the loop before everything else has its turn, in milliseconds. */
const TURN = 10

/** Statements run at once, so that nothing between them would let the loop go on: a client with many would have it alone. */
class Turns {
  #since = 0
  #next: Promise<void> | undefined

  /** Resolves when the next statement may run. */
  async mine(): Promise<void> {
    while (performance.now() - this.#since > TURN) {
      this.#next ??= new Promise((resolve) =>
        setImmediate(() => {
          this.#since = performance.now()
          this.#next = undefined
          resolve()
        }),
      )
      await this.#next
    }
  }
}

/** Tells a file from another of the same name. Throws ENOENT where there is none: libsql would make one. */
function identityOf(file: string): string {
  if (file === ':memory:') return file
  const { dev, ino } = statSync(file)
  return `${dev} ${ino}`
}

export function sqliteDriver(options: DriverOptions): Driver {
  const file = fileOf(options.url)
  let database: Database | undefined
  let opened: string | undefined
  /** The file that now stands there, if need be opened again: it may have been replaced or taken away. */
  const current = () => {
    const found = identityOf(file)
    if (found !== opened) close()
    database ??= openSqlite(file)
    opened = found
    return database
  }
  const close = () => {
    database?.close()
    database = undefined
  }
  const turns = new Turns()
  const query = async ({ sql, bindings }: Statement, signal?: AbortSignal) => {
    await turns.mine()
    signal?.throwIfAborted()
    try {
      return current().all(sql, bindings)
    } catch (error) {
      throw translateError(error)
    }
  }
  return {
    dialect: sqlite,
    mostTests: MOST_TESTS,
    query,
    read: (kind) => readers[kind],
    describe: (table) => describe(table, query),
    indexes: (table) => indexes(table, query),
    close: async () => close(),
  }
}

/** A column may hold anything whatever its type says, so every cell is read. */
const readers: Partial<Record<ColumnKind, (raw: unknown) => Cell>> = {
  text: (raw) => (raw instanceof Uint8Array || raw instanceof ArrayBuffer ? null : readText(raw)),
  integer: (raw) => (typeof raw === 'bigint' ? readInteger(raw) : null),
  decimal: readText,
  other: readText,
  time: (raw) => (typeof raw === 'string' ? readIsoTime(raw) : null),
  date: (raw) => (typeof raw === 'string' ? readIsoTime(raw) : null),
  binary: (raw) => (typeof raw === 'bigint' || typeof raw === 'number' ? null : readBinary(raw)),
  uuid: readPadded,
}

type Query = Driver['query']

async function describe(table: string, query: Query): Promise<Table | undefined> {
  const rows = await query({ sql: 'SELECT name, type FROM pragma_table_xinfo(?)', bindings: [table] })
  if (rows.length === 0) return undefined
  const columns = rows.map(([name, type]): SqlColumn => {
    const kind = kindOf(String(type))
    return {
      name: String(name),
      type: String(type),
      kind,
      ...(kind === 'integer' ? { range: [-(2n ** 63n), 2n ** 63n - 1n] } : {}),
      ...(kind === 'text'
        ? { text: { fold: 'nocase', unicode: false, codePointOrder: true, pads: false } }
        : {}),
    }
  })
  return { name: table, columns: new Map(columns.map((c) => [c.name, c])) }
}

/**
 * By the declared type; the names of times come before SQLite's own affinity rules. An expression of a view has none,
 * and no affinity that would let it be compared with what a driver binds.
 */
function kindOf(type: string): ColumnKind {
  const declared = type.toUpperCase()
  if (/^DATE$/.test(declared)) return 'date'
  if (/DATETIME|TIMESTAMP/.test(declared)) return 'time'
  if (/INT|BOOL/.test(declared)) return 'integer'
  if (/CHAR|CLOB|TEXT|UUID/.test(declared)) return 'text'
  if (/BLOB|BINARY/.test(declared)) return 'binary'
  return /REAL|FLOA|DOUB|DEC|NUM/.test(declared) ? 'decimal' : 'other'
}

async function indexes(table: string, query: Query): Promise<readonly Index[]> {
  const rows = await query({
    sql: `SELECT l.name, l."unique", i.name, i.coll FROM pragma_index_list(?) l JOIN pragma_index_xinfo(l.name) i
      WHERE i.key = 1 AND l.partial = 0 ORDER BY l.seq, i.seqno`,
    bindings: [table],
  })
  const found = new Map<string, Index & { columns: string[] }>()
  for (const [name, unique, column, collation] of rows) {
    const known = found.get(String(name))
    if (known !== undefined) known.columns.push(String(column))
    else {
      found.set(String(name), {
        name: String(name),
        unique: Number(unique) === 1,
        leading: String(column),
        columns: [String(column)],
        patternOps: String(collation).toUpperCase() === 'NOCASE',
      })
    }
  }
  const key = await query({ sql: 'SELECT name FROM pragma_table_info(?) WHERE pk = 1', bindings: [table] })
  const [first] = key[0] ?? []
  if (typeof first === 'string') {
    found.set('PRIMARY KEY', {
      name: 'PRIMARY KEY',
      unique: true,
      leading: first,
      columns: [first],
      patternOps: false,
    })
  }
  return [...found.values()]
}
