/**
 * JSON text (RFC 8259) as clients send it. Stricter than `JSON.parse` where leniency is a danger: no name twice in
 * one object, none that means something to JavaScript, no bottomless nesting; objects have no prototype.
 */
import { VitrineError } from '../../model/errors.js'
import { emptyObject, type Json } from '../../scim/json.js'

/** The deepest SCIM message has about ten levels. */
const DEEPEST = 64

const HAZARDS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** @throws VitrineError protocolError (invalidSyntax), which says where */
export function parseJson(bytes: Uint8Array): Json {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    throw new VitrineError('protocolError', { message: 'the body is not UTF-8' })
  }
  return new Reader(text).document()
}

const SPACE = /[ \t\r\n]*/y
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const WORD = /true|false|null/y
/** Up to what ends a string or makes it more than its own characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what JSON strings must not hold
const PLAIN = /[^"\\\u0000-\u001f]*/y

/** Half of a surrogate pair, which is no character. */
const HALF = /\p{Surrogate}/u

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): Json {
    this.#skip()
    const json = this.#value(0)
    this.#skip()
    if (this.#at < this.#text.length) throw this.#wrong('nothing more')
    return json
  }

  #value(depth: number): Json {
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth)
      case '[':
        return this.#array(depth)
      case '"':
        return this.#string()
      case 't':
      case 'f':
      case 'n': {
        const word = this.#take(WORD)
        if (word === '') throw this.#wrong('a value')
        return word === 'null' ? null : word === 'true'
      }
      default: {
        const digits = this.#take(NUMBER)
        const number = Number(digits)
        if (digits === '') throw this.#wrong('a value')
        if (!Number.isFinite(number)) throw this.#wrong('a number within bounds')
        return number
      }
    }
  }

  #object(depth: number): Json {
    this.#deeper(depth)
    const object = emptyObject()
    if (this.#ends('}')) return object
    for (;;) {
      if (this.#text[this.#at] !== '"') throw this.#wrong('a name')
      const name = this.#string()
      if (HAZARDS.has(name)) throw this.#wrong(`no attribute called ${name}`)
      if (name in object) throw this.#wrong(`${JSON.stringify(name)} only once`)
      this.#skip()
      if (this.#text[this.#at] !== ':') throw this.#wrong('a colon')
      this.#at++
      this.#skip()
      object[name] = this.#value(depth + 1)
      if (!this.#goesOn('}')) return object
    }
  }

  #array(depth: number): Json {
    this.#deeper(depth)
    const array: Json[] = []
    if (this.#ends(']')) return array
    for (;;) {
      array.push(this.#value(depth + 1))
      if (!this.#goesOn(']')) return array
    }
  }

  #string(): string {
    const start = ++this.#at
    const plain = this.#take(PLAIN)
    if (this.#text[this.#at] === '"') {
      this.#at++
      return plain
    }
    while (this.#text[this.#at] === '\\') {
      this.#at += 2
      this.#take(PLAIN)
    }
    if (this.#text[this.#at] !== '"') throw this.#wrong('the end of a string')
    this.#at++
    let text: string
    try {
      text = JSON.parse(this.#text.slice(start - 1, this.#at)) as string
    } catch {
      throw this.#wrong('a string with valid escapes')
    }
    if (HALF.test(text)) throw this.#wrong('a string of whole characters')
    return text
  }

  #deeper(depth: number): void {
    if (depth >= DEEPEST) throw this.#wrong(`at most ${DEEPEST} levels`)
    this.#at++
    this.#skip()
  }

  #ends(bracket: string): boolean {
    if (this.#text[this.#at] !== bracket) return false
    this.#at++
    return true
  }

  /** Behind a member: is there another? */
  #goesOn(bracket: string): boolean {
    this.#skip()
    if (this.#ends(bracket)) return false
    if (this.#text[this.#at] !== ',') throw this.#wrong(`a comma or ${bracket}`)
    this.#at++
    this.#skip()
    return true
  }

  #skip(): void {
    this.#take(SPACE)
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const [taken = ''] = pattern.exec(this.#text) ?? []
    this.#at += taken.length
    return taken
  }

  #wrong(expected: string): VitrineError {
    return new VitrineError('protocolError', {
      message: `malformed JSON: ${expected} expected at character ${Math.min(this.#at, this.#text.length) + 1}`,
    })
  }
}
