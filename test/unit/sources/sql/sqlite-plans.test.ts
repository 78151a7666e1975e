/** Lookups in an SQLite file are found by its index, whichever version of SQLite the runtime has. */
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { Cell } from '../../../../src/sources/source.js'
import { sqlite } from '../../../../src/sources/sql/dialects/sqlite.js'
import type { Driver } from '../../../../src/sources/sql/driver.js'
import {
  createSqliteFile,
  type Database,
  openSqlite,
} from '../../../../src/sources/sql/drivers/sqlite-file.js'
import { describe as describeTable } from '../../../../src/sources/sql/drivers/sqlite-schema.js'
import { sqlLookups } from '../../../../src/sources/sql/lookup.js'
import type { Statement } from '../../../../src/sources/sql/statement.js'

const file = join(tmpdir(), `vitrine-plans-${process.pid}.sqlite`)
let database: Database | undefined
afterAll(() => {
  database?.close()
  rmSync(file, { force: true })
})

it.each([
  [
    'a collation of its own',
    'CREATE TABLE people (id INTEGER PRIMARY KEY, login TEXT COLLATE NOCASE UNIQUE)',
  ],
  [
    'an index of another',
    'CREATE TABLE people (id INTEGER PRIMARY KEY, login TEXT); CREATE UNIQUE INDEX logins ON people (login COLLATE NOCASE)',
  ],
])('a text with %s', async (_what, table) => {
  rmSync(file, { force: true })
  const texts = ['ann', 'Bob', 'carl ', ' dora', 'annabel', 'b']
  const rows = texts.map((text, i) => `(${i}, '${text}')`).join()
  createSqliteFile(file, [table, `INSERT INTO people VALUES ${rows}`, 'ANALYZE'])
  database?.close()
  const opened = openSqlite(file, 'read')
  database = opened
  const query = async ({ sql, bindings }: Statement) => opened.all(sql, bindings)
  const described = await describeTable('people', query)
  const column = described?.columns.get('login')
  const asked: Statement[] = []
  const driver = {
    dialect: sqlite,
    query: (statement: Statement) => {
      asked.push(statement)
      return query(statement)
    },
  }
  const shape = { table: described, where: [], columns: [column], column, rule: 'caseIgnore' }
  const queue = sqlLookups(driver as unknown as Driver, shape as never, (raw) => raw as Cell[][])
  const found = await Promise.all(
    ['ANN', 'bob', 'carl', 'dora', 'nobody'].map((text) =>
      queue.find(
        { form: text.toLowerCase(), value: text.toLowerCase() },
        { signal: new AbortController().signal },
      ),
    ),
  )
  expect(found).toEqual([[['ann']], [['Bob']], [['carl ']], [[' dora']], []])
  expect(asked).toHaveLength(1)
  for (const { sql, bindings } of asked) {
    const plan = opened.all(`EXPLAIN QUERY PLAN ${sql}`, bindings).map((row) => String(row.at(-1)))
    expect(plan).toContainEqual(expect.stringMatching(/^SEARCH t\d+ USING .*login>\? AND login<\?/))
    expect(plan.filter((step) => /^SCAN t\d/.test(step))).toEqual([])
  }
})
