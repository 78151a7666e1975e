/**
 * What has changed since a moment, for clients that keep copies: the resources that were created or changed, in key
 * order, and then those that were deleted, where the source remembers them. Not part of the RFC; pages go by cursors
 * as those of lists do.
 */
import type { Directory } from '../../directory/directory.js'
import type { Entry } from '../../model/entry.js'
import { VitrineError } from '../../model/errors.js'
import type { Context } from '../../model/request.js'
import type { JsonObject } from '../../scim/json.js'
import type { JsonText, Representation } from '../../scim/representation/representation.js'
import { parseDateTime } from '../../scim/scalars.js'
import type { Cursors, Position } from './cursor.js'
import { ScimError } from './errors.js'
import { LIST_RESPONSE } from './list.js'
import type { ResourceType } from './resource-type.js'
import { type ListQuery, shownIn } from './stage.js'

export interface ChangesParts {
  readonly directory: Directory
  readonly cursors: Cursors
  readonly defaultCount: number
  readonly maxCount: number
}

/** Stages of the answer, as cursors have them. */
const RESOURCES = 0
const DELETIONS = 1

/**
 * The JSON text, in UTF-8, of a ListResponse whose `deleted` holds `{ id, at }`; without it where the source does not remember deletions.
 * `totalResults` is how many resources had changed when the first page was read, without the deleted ones.
 * @throws ScimError 501 where the source does not tell when entries change; VitrineError constraintViolation
 * (invalidValue) for `since`, invalidCursor; insufficientAccessRights for those who may not ask when entries change
 */
export async function changes(
  { directory, cursors, defaultCount, maxCount }: ChangesParts,
  type: ResourceType,
  query: ListQuery,
  base: string,
  ctx: Context,
): Promise<JsonText> {
  const { lastModified } = type.resource
  if (lastModified === undefined) {
    throw new ScimError(501, `the source does not tell when a ${type.resource.type} changes`)
  }
  if (!(await directory.isVisible(type.view.name, ctx, lastModified))) {
    throw new VitrineError('insufficientAccessRights', {
      message: `changes are told to those who may search ${lastModified}`,
    })
  }
  const since = momentOf(query.since)
  const count = Math.min(Math.max(query.count ?? defaultCount, 1), maxCount)
  const identity = JSON.stringify(['changes', ctx.principal, type.view.name, since.getTime()])
  const { cursor = '' } = query
  const position: Position = cursor === '' ? { stage: RESOURCES } : cursors.read(cursor, identity)

  const representation = await type.representation()
  const selection = representation.select(query)
  const request = {
    view: type.view.name,
    filter: { op: 'ge', attr: lastModified, value: since },
    attributes: selection.attributes,
    displays: selection.displays,
  } as const
  const changed: Entry[] = []
  let after = position.after
  let isMore = false
  if (position.stage === RESOURCES) {
    const place = { limit: count + 1, ...(after !== undefined && { after }) }
    let read = 0
    for await (const entries of directory.search({ ...request, ...place }, ctx)) {
      for (const entry of entries) {
        if (++read > count) {
          isMore = true
          break
        }
        after = entry.id
        changed.push(entry)
      }
    }
  }
  const total =
    position.total ?? (isMore || cursor !== '' ? await directory.count(request, ctx) : changed.length)
  const room = count - changed.length
  const skip = position.skip ?? 0
  const deleted = isMore
    ? { found: [], isMore: false }
    : await deletions(directory, representation, type.view.name, since, skip, room, ctx)
  const next: Position | undefined = isMore
    ? { stage: RESOURCES, total, ...(after !== undefined && { after }) }
    : deleted.isMore
      ? { stage: DELETIONS, total, skip: skip + room }
      : undefined
  const resources = shownIn([{ stage: { type, selection }, entries: changed }], base)
  const message = {
    schemas: [LIST_RESPONSE],
    totalResults: total,
    itemsPerPage: resources.count,
    ...(next !== undefined && { nextCursor: cursors.write(next, identity) }),
    ...(type.view.remembersDeletions === true && { deleted: deleted.found }),
  }
  return resources.in(JSON.stringify(message).slice(0, -1))
}

async function deletions(
  directory: Directory,
  representation: Representation,
  view: string,
  since: Date,
  skip: number,
  room: number,
  ctx: Context,
): Promise<{ found: readonly JsonObject[]; isMore: boolean }> {
  const found: JsonObject[] = []
  let passed = 0
  for await (const batch of directory.deletions(view, since, ctx)) {
    for (const { id, at } of batch) {
      if (passed++ < skip) continue
      if (passed > skip + room) return { found, isMore: true }
      // A view that declares its ids no longer tells that of an entry that is gone.
      const told = representation.idOf({ view, id, attributes: new Map() })
      if (told !== undefined) found.push({ id: told, at: at.toISOString() })
    }
  }
  return { found, isMore: false }
}

function momentOf(text: string | undefined): Date {
  const moment = text === undefined ? undefined : parseDateTime(text)
  if (moment === undefined) {
    throw new VitrineError('constraintViolation', {
      message: 'the parameter since must be a date and time, e.g. 2026-01-01T00:00:00Z',
    })
  }
  return moment
}
