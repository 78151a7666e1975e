/**
 * How fast views are copied: the first cycle of many people, one without changes and one with some, and the read of their
 * source alone, in CPU time of this process and by the clock. `npm run bench:copy -- [people] [sqlite|mariadb|postgresql]`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TRUE } from '../src/model/filter.js'
import { ANONYMOUS } from '../src/model/request.js'
import { openSql } from '../test/data/sql-client.js'
import { startMariadb } from '../test/servers/mariadb.js'
import { startPostgres } from '../test/servers/postgres.js'
import { syncWorld } from '../test/unit/copy/sync-world.js'

const PEOPLE = Number(process.argv[2] ?? 100_000)
const kind = process.argv[3] ?? 'sqlite'

const mapping = {
  view: 'people',
  source: 'hr',
  from: 'users',
  key: 'id',
  attributes: {
    uid: 'login',
    givenName: 'first',
    sn: 'last',
    cn: '{first} {last}',
    title: 'title',
    departmentNumber: 'department',
    street: 'street',
    l: 'city',
    mail: { table: 'mails', on: 'user_id', value: 'address' },
    telephoneNumber: 'phone',
    modifyTimestamp: 'changed',
  },
  enabled: { column: 'status', equals: 'A' },
  ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
}

const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'))
const server =
  kind === 'mariadb' ? await startMariadb() : kind === 'postgresql' ? await startPostgres() : undefined
const database = async (name: string) =>
  server === undefined ? `sqlite:${join(folder, `${name}.sqlite`)}` : await server.createDatabase(name)

try {
  const url = await database('hr')
  const client = await openSql(url)
  await client.run(
    `create table users (id integer primary key, login varchar(60), first varchar(60), last varchar(60), title varchar(60),
      department varchar(60), street varchar(60), city varchar(60), phone varchar(60), status varchar(1), changed ${kind === 'postgresql' ? 'timestamp' : 'datetime'})`,
  )
  await client.run('create table mails (user_id integer, address varchar(100))')
  await client.run('create index of_user on mails (user_id)')
  for (let from = 0; from < PEOPLE; from += 10_000) {
    const ids = Array.from({ length: Math.min(10_000, PEOPLE - from) }, (_, i) => from + i + 1)
    await client.insert(
      'users',
      ['id', 'login', 'first', 'last', 'title', 'department', 'street', 'city', 'phone', 'status', 'changed'],
      ids.map((n) => [
        n,
        `user${n}`,
        `Given ${n % 977}`,
        `Surname ${n % 7919}`,
        'Clerk',
        `Department ${n % 50}`,
        `${n % 400} Long Street`,
        `City ${n % 300}`,
        `+1 555 ${n}`,
        'A',
        '2025-01-02 03:04:05',
      ]),
    )
    await client.insert(
      'mails',
      ['user_id', 'address'],
      ids.flatMap((n) => [[n, `user${n}@example.com`], ...(n % 2 === 0 ? [[n, `u${n}@example.com`]] : [])]),
    )
  }
  const world = await syncWorld({ url, mappings: [mapping], storeUrl: await database('store') })
  const took = async (what: string, work: () => Promise<unknown>) => {
    const [cpu, began] = [process.cpuUsage(), performance.now()]
    let most = 0
    const timer = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss)
    }, 20)
    await work()
    clearInterval(timer)
    const { user, system } = process.cpuUsage(cpu)
    const [own, clock] = [(user + system) / 1e6, (performance.now() - began) / 1000]
    const rates = `${Math.round(PEOPLE / own)}/s of CPU, ${Math.round(PEOPLE / clock)}/s`
    console.log(
      `${what}: ${own.toFixed(2)} s of CPU, ${clock.toFixed(2)} s; ${rates}; ${Math.round(most / 2 ** 20)} MiB`,
    )
  }
  const request = { view: 'people', filter: TRUE, attributes: 'all' } as const
  const ctx = () => ({ principal: ANONYMOUS, signal: new AbortController().signal })
  const read = async () => {
    let count = 0
    for await (const batch of world.origin.search(request, ctx())) count += batch.length
    return count
  }
  const sync = async () => {
    const { status, error, views } = await world.engine.run({ trigger: 'demand' })
    if (status !== 'completed') throw new Error(error?.message ?? status)
    return views
  }
  await read()
  await took('the read of the source', read)
  await took('the first copy', sync)
  await took('a cycle without changes', sync)
  await client.run("update users set title = 'Other' where id < 1000")
  await took('a cycle with 999 changes', sync)
  await took('the read of the source', read)
  await client.close()
  await world.close()
} finally {
  await server?.stop()
  rmSync(folder, { recursive: true })
}
