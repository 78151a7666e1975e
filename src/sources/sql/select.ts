/** The statements of a search: the rows of a view in some order, their number, and the related rows of a batch. */
import { isSelective } from '../logic.js'
import type { Cell, Collection, Column, FieldFilter, Order, Relation, SourceQuery } from '../source.js'
import { type Dialect, padded, type SqlColumn } from './dialect.js'
import { PredicateWriter } from './predicate.js'
import { SqlBuilder, type Statement } from './statement.js'

/** The columns a query's rows need: those asked for, and the key. */
export function rowColumns({ key, fields }: Pick<SourceQuery, 'key' | 'fields'>): Column[] {
  const columns = new Map<string, Column>()
  for (const field of fields) if (field.kind === 'column') columns.set(field.column.name, field.column)
  columns.set(key.name, key)
  return [...columns.values()]
}

/** Which rows of a query's answer a statement gives. */
export interface Window {
  readonly limit: number
  readonly skip?: number
  /** Continue behind this key instead of the query's own start. */
  readonly after?: Exclude<Cell, null>
  /** Of a query with an order, only rows with a value to sort by, in that order, or those without, in that of keys. */
  readonly part?: Part
  /** Written behind everything else. */
  readonly lock?: string
}

export type Part = 'valued' | 'blank'

/** In the order in which they come; undefined where one statement gives all rows in their order. */
export function partsOf({ on, descending }: Order, dialect: Dialect): readonly (Part | undefined)[] {
  if (!('concat' in on) && dialect.ordersBlank(on as SqlColumn)) return [undefined]
  return descending ? ['blank', 'valued'] : ['valued', 'blank']
}

/** The columns first, then an answer, 1 or 0, for each field that is one. */
export function selectRows(
  query: SourceQuery,
  columns: readonly Column[],
  dialect: Dialect,
  { limit, skip = 0, after, part, lock }: Window,
): Statement {
  const out = new SqlBuilder((n) => dialect.placeholder(n))
  const writer = new PredicateWriter(out, dialect)
  const row = writer.alias()
  out.add('SELECT ').join(columns, ', ', (c) => out.add(writer.column(row, c)))
  for (const field of query.fields) {
    if (field.kind !== 'answer') continue
    out.add(', CASE WHEN ')
    writer.filter(field.filter, row)
    out.add(' THEN 1 ELSE 0 END')
  }
  const place = { limit, skip, ...(after !== undefined && { after }), ...(part !== undefined && { part }) }
  if (skip > 0 && dialect.skipsByKey && lock === undefined) {
    const sought = writer.alias()
    out.add(` FROM (SELECT ${writer.column(sought, query.key)} AS k`)
    writePlace(out, writer, dialect, query, sought, place)
    out.add(`) w JOIN ${writer.table(query.table.name, row)} ON ${writer.column(row, query.key)} = w.k`)
    writeOrder(out, writer, dialect, query, row, part)
  } else writePlace(out, writer, dialect, query, row, place)
  if (lock !== undefined) out.add(lock)
  return out.finish()
}

/** The rest of a `SELECT` of the rows in a window. */
function writePlace(
  out: SqlBuilder,
  writer: PredicateWriter,
  dialect: Dialect,
  query: SourceQuery,
  row: string,
  { limit, skip = 0, after, part }: Window,
): void {
  writeFrom(out, writer, dialect, query, row)
  if (query.order !== undefined && part !== undefined) writePart(out, writer, dialect, query.order, part, row)
  if (after !== undefined) writeAfter(out, writer, dialect, query.key, after, row)
  writeOrder(out, writer, dialect, query, row, part)
  out.add(` LIMIT ${limit}`)
  if (skip > 0) out.add(' OFFSET ').bind(skip)
}

function writeAfter(
  out: SqlBuilder,
  writer: PredicateWriter,
  dialect: Dialect,
  key: Column,
  after: Exclude<Cell, null>,
  row: string,
): void {
  out.add(` AND ${writer.column(row, key)} > `).bind(dialect.binding(after, key.kind))
}

function writeOrder(
  out: SqlBuilder,
  writer: PredicateWriter,
  dialect: Dialect,
  query: SourceQuery,
  row: string,
  part: Part | undefined,
): void {
  const key = writer.column(row, query.key)
  out.add(' ORDER BY ')
  if (query.order !== undefined && part !== 'blank') {
    const { on } = query.order
    out.add(
      dialect.ordering(writer.operand(on, row), 'concat' in on ? undefined : (on as SqlColumn), query.order),
    )
    if (!isUnique(query.order, query)) out.add(`, ${key}`)
  } else out.add(key)
}

/** How many rows the query finds, or behind a key, or of a query with an order, in one part of them. */
export function selectCount(
  query: SourceQuery,
  dialect: Dialect,
  { part, after }: Pick<Window, 'part' | 'after'> = {},
): Statement {
  const out = new SqlBuilder((n) => dialect.placeholder(n))
  const writer = new PredicateWriter(out, dialect)
  const row = writer.alias()
  out.add('SELECT COUNT(*)')
  writeFrom(out, writer, dialect, query, row)
  if (query.order !== undefined && part !== undefined) writePart(out, writer, dialect, query.order, part, row)
  if (after !== undefined) writeAfter(out, writer, dialect, query.key, after, row)
  return out.finish()
}

/** A row that the query finds whose text to sort by is more than tidy ASCII, if there is one. */
export function selectUntidy(query: SourceQuery, on: Column, dialect: Dialect): Statement {
  const out = new SqlBuilder((n) => dialect.placeholder(n))
  const writer = new PredicateWriter(out, dialect)
  const row = writer.alias()
  out.add(`SELECT ${writer.column(row, query.key)}`)
  writeFrom(out, writer, dialect, query, row)
  out.add(` AND ${dialect.untidy(writer.operand(on, row))} LIMIT 1`)
  return out.finish()
}

