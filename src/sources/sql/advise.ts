/** What would make a query slow: columns it must seek that no index serves, with the statement that creates one. */
import type { Column, FieldFilter, Finding, Relation, SourceQuery, Table } from '../source.js'
import type { SqlColumn } from './dialect.js'
import type { Driver } from './driver.js'

interface Sought {
  readonly table: Table
  readonly column: Column
  /** Compared as it is, not ignoring case. */
  readonly plain: boolean
}

export async function advise(query: SourceQuery, driver: Driver): Promise<readonly Finding[]> {
  const sought: Sought[] = [{ table: query.table, column: query.key, plain: true }]
  collect(query.filter, query.table, sought)
  const sorted = query.order?.on
  if (sorted !== undefined && !('concat' in sorted))
    sought.push({ table: query.table, column: sorted, plain: sorted.kind !== 'text' })
  for (const field of query.fields) if (field.kind === 'set') collectRelation(field.relation, sought)
  const findings = new Map<string, Finding>()
  for (const { table, column, plain } of sought) {
    const seen = `${table.name}.${column.name}`
    if (findings.has(seen)) continue
    const wanted = plain ? withoutText(column) : (column as SqlColumn)
    const indexes = await driver.indexes(table.name)
    const isKey = plain && table === query.table && column === query.key
    const serving = indexes.filter((i) =>
      plain ? i.columns[0] === column.name : driver.dialect.serves(i, wanted),
    )
    if (isKey && !serving.some((i) => i.unique && i.columns.length === 1)) {
      findings.set(seen, {
        severity: 'warning',
        message: `${seen} is the key of a view and has no unique index`,
        remedy: `Make it a primary key, or CREATE UNIQUE INDEX ON it`,
      })
    } else if (serving.length === 0) findings.set(seen, missing(table, wanted, driver))
  }
  return [...findings.values()]
}

function missing(table: Table, column: SqlColumn, driver: Driver): Finding {
  const statement = driver.dialect.createIndex(table.name, column)
  const message = `no index serves a search by ${table.name}.${column.name}; each reads the whole table`
  return statement === undefined
    ? {
        severity: 'warning',
        message,
        remedy: 'Give the column a collation that ignores case (…_ci) and an index',
      }
    : { severity: 'warning', message, remedy: `${statement};` }
}

const withoutText = (column: Column): SqlColumn => ({ name: column.name, kind: column.kind, type: '' })

function collect(filter: FieldFilter, table: Table, into: Sought[]): void {
  switch (filter.op) {
    case 'and':
    case 'or':
      for (const f of filter.of) collect(f, table, into)
      return
    case 'some':
      for (const { parent } of filter.relation.on) into.push({ table, column: parent, plain: true })
      collectRelation(filter.relation, into)
      collect(filter.of, filter.relation.join?.table ?? filter.relation.table, into)
      return
    case 'reach':
      for (const edge of [filter.first, filter.step, filter.last]) {
        if (edge !== undefined) into.push({ table: edge.table, column: edge.to, plain: true })
      }
      collect(filter.of, filter.target.table, into)
      return
    case 'test': {
      if ('concat' in filter.on || filter.negated || filter.on.kind === 'binary') return
      const { test } = filter
      const seeks =
        ((test.test === 'text' || test.test === 'texts') &&
          (test.rule === 'caseIgnore' || test.rule === 'caseExact' || test.rule === 'exact')) ||
        (test.test === 'compare' && test.op === 'eq')
      if (seeks)
        into.push({ table, column: filter.on, plain: test.test === 'compare' || test.rule === 'exact' })
      return
    }
    default:
      return
  }
}

/** Related rows are found from both ends: those of a row, and the rows of one. */
function collectRelation(relation: Relation, into: Sought[]): void {
  for (const { child } of relation.on) into.push({ table: relation.table, column: child, plain: true })
  for (const { joined } of relation.join?.on ?? []) {
    if (relation.join !== undefined) into.push({ table: relation.join.table, column: joined, plain: true })
  }
}
