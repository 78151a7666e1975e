/** Rows of statements that PostgreSQL has prepared are as those of any other, though it describes them but once. */
import { expect, it } from 'vitest'
import { postgresDriver } from '../../../../src/sources/sql/drivers/postgres.js'
import { postgresDatabase } from '../../../servers/shared.js'

const open = async () =>
  postgresDriver({
    url: await postgresDatabase(),
    pool: { max: 1, acquireTimeout: 5000 },
    statementTimeout: 5000,
    connectTimeout: 5000,
  })

it('fixed-width texts have no blanks at their end, however often they are asked for', async () => {
  const driver = await open()
  try {
    const ask = (text: string) =>
      driver.query({ sql: 'SELECT $1::char(8), $2::varchar(8), NULL::char(8)', bindings: [text, text] })
    for (let i = 0; i < 4; i++) expect(await ask('ann  ')).toEqual([['ann', 'ann  ', null]])
  } finally {
    await driver.close()
  }
})

it('a column that has become another one is read as what it is', async () => {
  const driver = await open()
  try {
    const run = (sql: string) => driver.query({ sql, bindings: [] })
    await run('CREATE TABLE coded (code char(6))')
    await run("INSERT INTO coded VALUES ('a')")
    const ask = () => driver.query({ sql: 'SELECT code FROM coded WHERE $1 = 1', bindings: [1] })
    for (let i = 0; i < 3; i++) expect(await ask()).toEqual([['a']])
    await run("ALTER TABLE coded ALTER code TYPE text USING 'a  '")
    for (let i = 0; i < 3; i++) expect(await ask()).toEqual([['a  ']])
  } finally {
    await driver.close()
  }
})

it('a statement that fails leaves the connection to the next, prepared or not', async () => {
  const driver = await open()
  try {
    const divide = (by: number) => driver.query({ sql: 'SELECT 6 / $1::int', bindings: [by] })
    for (const by of [2, 0, 3, 0, 0, 1]) {
      if (by === 0) await expect(divide(by)).rejects.toThrow()
      else expect(await divide(by)).toEqual([[String(6 / by)]])
    }
    await expect(driver.query({ sql: 'SELEC', bindings: [] })).rejects.toThrow()
    expect(await driver.query({ sql: 'SELECT 1', bindings: [] })).toEqual([['1']])
    // pg has no way to write it.
    const circle: unknown[] = []
    circle.push(circle)
    await expect(driver.query({ sql: 'SELECT $1', bindings: [circle] })).rejects.toThrow()
    expect(await driver.query({ sql: 'SELECT 2', bindings: [] })).toEqual([['2']])
  } finally {
    await driver.close()
  }
})
