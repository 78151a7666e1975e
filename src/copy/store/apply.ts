/** Changes of single rows outside of cycles, in the current snapshot itself. */
import { VitrineError } from '../../model/errors.js'
import { Fingerprint } from './cells.js'
import { refusalOf } from './cycle.js'
import type { Database } from './database.js'
import type { TableLayout } from './definitions.js'
import { type CountsByTable, movePointer, readCounts } from './pointer.js'
import { itemOf, putRows, removeRows, type Written } from './rows.js'
import { type Key, RowRefused, type StoreChange } from './store.js'
import { keyText } from './versions.js'
import { counted, type Locked, locked } from './writer.js'

export async function applyChanges(
  db: Database,
  changes: readonly StoreChange[],
  tableOf: (name: string) => TableLayout,
): Promise<void> {
  const steps = changes.map((change) => stepOf(db, change, tableOf(change.table)))
  if (steps.length === 0) return
  await locked(db, async (given) => {
    const { query, pointer } = given
    if (pointer.snapshot === 0)
      throw new VitrineError('unavailable', { detail: 'nothing was copied into the store yet' })
    let totals: CountsByTable = await readCounts(query, pointer.snapshot)
    let { counts } = pointer
    for (const { table, key, write } of steps) {
      const { done, undone } = await write(given)
      const known = totals[table.name] ?? { added: 0, changed: 0, removed: 0, total: 0 }
      totals = { ...totals, [table.name]: { ...known, total: known.total + done.added - done.removed } }
      counts = counted(counts, table.name, { added: 0, changed: 0, removed: 0 }, undone)
      if (pointer.writing) await touch(db, given, table, key)
    }
    const kept = db.builder().add('UPDATE vitrine_snapshots SET counts = ').bind(JSON.stringify(totals))
    await query(kept.add(' WHERE number = ').bind(pointer.snapshot).finish())
    if (pointer.writing) await movePointer(query, db, { counts, touched: true })
  })
}

interface Step {
  readonly table: TableLayout
  readonly key: Key
  write(locked: Locked): Promise<Written>
}

function stepOf(db: Database, change: StoreChange, table: TableLayout): Step {
  if ('remove' in change) {
    const { remove: key } = change
    return {
      table,
      key,
      write: ({ versions, pointer }) => removeRows(table, [key], versions, pointer.snapshot),
    }
  }
  const item = itemOf(change.put, new Fingerprint(table))
  const why = refusalOf(change.put, table, db)
  if (why !== undefined) throw new RowRefused(table.name, item.key, why)
  return {
    table,
    key: item.key,
    write: ({ versions, pointer }) => putRows(table, [item], versions, pointer.snapshot),
  }
}

/** The cycle that is running leaves the row alone. */
async function touch(
  db: Database,
  { query }: Locked,
  { name, key: column }: TableLayout,
  key: Key,
): Promise<void> {
  const [insert, behind] = db.own.insertUnlessTaken
  const out = db.builder().add(`${insert} vitrine_touched (tab, name) VALUES (`).bind(name).add(', ')
  await query(out.bind(keyText(key, column)).add(`)${behind}`).finish())
}
