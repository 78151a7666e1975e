/** What the views of one source are to each other: what a reference needs to know of its target, and which there are. */
import type { Scalar } from '../model/value.js'
import { nameOfValue, octetsOfName } from '../schema/name-value.js'
import type { AttributeType } from '../schema/schema.js'
import { allOf, anyOf } from '../sources/logic.js'
import type { Column, FieldFilter } from '../sources/source.js'
import { compileAttribute, type WaysBack } from './attribute.js'
import { contextOf, type Draft, idCodec, type Links } from './draft.js'
import { attributesOf, type GivenAttribute, type GivenSpec, isSecret, scimName } from './given.js'
import { type Dependent, type MappedAttribute, negate, type Question, UNKNOWN } from './mapping.js'
import type { EdgesOf, Target, TargetName } from './operations/reference.js'
import { uuidOperation } from './operations/uuid.js'
import { backwards, valueRelations, wayOf } from './references.js'
import type { MappingSpec } from './schema.js'

/** What the other views need to refer to this one: its naming attributes must stand in its own table. */
export function targetOf(d: Draft, links: Links): Target | undefined {
  const { spec, schema, resolve, collection } = d
  const given = attributesOf(spec, schema)
  const named = (name: string): readonly TargetName[] => {
    const attribute = given.find((a) => a.type !== undefined && a.type === schema.attribute(name))
    if (attribute === undefined) return []
    const found = ownName(d, attribute, links)
    if (found !== undefined) return [found]
    if (attribute.specs.length > 0 && compiles(d, attribute, links)) {
      resolve.problem(
        ['ldap', spec.ldap?.levels === undefined ? 'rdn' : 'dn'],
        `${name} does not come from the table ${spec.from} alone`,
        'Name entries by a column or template of their own table',
      )
    }
    return []
  }
  const names = [spec.ldap?.rdn ?? []].flat().flatMap(named)
  const levels = (spec.ldap?.levels ?? []).flatMap(({ attr }) => named(attr))
  const shown = displayNames(spec).flatMap((name) => given.filter((a) => a.name === name))
  const display = firstOf(shown.flatMap((attribute) => ownName(d, attribute, links) ?? []))
  const uuid = spec.uuid === undefined ? undefined : collection.table.columns.get(spec.uuid)
  return {
    ...collection,
    view: spec.view,
    names,
    levels,
    ...idCodec(collection.key),
    ...(display && { display }),
    ...(uuid && { uuid: { column: uuid, equals: uuidEquals(spec.view, uuid) } }),
    ...(spec.scim && { resource: spec.scim.resource }),
  }
}

/** The attributes by which an entry is called, the best first. */
function displayNames({ ldap, scim }: MappingSpec): readonly string[] {
  const own = scim === undefined ? [] : [scimName(scim, 'displayName')]
  return [...own, 'displayName', 'cn', ...[ldap?.rdn ?? []].flat()]
}

/** The first of these that has a value. */
function firstOf(names: readonly TargetName[]): TargetName | undefined {
  const [only, ...others] = names
  if (only === undefined || others.length === 0) return only
  const rewrite = (question: Question): FieldFilter =>
    anyOf(
      names.map((name, i) =>
        allOf([...names.slice(0, i).map((before) => negate(before.present)), name.rewrite(question)]),
      ),
    )
  return {
    attrs: names.flatMap((name) => name.attrs),
    columns: names.flatMap((name) => name.columns),
    reader: (placeOf) => {
      const readers = names.map(({ reader }) => reader(placeOf))
      return (tuple) => {
        for (const read of readers) {
          const value = read(tuple)
          if (value !== undefined) return value
        }
        return undefined
      }
    },
    present: anyOf(names.map((name) => name.present)),
    equals: (value) => rewrite({ op: 'eq', attr: 'display', value }),
    rewrite,
  }
}

const uuidEquals = (view: string, column: Column) => {
  const operation = uuidOperation(view, column)
  return (value: string) => operation.rewrite({ op: 'eq', attr: 'entryUUID', value })
}

const compiles = (d: Draft, { type, specs, path }: GivenAttribute, links: Links) =>
  type !== undefined &&
  specs.every((spec) => compileAttribute(type, spec, path, contextOf(d, links)).length > 0)

/** An attribute read from the view's own table alone; undefined if it is not. */
function ownName(
  d: Draft,
  { name, type, specs, path }: GivenAttribute,
  links: Links,
): TargetName | undefined {
  const [first, ...others] = specs
  if (type === undefined || first === undefined || isSecret(first)) return undefined
  if (others.length > 0 && !leads(d, first)) return undefined
  if (typeof first === 'object' && 'ref' in first) return undefined
  // What does not compile is complained of where the view itself is compiled.
  const context = contextOf(d, links)
  const [operation] = compileAttribute(type, first, path, { ...context, single: true })
  const [shown] = compileAttribute(type, first, path, context)
  if (operation === undefined || operation.fields.some((f) => f.kind !== 'column')) return undefined
  const columns = operation.fields.flatMap((f) => (f.kind === 'column' ? [f.column] : []))
  return {
    attrs: [name],
    columns,
    reader: (placeOf) => {
      const read = operation.reader((field) => (field.kind === 'column' ? placeOf(field.column) : -1))
      return (tuple) => {
        const [value] = read(tuple)
        return value === undefined ? undefined : nameOfValue(type, value as Scalar)
      }
    },
    // Of several values there is a first wherever there is any.
    present: (shown ?? operation).rewrite({ op: 'present', attr: type.name }),
    equals: (value) => operation.rewrite({ op: 'eq', attr: type.name, value: parsed(type, value) }),
    rewrite: (question) =>
      isAskedAlike(type, question) ? operation.rewrite({ ...question, attr: type.name }) : UNKNOWN,
  }
}

