/**
 * Finds the entries of other members that are the same as given ones: many with one question to each member and by each
 * criterion, never one by one.
 */
import type { Entry } from '../../model/entry.js'
import type { Context, SearchRequest } from '../../model/request.js'
import type { EntryId } from '../../model/value.js'
import type { Directory } from '../directory.js'
import { forgives, type Union } from './union.js'

/** Equalities in one question at most, where they cannot be put together to lists. */
const MOST_ASSERTIONS = 100

/** Entries and those that are the same. */
export type Twins = ReadonlyMap<Entry, readonly Entry[]>

/** What of an entry is wanted besides what makes it the same as others. */
export type Wanted = Pick<SearchRequest, 'attributes' | 'displays'>

export const NOTHING: Wanted = { attributes: new Set<string>() }

/** An entry of a member that is not the same as one of a member with precedence. */
export interface Head {
  readonly index: number
  readonly entry: Entry
}

export class TwinFinder {
  readonly #core: Pick<Directory, 'search'>

  constructor(core: Pick<Directory, 'search'>) {
    this.#core = core
  }

  /** The entries of a member that are the same as these of others. */
  async in(
    union: Union,
    index: number,
    entries: readonly Entry[],
    wanted: Wanted,
    ctx: Context,
  ): Promise<Twins> {
    const twins = new Map<Entry, Entry[]>()
    const member = union.members[index]
    if (member === undefined || ctx.missing?.has(member) === true) return twins
    try {
      const longest = Math.max(1, ...union.sameness.criteria.map((criterion) => criterion.length))
      const atOnce = Math.ceil(MOST_ASSERTIONS / longest)
      for (let at = 0; at < entries.length; at += atOnce) {
        await this.#find(union, member, entries.slice(at, at + atOnce), wanted, twins, ctx)
      }
    } catch (error) {
      if (!forgives(union, member, error, ctx)) throw error
    }
    return twins
  }

  async #find(
    { sameness }: Union,
    view: string,
    entries: readonly Entry[],
    { attributes, displays }: Wanted,
    twins: Map<Entry, Entry[]>,
    ctx: Context,
  ): Promise<void> {
    const byKey = new Map<string, Entry[]>()
    for (const entry of entries) {
      for (const key of sameness.keysOf(entry)) byKey.set(key, [...(byKey.get(key) ?? []), entry])
    }
    const request = {
      view,
      attributes: attributes === 'all' ? ('all' as const) : new Set([...attributes, ...sameness.attributes]),
      displays: displays === true,
    }
    const all = sameness.filtersOf(entries).map(async ([criterion, filter]) => {
      const found: Entry[] = []
      for await (const batch of this.#core.search({ ...request, filter }, ctx)) found.push(...batch)
      return { criterion, found }
    })
    // What is the same by several criteria is found by each, and counts by the first.
    const byId = new Map<EntryId, Entry>()
    for (const { criterion, found } of await Promise.all(all)) {
      for (const each of found) {
        const one = byId.get(each.id) ?? each
        byId.set(one.id, one)
        for (const entry of sameness.keysOf(one, criterion).flatMap((key) => byKey.get(key) ?? [])) {
          const known = twins.get(entry) ?? []
          if (!known.includes(one)) twins.set(entry, [...known, one])
        }
      }
    }
  }

  /** Those that members with precedence have too. */
  async preceded(
    union: Union,
    index: number,
    entries: readonly Entry[],
    ctx: Context,
  ): Promise<ReadonlySet<Entry>> {
    const found = await Promise.all(indicesBefore(index).map((i) => this.in(union, i, entries, NOTHING, ctx)))
    return new Set(found.flatMap((twins) => [...twins.keys()]))
  }

  /**
   * The same entries of the members behind, each in the order of the members; also those that are the same only as one
   * of these is.
   */
  async behind(
    union: Union,
    index: number,
    entries: readonly Entry[],
    wanted: Wanted,
    ctx: Context,
  ): Promise<Twins> {
    const groups = new Map<Entry, Entry[]>(entries.map((entry) => [entry, []]))
    for (let i = index + 1; i < union.members.length; i++) {
      const all = [...groups].flatMap(([entry, twins]) => [entry, ...twins])
      const twins = await this.in(union, i, all, wanted, ctx)
      if (twins.size === 0) continue
      for (const [entry, group] of groups) {
        const found = [entry, ...group].flatMap((one) => twins.get(one) ?? [])
        group.push(...new Map(found.map((one) => [one.id, one])).values())
      }
    }
    return groups
  }

  /** Under which entries each of a member is shown: itself, unless members with precedence have it too. */
  async heads(
    union: Union,
    index: number,
    entries: readonly Entry[],
    wanted: Wanted,
    ctx: Context,
  ): Promise<ReadonlyMap<Entry, readonly Head[]>> {
    const before = indicesBefore(index)
    const found = await Promise.all(before.map((i) => this.in(union, i, entries, wanted, ctx)))
    const heads = new Map<Entry, Map<string, Head>>(
      entries.map((entry) => [
        entry,
        found.some((twins) => twins.has(entry)) ? new Map() : new Map([['', { index, entry }]]),
      ]),
    )
    for (const [i, twins] of found.entries()) {
      const all = [...twins.values()].flat()
      if (all.length === 0) continue
      const above = await this.heads(
        union,
        i,
        [...new Map(all.map((one) => [one.id, one])).values()],
        wanted,
        ctx,
      )
      const byId = new Map([...above].map(([one, of]) => [one.id, of]))
      for (const [entry, same] of twins) {
        for (const head of same.flatMap((one) => byId.get(one.id) ?? []))
          heads.get(entry)?.set(`${head.index} ${head.entry.id}`, head)
      }
    }
    return new Map([...heads].map(([entry, of]) => [entry, [...of.values()]]))
  }
}

const indicesBefore = (index: number) => Array.from({ length: index }, (_, i) => i)
