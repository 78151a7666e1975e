/** The statements that write: each about one table, whose rows are told by the cells that some columns hold. */
import type { Cell, Collection, Column, Condition } from '../source.js'
import { type Dialect, padded, quotePath, type SqlColumn } from './dialect.js'
import { PredicateWriter } from './predicate.js'
import { SqlBuilder, type Statement } from './statement.js'

export interface Assigned {
  readonly column: Column
  readonly value: Cell
}

/** The rows of a table that hold all of these cells and satisfy all of these conditions. */
export interface Scope {
  readonly table: string
  readonly holding: readonly Assigned[]
  readonly where: readonly Condition[]
}

/** Rows of a scope by the cells of some columns: any of these tuples, as the database compares them or to the byte. */
export interface Members {
  readonly columns: readonly Column[]
  readonly tuples: readonly (readonly Cell[])[]
  readonly exactly?: boolean
}

/** A new row; gives its key back if it is to be `returned`. */
export function insertRow(
  table: string,
  cells: readonly Assigned[],
  returned: Column | undefined,
  dialect: Dialect,
): Statement {
  const out = new SqlBuilder((n) => dialect.placeholder(n))
  out.add(`INSERT INTO ${quotePath(dialect, table)}`)
  if (cells.length === 0) out.add(dialect.writing.defaults)
  else {
    out.add(` (${cells.map(({ column }) => dialect.quote(column.name)).join(', ')}) VALUES (`)
    out.join(cells, ', ', ({ column, value }) =>
      out.bind(dialect.writing.binding(value, column as SqlColumn)),
    )
    out.add(')')
  }
  if (returned !== undefined) out.add(` RETURNING ${dialect.quote(returned.name)}`)
  return out.finish()
}

/** New rows that all hold the same cells, and each a tuple besides. */
export function insertRows(
  { table, holding }: Omit<Scope, 'where'>,
  columns: readonly Column[],
  tuples: readonly (readonly Cell[])[],
  dialect: Dialect,
): Statement {
  const out = new SqlBuilder((n) => dialect.placeholder(n))
  writeInto(out, table, [...holding.map(({ column }) => column), ...columns], dialect)
  out.add(' VALUES ').join(tuples, ', ', (tuple) => {
    out.add('(')
    out.join(rowOf(holding, columns, tuple), ', ', ({ column, value }) =>
      out.bind(dialect.writing.binding(value, column as SqlColumn)),
    )
    out.add(')')
  })
  return out.finish()
}

/** A new row like those, unless the scope has one with the same identity: the first columns. */
export function insertUnlessThere(
  scope: Scope,
  added: readonly Assigned[],
  columns: readonly Column[],
  tuple: readonly Cell[],
  identity: number,
  dialect: Dialect,
): Statement {
  const out = new SqlBuilder((n) => dialect.placeholder(n))
  const cells = rowOf(added, columns, tuple)
  writeInto(
    out,
    scope.table,
    cells.map(({ column }) => column),
    dialect,
  )
  out.add(' SELECT ')
  out.join(cells, ', ', ({ column, value }) => {
    const sqlColumn = column as SqlColumn
    dialect.writing.typed(out, dialect.writing.binding(value, sqlColumn), sqlColumn)
  })
  out.add(`${dialect.writing.fromNothing} WHERE NOT EXISTS (SELECT 1 FROM ${quotePath(dialect, scope.table)}`)
  const members = { columns: columns.slice(0, identity), tuples: [tuple.slice(0, identity)] }
  writeWhere(out, scope, members, dialect)
  out.add(')')
  return out.finish()
}

export function selectMembers(
  scope: Scope,
  selected: readonly Column[],
  members: Members | undefined,
  dialect: Dialect,
): Statement {
  const out = new SqlBuilder((n) => dialect.placeholder(n))
  out.add(`SELECT ${selected.map((c) => dialect.quote(c.name)).join(', ')}`)
  out.add(` FROM ${quotePath(dialect, scope.table)}`)
  writeWhere(out, scope, members, dialect)
  return out.finish()
}

