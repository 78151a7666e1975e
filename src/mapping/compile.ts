/**
 * Compiles the mappings of one source, all together because they refer to each other: every name is resolved
 * against the source's tables, every problem is collected, and each view comes out as a `Mapping`.
 */
import type { EntryId, Scalar } from '../model/value.js'
import type { AttributeType, Schema } from '../schema/schema.js'
import type { Cell, Collection, Column, Field, Table } from '../sources/source.js'
import { type AttributeContext, compileAttribute, referencePieces } from './attribute.js'
import { literal, text } from './codecs/finite.js'
import { matchingOf } from './column-codec.js'
import type { Enabled, MappedAttribute, Mapping, Operation } from './mapping.js'
import { constantOperation } from './operations/constant.js'
import type { EdgesOf, Target } from './operations/reference.js'
import { isUuidKey, uuidOperation } from './operations/uuid.js'
import { MappingError, Problems } from './problem.js'
import type { EnabledSpec, MappingSpec } from './schema.js'
import { Resolver, tablesOf } from './tables.js'
import { isSecret, specsOf } from './view.js'

interface Draft {
  readonly spec: MappingSpec
  readonly schema: Schema
  readonly resolve: Resolver
  readonly collection: Collection
}

/**
 * @param schema knows the attributes and classes of these mappings, see `extendSchema`
 * @param describe tells of a table, or undefined if there is none; see `Source.describe`
 * @throws MappingError with every problem found
 */
export async function compileMappings(
  specs: readonly MappingSpec[],
  schema: Schema,
  describe: (table: string) => Promise<Table | undefined>,
): Promise<readonly Mapping[]> {
  const names = new Set(specs.flatMap((spec) => [...tablesOf(spec)]))
  const tables = new Map<string, Table>()
  for (const name of names) {
    const table = await describe(name)
    if (table !== undefined) tables.set(name, table)
  }
  const problems = new Problems()
  const drafts = specs.flatMap((spec) => draft(spec, schema, new Resolver(spec.view, tables, problems)) ?? [])
  const targets = new Map<string, Target>()
  const edgesOf = edges(drafts, targets)
  for (const d of drafts) {
    const target = targetOf(d, { targets, edgesOf })
    if (target !== undefined) targets.set(d.spec.view, target)
  }
  const mappings = drafts.map((d) => compileView(d, { targets, edgesOf }))
  if (problems.list.length > 0) throw new MappingError(problems.list)
  return mappings
}

function draft(spec: MappingSpec, schema: Schema, resolve: Resolver): Draft | undefined {
  const table = resolve.table(spec.from, ['from'])
  const key = table && resolve.column(table, spec.key, ['key'])
  if (table === undefined || key === undefined) return undefined
  if (!isKey(key)) {
    resolve.problem(
      ['key'],
      `column ${key.name} is ${isEnumerated(key) ? 'an enumeration' : `of kind ${key.kind}`} and cannot be a key`,
      'Name a unique column of integers, text, UUIDs or bytes; a database view can CAST another to one of these',
    )
  }
  return {
    spec,
    schema,
    resolve,
    collection: { table, key, where: resolve.conditions(table, spec.where, ['where']) },
  }
}

/** Keys are written as text and read back, and rows are fetched in their order: not all columns can do both. */
function isKey(column: Column): boolean {
  return ['integer', 'text', 'uuid', 'binary'].includes(column.kind) && !isEnumerated(column)
}

