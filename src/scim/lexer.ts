/** Reads the text of filters and paths piece by piece; what the pieces mean together is up to `filter.ts` and `path.ts`. */
import { type ErrorCode, VitrineError } from '../model/errors.js'
import type { AttributePath } from './filter-ast.js'

/** Of the text of an attribute's path, with the URI of its schema. */
const MAX_PATH_LENGTH = 1_000
const NAME = /^\$?[A-Za-z][\w-]*$/
const URI = /^[A-Za-z][A-Za-z0-9+.-]*:[\w!#$%&'*+,./:;=?@~-]+$/
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const ENDS_WORD = /[\s"()[\]]/g
const literals: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])

export class Scanner {
  readonly text: string
  /** Where the next piece begins. */
  at = 0
  readonly #code: ErrorCode

  /** `code` is that of the errors about this text. */
  constructor(text: string, code: ErrorCode, maxLength: number) {
    this.text = text
    this.#code = code
    if (text.length > maxLength) this.refuse(`longer than ${maxLength} characters`)
  }

  get next(): string | undefined {
    return this.text[this.at]
  }

  refuse(message: string): never {
    throw new VitrineError(this.#code, { message })
  }

  expected(what: string, position = this.at): never {
    const found = position < this.text.length ? `at position ${position + 1}` : 'at the end'
    return this.refuse(`${what} expected ${found}`)
  }

  /** Was there any? */
  skipSpace(): boolean {
    const from = this.at
    while (isSpace(this.text.charCodeAt(this.at))) this.at++
    return this.at > from
  }

  requireSpace(): void {
    if (!this.skipSpace()) this.expected('a space')
  }

  take(character: string): boolean {
    if (this.next !== character) return false
    this.at++
    return true
  }

  require(character: string): void {
    if (!this.take(character)) this.expected(`"${character}"`)
  }

  requireEnd(): void {
    if (this.at < this.text.length) this.expected('the end')
  }

  /** Everything up to white space, a quotation mark, a parenthesis or a bracket; may be empty. */
  word(): string {
    const from = this.at
    let end = from
    while (isInWord(this.text.charCodeAt(end))) end++
    // What is beyond ASCII may be space, too.
    if (end < this.text.length && this.text.charCodeAt(end) > ASCII) {
      ENDS_WORD.lastIndex = end
      end = ENDS_WORD.exec(this.text)?.index ?? this.text.length
    }
    this.at = end
    return this.text.slice(from, end)
  }

  /** `attrPath` of RFC 7644 figure 1. Which part of a URI is the name is told by its last colon. */
  path(): AttributePath {
    const from = this.at
    const word = this.word()
    if (word.length <= MAX_PATH_LENGTH && NAME.test(word)) return { attribute: word }
    const colon = word.lastIndexOf(':')
    const [attribute = '', sub, ...rest] = word.slice(colon + 1).split('.', 3)
    const valid =
      word.length <= MAX_PATH_LENGTH &&
      NAME.test(attribute) &&
      (sub === undefined || NAME.test(sub)) &&
      rest.length === 0 &&
      (colon < 0 || URI.test(word.slice(0, colon)))
    if (!valid) this.expected('an attribute', from)
    return {
      ...(colon < 0 ? undefined : { schema: word.slice(0, colon) }),
      attribute,
      ...(sub === undefined ? undefined : { sub }),
    }
  }

  /** `.name`, if there is one. */
  subAttribute(): string | undefined {
    const from = this.at
    if (this.next !== '.') return undefined
    const name = this.word().slice(1)
    if (!NAME.test(name)) this.expected('the name of a sub-attribute', from + 1)
    return name
  }

  /** A JSON string or number, or `true`, `false` and `null` in any case. */
  value(): string | number | boolean | null {
    const from = this.at
    if (this.next === '"') return this.#string()
    const word = this.word()
    const literal = literals.get(word.toLowerCase())
    if (literal !== undefined) return literal
    const number = NUMBER.test(word) ? Number(word) : Number.NaN
    if (!Number.isFinite(number)) this.expected('a value (string, number, true, false or null)', from)
    return number
  }

  #string(): string {
    const from = this.at
    let end = from + 1
    let isPlain = true
    for (; ; end++) {
      const c = this.text.charCodeAt(end)
      if (c === QUOTE) break
      if (c === BACKSLASH) {
        isPlain = false
        end++
      } else if (!(c >= SPACE)) this.expected('the end of the string', end)
      else if (c >= FIRST_SURROGATE) isPlain = false
    }
    this.at = end + 1
    if (isPlain) return this.text.slice(from + 1, end)
    const text = parsedString(this.text.slice(from, this.at))
    if (text === undefined) this.expected('a valid JSON string', from)
    return text
  }
}

const TAB = 0x09
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20
const QUOTE = 0x22
const OPENING = 0x28
const CLOSING = 0x29
const OPENING_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSING_BRACKET = 0x5d
const ASCII = 0x7f
const FIRST_SURROGATE = 0xd800

function isSpace(c: number): boolean {
  return c === SPACE || c === TAB || c === LINE_FEED || c === CARRIAGE_RETURN
}

/** Of a character of ASCII: does a word go on with it? */
function isInWord(c: number): boolean {
  if (!(c <= ASCII) || c === QUOTE || c === OPENING || c === CLOSING) return false
  if (c === OPENING_BRACKET || c === CLOSING_BRACKET) return false
  return c !== SPACE && (c < TAB || c > CARRIAGE_RETURN)
}

function parsedString(json: string): string | undefined {
  try {
    const text: unknown = JSON.parse(json)
    return typeof text === 'string' && !/\p{Surrogate}/u.test(text) ? text : undefined
  } catch {
    return undefined
  }
}
