/**
 * Cuts a stream of chunks into LDAP PDUs, without copying those that lie whole in one chunk. Only the outer
 * header is looked at; decoding is left to `decode.ts`.
 */
import { BerError } from './errors.js'
import { SEQUENCE } from './tags.js'

const NOTHING = Buffer.alloc(0)
const LONGEST_HEADER = 6
const FIRST_CAPACITY = 1024
/** What a queued chunk costs beside its octets. */
const CHUNK_OVERHEAD = 256

export const DEFAULT_MAX_PDU_BYTES = 10 * 1024 * 1024

export class Framer {
  /** The PDU that `next` found is `buffer[start, end)`; the octets stay as they are afterwards. */
  buffer: Buffer = NOTHING
  start = 0
  end = 0
  /** The longest PDU that is taken, header included; may be changed at any time. */
  maxPduBytes: number
  /** Roughly the memory held by chunks that have not been looked at yet. */
  queued = 0

  private chunk: Buffer = NOTHING
  private at = 0
  private waiting: Buffer[] = []
  /** A PDU that began in an earlier chunk: its octets so far, and how many it will have (0: not yet known). */
  private partial: Buffer = NOTHING
  private have = 0
  private total = 0

  constructor(maxPduBytes = DEFAULT_MAX_PDU_BYTES) {
    this.maxPduBytes = maxPduBytes
  }

  /** Has a PDU begun that is not complete, and everything before it been taken? */
  get incomplete(): boolean {
    return this.have > 0
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return
    this.queued += chunk.length + CHUNK_OVERHEAD
    if (this.at < this.chunk.length) {
      this.waiting.push(chunk)
      return
    }
    this.release()
    this.chunk = chunk
    this.at = 0
  }

  /**
   * Finds the next complete PDU; false where more octets are needed. Throws `BerError`, as soon as the octets
   * at fault are there, for what is no SEQUENCE of definite length within `maxPduBytes`.
   */
  next(): boolean {
    for (;;) {
      const available = this.chunk.length - this.at
      if (available === 0) {
        this.release()
        const chunk = this.waiting.shift()
        if (chunk === undefined) return false
        this.chunk = chunk
        this.at = 0
        continue
      }
      if (this.have > 0) {
        if (this.fill(available)) return true
        continue
      }
      const total = this.measure(this.chunk, this.at, this.chunk.length)
      if (total > 0 && total <= available) {
        this.buffer = this.chunk
        this.start = this.at
        this.end = this.at += total
        return true
      }
      this.partial = Buffer.allocUnsafeSlow(
        Math.max(available, total > 0 ? Math.min(total, FIRST_CAPACITY) : FIRST_CAPACITY),
      )
      this.chunk.copy(this.partial, 0, this.at)
      this.have = available
      this.total = total
      this.at += available
    }
  }

  /** Lets go of all that was received. */
  clear(): void {
    this.waiting = []
    this.chunk = this.partial = this.buffer = NOTHING
    this.at = this.have = this.total = this.start = this.end = this.queued = 0
  }

  private fill(available: number): boolean {
    if (this.total === 0) {
      // The header goes over octet by octet, so that nothing of the next PDU is taken.
      this.partial[this.have++] = this.chunk[this.at++] as number
      this.total = this.measure(this.partial, 0, this.have)
    } else {
      const wanted = Math.min(available, this.total - this.have)
      this.reserve(this.have + wanted)
      this.chunk.copy(this.partial, this.have, this.at, this.at + wanted)
      this.have += wanted
      this.at += wanted
    }
    if (this.total === 0 || this.have < this.total) return false
    this.buffer = this.partial
    this.start = 0
    this.end = this.total
    this.partial = NOTHING
    this.have = this.total = 0
    return true
  }

  private reserve(octets: number): void {
    if (octets <= this.partial.length) return
    const larger = Buffer.allocUnsafeSlow(Math.min(this.total, Math.max(octets, this.partial.length * 2)))
    this.partial.copy(larger, 0, 0, this.have)
    this.partial = larger
  }

  private release(): void {
    if (this.chunk.length > 0) this.queued -= this.chunk.length + CHUNK_OVERHEAD
    this.chunk = NOTHING
    this.at = 0
  }

  /** How long the PDU at `at` is, header included; 0 if its header is not complete. */
  private measure(buffer: Buffer, at: number, limit: number): number {
    if (buffer[at] !== SEQUENCE) throw new BerError('an LDAP message starts with 0x30')
    if (limit - at < 2) return 0
    const first = buffer[at + 1] as number
    let total = 2 + first
    if (first > 0x7f) {
      const count = first & 0x7f
      if (count === 0) throw new BerError('indefinite length')
      if (count > LONGEST_HEADER - 2) throw new BerError(`length of ${count} octets`)
      if (limit - at < 2 + count) return 0
      let length = 0
      for (let i = 0; i < count; i++) length = length * 256 + (buffer[at + 2 + i] as number)
      total = 2 + count + length
    }
    if (total > this.maxPduBytes) {
      throw new BerError(`message of ${total} octets; the limit is ${this.maxPduBytes}`)
    }
    return total
  }
}
