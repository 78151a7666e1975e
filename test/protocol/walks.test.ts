/** What a walk along the rows of a table finds is of one moment, however many others write meanwhile. */
import { describe, expect, it } from 'vitest'
import type { Context } from '../../src/model/request.js'
import type { Row, SourceQuery } from '../../src/sources/source.js'
import { createSqlSource } from '../../src/sources/sql/source.js'
import { openSql } from '../data/sql-client.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'

const PEOPLE = 2000
const MOVED = 50
const ROUNDS = 30
const ctx = { signal: new AbortController().signal } as Context

describe.each([
  ['MariaDB', mariadbDatabase],
  ['PostgreSQL', postgresDatabase],
] as const)('%s', (_name, database) => {
  it('people go from the end to the beginning and back: pages follow each other, and nobody is lost or counted twice', async () => {
    const url = await database()
    const client = await openSql(url)
    await client.run('create table people (id integer not null primary key, name varchar(20) not null)')
    const rows = Array.from({ length: PEOPLE }, (_, i) => `(${i + 1}, 'n${i + 1}')`)
    await client.run(`insert into people values ${rows.join(', ')}`)
    const source = createSqlSource({
      url,
      pool: { max: 4, acquireTimeout: 5000 },
      statementTimeout: 10_000,
      connectTimeout: 5000,
    })
    try {
      const table = await source.describe('people')
      const key = table?.columns.get('id')
      if (table === undefined || key === undefined) throw new Error('no table')
      const fields = [{ kind: 'column', column: key }] as const
      const query: SourceQuery = { table, key, where: [], filter: { op: 'const', value: true }, fields }
      const page = async (skip: number): Promise<readonly number[]> => {
        const found: Row[] = []
        for await (const batch of source.search({ ...query, skip, limit: 20 }, ctx)) found.push(...batch)
        return found.map(([id]) => Number(id))
      }
      let isOver = false
      const writing = (async () => {
        for (let n = 0; !isOver; n++) {
          // In one statement, so that there is no moment between.
          const [from, by] = n % 2 === 0 ? [PEOPLE - MOVED, -PEOPLE] : [-MOVED, PEOPLE]
          await client.run(`update people set id = id + ${by} where id > ${from} and id <= ${from + MOVED}`)
        }
      })()
      let moved = 0
      for (let round = 0; round < ROUNDS; round++) {
        const skips = [1, 100, 110, 700, 1500, 1900].map((skip) => skip + round)
        const [pages, total] = await Promise.all([Promise.all(skips.map(page)), source.count(query, ctx)])
        expect(total).toBe(PEOPLE)
        const offsets = new Set(
          pages.slice(1, 5).flatMap((ids, i) => ids.map((id, at) => (skips[i + 1] ?? 0) + at + 1 - id)),
        )
        expect(offsets.size).toBe(1)
        if (offsets.has(MOVED)) moved++
        else expect(offsets).toEqual(new Set([0]))
      }
      isOver = true
      await writing
      expect(moved).toBeGreaterThan(0)
      expect(moved).toBeLessThan(ROUNDS)
    } finally {
      await source.close()
      await client.close()
    }
  })
})
