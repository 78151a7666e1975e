import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { cronProblem, type Schedule, Scheduler } from '../../../src/copy/jobs/scheduler.js'

const MINUTE = 60_000

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-05-01T12:00:30Z') })
})
afterEach(() => {
  vi.useRealTimers()
})

/** What was begun when, of cycles that take so long. */
function started(schedule: Schedule, took = 0, fails?: 'again' | 'throws') {
  const runs: string[] = []
  const scheduler = new Scheduler(schedule, async (trigger) => {
    runs.push(`${new Date().toISOString().slice(11, 19)} ${trigger}`)
    if (took > 0) await new Promise((resolve) => setTimeout(resolve, took))
    if (fails === 'throws') throw new Error('no')
    return fails
  })
  scheduler.start()
  return { runs, scheduler }
}

describe('the schedule', () => {
  it('runs at once and then from one interval to the next, however long a cycle takes', async () => {
    const { runs } = started({ interval: MINUTE }, 20_000)
    await vi.advanceTimersByTimeAsync(2.5 * MINUTE)
    expect(runs).toEqual(['12:00:30 start', '12:01:30 interval', '12:02:30 interval'])
  })

  it('never runs two at a time', async () => {
    const { runs } = started({ interval: MINUTE }, 1.5 * MINUTE)
    await vi.advanceTimersByTimeAsync(4 * MINUTE)
    expect(runs).toEqual(['12:00:30 start', '12:02:00 interval', '12:03:30 interval'])
  })

  it('runs when a cron expression says, in its time zone', async () => {
    const { runs } = started({ cron: { expression: '30 14 * * *', zone: 'Europe/Berlin' } })
    await vi.advanceTimersByTimeAsync(60 * MINUTE)
    expect(runs).toEqual(['12:00:30 start', '12:30:00 cron'])
  })

  it('goes by whichever comes first', async () => {
    const { runs } = started({ interval: 20 * MINUTE, cron: { expression: '*/30 * * * *', zone: 'UTC' } })
    await vi.advanceTimersByTimeAsync(50 * MINUTE)
    expect(runs).toEqual(['12:00:30 start', '12:20:30 interval', '12:30:00 cron', '12:50:00 interval'])
  })

  it.each(['again', 'throws'] as const)(
    'tries again soon what has failed (%s), and less and less so',
    async (how) => {
      const { runs } = started({ interval: MINUTE }, 0, how)
      await vi.advanceTimersByTimeAsync(3.5 * MINUTE)
      expect(runs).toEqual([
        '12:00:30 start',
        '12:00:40 start',
        '12:01:00 start',
        '12:01:40 start',
        '12:02:40 interval',
        '12:03:40 interval',
      ])
    },
  )

  it('waits longer than a timer can', async () => {
    const { runs } = started({ cron: { expression: '0 0 1 7 *', zone: 'UTC' } })
    await vi.advanceTimersByTimeAsync(62 * 24 * 60 * MINUTE)
    expect(runs).toEqual(['12:00:30 start', '00:00:00 cron'])
  })

  it('stops once the cycle that is running has ended', async () => {
    const { runs, scheduler } = started({ interval: MINUTE }, 10_000)
    let stopped = false
    void scheduler.stop().then(() => {
      stopped = true
    })
    await vi.advanceTimersByTimeAsync(5000)
    expect(stopped).toBe(false)
    await vi.advanceTimersByTimeAsync(5 * MINUTE)
    expect(stopped).toBe(true)
    expect(runs).toHaveLength(1)
  })

  it('tells what is wrong with an expression', () => {
    expect(cronProblem('*/5 * * * *')).toBeUndefined()
    expect(cronProblem('61 * * * *')).toBeDefined()
    expect(cronProblem('0 0 30 2 *')).toBeDefined()
    expect(cronProblem('0 0 * * *', 'Europe/Nowhere')).toBeDefined()
  })
})
