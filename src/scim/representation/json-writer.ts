/**
 * JSON text (RFC 8259) written as bytes into a buffer that is used again: as strings, a list of resources would leave
 * several times its size behind, and the time to collect that is most of what a list would take. A text is begun and
 * finished in one turn of the loop, or its buffer is a new one.
 */

const FIRST_SIZE = 64 * 1024
/** A buffer that has grown beyond this is not kept. */
const MOST_KEPT = 1024 * 1024

let spare: Buffer | undefined

const QUOTE = 0x22
const BACKSLASH = 0x5c
/** Of any string, whatever its representation: as a method of each, it would be looked up for every character. */
const { charCodeAt } = String.prototype

export class JsonWriter {
  #bytes: Buffer
  #length = 0

  constructor() {
    this.#bytes = spare ?? Buffer.allocUnsafe(FIRST_SIZE)
    spare = undefined
  }

  /** Bytes written. */
  get length(): number {
    return this.#length
  }

  /** Takes back what was written behind the first `length` bytes. */
  cut(length: number): void {
    this.#length = length
  }

  /** Puts what is JSON text already in front of what stands from `at` on. */
  insert(at: number, text: string): void {
    const more = Buffer.from(text)
    this.#room(more.length).copyWithin(at + more.length, at, this.#length)
    this.#bytes.set(more, at)
    this.#length += more.length
  }

  /** Writes what is JSON text already. */
  raw(text: string): void {
    const { length } = text
    const bytes = this.#room(length)
    const start = this.#length
    for (let i = 0; i < length; i++) {
      const code = charCodeAt.call(text, i)
      if (code > 0x7e) {
        this.#utf8(text)
        return
      }
      bytes[start + i] = code
    }
    this.#length = start + length
  }

  string(text: string): void {
    const { length } = text
    const bytes = this.#room(length + 2)
    let at = this.#length
    bytes[at++] = QUOTE
    for (let i = 0; i < length; i++) {
      const code = charCodeAt.call(text, i)
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) {
        this.#utf8(JSON.stringify(text))
        return
      }
      bytes[at++] = code
    }
    bytes[at++] = QUOTE
    this.#length = at
  }

  scalar(value: string | number | boolean): void {
    if (typeof value === 'string') this.string(value)
    else this.raw(String(value))
  }

  /** All that was written, between these texts, as bytes of its own. Nothing can be written any more. */
  finish(before = '', after = ''): Buffer {
    const bytes = this.#bytes
    this.#bytes = NOTHING
    // What will not be used again need not be copied.
    if (before === '' && after === '' && bytes.length > MOST_KEPT) return bytes.subarray(0, this.#length)
    const head = Buffer.byteLength(before)
    const result = Buffer.allocUnsafe(head + this.#length + Buffer.byteLength(after))
    result.write(before)
    bytes.copy(result, head, 0, this.#length)
    result.write(after, head + this.#length)
    if (bytes.length <= MOST_KEPT) spare = bytes
    return result
  }

  #utf8(text: string): void {
    // A unit of UTF-16 takes three bytes of UTF-8 at most.
    this.#length += this.#room(text.length * 3).write(text, this.#length)
  }

  /** The buffer with room for so many bytes more. */
  #room(more: number): Buffer {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return this.#bytes
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
    return larger
  }
}

const NOTHING = Buffer.alloc(0)
