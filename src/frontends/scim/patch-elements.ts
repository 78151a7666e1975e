/** Elements of multi-valued attributes: added without repeating any, taken away, and at most one of them primary. */
import { VitrineError } from '../../model/errors.js'
import type { ScimAttribute } from '../../model/resource.js'
import type { ScimFilter } from '../../scim/filter-ast.js'
import { copyObject, emptyObject, isAbsent, isObject, type Json, type JsonObject } from '../../scim/json.js'
import { acceptScalar } from '../../scim/scalars.js'
import { checkPrimary, isPrimary, merged } from './accept-value.js'
import { refersToResources, subAttribute } from './attributes.js'
import { identity, sameValue } from './identity.js'

const MAX_COMPARISONS = 10_000_000

interface Keys {
  readonly own: string
  /** That of the same element without a `type`. */
  readonly untyped: string
}

/** What one request has cost, and what was found out about elements on the way. */
export class Work {
  #left = MAX_COMPARISONS
  readonly #keys = new WeakMap<JsonObject, Keys>()
  /** Of the last elements that were asked about: where they are, by their keys. */
  #places: { readonly elements: readonly Json[]; readonly places: Map<string, number> } | undefined

  /** Throws `adminLimitExceeded`. */
  spend(comparisons: number): void {
    this.#left -= comparisons
    if (this.#left < 0) {
      throw new VitrineError('adminLimitExceeded', { message: 'the operations take too many comparisons' })
    }
  }

  keys(attribute: ScimAttribute, element: Json): Keys {
    if (!isObject(element)) return keysOf(attribute, element)
    const keys = this.#keys.get(element) ?? keysOf(attribute, element)
    this.#keys.set(element, keys)
    return keys
  }

  /** Of elements with the same key, that without a `type` or else the first. The map is the caller's. */
  placesOf(attribute: ScimAttribute, elements: readonly Json[]): Map<string, number> {
    if (this.#places?.elements === elements) return this.#places.places
    const places = new Map<string, number>()
    for (const [i, element] of elements.entries()) {
      const { own, untyped } = this.keys(attribute, element)
      if (!places.has(untyped)) places.set(untyped, i)
      places.set(own, i)
    }
    return places
  }

  remember(elements: readonly Json[], places: Map<string, number>): void {
    this.#places = { elements, places }
  }
}

function keysOf(attribute: ScimAttribute, element: Json): Keys {
  const own = identity(attribute, element)
  if (!isObject(element) || isAbsent(element.type) || refersToResources(attribute))
    return { own, untyped: own }
  const untyped = copyObject(element)
  delete untyped.type
  return { own, untyped: identity(attribute, untyped) }
}

/** Those that are there already are completed by what is new about them; if one is primary, no other is any more. */
export function withElements(
  attribute: ScimAttribute,
  elements: readonly Json[],
  added: readonly Json[],
  work: Work,
): readonly Json[] {
  const after = [...elements]
  const places = work.placesOf(attribute, elements)
  for (const element of added) {
    const { own } = work.keys(attribute, element)
    const place = places.get(own)
    const old = place === undefined ? undefined : after[place]
    if (place !== undefined && old !== undefined) after[place] = merged(attribute, old, element)
    else {
      places.set(own, after.length)
      after.push(element)
    }
  }
  work.remember(after, places)
  return onlyPrimary(after, (i) => !isPrimary(elements[i]), attribute.name)
}

/** Without the elements that have all the parts of one of `taken`. */
export function withoutElements(
  attribute: ScimAttribute,
  elements: readonly Json[],
  taken: readonly Json[],
  work: Work,
): readonly Json[] {
  const keys = new Set<string>()
  const partial: JsonObject[] = []
  for (const element of taken) {
    if (isObject(element) && isAbsent(element.value)) partial.push(element)
    else keys.add(work.keys(attribute, element).own)
  }
  work.spend(elements.length * partial.length)
  return elements.filter((element) => {
    const { own, untyped } = work.keys(attribute, element)
    if (keys.has(own) || keys.has(untyped)) return false
    return !(isObject(element) && partial.some((parts) => hasParts(attribute, element, parts)))
  })
}

function hasParts(attribute: ScimAttribute, element: JsonObject, parts: JsonObject): boolean {
  return Object.entries(parts).every(([name, part]) => {
    const sub = subAttribute(attribute, name)
    const own = element[name]
    return sub !== undefined && !isAbsent(own) && sameValue(sub, own, part)
  })
}

/**
 * If one of the elements that claim it is primary, the others no longer are (RFC 7644 3.5.2). Throws
 * `invalidAttributeSyntax` if several are.
 */
export function onlyPrimary<T extends Json | undefined>(
  elements: readonly T[],
  claims: (i: number) => boolean,
  path: string,
): readonly (T | Json)[] {
  const primary = elements.findIndex((element, i) => isPrimary(element) && claims(i))
  if (primary < 0) return elements
  checkPrimary(
    elements.filter((_, i) => claims(i)),
    path,
  )
  return elements.map((element, i) => {
    if (i === primary || !isPrimary(element) || !isObject(element)) return element
    return Object.assign(emptyObject(), element, { primary: false })
  })
}

/** The element that a filter of `eq` and `and` describes, such as `{ type: "work" }`; undefined for other filters. */
export function elementSought(filter: ScimFilter, attribute: ScimAttribute): JsonObject | undefined {
  if (filter.op === 'and') {
    const element = emptyObject()
    for (const f of filter.of) {
      const parts = elementSought(f, attribute)
      if (parts === undefined) return undefined
      Object.assign(element, parts)
    }
    return element
  }
  if (filter.op !== 'eq' || filter.value === null) return undefined
  const sub = subAttribute(attribute, filter.path.attribute)
  if (sub === undefined || sub.mutability === 'readOnly') return undefined
  const part = acceptScalar(sub, filter.value, `${attribute.name}.${sub.name}`, true)
  return Object.assign(emptyObject(), { [sub.name]: part })
}
