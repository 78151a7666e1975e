/** What a database holds is found as it is shown: in a source of its own for each, asked directly. */
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ANONYMOUS } from '../../../../src/model/request.js'
import { caseIgnore } from '../../../../src/schema/normalize.js'
import { createSource } from '../../../../src/sources/registry.js'
import type {
  Cell,
  Column,
  FieldFilter,
  Relation,
  Source,
  Table,
  Test,
} from '../../../../src/sources/source.js'
import { openSql, type SqlClient } from '../../../data/sql-client.js'
import { mariadbDatabase, postgresDatabase } from '../../../servers/shared.js'

const file = join(tmpdir(), `vitrine-sought-${process.pid}.sqlite`)
const open = (url: string) =>
  createSource({
    type: 'sql',
    url,
    pool: { max: 2, acquireTimeout: 5000 },
    statementTimeout: 20_000,
    connectTimeout: 5000,
  })

async function tableOf(source: Source, name: string): Promise<Table> {
  const table = await source.describe(name)
  if (table === undefined) throw new Error(`there is no ${name}`)
  return table
}

function columnOf(table: Table, name: string): Column {
  const column = table.columns.get(name)
  if (column === undefined) throw new Error(`${table.name} has no ${name}`)
  return column
}

const EVERY: FieldFilter = { op: 'const', value: true }
const asked = (on: Column, test: Test): FieldFilter => ({ op: 'test', on, test, negated: false })

async function cellsOf(source: Source, table: Table, name: string, filter: FieldFilter): Promise<Cell[]> {
  const found: Cell[] = []
  const fields = [{ kind: 'column' as const, column: columnOf(table, name) }]
  const query = { table, key: columnOf(table, 'id'), where: [], filter, fields }
  for await (const rows of source.search(query, {
    principal: ANONYMOUS,
    signal: AbortSignal.timeout(20_000),
  }))
    found.push(...rows.map((row) => row[0] as Cell))
  return found
}

describe.each([
  ['MariaDB', mariadbDatabase],
  ['PostgreSQL', postgresDatabase],
  ['SQLite', async () => `sqlite:${file}`],
])('%s', (_name, database) => {
  const long = 'x'.repeat(4001)
  const texts = [
    'ann',
    long,
    `${long}é`,
    'b\u0301',
    '\u0301',
    ' \u0301x',
    '\u0001',
    'K',
    '\u212a',
    ' %\u00c5.5',
  ]
  let client: SqlClient
  let source: Source
  let table: Table

  beforeAll(async () => {
    await rm(file, { force: true })
    const url = await database()
    client = await openSql(url)
    await client.run('create table texts (id integer not null primary key, name text)')
    await client.insert(
      'texts',
      ['id', 'name'],
      texts.map((text, i) => [i + 1, text]),
    )
    source = open(url)
    table = await tableOf(source, 'texts')
  })

  afterAll(async () => {
    await source?.close()
    await client?.close()
    await rm(file, { force: true })
  })

  it.each([long, `${long}é`, `${long}y`, `${'x '.repeat(3000)}x`])(
    'seeks an over-long text',
    async (text) => {
      const test: Test = { test: 'text', rule: 'caseIgnore', value: caseIgnore(text) }
      const column = columnOf(table, 'name')
      expect(source.support(column, test)).not.toBe('none')
      const found = await cellsOf(source, table, 'name', asked(column, test))
      expect(found).toEqual(expect.arrayContaining(texts.filter((t) => caseIgnore(t) === caseIgnore(text))))
      expect(found).not.toContain('ann')
    },
  )

  it.each(['\u0301', '\u0301x', '\u0001', '\u0080'])('reads no plain text for %j', async (text) => {
    const column = columnOf(table, 'name')
    const equal: Test = { test: 'text', rule: 'caseIgnore', value: text }
    const part: Test = { test: 'substring', rule: 'caseIgnore', pieces: [{ place: 'any', text }] }
    for (const test of [equal, part, { ...equal, rule: 'telephone' } as const]) {
      expect(source.support(column, test)).toBe('superset')
      const found = await cellsOf(source, table, 'name', asked(column, test))
      expect(found).not.toContain('ann')
      const holders = test.test === 'text' ? [text, ` ${text}`] : texts.filter((t) => t.includes(text))
      expect(found).toEqual(expect.arrayContaining(texts.filter((t) => holders.includes(t))))
    }
  })

  it('holds the sign of kelvin for no plain text', async () => {
    const column = columnOf(table, 'name')
    const test: Test = { test: 'substring', rule: 'caseIgnore', pieces: [{ place: 'any', text: '\u0301' }] }
    const found = await cellsOf(source, table, 'name', asked(column, test))
    expect(found).toContain('\u212a')
    expect(found).not.toContain('K')
  })

  it('finds signs of patterns behind leading spaces', async () => {
    const column = columnOf(table, 'name')
    const test: Test = { test: 'text', rule: 'caseIgnore', value: '%\u00e5.5' }
    expect(await cellsOf(source, table, 'name', asked(column, test))).toEqual([' %\u00c5.5'])
  })

  it('takes the first of very many pieces', async () => {
    const column = columnOf(table, 'name')
    const pieces = Array.from({ length: 5000 }, () => ({ place: 'any' as const, text: 'x' }))
    const test: Test = { test: 'substring', rule: 'caseIgnore', pieces }
    expect(source.support(column, test)).toBe('superset')
    expect(await cellsOf(source, table, 'name', asked(column, test))).toEqual([long, `${long}é`])
  })
})

