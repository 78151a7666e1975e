/** Old snapshots go: first from the list, so that nobody begins to read them, and later, when those who did know, their rows. */
import type { Database } from './database.js'
import { layoutOf, readDefinitions, UNTIL } from './definitions.js'
import { OPEN } from './dialect.js'
import { movePointer, readSnapshots } from './pointer.js'
import type { Snapshot, SnapshotNumber } from './store.js'
import { locked } from './writer.js'

/** Milliseconds until everybody has heard that a snapshot is no longer kept; readers look more often than that. */
const DELAY = 5000
/** Rows per statement. */
const ROWS = 2000

/**
 * @param kept how many snapshots stay
 * @param grace for how many milliseconds one stays at least when another has taken its place
 */
export async function prune(db: Database, kept: number, grace: number): Promise<void> {
  const due = await locked(db, async ({ query, pointer }) => {
    const oldest = oldestKept(await readSnapshots(query), kept, grace, pointer.now)
    if (oldest !== undefined && oldest > pointer.oldest) {
      await movePointer(query, db, { oldest, oldestAt: pointer.now })
      const gone = db.builder().add('DELETE FROM vitrine_snapshots WHERE number < ').bind(oldest)
      await query(gone.finish())
    }
    const isHeard = pointer.pruned < pointer.oldest && pointer.now - pointer.oldestAt >= DELAY
    return isHeard ? pointer.oldest : undefined
  })
  if (due === undefined) return
  await removeRows(db, due)
  await locked(db, async ({ query, pointer }) => {
    if (pointer.pruned < due) await movePointer(query, db, { pruned: due })
  })
}

/** @param snapshots the newest first */
function oldestKept(
  snapshots: readonly Snapshot[],
  kept: number,
  grace: number,
  now: number,
): SnapshotNumber | undefined {
  const staying = snapshots.filter((_, i) => {
    const successor = snapshots[i - 1]
    return i < kept || (successor !== undefined && now - successor.at.getTime() < grace)
  })
  return staying.at(-1)?.number
}

async function removeRows(db: Database, oldest: SnapshotNumber): Promise<void> {
  const definitions = await readDefinitions((statement) => db.writing.query(statement))
  // The second condition is that of the index.
  const condition = `${UNTIL} <= ${Number(oldest)} AND ${UNTIL} < ${OPEN}`
  for (const definition of definitions.values()) {
    const table = layoutOf(definition)
    for (const { physical } of [table, ...table.children]) {
      const any = `SELECT 1 FROM ${db.quote(physical)} WHERE ${condition} LIMIT 1`
      while ((await db.writing.query({ sql: any, bindings: [] })).length > 0) {
        const sql = db.own.deleteSome(physical, condition, ROWS)
        await db.transact((query) => query({ sql, bindings: [] }))
      }
    }
  }
}
