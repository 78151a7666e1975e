/**
 * SQLite files through `node:sqlite` where the runtime has it, else libsql; this file alone knows which. Statements hold
 * the thread that they run in.
 */
import { createRequire } from 'node:module'
import type { RawRows } from '../driver.js'
import { translateError } from '../errors.js'

/** What both libraries can be made to do. */
export interface Database {
  all(sql: string, bindings: readonly unknown[]): RawRows
  exec(sql: string): void
  close(): void
}

const PREPARED = 256

export type Access = 'read' | 'write'

/** Opens a file; it is not created. */
export function openSqlite(file: string, access: Access): Database {
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
