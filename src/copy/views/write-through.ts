/**
 * What was written to an origin comes into its copy at once: the entry as the origin then has it, and the entries of
 * other views that keep the other end of a reference.
 */
import type { CoreDirectory } from '../../directory/core.js'
import type { Entry } from '../../model/entry.js'
import { type Filter, TRUE } from '../../model/filter.js'
import type { Log } from '../../model/log.js'
import { type EntryId, Ref } from '../../model/value.js'
import { fingerprint } from '../cycle/canonical.js'
import type { StoreChange } from '../store/store.js'
import { tracked } from '../targets/local-cycle.js'
import type { Completion } from './completion.js'
import type { Copies } from './copies.js'
import type { Renaming } from './renaming.js'
import type { CopiedAttribute, CopiedEntry } from './tables.js'

/** Entries read anew at a time. */
const AT_ONCE = 200

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
  /** What a cycle would make of entries. */
  readonly complete: Completion
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
  readonly #complete: Completion
  readonly #refresh: (views: readonly string[]) => Promise<void>
  /** What is read of origins goes into the copies before anything is read again: copies never fall behind. */
  #pending: Pending[] = []
  #isRunning = false

  constructor({ copies, reading, log, complete, refresh }: WriteThroughParts) {
    this.renaming = copies.renaming
    this.#copies = copies
    this.#reading = reading
    this.#log = log
    this.#complete = complete
    this.#refresh = refresh
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
        this.#refresh(views).catch(() => {})
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
      const isSame = fresh?.entry.id === id
      now.set(view, id, isSame ? fresh : undefined)
      if (!isSame) for (const entry of await this.#referring(view, id)) others.set(entry.view, entry.id)
      if (fresh !== undefined) now.set(view, fresh.entry.id, fresh)
      const [were, are] = [this.#mutual(stored), this.#mutual(fresh?.entry)]
      for (const ref of isSame ? differing(were, are) : [...were, ...are])
        if (ref.id !== undefined) others.set(ref.view, ref.id)
    }
    for (const [view, ids] of others.byView()) {
      const rest = [...ids.keys()].filter((id) => !now.has(view, id))
      for (const [id, entry] of await this.#again(view, rest)) now.set(view, id, entry)
    }
    const changes: StoreChange[] = []
    const identities = await this.renaming.identities()
    for (const [view, entries] of now.byView()) {
      const rows = await this.#copies.rows(view)
      const { table } = rows
      const there: [EntryId, CopiedEntry][] = []
      for (const [id, entry] of entries) {
        if (entry === undefined) changes.push({ table, remove: rows.keyOf(id) })
        else there.push([id, entry])
      }
      const made = await this.#complete(
        view,
        there.map(([, entry]) => entry),
      )
      for (const [i, [id]] of there.entries()) {
        const entry = made[i]
        // What is refused stays as it is; the next cycle tells why.
        if (entry === undefined || 'code' in entry) continue
        const key = identities.keyOf(view, id) ?? null
        changes.push({ table, put: tracked(rows.rowOf(entry), key, fingerprint(entry)) })
      }
    }
    await this.#copies.store.apply(changes)
  }

  /** As the origin has it now; where keys are names, it may have another one. */
  async #fresh(view: string, id: EntryId, stored: Entry | undefined): Promise<CopiedEntry | undefined> {
    const [found] = await this.#read(view, TRUE, id)
    const uuid = stored?.attributes.get('entryUUID')?.[0]
    if (found !== undefined || typeof uuid !== 'string') return found
    const [renamed] = await this.#read(view, { op: 'eq', attr: 'entryUUID', value: uuid })
    return renamed
  }

  async #read(view: string, filter: Filter, id?: EntryId): Promise<readonly CopiedEntry[]> {
    const entries: CopiedEntry[] = []
    const identities = await this.renaming.identities()
    const options = { filter, ...(id !== undefined && { id: identities.keyOf(view, id) ?? id }) }
    for await (const batch of this.#copies.origin.read(view, this.#copies.context(), options)) {
      for (const one of batch) {
        const { entry } = one
        const own = identities.idOf(view, entry.id) ?? entry.id
        entries.push({ ...one, entry: identities.translated(entry, own) })
      }
    }
    return entries
  }

  /** Entries as their origins have them now; undefined for those that are gone. */
  async #again(
    view: string,
    ids: readonly EntryId[],
  ): Promise<ReadonlyMap<EntryId, CopiedEntry | undefined>> {
    const entries = new Map<EntryId, CopiedEntry | undefined>(ids.map((id) => [id, undefined]))
    const identities = await this.renaming.identities()
    const keys = ids.map((id) => identities.keyOf(view, id) ?? id)
    for (let at = 0; at < keys.length; at += AT_ONCE) {
      const of = keys.slice(at, at + AT_ONCE).map((id): Filter => ({ op: 'key', id }))
      for (const found of await this.#read(view, { op: 'or', of })) entries.set(found.entry.id, found)
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

const refersTo = ({ kept }: CopiedAttribute, view: string) =>
  kept.some((one) => 'view' in one && one.view === view)

/** Entries by view and key. */
class Entries {
  readonly #entries = new Map<string, Map<EntryId, CopiedEntry | undefined>>()

  set(view: string, id: EntryId, entry?: CopiedEntry): void {
    const known = this.#entries.get(view)
    if (known === undefined) this.#entries.set(view, new Map([[id, entry]]))
    else known.set(id, entry)
  }

  has(view: string, id: EntryId): boolean {
    return this.#entries.get(view)?.has(id) === true
  }

  byView(): Iterable<readonly [string, ReadonlyMap<EntryId, CopiedEntry | undefined>]> {
    return this.#entries
  }
}

/** Those that are in one of them alone. */
function differing(before: readonly Ref[], after: readonly Ref[]): readonly Ref[] {
  const keyOf = ({ view, id }: Ref) => JSON.stringify([view, id])
  const [were, are] = [new Set(before.map(keyOf)), new Set(after.map(keyOf))]
  return [...before.filter((ref) => !are.has(keyOf(ref))), ...after.filter((ref) => !were.has(keyOf(ref)))]
}
