/** Copies of 100,000 people, by a gateway in a process of its own: how long cycles work, and with how much memory. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Job } from '../../src/copy/jobs/jobs.js'
import { createStore } from '../../src/copy/store/open.js'
import { type Child, serveGateway } from '../fault/running.js'
import { loadStaff, people, staffConfig, tell } from '../fault/staff.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'

const COUNT = 100_000
const PEAK = 200

const folder = mkdtempSync(join(tmpdir(), 'vitrine-copies-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
const sqliteUrl = async () => `sqlite:${join(folder, `${++files}.sqlite`)}`

describe.each([
  ['SQLite', sqliteUrl],
  ['MariaDB', mariadbDatabase],
  ['PostgreSQL', postgresDatabase],
])(`${COUNT} people of SQLite in a store of %s`, (_name, database) => {
  it(`are copied in less than ${PEAK} MiB, and a cycle without changes costs little beside the read`, {
    timeout: 600_000,
  }, async () => {
    const [url, store] = [await sqliteUrl(), await database()]
    await loadStaff(url, COUNT)
    const { views, ...config } = staffConfig(url, {}, { log: { level: 'error' } })
    const [mapping] = views
    if (mapping === undefined) throw new RangeError('there is a view')
    const given = {
      ...config,
      copy: { store, pollingInterval: '1s' },
      views: [{ mapping: mapping as object, refreshMethod: 'copy' }],
    }
    const gateway: Child = await serveGateway(JSON.stringify(given))
    const opened = createStore({
      url: store,
      pool: { max: 2, acquireTimeout: 60_000 },
      statementTimeout: 60_000,
      connectTimeout: 10_000,
    })
    /** The jobs that have ended, the oldest first. */
    const jobs = async () =>
      (await opened.records('jobs').list({ limit: 1000 }))
        .map(({ value }) => value as Job)
        .filter(({ status }) => status !== 'running')
        .reverse()
    const ended = async (count: number) => {
      await expect
        .poll(async () => (await jobs()).length, { timeout: 300_000, interval: 50 })
        .toBeGreaterThanOrEqual(count)
      return jobs()
    }
    try {
      const [first] = await ended(1)
      expect(first).toMatchObject({ status: 'completed', views: { people: { add: COUNT } } })
      const known = (await ended(2)).length
      const before = { jobs: known, worked: gateway.worked() }
      const after = await ended(known + 2)
      const perCycle = (gateway.worked() - before.worked) / (after.length - before.jobs)
      expect(after.at(-1)).toMatchObject({ snapshot: 1, views: { people: { unchanged: COUNT } } })
      const client = await gateway.connect()
      const began = gateway.worked()
      let count = 0
      for await (const _entry of client.search(people, { scope: 'singleLevel' })) count++
      const reading = gateway.worked() - began
      expect(count).toBe(COUNT)
      // Sending entries costs more than reading them.
      expect(perCycle - reading).toBeLessThan(3000)
      expect(gateway.memory().peak).toBeLessThan(PEAK)
      await tell(url, `update staff set mail = 'changed@example.com' where id <= 10`)
      await expect
        .poll(
          async () =>
            (await client.searchAll(people, { filter: '(mail=changed@example.com)' })).entries.length,
          { timeout: 60_000 },
        )
        .toBe(10)
    } finally {
      await opened.close()
      await gateway.close()
    }
  })
})
