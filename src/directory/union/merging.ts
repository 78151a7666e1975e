/**
 * Entries that are completed by the same entries of other members: attribute by attribute, the first member that has a
 * value counts. Filters are decided on the whole; what members are asked finds at least every entry that could do.
 */
import type { Entry } from '../../model/entry.js'
import { FALSE, type Filter, filterAttributes, TRUE } from '../../model/filter.js'
import { type MatchingOf, matcher } from '../../model/match.js'
import type { Context, SearchRequest } from '../../model/request.js'
import type { EntryId, Value } from '../../model/value.js'
import { namingAttributes } from '../../model/view.js'
import type { Directory } from '../directory.js'
import { asksElements } from '../references.js'
import type { Found, References } from './references.js'
import { relaxed } from './relax.js'
import type { TwinFinder } from './twins.js'
import { forgives, idOf, limitOf, startOf, type Union } from './union.js'

/** So many entries that may complete others are looked at before all others are. */
const MOST_CANDIDATES = 1000
/** Asked for beyond what is wanted where some may turn out not to be. */
const SPARE = 50

/** Tell what an entry is, not what is known of it, and so are its own. */
const OWN: ReadonlySet<string> = new Set(['objectClass', 'structuralObjectClass', 'entryUUID'])

export interface MergerParts {
  readonly core: Directory
  readonly matchingOf: MatchingOf
  readonly finder: TwinFinder
  readonly references: References
}

export class Merger {
  readonly #parts: MergerParts

  constructor(parts: MergerParts) {
    this.#parts = parts
  }

  /** As `Reader.visible` does. */
  async *visible(union: Union, request: SearchRequest, ctx: Context): AsyncGenerator<readonly Found[]> {
    const { first, after, id } = startOf(union, request)
    const { filter } = request
    const ofHeads = relaxed(filter, (attr) => isOwn(union, attr), 'head')
    const candidates =
      id === undefined && ofHeads !== TRUE ? await this.#candidates(union, first, filter, ctx) : undefined
    for (let index = first; index < union.members.length; index++) {
      if (id !== undefined && id.index !== index) continue
      const { isAll = false, keys = [] } = candidates?.[index] ?? {}
      const asked: Filter =
        id !== undefined || isAll
          ? TRUE
          : anyOf(
              ofHeads,
              keys.map((key) => idOf(union.members[index] ?? '', key)),
            )
      if (asked === FALSE) continue
      const own = { ...request, filter: asked, ...(id !== undefined && { id: id.key }) }
      yield* this.#ofMember(union, index, own, filter, index === first ? after : undefined, ctx)
    }
  }

