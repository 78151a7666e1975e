/**
 * How fast a store of copies is: the first copy of many people, cycles with no changes and with some, and lookups through
 * its source beside the same ones in a plain table of the same database. `npm run bench:store -- [people] [database]`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore } from '../src/copy/store/open.js'
import type { Store, StoreRow, StoreTable } from '../src/copy/store/store.js'
import { ANONYMOUS } from '../src/model/request.js'
import { createSource } from '../src/sources/registry.js'
import type { Column, Field, FieldFilter, Source, SourceQuery } from '../src/sources/source.js'
import { openSql } from '../test/data/sql-client.js'
import { startMariadb } from '../test/servers/mariadb.js'
import { startPostgres } from '../test/servers/postgres.js'

const PEOPLE = Number(process.argv[2] ?? 100_000)
const BATCH = 512
const LOOKUPS = 3000

const texts = ['givenname', 'sn', 'cn', 'title', 'department', 'street', 'city', 'description']

const people: StoreTable = {
  name: 'people',
  key: 'id',
  columns: [
    { name: 'id', kind: 'text' },
    { name: 'uid', kind: 'text', index: 'unique' },
    ...texts.map((name) => ({ name, kind: 'text' as const })),
    { name: 'enabled', kind: 'boolean' },
    { name: 'changed', kind: 'time' },
  ],
  children: [
    { name: 'mails', of: 'person', columns: [{ name: 'mail', kind: 'text', index: 'plain' }], identity: 1 },
    {
      name: 'phones',
      of: 'person',
      columns: [
        { name: 'number', kind: 'text' },
        { name: 'use', kind: 'text' },
      ],
      identity: 1,
    },
  ],
}

const idOf = (n: number) => `00000000-0000-8000-8000-${String(n).padStart(12, '0')}`
const changedAt = new Date('2025-01-02T03:04:05Z')

const rowOf = (n: number, edition = 0): StoreRow => ({
  cells: [
    idOf(n),
    `user${n}`,
    `Given ${n % 977}`,
    `Surname ${n % 7919}`,
    `Given ${n % 977} Surname ${n % 7919}`,
    edition === 0 ? 'Clerk' : `Clerk ${edition}`,
    `Department ${n % 50}`,
    `${n % 400} Long Street`,
    `City ${n % 300}`,
    null,
    n % 20 !== 0,
    changedAt,
  ],
  children: {
    mails: [[`user${n}@example.com`], ...(n % 2 === 0 ? [[`u${n}@example.org`]] : [])],
    phones: [[`+49 30 ${n}`, 'work']],
  },
})

async function copy(store: Store, edition: (n: number) => number) {
  const began = performance.now()
  const cpu = process.cpuUsage()
  const cycle = await store.begin()
  for (let from = 0; from < PEOPLE; from += BATCH) {
    const size = Math.min(BATCH, PEOPLE - from)
    await cycle.put(
      'people',
      Array.from({ length: size }, (_, i) => rowOf(from + i, edition(from + i))),
    )
  }
  const put = performance.now()
  const { counts } = await cycle.commit()
  const end = performance.now()
  const { user, system } = process.cpuUsage(cpu)
  const seconds = (end - began) / 1000
  return { seconds, cpu: (user + system) / 1e6, commit: end - put, counts: counts['people'] }
}

async function queryOf(source: Source): Promise<(n: number) => SourceQuery> {
  const described = async (name: string) => {
    const table = await source.describe(name)
    if (table === undefined) throw new Error(`no table ${name}`)
    const column = (of: string): Column => {
      const found = table.columns.get(of)
      if (found === undefined) throw new Error(`no column ${name}.${of}`)
      return found
    }
    return { table, column }
  }
  const { table, column } = await described('people')
  const sets = await Promise.all(people.children.map((child) => described(child.name)))
  const fields: readonly Field[] = [
    ...people.columns.map((c): Field => ({ kind: 'column', column: column(c.name) })),
    ...people.children.map((child, i): Field => {
      const set = sets[i]
      if (set === undefined) throw new Error('no set')
      const relation = {
        table: set.table,
        on: [{ child: set.column(child.of), parent: column('id') }],
        where: [],
      }
      return { kind: 'set', relation, columns: child.columns.map((c) => set.column(c.name)) }
    }),
  ]
  const where: SourceQuery['where'] = []
  const filter = (n: number): FieldFilter => ({
    op: 'test',
    on: column('uid'),
    test: { test: 'text', rule: 'caseIgnore', value: `user${n}` },
    negated: false,
  })
  return (n) => ({ table, key: column('id'), where, fields, filter: filter(n) })
}

const context = () => ({ principal: ANONYMOUS, signal: new AbortController().signal })

/** Milliseconds of each lookup, one after the other. */
async function lookups(source: Source, query: (n: number) => SourceQuery, count: number): Promise<number> {
  const began = performance.now()
  for (let i = 0; i < count; i++) {
    let found = 0
    for await (const batch of source.search(query((i * 7919) % PEOPLE), context())) found += batch.length
    if (found !== 1) throw new Error(`${found} rows`)
  }
  return (performance.now() - began) / count
}

async function walk(source: Source, query: SourceQuery): Promise<number> {
  const began = performance.now()
  let rows = 0
  for await (const batch of source.search({ ...query, filter: { op: 'const', value: true } }, context()))
    rows += batch.length
  if (rows !== PEOPLE) throw new Error(`${rows} rows`)
  return performance.now() - began
}

