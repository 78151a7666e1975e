/** What an entry will hold when it has been changed, as far as its own attributes tell. */
import type { Entry } from '../../../model/entry.js'
import type { MatchingOf } from '../../../model/match.js'
import type { Change, Principal } from '../../../model/request.js'
import { Ref, scalarOf, type Value } from '../../../model/value.js'

export function changed(entry: Entry, changes: readonly Change[], matchingOf: MatchingOf): Entry {
  const attributes = new Map(entry.attributes)
  for (const { op, attr, values } of changes) {
    const held = attributes.get(attr) ?? []
    const left = after(held, op, values, (one, other) => isSame(one, other, attr, matchingOf))
    if (left.length > 0) attributes.set(attr, left)
    else attributes.delete(attr)
  }
  return { ...entry, attributes }
}

function after(
  held: readonly Value[],
  op: string,
  values: readonly Value[],
  same: (a: Value, b: Value) => boolean,
): readonly Value[] {
  switch (op) {
    case 'add':
      return [...held, ...values]
    case 'replace':
      return values
    case 'delete':
      return values.length === 0 ? [] : held.filter((value) => !values.some((one) => same(one, value)))
    default:
      // What cannot be told is nothing that a rule could cover.
      return []
  }
}

function isSame(a: Value, b: Value, attr: string, matchingOf: MatchingOf): boolean {
  const [one, other] = [scalarOf(a), scalarOf(b)]
  if (one === undefined || other === undefined) return a === b
  if (one instanceof Ref && other instanceof Ref && one.id !== undefined && other.id !== undefined)
    return one.view === other.view && one.id === other.id
  const formOf = matchingOf(attr)?.equality
  return formOf === undefined ? one === other : formOf(one) === formOf(other)
}

/** The entry with the key of this principal where it refers to it by name only, as a new value may. */
export function withKeysOf(entry: Entry, principal: Principal): Entry {
  if (principal.kind !== 'entry') return entry
  const { view, id, names } = principal
  const isNamed = (value: Value): value is Ref =>
    value instanceof Ref &&
    value.id === undefined &&
    value.view === view &&
    value.names.length === names.length &&
    value.names.every((name, i) => name.toLowerCase() === names[i]?.toLowerCase())
  const known = [...entry.attributes].map(
    ([attr, values]) =>
      [attr, values.map((value) => (isNamed(value) ? new Ref(view, names, id) : value))] as const,
  )
  return { ...entry, attributes: new Map(known) }
}
