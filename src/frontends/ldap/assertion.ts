/** Assertions (RFC 4528): does the entry of an operation satisfy a filter? */
import { type Directory, filterOfName } from '../../directory/directory.js'
import type { LdapFilter } from '../../ldap/index.js'
import { match } from '../../model/match.js'
import type { Context } from '../../model/request.js'
import type { FilterTranslator } from './filter.js'
import { levelThere } from './levels.js'
import type { Location, Namespace } from './namespace.js'
import type { OwnEntry } from './own-entry.js'

export interface AssertionParts {
  readonly directory: Directory
  readonly namespace: Namespace
  readonly translator: FilterTranslator
}

/** What the asker may not search by is Undefined here as in any filter. False, too, where there is no entry. */
export async function satisfies(
  parts: AssertionParts,
  location: Exclude<Location, { kind: 'nowhere' }>,
  assertion: LdapFilter,
  ctx: Context,
): Promise<boolean> {
  if (location.kind === 'container') return holdsFor(location.container, assertion, parts)
  if (location.kind === 'level') {
    const own = await levelThere(location, parts, ctx)
    return own !== undefined && holdsFor(own, assertion, parts)
  }
  const { directory, namespace, translator } = parts
  const { view, names } = location
  const request = {
    view: view.name,
    filter: {
      op: 'and',
      of: [filterOfName(names, view, namespace.schema), translator.translate(assertion, view)],
    } as const,
    attributes: new Set<string>(),
    limit: 1,
    unordered: true as const,
  }
  for await (const entries of directory.search(request, ctx)) if (entries.length > 0) return true
  return false
}

/** The same of an entry of the tree itself. */
export function holdsFor(
  own: OwnEntry,
  assertion: LdapFilter,
  { translator, directory }: Pick<AssertionParts, 'translator' | 'directory'>,
): boolean {
  return match(translator.translate(assertion, undefined, own), own.whole, directory.matchingOf) === true
}
