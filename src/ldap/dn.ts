/**
 * The string form of distinguished names (RFC 4514), read in every spelling of it and of its predecessor
 * RFC 2253. When two names are equal depends on the schema and is left to whoever knows it.
 */
import { isUtf8 } from 'node:buffer'
import { BerReader } from './ber-reader.js'
import { BerError, DnError } from './errors.js'

/** `value` is text, or octets where they are not UTF-8. */
export interface AttributeTypeAndValue {
  /** As it was spelled; a prefix `OID.` is dropped. */
  readonly type: string
  readonly value: string | Buffer
}

/** One or, where it is multi-valued, more attributes. */
export type Rdn = readonly AttributeTypeAndValue[]

const typePattern = /^(?:[A-Za-z][\w-]*|\d+(?:\.\d+)*)$/
const hexPair = /^[\da-fA-F]{2}$/
const special = ' "#+,;<=>\\'
/** Universal tags of the strings whose octets are their text. */
const stringTags: ReadonlySet<number> = new Set([0x04, 0x0c, 0x12, 0x13, 0x16, 0x1a])

/** Leaf first; the empty string (root) has no RDN. Throws `DnError`. */
export function parseDn(text: string): Rdn[] {
  return new DnParser(text).dn()
}

/** One RDN alone, e.g. `newRdn` of a ModifyDN request. Throws `DnError`. */
export function parseRdn(text: string): Rdn {
  const [rdn, ...more] = parseDn(text)
  if (rdn === undefined || more.length > 0) throw new DnError('exactly one RDN expected', 0)
  return rdn
}

export function formatDn(rdns: readonly Rdn[]): string {
  let text = ''
  for (const rdn of rdns) text += text === '' ? formatRdn(rdn) : `,${formatRdn(rdn)}`
  return text
}

export function formatRdn(rdn: Rdn): string {
  let text = ''
  for (const { type, value } of rdn) text += `${text === '' ? '' : '+'}${type}=${escapeRdnValue(value)}`
  return text
}

