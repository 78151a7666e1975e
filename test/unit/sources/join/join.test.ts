/** What the sources of a join are asked: few questions, each its own part, and whoever knows least first. */
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ANONYMOUS, type Context } from '../../../../src/model/request.js'
import { createJoinSource } from '../../../../src/sources/join/source.js'
import { joinedTable, type Secondary } from '../../../../src/sources/joined.js'
import { createSource } from '../../../../src/sources/registry.js'
import type {
  Column,
  FieldFilter,
  Row,
  Source,
  SourceQuery,
  Table,
  Test,
} from '../../../../src/sources/source.js'
import { openSql } from '../../../data/sql-client.js'

const files = ['people', 'staff'].map((name) =>
  join(tmpdir(), `vitrine-unit-join-${name}-${process.pid}.sqlite`),
)
const PEOPLE = 2000
const EVERY: FieldFilter = { op: 'const', value: true }
const ctx = (): Context => ({ principal: ANONYMOUS, signal: AbortSignal.timeout(30_000) })

const times = {
  pool: { max: 2, acquireTimeout: 5000 },
  statementTimeout: 20_000,
  connectTimeout: 2000,
}

/** They grow from 128 rows to 256. */
function batchesOf(rows: number): number {
  let count = 0
  for (let taken = 0; taken < rows; count++) taken += Math.min(256, Math.max(128, taken))
  return count
}

