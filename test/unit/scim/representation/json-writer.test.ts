/** JSON that is written piece by piece says what `JSON.stringify` says. */
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

  it('keeps texts of all kinds in their order, however long they become', () => {
    fc.assert(
      fc.property(
        fc.array(texts, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 9000 }),
        (some, length) => {
          const all = Array.from({ length: 60 }, (_, i) =>
            i % 4 === 0 ? some[i % some.length] : 'x'.repeat(length % (i + 40)),
          ).map(String)
          const out = new JsonWriter()
          for (const [i, text] of all.entries()) {
            out.raw(i === 0 ? '["ü",' : ',')
            out.string(text)
            const { mark } = out
            out.string('é is taken back')
            out.takeBack(mark)
            out.rest()
          }
          expect(JSON.parse(out.finish('', ']').toString())).toEqual(['ü', ...all])
        },
      ),
      { numRuns: 30 },
    )
  })

  it('takes back, and puts in between', () => {
    const out = new JsonWriter()
    out.raw('["a"')
    const { mark } = out
    out.raw(',"b"')
    out.takeBack(mark)
    const behind = out.aside(() => out.raw(',"c"]'))
    out.raw(',"ü"')
    out.raw(behind)
    expect(out.finish('{"x":', '}').toString()).toBe('{"x":["a","ü","c"]}')
  })

  it('is the same whether it rests or not, and writes nothing aside', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(texts, fc.boolean()), { maxLength: 300 }), (some) => {
        const out = new JsonWriter()
        out.raw('[[')
        for (const [i, [text]] of some.entries()) {
          if (i > 0) out.raw(',')
          out.string(text)
          out.rest()
        }
        const behind = out.aside(() => {
          for (const [i, [text, rests]] of some.entries()) {
            if (i > 0) out.raw(',')
            out.string(text)
            if (rests) out.rest()
          }
        })
        out.raw('],[')
        out.rest()
        out.raw(behind)
        const all = some.map(([text]) => text)
        expect(JSON.parse(out.finish('{"x":', ']]}').toString())).toEqual({ x: [all, all] })
      }),
      { numRuns: 50 },
    )
  })

  it('gives what is short as text, and what is long as bytes', () => {
    const [short, long] = [new JsonWriter(), new JsonWriter()]
    short.string('ü')
    long.string('ü'.repeat(10_000))
    expect(short.finish('[', ']')).toBe('["ü"]')
    expect(long.finish('[', ']')).toEqual(Buffer.from(`["${'ü'.repeat(10_000)}"]`))
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
