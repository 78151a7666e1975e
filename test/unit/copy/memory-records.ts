/** Records of one kind in memory, as JSON, as a store keeps them. */
import type { Records, StoreRecord } from '../../../src/copy/store/store.js'

type Document = Omit<StoreRecord, 'kind'>

export class MemoryRecords implements Records {
  readonly #values = new Map<string, string>()

  async get(key: string): Promise<unknown> {
    const text = this.#values.get(key)
    return text === undefined ? undefined : JSON.parse(text)
  }

  put(key: string, value: unknown): Promise<void> {
    return this.putMany([{ key, value }])
  }

  async putMany(records: readonly Document[]): Promise<void> {
    for (const { key, value } of records) {
      if (key.length > 500) throw new TypeError('too long')
      if (value === undefined) this.#values.delete(key)
      else this.#values.set(key, JSON.stringify(value))
    }
  }

  delete(key: string): Promise<void> {
    return this.putMany([{ key, value: undefined }])
  }

  async list({ after, limit = 100 }: { after?: string; limit?: number } = {}): Promise<readonly Document[]> {
    const keys = [...this.#values.keys()].filter((key) => after === undefined || key > after).sort()
    return Promise.all(keys.slice(0, limit).map(async (key) => ({ key, value: await this.get(key) })))
  }
}
