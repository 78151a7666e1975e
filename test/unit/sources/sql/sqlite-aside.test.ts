/** SQLite written in a thread of its own, which only what is compiled has: what writers rely on is the same. */
import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import type { Driver } from '../../../../src/sources/sql/driver.js'
import { createSqliteFile } from '../../../../src/sources/sql/drivers/sqlite-file.js'

const compiled = new URL('../../../../dist/sources/sql/drivers/sqlite.js', import.meta.url).href
const { sqliteDriver } = (await import(
  compiled
)) as typeof import('../../../../src/sources/sql/drivers/sqlite.js')

const folder = mkdtempSync(join(tmpdir(), 'vitrine-aside-'))
const options = { pool: { max: 1, acquireTimeout: 5000 }, statementTimeout: 5000, connectTimeout: 1000 }
const open: Driver[] = []
let file = ''
let count = 0

const writer = () => {
  const driver = sqliteDriver({ ...options, url: `sqlite:${file}`, writesMuch: true })
  open.push(driver)
  return driver
}
const write = (driver: Driver, sql: string, ...bindings: unknown[]) =>
  driver.transaction((query) => query({ sql, bindings }))
const names = async (driver: Driver) =>
  (await driver.query({ sql: 'SELECT name FROM people ORDER BY id', bindings: [] })).map(([name]) => name)

beforeEach(() => {
  file = join(folder, `${count++}.sqlite`)
  createSqliteFile(file, [
    'PRAGMA journal_mode = WAL',
    'CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT UNIQUE, photo BLOB)',
  ])
})
afterEach(async () => {
  for (const driver of open.splice(0)) await driver.close()
})
afterAll(() => rmSync(folder, { recursive: true }))

test('what a transaction writes is there when it has ended, and nothing of one that throws', async () => {
  const driver = writer()
  await write(driver, 'INSERT INTO people (id, name) VALUES (1, ?)', 'ada')
  const failing = driver.transaction(async (query) => {
    await query({ sql: 'INSERT INTO people (id, name) VALUES (2, ?)', bindings: ['bob'] })
    throw new RangeError('not so')
  })
  await expect(failing).rejects.toThrow('not so')
  expect(await names(driver)).toEqual(['ada'])
})

test('values come back as they went: great numbers, octets, nothing', async () => {
  const driver = writer()
  const photo = Buffer.from([0, 255, 128])
  await write(driver, 'INSERT INTO people VALUES (?, ?, ?)', 2n ** 62n, 'ada', photo)
  await write(driver, 'INSERT INTO people VALUES (?, ?, ?)', 2, 'bob', null)
  const rows = await driver.transaction((query) =>
    query({ sql: 'SELECT id, photo FROM people ORDER BY name', bindings: [] }),
  )
  expect(rows.map(([id]) => id)).toEqual([2n ** 62n, 2n])
  const [[, octets], [, none]] = rows as [unknown[], unknown[]]
  expect(Buffer.from(octets as ArrayBuffer)).toEqual(photo)
  expect(none).toBeNull()
})

test('what the database refuses is told as it is without a thread', async () => {
  const driver = writer()
  await write(driver, 'INSERT INTO people (id, name) VALUES (1, ?)', 'ada')
  const twice = write(driver, 'INSERT INTO people (id, name) VALUES (2, ?)', 'ada')
  const error = await twice.catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'internalError', cause: { code: 'SQLITE_CONSTRAINT_UNIQUE' } })
  expect(String(error)).toContain('UNIQUE constraint failed')
  expect(await names(driver)).toEqual(['ada'])
})

test('two writers of a file wait for each other', async () => {
  const [one, other] = [writer(), writer()]
  const inserts = Array.from({ length: 40 }, (_, i) =>
    write(i % 2 === 0 ? one : other, 'INSERT INTO people (id, name) VALUES (?, ?)', i, `p${i}`),
  )
  await Promise.all(inserts)
  expect(await names(one)).toHaveLength(40)
})

test('a file that is away is unavailable, and written again when it is back', async () => {
  const driver = writer()
  await write(driver, 'INSERT INTO people (id, name) VALUES (1, ?)', 'ada')
  renameSync(file, `${file}.away`)
  await expect(write(driver, 'DELETE FROM people')).rejects.toMatchObject({ code: 'unavailable' })
  renameSync(`${file}.away`, file)
  await write(driver, 'INSERT INTO people (id, name) VALUES (2, ?)', 'bob')
  expect(await names(driver)).toEqual(['ada', 'bob'])
})

test('nobody is held up by a statement that takes long', async () => {
  const driver = writer()
  await write(driver, 'DELETE FROM people')
  const delay = monitorEventLoopDelay({ resolution: 5 })
  const many = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
    INSERT INTO people (id, name) SELECT i, 'person ' || i FROM n`
  delay.enable()
  const begun = performance.now()
  await write(driver, many)
  const took = performance.now() - begun
  delay.disable()
  expect(took).toBeGreaterThan(100)
  expect(delay.max / 1e6).toBeLessThan(took / 2)
})
