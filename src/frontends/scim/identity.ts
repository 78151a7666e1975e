/** Tells when two values of an attribute are the same, whatever their spelling (RFC 7643 2.4). */
import type { ScimAttribute } from '../../model/resource.js'
import { isAbsent, isArray, isObject, type Json } from '../../scim/json.js'
import { normalForm } from '../../scim/scalars.js'
import { refersToResources, subAttribute } from './attributes.js'

/** Identical for values that are the same but for case, spelling and order where these do not matter. */
function valueKey(attribute: ScimAttribute, value: Json): string {
  if (isArray(value)) {
    return JSON.stringify(value.map((element) => valueKey(attribute, element)).sort())
  }
  if (!isObject(value)) return JSON.stringify(normalForm(attribute, value) ?? value)
  const parts = (attribute.subAttributes ?? []).flatMap((sub) => {
    const part = value[sub.name]
    return isAbsent(part) ? [] : [[sub.name, valueKey(sub, part)]]
  })
  return JSON.stringify(parts)
}

export function sameValue(attribute: ScimAttribute, a: Json, b: Json): boolean {
  return valueKey(attribute, a) === valueKey(attribute, b)
}

/**
 * What makes an element that element: `value` of a reference, `value` and `type` where it has a value (RFC 7643 2.4),
 * else all of it.
 */
export function identity(attribute: ScimAttribute, element: Json): string {
  const valuePart = subAttribute(attribute, 'value')
  const typePart = subAttribute(attribute, 'type')
  if (!isObject(element) || valuePart === undefined || isAbsent(element.value))
    return valueKey(attribute, element)
  const value = valueKey(valuePart, element.value)
  if (refersToResources(attribute) || typePart === undefined || isAbsent(element.type)) return `=${value}`
  return `=${value} ${valueKey(typePart, element.type)}`
}
