/** Changes of entries as changes of rows: new ones, changed ones, removed ones, with what is kept up besides. */
import type { Change } from '../model/request.js'
import type { Value } from '../model/value.js'
import type { Cell, Column, RowChange, SetChange } from '../sources/source.js'
import type { Mapping } from './mapping.js'
import { RowDraft, type WriteOptions } from './row-draft.js'

/** The row that is to become the entry with these attributes. */
export function insertion(
  mapping: Mapping,
  attributes: ReadonlyMap<string, readonly Value[]>,
  options: WriteOptions,
  now: Date,
): RowChange {
  const draft = new RowDraft(mapping, options)
  const constants = mapping.create?.constants ?? []
  // Before the attributes, which may be no more than bits of them.
  for (const { column, values } of constants)
    if (column.values === undefined) for (const value of values) draft.overwrite(column, value)
  for (const [attr, values] of attributes) draft.apply({ op: 'replace', attr, values })
  for (const { column, values } of constants)
    if (column.values !== undefined) draft.include(column.values, values)
  for (const { column, textOf } of mapping.create?.made ?? []) draft.make(column, textOf)
  draft.fill(mapping.upkeep.created, now)
  draft.fill(mapping.upkeep.changed, now)
  // What the view's own conditions ask for is given to its rows.
  for (const { column, not, values } of mapping.where) {
    const [value] = values
    if (!not && value !== undefined && value !== null) draft.satisfy(column, conditionCell(value, column))
  }
  draft.name()
  return draft.finish()
}

/** What becomes of the row of an entry. No change at all leaves it alone. */
export function modification(
  mapping: Mapping,
  changes: readonly Change[],
  options: WriteOptions,
  now: Date,
): RowChange {
  const draft = new RowDraft(mapping, options)
  for (const change of changes) draft.apply(change)
  if (draft.isEmpty) return draft.finish()
  draft.fill(mapping.upkeep.changed, now)
  const { version } = mapping
  if (version !== undefined && version.column.readOnly !== true) {
    const next = nextVersion(version.column, options.cellOf(version.column), now)
    // Two changes within what a clock tells apart are two versions all the same.
    if (next !== undefined) draft.overwrite(version.column, next)
  }
  return draft.finish()
}

/** Takes from other tables what belongs to the entry. */
export function removal(mapping: Mapping, now: Date): RowChange {
  const sets = mapping.dependents.map(
    ({ relation, columns }): SetChange => ({
      relation,
      columns,
      identity: columns.length,
      op: 'replace',
      tuples: [],
    }),
  )
  const { deletions } = mapping
  if (deletions === undefined) return { cells: [], sets, exist: [] }
  const tombstone: SetChange = {
    relation: { table: deletions.table, on: [{ child: deletions.key, parent: mapping.key }], where: [] },
    columns: [deletions.at],
    identity: 1,
    op: 'add',
    tuples: [[now]],
  }
  return { cells: [], sets: [...sets, tombstone], exist: [] }
}

function nextVersion(column: Column, current: Cell | undefined, now: Date): Cell | undefined {
  switch (column.kind) {
    case 'integer':
      return typeof current === 'bigint' ? current + 1n : Number(current ?? 0) + 1
    case 'time':
      return current instanceof Date ? laterThan(current, now) : now
    case 'text':
    case 'uuid':
      return crypto.randomUUID()
    default:
      return undefined
  }
}

/** Now, or what the column tells apart from its current time: it may keep whole seconds only, or round to them. */
function laterThan(current: Date, now: Date): Date {
  const time = current.getTime()
  if (time % 1000 === 0) return now.getTime() < time + 1500 ? new Date(time + 1000) : now
  return current >= now ? new Date(time + 1) : now
}

function conditionCell(value: string | number | boolean, { kind }: Column): Cell {
  if (kind === 'boolean') return value === true || value === 1 || value === '1' || value === 'true'
  if (kind === 'integer') return typeof value === 'boolean' ? Number(value) : Number(value)
  return String(value)
}
