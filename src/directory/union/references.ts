/**
 * References to entries of members, as references to entries of their union and back. One to an entry that is hidden
 * behind another is shown as one to that other, and whoever asks for references to that other finds it.
 */
import type { Entry } from '../../model/entry.js'
import { type ComparisonFilter, FALSE, type Filter, mapAssertions } from '../../model/filter.js'
import { type MatchingOf, match } from '../../model/match.js'
import type { Context, SearchRequest } from '../../model/request.js'
import { type EntryId, Ref, scalarOf, type Value } from '../../model/value.js'
import { namingAttributes, type View } from '../../model/view.js'
import type { Schema } from '../../schema/schema.js'
import { type Directory, filterOfName } from '../directory.js'
import { namesOf } from '../naming.js'
import { NOTHING, type TwinFinder } from './twins.js'
import { idOf, placeOf, type Union } from './union.js'

/** References looked up with one question. */
const AT_ONCE = 100

/** An entry that the union shows, as the member has it. */
export interface Found {
  readonly index: number
  readonly entry: Entry
}

export interface ReferenceParts {
  readonly core: Pick<Directory, 'search' | 'handles' | 'views'>
  readonly schema: Schema
  readonly matchingOf: MatchingOf
  /** By name. */
  readonly unions: ReadonlyMap<string, Union>
  readonly finder: TwinFinder
  /** What a union shows. */
  visible(union: Union, request: SearchRequest, ctx: Context): AsyncIterable<readonly Found[]>
}

/** By member and key: what a reference to such an entry is shown as. What has no name is nobody, as elsewhere. */
export type Winners = Map<string, WinnersOf>

type WinnersOf = Map<EntryId, Ref | 'itself' | 'nobody'>

interface Membership {
  readonly union: Union
  readonly index: number
}

export class References {
  readonly #parts: ReferenceParts
  readonly #membership: ReadonlyMap<string, Membership>
  /** By view of the core and attribute: the views referred to, where members of unions are among them. */
  readonly #referring: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>

