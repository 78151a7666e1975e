/**
 * What must hold between the parts of a configuration and can be told without a source. Reads the data as it
 * stands, valid or not, so that these problems are reported together with all others.
 */
import type { ConfigProblem } from './config-error.js'
import { foldDn, looksLikeDn } from './dn-syntax.js'
import { isRecord, type Origin, type Path, valueAt } from './origin.js'
import { problem } from './report.js'

export interface RawView {
  /** What the mapping file holds, or the inline mapping. */
  readonly mapping: unknown
  readonly origin: Origin
}

/**
 * @param gateway what the gateway's configuration holds
 * @param views the mappings that could be read
 * @param complete false if a mapping could not be read, so that its view's name is not known
 */
export function crossCheck(
  gateway: unknown,
  origin: Origin,
  views: readonly RawView[],
  complete: boolean,
): ConfigProblem[] {
  const names = views.map(({ mapping }) => text(mapping, ['view'])).filter((name) => name !== undefined)
  const unknownView = (name: string) => complete && !names.includes(name)
  const shown = views.map(writtenName)
  return [
    ...views.flatMap((view) => viewProblems(view, valueAt(gateway, ['sources']), shown, unknownView)),
    ...collisions(views),
    ...accessProblems(gateway, origin, shown, unknownView),
    ...repeatedAccounts(gateway, origin),
  ]
}

/** The view's name as problems may show it. */
function writtenName({ mapping, origin }: RawView): string {
  return text(mapping, ['view']) === undefined ? 'without a name' : String(origin.written(['view']))
}

function viewProblems(
  { mapping, origin }: RawView,
  sources: unknown,
  views: readonly string[],
  unknownView: (name: string) => boolean,
): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  for (const path of sourcePaths(mapping)) {
    const source = text(mapping, path)
    if (source === undefined || !isRecord(sources) || Object.hasOwn(sources, source)) continue
    const candidates = Object.keys(sources)
    const remedy = known('sources', candidates)
    problems.push(problem(origin, path, { message: 'is no source', quote: true, candidates, remedy }))
  }
  const base = text(mapping, ['ldap', 'base'])
  if (base !== undefined && base.trim() !== '' && !looksLikeDn(base)) {
    const remedy = 'Write attribute=value,…, e.g. ou=people, or "" for right below the suffix.'
    problems.push(problem(origin, ['ldap', 'base'], { message: 'is not a DN', quote: true, remedy }))
  }
  for (const path of refPaths(mapping)) {
    const name = text(mapping, path)
    if (name === undefined || !unknownView(name)) continue
    const remedy = known('views', views)
    problems.push(problem(origin, path, { message: 'is no view', quote: true, candidates: views, remedy }))
  }
  const attributes = valueAt(mapping, ['attributes'])
  if (isRecord(attributes)) {
    const mapped = Object.keys(attributes)
    for (const { path, name } of rdnAttributes(mapping)) {
      if (mapped.some((attribute) => attribute.toLowerCase() === name.toLowerCase())) continue
      const message = 'names the entries but is not among the attributes'
      const remedy = `Add it to attributes, or name one of: ${mapped.join(', ')}.`
      problems.push(problem(origin, path, { message, quote: true, candidates: mapped, remedy }))
    }
  }
  return problems
}

/** Views that share their name, or that would give different entries the same DN. */
function collisions(views: readonly RawView[]): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const names = new Set<string>()
  const places = new Map<string, string>()
  for (const { mapping, origin } of views) {
    const name = text(mapping, ['view'])
    if (name !== undefined && names.has(name)) {
      const message = 'is the name of another view already'
      problems.push(
        problem(origin, ['view'], { message, quote: true, remedy: 'Name each view differently.' }),
      )
      continue
    }
    if (name !== undefined) names.add(name)
    if (speaksForUnion({ mapping, origin }, views)) continue
    const base = text(mapping, ['ldap', 'base'])
    const rdn = rdnAttributes(mapping).map((attribute) => attribute.name.toLowerCase())
    if (base === undefined || rdn.length === 0) continue
    const place = JSON.stringify([foldDn(base), rdn.sort()])
    const other = places.get(place)
    if (other === undefined) {
      places.set(place, writtenName({ mapping, origin }))
      continue
    }
    const message = `view ${other} has the same base and rdn, so that two entries could have one DN`
    problems.push(problem(origin, ['ldap', 'base'], { message, remedy: 'Give one of them another base.' }))
  }
  return problems
}

