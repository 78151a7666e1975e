/** The real servers that the tests run against: they answer, hold the same people, and can be disturbed. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Client as LdapClient } from 'ldapts'
import Libsql from 'libsql'
import { createConnection } from 'mysql2/promise'
import { Client as PostgresClient } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomFilters } from '../data/filters.js'
import { personDn, toLdif } from '../data/ldif.js'
import { loadSql } from '../data/load-sql.js'
import { makePopulation } from '../data/people.js'
import { Random } from '../data/random.js'
import { spellDn, spellValue } from '../data/spellings.js'
import { startMariadb } from '../servers/mariadb.js'
import { startPostgres } from '../servers/postgres.js'
import { programPath, python } from '../servers/programs.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'
import { type Slapd, startSlapd } from '../servers/slapd.js'

const run = promisify(execFile)
const suffix = 'dc=example,dc=com'
const population = makePopulation({ seed: 1, people: 300, groups: 40 })
const memberships = population.groups.reduce((sum, group) => sum + group.members.length, 0)
const mails = population.people.flatMap((person) => person.mail)
const usernames = population.people.map((person) => person.uid)
const everything = `select
  (select count(*) from users) as people,
  (select count(*) from group_members) as memberships,
  (select count(*) from extra_emails) + (select count(email) from users) as mails`

describe('every database holds the whole population', () => {
  const whole = { people: population.people.length, memberships, mails: mails.length }

  it('MariaDB', async () => {
    const url = await mariadbDatabase()
    await loadSql(url, population)
    const connection = await createConnection(url)
    const [counts] = await connection.query(everything)
    const [rows] = await connection.query('select username as name from users order by id')
    await connection.end()
    expect(counts).toEqual([whole])
    expect(rows).toEqual(usernames.map((name) => ({ name })))
  })

  it('PostgreSQL', async () => {
    const url = await postgresDatabase()
    await loadSql(url, population)
    const client = new PostgresClient({ connectionString: url })
    await client.connect()
    const counts = await client.query<Record<string, string>>(everything)
    const { rows } = await client.query<{ name: string }>('select username as name from users order by id')
    await client.end()
    expect(Object.entries(counts.rows[0] ?? {}).map(([name, count]) => [name, Number(count)])).toEqual(
      Object.entries(whole),
    )
    expect(rows.map((row) => row.name)).toEqual(usernames)
  })

  it('SQLite', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vitrine-'))
    try {
      const path = join(folder, 'people.db')
      await loadSql(`sqlite:${path}`, population)
      const database = new Libsql(path)
      expect(database.prepare(everything).get()).toMatchObject(whole)
      expect(database.prepare('select username as name from users order by id').all()).toEqual(
        usernames.map((name) => ({ name })),
      )
      database.close()
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('slapd', () => {
  let slapd: Slapd

  beforeAll(async () => {
    slapd = await startSlapd({ suffix, ldif: toLdif(population, suffix) })
  })

  afterAll(async () => {
    await slapd?.stop()
  })

  it('holds the same people, mails and memberships as the databases', async () => {
    const client = new LdapClient({ url: slapd.url })
    const search = async (base: string, attributes: string[]) =>
      (await client.search(`${base},${suffix}`, { scope: 'one', attributes })).searchEntries
    const people = await search('ou=people', ['uid', 'mail'])
    const groups = await search('ou=groups', ['member'])
    await client.unbind()
    const values = (entries: typeof people, name: string) =>
      entries.flatMap((entry) => entry[name] ?? []).map(String)
    expect(values(people, 'uid').toSorted()).toEqual(usernames.toSorted())
    expect(values(people, 'mail').toSorted()).toEqual(mails.toSorted())
    expect(values(groups, 'member').filter((dn) => dn.startsWith('uid='))).toHaveLength(memberships)
  })

  it('finds every person by DN and every report by manager, in any spelling of the DN', async () => {
    const random = new Random(3)
    const dns = population.people.map((person) => spellDn(random, personDn(person, suffix)))
    const found = await counts(slapd, 'base', '(uid=*)', dns)
    expect(found).toEqual(dns.map(() => 1))

    const filters = dns.map((dn) => `(manager=${spellValue(random, dn)})`)
    const reports = population.people.map(
      ({ id }) => population.people.filter((p) => p.manager === id).length,
    )
    expect(await counts(slapd, 'filter', `ou=people,${suffix}`, filters)).toEqual(reports)
  })

  it.each(['people', 'groups'] as const)('understands every generated filter on %s', async (about) => {
    const filters = randomFilters({ random: new Random(7), population, about, suffix }, 1000)
    const found = await counts(slapd, 'filter', `ou=${about},${suffix}`, filters)
    // A filter that selects nobody or everybody tells little; enough must select some.
    const telling = found.filter((count) => count > 0 && count < population[about].length)
    expect(found).toHaveLength(filters.length)
    expect(telling.length).toBeGreaterThan(filters.length / 4)
  })

  it('answers ldapsearch on its unix socket', async () => {
    const url = `ldapi://${encodeURIComponent(slapd.socket)}`
    const args = [
      '-x',
      '-LLL',
      '-H',
      url,
      '-D',
      slapd.rootDn,
      '-w',
      slapd.rootPassword,
      '-b',
      suffix,
      '-s',
      'base',
      '1.1',
    ]
    expect((await run(programPath('ldapsearch'), args)).stdout).toBe(`dn: ${suffix}\n\n`)
  })
})

describe.each([
  ['MariaDB', startMariadb, connectMariadb],
  ['PostgreSQL', startPostgres, connectPostgres],
] as const)('a private %s', (_, start, connect) => {
  it('keeps what was committed when it is killed and started again, on the same port', async () => {
    const server = await start()
    let pid = server.pid
    try {
      const url = await server.createDatabase('kept')
      const query = await connect(url)
      await query('create table t (n int)')
      await query('insert into t values (42)')
      await server.kill()
      expect(() => server.pid).toThrow(/not running/)
      await expect(connect(url)).rejects.toThrow()
      await server.restart()
      expect(server.pid).not.toBe(pid)
      pid = server.pid
      expect(await (await connect(url))('select n from t')).toEqual([{ n: 42 }])
    } finally {
      await server.stop()
    }
    expect(() => process.kill(pid, 0)).toThrow()
    expect(existsSync(dirname(server.socket))).toBe(false)
  })

  it('answers nothing while it is paused and what it was asked when it is resumed', async () => {
    const server = await start()
    try {
      const query = await connect(server.url)
      server.pause()
      let answered = false
      const answer = query('select 1 as one').then((rows) => {
        answered = true
        return rows
      })
      await sleep(200)
      expect(answered).toBe(false)
      server.resume()
      expect(await answer).toEqual([{ one: 1 }])
    } finally {
      await server.stop()
    }
  })
})

type Query = (sql: string) => Promise<unknown>

async function connectMariadb(url: string): Promise<Query> {
  const connection = await createConnection(url)
  connection.on('error', () => undefined)
  return async (sql) => (await connection.query(sql))[0]
}

async function connectPostgres(url: string): Promise<Query> {
  const client = new PostgresClient({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  return async (sql) => (await client.query(sql)).rows
}

/** How many entries each search finds, over one connection of python-ldap: one filter for many bases, or one base for many filters. */
function counts(
  slapd: Slapd,
  varying: 'base' | 'filter',
  fixed: string,
  texts: readonly string[],
): Promise<number[]> {
  const script = `
import json, ldap, sys
url, varying, fixed = sys.argv[1:]
client = ldap.initialize(url)
def count(text):
    if varying == 'base':
        return len(client.search_s(text, ldap.SCOPE_BASE, fixed, ['1.1']))
    return len(client.search_s(fixed, ldap.SCOPE_ONELEVEL, text, ['1.1']))
print(json.dumps([count(text) for text in json.load(sys.stdin)]))
`
  return new Promise((resolve, reject) => {
    const child = execFile(python, ['-c', script, slapd.url, varying, fixed], (error, stdout) => {
      if (error === null) resolve(JSON.parse(stdout))
      else reject(error)
    })
    child.stdin?.end(JSON.stringify(texts))
  })
}
