/** Lookups by a unique column of a table: which queries are nothing else, and the one statement that several share. */
import { type Lookup, LookupQueue, lookupForm } from '../lookup-queue.js'
import type { Cell, Column, Condition, SourceQuery, Table, TextRule } from '../source.js'
import type { Dialect, SqlColumn } from './dialect.js'
import type { Driver } from './driver.js'
import { isPlain } from './pattern.js'
import { PredicateWriter } from './predicate.js'
import { BindingTaker, SqlBuilder, type Statement } from './statement.js'

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

/** More than any database takes in one statement. */
const MOST_BINDINGS = 2 ** 20

/** What all lookups of one statement have in common. */
interface Shape {
  readonly table: Table
  readonly where: readonly Condition[]
  readonly columns: readonly Column[]
  readonly column: SqlColumn
  readonly rule: TextRule | undefined
}

type Value = Exclude<Cell, null>
type Cells = readonly Cell[]
type ReadCells = (raw: readonly (readonly unknown[])[]) => readonly Cells[]

/** @param read makes cells of the raw rows of the shape's columns, of which the lookup's is one */
export function sqlLookups(driver: Driver, shape: Shape, read: ReadCells): LookupQueue<Cells> {
  const at = shape.columns.findIndex((c) => c.name === shape.column.name)
  const statements = new LookupStatements(shape, driver.dialect)
  return new LookupQueue({
    ask: async (values, most) => read(await driver.query(statements.of(values, most))),
    formsOf: (row) => [lookupForm(row[at] ?? null, shape.rule)],
    ...(driver.remember && { remember: driver.remember }),
  })
}

/**
 * The statements of a shape. They differ in what is bound and in how much that is, in nothing else: each text is written
 * once, and neither we nor the driver, who finds by it what is prepared, go through a long text for every question.
 */
class LookupStatements {
  readonly #shape: Shape
  readonly #dialect: Dialect
  /** By the number of bindings and of rows: some dozens, as the values are at most those of one question. */
  readonly #texts = new Map<number, string>()

  constructor(shape: Shape, dialect: Dialect) {
    this.#shape = shape
    this.#dialect = dialect
  }

  /** Gives `most` rows and more, if there are. */
  of(values: readonly Value[], most: number): Statement {
    const { bindings } = this.#write(new BindingTaker(), values).finish()
    const limit = 2 ** Math.ceil(Math.log2(most))
    const size = limit * MOST_BINDINGS + bindings.length
    const known = this.#texts.get(size)
    if (known !== undefined) return { sql: known, bindings }
    const whole = this.#write(new SqlBuilder((n) => this.#dialect.placeholder(n)), values)
    const { sql } = whole.add(` LIMIT ${limit}`).finish()
    this.#texts.set(size, sql)
    return { sql, bindings }
  }

  #write<Out extends SqlBuilder>(out: Out, values: readonly Value[]): Out {
    const dialect = this.#dialect
    const { table, where, columns, column } = this.#shape
    const writer = new PredicateWriter(out, dialect)
    const row = writer.alias()
    const bindsOnly = out instanceof BindingTaker
    dialect.lookups?.(out, {
      from: bindsOnly && dialect.from === undefined ? () => '' : () => writer.table(table.name, row),
      sql: writer.column(row, column),
      column,
      values,
      select: bindsOnly
        ? nothing
        : () => void out.add('SELECT ').join(columns, ', ', (c) => out.add(writer.column(row, c))),
      where: () => writer.conditions(where, row),
    })
    return out
  }
}

function nothing(): void {}
