/** Reads the body of a PATCH request (RFC 7644 3.5.2): operations with targets and checked values, none done yet. */
import { VitrineError } from '../../model/errors.js'
import type { Resource, ScimSchema } from '../../model/resource.js'
import type { PatchPath } from '../../scim/filter-ast.js'
import { isAbsent, isArray, isObject, type Json, type JsonObject } from '../../scim/json.js'
import { parsePatchPath } from '../../scim/path.js'
import { isUnknownMember, notModifiable } from './accept.js'
import { acceptOne, acceptParts, acceptValue, type Leniency } from './accept-value.js'
import { attributeNamed, membersOf, refersToResources } from './attributes.js'
import { elementTest } from './evaluate.js'
import { withoutDisplay } from './patch-display.js'
import { type PatchTarget, resolvePath, schemaNamed, targetOf } from './patch-target.js'

export interface PatchProfile extends Leniency {
  /** What references display is not looked at: tests for it in value filters are left out. */
  readonly bypass?: boolean
  /** Without a path, refuse attributes that no schema knows, as for a new resource. */
  readonly refusesUnknown?: boolean
}

export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace'
  readonly target: PatchTarget
  /**
   * As `acceptValue` has it; parts of a complex value (`acceptParts`) where these are merged into what there is. Absent
   * where the operation takes values away, unless `remove` says which.
   */
  readonly value?: Json
}

export const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const MAX_OPERATIONS = 1_000

/**
 * An operation without a path becomes one for each attribute in its value, as does one on a whole extension. Names of
 * operations and members are read in any case, and `remove` takes the values in `value`, if there are any, from a
 * multi-valued attribute.
 *
 * Throws what tells the client what is wrong with its request: `protocolError`, `undefinedAttributeType`, `filterError`,
 * `inappropriateMatching`, `notModifiable`, `noSuchAttribute` (`remove` without a path), `invalidAttributeSyntax`,
 * `objectClassViolation`; `adminLimitExceeded` for more than 1,000 operations.
 */
export function readPatch(resource: Resource, body: Json, profile: PatchProfile): readonly PatchOperation[] {
  const reader = new Reader(resource, profile)
  for (const operation of operationsOf(body, profile)) reader.read(operation)
  return reader.operations
}

function operationsOf(body: Json, { entra }: PatchProfile): readonly Json[] {
  if (!isObject(body)) throw malformed('a PATCH request must be a JSON object')
  const members = membersOf(body, 'the request')
  const schemas = members.get('schemas')
  const isPatch = (urn: Json) => typeof urn === 'string' && urn.toLowerCase() === PATCH_OP.toLowerCase()
  if (!isArray(schemas) || !schemas.some(isPatch)) throw malformed(`schemas must contain ${PATCH_OP}`)
  const operations = members.get('operations')
  if (!isArray(operations) || (operations.length === 0 && !entra))
    throw malformed('Operations must be an array of operations')
  if (operations.length > MAX_OPERATIONS) {
    throw new VitrineError('adminLimitExceeded', { message: `more than ${MAX_OPERATIONS} operations` })
  }
  return operations
}

class Reader {
  readonly operations: PatchOperation[] = []
  readonly #resource: Resource
  readonly #profile: PatchProfile

  constructor(resource: Resource, profile: PatchProfile) {
    this.#resource = resource
    this.#profile = profile
  }

  read(operation: Json): void {
    if (!isObject(operation)) throw malformed('an operation must be a JSON object')
    const members = membersOf(operation, 'an operation')
    const given = members.get('op')
    const op = typeof given === 'string' ? given.toLowerCase() : undefined
    if (op !== 'add' && op !== 'remove' && op !== 'replace') {
      throw malformed('op must be add, remove or replace')
    }
    const path = members.get('path') ?? undefined
    const value = members.get('value')
    if (op !== 'remove' && value === undefined) throw invalid(`${op} needs a value`)
    if (path === undefined) this.#resourceItself(op, value)
    else if (typeof path === 'string') this.#path(op, path, value)
    else throw new VitrineError('undefinedAttributeType', { message: 'path must be a string' })
  }