/** A value as a DN holds it (RFC 4514 2.4); octets that are not UTF-8 become `#04…`. */
export function escapeRdnValue(value: string | Uint8Array): string {
  if (typeof value !== 'string') {
    const octets = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    if (isUtf8(octets)) return escapeRdnValue(octets.toString())
    return `#04${lengthOctets(octets.length)}${octets.toString('hex')}`
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  if (!/^[ #]| $|["+,;<>\\\x00-\x1f\x7f]/.test(value)) return value
  return value.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
    /^[ #]| $|["+,;<>\\\x00-\x1f\x7f]/g,
    (c) => (c < ' ' || c === '\x7f' ? `\\${c.charCodeAt(0).toString(16).padStart(2, '0')}` : `\\${c}`),
  )
}

function lengthOctets(length: number): string {
  const hex = length.toString(16)
  const even = hex.length % 2 === 0 ? hex : `0${hex}`
  return length < 0x80 ? even : `${(0x80 | (even.length / 2)).toString(16)}${even}`
}

function textOf(octets: Buffer): string | Buffer {
  return isUtf8(octets) ? octets.toString() : octets
}

class DnParser {
  private readonly text: string
  private at = 0

  constructor(text: string) {
    this.text = text
  }

  dn(): Rdn[] {
    const rdns: Rdn[] = []
    this.skipSpace()
    if (this.at === this.text.length) return rdns
    let rdn: AttributeTypeAndValue[] = []
    for (;;) {
      const type = this.type()
      rdn.push({ type, value: this.value() })
      const separator = this.text[this.at]
      if (separator === '+') {
        this.at++
        continue
      }
      rdns.push(rdn)
      if (separator === undefined) return rdns
      if (separator !== ',' && separator !== ';') throw this.error('separator expected')
      this.at++
      rdn = []
    }
  }

  private type(): string {
    const { text } = this
    this.skipSpace()
    const start = this.at
    const equals = text.indexOf('=', start)
    if (equals < 0) throw this.error('"=" is missing')
    let end = equals
    while (end > start && text[end - 1] === ' ') end--
    let type = text.slice(start, end)
    if (type.length > 4 && type.slice(0, 4).toLowerCase() === 'oid.') type = type.slice(4)
    if (!typePattern.test(type)) throw this.error('attribute type expected')
    this.at = equals + 1
    this.skipSpace()
    return type
  }

  /** Leaves `at` behind the value and the spaces after it. */
  private value(): string | Buffer {
    const first = this.text[this.at]
    if (first === '#') return this.hexValue()
    if (first === '"') return this.quotedValue()
    const { text } = this
    const start = this.at
    let end = start
    for (; this.at < text.length; this.at++) {
      const c = text[this.at] as string
      if (c === ',' || c === '+' || c === ';') break
      if (c === '\\') return this.escapedValue(start, undefined)
      if (c === '"' || c === '<' || c === '>' || c === '\0') throw this.error('unescaped character')
      if (c !== ' ') end = this.at + 1
    }
    return text.slice(start, end)
  }

  private quotedValue(): string | Buffer {
    this.at++
    const value = this.escapedValue(this.at, '"')
    this.at++
    this.skipSpace()
    return value
  }

  /** From `start` up to a separator, or up to the quote that closes it. */
  private escapedValue(start: number, quote: '"' | undefined): string | Buffer {
    const { text } = this
    const pieces: Buffer[] = []
    let value = ''
    let kept = 0
    this.at = start
    for (;;) {
      const c = text[this.at]
      if (c === undefined && quote !== undefined) throw this.error('closing quote is missing')
      if (c === quote) break
      if (c === '\\') {
        const octets = this.escape()
        if (octets.length === 1 && (octets[0] as number) < 0x80) {
          value += octets.toString('latin1')
        } else if (isUtf8(octets)) {
          value += octets.toString()
        } else {
          pieces.push(Buffer.from(value), octets)
          value = ''
        }
        kept = value.length
        continue
      }
      if (quote === undefined) {
        if (c === undefined || c === ',' || c === '+' || c === ';') break
        if (c === '"' || c === '<' || c === '>') throw this.error('unescaped character')
      }
      if (c === '\0') throw this.error('unescaped character')
      value += c
      if (c !== ' ' || quote !== undefined) kept = value.length
      this.at++
    }
    const rest = value.slice(0, kept)
    if (pieces.length === 0) return rest
    pieces.push(Buffer.from(rest))
    return textOf(Buffer.concat(pieces))
  }

  /** The octets of one escaped character, or of as many `\xx` as follow each other. */
  private escape(): Buffer {
    const { text } = this
    const next = text[this.at + 1]
    if (next !== undefined && special.includes(next)) {
      this.at += 2
      return Buffer.from(next)
    }
    let hex = ''
    while (text[this.at] === '\\') {
      const pair = text.slice(this.at + 1, this.at + 3)
      if (!hexPair.test(pair)) break
      hex += pair
      this.at += 3
    }
    if (hex === '') throw this.error('malformed escape')
    return Buffer.from(hex, 'hex')
  }

  private hexValue(): string | Buffer {
    const { text } = this
    const start = this.at
    let end = start + 1
    while (end < text.length && !',+; '.includes(text[end] as string)) end++
    const hex = text.slice(start + 1, end)
    if (hex.length === 0 || hex.length % 2 !== 0 || !/^[\da-fA-F]+$/.test(hex)) {
      throw this.error('malformed hex value')
    }
    const octets = Buffer.from(hex, 'hex')
    this.at = end
    this.skipSpace()
    return textOf(berContents(octets, start))
  }

  private skipSpace(): void {
    while (this.text[this.at] === ' ') this.at++
  }

  private error(message: string): DnError {
    return new DnError(message, this.at)
  }
}

/** The octets of a string; the whole encoding of anything else. */
function berContents(octets: Buffer, position: number): Buffer {
  const reader = new BerReader(octets)
  try {
    const tag = reader.peek()
    if (!stringTags.has(tag)) {
      reader.skip()
      if (reader.offset < reader.end) throw new BerError('more than one element')
      return octets
    }
    const contents = reader.octets(tag)
    if (reader.offset < reader.end) throw new BerError('more than one element')
    return contents
  } catch (error) {
    if (error instanceof BerError) throw new DnError(`hex value: ${error.message}`, position)
    throw error
  }
}
