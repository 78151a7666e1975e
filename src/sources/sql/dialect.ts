/** What differs between databases in the SQL that is written for them. How they are reached is a driver's affair. */

import type { Cell, Column, ColumnKind, Order, TextRule } from '../source.js'
import type { Folding } from './pattern.js'
import type { SqlBuilder, Statement } from './statement.js'

/** A column as a table description of this kind of source holds it. */
export interface SqlColumn extends Column {
  /** The database's own name of its type. */
  readonly type: string
  readonly text?: TextTraits
  /** The name of its collation, where the database refuses to compare columns that differ in theirs. */
  readonly collation?: string
  /** To be cast before it is compared as text: ever, or with what its own character set may not hold. */
  readonly cast?: 'always' | 'beyondAscii'
  /** Does an index serve the way in which the dialect seeks the column? */
  readonly sought?: boolean
  /** Does a unique index hold this column alone? */
  readonly unique?: boolean
  /** Does MariaDB number new rows by it? */
  readonly numbered?: boolean
}

export interface TextTraits extends Folding {
  /** How to write the column so that the database compares it ignoring at least ASCII case. */
  readonly fold: 'none' | 'lower' | 'upper' | 'nocase'
  /** Does the folded expression sort by code point, so that plain comparisons find a prefix? */
  readonly codePointOrder: boolean
  /** Does equality ignore spaces at the end? */
  readonly pads: boolean
}

export interface Index {
  readonly name: string
  readonly unique: boolean
  /** Its leading column or expression, as the database writes it. */
  readonly leading: string
  readonly columns: readonly string[]
  /** Can it seek prefixes of text whatever the database's locale? */
  readonly patternOps: boolean
}

/** Names, which can be spelt in many ways, no database compares. */
export type DecidedRule = Exclude<TextRule, 'dn'>

export interface Dialect {
  readonly name: 'mariadb' | 'postgresql' | 'sqlite'
  /** Is it faster to pass over rows by their keys alone, which indexes hold? */
  readonly skipsByKey: boolean
  /** Of more beginnings of text in one condition, no index is asked for each. */
  readonly mostHeads: number
  placeholder(n: number): string
  quote(identifier: string): string
  /** What stands in `FROM` for a table; absent: its name. `hold` binds a value and gives its placeholder. */
  from?(table: string, hold: (value: unknown) => string): string

  /** `column` (already written) folded as its traits say. */
  folded(sql: string, traits: TextTraits): string
  /** A literal to compare with the folded expression. */
  foldedLiteral(text: string, traits: TextTraits): string
  /** An index-usable condition true at least where the folded expression starts with `prefix`. */
  prefix(out: SqlBuilder, folded: string, prefix: string, traits: TextTraits): void
  /** True where the cell is read as a value: not NULL, and nothing that the kind cannot be. */
  present(sql: string, kind: ColumnKind): string
  /** Compares a column that holds no text and no time. `value` is a binding. */
  compare(out: SqlBuilder, sql: string, kind: ColumnKind, operator: string, value: unknown): void
  like(out: SqlBuilder, expression: string, pattern: string): void
  /** True where a text holds anything but printable ASCII. */
  notPlain(sql: string): string
  /** `column` (already written) so that it can be compared with `other`. */
  comparable?(sql: string, column: SqlColumn, other: SqlColumn): string
  /** What a text column shows: NULL for what is read as none. Absent where it holds text only. */
  shown?(sql: string, kind: ColumnKind): string
  /** NULL where a column of integers holds something else; absent where it cannot. */
  wholeNumber?(sql: string): string
  /** The expression as text, spaces prepared as the rule says, in lower case if the rule ignores it. */
  prepared(sql: string, rule: DecidedRule): string
  /** What `ORDER BY` has for a column, or for text made of several, both already written. */
  ordering(
    sql: string,
    column: SqlColumn | undefined,
    order: Pick<Order, 'descending' | 'caseExact' | 'strict'>,
  ): string
  /** True where a text holds anything but printable ASCII, or spaces that mean nothing. */
  untidy(sql: string): string
  /** Does `ordering` put rows in their place where the column is not `present`, too? */
  ordersBlank(column: SqlColumn): boolean
  /** True at least where a column is not `present`, so that an index finds these rows; undefined if none can. */
  blank(sql: string, column: SqlColumn): string | undefined
  /** Byte-wise equality of a column and one of some texts. */
  sameBytes(out: SqlBuilder, sql: string, texts: readonly string[]): void
  /** Equality of a prepared expression and one of some plain texts; exact where the dialect `decides` them. */
  sameText(out: SqlBuilder, expression: string, texts: readonly string[]): void
  /** Can the database decide equality of a prepared plain text by itself? */
  decides(text: string): boolean
  /** Can a value be bound at all? PostgreSQL holds no NUL. */
  bindable(value: Exclude<Cell, null>): boolean
  /** A text of the configuration, never a client's, as a literal. */
  literal(text: string): string
  concat(parts: readonly string[]): string
  asText(sql: string): string
  /** Compares a time or date column, to the millisecond, rounded down. */
  compareTime(
    out: SqlBuilder,
    column: Column,
    sql: string,
    op: 'eq' | 'ge' | 'le' | 'gt' | 'lt',
    value: Date,
  ): void
  /** Compares a column of decimals with a number. */
  compareDecimal(out: SqlBuilder, column: SqlColumn, sql: string, operator: string, value: number): void
  /** Does `compareDecimal` decide as the number decides that the cell is read as? */
  decidesDecimal(column: SqlColumn, value: number): boolean
  /** A cell as the driver takes it for this column. */
  binding(value: Cell, kind: ColumnKind): unknown
  /** `IN` over a list of values of one column. */
  inList(out: SqlBuilder, sql: string, values: readonly unknown[], kind: ColumnKind): void
  /** One statement for several lookups by a column; it finds at least the rows that equal one of the values. */
  lookups?(out: SqlBuilder, lookups: LookupsText): void
  readonly writing: Writing
  /** The statement that would let `column` be sought ignoring case; undefined if no index can. */
  createIndex(table: string, column: SqlColumn): string | undefined
  /** Does this index serve the way this dialect seeks the column? */
  serves(index: Index, column: SqlColumn): boolean
}

