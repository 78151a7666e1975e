/** Which attributes of a view are made of the same columns, so that writing one changes others. */
import type { ViewAttribute } from '../model/view.js'
import type { GivenAttribute, GivenSpec } from './given.js'

/** Keys under which a specification says something else than where values are kept. */
const OTHERS: ReadonlySet<string> = new Set([
  'ref',
  'syntax',
  'map',
  'constant',
  'on',
  'where',
  'type',
  'hash',
])

export function withShared(
  attributes: ReadonlyMap<string, ViewAttribute>,
  given: readonly GivenAttribute[],
): ReadonlyMap<string, ViewAttribute> {
  const kept = new Map<string, Set<string>>()
  for (const { name, specs } of given) {
    const places = kept.get(name) ?? new Set<string>()
    for (const spec of specs) for (const place of placesOf(spec)) places.add(place)
    kept.set(name, places)
  }
  return new Map(
    [...attributes].map(([name, attribute]) => {
      const own = kept.get(name) ?? new Set<string>()
      const shares = [...kept].flatMap(([other, places]) =>
        other !== name && [...own].some((place) => places.has(place)) ? [other] : [],
      )
      return [name, shares.length === 0 ? attribute : { ...attribute, shares }]
    }),
  )
}

/** Columns of the entry's own row, and tables of others. */
function* placesOf(spec: GivenSpec | undefined): Iterable<string> {
  if (typeof spec === 'object' && 'table' in spec) yield `table ${String(spec.table)}`
  else yield* columnsOf(spec)
}

function* columnsOf(spec: unknown): Iterable<string> {
  if (typeof spec === 'string') {
    const inTemplate = [...spec.matchAll(/\{([^{}]+)\}/g)].map((found) => found[1] ?? '')
    yield* inTemplate.length > 0 ? inTemplate : [spec]
  } else if (Array.isArray(spec)) for (const item of spec) yield* columnsOf(item)
  else if (typeof spec === 'object' && spec !== null)
    for (const [key, value] of Object.entries(spec)) if (!OTHERS.has(key)) yield* columnsOf(value)
}
