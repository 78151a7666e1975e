/** Times as Active Directory keeps them: what is shown of a number is found by it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { filetimeCodec } from '../../../src/mapping/codecs/number.js'
import type { Question } from '../../../src/mapping/mapping.js'
import { match } from '../../../src/model/match.js'
import { standardSchema } from '../../../src/schema/schema.js'
import type { Column } from '../../../src/sources/source.js'
import { holds } from '../../conformance/source/reference.js'

const column: Column = { name: 'n', kind: 'integer', range: [-(2n ** 63n), 2n ** 63n - 1n] }
const small: Column = { name: 'n', kind: 'integer', range: [-128n, 127n] }
const unbounded: Column = { name: 'n', kind: 'integer' }
const shown = (cell: bigint | number) => filetimeCodec.decode(cell)

describe('a number', () => {
  it('is a time in tenths of microseconds since 1601, rounded down', () => {
    expect(shown(132223104000000000n)).toEqual(new Date('2020-01-01T00:00:00Z'))
    expect(shown(132223104000009999n)).toEqual(new Date('2020-01-01T00:00:00Z'))
    expect(shown(1)).toEqual(new Date('1601-01-01T00:00:00Z'))
  })

  it('is none where it means never', () => {
    for (const never of [0n, 0, 2n ** 63n - 1n, -1n, -864000000000n, 2650467744000000000n])
      expect(shown(never)).toBeUndefined()
    expect(shown(2650467743999999999n)).toEqual(new Date('9999-12-31T23:59:59.999Z'))
  })
})

it('is written so that it reads the same, if it can be', () => {
  const time = new Date('2031-05-06T07:08:09.123Z')
  expect(shown((filetimeCodec.encode(time, column) ?? 0) as bigint)).toEqual(time)
  expect(filetimeCodec.encode(new Date('1600-12-31T23:59:59Z'), column)).toBeUndefined()
  expect(filetimeCodec.encode(time, small)).toBeUndefined()
})

it('is found by every question that what is shown satisfies, and by no other', () => {
  const ticks = fc.oneof(
    fc.constantFrom(0n, 1n, 9_999n, 10_000n, -1n, 2n ** 63n - 1n, 2650467743999999999n, 2650467744000000000n),
    fc.bigInt({ min: 0n, max: 3n * 10n ** 18n }),
    fc.bigInt({ min: 132223104000000000n, max: 132223104000030000n }),
  )
  const times = fc.oneof(
    fc.constantFrom(
      ...['1601-01-01', '9999-12-31T23:59:59.999Z', '1000-01-01', '2020-01-01'].map((t) => new Date(t)),
    ),
    ticks.map((n) => shown(n) ?? new Date(0)),
    fc.integer({ min: 0, max: 3 }).map((ms) => new Date(Date.parse('2020-01-01') + ms)),
  )
  const questions: fc.Arbitrary<Question> = fc.oneof(
    fc.record({
      op: fc.constantFrom('eq', 'ge', 'le', 'gt', 'lt'),
      attr: fc.constant('createTimestamp'),
      value: times,
    }),
    fc.constant({ op: 'present', attr: 'createTimestamp' } as const),
  )
  fc.assert(
    fc.property(ticks, questions, fc.constantFrom(column, unbounded, small), (n, question, on) => {
      fc.pre(on !== small || (n <= 127n && n >= -128n))
      const value = shown(n)
      const entry = { view: '', id: '', attributes: new Map(value ? [['createTimestamp', [value]]] : []) }
      const meant = match(question, entry, standardSchema().matching)
      expect(holds(filetimeCodec.rewrite(on, question), { n }, new Map())).toBe(meant)
    }),
  )
})
