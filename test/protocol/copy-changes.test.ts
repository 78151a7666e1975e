/** Copies of which only what has changed is read: nothing that has changed is missed, wherever it stands. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { GatewayInput } from '../../src/index.js'
import { runSql, sqliteDatabase } from '../mappings/databases.js'
import { find, read, type Serving, serve } from './serving.js'

const suffix = 'dc=example,dc=com'
const base = `ou=people,${suffix}`
const dnOf = (uid: string) => `uid=${uid},${base}`
const admin = { dn: `cn=admin,${suffix}`, password: 'secret-of-the-admin' }
const TOKEN = 'a-token-for-operators'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one()
})

const people = {
  view: 'people',
  source: 'hr',
  from: 'users',
  key: 'id',
  where: { hidden: 0 },
  attributes: { uid: 'login', cn: 'name', sn: 'name', modifyTimestamp: 'changed', employeeType: 'kind' },
  ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
}

const mails = { mail: { table: 'mails', on: 'person', value: 'address' } }

async function database(): Promise<string> {
  const { url, remove } = sqliteDatabase()
  undo.push(() => remove())
  await runSql(
    url,
    `create table users (id integer primary key, login text not null, name text, kind text, hidden integer default 0,
       changed datetime not null default '2024-01-01 12:00:00');
     create table mails (person integer not null, address text not null);
     with recursive n(i) as (select 1 union all select i + 1 from n where i < 60)
     insert into users (id, login, name, kind) select i, 'user' || i, 'Name ' || i, 'staff' from n;
     update users set changed = '2024-01-10 12:00:00' where id = 60;
     insert into mails select id, login || '@example.com' from users`,
  )
  return url
}

interface World extends Serving {
  /** A cycle: what became of people, and was it of changes alone? */
  cycle(): Promise<readonly [incremental: boolean, tally: Record<string, number>]>
}

async function served(input: Partial<GatewayInput>): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-copy-changes-'))
  undo.push(() => rmSync(folder, { recursive: true }))
  const serving = await serve({
    suffix,
    listen: { ldap: 0, http: 0 },
    log: { level: 'silent' },
    sources: {},
    views: [],
    copy: { store: `sqlite:${join(folder, 'store.sqlite')}`, pollingInterval: '1d' },
    serviceAccounts: [{ dn: admin.dn, password: `{CLEARTEXT}${admin.password}` }],
    access: [{ who: ['anonymous', 'authenticated'], views: '*', allow: ['read', 'search'] }],
    scim: { tokens: [{ name: 'operator', token: `{CLEARTEXT}${TOKEN}`, as: admin.dn, scopes: ['*'] }] },
    ...input,
  })
  undo.push(() => serving.close())
  const at = `http://${serving.http?.host}:${serving.http?.port}/copy/jobs?limit=1`
  return {
    ...serving,
    cycle: async () => {
      await serving.gateway.refresh()
      const answer = await fetch(at, { headers: { authorization: `Bearer ${TOKEN}` } })
      const { jobs } = (await answer.json()) as {
        jobs: { incremental: boolean; views: { people: Record<string, number> } }[]
      }
      const [job] = jobs
      return [job?.incremental === true, job?.views.people ?? {}]
    },
  }
}

const copied = (url: string, mapping: object, copy: object): Partial<GatewayInput> => ({
  sources: { hr: { type: 'sql', url } },
  views: [
    { mapping: { ...people, ...mapping }, refreshMethod: 'copy', copy } as GatewayInput['views'][number],
  ],
})

