/**
 * What the questions of the source contract mean, decided on rows in memory: the measure that every source is held
 * to. Knows no store and makes no use of one.
 */
import { containsPieces } from '../../../src/model/match.js'
import { normalizeDn } from '../../../src/schema/dn-value.js'
import * as prepare from '../../../src/schema/normalize.js'
import type {
  Cell,
  Condition,
  Edge,
  FieldFilter,
  Operand,
  ReachFilter,
  Relation,
  Test,
  TextRule,
} from '../../../src/sources/source.js'

export type MemoryRow = Readonly<Record<string, Cell>>
/** All rows of each table. */
export type MemoryTables = ReadonlyMap<string, readonly MemoryRow[]>

const prepared: Readonly<Record<TextRule, (text: string) => string>> = {
  exact: (text) => text,
  caseIgnore: (text) => prepare.caseIgnore(text),
  caseExact: (text) => prepare.caseExact(text),
  telephone: prepare.telephone,
  numeric: prepare.numeric,
  dn: (text) => normalizeDn(text) ?? '',
}

export function holds(filter: FieldFilter, row: MemoryRow, tables: MemoryTables): boolean {
  switch (filter.op) {
    case 'and':
      return filter.of.every((f) => holds(f, row, tables))
    case 'or':
      return filter.of.some((f) => holds(f, row, tables))
    case 'const':
      return filter.value
    case 'unknown':
      throw new Error('nobody can say')
    case 'test':
      return testHolds(filter.test, operand(filter.on, row)) !== filter.negated
    case 'some':
      return (
        related(filter.relation, row, tables).some(({ last }) => holds(filter.of, last, tables)) !==
        filter.negated
      )
    case 'reach':
      return reaches(filter, row, tables) !== filter.negated
  }
}

export function operand(on: Operand, row: MemoryRow): Cell {
  if (!('concat' in on)) return row[on.name] ?? null
  return on.concat.map((part) => (typeof part === 'string' ? part : String(row[part.name] ?? ''))).join('')
}

/** A NULL cell answers no to each. */
export function testHolds(test: Test, cell: Cell): boolean {
  if (cell === null) return false
  switch (test.test) {
    case 'present':
      return cell instanceof Uint8Array ? cell.length > 0 : typeof cell !== 'string' || /[^ ]/.test(cell)
    case 'text':
      return prepared[test.rule](String(cell)) === test.value
    case 'texts':
      return test.values.includes(prepared[test.rule](String(cell)))
    case 'substring': {
      const { pieces } = test
      const text = prepared[test.rule](String(cell))
      const at = (place: string) => pieces.find((p) => p.place === place)?.text
      const any = pieces.filter((p) => p.place === 'any').map((p) => p.text)
      return containsPieces(text, at('initial'), any, at('final'))
    }
    case 'compare': {
      const order = compareCells(cell, test.value)
      if (order === undefined) return false
      return { eq: order === 0, ge: order >= 0, le: order <= 0, gt: order > 0, lt: order < 0 }[test.op]
    }
    case 'oneOf':
      return test.values.some((value) => compareCells(cell, value) === 0)
    case 'bits':
      return (BigInt(cell as number | bigint) & test.mask) === test.mask
  }
}

/** Undefined for cells that have no order between them. */
export function compareCells(a: Cell, b: Cell): number | undefined {
  if (a === null || b === null) return undefined
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime()
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b)
  if (typeof a === 'string' && typeof b === 'string') return prepare.compareCodePoints(a, b)
  const [x, y] = [numeric(a), numeric(b)]
  return x === undefined || y === undefined ? undefined : x < y ? -1 : x > y ? 1 : 0
}

const numeric = (cell: Cell) =>
  typeof cell === 'boolean'
    ? Number(cell)
    : typeof cell === 'number' || typeof cell === 'bigint'
      ? cell
      : undefined

const same = (a: Cell | undefined, b: Cell | undefined) => compareCells(a ?? null, b ?? null) === 0

/** A condition on a column of several values is met by any of them. */
export function satisfies(conditions: readonly Condition[], row: MemoryRow, tables?: MemoryTables): boolean {
  return conditions.every(({ column, not, values }) => {
    const several =
      column.values && tables && related(column.values.relation, row, tables).map(({ last }) => last)
    const cells = several?.map((last) => last[column.values?.column.name ?? ''] ?? null) ?? []
    const among = (cells.length > 0 ? cells : [row[column.name] ?? null]).some((cell) =>
      values.some((v) =>
        v === null || cell === null
          ? v === cell
          : String(v) === String(cell) || (typeof cell === 'boolean' && same(cell, v)),
      ),
    )
    return among !== not
  })
}

/** The related rows, with the row of the table they were found by. */
export function related(
  relation: Relation,
  row: MemoryRow,
  tables: MemoryTables,
): readonly { readonly child: MemoryRow; readonly last: MemoryRow }[] {
  const { join } = relation
  const children = (tables.get(relation.table.name) ?? []).filter(
    (child) =>
      relation.on.every((on) => same(child[on.child.name], row[on.parent.name])) &&
      satisfies(relation.where, child, tables),
  )
  if (join === undefined) return children.map((child) => ({ child, last: child }))
  return children.flatMap((child) =>
    (tables.get(join.table.name) ?? [])
      .filter(
        (last) =>
          join.on.every((on) => same(last[on.joined.name], child[on.child.name])) &&
          satisfies(join.where, last, tables),
      )
      .map((last) => ({ child, last })),
  )
}

function reaches(filter: ReachFilter, row: MemoryRow, tables: MemoryTables): boolean {
  const { nodes, target } = filter
  const follow = (edge: Edge, from: Cell): readonly Cell[] =>
    (tables.get(edge.table.name) ?? [])
      .filter((r) => same(r[edge.from.name], from) && satisfies(edge.where, r, tables))
      .map((r) => r[edge.to.name] ?? null)
  const isNode = (key: Cell) =>
    (tables.get(nodes.table.name) ?? []).some(
      (r) => same(r[nodes.key.name], key) && satisfies(nodes.where, r, tables),
    )
  const isEnd = (key: Cell) =>
    (tables.get(target.table.name) ?? []).some(
      (r) =>
        same(r[target.key.name], key) && satisfies(target.where, r, tables) && holds(filter.of, r, tables),
    )
  const start = row[filter.key.name] ?? null
  const pending = filter.first === undefined ? [start] : [...follow(filter.first, start)]
  const seen = new Set<string>()
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (at === null || seen.has(String(at))) continue
    seen.add(String(at))
    if (filter.last === undefined && isEnd(at)) return true
    if (!isNode(at)) continue
    if (filter.last !== undefined && follow(filter.last, at).some(isEnd)) return true
    pending.push(...follow(filter.step, at))
  }
  return false
}
