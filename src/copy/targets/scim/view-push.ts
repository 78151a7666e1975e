/** One cycle of pushing the entries of one view: who of them is there already, what is made, what is changed. */
import type { Entry } from '../../../model/entry.js'
import { scalarOf } from '../../../model/value.js'
import { namingAttributes } from '../../../model/view.js'
import type { JsonObject } from '../../../scim/json.js'
import { nameOf } from '../../cycle/view-pass.js'
import type { Outcome, Planned } from '../target.js'
import { createInBulk } from './bulk.js'
import { Doubtful, Refused } from './client.js'
import { MOST } from './collection.js'
import { replacementFor } from './difference.js'
import { textsAt } from './finder.js'
import { isOthers, outcomesOf, type PushParts, settled, several } from './push-parts.js'
import { type Pushed, referenceName } from './pushed.js'
import { Withheld } from './reasons.js'
import type { Before, Desired } from './wanted.js'

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
  readonly parts: PushParts
  /** Those that the service had and has no more, as references name them. */
  readonly #lost: string[] = []
  /** Does the service have resources that are new to us? */
  found = false

  constructor(parts: PushParts) {
    this.parts = parts
  }

  /** What throws leaves what was done until then as it is, and remembered. */
  async put(entries: readonly Planned[]): Promise<readonly Outcome[]> {
    const { concurrency } = this.parts
    const outcomes = new Map<string, Outcome>()
    const done: Done[] = []
    const records = new Map<string, Pushed>()
    const settle = (planned: Planned, desired: Desired, remote: string) => {
      if (records.get(planned.key)?.remote !== remote) this.found = true
      done.push({ planned, desired, remote })
      outcomes.set(planned.key, { key: planned.key, ok: true })
    }
    const attempt = (planned: Planned, work: () => Promise<void>) => settled(planned.key, work, outcomes)
    try {
      const lacking: Lacking[] = []
      await several(entries, concurrency, (planned) =>
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
      await several(rest, concurrency, ({ planned, desired }) =>
        attempt(planned, async () => {
          settle(planned, desired, await this.#create(planned, desired, isDoubtful))
        }),
      )
    } finally {
      await this.#remember(done, records)
    }
    return outcomesOf(entries, outcomes)
  }

  /** Brings a resource that the service has to what it is to be. Undefined if it has none. */
  async #existing(
    planned: Planned,
    record: Pushed | undefined,
  ): Promise<{ desired: Desired; remote: string } | undefined> {
    const { modes, rendering } = this.parts
    const remote = record?.remote
    if (remote !== undefined) {
      const desired = this.#desired(planned, record ?? 'new')
      if (await this.#converge(remote, desired, record)) return { desired, remote }
      this.#lost.push(referenceName(rendering.view.name, planned.id))
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
    const { collection, modes, signal } = this.parts
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
    const { finder, correlate, claim, rendering, signal } = this.parts
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
    const { client, provider, collection, rendering, claim, signal } = this.parts
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
    }
    return lacking.filter((one) => !settled.has(one))
  }

  /**
   * Makes the resource, once: where the answer to it is lost, it is looked for before it is made again; where another has
   * its name by now, that one is brought to what it is to be.
   */
  async #create(planned: Planned, desired: Desired, isDoubtful: boolean): Promise<string> {
    const { collection, client, claim, rendering, signal } = this.parts
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
    return found
  }

  async #recordOf({ known }: Planned): Promise<Pushed | undefined> {
    return known === undefined ? undefined : this.parts.pushed.get(known.key)
  }

  #desired(planned: Planned, before: Before): Desired {
    const { wishes, names, externalIdOf } = this.parts
    return wishes.of(planned, externalIdOf(planned), before, names)
  }

  async #remember(done: readonly Done[], before: ReadonlyMap<string, Pushed>): Promise<void> {
    const { pushed, lost, owner, rendering, marking } = this.parts
    const naming = namingAttributes(rendering.view)
    await lost.add(this.#lost.splice(0))
    const formerly = done.flatMap(({ planned: { key } }) => {
      const old = before.get(key)
      return old === undefined || old.key === key ? [] : [old.key]
    })
    await pushed.put(
      done.map(({ planned: { key, id, hash, entry }, desired: { externalId, open, refers }, remote }) => {
        const name = nameOf(entry, naming)
        const marks = marksOf(entry, marking)
        return {
          ...{ key, id, remote, hash, state: 'present' as const, owner, externalId },
          ...(name !== undefined && { name }),
          ...(marks !== undefined && { marks }),
          ...(refers.length > 0 && { refers }),
          ...(open.length > 0 && { open }),
        }
      }),
      formerly,
    )
  }
}

function marksOf(entry: Entry, attrs: readonly string[]): Readonly<Record<string, string>> | undefined {
  const marks = attrs.flatMap((attr): [string, string][] => {
    const [value] = entry.attributes.get(attr) ?? []
    const scalar = value === undefined ? undefined : scalarOf(value)
    return scalar === undefined || typeof scalar === 'object' ? [] : [[attr, String(scalar)]]
  })
  return marks.length === 0 ? undefined : Object.fromEntries(marks)
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
