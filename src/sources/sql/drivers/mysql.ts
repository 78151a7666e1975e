/** MariaDB and MySQL through mysql2. */
import { createRequire } from 'node:module'
import type { Connection as Client, ResultSetHeader, RowDataPacket } from 'mysql2'
import type { Cell, ColumnKind, Table } from '../../source.js'
import { type CellReader, readBinary, readBoolean, readInteger, readText, readTime } from '../cells.js'
import { type Index, precisionOf, type SqlColumn, withSought } from '../dialect.js'
import { HOLD, mariadb } from '../dialects/mariadb.js'
import type { Driver, DriverOptions, Query, RawRows } from '../driver.js'
import { translateError } from '../errors.js'
import type { Statement } from '../statement.js'
import { Connections } from './connections.js'
import { Pool, serverOf } from './pool.js'

const require = createRequire(import.meta.url)

/** What mysql2's connection has beyond its types: why it is of no more use. */
type Connection = Client & {
  readonly _fatalError: unknown
  readonly _protocolError: unknown
  readonly _closing: boolean
  readonly stream: { readonly destroyed: boolean }
}

/** Statements that a connection keeps prepared. */
const PREPARED = 256

export function mysqlDriver(options: DriverOptions): Driver {
  const connection = connectionOptions(options)
  const pool = new Pool<Connection>(
    new Connections<Connection>(
      {
        open: (lost) => open(connection, options.statementTimeout, lost),
        isUsable: ({ _fatalError, _protocolError, _closing, stream }) =>
          !_fatalError && !_protocolError && !_closing && !stream.destroyed,
        close: (c) => new Promise<void>((resolve, reject) => c.end((e) => (e ? reject(e) : resolve()))),
      },
      options.pool,
    ),
    {
      run: execute,
      begin,
      beginSnapshot,
      commit: (c) => end(c, 'COMMIT'),
      rollback: (c) => end(c, 'ROLLBACK'),
      cancel: (c) => kill(connection, 'QUERY', c.threadId),
      terminate: (c) => kill(connection, 'CONNECTION', c.threadId),
      destroy: (c) => c.destroy(),
    },
    options.statementTimeout + 2000,
    serverOf(options.url),
  )
  const query: Driver['query'] = (statement, signal) => pool.query(statement, signal)
  return {
    dialect: mariadb,
    query,
    transaction: (work, signal) => pool.transaction(work, signal),
    snapshot: (work, signal) => pool.snapshot(work, signal),
    read: (kind) => readers[kind],
    describe: (table) => describe(table, query),
    indexes: (table) => indexes(table, query),
    state: () => pool.state(),
    rights: () => rights(query),
    close: () => pool.close(),
  }
}

function connectionOptions({ url, connectTimeout }: DriverOptions) {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  const socketPath = searchParams.get('socket')
  const ssl = searchParams.get('ssl')
  return {
    ...(socketPath === null ? { host: hostname, port: port === '' ? 3306 : Number(port) } : { socketPath }),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    charset: 'utf8mb4_general_ci',
    timezone: 'Z',
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    jsonStrings: true,
    connectTimeout,
    maxPreparedStatements: PREPARED,
    ...(ssl === null || ssl === 'false' ? {} : { ssl: {} }),
  }
}

/** Ready for statements; the library is loaded with the first, so that who uses another database never loads it. */
async function open(
  options: ReturnType<typeof connectionOptions>,
  timeout: number,
  lost: (connection: Connection) => void,
): Promise<Connection> {
  const { createConnection } = require('mysql2') as typeof import('mysql2')
  const connection = createConnection(options) as Connection
  connection.on('error', () => lost(connection))
  try {
    await new Promise<void>((resolve, reject) =>
      connection.connect((error) => (error === null ? resolve() : reject(error))),
    )
    await prepareSession(connection, timeout)
    return connection
  } catch (error) {
    connection.destroy()
    throw error
  }
}

/** UTC, and the server's own limit on how long a statement may take; MariaDB and MySQL call it differently. */
async function prepareSession(connection: Connection, timeout: number): Promise<void> {
  const setting = "SET SESSION time_zone = '+00:00', SESSION group_concat_max_len = 1048576"
  try {
    await command(connection, `${setting}, SESSION max_statement_time = ${timeout / 1000}`)
  } catch {
    await command(connection, `${setting}, SESSION max_execution_time = ${timeout}`)
  }
}

