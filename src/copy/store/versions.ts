/** Statements about the versions of rows: which there are of some keys, and how they begin, end and are taken back. */
import type { Cell, Column } from '../../sources/source.js'
import type { Query } from '../../sources/sql/driver.js'
import type { SqlBuilder } from '../../sources/sql/statement.js'
import { cellText } from './cells.js'
import type { Database } from './database.js'
import { HASH, ID, type Layout, SINCE, UNTIL } from './definitions.js'
import { OPEN } from './dialect.js'
import type { Key, SnapshotNumber } from './store.js'

/** Keys per statement. */
export const KEYS = 512

/** What there is of a key beside versions that have ended. */
export interface State {
  /** The version in the current snapshot, and whether the cycle has let it end with that. */
  readonly base?: { readonly since: SnapshotNumber; readonly hash: string; readonly open: boolean }
  /** The hash of the version that the cycle has made. */
  readonly own?: string
}

const NOTHING: State = {}

const ID_COLUMN: Column = { name: ID, kind: 'integer' }

export class Versions {
  readonly #db: Database
  readonly #query: Query
  readonly #snapshot: SnapshotNumber

  /** @param snapshot the current one */
  constructor(db: Database, query: Query, snapshot: SnapshotNumber) {
    this.#db = db
    this.#query = query
    this.#snapshot = snapshot
  }

