/** A store over an SQL database: puts together what its parts do. */
import { hostname } from 'node:os'
import { applyChanges } from './apply.js'
import { SqlCycle } from './cycle.js'
import { Database, type DatabaseOptions } from './database.js'
import { checkDefinitions, layoutOf, makeTables, readDefinitions, type TableLayout } from './definitions.js'
import { diffSnapshots } from './diff.js'
import { acquireLease } from './lease.js'
import { makeMeta, readPointer, readSnapshots } from './pointer.js'
import { prune } from './prune.js'
import { SqlRecords } from './records.js'
import { restore } from './restore.js'
import { SnapshotSource } from './source.js'
import type {
  Lease,
  Records,
  RowDiff,
  Snapshot,
  SnapshotNumber,
  Store,
  StoreChange,
  StoreCycle,
  StoreTable,
} from './store.js'
import { Turn } from './writer.js'

export interface StoreOptions extends DatabaseOptions {
  /** How many snapshots are kept; 10 unless told. */
  readonly snapshotMaxCount?: number
  /** How long one is kept after another has taken its place, at least, in milliseconds; 10 minutes unless told. */
  readonly grace?: number
}

const KEPT = 10
const GRACE = 600_000

/** Opens nothing yet: while the database is away, everything asked of the store is `unavailable`. */
export function createStore(options: StoreOptions): Store {
  return new SqlStore(options)
}

class SqlStore implements Store {
  readonly source: SnapshotSource
  readonly #db: Database
  readonly #kept: number
  readonly #grace: number
  readonly #holder = `${hostname()} ${process.pid}`
  readonly #tables = new Map<string, TableLayout>()
  #opening: Promise<void> | undefined

  constructor(options: StoreOptions) {
    this.#db = new Database(options)
    this.#kept = Math.max(1, options.snapshotMaxCount ?? KEPT)
    this.#grace = options.grace ?? GRACE
    this.source = new SnapshotSource(
      this.#db,
      () => this.#open(),
      () => this.close(),
    )
  }

  async define(tables: readonly StoreTable[]): Promise<void> {
    checkDefinitions(tables)
    await this.#open()
    await makeTables(tables, this.#db)
    const known = await readDefinitions((statement) => this.#db.writing.query(statement))
    for (const table of tables) this.#tables.set(table.name, layoutOf(table, known.get(table.name)))
  }

  async current(): Promise<SnapshotNumber> {
    await this.#open()
    const { snapshot } = await readPointer((statement) => this.#db.writing.query(statement), this.#db, false)
    if (snapshot > 0) this.source.moved(snapshot)
    return snapshot
  }

  async begin({ lease, note }: { lease?: Lease; note?: string } = {}): Promise<StoreCycle> {
    await this.#open()
    const turn = await Turn.take(this.#db, lease)
    return new SqlCycle(this.#db, turn, {
      ...(note !== undefined && { note }),
      table: (name) => this.#table(name),
      onCommit: (number) => this.#committed(number),
    })
  }

  async apply(changes: readonly StoreChange[]): Promise<void> {
    await this.#open()
    await applyChanges(this.#db, changes, (name) => this.#table(name))
  }

  async snapshots(): Promise<readonly Snapshot[]> {
    await this.#open()
    return readSnapshots((statement) => this.#db.writing.query(statement))
  }

  async *diff(from: SnapshotNumber, to: SnapshotNumber, table?: string): AsyncIterable<readonly RowDiff[]> {
    await this.#open()
    yield* diffSnapshots(this.#db, from, to, table)
  }

  async rollback(to: SnapshotNumber, { lease }: { lease?: Lease } = {}): Promise<Snapshot> {
    await this.#open()
    const snapshot = await restore(this.#db, to, lease)
    await this.#committed(snapshot.number)
    return snapshot
  }

  async acquire(name: string, ms: number): Promise<Lease | undefined> {
    await this.#open()
    return acquireLease(this.#db, name, this.#holder, ms)
  }

  records(kind: string): Records {
    return new SqlRecords(kind, this.#db, () => this.#open())
  }

  health() {
    return this.source.health()
  }

  async close(): Promise<void> {
    this.source.stop()
    await this.#db.close()
  }

  #table(name: string): TableLayout {
    const table = this.#tables.get(name)
    if (table === undefined) throw new TypeError(`the store has no table ${name}; define it first`)
    return table
  }

  /** Once for all; what failed is tried again by the next one who asks. */
  #open(): Promise<void> {
    this.#opening ??= this.#db
      .open()
      .then(() => makeMeta(this.#db))
      .catch((error: unknown) => {
        this.#opening = undefined
        throw error
      })
    return this.#opening
  }

  async #committed(number: SnapshotNumber): Promise<void> {
    if (number === 0) return
    this.source.moved(number)
    // What could not be removed now is by the next one.
    await prune(this.#db, this.#kept, this.#grace).catch(() => {})
  }
}
