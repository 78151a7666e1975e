/**
 * What was written to an origin comes into its copy at once: the entry as the origin then has it, and the entries of
 * other views that keep the other end of a reference. What becomes of them there is what the next cycle would make of
 * them, which then finds nothing to do.
 */
import type { CoreDirectory } from '../../directory/core.js'
import type { Entry } from '../../model/entry.js'
import { type Filter, TRUE } from '../../model/filter.js'
import type { Log } from '../../model/log.js'
import { type EntryId, Ref } from '../../model/value.js'
import { removalOf } from '../cycle/diff.js'
import type { Identities } from '../cycle/identities.js'
import { compositeKey, knownAs } from '../cycle/keys.js'
import type { SourceEntry, ViewSettings } from '../cycle/plan.js'
import { ProblemList } from '../cycle/problem-list.js'
import { type EntryHook, ViewPass } from '../cycle/view-pass.js'
import { LOCAL } from '../targets/local.js'
import type { PreparedTarget } from '../targets/prepared.js'
import type { TargetCycle } from '../targets/target.js'
import type { Copies } from './copies.js'
import type { Renaming } from './renaming.js'
import type { CopiedAttribute } from './tables.js'

/** Entries read anew at a time. */
const AT_ONCE = 200

/** An entry as its origin has it now. */
interface Fresh {
  /** What it is called in the copy. */
  readonly id: EntryId
  readonly given: SourceEntry
  /** With the ids of the copy. */
  readonly shown: Entry
}

/** An entry that was written. */
interface Written {
  readonly view: string
  readonly id: EntryId
}

export interface WriteThroughParts {
  readonly copies: Copies
  /** Over the copies. */
  readonly reading: CoreDirectory
  readonly log: Log
  /** The copies, and how they are made: one of its own, beside that of cycles. */
  readonly target: PreparedTarget
  readonly settings: readonly ViewSettings[]
  readonly owner: string
  readonly hook?: EntryHook
  /** Copies these views again. */
  refresh(views: readonly string[]): Promise<void>
}

interface Pending extends Written {
  done(): void
}

export class WriteThrough {
  readonly #copies: Copies
  readonly #reading: CoreDirectory
  readonly #log: Log
  /** What entries of the copies are called at their origins. */
  readonly renaming: Renaming
  readonly #parts: WriteThroughParts
  /** What is read of origins goes into the copies before anything is read again: copies never fall behind. */
  #pending: Pending[] = []
  #isRunning = false

  constructor(parts: WriteThroughParts) {
    const { copies, reading, log } = parts
    this.renaming = copies.renaming
    this.#copies = copies
    this.#reading = reading
    this.#log = log
    this.#parts = parts
  }

  /**
   * An entry was added, modified or deleted. Never rejects: what is in the way of its copy is logged, and the view is copied
   * again.
   */
  changed(view: string, id: EntryId): Promise<void> {
    return new Promise((done) => {
      this.#pending.push({ view, id, done })
      if (!this.#isRunning) void this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#pending.length > 0) {
      const some = this.#pending.splice(0, AT_ONCE)
      await this.#reflect(some).catch((error: unknown) => {
        const views = [...new Set(some.map(({ view }) => view))]
        this.#log.warn({ views, err: error }, 'what was written is not in the copy, which is made again')
        this.#parts.refresh(views).catch(() => {})
      })
      for (const { done } of some) done()
    }
    this.#isRunning = false
  }

