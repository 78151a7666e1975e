/** What a mapping tells of its view before any source is asked: names, naming, and which attributes there are. */
import type { View, ViewAttribute, ViewPart } from '../model/view.js'
import type { AttributeType, Schema } from '../schema/schema.js'
import { keyNameFor, placeOf } from './aliases.js'
import { attributesOf, type GivenAttribute, type GivenSpec, isSecret, isWritable, partKind } from './given.js'
import { levelsOf } from './levels.js'
import { nearest } from './nearest.js'
import type { Problems } from './problem.js'
import { resourceOf } from './resource.js'
import type { MappingSpec } from './schema.js'
import { withShared } from './shared.js'
import { allows, namedWritable, writesOf } from './writes.js'

/**
 * @param schema knows the attributes and classes of this mapping, see `extendSchema`
 * @param specs of all views, for what refers to others
 * @param directories the sources whose columns are LDAP attributes, which may hold several values
 */
export function viewOf(
  spec: MappingSpec,
  schema: Schema,
  problems: Problems,
  specs: readonly MappingSpec[] = [spec],
  directories: ReadonlySet<string> = new Set(),
): View {
  const attributes = new Map<string, ViewAttribute>()
  const given = attributesOf(spec, schema)
  const entryTables = new Set(specs.filter((s) => s.source === spec.source).map((s) => s.from))
  const writes = writesOf(spec, schema)
  const could = new Set<string>()
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
    } else {
      const described = describe(attribute, spec, type, { entryTables, directories, schema })
      if (described.writable) could.add(name)
      attributes.set(name, { ...described, writable: described.writable && allows(writes, name) })
    }
  }
  checkWritable(spec, schema, attributes, could, problems)
  if (writes.deleteTree === true) checkTree(spec, directories, problems)
  // A password that the source checks is there for everybody to bind with, and for nobody to see or to ask about.
  if (spec.authentication === 'source' && !attributes.has('userPassword')) {
    const hidden = { refers: [], verifyOnly: true, writable: false, parts: [], multiValued: true }
    attributes.set('userPassword', { name: 'userPassword', kind: 'binary', ...hidden })
  }
  for (const name of ['objectClass', 'structuralObjectClass', 'entryUUID']) {
    if (attributes.has(name)) continue
    const multiValued = name === 'objectClass'
    const common = { refers: [], verifyOnly: false, writable: false, parts: [] }
    attributes.set(name, { name, kind: 'text', multiValued, ...common })
  }
  const rdn = [spec.ldap?.rdn ?? []].flat().map((name) => {
    const type = schema.attribute(name)
    const found = attributes.get(type?.name ?? '')
    if (found !== undefined && type !== undefined && type.options.length > 0) {
      const remedy = 'Name entries by an attribute without options'
      problems.add(spec.view, ['ldap', 'rdn'], `${name} has options, which no name has`, remedy)
      return name
    }
    if (found !== undefined && !found.verifyOnly) return found.name
    problems.add(
      spec.view,
      ['ldap', 'rdn'],
      `${name} is not among the view's attributes`,
      'Map it under attributes:',
    )
    return name
  })
  const levels = levelsOf(spec, schema, attributes, problems)
  const typeOf = (view: string) => specs.find((s) => s.view === view)?.scim?.resource
  const resource = resourceOf(spec, schema, { attributes, writes }, typeOf, problems)
  return {
    name: spec.view,
    rdn,
    base: spec.ldap?.base ?? '',
    ...(levels.length > 0 && { levels }),
    objectClasses: (spec.ldap?.objectClass ?? []).map((name) => schema.objectClass(name)?.name ?? name),
    attributes: withShared(attributes, given),
    bindable: spec.authentication === 'source' || given.some((a) => a.specs.some(isSecret)),
    inTree: spec.ldap !== undefined,
    writes: { add: writes.add, delete: writes.delete, deleteTree: writes.deleteTree === true },
    remembersDeletions: spec.deletions !== undefined,
    ...(resource && { resource }),
  }
}

