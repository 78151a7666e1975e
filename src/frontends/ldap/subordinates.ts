/**
 * Whether an entry of the tree has anything right below it that the asker may see (`hasSubordinates`), and how much
 * (`numSubordinates`), as it is now.
 */
import { belowLevels, type Directory, rightBelowLevels } from '../../directory/directory.js'
import { isAnyVisible } from '../../directory/visible.js'
import type { Filter } from '../../model/filter.js'
import type { Context } from '../../model/request.js'
import { scalarOf } from '../../model/value.js'
import type { View } from '../../model/view.js'
import { parseName } from './names.js'
import type { Container, LevelPart, Namespace } from './namespace.js'
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
  // A container may stand where a level is.
  const inner = new Set<string | undefined>()
  for (const one of container.containers) if (await isShown(one, directory, ctx)) inner.add(one.name.forms[0])
  for (const view of container.views) {
    if (!(await directory.isVisible(view.name, ctx))) continue
    const found = await countBelow({ view, values: [] }, directory, ctx)
    count += found.entries
    for (const one of found.levels) inner.add(one)
  }
  return count + inner.size
}

/** A level, as filters and comparisons see it: something hangs below each, or it would not be there. */
export async function levelWithSubordinates<E extends OwnEntry>(
  level: E,
  wanted: Wanted,
  { directory, namespace }: { readonly directory: Directory; readonly namespace: Namespace },
  ctx: Context,
): Promise<E> {
  if (wanted !== 'count') return level
  let count = 0
  const levels = new Set<string>()
  for (const part of namespace.levelsAt(parseName(level.dn, namespace.schema))) {
    if (!(await directory.isVisible(part.view.name, ctx))) continue
    const found = await countBelow(part, directory, ctx)
    count += found.entries
    for (const one of found.levels) levels.add(one)
  }
  const attributes = new Map(level.whole.attributes).set(NUM_SUBORDINATES, [count + levels.size])
  return { ...level, whole: { ...level.whole, attributes } }
}

/** What hangs right below a level of a view, or below its base: entries, and further levels. */
async function countBelow({ view, values }: LevelPart, directory: Directory, ctx: Context) {
  const { levels = [] } = view
  const next = levels[values.length]
  const found = new Set<string>()
  const filter = { op: 'and', of: [named(view), rightBelowLevels(values, levels, directory.schema)] } as const
  const entries = await directory.count({ view: view.name, filter, attributes: new Set() }, ctx)
  if (next === undefined) return { entries, levels: found }
  const { type, attr } = next
  const formOf = directory.matchingOf(attr)?.equality
  const below: Filter = {
    op: 'and',
    of: [named(view), belowLevels(values, levels, directory.schema), { op: 'present', attr }],
  }
  const request = { view: view.name, filter: below, attributes: new Set([attr]), unordered: true as const }
  for await (const batch of directory.search(request, ctx)) {
    for (const { attributes } of batch) {
      const [value] = attributes.get(attr) ?? []
      const scalar = value === undefined ? undefined : scalarOf(value)
      if (scalar !== undefined) found.add(`${type.toLowerCase()}=${String(formOf?.(scalar) ?? scalar)}`)
    }
  }
  return { entries, levels: found }
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
