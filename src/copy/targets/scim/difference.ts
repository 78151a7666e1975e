/**
 * What has to be asked of a service for a resource to become what it is to be: operations of a PATCH (RFC 7644 3.5.2), or
 * the whole for a PUT. What the source has nothing to do with stays as it is.
 */
import { copyObject, isAbsent, isArray, isObject, type Json, type JsonObject } from '../../../scim/json.js'
import type { Managed } from './rendering.js'

export interface Operation {
  readonly op: 'add' | 'replace' | 'remove'
  readonly path: string
  readonly value?: Json
}

/** References by `id` of the service, and those of others that may stay. */
export interface WantedReferences {
  readonly ids: ReadonlySet<string>
  /** May this one stay though it is not wanted? */
  readonly keeps: (id: string) => boolean
}

export interface Wanted {
  readonly resource: JsonObject
  readonly references: ReadonlyMap<Managed, WantedReferences>
  /** Of which nothing is taken away. */
  readonly kept?: ReadonlySet<Managed>
}

/** None where the resource is so already. */
export function operationsFor(
  wanted: Wanted,
  there: JsonObject,
  managed: readonly Managed[],
): readonly Operation[] {
  return managed.flatMap((attribute) => {
    const references = wanted.references.get(attribute)
    const have = presentIn(there, attribute)
    if (references !== undefined && attribute.multiValued)
      return memberOperations(attribute, references, have)
    const want =
      references === undefined ? presentIn(wanted.resource, attribute) : referenceOf(references, have)
    const keeps = wanted.kept?.has(attribute) === true
    if (keeps && want === undefined) return []
    return attribute.kind === 'complex' && isObject(have)
      ? partOperations(attribute, isObject(want) ? want : {}, have, keeps)
      : valueOperations(attribute, want, have, keeps)
  })
}

/** The resource as it is to be, with all of what else is there. */
export function replacementFor(wanted: Wanted, there: JsonObject, managed: readonly Managed[]): JsonObject {
  const result = copyObject(there)
  delete result.meta
  const schemas = new Set([...texts(there.schemas), ...texts(wanted.resource.schemas)])
  for (const attribute of managed) {
    const { urn, isExtension, name } = attribute
    const have = presentIn(there, attribute)
    const value = replaced(attribute, wanted, have)
    const holder = isExtension ? copyObject(isObject(result[urn]) ? result[urn] : {}) : result
    if (isAbsent(value)) delete holder[name]
    else holder[name] = value
    if (!isExtension) continue
    if (Object.keys(holder).length === 0) {
      delete result[urn]
      schemas.delete(urn)
    } else {
      result[urn] = holder
      schemas.add(urn)
    }
  }
  return Object.assign(result, { schemas: [...schemas] })
}

