/** A gateway with a client that behaves: it asks all the time, whatever others do, and sees how long it has to wait. */
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Child, outcomeOf, serveGateway } from '../fault/running.js'
import { loadStaff, people, staffConfig } from '../fault/staff.js'

export interface Watched {
  readonly gateway: Child
  /** Begins to ask. */
  begin(): void
  /** Has asked enough: fails if an answer took long, memory has grown by more MiB than this, or an error was logged. */
  judge(mebibytes?: number): Promise<void>
  close(): Promise<void>
}

/** @param count of people in its table */
export async function watchedGateway(name: string, count: number): Promise<Watched> {
  const file = join(tmpdir(), `vitrine-${name}-${process.pid}.sqlite`)
  rmSync(file, { force: true })
  await loadStaff(`sqlite:${file}`, count)
  const gateway = await serveGateway(staffConfig(`sqlite:${file}`, {}, { log: { level: 'error' } }))
  const client = await gateway.connect()
  // So that what a running gateway needs anyhow is not counted.
  for (let i = 0; i < 50; i++) await outcomeOf(client, people)
  let watching = true
  let watched: Promise<readonly number[]> = Promise.resolve([])
  let before = 0

  /** How long the gateway worked, on whatever, until it gave each answer. */
  async function watch(): Promise<readonly number[]> {
    const times: number[] = []
    while (watching) {
      const asked = gateway.worked()
      const outcome = await outcomeOf(client, people, { filter: '(uid=user.7)', timeoutMs: 15_000 })
      if (outcome.code !== 0 || outcome.entries !== 1) throw new Error(`answered ${JSON.stringify(outcome)}`)
      times.push(gateway.worked() - asked)
      await sleep(5)
    }
    return times
  }

  return {
    gateway,
    begin: () => {
      before = gateway.memory().now
      watching = true
      watched = watch()
      watched.catch(() => undefined)
    },
    judge: async (mebibytes = 80) => {
      watching = false
      const times = [...(await watched)].sort((a, b) => a - b)
      expect(times.length).toBeGreaterThan(0)
      expect(times[Math.floor(times.length / 2)]).toBeLessThan(200)
      expect(times.at(-1)).toBeLessThan(1000)
      expect(gateway.memory().now - before).toBeLessThan(mebibytes)
      expect(gateway.output()).not.toMatch(/"level":(50|60)|Error:/)
    },
    close: async () => {
      await gateway.close()
      rmSync(file, { force: true })
    },
  }
}
