/**
 * PATCH on the JSON of a resource (RFC 7644 3.5.2): all operations or none. What operations may be is checked by
 * `patch-operations.ts`; what came of them is written by others.
 */
import { bindingKey, type Resource, type ScimSchema } from '../../model/resource.js'
import {
  copyObject,
  emptyObject,
  isAbsent,
  isArray,
  isObject,
  type Json,
  type JsonObject,
} from '../../scim/json.js'
import { notModifiable } from './accept.js'
import { isMissing, missing } from './accept-value.js'
import { schemasOf } from './attributes.js'
import { sameValue } from './identity.js'
import { Work } from './patch-elements.js'
import type { PatchOperation, PatchProfile } from './patch-operations.js'
import { type PatchTarget, targetOf } from './patch-target.js'
import { changedValue } from './patch-values.js'

export interface Patched {
  readonly resource: JsonObject
  /** The attributes that have other values now; those that are never shown, if any operation was about them. */
  readonly touched: readonly { readonly schema: string; readonly attribute: string }[]
}

/**
 * @param current the resource as it is, in the spelling of its schemas and with all that the operations are about
 *
 * Throws `noSuchAttribute` where a value filter selects nothing, `notModifiable` where an immutable attribute would
 * change or a required one would go, `objectClassViolation` where a required sub-attribute is missing,
 * `invalidAttributeSyntax` where several elements became primary, `adminLimitExceeded` where it takes too long.
 */
export function applyPatch(
  resource: Resource,
  current: JsonObject,
  operations: readonly PatchOperation[],
  profile: PatchProfile,
): Patched {
  const work = new Work()
  const changes = new Map<string, { target: PatchTarget; after: Json | undefined }>()
  for (const operation of operations) {
    const { target } = operation
    const key = bindingKey(target.schema.id, target.attribute.name)
    const change = changes.get(key)
    const before = change === undefined ? attributeValue(resource, current, target) : change.after
    const after = changedValue(before, operation, profile.entra, work)
    changes.set(key, { target, after })
  }
  const touched: PatchTarget[] = []
  const patched = copyObject(current)
  for (const { target, after } of changes.values()) {
    const { schema, attribute } = target
    const before = attributeValue(resource, current, target)
    const hidden = attribute.mutability === 'writeOnly' || attribute.returned === 'never'
    if (!hidden && sameJson(before, after)) continue
    check(targetOf(resource, schema, attribute), before, after)
    touched.push(target)
    const object = schema === resource.schema ? patched : extensionOf(patched, schema)
    if (after === undefined) delete object[attribute.name]
    else object[attribute.name] = after
    if (object !== patched && Object.keys(object).length === 0) delete patched[schema.id]
    else if (object !== patched) patched[schema.id] = object
  }
  patched.schemas = schemasOf(resource, patched)
  return {
    resource: patched,
    touched: touched.map(({ schema, attribute }) => ({ schema: schema.id, attribute: attribute.name })),
  }
}

function extensionOf(object: JsonObject, schema: ScimSchema) {
  const extension = object[schema.id]
  return isObject(extension) ? copyObject(extension) : emptyObject()
}

function attributeValue(
  resource: Resource,
  object: JsonObject,
  { schema, attribute }: PatchTarget,
): Json | undefined {
  if (schema === resource.schema) return object[attribute.name]
  const extension = object[schema.id]
  return isObject(extension) ? extension[attribute.name] : undefined
}

function check({ attribute, path }: PatchTarget, before: Json | undefined, after: Json | undefined): void {
  if (isAbsent(after)) {
    if (attribute.required || (attribute.mutability === 'immutable' && !isAbsent(before))) {
      throw notModifiable(path)
    }
    return
  }
  if (attribute.mutability === 'immutable' && !isAbsent(before) && !sameValue(attribute, before, after)) {
    throw notModifiable(path)
  }
  if (!isObject(after)) return
  for (const sub of attribute.subAttributes ?? []) {
    if (isMissing(sub, after)) throw missing(`${path}.${sub.name}`)
  }
}

function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b || (isAbsent(a) && isAbsent(b))) return true
  if (isArray(a))
    return isArray(b) && a.length === b.length && a.every((element, i) => sameJson(element, b[i]))
  if (!isObject(a) || !isObject(b)) return false
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => sameJson(a[name], b[name]))
}
