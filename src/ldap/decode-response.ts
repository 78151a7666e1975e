/** Reads the operations that a server sends (RFC 4511 section 4); whole messages are `decode.ts`. */
import type { BerReader } from './ber-reader.js'
import { readAttributes, readControls } from './decode-parts.js'
import { BerError } from './errors.js'
import type { ExtendedResponse, LdapResponse } from './message.js'
import * as tags from './tags.js'

interface Result {
  readonly code: number
  readonly matchedDN: string
  readonly message: string
  readonly referrals?: readonly string[]
}

export function readResponse(reader: BerReader, messageId: number, tag: number): LdapResponse {
  switch (tag) {
    case tags.SEARCH_RESULT_ENTRY: {
      const outer = reader.enter(tag)
      const dn = reader.string()
      const attributes = readAttributes(reader)
      reader.leave(outer)
      return { op: 'searchResultEntry', messageId, dn, attributes, controls: readControls(reader) }
    }
    case tags.SEARCH_RESULT_REFERENCE: {
      const uris = readUris(reader, tag)
      return { op: 'searchResultReference', messageId, uris, controls: readControls(reader) }
    }
    case tags.SEARCH_RESULT_DONE:
      return readPlain(reader, messageId, tag, 'searchResultDone')
    case tags.MODIFY_RESPONSE:
      return readPlain(reader, messageId, tag, 'modifyResponse')
    case tags.ADD_RESPONSE:
      return readPlain(reader, messageId, tag, 'addResponse')
    case tags.DEL_RESPONSE:
      return readPlain(reader, messageId, tag, 'delResponse')
    case tags.MODIFY_DN_RESPONSE:
      return readPlain(reader, messageId, tag, 'modifyDnResponse')
    case tags.COMPARE_RESPONSE:
      return readPlain(reader, messageId, tag, 'compareResponse')
    case tags.BIND_RESPONSE: {
      const outer = reader.enter(tag)
      const result = readResult(reader)
      const creds = reader.peek() === 0x87 ? { serverSaslCreds: reader.octets(0x87) } : undefined
      reader.leave(outer)
      return { op: 'bindResponse', messageId, ...result, ...creds, controls: readControls(reader) }
    }
    case tags.EXTENDED_RESPONSE:
      return readExtended(reader, messageId)
    case tags.INTERMEDIATE_RESPONSE: {
      const outer = reader.enter(tag)
      const name = reader.peek() === 0x80 ? { name: reader.string(0x80) } : undefined
      const value = reader.peek() === 0x81 ? { value: reader.octets(0x81) } : undefined
      reader.leave(outer)
      return { op: 'intermediateResponse', messageId, ...name, ...value, controls: readControls(reader) }
    }
    default:
      throw new BerError(tag < 0 ? 'an operation is missing' : 'unknown operation')
  }
}

type PlainOp = Exclude<
  LdapResponse['op'],
  'searchResultEntry' | 'searchResultReference' | 'bindResponse' | 'extendedResponse' | 'intermediateResponse'
>

function readPlain(reader: BerReader, messageId: number, tag: number, op: PlainOp): LdapResponse {
  const outer = reader.enter(tag)
  const result = readResult(reader)
  reader.leave(outer)
  return { op, messageId, ...result, controls: readControls(reader) }
}

function readExtended(reader: BerReader, messageId: number): ExtendedResponse {
  const outer = reader.enter(tags.EXTENDED_RESPONSE)
  const result = readResult(reader)
  const name = reader.peek() === 0x8a ? { name: reader.string(0x8a) } : undefined
  const value = reader.peek() === 0x8b ? { value: reader.octets(0x8b) } : undefined
  reader.leave(outer)
  return { op: 'extendedResponse', messageId, ...result, ...name, ...value, controls: readControls(reader) }
}

function readResult(reader: BerReader): Result {
  const code = reader.integer(tags.ENUMERATED)
  const matchedDN = reader.string()
  const message = reader.string()
  if (reader.peek() !== 0xa3) return { code, matchedDN, message }
  const referrals = readUris(reader, 0xa3)
  // There is at least one in a referral (RFC 4511 4.1.10).
  return referrals.length === 0 ? { code, matchedDN, message } : { code, matchedDN, message, referrals }
}

function readUris(reader: BerReader, tag: number): string[] {
  const outer = reader.enter(tag)
  const uris: string[] = []
  while (reader.offset < reader.end) uris.push(reader.string())
  reader.leave(outer)
  return uris
}
