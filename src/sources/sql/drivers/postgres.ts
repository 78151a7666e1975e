/** PostgreSQL through pg. */
import { createRequire } from 'node:module'
import type { Client } from 'pg'
import type { Cell, ColumnKind, Table } from '../../source.js'
import { readBinary, readBoolean, readInteger, readTime } from '../cells.js'
import {
  type Index,
  precisionOf,
  quotePath,
  type SqlColumn,
  type TextTraits,
  withSought,
} from '../dialect.js'
import { postgresql } from '../dialects/postgresql.js'
import type { Driver, DriverOptions, Query } from '../driver.js'
import { Connections } from './connections.js'
import { Notifications } from './notifications.js'
import { Pool, serverOf } from './pool.js'
import { askRows } from './postgres-rows.js'

const require = createRequire(import.meta.url)

/** Statements that connections keep prepared; further shapes are parsed each time. */
const PREPARED = 256

/** What pg's client has beyond its types. */
type Connection = Client & {
  readonly processID: number
  readonly connection: { readonly stream: { destroy(): void } }
}

export function postgresDriver(options: DriverOptions): Driver {
  const connection = connectionOptions(options)
  const names = new StatementNames()
  const pool = new Pool<Connection>(
    new Connections<Connection>(
      {
        open: (lost) => open(connection, lost),
        // It says when it has ended.
        isUsable: () => true,
        close: (c) => c.end(),
      },
      options.pool,
    ),
    {
      run: (c, statement) =>
        askRows(c, statement, statement.comment === undefined ? names.of(statement.sql) : ''),
      begin: (c) => c.query('BEGIN ISOLATION LEVEL READ COMMITTED'),
      beginSnapshot: (c) => c.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY'),
      commit: (c) => c.query('COMMIT'),
      rollback: (c) => c.query('ROLLBACK'),
      cancel: (c) => signalBackend(connection, 'pg_cancel_backend', c.processID),
      terminate: (c) => signalBackend(connection, 'pg_terminate_backend', c.processID),
      destroy: (c) => c.connection.stream.destroy(),
    },
    options.statementTimeout + 2000,
    serverOf(options.url),
  )
  const query: Driver['query'] = async (statement, signal) => {
    try {
      return await pool.query(statement, signal)
    } catch (error) {
      if (!isStalePlan(error)) throw error
      names.renew(statement.sql)
      return pool.query(statement, signal)
    }
  }
  /** Of a transaction in which a statement has failed, nothing is left. */
  const renewing =
    (ask: Query): Query =>
    async (statement) => {
      try {
        return await ask(statement)
      } catch (error) {
        if (isStalePlan(error)) names.renew(statement.sql)
        throw error
      }
    }
  const transaction: Driver['transaction'] = (work, signal) =>
    pool.transaction((ask) => work(renewing(ask)), signal)
  const snapshot: NonNullable<Driver['snapshot']> = (work, signal) => {
    const attempt = () => pool.snapshot((ask) => work(renewing(ask)), signal)
    return attempt().catch((error) => {
      if (!isStalePlan(error)) throw error
      return attempt()
    })
  }
  const notifications = new Notifications(connection)
  return {
    dialect: postgresql,
    query,
    transaction,
    snapshot,
    read: (kind) => readers[kind],
    describe: (table) => describe(table, query),
    indexes: (table) => indexes(table, query),
    state: () => pool.state(),
    rights: () => rights(query),
    listen: (channel, ear) => notifications.listen(channel, ear),
    close: () => {
      notifications.close()
      return pool.close()
    },
  }
}

/** The library is loaded with the first connection, so that who uses another database never loads it. */
async function open(
  options: ReturnType<typeof connectionOptions>,
  lost: (connection: Connection) => void,
): Promise<Connection> {
  const { Client } = require('pg') as typeof import('pg')
  const connection = new Client(options) as Connection
  const ended = () => lost(connection)
  connection.on('error', ended).on('end', ended)
  await connection.connect()
  return connection
}

