/** One batch ahead: asked for before the present one is used up, and never more; none before the first is used up. */
import { describe, expect, it } from 'vitest'
import { prefetch } from '../../../src/directory/prefetch.js'

function counting(last: number, failAt?: number) {
  const seen = { asked: 0, ended: false }
  async function* batches() {
    try {
      for (let i = 1; i <= last; i++) {
        seen.asked = i
        if (i === failAt) throw new Error(`batch ${i}`)
        yield i
      }
    } finally {
      seen.ended = true
    }
  }
  return { seen, batches: batches() }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('prefetching', () => {
  it('gives every batch in order', async () => {
    const found: number[] = []
    for await (const batch of prefetch(counting(5).batches)) found.push(batch)
    expect(found).toEqual([1, 2, 3, 4, 5])
  })

  it('asks for one more than is being used', async () => {
    const { seen, batches } = counting(5)
    for await (const batch of prefetch(batches)) {
      await turn()
      expect(seen.asked).toBe(batch === 1 ? 1 : Math.min(batch + 1, 5))
    }
  })

  it('ends the source when it is left', async () => {
    const { seen, batches } = counting(5)
    for await (const _ of prefetch(batches)) break
    await turn()
    expect(seen).toEqual({ asked: 1, ended: true })
  })

  it('fails where the source does, behind what came before', async () => {
    const found: number[] = []
    const work = async () => {
      for await (const batch of prefetch(counting(5, 3).batches)) {
        await turn()
        found.push(batch)
      }
    }
    await expect(work()).rejects.toThrow('batch 3')
    expect(found).toEqual([1, 2])
  })
})
