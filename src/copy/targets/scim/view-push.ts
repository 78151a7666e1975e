/** One cycle of pushing the entries of one view: who of them is there already, what is made, changed, disabled, deleted. */
import { namingAttributes } from '../../../model/view.js'
import type { JsonObject } from '../../../scim/json.js'
import { nameOf } from '../../view-pass.js'
import type { Known, Outcome, Planned, Removal } from '../target.js'
import { createInBulk } from './bulk.js'
import { Doubtful, Refused, type ScimClient } from './client.js'
import { type Collection, MOST } from './collection.js'
import { replacementFor } from './difference.js'
import { type Finder, textsAt } from './finder.js'
import type { Provider } from './provider.js'
import type { Pushed, PushedEntries } from './pushed.js'
import { reasonOf, Withheld } from './reasons.js'
import type { Rendering } from './rendering.js'
import type { Before, Desired, Names, PushModes, Wishes } from './wanted.js'

export interface ViewPushParts {
  readonly client: ScimClient
  readonly provider: Provider
  readonly collection: Collection
  readonly finder: Finder
  readonly rendering: Rendering
  readonly wishes: Wishes
  readonly pushed: PushedEntries
  readonly modes: PushModes
  readonly names: Names
  /** By what a resource that is there already is known again, the first first. */
  readonly correlate: readonly string[]
  readonly owner: string
  readonly externalIdOf: (planned: Planned) => string
  /** Says that a resource is this entry's; false if it is another's. */
  readonly claim: (remote: string, view: string, id: string) => boolean
  readonly concurrency: number
  readonly signal: AbortSignal
}

/** An entry that the service does not have. */
interface Lacking {
  readonly planned: Planned
  readonly desired: Desired
}

interface Done {
  readonly planned: Planned
  readonly desired: Desired
  readonly remote: string
}

export class ViewPush {
  readonly #parts: ViewPushParts
  /** Has the service made resources, and had it lost some that we had made? */
  made = false
  lost = false

  constructor(parts: ViewPushParts) {
    this.#parts = parts
  }

  /** What throws leaves what was done until then as it is, and remembered. */
  async put(entries: readonly Planned[]): Promise<readonly Outcome[]> {
    const outcomes = new Map<string, Outcome>()
    const done: Done[] = []
    const records = new Map<string, Pushed>()
    const settle = (planned: Planned, desired: Desired, remote: string) => {
      done.push({ planned, desired, remote })
      outcomes.set(planned.key, { key: planned.key, ok: true })
    }
    const attempt = (planned: Planned, work: () => Promise<void>) =>
      this.#attempt(planned.key, work, outcomes)
    try {
      const lacking: Lacking[] = []
      await this.#each(entries, (planned) =>
        attempt(planned, async () => {
          const record = await this.#recordOf(planned)
          if (record !== undefined) records.set(planned.key, record)
          const found = await this.#existing(planned, record)
          if (found === undefined) lacking.push({ planned, desired: this.#desired(planned, 'new') })
          else settle(planned, found.desired, found.remote)
        }),
      )
      const rest = await this.#inBulk(lacking, settle)
      // Of those that were asked for already, nobody knows whether they were made.
      const isDoubtful = rest !== lacking
      await this.#each(rest, ({ planned, desired }) =>
        attempt(planned, async () => {
          settle(planned, desired, await this.#create(planned, desired, isDoubtful))
        }),
      )
    } finally {
      await this.#remember(done, records)
    }
    return entries.map(({ key }) => outcomes.get(key) ?? unsettled(key))
  }

  async remove(entries: readonly Known[], how: Removal): Promise<readonly Outcome[]> {
    const { pushed } = this.#parts
    const outcomes = new Map<string, Outcome>()
    const changed: Pushed[] = []
    const forgotten: Known[] = []
    try {
      await this.#each(entries, (known) =>
        this.#attempt(
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
    return entries.map(({ key }) => outcomes.get(key) ?? unsettled(key))
  }

  /** Adds references to what the service has by now. */
  async addOpen(): Promise<void> {
    const { pushed, names, wishes, collection, signal } = this.#parts
    for await (const some of pushed.all()) {
      const closed: Pushed[] = []
      await this.#each(
        some.filter(({ open, remote }) => open !== undefined && remote !== undefined),
        async (record) => {
          const { open = [], remote = '' } = record
          const left = open.filter((one) => names.remoteOf(one) === 'open')
          if (left.length === open.length) return
          const found = new Map<string, Set<string>>()
          for (const one of open) {
            const id = names.remoteOf(one)
            if (id === 'open' || id === undefined) continue
            found.set(one.attribute, (found.get(one.attribute) ?? new Set()).add(id))
          }
          const { wanted, managed } = wishes.adding(found)
          await this.#attempt(record.key, async () => {
            await collection.converge(remote, wanted, managed, () => {}, signal)
            const { open: _, ...rest } = record
            closed.push(left.length === 0 ? rest : { ...rest, open: left })
          })
        },
      )
      await pushed.put(closed)
    }
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

