/** Small documents under keys, in the same database as the copies. */
import type { Query } from '../../sources/sql/driver.js'
import type { Database } from './database.js'
import type { Records, StoreRecord } from './store.js'
import { chunks } from './versions.js'

const PAGE = 100
/** Documents per statement. */
const AT_ONCE = 256

type Document = Omit<StoreRecord, 'kind'>

export class SqlRecords implements Records {
  readonly #kind: string
  readonly #db: Database
  readonly #ready: () => Promise<void>

  constructor(kind: string, db: Database, ready: () => Promise<void>) {
    this.#kind = kind
    this.#db = db
    this.#ready = ready
  }

  async get(key: string): Promise<unknown> {
    await this.#ready()
    const out = this.#of('SELECT value').add(' AND name = ').bind(key)
    const [row] = await this.#db.writing.query(out.finish())
    return row === undefined ? undefined : JSON.parse(String(row[0]))
  }

  put(key: string, value: unknown): Promise<void> {
    return this.putMany([{ key, value }])
  }

  async putMany(records: readonly Document[]): Promise<void> {
    await this.#ready()
    const all = records.map((record) => ({ ...record, kind: this.#kind }))
    await this.#db.transact((query) => writeRecords(query, this.#db, all))
  }

  delete(key: string): Promise<void> {
    return this.putMany([{ key, value: undefined }])
  }

  async list({ after, limit = PAGE }: { after?: string; limit?: number } = {}): Promise<readonly Document[]> {
    await this.#ready()
    const out = this.#of('SELECT name, value')
    if (after !== undefined) out.add(' AND name > ').bind(after)
    const rows = await this.#db.writing.query(out.add(` ORDER BY name LIMIT ${Math.max(0, limit)}`).finish())
    return rows.map(([key, value]) => ({ key: String(key), value: JSON.parse(String(value)) as unknown }))
  }

  #of(selected: string) {
    return this.#db.builder().add(`${selected} FROM vitrine_records WHERE kind = `).bind(this.#kind)
  }
}

/** Of several with one key, the last one counts. */
export async function writeRecords(
  query: Query,
  db: Database,
  records: readonly StoreRecord[],
): Promise<void> {
  const last = [...new Map(records.map((r) => [JSON.stringify([r.kind, r.key]), r])).values()]
  for (const { key, kind } of last) {
    if (key.length > 500 || kind.length > 60 || !db.dialect.bindable(key))
      throw new TypeError(`no record of ${kind} can be kept under ${JSON.stringify(key)}`)
  }
  for (const { kind, key, value } of last) {
    if (value !== undefined) continue
    const out = db.builder().add('DELETE FROM vitrine_records WHERE kind = ').bind(kind)
    await query(out.add(' AND name = ').bind(key).finish())
  }
  const kept = last.filter(({ value }) => value !== undefined)
  for (const some of chunks(kept, AT_ONCE)) {
    const out = db.builder().add('INSERT INTO vitrine_records (kind, name, value) VALUES ')
    out.join(some, ', ', ({ kind, key, value }) => {
      out.add('(').bind(kind).add(', ').bind(key).add(', ').bind(JSON.stringify(value)).add(')')
    })
    await query(out.add(db.own.upsert(['kind', 'name'], 'value')).finish())
  }
}
