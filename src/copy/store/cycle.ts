/** A cycle: rows put and removed beside the current snapshot, which then become the next one. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Fingerprint, refusal } from './cells.js'
import type { Database } from './database.js'
import type { TableLayout } from './definitions.js'
import {
  addSnapshot,
  type CountsByTable,
  movePointer,
  readCounts,
  readSnapshots,
  requireLease,
} from './pointer.js'
import { writeRecords } from './records.js'
import { type Item, isSame, itemOf, putRows, removeRows, type Written } from './rows.js'
import type { Counts, Key, Snapshot, SnapshotNumber, StoreCycle, StoreRecord, StoreRow } from './store.js'
import { RowRefused } from './store.js'
import { chunks, KEYS, keyText, Versions } from './versions.js'
import { counted, type Locked, type Turn, touchedAmong } from './writer.js'

/** Between two transactions of a cycle, for others to write, in milliseconds. */
const PAUSE = 30

/** Rows that a table grows by before the database is made to look at it, and then by how many times as many. */
const GROWN = 1000
const GROWTH = 4

/** Rows per transaction: many, since each of them has to reach the disk, and few enough for others to have their turn. */
const ROWS = 6144

export interface CycleOptions {
  readonly note?: string
  table(name: string): TableLayout
  /** Hears of each snapshot that becomes current. */
  onCommit(number: SnapshotNumber): Promise<void>
}

export class SqlCycle implements StoreCycle {
  readonly #db: Database
  readonly #turn: Turn
  readonly #options: CycleOptions
  readonly #fingerprints = new Map<string, Fingerprint>()
  /** Tables of which rows were told, be it none. */
  readonly #covered = new Set<string>()
  /** What was put, but not written yet, of one table. */
  #pending: { readonly table: TableLayout; readonly items: Map<string, Item> } | undefined
  /** By table: rows that were written, and when it is looked at next. */
  readonly #growth = new Map<string, { readonly written: number; readonly next: number }>()
  /** What is being written, until others have had their turn; meanwhile, more may be read. */
  #writing: Promise<void> | undefined
  /** Most rows that came last were new or differed: it is not worth looking before writing. */
  #mostDiffer = true

  constructor(db: Database, turn: Turn, options: CycleOptions) {
    this.#db = db
    this.#turn = turn
    this.#options = options
  }

  get number(): SnapshotNumber {
    return this.#turn.number
  }

  async put(table: string, rows: readonly StoreRow[]): Promise<readonly RowRefused[]> {
    const fingerprint = this.#fingerprint(table)
    this.#covered.add(table)
    const refused: RowRefused[] = []
    for (const row of rows) {
      const item = itemOf(row, fingerprint)
      const why = refusalOf(row, fingerprint.table, this.#db)
      if (why !== undefined) refused.push(new RowRefused(table, item.key, why))
      else {
        if (this.#pending !== undefined && this.#pending.table !== fingerprint.table) await this.#flush()
        this.#pending ??= { table: fingerprint.table, items: new Map() }
        this.#pending.items.set(item.text, item)
        if (this.#pending.items.size === ROWS) await this.#flush()
      }
    }
    return refused
  }

  /** Begins to write what is pending, once what went before is written. Rejects if that could not be. */
  async #flush(): Promise<void> {
    await this.#writing
    const pending = this.#pending
    this.#pending = undefined
    if (pending === undefined) return
    this.#writing = this.#put(pending.table, [...pending.items.values()])
    // Whoever comes next is told.
    this.#writing.catch(() => {})
  }

  /** Until everything that was put is written. */
  async #settle(): Promise<void> {
    await this.#flush()
    await this.#writing
  }

  async #put(table: TableLayout, items: readonly Item[]): Promise<void> {
    const differing = this.#mostDiffer ? items : await this.#differing(table, items)
    if (differing.length === 0) return
    const written = await this.#write(table, differing, (rest, { versions }) =>
      putRows(table, rest, versions, this.number),
    )
    const { added, changed } = written.done
    this.#mostDiffer = (added + changed) * 2 > items.length
    await this.#grew(table, added + changed)
    // Other processes that wait for the file look for it from time to time only.
    if (this.#db.dialect.name === 'sqlite') await sleep(PAUSE)
  }