const forWriting = new WeakSet<Connection>()

/**
 * Each statement sees what is committed, and rows that it only reads are not kept from others. A value that does not
 * fit is refused whatever the server is set to.
 */
async function begin(connection: Connection): Promise<void> {
  if (!forWriting.has(connection)) {
    await command(connection, 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
    const modes = "NULLIF(@@SESSION.sql_mode, ''), 'STRICT_ALL_TABLES', 'NO_AUTO_VALUE_ON_ZERO'"
    await command(connection, `SET SESSION sql_mode = CONCAT_WS(',', ${modes})`)
    forWriting.add(connection)
  }
  await command(connection, 'START TRANSACTION')
}

/** The level is that of the next transaction alone, whatever the session's is. */
async function beginSnapshot(connection: Connection): Promise<void> {
  await command(connection, 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
  await command(connection, 'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY')
}

const holding = new WeakSet<Connection>()

/** Locks that have a name are the session's, and outlive the transaction. */
async function end(connection: Connection, sql: 'COMMIT' | 'ROLLBACK'): Promise<void> {
  await command(connection, sql)
  if (!holding.delete(connection)) return
  // With a connection that is no longer there, its locks are gone as well.
  await command(connection, 'DO RELEASE_ALL_LOCKS()').catch(() => connection.destroy())
}

function command(connection: Connection, sql: string): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.query(sql, (error: unknown) => (error === null ? resolve() : reject(error)))
  })
}

function execute(connection: Connection, { sql: text, bindings, comment }: Statement): Promise<RawRows> {
  if (text === HOLD) holding.add(connection)
  const sql = comment === undefined ? text : `${text} ${comment}`
  return new Promise((resolve, reject) => {
    const values = bindings as (string | number | Buffer | null)[]
    connection.execute<RowDataPacket[][] | ResultSetHeader>(
      { sql, values, rowsAsArray: true },
      (error, rows) => {
        if (comment !== undefined) forget(connection, sql)
        if (error !== null) reject(error)
        else resolve(Array.isArray(rows) ? rows : [[rows.insertId]])
      },
    )
  })
}

/** The library knows statements by their options too, of which its types say nothing. */
function forget(connection: Connection, sql: string): void {
  connection.unprepare({ sql, rowsAsArray: true } as unknown as string)
}

/** Over a connection of its own. */
function kill(
  options: ReturnType<typeof connectionOptions>,
  what: 'QUERY' | 'CONNECTION',
  threadId: number,
): Promise<void> {
  const { createConnection } = require('mysql2') as typeof import('mysql2')
  return new Promise((resolve, reject) => {
    const other = createConnection(options)
    other.on('error', reject)
    other.query(`KILL ${what} ${Number(threadId)}`, (error) => {
      other.destroy()
      if (error === null) resolve()
      else reject(translateError(error))
    })
  })
}

const readBit: CellReader = readBoolean

const readers: Partial<Record<ColumnKind, (raw: unknown) => Cell>> = {
  integer: readInteger,
  boolean: readBit,
  decimal: readText,
  other: readText,
  time: readTime,
  date: readTime,
  binary: readBinary,
}

const bits: Readonly<Record<string, bigint>> = {
  tinyint: 8n,
  smallint: 16n,
  mediumint: 24n,
  int: 32n,
  bigint: 64n,
  year: 16n,
}

