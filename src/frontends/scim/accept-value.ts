/** Values of attributes as clients send them: of the right types, in the spelling of the schema (RFC 7643 2.3 to 2.5). */
import { VitrineError } from '../../model/errors.js'
import type { ScimAttribute } from '../../model/resource.js'
import { emptyObject, isAbsent, isArray, isObject, type Json, type JsonObject } from '../../scim/json.js'
import { acceptScalar, wrongValue } from '../../scim/scalars.js'
import { membersOf, refersToResources, subAttribute } from './attributes.js'
import { identity, sameValue } from './identity.js'

export interface Leniency {
  /**
   * The dialect of Entra: booleans as strings, `"x"` for `{ value: "x" }`, and an array of one for a value where there
   * is only one.
   */
  readonly entra: boolean
}

/**
 * A value of the attribute, all of them where it is multi-valued; undefined where none is given. Elements that are the
 * same but for details become one.
 *
 * Throws `protocolError` where a member is named twice, `invalidAttributeSyntax` for the wrong type and
 * `objectClassViolation` where a required sub-attribute is missing.
 */
export function acceptValue(
  attribute: ScimAttribute,
  given: Json | undefined,
  path: string,
  leniency: Leniency,
): Json | undefined {
  if (isAbsent(given)) return undefined
  if (!attribute.multiValued) return acceptOne(attribute, given, path, leniency)
  const elements = new Map<string, Json>()
  for (const one of isArray(given) ? given : [given]) {
    const element = acceptOne(attribute, one, path, leniency)
    if (element === undefined) continue
    const key = identity(attribute, element)
    const same = elements.get(key)
    elements.set(key, same === undefined ? element : merged(attribute, same, element))
  }
  const accepted = withOnePrimary([...elements.values()])
  return accepted.length === 0 ? undefined : accepted
}

/** Of several elements that are given as the primary one (RFC 7643 2.4), the first is. */
function withOnePrimary(elements: readonly Json[]): readonly Json[] {
  const first = elements.findIndex(isPrimary)
  return elements.map((element, i) =>
    i > first && isPrimary(element) && isObject(element)
      ? Object.assign(emptyObject(), element, { primary: false })
      : element,
  )
}

/** RFC 7643 2.4. Throws `invalidAttributeSyntax`. */
export function checkPrimary(elements: readonly (Json | undefined)[], path: string): void {
  if (elements.filter(isPrimary).length > 1) {
    throw new VitrineError('invalidAttributeSyntax', { message: `${path}: more than one is primary` })
  }
}

export function isPrimary(element: Json | undefined): boolean {
  return isObject(element) && element.primary === true
}

/** One value, or one element of a multi-valued attribute. */
export function acceptOne(
  attribute: ScimAttribute,
  given: Json,
  path: string,
  leniency: Leniency,
): Json | undefined {
  if (attribute.type !== 'complex') {
    return acceptScalar(attribute, leniency.entra ? onlyOne(given) : given, path, leniency.entra)
  }
  const accepted = emptyObject()
  const members = complexMembers(attribute, given, path, leniency)
  for (const sub of attribute.subAttributes ?? []) {
    if (sub.mutability === 'readOnly') continue
    const subPath = `${path}.${sub.name}`
    const value = acceptValue(sub, members.get(sub.name.toLowerCase()), subPath, leniency)
    if (value !== undefined) accepted[sub.name] = value
  }
  if (Object.keys(accepted).length === 0) {
    // What a member is called does not tell who it is.
    const says = attribute.multiValued && [...members.values()].some((part) => !isAbsent(part))
    if (says && refersToResources(attribute)) throw missing(`${path}.value`)
    return undefined
  }
  for (const sub of attribute.subAttributes ?? []) {
    if (isMissing(sub, accepted)) throw missing(`${path}.${sub.name}`)
  }
  return accepted
}

export function isMissing(attribute: ScimAttribute, object: JsonObject): boolean {
  return attribute.required && attribute.mutability !== 'readOnly' && isAbsent(object[attribute.name])
}

/** Some sub-attributes of a complex value; those given without a value are null. For merging into another value. */
export function acceptParts(
  attribute: ScimAttribute,
  given: Json,
  path: string,
  leniency: Leniency,
): JsonObject {
  const parts = emptyObject()
  const members = complexMembers(attribute, given, path, leniency)
  for (const sub of attribute.subAttributes ?? []) {
    const value = members.get(sub.name.toLowerCase())
    if (value === undefined || sub.mutability === 'readOnly') continue
    parts[sub.name] = acceptValue(sub, value, `${path}.${sub.name}`, leniency) ?? null
  }
  return parts
}

function complexMembers(
  attribute: ScimAttribute,
  given: Json,
  path: string,
  leniency: Leniency,
): ReadonlyMap<string, Json> {
  const value = leniency.entra ? onlyOne(given) : given
  if (isObject(value)) return membersOf(value, path)
  if (leniency.entra && !isArray(value) && subAttribute(attribute, 'value') !== undefined) {
    return new Map([['value', value]])
  }
  throw wrongValue(attribute, path)
}

function onlyOne(json: Json): Json {
  const [only = json, ...more] = isArray(json) ? json : []
  return more.length === 0 ? only : json
}

export function missing(path: string): VitrineError {
  return new VitrineError('objectClassViolation', { message: `${path} is required` })
}

/** The element with what is new in another that is the same; references are what they are. */
export function merged(attribute: ScimAttribute, element: Json, other: Json): Json {
  if (!isObject(element) || !isObject(other) || refersToResources(attribute)) return element
  const news = emptyObject()
  for (const sub of attribute.subAttributes ?? []) {
    const old = element[sub.name]
    const part = other[sub.name]
    if (!isAbsent(part) && (isAbsent(old) || !sameValue(sub, old, part))) news[sub.name] = part
  }
  return Object.keys(news).length === 0 ? element : Object.assign(emptyObject(), element, news)
}
