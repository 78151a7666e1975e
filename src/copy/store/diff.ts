/** How the rows of one snapshot became those of another. */
import { VitrineError } from '../../model/errors.js'
import type { Cell, Column } from '../../sources/source.js'
import { tupleText } from './cells.js'
import type { Database } from './database.js'
import {
  HASH,
  type Layout,
  layoutOf,
  readDefinitions,
  SINCE,
  type TableLayout,
  UNTIL,
} from './definitions.js'
import { readPointer, readSnapshots } from './pointer.js'
import type { Key, RowDiff, SnapshotNumber } from './store.js'
import { keyText } from './versions.js'
import { keysWhere } from './writer.js'

const sees = (snapshot: SnapshotNumber) =>
  `(${SINCE} <= ${Number(snapshot)} AND ${UNTIL} > ${Number(snapshot)})`

export async function* diffSnapshots(
  db: Database,
  from: SnapshotNumber,
  to: SnapshotNumber,
  only?: string,
): AsyncIterable<readonly RowDiff[]> {
  for (const number of [from, to]) await requireSnapshot(db, number)
  const definitions = await readDefinitions((statement) => db.writing.query(statement))
  if (only !== undefined && !definitions.has(only)) throw new TypeError(`the store has no table ${only}`)
  for (const definition of definitions.values()) {
    if (only !== undefined && definition.name !== only) continue
    const table = layoutOf(definition)
    // Versions that either sees, and the other does not.
    const which = `((${sees(from)} AND NOT ${sees(to)}) OR (${sees(to)} AND NOT ${sees(from)}))`
    for await (const keys of keysWhere(db, table, which)) {
      const batch = await compare(db, table, keys, from, to)
      for (const number of [from, to]) await requireSnapshot(db, number)
      if (batch.length > 0) yield batch
    }
  }
}

/** Throws `noSuchObject` for a snapshot that is not kept. */
export async function requireSnapshot(db: Database, number: SnapshotNumber): Promise<void> {
  const query = (statement: { sql: string; bindings: readonly unknown[] }) => db.writing.query(statement)
  const { oldest } = await readPointer(query, db, false)
  if (number >= oldest && (await readSnapshots(query, number)).length > 0) return
  throw new VitrineError('noSuchObject', {
    message: `there is no snapshot ${number}`,
    detail: 'or no longer',
  })
}

async function compare(
  db: Database,
  table: TableLayout,
  keys: readonly Key[],
  from: SnapshotNumber,
  to: SnapshotNumber,
): Promise<readonly RowDiff[]> {
  const hash: Column = { name: HASH, kind: 'text' }
  const columns = [...table.columns, hash]
  const [before, after] = await Promise.all([
    rowsOf(db, table, columns, keys, from),
    rowsOf(db, table, columns, keys, to),
  ])
  const children = table.children.map(async (child) => {
    const sets = (number: SnapshotNumber) => rowsOf(db, child, child.columns, keys, number)
    const [then, now] = await Promise.all([sets(from), sets(to)])
    const text = (of: typeof then, key: string) =>
      (of.get(key) ?? [])
        .map((tuple) => tupleText(tuple, child.columns))
        .sort()
        .join('|')
    return { name: child.name, differs: (key: string) => text(then, key) !== text(now, key) }
  })
  const sets = await Promise.all(children)
  return keys.flatMap((key): readonly RowDiff[] => {
    const text = keyText(key, table.key)
    const [[old], [now]] = [before.get(text) ?? [], after.get(text) ?? []]
    if (old === undefined && now === undefined) return []
    if (old === undefined || now === undefined)
      return [{ table: table.name, key, change: old === undefined ? 'added' : 'removed', columns: [] }]
    if (old.at(-1) === now.at(-1)) return []
    const differing = table.columns.filter(
      (c, i) => tupleText([old[i] ?? null], [c]) !== tupleText([now[i] ?? null], [c]),
    )
    const names = [...differing.map((c) => c.name), ...sets.filter((s) => s.differs(text)).map((s) => s.name)]
    return names.length === 0 ? [] : [{ table: table.name, key, change: 'changed', columns: names }]
  })
}

/** Rows of some keys that a snapshot sees, by the text of the key. */
async function rowsOf(
  db: Database,
  { physical, key }: Layout,
  columns: readonly Column[],
  keys: readonly Key[],
  snapshot: SnapshotNumber,
): Promise<ReadonlyMap<string, readonly (readonly Cell[])[]>> {
  const selected = [key, ...columns].map((c) => db.quote(c.name)).join(', ')
  const out = db.builder().add(`SELECT ${selected} FROM ${db.quote(physical)} WHERE ${sees(snapshot)} AND `)
  db.among(out, key, keys)
  const raw = await db.writing.query(out.finish())
  const found = new Map<string, (readonly Cell[])[]>()
  for (const [of = null, ...cells] of db.read(raw, [key, ...columns])) {
    const text = keyText(of, key)
    const known = found.get(text)
    if (known === undefined) found.set(text, [cells])
    else known.push(cells)
  }
  return found
}