async function describe(table: string, query: Query): Promise<Table | undefined> {
  const [schema, name] = split(table)
  const rows = await query({
    sql: `SELECT column_name, data_type, column_type, collation_name, extra FROM information_schema.columns
      WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ? ORDER BY ordinal_position`,
    bindings: [schema, name],
  })
  if (rows.length === 0) return undefined
  const known = await indexes(table, query)
  const columns = rows.map(([column, data, type, collation, extra]): SqlColumn => {
    const dataType = String(data).toLowerCase()
    const columnType = String(type).toLowerCase()
    const kind = kindOf(dataType, columnType)
    const width = bits[dataType]
    const unsigned = columnType.includes('unsigned')
    return {
      name: String(column),
      type: String(type),
      kind,
      ...(kind === 'decimal' && precisionOf(columnType)),
      ...(width === undefined
        ? {}
        : { range: unsigned ? [0n, 2n ** width - 1n] : [-(2n ** (width - 1n)), 2n ** (width - 1n) - 1n] }),
      ...(known.some((i) => i.unique && i.columns.length === 1 && i.columns[0] === column) && {
        unique: true,
        distinct: true,
      }),
      ...(/auto_increment/i.test(String(extra)) && { numbered: true }),
      ...(kind === 'text' && !/^utf8/.test(String(collation)) ? { cast: 'beyondAscii' as const } : {}),
      ...(kind === 'text'
        ? {
            collation: String(collation),
            text: {
              fold: /_ci$/.test(String(collation)) ? 'none' : 'lower',
              unicode: true,
              codePointOrder: false,
              pads: padsSpaces(String(collation)),
            },
          }
        : {}),
    }
  })
  const sought = columns.map((c) => withSought(c, known, mariadb))
  return { name: table, columns: new Map(sought.map((c) => [c.name, c])) }
}

/** Collations are PAD SPACE but for those that say otherwise, and MySQL's of Unicode 9. */
const padsSpaces = (collation: string) => !/nopad|_0900_/.test(collation)

export function kindOf(dataType: string, columnType: string): ColumnKind {
  if (dataType in bits) return 'integer'
  if (dataType === 'bit') return columnType === 'bit(1)' ? 'boolean' : 'other'
  if (/^(decimal|float|double)$/.test(dataType)) return 'decimal'
  if (dataType === 'date') return 'date'
  if (/^(datetime|timestamp)$/.test(dataType)) return 'time'
  if (/^(var)?char$|text$|^(enum|set)$/.test(dataType)) return 'text'
  if (/^(var)?binary$|blob$/.test(dataType)) return 'binary'
  return dataType === 'uuid' ? 'uuid' : 'other'
}

async function indexes(table: string, query: Query): Promise<readonly Index[]> {
  const [schema, name] = split(table)
  const rows = await query({
    sql: `SELECT index_name, non_unique, column_name FROM information_schema.statistics
      WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ? ORDER BY index_name, seq_in_index`,
    bindings: [schema, name],
  })
  const found = new Map<string, { unique: boolean; columns: string[] }>()
  for (const [index, nonUnique, column] of rows) {
    const entry = found.get(String(index)) ?? { unique: Number(nonUnique) === 0, columns: [] }
    entry.columns.push(String(column))
    found.set(String(index), entry)
  }
  return [...found].map(([index, { unique, columns }]) => ({
    name: index,
    unique,
    leading: columns[0] ?? '',
    columns,
    patternOps: true,
  }))
}

const HARMLESS = "('USAGE', 'SELECT', 'SHOW VIEW', 'SHOW DATABASES')"
const ACCOUNT = ['1', '-1']
  .map((part) => `QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', ${part}))`)
  .join(", '@', ")

/** Those that the account has itself; what its roles may do is not among them. */
async function rights(query: Query): Promise<readonly string[]> {
  const levels = [
    ['user_privileges', "'*.*'"],
    ['schema_privileges', "CONCAT(table_schema, '.*')"],
    ['table_privileges', "CONCAT(table_schema, '.', table_name)"],
    ['column_privileges', "CONCAT(table_schema, '.', table_name)"],
  ]
  const selects = levels.map(
    ([view, place]) => `SELECT privilege_type AS may, ${place} AS place FROM information_schema.${view}
      WHERE grantee = CONCAT(${ACCOUNT}) AND privilege_type NOT IN ${HARMLESS}`,
  )
  const sql = `SELECT place, GROUP_CONCAT(DISTINCT may ORDER BY may SEPARATOR ', ')
    FROM (${selects.join(' UNION ALL ')}) AS found GROUP BY place ORDER BY place`
  return (await query({ sql, bindings: [] })).map(([place, may]) => `${may} on ${place}`)
}

function split(table: string): readonly [string | null, string] {
  const dot = table.indexOf('.')
  return dot < 0 ? [null, table] : [table.slice(0, dot), table.slice(dot + 1)]
}
