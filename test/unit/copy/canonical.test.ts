import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprint } from '../../../src/copy/cycle/canonical.js'
import type { SourceEntry } from '../../../src/copy/cycle/plan.js'
import { Ref, type Value } from '../../../src/model/value.js'

function of(attributes: Record<string, readonly Value[]>, more: Partial<SourceEntry> = {}): SourceEntry {
  const entry = { view: 'people', id: '1', attributes: new Map(Object.entries(attributes)) }
  return { entry, enabled: true, ...more }
}

const print = (attributes: Record<string, readonly Value[]>, more?: Partial<SourceEntry>) =>
  fingerprint(of(attributes, more))

const scalar = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.integer({ min: -3, max: 3 }),
  fc.bigInt({ min: -3n, max: 3n }),
  fc.boolean(),
  fc.date({ min: new Date(0), max: new Date(3), noInvalidDate: true }),
  fc.uint8Array({ maxLength: 3 }),
)
const value: fc.Arbitrary<Value> = fc.oneof(
  scalar,
  fc.dictionary(fc.constantFrom('value', 'type', 'a'), scalar, { minKeys: 1 }),
)
const attributes = fc.dictionary(
  fc.constantFrom('cn', 'sn', 'mail', 's', 'c1'),
  fc.array(value, { minLength: 1, maxLength: 3 }),
)

/** Told apart without anything of what is tested: by kinds, and values in a sorted list. */
function plain(given: Record<string, readonly Value[]>): string {
  const one = (v: Value): string => {
    if (v instanceof Date) return `date ${v.toISOString()}`
    if (v instanceof Uint8Array) return `bytes ${JSON.stringify([...v])}`
    if (typeof v === 'bigint' || typeof v === 'number') return `number ${BigInt(v)}`
    if (typeof v !== 'object') return `${typeof v} ${JSON.stringify(v)}`
    const parts = Object.entries(v).map(([name, part]) => [name, one(part as Value)])
    return `parts ${JSON.stringify(parts.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)))}`
  }
  const entries = Object.entries(given).map(([name, values]) => [name, values.map(one).sort()])
  return JSON.stringify(entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)))
}

describe('the fingerprint of an entry', () => {
  it('is the same exactly where all values are', () => {
    fc.assert(
      fc.property(attributes, attributes, (a, b) => {
        expect(print(a) === print(b)).toBe(plain(a) === plain(b))
      }),
    )
  })

  it('does not depend on any order', () => {
    fc.assert(
      fc.property(attributes, (given) => {
        const turned = Object.fromEntries(
          Object.entries(given)
            .reverse()
            .map(([name, values]) => [name, [...values].reverse()]),
        )
        expect(print(turned)).toBe(print(given))
      }),
    )
  })

  it('tells cases of letters apart, and how often a value comes', () => {
    expect(print({ cn: ['Anna'] })).not.toBe(print({ cn: ['anna'] }))
    expect(print({ cn: ['a'] })).not.toBe(print({ cn: ['a', 'a'] }))
    expect(print({ cn: ['1:', 's'] })).not.toBe(print({ cn: ['1:s'] }))
  })

  it('is another one where the entry may no longer log in, or its password is another', () => {
    const plainly = print({ cn: ['a'] })
    expect(print({ cn: ['a'] }, { enabled: false })).not.toBe(plainly)
    const secret = print({ cn: ['a'] }, { secrets: new Map([['userPassword', '{SSHA}x']]) })
    expect(secret).not.toBe(plainly)
    expect(print({ cn: ['a'] }, { secrets: new Map([['userPassword', '{SSHA}y']]) })).not.toBe(secret)
  })

  it('knows references by their keys, whatever they are called meanwhile', () => {
    const to = (names: string[], id?: string) => print({ member: [new Ref('people', names, id)] })
    expect(to(['anna'], '7')).toBe(to(['anna.b'], '7'))
    expect(to(['anna'], '7')).not.toBe(to(['anna'], '8'))
    expect(to(['anna'])).not.toBe(to(['anna.b']))
  })

  it('is another one for entries that are kept in another way', () => {
    expect(fingerprint(of({ cn: ['a'] }), 'x')).not.toBe(fingerprint(of({ cn: ['a'] }), 'y'))
    expect(fingerprint(of({ cn: ['a'] }))).toMatch(/^[\w-]{43}$/)
  })
})