/** What a resource has of an attribute; nothing where it has none. */
function presentIn(resource: JsonObject, { urn, isExtension, name }: Managed): Json | undefined {
  const holder = isExtension ? resource[urn] : resource
  const value = isObject(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined
  return isAbsent(value) ? undefined : value
}

/** The ids in `members`, or whatever refers to resources. */
function idsIn(json: Json | undefined): readonly string[] {
  const elements = isArray(json) ? json : json === undefined ? [] : [json]
  return elements.flatMap((element) => {
    const value = isObject(element) ? element.value : element
    return typeof value === 'string' && value !== '' ? [value] : []
  })
}

function pathOf({ urn, isExtension, name }: Managed): string {
  return isExtension ? `${urn}:${name}` : name
}

function memberOperations(
  attribute: Managed,
  { ids, keeps }: WantedReferences,
  have: Json | undefined,
): readonly Operation[] {
  const path = pathOf(attribute)
  const there = new Set(idsIn(have))
  const gone = [...there].filter((id) => !ids.has(id) && !keeps(id))
  const more = [...ids].filter((id) => !there.has(id))
  const isAll = gone.length === there.size && gone.length > 0
  const removals: readonly Operation[] = isAll
    ? [{ op: 'remove', path }]
    : gone.map((id) => ({ op: 'remove', path: `${path}[value eq ${JSON.stringify(id)}]` }))
  return more.length === 0
    ? removals
    : [...removals, { op: 'add', path, value: more.map((value) => ({ value })) }]
}

function referenceOf({ ids, keeps }: WantedReferences, have: Json | undefined): Json | undefined {
  const [id] = ids
  if (id !== undefined) return { value: id }
  const [there] = idsIn(have)
  return there !== undefined && keeps(there) ? have : undefined
}

function valueOperations(
  attribute: Managed,
  want: Json | undefined,
  have: Json | undefined,
  keeps: boolean,
): readonly Operation[] {
  const path = pathOf(attribute)
  const value = isArray(want) || isArray(have) ? withOthers(attribute, want, have, keeps) : want
  if (have === undefined) return isAbsent(value) ? [] : [{ op: 'add', path, value }]
  if (isAbsent(value)) return [{ op: 'remove', path }]
  const isThere = isArray(value) ? isSameArray(value, have) : isSameValue(value, have)
  return isThere ? [] : [{ op: 'replace', path, value }]
}

function partOperations(
  attribute: Managed,
  want: JsonObject,
  have: JsonObject,
  keeps: boolean,
): readonly Operation[] {
  const path = pathOf(attribute)
  return attribute.subs.flatMap((sub): Operation[] => {
    const [value, old] = [want[sub], have[sub]]
    if (isAbsent(value)) return isAbsent(old) || keeps ? [] : [{ op: 'remove', path: `${path}.${sub}` }]
    if (isAbsent(old)) return [{ op: 'add', path: `${path}.${sub}`, value }]
    return isSameValue(value, old) ? [] : [{ op: 'replace', path: `${path}.${sub}`, value }]
  })
}

function replaced(attribute: Managed, wanted: Wanted, have: Json | undefined): Json | undefined {
  const references = wanted.references.get(attribute)
  const keeps = wanted.kept?.has(attribute) === true
  if (references === undefined) {
    const want = presentIn(wanted.resource, attribute)
    if (keeps && want === undefined) return have
    if (isArray(want) || isArray(have)) return withOthers(attribute, want, have, keeps)
    if (attribute.kind !== 'complex' || !isObject(have)) return want
    const parts = copyObject(have)
    if (!keeps) for (const sub of attribute.subs) delete parts[sub]
    const all = Object.assign(parts, isObject(want) ? want : {})
    return Object.keys(all).length === 0 ? undefined : all
  }
  if (!attribute.multiValued) return referenceOf(references, have)
  const kept = idsIn(have).filter((id) => !references.ids.has(id) && references.keeps(id))
  return [...references.ids, ...kept].map((value) => ({ value }))
}

/** With those elements that are there and are none of the source's, or that stay whosesoever they are. */
function withOthers(
  attribute: Managed,
  want: Json | undefined,
  have: Json | undefined,
  keeps: boolean,
): readonly Json[] {
  const own = isArray(want) ? want : []
  const there = isArray(have) ? have : []
  const stay = keeps
    ? there.filter((element) => !own.some((one) => isSameValue(one, element)))
    : there.filter((element) => !isOwn(attribute, element))
  return [...own, ...stay]
}

function isOwn({ types }: Managed, element: Json): boolean {
  if (types === undefined || !isObject(element)) return true
  const { type } = element
  return typeof type !== 'string' || [...types].some((own) => own.toLowerCase() === type.toLowerCase())
}

/** The same elements in any order. What the service says besides of one is its own. */
function isSameArray(want: readonly Json[], have: Json): boolean {
  if (!isArray(have) || have.length !== want.length) return false
  const left = [...have]
  return want.every((element) => {
    const at = left.findIndex((other) => isSameValue(element, other))
    if (at < 0) return false
    left.splice(at, 1)
    return true
  })
}

function isSameValue(want: Json, have: Json): boolean {
  if (isObject(want)) {
    return (
      isObject(have) &&
      Object.entries(want).every(([name, value]) => isSameValue(value, have[name] ?? missing(value)))
    )
  }
  if (want === have) return true
  // Some services write booleans as text.
  if (typeof want === 'boolean') return typeof have === 'string' && have.toLowerCase() === String(want)
  return typeof want === 'string' && typeof have === 'string' && isSameMoment(want, have)
}

/** What is false need not be said. */
function missing(want: Json): Json {
  return want === false ? false : null
}

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/

function isSameMoment(one: string, other: string): boolean {
  return MOMENT.test(one) && MOMENT.test(other) && Date.parse(one) === Date.parse(other)
}

function texts(json: Json | undefined): readonly string[] {
  return isArray(json) ? json.filter((one) => typeof one === 'string') : []
}