  constructor(parts: ReferenceParts) {
    this.#parts = parts
    const membership = new Map<string, Membership>()
    for (const union of parts.unions.values()) {
      for (const [index, member] of union.members.entries()) membership.set(member, { union, index })
    }
    this.#membership = membership
    this.#referring = new Map(
      [...parts.core.views.values()].map((view) => [view.name, referringOf(view, membership)]),
    )
  }

  /** The attributes of a view of the core by which it refers to members. */
  referring(view: string): ReadonlyMap<string, readonly string[]> {
    return this.#referring.get(view) ?? NONE
  }

  /** The entries with references to unions where they have such to members. */
  async outward(
    entries: readonly Entry[],
    attrs: Iterable<string>,
    displays: boolean,
    ctx: Context,
  ): Promise<readonly Entry[]> {
    const affected = [...attrs].filter((attr) => entries.some((entry) => entry.attributes.has(attr)))
    if (affected.length === 0) return entries
    const winners: Winners = new Map()
    await this.findWinners(entries, affected, displays, winners, ctx)
    return entries.map((entry) => this.shown(entry, affected, winners))
  }

  /** The same for one entry of whose references everything is known. */
  shown(entry: Entry, attrs: readonly string[], winners: Winners): Entry {
    const attributes = new Map(entry.attributes)
    for (const attr of attrs) {
      const values = attributes.get(attr)
      if (values === undefined) continue
      const shown = this.#distinct(
        values.map((value) => this.#outward(value, winners)).filter((value) => value !== undefined),
      )
      if (shown.length > 0) attributes.set(attr, shown)
      else attributes.delete(attr)
    }
    return { ...entry, attributes }
  }

  /** Adds what is not known yet of the references of these entries. */
  async findWinners(
    entries: readonly Entry[],
    attrs: readonly string[],
    displays: boolean,
    winners: Winners,
    ctx: Context,
  ): Promise<void> {
    for (const [member, ids] of this.unknown(entries, attrs, winners)) {
      const byId: WinnersOf = winners.get(member) ?? new Map()
      winners.set(member, byId)
      for (const id of ids) byId.set(id, 'itself')
      await this.#findWinners(member, [...ids], byId, displays, ctx)
    }
  }

  /** The references, by member, of which it is not known under what entry they are shown. */
  unknown(
    entries: readonly Entry[],
    attrs: readonly string[],
    winners: Winners,
  ): ReadonlyMap<string, ReadonlySet<EntryId>> {
    const found = new Map<string, Set<EntryId>>()
    for (const { attributes } of entries) {
      for (const attr of attrs) {
        for (const value of attributes.get(attr) ?? []) {
          if (!(value instanceof Ref) || value.id === undefined) continue
          const { union, index = 0 } = this.#membership.get(value.view) ?? {}
          if (index === 0 || union?.duplicates === 'error') continue
          if (winners.get(value.view)?.has(value.id) === true) continue
          found.set(value.view, (found.get(value.view) ?? new Set()).add(value.id))
        }
      }
    }
    return found
  }

  #outward(value: Value, winners: Winners): Value | undefined {
    if (!(value instanceof Ref)) return value
    const found = this.#membership.get(value.view)
    if (found === undefined) return value
    const winner = value.id === undefined ? undefined : winners.get(value.view)?.get(value.id)
    if (winner === 'nobody') return undefined
    if (winner instanceof Ref) return winner
    const { view } = found.union
    const { names, id, display, uuid, type } = value
    const shownType = type === undefined ? undefined : view.resource?.type
    return new Ref(view.name, names, id && idOf(value.view, id), display, uuid, shownType)
  }

  /** Two references may have become one. */
  #distinct(values: readonly Value[]): readonly Value[] {
    const seen = new Set<string>()
    return values.filter((value) => {
      if (!(value instanceof Ref) || value.id === undefined) return true
      const key = `${value.view} ${value.id}`
      return !seen.has(key) && seen.add(key)
    })
  }

  /** Fills in under what other entries these entries of a member are shown. */
  async #findWinners(
    member: string,
    ids: readonly EntryId[],
    byId: WinnersOf,
    displays: boolean,
    ctx: Context,
  ): Promise<void> {
    const { core, finder } = this.#parts
    const { union, index = 0 } = this.#membership.get(member) ?? {}
    if (union === undefined) return
    const called = new Set<string>()
    if (displays) {
      for (const name of union.members.slice(0, index)) {
        for (const attr of (await core.handles(name)).displays ?? []) called.add(attr)
      }
    }
    const attributes = new Set([
      ...union.sameness.attributes,
      ...namingAttributes(union.view),
      ...called,
      'entryUUID',
    ])
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const of = ids.slice(at, at + AT_ONCE).map((id): Filter => ({ op: 'key', id }))
      const request = {
        view: member,
        filter: { op: 'or', of } as const,
        attributes,
        unordered: true as const,
      }
      for await (const entries of core.search(request, ctx)) {
        const heads = await finder.heads(union, index, entries, { attributes }, ctx)
        for (const [entry, [head]] of heads) {
          if (head === undefined || head.index === index) continue
          byId.set(entry.id, this.#refTo(union, head, called))
        }
      }
    }
  }

  #refTo({ view, members }: Union, { index, entry }: Found, called: Iterable<string>): Ref | 'nobody' {
    const textOf = (attr: string): string | undefined => {
      const [value] = entry.attributes.get(attr) ?? []
      const scalar = value === undefined ? undefined : scalarOf(value)
      if (scalar === undefined || scalar instanceof Ref) return undefined
      return this.#parts.schema.attribute(attr)?.syntax.render(scalar)?.toString()
    }
    const names = namesOf(entry, view, this.#parts.schema)
    if (names === undefined) return 'nobody'
    const display = [...called].map(textOf).find((text) => text !== undefined)
    const id = idOf(members[index] ?? '', entry.id)
    return new Ref(view.name, names, id, display, textOf('entryUUID')?.toLowerCase(), view.resource?.type)
  }

  /** The filter as a view of the core understands it. */
  async inward(filter: Filter, view: string, ctx: Context): Promise<Filter> {
    const referring = this.referring(view)
    const own = withKeys(filter, this.#membership.get(view)?.union, view)
    if (referring.size === 0) return own
    const keyed = ofMembers(own, this.#parts.unions)
    const wanted = new Map<Ref, readonly string[]>()
    // What is reached over several references may be in any view.
    const among = ({ rule }: ComparisonFilter, ref: Ref, refers: readonly string[]) =>
      rule === undefined ? refers : (this.#parts.unions.get(ref.view)?.members ?? [])
    mapReferring(keyed, referring, (assertion, ref, refers) => {
      if (this.#parts.unions.has(ref.view))
        wanted.set(ref, [...(wanted.get(ref) ?? []), ...among(assertion, ref, refers)])
      return assertion
    })
    if (wanted.size === 0) return keyed
    const equivalents = await this.equivalents(wanted, ctx)
    return mapReferring(keyed, referring, (assertion, ref, refers) => {
      if (!wanted.has(ref)) return assertion
      const possible = among(assertion, ref, refers)
      const of = (equivalents.get(ref) ?? [])
        .filter((one) => possible.includes(one.view))
        .map((value): Filter => ({ ...assertion, value }))
      const [only] = of
      return only === undefined ? FALSE : of.length > 1 ? { op: 'or', of } : only
    })
  }

  /**
   * What references to unions stand for among members, given which views those may be in.
   * @param exact whether there are such entries matters
   */
  async equivalents(
    wanted: ReadonlyMap<Ref, readonly string[]>,
    ctx: Context,
    exact = false,
  ): Promise<ReadonlyMap<Ref, readonly Ref[]>> {
    const result = new Map<Ref, readonly Ref[]>()
    const open = new Map<Union, Ref[]>()
    for (const [ref, refers] of wanted) {
      const union = this.#parts.unions.get(ref.view)
      if (union === undefined) continue
      const { members, duplicates } = union
      const possible = members.filter((member) => refers.includes(member))
      // Nothing of the first member is hidden, nor anything else where that is an error.
      const isPlain = duplicates === 'error' || possible.every((member) => member === members[0])
      if (isPlain && !exact) result.set(ref, directly(ref, union, possible))
      else open.set(union, [...(open.get(union) ?? []), ref])
    }
    for (const [union, refs] of open) {
      for (let at = 0; at < refs.length; at += AT_ONCE)
        await this.#lookUp(union, refs.slice(at, at + AT_ONCE), result, ctx)
    }
    return result
  }

  async #lookUp(union: Union, refs: readonly Ref[], result: Map<Ref, readonly Ref[]>, ctx: Context) {
    const { finder, matchingOf, schema } = this.#parts
    const { view, members } = union
    const filters = refs.map((ref): readonly [Ref, Filter] => {
      if (ref.id !== undefined) return [ref, { op: 'key', id: ref.id }]
      if (ref.uuid !== undefined) return [ref, { op: 'eq', attr: 'entryUUID', value: ref.uuid }]
      return [ref, ref.names.length === 0 ? FALSE : filterOfName(ref.names, view, schema)]
    })
    const attributes = new Set([...namingAttributes(view), 'entryUUID'])
    const filter: Filter = { op: 'or', of: filters.map(([, f]) => f) }
    for await (const found of this.#parts.visible(union, { view: view.name, filter, attributes }, ctx)) {
      for (const [index, member] of members.entries()) {
        const entries = found.filter((f) => f.index === index).map((f) => f.entry)
        if (entries.length === 0) continue
        const groups = await finder.behind(union, index, entries, { attributes }, ctx)
        const shownAs = await this.#headsOf(union, index, [...groups.values()].flat(), ctx)
        for (const entry of entries) {
          const shown = { ...entry, id: idOf(member, entry.id) }
          const hidden = (groups.get(entry) ?? []).filter((one) => shownAs.get(one) === shown.id)
          const all = [entry, ...hidden].map((one) => new Ref(one.view, [], one.id))
          for (const [ref, f] of filters) {
            // A member may have several entries of one name.
            if (match(f, shown, matchingOf) === true) result.set(ref, [...(result.get(ref) ?? []), ...all])
          }
        }
      }
    }
  }

  /** Under which entries of the union others behind a member are shown. */
  async #headsOf(
    union: Union,
    index: number,
    entries: readonly Entry[],
    ctx: Context,
  ): Promise<ReadonlyMap<Entry, EntryId>> {
    const shownAs = new Map<Entry, EntryId>()
    for (const [i, member] of union.members.entries()) {
      const own = i <= index ? [] : entries.filter((entry) => entry.view === member)
      if (own.length === 0) continue
      for (const [entry, [head]] of await this.#parts.finder.heads(union, i, own, NOTHING, ctx))
        if (head !== undefined) shownAs.set(entry, idOf(head.entry.view, head.entry.id))
    }
    return shownAs
  }
}

const NONE: ReadonlyMap<string, readonly string[]> = new Map()

function referringOf(view: View, membership: ReadonlyMap<string, Membership>) {
  const found = new Map<string, readonly string[]>()
  for (const { name, refers } of view.attributes.values())
    if (refers.some((target) => membership.has(target))) found.set(name, refers)
  return found
}

function directly(ref: Ref, union: Union, possible: readonly string[]): readonly Ref[] {
  const { id, uuid, names } = ref
  if (id !== undefined) {
    const place = placeOf(union, id)
    return place === undefined ? [] : [new Ref(place.member, [], place.key)]
  }
  if (uuid !== undefined) return possible.map((member) => new Ref(member, [], undefined, undefined, uuid))
  return possible.map((member) => new Ref(member, names))
}

/** Keys of the union as those of a member. */
function withKeys(filter: Filter, union: Union | undefined, view: string): Filter {
  if (union === undefined) return filter
  switch (filter.op) {
    case 'and':
    case 'or':
      return { op: filter.op, of: filter.of.map((f) => withKeys(f, union, view)) }
    case 'not':
      return { op: 'not', of: withKeys(filter.of, union, view) }
    case 'key': {
      const place = placeOf(union, filter.id)
      return place?.member === view ? { op: 'key', id: place.key } : FALSE
    }
    default:
      return filter
  }
}

/** References to entries of a union, whichever, as those to entries of its members. */
function ofMembers(filter: Filter, unions: ReadonlyMap<string, Union>): Filter {
  return mapAssertions(filter, (assertion) => {
    if (assertion.op !== 'element') return assertion
    const of = mapAssertions(assertion.of, (part) => {
      const union = part.op === 'eq' && part.attr === 'view' ? unions.get(String(part.value)) : undefined
      if (union === undefined) return part
      return { op: 'or', of: union.members.map((value): Filter => ({ op: 'eq', attr: 'view', value })) }
    })
    return { ...assertion, of }
  })
}

/** Replaces what is asked about references by these attributes, in elements too. */
function mapReferring(
  filter: Filter,
  referring: ReadonlyMap<string, readonly string[]>,
  replace: (assertion: ComparisonFilter, ref: Ref, refers: readonly string[]) => Filter,
  within?: readonly string[],
): Filter {
  switch (filter.op) {
    case 'and':
    case 'or':
      return { op: filter.op, of: filter.of.map((f) => mapReferring(f, referring, replace, within)) }
    case 'not':
      return { op: 'not', of: mapReferring(filter.of, referring, replace, within) }
    case 'element': {
      const refers = referring.get(filter.attr)
      return refers === undefined
        ? filter
        : { ...filter, of: mapReferring(filter.of, referring, replace, refers) }
    }
    default: {
      const refers = within ?? ('attr' in filter ? referring.get(filter.attr) : undefined)
      if (refers === undefined || !('value' in filter) || filter.op === 'const') return filter
      return filter.value instanceof Ref ? replace(filter, filter.value, refers) : filter
    }
  }
}
