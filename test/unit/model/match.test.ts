/** What filters mean (RFC 4511 4.5.1.7), before any source is asked. */
import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../src/model/entry.js'
import {
  FALSE,
  type Filter,
  filterAttributes,
  mapAssertions,
  TRUE,
  UNDEFINED,
} from '../../../src/model/filter.js'
import { containsPieces, type MatchingOf, match, matcher } from '../../../src/model/match.js'
import { standardSchema } from '../../../src/schema/schema.js'

const schema = standardSchema()
const matchingOf: MatchingOf = (attr, rule) => schema.matching(attr, rule)
const entry: Entry = {
  view: 'people',
  id: '1',
  attributes: new Map<string, Entry['attributes'] extends ReadonlyMap<string, infer V> ? V : never>([
    ['cn', ['Ada Lovelace']],
    ['mail', ['ada@example.com', 'countess@example.org']],
    ['uidNumber', [1000]],
    ['jpegPhoto', [Buffer.from('x')]],
    [
      'telephoneNumber',
      [
        { value: '+49 30 1', type: 'work' },
        { value: '+49 30 2', type: 'home' },
      ],
    ],
  ]),
}
const decide = (filter: Filter) => match(filter, entry, matchingOf)
const eq = (attr: string, value: string | number): Filter => ({ op: 'eq', attr, value })
const not = (of: Filter): Filter => ({ op: 'not', of })

describe('many equalities', () => {
  const { values } = Object
  const filters = {
    true: eq('mail', 'ADA@example.com'),
    false: eq('mail', 'nobody@example.org'),
    absent: eq('sn', 'Lovelace'),
    number: eq('uidNumber', 1000),
    undefined: { op: 'eq', attr: 'jpegPhoto', value: Buffer.from('x') } as Filter,
    unreadable: eq('uidNumber', 'x'),
    ruled: { op: 'eq', attr: 'cn', value: 'ada lovelace', rule: 'caseExactMatch' } as Filter,
    present: { op: 'present', attr: 'cn' } as Filter,
  }

  it('together are decided as they are one by one', () => {
    for (const a of values(filters)) {
      for (const b of values(filters)) {
        const [x, y] = [decide(a), decide(b)]
        const or = x === true || y === true ? true : x === undefined || y === undefined ? undefined : false
        const nor = or === undefined ? undefined : !or
        expect(decide({ op: 'or', of: [a, b] })).toBe(or)
        expect(decide({ op: 'and', of: [not(a), not(b)] })).toBe(nor)
        expect(decide(not({ op: 'or', of: [a, b] }))).toBe(nor)
      }
    }
  })

  it('of one attribute take no longer than one', () => {
    const of = Array.from({ length: 10_000 }, (_, n) => eq('cn', `Nobody ${n}`))
    const decideAll = matcher({ op: 'or', of: [...of, eq('cn', 'Ada Lovelace')] }, matchingOf)
    const begun = performance.now()
    for (let n = 0; n < 1000; n++) if (decideAll(entry) !== true) throw new Error('not found')
    expect(performance.now() - begun).toBeLessThan(1000)
  })
})

