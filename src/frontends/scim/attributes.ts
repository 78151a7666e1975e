/** Finds attributes and members of objects by their names, which are case-insensitive (RFC 7643 2.1). */
import { VitrineError } from '../../model/errors.js'
import type { Resource, ScimAttribute } from '../../model/resource.js'
import type { Json, JsonObject } from '../../scim/json.js'

const indexes = new WeakMap<readonly ScimAttribute[], ReadonlyMap<string, ScimAttribute>>()

export function attributeNamed(
  attributes: readonly ScimAttribute[] | undefined,
  name: string,
): ScimAttribute | undefined {
  if (attributes === undefined) return undefined
  let index = indexes.get(attributes)
  if (index === undefined) {
    index = new Map(attributes.map((attribute) => [attribute.name.toLowerCase(), attribute]))
    indexes.set(attributes, index)
  }
  return index.get(name.toLowerCase())
}

export function subAttribute(attribute: ScimAttribute, name: string): ScimAttribute | undefined {
  return attributeNamed(attribute.subAttributes, name)
}

/** Are its values references to other resources: `{ value, $ref, ... }`? */
export function refersToResources(attribute: ScimAttribute): boolean {
  return subAttribute(attribute, '$ref') !== undefined && subAttribute(attribute, 'value') !== undefined
}

/** The members of an object by their names in lower case. Throws `protocolError` if two differ in case only. */
export function membersOf(object: JsonObject, path: string): ReadonlyMap<string, Json> {
  const members = new Map<string, Json>()
  for (const [name, value] of Object.entries(object)) {
    const lower = name.toLowerCase()
    if (members.has(lower)) {
      const where = path === '' ? 'the resource' : path
      throw new VitrineError('protocolError', { message: `${where} has members that differ in case only` })
    }
    members.set(lower, value)
  }
  return members
}

/** What `schemas` of a resource says: its core schema and the extensions it has something of (RFC 7643 3). */
export function schemasOf(resource: Resource, object: JsonObject): readonly string[] {
  const extensions = resource.extensions.map(({ schema }) => schema.id)
  return [resource.schema.id, ...extensions.filter((urn) => object[urn] !== undefined)]
}
