import type { Schema } from '../schema/schema.js'
import type { Column, NoTable, Table } from '../sources/source.js'
import { describedAs } from './aliases.js'
import { compileAttribute } from './attribute.js'
import { matchingOf } from './column-codec.js'
import { compileCreate } from './create.js'
import { contextOf, type Draft, handlesOf, idCodec, type Links } from './draft.js'
import { compileEnabled } from './enabled.js'
import { activeName, attributesOf, isSecret, tablesOf } from './given.js'
import { checkJoins, withJoins } from './joined.js'
import type { Deletions, MappedAttribute, Mapping, Operation, Secret, Upkeep } from './mapping.js'
import { constantOperation } from './operations/constant.js'
import type { Target } from './operations/reference.js'
import { isUuidKey, uuidOperation } from './operations/uuid.js'
import { MappingError, Problems } from './problem.js'
import type { ColumnSpec, MappingSpec } from './schema.js'
import { type Path, Resolver } from './tables.js'
import { dependentsOf, edges, targetOf, waysBack } from './targets.js'
import { writesOf } from './writes.js'

/**
 * @param schema knows the attributes and classes of these mappings, see `extendSchema`
 * @param describe tells of a table, undefined if there is none, or why there can be none; see `Source.describe`
 * @param verifies can the source check passwords?
 * @throws MappingError with every problem found
 */
export async function compileMappings(
  specs: readonly MappingSpec[],
  schema: Schema,
  describe: (table: string) => Promise<Table | NoTable | undefined>,
  verifies = true,
): Promise<readonly Mapping[]> {
  const names = new Set(specs.flatMap((spec) => [...tablesOf(spec)]))
  const tables = new Map<string, Table | NoTable>()
  for (const name of names) {
    const table = await describe(name)
    if (table !== undefined) tables.set(name, table)
  }
  const problems = new Problems()
  for (const { view, authentication } of specs) {
    if (authentication !== 'source' || verifies) continue
    const remedy = 'Give an attribute verifyOnly: true and a column of hashes instead'
    problems.add(view, ['authentication'], 'the source checks no passwords', remedy)
  }
  const drafts = specs.flatMap(
    (spec) =>
      draft(spec, schema, new Resolver(spec.view, tables, problems, (name) => describedAs(spec, name))) ?? [],
  )
  const targets = new Map<string, Target>()
  const links = {
    targets,
    edgesOf: edges(drafts, targets),
    waysBack: waysBack(drafts, targets),
    entryTables: new Set(specs.map((spec) => spec.from)),
  }
  for (const d of drafts) {
    const target = targetOf(d, links)
    if (target !== undefined) targets.set(d.spec.view, target)
  }
  const mappings = drafts.map((d) => compileView(d, links, drafts))
  if (problems.list.length > 0) throw new MappingError(problems.list)
  return mappings
}

function draft(spec: MappingSpec, schema: Schema, resolve: Resolver): Draft | undefined {
  const table = resolve.table(spec.from, ['from'])
  const key = table && keyOf(spec, table, resolve)
  if (table === undefined || key === undefined) return undefined
  checkJoins(spec, schema, resolve)
  const rows = withJoins(spec, table, key, resolve)
  if (rows === undefined) return undefined
  return {
    spec,
    schema,
    resolve,
    collection: { table: rows, key, where: resolve.conditions(table, spec.where, ['where']) },
  }
}

/** The column that tells rows apart: as the file says, else as the source does. */
function keyOf({ key: name, from }: MappingSpec, table: Table, resolve: Resolver): Column | undefined {
  if (name === undefined) {
    return (
      table.key ??
      resolve.problem(
        ['key'],
        `the source does not say what tells the rows of ${from} apart`,
        'Name a unique column, the primary key',
      )
    )
  }
  const key = resolve.column(table, name, ['key'])
  if (key === undefined) return undefined
  if (key.values !== undefined) {
    const remedy =
      table.key === undefined ? 'Name a unique column' : 'Leave key out: the source has one of its own'
    resolve.problem(['key'], `column ${name} may hold several values and cannot be a key`, remedy)
  } else if (!isKey(key)) {
    resolve.problem(
      ['key'],
      `column ${key.name} is ${isEnumerated(key) ? 'an enumeration' : `of kind ${key.kind}`} and cannot be a key`,
      'Name a unique column of integers, text, UUIDs or bytes; a database view can CAST another to one of these',
    )
  }
  return key
}

/** Keys are written as text and read back, and rows are fetched in their order: not all columns can do both. */
function isKey(column: Column): boolean {
  return ['integer', 'text', 'uuid', 'binary'].includes(column.kind) && !isEnumerated(column)
}

