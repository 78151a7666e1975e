/** Reads entries of places: those that a filter finds, and those of given names. */
import type { LdapFilter } from '../../ldap/filter.js'
import type { Control } from '../../ldap/message.js'
import type { Condition } from '../source.js'
import { allOf, conditionOf, EVERY } from './assertion.js'
import type { Channel } from './channel.js'
import type { LdapColumn } from './columns.js'
import { Found } from './entries.js'
import { isWithin } from './location.js'
import { read } from './reader.js'
import type { LdapTable } from './tables.js'

/** Entries asked for by name at a time. */
const AT_ONCE = 64

/** The entries that one question is about. */
export interface Place {
  readonly table: LdapTable
  readonly where: readonly Condition[]
}

export interface Asked {
  readonly place: Place
  readonly filter: LdapFilter
  readonly attributes: readonly string[]
  readonly signal: AbortSignal
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
    const { place, filter, attributes, signal } = asked
    const { location, columns } = place.table
    const { names } = columns.dialect
    const whole = wholeFilter(place, filter)
    const found = new Map<string, Found>()
    const within = wanted.filter((name) => isWithin(name, location))
    let next = 0
    const take = async () => {
      for (let name = within[next++]; name !== undefined; name = within[next++]) {
        const request = {
          base: name,
          scope: 'baseObject',
          filter: whole,
          attributes: attributes.length === 0 ? NO_ATTRIBUTES : attributes,
          missingBaseIsEmpty: true,
        } as const
        for await (const entries of read(this.#channel, request, signal)) {
          for (const entry of entries) found.set(name, new Found(entry, names))
        }
      }
    }
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, within.length) }, take))
    return found
  }
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