export function updateMembers(
  scope: Scope,
  members: Members,
  cells: readonly Assigned[],
  dialect: Dialect,
): Statement {
  const out = new SqlBuilder((n) => dialect.placeholder(n))
  out.add(`UPDATE ${quotePath(dialect, scope.table)} SET `)
  out.join(cells, ', ', ({ column, value }) => {
    out.add(`${dialect.quote(column.name)} = `).bind(dialect.writing.binding(value, column as SqlColumn))
  })
  writeWhere(out, scope, members, dialect)
  return out.finish()
}

/** All of the scope, or only some. */
export function deleteMembers(scope: Scope, members: Members | undefined, dialect: Dialect): Statement {
  const out = new SqlBuilder((n) => dialect.placeholder(n))
  out.add(`DELETE FROM ${quotePath(dialect, scope.table)}`)
  writeWhere(out, scope, members, dialect)
  return out.finish()
}

/** Those of some keys that rows of a collection have. */
export function selectKeys(
  of: Collection,
  keys: readonly Exclude<Cell, null>[],
  dialect: Dialect,
): Statement {
  const members = { columns: [of.key], tuples: keys.map((key) => [key]) }
  return selectMembers({ table: of.table.name, holding: [], where: of.where }, [of.key], members, dialect)
}

function rowOf(
  holding: readonly Assigned[],
  columns: readonly Column[],
  tuple: readonly Cell[],
): readonly Assigned[] {
  return [...holding, ...columns.map((column, i) => ({ column, value: tuple[i] ?? null }))]
}

function writeInto(out: SqlBuilder, table: string, columns: readonly Column[], dialect: Dialect): void {
  const names = columns.map((c) => dialect.quote(c.name))
  out.add(`INSERT INTO ${quotePath(dialect, table)} (${names.join(', ')})`)
}

function writeWhere(out: SqlBuilder, scope: Scope, members: Members | undefined, dialect: Dialect): void {
  const writer = new PredicateWriter(out, dialect)
  out.add(' WHERE ')
  if (scope.holding.length === 0) out.add('1 = 1')
  out.join(scope.holding, ' AND ', ({ column, value }) => writeHolds(out, writer, dialect, column, value))
  if (members !== undefined) {
    out.add(' AND (')
    writeMembers(out, writer, dialect, members)
    out.add(')')
  }
  writer.conditions(scope.where, '')
}

function writeMembers(out: SqlBuilder, writer: PredicateWriter, dialect: Dialect, members: Members): void {
  const { columns, tuples, exactly = false } = members
  const [column] = columns
  if (column !== undefined && columns.length === 1 && column.kind !== 'time' && column.kind !== 'date') {
    const cells = tuples.flatMap(([cell = null]) => (cell === null ? [] : [cell]))
    if (cells.length < tuples.length) out.add(`${writer.column('', column)} IS NULL`)
    if (cells.length < tuples.length && cells.length > 0) out.add(' OR ')
    const isText = column.kind === 'text'
    if (cells.length > 0 && exactly && isText) writeExactly(writer, column, cells)
    else if (cells.length > 0) {
      const bindings = padded(cells.map((cell) => dialect.binding(cell, column.kind)))
      dialect.inList(out, writer.operand(column, '', isText ? cells.map(String) : []), bindings, column.kind)
    }
    return
  }
  out.join(tuples, ' OR ', (tuple) => {
    out.add('(').join([...columns.entries()], ' AND ', ([i, c]) => {
      const cell = tuple[i] ?? null
      if (exactly && c.kind === 'text' && cell !== null) writeExactly(writer, c, [cell])
      else writeHolds(out, writer, dialect, c, cell)
    })
    out.add(')')
  })
}

function writeExactly(writer: PredicateWriter, on: Column, values: readonly Exclude<Cell, null>[]): void {
  writer.filter({ op: 'test', on, test: { test: 'oneOf', values }, negated: false }, '')
}

function writeHolds(
  out: SqlBuilder,
  writer: PredicateWriter,
  dialect: Dialect,
  column: Column,
  cell: Cell,
): void {
  const sql = writer.operand(column, '', [String(cell)])
  if (cell === null) out.add(`${sql} IS NULL`)
  else if (cell instanceof Date) {
    out.add('(')
    dialect.compareTime(out, column, sql, 'eq', cell)
    out.add(')')
  } else {
    out.add('(')
    dialect.compare(out, sql, column.kind, '=', dialect.binding(cell, column.kind))
    out.add(')')
  }
}
