/**
 * JSON text (RFC 8259) that is put together as text and made bytes a few thousand characters at a time: to look at each
 * character would cost more than everything else about a resource, and a long text kept as a whole would leave several
 * times its size behind. A text is begun and finished in one turn of the loop, or its buffer is a new one.
 */

/** JSON text as it is sent: what is short as text, which Node sends in one piece with what stands before it. */
export type JsonText = string | Buffer

/** Characters after which text is made bytes. */
const ENOUGH = 4096
const FIRST_SIZE = 64 * 1024
/** A buffer that has grown beyond this is not kept. */
const MOST_KEPT = 1024 * 1024

let spare: Buffer | undefined

/** Characters that JSON has as they are, and UTF-8 in one byte. */
const PLAIN = /^[ !#-[\]-~]*$/
/** Characters that JSON has as they are; halves of surrogate pairs are none. */
const UNESCAPED = /^[^\p{Cc}\p{Cs}"\\]*$/u

export class JsonWriter {
  #bytes: Buffer = NOTHING
  #size = 0
  /** What is no bytes yet and will not be taken back: nothing is known to be in it that is not ASCII. */
  #settled = ''
  /** What is behind it. */
  #text = ''
  /** Is a text in it that may be more than ASCII? */
  #isForeign = false
  #isAside = false

  /** What `takeBack` needs to take back all that is written from here on, up to the next `rest`. */
  get mark(): string {
    return this.#text
  }

  takeBack(mark: string): void {
    this.#text = mark
  }

  /** Writes what is JSON text already. */
  raw(text: string): void {
    this.#text += text
  }

  string(text: string): void {
    if (PLAIN.test(text)) this.#text += `"${text}"`
    else {
      this.#isForeign = true
      this.#text += UNESCAPED.test(text) ? `"${text}"` : JSON.stringify(text)
    }
  }

  scalar(value: string | number | boolean): void {
    if (typeof value === 'string') this.string(value)
    else this.#text += String(value)
  }

  /** Nothing that is written by now will be taken back. */
  rest(): void {
    if (this.#isAside) return
    const length = this.#settled.length + this.#text.length
    // ASCII is made bytes many times faster: once there is much, other texts go apart from it.
    if (this.#isForeign) {
      if (this.#size > 0 || length > ENOUGH) this.#flush()
      return
    }
    this.#settled += this.#text
    this.#text = ''
    if (length > ENOUGH) this.#flush()
  }

  /** What `work` writes, which is not written but given back, so that it can stand behind what hangs on it. */
  aside(work: () => void): string {
    const [before, wasAside] = [this.#text, this.#isAside]
    this.#text = ''
    this.#isAside = true
    work()
    const written = this.#text
    this.#text = before
    this.#isAside = wasAside
    return written
  }

  /** All that was written, between these texts. Nothing can be written any more. */
  finish(before = '', after = ''): JsonText {
    const length = this.#settled.length + this.#text.length
    if (this.#size === 0 && length <= ENOUGH) return before + this.#settled + this.#text + after
    this.#text += after
    this.#flush()
    const [bytes, size] = [this.#bytes, this.#size]
    this.#bytes = NOTHING
    // What will not be used again need not be copied.
    if (before === '' && bytes.length > MOST_KEPT) return bytes.subarray(0, size)
    const head = Buffer.byteLength(before)
    const result = Buffer.allocUnsafe(head + size)
    result.write(before)
    bytes.copy(result, head, 0, size)
    if (bytes.length <= MOST_KEPT) spare = bytes
    return result
  }

  #flush(): void {
    this.#write(this.#settled)
    this.#write(this.#text)
    this.#settled = ''
    this.#text = ''
    this.#isForeign = false
  }

  #write(text: string): void {
    const { length } = text
    if (length === 0) return
    const needed = Buffer.byteLength(text)
    const bytes = this.#room(needed)
    this.#size += bytes.write(text, this.#size, needed === length ? 'latin1' : 'utf8')
  }

  /** The buffer with room for so many bytes more. */
  #room(more: number): Buffer {
    const needed = this.#size + more
    if (needed <= this.#bytes.length) return this.#bytes
    if (this.#bytes === NOTHING && spare !== undefined) {
      this.#bytes = spare
      spare = undefined
      return this.#room(more)
    }
    const larger = Buffer.allocUnsafe(Math.max(needed, FIRST_SIZE, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#size)
    this.#bytes = larger
    return larger
  }
}

const NOTHING = Buffer.alloc(0)
