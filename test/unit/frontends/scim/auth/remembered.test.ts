/** What is remembered of tokens: for a while, bounded, and never the token itself. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprint, Remembered } from '../../../../../src/frontends/scim/auth/remembered.js'

describe('the memory', () => {
  it('keeps so many at most, and forgets the oldest first', () => {
    const memory = new Remembered<{ until: number; name: string }>(3, () => 0)
    for (const name of ['a', 'b', 'c', 'a', 'd']) memory.set(name, { until: 1, name })
    expect(['a', 'b', 'c', 'd'].map((name) => memory.get(name)?.name)).toEqual(['a', undefined, 'c', 'd'])
    for (let i = 0; i < 1000; i++) memory.set(String(i), { until: 1, name: '' })
    expect(memory.size).toBe(3)
  })

  it('holds nothing beyond its time, and takes nothing whose time is over', () => {
    const times = fc.array(fc.record({ key: fc.nat(5), until: fc.nat(20), later: fc.nat(5) }))
    fc.assert(
      fc.property(times, (steps) => {
        let now = 0
        const memory = new Remembered<{ until: number }>(100, () => now)
        const last = new Map<number, number>()
        for (const { key, until, later } of steps) {
          memory.set(String(key), { until })
          if (until > now) last.set(key, until)
          now += later
          for (const [known, end] of last) {
            expect(memory.get(String(known))).toEqual(end > now ? { until: end } : undefined)
          }
        }
      }),
    )
  })

  it('knows tokens by what does not tell them', () => {
    expect(fingerprint('secret')).toMatch(/^[0-9a-f]{64}$/)
    expect(fingerprint('secret')).not.toBe(fingerprint('secret '))
  })
})
