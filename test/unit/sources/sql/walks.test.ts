/** Pages that stand anywhere and the number of rows, wanted by several at a time: one walk tells them all, and each rightly. */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import Libsql from 'libsql'
import { beforeEach, expect, it } from 'vitest'
import type { SourceQuery } from '../../../../src/sources/source.js'
import type { SqlColumn } from '../../../../src/sources/sql/dialect.js'
import { sqlite } from '../../../../src/sources/sql/dialects/sqlite.js'
import type { Driver, Query } from '../../../../src/sources/sql/driver.js'
import type { Statement } from '../../../../src/sources/sql/statement.js'
import { Walks } from '../../../../src/sources/sql/walks.js'

const column = (name: string): SqlColumn => ({ name, kind: 'integer', type: 'int' })
const id = column('id')
const team = column('team')
const columns = [team, id]
const table = { name: 'people', columns: new Map([id, team].map((c) => [c.name, c])) }
const everybody: SourceQuery = { table, key: id, where: [], filter: { op: 'const', value: true }, fields: [] }
const inTeam = (value: number): SourceQuery => ({
  ...everybody,
  filter: { op: 'test', on: team, test: { test: 'compare', op: 'eq', value }, negated: false },
})
const PEOPLE = 200

let database: InstanceType<typeof Libsql>
let sent: Statement[]
let snapshots: { readonly signal: AbortSignal | undefined }[]
/** Statements wait for it. */
let gate: Promise<void> | undefined
let failure: Error | undefined
let walks: Walks

beforeEach(() => {
  database = new Libsql(':memory:')
  database.exec('create table people (id integer primary key, team integer not null)')
  const insert = database.prepare('insert into people values (?, ?)')
  for (let n = 1; n <= PEOPLE; n++) insert.run(n * 10, n % 2)
  sent = []
  snapshots = []
  gate = undefined
  failure = undefined
  const query: Query = async (statement) => {
    sent.push(statement)
    if (gate !== undefined) await gate
    if (failure !== undefined) throw failure
    return database.prepare(statement.sql).raw(true).all(statement.bindings) as never
  }
  const driver: Pick<Driver, 'dialect' | 'query' | 'snapshot'> = {
    dialect: sqlite,
    query: async (statement, signal) => {
      snapshots.push({ signal })
      return query(statement)
    },
    snapshot: async (work, signal) => {
      snapshots.push({ signal })
      return work(query)
    },
  }
  walks = new Walks(driver as Driver, (raw) => raw as never)
})

const live = () => ({ signal: new AbortController().signal })
const page = (skip: number, limit: number, query = everybody, ctx = live()) =>
  walks.page(query, { columns, skip, limit }, ctx)
const count = (query = everybody, ctx = live()) => walks.count(query, ctx)
const ids = (rows: readonly (readonly unknown[])[]) => rows.map(([, key]) => key)
const expected = (skip: number, limit: number) =>
  Array.from({ length: Math.max(0, Math.min(limit, PEOPLE - skip)) }, (_, i) => (skip + i + 1) * 10)
const counts = () => sent.filter(({ sql }) => sql.includes('COUNT')).length

it('pages that overlap, are the same, end the list or stand behind its end, and the number, come of one walk', async () => {
  const places = [
    [150, 20],
    [3, 10],
    [3, 10],
    [4, 2],
    [198, 10],
    [200, 5],
    [900, 5],
    [12, 180],
  ] as const
  const [pages, totals] = await Promise.all([
    Promise.all(places.map(([skip, limit]) => page(skip, limit))),
    Promise.all([count(), count()]),
  ])
  expect(pages.map(ids)).toEqual(places.map(([skip, limit]) => expected(skip, limit)))
  expect(totals).toEqual([PEOPLE, PEOPLE])
  expect(snapshots).toHaveLength(1)
  // The page that ended told how many there are.
  expect(counts()).toBe(0)
})

it('any pages are those of the list', async () => {
  for (let round = 0; round < 20; round++) {
    const places = Array.from({ length: 8 }, () => [
      1 + Math.floor(Math.random() * 220),
      1 + Math.floor(Math.random() * 40),
    ]) as [number, number][]
    const pages = Promise.all(places.map(([skip, limit]) => page(skip, limit)))
    expect(await count()).toBe(PEOPLE)
    expect((await pages).map(ids)).toEqual(places.map(([skip, limit]) => expected(skip, limit)))
  }
  expect(snapshots).toHaveLength(20)
})

it('what nobody has passed is counted once, for all who want the number', async () => {
  const found = await Promise.all([page(50, 10), count(), count(), count()])
  expect(found.slice(1)).toEqual([PEOPLE, PEOPLE, PEOPLE])
  expect(counts()).toBe(1)
  expect(sent.at(-1)?.bindings).toEqual([510])
})

it('one statement needs no snapshot of its own', async () => {
  expect(await Promise.all([count(), count()])).toEqual([PEOPLE, PEOPLE])
  expect(sent).toHaveLength(1)
  expect(ids(await page(7, 1))).toEqual([80])
  expect(sent).toHaveLength(2)
})

it('whoever asks while a walk is on its way is told what is there afterwards', async () => {
  let open = () => {}
  gate = new Promise((resolve) => {
    open = resolve
  })
  const before = count()
  await turn()
  expect(sent).toHaveLength(1)
  const after = Promise.all([count(), page(199, 10)])
  await turn()
  expect(sent).toHaveLength(1)
  open()
  gate = undefined
  expect(await before).toBe(PEOPLE)
  database.exec('insert into people values (5000, 1)')
  const [total, rows] = await after
  expect(total).toBe(PEOPLE + 1)
  expect(ids(rows)).toEqual([2000, 5000])
})

it('nobody waits long for the walk of others, and none for that of another question', async () => {
  gate = new Promise(() => {})
  void count()
  await turn()
  gate = undefined
  expect(await Promise.all([count(inTeam(0)), count(inTeam(1))])).toEqual([100, 100])
  database.exec('delete from people where team = 1')
  expect(await count(inTeam(1))).toBe(0)
  const others = await Promise.race([count(), sleep(2000)])
  expect(others).toBe(100)
})

it('who leaves ends the walk only where nobody else is on it', async () => {
  let open = () => {}
  gate = new Promise((resolve) => {
    open = resolve
  })
  const [first, second] = [new AbortController(), new AbortController()]
  const both = [count(everybody, first), page(20, 1, everybody, second)]
  await turn()
  first.abort(new Error('gone'))
  await expect(both[0]).rejects.toThrow('gone')
  expect(snapshots[0]?.signal?.aborted).toBe(false)
  second.abort(new Error('gone too'))
  await expect(both[1]).rejects.toThrow('gone too')
  expect(snapshots[0]?.signal?.aborted).toBe(true)
  const waiting = new AbortController()
  const never = count(everybody, waiting)
  waiting.abort(new Error('left'))
  await expect(never).rejects.toThrow('left')
  open()
  gate = undefined
  expect(await count()).toBe(PEOPLE)
  expect(snapshots).toHaveLength(2)
})

it('a failure is told to all who are on the walk, and to nobody after them', async () => {
  failure = new Error('away')
  const all = await Promise.allSettled([count(), page(3, 2), page(9, 2)])
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  failure = undefined
  expect(await count()).toBe(PEOPLE)
})
