/** What a mapping tells of its view before any source is asked: names, naming, and which attributes there are. */
import type { View, ViewAttribute, ViewPart } from '../model/view.js'
import type { Schema } from '../schema/schema.js'
import { keyNameFor } from './aliases.js'
import { attributesOf, type GivenAttribute, type GivenSpec, isSecret, isWritable, partKind } from './given.js'
import { nearest } from './nearest.js'
import type { Problems } from './problem.js'
import { resourceOf } from './resource.js'
import type { MappingSpec } from './schema.js'

/**
 * @param schema knows the attributes and classes of this mapping, see `extendSchema`
 * @param specs of all views, for what refers to others
 */
export function viewOf(
  spec: MappingSpec,
  schema: Schema,
  problems: Problems,
  specs: readonly MappingSpec[] = [spec],
): View {
  const attributes = new Map<string, ViewAttribute>()
  const given = attributesOf(spec, schema)
  const entryTables = new Set(specs.filter((s) => s.source === spec.source).map((s) => s.from))
  for (const attribute of given) {
    const { name, type, path } = attribute
    if (type === undefined) problems.add(spec.view, path, ...unknown(name, schema))
    else if (attributes.has(name)) {
      problems.add(
        spec.view,
        path,
        `${path.at(-1)} and ${name} are one attribute`,
        'Map it once, with a list if it has several sources',
      )
    } else attributes.set(name, describe(attribute, spec, type.syntax.kind, entryTables))
  }
  for (const name of ['objectClass', 'structuralObjectClass', 'entryUUID']) {
    if (attributes.has(name)) continue
    const multiValued = name === 'objectClass'
    const common = { refers: [], verifyOnly: false, writable: false, parts: [] }
    attributes.set(name, { name, kind: 'text', multiValued, ...common })
  }
  const rdn = [spec.ldap?.rdn ?? []].flat().map((name) => {
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
  const typeOf = (view: string) => specs.find((s) => s.view === view)?.scim?.resource
  const resource = resourceOf(spec, schema, attributes, typeOf, problems)
  return {
    name: spec.view,
    rdn,
    base: spec.ldap?.base ?? '',
    objectClasses: (spec.ldap?.objectClass ?? []).map((name) => schema.objectClass(name)?.name ?? name),
    attributes,
    bindable: given.some((a) => a.specs.some(isSecret)),
    inTree: spec.ldap !== undefined,
    remembersDeletions: spec.deletions !== undefined,
    ...(resource && { resource }),
  }
}

function unknown(name: string, schema: Schema): [message: string, remedy: string] {
  const meant = nearest(
    name,
    schema.attributes.filter((a) => a.definition.hidden !== true).map((a) => a.name),
  )
  const remedy =
    meant === undefined
      ? 'Correct its name, or give it a syntax if it is one of your own'
      : `Did you mean ${meant}? If it is an attribute of your own, give it a syntax`
  return [`the schema knows no attribute ${name}`, remedy]
}

function describe(
  { name, path, specs, face }: GivenAttribute,
  spec: MappingSpec,
  kind: ViewAttribute['kind'],
  entryTables: ReadonlySet<string>,
): ViewAttribute {
  const objects = specs.filter((s) => typeof s === 'object')
  const refers = objects.flatMap((s) => ('ref' in s ? [s.ref] : []))
  const parts = objects.flatMap((s): ViewPart[] => {
    if (!('parts' in s) || s.parts === undefined) return []
    const others = Object.entries(s.parts).map(([part, given]) => ({
      name: part,
      kind: partKind(part, given),
    }))
    return 'value' in s ? [{ name: 'value', kind }, ...others] : others
  })
  return {
    name,
    kind,
    refers,
    mixed: refers.length > 0 && refers.length < specs.length,
    multiValued:
      specs.length > 1 || objects.some((s) => 'table' in s || ('constant' in s && Array.isArray(s.constant))),
    verifyOnly: specs.length > 0 && specs.every(isSecret),
    writable:
      path[0] === 'enabled' ? isSwitch(spec) : specs.some((s) => isWritable(s, keyOf(s, spec), entryTables)),
    parts: [...new Map(parts.map((part) => [part.name, part])).values()],
    ...(face && { face }),
  }
}

/** What rows that belong to an entry alone refer to. */
function keyOf(given: GivenSpec, spec: MappingSpec): string {
  return typeof given === 'object' && 'table' in given ? keyNameFor(spec, given.table) : spec.key
}

/** Does the file say what both states of `enabled` are? */
function isSwitch({ enabled }: MappingSpec): boolean {
  if (enabled === undefined) return false
  if (typeof enabled === 'string') return true
  if (enabled.else === undefined) return false
  return true
}
