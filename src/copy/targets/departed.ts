/** Who is gone from the local store: remembered in records, so that a returning person is the same one as before. */
import type { EntryId } from '../../model/value.js'
import { recordKey, recordsOf } from '../cycle/problem-list.js'
import type { Store, StoreRecord } from '../store/store.js'

const KIND = 'gone'

export interface Gone {
  readonly view: string
  readonly key: string
  readonly id: EntryId
  readonly name?: string
  readonly uuid?: string
  readonly since: string
  /** By attribute: values by which it is known again. */
  readonly values: Readonly<Record<string, readonly string[]>>
}

/** By key: who is gone from a view. */
export async function goneFrom(store: Store, view: string): Promise<ReadonlyMap<string, Gone>> {
  const gone = new Map<string, Gone>()
  for await (const { value } of recordsOf(store.records(KIND), `${view}/`)) {
    const one = value as Gone
    gone.set(one.key, one)
  }
  return gone
}

/** Who is gone that had this key. */
export async function goneAs(store: Store, view: string, key: string): Promise<Gone | undefined> {
  return (await store.records(KIND).get(recordKey(view, key))) as Gone | undefined
}

/** The record of somebody who is gone; of somebody who is back, without `gone`. */
export function goneRecord(view: string, key: string, gone?: Gone): StoreRecord {
  return { kind: KIND, key: recordKey(view, key), value: gone }
}
