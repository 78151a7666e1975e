/** MariaDB and MySQL. Text columns mostly carry a collation that ignores case, so that plain columns can be sought. */
import { createHash } from 'node:crypto'
import {
  compareInstants,
  compareTyped,
  type Dialect,
  directionOf,
  padded,
  sqlTime,
  writeAmong,
} from '../dialect.js'
import type { SqlBuilder } from '../statement.js'

const bindBytes = (out: SqlBuilder, text: unknown) => void out.add('CAST(').bind(text).add(' AS BINARY)')

const isDate = (value: unknown): value is Date => value instanceof Date

const isDay = (sql: string) => `(YEAR(${sql}) > 0 AND MONTH(${sql}) > 0 AND DAY(${sql}) > 0)`

const exactly = (sql: string) => `CONVERT(${sql} USING utf8mb4) COLLATE utf8mb4_bin`

const characterSet = (collation: string) => collation.replace(/_.*/, '')

/** Seconds are those that somebody else may take. */
export const HOLD = 'SELECT GET_LOCK(?, 15)'

export const mariadb: Dialect = {
  name: 'mariadb',
  skipsByKey: true,
  mostHeads: 50,
  placeholder: () => '?',
  quote: (identifier) => `\`${identifier.replaceAll('`', '``')}\``,
  folded: (sql, { fold }) => (fold === 'lower' ? `LOWER(${sql})` : sql),
  foldedLiteral: (text) => text.toLowerCase(),
  prefix: (out, folded, prefix) => {
    out
      .add(`${folded} LIKE `)
      .bind(`${prefix.replace(/[%_!]/g, '!$&')}%`)
      .add(" ESCAPE '!'")
  },
  // Dates may be zero, wholly or in part: no day there is.
  present: (sql, kind) => {
    if (kind === 'text') return `LENGTH(TRIM(${sql})) > 0`
    if (kind === 'binary') return `LENGTH(${sql}) > 0`
    return kind === 'time' || kind === 'date' ? isDay(sql) : `${sql} IS NOT NULL`
  },
  compare: compareTyped,
  like: (out, expression, pattern) => {
    out.add(`${expression} LIKE `).bind(pattern).add(" ESCAPE '!'")
  },
  // Where letters of either case are alike, so are K and the sign of kelvin.
  notPlain: (sql) => `${sql} REGEXP '(?-i)[^ -~]'`,
  untidy: (sql) => `${sql} REGEXP '(?-i)[^ -~]|^ | $|  '`,
  // Of two collations of one character set, the binary one is taken; of any other two, none.
  comparable: (sql, { collation }, { collation: other }) =>
    collation === undefined ||
    other === undefined ||
    collation === other ||
    characterSet(collation) !== characterSet(other) ||
    /_bin$/.test(collation) !== /_bin$/.test(other)
      ? sql
      : `${sql} COLLATE ${other}`,
  prepared: (sql, rule) => {
    switch (rule) {
      case 'exact':
        return sql
      case 'caseExact':
        return `REGEXP_REPLACE(TRIM(${sql}), ' +', ' ')`
      case 'caseIgnore':
        // LOWER makes ASCII letters of some others.
        return `LOWER(CONVERT(REGEXP_REPLACE(TRIM(${sql}), ' +', ' ') USING ascii))`
      case 'telephone':
        return `REPLACE(REPLACE(${sql}, ' ', ''), '-', '')`
      case 'numeric':
        return `REPLACE(${sql}, ' ', '')`
    }
  },
  // Enumerations are in the order of their numbers.
  ordering: (sql, column, order) => {
    const isText = column === undefined || column.kind === 'text'
    const text = /^(enum|set)\(/i.test(column?.type ?? '') ? mariadb.asText(sql) : sql
    const ignores = column !== undefined && (text !== sql || column.text?.fold === 'none')
    const sorted =
      isText && order.strict === true
        ? exactly(order.caseExact ? text : `LOWER(${text})`)
        : !isText || ignores !== order.caseExact
          ? text
          : order.caseExact
            ? exactly(text)
            : `LOWER(${text})`
    return `${sorted}${directionOf(order)}`
  },
  ordersBlank: () => false,
  blank: (sql, { kind }) => {
    if (kind === 'text') return `(${sql} IS NULL OR ${sql} < '!')`
    return kind === 'time' || kind === 'date' || kind === 'binary' ? undefined : `${sql} IS NULL`
  },
  sameBytes: (out, sql, texts) =>
    writeAmong(out, `CAST(CONVERT(${sql} USING utf8mb4) AS BINARY)`, texts, bindBytes),
  // What is not ASCII becomes a question mark, and a text that holds one is not decided here.
  sameText: (out, expression, texts) =>
    writeAmong(out, `CAST(CONVERT(${expression} USING ascii) AS BINARY)`, texts, bindBytes),
  decides: (text) => !text.includes('?'),
  bindable: () => true,
  literal: (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`,
  // Columns may differ in character set and collation.
  concat: (parts) => `CONCAT(${parts.map(exactly).join(', ')})`,
  asText: (sql) => `CAST(${sql} AS CHAR)`,
  compareTime: (out, _column, sql, op, value) => {
    compareInstants(out, sql, op, value, sqlTime)
    out.add(` AND ${isDay(sql)}`)
  },
  // A fixed point is then compared as the floating one that it is read as.
  compareDecimal: (out, _column, sql, operator, value) => {
    out.add(`${sql} ${operator} (`).bind(String(value)).add(' + 0e0)')
  },
  decidesDecimal: ({ precision }) => precision !== 'single',
  binding: (value, kind) => {
    if (isDate(value)) return kind === 'date' ? sqlTime(value).slice(0, 10) : sqlTime(value)
    if (value instanceof Uint8Array) return Buffer.from(value)
    return typeof value === 'bigint' ? String(value) : typeof value === 'boolean' ? Number(value) : value
  },
  inList: (out, sql, values) => {
    out
      .add(`${sql} IN (`)
      .join(values, ', ', (value) => out.bind(value))
      .add(')')
  },
  lookups: (out, { from, sql, column, values, select, where }) => {
    select()
    const { text } = column
    const compared = text === undefined ? sql : mariadb.folded(sql, text)
    const wanted = text === undefined ? values : values.map((v) => mariadb.foldedLiteral(String(v), text))
    out.add(` FROM ${from()} WHERE (`)
    mariadb.inList(out, compared, padded(wanted.map((v) => mariadb.binding(v, column.kind))), column.kind)
    if (text !== undefined) {
      const heads = text.pads ? [' '] : [' ', ...wanted.map((v) => `${v} `)]
      for (const head of heads) {
        out.add(' OR ')
        mariadb.prefix(out, compared, head, text)
      }
    }
    out.add(')')
    where()
  },
  writing: {
    lock: { toChange: ' FOR UPDATE', toRemove: ' FOR UPDATE' },
    hold: (name) => ({ sql: HOLD, bindings: [createHash('sha256').update(name).digest('base64')] }),
    defaults: ' () VALUES ()',
    fromNothing: ' FROM DUAL',
    returns: (key) => key.numbered !== true,
    binding: (value, column) => mariadb.binding(value, column.kind),
    typed: (out, value) => void out.bind(value),
  },
  createIndex: (table, column) =>
    column.text === undefined || column.text.fold === 'none'
      ? `CREATE INDEX ${mariadb.quote(`${table}_${column.name}`)} ON ${mariadb.quote(table)} (${mariadb.quote(column.name)})`
      : undefined,
  serves: (index, column) =>
    index.columns[0] === column.name && (column.text === undefined || column.text.fold === 'none'),
}
