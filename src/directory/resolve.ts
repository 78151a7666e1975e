/**
 * Looks up the entries that references lead to where only their names or UUIDs are known: many with one question, since
 * a group may be given thousands of members at once.
 */
import type { Filter } from '../model/filter.js'
import { type MatchingOf, match, type NormalForm } from '../model/match.js'
import type { Context } from '../model/request.js'
import { Ref, type Scalar, scalarOf } from '../model/value.js'
import { namingAttributes, type View } from '../model/view.js'
import type { Schema } from '../schema/schema.js'
import { type Directory, filterOfName } from './directory.js'

/** Assertions in one question. Every source is asked as many without its whole table being read. */
const MOST_ASSERTIONS = 100

/** The references that lead to an entry, and the same with its key. */
export type Resolve = (refs: readonly Ref[], ctx: Context) => Promise<ReadonlyMap<Ref, Ref>>

export interface ResolverParts {
  readonly search: Directory['search']
  readonly views: ReadonlyMap<string, View>
  readonly schema: Schema
  readonly matchingOf: MatchingOf
}

/** References by one name or UUID, and the filter that finds what they lead to. */
interface Wanted {
  readonly refs: Ref[]
  readonly filter: Filter
}

/** What is looked up in the same way: in one view, by the same attributes. */
interface Lookup {
  readonly view: string
  readonly attributes: readonly [string, ...string[]]
  readonly wanted: Map<string, Wanted>
}

export function resolver(parts: ResolverParts): Resolve {
  return async (refs, ctx) => {
    const found = new Map<Ref, Ref>()
    for (const { view, attributes, wanted } of lookupsOf(refs, parts)) {
      const all = [...wanted.values()]
      const atOnce = Math.max(1, Math.floor(MOST_ASSERTIONS / attributes.length))
      for (let at = 0; at < all.length; at += atOnce) {
        const some = all.slice(at, at + atOnce)
        for await (const [want, id] of find(view, attributes, some, parts, ctx)) {
          for (const ref of want.refs) found.set(ref, new Ref(view, ref.names, id, undefined, ref.uuid))
        }
      }
    }
    return found
  }
}

/** The same for references by the same name or UUID. */
export const refKey = ({ view, names, uuid }: Ref) => JSON.stringify([view, uuid ?? names])

function lookupsOf(refs: readonly Ref[], { views, schema }: ResolverParts): Iterable<Lookup> {
  const lookups = new Map<string, Lookup>()
  for (const ref of new Set(refs)) {
    const { uuid } = ref
    const view = views.get(ref.view)
    const [first, ...more] =
      uuid === undefined ? (view === undefined ? [] : namingAttributes(view)) : ['entryUUID']
    // What no name is given to is found by none.
    if (view === undefined || first === undefined) continue
    const attributes = [first, ...more] as const
    const way = JSON.stringify([ref.view, attributes])
    const lookup = lookups.get(way) ?? { view: ref.view, attributes, wanted: new Map<string, Wanted>() }
    lookups.set(way, lookup)
    const key = refKey(ref)
    const known = lookup.wanted.get(key)
    if (known !== undefined) known.refs.push(ref)
    else {
      const filter: Filter =
        uuid === undefined
          ? filterOfName(ref.names, view, schema)
          : { op: 'eq', attr: 'entryUUID', value: uuid }
      lookup.wanted.set(key, { refs: [ref], filter })
    }
  }
  return lookups.values()
}

/** What is found and its key. Where several entries answer to one name, the first is meant. */
async function* find(
  view: string,
  attributes: Lookup['attributes'],
  wanted: readonly Wanted[],
  { search, matchingOf }: ResolverParts,
  ctx: Context,
): AsyncIterable<readonly [Wanted, string]> {
  const [only, ...others] = wanted
  if (only === undefined) return
  const request = { view, attributes: new Set(attributes), unordered: true as const }
  if (others.length === 0) {
    for await (const [entry] of search({ ...request, filter: only.filter, limit: 1 }, ctx)) {
      if (entry !== undefined) yield [only, entry.id]
    }
    return
  }
  const [attr] = attributes
  const formOf = matchingOf(attr)?.equality
  // Names of several attributes may begin alike.
  const byForm = new Map<NormalForm | undefined, Wanted[]>()
  for (const want of wanted) {
    const asserted = firstAsserted(want.filter)
    const form = asserted === undefined ? undefined : formOf?.(asserted)
    byForm.set(form, [...(byForm.get(form) ?? []), want])
  }
  const open = new Set(wanted)
  const filter: Filter = { op: 'or', of: wanted.map((each) => each.filter) }
  for await (const entries of search({ ...request, filter }, ctx)) {
    for (const entry of entries) {
      for (const value of entry.attributes.get(attr) ?? []) {
        const scalar = scalarOf(value)
        const alike = scalar === undefined ? undefined : byForm.get(formOf?.(scalar))
        for (const want of alike ?? []) {
          if (match(want.filter, entry, matchingOf) === true && open.delete(want)) yield [want, entry.id]
        }
      }
    }
  }
}

function firstAsserted(filter: Filter): Scalar | undefined {
  const [first] = filter.op === 'and' ? filter.of : [filter]
  return first?.op === 'eq' ? first.value : undefined
}
