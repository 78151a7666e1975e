/**
 * When entries of different members are the same: if they agree in what the union says, if they would have one DN, or
 * if they would have one entryUUID.
 */
import type { Entry } from '../../model/entry.js'
import type { Filter } from '../../model/filter.js'
import type { MatchingOf } from '../../model/match.js'
import { type Scalar, scalarOf } from '../../model/value.js'

/** Of an entry with so many combinations of values no more are compared. */
const MOST_COMBINATIONS = 1000

export class Sameness {
  /** What has to be known of an entry to tell. */
  readonly attributes: ReadonlySet<string>
  /** Equality in all attributes of one of these is enough. */
  readonly criteria: readonly (readonly string[])[]
  /** Which of them is the name alone; of several values only the first is part of it. */
  readonly #name: number
  readonly #matchingOf: MatchingOf

  constructor(by: readonly string[], rdn: readonly string[], matchingOf: MatchingOf) {
    const all = [by, rdn, ['entryUUID']].filter((attrs) => attrs.length > 0)
    const textOf = (attrs: readonly string[]) => [...attrs].sort().join(' ')
    this.criteria = [...new Map(all.map((attrs) => [textOf(attrs), attrs])).values()]
    this.#name =
      textOf(by) === textOf(rdn) ? -1 : this.criteria.findIndex((attrs) => textOf(attrs) === textOf(rdn))
    this.attributes = new Set(this.criteria.flat())
    this.#matchingOf = matchingOf
  }

  /**
   * Each finds what is the same as one of the entries by the criterion of that index; together they find all. Asked one
   * by one, each can be answered by an index of the source.
   */
  filtersOf(entries: readonly Pick<Entry, 'attributes'>[]): readonly (readonly [number, Filter])[] {
    return this.criteria.flatMap((criterion, i): (readonly [number, Filter])[] => {
      const found = new Map<string, Filter>()
      for (const { attributes } of entries) {
        const fresh = this.#keys(attributes, i, criterion).filter((key) => !found.has(key))
        const filter = fresh.length === 0 ? undefined : this.#alike(attributes, i, criterion)
        if (filter !== undefined) for (const key of fresh) found.set(key, filter)
      }
      const of = [...new Set(found.values())]
      const [only] = of
      return only === undefined ? [] : [[i, of.length > 1 ? { op: 'or', of } : only]]
    })
  }

  #alike(attributes: Entry['attributes'], index: number, criterion: readonly string[]): Filter | undefined {
    const first = index === this.#name && { first: true as const }
    const of = criterion.flatMap((attr) => {
      const filters = this.#valuesOf(attr, attributes, index).map(
        (value): Filter => ({ op: 'eq', attr, value, ...first }),
      )
      return filters.length > 1 ? { op: 'or' as const, of: filters } : (filters[0] ?? [])
    })
    if (of.length < criterion.length) return undefined
    return of.length > 1 ? { op: 'and', of } : of[0]
  }

  /** Entries with one of these in common are the same; those of one criterion, or all. */
  keysOf({ attributes }: Pick<Entry, 'attributes'>, only?: number): readonly string[] {
    return this.criteria.flatMap((criterion, i) =>
      only === undefined || only === i ? this.#keys(attributes, i, criterion) : [],
    )
  }

  #keys(attributes: Entry['attributes'], index: number, criterion: readonly string[]): readonly string[] {
    let keys = [String(index)]
    for (const attr of criterion) {
      const forms = this.#formsOf(attr, attributes, index)
      keys = keys.flatMap((key) => forms.map((form) => `${key} ${form}`)).slice(0, MOST_COMBINATIONS)
    }
    return keys
  }

  #valuesOf(attr: string, attributes: Entry['attributes'], index: number): readonly Scalar[] {
    const values = (attributes.get(attr) ?? []).flatMap((value) => scalarOf(value) ?? [])
    return index === this.#name ? values.slice(0, 1) : values
  }

  #formsOf(attr: string, attributes: Entry['attributes'], index: number): readonly string[] {
    const normalize = this.#matchingOf(attr)?.equality
    const forms = this.#valuesOf(attr, attributes, index).flatMap((value) => {
      const form = normalize?.(value)
      // Written so that no two lists of forms are written alike.
      return form === undefined ? [] : [JSON.stringify(String(form))]
    })
    return [...new Set(forms)]
  }
}
