/**
 * LDAPString (RFC 4511 4.1.2): UTF-8 octets as text. Names that come again and again are looked up by their
 * octets in a small table instead of being made anew.
 */
import { isUtf8 } from 'node:buffer'
import { MessageError } from './errors.js'
import { resultCode } from './result-code.js'

const SLOTS = 2048
/** Of what is longer, looking at each octet takes as long as making it anew. */
const LONGEST = 32
const known: string[] = new Array<string>(SLOTS).fill('')
/** Their octets, `LONGEST` for each: octets are compared sooner than characters of strings. */
const octets = new Uint8Array(SLOTS * LONGEST)

/** The text in `[start, end)`. Throws `MessageError` protocolError where it is not UTF-8. */
export function ldapString(buffer: Buffer, start: number, end: number): string {
  const length = end - start
  if (length > LONGEST) return decode(buffer, start, end)
  if (length === 0) return ''
  const slot = slotOf(buffer, start, end)
  const at = slot * LONGEST
  const candidate = known[slot] as string
  if (candidate.length === length && holds(at, buffer, start, length)) return candidate
  for (let i = start; i < end; i++) if ((buffer[i] as number) > 0x7f) return decode(buffer, start, end)
  const text = buffer.toString('latin1', start, end)
  known[slot] = text
  for (let i = 0; i < length; i++) octets[at + i] = buffer[start + i] as number
  return text
}

/** By some of its octets: to look at all of them twice would take longer than a name being made anew now and then. */
function slotOf(buffer: Buffer, start: number, end: number): number {
  const first = buffer[start] as number
  const middle = buffer[(start + end) >> 1] as number
  const last = buffer[end - 1] as number
  const beforeLast = buffer[Math.max(start, end - 2)] as number
  const mixed = ((first * 31 + middle) * 31 + beforeLast) * 31 + last + (end - start) * 7919
  return (mixed ^ (mixed >>> 11)) & (SLOTS - 1)
}

function holds(at: number, buffer: Buffer, start: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (octets[at + i] !== buffer[start + i]) return false
  return true
}

function decode(buffer: Buffer, start: number, end: number): string {
  const text = buffer.toString('utf8', start, end)
  // It stands for octets that are not UTF-8, and for itself.
  if (text.includes('\ufffd') && !isUtf8(buffer.subarray(start, end))) {
    throw new MessageError(resultCode.protocolError, 'a string is not UTF-8')
  }
  return text
}