describe('a copy of which changes are read', () => {
  it('follows who leaves the view and who comes into it without a word of that', async () => {
    const url = await database()
    const { cycle, connect } = await served(copied(url, {}, { changedBy: 'modifyTimestamp' }))
    expect(await cycle()).toMatchObject([true, {}])
    const client = await connect()
    await runSql(
      url,
      `update users set name = 'Ada', changed = '2024-02-01 12:00:00' where id = 1;
       delete from users where id = 2; update users set hidden = 1 where id = 3;
       insert into users (id, login, name, changed) values (100, 'late', 'Late', '2020-01-01 12:00:00')`,
    )
    expect(await cycle()).toMatchObject([true, { add: 1, update: 1, remove: 2, unchanged: 1 }])
    const uids = await find(client, base, '(uid=*)')
    expect(uids).toHaveLength(59)
    expect(uids).toContain(dnOf('late'))
    expect(await read(client, dnOf('user1'), ['cn'])).toEqual({ cn: ['Ada'] })
    await runSql(url, `update users set hidden = 0 where id = 3`)
    expect(await cycle()).toMatchObject([true, { update: 1, remove: 0 }])
    expect(await find(client, base, '(uid=user3)')).toHaveLength(1)
  })

  it('is held where only half of the entries are there', async () => {
    const url = await database()
    const { cycle, gateway } = await served(copied(url, {}, { changedBy: 'modifyTimestamp' }))
    await cycle()
    await runSql(url, 'delete from users where id > 30')
    await expect(gateway.refresh()).rejects.toThrow('30 entries of people would be removed')
    await runSql(url, 'delete from users')
    await expect(gateway.refresh()).rejects.toThrow('no entry at all')
  })

  it('is read whole where the time of change does not tell of all that is copied', async () => {
    const url = await database()
    const mapping = { attributes: { ...people.attributes, ...mails } }
    const { cycle, connect } = await served(copied(url, mapping, { changedBy: 'modifyTimestamp' }))
    await cycle()
    await runSql(
      url,
      `update mails set address = 'ada@example.org' where person = 1; delete from mails where person = 2`,
    )
    expect(await cycle()).toMatchObject([false, { update: 2, unchanged: 58 }])
    expect(await read(await connect(), dnOf('user1'), ['mail'])).toEqual({ mail: ['ada@example.org'] })
  })

  it.each([
    ['changes of child rows change that time', { changedWith: ['mail'] }],
    ['these are not copied', { sourceAttributes: ['cn', 'sn'] }],
  ])('is not where %s', async (_what, more) => {
    const url = await database()
    const mapping = { attributes: { ...people.attributes, ...mails } }
    const { cycle } = await served(copied(url, mapping, { changedBy: 'modifyTimestamp', ...more }))
    await cycle()
    await runSql(
      url,
      `delete from mails where person = 1; update users set name = 'Ada', changed = '2024-02-01 12:00:00' where id = 1`,
    )
    expect(await cycle()).toMatchObject([true, { update: 1, unchanged: 1 }])
  })

  it('follows a directory that tells of no deletions', async () => {
    const url = await database()
    const origin = await served({
      sources: { hr: { type: 'sql', url } },
      views: [people],
    })
    const mapping = {
      view: 'people',
      source: 'upstream',
      from: `${base}??one?(objectClass=inetOrgPerson)`,
      attributes: { uid: 'uid', cn: 'cn', sn: 'sn', modifyTimestamp: 'modifyTimestamp' },
      ldap: people.ldap,
    }
    const { cycle, connect } = await served({
      sources: { upstream: { type: 'ldap', url: `ldap://127.0.0.1:${origin.port}` } },
      views: [{ mapping, refreshMethod: 'copy', copy: { changedBy: 'modifyTimestamp' } }],
    })
    await cycle()
    await runSql(
      url,
      `update users set name = 'Ada', changed = '2024-02-01 12:00:00' where id = 1; delete from users where id = 2;
       insert into users (id, login, name) values (100, 'late', 'Late')`,
    )
    expect(await cycle()).toMatchObject([true, { add: 1, update: 1, remove: 1, unchanged: 1 }])
    const client = await connect()
    expect(await find(client, base, '(uid=user2)')).toEqual([])
    expect(await find(client, base, '(cn=Ada)')).toEqual([dnOf('user1')])
  })
})
