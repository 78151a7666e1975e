/** What pushing the entries of one view works with, and how many of them are at it at a time. */
import type { JsonObject } from '../../../scim/json.js'
import type { Outcome, Planned } from '../target.js'
import type { ScimClient } from './client.js'
import type { Collection } from './collection.js'
import type { Finder } from './finder.js'
import type { LostEntries } from './lost.js'
import type { Provider } from './provider.js'
import type { PushedEntries } from './pushed.js'
import { reasonOf } from './reasons.js'
import type { Rendering } from './rendering.js'
import type { Names, PushModes, Wishes } from './wanted.js'

export interface PushParts {
  readonly client: ScimClient
  readonly provider: Provider
  readonly collection: Collection
  readonly finder: Finder
  readonly rendering: Rendering
  readonly wishes: Wishes
  readonly pushed: PushedEntries
  readonly lost: LostEntries
  readonly modes: PushModes
  readonly names: Names
  /** By what a resource that is there already is known again, the first first. */
  readonly correlate: readonly string[]
  /** Attributes of the view by which entries are known whose keys become others. */
  readonly marking: readonly string[]
  readonly owner: string
  readonly externalIdOf: (planned: Planned) => string
  /** Says that a resource is this entry's; false if it is another's. */
  readonly claim: (remote: string, view: string, id: string) => boolean
  readonly concurrency: number
  readonly signal: AbortSignal
}

/**
 * Several at a time. After one that throws, no more are begun, and those under way come to their end.
 */
export async function several<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values()
  let failed = false
  const worker = async () => {
    for (const item of left) {
      if (failed) return
      try {
        await work(item)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const results = await Promise.allSettled(
    Array.from({ length: Math.min(concurrency, items.length) }, worker),
  )
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

/** What fails for one entry's own sake is its outcome. */
export async function settled(
  key: string,
  work: () => Promise<void>,
  outcomes?: Map<string, Outcome>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    const reason = reasonOf(error)
    if (reason === undefined) throw error
    outcomes?.set(key, { key, ok: false, reason })
  }
}

/** In the order of the entries. */
export function outcomesOf(
  entries: readonly Pick<Planned, 'key'>[],
  outcomes: ReadonlyMap<string, Outcome>,
): readonly Outcome[] {
  const reason = { code: 'unavailable', message: 'it was not tried' } as const
  return entries.map(({ key }) => outcomes.get(key) ?? { key, ok: false, reason })
}

/** Does somebody else keep the resource, by what it has as its `externalId`? */
export function isOthers(there: JsonObject, ...ours: readonly (string | undefined)[]): boolean {
  const { externalId } = there
  return typeof externalId === 'string' && externalId !== '' && !ours.includes(externalId)
}
