/**
 * The one row that says which snapshot is current and who may write the next, and the tables beside it. Whoever writes
 * locks it first, so that writers come one after the other; which cycle may write is told by its number.
 */
import { VitrineError } from '../../model/errors.js'
import type { Query } from '../../sources/sql/driver.js'
import type { Database } from './database.js'
import type { Counts, Lease, Snapshot, SnapshotNumber } from './store.js'
import { Superseded } from './store.js'

/** Of the tables' form; a greater one was made by a later version of the program. */
const FORMAT = 1

export type CountsByTable = Readonly<Record<string, Counts>>

export interface Pointer {
  readonly snapshot: SnapshotNumber
  /** Of the snapshots before it, rows may be gone. */
  readonly oldest: SnapshotNumber
  readonly oldestAt: number
  /** Up to here they are. */
  readonly pruned: SnapshotNumber
  /** The number of the last cycle that was begun, and whether it still writes. */
  readonly cycle: number
  readonly writing: boolean
  /** Of the rows that the cycle has written so far. */
  readonly counts: CountsByTable
  /** Has `apply` changed rows since the cycle began? */
  readonly touched: boolean
  /** The database's clock. */
  readonly now: number
}

export async function makeMeta(db: Database): Promise<void> {
  if ((await db.reading.describe('vitrine_pointer')) !== undefined) {
    const [row] = await db.reading.query({ sql: 'SELECT format FROM vitrine_pointer', bindings: [] })
    if (row !== undefined) return checkFormat(Number(row[0]))
  }
  const { own } = db
  const { tableOptions: end } = own
  const [insert, behind] = own.insertUnlessTaken
  const statements = [
    `CREATE TABLE IF NOT EXISTS vitrine_tables (name ${own.short(60)} PRIMARY KEY, definition ${own.document})${end}`,
    `CREATE TABLE IF NOT EXISTS vitrine_snapshots (number bigint NOT NULL PRIMARY KEY, made_at bigint NOT NULL, note ${own.document}, counts ${own.document})${end}`,
    `CREATE TABLE IF NOT EXISTS vitrine_leases (name ${own.short(100)} PRIMARY KEY, holder ${own.document}, token bigint NOT NULL, ends_at bigint NOT NULL)${end}`,
    `CREATE TABLE IF NOT EXISTS vitrine_records (kind ${own.short(60)}, name ${own.short(500)}, value ${own.document}, PRIMARY KEY (kind, name))${end}`,
    `CREATE TABLE IF NOT EXISTS vitrine_touched (tab ${own.short(60)}, name ${own.short(680)}, PRIMARY KEY (tab, name))${end}`,
    `CREATE TABLE IF NOT EXISTS vitrine_pointer (id bigint NOT NULL PRIMARY KEY, format bigint NOT NULL, snapshot bigint NOT NULL, oldest bigint NOT NULL, oldest_at bigint NOT NULL, pruned bigint NOT NULL, cycle bigint NOT NULL, writing bigint NOT NULL, touched bigint NOT NULL, counts ${own.document})${end}`,
    `${insert} vitrine_pointer (id, format, snapshot, oldest, oldest_at, pruned, cycle, writing, touched, counts) VALUES (1, ${FORMAT}, 0, 0, 0, 0, 0, 0, 0, '{}')${behind}`,
  ]
  await db.transact((query) =>
    own.lockDefinitions(query, async () => {
      for (const sql of statements) await query({ sql, bindings: [] })
    }),
  )
}

function checkFormat(format: number): void {
  if (format <= FORMAT) return
  const detail = `the store was made by a later version (form ${format}, this one knows ${FORMAT}); update this program`
  throw new VitrineError('unavailable', { detail })
}

/** @param lock for a writer, which keeps all others away until its transaction ends */
export async function readPointer(query: Query, db: Database, lock: boolean): Promise<Pointer> {
  const columns = 'snapshot, oldest, oldest_at, pruned, cycle, writing, touched, counts'
  const sql = `SELECT ${columns}, ${db.own.now} FROM vitrine_pointer WHERE id = 1${lock ? db.own.lock : ''}`
  const [row] = await query({ sql, bindings: [] })
  if (row === undefined) throw new VitrineError('internalError', { detail: 'the store has lost its pointer' })
  const number = (at: number) => Number(row[at])
  return {
    snapshot: number(0),
    oldest: number(1),
    oldestAt: number(2),
    pruned: number(3),
    cycle: number(4),
    writing: number(5) === 1,
    touched: number(6) === 1,
    counts: JSON.parse(String(row[7])) as CountsByTable,
    now: number(8),
  }
}

export type Settings = Partial<Omit<Pointer, 'now'>>

const columnOf: Readonly<Record<keyof Settings, string>> = {
  snapshot: 'snapshot',
  oldest: 'oldest',
  oldestAt: 'oldest_at',
  pruned: 'pruned',
  cycle: 'cycle',
  writing: 'writing',
  counts: 'counts',
  touched: 'touched',
}

export async function movePointer(query: Query, db: Database, settings: Settings): Promise<void> {
  const out = db.builder().add('UPDATE vitrine_pointer SET ')
  out.join(Object.entries(settings), ', ', ([name, value]) => {
    out.add(`${columnOf[name as keyof Settings]} = `)
    out.bind(typeof value === 'object' ? JSON.stringify(value) : Number(value))
  })
  await query(out.add(' WHERE id = 1').finish())
}

export async function requireLease(query: Query, db: Database, lease: Lease | undefined): Promise<void> {
  if (lease === undefined) return
  const out = db.builder().add('SELECT token, holder FROM vitrine_leases WHERE name = ').bind(lease.name)
  const [row] = await query(out.add(db.own.lock).finish())
  if (row !== undefined && Number(row[0]) === lease.token) return
  throw new Superseded(
    `the lease ${lease.name} of ${lease.holder} has gone to ${String(row?.[1] ?? 'nobody')}`,
  )
}

export async function addSnapshot(
  query: Query,
  db: Database,
  { number, note, counts }: Pick<Snapshot, 'number' | 'note' | 'counts'>,
): Promise<void> {
  const out = db.builder().add('INSERT INTO vitrine_snapshots (number, made_at, note, counts) VALUES (')
  out.bind(number).add(`, ${db.own.now}, `)
  out.bind(note ?? null).add(', ')
  await query(out.bind(JSON.stringify(counts)).add(')').finish())
}

export async function readSnapshots(query: Query, number?: SnapshotNumber): Promise<readonly Snapshot[]> {
  const which = number === undefined ? '' : ` WHERE number = ${Number(number)}`
  const sql = `SELECT number, made_at, note, counts FROM vitrine_snapshots${which} ORDER BY number DESC`
  const rows = await query({ sql, bindings: [] })
  return rows.map(([n, at, note, counts]) => ({
    number: Number(n),
    at: new Date(Number(at)),
    ...(note !== null && note !== undefined && { note: String(note) }),
    counts: JSON.parse(String(counts)) as CountsByTable,
  }))
}

/** The counts of a snapshot; none where nothing was committed yet. */
export async function readCounts(query: Query, number: SnapshotNumber): Promise<CountsByTable> {
  const [snapshot] = await readSnapshots(query, number)
  return snapshot?.counts ?? {}
}