  async *#ofMember(
    union: Union,
    index: number,
    request: SearchRequest,
    filter: Filter,
    after: EntryId | undefined,
    ctx: Context,
  ): AsyncGenerator<readonly Found[]> {
    const { core, finder, references } = this.#parts
    const member = union.members[index] ?? ''
    if (ctx.missing?.has(member) === true) return
    const wanted = {
      attributes:
        request.attributes === 'all'
          ? ('all' as const)
          : new Set([...request.attributes, ...union.sameness.attributes, ...filterAttributes(filter)]),
      displays: request.displays === true || asksElements(filter),
    }
    const { id, unordered } = request
    const asked: SearchRequest = {
      view: member,
      filter: await references.inward(request.filter, member, ctx),
      ...wanted,
      ...(id !== undefined && { id }),
      ...(unordered === true && { unordered }),
    }
    const limit = limitOf(request, SPARE)
    let last = after
    try {
      for (;;) {
        let seen = 0
        const from = { ...(last !== undefined && { after: last }), ...(limit !== undefined && { limit }) }
        for await (const entries of core.search({ ...asked, ...from }, ctx)) {
          seen += entries.length
          last = entries.at(-1)?.id ?? last
          const hidden = await finder.preceded(union, index, entries, ctx)
          const heads = entries.filter((entry) => !hidden.has(entry))
          const groups = await finder.behind(union, index, heads, wanted, ctx)
          const whole = heads.map((entry) => completed(union, entry, groups.get(entry) ?? []))
          const shown = await this.#satisfying(union, whole, filter, wanted.displays, ctx)
          if (shown.length > 0) yield shown.map((entry) => ({ index, entry }))
        }
        if (limit === undefined || seen < limit) return
      }
    } catch (error) {
      if (!forgives(union, member, error, ctx)) throw error
    }
  }

  async #satisfying(
    union: Union,
    entries: readonly Entry[],
    filter: Filter,
    displays: boolean,
    ctx: Context,
  ): Promise<readonly Entry[]> {
    if (filter === TRUE || entries.length === 0) return entries
    const { references, matchingOf, core } = this.#parts
    const { schema } = core
    const asked = filterAttributes(filter)
    const referring = new Set(union.members.flatMap((member) => [...references.referring(member).keys()]))
    const attrs = [...referring].filter((attr) => asked.has(attr))
    const shown = await references.outward(entries, attrs, displays, ctx)
    const decide = matcher(filter, matchingOf)
    return entries.filter((_, i) => {
      const entry = shown[i]
      if (entry === undefined) return false
      const attributes = new Map(entry.attributes)
      const classes = attributes.get('objectClass')
      // What is asked of classes is answered by their superclasses too (RFC 4512 2.4).
      if (classes !== undefined) attributes.set('objectClass', schema.withSuperclasses(classes.map(String)))
      return decide({ ...entry, id: idOf(entry.view, entry.id), attributes }) === true
    })
  }

  /** Entries, by member, that others complete so that they may satisfy the filter; from that member on. */
  async #candidates(
    union: Union,
    first: number,
    filter: Filter,
    ctx: Context,
  ): Promise<readonly { readonly isAll: boolean; readonly keys: readonly EntryId[] }[]> {
    const { core, finder, references } = this.#parts
    const { members, sameness } = union
    const ofOthers = relaxed(filter, (attr) => isOwn(union, attr), 'other')
    const found = members.map(() => ({ isAll: false, keys: [] as EntryId[] }))
    if (ofOthers === FALSE) return found
    for (const [index, member] of members.entries()) {
      if (index <= first || ctx.missing?.has(member) === true) continue
      try {
        const view = { view: member, filter: await references.inward(ofOthers, member, ctx) }
        const entries: Entry[] = []
        const limit = MOST_CANDIDATES + 1
        const request = { ...view, attributes: sameness.attributes, limit, unordered: true as const }
        for await (const batch of core.search(request, ctx)) entries.push(...batch)
        if (entries.length > MOST_CANDIDATES) {
          for (const one of found.slice(first, index)) one.isAll = true
          continue
        }
        const heads = await finder.heads(union, index, entries, { attributes: new Set() }, ctx)
        for (const { index: at, entry } of [...heads.values()].flat())
          if (at < index) found[at]?.keys.push(entry.id)
      } catch (error) {
        if (!forgives(union, member, error, ctx)) throw error
      }
    }
    return found
  }
}

/** What is never completed: what the entry is called and what it is, and what it carries beside its attributes. */
function isOwn({ view }: Union, attr: string): boolean {
  return OWN.has(attr) || attr.startsWith('#') || namingAttributes(view).includes(attr)
}

/** The entry with what it has no value for taken from the others, the first that has one. */
export function completed(union: Union, entry: Entry, others: readonly Entry[]): Entry {
  if (others.length === 0) return entry
  const attributes = new Map<string, readonly Value[]>(entry.attributes)
  for (const other of others) {
    for (const [attr, values] of other.attributes) {
      if (!attributes.has(attr) && !isOwn(union, attr)) attributes.set(attr, values)
    }
  }
  const { version: _, ...rest } = entry
  const versions = [entry, ...others].map((one) => one.version)
  const isTold = versions.every((version) => version !== undefined)
  return { ...rest, attributes, ...(isTold && { version: JSON.stringify(versions) }) }
}

function anyOf(filter: Filter, ids: readonly EntryId[]): Filter {
  const all: Filter[] = [...new Set(ids)].map((id) => ({ op: 'key', id }))
  if (filter !== FALSE) all.unshift(filter)
  const [only] = all
  return only === undefined ? FALSE : all.length > 1 ? { op: 'or', of: all } : only
}
