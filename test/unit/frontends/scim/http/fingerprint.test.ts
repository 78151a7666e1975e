import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprint } from '../../../../../src/frontends/scim/fingerprint.js'
import type { Value } from '../../../../../src/model/value.js'

const of = (attributes: Record<string, readonly Value[]>) =>
  fingerprint(new Map(Object.entries(attributes)), ['a', 'b'])

describe('fingerprints', () => {
  it('differ for contents that differ however little, and among many', () => {
    const seen = new Set<string>()
    for (let i = 0; i < 100_000; i++) seen.add(of({ a: [`user${i}`] }))
    for (let i = 0; i < 100_000; i++) seen.add(of({ b: [`user${i}`] }))
    for (let i = 0; i < 100_000; i++) seen.add(of({ a: [new Date(i * 1000)] }))
    expect(seen.size).toBe(300_000)
  })

  it('hang on what there is, not on its order', () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.record({ value: fc.string(), type: fc.string() }),
    )
    fc.assert(
      fc.property(fc.array(value), fc.array(value), (a, b) => {
        expect(of({ b: [...b].reverse(), a: [...a].reverse() })).toBe(of({ a, b }))
        expect(of({ a: [...a, 'one more'], b })).not.toBe(of({ a, b }))
        expect(of({ a: [...a, 'x'], b: [...b, 'y'] })).not.toBe(of({ a: [...a, 'y'], b: [...b, 'x'] }))
      }),
    )
  })
})
