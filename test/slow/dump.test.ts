/** Memory does not grow with the result: 100,000 entries through a gateway in a process of its own. */
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Child, serveGateway } from '../fault/running.js'
import { loadStaff, people, staffConfig } from '../fault/staff.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'

const COUNT = 100_000
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
  it('sent again, and in pages, need no more memory than the first time', { timeout: 180_000 }, async () => {
    const url = await database()
    await loadStaff(url, COUNT)
    const gateway: Child = await serveGateway(staffConfig(url, {}, { log: { level: 'error' } }))
    try {
      const client = await gateway.connect()
      const unpaged = async () => {
        let count = 0
        for await (const _entry of client.search(people, { scope: 'singleLevel' })) count++
        return count
      }
      expect(await unpaged()).toBe(COUNT)
      const { peak } = gateway.memory()
      for (let round = 0; round < 2; round++) expect(await unpaged()).toBe(COUNT)
      let paged = 0
      for await (const _entry of client.searchPaged(people, { scope: 'singleLevel', pageSize: 1000 })) paged++
      expect(paged).toBe(COUNT)
      expect(gateway.memory().peak).toBeLessThan(peak + 30)
    } finally {
      await gateway.close()
    }
  })
})