/** Is it a member that is shown where its union is, and not a second time? */
function speaksForUnion({ mapping }: RawView, views: readonly RawView[]): boolean {
  const [name, base] = [text(mapping, ['view']), text(mapping, ['ldap', 'base'])]
  return views.some((other) => {
    const shown = text(other.mapping, ['ldap', 'base'])
    const members = items(other.mapping, ['union', 'members']).map((path) => text(other.mapping, path))
    return name !== undefined && members.includes(name) && foldDn(shown ?? '') === foldDn(base ?? '')
  })
}

function accessProblems(
  gateway: unknown,
  origin: Origin,
  views: readonly string[],
  unknownView: (name: string) => boolean,
): ConfigProblem[] {
  return items(gateway, ['access']).flatMap((rule) =>
    oneOrMore(gateway, [...rule, 'views']).flatMap((path) => {
      const name = text(gateway, path)
      if (name === undefined || name === '*' || !unknownView(name)) return []
      const remedy = known('views', views)
      return problem(origin, path, { message: 'is no view', quote: true, candidates: views, remedy })
    }),
  )
}

function repeatedAccounts(gateway: unknown, origin: Origin): ConfigProblem[] {
  const seen = new Set<string>()
  return items(gateway, ['serviceAccounts']).flatMap((account) => {
    const path = [...account, 'dn']
    const dn = text(gateway, path)
    if (dn === undefined) return []
    if (seen.has(foldDn(dn))) {
      return problem(origin, path, { message: 'names another service account already', quote: true })
    }
    seen.add(foldDn(dn))
    return []
  })
}

/** A remedy: what there is of a kind. */
export function known(what: string, names: readonly string[]): string {
  return names.length === 0 ? `There are no ${what}.` : `Known ${what}: ${names.join(', ')}.`
}

/** The text at a path; undefined if there is none. */
export function text(data: unknown, path: Path): string | undefined {
  const value = valueAt(data, path)
  return typeof value === 'string' ? value : undefined
}

/** The paths of a list's items. */
export function items(data: unknown, path: Path): readonly Path[] {
  const list = valueAt(data, path)
  return Array.isArray(list) ? list.map((_, index) => [...path, index]) : []
}

/** The paths of a list's items, or of the one thing that stands in its place. */
export function oneOrMore(data: unknown, path: Path): readonly Path[] {
  return Array.isArray(valueAt(data, path)) ? items(data, path) : [path]
}

/** Where a mapping names sources. */
function sourcePaths(mapping: unknown): readonly Path[] {
  const joins = valueAt(mapping, ['join'])
  const aliases = isRecord(joins) ? Object.keys(joins) : []
  return [['source'], ...aliases.map((alias) => ['join', alias, 'source'])]
}

function refPaths(mapping: unknown): readonly Path[] {
  const attributes = valueAt(mapping, ['attributes'])
  if (!isRecord(attributes)) return []
  return Object.keys(attributes)
    .flatMap((name) => oneOrMore(mapping, ['attributes', name]))
    .map((path) => [...path, 'ref'])
}

function rdnAttributes(mapping: unknown): readonly { readonly path: Path; readonly name: string }[] {
  return oneOrMore(mapping, ['ldap', 'rdn']).flatMap((path) => {
    const name = text(mapping, path)
    return name === undefined ? [] : [{ path, name }]
  })
}