describe('an assertion', () => {
  it('is true where one value satisfies it, by the matching rule of the attribute', () => {
    expect(decide(eq('cn', ' ADA  lovelace'))).toBe(true)
    expect(decide(eq('mail', 'Countess@Example.ORG'))).toBe(true)
    expect(decide(eq('mail', 'nobody@example.org'))).toBe(false)
    expect(decide(eq('uidNumber', 1000))).toBe(true)
  })

  it('is false, and its negation true, where the entry has no value', () => {
    expect(decide(eq('sn', 'Lovelace'))).toBe(false)
    expect(decide(not(eq('sn', 'Lovelace')))).toBe(true)
    expect(decide({ op: 'present', attr: 'sn' })).toBe(false)
    expect(decide(not({ op: 'present', attr: 'cn' }))).toBe(false)
  })

  it('is Undefined where the attribute has no such rule, and so is its negation', () => {
    const photo: Filter = { op: 'eq', attr: 'jpegPhoto', value: Buffer.from('x') }
    expect(decide(photo)).toBeUndefined()
    expect(decide(not(photo))).toBeUndefined()
    expect(decide({ op: 'ge', attr: 'cn', value: 'A' })).toBeUndefined()
  })

  it('compares in order', () => {
    const results = (['ge', 'le', 'gt', 'lt'] as const).map((op) =>
      [999, 1000, 1001].map((value) => decide({ op, attr: 'uidNumber', value })),
    )
    expect(results).toEqual([
      [true, true, false],
      [false, true, true],
      [true, false, false],
      [false, false, true],
    ])
  })

  it('is about one element at a time only where it says so', () => {
    const parts = (value: string, type: string): Filter => ({
      op: 'element',
      attr: 'telephoneNumber',
      of: { op: 'and', of: [eq('value', value), eq('type', type)] },
    })
    expect(decide(parts('+49 30 1', 'work'))).toBe(true)
    expect(decide(parts('+49 30 1', 'home'))).toBe(false)
    expect(
      decide({ op: 'and', of: [eq('telephoneNumber', '+49301'), eq('telephoneNumber', '+49302')] }),
    ).toBe(true)
  })
})

describe('and, or, not', () => {
  it('have three truth values', () => {
    const values = [TRUE, FALSE, UNDEFINED]
    const table = (op: 'and' | 'or') => values.map((a) => values.map((b) => decide({ op, of: [a, b] })))
    expect(table('and')).toEqual([
      [true, false, undefined],
      [false, false, false],
      [undefined, false, undefined],
    ])
    expect(table('or')).toEqual([
      [true, true, true],
      [true, false, undefined],
      [true, undefined, undefined],
    ])
    expect(values.map((v) => decide(not(v)))).toEqual([false, true, undefined])
  })

  it('of nothing are true and false (RFC 4526)', () => {
    expect(decide({ op: 'and', of: [] })).toBe(true)
    expect(decide({ op: 'or', of: [] })).toBe(false)
  })
})

describe('pieces of a substring', () => {
  it('stand in order and do not overlap', () => {
    expect(containsPieces('abcabc', 'ab', ['ca'], 'bc')).toBe(true)
    expect(containsPieces('abcabc', undefined, ['cab', 'abc'], undefined)).toBe(false)
    expect(containsPieces('aba', 'ab', [], 'ba')).toBe(false)
    expect(containsPieces('abab', 'ab', [], 'ab')).toBe(true)
    expect(containsPieces('ab', 'b', [], undefined)).toBe(false)
  })

  it('are compared as the attribute is', () => {
    const pieces = (initial?: string, final?: string): Filter => ({
      op: 'substring',
      attr: 'cn',
      any: [],
      ...(initial !== undefined && { initial }),
      ...(final !== undefined && { final }),
    })
    expect(decide(pieces('ADA  L'))).toBe(true)
    expect(decide(pieces(undefined, 'LACE '))).toBe(true)
    expect(decide(pieces('lovelace'))).toBe(false)
  })
})

describe('a filter', () => {
  const filter: Filter = {
    op: 'and',
    of: [eq('cn', 'a'), { op: 'or', of: [not(eq('sn', 'b')), eq('cn', 'c'), TRUE] }],
  }

  it('tells which attributes it asks about', () => {
    expect([...filterAttributes(filter)]).toEqual(['cn', 'sn'])
  })

  it('may have its assertions replaced', () => {
    expect(mapAssertions(filter, (a) => (a.attr === 'cn' ? UNDEFINED : a))).toEqual({
      op: 'and',
      of: [UNDEFINED, { op: 'or', of: [not(eq('sn', 'b')), UNDEFINED, TRUE] }],
    })
  })
})