describe('SQLite, whose columns hold anything', () => {
  let client: SqlClient
  let source: Source
  let table: Table
  const times = [
    ...['2025-01-02', '2025-01-02 03:04', '2025-01-02T03:04:05Z', '2025-01-02 03:04:05.5+02:00'],
    ...['2025-01-02 03:04:05.678999', '2025-01-02 03:04:05 -05:30 ', '2025-02-30', '2025-01-02 24:30'],
    ...['2025-01-02 03:04:05 +0000 UTC', '2025-01-02 03:04:05+00', '2025-01-02 03:04:05 UTC'],
    ...['2025-01-02 03:04:05 PM', '2025-01-02x', '2025-01-02T', '2025-01-02  03:04', '2025-01-02 25:00'],
    ...['2025-01-02Z', '2025-01-02 03:04:05.', '2025-01-02 03:04:05.5e1', '2025-01-02 03:04+15:00'],
    ...['0099-12-31 23:59:59.999', '2025-1-02', '2025-01-02t03:04', '2025-00-10', '2025-01-02 03:04:60'],
  ]

  beforeAll(async () => {
    await rm(file, { force: true })
    client = await openSql(`sqlite:${file}`)
    await client.run('create table people (id integer primary key, name text, at datetime)')
    await client.insert(
      'people',
      ['id', 'name', 'at'],
      times.map((at, i) => [i + 1, i === 0 ? Buffer.from('b') : 'b', at]),
    )
    await client.run('create view shown as select id, id + 0 as sum, name from people')
    source = open(`sqlite:${file}`)
    table = await tableOf(source, 'people')
  })

  afterAll(async () => {
    await source?.close()
    await client?.close()
    await rm(file, { force: true })
  })

  it('finds the times that it shows, as what it shows', async () => {
    const at = columnOf(table, 'at')
    const shown = await cellsOf(source, table, 'at', EVERY)
    expect(shown.filter((cell) => cell !== null)).toHaveLength(9)
    expect(await cellsOf(source, table, 'at', asked(at, { test: 'present' }))).toEqual(
      shown.filter((cell) => cell !== null),
    )
    for (const [i, value] of shown.entries()) {
      if (value === null) continue
      const found = await cellsOf(source, table, 'id', asked(at, { test: 'compare', op: 'eq', value }))
      expect(found, times[i]).toContain(i + 1)
    }
  })

  it('shows no bytes of a text column, and finds none', async () => {
    const name = columnOf(table, 'name')
    const shown = await cellsOf(source, table, 'name', EVERY)
    expect(shown.slice(0, 2)).toEqual([null, 'b'])
    const tests: Test[] = [
      { test: 'present' },
      { test: 'text', rule: 'caseIgnore', value: 'b' },
      { test: 'text', rule: 'telephone', value: 'b' },
      { test: 'text', rule: 'exact', value: 'b' },
      { test: 'oneOf', values: ['b'] },
    ]
    for (const test of tests) expect(await cellsOf(source, table, 'id', asked(name, test))).not.toContain(1)
  })

  it('knows no kind of an expression', async () => {
    const view = await tableOf(source, 'shown')
    expect([...view.columns.values()].map((c) => c.kind)).toEqual(['integer', 'other', 'text'])
  })
})