  async #reflect(written: readonly Written[]): Promise<void> {
    const now = new Entries()
    const others = new Entries()
    for (const { view, id } of written) {
      const stored = await this.#stored(view, id)
      const fresh = await this.#fresh(view, id, stored)
      const isSame = fresh?.id === id
      now.set(view, id, isSame ? fresh : undefined)
      if (!isSame) for (const entry of await this.#referring(view, id)) others.set(entry.view, entry.id)
      if (fresh !== undefined) now.set(view, fresh.id, fresh)
      const [were, are] = [this.#mutual(stored), this.#mutual(fresh?.shown)]
      for (const ref of isSame ? differing(were, are) : [...were, ...are])
        if (ref.id !== undefined) others.set(ref.view, ref.id)
    }
    for (const [view, ids] of others.byView()) {
      const rest = [...ids.keys()].filter((id) => !now.has(view, id))
      for (const [id, entry] of await this.#again(view, rest)) now.set(view, id, entry)
    }
    const identities = await this.renaming.identities()
    const cycle = this.#parts.target.beside(this.#copies.context())
    for (const [view, entries] of now.byView()) await this.#bring(view, entries, identities, cycle)
    await cycle.commit()
    await this.renaming.save(identities)
  }

  /** Makes of entries of a view, which are called so in the copy, what a cycle would make of them. */
  async #bring(
    view: string,
    entries: ReadonlyMap<EntryId, Fresh | undefined>,
    identities: Identities,
    cycle: TargetCycle,
  ): Promise<void> {
    const { target, owner, hook } = this.#parts
    const settings = this.#parts.settings.find((one) => one.view === view)
    if (settings === undefined) throw new RangeError(`view ${view} is not copied`)
    const ctx = this.#copies.context()
    const called = [...entries].map(([id, one]) => ({
      id,
      key: (one && keyIn(one.given, settings)) ?? identities.keyOf(view, id) ?? id,
    }))
    const found = await target.lookup(view, called, ctx)
    const known = new Map(found.map((one) => knownAs(one, settings, identities)).map((one) => [one.key, one]))
    const problems = new ProblemList(this.#copies.store.records('problems'), LOCAL, () => new Date())
    const pass = new ViewPass(
      {
        // It has its id already: it is nobody else.
        settings: { ...settings, correlate: [] },
        target,
        owner,
        // What is refused stays as it is; the next cycle tells why.
        problems,
        identities,
        ...(hook && { hook }),
        retry: true,
        cycle,
        follows: true,
        // Put in any case, for a cycle that is running may have read them before.
        before: new Set(called.map(({ key }) => key)),
        ctx,
      },
      known,
    )
    await pass.take([...entries.values()].flatMap((one) => one?.given ?? []))
    const { store } = this.#copies
    const rows = await this.#copies.rows(view)
    const here = new Set(found.flatMap(({ id, state }) => (state === 'gone' ? [] : id)))
    const strange = called.filter(({ id, key }) => !pass.seen.has(key) && !here.has(id))
    await store.apply(strange.map(({ id }) => ({ table: rows.table, remove: rows.keyOf(id) })))
    for (const one of known.values()) {
      const isThere = pass.seen.has(one.key) || pass.spared.has(one.id)
      const how = isThere ? undefined : removalOf(one, owner, settings.modes, new Date())
      if (how !== undefined) await cycle.remove(view, [one], how)
    }
  }

  /** As the origin has it now; where keys are names, it may have another one. */
  async #fresh(view: string, id: EntryId, stored: Entry | undefined): Promise<Fresh | undefined> {
    const [found] = await this.#read(view, TRUE, id)
    const uuid = stored?.attributes.get('entryUUID')?.[0]
    if (found !== undefined || typeof uuid !== 'string') return found
    const [renamed] = await this.#read(view, { op: 'eq', attr: 'entryUUID', value: uuid })
    return renamed
  }

  async #read(view: string, filter: Filter, id?: EntryId): Promise<readonly Fresh[]> {
    const entries: Fresh[] = []
    const identities = await this.renaming.identities()
    const options = { filter, ...(id !== undefined && { id: identities.keyOf(view, id) ?? id }) }
    for await (const batch of this.#copies.origin.read(view, this.#copies.context(), options)) {
      for (const given of batch) {
        const own = identities.idOf(view, given.entry.id) ?? given.entry.id
        entries.push({ id: own, given, shown: identities.translated(given.entry, own) })
      }
    }
    return entries
  }

