/**
 * What a union makes of the mappings of its members: each is compiled as if it said itself where its entries are shown,
 * and the union is described as a view of its own.
 */
import type { View, ViewAttribute, ViewPart } from '../model/view.js'
import type { Schema } from '../schema/schema.js'
import { nearest } from './nearest.js'
import type { Problems } from './problem.js'
import { resourceOf, type TypeOf } from './resource.js'
import type { MappingSpec, ScimSpec } from './schema.js'
import type { UnionSpec } from './union-schema.js'

/** The mappings, those of members with what their unions say for them. */
export function withUnions(
  specs: readonly MappingSpec[],
  unions: readonly UnionSpec[],
): readonly MappingSpec[] {
  return specs.map((spec) => {
    const union = unionOf(spec.view, unions)
    if (union === undefined) return spec
    const { ldap: _ldap, scim: _scim, ...own } = spec
    const ldap = spec.ldap ?? union.ldap
    const scim = union.scim === undefined ? spec.scim : memberScim(union.scim, spec.scim)
    return { ...own, ...(ldap && { ldap }), ...(scim && { scim }) }
  })
}

function memberScim(union: NonNullable<UnionSpec['scim']>, own: ScimSpec | undefined): ScimSpec {
  const { attributes, ...shown } = union
  const hidden = Object.entries(attributes ?? {}).filter(([, given]) => given === null)
  return { ...shown, attributes: { ...own?.attributes, ...Object.fromEntries(hidden) } }
}

export function unionOf(view: string, unions: readonly UnionSpec[]): UnionSpec | undefined {
  return unions.find(({ union }) => union.members.includes(view))
}

/** Is a member shown at a place of its own, besides its union's? */
function standsAlone(spec: Pick<MappingSpec, 'ldap'>, union: UnionSpec): boolean {
  if (spec.ldap === undefined) return false
  return union.ldap === undefined || folded(spec.ldap.base) !== folded(union.ldap.base)
}

const folded = (dn: string) =>
  dn
    .trim()
    .toLowerCase()
    .replaceAll(/\s*([,+=])\s*/g, '$1')

/**
 * What is shown of the views of all mappings, and the unions.
 * @param views those of `withUnions`
 * @param specs as they were written
 */
export function shownViews(
  views: ReadonlyMap<string, View>,
  specs: readonly MappingSpec[],
  unions: readonly UnionSpec[],
  schema: Schema,
  problems: Problems,
): ReadonlyMap<string, View> {
  const nameOf = (view: string) => unionOf(view, unions)?.view ?? view
  const types = new Map<string, string | undefined>([
    ...[...views.values()].map(({ name, resource }) => [name, resource?.type] as const),
    ...unions.map(({ view, scim }) => [view, scim?.resource] as const),
  ])
  const shown = new Map<string, View>()
  for (const spec of specs) {
    const view = views.get(spec.view)
    if (view === undefined) continue
    const union = unionOf(spec.view, unions)
    if (union === undefined) shown.set(view.name, referringTo(view, nameOf))
    else if (standsAlone(spec, union) || (union.scim === undefined && spec.scim !== undefined)) {
      const { resource, ...rest } = referringTo(view, nameOf)
      const keeps = union.scim === undefined && resource !== undefined
      shown.set(view.name, {
        ...rest,
        inTree: standsAlone(spec, union),
        ...(keeps && { resource }),
      })
    }
  }
  for (const union of unions) {
    const members = union.union.members.flatMap((name) => views.get(name) ?? [])
    const own = specs.filter(({ view }) => union.union.members.includes(view))
    const made = unionView(union, members, own, schema, (view) => types.get(view), problems)
    shown.set(union.view, referringTo(made, nameOf))
  }
  return shown
}

function referringTo(view: View, nameOf: (view: string) => string): View {
  const attributes = new Map(
    [...view.attributes].map(([name, attribute]): [string, ViewAttribute] => [
      name,
      { ...attribute, refers: [...new Set(attribute.refers.map(nameOf))] },
    ]),
  )
  return { ...view, attributes }
}

