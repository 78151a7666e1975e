/** Matched values (RFC 3876): which values of the attributes asked for are wanted. */
import { BerWriter } from '../ber-writer.js'
import { BerError } from '../errors.js'
import type { LdapFilter } from '../filter.js'
import { readFilter, writeFilter } from '../filter-ber.js'
import type { Control } from '../message.js'
import { SEQUENCE } from '../tags.js'
import { readValue } from './value.js'

export const valuesFilterType = '1.2.826.0.1.3344810.2.3'

/** One test of a value: no conjunction, disjunction or negation. */
export type ValueFilter = Exclude<LdapFilter, { tag: 'and' | 'or' | 'not' }>

/** A value is wanted that passes one of the tests. */
export function valuesFilterControl(filters: readonly ValueFilter[], critical = false): Control {
  const writer = new BerWriter(Buffer.allocUnsafeSlow(256))
  const start = writer.begin(SEQUENCE)
  for (const filter of filters) writeFilter(writer, filter)
  writer.end(start)
  return { type: valuesFilterType, critical, value: writer.bytes() }
}

/** @throws MessageError protocolError */
export function parseValuesFilter(control: Control): readonly ValueFilter[] {
  return readValue(control, (reader) => {
    reader.enter(SEQUENCE)
    const filters: ValueFilter[] = []
    while (reader.offset < reader.end) {
      if (filters.length >= MOST) throw new BerError('too many tests')
      const filter = readFilter(reader)
      if (!isOfValue(filter)) throw new BerError(`${filter.tag} is no test of a value`)
      filters.push(filter)
    }
    if (filters.length === 0) throw new BerError('no test')
    return filters
  })
}

const MOST = 1000

function isOfValue(filter: LdapFilter): filter is ValueFilter {
  return filter.tag !== 'and' && filter.tag !== 'or' && filter.tag !== 'not'
}
