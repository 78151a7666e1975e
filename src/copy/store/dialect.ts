/** What differs between databases in the SQL of a store: types, indexes, locks, clocks. All else is said alike. */
import type { ColumnKind } from '../../sources/source.js'
import type { Query } from '../../sources/sql/driver.js'
import type { StoreColumn } from './store.js'

/** A column as the store's own tables know it. */
export interface Described extends StoreColumn {
  readonly key?: true
}

export interface StoreDialect {
  type(column: Described): string
  /** Text of at most so many characters, compared to the byte. */
  short(longest: number): string
  /** Text of any length that is never sought. */
  readonly document: string
  /** The index by which a source seeks the column; `later` where the column was made without one. */
  index(name: string, table: string, column: Described, later: boolean): string
  /** An index of the versions that are no longer open. */
  endIndex(name: string, table: string): string
  /** A column so that the database does not think of its index, which finds what is no longer open. */
  readonly until: string
  /** A column that numbers rows by itself. */
  readonly numbered: string
  /** Behind the columns of a new table. */
  readonly tableOptions: string
  /** Has definitions made one at a time, whoever makes them. */
  lockDefinitions(query: Query, work: () => Promise<void>): Promise<void>
  /** Behind a `SELECT`: keeps its rows to this transaction. */
  readonly lock: string
  /** Milliseconds since 1970, as a number, by the database's clock. */
  readonly now: string
  /** In place of `INSERT INTO`, and behind its values: does nothing where the key is taken. */
  readonly insertUnlessTaken: readonly [string, string]
  /** Behind the values of an `INSERT`: replaces `value` where the key, these columns, is taken. */
  upsert(key: readonly string[], value: string): string
  /** Has the database look at how many rows a table has by now; absent where it does by itself before long. */
  analyze?(table: string): string
  /** Deletes some of the rows that satisfy a condition. */
  deleteSome(table: string, condition: string, limit: number): string
  /** Text in a column with an index may not be longer, in characters. */
  readonly longest: number
  /** Does text come back whole that holds the character 0? */
  readonly holdsNul: boolean
  /** Values that one statement may bind. */
  readonly mostBindings: number
}

/** `until` of a version that is open. */
export const OPEN = Number.MAX_SAFE_INTEGER

const sqliteTypes: Readonly<Record<ColumnKind, string>> = {
  text: 'text',
  integer: 'integer',
  decimal: 'real',
  boolean: 'boolean',
  time: 'datetime',
  date: 'date',
  binary: 'blob',
  uuid: 'text',
  other: 'text',
}

const onConflict = {
  insertUnlessTaken: ['INSERT INTO', ' ON CONFLICT DO NOTHING'],
  upsert: (key: readonly string[], value: string) =>
    ` ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${value} = excluded.${value}`,
} as const

const isFolded = ({ kind, exact, key }: Described) => kind === 'text' && exact !== true && key !== true

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

export const sqlite: StoreDialect = {
  ...onConflict,
  type: ({ kind }) => sqliteTypes[kind],
  short: () => 'text',
  document: 'text',
  index: (name, table, column) =>
    `CREATE INDEX IF NOT EXISTS ${name} ON ${quoted(table)} (${quoted(column.name)}${isFolded(column) ? ' COLLATE NOCASE' : ''})`,
  endIndex: (name, table) =>
    `CREATE INDEX IF NOT EXISTS ${name} ON ${quoted(table)} (v_until) WHERE v_until < ${OPEN}`,
  until: 'v_until',
  numbered: 'integer PRIMARY KEY',
  tableOptions: '',
  lockDefinitions: (_query, work) => work(),
  lock: '',
  now: `CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)`,
  deleteSome: (table, condition, limit) =>
    `DELETE FROM ${quoted(table)} WHERE rowid IN (SELECT rowid FROM ${quoted(table)} WHERE ${condition} LIMIT ${limit})`,
  longest: Number.POSITIVE_INFINITY,
  // Libraries that read it take what they get for the text of a C string.
  holdsNul: false,
  mostBindings: 16_000,
}

const postgresTypes: Readonly<Record<ColumnKind, string>> = {
  text: 'text COLLATE "C"',
  integer: 'bigint',
  decimal: 'double precision',
  boolean: 'boolean',
  time: 'timestamptz',
  date: 'date',
  binary: 'bytea',
  uuid: 'uuid',
  other: 'text COLLATE "C"',
}

