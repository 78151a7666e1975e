/** How references lead from the rows of one view to those of another: by a column, by a table of links, or backwards. */
import { ownerOf } from '../sources/joined.js'
import type { Collection, Column, Edge, Relation, Table } from '../sources/source.js'
import type { DirectRefSpec } from './schema.js'
import type { Path, Resolver } from './tables.js'

/** What the rows that refer keep the other's key in: a column, or one of the rows related to them. */
export type Kept = { readonly column: Column } | { readonly relation: Relation; readonly column: Column }

/** The way of a reference. */
export interface Way {
  readonly relation: Relation
  /** The same as a step from key to key. */
  readonly edge: Edge
  /** Absent where the other entries keep it. */
  readonly kept?: Kept
}

/** A reference that a view's own rows, or rows related to them, keep. */
export function wayOf(
  spec: DirectRefSpec,
  from: Collection,
  target: Collection,
  path: Path,
  resolve: Resolver,
): (Way & { readonly kept: Kept }) | undefined {
  if ('column' in spec) {
    const at = [...path, 'column']
    const column = resolve.column(from.table, spec.column, at)
    if (column === undefined) return undefined
    if (ownerOf(column) !== undefined) return resolve.problem(at, ...elsewhere)
    if (!isByName(column, from, target, at, resolve)) return undefined
    if (column.values !== undefined) {
      const { relation, column: value } = column.values
      return throughTable(relation, value, target, at, resolve)
    }
    return {
      relation: { table: target.table, on: [{ child: target.key, parent: column }], where: target.where },
      edge: { table: from.table, from: from.key, to: column, where: from.where },
      kept: { column },
    }
  }
  const table = resolve.table(spec.table, [...path, 'table'])
  const value = table && resolve.column(table, spec.value, [...path, 'value'])
  if (table === undefined || value === undefined) return undefined
  const on = resolve.pairs(spec.on, table, from.table, from.key, [...path, 'on'])
  if (on.some(({ parent }) => ownerOf(parent) !== undefined))
    return resolve.problem([...path, 'on'], ...elsewhere)
  const where = resolve.conditions(table, spec.where, [...path, 'where'])
  return throughTable({ table, on, where }, value, target, [...path, 'on'], resolve)
}

const elsewhere = [
  'references to entries of a view are kept by the source of its rows',
  "Name a column of the view's own source, or map the text that is there as an attribute",
] as const

/** Where the source tells rows apart by names, references are names, too: other keys lead from and to none. */
function isByName(
  column: Column,
  from: Collection,
  target: Collection,
  path: Path,
  resolve: Resolver,
): boolean {
  const [own] = column.values?.relation.on ?? []
  const odd = [from, target].find(
    ({ table, key }) =>
      table.key !== undefined &&
      key.name !== table.key.name &&
      (key.kind !== column.kind || (own !== undefined && own.parent.name !== key.name)),
  )
  if (odd === undefined) return true
  const message = `column ${column.name} refers by ${odd.table.key?.name}, not by the key ${odd.key.name}`
  resolve.problem(path, message, 'Leave key out of both views; give a UUID with uuid')
  return false
}

/** Over related rows, one of whose columns holds the target's key. */
function throughTable(
  related: Relation,
  value: Column,
  target: Collection,
  path: Path,
  resolve: Resolver,
): (Way & { readonly kept: Kept }) | undefined {
  const { table, on, where } = related
  const [pair, ...more] = on
  if (pair === undefined || more.length > 0)
    return resolve.problem(path, 'a reference is found by one column', 'Name one column')
  return {
    relation: joined(related, target, value),
    edge: { table, from: pair.child, to: value, where },
    kept: { relation: related, column: value },
  }
}

/** The same way from the other end: from the rows that are referred to, to those of `referring`. */
export function backwards(kept: Kept, from: Collection, referring: Collection): Way {
  if (!('relation' in kept)) {
    const { table, key, where } = referring
    return {
      relation: { table, on: [{ child: kept.column, parent: from.key }], where },
      edge: { table, from: kept.column, to: key, where },
    }
  }
  const { table, on, where } = kept.relation
  const [pair] = on
  if (pair === undefined) throw new RangeError('a relation by no column')
  return {
    relation: {
      table,
      on: [{ child: kept.column, parent: from.key }],
      where,
      join: {
        table: referring.table,
        on: [{ joined: pair.parent, child: pair.child }],
        where: referring.where,
      },
    },
    edge: { table, from: kept.column, to: pair.child, where },
  }
}

function joined({ table, on, where }: Relation, target: Collection, value: Column): Relation {
  return {
    table,
    on,
    where,
    join: { table: target.table, on: [{ joined: target.key, child: value }], where: target.where },
  }
}

/** The relations of a table's columns that hold several values: of rows that are there no longer than the table's own. */
export function valueRelations(table: Table): ReadonlySet<Relation> {
  return new Set([...table.columns.values()].flatMap(({ values }) => values?.relation ?? []))
}