/** Does it show the first value, wherever there are any? */
function leads({ collection }: Draft, spec: GivenSpec): boolean {
  const name = typeof spec === 'string' ? spec : 'column' in spec ? spec.column : ''
  return collection.table.columns.get(name)?.leads === true
}

/** What entries are called is compared as text that ignores case, however the attribute itself is compared. */
function isAskedAlike({ equality, substring }: AttributeType, { op }: Question): boolean {
  if (op === 'present') return true
  if (op === 'substring') return substring?.normalizing === 'caseIgnore'
  return (op === 'eq' || op === 'approx') && equality?.normalizing === 'caseIgnore'
}

const parsed = (type: AttributeType, value: string): Scalar =>
  type.syntax.parse(octetsOfName(type, value)) ?? value

/** The steps between entries that each attribute's references make. */
export function edges(drafts: readonly Draft[], targets: ReadonlyMap<string, Target>): EdgesOf {
  const backwardsTo = waysBack(drafts, targets)
  return (view, attr) => {
    const d = drafts.find((other) => other.spec.view === view)
    if (d === undefined) return []
    const direct = directReferences(d, targets).filter((reference) => reference.attr === attr)
    const back = referencesOf(d)
      .filter((reference) => reference.attr === attr)
      .flatMap(({ spec }) =>
        'by' in spec
          ? backwardsTo(spec, view, d.collection).map(({ edge }) => ({ edge, target: spec.ref }))
          : [],
      )
    return [...direct.map(({ edge, target }) => ({ edge, target: target.view })), ...back]
  }
}

/** How the references of other views are followed to where they come from. */
export function waysBack(drafts: readonly Draft[], targets: ReadonlyMap<string, Target>): WaysBack {
  return ({ ref, by }, view, from) => {
    const d = drafts.find((other) => other.spec.view === ref)
    if (d === undefined) return []
    const name = d.schema.attribute(by)?.name ?? by
    return directReferences(d, targets)
      .filter(({ attr, target }) => attr === name && target.view === view)
      .map(({ kept }) => backwards(kept, from, d.collection))
  }
}

/** What a view's mapping says of references. */
function referencesOf(d: Draft) {
  return attributesOf(d.spec, d.schema).flatMap(({ name, specs, path }) =>
    specs.flatMap((spec) => (typeof spec === 'object' && 'ref' in spec ? [{ attr: name, spec, path }] : [])),
  )
}

/** Every reference that the entries of a view can make by themselves. */
function directReferences(d: Draft, targets: ReadonlyMap<string, Target>) {
  return referencesOf(d).flatMap(({ attr, spec, path }) => {
    const target = targets.get(spec.ref)
    const way =
      'by' in spec || target === undefined ? undefined : wayOf(spec, d.collection, target, path, d.resolve)
    return way === undefined || target === undefined ? [] : [{ attr, target, ...way }]
  })
}

/**
 * Rows of other tables that belong to an entry and go with it: elements of its attributes, and references from and to
 * it that stand in tables of their own, which are no entries themselves.
 */
export function dependentsOf(
  d: Draft,
  attributes: ReadonlyMap<string, MappedAttribute>,
  drafts: readonly Draft[],
  { targets, entryTables }: Links,
): readonly Dependent[] {
  const withRow = valueRelations(d.collection.table)
  const own = [...attributes.values()].flatMap(({ operations }) =>
    operations.flatMap(({ store }) =>
      store?.kind === 'set' && !withRow.has(store.relation)
        ? [{ relation: store.relation, columns: store.columns }]
        : [],
    ),
  )
  const referring = drafts.flatMap((other) =>
    directReferences(other, targets).flatMap(({ target, kept }) => {
      if (target.view !== d.spec.view || !('relation' in kept)) return []
      const { table, where } = kept.relation
      // The values of other entries are their own affair.
      if (entryTables.has(table.name) || valueRelations(other.collection.table).has(kept.relation)) return []
      const relation = { table, on: [{ child: kept.column, parent: d.collection.key }], where }
      return [{ relation, columns: [kept.column] }]
    }),
  )
  const seen = new Set<string>()
  return [...own, ...referring].filter(({ relation: { table, on, where } }) => {
    const text = JSON.stringify([
      table.name,
      on.map((o) => [o.child.name, o.parent.name]),
      where.map((w) => [w.column.name, w.not, w.values]),
    ])
    return !seen.has(text) && seen.add(text)
  })
}
