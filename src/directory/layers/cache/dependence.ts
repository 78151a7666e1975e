/** Which views' answers change with what: references, unions, and tables that several views may share. */
import type { View } from '../../../model/view.js'

export interface DependenceParts {
  /** All that are mapped, and all that are shown. */
  readonly views: Iterable<Pick<View, 'name' | 'attributes'>>
  /** By union. */
  readonly members: ReadonlyMap<string, readonly string[]>
  /** By view that is mapped: the places where it is kept, by whatever tells them apart. */
  readonly places: ReadonlyMap<string, readonly string[]>
}

export class Dependence {
  /** By view: those of which its answers may show something, itself among them. */
  readonly #shown = new Map<string, ReadonlySet<string>>()
  readonly #members: DependenceParts['members']
  readonly #places: DependenceParts['places']

  constructor({ views, members, places }: DependenceParts) {
    this.#members = members
    this.#places = places
    const direct = new Map<string, Set<string>>()
    const add = (view: string, target: string) =>
      direct.set(view, (direct.get(view) ?? new Set([view])).add(target))
    for (const { name, attributes } of views) {
      add(name, name)
      for (const { refers } of attributes.values()) for (const target of refers) add(name, target)
    }
    for (const [union, all] of members) {
      for (const member of all) {
        add(union, member)
        // Who refers to a member is shown the union's entry.
        add(member, union)
      }
    }
    for (const name of direct.keys()) {
      const shown = new Set([name])
      for (const one of shown) for (const target of direct.get(one) ?? []) shown.add(target)
      this.#shown.set(name, shown)
    }
  }

  /** May answers of `view` show anything of `other`? */
  shows(view: string, other: string): boolean {
    return view === other || this.#shown.get(view)?.has(other) === true
  }

  /**
   * May answers of `view` be others once `written` was written? They may share tables in any place that both are kept in, or
   * that keeps what they refer to.
   */
  isWrittenWith(view: string, written: string): boolean {
    const places = new Set(this.#placesOf([written]))
    const shown = this.#shown.get(view) ?? [view]
    return this.shows(view, written) || [...this.#placesOf(shown)].some((place) => places.has(place))
  }

  *#placesOf(views: Iterable<string>): Iterable<string> {
    for (const view of views)
      for (const mapped of this.#members.get(view) ?? [view]) yield* this.#places.get(mapped) ?? []
  }
}
