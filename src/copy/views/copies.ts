/** The copies of a gateway's views: their tables and mappings. How they are made what their origins are is an engine's affair. */
import type { DirectoryParts } from '../../directory/core.js'
import { type Mappings, SourceMappings } from '../../directory/mappings.js'
import type { MappingSpec } from '../../mapping/schema.js'
import { VitrineError } from '../../model/errors.js'
import type { Log } from '../../model/log.js'
import { ANONYMOUS, type Context } from '../../model/request.js'
import type { Health } from '../../sources/source.js'
import type { Store } from '../store/store.js'
import { LOCAL, trackedTable } from '../targets/local.js'
import { copySpec } from './mapping.js'
import { Origin } from './origin.js'
import { Renaming } from './renaming.js'
import { CopiedRows } from './rows.js'
import { copySource } from './source.js'
import { type CopiedView, type OriginFacts, storeTable } from './tables.js'

/** What the store is called where sources are named. */
export const STORE = 'copy.store'

export interface CopiedSpec {
  readonly spec: MappingSpec
  readonly view: CopiedView
}

export interface CopiesParts {
  readonly store: Store
  readonly views: readonly CopiedSpec[]
  /** Of the origins of these views, and of all others. */
  readonly directory: DirectoryParts
  readonly log: Log
}

/** Views of one source: none of them refers to others. */
interface Group {
  readonly views: readonly CopiedView[]
  rows: Promise<ReadonlyMap<string, CopiedRows>> | undefined
}

export class Copies {
  readonly store: Store
  readonly views: ReadonlyMap<string, CopiedView>
  readonly origin: Origin
  /** Over the store, by view. */
  readonly mappings: ReadonlyMap<string, Mappings>
  /** What their entries are called at their origins. */
  readonly renaming: Renaming
  readonly #groups = new Map<string, Group>()
  readonly #log: Log
  readonly #closed = new AbortController()

  constructor({ store, views, directory, log }: CopiesParts) {
    this.store = store
    this.renaming = new Renaming(store, LOCAL)
    this.#log = log
    this.views = new Map(views.map(({ view }) => [view.name, view]))
    this.origin = new Origin(directory, this.views.values())
    const mappings = new Map<string, Mappings>()
    for (const source of new Set(views.map(({ spec }) => spec.source))) {
      const own = views.filter(({ spec }) => spec.source === source)
      const plans = own.map(({ view }) => view)
      const specs = own.map(({ spec, view }) => copySpec(spec, view, STORE))
      const compiled = new SourceMappings(copySource(store.source, plans), specs, directory.schema, { log })
      for (const { name } of plans) mappings.set(name, compiled)
      this.#groups.set(source, { views: plans, rows: undefined })
    }
    this.mappings = mappings
  }

  /**
   * Sees to it that the store has the tables of all views whose origin can be asked.
   * @throws TypeError where it has others by their name
   */
  async define(): Promise<void> {
    for (const group of this.#groups.values()) {
      try {
        await this.#rowsOf(group)
      } catch (error) {
        if (error instanceof TypeError) throw error
        this.#warn(error, 'copies cannot be made yet')
      }
    }
  }

  /** @throws VitrineError `unavailable` while origin or store cannot be asked for the first time */
  async rows(view: string): Promise<CopiedRows> {
    const group = [...this.#groups.values()].find(({ views }) => views.some(({ name }) => name === view))
    const rows = group && (await this.#rowsOf(group)).get(view)
    if (rows === undefined) throw new RangeError(`view ${view} is not copied`)
    return rows
  }

  #rowsOf(group: Group): Promise<ReadonlyMap<string, CopiedRows>> {
    group.rows ??= this.#define(group).catch((error: unknown) => {
      group.rows = undefined
      throw error
    })
    return group.rows
  }

  async #define({ views }: Group): Promise<ReadonlyMap<string, CopiedRows>> {
    const facts = new Map<string, OriginFacts>()
    for (const { name } of views) facts.set(name, await this.origin.facts(name))
    const factsOf = (view: string): OriginFacts => {
      const found = facts.get(view)
      if (found === undefined) throw new RangeError(`view ${view} is not copied from the same source`)
      return found
    }
    await this.store.define(views.map((view) => trackedTable(storeTable(view, factsOf))))
    return new Map(views.map((view) => [view.name, new CopiedRows(view, factsOf)]))
  }

  /** As whom origins are read: nobody's request, until all is closed. */
  context(): Context {
    return { principal: ANONYMOUS, signal: this.#closed.signal }
  }

  /** Is there a copy, and can it be asked? */
  async health(): Promise<Health> {
    const health = await this.store.health()
    if (!health.ok || (await this.store.current()) > 0) return health
    return { ok: false, detail: 'nothing was copied yet' }
  }

  async close(): Promise<void> {
    this.#closed.abort(new VitrineError('unavailable', { detail: 'the gateway is closing' }))
    await this.store.close()
  }

  #warn(error: unknown, message: string): void {
    const { code, message: why } = VitrineError.from(error)
    this.#log.warn({ code, err: error }, `${message}: ${why}`)
  }
}