  /** Entries as their origins have them now; undefined for those that are gone. */
  async #again(view: string, ids: readonly EntryId[]): Promise<ReadonlyMap<EntryId, Fresh | undefined>> {
    const entries = new Map<EntryId, Fresh | undefined>(ids.map((id) => [id, undefined]))
    const identities = await this.renaming.identities()
    const keys = ids.map((id) => identities.keyOf(view, id) ?? id)
    for (let at = 0; at < keys.length; at += AT_ONCE) {
      const of = keys.slice(at, at + AT_ONCE).map((id): Filter => ({ op: 'key', id }))
      for (const found of await this.#read(view, { op: 'or', of })) entries.set(found.id, found)
    }
    return entries
  }

  /** As the copy has it: with its UUID, and the references whose other ends are kept too. */
  async #stored(view: string, id: EntryId): Promise<Entry | undefined> {
    const kept = this.#copies.views.get(view)?.attributes.filter((one) => this.#isMutual(one, view)) ?? []
    const attributes = new Set(['entryUUID', ...kept.map(({ name }) => name)])
    for await (const [entry] of this.#reading.search(
      { view, filter: TRUE, id, attributes },
      this.#copies.context(),
    ))
      return entry
    return undefined
  }

  /** Entries whose copies hold a reference to this one. */
  async #referring(view: string, id: EntryId): Promise<readonly Entry[]> {
    const found: Entry[] = []
    for (const { name, attributes } of this.#copies.views.values()) {
      const own = attributes.filter((one) => refersTo(one, view))
      if (own.length === 0) continue
      const of = own.map(({ name: attr }): Filter => ({ op: 'eq', attr, value: new Ref(view, [], id) }))
      const request = { view: name, filter: { op: 'or', of }, attributes: new Set<string>() } as const
      for await (const entries of this.#reading.search(request, this.#copies.context()))
        found.push(...entries)
    }
    return found
  }

  /** References to entries that may keep references to this one, as members and groups do. */
  #mutual(entry: Entry | undefined): readonly Ref[] {
    if (entry === undefined) return []
    return [...entry.attributes.values()]
      .flat()
      .filter((value): value is Ref => value instanceof Ref && this.#keeps(value.view, entry.view))
  }

  #isMutual({ kept }: CopiedAttribute, view: string): boolean {
    return kept.some((one) => 'view' in one && this.#keeps(one.view, view))
  }

  /** Do copies of a view's entries hold references to another's? */
  #keeps(view: string, other: string): boolean {
    return this.#copies.views.get(view)?.attributes.some((one) => refersTo(one, other)) === true
  }
}

function keyIn({ entry }: SourceEntry, { keyAttributes }: ViewSettings): string | undefined {
  if (keyAttributes.length === 0) return entry.id
  const key = compositeKey(entry, keyAttributes)
  return typeof key === 'string' ? key : undefined
}

const refersTo = ({ kept }: CopiedAttribute, view: string) =>
  kept.some((one) => 'view' in one && one.view === view)

/** Entries by view and key. */
class Entries {
  readonly #entries = new Map<string, Map<EntryId, Fresh | undefined>>()

  set(view: string, id: EntryId, entry?: Fresh): void {
    const known = this.#entries.get(view)
    if (known === undefined) this.#entries.set(view, new Map([[id, entry]]))
    else known.set(id, entry)
  }

  has(view: string, id: EntryId): boolean {
    return this.#entries.get(view)?.has(id) === true
  }

  byView(): Iterable<readonly [string, ReadonlyMap<EntryId, Fresh | undefined>]> {
    return this.#entries
  }
}

/** Those that are in one of them alone. */
function differing(before: readonly Ref[], after: readonly Ref[]): readonly Ref[] {
  const keyOf = ({ view, id }: Ref) => JSON.stringify([view, id])
  const [were, are] = [new Set(before.map(keyOf)), new Set(after.map(keyOf))]
  return [...before.filter((ref) => !are.has(keyOf(ref))), ...after.filter((ref) => !were.has(keyOf(ref)))]
}