/** What differs in statements that write. */
export interface Writing {
  /** Behind a `SELECT`: keeps the rows for this transaction alone, that of `t0` where there are several tables. */
  readonly lock: { readonly toChange: string; readonly toRemove: string }
  /**
   * Waits until nobody else holds the lock of this name, and holds it until the transaction has ended; the driver sees to that. Gives
   * a row with 1. Absent where there is but one transaction that writes at a time.
   */
  readonly hold?: (name: string) => Statement
  /** Behind `INSERT INTO table`, where there is nothing to insert. */
  readonly defaults: string
  /** Between the columns of a `SELECT` from no table and its `WHERE`. */
  readonly fromNothing: string
  /** Does an `INSERT` give the new key back by `RETURNING`? Otherwise as the number that it generated. */
  returns(key: SqlColumn): boolean
  /** A cell as the driver takes it to be stored in this column. */
  binding(value: Cell, column: SqlColumn): unknown
  /** A placeholder where nothing else tells the type of the column that is bound to it. */
  typed(out: SqlBuilder, value: unknown, column: SqlColumn): void
}

/** The pieces of a statement for several lookups. `select` and `where` write themselves; `where` is ANDed. */
export interface LookupsText {
  /** The table; to be written at once, each time. */
  from(): string
  /** The column, already written. */
  readonly sql: string
  readonly column: SqlColumn
  readonly values: readonly Exclude<Cell, null>[]
  select(): void
  where(): void
}

/** What an index that serves it adds to a column. */
export function withSought(column: SqlColumn, indexes: readonly Index[], dialect: Dialect): SqlColumn {
  return indexes.some((index) => dialect.serves(index, column)) ? { ...column, sought: true } : column
}

const operators = { eq: '=', ge: '>=', le: '<=', gt: '>', lt: '<' } as const

export function operatorOf(op: keyof typeof operators): string {
  return operators[op]
}

/** As `Dialect.compare` where columns hold only what their type says. */
export function compareTyped(
  out: SqlBuilder,
  sql: string,
  _kind: ColumnKind,
  operator: string,
  value: unknown,
): void {
  out.add(`${sql} ${operator} `).bind(value)
}

export const directionOf = ({ descending }: Pick<Order, 'descending'>) => (descending ? ' DESC' : ' ASC')

/** `schema.table` becomes two quoted names. */
export function quotePath(dialect: Pick<Dialect, 'quote'>, path: string): string {
  return path
    .split('.')
    .map((part) => dialect.quote(part))
    .join('.')
}

/** The least text that is greater than every text starting with `prefix`, by code point. */
export function afterPrefix(prefix: string): string {
  const chars = [...prefix]
  const last = chars.pop()?.codePointAt(0) ?? 0
  const next = last === 0xd7ff ? 0xe000 : last + 1
  return chars.join('') + String.fromCodePoint(Math.min(next, 0x10ffff))
}

/**
 * Time comparisons on a column that is finer than the milliseconds that the directory shows: the instants
 * from `value` up to the next millisecond are all `value`.
 */
export function compareInstants(
  out: SqlBuilder,
  sql: string,
  op: 'eq' | 'ge' | 'le' | 'gt' | 'lt',
  value: Date,
  bind: (at: Date) => unknown,
): void {
  const next = new Date(value.getTime() + 1)
  if (op === 'eq') out.add(`(${sql} >= `).bind(bind(value)).add(` AND ${sql} < `).bind(bind(next)).add(')')
  else if (op === 'ge' || op === 'lt') out.add(`${sql} ${operatorOf(op)} `).bind(bind(value))
  else out.add(`${sql} ${op === 'le' ? '<' : '>='} `).bind(bind(next))
}

/** `2025-01-02 03:04:05.678`, in UTC. */
export function sqlTime(date: Date): string {
  return date.toISOString().replace('T', ' ').replace('Z', '')
}

/** Lists grow to the next power of two by repeating the last item, unless another is told, so that few statements are prepared. */
export function padded<T>(items: readonly T[], filler = items.at(-1)): readonly T[] {
  if (filler === undefined || items.length === 0) return items
  const length = 2 ** Math.ceil(Math.log2(items.length))
  return [...items, ...Array.from({ length: length - items.length }, () => filler)]
}

/** `=`, or `IN` where there are several values. */
export function writeAmong(
  out: SqlBuilder,
  sql: string,
  values: readonly unknown[],
  bind: (out: SqlBuilder, value: unknown) => void = (to, value) => void to.bind(value),
): void {
  const [only, ...more] = padded(values)
  out.add(sql)
  if (more.length === 0) {
    out.add(' = ')
    bind(out, only)
  } else {
    out.add(' IN (')
    out.join([only, ...more], ', ', (value) => bind(out, value))
    out.add(')')
  }
}

/** How exact a type of numbers is: one of fixed point as it says, and the floating ones of 4 bytes. */
export function precisionOf(type: string): Pick<Column, 'precision'> {
  const fixed = /^(?:decimal|numeric)\((\d+),(-?\d+)\)/i.exec(type)
  if (fixed !== null) return { precision: { digits: Number(fixed[1]), scale: Number(fixed[2]) } }
  return /^(?:float|real)/i.test(type) ? { precision: 'single' } : {}
}
