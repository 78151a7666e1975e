/**
 * Writes BER forwards into a buffer that grows and can be used again. Constructed elements reserve a length that is
 * filled in afterwards: of four octets (`84 LL LL LL LL`), or of one where they are mostly short; primitive ones have
 * minimal lengths.
 */
import { BOOLEAN, INTEGER, OCTET_STRING } from './tags.js'

const SHORT_TEXT = 42
const LOOPED_BYTES = 24
/** Of any string whatever its representation: as a method of each, it would be looked up for every character. */
const { charCodeAt } = String.prototype

export class BerWriter {
  buffer: Buffer
  /** How many octets have been written. */
  offset = 0

  constructor(buffer: Buffer = Buffer.allocUnsafeSlow(1024)) {
    this.buffer = buffer
  }

  /** Starts again in another buffer, or in the same one. */
  reset(buffer: Buffer = this.buffer): this {
    this.buffer = buffer
    this.offset = 0
    return this
  }

  /** What has been written, as a view that the next `reset` invalidates. */
  bytes(): Buffer {
    return this.buffer.subarray(0, this.offset)
  }

  /** Opens a constructed element; what it returns is to be given to `end`. */
  begin(tag: number): number {
    if (this.offset + 6 > this.buffer.length) this.grow(6)
    const { buffer } = this
    buffer[this.offset] = tag
    buffer[this.offset + 1] = 0x84
    this.offset += 6
    return this.offset
  }

  end(start: number): void {
    const { buffer } = this
    const length = this.offset - start
    buffer[start - 4] = length >>> 24
    buffer[start - 3] = length >>> 16
    buffer[start - 2] = length >>> 8
    buffer[start - 1] = length
  }

  /** The same for what is mostly shorter than 128 octets; what is not is moved. For `endShort`. */
  beginShort(tag: number): number {
    if (this.offset + 2 > this.buffer.length) this.grow(2)
    this.buffer[this.offset] = tag
    this.offset += 2
    return this.offset
  }

  endShort(start: number): void {
    const length = this.offset - start
    if (length < 0x80) this.buffer[start - 1] = length
    else this.widen(start)
  }

  /** A 32 bit integer. */
  integer(value: number, tag = INTEGER): void {
    if (this.offset + 6 > this.buffer.length) this.grow(6)
    const { buffer } = this
    let at = this.offset
    const length =
      value >= -0x80 && value < 0x80
        ? 1
        : value >= -0x8000 && value < 0x8000
          ? 2
          : value >= -0x800000 && value < 0x800000
            ? 3
            : 4
    buffer[at++] = tag
    buffer[at++] = length
    for (let shift = (length - 1) * 8; shift >= 0; shift -= 8) buffer[at++] = value >> shift
    this.offset = at
  }

  boolean(value: boolean, tag = BOOLEAN): void {
    if (this.offset + 3 > this.buffer.length) this.grow(3)
    const { buffer } = this
    buffer[this.offset++] = tag
    buffer[this.offset++] = 1
    buffer[this.offset++] = value ? 0xff : 0
  }

  octets(value: Uint8Array, tag = OCTET_STRING): void {
    if (!(value instanceof Uint8Array)) throw new TypeError('a value is neither text nor octets')
    const { length } = value
    this.head(tag, length)
    const { buffer } = this
    let at = this.offset
    if (length <= LOOPED_BYTES) for (let i = 0; i < length; i++) buffer[at++] = value[i] as number
    else buffer.set(value, at)
    this.offset += length
  }

  /** What is encoded already. */
  raw(octets: Uint8Array): void {
    if (this.offset + octets.length > this.buffer.length) this.grow(octets.length)
    this.buffer.set(octets, this.offset)
    this.offset += octets.length
  }

  /** Text as UTF-8. */
  string(given: string, tag = OCTET_STRING): void {
    // Makes known to the compiler that it is a string: the engine has a dozen representations of them.
    const value = `${given}`
    const { length } = value
    if (length > SHORT_TEXT) {
      const octets = Buffer.byteLength(value)
      this.head(tag, octets)
      this.offset += this.buffer.write(value, this.offset, octets === length ? 'latin1' : 'utf8')
      return
    }
    // Even if every code unit takes three octets the length takes one.
    const most = length * 3 + 2
    if (this.offset + most > this.buffer.length) this.grow(most)
    const { buffer } = this
    const start = this.offset + 2
    let at = start
    buffer[this.offset] = tag
    for (let i = 0; i < length; i++) {
      const unit = charCodeAt.call(value, i)
      if (unit > 0x7f) {
        at = start + buffer.write(value, start, 'utf8')
        break
      }
      buffer[at++] = unit
    }
    buffer[start - 1] = at - start
    this.offset = at
  }

  text(value: string | Uint8Array, tag = OCTET_STRING): void {
    if (typeof value === 'string') this.string(value, tag)
    else this.octets(value, tag)
  }

  private head(tag: number, length: number): void {
    const most = length + 6
    if (this.offset + most > this.buffer.length) this.grow(most)
    const { buffer } = this
    buffer[this.offset++] = tag
    if (length < 0x80) {
      buffer[this.offset++] = length
      return
    }
    const count = length < 0x100 ? 1 : length < 0x10000 ? 2 : length < 0x1000000 ? 3 : 4
    buffer[this.offset++] = 0x80 | count
    for (let shift = (count - 1) * 8; shift >= 0; shift -= 8) buffer[this.offset++] = length >>> shift
  }

  /** Gives what was thought short a length as `begin` has it. */
  private widen(start: number): void {
    if (this.offset + 4 > this.buffer.length) this.grow(4)
    this.buffer.copyWithin(start + 4, start, this.offset)
    this.buffer[start - 1] = 0x84
    this.offset += 4
    this.end(start + 4)
  }

  private grow(by: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.offset + by))
    larger.set(this.buffer.subarray(0, this.offset))
    this.buffer = larger
  }
}
