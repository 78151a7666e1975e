/** JSON written as bytes says what `JSON.stringify` says. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonWriter } from '../../../../src/scim/representation/json-writer.js'

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.string({ unit: 'grapheme', minLength: 40 }),
)

describe('a writer of JSON', () => {
  it('writes texts, numbers and truth values as JSON has them', () => {
    const scalars = fc.oneof(
      texts,
      fc.boolean(),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    )
    fc.assert(
      fc.property(scalars, (value) => {
        const out = new JsonWriter()
        out.scalar(value)
        expect(JSON.parse(out.finish().toString())).toEqual(Object.is(value, -0) ? 0 : value)
      }),
    )
  })

  it('never writes half a character', () => {
    const out = new JsonWriter()
    out.string('a\ud83d')
    expect(out.finish().toString()).toBe('"a\\ud83d"')
  })

  it('has room for as much as is written', () => {
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 20 }), fc.nat(200_000), (some, length) => {
        const all = [...some, 'x'.repeat(length), 'ü'.repeat(length), ...some]
        const out = new JsonWriter()
        for (const [i, text] of all.entries()) {
          out.raw(i === 0 ? '[' : ',')
          out.string(text)
        }
        expect(JSON.parse(out.finish('', ']').toString())).toEqual(all)
      }),
      { numRuns: 30 },
    )
  })

  it('takes back, and puts in between', () => {
    const out = new JsonWriter()
    out.raw('["a"')
    const { length } = out
    out.raw(',"b"')
    out.cut(length)
    out.raw(',"c"]')
    out.insert(length, ',"ü"')
    expect(out.finish('{"x":', '}').toString()).toBe('{"x":["a","ü","c"]}')
  })

  it('does not hear of another one', () => {
    const [a, b] = [new JsonWriter(), new JsonWriter()]
    a.string('first')
    b.string('second')
    const written = a.finish()
    const c = new JsonWriter()
    c.string('third')
    expect([written, b.finish(), c.finish()].map(String)).toEqual(['"first"', '"second"', '"third"'])
  })
})
