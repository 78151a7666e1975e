/** What a write is about: the entry behind a DN, or why there is none. Whoever may not see an entry is told that of it. */
import { type Directory, filterOfName } from '../../../directory/directory.js'
import type { Entry } from '../../../model/entry.js'
import { VitrineError } from '../../../model/errors.js'
import type { Context } from '../../../model/request.js'
import { type EntryId, scalarOf } from '../../../model/value.js'
import { namingAttributes, type View } from '../../../model/view.js'
import { levelThere } from '../levels.js'
import { type Name, parseName } from '../names.js'
import type { Container, Location, Namespace } from '../namespace.js'
import { NoSuchObject } from '../request.js'
import { isShown } from '../subordinates.js'
import { formOf } from './given.js'

export interface TargetParts {
  readonly directory: Directory
  readonly namespace: Namespace
}

/** An entry of a view. */
export interface Target {
  readonly view: View
  readonly names: readonly string[]
  readonly parent: Container
  readonly name: Name
  readonly id: EntryId
}

/** The name that a DN of attributes that there are spells. @throws VitrineError invalidDNSyntax */
export function nameOf(dn: string, { namespace: { schema } }: TargetParts): Name {
  const name = parseName(dn, schema)
  for (const { type } of name.rdns.flat()) {
    if (schema.attribute(type) === undefined)
      throw new VitrineError('invalidDNSyntax', { message: `there is no attribute ${type}` })
  }
  return name
}

/** @throws VitrineError unwillingToPerform for what is not below the suffix */
export function placeOf(name: Name, { namespace }: TargetParts): Location {
  if (name.rdns.length === 0)
    throw new VitrineError('unwillingToPerform', { message: 'the root DSE is not written' })
  const location = namespace.locate(name)
  if (location.kind === 'nowhere' && location.deepest === undefined)
    throw new VitrineError('unwillingToPerform', { message: 'no such name is kept here' })
  return location
}

/** The entry that is to be changed. @throws VitrineError where there is none that could be */
export async function targetAt(location: Location, parts: TargetParts, ctx: Context): Promise<Target> {
  if (location.kind === 'nowhere') throw await noSuchObject(location.deepest, parts, ctx)
  if (location.kind === 'container') {
    if (!(await isShown(location.container, parts.directory, ctx))) throw new NoSuchObject()
    throw new VitrineError('unwillingToPerform', { message: 'this entry is not kept by any source' })
  }
  if (location.kind === 'level') throw await atLevel(location, parts, ctx, 'unwillingToPerform')
  const { view, names, parent, name } = location
  const id = await idOf(view, names, parts, ctx)
  if (id === undefined) throw await noSuchObject({ kind: 'container', container: parent }, parts, ctx)
  return { view, names, parent, name, id }
}

/** Why a level is not written. */
export const LEVEL = 'this entry is there as long as others hang below it, and is not written itself'

/** What is refused of a level, or that there is none where nothing hangs below. */
export async function atLevel(
  location: Extract<Location, { kind: 'level' }>,
  parts: TargetParts,
  ctx: Context,
  refusal: 'unwillingToPerform' | 'notAllowedOnNonLeaf',
): Promise<VitrineError> {
  if ((await levelThere(location, parts, ctx)) === undefined)
    return noSuchObject(parts.namespace.above(location), parts, ctx)
  return new VitrineError(refusal, { message: LEVEL })
}

/** The entry may have got another name since it was looked for. */
export function demandNamed(entry: Entry, { view, names, parent }: Target, { namespace }: TargetParts): void {
  view.rdn.forEach((attr, i) => {
    const [value] = entry.attributes.get(attr) ?? []
    const own = value === undefined ? undefined : scalarOf(value)
    const matching = namespace.schema.matching(attr)
    // Whoever may write may not be allowed to read.
    if (own === undefined) return
    if (formOf(own, matching) !== formOf(names[i] ?? '', matching)) throw new NoSuchObject(parent.dn)
  })
}

/** The key of the entry with this name, as far as the asker may know of it. */
export async function idOf(
  view: View,
  names: readonly string[],
  { directory, namespace }: TargetParts,
  ctx: Context,
): Promise<EntryId | undefined> {
  const { principal } = ctx
  if (principal.kind === 'entry' && principal.view === view.name) {
    const equality = namingAttributes(view).map((attr) => namespace.schema.matching(attr)?.equality)
    // Everybody knows that they are there.
    if (
      names.length === principal.names.length &&
      names.every((name, i) => equality[i]?.(name) === equality[i]?.(principal.names[i] ?? ''))
    )
      return principal.id
  }
  const filter = filterOfName(names, view, namespace.schema)
  const one = { attributes: new Set<string>(), limit: 1, unordered: true as const }
  for await (const [entry] of directory.search({ view: view.name, filter, ...one }, ctx)) return entry?.id
  return undefined
}

/** That there is no such entry, and how far its name leads. */
export async function noSuchObject(
  deepest: Location | undefined,
  parts: TargetParts,
  ctx: Context,
): Promise<NoSuchObject> {
  if (deepest?.kind === 'container')
    return new NoSuchObject(
      (await isShown(deepest.container, parts.directory, ctx)) ? deepest.container.dn : '',
    )
  if (deepest?.kind === 'level') {
    const level = await levelThere(deepest, parts, ctx)
    if (level !== undefined) return new NoSuchObject(level.dn)
    return noSuchObject(parts.namespace.above(deepest), parts, ctx)
  }
  if (deepest?.kind !== 'entry') return new NoSuchObject()
  const { view, names, parent } = deepest
  if ((await idOf(view, names, parts, ctx)) !== undefined)
    return new NoSuchObject(parts.namespace.dnOfRef({ view: view.name, names }, view))
  return noSuchObject({ kind: 'container', container: parent }, parts, ctx)
}
