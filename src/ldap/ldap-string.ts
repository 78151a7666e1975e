/**
 * LDAPString (RFC 4511 4.1.2): UTF-8 octets as text. Names that come again and again are looked up by their
 * octets in a small table instead of being made anew.
 */
import { isUtf8 } from 'node:buffer'
import { MessageError } from './errors.js'
import { resultCode } from './result-code.js'

const SLOTS = 2048
const LONGEST = 64
/** Of any string, whatever its representation: as a method of each, it would be looked up for every character. */
const { charCodeAt } = String.prototype
const known: string[] = new Array<string>(SLOTS).fill('')

/** The text in `[start, end)`. Throws `MessageError` protocolError where it is not UTF-8. */
export function ldapString(buffer: Buffer, start: number, end: number): string {
  const length = end - start
  if (length > LONGEST) return decode(buffer, start, end)
  if (length === 0) return ''
  let hash = length
  for (let i = start; i < end; i++) {
    const byte = buffer[i] as number
    if (byte > 0x7f) return decode(buffer, start, end)
    hash = (Math.imul(hash, 31) + byte) | 0
  }
  const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1)
  const candidate = known[slot] as string
  if (candidate.length === length && holds(candidate, buffer, start)) return candidate
  const text = buffer.toString('latin1', start, end)
  known[slot] = text
  return text
}

function holds(text: string, buffer: Buffer, start: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if (charCodeAt.call(text, i) !== buffer[start + i]) return false
  }
  return true
}

function decode(buffer: Buffer, start: number, end: number): string {
  if (!isUtf8(buffer.subarray(start, end))) {
    throw new MessageError(resultCode.protocolError, 'a string is not UTF-8')
  }
  return buffer.toString('utf8', start, end)
}
