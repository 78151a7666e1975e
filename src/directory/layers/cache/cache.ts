/** The caches of all views that have one, and which of them a change concerns. */
import { CachedView, type CacheOptions, type CacheState } from './cached-view.js'
import type { Dependence } from './dependence.js'

/** Hands on that these views were written, to whoever keeps answers besides; resolves once they can be expected to know. */
export type Tell = (views: readonly string[]) => Promise<void>

/** What is told of changes, and whether changes are told. */
export interface Ear {
  heard(): void
  hears(): void
  deaf(): void
}

/** Milliseconds within which a transaction has come to its end that nobody waits for any more. */
const LATEST = 3000

export class Cache {
  readonly #views: ReadonlyMap<string, CachedView>
  readonly #dependence: Dependence
  readonly #told: Tell[] = []

  constructor(options: ReadonlyMap<string, CacheOptions>, dependence: Dependence) {
    this.#views = new Map([...options].map(([name, one]) => [name, new CachedView(one)]))
    this.#dependence = dependence
  }

  /** Undefined where nothing is kept of the view's answers. */
  of(view: string): CachedView | undefined {
    return this.#views.get(view)
  }

  /** What all of them together keep at most. */
  get bounds(): Pick<CacheOptions, 'maxAnswers' | 'maxBytes'> {
    const all = [...this.#views.values()].map(({ options }) => options)
    const sum = (of: (one: CacheOptions) => number) => all.reduce((total, one) => total + of(one), 0)
    return { maxAnswers: sum((one) => one.maxAnswers), maxBytes: sum((one) => one.maxBytes) }
  }

  /** From now on these hear of what is written here. */
  tell(others: Tell): void {
    this.#told.push(others)
  }

  /** By view. */
  get states(): ReadonlyMap<string, CacheState> {
    return new Map([...this.#views].map(([name, view]) => [name, view.state]))
  }

  /** These views were written here. */
  async written(views: readonly string[]): Promise<void> {
    this.writtenElsewhere(views)
    await Promise.all(this.#told.map((tell) => tell(views)))
  }

  /** So they may have been: what was under way when it failed may still be committed. */
  async doubtful(views: readonly string[]): Promise<void> {
    await this.written(views)
    setTimeout(() => void this.written(views), LATEST).unref()
  }

  /** These views were written by somebody who serves the same. */
  writtenElsewhere(views: readonly string[]): void {
    this.#clear((shown) => views.some((view) => this.#dependence.isWrittenWith(shown, view)))
  }

  /** For what tells when this view changes: nothing that shows any of it is kept until it can be heard. */
  ear(view: string): Ear {
    return this.#ear((shown) => this.#dependence.shows(shown, view))
  }

  /** The same for all views. */
  earForAll(): Ear {
    return this.#ear(() => true)
  }

  #ear(isConcerned: (view: string) => boolean): Ear {
    const concerned = [...this.#views].flatMap(([name, view]) => (isConcerned(name) ? [view] : []))
    const ear: Ear = {
      heard: () => {
        for (const view of concerned) view.clear()
      },
      hears: () => {
        for (const view of concerned) view.hear(ear)
      },
      deaf: () => {
        for (const view of concerned) view.deafen(ear)
      },
    }
    ear.deaf()
    return ear
  }

  #clear(isConcerned: (view: string) => boolean): void {
    for (const [name, view] of this.#views) if (isConcerned(name)) view.clear()
  }
}
