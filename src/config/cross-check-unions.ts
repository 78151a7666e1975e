/**
 * What must hold between unions and their members, and that every other view is shown somewhere. As in
 * `cross-check.ts`, the data may be valid or not.
 */
import type { ConfigProblem } from './config-error.js'
import { items, known, oneOrMore, type RawView, text } from './cross-check.js'
import { foldDn } from './dn-syntax.js'
import { isRecord, type Origin, type Path, valueAt } from './origin.js'
import { problem } from './report.js'

/** @param complete as for `crossCheck` */
export function crossCheckUnions(
  gateway: unknown,
  origin: Origin,
  views: readonly RawView[],
  complete: boolean,
): ConfigProblem[] {
  const unions = views.filter(isUnion)
  const members = views.filter((view) => !isUnion(view))
  const claimed = new Map<string, string>()
  return [
    ...unions.flatMap((union) => memberProblems(union, members, claimed, complete)),
    ...(complete ? members.filter((view) => !isMember(view, unions)).flatMap(unshown) : []),
    ...members.flatMap((view) => referenceProblems(view, unions)),
    ...ruleProblems(gateway, origin, members, unions),
  ]
}

function isUnion({ mapping }: RawView): boolean {
  return isRecord(valueAt(mapping, ['union']))
}

const nameOf = ({ mapping }: RawView) => text(mapping, ['view'])

function membersOf({ mapping }: RawView): readonly { readonly path: Path; readonly name: string }[] {
  return items(mapping, ['union', 'members']).flatMap((path) => {
    const name = text(mapping, path)
    return name === undefined ? [] : [{ path, name }]
  })
}

function isMember(view: RawView, unions: readonly RawView[]): boolean {
  return unions.some((union) => membersOf(union).some(({ name }) => name === nameOf(view)))
}

function memberProblems(
  union: RawView,
  views: readonly RawView[],
  claimed: Map<string, string>,
  complete: boolean,
): ConfigProblem[] {
  const { mapping, origin } = union
  const problems: ConfigProblem[] = []
  const candidates = views.flatMap((view) => nameOf(view) ?? [])
  const own = membersOf(union)
  for (const { path, name } of own) {
    const other = claimed.get(name)
    const view = views.find((one) => nameOf(one) === name)
    if (other !== undefined) {
      const message = `is a member of ${other} already`
      problems.push(problem(origin, path, { message, quote: true, remedy: 'A view is a member once.' }))
    } else if (view === undefined && complete) {
      const remedy = known('views that can be members', candidates)
      const message = 'is no view that can be a member'
      problems.push(problem(origin, path, { message, quote: true, candidates, remedy }))
    } else if (view !== undefined) problems.push(...agreement(union, view))
    claimed.set(name, String(origin.written(['view'])))
  }
  const create = text(mapping, ['union', 'create'])
  if (create !== undefined && !own.some(({ name }) => name === create)) {
    const names = own.map(({ name }) => name)
    const complaint = { message: 'is no member', quote: true, candidates: names }
    problems.push(problem(origin, ['union', 'create'], { ...complaint, remedy: known('members', names) }))
  }
  return problems
}

/** Entries have one name and one resource type, wherever they are shown. */
function agreement(union: RawView, member: RawView): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const name = String(union.origin.written(['view']))
  const rdn = (view: RawView) =>
    oneOrMore(view.mapping, ['ldap', 'rdn']).flatMap((path) => text(view.mapping, path)?.toLowerCase() ?? [])
  const [ours, theirs] = [rdn(union), rdn(member)]
  if (ours.length > 0 && theirs.length > 0 && ours.join() !== theirs.join()) {
    const message = `its union ${name} names entries by ${ours.join(' and ')}`
    problems.push(problem(member.origin, ['ldap', 'rdn'], { message, remedy: 'Name them alike.' }))
  }
  const type = text(union.mapping, ['scim', 'resource'])
  const own = text(member.mapping, ['scim', 'resource'])
  if (type !== undefined && own !== undefined && own !== type) {
    const message = `its union ${name} shows entries as ${type}`
    problems.push(problem(member.origin, ['scim', 'resource'], { message, remedy: `Write ${type}.` }))
  }
  return problems
}

function unshown({ mapping, origin }: RawView): ConfigProblem[] {
  const isMapping = isRecord(mapping) && Object.hasOwn(mapping, 'view')
  if (!isMapping || Object.hasOwn(mapping, 'ldap') || Object.hasOwn(mapping, 'scim')) return []
  const message = 'shown nowhere: neither ldap nor scim says where. Add one of them'
  return [problem(origin, ['ldap'], { message }, 'key')]
}

/** References lead to rows of their own source, which a union does not have. */
function referenceProblems({ mapping, origin }: RawView, unions: readonly RawView[]): ConfigProblem[] {
  const attributes = valueAt(mapping, ['attributes'])
  if (!isRecord(attributes)) return []
  return Object.keys(attributes)
    .flatMap((name) => oneOrMore(mapping, ['attributes', name]))
    .flatMap((path) => {
      const ref = text(mapping, [...path, 'ref'])
      const union = unions.find((one) => nameOf(one) === ref)
      if (union === undefined) return []
      const names = membersOf(union).map(({ name }) => name)
      const remedy = `Refer to one of its members: ${names.join(', ')}; it is shown as a reference to the union.`
      return problem(origin, [...path, 'ref'], { message: 'is a union', quote: true, remedy })
    })
}

/** A rule for what nobody is shown would never count. */
function ruleProblems(
  gateway: unknown,
  origin: Origin,
  views: readonly RawView[],
  unions: readonly RawView[],
): ConfigProblem[] {
  return items(gateway, ['access']).flatMap((rule) =>
    oneOrMore(gateway, [...rule, 'views']).flatMap((path) => {
      const name = text(gateway, path)
      const view = views.find((one) => nameOf(one) === name)
      const union = unions.find((one) => membersOf(one).some((member) => member.name === name))
      if (view === undefined || union === undefined || isShownAlone(view, union)) return []
      const shown = String(union.origin.written(['view']))
      const message = `is shown through ${shown} only`
      return problem(origin, path, { message, quote: true, remedy: `Name ${shown}.` })
    }),
  )
}

/** Is a member shown at a place of its own? */
function isShownAlone(member: RawView, union: RawView): boolean {
  const base = text(member.mapping, ['ldap', 'base'])
  const ofUnion = text(union.mapping, ['ldap', 'base'])
  if (base !== undefined && (ofUnion === undefined || foldDn(base) !== foldDn(ofUnion))) return true
  const hasOwnType = text(member.mapping, ['scim', 'resource']) !== undefined
  return hasOwnType && valueAt(union.mapping, ['scim']) === undefined
}