  /** By the text of the key. */
  async states(layout: Layout, keys: readonly Key[]): Promise<ReadonlyMap<string, State>> {
    const { key, physical } = layout
    const columns = `${this.#db.quote(key.name)}, ${SINCE}, ${UNTIL}, ${HASH}`
    const states = new Map<string, State>()
    // The next one is on its way before the one before it is answered.
    const asked = [...chunks(keys, KEYS)].map((some) => {
      const out = this.#db.builder().add(`SELECT ${columns} FROM ${this.#db.quote(physical)} WHERE `)
      this.#db.among(out, key, some)
      out.add(` AND ${UNTIL} > `).bind(this.#snapshot)
      return this.#query(out.finish())
    })
    for (const raw of await Promise.all(asked)) {
      const cells = this.#db.read(
        raw.map((row) => [row[0]]),
        [key],
      )
      raw.forEach(([, since, until, hash], i) => {
        const text = keyText(cells[i]?.[0] ?? null, key)
        const known = states.get(text) ?? NOTHING
        if (Number(since) > this.#snapshot) states.set(text, { ...known, own: String(hash) })
        else {
          const base = { since: Number(since), hash: String(hash), open: Number(until) === OPEN }
          states.set(text, { ...known, base })
        }
      })
    }
    return states
  }

  /** Leaves of these keys what the current snapshot has: undoes what a cycle has done. */
  async revert(layout: Layout, keys: readonly Key[]): Promise<void> {
    const mark = this.#snapshot
    await this.#forKeys(layout, keys, (out, table) => {
      out.add(`DELETE FROM ${table} WHERE ${SINCE} > `).bind(mark)
    })
    await this.#forKeys(layout, keys, (out, table) => {
      out.add(`UPDATE ${table} SET ${UNTIL} = ${OPEN} WHERE ${UNTIL} < ${OPEN} AND ${UNTIL} > `).bind(mark)
    })
  }

  /** Versions that are open end before `at`; those that begin with it never were. */
  async close(layout: Layout, keys: readonly Key[], at: SnapshotNumber): Promise<void> {
    if (at <= this.#snapshot) {
      await this.#forKeys(layout, keys, (out, table) => {
        out.add(`DELETE FROM ${table} WHERE ${SINCE} >= `).bind(at)
      })
    }
    await this.#forKeys(layout, keys, (out, table) => {
      out.add(`UPDATE ${table} SET ${UNTIL} = `).bind(at).add(` WHERE ${UNTIL} = ${OPEN}`)
    })
  }

  /** As `close`, of children by their numbers. */
  async closeChildren({ physical }: Layout, ids: readonly number[], at: SnapshotNumber): Promise<void> {
    const table = this.#db.quote(physical)
    for (const some of chunks(ids, KEYS)) {
      const ended = this.#db.builder().add(`DELETE FROM ${table} WHERE ${SINCE} >= `).bind(at).add(' AND ')
      this.#db.among(ended, ID_COLUMN, some)
      if (at <= this.#snapshot) await this.#query(ended.finish())
      const out = this.#db.builder().add(`UPDATE ${table} SET ${UNTIL} = `).bind(at)
      out.add(` WHERE ${UNTIL} = ${OPEN} AND `)
      this.#db.among(out, ID_COLUMN, some)
      await this.#query(out.finish())
    }
  }

  /** The open children of some rows, with their numbers, by the text of the parent's key. */
  async children(
    layout: Layout,
    keys: readonly Key[],
  ): Promise<ReadonlyMap<string, readonly { readonly id: number; readonly tuple: readonly Cell[] }[]>> {
    const columns = [layout.key, ...layout.columns]
    const selected = columns.map((c) => this.#db.quote(c.name)).join(', ')
    const found = new Map<string, { id: number; tuple: readonly Cell[] }[]>()
    for (const some of chunks(keys, KEYS)) {
      const out = this.#db
        .builder()
        .add(`SELECT ${selected}, ${ID} FROM ${this.#db.quote(layout.physical)} WHERE `)
      this.#db.among(out, layout.key, some)
      const raw = await this.#query(out.add(` AND ${UNTIL} = ${OPEN}`).finish())
      this.#db.read(raw, columns).forEach(([key = null, ...tuple], i) => {
        const text = keyText(key, layout.key)
        const child = { id: Number(raw[i]?.[columns.length]), tuple }
        const known = found.get(text)
        if (known === undefined) found.set(text, [child])
        else known.push(child)
      })
    }
    return found
  }

  /** New versions; each row with what stands in the columns, and behind them its hash if the table has any. */
  async insert(
    { physical }: Layout,
    columns: readonly Column[],
    rows: readonly (readonly Cell[])[],
    hashes: readonly string[] | undefined,
    since: SnapshotNumber,
  ): Promise<void> {
    const names = [...columns.map((c) => this.#db.quote(c.name)), SINCE, UNTIL]
    if (hashes !== undefined) names.push(HASH)
    const width = columns.length + (hashes === undefined ? 1 : 2)
    const into = `INSERT INTO ${this.#db.quote(physical)} (${names.join(', ')}) VALUES `
    let from = 0
    const sent: Promise<unknown>[] = []
    for (const size of sizes(rows.length, Math.floor(this.#db.own.mostBindings / width))) {
      const out = this.#db.builder().add(into)
      for (let i = from; i < from + size; i++) {
        out.add(i === from ? '(' : ', (')
        for (const [at, column] of columns.entries()) {
          out.bind(this.#db.stored(rows[i]?.[at] ?? null, column)).add(', ')
        }
        out.bind(since).add(`, ${OPEN}`)
        if (hashes !== undefined) out.add(', ').bind(hashes[i])
        out.add(')')
      }
      sent.push(this.#query(out.finish()))
      from += size
    }
    await Promise.all(sent)
  }

  async #forKeys(
    { key, physical }: Layout,
    keys: readonly Key[],
    begin: (out: SqlBuilder, table: string) => void,
  ): Promise<void> {
    for (const some of chunks(keys, KEYS)) {
      const out = this.#db.builder()
      begin(out, this.#db.quote(physical))
      this.#db.among(out.add(' AND '), key, some)
      await this.#query(out.finish())
    }
  }
}

export function keyText(cell: Cell, { kind }: Column): string {
  return cell === null ? '' : cellText(cell, kind)
}

export function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size)
}

/** Powers of two that sum up to a number, so that few statements differ. */
function* sizes(count: number, most: number): Generator<number> {
  let size = 2 ** Math.floor(Math.log2(Math.max(1, Math.min(most, 256))))
  for (let left = count; left > 0; left -= size) {
    while (size > left) size /= 2
    yield size
  }
}
