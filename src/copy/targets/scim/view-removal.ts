/** What becomes at a service of entries that the source no longer has. */
import type { Known, Outcome, Removal } from '../target.js'
import { deleteInBulk } from './bulk.js'
import { isOthers, outcomesOf, type PushParts, settled, several } from './push-parts.js'
import type { Pushed } from './pushed.js'
import { Withheld } from './reasons.js'

const NOBODY: ReadonlySet<string> = new Set()

export class ViewRemoval {
  readonly #parts: PushParts

  constructor(parts: PushParts) {
    this.#parts = parts
  }

  /** What throws leaves what was done until then as it is, and remembered. */
  async remove(entries: readonly Known[], how: Removal): Promise<readonly Outcome[]> {
    const { pushed, concurrency } = this.#parts
    const outcomes = new Map<string, Outcome>()
    const changed: Pushed[] = []
    const forgotten: Known[] = []
    try {
      const deleted = how === 'disable' ? NOBODY : await this.#inBulk(entries)
      await several(entries, concurrency, (known) =>
        settled(
          known.key,
          async () => {
            const record = await pushed.get(known.key)
            const left = record && (await this.#removed(record, how, deleted))
            if (left === undefined) forgotten.push(known)
            else changed.push(left)
            outcomes.set(known.key, { key: known.key, ok: true })
          },
          outcomes,
        ),
      )
    } finally {
      await pushed.put(changed)
      await pushed.forget(forgotten)
    }
    return outcomesOf(entries, outcomes)
  }

  /** The ids of those that are deleted together, where the service can do that. What goes wrong is met again one by one. */
  async #inBulk(entries: readonly Known[]): Promise<ReadonlySet<string>> {
    const { client, provider, collection, pushed, concurrency, signal } = this.#parts
    if (provider.bulk === undefined || entries.length < 2) return NOBODY
    const ids: string[] = []
    const look = async ({ key }: Known) => {
      const record = await pushed.get(key)
      if (record?.remote !== undefined && (await this.#isOurs(record.remote, record))) ids.push(record.remote)
    }
    await several(entries, concurrency, (known) => settled(known.key, () => look(known)))
    return deleteInBulk(client, provider.bulk, collection.endpoint, ids, signal)
  }

  /** What is to become of the record; undefined: nothing is left to be known. */
  async #removed(record: Pushed, how: Removal, deleted: ReadonlySet<string>): Promise<Pushed | undefined> {
    const { remote, open: _, ...rest } = record
    const { collection, signal } = this.#parts
    const since = new Date().toISOString()
    const isDeleted = remote !== undefined && deleted.has(remote)
    if (remote !== undefined && !isDeleted && !(await this.#isOurs(remote, record))) return undefined
    if (how === 'disable') {
      const isThere = remote !== undefined && (await this.#disable(remote))
      return isThere ? { ...rest, remote, state: 'disabled', since, hash: '' } : undefined
    }
    if (remote !== undefined && !isDeleted) await collection.delete(remote, signal)
    return how === 'delete' ? undefined : { ...rest, state: 'gone', since, hash: '' }
  }

  /** False if there is no such resource. */
  async #disable(remote: string): Promise<boolean> {
    const { wishes, names, rendering, collection, signal } = this.#parts
    const { active } = wishes
    const { wanted, managed } =
      active === undefined
        ? wishes.without(names)
        : { wanted: { resource: { active: false }, references: new Map() }, managed: [active] }
    if (managed.length === 0) {
      throw new Withheld('refused', `resources of the type ${rendering.type} cannot be disabled`)
    }
    return (await collection.converge(remote, wanted, managed, () => {}, signal)) !== undefined
  }

  /** Somebody else may have taken it over. */
  async #isOurs(remote: string, record: Pushed): Promise<boolean> {
    if (!this.#parts.modes.keepExternalPerson) return true
    const there = await this.#parts.collection.read(remote, this.#parts.signal)
    return there === undefined || !isOthers(there.resource, record.externalId, undefined)
  }
}
