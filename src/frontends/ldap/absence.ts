/** What is answered where nothing is: how much of the name leads somewhere (`matchedDN`), and to whom that is told. */
import { type Directory, filterOfName } from '../../directory/directory.js'
import type { LdapResult } from '../../ldap/index.js'
import { VitrineError } from '../../model/errors.js'
import type { Context } from '../../model/request.js'
import type { Location, Namespace } from './namespace.js'
import { isShown } from './subordinates.js'

const NO_SUCH_OBJECT = 32

export interface AbsenceParts {
  readonly directory: Directory
  readonly namespace: Namespace
}

/** May the asker know of it? */
export function isVisible(
  location: Location,
  { directory }: AbsenceParts,
  ctx: Context,
): boolean | Promise<boolean> {
  if (location.kind === 'entry') return directory.isVisible(location.view.name, ctx)
  return location.kind === 'container' && isShown(location.container, directory, ctx)
}

/**
 * Whoever may see nothing learns nothing; the anonymous are told what to do about it.
 * @throws VitrineError insufficientAccessRights
 */
export function invisible({ principal }: Context): LdapResult {
  if (principal.kind !== 'anonymous') return { code: NO_SUCH_OBJECT }
  throw new VitrineError('insufficientAccessRights', { message: 'nothing here may be read without a bind' })
}

/** The answer where nothing is; `deepest` is the lowest place above that can be, or that is. */
export async function missing(
  deepest: Location | undefined,
  parts: AbsenceParts,
  ctx: Context,
): Promise<LdapResult> {
  if (deepest === undefined) return { code: NO_SUCH_OBJECT }
  if (deepest.kind === 'nowhere' || !(await isVisible(deepest, parts, ctx))) return invisible(ctx)
  if (deepest.kind === 'container') return { code: NO_SUCH_OBJECT, matchedDN: deepest.container.dn }
  const matchedDN = (await dnThere(deepest, parts, ctx)) ?? deepest.parent.dn
  return { code: NO_SUCH_OBJECT, matchedDN }
}

/** The answer where no entry of the view has the name after all. */
export function missingEntry(
  location: Extract<Location, { kind: 'entry' }>,
  parts: AbsenceParts,
  ctx: Context,
): Promise<LdapResult> {
  return missing({ kind: 'container', container: location.parent }, parts, ctx)
}

/** The DN of the entry that is there, as it is spelled; undefined if there is none. */
export async function dnThere(
  { view, names }: Extract<Location, { kind: 'entry' }>,
  { directory, namespace }: AbsenceParts,
  ctx: Context,
): Promise<string | undefined> {
  const filter = filterOfName(names, view, namespace.schema)
  const one = { attributes: new Set(view.rdn), limit: 1, unordered: true as const }
  for await (const [entry] of directory.search({ view: view.name, filter, ...one }, ctx))
    if (entry !== undefined) return namespace.dnOf(entry, view)
  return undefined
}
