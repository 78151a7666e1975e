/** Reads whole LDAP messages and, of these, the requests; responses are `decode-response.ts`. */
import { BerReader } from './ber-reader.js'
import { readAttribute, readAttributes, readControls, tooMany } from './decode-parts.js'
import { readResponse } from './decode-response.js'
import { BerError, MessageError } from './errors.js'
import { DEFAULT_FILTER_LIMITS, type FilterLimits } from './filter.js'
import { readFilter } from './filter-ber.js'
import {
  aliasDereferencings,
  type BindRequest,
  type Change,
  type LdapMessage,
  type LdapRequest,
  modifyOperations,
  type RequestOp,
  searchScopes,
} from './message.js'
import { resultCode } from './result-code.js'
import * as tags from './tags.js'

/** Names of attributes that one search may ask for. */
const MOST_ASKED_FOR = 4096
/** Attributes and values that one request may bring. */
const MOST_BROUGHT = 200_000

/**
 * One LDAP message, which the octets hold whole. Throws `BerError` where its structure is broken or it is of no
 * known kind, and `MessageError`, with message id and operation filled in, where only a field is at fault.
 */
export function decodeMessage(octets: Buffer, limits: FilterLimits = DEFAULT_FILTER_LIMITS): LdapMessage {
  return readMessage(new BerReader(octets), limits)
}

/** The same from a reader whose bounds are those of the message. */
export function readMessage(reader: BerReader, limits: FilterLimits): LdapMessage {
  reader.enter(tags.SEQUENCE)
  const id = reader.integer()
  const tag = reader.peek()
  if (id <= 0 && !(id === 0 && tag === tags.EXTENDED_RESPONSE)) throw new BerError(`message id ${id}`)
  try {
    return readRequest(reader, id, tag, limits) ?? readResponse(reader, id, tag)
  } catch (error) {
    if (error instanceof MessageError) {
      error.messageId = id
      error.op = requestOps.get(tag)
    }
    throw error
  }
}

const requestOps = new Map<number, RequestOp>([
  [tags.BIND_REQUEST, 'bindRequest'],
  [tags.UNBIND_REQUEST, 'unbindRequest'],
  [tags.SEARCH_REQUEST, 'searchRequest'],
  [tags.MODIFY_REQUEST, 'modifyRequest'],
  [tags.ADD_REQUEST, 'addRequest'],
  [tags.DEL_REQUEST, 'delRequest'],
  [tags.MODIFY_DN_REQUEST, 'modifyDnRequest'],
  [tags.COMPARE_REQUEST, 'compareRequest'],
  [tags.ABANDON_REQUEST, 'abandonRequest'],
  [tags.EXTENDED_REQUEST, 'extendedRequest'],
])

function readRequest(
  reader: BerReader,
  messageId: number,
  tag: number,
  limits: FilterLimits,
): LdapRequest | undefined {
  switch (tag) {
    case tags.SEARCH_REQUEST:
      return readSearch(reader, messageId, limits)
    case tags.BIND_REQUEST:
      return readBind(reader, messageId)
    case tags.UNBIND_REQUEST:
      reader.skip()
      return { op: 'unbindRequest', messageId, controls: readControls(reader) }
    case tags.MODIFY_REQUEST: {
      const outer = reader.enter(tag)
      const object = reader.string()
      const changes = readChanges(reader)
      reader.leave(outer)
      return { op: 'modifyRequest', messageId, object, changes, controls: readControls(reader) }
    }
    case tags.ADD_REQUEST: {
      const outer = reader.enter(tag)
      const entry = reader.string()
      const attributes = readAttributes(reader, MOST_BROUGHT)
      reader.leave(outer)
      return { op: 'addRequest', messageId, entry, attributes, controls: readControls(reader) }
    }
    case tags.DEL_REQUEST: {
      const entry = reader.string(tag)
      return { op: 'delRequest', messageId, entry, controls: readControls(reader) }
    }
    case tags.MODIFY_DN_REQUEST: {
      const outer = reader.enter(tag)
      const entry = reader.string()
      const newRdn = reader.string()
      const deleteOldRdn = reader.boolean()
      const superior = reader.peek() === 0x80 ? { newSuperior: reader.string(0x80) } : undefined
      reader.leave(outer)
      const controls = readControls(reader)
      return { op: 'modifyDnRequest', messageId, entry, newRdn, deleteOldRdn, ...superior, controls }
    }
    case tags.COMPARE_REQUEST: {
      const outer = reader.enter(tag)
      const entry = reader.string()
      const assertion = reader.enter(tags.SEQUENCE)
      const attribute = reader.string()
      const value = reader.octets()
      reader.leave(assertion)
      reader.leave(outer)
      return { op: 'compareRequest', messageId, entry, attribute, value, controls: readControls(reader) }
    }
    case tags.ABANDON_REQUEST: {
      const target = reader.integer(tag)
      return { op: 'abandonRequest', messageId, target, controls: readControls(reader) }
    }
    case tags.EXTENDED_REQUEST: {
      const outer = reader.enter(tag)
      const name = reader.string(0x80)
      const value = reader.peek() === 0x81 ? { value: reader.octets(0x81) } : undefined
      reader.leave(outer)
      return { op: 'extendedRequest', messageId, name, ...value, controls: readControls(reader) }
    }
    default:
      return undefined
  }
}

