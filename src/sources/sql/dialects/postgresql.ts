/** PostgreSQL. Text compares by bytes, so case is ignored through `lower()` or `upper()`, whichever is indexed. */

import { createHash } from 'node:crypto'
import type { ColumnKind } from '../../source.js'
import {
  afterPrefix,
  compareInstants,
  compareTyped,
  type DecidedRule,
  type Dialect,
  directionOf,
  sqlTime,
  type TextTraits,
} from '../dialect.js'
import type { SqlBuilder } from '../statement.js'

const foldText = (text: string, { fold, unicode }: TextTraits) => {
  const letters = unicode ? /\p{L}+/gu : /[A-Za-z]+/g
  return text.replace(letters, (word) => (fold === 'upper' ? word.toUpperCase() : word.toLowerCase()))
}

/** The type of an array of a column's values. */
const arrayTypes: Partial<Record<ColumnKind, string>> = {
  integer: 'bigint[]',
  uuid: 'uuid[]',
  text: 'text[]',
}

const DAY = 86_400_000

/** The first day that begins at this instant or behind it. */
const dayFrom = (at: Date) => sqlTime(new Date(Math.ceil(at.getTime() / DAY) * DAY)).slice(0, 10)

export const postgresql: Dialect = {
  name: 'postgresql',
  skipsByKey: false,
  mostHeads: 50,
  placeholder: (n) => `$${n}`,
  quote: (identifier) => `"${identifier.replaceAll('"', '""')}"`,
  folded: (sql, { fold }) => (fold === 'none' ? sql : `${fold}(${sql})`),
  foldedLiteral: foldText,
  prefix: (out, folded, prefix, traits) => {
    const [atLeast, below] = traits.codePointOrder ? ['>=', '<'] : ['~>=~', '~<~']
    out
      .add(`(${folded} ${atLeast} `)
      .bind(prefix)
      .add(` AND ${folded} ${below} `)
      .bind(afterPrefix(prefix))
      .add(')')
  },
  present: (sql, kind) => {
    if (kind === 'text') return `LENGTH(TRIM(${sql}::text)) > 0`
    if (kind === 'binary') return `LENGTH(${sql}) > 0`
    if (kind === 'decimal') return `${sql} BETWEEN -${Number.MAX_VALUE} AND ${Number.MAX_VALUE}`
    return kind === 'time' || kind === 'date' ? `isfinite(${sql})` : `${sql} IS NOT NULL`
  },
  compare: compareTyped,
  like: (out, expression, pattern) => {
    out.add(`${expression} LIKE `).bind(pattern).add(" ESCAPE '!'")
  },
  notPlain: (sql) => `${sql}::text COLLATE "C" ~ '[^ -~]'`,
  untidy: (sql) => `${sql}::text COLLATE "C" ~ '[^ -~]|^ | $|  '`,
  prepared: (sql, rule) => `(${preparedText(sql, rule)}) COLLATE "C"`,
  // In the order of an index that patterns can be sought in, whatever the locale.
  ordering: (sql, column, order) => {
    const traits = column === undefined ? undefined : column.text
    if (column !== undefined && traits === undefined) return `${sql}${directionOf(order)}`
    if (order.caseExact)
      return `${sql}${traits?.codePointOrder ? '' : '::text COLLATE "C"'}${directionOf(order)}`
    if (traits === undefined) return `lower(${sql} COLLATE "default") COLLATE "C"${directionOf(order)}`
    const folded = postgresql.folded(sql, traits)
    if (traits.codePointOrder) return `${folded}${directionOf(order)}`
    return `${folded} USING ${order.descending ? '~>~' : '~<~'}`
  },
  ordersBlank: () => false,
  blank: (sql, { kind, text }) => {
    if (kind === 'time' || kind === 'date') return `(${sql} IS NULL OR ${sql} IN ('infinity', '-infinity'))`
    if (kind === 'binary') return undefined
    if (text === undefined) return `${sql} IS NULL`
    const folded = postgresql.folded(sql, text)
    return `(${folded} IS NULL OR ${folded} ${text.codePointOrder ? '<' : '~<~'} '!')`
  },
  sameBytes: (out, sql, texts) => writeAnyOf(out, `${sql}::text`, texts),
  sameText: (out, expression, texts) => writeAnyOf(out, expression, texts),
  decides: () => true,
  bindable: (value) => typeof value !== 'string' || !value.includes('\0'),
  literal: (text) => `'${text.replaceAll("'", "''")}'`,
  // Columns may differ in collation; none of them is to be preferred.
  concat: (parts) => `((${parts.join(' || ')}) COLLATE "C")`,
  asText: (sql) => `${sql}::text`,
  compareTime: (out, column, sql, op, value) => {
    compareInstants(out, sql, op, value, (at) => (column.kind === 'date' ? dayFrom(at) : `${sqlTime(at)}+00`))
    out.add(` AND isfinite(${sql})`)
  },
  compareDecimal: (out, { type }, sql, operator, value) => {
    out.add(`${sql} ${operator} `).bind(String(value))
    out.add(/^(real|double)/.test(type) ? '::float8' : '::numeric')
  },
  // So many digits are read as a number of their own, of which they are the shortest text.
  decidesDecimal: ({ type, precision }) =>
    type.startsWith('double') || (typeof precision === 'object' && precision.digits <= 15),
  binding: (value, kind) => {
    if (value instanceof Date) return kind === 'date' ? sqlTime(value).slice(0, 10) : `${sqlTime(value)}+00`
    if (value instanceof Uint8Array) return Buffer.from(value)
    return typeof value === 'bigint' ? String(value) : value
  },
  inList: (out, sql, values, kind) => {
    const type = arrayTypes[kind]
    if (type === undefined)
      out
        .add(`${sql} IN (`)
        .join(values, ', ', (value) => out.bind(value))
        .add(')')
    else out.add(`${sql} = ANY(`).bind(values).add(`::${type})`)
  },
  lookups: (out, { from, sql, column, values, select, where }) => {
    const { text } = column
    if (text === undefined) {
      select()
      out.add(` FROM ${from()} WHERE `)
      postgresql.inList(
        out,
        sql,
        values.map((v) => postgresql.binding(v, column.kind)),
        column.kind,
      )
      where()
      return
    }
    const folded = postgresql.folded(sql, text)
    const wanted = [...new Set(values.map((v) => postgresql.foldedLiteral(String(v), text)))]
    const [atLeast, below] = text.codePointOrder ? ['>=', '<'] : ['~>=~', '~<~']
    select()
    out.add(` FROM ${from()} WHERE ${folded} = ANY(`)
    const bound = out.hold(wanted)
    out.add(`${bound}::text[])`)
    where()
    // Spaces behind and before a value mean nothing: the index finds either by range.
    out.add(' UNION ALL ')
    select()
    out.add(` FROM unnest(${bound}::text[]) AS v (x) JOIN ${from()} ON `)
    out.add(`${folded} ${atLeast} (v.x || ' ') AND ${folded} ${below} (v.x || '!') WHERE TRUE`)
    where()
    out.add(' UNION ALL ')
    select()
    out.add(` FROM ${from()} WHERE `)
    postgresql.prefix(out, folded, ' ', text)
    where()
  },
  writing: {
    // References to the row may be made meanwhile, unless it is to go.
    lock: { toChange: ' FOR NO KEY UPDATE OF t0', toRemove: ' FOR UPDATE OF t0' },
    hold: (name) => ({
      sql: 'SELECT 1 FROM (SELECT pg_advisory_xact_lock($1::bigint)) AS held',
      bindings: [String(createHash('sha256').update(name).digest().readBigInt64BE())],
    }),
    defaults: ' DEFAULT VALUES',
    fromNothing: '',
    returns: () => true,
    binding: (value, { kind }) =>
      typeof value === 'boolean' && kind !== 'boolean'
        ? String(Number(value))
        : postgresql.binding(value, kind),
    typed: (out, value, column) => {
      out.bind(value).add(`::${unboundedType(column.type)}`)
    },
  },
  createIndex: (table, column) => {
    const name = postgresql.quote(column.name)
    const expression =
      column.text === undefined
        ? name
        : `${column.text.fold === 'upper' ? 'upper' : 'lower'}(${name})${column.text.codePointOrder ? '' : ' text_pattern_ops'}`
    return `CREATE INDEX ON ${postgresql.quote(table)} (${expression})`
  },
  serves: (index, column) => {
    if (column.text === undefined) return index.columns[0] === column.name
    const plain = index.leading.replace(/::[a-z ]+/g, '').replace(/[()"\s]/g, '')
    return plain === `${column.text.fold}${column.name}` && index.patternOps !== column.text.codePointOrder
  },
}

function writeAnyOf(out: SqlBuilder, sql: string, texts: readonly string[]): void {
  const [only = '', ...more] = texts
  if (more.length === 0) out.add(`${sql} = `).bind(only)
  else out.add(`${sql} = ANY(`).bind(texts).add('::text[])')
}

/** A cast to a type with a length would cut off what is longer. */
function unboundedType(type: string): string {
  const unbounded = type.replace(/\(\d+(?:,-?\d+)?\)/, '')
  return unbounded.replace(/^character(?! varying)/, 'bpchar').replace(/^bit(?! varying)/, 'bit varying')
}

function preparedText(sql: string, rule: DecidedRule): string {
  const text = `${sql}::text`
  switch (rule) {
    case 'exact':
      return text
    case 'caseExact':
      return `regexp_replace(btrim(${text}), ' +', ' ', 'g')`
    case 'caseIgnore':
      return `lower(regexp_replace(btrim(${text}), ' +', ' ', 'g') COLLATE "C")`
    case 'telephone':
      return `translate(${text}, ' -', '')`
    case 'numeric':
      return `replace(${text}, ' ', '')`
  }
}
