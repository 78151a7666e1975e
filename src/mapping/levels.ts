/** The levels that a mapping hangs its entries below, and whether its attributes are good for that. */
import type { Level, ViewAttribute } from '../model/view.js'
import type { AttributeType, Schema } from '../schema/schema.js'
import type { Problems } from './problem.js'
import type { MappingSpec } from './schema.js'

/** An entry hangs in one place, so levels have one value; clients name them, so they can be searched by. */
export function levelsOf(
  { view, ldap }: Pick<MappingSpec, 'view' | 'ldap'>,
  schema: Schema,
  attributes: ReadonlyMap<string, ViewAttribute>,
  problems: Problems,
): readonly Level[] {
  const known = new Set<string>()
  return (ldap?.levels ?? []).flatMap(({ type: typeName, attr: name }): Level[] => {
    const add = (message: string, remedy: string): Level[] => {
      problems.add(view, ['ldap', 'dn'], message, remedy)
      return []
    }
    const type = schema.attribute(typeName)
    const of = schema.attribute(name)
    const attribute = attributes.get(of?.name ?? name)
    if (type === undefined) return add(`the schema knows no attribute ${typeName}`, 'Correct its name')
    if (of === undefined || attribute === undefined || attribute.face === 'scim')
      return add(`${name} is not among the view's attributes`, 'Map it under attributes')
    if (attribute.multiValued)
      return add(
        `${name} may have several values, and an entry hangs in one place`,
        'Take an attribute of one value, or add single: true to its column',
      )
    if (attribute.verifyOnly || attribute.refers.length > 0 || of.equality === undefined)
      return add(`${name} cannot be compared`, 'Take another attribute')
    if (!areComparedAlike(type, of))
      return add(
        `${name} and ${type.name} do not take the same values for equal`,
        `Take an attribute that is compared as ${type.name} is, or write ${name}={${name}}`,
      )
    if (known.has(of.name)) return add(`${name} makes two levels`, 'Leave one out')
    known.add(of.name)
    return [{ type: type.name, attr: of.name }]
  })
}

/** Numbers have one spelling only, in which texts are as different as they are. */
function areComparedAlike(type: AttributeType, of: AttributeType): boolean {
  if (type === of) return type.syntax.kind !== 'binary'
  if (type.syntax.kind !== 'text') return false
  const [a = '', b = ''] = [type.equality?.normalizing, of.equality?.normalizing].map((n) =>
    n?.replace('IA5', ''),
  )
  return a === b || (of.syntax.kind === 'integer' && a.startsWith('case'))
}
