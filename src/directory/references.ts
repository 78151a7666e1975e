/** References in filters and values: how they compare, and which must be looked up before the source is asked. */
import { type Filter, mapAssertions } from '../model/filter.js'
import type { Matching, MatchingOf } from '../model/match.js'
import { Ref, type Scalar } from '../model/value.js'
import { namingAttributes, type View } from '../model/view.js'

/**
 * Compares references by view and by the names of their targets, under the rules of the RDN attributes there, or by
 * key where the view names its entries by none; everything else as `matchingOf` does.
 */
export function withReferences(matchingOf: MatchingOf, views: ReadonlyMap<string, View>): MatchingOf {
  const rules = new Map<string, readonly Matching['equality'][]>()
  /** How the names of a view's entries are compared, one by one. */
  const rulesOf = (view: string) => {
    const known = rules.get(view)
    if (known !== undefined) return known
    const made = (namingOf(views.get(view)) ?? []).map((attr) => matchingOf(attr)?.equality)
    rules.set(view, made)
    return made
  }
  const form = (value: Scalar): string | undefined => {
    if (!(value instanceof Ref)) return undefined
    // What has no name is known by its key.
    if (value.names.length === 0) return JSON.stringify([value.view, null, value.id ?? value.uuid ?? null])
    const { view, names } = value
    const naming = rulesOf(view)
    // No two are written alike: views have no spaces in their names, and brackets begin no name of one.
    if (names.length === 1) return `${view} ${nameForm(names[0] ?? '', naming[0])}`
    return JSON.stringify([view, ...names.map((name, i) => nameForm(name, naming[i]))])
  }
  const wrapped = new Map<Matching, Matching>()
  return (attr, rule) => {
    const matching = matchingOf(attr, rule)
    if (matching?.equality === undefined) return matching
    const known = wrapped.get(matching)
    if (known !== undefined) return known
    const plain = matching.equality
    const result = {
      ...matching,
      equality: (value: Scalar) => (value instanceof Ref ? form(value) : plain(value)),
    }
    wrapped.set(matching, result)
    return result
  }
}

function nameForm(name: string, equality: Matching['equality']): string {
  return String(equality?.(name) ?? name)
}

/** Does the filter ask about parts of elements, which references only have where it is asked for? */
export function asksElements(filter: Filter): boolean {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.of.some(asksElements)
    case 'not':
      return asksElements(filter.of)
    default:
      return filter.op === 'element'
  }
}

/** Does the filter ask about a reference by name only? */
export function hasNamedRef(filter: Filter): boolean {
  let found = false
  mapAssertions(filter, (assertion) => {
    if ('value' in assertion && assertion.value instanceof Ref && assertion.value.id === undefined)
      found = true
    return assertion
  })
  return found
}

/** The same filter with named references replaced by those that `find` found; one that it did not find is false. */
export async function resolveRefs(
  filter: Filter,
  find: (refs: readonly Ref[]) => Promise<ReadonlyMap<Ref, Ref>>,
): Promise<Filter> {
  const wanted = new Set<Ref>()
  mapAssertions(filter, (assertion) => {
    if ('value' in assertion && assertion.value instanceof Ref && assertion.value.id === undefined)
      wanted.add(assertion.value)
    return assertion
  })
  const found = await find([...wanted])
  return mapAssertions(filter, (assertion) => {
    if (!('value' in assertion) || !(assertion.value instanceof Ref) || !wanted.has(assertion.value))
      return assertion
    const value = found.get(assertion.value)
    return value === undefined ? { op: 'const', value: false } : { ...assertion, value }
  })
}

const namingOf = (view: View | undefined) => view && namingAttributes(view)
