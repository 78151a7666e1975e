/** What the path of a PATCH operation names in a resource type (RFC 7644 3.5.2), and whether it may be changed. */
import { VitrineError } from '../../model/errors.js'
import type { Resource, ScimAttribute, ScimSchema } from '../../model/resource.js'
import { commonAttributes } from '../../schema/scim/common.js'
import { standardAttribute } from '../../schema/scim/standard.js'
import type { PatchPath, ScimFilter } from '../../scim/filter-ast.js'
import { formatPath } from '../../scim/path.js'
import { notModifiable } from './accept.js'
import { attributeNamed, subAttribute } from './attributes.js'
import { type ElementTest, elementTest } from './evaluate.js'

export interface PatchTarget {
  readonly schema: ScimSchema
  readonly attribute: ScimAttribute
  /** Selects elements of a multi-valued attribute. */
  readonly selection?: { readonly filter: ScimFilter; readonly test: ElementTest }
  /** A part of the attribute or of the selected elements. */
  readonly sub?: ScimAttribute
  /** As messages name it. */
  readonly path: string
}

/** What is done with paths that name nothing here: all are refused, none, or those that the standard knows are not. */
export type Tolerance = 'none' | 'standard' | 'all'

/**
 * Undefined where nothing is to be done: for `schemas`, which follows from the rest, and for what is tolerated. Throws
 * `undefinedAttributeType` for what is not, `notModifiable` for what is readOnly.
 */
export function resolvePath(
  resource: Resource,
  path: PatchPath,
  tolerance: Tolerance,
): PatchTarget | undefined {
  const schema = path.schema === undefined ? resource.schema : schemaNamed(resource, path.schema)
  const attribute = attributeNamed(schema?.attributes, path.attribute)
  if (schema === undefined || attribute === undefined) {
    const common = schema === resource.schema ? attributeNamed(commonAttributes, path.attribute) : undefined
    if (common?.name === 'schemas') return undefined
    if (common?.mutability === 'readOnly') throw notModifiable(common.name)
    return tolerate(resource, path, tolerance)
  }
  const { filter } = path
  const target = targetOf(resource, schema, attribute)
  if (attribute.mutability === 'readOnly') throw notModifiable(target.path)
  const selection = filter && { filter, test: elementTest(filter, schema.id, attribute) }
  if (selection !== undefined && !attribute.multiValued) {
    throw new VitrineError('undefinedAttributeType', {
      message: `${target.path} has one value only: there is nothing to select`,
    })
  }
  const selected = { ...target, ...(selection === undefined ? undefined : { selection }) }
  if (path.sub === undefined) return selected
  const sub = subAttribute(attribute, path.sub)
  if (sub === undefined) return tolerate(resource, path, tolerance)
  if (sub.mutability === 'readOnly') throw notModifiable(`${target.path}.${sub.name}`)
  return { ...selected, sub, path: `${target.path}.${sub.name}` }
}

export function targetOf(resource: Resource, schema: ScimSchema, attribute: ScimAttribute): PatchTarget {
  const prefix = schema === resource.schema ? '' : `${schema.id}:`
  return { schema, attribute, path: `${prefix}${attribute.name}` }
}

export function schemaNamed(resource: Resource, urn: string): ScimSchema | undefined {
  const lower = urn.toLowerCase()
  if (resource.schema.id.toLowerCase() === lower) return resource.schema
  return resource.extensions.find(({ schema }) => schema.id.toLowerCase() === lower)?.schema
}

function tolerate(resource: Resource, path: PatchPath, tolerance: Tolerance): undefined {
  const { attribute, sub } = path
  const schema = path.schema ?? resource.schema.id
  const known =
    standardAttribute({ schema, attribute, ...(sub === undefined ? undefined : { sub }) }) !== undefined
  if (tolerance === 'all' || (tolerance === 'standard' && known)) return undefined
  throw new VitrineError('undefinedAttributeType', { message: `${formatPath(path)} is not known` })
}