  #resourceItself(op: PatchOperation['op'], value: Json | undefined): void {
    if (op === 'remove') throw new VitrineError('noSuchAttribute', { message: 'remove needs a path' })
    if (!isObject(value)) throw invalid('without a path the value must be an object of attributes')
    this.#attributes(op, this.#resource.schema, value)
  }

  #path(op: PatchOperation['op'], path: string, value: Json | undefined): void {
    const schema = schemaNamed(this.#resource, path.trim())
    if (schema === this.#resource.schema) this.#resourceItself(op, value)
    else if (schema !== undefined) this.#extension(op, schema, value)
    else {
      const tolerance = this.#profile.entra ? 'standard' : 'none'
      const target = resolvePath(this.#resource, parsePatchPath(path), tolerance)
      if (target !== undefined) this.#target(op, target, value)
    }
  }

  #extension(op: PatchOperation['op'], schema: ScimSchema, value: Json | undefined): void {
    if (op !== 'remove' && !isAbsent(value)) {
      if (!isObject(value)) throw invalid(`${schema.id}: an object expected`)
      this.#attributes(op, schema, value)
      return
    }
    if (op === 'add') return
    for (const attribute of schema.attributes) {
      if (attribute.mutability === 'readOnly') continue
      this.operations.push({ op: 'remove', target: targetOf(this.#resource, schema, attribute) })
    }
  }

  #attributes(op: 'add' | 'replace', schema: ScimSchema, object: JsonObject): void {
    membersOf(object, 'the value')
    for (const [name, value] of Object.entries(object)) {
      const attribute = attributeNamed(schema.attributes, name)
      if (attribute !== undefined) {
        const target = targetOf(this.#resource, schema, attribute)
        if (attribute.mutability === 'readOnly') throw notModifiable(target.path)
        this.#target(op, target, value)
      } else if (schema === this.#resource.schema) this.#other(op, name, value)
      else this.#unknown(schema, name)
    }
  }

  /** Extensions. Only the Entra dialect has paths among the names. */
  #other(op: 'add' | 'replace', name: string, value: Json): void {
    const schema = schemaNamed(this.#resource, name)
    if (schema !== undefined) {
      if (schema !== this.#resource.schema) this.#extension(op, schema, value)
      return
    }
    const path = /[.:[]/.test(name) ? readable(name) : undefined
    const target = path && resolvePath(this.#resource, path, 'all')
    if (target === undefined) {
      this.#unknown(this.#resource.schema, name)
      return
    }
    if (!this.#profile.entra) {
      throw new VitrineError('undefinedAttributeType', { message: `${target.path} belongs into "path"` })
    }
    this.#target(op, target, value)
  }

  /** What the standard knows is ignored, as in a new resource. */
  #unknown(schema: ScimSchema, name: string): void {
    if (this.#profile.refusesUnknown !== true || !isUnknownMember(this.#resource, schema, name)) return
    const path = schema === this.#resource.schema ? name : `${schema.id}:${name}`
    throw new VitrineError('undefinedAttributeType', {
      message: `${path} is no attribute of a ${this.#resource.type}`,
    })
  }

  #target(op: PatchOperation['op'], named: PatchTarget, value: Json | undefined): void {
    const target = this.#profile.bypass === true ? undisplayed(named) : named
    if (target === undefined) return
    if (op === 'remove') {
      const taken = this.#taken(target, value)
      if (taken === undefined) this.operations.push({ op, target })
      else if (!isAbsent(taken)) this.operations.push({ op, target, value: taken })
      return
    }
    const accepted = isAbsent(value) ? undefined : this.#accept(target, value)
    if (accepted !== undefined) this.operations.push({ op, target, value: accepted })
    else if (op === 'replace' && (isAbsent(value) || isAll(target)))
      this.operations.push({ op: 'remove', target })
  }

  /** Which values `remove` takes; undefined: all that it finds. */
  #taken(target: PatchTarget, value: Json | undefined): Json | undefined {
    if (!isAll(target) || value === undefined || value === null) return undefined
    return acceptValue(target.attribute, value, target.path, this.#profile) ?? []
  }

  #accept({ attribute, selection, sub, path }: PatchTarget, value: Json): Json | undefined {
    if (sub !== undefined) return acceptValue(sub, value, path, this.#profile)
    if (selection !== undefined) {
      const [only = value, ...more] = isArray(value) ? value : []
      if (more.length > 0) throw invalid(`${path}: one value expected`)
      return acceptOne(attribute, only, path, this.#profile)
    }
    if (attribute.multiValued || attribute.type !== 'complex') {
      return acceptValue(attribute, value, path, this.#profile)
    }
    const parts = acceptParts(attribute, value, path, this.#profile)
    return Object.keys(parts).length === 0 ? undefined : parts
  }
}

/** Does it stand for all values of a multi-valued attribute? */
function isAll({ attribute, selection, sub }: PatchTarget): boolean {
  return attribute.multiValued && selection === undefined && sub === undefined
}

/** The path that a member is called by, unless its name is none. */
function readable(name: string): PatchPath | undefined {
  try {
    return parsePatchPath(name)
  } catch (thrown) {
    if (thrown instanceof VitrineError && thrown.code === 'undefinedAttributeType') return undefined
    throw thrown
  }
}

/** The target without tests for `display`; undefined if it selected by nothing else. */
function undisplayed(target: PatchTarget): PatchTarget | undefined {
  const { attribute, schema, selection } = target
  if (selection === undefined || !refersToResources(attribute)) return target
  const filter = withoutDisplay(selection.filter)
  return filter && { ...target, selection: { filter, test: elementTest(filter, schema.id, attribute) } }
}

function malformed(message: string): VitrineError {
  return new VitrineError('protocolError', { message })
}

function invalid(message: string): VitrineError {
  return new VitrineError('invalidAttributeSyntax', { message })
}
