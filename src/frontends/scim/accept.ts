/**
 * What a client sent, checked against the schemas of a resource type and brought into their spelling (RFC 7644 3.3,
 * 3.5.1). What a single value may be stands in `accept-value.ts`.
 */
import { VitrineError } from '../../model/errors.js'
import type { Resource, ScimAttribute, ScimSchema } from '../../model/resource.js'
import { standardAttribute, standardSchemas } from '../../schema/scim/standard.js'
import {
  emptyObject,
  isAbsent,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type MutableJsonObject,
} from '../../scim/json.js'
import { acceptValue, type Leniency, missing } from './accept-value.js'
import { membersOf, schemasOf } from './attributes.js'
import { sameValue } from './identity.js'

export interface AcceptOptions extends Leniency {
  /** A new resource (POST) needs all that is required; one that replaces another (PUT) may leave out secrets. */
  readonly creates: boolean
  /**
   * Refuse what no schema knows, which would be lost. Clients that replace a resource may send back what they were
   * given elsewhere, and dialects have attributes of their own.
   */
  readonly refusesUnknown?: boolean
}

/**
 * The resource with the names of the schemas; its extensions are under their URNs and `schemas` tells which it has.
 * What is readOnly is left out, what has no value, and what is unknown unless that is refused.
 *
 * Throws `protocolError` where it is no resource of this type or names a member twice, `invalidAttributeSyntax` for a
 * value of the wrong type and `objectClassViolation` where a required attribute is missing; messages name the path.
 */
export function acceptResource(resource: Resource, body: Json, options: AcceptOptions): JsonObject {
  if (!isObject(body))
    throw new VitrineError('protocolError', { message: 'a resource must be a JSON object' })
  const members = membersOf(body, '')
  checkSchemas(resource, members.get('schemas'))
  if (options.refusesUnknown === true) refuseUnknown(resource, members, Object.keys(body))
  const accepted = emptyObject()
  accepted.schemas = []
  acceptMembers(resource.schema, members, '', options, accepted)
  for (const { schema, required } of resource.extensions) {
    const given = members.get(schema.id.toLowerCase())
    const extension = emptyObject()
    if (!isAbsent(given) || required) {
      const inner = isAbsent(given) ? new Map<string, Json>() : objectMembers(given, schema.id)
      acceptMembers(schema, inner, `${schema.id}:`, options, extension)
    }
    if (Object.keys(extension).length > 0) accepted[schema.id] = extension
  }
  accepted.schemas = schemasOf(resource, accepted)
  return accepted
}

/**
 * What becomes of a resource that is replaced: immutable attributes that were left out keep their values (RFC 7644
 * 3.5.1). Throws `notModifiable` where one was given another value.
 */
export function keepImmutable(resource: Resource, current: JsonObject, replacement: JsonObject): JsonObject {
  const kept = Object.assign(emptyObject(), replacement)
  keepAll(resource.schema.attributes, current, kept, '')
  for (const { schema } of resource.extensions) {
    const before = current[schema.id]
    if (!isObject(before)) continue
    const given = replacement[schema.id]
    const extension = Object.assign(emptyObject(), isObject(given) ? given : undefined)
    keepAll(schema.attributes, before, extension, `${schema.id}:`)
    if (Object.keys(extension).length > 0) kept[schema.id] = extension
  }
  kept.schemas = schemasOf(resource, kept)
  return kept
}

function keepAll(
  attributes: readonly ScimAttribute[],
  before: JsonObject,
  after: MutableJsonObject,
  prefix: string,
): void {
  for (const attribute of attributes) {
    const old = before[attribute.name]
    if (isAbsent(old)) continue
    const given = after[attribute.name]
    const path = `${prefix}${attribute.name}`
    if (attribute.mutability === 'immutable') {
      if (isAbsent(given)) after[attribute.name] = old
      else if (!sameValue(attribute, old, given)) throw notModifiable(path)
    } else if (!attribute.multiValued && attribute.subAttributes?.some((s) => s.mutability === 'immutable')) {
      const parts = Object.assign(emptyObject(), isObject(given) ? given : undefined)
      if (isObject(old)) keepAll(attribute.subAttributes, old, parts, `${path}.`)
      if (Object.keys(parts).length > 0) after[attribute.name] = parts
    }
  }
}

