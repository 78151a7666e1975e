/** Numbers with a fraction: kept, found and sorted by as JSON has them, whatever the type of the column. */
import { describe, expect, it } from 'vitest'
import { type Database, databases, found, refusal, type Scim, USER } from './serving.js'
import { serving, withAttributes } from './tables.js'

const serve = serving()
const EXTENSION = 'urn:example:scim:schemas:extension:sizes:2.0:User'

/** Rounded to 4 bytes, some of them are others. */
const numbers = [0, 1, -1, 0.1, 0.5, 0.25, 2.5, -7.75, 100, 12_345.67, 99_999_999.99, 1e-2]
const types: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  MariaDB: {
    fixed: 'decimal(14,4)',
    long: 'decimal(40,20)',
    double: 'double',
    single: 'float',
    whole: 'bigint',
  },
  PostgreSQL: {
    fixed: 'numeric(14,4)',
    long: 'numeric',
    double: 'double precision',
    single: 'real',
    whole: 'bigint',
  },
  SQLite: { fixed: 'decimal(14,4)', long: 'numeric', double: 'double', single: 'float', whole: 'integer' },
}
const columns = ['fixed', 'long', 'double', 'single', 'whole'] as const

async function served(kind: string, create: () => Promise<Database>): Promise<Scim> {
  const own = types[kind] ?? {}
  const shown = Object.fromEntries(
    columns.map((name) => [`${EXTENSION}:${name}`, { column: `c_${name}`, syntax: 'decimal' }]),
  )
  const { as } = await serve(
    [
      `create table users (id varchar(40) primary key, login varchar(40) unique, ${columns.map((c) => `c_${c} ${own[c]}`).join(', ')})`,
      `create table sizes (person varchar(40), kind varchar(20), size ${own.fixed}, weight ${own.double})`,
    ],
    [
      withAttributes(
        {},
        {
          scim: {
            resource: 'User',
            attributes: {
              ...shown,
              [`${EXTENSION}:sizes`]: {
                table: 'sizes',
                on: 'person',
                parts: {
                  kind: 'kind',
                  size: { column: 'size', syntax: 'decimal' },
                  weight: { column: 'weight', syntax: 'decimal' },
                },
              },
            },
          },
        },
      ),
    ],
    { create },
  )
  return as('admin')
}

const user = (userName: string, sizes: object) => ({
  schemas: [USER, EXTENSION],
  userName,
  [EXTENSION]: sizes,
})

