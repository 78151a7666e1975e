/**
 * Reads BER as RFC 4511 5.1 restricts it: definite lengths of at most four octets, primitive strings. Every
 * read stays within the element that was entered. What the elements mean is left to `decode.ts`.
 */
import { BerError } from './errors.js'
import { ldapString } from './ldap-string.js'
import { BOOLEAN, INTEGER, OCTET_STRING } from './tags.js'

/** All methods throw `BerError` where the next element is not the one asked for or is malformed. */
export class BerReader {
  buffer: Buffer
  /** Where the next element starts. */
  offset: number
  /** Where the element that was entered ends. */
  end: number

  constructor(buffer: Buffer, offset = 0, end = buffer.length) {
    this.buffer = buffer
    this.offset = offset
    this.end = end
  }

  reset(buffer: Buffer, offset: number, end: number): this {
    this.buffer = buffer
    this.offset = offset
    this.end = end
    return this
  }

  /** The tag of the next element, or -1 at the end of the one that was entered. */
  peek(): number {
    return this.offset < this.end ? (this.buffer[this.offset] as number) : -1
  }

  /** Steps over the tag and length of the next element; returns where its contents end. */
  header(tag: number): number {
    if (this.offset >= this.end) throw new BerError(`element ${hex(tag)} is missing`)
    const found = this.buffer[this.offset] as number
    if (found !== tag) throw new BerError(`element ${hex(tag)} expected, not ${hex(found)}`)
    this.offset++
    return this.contentsEnd()
  }

  /** Goes into a constructed element; what it returns is to be given to `leave`. */
  enter(tag: number): number {
    const outer = this.end
    this.end = this.header(tag)
    return outer
  }

  /** Goes behind the element that was entered; unread trailing elements are skipped (RFC 4511 section 4). */
  leave(outer: number): void {
    this.offset = this.end
    this.end = outer
  }

  /** Steps over the next element, whatever it is. */
  skip(): void {
    if (this.offset >= this.end) throw new BerError('an element is missing')
    if (((this.buffer[this.offset] as number) & 0x1f) === 0x1f) throw new BerError('multi-octet tag')
    this.offset++
    this.offset = this.contentsEnd()
  }

  /** A two's complement integer of at most four octets. */
  integer(tag = INTEGER): number {
    const stop = this.header(tag)
    const { buffer } = this
    let at = this.offset
    const length = stop - at
    if (length < 1 || length > 4) throw new BerError(`integer of ${length} octets`)
    let value = ((buffer[at++] as number) << 24) >> 24
    while (at < stop) value = (value << 8) | (buffer[at++] as number)
    this.offset = stop
    return value
  }

  boolean(tag = BOOLEAN): boolean {
    const stop = this.header(tag)
    if (stop - this.offset !== 1) throw new BerError('boolean not of one octet')
    const value = this.buffer[this.offset] !== 0
    this.offset = stop
    return value
  }

  /** The octets of a primitive string, as a view of the buffer. */
  octets(tag = OCTET_STRING): Buffer {
    const stop = this.header(tag)
    const octets = this.buffer.subarray(this.offset, stop)
    this.offset = stop
    return octets
  }

  /** An LDAPString; throws `MessageError` where it is not UTF-8. */
  string(tag = OCTET_STRING): string {
    const stop = this.header(tag)
    const start = this.offset
    this.offset = stop
    return ldapString(this.buffer, start, stop)
  }

  private contentsEnd(): number {
    const { buffer, end } = this
    if (this.offset >= end) throw new BerError('length is missing')
    let length = buffer[this.offset++] as number
    if (length > 0x7f) {
      const count = length & 0x7f
      if (count === 0) throw new BerError('indefinite length')
      if (count > 4) throw new BerError(`length of ${count} octets`)
      if (this.offset + count > end) throw new BerError('length is cut off')
      length = 0
      for (let i = 0; i < count; i++) length = length * 256 + (buffer[this.offset++] as number)
    }
    const stop = this.offset + length
    if (stop > end) throw new BerError('element is longer than the one around it')
    return stop
  }
}

function hex(tag: number): string {
  return `0x${tag.toString(16).padStart(2, '0')}`
}
