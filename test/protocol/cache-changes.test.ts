/** What others change in a database is noticed: PostgreSQL tells, of MariaDB and SQLite it is looked for. */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LdapClient } from '../../src/ldap/index.js'
import { sqliteDatabase } from '../mappings/databases.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'
import { cachedStaff, fillStaff, serveCached } from './caching.js'
import type { Served } from './scim/serving.js'
import { runSql } from './serving.js'
import { admin, people } from './staff.js'

/** Statements that have the database tell when staff changes. */
const telling = `
  create function tell() returns trigger language plpgsql as $$ begin perform pg_notify('hr people', ''); return null; end $$;
  create trigger told after insert or update or delete on staff for each statement execute function tell();
`

async function titleOf(client: LdapClient, login: string): Promise<string | undefined> {
  const { entries } = await client.searchAll(people, { filter: `(uid=${login})`, attributes: ['title'] })
  return entries[0]?.attributes[0]?.values.map(String)[0]
}

/** Resolves as soon as that holds; within seconds. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 8000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('it did not come to pass')
    await sleep(20)
  }
}

/** How many sessions of the database listen. */
async function sessionsOf(url: string): Promise<number> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ count: string }>(
    `select count(*) from pg_stat_activity where datname = current_database() and (query like 'LISTEN%' or query = 'SELECT 1')`,
  )
  await client.end()
  return Number(rows[0]?.count)
}

describe('PostgreSQL', () => {
  let url: string
  let served: Served
  let client: LdapClient

  beforeAll(async () => {
    url = await postgresDatabase()
    await fillStaff(url)
    await runSql(url, telling)
    served = await serveCached(cachedStaff(url, { ttl: '1h', listen: 'hr people' }))
    client = await served.connect(admin.dn, admin.password)
  })

  afterAll(() => served?.close())

  it('tells of changes, which are seen at once', async () => {
    const kept = async () => {
      await titleOf(client, 'ann')
      await runSql(
        url,
        `alter table staff disable trigger told; update staff set title = coalesce(title, '') || '.' where id = 1;
        alter table staff enable trigger told`,
      )
      return (await titleOf(client, 'ann'))?.endsWith('..') === false
    }
    await until(kept)
    expect(await sessionsOf(url)).toBe(1)
    for (const title of ['Head', 'Heart']) {
      await runSql(url, `update staff set title = '${title}' where login = 'ann'`)
      await until(async () => (await titleOf(client, 'ann')) === title)
    }
    await runSql(url, `update staff set login = 'anne' where login = 'ann'`)
    await until(async () => (await titleOf(client, 'ann')) === undefined)
    expect(await titleOf(client, 'anne')).toBe('Heart')
  })

  it('keeps nothing while it cannot be heard, and hears again by itself', async () => {
    await titleOf(client, 'bob')
    const silence = `alter table staff disable trigger told; update staff set title = 'Mute' where login = 'bob'; alter table staff enable trigger told`
    const cut = `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query like 'LISTEN%' or query = 'SELECT 1' and datname = current_database()`
    await runSql(url, silence, cut)
    await until(async () => (await titleOf(client, 'bob')) === 'Mute')
    await runSql(url, `update staff set title = 'Loud' where login = 'bob'`)
    await until(async () => (await titleOf(client, 'bob')) === 'Loud')
    // It is kept again once it is heard again.
    await until(async () => {
      const before = await titleOf(client, 'bob')
      await runSql(url, silence.replace('Mute', before === 'Mute' ? 'Muted' : 'Mute'))
      return (await titleOf(client, 'bob')) === before
    })
  })
})

