/** The schema that a set of mappings needs: the standard one, with the attributes and classes that are their own. */
import { SchemaError } from '../schema/attribute-types.js'
import type { Schema } from '../schema/schema.js'
import type { Problems } from './problem.js'
import type { MappingSpec } from './schema.js'

/** Names that the schema does not know and that have no `syntax:` are left for the compiler to complain of. */
export function extendSchema(base: Schema, specs: readonly MappingSpec[], problems: Problems): Schema {
  let schema = base
  for (const spec of specs) {
    for (const [name, given] of Object.entries(spec.attributes)) {
      if (schema.attribute(name) !== undefined) continue
      const first = [given].flat()[0]
      if (typeof first !== 'object') continue
      const syntax = 'syntax' in first ? first.syntax : undefined
      const inferred =
        syntax ??
        ('equals' in first ? 'boolean' : 'ref' in first || 'dn' in first ? 'distinguishedName' : undefined)
      if (inferred === undefined) continue
      schema = attempt(schema, problems, spec.view, ['attributes', name], () =>
        schema.withAttributes([{ name, syntax: inferred }]),
      )
    }
    for (const [i, name] of spec.ldap.objectClass.entries()) {
      if (schema.objectClass(name) !== undefined) continue
      schema = attempt(schema, problems, spec.view, ['ldap', 'objectClass', i], () =>
        schema.withObjectClasses([{ name }]),
      )
    }
  }
  return schema
}

function attempt(
  schema: Schema,
  problems: Problems,
  view: string,
  path: readonly (string | number)[],
  extend: () => Schema,
): Schema {
  try {
    return extend()
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error
    problems.add(view, path, error.message, 'Use another name or syntax')
    return schema
  }
}
