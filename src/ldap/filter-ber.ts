/** The search filter on the wire (RFC 4511 4.5.1.7): reading within bounds, and writing. */
import type { BerReader } from './ber-reader.js'
import type { BerWriter } from './ber-writer.js'
import { MessageError } from './errors.js'
import {
  type AssertionFilter,
  DEEPEST_FILTER,
  DEFAULT_FILTER_LIMITS,
  type ExtensibleFilter,
  type FilterLimits,
  type LdapFilter,
  type SubstringsFilter,
} from './filter.js'
import { resultCode } from './result-code.js'
import { SEQUENCE } from './tags.js'

const AND = 0xa0
const OR = 0xa1
const NOT = 0xa2
const EQUALITY = 0xa3
const SUBSTRINGS = 0xa4
const GREATER_OR_EQUAL = 0xa5
const LESS_OR_EQUAL = 0xa6
const PRESENT = 0x87
const APPROX = 0xa8
const EXTENSIBLE = 0xa9

let nodesLeft = 0

/** Throws `BerError`, or `MessageError` with protocolError or, over the limits, adminLimitExceeded. */
export function readFilter(reader: BerReader, limits: FilterLimits = DEFAULT_FILTER_LIMITS): LdapFilter {
  nodesLeft = limits.maxFilterNodes
  return read(reader, Math.min(limits.maxFilterDepth, DEEPEST_FILTER))
}

function read(reader: BerReader, depthLeft: number): LdapFilter {
  if (depthLeft <= 0) throw new MessageError(resultCode.adminLimitExceeded, 'the filter is nested too deeply')
  if (--nodesLeft < 0) throw tooManyParts()
  const tag = reader.peek()
  switch (tag) {
    case AND:
      return { tag: 'and', filters: readSet(reader, tag, depthLeft) }
    case OR:
      return { tag: 'or', filters: readSet(reader, tag, depthLeft) }
    case NOT: {
      const outer = reader.enter(NOT)
      const filter = read(reader, depthLeft - 1)
      reader.leave(outer)
      return { tag: 'not', filter }
    }
    case EQUALITY:
      return readAssertion(reader, tag, 'equality')
    case GREATER_OR_EQUAL:
      return readAssertion(reader, tag, 'greaterOrEqual')
    case LESS_OR_EQUAL:
      return readAssertion(reader, tag, 'lessOrEqual')
    case APPROX:
      return readAssertion(reader, tag, 'approx')
    case SUBSTRINGS:
      return readSubstrings(reader)
    case PRESENT:
      return { tag: 'present', attribute: reader.string(PRESENT) }
    case EXTENSIBLE:
      return readExtensible(reader)
    case -1:
      throw new MessageError(resultCode.protocolError, 'a filter is missing')
    default:
      throw new MessageError(resultCode.protocolError, 'unknown kind of filter')
  }
}

function tooManyParts(): MessageError {
  return new MessageError(resultCode.adminLimitExceeded, 'the filter has too many parts')
}

function readSet(reader: BerReader, tag: number, depthLeft: number): readonly LdapFilter[] {
  const outer = reader.enter(tag)
  const filters: LdapFilter[] = []
  while (reader.offset < reader.end) filters.push(read(reader, depthLeft - 1))
  reader.leave(outer)
  return filters
}

function readAssertion(reader: BerReader, berTag: number, tag: AssertionFilter['tag']): AssertionFilter {
  const outer = reader.enter(berTag)
  const attribute = reader.string()
  const value = reader.octets()
  reader.leave(outer)
  return { tag, attribute, value }
}

function readSubstrings(reader: BerReader): SubstringsFilter {
  const outer = reader.enter(SUBSTRINGS)
  const attribute = reader.string()
  const pieces = reader.enter(SEQUENCE)
  const any: Buffer[] = []
  const filter: { -readonly [K in keyof SubstringsFilter]: SubstringsFilter[K] } = {
    tag: 'substrings',
    attribute,
    any,
  }
  if (reader.peek() === 0x80) filter.initial = reader.octets(0x80)
  while (reader.peek() === 0x81) {
    if (--nodesLeft < 0) throw tooManyParts()
    any.push(reader.octets(0x81))
  }
  if (reader.peek() === 0x82) filter.final = reader.octets(0x82)
  if (reader.offset < reader.end) {
    throw new MessageError(resultCode.protocolError, 'substrings are out of order')
  }
  reader.leave(pieces)
  reader.leave(outer)
  if (any.length === 0 && filter.initial === undefined && filter.final === undefined) {
    throw new MessageError(resultCode.protocolError, 'a substrings filter without a substring')
  }
  return filter
}

function readExtensible(reader: BerReader): ExtensibleFilter {
  const outer = reader.enter(EXTENSIBLE)
  const rule = reader.peek() === 0x81 ? reader.string(0x81) : undefined
  const attribute = reader.peek() === 0x82 ? reader.string(0x82) : undefined
  const value = reader.octets(0x83)
  const dnAttributes = reader.peek() === 0x84 && reader.boolean(0x84)
  reader.leave(outer)
  if (rule === undefined && attribute === undefined) {
    throw new MessageError(
      resultCode.protocolError,
      'an extensible match with neither attribute nor matching rule',
    )
  }
  return {
    tag: 'extensible',
    ...(rule === undefined ? undefined : { rule }),
    ...(attribute === undefined ? undefined : { attribute }),
    value,
    dnAttributes,
  }
}

const assertionTags = {
  equality: EQUALITY,
  greaterOrEqual: GREATER_OR_EQUAL,
  lessOrEqual: LESS_OR_EQUAL,
  approx: APPROX,
} as const

export function writeFilter(writer: BerWriter, filter: LdapFilter): void {
  switch (filter.tag) {
    case 'and':
    case 'or': {
      const start = writer.begin(filter.tag === 'and' ? AND : OR)
      for (const inner of filter.filters) writeFilter(writer, inner)
      writer.end(start)
      return
    }
    case 'not': {
      const start = writer.begin(NOT)
      writeFilter(writer, filter.filter)
      writer.end(start)
      return
    }
    case 'present':
      writer.string(filter.attribute, PRESENT)
      return
    case 'substrings': {
      const start = writer.begin(SUBSTRINGS)
      writer.string(filter.attribute)
      const pieces = writer.begin(SEQUENCE)
      if (filter.initial !== undefined) writer.octets(filter.initial, 0x80)
      for (const piece of filter.any) writer.octets(piece, 0x81)
      if (filter.final !== undefined) writer.octets(filter.final, 0x82)
      writer.end(pieces)
      writer.end(start)
      return
    }
    case 'extensible': {
      const start = writer.begin(EXTENSIBLE)
      if (filter.rule !== undefined) writer.string(filter.rule, 0x81)
      if (filter.attribute !== undefined) writer.string(filter.attribute, 0x82)
      writer.octets(filter.value, 0x83)
      if (filter.dnAttributes) writer.boolean(true, 0x84)
      writer.end(start)
      return
    }
    default: {
      const start = writer.begin(assertionTags[filter.tag])
      writer.string(filter.attribute)
      writer.octets(filter.value)
      writer.end(start)
    }
  }
}
