/** MariaDB and MySQL through mysql2. */
import knex from 'knex'
import type { Connection, RowDataPacket } from 'mysql2'
import type { Cell, ColumnKind, Table } from '../../source.js'
import { type CellReader, readBinary, readBoolean, readInteger, readText, readTime } from '../cells.js'
import type { Index, SqlColumn } from '../dialect.js'
import { mariadb } from '../dialects/mariadb.js'
import type { Driver, DriverOptions } from '../driver.js'
import { translateError } from '../errors.js'
import type { Statement } from '../statement.js'
import { Pool, silent } from './pool.js'

/** Statements that a connection keeps prepared. */
const PREPARED = 256

export function mysqlDriver(options: DriverOptions): Driver {
  const connection = connectionOptions(options)
  const pool = new Pool<Connection>(
    knex({
      client: 'mysql2',
      connection,
      log: silent,
      acquireConnectionTimeout: options.pool.acquireTimeout,
      pool: { min: 0, max: options.pool.max, afterCreate: prepareSession(options.statementTimeout) },
    }),
    { cancel: (c) => kill(connection, c.threadId), destroy: (c) => c.destroy() },
    options.statementTimeout + 2000,
  )
  const query = (statement: Statement, signal?: AbortSignal) => pool.run(signal, (c) => execute(c, statement))
  return {
    dialect: mariadb,
    query,
    read: (kind) => readers[kind],
    describe: (table) => describe(table, query),
    indexes: (table) => indexes(table, query),
    close: () => pool.close(),
  }
}

type Query = Driver['query']

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

/** UTC, and the server's own limit on how long a statement may take; MariaDB and MySQL call it differently. */
function prepareSession(timeout: number) {
  return (connection: Connection, done: (error: unknown, connection: Connection) => void) => {
    const setting = "SET SESSION time_zone = '+00:00', SESSION group_concat_max_len = 1048576"
    connection.query(`${setting}, SESSION max_statement_time = ${timeout / 1000}`, (error: unknown) => {
      if (error === null) return done(null, connection)
      connection.query(`${setting}, SESSION max_execution_time = ${timeout}`, (e: unknown) =>
        done(e, connection),
      )
    })
  }
}

function execute(
  connection: Connection,
  { sql, bindings }: Statement,
): Promise<readonly (readonly unknown[])[]> {
  return new Promise((resolve, reject) => {
    const values = bindings as (string | number | Buffer | null)[]
    connection.execute<RowDataPacket[][]>({ sql, values, rowsAsArray: true }, (error, rows) => {
      if (error === null) resolve(rows as readonly (readonly unknown[])[])
      else reject(error)
    })
  })
}

/** The library itself is loaded by knex with the first connection, so that who uses another database never loads it. */
async function kill(options: ReturnType<typeof connectionOptions>, threadId: number): Promise<void> {
  const { default: mysql } = await import('mysql2')
  return new Promise((resolve, reject) => {
    const other = mysql.createConnection(options)
    other.on('error', reject)
    other.query(`KILL QUERY ${Number(threadId)}`, (error) => {
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
    sql: `SELECT column_name, data_type, column_type, collation_name FROM information_schema.columns
      WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ? ORDER BY ordinal_position`,
    bindings: [schema, name],
  })
  if (rows.length === 0) return undefined
  const known = await indexes(table, query)
  const columns = rows.map(([column, data, type, collation]): SqlColumn => {
    const dataType = String(data).toLowerCase()
    const columnType = String(type).toLowerCase()
    const kind = kindOf(dataType, columnType)
    const width = bits[dataType]
    const unsigned = columnType.includes('unsigned')
    return {
      name: String(column),
      type: String(type),
      kind,
      ...(width === undefined
        ? {}
        : { range: unsigned ? [0n, 2n ** width - 1n] : [-(2n ** (width - 1n)), 2n ** (width - 1n) - 1n] }),
      ...(known.some((i) => i.unique && i.columns.length === 1 && i.columns[0] === column) && {
        unique: true,
      }),
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
  return { name: table, columns: new Map(columns.map((c) => [c.name, c])) }
}

/** Collations are PAD SPACE but for those that say otherwise, and MySQL's of Unicode 9. */
const padsSpaces = (collation: string) => !/nopad|_0900_/.test(collation)

function kindOf(dataType: string, columnType: string): ColumnKind {
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

function split(table: string): readonly [string | null, string] {
  const dot = table.indexOf('.')
  return dot < 0 ? [null, table] : [table.slice(0, dot), table.slice(dot + 1)]
}
