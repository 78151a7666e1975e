/** A new snapshot with the content of an old one: what came since ends, what ended since begins again. */
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
import { OPEN } from './dialect.js'
import { requireSnapshot } from './diff.js'
import {
  addSnapshot,
  type CountsByTable,
  movePointer,
  readCounts,
  readSnapshots,
  requireLease,
} from './pointer.js'
import type { Tally } from './rows.js'
import type { Key, Lease, Snapshot, SnapshotNumber } from './store.js'
import { keyText } from './versions.js'
import { counted, keysWhere, type Locked, Turn, touchedAmong } from './writer.js'

export async function restore(db: Database, to: SnapshotNumber, lease: Lease | undefined): Promise<Snapshot> {
  await requireSnapshot(db, to)
  const turn = await Turn.take(db, lease)
  const now = turn.number - 1
  const later = `(${SINCE} > ${Number(to)} AND ${SINCE} <= ${now} AND ${UNTIL} = ${OPEN})`
  const earlier = `(${SINCE} <= ${Number(to)} AND ${UNTIL} > ${Number(to)} AND ${UNTIL} <= ${now})`
  const definitions = await readDefinitions((statement) => db.writing.query(statement))
  for (const definition of definitions.values()) {
    const table = layoutOf(definition)
    for await (const keys of keysWhere(db, table, `(${later} OR ${earlier})`)) {
      await turn.locked(async (locked) => {
        const touched = await touchedAmong(db, locked, table, keys)
        const rest = keys.filter((key) => !touched.has(keyText(key, table.key)))
        if (rest.length === 0) return
        const done = await restoreRows(db, locked, table, rest, { later, earlier, at: turn.number })
        await movePointer(locked.query, db, { counts: counted(locked.pointer.counts, table.name, done) })
      })
    }
  }
  return turn.locked(async ({ query, pointer }) => {
    await requireLease(query, db, lease)
    const before = await readCounts(query, pointer.snapshot)
    const { number } = turn
    await addSnapshot(query, db, { number, note: `back to ${to}`, counts: totals(before, pointer.counts) })
    await turn.end(query, { snapshot: number })
    const [made] = await readSnapshots(query, number)
    return made ?? { number, at: new Date(0), counts: {} }
  })
}

interface Which {
  readonly later: string
  readonly earlier: string
  readonly at: SnapshotNumber
}

async function restoreRows(
  db: Database,
  { query }: Locked,
  table: TableLayout,
  keys: readonly Key[],
  { later, earlier, at }: Which,
): Promise<Tally> {
  const having = async (condition: string) => {
    const out = db.builder().add(`SELECT ${db.quote(table.key.name)} FROM ${db.quote(table.physical)}`)
    db.among(out.add(` WHERE ${condition} AND `), table.key, keys)
    const raw = await query(out.finish())
    return new Set(db.read(raw, [table.key]).map(([key = null]) => keyText(key, table.key)))
  }
  const ending = await having(later)
  const beginning = await having(earlier)
  for (const layout of [table, ...table.children]) {
    const names = [layout.key, ...layout.columns].map((c) => c.name)
    const isParent = layout === table
    const columns = [...new Set(names)].map((name) => db.quote(name)).concat(isParent ? [HASH] : [])
    await again(db, layout, columns, keys, earlier, at, query)
    const out = db
      .builder()
      .add(`UPDATE ${db.quote(layout.physical)} SET ${UNTIL} = `)
      .bind(at)
    db.among(out.add(` WHERE ${later} AND `), layout.key, keys)
    await query(out.finish())
  }
  const both = [...ending].filter((text) => beginning.has(text)).length
  return { added: beginning.size - both, changed: both, removed: ending.size - both }
}

/** Versions that have ended begin again. */
async function again(
  db: Database,
  { physical, key }: Layout,
  columns: readonly string[],
  keys: readonly Key[],
  which: string,
  at: SnapshotNumber,
  query: Locked['query'],
): Promise<void> {
  const list = columns.join(', ')
  const table = db.quote(physical)
  const out = db.builder().add(`INSERT INTO ${table} (${list}, ${SINCE}, ${UNTIL})`)
  out.add(` SELECT ${list}, ${Number(at)}, ${OPEN} FROM ${table} WHERE ${which} AND `)
  db.among(out, key, keys)
  await query(out.finish())
}

function totals(before: CountsByTable, done: CountsByTable): CountsByTable {
  const names = new Set([...Object.keys(before), ...Object.keys(done)])
  return Object.fromEntries(
    [...names].map((name) => {
      const { added, changed, removed } = done[name] ?? { added: 0, changed: 0, removed: 0 }
      const { total } = before[name] ?? { total: 0 }
      return [name, { added, changed, removed, total: total + added - removed }]
    }),
  )
}
