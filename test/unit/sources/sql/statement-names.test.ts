/** PostgreSQL keeps a statement prepared when its shape comes again, and only then. */
import { expect, it } from 'vitest'
import { postgresDriver } from '../../../../src/sources/sql/drivers/postgres.js'
import { postgresDatabase } from '../../../servers/shared.js'

it('prepares what is asked twice', async () => {
  const driver = postgresDriver({
    url: await postgresDatabase(),
    pool: { max: 1, acquireTimeout: 5000 },
    statementTimeout: 5000,
    connectTimeout: 5000,
  })
  try {
    const sql = 'SELECT $1::int + 1'
    const kept = async (n: number) =>
      (
        await driver.query({ sql: `SELECT statement FROM pg_prepared_statements -- ${n}`, bindings: [] })
      ).flat()
    expect(await driver.query({ sql, bindings: [1] })).toEqual([['2']])
    expect(await kept(1)).not.toContain(sql)
    expect(await driver.query({ sql, bindings: [2] })).toEqual([['3']])
    expect(await kept(2)).toContain(sql)
    expect(await driver.query({ sql, bindings: [3] })).toEqual([['4']])
    expect((await kept(3)).filter((s) => s === sql)).toHaveLength(1)
  } finally {
    await driver.close()
  }
})