  /** Brings a resource that the service has to what it is to be. Undefined if it has none. */
  async #existing(
    planned: Planned,
    record: Pushed | undefined,
  ): Promise<{ desired: Desired; remote: string } | undefined> {
    const { modes, rendering } = this.#parts
    const remote = record?.remote
    if (remote !== undefined) {
      const desired = this.#desired(planned, record ?? 'new')
      if (await this.#converge(remote, desired, record)) return { desired, remote }
      this.lost = true
      if (modes.noCreate) {
        throw new Withheld('refused', `the service no longer has this ${rendering.type}, and none are made`)
      }
    }
    return this.#adopted(planned, record)
  }

  /** The same with one that was not made by us, or of which we know no more. */
  async #adopted(planned: Planned, record: Pushed | undefined) {
    const desired = this.#desired(planned, 'adopted')
    const remote = await this.#find(planned, desired, false)
    return remote !== undefined && (await this.#converge(remote, desired, record))
      ? { desired, remote }
      : undefined
  }

  async #converge(remote: string, desired: Desired, record: Pushed | undefined): Promise<boolean> {
    const { collection, modes, signal } = this.#parts
    const check = (there: JsonObject) => {
      if (!modes.noUpdateProviderMismatch || !isOthers(there, desired.externalId, record?.externalId)) return
      throw new Withheld(
        'refused',
        `it is somebody else's: its externalId is ${JSON.stringify(there.externalId)}`,
      )
    }
    const { wanted, managed } = desired
    return (await collection.converge(remote, wanted, managed, check, signal)) !== undefined
  }

  async #find(planned: Planned, desired: Desired, isFresh: boolean): Promise<string | undefined> {
    const { finder, correlate, claim, rendering, signal } = this.#parts
    for (const name of correlate) {
      const [value] = textsAt(desired.wanted.resource, name)
      const [found, ...more] = value === undefined ? [] : await finder.find(name, value, signal, isFresh)
      if (found === undefined) continue
      if (more.length > 0) {
        const count = more.length + 1
        throw new Withheld('duplicate', `the service has ${count} of the ${name} ${JSON.stringify(value)}`)
      }
      if (claim(found, rendering.view.name, planned.id)) return found
      throw new Withheld('duplicate', `another entry has the ${name} ${JSON.stringify(value)} already`)
    }
    return undefined
  }

  async #inBulk(lacking: readonly Lacking[], settle: (...done: [Planned, Desired, string]) => void) {
    const { client, provider, collection, rendering, claim, signal } = this.#parts
    if (provider.bulk === undefined || lacking.length < 2) return lacking
    const small = lacking.filter(({ desired }) => !isLarge(desired))
    const bodies = small.map(({ desired }) => bodyOf(desired))
    const made = await createInBulk(client, provider.bulk, collection.endpoint, bodies, signal)
    const settled = new Set<Lacking>()
    for (const [at, remote] of made) {
      const one = small[at]
      if (one === undefined || !claim(remote, rendering.view.name, one.planned.id)) continue
      settled.add(one)
      settle(one.planned, one.desired, remote)
      this.made = true
    }
    return lacking.filter((one) => !settled.has(one))
  }

  /**
   * Makes the resource, once: where the answer to it is lost, it is looked for before it is made again; where another has
   * its name by now, that one is brought to what it is to be.
   */
  async #create(planned: Planned, desired: Desired, isDoubtful: boolean): Promise<string> {
    const { collection, client, claim, rendering, signal } = this.#parts
    const madeBefore = async (as: Desired) => {
      const found = await this.#find(planned, as, true)
      return found !== undefined && (await this.#converge(found, as, undefined)) ? found : undefined
    }
    let found = isDoubtful ? await madeBefore(desired) : undefined
    for (let attempt = 1; found === undefined; attempt += 1) {
      try {
        found = await collection.create(bodyOf(desired), signal)
        claim(found, rendering.view.name, planned.id)
        if (isLarge(desired)) await this.#converge(found, desired, undefined)
      } catch (error) {
        const isTaken = error instanceof Refused && error.status === 409
        if (!isTaken && !(error instanceof Doubtful)) throw error
        if (!isTaken) await client.pause(attempt, signal)
        found = await madeBefore(isTaken ? this.#desired(planned, 'adopted') : desired)
        if (found === undefined && (isTaken || attempt >= client.attempts)) throw error
      }
    }
    this.made = true
    return found
  }

  async #recordOf({ key, known }: Planned): Promise<Pushed | undefined> {
    const { pushed } = this.#parts
    const record = await pushed.get(key)
    return record ?? (known === undefined || known.key === key ? undefined : pushed.get(known.key))
  }

  #desired(planned: Planned, before: Before): Desired {
    const { wishes, names, externalIdOf } = this.#parts
    return wishes.of(planned, externalIdOf(planned), before, names)
  }

  async #remember(done: readonly Done[], before: ReadonlyMap<string, Pushed>): Promise<void> {
    const { pushed, owner, rendering } = this.#parts
    const naming = namingAttributes(rendering.view)
    await pushed.put(
      done.map(({ planned: { key, id, hash, entry }, desired: { externalId, open }, remote }) => {
        const name = nameOf(entry, naming)
        return {
          ...{ key, id, remote, hash, state: 'present' as const, owner, externalId },
          ...(name !== undefined && { name }),
          ...(open.length > 0 && { open }),
        }
      }),
    )
    const renamed = done.flatMap(({ planned: { key } }) => {
      const old = before.get(key)
      return old === undefined || old.key === key ? [] : [old.key]
    })
    await pushed.forgetNames(renamed)
  }

  /** What fails for one entry's own sake is its outcome. */
  async #attempt(key: string, work: () => Promise<void>, outcomes?: Map<string, Outcome>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const reason = reasonOf(error)
      if (reason === undefined) throw error
      outcomes?.set(key, { key, ok: false, reason })
    }
  }

  /** Several at a time. After one that throws, no more are begun, and those under way come to their end. */
  async #each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
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
    const workers = Array.from({ length: Math.min(this.#parts.concurrency, items.length) }, worker)
    const results = await Promise.allSettled(workers)
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }
}

function isOthers(there: JsonObject, ...ours: readonly (string | undefined)[]): boolean {
  const { externalId } = there
  return typeof externalId === 'string' && externalId !== '' && !ours.includes(externalId)
}

function unsettled(key: string): Outcome {
  return { key, ok: false, reason: { code: 'unavailable', message: 'it was not tried' } }
}

/** Are there more references than go into one request? */
function isLarge({ wanted }: Desired): boolean {
  let count = 0
  for (const { ids } of wanted.references.values()) count += ids.size
  return count > MOST
}

function bodyOf(desired: Desired): JsonObject {
  const { resource, references } = desired.wanted
  const wanted = isLarge(desired) ? { resource, references: new Map() } : { resource, references }
  return replacementFor(wanted, {}, desired.managed)
}
