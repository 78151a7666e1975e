/** What becomes at a service of entries that the source no longer has. */
import type { Known, Outcome, Removal } from '../target.js'
import { isOthers, outcomesOf, type PushParts, settled, several } from './push-parts.js'
import type { Pushed } from './pushed.js'
import { Withheld } from './reasons.js'

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
      await several(entries, concurrency, (known) =>
        settled(
          known.key,
          async () => {
            const record = await pushed.get(known.key)
            const left = record && (await this.#removed(record, how))
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

  /** What is to become of the record; undefined: nothing is left to be known. */
  async #removed(record: Pushed, how: Removal): Promise<Pushed | undefined> {
    const { remote, open: _, ...rest } = record
    const { collection, signal } = this.#parts
    const since = new Date().toISOString()
    if (remote !== undefined && !(await this.#isOurs(remote, record))) return undefined
    if (how === 'disable') {
      const isThere = remote !== undefined && (await this.#disable(remote))
      return isThere ? { ...rest, remote, state: 'disabled', since, hash: '' } : undefined
    }
    if (remote !== undefined) await collection.delete(remote, signal)
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