function readSearch(reader: BerReader, messageId: number, limits: FilterLimits): LdapRequest {
  const outer = reader.enter(tags.SEARCH_REQUEST)
  const base = reader.string()
  const scope = searchScopes[reader.integer(tags.ENUMERATED)]
  const derefAliases = aliasDereferencings[reader.integer(tags.ENUMERATED)]
  const sizeLimit = reader.integer()
  const timeLimit = reader.integer()
  const typesOnly = reader.boolean()
  const filter = readFilter(reader, limits)
  const list = reader.enter(tags.SEQUENCE)
  const attributes: string[] = []
  while (reader.offset < reader.end) {
    if (attributes.length >= MOST_ASKED_FOR) throw tooMany('attributes')
    attributes.push(reader.string())
  }
  reader.leave(list)
  reader.leave(outer)
  const controls = readControls(reader)
  if (scope === undefined) throw new MessageError(resultCode.protocolError, 'unknown search scope')
  if (derefAliases === undefined)
    throw new MessageError(resultCode.protocolError, 'unknown alias dereferencing')
  if (sizeLimit < 0 || timeLimit < 0) throw new MessageError(resultCode.protocolError, 'negative limit')
  return {
    op: 'searchRequest',
    messageId,
    base,
    scope,
    derefAliases,
    sizeLimit,
    timeLimit,
    typesOnly,
    filter,
    attributes,
    controls,
  }
}

function readBind(reader: BerReader, messageId: number): BindRequest {
  const outer = reader.enter(tags.BIND_REQUEST)
  const version = reader.integer()
  const name = reader.string()
  const authentication = readAuthentication(reader)
  reader.leave(outer)
  return { op: 'bindRequest', messageId, version, name, authentication, controls: readControls(reader) }
}

function readAuthentication(reader: BerReader): BindRequest['authentication'] {
  switch (reader.peek()) {
    case 0x80:
      return { mechanism: 'simple', password: reader.octets(0x80) }
    case 0xa3: {
      const outer = reader.enter(0xa3)
      const sasl = reader.string()
      const credentials = reader.peek() === tags.OCTET_STRING ? { credentials: reader.octets() } : undefined
      reader.leave(outer)
      return { mechanism: 'sasl', sasl, ...credentials }
    }
    case -1:
      throw new BerError('authentication is missing')
    default:
      throw new MessageError(resultCode.authMethodNotSupported, 'unknown authentication choice')
  }
}

function readChanges(reader: BerReader): Change[] {
  const list = reader.enter(tags.SEQUENCE)
  const changes: Change[] = []
  let left = MOST_BROUGHT
  while (reader.offset < reader.end) {
    const outer = reader.enter(tags.SEQUENCE)
    const operation = modifyOperations[reader.integer(tags.ENUMERATED)]
    if (operation === undefined) throw new MessageError(resultCode.protocolError, 'unknown modify operation')
    const attribute = readAttribute(reader, left)
    left -= attribute.values.length + 1
    changes.push({ operation, attribute })
    reader.leave(outer)
  }
  reader.leave(list)
  return changes
}
