/**
 * The attributes that a mapping file gives a view, whichever face they are written for, under the names that entries
 * hold them by: LDAP's as the schema spells them, those of SCIM alone by their URN.
 */

import type { ValueKind } from '../model/value.js'
import type { AttributeType, Schema } from '../schema/schema.js'
import { correspondenceOf } from '../schema/scim/correspondence.js'
import { standardSchemas } from '../schema/scim/standard.js'
import { describedAs, joinedTablesOf } from './aliases.js'
import type { AttributeSpec, ColumnSpec, ElementsSpec, MappingSpec, PartSpec, ScimSpec } from './schema.js'
import type { Path } from './tables.js'

export type GivenSpec = AttributeSpec | ElementsSpec

export interface GivenAttribute {
  /** As entries hold it; as the file spells it where the schema does not know it. */
  readonly name: string
  readonly type: AttributeType | undefined
  /** Where it stands in the mapping file. */
  readonly path: Path
  readonly specs: readonly GivenSpec[]
  readonly face?: 'scim'
}

/** @param schema knows the attributes of this mapping, see `extendSchema` */
export function attributesOf(spec: MappingSpec, schema: Schema): readonly GivenAttribute[] {
  const ofLdap = Object.entries(spec.attributes).map(([name, given]): GivenAttribute => {
    const type = schema.attribute(name)
    return { name: type?.name ?? name, type, path: ['attributes', name], specs: [given].flat() }
  })
  return [...ofLdap, ...scimAttributes(spec).map((a) => ({ ...a, type: schema.attribute(a.name) }))]
}

/** The attributes that only SCIM shows. */
export function scimAttributes(spec: MappingSpec): readonly Omit<GivenAttribute, 'type'>[] {
  const { scim } = spec
  if (scim === undefined) return []
  const own = Object.entries(scim.attributes ?? {}).flatMap(([key, given]) => {
    if (given === null || (typeof given === 'object' && 'attribute' in given)) return []
    const path = ['scim', 'attributes', key]
    return [{ name: scimName(scim, key), path, specs: [given].flat(), face: 'scim' as const }]
  })
  const active = activeName(scim)
  if (spec.enabled === undefined || active === undefined || own.some((a) => a.name === active)) return own
  return [...own, { name: active, path: ['enabled'], specs: [], face: 'scim' }]
}

/** What the `enabled` test of a view is shown as. */
export function activeName(scim: ScimSpec): string | undefined {
  const corresponds = correspondenceOf(scim.resource)?.attributes.some((a) => a.kind === 'enabled')
  const hidden = scim.attributes?.active === null
  return corresponds && !hidden ? scimName(scim, 'active') : undefined
}

/** URN of the core schema of the view's resource type. */
export function coreSchemaOf(scim: ScimSpec): string {
  const standard = correspondenceOf(scim.resource)?.schema
  return scim.schema ?? standard ?? `urn:ietf:params:scim:schemas:core:2.0:${scim.resource}`
}

/** An attribute path of the file with its URN, both as the standard schemas spell them. */
export function scimName(scim: ScimSpec, key: string): string {
  const path = splitPath(scim, key)
  const full = `${path.schema}:${path.attribute}`
  return path.sub === undefined ? full : `${full}.${path.sub}`
}

export interface ScimPath {
  readonly schema: string
  readonly attribute: string
  readonly sub?: string
}

/** `name.middleName`, or the same behind a URN and a colon. */
export function splitPath(scim: ScimSpec, key: string): ScimPath {
  const isUrn = /^urn:/i.test(key)
  const colon = isUrn ? key.lastIndexOf(':') : -1
  const given = isUrn ? key.slice(0, colon) : coreSchemaOf(scim)
  const standard = [...standardSchemas.values()].find((s) => s.id.toLowerCase() === given.toLowerCase())
  const schema = standard?.id ?? given
  const [name = '', sub] = key.slice(colon + 1).split('.', 2)
  const known = standard?.attributes.find((a) => a.name.toLowerCase() === name.toLowerCase())
  const attribute = known?.name ?? name
  if (sub === undefined) return { schema, attribute }
  const knownSub = known?.subAttributes?.find((a) => a.name.toLowerCase() === sub.toLowerCase())
  return { schema, attribute, sub: knownSub?.name ?? sub }
}

/** Every table that a mapping needs described. */
export function tablesOf(spec: MappingSpec): ReadonlySet<string> {
  const names = new Set([spec.from, ...joinedTablesOf(spec)])
  const all = [...Object.values(spec.attributes).flat(), ...scimAttributes(spec).flatMap((a) => a.specs)]
  for (const one of all) {
    if (typeof one === 'string' || !('table' in one)) continue
    names.add(describedAs(spec, one.table))
    if ('join' in one && one.join !== undefined) names.add(describedAs(spec, one.join.table))
  }
  if (spec.deletions !== undefined) names.add(spec.deletions.table)
  return names
}

export function isSecret(spec: GivenSpec): spec is ColumnSpec {
  return typeof spec === 'object' && 'verifyOnly' in spec && spec.verifyOnly === true
}

const partKinds: Readonly<Record<string, ValueKind>> = {
  directoryString: 'text',
  integer: 'integer',
  decimal: 'decimal',
  boolean: 'boolean',
  generalizedTime: 'time',
}

/** What a part of an element is. */
export function partKind(name: string, spec: PartSpec): ValueKind {
  if (typeof spec === 'string') return name === 'primary' ? 'boolean' : 'text'
  return partKinds[spec.syntax] ?? 'text'
}

/**
 * Could what it shows be stored, going by what the file says? Related rows only where they belong to the entry alone.
 * @param key the key's column, where the file names one
 * @param entryTables tables whose rows are themselves entries of a view: they come and go there only
 */
export function isWritable(
  spec: GivenSpec,
  key: string | undefined,
  entryTables: ReadonlySet<string>,
): boolean {
  if (typeof spec === 'string') return !/[{}]/.test(spec)
  if ('constant' in spec || 'template' in spec || 'dn' in spec || 'by' in spec) return false
  if (spec.readOnly === true) return false
  // What is to stand for FALSE nobody has said.
  if ('equals' in spec && spec.equals !== undefined && spec.else === undefined) return false
  if (!('table' in spec)) return true
  if (('join' in spec && spec.join !== undefined) || entryTables.has(spec.table)) return false
  const belongs = typeof spec.on === 'string' || Object.values(spec.on).every((parent) => parent === key)
  return (
    belongs && Object.values(spec.where ?? {}).every((value) => value !== null && typeof value !== 'object')
  )
}
