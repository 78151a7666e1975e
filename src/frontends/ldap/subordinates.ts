/**
 * Whether an entry of the tree has anything right below it that the asker may see (`hasSubordinates`), and how much
 * (`numSubordinates`), as it is now.
 */
import type { Directory } from '../../directory/directory.js'
import { isAnyVisible } from '../../directory/visible.js'
import type { Filter } from '../../model/filter.js'
import type { Context } from '../../model/request.js'
import type { View } from '../../model/view.js'
import type { Container } from './namespace.js'
import type { OwnEntry } from './own-entry.js'
import type { Below } from './render.js'

const HAS_SUBORDINATES = 'hasSubordinates'
const NUM_SUBORDINATES = 'numSubordinates'

/** What somebody wants to know of it: nothing, whether there is any, or how many there are. */
export type Wanted = 'nothing' | 'any' | 'count'

/** @param asks is the attribute asked for, in whatever way? */
export function wantedOf(asks: (attr: string) => boolean): Wanted {
  return asks(NUM_SUBORDINATES) ? 'count' : asks(HAS_SUBORDINATES) ? 'any' : 'nothing'
}

/** A container is there for whoever can find anything in the views that it is shown with. */
export function isShown(
  { shownWith }: Container,
  directory: Directory,
  ctx: Context,
): boolean | Promise<boolean> {
  return isAnyVisible(directory, shownWith, ctx)
}

/** The container, as filters and comparisons see it. */
export async function withSubordinates(
  container: Container,
  wanted: Wanted,
  directory: Directory,
  ctx: Context,
): Promise<Container> {
  if (wanted === 'nothing') return container
  const attributes = new Map(container.whole.attributes)
  if (wanted === 'count') {
    const count = await countAll(container, directory, ctx)
    attributes.set(NUM_SUBORDINATES, [count]).set(HAS_SUBORDINATES, [count > 0])
  } else attributes.set(HAS_SUBORDINATES, [await hasAny(container, directory, ctx)])
  return { ...container, whole: { ...container.whole, attributes } }
}

export function below({ whole }: OwnEntry): Below {
  const [any] = whole.attributes.get(HAS_SUBORDINATES) ?? []
  const [count] = whole.attributes.get(NUM_SUBORDINATES) ?? []
  return { any: any === true, count: Number(count ?? 0) }
}

async function countAll(container: Container, directory: Directory, ctx: Context): Promise<number> {
  let count = 0
  for (const inner of container.containers) if (await isShown(inner, directory, ctx)) count++
  for (const view of container.views) {
    if (!(await directory.isVisible(view.name, ctx))) continue
    count += await directory.count({ view: view.name, filter: named(view), attributes: new Set() }, ctx)
  }
  return count
}

async function hasAny(container: Container, directory: Directory, ctx: Context): Promise<boolean> {
  for (const inner of container.containers) if (await isShown(inner, directory, ctx)) return true
  for (const view of container.views) {
    if ((await directory.isVisible(view.name, ctx)) && (await hasEntries(view, directory, ctx))) return true
  }
  return false
}

/** Is there one with a name? */
async function hasEntries(view: View, directory: Directory, ctx: Context): Promise<boolean> {
  const request = {
    view: view.name,
    filter: named(view),
    attributes: new Set<string>(),
    limit: 1,
    unordered: true,
  } as const
  for await (const entries of directory.search(request, ctx)) if (entries.length > 0) return true
  return false
}

/** What lacks a naming attribute has no place in the tree. */
function named({ rdn }: View): Filter {
  return { op: 'and', of: rdn.map((attr) => ({ op: 'present', attr })) }
}