describe('MariaDB with tables of several collations', () => {
  let client: SqlClient
  let source: Source

  beforeAll(async () => {
    const url = await mariadbDatabase()
    client = await openSql(url)
    for (const [name, collation] of [
      ['people', 'utf8mb4_general_ci'],
      ['links', 'utf8mb4_unicode_ci'],
      ['teams', 'utf8mb4_unicode_520_ci'],
      ['nests', 'utf8mb4_unicode_nopad_ci'],
    ])
      await client.run(
        `create table ${name} (id varchar(20) not null, other varchar(20) not null) collate ${collation}`,
      )
    await client.run(`insert into people values ('ann', ''), ('bob', '')`)
    await client.run(`insert into links values ('ann', 'sub')`)
    await client.run(`insert into teams values ('top', ''), ('sub', '')`)
    await client.run(`insert into nests values ('sub', 'top')`)
    source = open(url)
  })

  afterAll(async () => {
    await source?.close()
    await client?.close()
  })

  it('follows relations', async () => {
    const [people, links, teams] = await Promise.all(
      ['people', 'links', 'teams'].map((t) => tableOf(source, t)),
    )
    if (people === undefined || links === undefined || teams === undefined) throw new Error('no tables')
    const [id, to, team] = [columnOf(people, 'id'), columnOf(links, 'other'), columnOf(teams, 'id')]
    const relation: Relation = {
      table: links,
      on: [{ child: columnOf(links, 'id'), parent: id }],
      where: [],
      join: { table: teams, on: [{ joined: team, child: to }], where: [] },
    }
    const of = asked(team, { test: 'text', rule: 'caseIgnore', value: 'sub' })
    expect(await cellsOf(source, people, 'id', { op: 'some', relation, of, negated: false })).toEqual(['ann'])
    expect(await cellsOf(source, people, 'id', { op: 'some', relation, of, negated: true })).toEqual(['bob'])
  })

  it('follows chains', async () => {
    const [people, links, teams, nests] = await Promise.all(
      ['people', 'links', 'teams', 'nests'].map((t) => tableOf(source, t)),
    )
    if (people === undefined || links === undefined || teams === undefined || nests === undefined)
      throw new Error('no tables')
    const nodes = { table: teams, key: columnOf(teams, 'id'), where: [] }
    const edge = (table: Table) => ({
      table,
      from: columnOf(table, 'id'),
      to: columnOf(table, 'other'),
      where: [],
    })
    const filter: FieldFilter = {
      op: 'reach',
      key: columnOf(people, 'id'),
      first: edge(links),
      step: edge(nests),
      nodes,
      target: nodes,
      of: asked(nodes.key, { test: 'text', rule: 'caseIgnore', value: 'top' }),
      negated: false,
    }
    expect(await cellsOf(source, people, 'id', filter)).toEqual(['ann'])
  })
})
