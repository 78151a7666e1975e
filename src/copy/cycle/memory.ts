/** What a target's synchronization remembers from one cycle to the next, beside entries: ids, and how far it has read. */

import type { Store, StoreRecord } from '../store/store.js'
import type { Identities } from './identities.js'
import { recordKey, recordsOf } from './problem-list.js'
import type { ValueCounts } from './values.js'

const IDENTITIES = 'identities'
const PROGRESS = 'progress'

interface Identity {
  readonly view: string
  readonly key: string
  readonly id: string
}

/** How far a view was read. Times in ISO 8601. */
export interface Progress {
  /** No entry that was read changed later than that, by its source's clock. */
  readonly until?: string
  /** When all of it was read for the last time. */
  readonly full: string
  /** How many times since then only what had changed was. */
  readonly partial: number
  /** How many values its entries had when all was read for the last time. */
  readonly values?: ValueCounts
}

/** Fills `identities`. */
export async function loadIdentities(store: Store, target: string, identities: Identities): Promise<void> {
  for await (const { value } of recordsOf(store.records(IDENTITIES), `${target}/`)) {
    const { view, key, id } = value as Identity
    identities.set(view, key, id)
  }
  identities.changes()
}

/** What has become different since `identities` was asked for its changes the last time. */
export function identityRecords(target: string, identities: Identities): readonly StoreRecord[] {
  return identities.changes().map(({ view, key, id }) => ({
    kind: IDENTITIES,
    key: `${target}/${recordKey(view, key)}`,
    value: id === undefined ? undefined : { view, key, id },
  }))
}

export async function loadProgress(
  store: Store,
  target: string,
  view: string,
): Promise<Progress | undefined> {
  return (await store.records(PROGRESS).get(`${target}/${view}`)) as Progress | undefined
}

export function progressRecord(target: string, view: string, value: Progress): StoreRecord {
  return { kind: PROGRESS, key: `${target}/${view}`, value }
}