describe.each(databases)('decimals in %s', (kind, create) => {
  it('come back as they were, or are refused', async () => {
    const admin = await served(kind, create)
    const { body } = await admin.get(`/Schemas/${EXTENSION}`)
    const attributes = body.attributes as readonly { name: string; type: string }[]
    expect(attributes.map(({ name, type }) => `${name} ${type}`)).toEqual([
      ...columns.map((name) => `${name} decimal`),
      'sizes complex',
    ])
    for (const [n, number] of [...numbers, 1e20, 1.5e-7, 123_456.789].entries()) {
      for (const column of columns) {
        const given = { [column]: number }
        const answer = await admin.post('/Users', user(`${column}${n}`, given))
        // What is rounded, or does not fit, has not been kept.
        if (answer.status !== 201)
          expect(answer, `${column} ${number}`).toMatchObject(refusal(400, 'invalidValue'))
        else expect(answer.body[EXTENSION], `${column} ${number}`).toEqual(given)
        if (column === 'double') expect(answer.status).toBe(201)
      }
    }
    const [id = ''] = await found(admin, '/Users', 'userName eq "fixed1"')
    const path = `${EXTENSION}:fixed`
    const replaced = await admin.patch(`/Users/${id}`, [{ op: 'replace', path, value: 2.25 }])
    expect(replaced.body[EXTENSION]).toEqual({ fixed: 2.25 })
    for (const value of ['2.25', true, 'x', 0.00001])
      expect(await admin.patch(`/Users/${id}`, [{ op: 'replace', path, value }])).toMatchObject(
        value === 0.00001 && ['SQLite', 'a copy'].includes(kind)
          ? { status: 200 }
          : refusal(400, 'invalidValue'),
      )
  }, 60_000)

  it('are found and sorted by', async () => {
    const admin = await served(kind, create)
    const ofColumn = new Map<string, Map<string, number>>()
    for (const column of columns) {
      const kept = new Map<string, number>()
      ofColumn.set(column, kept)
      for (const [n, number] of numbers.entries()) {
        const { status, body } = await admin.post('/Users', user(`${column}${n}`, { [column]: number }))
        if (status === 201) kept.set(body.id ?? '', number)
      }
      expect(kept.size).toBeGreaterThan(column === 'whole' ? 3 : 9)
    }
    await admin.user({ userName: 'nothing' })
    const holds = {
      eq: (a: number, b: number) => a === b,
      ne: (a: number, b: number) => a !== b,
      gt: (a: number, b: number) => a > b,
      ge: (a: number, b: number) => a >= b,
      lt: (a: number, b: number) => a < b,
      le: (a: number, b: number) => a <= b,
    }
    for (const [column, kept] of ofColumn) {
      for (const value of [...numbers, 0.1000001, 0.30000000000000004, 1e30, -1e-300, 2]) {
        for (const [op, isSo] of Object.entries(holds)) {
          const filter = `${EXTENSION}:${column} pr and ${EXTENSION}:${column} ${op} ${value}`
          const expected = [...kept].flatMap(([id, number]) => (isSo(number, value) ? [id] : []))
          expect((await found(admin, '/Users', filter)).toSorted(), filter).toEqual(expected.toSorted())
          const denied = `${EXTENSION}:${column} pr and not (${EXTENSION}:${column} ${op} ${value})`
          const others = [...kept].flatMap(([id, number]) => (isSo(number, value) ? [] : [id]))
          expect((await found(admin, '/Users', denied)).toSorted(), denied).toEqual(others.toSorted())
        }
      }
      for (const sortOrder of ['ascending', 'descending']) {
        const query = { sortBy: `${EXTENSION}:${column}`, sortOrder, filter: `${EXTENSION}:${column} pr` }
        const { body } = await admin.get('/Users', query)
        const sorted = [...kept.values()].toSorted((a, b) => (sortOrder === 'ascending' ? a - b : b - a))
        expect(body.Resources?.map(({ id }) => kept.get(id ?? ''))).toEqual(sorted)
      }
      const all = await admin.get('/Users', { sortBy: `${EXTENSION}:${column}` })
      const first = (all.body.Resources ?? []).slice(0, kept.size)
      expect(first.map(({ id }) => kept.has(id ?? ''))).toEqual(first.map(() => true))
    }
  }, 120_000)

  it('are parts of elements', async () => {
    const admin = await served(kind, create)
    const sizes = [
      { kind: 'head', size: 57.5, weight: 0.1 },
      { kind: 'foot', size: 42, weight: 1e-9 },
    ]
    const { status, body } = await admin.post('/Users', user('a', { sizes }))
    expect(status).toBe(201)
    expect((body[EXTENSION] as { sizes: unknown }).sizes).toEqual(expect.arrayContaining(sizes))
    const ids = [body.id]
    const of = (filter: string) => found(admin, '/Users', `${EXTENSION}:sizes${filter}`)
    for (const filter of [
      '[size gt 57 and weight eq 0.1]',
      '[size eq 42]',
      '.weight lt 1e-8',
      '[weight le 0.1]',
    ])
      expect(await of(filter), filter).toEqual(ids)
    for (const filter of ['[size gt 57.5]', '[size eq 42 and weight eq 0.1]', '.size lt 42'])
      expect(await of(filter), filter).toEqual([])
    const path = `${EXTENSION}:sizes[size ge 57.5].size`
    const { text } = await admin.patch(`/Users/${body.id}`, [{ op: 'replace', path, value: 58.25 }])
    expect(text).toContain('"size":58.25')
  })
})