/** MariaDB sorts these by number and compares them by name. */
function isEnumerated(column: Column & { readonly type?: unknown }): boolean {
  return typeof column.type === 'string' && /^(enum|set)\(/i.test(column.type)
}

type Links = Pick<AttributeContext, 'targets' | 'edgesOf'>

const contextOf = ({ spec, schema, resolve, collection }: Draft, links: Links): AttributeContext => ({
  view: spec.view,
  collection,
  schema,
  resolve,
  ...links,
})

/** What the other views need to refer to this one: its naming attributes must stand in its own table. */
function targetOf(d: Draft, links: Links): Target | undefined {
  const { spec, schema, resolve, collection } = d
  const names: Target['names'][number][] = []
  for (const name of [spec.ldap.rdn].flat()) {
    const given = Object.keys(spec.attributes).find((a) => schema.attribute(a) === schema.attribute(name))
    const type = schema.attribute(name)
    const [first, ...others] = given === undefined ? [] : specsOf(spec, given)
    if (given === undefined || type === undefined || first === undefined) continue
    const operation = compileAttribute(type, first, ['attributes', given], contextOf(d, links))
    if (operation === undefined) continue
    if (others.length > 0 || operation.fields.some((f) => f.kind !== 'column')) {
      resolve.problem(
        ['ldap', 'rdn'],
        `${name} does not come from the table ${spec.from} alone`,
        'Name entries by a column or template of their own table',
      )
      continue
    }
    const columns = operation.fields.flatMap((f) => (f.kind === 'column' ? [f.column] : []))
    const read = operation.reader((field) =>
      columns.findIndex((c) => field.kind === 'column' && c === field.column),
    )
    names.push({
      columns,
      read: (cells) => {
        const [value] = read(cells)
        return value === undefined ? undefined : type.syntax.render(value as Scalar)?.toString()
      },
      present: operation.rewrite({ op: 'present', attr: type.name }),
      equals: (value) => operation.rewrite({ op: 'eq', attr: type.name, value: parsed(type, value) }),
    })
  }
  return { ...collection, view: spec.view, names, ...idCodec(collection.key) }
}

const parsed = (type: AttributeType, value: string): Scalar =>
  type.syntax.parse(Buffer.from(value, 'utf8')) ?? value

/** Keys as entry ids: their text; binary keys in hexadecimal. */
function idCodec(key: Column): {
  idOf(cell: Cell): EntryId
  cellOf(id: EntryId): Exclude<Cell, null> | undefined
} {
  return {
    idOf: (cell) => (cell === null ? '' : text(cell)),
    cellOf: (id) => {
      if (key.kind === 'binary') return /^([0-9a-f]{2})+$/.test(id) ? Buffer.from(id, 'hex') : undefined
      return literal(id, key)
    },
  }
}

/** The steps between entries that each attribute's references make. */
function edges(drafts: readonly Draft[], targets: ReadonlyMap<string, Target>): EdgesOf {
  return (view, attr) => {
    const d = drafts.find((other) => other.spec.view === view)
    if (d === undefined) return []
    const given = Object.keys(d.spec.attributes).find((a) => d.schema.attribute(a)?.name === attr)
    return (given === undefined ? [] : specsOf(d.spec, given)).flatMap((spec) => {
      if (typeof spec === 'string' || !('ref' in spec)) return []
      const target = targets.get(spec.ref)
      const pieces =
        target && referencePieces(spec, d.collection, target, ['attributes', given ?? attr], d.resolve)
      return pieces === undefined || target === undefined ? [] : [{ edge: pieces.edge, target: target.view }]
    })
  }
}

function compileView(d: Draft, links: Links): Mapping {
  const { spec, schema, resolve, collection } = d
  const context = contextOf(d, links)
  const attributes = new Map<string, MappedAttribute>()
  const secrets: { field: Field; cleartext: boolean }[] = []
  for (const name of Object.keys(spec.attributes)) {
    const type = schema.attribute(name)
    if (type === undefined) continue
    const operations: Operation[] = []
    specsOf(spec, name).forEach((one, i, all) => {
      const path = ['attributes', name, ...(all.length > 1 ? [i] : [])]
      if (isSecret(one)) {
        const column = resolve.column(collection.table, one.column, path)
        if (column !== undefined)
          secrets.push({ field: secretField(column), cleartext: one.cleartext === true })
        return
      }
      const operation = compileAttribute(type, one, path, context)
      if (operation !== undefined) operations.push(operation)
    })
    if (operations.length > 0) attributes.set(type.name, { name: type.name, operations })
  }
  addOwn(d, attributes)
  const enabled = spec.enabled === undefined ? undefined : compileEnabled(spec.enabled, d)
  const version =
    spec.version === undefined ? undefined : resolve.column(collection.table, spec.version, ['version'])
  return {
    ...collection,
    view: spec.view,
    source: spec.source,
    attributes,
    secrets,
    ...idCodec(collection.key),
    ...(enabled && { enabled }),
    ...(version && { version: { kind: 'column', column: version } }),
  }
}

/** A hash is read as it is stored, though it be bytes in a column of text; no question is ever put to it. */
function secretField(column: Column): Field {
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
  const classes = spec.ldap.objectClass.map((name) => schema.objectClass(name)?.name ?? name)
  const implied = schema.withSuperclasses(classes).filter((name) => !classes.includes(name))
  const matching = matchingOf(schema)
  add('objectClass', constantOperation(classes, matching, implied))
  const structural = structuralClass(schema, classes)
  if (structural !== undefined) add('structuralObjectClass', constantOperation([structural], matching))
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

function compileEnabled(spec: EnabledSpec, { resolve, collection }: Draft): Enabled | undefined {
  const name = typeof spec === 'string' ? spec : spec.column
  const column = resolve.column(collection.table, name, ['enabled'])
  if (column === undefined) return undefined
  const field: Field = { kind: 'column', column }
  if (typeof spec === 'string') {
    if (column.kind !== 'boolean' && column.kind !== 'integer') {
      return resolve.problem(
        ['enabled'],
        `column ${name} is ${column.kind}, not a truth value`,
        'Say what is enabled with equals:',
      )
    }
    return { field, test: (cell) => cell !== null && cell !== false && Number(cell) !== 0 }
  }
  const not = 'not' in spec
  const wanted = [not ? spec.not : spec.equals].flat()
  resolve.possible(column, wanted, ['enabled', not ? 'not' : 'equals'])
  const isWanted = (cell: Cell) =>
    wanted.some((w) => {
      if (w === null || cell === null) return w === cell
      const l = literal(String(w), column)
      return l !== undefined && text(l) === text(cell)
    })
  return { field, test: (cell) => isWanted(cell) !== not }
}
