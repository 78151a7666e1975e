/** Whether an entry of the tree has anything below it that the asker may see (`hasSubordinates`), as it is now. */
import type { Directory } from '../../directory/directory.js'
import { isAnyVisible } from '../../directory/visible.js'
import type { Context } from '../../model/request.js'
import type { View } from '../../model/view.js'
import type { Container } from './namespace.js'
import type { OwnEntry } from './own-entry.js'

const HAS_SUBORDINATES = 'hasSubordinates'

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
  directory: Directory,
  ctx: Context,
): Promise<Container> {
  const attributes = new Map(container.whole.attributes)
  attributes.set(HAS_SUBORDINATES, [await hasAny(container, directory, ctx)])
  return { ...container, whole: { ...container.whole, attributes } }
}

export function hasSubordinates({ whole }: OwnEntry): boolean {
  return whole.attributes.get(HAS_SUBORDINATES)?.[0] === true
}

async function hasAny(container: Container, directory: Directory, ctx: Context): Promise<boolean> {
  for (const below of container.containers) if (await isShown(below, directory, ctx)) return true
  for (const view of container.views) {
    if ((await directory.isVisible(view.name, ctx)) && (await hasEntries(view, directory, ctx))) return true
  }
  return false
}

/** Is there one with a name? */
async function hasEntries(view: View, directory: Directory, ctx: Context): Promise<boolean> {
  const filter = { op: 'and', of: view.rdn.map((attr) => ({ op: 'present', attr }) as const) } as const
  const request = {
    view: view.name,
    filter,
    attributes: new Set<string>(),
    limit: 1,
    unordered: true,
  } as const
  for await (const entries of directory.search(request, ctx)) if (entries.length > 0) return true
  return false
}
