/**
 * When entries of different members are the same: if they agree in what the union says, if they would have one DN, or
 * if they would have one entryUUID.
 */
import type { Entry } from '../../model/entry.js'
import { type Filter, UNDEFINED } from '../../model/filter.js'
import type { MatchingOf } from '../../model/match.js'
import { type Scalar, scalarOf } from '../../model/value.js'

/** Of an entry with so many combinations of values no more are compared. */
const MOST_COMBINATIONS = 1000

export class Sameness {
  /** What has to be known of an entry to tell. */
  readonly attributes: ReadonlySet<string>
  /** Equality in all attributes of one of these is enough. */
  readonly criteria: readonly (readonly string[])[]
  readonly #matchingOf: MatchingOf

  constructor(by: readonly string[], rdn: readonly string[], matchingOf: MatchingOf) {
    const all = [by, rdn, ['entryUUID']].filter((attrs) => attrs.length > 0)
    this.criteria = [...new Map(all.map((attrs) => [[...attrs].sort().join(' '), attrs])).values()]
    this.attributes = new Set(this.criteria.flat())
    this.#matchingOf = matchingOf
  }

  /** Finds everything that is the same as one of the entries; undefined if nothing can be. */
  filterOf(entries: Iterable<Pick<Entry, 'attributes'>>): Filter | undefined {
    const found = new Map<string, Filter>()
    for (const { attributes } of entries) {
      for (const [i, criterion] of this.criteria.entries()) {
        const of = criterion.map((attr) => this.#anyOf(attr, scalarsOf(attributes.get(attr) ?? [])))
        if (of.some((filter) => filter === undefined)) continue
        for (const key of this.#keys(attributes, i, criterion)) {
          const [only, ...others] = of
          if (only === undefined || found.has(key)) continue
          found.set(key, others.length === 0 ? only : { op: 'and', of: of.map((f) => f ?? UNDEFINED) })
        }
      }
    }
    const all = [...new Set(found.values())]
    const [only] = all
    return all.length > 1 ? { op: 'or', of: all } : only
  }

  /** Entries with one of these in common are the same. */
  keysOf({ attributes }: Pick<Entry, 'attributes'>): readonly string[] {
    return this.criteria.flatMap((criterion, i) => this.#keys(attributes, i, criterion))
  }

  #anyOf(attr: string, values: readonly Scalar[]): Filter | undefined {
    const filters = values.map((value): Filter => ({ op: 'eq', attr, value }))
    return filters.length > 1 ? { op: 'or', of: filters } : filters[0]
  }

  #keys(attributes: Entry['attributes'], index: number, criterion: readonly string[]): readonly string[] {
    let keys = [String(index)]
    for (const attr of criterion) {
      const forms = this.#formsOf(attr, attributes)
      keys = keys.flatMap((key) => forms.map((form) => `${key} ${form}`)).slice(0, MOST_COMBINATIONS)
    }
    return keys
  }

  #formsOf(attr: string, attributes: Entry['attributes']): readonly string[] {
    const normalize = this.#matchingOf(attr)?.equality
    const forms = scalarsOf(attributes.get(attr) ?? []).flatMap((value) => {
      const form = normalize?.(value)
      // Written so that no two lists of forms are written alike.
      return form === undefined ? [] : [JSON.stringify(String(form))]
    })
    return [...new Set(forms)]
  }
}

const scalarsOf = (values: readonly Parameters<typeof scalarOf>[0][]) =>
  values.flatMap((value) => scalarOf(value) ?? [])