  async #grew(table: TableLayout, rows: number): Promise<void> {
    const { own } = this.#db
    if (own.analyze === undefined) return
    const { written, next } = this.#growth.get(table.name) ?? { written: 0, next: GROWN }
    const now = written + rows
    this.#growth.set(table.name, { written: now, next: now < next ? next : now * GROWTH })
    if (now < next) return
    for (const { physical } of [table, ...table.children]) {
      const sql = own.analyze(physical)
      await this.#db.transact((query) => query({ sql, bindings: [] }))
    }
  }

  async #differing(table: TableLayout, items: readonly Item[]): Promise<readonly Item[]> {
    const query = this.#db.writing.query
    const versions = new Versions(this.#db, (statement) => query(statement), this.number - 1)
    const states = await versions.states(
      table,
      items.map(({ key }) => key),
    )
    return items.filter((item) => !isSame(item, states.get(item.text)))
  }

  async remove(table: string, keys: readonly Key[]): Promise<void> {
    const layout = this.#options.table(table)
    this.#covered.add(table)
    await this.#settle()
    for (const some of chunks(keys, KEYS)) {
      const items = some.map((key) => ({ key, text: keyText(key, layout.key) }))
      await this.#write(layout, items, (rest, { versions }) => {
        const left = rest.map(({ key }) => key)
        return removeRows(layout, left, versions, this.number)
      })
    }
  }

  /** Leaves alone what `apply` has changed meanwhile, for that is later than what the cycle has read. */
  #write<I extends Pick<Item, 'key' | 'text'>>(
    table: TableLayout,
    items: readonly I[],
    work: (rest: readonly I[], locked: Locked) => Promise<Written>,
  ): Promise<Written> {
    return this.#turn.locked(async (locked) => {
      const keys = items.map(({ key }) => key)
      const touched = await touchedAmong(this.#db, locked, table, keys)
      const rest = touched.size === 0 ? items : items.filter(({ text }) => !touched.has(text))
      const written = await work(rest, locked)
      const counts = counted(locked.pointer.counts, table.name, written.done, written.undone)
      await movePointer(locked.query, this.#db, { counts })
      return written
    })
  }

  async commit(records: readonly StoreRecord[] = []): Promise<Snapshot> {
    const { note } = this.#options
    await this.#settle()
    const snapshot = await this.#turn.locked(async ({ query, pointer }): Promise<Snapshot> => {
      await requireLease(query, this.#db, this.#turn.lease)
      await writeRecords(query, this.#db, records)
      const before = await readCounts(query, pointer.snapshot)
      const counts = nextCounts(before, pointer.counts, this.#covered)
      const number = counts === undefined ? pointer.snapshot : this.number
      if (counts !== undefined)
        await addSnapshot(query, this.#db, { number, counts, ...(note !== undefined && { note }) })
      await this.#turn.end(query, { snapshot: number })
      const [made] = await readSnapshots(query, number)
      return made ?? { number, at: new Date(0), counts: {} }
    })
    await this.#options.onCommit(snapshot.number)
    return snapshot
  }

  async rollback(): Promise<void> {
    this.#pending = undefined
    await this.#writing?.catch(() => {})
    return this.#turn.giveUp()
  }

  #fingerprint(table: string): Fingerprint {
    const known = this.#fingerprints.get(table)
    if (known !== undefined) return known
    const made = new Fingerprint(this.#options.table(table))
    this.#fingerprints.set(table, made)
    return made
  }
}

/** Undefined where the next snapshot would be the same as the one before. */
function nextCounts(
  before: CountsByTable,
  done: CountsByTable,
  covered: ReadonlySet<string>,
): CountsByTable | undefined {
  const names = new Set([...Object.keys(before), ...Object.keys(done), ...covered])
  let differs = false
  const entries = [...names].map((name): readonly [string, Counts] => {
    const { added, changed, removed } = done[name] ?? { added: 0, changed: 0, removed: 0 }
    const known = before[name]
    differs ||= known === undefined || added + changed + removed > 0
    return [name, { added, changed, removed, total: (known?.total ?? 0) + added - removed }]
  })
  return differs ? Object.fromEntries(entries) : undefined
}

/** Why the database cannot hold a row; undefined if it can. */
export function refusalOf(row: StoreRow, table: TableLayout, db: Database): string | undefined {
  const { own, dialect } = db
  const bounds = {
    longest: own.longest,
    bindable: (text: string) => dialect.bindable(text) && (own.holdsNul || !text.includes('\0')),
  }
  const told = (layout: Pick<TableLayout, 'columns' | 'key' | 'name'>, cells: StoreRow['cells']) => {
    for (const [i, { name, kind, index }] of layout.columns.entries()) {
      const sought = index !== undefined || name === layout.key.name
      const why = refusal(cells[i] ?? null, { kind, sought }, bounds)
      if (why !== undefined) return `${layout.name}.${name} ${why}`
    }
    return undefined
  }
  const why = told(table, row.cells)
  if (why !== undefined) return why
  for (const child of table.children) {
    for (const tuple of row.children[child.name] ?? []) {
      const why = told(child, tuple)
      if (why !== undefined) return why
    }
  }
  return undefined
}
