/** The statement of lookups is the same whether or not so many have been asked for before. */
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Dialect, SqlColumn, TextTraits } from '../../../../src/sources/sql/dialect.js'
import { mariadb } from '../../../../src/sources/sql/dialects/mariadb.js'
import { postgresql } from '../../../../src/sources/sql/dialects/postgresql.js'
import { sqlite } from '../../../../src/sources/sql/dialects/sqlite.js'
import type { Driver } from '../../../../src/sources/sql/driver.js'
import { sqlLookups } from '../../../../src/sources/sql/lookup.js'
import type { Statement } from '../../../../src/sources/sql/statement.js'

const text: TextTraits = { fold: 'lower', unicode: false, pads: false, codePointOrder: false }
const columns: readonly SqlColumn[] = [
  { name: 'id', kind: 'integer', type: 'int', unique: true },
  { name: 'uid', kind: 'text', type: 'text', unique: true, text },
  { name: 'mail', kind: 'text', type: 'text', unique: true, text: { ...text, pads: true } },
]
const condition = { column: columns[1], not: false, values: ['a', 'b'] }

/** A dialect that reads tables through something that is bound, as copies are read. */
const bound = (dialect: Dialect): Dialect => ({
  ...dialect,
  from: (name, hold) => `(SELECT * FROM ${name} WHERE n <= ${hold(7)})`,
})

/** Asks for each of these together, one question after the other, and tells what the database was asked. */
async function asked(
  dialect: Dialect,
  column: SqlColumn,
  questions: readonly (readonly string[])[],
): Promise<readonly Statement[]> {
  const statements: Statement[] = []
  const driver: Pick<Driver, 'dialect' | 'query'> = {
    dialect,
    query: async (statement) => {
      statements.push(statement)
      return []
    },
  }
  const table = { name: 'hr.people', columns: new Map(columns.map((c) => [c.name, c])), keys: [['id']] }
  const shape = { table, where: [condition], columns, column, rule: undefined }
  const queue = sqlLookups(driver as Driver, shape as never, (raw) => raw as never)
  const { signal } = new AbortController()
  for (const values of questions) {
    for (const value of values) void queue.find({ form: value, value }, { signal })
    await turn()
    await turn()
  }
  return statements
}

const dialects = [mariadb, postgresql, sqlite].flatMap((d) => [
  { name: d.name, dialect: d },
  { name: `${d.name}, bound`, dialect: bound(d) },
])

describe.each(dialects)('$name', ({ dialect }) => {
  it.each(columns)('by $name', async (column) => {
    const word =
      column.kind === 'integer' ? fc.integer().map(String) : fc.stringMatching(/^[A-Za-z'%_]{1,6}$/)
    const question = fc.uniqueArray(word, { minLength: 1, maxLength: 9 })
    await fc.assert(
      fc.asyncProperty(fc.array(question, { minLength: 1, maxLength: 8 }), async (questions) => {
        const inTurn = await asked(dialect, column, questions)
        const alone = await Promise.all(questions.map((one) => asked(dialect, column, [one])))
        expect(inTurn).toEqual(alone.flat())
      }),
    )
  })
})
