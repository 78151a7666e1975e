/**
 * Whom a certificate is about, as a DN: read from its octets (RFC 5280 4.1), for the text that `node:crypto` makes of it
 * cannot be told apart where a value holds what separates values.
 */
import { isUtf8 } from 'node:buffer'
import type { X509Certificate } from 'node:crypto'
import { BerReader } from './ber-reader.js'
import type { AttributeTypeAndValue, Rdn } from './dn.js'
import { SEQUENCE, SET } from './tags.js'

const OID = 0x06
const UTF8_STRING = 0x0c
const T61_STRING = 0x14
const UNIVERSAL_STRING = 0x1c
const BMP_STRING = 0x1e
/** Tags of the strings whose octets are ASCII: numeric, printable, IA5, visible. */
const ASCII_STRINGS: ReadonlySet<number> = new Set([0x12, 0x13, 0x16, 0x1a])

/** Short names (RFC 4514 section 3, RFC 4519, RFC 2985) of the types that certificates use. */
const typeNames: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.4', 'SN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'STREET'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.12', 'title'],
  ['2.5.4.42', 'givenName'],
  ['2.5.4.46', 'dnQualifier'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['1.2.840.113549.1.9.1', 'emailAddress'],
])

/**
 * Leaf first. Types without a short name are OIDs.
 * @throws BerError where it is not encoded as certificates are
 */
export function certificateSubject({ raw }: Pick<X509Certificate, 'raw'>): Rdn[] {
  const reader = new BerReader(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength))
  reader.enter(SEQUENCE)
  reader.enter(SEQUENCE)
  if (reader.peek() === 0xa0) reader.skip()
  // Serial number, signature, issuer, validity.
  for (let i = 0; i < 4; i++) reader.skip()
  const outer = reader.enter(SEQUENCE)
  const rdns: Rdn[] = []
  while (reader.offset < reader.end) rdns.push(readRdn(reader))
  reader.leave(outer)
  return rdns.reverse()
}

function readRdn(reader: BerReader): Rdn {
  const outer = reader.enter(SET)
  const rdn: AttributeTypeAndValue[] = []
  while (reader.offset < reader.end) {
    const behind = reader.enter(SEQUENCE)
    const oid = oidText(reader.octets(OID))
    const tag = reader.peek()
    rdn.push({ type: typeNames.get(oid) ?? oid, value: textOf(reader.octets(tag), tag) })
    reader.leave(behind)
  }
  reader.leave(outer)
  return rdn
}

function oidText(octets: Buffer): string {
  const arcs: bigint[] = []
  let arc = 0n
  for (const octet of octets) {
    arc = (arc << 7n) | BigInt(octet & 0x7f)
    if (octet > 0x7f) continue
    arcs.push(arc)
    arc = 0n
  }
  const [first = 0n, ...more] = arcs
  const root = first < 80n ? first / 40n : 2n
  return [root, first - root * 40n, ...more].join('.')
}

/** What is no text, or not in its own character set, stays octets. */
function textOf(octets: Buffer, tag: number): string | Buffer {
  if (tag === UTF8_STRING || ASCII_STRINGS.has(tag)) return isUtf8(octets) ? octets.toString() : octets
  if (tag === T61_STRING) return octets.toString('latin1')
  if (tag === BMP_STRING && octets.length % 2 === 0) return Buffer.from(octets).swap16().toString('utf16le')
  if (tag === UNIVERSAL_STRING && octets.length % 4 === 0) return universal(octets)
  return octets
}

function universal(octets: Buffer): string | Buffer {
  let text = ''
  for (let at = 0; at < octets.length; at += 4) {
    const point = octets.readUInt32BE(at)
    if (point > 0x10ffff) return octets
    text += String.fromCodePoint(point)
  }
  return text
}