function connectionOptions({ url, connectTimeout, statementTimeout }: DriverOptions) {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  const ssl = searchParams.get('sslmode') ?? searchParams.get('ssl')
  return {
    host: searchParams.get('host') ?? decodeURIComponent(hostname),
    port: port === '' ? 5432 : Number(port),
    user: decodeURIComponent(username),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    database: decodeURIComponent(pathname.slice(1)),
    connectionTimeoutMillis: connectTimeout,
    statement_timeout: statementTimeout,
    application_name: 'vitrine',
    options: '-c TimeZone=UTC -c DateStyle=ISO -c bytea_output=hex -c jit=off',
    keepAlive: true,
    ...(ssl === null || ssl === 'false' || ssl === 'disable'
      ? {}
      : { ssl: { rejectUnauthorized: ssl !== 'no-verify' } }),
  }
}

/** The table was altered since the statement was prepared (0A000), or the statement is gone (26000). */
function isStalePlan(error: unknown): boolean {
  const { code } = ((error as { cause?: unknown }).cause ?? {}) as { code?: unknown }
  return code === '0A000' || code === '26000'
}

/** A shape of statement gets a name, and with it is prepared, the second time it is seen. */
class StatementNames {
  readonly #names = new Map<string, string>()
  readonly #seen = new Set<string>()
  #next = 0