/** What PostgreSQL's advisory lock is known by, and MariaDB's. */
const LOCK = 7_215_433

export const postgresql: StoreDialect = {
  ...onConflict,
  type: ({ kind }) => postgresTypes[kind],
  short: () => 'text COLLATE "C"',
  document: 'text',
  index: (name, table, column) =>
    `CREATE INDEX IF NOT EXISTS ${name} ON ${quoted(table)} (${isFolded(column) ? `lower(${quoted(column.name)})` : quoted(column.name)})`,
  endIndex: (name, table) =>
    `CREATE INDEX IF NOT EXISTS ${name} ON ${quoted(table)} (v_until) WHERE v_until < ${OPEN}`,
  until: 'v_until',
  numbered: 'bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
  tableOptions: '',
  lockDefinitions: async (query, work) => {
    await query({ sql: `SELECT pg_advisory_xact_lock(${LOCK})`, bindings: [] })
    await work()
  },
  lock: ' FOR UPDATE',
  // Statements are planned for what it last knew of a table, and stay so.
  analyze: (table) => `ANALYZE ${quoted(table)}`,
  now: '(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint',
  deleteSome: (table, condition, limit) =>
    `DELETE FROM ${quoted(table)} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${quoted(table)} WHERE ${condition} LIMIT ${limit}))`,
  // An index holds at most 2704 bytes.
  longest: 670,
  holdsNul: false,
  mostBindings: 32_000,
}

const mariadbTypes: Readonly<Record<ColumnKind, string>> = {
  text: 'mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci',
  integer: 'bigint',
  decimal: 'double',
  boolean: 'tinyint(1)',
  time: 'datetime(3)',
  date: 'date',
  binary: 'longblob',
  uuid: 'uuid',
  other: 'mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci',
}

const LONGEST = 670

const backquoted = (name: string) => `\`${name.replaceAll('`', '``')}\``

/** MariaDB, and MySQL, which calls some things differently and has no type for UUIDs. */
export function mariadb(isMysql: boolean): StoreDialect {
  // Spaces at the end make keys different.
  const binary = isMysql ? 'utf8mb4_0900_bin' : 'utf8mb4_nopad_bin'
  return {
    type: ({ kind, exact, key, index }) => {
      if (kind === 'uuid' && isMysql) return 'char(36) CHARACTER SET ascii COLLATE ascii_general_ci'
      if (kind !== 'text') return mariadbTypes[kind]
      const type = key === true || index !== undefined ? `varchar(${LONGEST})` : 'mediumtext'
      const collation = key === true || exact === true ? binary : 'utf8mb4_general_ci'
      return `${type} CHARACTER SET utf8mb4 COLLATE ${collation}`
    },
    short: (longest) => `varchar(${longest}) CHARACTER SET utf8mb4 COLLATE ${binary} NOT NULL`,
    document: 'longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
    index: (name, table, { name: column, kind }, later) => {
      const isLong = kind === 'binary' || kind === 'other' || (later && kind === 'text')
      return `CREATE INDEX ${name} ON ${backquoted(table)} (${backquoted(column)}${isLong ? '(190)' : ''})`
    },
    endIndex: (name, table) => `CREATE INDEX ${name} ON ${backquoted(table)} (v_until)`,
    until: 'v_until + 0',
    numbered: 'bigint NOT NULL AUTO_INCREMENT PRIMARY KEY',
    tableOptions: ' ENGINE=InnoDB ROW_FORMAT=DYNAMIC',
    lockDefinitions: async (query, work) => {
      await query({ sql: `SELECT GET_LOCK('vitrine_${LOCK}', 20)`, bindings: [] })
      try {
        await work()
      } finally {
        await query({ sql: `SELECT RELEASE_LOCK('vitrine_${LOCK}')`, bindings: [] })
      }
    },
    lock: ' FOR UPDATE',
    now: 'CAST(ROUND(UNIX_TIMESTAMP(NOW(3)) * 1000) AS SIGNED)',
    insertUnlessTaken: ['INSERT IGNORE INTO', ''],
    upsert: (_key, value) => ` ON DUPLICATE KEY UPDATE ${value} = VALUES(${value})`,
    deleteSome: (table, condition, limit) =>
      `DELETE FROM ${backquoted(table)} WHERE ${condition} LIMIT ${limit}`,
    longest: LONGEST,
    holdsNul: true,
    mostBindings: 32_000,
  }
}
