/** Reads entries of places: those that a filter finds, and those of given names. */
import type { LdapFilter } from '../../ldap/filter.js'
import type { Control } from '../../ldap/message.js'
import type { Condition } from '../source.js'
import { allOf, assertionOf, conditionOf, EVERY } from './assertion.js'
import type { Channel } from './channel.js'
import type { LdapColumn } from './columns.js'
import { Found } from './entries.js'
import { isWithin } from './location.js'
import { read } from './reader.js'
import type { LdapTable } from './tables.js'

/** So many are each asked for by their name; of more, so many together. */
const EACH_ALONE = 4
const TOGETHER = 50
/** Such searches at a time. */
const AT_ONCE = 4

/** The entries that one question is about. */
export interface Place {
  readonly table: LdapTable
  readonly where: readonly Condition[]
}

export interface Asked {
  readonly place: Place
  readonly filter: LdapFilter
  readonly attributes: readonly string[]
  /** Absent where nobody can end it. */
  readonly signal?: AbortSignal
  /** About so many are expected. */
  readonly expected?: number
  readonly controls?: readonly Control[]
}

export class Reading {
  readonly #channel: Channel

  constructor(channel: Channel) {
    this.#channel = channel
  }

  /** In the order in which the server has them. @throws VitrineError */
  async *entries({
    place,
    filter,
    attributes,
    signal,
    expected,
    controls,
  }: Asked): AsyncGenerator<readonly Found[], void> {
    const { location, columns } = place.table
    const request = {
      base: location.base,
      scope: location.scope,
      filter: wholeFilter(place, filter),
      attributes: attributes.length === 0 ? NO_ATTRIBUTES : attributes,
      ...(expected !== undefined && { expected }),
      ...(controls !== undefined && { controls }),
    }
    const { names } = columns.dialect
    for await (const entries of read(this.#channel, request, signal)) {
      yield entries.map((entry) => new Found(entry, names))
    }
  }

  /** Those of these (canonical) names that are there and that the filter finds, by name. @throws VitrineError */
  async named(wanted: readonly string[], asked: Asked): Promise<ReadonlyMap<string, Found>> {
    const { location, columns } = asked.place.table
    const within = wanted.filter((name) => isWithin(name, location))
    const found = new Map<string, Found>()
    const { nameAttribute } = columns.dialect
    const searches =
      nameAttribute === undefined || within.length <= EACH_ALONE
        ? within.map((name) => () => this.#oneNamed(name, asked, found))
        : chunks(within, TOGETHER).map((names) => () => this.#someNamed(names, nameAttribute, asked, found))
    let next = 0
    const take = async () => {
      for (let search = searches[next++]; search !== undefined; search = searches[next++]) await search()
    }
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, searches.length) }, take))
    return found
  }

  async #oneNamed(name: string, { place, filter, attributes, signal }: Asked, found: Map<string, Found>) {
    const request = {
      base: name,
      scope: 'baseObject',
      filter: wholeFilter(place, filter),
      attributes: attributes.length === 0 ? NO_ATTRIBUTES : attributes,
      missingBaseIsEmpty: true,
    } as const
    const { names } = place.table.columns.dialect
    for await (const entries of read(this.#channel, request, signal))
      for (const entry of entries) found.set(name, new Found(entry, names))
  }

  async #someNamed(some: readonly string[], naming: LdapColumn, asked: Asked, found: Map<string, Found>) {
    const filter = allOf([assertionOf(naming, { test: 'oneOf', values: some }), asked.filter])
    for await (const entries of this.entries({ ...asked, filter, expected: some.length }))
      for (const entry of entries) found.set(entry.name, entry)
  }
}

function chunks<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))
}

/** Asks for no attribute at all (RFC 4511 4.5.1.8). */
const NO_ATTRIBUTES: readonly string[] = ['1.1']

function wholeFilter({ table, where }: Place, filter: LdapFilter): LdapFilter {
  return allOf([table.location.filter ?? EVERY, ...where.map(conditionOf), filter])
}

/** What has to be asked for to read these columns. */
export function attributesOf(columns: Iterable<LdapColumn>): readonly string[] {
  return [...new Set([...columns].flatMap((column) => (column.isName ? [] : [column.attribute])))]
}