describe.each([
  ['MariaDB', mariadbDatabase],
  ['SQLite', async () => sqliteDatabase().url],
] as const)('%s', (_name, create) => {
  let url: string
  let served: Served
  let client: LdapClient

  beforeAll(async () => {
    url = await create()
    await fillStaff(url)
    await runSql(
      url,
      'alter table staff add changed_at timestamp null',
      `update staff set changed_at = '2020-01-01 00:00:00'`,
    )
    const config = cachedStaff(url, { ttl: '1h', poll: { interval: '50ms', changedBy: 'modifyTimestamp' } })
    const [first, ...others] = config.views as { mapping: { attributes: object } }[]
    const attributes = { ...first?.mapping.attributes, modifyTimestamp: 'changed_at' }
    const withTime = { ...first, mapping: { ...first?.mapping, attributes } }
    const crews = others.map((one) => ({ ...one, cache: { ttl: '1h' } }))
    served = await serveCached({ ...config, views: [withTime, ...crews] as typeof config.views })
    client = await served.connect(admin.dn, admin.password)
  })

  afterAll(() => served?.close())

  const change = (set: string, where: string, at = "'2021-01-01 00:00:00'") =>
    runSql(url, `update staff set ${set}, changed_at = ${at} where ${where}`)

  it('is looked at for changes, and answers are kept between them', async () => {
    let n = 0
    await until(async () => {
      const before = await titleOf(client, 'ann')
      await runSql(url, `update staff set title = 'unseen ${n++}' where login = 'ann'`)
      await sleep(120)
      return (await titleOf(client, 'ann')) === before
    })
    await change(`title = 'Seen'`, `login = 'ann'`)
    await until(async () => (await titleOf(client, 'ann')) === 'Seen')
    // Another one of the same time, another one of an earlier time, and one more of the very same.
    await titleOf(client, 'bob')
    await change(`title = 'Too'`, `login = 'bob'`)
    await until(async () => (await titleOf(client, 'bob')) === 'Too')
    await titleOf(client, 'cid')
    await change(`title = 'Late'`, `login = 'cid'`, "'2020-12-31 23:59:30'")
    await until(async () => (await titleOf(client, 'cid')) === 'Late')
    await change(`title = 'Again'`, `login = 'cid'`, "'2020-12-31 23:59:30'")
    await until(async () => (await titleOf(client, 'cid')) === 'Again')
  })

  it('is counted, so that who is gone is noticed', async () => {
    await titleOf(client, 'eve')
    await until(async () => (await titleOf(client, 'eve')) === undefined)
    await runSql(
      url,
      `insert into staff (id, login, full_name, last_name, title) values (70, 'ned', 'Ned', 'Ned', 'New')`,
    )
    await until(async () => (await titleOf(client, 'ned')) === 'New')
    await runSql(url, 'delete from staff where id = 70')
    await until(async () => (await titleOf(client, 'ned')) === undefined)
  })
})

it('MariaDB: with the triggers that the page shows, what changes in a child table is noticed', async () => {
  const page = readFileSync(new URL('../../docs/cache.md', import.meta.url), 'utf8')
  const triggers = /^(?:CREATE TRIGGER extra_emails_(?:.|\n)*?;\n)+/m.exec(page)?.[0] ?? ''
  const url = await mariadbDatabase()
  await runSql(
    url,
    `create table users (id integer primary key, login varchar(50) not null unique, changed_at timestamp null)`,
    `create table extra_emails (user_id integer not null, address varchar(100) not null)`,
    `insert into users values (1, 'ann', '2020-01-01 00:00:00'), (2, 'bob', '2020-01-01 00:00:00')`,
    ...triggers.split(/;\n/).filter((text) => text !== ''),
  )
  const served = await serveCached({
    suffix: 'dc=example,dc=com',
    listen: { ldap: 0, http: 0 },
    log: { level: 'silent' },
    sources: { hr: { type: 'sql', url } },
    serviceAccounts: [{ dn: admin.dn, password: `{CLEARTEXT}${admin.password}` }],
    access: [{ who: admin.dn, views: '*' }],
    views: [
      {
        mapping: {
          view: 'people',
          source: 'hr',
          from: 'users',
          key: 'id',
          attributes: {
            uid: 'login',
            mail: { table: 'extra_emails', on: 'user_id', value: 'address' },
            modifyTimestamp: 'changed_at',
          },
          ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['account', 'extensibleObject'] },
        },
        cache: { ttl: '1h', poll: { interval: '50ms', changedBy: 'modifyTimestamp' } },
      },
    ],
  })
  try {
    const client = await served.connect(admin.dn, admin.password)
    const withMail = async () => {
      const { entries } = await client.searchAll(people, {
        filter: '(mail=a@example.com)',
        attributes: ['uid'],
      })
      return entries.map(({ dn }) => dn.split(',')[0]).join()
    }
    expect(await withMail()).toBe('')
    for (const [statement, whom] of [
      [`insert into extra_emails values (1, 'a@example.com')`, 'uid=ann'],
      ['update extra_emails set user_id = 2', 'uid=bob'],
      ['delete from extra_emails', ''],
    ] as const) {
      // Whoever has just seen a change takes everything for changed for a while.
      await sleep(1200)
      await withMail()
      await runSql(url, statement)
      await until(async () => (await withMail()) === whom)
    }
  } finally {
    await served.close()
  }
})