export function notModifiable(path: string): VitrineError {
  return new VitrineError('notModifiable', { message: `${path} cannot be changed` })
}

/** What the standard knows is no mistake, though this mapping does not keep it. */
function refuseUnknown(
  resource: Resource,
  members: ReadonlyMap<string, Json>,
  written: readonly string[],
): void {
  const extensions = new Map(resource.extensions.map(({ schema }) => [schema.id.toLowerCase(), schema]))
  const refuse = (path: string) => {
    throw new VitrineError('protocolError', { message: `${path} is no attribute of a ${resource.type}` })
  }
  for (const [name, value] of members) {
    if (COMMON.has(name)) continue
    const extension = extensions.get(name)
    if (extension !== undefined) {
      const inner = isObject(value) ? membersOf(value, extension.id).keys() : []
      for (const sub of inner) if (!isKnown(extension, sub)) refuse(`${extension.id}:${sub}`)
    } else if (isUnknownMember(resource, resource.schema, name))
      refuse(written.find((w) => w.toLowerCase() === name) ?? name)
  }
}

/** Is it neither in the schema nor, on the outermost level, an extension, here or in the standard? */
export function isUnknownMember(resource: Resource, schema: ScimSchema, name: string): boolean {
  const lower = name.toLowerCase()
  if (isKnown(schema, lower)) return false
  return schema !== resource.schema || !(COMMON.has(lower) || standardSchemas.has(exactUrn(lower)))
}

/** What every resource has (RFC 7643 3.1). */
const COMMON: ReadonlySet<string> = new Set(['schemas', 'id', 'externalid', 'meta'])

const isKnown = ({ id, attributes }: ScimSchema, name: string) =>
  attributes.some((a) => a.name.toLowerCase() === name) ||
  standardAttribute({ schema: id, attribute: name }) !== undefined

const exactUrn = (name: string) =>
  [...standardSchemas.keys()].find((urn) => urn.toLowerCase() === name.toLowerCase()) ?? name

/** Without any, a body is taken for what its endpoint is for. */
function checkSchemas(resource: Resource, given: Json | undefined): void {
  if (given === undefined) return
  const wanted = resource.schema.id.toLowerCase()
  const named = isArray(given) && given.some((urn) => typeof urn === 'string' && urn.toLowerCase() === wanted)
  if (!named) {
    throw new VitrineError('protocolError', { message: `schemas must contain ${resource.schema.id}` })
  }
}

function objectMembers(json: Json, path: string): ReadonlyMap<string, Json> {
  if (!isObject(json))
    throw new VitrineError('invalidAttributeSyntax', { message: `${path}: an object expected` })
  return membersOf(json, path)
}

function acceptMembers(
  schema: ScimSchema,
  members: ReadonlyMap<string, Json>,
  prefix: string,
  options: AcceptOptions,
  into: MutableJsonObject,
): void {
  for (const attribute of schema.attributes) {
    if (attribute.mutability === 'readOnly') continue
    const path = `${prefix}${attribute.name}`
    const given = members.get(attribute.name.toLowerCase())
    if (attribute.multiValued && !options.entra && !isAbsent(given) && !isArray(given))
      throw new VitrineError('invalidAttributeSyntax', { message: `${path}: an array expected` })
    const value = acceptValue(attribute, given, path, options)
    if (value !== undefined) into[attribute.name] = value
    else if (attribute.required && (options.creates || attribute.mutability !== 'writeOnly'))
      throw missing(path)
  }
}
