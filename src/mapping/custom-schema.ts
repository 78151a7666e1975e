/** The schema that a set of mappings needs: the standard one, with the attributes and classes that are their own. */
import type { ScimType } from '../model/resource.js'
import { SchemaError } from '../schema/attribute-types.js'
import type { Schema } from '../schema/schema.js'
import { standardAttribute } from '../schema/scim/standard.js'
import { customClass } from './custom-classes.js'
import { type GivenSpec, scimAttributes, splitPath } from './given.js'
import { editDistance, nearest } from './nearest.js'
import type { Problems } from './problem.js'
import type { MappingSpec } from './schema.js'

/** Names that the schema does not know and that have no `syntax:` are left for the compiler to complain of. */
export function extendSchema(base: Schema, specs: readonly MappingSpec[], problems: Problems): Schema {
  let schema = base
  for (const spec of specs) {
    for (const [name, given] of Object.entries(spec.attributes)) {
      if (schema.attribute(name) !== undefined) continue
      if (name.includes(';') && schema.attribute(name.slice(0, name.indexOf(';'))) !== undefined) {
        schema = attempt(schema, problems, spec.view, ['attributes', name], () =>
          schema.withAttributes([{ name }]),
        )
        continue
      }
      const first = [given].flat()[0]
      if (typeof first !== 'object') continue
      const syntax = 'syntax' in first ? first.syntax : undefined
      const inferred =
        syntax ??
        ('equals' in first || 'bit' in first
          ? 'boolean'
          : 'ref' in first || 'dn' in first
            ? 'distinguishedName'
            : undefined)
      if (inferred === undefined) continue
      schema = attempt(schema, problems, spec.view, ['attributes', name], () =>
        schema.withAttributes([{ name, syntax: inferred }]),
      )
    }
    for (const { name, path, specs } of scimAttributes(spec)) {
      const custom = { name, ...scimSyntax(spec, name, specs), hidden: true }
      const known = schema.attribute(name)
      if (known === undefined)
        schema = attempt(schema, problems, spec.view, path, () => schema.withAttributes([custom]))
    }
  }
  for (const spec of specs) {
    for (const [i, name] of (spec.ldap?.objectClass ?? []).entries()) {
      if (schema.objectClass(name) !== undefined) continue
      const meant = misspelt(name, base)
      if (meant !== undefined) {
        const message = `the schema knows no object class ${name}`
        const remedy = `Did you mean ${meant}? A class of your own needs a name that differs more`
        problems.add(spec.view, ['ldap', 'objectClass', i], message, remedy)
        continue
      }
      const before = schema
      schema = attempt(schema, problems, spec.view, ['ldap', 'objectClass', i], () =>
        before.withObjectClasses([customClass(name, specs, before)]),
      )
    }
  }
  return schema
}

/** What the values of an attribute of SCIM are: as its standard schema says, else as the file does. */
function scimSyntax(spec: MappingSpec, name: string, specs: readonly GivenSpec[]) {
  const standard = spec.scim && standardAttribute(splitPath(spec.scim, name))
  const [first] = specs
  const given = typeof first === 'object' ? first : {}
  const isRef = 'ref' in given || 'dn' in given
  const syntax: string =
    ('syntax' in given && typeof given.syntax === 'string' ? given.syntax : undefined) ??
    (isRef ? 'distinguishedName' : undefined) ??
    (standard === undefined ? undefined : syntaxes[standard.type]) ??
    ('equals' in given || 'bit' in given ? 'boolean' : 'directoryString')
  return { syntax, caseExact: standard?.caseExact === true || standard?.type === 'reference' }
}

const syntaxes: Partial<Record<ScimType, string>> = {
  boolean: 'boolean',
  integer: 'integer',
  decimal: 'decimal',
  dateTime: 'generalizedTime',
  binary: 'octetString',
}

/**
 * The known class that a name was meant as, two edits off at most. One with a word before it, as `acmePerson` is of
 * `person`, is a class of its own.
 */
function misspelt(name: string, base: Schema): string | undefined {
  const meant = nearest(
    name,
    base.objectClasses.map((c) => c.name),
  )
  if (meant === undefined || editDistance(name.toLowerCase(), meant.toLowerCase()) > 2) return undefined
  return name.toLowerCase().endsWith(meant.toLowerCase()) ? undefined : meant
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
