/** SQLite. Its NOCASE collation and `lower()` know ASCII only, which is just what is needed of them. */
import { VitrineError } from '../../../model/errors.js'
import type { ColumnKind } from '../../source.js'
import {
  afterPrefix,
  compareInstants,
  type Dialect,
  directionOf,
  padded,
  sqlTime,
  writeAmong,
} from '../dialect.js'

const isTime = ({ kind }: { readonly kind: ColumnKind }) => kind === 'time' || kind === 'date'

/** From the one, and below the other. */
type Range = readonly [string, string]
const EMPTY: Range = ['', '']

export const sqlite: Dialect = {
  name: 'sqlite',
  skipsByKey: false,
  mostHeads: 4,
  placeholder: () => '?',
  quote: (identifier) => `"${identifier.replaceAll('"', '""')}"`,
  folded: (sql) => `${sql} COLLATE NOCASE`,
  foldedLiteral: (text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()),
  prefix: (out, folded, prefix) => {
    out.add(`(${folded} >= `).bind(prefix).add(` AND ${folded} < `).bind(afterPrefix(prefix)).add(')')
  },
  // A column may hold anything whatever its type says; what is not of its kind is no value.
  present: (sql, kind) => {
    switch (kind) {
      case 'integer':
        return `typeof(${sql}) = 'integer'`
      case 'binary':
        return `typeof(${sql}) IN ('blob', 'text') AND length(${sql}) > 0`
      case 'time':
      case 'date':
        return `${millis(sql)} IS NOT NULL`
      case 'decimal':
        return `(typeof(${sql}) IN ('integer', 'real') AND ${sql} BETWEEN -${Number.MAX_VALUE} AND ${Number.MAX_VALUE})`
      case 'text':
        return `length(trim(${heldText(sql)})) > 0`
      default:
        return `length(trim(${sql})) > 0`
    }
  },
  compare: (out, sql, kind, operator, value) => {
    if (kind === 'binary' && operator === '=')
      out.add(`${sql} IN (`).bind(value).add(', CAST(').bind(value).add(' AS TEXT))')
    else {
      if (kind === 'integer') out.add(`typeof(${sql}) = 'integer' AND `)
      out.add(`${sql} ${operator} `).bind(value)
    }
  },
  like: (out, expression, pattern) => {
    out.add(`${expression} LIKE `).bind(pattern).add(" ESCAPE '!'")
  },
  // GLOB ends at a NUL.
  notPlain: (sql) => `(${sql} GLOB '*[^ -~]*' OR instr(${sql}, char(0)) > 0)`,
  untidy: (sql) => `(${sqlite.notPlain(sql)} OR ${sql} GLOB ' *' OR ${sql} GLOB '* ' OR ${sql} GLOB '*  *')`,
  shown: (sql, kind) =>
    kind === 'text'
      ? heldText(sql)
      : kind === 'integer'
        ? `iif(typeof(${sql}) = 'integer', CAST(${sql} AS TEXT), NULL)`
        : sqlite.asText(sql),
  wholeNumber: (sql) => `iif(typeof(${sql}) = 'integer', ${sql}, NULL)`,
  prepared: (sql, rule) => {
    const text = heldText(sql)
    switch (rule) {
      case 'exact':
        return text
      case 'caseExact':
        return closedUp(text)
      case 'caseIgnore':
        return `lower(${closedUp(text)})`
      case 'telephone':
        return `replace(replace(${text}, ' ', ''), '-', '')`
      case 'numeric':
        return `replace(${text}, ' ', '')`
    }
  },
  ordering: (sql, column, order) => {
    if (column !== undefined && isTime(column))
      return `${millis(sql)}${directionOf(order)} NULLS ${order.descending ? 'FIRST' : 'LAST'}`
    const isText = column === undefined || column.kind === 'text'
    const collation = isText ? ` COLLATE ${order.caseExact ? 'BINARY' : 'NOCASE'}` : ''
    return `${sql}${collation}${directionOf(order)}`
  },
  // To tell what is a time takes as long as to sort by it.
  ordersBlank: isTime,
  // Bytes come behind all texts.
  blank: (sql, { text }) =>
    text === undefined
      ? undefined
      : `(${sql} IS NULL OR ${sql} COLLATE NOCASE < '!' OR ${sql} COLLATE NOCASE >= x'')`,
  sameBytes: (out, sql, texts) => writeAmong(out, `${sql} COLLATE BINARY`, texts),
  sameText: (out, expression, texts) => writeAmong(out, `${expression} COLLATE BINARY`, texts),
  decides: () => true,
  bindable: () => true,
  literal: (text) => `'${text.replaceAll("'", "''")}'`,
  concat: (parts) => `(${parts.join(' || ')})`,
  asText: (sql) => `CAST(${sql} AS TEXT)`,
  compareTime: (out, _column, sql, op, value) => {
    compareInstants(out, millis(sql), op, value, (at) => at.getTime())
  },
  compareDecimal: (out, _column, sql, operator, value) => {
    out.add(`typeof(${sql}) IN ('integer', 'real') AND ${sql} ${operator} `).bind(value)
  },
  // Beyond it, several whole numbers are read as one.
  decidesDecimal: (_column, value) => Math.abs(value) < Number.MAX_SAFE_INTEGER,
  binding: (value) => {
    if (value instanceof Date) return value.toISOString()
    if (value instanceof Uint8Array) return Buffer.from(value)
    return typeof value === 'boolean' ? Number(value) : value
  },
  inList: (out, sql, values) => {
    out
      .add(`${sql} IN (`)
      .join(values, ', ', (value) => out.bind(value))
      .add(')')
  },
  lookups: (out, { from, sql, column, values, select, where }) => {
    const { text, kind } = column
    select()
    if (text === undefined) {
      out.add(` FROM ${from()} WHERE typeof(${sql}) = 'integer' AND `)
      sqlite.inList(out, sql, padded(values.map((v) => sqlite.binding(v, kind))), kind)
    } else {
      const folded = sqlite.folded(sql, text)
      const wanted = new Set(values.map((v) => sqlite.foldedLiteral(String(v), text)))
      // Spaces behind and before a value mean nothing. The index finds each of these ranges; where several stand in an OR, newer
      // versions read the whole table.
      const ranges: Range[] = [[' ', '!'], ...[...wanted].map((v): Range => [v, `${v}!`])]
      out
        .add(' FROM (VALUES ')
        .join(padded(ranges, EMPTY), ', ', ([least, below]) =>
          out.add('(').bind(least).add(', ').bind(below).add(')'),
        )
        .add(`) v CROSS JOIN ${from()} WHERE ${folded} >= v.column1 AND ${folded} < v.column2`)
    }
    where()
  },
  writing: {
    lock: { toChange: '', toRemove: '' },
    defaults: ' DEFAULT VALUES',
    fromNothing: '',
    returns: () => true,
    // Numbers are bound as floating ones, and times are written as the database's own functions write them.
    binding: (value, { kind }) => {
      // Its functions know no others.
      if (value instanceof Date && !/^\d{4}-/.test(value.toISOString())) throw beyondCalendar()
      if (value instanceof Date)
        return kind === 'date' ? sqlTime(value).slice(0, 10) : sqlTime(value).replace(/\.000$/, '')
      if (kind === 'integer' && Number.isInteger(value)) return BigInt(Number(value))
      return sqlite.binding(value, kind)
    },
    typed: (out, value) => void out.bind(value),
  },
  createIndex: (table, column) =>
    `CREATE INDEX ${sqlite.quote(`${table}_${column.name}`)} ON ${sqlite.quote(table)} (${sqlite.quote(column.name)}${column.text === undefined ? '' : ' COLLATE NOCASE'})`,
  serves: (index, column) =>
    index.columns[0] === column.name && (column.text === undefined || index.patternOps),
}

