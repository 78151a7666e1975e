import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../../../../../src/frontends/scim/json-text.js'
import { VitrineError } from '../../../../../src/model/errors.js'

const parse = (text: string) => parseJson(Buffer.from(text, 'utf8'))
const refused = (text: string) => {
  try {
    parse(text)
  } catch (error) {
    return error instanceof VitrineError ? `${error.code}: ${error.safeMessage}` : error
  }
  return 'accepted'
}

describe('JSON text', () => {
  it('is what JSON.parse makes of it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), fc.nat(2), (value, spaces) => {
        const text = JSON.stringify(value, null, spaces)
        fc.pre(!/"(?:__proto__|constructor|prototype)":/.test(text))
        // Compared as text: objects made here have no prototype.
        expect(JSON.stringify(parse(text))).toBe(JSON.stringify(JSON.parse(text)))
      }),
    )
  })

  it('never throws anything else than a refusal, and accepts nothing that JSON.parse does not', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]":,\\u0ntrue-1.5eE \n'.split('')) }), (text) => {
        const answer = refused(text)
        if (answer === 'accepted') expect(() => JSON.parse(text)).not.toThrow()
        else expect(answer).toMatch(/^protocolError: malformed JSON/)
      }),
      { numRuns: 2000 },
    )
  })

  it('makes objects without prototype', () => {
    const object = parse('{"toString": 1, "a": {}}') as { a: object }
    expect(Object.getPrototypeOf(object)).toBeNull()
    expect(Object.getPrototypeOf(object.a)).toBeNull()
  })

  it.each([
    ['{"a":1,"a":2}', 'protocolError: malformed JSON: "a" only once expected at character 11'],
    ['{"__proto__":{"admin":true}}', /no attribute called __proto__ expected/],
    ['{"\\u005f_proto__":1}', /no attribute called __proto__/],
    ['{"a":{"constructor":{"prototype":{}}}}', /no attribute called constructor/],
    ['', /a value expected at character 1/],
    ['{"a":1}}', /nothing more expected at character 8/],
    ['{"a" 1}', /a colon expected/],
    ['{"a":1 "b":2}', /a comma or } expected/],
    ['{a:1}', /a name expected/],
    ['[1,]', /a value expected/],
    ["{'a':1}", /a name expected/],
    ['NaN', /a value expected/],
    ['01', /nothing more expected/],
    ['1e999', /a number within bounds/],
    ['"abc', /the end of a string/],
    ['"a\nb"', /the end of a string/],
    ['"\\x"', /valid escapes/],
    ['"\\ud800"', /whole characters/],
    [`${'['.repeat(100)}${']'.repeat(100)}`, /at most 64 levels/],
    ['{"a":'.repeat(100_000), /at most 64 levels/],
  ])('refuses %.40s', (text, reason) => {
    expect(refused(text)).toMatch(reason)
  })

  it('refuses what is not UTF-8, and takes a byte order mark', () => {
    expect(() => parseJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow('not UTF-8')
    expect(parse('\ufeff{"a":"\\u00e9\\ud83d\\ude00"}')).toEqual({ a: 'é😀' })
  })
})
