import { describe, expect, it } from 'vitest'
import { backoff, ProblemList, problemsOf } from '../../../src/copy/cycle/problem-list.js'
import { MemoryRecords } from './memory-records.js'

const MINUTE = 60_000

async function world() {
  const records = new MemoryRecords()
  let now = new Date('2026-05-01T12:00:00Z')
  const list = new ProblemList(records, 'local', () => now)
  const keep = async () => {
    await records.putMany(list.changes())
    await list.load()
  }
  const all = async () => {
    const found = []
    for await (const problem of problemsOf(records, 'local')) found.push(problem)
    return found
  }
  await list.load()
  return { list, keep, all, records, pass: (ms: number) => (now = new Date(now.getTime() + ms)) }
}

const failed = (key: string) => ({
  view: 'people',
  key,
  name: 'anna',
  reason: { code: 'missing' as const, message: 'it has no mail' },
})

describe('the list of problems', () => {
  it('waits longer from one attempt to the next, and a day at most', () => {
    expect([1, 2, 3, 4].map(backoff)).toEqual([MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE])
    expect(backoff(500)).toBe(24 * 60 * MINUTE)
  })

  it('keeps since when, how often and when next', async () => {
    const { list, keep, all, pass } = await world()
    list.add(failed('1'), 'h')
    await keep()
    pass(MINUTE)
    list.add(failed('1'), 'h')
    await keep()
    expect(await all()).toEqual([
      {
        ...failed('1'),
        target: 'local',
        firstSeen: '2026-05-01T12:00:00.000Z',
        lastSeen: '2026-05-01T12:01:00.000Z',
        attempts: 2,
        nextAttempt: '2026-05-01T12:03:00.000Z',
      },
    ])
  })

  it('leaves alone what failed until its time comes or it changes', async () => {
    const { list, keep, pass } = await world()
    list.add(failed('1'), 'h')
    await keep()
    expect(list.waits('people', '1', 'h')).toBe(true)
    expect(list.waits('people', '1', 'other')).toBe(false)
    expect(list.waits('people', '2', 'h')).toBe(false)
    pass(MINUTE)
    expect(list.waits('people', '1', 'h')).toBe(false)
  })

  it('forgets what is well', async () => {
    const { list, keep, all } = await world()
    list.add(failed('1'), 'h')
    list.add(failed('2'), 'h')
    await keep()
    list.settle('people', '1')
    list.settle('people', '3')
    expect(list.changes()).toHaveLength(1)
    await keep()
    expect((await all()).map(({ key }) => key)).toEqual(['2'])
    expect(list.keys('people')).toEqual(['2'])
  })

  it('knows those of one target from those of another, also of more than a page', async () => {
    const { list, keep, all, records } = await world()
    for (let i = 0; i < 2500; i++) list.add(failed(String(i)), 'h')
    await keep()
    const other = new ProblemList(records, 'local2', () => new Date())
    await other.load()
    other.add(failed('x'), 'h')
    await records.putMany(other.changes())
    expect(await all()).toHaveLength(2500)
  })

  it('takes keys of any length', async () => {
    const { list, keep } = await world()
    list.add(failed('k'.repeat(5000)), 'h')
    await keep()
    expect(list.keys('people')).toEqual(['k'.repeat(5000)])
  })
})
