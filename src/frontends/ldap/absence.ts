/** What is answered where nothing is: how much of the name leads somewhere (`matchedDN`), and to whom that is told. */
import { type Directory, filterOfName } from '../../directory/directory.js'
import { isAnyVisible } from '../../directory/visible.js'
import type { LdapResult } from '../../ldap/index.js'
import { VitrineError } from '../../model/errors.js'
import type { Context } from '../../model/request.js'
import { namingAttributes } from '../../model/view.js'
import { levelThere } from './levels.js'
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
  if (location.kind === 'level')
    return isAnyVisible(
      directory,
      location.of.map(({ view }) => view),
      ctx,
    )
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
  for (let at = deepest; at !== undefined; ) {
    if (at.kind === 'nowhere') {
      if (at.deepest === undefined) return invisible(ctx)
      at = at.deepest
      continue
    }
    if (!(await isVisible(at, parts, ctx))) return invisible(ctx)
    if (at.kind === 'container') return { code: NO_SUCH_OBJECT, matchedDN: at.container.dn }
    const matchedDN = await dnThere(at, parts, ctx)
    if (matchedDN !== undefined) return { code: NO_SUCH_OBJECT, matchedDN }
    at = parts.namespace.above(at)
  }
  return { code: NO_SUCH_OBJECT }
}

/** The answer where nothing has the name after all. */
export function missingEntry(
  location: Extract<Location, { kind: 'entry' | 'level' }>,
  parts: AbsenceParts,
  ctx: Context,
): Promise<LdapResult> {
  return missing(parts.namespace.above(location), parts, ctx)
}

/** The DN of the entry that is there, as it is spelled; undefined if there is none. */
export async function dnThere(
  location: Extract<Location, { kind: 'entry' | 'level' }>,
  parts: AbsenceParts,
  ctx: Context,
): Promise<string | undefined> {
  if (location.kind === 'level') return (await levelThere(location, parts, ctx))?.dn
  const { directory, namespace } = parts
  const { view, names } = location
  const filter = filterOfName(names, view, namespace.schema)
  const one = { attributes: new Set(namingAttributes(view)), limit: 1, unordered: true as const }
  for await (const [entry] of directory.search({ view: view.name, filter, ...one }, ctx))
    if (entry !== undefined) return namespace.dnOf(entry, view)
  return undefined
}