function beyondCalendar(): VitrineError {
  const message = 'a time is beyond what the source of this data can hold; change it'
  return new VitrineError('constraintViolation', { message, detail: 'SQLite knows the years 0 to 9999' })
}

/**
 * Runs of spaces closed up without regular expressions: each space becomes a pair of marks, inner pairs
 * vanish, what is left becomes a space. A text that holds a mark itself is no plain text and never equals one.
 */
function closedUp(sql: string): string {
  const marked = `replace(trim(${sql}), ' ', char(1) || char(2))`
  return `iif(instr(${sql}, char(1)) + instr(${sql}, char(2)) > 0, NULL, replace(replace(${marked}, char(2) || char(1), ''), char(1) || char(2), ' '))`
}

/** Bytes in a text column equal no text, and are read as none. */
const heldText = (sql: string) => `iif(typeof(${sql}) = 'blob', NULL, ${sql})`

/**
 * Milliseconds since 1970 of an ISO 8601 text, rounded down; NULL for anything else. A fraction is taken off
 * before SQLite reads the rest, for its own are rounded.
 */
function millis(sql: string): string {
  const date = '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'
  const hasFraction = `substr(${sql}, 20, 2) GLOB '.[0-9]'`
  const whole = `substr(${sql}, 1, 19) || ltrim(substr(${sql}, 21), '0123456789')`
  const seconds = `unixepoch(iif(${hasFraction}, ${whole}, ${sql}))`
  const fraction = `iif(${hasFraction}, CAST(round(CAST('0' || substr(${sql}, 20, 4) AS REAL) * 1000) AS INTEGER), 0)`
  const isTime = `(${sql} GLOB '${date}' OR ${sql} GLOB '${date}[ T][0-9]*')`
  return `iif(typeof(${sql}) = 'text' AND ${isTime}, ${seconds} * 1000 + ${fraction}, NULL)`
}
