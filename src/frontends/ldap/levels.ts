/**
 * The levels that views hang their entries below: each is there as long as an entry that the asker may find has its
 * value. They are read off the entries, one column each, as far as the filter could select any.
 */
import { belowLevels, type Directory } from '../../directory/directory.js'
import { namesOf } from '../../directory/naming.js'
import { FALSE, type Filter, TRUE } from '../../model/filter.js'
import { match } from '../../model/match.js'
import type { Context } from '../../model/request.js'
import type { Level, View } from '../../model/view.js'
import type { Schema } from '../../schema/schema.js'
import { keyOf, type Name } from './names.js'
import type { Location, Namespace } from './namespace.js'
import type { OwnEntry } from './own-entry.js'
import type { LevelRange } from './scope.js'

export interface LevelsParts {
  readonly directory: Directory
  readonly namespace: Namespace
}

/** A level that is there. */
export interface LevelEntry {
  /** By which levels are in order, superiors before what is below them. */
  readonly place: string
  readonly own: OwnEntry
}

/**
 * In order, without most that cannot satisfy the filter.
 * @param filter as the tree's own entries answer it
 */
export async function levelEntries(
  ranges: readonly LevelRange[],
  filter: Filter,
  parts: LevelsParts,
  ctx: Context,
): Promise<readonly LevelEntry[]> {
  const { directory, namespace } = parts
  const found = new Map<string, Name>()
  for (const range of ranges) {
    const asked = questionOf(range, filter, parts)
    if (asked === undefined || !(await directory.isVisible(range.view.name, ctx))) continue
    const seen = new Set<string>()
    for await (const values of valuesOf(range.view, asked, range.to, parts, ctx)) {
      for (let depth = Math.min(range.to, values.length); depth >= range.from; depth--) {
        const own = values.slice(0, depth)
        const key = depth === 1 ? (own[0] ?? '') : JSON.stringify(own)
        if (seen.has(key)) break
        seen.add(key)
        const name = namespace.levelName({ view: range.view, values: own })
        const place = placeOf(name)
        if (!found.has(place)) found.set(place, name)
      }
    }
  }
  const entries: LevelEntry[] = []
  for (const place of [...found.keys()].sort()) {
    const own = namespace.levelEntry(found.get(place) as Name)
    if (own !== undefined) entries.push({ place, own })
  }
  return entries
}

/** A level, if there is one that the asker may find. */
export async function levelThere(
  { of }: Extract<Location, { kind: 'level' }>,
  parts: LevelsParts,
  ctx: Context,
): Promise<OwnEntry | undefined> {
  const { directory, namespace } = parts
  for (const { view, values } of of) {
    if (!(await directory.isVisible(view.name, ctx))) continue
    const filter = all([...isNamed(view), belowLevels(values, view.levels ?? [], namespace.schema)])
    for await (const found of valuesOf(view, filter, values.length, parts, ctx, 1))
      return namespace.levelEntry(namespace.levelName({ view, values: found.slice(0, values.length) }))
  }
  return undefined
}

/** The values of the levels that entries hang below, as they come. */
async function* valuesOf(
  view: View,
  filter: Filter,
  depth: number,
  { directory, namespace }: LevelsParts,
  ctx: Context,
  limit?: number,
): AsyncIterable<readonly string[]> {
  const levels = (view.levels ?? []).slice(0, depth)
  const named = { rdn: [], levels }
  const attributes = new Set(levels.map(({ attr }) => attr))
  const request = { view: view.name, filter, attributes, unordered: true as const, ...(limit && { limit }) }
  for await (const entries of directory.search(request, ctx)) {
    for (const entry of entries) yield namesOf(entry, named, namespace.schema) ?? []
  }
}

function placeOf({ forms }: Name): string {
  return `${String.fromCharCode(forms.length)}${keyOf(forms)}`
}

const isNamed = (view: View): readonly Filter[] => view.rdn.map((attr) => ({ op: 'present', attr }))

/** Which entries have to be looked at for the levels that the filter selects; undefined: it can select none. */
function questionOf(
  range: LevelRange,
  filter: Filter,
  { directory, namespace }: LevelsParts,
): Filter | undefined {
  const { view, values, from, to } = range
  const levels = view.levels ?? []
  const top = levels[from - 1]
  const possible = any(
    levels.slice(from - 1, to).map((level) => relaxed(filter, level, directory, namespace)),
  )
  if (top === undefined || possible === FALSE) return undefined
  const { schema } = namespace
  const above = values.length > 0 ? [belowLevels(values, levels, schema)] : []
  return all([...isNamed(view), { op: 'present', attr: top.attr }, ...above, possible])
}

/** What holds of every entry below a level that satisfies the filter. */
function relaxed(filter: Filter, level: Level, directory: Directory, namespace: Namespace): Filter {
  const sample =
    samples.get(level) ?? namespace.levelEntry({ rdns: [[{ type: level.type, value: '?' }]], forms: ['?'] })
  if (sample !== undefined) samples.set(level, sample)
  const relax = (one: Filter): Filter => {
    if (one.op === 'and') return all(one.of.map(relax))
    if (one.op === 'or') return any(one.of.map(relax))
    if (one.op === 'not') return isOpen(one.of, level) ? TRUE : settled(one)
    if ('attr' in one && one.attr === level.type) return asked(one, level, namespace.schema)
    return isOpen(one, level) ? TRUE : settled(one)
  }
  const settled = (one: Filter) =>
    sample !== undefined && match(one, sample.whole, directory.matchingOf) === true ? TRUE : FALSE
  return relax(filter)
}

const samples = new WeakMap<Level, OwnEntry>()

/** What differs from level to level. */
const OWN: ReadonlySet<string> = new Set(['entryDN', 'entryUUID'])

function isOpen(filter: Filter, level: Level): boolean {
  if (filter.op === 'and' || filter.op === 'or') return filter.of.some((one) => isOpen(one, level))
  if (filter.op === 'not') return isOpen(filter.of, level)
  return 'attr' in filter && (filter.attr === level.type || OWN.has(filter.attr))
}

/** The same of the attribute that makes the level, where it is compared by the same rules. */
function asked(one: Filter, { type, attr }: Level, schema: Schema): Filter {
  const alike = schema.attribute(type)?.equality === schema.attribute(attr)?.equality
  return (one.op === 'eq' || one.op === 'substring') && alike && !('rule' in one) ? { ...one, attr } : TRUE
}

function all(of: readonly Filter[]): Filter {
  if (of.includes(FALSE)) return FALSE
  const left = of.filter((one) => one !== TRUE)
  return left.length === 0 ? TRUE : left.length === 1 ? (left[0] ?? TRUE) : { op: 'and', of: left }
}

function any(of: readonly Filter[]): Filter {
  if (of.includes(TRUE)) return TRUE
  const left = of.filter((one) => one !== FALSE)
  return left.length === 0 ? FALSE : left.length === 1 ? (left[0] ?? FALSE) : { op: 'or', of: left }
}
