/** A remote SCIM 2.0 service as a target: puts its parts together, and keeps what was pushed in records of the store. */
import type { Directory } from '../../../directory/directory.js'
import { VitrineError } from '../../../model/errors.js'
import type { Context } from '../../../model/request.js'
import type { Ref } from '../../../model/value.js'
import type { Store, StoreRecord } from '../../store/store.js'
import { Superseded } from '../../store/store.js'
import type { CyclePlan, Known, Target, TargetCycle } from '../target.js'
import { ScimClient } from './client.js'
import { Collection } from './collection.js'
import { Finder } from './finder.js'
import { LostEntries } from './lost.js'
import { addOpenReferences, canBeAdded } from './open-references.js'
import { type Provider, type ProviderOverrides, providerOf } from './provider.js'
import { PushedEntries } from './pushed.js'
import { Rendering } from './rendering.js'
import type { RemoteSettings } from './settings.js'
import { ViewPush } from './view-push.js'
import { ViewRemoval } from './view-removal.js'
import { type Names, type PushModes, Wishes } from './wanted.js'

export interface ScimTargetOptions {
  readonly name: string
  readonly remote: RemoteSettings
  /** What is known better than the service does. */
  readonly provider?: ProviderOverrides
  /** Where it is remembered what was pushed. */
  readonly store: Pick<Store, 'records'>
  /** What the views belong to. */
  readonly directory: Pick<Directory, 'views' | 'schema' | 'handles'>
  /** All that are pushed there, this time or another. */
  readonly views: readonly string[]
  readonly modes: (view: string) => PushModes
  /**
   * By view: the attributes by which resources are known that were there before, besides `externalId`, and entries whose keys
   * become others.
   */
  readonly correlate: (view: string) => readonly string[]
}

/** Milliseconds for which the lease is had when something is to be written. */
const LEASE = 30_000

export class ScimTarget implements Target {
  readonly name: string
  readonly atomic = false
  readonly #options: ScimTargetOptions
  readonly #client: ScimClient
  readonly #pushed: ReadonlyMap<string, PushedEntries>
  readonly #lost: LostEntries

  constructor(options: ScimTargetOptions) {
    const { name, remote, store, views } = options
    this.name = name
    this.#options = options
    this.#client = new ScimClient(remote)
    this.#pushed = new Map(views.map((view) => [view, new PushedEntries(store, name, view)]))
    this.#lost = new LostEntries(store, name)
  }

  known(view: string): AsyncIterable<readonly Known[]> {
    return this.#pushedOf(view).known()
  }

  find(
    view: string,
    attr: string,
    values: readonly string[],
  ): Promise<ReadonlyMap<string, readonly Known[]>> {
    return this.#pushedOf(view).marked(attr, values)
  }