async function plainTables(url: string): Promise<void> {
  const client = await openSql(url)
  const { kind } = client
  const text = { mariadb: 'varchar(200)', postgres: 'text collate "C"', sqlite: 'text' }[kind]
  const time = { mariadb: 'datetime(3)', postgres: 'timestamptz', sqlite: 'datetime' }[kind]
  const key = { mariadb: 'varchar(200) collate utf8mb4_nopad_bin', postgres: text, sqlite: text }[kind]
  const sought = (name: string) =>
    ({ mariadb: name, postgres: `lower(${name})`, sqlite: `${name} collate nocase` })[kind]
  await client.run(
    `create table people (id ${key} not null primary key, uid ${text}, ${texts.map((t) => `${t} ${text}`).join(', ')}, enabled boolean, changed ${time})`,
  )
  await client.run(`create unique index people_uid on people (${sought('uid')})`)
  await client.run(`create table mails (person ${key}, mail ${text})`)
  await client.run(
    `create table phones (person ${key}, number ${text}, ${kind === 'mariadb' ? '`use`' : 'use'} ${text})`,
  )
  for (const table of ['mails', 'phones'])
    await client.run(`create index ${table}_person on ${table} (person)`)
  await client.run(`create index mails_mail on mails (${sought('mail')})`)
  for (let from = 0; from < PEOPLE; from += 2000) {
    const rows = Array.from({ length: Math.min(2000, PEOPLE - from) }, (_, i) => rowOf(from + i))
    await client.insert(
      'people',
      people.columns.map((c) => c.name),
      rows.map((r) => r.cells),
    )
    for (const { name, of, columns } of people.children) {
      const tuples = rows.flatMap((r) => (r.children[name] ?? []).map((t) => [r.cells[0] ?? null, ...t]))
      const names = columns.map((c) => (c.name === 'use' && kind === 'mariadb' ? '`use`' : c.name))
      await client.insert(name, [of, ...names], tuples)
    }
  }
  await client.close()
}

async function measure(name: string, storeUrl: string, plainUrl: string): Promise<void> {
  const options = { pool: { max: 4, acquireTimeout: 10_000 }, statementTimeout: 60_000, connectTimeout: 5000 }
  const store = createStore({ url: storeUrl, ...options })
  const say = (what: string, value: string) => console.log(`${name.padEnd(11)} ${what.padEnd(46)} ${value}`)
  await store.define([people])
  const before = process.memoryUsage().rss
  const first = await copy(store, () => 0)
  const rate = (seconds: number) => `${Math.round(PEOPLE / seconds)} people/s`
  say(
    'first copy',
    `${rate(first.seconds)}, by own CPU ${rate(first.cpu)}, commit ${first.commit.toFixed(1)} ms`,
  )
  say('memory that it took', `${Math.round((process.memoryUsage().rss - before) / 2 ** 20)} MiB`)
  const same = await copy(store, () => 0)
  say('cycle without changes', `${same.seconds.toFixed(2)} s, own CPU ${same.cpu.toFixed(2)} s`)
  const some = await copy(store, (n) => (n % 100 === 0 ? 1 : 0))
  say(
    'cycle with 1 % changed',
    `${some.seconds.toFixed(2)} s, own CPU ${some.cpu.toFixed(2)} s, commit ${some.commit.toFixed(1)} ms`,
  )

  const loading = performance.now()
  await plainTables(plainUrl)
  const loaded = (performance.now() - loading) / 1000
  say('the same rows into plain tables', rate(loaded))
  const plain = createSource({ type: 'sql', url: plainUrl, ...options })
  const sources = [
    { source: plain, query: await queryOf(plain) },
    { source: store.source, query: await queryOf(store.source) },
  ]
  for (const { source, query } of sources) await lookups(source, query, 300)
  const taken = [[], []] as [number[], number[]]
  for (let round = 0; round < 6; round++)
    for (const [i, { source, query }] of sources.entries())
      taken[i]?.push(await lookups(source, query, LOOKUPS / 6))
  const [a, b] = taken.map((times) => Math.min(...times))
  if (a === undefined || b === undefined) return
  say(
    'lookup by uid, plain and copied',
    `${a.toFixed(3)} ms, ${b.toFixed(3)} ms: ${(b / a).toFixed(2)} times`,
  )
  const walked: number[] = []
  for (const { source, query } of sources) walked.push(await walk(source, query(0)))
  const [c = 0, d = 0] = walked
  say('all rows, plain and copied', `${Math.round(c)} ms, ${Math.round(d)} ms: ${(d / c).toFixed(2)} times`)
  for (const n of [2, 3, 4, 5, 6, 7, 8, 9]) await copy(store, () => n)
  const later = await lookups(
    store.source,
    sources[1]?.query ?? sources[0]?.query ?? (() => ({}) as never),
    1000,
  )
  const now = await lookups(plain, sources[0]?.query ?? (() => ({}) as never), 1000)
  say('lookup when 10 snapshots differ in every row', `${later.toFixed(3)} ms, plain ${now.toFixed(3)} ms`)
  const back = performance.now()
  await store.rollback(1)
  say('rollback of every row', `${((performance.now() - back) / 1000).toFixed(1)} s`)
  await Promise.all([plain.close(), store.close()])
}

const which = process.argv[3]
if (which === undefined || which === 'sqlite') {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'))
  await measure('SQLite', `sqlite:${join(folder, 'store')}`, `sqlite:${join(folder, 'plain')}`)
  rmSync(folder, { recursive: true })
}
for (const [name, start] of [
  ['MariaDB', startMariadb],
  ['PostgreSQL', startPostgres],
] as const) {
  if (which !== undefined && which !== name.toLowerCase()) continue
  const server = await start()
  await measure(name, await server.createDatabase('store'), await server.createDatabase('plain'))
  await server.stop()
}