/** MariaDB sorts these by number and compares them by name. */
function isEnumerated(column: Column & { readonly type?: unknown }): boolean {
  return typeof column.type === 'string' && /^(enum|set)\(/i.test(column.type)
}

function compileView(d: Draft, links: Links, drafts: readonly Draft[]): Mapping {
  const { spec, schema, resolve, collection } = d
  const context = contextOf(d, links)
  const attributes = new Map<string, MappedAttribute>()
  const secrets: Secret[] = []
  for (const { name, type, path, specs } of attributesOf(spec, schema)) {
    if (type === undefined || path[0] === 'enabled') continue
    const operations: Operation[] = []
    specs.forEach((one, i, all) => {
      const at = [...path, ...(all.length > 1 ? [i] : [])]
      if (isSecret(one)) {
        const column = resolve.anyColumn(collection.table, one.column, at)
        if (column === undefined) return
        checkSecret(d, one, column, at)
        secrets.push(secretOf(name, one, column))
        return
      }
      operations.push(...compileAttribute(type, one, at, context))
    })
    if (operations.length > 0) attributes.set(name, { name, operations })
  }
  addOwn(d, attributes)
  const switched = spec.enabled === undefined ? undefined : compileEnabled(spec.enabled, d)
  const active = spec.scim && activeName(spec.scim)
  if (switched !== undefined && active !== undefined && !attributes.has(active))
    attributes.set(active, { name: active, operations: [switched.operation] })
  const version =
    spec.version === undefined ? undefined : resolve.column(collection.table, spec.version, ['version'])
  const uuid = spec.uuid === undefined ? undefined : collection.table.columns.get(spec.uuid)
  const deletions = compileDeletions(d)
  const create = compileCreate(d)
  const displays = links.targets.get(spec.view)?.display?.attrs ?? []
  return {
    ...collection,
    writes: writesOf(spec, schema),
    view: spec.view,
    source: spec.source,
    attributes,
    secrets,
    ...idCodec(collection.key),
    ...handlesOf(d),
    upkeep: upkeepOf(attributes, uuid),
    dependents: dependentsOf(d, attributes, drafts, links),
    ...(switched && { enabled: switched.enabled }),
    ...(spec.authentication === 'source' && { authentication: 'source' }),
    ...(version && { version: { kind: 'column', column: version } }),
    ...(deletions && { deletions }),
    ...(create && { create }),
    displays,
  }
}

/** What is kept up with every write: the columns shown as the times of creation and of the last change. */
function upkeepOf(attributes: ReadonlyMap<string, MappedAttribute>, uuid: Column | undefined): Upkeep {
  const columns = (names: readonly string[]) =>
    names.flatMap((name) =>
      (attributes.get(name)?.operations ?? []).flatMap(({ store }) =>
        store?.kind === 'column' && (store.column.kind === 'time' || store.column.kind === 'date')
          ? [store.column]
          : [],
      ),
    )
  return {
    created: columns(['createTimestamp', 'whenCreated']),
    changed: columns(['modifyTimestamp', 'whenChanged']),
    ...(uuid && uuid.readOnly !== true && { uuid }),
  }
}

function compileDeletions({ spec, resolve }: Draft): Deletions | undefined {
  if (spec.deletions === undefined) return undefined
  const table = resolve.table(spec.deletions.table, ['deletions', 'table'])
  const key = table && resolve.column(table, spec.deletions.key, ['deletions', 'key'])
  const at = table && resolve.column(table, spec.deletions.at, ['deletions', 'at'])
  if (table === undefined || key === undefined || at === undefined) return undefined
  if (at.kind === 'time') return { table, key, at, where: [] }
  return resolve.problem(
    ['deletions', 'at'],
    `column ${at.name} is ${at.kind}, not a time`,
    'Name a column of dates with times',
  )
}

function secretOf(attr: string, spec: ColumnSpec, column: Column): Secret {
  const isKeptInClear = column.secret === true && spec.hash === undefined
  return {
    attr,
    field: column.secret === true ? { kind: 'column', column } : secretField(column),
    cleartext: spec.cleartext === true,
    prehashed:
      spec.prehashed ?? (spec.hash === undefined || spec.hash.startsWith('ssha') ? 'keep' : 'refuse'),
    ...(spec.readOnly !== true && { hash: isKeptInClear ? 'none' : (spec.hash ?? 'argon2id') }),
  }
}

/** Either the source checks passwords or hashes do, which must be there to be read. */
function checkSecret(d: Draft, { column: name }: ColumnSpec, column: Column, path: Path): void {
  const bySource = d.spec.authentication === 'source'
  if (bySource === (column.secret === true)) return
  if (bySource) {
    const message = `passwords are checked by the source, and hashes in column ${name} by nobody`
    d.resolve.problem(path, message, 'Leave this out, or authentication: source')
  } else {
    const message = `column ${name} holds passwords, which are never read, so that nobody can bind by them`
    d.resolve.problem(path, message, 'Add authentication: source to the view')
  }
}

/** A hash is read as it is stored, though it be bytes in a column of text; no question is ever put to it. */
function secretField(column: Column): Secret['field'] {
  return { kind: 'column', column: column.kind === 'text' ? { ...column, kind: 'other' } : column }
}

/** The attributes that no mapping needs to write down: object classes and the stable identity. */
function addOwn(d: Draft, attributes: Map<string, MappedAttribute>): void {
  const { spec, schema, resolve, collection } = d
  const add = (name: string, operation: Operation) => {
    const type = schema.attribute(name)
    if (type !== undefined && !attributes.has(type.name))
      attributes.set(type.name, { name: type.name, operations: [operation] })
  }
  const classes = (spec.ldap?.objectClass ?? []).map((name) => schema.objectClass(name)?.name ?? name)
  const implied = schema.withSuperclasses(classes).filter((name) => !classes.includes(name))
  const matching = matchingOf(schema)
  if (classes.length > 0) add('objectClass', constantOperation('objectClass', classes, matching, implied))
  const structural = structuralClass(schema, classes)
  if (structural !== undefined) {
    const superior = schema.superclassesOf(structural).map((c) => c.name)
    add('structuralObjectClass', constantOperation('structuralObjectClass', [structural], matching, superior))
  }
  const uuid = spec.uuid === undefined ? undefined : resolve.column(collection.table, spec.uuid, ['uuid'])
  const key = uuid ?? collection.key
  if (isUuidKey(key)) add('entryUUID', uuidOperation(spec.view, key))
}

/** The most derived of the structural classes (RFC 4512 2.4.2). */
function structuralClass(schema: Schema, classes: readonly string[]): string | undefined {
  const structural = classes.filter((name) => schema.objectClass(name)?.kind === 'structural')
  const superior = new Set(structural.flatMap((name) => schema.superclassesOf(name).map((c) => c.name)))
  return structural.find((name) => !superior.has(name))
}
