/** A union of views: which there are by precedence, and how its entries are called. */
import { VitrineError } from '../../model/errors.js'
import type { Context, SearchRequest } from '../../model/request.js'
import type { EntryId } from '../../model/value.js'
import type { View } from '../../model/view.js'
import type { Sameness } from './sameness.js'

export type Duplicates = 'error' | 'first' | 'merge'

export interface Union {
  /** As frontends and layers see it. */
  readonly view: View
  /** Names of views, that which has precedence first. */
  readonly members: readonly string[]
  readonly sameness: Sameness
  readonly duplicates: Duplicates
  /** May a member that cannot be asked be left out of answers that say so? */
  readonly partial: boolean
  /** The member that new entries are created in. */
  readonly create?: string
}

/** Where an entry of the union is: in which of the members, and by what key. */
export interface Place {
  readonly index: number
  readonly member: string
  readonly key: EntryId
}

/** Names of views hold no colon. */
export const idOf = (member: string, key: EntryId): EntryId => `${member}:${key}`

export function placeOf({ members }: Union, id: EntryId): Place | undefined {
  const colon = id.indexOf(':')
  const member = id.slice(0, Math.max(colon, 0))
  const index = members.indexOf(member)
  return index < 0 ? undefined : { index, member, key: id.slice(colon + 1) }
}

/** @throws VitrineError for a place that no entry of the union has */
export function startOf(
  union: Union,
  { after, id }: Pick<SearchRequest, 'after' | 'id'>,
  from = 0,
): { readonly first: number; readonly after: EntryId | undefined; readonly id: Place | undefined } {
  const start = after === undefined ? undefined : placeOf(union, after)
  if (after !== undefined && start === undefined)
    throw new VitrineError('internalError', { detail: `no key of view ${union.view.name} reads ${after}` })
  const only = id === undefined ? undefined : placeOf(union, id)
  // What no member has is found nowhere.
  const first = id !== undefined && only === undefined ? union.members.length : (start?.index ?? from)
  return { first, after: start?.key, id: only }
}

/**
 * How many a member is asked for at once where some may turn out to be hidden; the next are asked for behind the last.
 * Undefined: all, as behind those that come in any order nothing can be asked for.
 */
export function limitOf(
  { limit, unordered }: Pick<SearchRequest, 'limit' | 'unordered'>,
  spare: number,
): number | undefined {
  return limit === undefined || (unordered === true && spare > 0) ? undefined : limit + spare
}

/**
 * Is it a failure that the request can do without this member for? Then the request is told that it is missing.
 * Where it was missing from before, what follows must not be asked of it either.
 */
export function forgives({ partial }: Union, member: string, thrown: unknown, { missing }: Context): boolean {
  if (!partial || missing === undefined || !(thrown instanceof VitrineError)) return false
  if (thrown.code !== 'unavailable' && thrown.code !== 'busy') return false
  missing.add(member)
  return true
}
