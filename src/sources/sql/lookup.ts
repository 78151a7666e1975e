/** Lookups by a unique column of a table: which queries are nothing else, and the one statement that several share. */
import { type Lookup, LookupQueue, lookupForm } from '../lookup-queue.js'
import type { Cell, Column, Condition, SourceQuery, Table, TextRule } from '../source.js'
import type { Dialect, SqlColumn } from './dialect.js'
import type { Driver } from './driver.js'
import { isPlain } from './pattern.js'
import { PredicateWriter } from './predicate.js'
import { SqlBuilder, type Statement } from './statement.js'

export interface SqlLookup extends Lookup {
  readonly column: SqlColumn
  readonly rule: TextRule | undefined
}

/** The lookup that a query is; undefined if it is more than that, or the dialect has no statement for several. */
export function lookupOf(query: SourceQuery, dialect: Dialect): SqlLookup | undefined {
  const { filter } = query
  if (dialect.lookups === undefined || query.fields.some((f) => f.kind === 'answer')) return undefined
  if (filter.op !== 'test' || filter.negated || 'concat' in filter.on || query.after !== undefined)
    return undefined
  if ((query.skip ?? 0) > 0) return undefined
  const column: SqlColumn = filter.on as SqlColumn
  const { test } = filter
  if (column.unique !== true) return undefined
  if (test.test === 'compare' && test.op === 'eq' && column.kind === 'integer') {
    return { column, rule: undefined, form: String(test.value), value: test.value }
  }
  const isWord = test.test === 'text' && isPlain(test.value) && !test.value.includes(' ') && test.value !== ''
  if (!isWord || (test.rule !== 'caseIgnore' && test.rule !== 'caseExact')) return undefined
  return { column, rule: test.rule, form: test.value, value: test.value }
}

/** What all lookups of one statement have in common. */
interface Shape {
  readonly table: Table
  readonly where: readonly Condition[]
  readonly columns: readonly Column[]
  readonly column: SqlColumn
  readonly rule: TextRule | undefined
}

type Cells = readonly Cell[]
type ReadCells = (raw: readonly (readonly unknown[])[]) => readonly Cells[]

/** @param read makes cells of the raw rows of the shape's columns, of which the lookup's is one */
export function sqlLookups(driver: Driver, shape: Shape, read: ReadCells): LookupQueue<Cells> {
  const at = shape.columns.findIndex((c) => c.name === shape.column.name)
  return new LookupQueue({
    ask: async (values, most) => read(await driver.query(selectLookups(shape, values, most, driver.dialect))),
    formsOf: (row) => [lookupForm(row[at] ?? null, shape.rule)],
    ...(driver.remember && { remember: driver.remember }),
  })
}

function selectLookups(
  shape: Shape,
  values: readonly Exclude<Cell, null>[],
  limit: number,
  dialect: Dialect,
): Statement {
  const out = new SqlBuilder((n) => dialect.placeholder(n))
  const writer = new PredicateWriter(out, dialect)
  const row = writer.alias()
  const { table, where, columns, column } = shape
  const sql = writer.column(row, column)
  const select = () => out.add('SELECT ').join(columns, ', ', (c) => out.add(writer.column(row, c)))
  dialect.lookups?.(out, {
    from: () => writer.table(table.name, row),
    sql,
    column,
    values,
    select,
    where: () => writer.conditions(where, row),
  })
  out.add(` LIMIT ${limit}`)
  return out.finish()
}