/** No two rows are equal in this order. */
function isUnique({ on, caseExact }: Order, { key }: Pick<Collection, 'key'>): boolean {
  if ('concat' in on) return false
  const { kind, name, unique, text }: SqlColumn = on as SqlColumn
  return (unique === true || name === key.name) && (kind !== 'text' || (text?.fold === 'none' && !caseExact))
}

function writeFrom(
  out: SqlBuilder,
  writer: PredicateWriter,
  dialect: Dialect,
  query: SourceQuery,
  row: string,
): void {
  const { seek, rest } = splitSeek(query.filter, dialect)
  if (seek === undefined) out.add(` FROM ${writer.table(query.table.name, row)} WHERE `)
  else {
    out.add(' FROM (')
    out.join(seek, ' UNION ', (f) => writeArm(out, writer, query, f))
    const table = writer.table(query.table.name, row)
    out.add(`) k JOIN ${table} ON ${writer.column(row, query.key)} = k.k WHERE `)
  }
  writer.filter(rest, row)
  writer.conditions(query.where, row)
}

function writePart(
  out: SqlBuilder,
  writer: PredicateWriter,
  dialect: Dialect,
  { on }: Order,
  part: Part,
  row: string,
): void {
  out.add(' AND ')
  if (part === 'blank' && !('concat' in on)) {
    const blank = dialect.blank(writer.operand(on, row), on as SqlColumn)
    if (blank !== undefined) out.add(`${blank} AND `)
  }
  writer.filter({ op: 'test', on, test: { test: 'present' }, negated: part === 'blank' }, row)
}

/** The keys of the rows that satisfy one arm of a disjunction, each found by an index of its own. */
function writeArm(out: SqlBuilder, writer: PredicateWriter, query: SourceQuery, arm: FieldFilter): void {
  const alias = writer.alias()
  const [pair, ...more] = arm.op === 'some' ? arm.relation.on : []
  if (arm.op === 'some' && more.length === 0 && pair?.parent.name === query.key.name) {
    out.add(`SELECT ${writer.comparable(alias, pair.child, query.key)} AS k FROM `)
    const inner = writer.relation(arm.relation, alias)
    out.add(' WHERE ')
    writer.filter(arm.of, inner)
    writer.relationConditions(arm.relation, alias)
  } else {
    out.add(
      `SELECT ${writer.column(alias, query.key)} AS k FROM ${writer.table(query.table.name, alias)} WHERE `,
    )
    writer.filter(arm, alias)
  }
}

/** Databases bound how many queries one may be made of; SQLite at 500. */
const MOST_ARMS = 100

/**
 * A disjunction over several tables, as `mail` from a column or a child table makes: no index serves it as a
 * whole, but each arm is served by its own. The first such conjunct drives the search.
 */
function splitSeek(
  filter: FieldFilter,
  dialect: Dialect,
): { seek: readonly FieldFilter[] | undefined; rest: FieldFilter } {
  const conjuncts = filter.op === 'and' ? filter.of : [filter]
  for (const chosen of conjuncts) {
    const arms = armsOf(chosen, dialect)
    if (arms.length > MOST_ARMS || !arms.every(isSelective)) continue
    if (arms.length < 2 || (chosen.op === 'or' && !arms.some((arm) => arm.op === 'some'))) continue
    const others = conjuncts.filter((f) => f !== chosen)
    return {
      seek: arms,
      rest: others.length === 0 ? { op: 'const', value: true } : { op: 'and', of: others },
    }
  }
  return { seek: undefined, rest: filter }
}

/** The parts of a disjunction; of a list of texts that no index serves as a whole, each text. */
function armsOf(filter: FieldFilter, dialect: Dialect): readonly FieldFilter[] {
  switch (filter.op) {
    case 'or':
      return filter.of.flatMap((f) => (f.op === 'or' ? [f] : armsOf(f, dialect)))
    case 'some':
      return filter.negated ? [filter] : armsOf(filter.of, dialect).map((of) => ({ ...filter, of }))
    case 'test': {
      const { test, on } = filter
      if (test.test !== 'texts' || filter.negated || 'concat' in on) return [filter]
      const { sought } = on as SqlColumn
      if (sought !== true || test.values.length <= dialect.mostHeads || test.values.length > MOST_ARMS)
        return [filter]
      const { rule } = test
      return test.values.map((value) => ({ ...filter, test: { test: 'text', rule, value } }))
    }
    default:
      return [filter]
  }
}

/**
 * The related rows of a batch: first the key of the row to which one belongs, then the columns asked for. The
 * database joins them, so that it alone says which belongs where.
 */
export function selectRelated(
  of: Pick<Collection, 'table' | 'key'>,
  relation: Relation,
  columns: readonly Column[],
  keys: readonly Cell[],
  dialect: Dialect,
): Statement {
  const out = new SqlBuilder((n) => dialect.placeholder(n))
  const writer = new PredicateWriter(out, dialect)
  const row = writer.alias()
  const child = writer.alias()
  const last = relation.join === undefined ? child : `${child}j`
  const key = writer.column(row, of.key)
  out.add(`SELECT ${key}`)
  for (const column of columns) out.add(`, ${writer.column(last, column)}`)
  out.add(` FROM ${writer.table(of.table.name, row)} JOIN `)
  writer.relation(relation, child, () => {
    out.join(relation.on, ' AND ', (on) => out.add(writer.equal(child, on.child, row, on.parent)))
  })
  out.add(' WHERE ')
  const values = keys.map((cell) => dialect.binding(cell, of.key.kind))
  dialect.inList(out, key, padded(values), of.key.kind)
  writer.relationConditions(relation, child)
  return out.finish()
}
