/** Attributes whose values are not the entry's own row's, so that the time at which that changed says nothing of them. */
import { aliasOf } from '../../mapping/aliases.js'
import { attributesOf, type GivenSpec } from '../../mapping/given.js'
import type { MappingSpec } from '../../mapping/schema.js'
import type { Schema } from '../../schema/schema.js'
import type { CopiedView, Untold } from './tables.js'

/**
 * Of what is copied.
 * @param isDirectory is the source one? They keep `memberOf` up without the entry changing
 */
export function untoldOf(
  spec: MappingSpec,
  { attributes, hasEnabled }: CopiedView,
  schema: Schema,
  isDirectory: boolean,
): readonly Untold[] {
  const copied = new Set(attributes.flatMap(({ name, kept }) => (kept.length === 0 ? [] : name)))
  const found = attributesOf(spec, schema).flatMap(({ name, specs }): Untold[] => {
    if (!copied.has(name)) return []
    const places = specs.map((one) => placeOf(one, spec, isDirectory))
    const where = places.find((place) => place !== undefined)
    return where === undefined ? [] : [{ attr: name, where }]
  })
  const enabled = hasEnabled ? joinedColumn(spec, spec.enabled) : undefined
  return enabled === undefined ? found : [...found, { attr: 'enabled', where: enabled }]
}

/** Where values are that are not in the entry's own row; undefined of those that are. */
function placeOf(given: GivenSpec, spec: MappingSpec, isDirectory: boolean): string | undefined {
  if (typeof given === 'object' && 'table' in given) return `table ${given.table}`
  if (typeof given === 'object' && 'by' in given) return `entries of ${given.ref}`
  if (isDirectory && columnsOf(given).some((name) => name.toLowerCase() === 'memberof'))
    return 'the groups, which the directory looks through'
  return joinedColumn(spec, given)
}

function joinedColumn(spec: MappingSpec, given: unknown): string | undefined {
  const alias = columnsOf(given).flatMap((name) => aliasOf(spec, name) ?? [])[0]
  return alias === undefined ? undefined : `join ${alias}`
}

/** Columns that are named by themselves, or in the braces of a template. */
function columnsOf(given: unknown): readonly string[] {
  if (typeof given === 'string') {
    const inBraces = [...given.matchAll(/\{([^{}]+)\}/g)].flatMap(([, name]) => name ?? [])
    return inBraces.length > 0 ? inBraces : [given]
  }
  if (typeof given !== 'object' || given === null) return []
  const { column, template, dn } = given as Readonly<Record<string, unknown>>
  return [column, template, dn].flatMap(columnsOf)
}