  /** Nothing is asked of the service before there is something to do. */
  async begin(plan: CyclePlan, { signal }: Context): Promise<TargetCycle> {
    let opened: Promise<ReadonlyMap<string, ViewPush>> | undefined
    const pushes = async () => {
      if (plan.lease !== undefined && !(await plan.lease.renew(LEASE))) {
        throw new Superseded(`the lease ${plan.lease.name} is somebody else's`)
      }
      opened ??= this.#open(plan, signal)
      return opened
    }
    const pushOf = async (view: string) => {
      const push = (await pushes()).get(view)
      if (push === undefined) throw new TypeError(`${view} is not part of this cycle`)
      return push
    }
    return {
      put: async (view, entries) => (entries.length === 0 ? [] : (await pushOf(view)).put(entries)),
      remove: async (view, entries, how) =>
        entries.length === 0 ? [] : new ViewRemoval((await pushOf(view)).parts).remove(entries, how),
      commit: async (records = []) => {
        await this.#keep(records)
        if (opened !== undefined || (await this.#isUnfinished(plan))) await this.#complete(await pushes())
        return {}
      },
      // What was pushed is pushed, and remembered.
      rollback: async () => {},
    }
  }

  /** Reads what the service says of itself, each time anew. */
  async #open(plan: CyclePlan, signal: AbortSignal): Promise<ReadonlyMap<string, ViewPush>> {
    const provider = await providerOf(this.#client, this.#options.provider ?? {}, signal)
    for (const pushed of this.#pushed.values()) pushed.reread()
    const names = await this.#names()
    const claims = new Claims(names.taken)
    const pushes = new Map<string, ViewPush>()
    for (const view of plan.views)
      pushes.set(view, await this.#push(view, plan, provider, names, claims, signal))
    return pushes
  }

  close(): Promise<void> {
    return this.#client.close()
  }

  #pushedOf(view: string): PushedEntries {
    const pushed = this.#pushed.get(view)
    if (pushed === undefined) throw new TypeError(`${view} is not pushed to ${this.name}`)
    return pushed
  }

  async #names() {
    const all = new Map(
      await Promise.all(
        [...this.#pushed].map(async ([view, pushed]) => [view, await pushed.remotes()] as const),
      ),
    )
    const taken = (remote: string, view: string) => all.get(view)?.entryOf(remote)
    return {
      taken: (remote: string) => [...all.keys()].flatMap((view) => pair(view, taken(remote, view))),
      remoteOf: ({ view, id }: Pick<Ref, 'view' | 'id'>) => {
        const remotes = all.get(view)
        if (remotes === undefined || id === undefined) return undefined
        return remotes.remoteOf(id) ?? ('open' as const)
      },
      isOurs: (remote: string) => [...all.values()].some((remotes) => remotes.entryOf(remote) !== undefined),
    } satisfies Names & { taken: unknown }
  }

  async #push(
    name: string,
    plan: CyclePlan,
    provider: Provider,
    names: Names,
    claims: Claims,
    signal: AbortSignal,
  ): Promise<ViewPush> {
    const { directory, modes: modesOf, remote, correlate } = this.#options
    const view = directory.views.get(name)
    if (view?.resource === undefined) throw new TypeError(`the view ${name} is no SCIM resource`)
    const rendering = new Rendering(view, directory, provider.takes)
    const endpoint = provider.endpointOf(rendering.type)
    if (endpoint === undefined) {
      throw new VitrineError('unwillingToPerform', {
        message: `the service has no resources of the type ${rendering.type}`,
      })
    }
    const collection = new Collection(this.#client, provider, endpoint)
    if (!provider.isTold) await collection.expectThere(signal)
    const handles = await directory.handles(name)
    const modes = modesOf(name)
    const marking = correlate(name)
    const paths = marking.map((attr) => rendering.pathOf(attr))
    const correlated = ['externalId', ...paths.filter((path) => path !== undefined)]
    return new ViewPush({
      client: this.#client,
      provider,
      collection,
      finder: new Finder(this.#client, provider, endpoint, correlated),
      rendering,
      wishes: new Wishes(rendering, provider.takes, modes),
      pushed: this.#pushedOf(name),
      lost: this.#lost,
      modes,
      names,
      correlate: correlated,
      marking,
      owner: plan.owner,
      externalIdOf: ({ id, uuid }) => uuid ?? handles.of(id) ?? id,
      claim: (found, of, id) => claims.claim(found, of, id),
      concurrency: remote.concurrency,
      signal,
    })
  }

  /** Was an earlier cycle cut short before its references were complete? */
  async #isUnfinished({ views }: CyclePlan): Promise<boolean> {
    const open = views.map((view) => this.#pushedOf(view)).filter(({ isOpen }) => isOpen)
    if (open.length === 0) return false
    for (const pushed of this.#pushed.values()) pushed.reread()
    const names = await this.#names()
    for (const pushed of open) if (await canBeAdded(pushed, names)) return true
    return false
  }

  /** References that could not be made when their entries were, and those to what had to be made anew. */
  async #complete(pushes: ReadonlyMap<string, ViewPush>): Promise<void> {
    const all = [...pushes.values()]
    const isFound = all.some(({ found }) => found)
    for (const { parts } of all) if (isFound || parts.pushed.isOpen) await addOpenReferences(parts)
    await this.#lost.settle(this.#pushed.values())
  }

  async #keep(records: readonly StoreRecord[]): Promise<void> {
    for (const kind of new Set(records.map((record) => record.kind))) {
      await this.#options.store.records(kind).putMany(records.filter((record) => record.kind === kind))
    }
  }
}

function pair(view: string, id: string | undefined): readonly Claim[] {
  return id === undefined ? [] : [{ view, id }]
}

interface Claim {
  readonly view: string
  readonly id: string
}

/** Whose a resource is: that of one entry at most. */
class Claims {
  readonly #before: (remote: string) => readonly Claim[]
  readonly #made = new Map<string, Claim>()

  constructor(before: (remote: string) => readonly Claim[]) {
    this.#before = before
  }

  claim(remote: string, view: string, id: string): boolean {
    const made = this.#made.get(remote)
    const others = made === undefined ? this.#before(remote) : [made]
    if (others.some((other) => other.view !== view || other.id !== id)) return false
    this.#made.set(remote, { view, id })
    return true
  }
}
