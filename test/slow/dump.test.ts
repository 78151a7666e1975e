/** Memory does not grow with the result: 100,000 entries through a gateway in a process of its own. */
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Child, serveGateway } from '../fault/running.js'
import { loadStaff, people, staffConfig } from '../fault/staff.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'

const COUNT = 100_000
const PEAK = 150
const file = join(tmpdir(), `vitrine-dump-${process.pid}.sqlite`)

afterAll(() => rmSync(file, { force: true }))

describe.each([
  ['MariaDB', mariadbDatabase],
  ['PostgreSQL', postgresDatabase],
  [
    'SQLite',
    async () => {
      rmSync(file, { force: true })
      return `sqlite:${file}`
    },
  ],
])(`${COUNT} entries of %s`, (_name, database) => {
  it(`need less than ${PEAK} MiB, paged or not, also four times at once`, { timeout: 180_000 }, async () => {
    const url = await database()
    await loadStaff(url, COUNT)
    const gateway: Child = await serveGateway(staffConfig(url, {}, { log: { level: 'error' } }))
    try {
      const client = await gateway.connect()
      let unpaged = 0
      for await (const _entry of client.search(people, { scope: 'singleLevel' })) unpaged++
      expect(unpaged).toBe(COUNT)
      expect(gateway.memory().peak).toBeLessThan(PEAK)
      let paged = 0
      for await (const _entry of client.searchPaged(people, { scope: 'singleLevel', pageSize: 1000 })) paged++
      expect(paged).toBe(COUNT)
      expect(gateway.memory().peak).toBeLessThan(PEAK)
      const counts = await Promise.all(
        Array.from({ length: 4 }, async () => {
          const other = await gateway.connect()
          let count = 0
          for await (const _entry of other.search(people, { scope: 'singleLevel' })) count++
          return count
        }),
      )
      expect(counts).toEqual(Array(4).fill(COUNT))
      expect(gateway.memory().peak).toBeLessThan(PEAK)
    } finally {
      await gateway.close()
    }
  })
})
