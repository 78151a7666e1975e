/**
 * Tree delete (1.2.840.113556.1.4.805): all entries below a level that views make by their values, and with them the level.
 * All of them or none, in one transaction; as many as the asker may find.
 */
import { belowLevels } from '../../../directory/directory.js'
import { namesOf } from '../../../directory/naming.js'
import type { LdapResult } from '../../../ldap/index.js'
import { VitrineError } from '../../../model/errors.js'
import type { Filter } from '../../../model/filter.js'
import type { Context, DeleteRequest } from '../../../model/request.js'
import { namingAttributes, type View } from '../../../model/view.js'
import type { LevelPart, Location } from '../namespace.js'
import { noSuchObject } from './target.js'
import type { WriteControls } from './write-controls.js'
import type { WriteParts } from './write-parts.js'

/** Entries that are deleted at once, at most: all are locked until the last is gone. */
const MOST = 10_000
/** How often it is begun anew where entries come and go meanwhile. */
const ATTEMPTS = 5

type Level = Extract<Location, { kind: 'level' }>

/** Of an entry that is no longer where it was. */
class Moved extends Error {}

/** Does any view allow it? */
export const hasTrees = (views: Iterable<View>) => [...views].some(({ writes }) => writes.deleteTree === true)

export async function removeTree(
  location: Level,
  parts: WriteParts,
  controls: WriteControls,
  ctx: Context,
): Promise<LdapResult> {
  const { directory, namespace } = parts
  for (let count = 1; ; count++) {
    const doomed: DeleteRequest[] = []
    for (const part of location.of) doomed.push(...(await entriesBelow(part, parts, ctx)))
    const [first] = doomed
    if (first === undefined) throw await noSuchObject(namespace.above(location), parts, ctx)
    if (doomed.length > MOST)
      throw new VitrineError('adminLimitExceeded', {
        message: `more than ${MOST} entries are not deleted at once; delete some of them first`,
      })
    await controls.demandAt(location, ctx)
    try {
      await directory.deleteAll(doomed, ctx)
      return await controls.after(undefined, undefined, ctx)
    } catch (error) {
      const isMoved =
        error instanceof Moved || (error instanceof VitrineError && error.code === 'noSuchObject')
      if (!isMoved) throw error
      if (count >= ATTEMPTS)
        throw new VitrineError('busy', { detail: 'entries come and go faster than they can be deleted' })
    }
  }
}

async function entriesBelow(
  { view, values }: LevelPart,
  { directory, namespace: { schema } }: WriteParts,
  ctx: Context,
): Promise<readonly DeleteRequest[]> {
  if (!(await directory.isVisible(view.name, ctx))) return []
  const isNamed = view.rdn.map((attr): Filter => ({ op: 'present', attr }))
  const filter: Filter = { op: 'and', of: [...isNamed, belowLevels(values, view.levels ?? [], schema)] }
  const attributes = new Set(namingAttributes(view))
  const found: DeleteRequest[] = []
  const request = { view: view.name, filter, attributes, limit: MOST + 1 }
  for await (const entries of directory.search(request, ctx)) {
    for (const entry of entries) {
      const names = namesOf(entry, view, schema)?.join('\0')
      const check: DeleteRequest['check'] = (now) => {
        if (namesOf(now, view, schema)?.join('\0') !== names) throw new Moved()
      }
      found.push({ view: view.name, id: entry.id, attributes, check })
    }
  }
  if (found.length > 0 && view.writes.deleteTree !== true)
    throw new VitrineError('unwillingToPerform', { message: 'entries here are deleted one by one' })
  return found
}
