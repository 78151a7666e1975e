/** No DN may lead to two things, however the mappings spell where their entries hang. */
import type { Name } from '../frontends/ldap/names.js'
import type { Namespace } from '../frontends/ldap/namespace.js'
import type { Problems } from '../mapping/problem.js'
import type { View } from '../model/view.js'
import type { Schema } from '../schema/schema.js'

/** Right below what entries hang, from the top down: the form of an RDN, or the type of which any will do. */
type Place = readonly (string | { readonly type: string })[]

export function checkNames(views: Iterable<View>, namespace: Namespace, problems: Problems): void {
  const placed = [...views].map((view) => ({ view, places: placesOf(view, namespace) }))
  for (const [i, { view, places }] of placed.entries()) {
    const { name, rdn, levels = [] } = view
    const own = levels.find(({ type }) => rdn.length === 1 && rdn[0] === type)
    if (own !== undefined) {
      const message = `entries and levels are both named by ${own.type}`
      problems.add(
        name,
        ['ldap', 'dn'],
        message,
        'Name the entries by another attribute, or the level by another type',
      )
    }
    for (const other of placed.slice(0, i)) {
      const key = levels.length > 0 ? 'dn' : 'rdn'
      if (isSame(rdn, other.view.rdn) && meet(places, other.places)) {
        const isPlain = levels.length === 0 && other.view.levels === undefined
        const why = isPlain
          ? 'has the same base and rdn, so that two entries could'
          : 'names entries alike, so that two could'
        problems.add(
          name,
          ['ldap', key],
          `view ${other.view.name} ${why} have one DN`,
          'Give one of them another base or rdn',
        )
      } else if (isLevelOf(view, other.view, namespace) || isLevelOf(other.view, view, namespace)) {
        const message = `an entry could have the DN of a level, with those of view ${other.view.name}`
        problems.add(name, ['ldap', key], message, 'Give one of them another base, or the level another type')
      }
    }
  }
  for (const { name, viewsBelow } of namespace.containers) {
    const [below] = viewsBelow
    const entry = namesEntry(name, placed, namespace.schema)
    if (below === undefined || entry === undefined) continue
    const message = `hangs below what could be an entry of view ${entry.name}`
    problems.add(
      below.name,
      ['ldap', below.levels === undefined ? 'base' : 'dn'],
      message,
      `Name a base that no entry of ${entry.name} can have, or hang the entries below levels: dn`,
    )
  }
}

/** The view of which a container could be an entry. */
function namesEntry(
  name: Name,
  placed: readonly { readonly view: View; readonly places: readonly Place[] }[],
  schema: Schema,
): View | undefined {
  const [rdn = []] = name.rdns
  const types = rdn.map(({ type }) => schema.attribute(type)?.name ?? type)
  const above = [...name.forms.slice(1)].reverse()
  return placed.find(({ view, places }) => isSame(types, view.rdn) && meet([above], places))?.view
}

/** One place for each number of levels that an entry can hang below. */
function placesOf({ name, levels = [] }: View, namespace: Namespace): readonly Place[] {
  const base = [...namespace.parentOf(name).name.forms].reverse()
  return [base, ...levels.map((_, i) => [...base, ...levels.slice(0, i + 1)])]
}

/** Could an entry of the one view have the DN of a level of the other? */
function isLevelOf(view: View, other: View, namespace: Namespace): boolean {
  const above = placesOf(other, namespace)
  return (other.levels ?? []).some(
    ({ type }, i) => isSame(view.rdn, [type]) && meet(placesOf(view, namespace), above.slice(i, i + 1)),
  )
}

const isSame = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && [...a].sort().join(' ') === [...b].sort().join(' ')

function meet(a: readonly Place[], b: readonly Place[]): boolean {
  return a.some((one) =>
    b.some((other) => one.length === other.length && one.every((part, i) => fits(part, other[i]))),
  )
}

/** Can both be one RDN? */
function fits(a: Place[number], b: Place[number] | undefined): boolean {
  if (b === undefined) return false
  if (typeof a === 'string') return typeof b === 'string' ? a === b : isOf(a, b.type)
  return typeof b === 'string' ? isOf(b, a.type) : a.type === b.type
}

const isOf = (form: string, type: string) => form.startsWith(`${type.toLowerCase()}=`) && !form.includes('\0')
