/** What is written beside cycles: into the current snapshot itself, all of it when it is committed. */
import type {
  Key,
  RowRefused,
  SnapshotNumber,
  Store,
  StoreChange,
  StoreRecord,
  StoreRow,
} from '../store/store.js'
import type { StoreWriting } from './local-cycle.js'

export class BesideCycle implements StoreWriting {
  readonly #store: Store
  #changes: StoreChange[] = []

  constructor(store: Store) {
    this.#store = store
  }

  /** What the database cannot hold, `commit` tells. */
  async put(table: string, rows: readonly StoreRow[]): Promise<readonly RowRefused[]> {
    for (const put of rows) this.#changes.push({ table, put })
    return []
  }

  async remove(table: string, keys: readonly Key[]): Promise<void> {
    for (const remove of keys) this.#changes.push({ table, remove })
  }

  async commit(records: readonly StoreRecord[] = []): Promise<{ readonly number: SnapshotNumber }> {
    await this.#store.apply(this.#changes)
    for (const { kind, ...record } of records) await this.#store.records(kind).putMany([record])
    return { number: await this.#store.current() }
  }

  async rollback(): Promise<void> {
    this.#changes = []
  }
}
