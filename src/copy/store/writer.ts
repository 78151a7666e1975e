/**
 * Transactions of those who write: each locks the pointer first, so that one comes after the other, and whoever writes
 * the next snapshot makes sure with each that nobody has taken over.
 */
import type { Query } from '../../sources/sql/driver.js'
import type { Database } from './database.js'
import { layoutOf, readDefinitions, SINCE, type TableLayout, UNTIL } from './definitions.js'
import { OPEN } from './dialect.js'
import { type CountsByTable, movePointer, type Pointer, readPointer, requireLease } from './pointer.js'
import { revertRows, type Tally } from './rows.js'
import { type Key, type Lease, type SnapshotNumber, Superseded } from './store.js'
import { KEYS, keyText, Versions } from './versions.js'

/** A transaction that nobody else writes in. */
export interface Locked {
  readonly query: Query
  readonly pointer: Pointer
  readonly versions: Versions
}

export function locked<T>(db: Database, work: (locked: Locked) => Promise<T>): Promise<T> {
  return db.transact(async (query) => {
    const pointer = await readPointer(query, db, true)
    return work({ query, pointer, versions: new Versions(db, query, pointer.snapshot) })
  })
}

/** The right to write the next snapshot, until somebody else takes it. */
export class Turn {
  readonly #db: Database
  readonly #cycle: number
  readonly lease: Lease | undefined
  /** The snapshot that it is to come. */
  readonly number: SnapshotNumber

  private constructor(db: Database, cycle: number, number: SnapshotNumber, lease: Lease | undefined) {
    this.#db = db
    this.#cycle = cycle
    this.number = number
    this.lease = lease
  }

  /** Ends any other cycle, and leaves nothing of what it wrote. */
  static async take(db: Database, lease: Lease | undefined): Promise<Turn> {
    const { turn, isDirty } = await locked(db, async ({ query, pointer }) => {
      await requireLease(query, db, lease)
      const cycle = pointer.cycle + 1
      await movePointer(query, db, { cycle, writing: true, counts: {}, touched: false })
      await query({ sql: 'DELETE FROM vitrine_touched', bindings: [] })
      return { turn: new Turn(db, cycle, pointer.snapshot + 1, lease), isDirty: pointer.writing }
    })
    if (isDirty) await turn.#repair()
    return turn
  }

  locked<T>(work: (locked: Locked) => Promise<T>): Promise<T> {
    return locked(this.#db, (given) => {
      const { cycle, writing } = given.pointer
      if (cycle !== this.#cycle) throw new Superseded('another cycle has begun')
      if (!writing) throw new Superseded('the cycle has ended')
      return work(given)
    })
  }

  /** Leaves everything as it is in the current snapshot. */
  async giveUp(): Promise<void> {
    await this.#repair()
    await this.locked(({ query }) => this.end(query, {}))
  }

  /** Lets go of the right to write, in a transaction. */
  async end(query: Query, more: { readonly snapshot?: SnapshotNumber }): Promise<void> {
    await movePointer(query, this.#db, { ...more, writing: false, counts: {}, touched: false })
    await query({ sql: 'DELETE FROM vitrine_touched', bindings: [] })
  }

  async #repair(): Promise<void> {
    const current = this.number - 1
    const which = `(${SINCE} > ${current} OR (${UNTIL} > ${current} AND ${UNTIL} < ${OPEN}))`
    const definitions = await readDefinitions((statement) => this.#db.writing.query(statement))
    for (const definition of definitions.values()) {
      const table = layoutOf(definition)
      for await (const keys of keysWhere(this.#db, table, which))
        await this.locked(({ versions }) => revertRows(table, keys, versions))
    }
    await this.locked(({ query }) => movePointer(query, this.#db, { counts: {} }))
  }
}

/** The keys of the rows that satisfy a condition, in their order, batch by batch. */
export async function* keysWhere(
  db: Database,
  { key, physical }: Pick<TableLayout, 'key' | 'physical'>,
  condition: string,
): AsyncGenerator<readonly Key[]> {
  const column = db.quote(key.name)
  let after: Key | undefined
  for (;;) {
    const out = db.builder().add(`SELECT DISTINCT ${column} FROM ${db.quote(physical)} WHERE ${condition}`)
    if (after !== undefined) out.add(` AND ${column} > `).bind(db.dialect.binding(after, key.kind))
    const raw = await db.writing.query(out.add(` ORDER BY ${column} LIMIT ${KEYS}`).finish())
    const keys = db.read(raw, [key]).flatMap(([cell = null]) => (cell === null ? [] : [cell]))
    if (keys.length > 0) yield keys
    if (keys.length < KEYS) return
    after = keys.at(-1)
  }
}

/** Those of some keys that `apply` has changed since the cycle began. */
export async function touchedAmong(
  db: Database,
  { query, pointer }: Locked,
  { name, key }: TableLayout,
  keys: readonly Key[],
): Promise<ReadonlySet<string>> {
  if (!pointer.touched || keys.length === 0) return new Set()
  const out = db.builder().add('SELECT name FROM vitrine_touched WHERE tab = ').bind(name).add(' AND ')
  db.among(
    out,
    { name: 'name', kind: 'text' },
    keys.map((k) => keyText(k, key)),
  )
  return new Set((await query(out.finish())).map(([text]) => String(text)))
}

/** The counts of a table with more done to it, and what was taken back. */
export function counted(
  counts: CountsByTable,
  table: string,
  done: Tally,
  undone: Tally = { added: 0, changed: 0, removed: 0 },
): CountsByTable {
  const known = counts[table] ?? { added: 0, changed: 0, removed: 0, total: 0 }
  return {
    ...counts,
    [table]: {
      added: known.added + done.added - undone.added,
      changed: known.changed + done.changed - undone.changed,
      removed: known.removed + done.removed - undone.removed,
      total: known.total,
    },
  }
}