  /** The statement as it is prepared no longer fits its tables, or a pooler has lost it: it is prepared anew. */
  renew(sql: string): void {
    if (this.#names.has(sql)) this.#names.set(sql, `vitrine${this.#next++}`)
  }

  /** `''` where it has none. */
  of(sql: string): string {
    const name = this.#names.get(sql)
    if (name !== undefined) return name
    if (this.#names.size >= PREPARED) return ''
    if (this.#seen.delete(sql)) this.#names.set(sql, `vitrine${this.#next++}`)
    else {
      if (this.#seen.size >= PREPARED) this.#seen.clear()
      this.#seen.add(sql)
    }
    return this.#names.get(sql) ?? ''
  }
}

async function signalBackend(
  options: ReturnType<typeof connectionOptions>,
  signal: 'pg_cancel_backend' | 'pg_terminate_backend',
  processID: number,
): Promise<void> {
  const { default: pg } = await import('pg')
  const other = new pg.Client({ ...options, connectionTimeoutMillis: 1000 })
  // The query is told of a connection that is lost; as an event that nobody hears it would end the process.
  other.on('error', () => {})
  try {
    await other.connect()
    await other.query(`SELECT ${signal}($1)`, [processID])
  } finally {
    await other.end()
  }
}

const readers: Partial<Record<ColumnKind, (raw: unknown) => Cell>> = {
  integer: readInteger,
  boolean: readBoolean,
  time: readTime,
  date: readTime,
  binary: readBinary,
  // Some numbers are none, and some no number can be.
  decimal: (raw) => (raw === null || !Number.isFinite(Number(raw)) ? null : String(raw)),
}

const widths: Readonly<Record<string, bigint>> = { int2: 16n, int4: 32n, int8: 64n, oid: 32n }

async function describe(table: string, query: Query): Promise<Table | undefined> {
  const rows = await query({
    sql: `SELECT a.attname, t.typname, t.typtype, format_type(a.atttypid, a.atttypmod),
        CASE WHEN co.collname = 'default' OR co.collname IS NULL THEN d.datcollate ELSE co.collcollate END,
        CASE WHEN co.collname = 'default' OR co.collname IS NULL THEN d.datctype ELSE co.collctype END
      FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
      JOIN pg_database d ON d.datname = current_database()
      LEFT JOIN pg_collation co ON co.oid = a.attcollation
      WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    bindings: [quotePath(postgresql, table)],
  })
  if (rows.length === 0) return undefined
  const known = await indexes(table, query)
  const columns = rows.map(([attname, typname, typtype, type, collate, ctype]): SqlColumn => {
    const name = String(attname)
    const kind = typtype === 'e' ? 'text' : kindOf(String(typname))
    const width = widths[String(typname)]
    return {
      name,
      type: String(type),
      kind,
      ...(kind === 'decimal' && precisionOf(String(type))),
      ...(width === undefined ? {} : { range: [-(2n ** (width - 1n)), 2n ** (width - 1n) - 1n] }),
      ...(known.some((i) => i.unique && i.columns.length === 1 && i.columns[0] === name) && { unique: true }),
      ...(known.some((i) => i.unique && i.columns.length === 1 && isOf(i, name)) && { distinct: true }),
      ...(typtype === 'e' ? { cast: 'always' as const } : {}),
      ...(kind === 'text' ? { text: traits(name, known, String(collate), String(ctype)) } : {}),
    }
  })
  const sought = columns.map((c) => withSought(c, known, postgresql))
  return { name: table, columns: new Map(sought.map((c) => [c.name, c])) }
}

/** Is the index one of the column, whatever its case? */
function isOf({ leading }: Index, column: string): boolean {
  return (
    leading.replace(/::[a-z ]+|[()"\s]/g, '').replace(/^(?:lower|upper)(?=.)/, '') === column ||
    leading === column
  )
}

/** Case is ignored by the function that the table's indexes already use. */
function traits(column: string, known: readonly Index[], collate: string, ctype: string): TextTraits {
  const by = (fold: string) =>
    known.filter((i) => i.leading.replace(/::[a-z ]+|[()"\s]/g, '') === `${fold}${column}`)
  const fold = by('upper').length > 0 && by('lower').length === 0 ? 'upper' : 'lower'
  return {
    fold,
    unicode: !/^(C|POSIX)$/.test(ctype),
    // Plain comparisons are not served by an index for patterns.
    codePointOrder: /^(C|POSIX|C\.utf-?8)$/i.test(collate) && !by(fold).some((i) => i.patternOps),
    pads: false,
  }
}

export function kindOf(type: string): ColumnKind {
  if (type in widths) return 'integer'
  if (/^(text|varchar|bpchar|name|citext|char)$/.test(type)) return 'text'
  if (/^(numeric|float4|float8)$/.test(type)) return 'decimal'
  if (/^timestamp(tz)?$/.test(type)) return 'time'
  const same: Readonly<Record<string, ColumnKind>> = {
    bool: 'boolean',
    date: 'date',
    bytea: 'binary',
    uuid: 'uuid',
  }
  return same[type] ?? 'other'
}

async function indexes(table: string, query: Query): Promise<readonly Index[]> {
  const rows = await query({
    sql: `SELECT c.relname, i.indisunique, pg_get_indexdef(i.indexrelid, 1, true), o.opcname LIKE '%pattern_ops',
        ARRAY(SELECT COALESCE(a.attname, '') FROM unnest(i.indkey) WITH ORDINALITY AS k(n, ord)
          LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n ORDER BY k.ord)::text
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_opclass o ON o.oid = i.indclass[0]
      WHERE i.indrelid = to_regclass($1) AND i.indpred IS NULL AND i.indisvalid`,
    bindings: [quotePath(postgresql, table)],
  })
  return rows.map(([name, unique, leading, patternOps, columns]) => ({
    name: String(name),
    unique: unique === 't',
    leading: String(leading),
    columns: String(columns)
      .replace(/^\{|\}$/g, '')
      .split(',')
      .map((c) => c.replace(/^"|"$/g, '')),
    patternOps: patternOps === 't',
  }))
}

/** With those of the roles that the account is in. */
async function rights(query: Query): Promise<readonly string[]> {
  const [superuser] = await query({
    sql: 'SELECT 1 FROM pg_roles WHERE rolname = current_user AND rolsuper',
    bindings: [],
  })
  if (superuser !== undefined) return ['everything, as a superuser']
  const rows = await query({
    sql: `SELECT string_agg(may, ', ' ORDER BY may), place
      FROM (SELECT c.oid::regclass::text AS place, may FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
        unnest(ARRAY['DELETE', 'INSERT', 'TRUNCATE', 'UPDATE']) AS may
        WHERE c.relkind IN ('r', 'p', 'v', 'f') AND n.nspname !~ '^(pg_|information_schema$)'
          AND has_schema_privilege(n.oid, 'USAGE')
          AND (has_table_privilege(c.oid, may)
            OR CASE WHEN may IN ('INSERT', 'UPDATE') THEN has_any_column_privilege(c.oid, may) END)) AS found
      GROUP BY place ORDER BY place`,
    bindings: [],
  })
  return rows.map(([may, place]) => `${may} on ${place}`)
}
