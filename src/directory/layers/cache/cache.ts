/** The caches of all views that have one, and which of them a change concerns. */
import { CachedView, type CacheOptions, type CacheState } from './cached-view.js'
import type { Dependence } from './dependence.js'

/** Hands on that these views were written, to whoever keeps answers besides; resolves once they can be expected to know. */
export type Tell = (views: readonly string[]) => Promise<void>

export class Cache {
  readonly #views: ReadonlyMap<string, CachedView>
  readonly #dependence: Dependence
  readonly #tell: Tell

  constructor(
    options: ReadonlyMap<string, CacheOptions>,
    dependence: Dependence,
    tell: Tell = async () => {},
  ) {
    this.#views = new Map([...options].map(([name, one]) => [name, new CachedView(one)]))
    this.#dependence = dependence
    this.#tell = tell
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

  /** By view. */
  get states(): ReadonlyMap<string, CacheState> {
    return new Map([...this.#views].map(([name, view]) => [name, view.state]))
  }

  /** These views were written here. */
  async written(views: readonly string[]): Promise<void> {
    this.writtenElsewhere(views)
    await this.#tell(views)
  }

  /** These views were written by somebody who serves the same. */
  writtenElsewhere(views: readonly string[]): void {
    this.#clear((shown) => views.some((view) => this.#dependence.isWrittenWith(shown, view)))
  }

  /** The source has told that something of the view is not as it was. */
  changed(view: string): void {
    this.#clear((shown) => this.#dependence.shows(shown, view))
  }

  #clear(isConcerned: (view: string) => boolean): void {
    for (const [name, view] of this.#views) if (isConcerned(name)) view.clear()
  }
}
