/** Sliced work: it ends, it fails where it is awaited, and pieces of work take turns. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { inSlices } from '../../../../src/directory/password/slices.js'

/** Every look at the clock takes a quarter of a millisecond, so that slices are the same on any machine. */
beforeEach(() => {
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += 0.25
    return now
  })
})
afterEach(() => {
  vi.restoreAllMocks()
})

function* steps(count: number, each: () => void = () => {}): Generator<void, number> {
  for (let step = 0; step < count; step++) {
    each()
    yield
  }
  return count
}

describe('inSlices', () => {
  it('resolves to what the work returns', async () => {
    expect(await inSlices(steps(0))).toBe(0)
    expect(await inSlices(steps(1000))).toBe(1000)
  })

  it('does not begin before the caller has gone on', () => {
    let begun = false
    void inSlices(
      steps(1, () => {
        begun = true
      }),
    )
    expect(begun).toBe(false)
  })

  it('rejects with what the work throws and goes on with the rest', async () => {
    const failing = inSlices(
      steps(10, () => {
        throw new Error('failed')
      }),
    )
    const other = inSlices(steps(30))
    await expect(failing).rejects.toThrow('failed')
    expect(await other).toBe(30)
  })

  it('lets short work end before long work that began earlier', async () => {
    const ended: string[] = []
    const long = inSlices(steps(300)).then(() => ended.push('long'))
    const short = inSlices(steps(30)).then(() => ended.push('short'))
    await Promise.all([long, short])
    expect(ended).toEqual(['short', 'long'])
  })

  it('gives each turn of the event loop one slice, however much work there is', async () => {
    let turn = 0
    let running = true
    const next = () => {
      turn++
      if (running) setImmediate(next)
    }
    setImmediate(next)
    const inTurn = new Map<number, Set<string>>()
    const slice = new Map<string, number>()
    const work = ['a', 'b', 'c', 'd', 'e'].map((name) =>
      inSlices(
        steps(40, () => {
          inTurn.set(turn, (inTurn.get(turn) ?? new Set()).add(name))
          slice.set(`${turn} ${name}`, (slice.get(`${turn} ${name}`) ?? 0) + 1)
        }),
      ),
    )
    await Promise.all(work)
    running = false
    expect([...inTurn.values()].every((names) => names.size === 1)).toBe(true)
    expect(Math.max(...slice.values())).toBeLessThanOrEqual(5)
    expect(inTurn.size).toBeGreaterThanOrEqual(40)
  })
})