function unionView(
  spec: UnionSpec,
  members: readonly View[],
  specs: readonly MappingSpec[],
  schema: Schema,
  typeOf: TypeOf,
  problems: Problems,
): View {
  const attributes = new Map<string, ViewAttribute>()
  for (const name of new Set(members.flatMap((member) => [...member.attributes.keys()]))) {
    const [first, ...others] = members.flatMap((member) => member.attributes.get(name) ?? [])
    if (first !== undefined) attributes.set(name, others.reduce(both, first))
  }
  const rdn = [spec.ldap?.rdn ?? []]
    .flat()
    .map((name) => named(name, spec, ['ldap', 'rdn'], members, schema, problems))
  const scim = spec.scim && {
    ...spec.scim,
    attributes: { ...attributesOf(specs), ...spec.scim.attributes },
  }
  const writes = {
    add: members.some((member) => member.writes.add),
    delete: members.some((member) => member.writes.delete),
  }
  const resource = resourceOf(
    { view: spec.view, ...(scim && { scim }) },
    schema,
    { attributes, writes },
    typeOf,
    problems,
  )
  return {
    name: spec.view,
    rdn,
    base: spec.ldap?.base ?? '',
    objectClasses: (spec.ldap?.objectClass ?? []).map((name) => schema.objectClass(name)?.name ?? name),
    attributes,
    bindable: members.some((member) => member.bindable),
    inTree: spec.ldap !== undefined,
    writes,
    remembersDeletions: members.every((member) => member.remembersDeletions === true),
    ...(resource && { resource }),
  }
}

/** What the members say of SCIM's attributes, the first that says it; what one does not show, another may. */
function attributesOf(specs: readonly MappingSpec[]): NonNullable<ScimSpec['attributes']> {
  const all = [...specs].reverse().flatMap(({ scim }) => Object.entries(scim?.attributes ?? {}))
  return Object.fromEntries(all.filter(([, given]) => given !== null))
}

/** The attributes by which entries of different members are the same. */
export function sameBy(
  spec: UnionSpec,
  views: ReadonlyMap<string, View>,
  schema: Schema,
  problems: Problems,
): readonly string[] {
  const members = spec.union.members.flatMap((name) => views.get(name) ?? [])
  const { by } = spec.union
  if (by === undefined) {
    if (spec.ldap === undefined) {
      const message = 'without an rdn, nothing tells which entries are the same'
      problems.add(spec.view, ['union'], message, 'Say by which attributes they are, e.g. by: mail')
    }
    return [spec.ldap?.rdn ?? []].flat().map((name) => schema.attribute(name)?.name ?? name)
  }
  return [by].flat().map((name) => named(name, spec, ['union', 'by'], members, schema, problems))
}

/** An attribute that every member has and that can be compared, as the schema spells it. */
function named(
  name: string,
  spec: UnionSpec,
  path: readonly string[],
  members: readonly View[],
  schema: Schema,
  problems: Problems,
): string {
  const type = schema.attribute(name)
  const found = type?.name ?? name
  for (const member of members) {
    const attribute = member.attributes.get(found)
    if (attribute === undefined) {
      const meant = nearest(name, member.attributes.keys())
      const remedy = meant === undefined ? 'Map it there, or name another' : `Did you mean ${meant}?`
      problems.add(spec.view, path, `the member ${member.name} has no attribute ${name}`, remedy)
    } else if (attribute.verifyOnly || attribute.refers.length > 0 || type?.equality === undefined) {
      problems.add(spec.view, path, `${name} of the member ${member.name} cannot be compared`, 'Name another')
    }
  }
  return found
}

function both(a: ViewAttribute, b: ViewAttribute): ViewAttribute {
  const isMixed = a.refers.length > 0 !== b.refers.length > 0
  const { face: _face, ...common } = a
  const parts = partsOf(a, b)
  return {
    ...common,
    refers: [...new Set([...a.refers, ...b.refers])],
    mixed: a.mixed === true || b.mixed === true || isMixed,
    multiValued: a.multiValued || b.multiValued,
    verifyOnly: a.verifyOnly || b.verifyOnly,
    writable: a.writable || b.writable,
    parts,
    ...((a.shares || b.shares) && { shares: [...new Set([...(a.shares ?? []), ...(b.shares ?? [])])] }),
    ...(a.face !== undefined && b.face !== undefined && { face: a.face }),
  }
}

/** Where the values of one are plain, they are the `value` of elements all the same. */
function partsOf(a: ViewAttribute, b: ViewAttribute): readonly ViewPart[] {
  return [...new Map([...a.parts, ...b.parts].map((part) => [part.name, part])).values()]
}
