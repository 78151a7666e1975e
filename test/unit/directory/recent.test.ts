/** What a bounded memory keeps and forgets, and that forgetting does not become slow. */
import { describe, expect, it } from 'vitest'
import { Recent } from '../../../src/directory/layers/recent.js'

describe('what was used of late', () => {
  it('is kept while it fits, and the longest unused is forgotten first', () => {
    const recent = new Recent<number>(3)
    for (const [i, key] of ['a', 'b', 'c'].entries()) recent.set(key, i)
    recent.set('a', 9)
    recent.set('d', 4)
    expect(['a', 'b', 'c', 'd'].map((key) => recent.get(key))).toEqual([9, undefined, 2, 4])
    expect(recent.size).toBe(3)
  })

  it('is never more than fits, and hardly less', () => {
    const recent = new Recent<number>(1000)
    const sizes = Array.from({ length: 5000 }, (_, i) => {
      recent.set(`${i}`, i)
      return recent.size
    })
    expect(Math.max(...sizes)).toBe(1000)
    expect(Math.min(...sizes.slice(1000))).toBeGreaterThan(980)
    expect(recent.get('4999')).toBe(4999)
  })

  it('is gone when it is taken away', () => {
    const recent = new Recent<number>(3)
    recent.set('a', 1)
    expect([recent.delete('a'), recent.delete('a'), recent.get('a')]).toEqual([true, false, undefined])
  })

  it('costs as little when it is full as before', () => {
    const cost = (recent: Recent<number>, from: number): number => {
      const { user } = process.cpuUsage()
      for (let i = from; i < from + 20_000; i++) recent.set(`${i}`, i)
      return process.cpuUsage().user - user
    }
    const recent = new Recent<number>(100_000)
    const filling = Array.from({ length: 5 }, (_, n) => cost(recent, n * 20_000))
    const full = Array.from({ length: 5 }, (_, n) => cost(recent, 100_000 + n * 20_000))
    // Finding the oldest anew each time costs fifty times as much.
    expect(Math.min(...full)).toBeLessThan(10 * Math.max(...filling))
  })
})