describe('a join', () => {
  let people: Source
  let staff: Source
  /** Queries that came to each. */
  const asked = { people: [] as SourceQuery[], staff: [] as SourceQuery[] }
  const source = () =>
    createJoinSource({
      primary: counted(people, asked.people),
      sources: new Map([['staff', counted(staff, asked.staff)]]),
    })

  beforeAll(async () => {
    const [first = '', second = ''] = files
    for (const file of files) rmSync(file, { force: true })
    const numbers = Array.from({ length: PEOPLE }, (_, i) => i + 1)
    const a = await openSql(`sqlite:${first}`)
    await a.run('create table people (id integer primary key, login text, mail text)')
    await a.run('create table mails (person integer, address text)')
    await a.insert(
      'people',
      ['id', 'login', 'mail'],
      numbers.map((n) => [n, `user${n}`, `User${n}@example.com`]),
    )
    await a.insert(
      'mails',
      ['person', 'address'],
      [
        [1, 'one@x'],
        [1, 'uno@x'],
        [2, 'two@x'],
        [3, 'none@x'],
      ],
    )
    await a.close()
    const b = await openSql(`sqlite:${second}`)
    await b.run('create table staff (no integer primary key, email text, dept text, room text)')
    await b.run('create table names (staff_no integer, address text)')
    await b.insert(
      'staff',
      ['no', 'email', 'dept', 'room'],
      numbers.map((n) => [n, `user${n}@EXAMPLE.com`, n <= 10 ? 'board' : 'all', n % 2 === 0 ? null : 'r1']),
    )
    await b.insert(
      'names',
      ['staff_no', 'address'],
      [
        [7, 'UNO@x'],
        [5, 'one@x'],
        [8, 'two@x'],
        [9, 'three@x'],
        [9, 'two@x'],
      ],
    )
    await b.close()
    people = createSource({ type: 'sql', url: `sqlite:${first}`, ...times })
    staff = createSource({ type: 'sql', url: `sqlite:${second}`, ...times })
  })
  afterAll(async () => {
    await people.close()
    await staff.close()
    for (const file of files) rmSync(file, { force: true })
  })

  async function table(of: Source, name: string): Promise<Table> {
    const found = await of.describe(name)
    if (found === undefined) throw new Error(`no table ${name}`)
    return found
  }
  const column = (of: Table, name: string): Column => {
    const found = of.columns.get(name)
    if (found === undefined) throw new Error(`no column ${name}`)
    return found
  }

  async function joined(more: Partial<Secondary> = {}): Promise<Table> {
    const primary = await table(people, 'people')
    const other = await table(staff, 'staff')
    return joinedTable({
      primary,
      key: column(primary, 'id'),
      secondaries: [
        {
          alias: 'hr',
          source: 'staff',
          of: { table: other, key: column(other, 'no'), where: [] },
          on: [{ secondary: column(other, 'email'), primary: column(primary, 'mail') }],
          caseExact: false,
          optional: true,
          onFailure: 'fail',
          owned: false,
          ...more,
        },
      ],
    })
  }

  const query = (of: Table, filter: FieldFilter, ...names: readonly string[]): SourceQuery => ({
    table: of,
    key: column(of, 'id'),
    where: [],
    filter,
    fields: ['id', ...names].map((name) => ({ kind: 'column', column: column(of, name) })),
  })
  const test = (on: Column, asking: Test, negated = false): FieldFilter => ({
    op: 'test',
    on,
    test: asking,
    negated,
  })
  const text = (value: string): Test => ({ test: 'text', rule: 'caseIgnore', value })

  async function ask(asking: SourceQuery) {
    asked.people.length = 0
    asked.staff.length = 0
    const rows: Row[] = []
    for await (const batch of source().search(asking, ctx())) rows.push(...batch)
    return rows
  }

  it('asks each secondary once for a batch, and those of which nothing is wanted not at all', async () => {
    const of = await joined()
    const rows = await ask(query(of, EVERY, 'hr.no', 'hr.dept'))
    expect(rows).toHaveLength(PEOPLE)
    expect(rows.every(([id, no]) => id === no)).toBe(true)
    expect(asked.people).toHaveLength(1)
    expect(asked.staff).toHaveLength(batchesOf(PEOPLE))
    expect(await ask(query(of, EVERY, 'login'))).toHaveLength(PEOPLE)
    expect(asked.staff).toHaveLength(0)
  })

  it('has the source begin that knows of few', async () => {
    const of = await joined()
    const board = test(column(of, 'hr.dept'), text('board'))
    expect(await ask(query(of, board))).toHaveLength(10)
    expect(asked.staff).toHaveLength(2)
    expect(JSON.stringify(asked.people[0]?.filter)).toContain('user10@example.com')
    const one = test(column(of, 'login'), text('user7'))
    expect(await ask(query(of, { op: 'and', of: [one, board] }))).toEqual([[7]])
    // The person's own row says which row of the staff to look at.
    expect(asked.staff).toHaveLength(1)
    const either: FieldFilter = { op: 'or', of: [test(column(of, 'login'), text('user99')), board] }
    expect((await ask(query(of, either))).map(([id]) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99])
    expect(asked.people).toHaveLength(1)
  })

  it('reads on from batch to batch where both know of many', async () => {
    const of = await joined()
    const all = test(column(of, 'hr.dept'), text('all'))
    expect(await ask({ ...query(of, all), limit: 5 })).toEqual([[11], [12], [13], [14], [15]])
    expect(asked.staff).toHaveLength(2)
    expect(await source().count(query(of, all), ctx())).toBe(PEOPLE - 10)
    const none = test(column(of, 'hr.room'), { test: 'present' }, true)
    expect(await ask({ ...query(of, none), skip: 2, limit: 2 })).toEqual([[6], [8]])
    const order = { on: column(of, 'id'), descending: true, caseExact: false }
    expect(source().orders(order)).toBe(true)
    expect(await ask({ ...query(of, none), order, skip: 1, limit: 2 })).toEqual([[1998], [1996]])
    expect(source().orders({ ...order, on: column(of, 'hr.dept') })).toBe(false)
  })

  it('joins by any of several values, on either side', async () => {
    const mails = await table(people, 'mails')
    const names = await table(staff, 'names')
    const primary = await table(people, 'people')
    const other = await table(staff, 'staff')
    const several = (of: Table, own: string, values: Table, child: string): Column => ({
      name: 'address',
      kind: 'text',
      values: {
        relation: {
          table: values,
          on: [{ child: column(values, child), parent: column(of, own) }],
          where: [],
        },
        column: column(values, 'address'),
      },
    })
    const of = await joined({
      optional: false,
      on: [
        {
          secondary: several(other, 'no', names, 'staff_no'),
          primary: several(primary, 'id', mails, 'person'),
        },
      ],
    })
    // Two rows of the staff have an address of the first: the one with the least number is hers.
    expect(await ask(query(of, EVERY, 'hr.no'))).toEqual([
      [1, 5],
      [2, 8],
    ])
    expect(asked.people).toHaveLength(1)
    const seven = test(column(of, 'hr.no'), { test: 'compare', op: 'eq', value: 7 })
    expect(await ask(query(of, seven, 'hr.no'))).toEqual([])
    expect(
      await ask(query(of, test(column(of, 'hr.no'), { test: 'oneOf', values: [5, 9] }), 'hr.no')),
    ).toEqual([[1, 5]])
  })

  it('explains everything that is asked, and what would make it faster', async () => {
    const of = await joined()
    const board = test(column(of, 'hr.dept'), text('board'))
    const explained = source().explain(query(of, board, 'hr.room'))
    expect(explained.map(({ text: sql }) => sql.replace(/SELECT.*?FROM/s, '').slice(0, 40))).toEqual([
      expect.stringContaining('hr, of staff'),
      expect.stringContaining('people'),
      expect.stringContaining('hr, of staff'),
    ])
    const advice = await source().advise(query(of, board, 'hr.room'))
    const messages = advice.map(({ message }) => message).join('\n')
    for (const name of ['people.mail', 'staff.email', 'staff.dept']) expect(messages).toContain(name)
    expect(messages).toContain('several rows of staff may have the same email')
  })
})

/** The source, writing down what it is asked. */
function counted(source: Source, queries: SourceQuery[]): Source {
  return {
    describe: (name) => source.describe(name),
    support: (on, test) => source.support(on, test),
    search: (query, context) => {
      queries.push(query)
      return source.search(query, context)
    },
    count: (query, context) => source.count(query, context),
    orders: (order) => source.orders(order),
    explain: (query) => source.explain(query),
    advise: (query) => source.advise(query),
    health: () => source.health(),
    close: () => source.close(),
  }
}
