/** What a mapping tells of its view before any source is asked: names, naming, and which attributes there are. */
import type { View, ViewAttribute } from '../model/view.js'
import type { AttributeType, Schema } from '../schema/schema.js'
import { nearest } from './nearest.js'
import type { Problems } from './problem.js'
import type { AttributeSpec, ColumnSpec, MappingSpec } from './schema.js'

export function specsOf(spec: MappingSpec, attribute: string): readonly AttributeSpec[] {
  const found = spec.attributes[attribute]
  return found === undefined ? [] : Array.isArray(found) ? found : [found]
}

export function isSecret(spec: AttributeSpec): spec is ColumnSpec {
  return typeof spec === 'object' && 'verifyOnly' in spec && spec.verifyOnly === true
}

/** @param schema knows the attributes and classes of this mapping, see `extendSchema` */
export function viewOf(spec: MappingSpec, schema: Schema, problems: Problems): View {
  const attributes = new Map<string, ViewAttribute>()
  for (const name of Object.keys(spec.attributes)) {
    const type = schema.attribute(name)
    if (type === undefined) {
      const meant = nearest(
        name,
        schema.attributes.map((a) => a.name),
      )
      const remedy =
        meant === undefined
          ? 'Correct its name, or give it a syntax if it is one of your own'
          : `Did you mean ${meant}? If it is an attribute of your own, give it a syntax`
      problems.add(spec.view, ['attributes', name], `the schema knows no attribute ${name}`, remedy)
    } else if (attributes.has(type.name)) {
      problems.add(
        spec.view,
        ['attributes', name],
        `${name} and ${type.name} are one attribute`,
        'Map it once, with a list if it has several sources',
      )
    } else attributes.set(type.name, describe(type, specsOf(spec, name)))
  }
  for (const name of ['objectClass', 'structuralObjectClass', 'entryUUID']) {
    if (!attributes.has(name)) {
      attributes.set(name, {
        name,
        kind: 'text',
        refers: [],
        multiValued: name === 'objectClass',
        verifyOnly: false,
      })
    }
  }
  const rdn = [spec.ldap.rdn].flat().map((name) => {
    const found = attributes.get(schema.attribute(name)?.name ?? '')
    if (found !== undefined && !found.verifyOnly) return found.name
    problems.add(
      spec.view,
      ['ldap', 'rdn'],
      `${name} is not among the view's attributes`,
      'Map it under attributes:',
    )
    return name
  })
  return {
    name: spec.view,
    rdn,
    base: spec.ldap.base,
    objectClasses: spec.ldap.objectClass.map((name) => schema.objectClass(name)?.name ?? name),
    attributes,
    bindable: Object.keys(spec.attributes).some((name) => specsOf(spec, name).some(isSecret)),
  }
}

function describe(type: AttributeType, specs: readonly AttributeSpec[]): ViewAttribute {
  const objects = specs.filter((s) => typeof s === 'object')
  const refers = objects.flatMap((s) => ('ref' in s ? [s.ref] : []))
  return {
    name: type.name,
    kind: type.syntax.kind,
    refers,
    mixed: refers.length > 0 && refers.length < specs.length,
    multiValued:
      specs.length > 1 || objects.some((s) => 'table' in s || ('constant' in s && Array.isArray(s.constant))),
    verifyOnly: specs.every(isSecret),
  }
}