/** What is to be written has to be there, and to be more than derived from others. */
function checkWritable(
  spec: MappingSpec,
  schema: Schema,
  attributes: ReadonlyMap<string, ViewAttribute>,
  could: ReadonlySet<string>,
  problems: Problems,
): void {
  for (const { given, name, path } of namedWritable(spec, schema)) {
    if (could.has(name)) continue
    if (attributes.has(name)) {
      const message = `${given} cannot be written: what it shows is not kept as it is`
      problems.add(spec.view, path, message, 'Leave it out, and name what it is made of')
    } else {
      const meant = nearest(given, could)
      const remedy = meant === undefined ? 'Map it under attributes:' : `Did you mean ${meant}?`
      problems.add(spec.view, path, `${given} is not among the view's attributes`, remedy)
    }
  }
}

/** Only a database deletes several rows or none. */
function checkTree(spec: MappingSpec, directories: ReadonlySet<string>, problems: Problems): void {
  const why =
    spec.join !== undefined
      ? 'what several sources hold together is not deleted at once'
      : directories.has(spec.source)
        ? 'a directory deletes one entry at a time'
        : undefined
  if (why !== undefined)
    problems.add(spec.view, ['writable', 'delete'], why, 'Say true, so that entries are deleted one by one')
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

interface Surroundings {
  readonly entryTables: ReadonlySet<string>
  /** The sources whose columns are LDAP attributes, of which the schema knows what it does of those shown. */
  readonly directories: ReadonlySet<string>
  readonly schema: Schema
}

function describe(
  { name, path, specs, face }: GivenAttribute,
  spec: MappingSpec,
  type: AttributeType,
  { entryTables, directories, schema }: Surroundings,
): ViewAttribute {
  const { kind } = type.syntax
  const upstream = specs.map((s) => upstreamOf(s, spec, directories))
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
      specs.length > 1 ||
      objects.some((s) => 'table' in s || 'by' in s || ('constant' in s && Array.isArray(s.constant))) ||
      specs.some((s, i) => holdsSeveral(s, upstream[i], type, schema)),
    verifyOnly: specs.length > 0 && specs.every(isSecret),
    writable:
      path[0] === 'enabled'
        ? isSwitch(spec)
        : specs.some((s, i) => isWritable(s, keyOf(s, spec), entryTables) && !isUpkept(upstream[i], schema)),
    parts: [...new Map(parts.map((part) => [part.name, part])).values()],
    ...(face && { face }),
  }
}

/** The LDAP attribute that an operation shows as it is. */
function upstreamOf(
  given: GivenSpec,
  spec: MappingSpec,
  directories: ReadonlySet<string>,
): string | undefined {
  const isPlain = typeof given === 'string' && !/[{}]/.test(given)
  const column = isPlain ? given : typeof given === 'object' && 'column' in given ? given.column : undefined
  const place = column === undefined ? undefined : placeOf(spec, column)
  return place !== undefined && directories.has(place.source) ? place.name : undefined
}

/** Attributes have as many values as one likes where their type does not say otherwise (RFC 4512 2.5.1). */
function holdsSeveral(
  spec: GivenSpec,
  upstream: string | undefined,
  shown: AttributeType,
  schema: Schema,
): boolean {
  if (upstream === undefined || upstream === 'dn') return false
  if (typeof spec === 'object' && (('single' in spec && spec.single === true) || 'equals' in spec))
    return false
  return !(schema.attribute(upstream) ?? shown).singleValued
}

/** Servers write these themselves (RFC 4512 3.4). */
function isUpkept(upstream: string | undefined, schema: Schema): boolean {
  return upstream !== undefined && schema.attribute(upstream)?.noUserModification === true
}

/** What rows that belong to an entry alone refer to. */
function keyOf(given: GivenSpec, spec: MappingSpec): string | undefined {
  return typeof given === 'object' && 'table' in given ? keyNameFor(spec, given.table) : spec.key
}

/** Does the file say what both states of `enabled` are? */
function isSwitch({ enabled }: MappingSpec): boolean {
  if (enabled === undefined) return false
  if (typeof enabled === 'string') return true
  return 'bit' in enabled || enabled.else !== undefined
}
