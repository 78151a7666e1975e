/** The object classes that mapping files name and no standard knows: what each must be for its entries to be consistent. */
import type { CustomObjectClass } from '../schema/object-classes.js'
import type { Schema } from '../schema/schema.js'
import type { MappingSpec } from './schema.js'

/**
 * A class of one's own allows whatever its entries show and none of their other classes does. It is structural where
 * they have no class that is (RFC 4512 2.4.2).
 * @param schema knows the attributes of all mappings
 */
export function customClass(name: string, specs: readonly MappingSpec[], schema: Schema): CustomObjectClass {
  const lower = name.toLowerCase()
  const users = specs.filter(({ ldap }) => ldap?.objectClass.some((one) => one.toLowerCase() === lower))
  const may = users.flatMap((spec) => notAllowed(shownBy(spec), spec.ldap?.objectClass ?? [], schema))
  const isStructural = users.every(
    ({ ldap }) =>
      ldap?.objectClass.some((one) => schema.objectClass(one)?.kind === 'structural') !== true &&
      firstUnknown(ldap?.objectClass ?? [], schema) === lower,
  )
  return { name, may: [...new Set(may)], kind: isStructural ? 'structural' : 'auxiliary' }
}

/** Those of the attributes that entries of these classes may not have (RFC 4512 2.4); what is unknown is left out. */
export function notAllowed(
  attributes: Iterable<string>,
  classes: readonly string[],
  schema: Schema,
): readonly string[] {
  const all = schema.withSuperclasses(classes)
  if (all.includes('extensibleObject')) return []
  const allowed = new Set(
    all.flatMap((one) => {
      const found = schema.objectClass(one)
      return found === undefined ? [] : [...found.must, ...found.may]
    }),
  )
  const found = new Set<string>()
  for (const given of attributes) {
    const type = schema.attribute(given.split(';')[0] ?? '')
    if (type === undefined || type.operational || type.definition.hidden === true) continue
    // Kept by whoever keeps the groups, as operational attributes are.
    if (!allowed.has(type.name) && type.name !== 'memberOf') found.add(type.name)
  }
  return [...found]
}

function shownBy({ attributes }: MappingSpec): readonly string[] {
  return Object.keys(attributes)
}

function firstUnknown(classes: readonly string[], schema: Schema): string | undefined {
  return classes.find((one) => schema.objectClass(one) === undefined)?.toLowerCase()
}
