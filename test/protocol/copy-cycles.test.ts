/** Copies are made again without harm: what looks like an accident of the source changes nothing, and hooks have their say. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { GatewayInput } from '../../src/index.js'
import type { LdapClient } from '../../src/ldap/index.js'
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

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'vitrine-cycles-'))
  undo.push(() => rmSync(made, { recursive: true }))
  return made
}

const COUNT = 1500

/** So many people, read in pages of hundreds; nothing keeps keys from coming twice. */
async function source(): Promise<string> {
  const database = sqliteDatabase()
  undo.push(() => database.remove())
  await runSql(
    database.url,
    `create table staff (id integer, login text, name text, mail text);
     create view users as select id, login, name, mail,
       case when mail = 'broken' then abs(-9223372036854775807 - 1) end as room from staff;
     with recursive n(i) as (select 1 union all select i + 1 from n where i < ${COUNT})
     insert into staff select i, 'user' || i, 'Name ' || i, 'user' || i || '@example.com' from n`,
  )
  return database.url
}

const people = {
  view: 'people',
  source: 'hr',
  from: 'users',
  key: 'id',
  attributes: { uid: 'login', cn: 'name', sn: 'name', mail: 'mail', roomNumber: 'room' },
  ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
}

function config(url: string, copy: object = {}): GatewayInput {
  return {
    suffix,
    listen: { ldap: 0, http: 0 },
    log: { level: 'silent' },
    sources: { hr: { type: 'sql', url } },
    copy: { store: `sqlite:${join(folder(), 'store.sqlite')}`, pollingInterval: '1d', ...copy },
    views: [{ mapping: people, refreshMethod: 'copy' as const }],
    serviceAccounts: [{ dn: admin.dn, password: `{CLEARTEXT}${admin.password}` }],
    access: [{ who: ['anonymous', 'authenticated'], views: '*', allow: ['read', 'search'] }],
    scim: { tokens: [{ name: 'operator', token: `{CLEARTEXT}${TOKEN}`, as: admin.dn, scopes: ['*'] }] },
  }
}

async function served(input: GatewayInput): Promise<Serving & { readonly client: LdapClient }> {
  const serving = await serve(input)
  undo.push(() => serving.close())
  return { ...serving, client: await serving.connect() }
}

const uids = (client: LdapClient, filter = '(uid=*)') => find(client, base, filter)

describe('a copy stays what it was', () => {
  it.each([
    [
      'has lost half of its rows',
      `delete from staff where id > ${COUNT / 2}`,
      /750 entries of people would be removed/,
    ],
    ['has nothing left', 'delete from staff', /has no entry at all/],
    [
      'fails on the third page',
      `update staff set mail = 'broken' where id = 1200`,
      /failed before its end.*overflow/,
    ],
    ['has a key twice', `insert into staff values (7, 'twin', 'Twin', null)`, /twice under one key \(7\)/],
    [
      'has every key twice but one in five',
      'insert into staff select * from staff where id % 5 > 0',
      /twice under one key/,
    ],
    ['calls everybody something else', `update staff set login = 'new' || id`, /would lose the name/],
    [
      'has everybody under another key',
      'update staff set id = id + 10000',
      /1500 entries of people would be removed/,
    ],
  ])(
    'where its source %s',
    async (_what, sql, why) => {
      const url = await source()
      const { gateway, client } = await served(config(url))
      await gateway.refresh()
      expect(await uids(client)).toHaveLength(COUNT)
      const before = await read(client, dnOf('user1200'), ['*'])
      await runSql(url, sql)
      await expect(gateway.refresh()).rejects.toThrow(why)
      expect(await uids(client)).toHaveLength(COUNT)
      expect(await read(client, dnOf('user1200'), ['*'])).toEqual(before)
    },
    60_000,
  )
})

describe('a copy whose source has lost a table of values', () => {
  const mails = { table: 'mails', on: 'person', value: 'address' }
  const groups = {
    view: 'groups',
    source: 'hr',
    from: 'teams',
    key: 'id',
    attributes: { cn: 'name', member: { ref: 'people', table: 'members', on: 'team', value: 'person' } },
    ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['groupOfNames'] },
  }

  async function teams(copy: object = {}) {
    const url = await source()
    await runSql(
      url,
      `delete from staff where id > 90;
       create table mails (person integer, address text);
       insert into mails select id, login || '@example.com' from staff;
       insert into mails select id, login || '@example.org' from staff where id <= 30;
       create table teams (id integer, name text); insert into teams values (1, 'makers'), (2, 'others');
       create table members (team integer, person integer);
       insert into members select 1 + id % 2, id from staff`,
    )
    const input = config(url, copy)
    const mapping = { ...people, attributes: { ...people.attributes, mail: mails } }
    const views = [mapping, groups].map((one) => ({ mapping: one, refreshMethod: 'copy' as const }))
    const serving = await served({ ...input, views })
    await serving.gateway.refresh()
    const ask = async (body: object) => {
      const answer = await fetch(`http://${serving.http?.host}:${serving.http?.port}/copy/jobs`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      return (await answer.json()) as {
        job: { id: string; violations: { code: string }[] }
        changes: object[]
      }
    }
    const members = async () => {
      const found = ['makers', 'others'].map((cn) =>
        read(serving.client, `cn=${cn},ou=groups,${suffix}`, ['member']),
      )
      return (await Promise.all(found)).reduce((sum, entry) => sum + (entry?.member?.length ?? 0), 0)
    }
    return { ...serving, url, ask, members }
  }

  it('is held where a third of all members is gone, and follows once that is approved', async () => {
    const { gateway, url, ask, members } = await teams()
    await runSql(url, 'delete from members where person > 60')
    await expect(gateway.refresh()).rejects.toThrow(
      '30 of 90 values of member would go from entries of groups that stay; allowed are 20, or 30 %',
    )
    expect(await members()).toBe(90)
    const { job } = await ask({ dryRun: true })
    expect(job.violations).toMatchObject([{ code: 'tooManyLosses', attribute: 'member', count: 30 }])
    await gateway.refresh(undefined, { approve: true })
    expect(await members()).toBe(60)
    await gateway.refresh()
  })

  it('lets few values go, and those of who is gone', async () => {
    const { gateway, url, members } = await teams({ maxRemoveLimit: '50%' })
    await runSql(url, 'delete from members where person > 70; delete from mails where person > 70')
    await gateway.refresh()
    expect(await members()).toBe(70)
    // Members among them, who are not counted however many they are.
    await runSql(url, 'delete from staff where id > 45; delete from mails where person > 45')
    await gateway.refresh()
    // Others in their places are no loss.
    await runSql(url, `update mails set address = 'new-' || address; update members set team = 3 - team`)
    await gateway.refresh()
  })

  it('is held as it is told', async () => {
    const { gateway, url } = await teams({ maxLossLimit: '50%' })
    await runSql(url, 'delete from members where person > 50; delete from mails where person <= 40')
    await expect(gateway.refresh()).rejects.toThrow('70 of 120 values of mail')
    await runSql(url, `insert into mails select id, login || '@example.com' from staff where id <= 40`)
    await gateway.refresh()
  })

  it('tells of what would be changed which attributes are', async () => {
    const { url, ask } = await teams()
    await runSql(
      url,
      `update staff set name = 'Ada', login = 'ada' where id = 1; delete from mails where person = 2;
       delete from members where person = 3; insert into staff values (91, 'zoe', 'Zoe', null)`,
    )
    const { changes } = await ask({ dryRun: true })
    expect(changes).toEqual([
      {
        action: 'update',
        view: 'people',
        key: '1',
        name: 'ada',
        why: 'changed',
        attributes: ['cn', 'sn', 'uid'],
      },
      { action: 'update', view: 'people', key: '2', name: 'user2', why: 'changed', attributes: ['mail'] },
      { action: 'add', view: 'people', key: '91', name: 'zoe', why: 'new' },
      { action: 'update', view: 'groups', key: '2', name: 'others', why: 'changed', attributes: ['member'] },
    ])
  })
})

describe('a key that comes twice', () => {
  it('is found wherever it stands', async () => {
    const url = await source()
    await runSql(url, `delete from staff where id > 600`)
    const { gateway } = await served(config(url))
    await gateway.refresh()
    // One of these stands at the end of what is read at a time.
    for (const key of [64, 128, 256, 384, 512, 599, 600]) {
      await runSql(url, `insert into staff values (${key}, 'twin', 'Twin', null)`)
      await expect(gateway.refresh(), `twins of ${key}`).rejects.toThrow(`under one key (${key})`)
      await runSql(url, `delete from staff where login = 'twin'`)
    }
    await gateway.refresh()
  }, 60_000)
})

describe('what is said of all views', () => {
  it('is asked of those that have the attributes, under any of their names', async () => {
    const url = await source()
    await runSql(
      url,
      `delete from staff where id > 3; update staff set mail = null where id = 2;
      create table teams (id integer, name text); insert into teams values (1, 'makers')`,
    )
    const groups = {
      view: 'groups',
      source: 'hr',
      from: 'teams',
      key: 'id',
      attributes: { cn: 'name' },
      ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['groupOfNames'] },
    }
    const input = config(url, { required: ['rfc822Mailbox'], defaults: { roomNumber: 'none' } })
    const views = [...input.views, { mapping: groups, refreshMethod: 'copy' as const }]
    const { gateway, client } = await served({ ...input, views })
    await gateway.refresh()
    expect(await uids(client)).toEqual([dnOf('user1'), dnOf('user3')])
    expect(await find(client, `ou=groups,${suffix}`, '(cn=makers)')).toHaveLength(1)
    expect(await read(client, dnOf('user3'), ['roomNumber'])).toEqual({ roomNumber: ['none'] })
  })
})

describe('hooks', () => {
  const withHooks = (text: string, timeout = '5s') => {
    const module = join(folder(), 'hooks.mjs')
    writeFileSync(module, text)
    return { hooks: { module, timeout } }
  }

  it('change and refuse entries on their way into a copy', async () => {
    const url = await source()
    await runSql(url, 'delete from staff where id > 3')
    const copy = withHooks(`export function updateEntry({ key, attributes }) {
      if (key === '2') throw new Error('no contractors')
      return { attributes: { ...attributes, cn: attributes.cn[0].toUpperCase() } }
    }`)
    const { gateway, client, http } = await served(config(url, copy))
    await gateway.refresh()
    expect(await uids(client)).toEqual([dnOf('user1'), dnOf('user3')])
    expect(await uids(client, '(cn=NAME 3)')).toHaveLength(1)
    expect(await read(client, dnOf('user3'), ['cn'])).toEqual({ cn: ['NAME 3'] })
    const answer = await fetch(`http://${http?.host}:${http?.port}/copy/problems?target=local`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    })
    expect(JSON.stringify(await answer.json())).toContain('no contractors')
  })

  it('have their say in what is written, too, as defaults have', async () => {
    const url = await source()
    await runSql(url, 'delete from staff where id > 2')
    const copy = withHooks(`export function updateEntry({ attributes }) {
      if (attributes.cn[0] === 'Nobody') return 'nobody is not copied'
      return { attributes: { ...attributes, cn: attributes.cn[0].toUpperCase() } }
    }`)
    const { gateway, connect } = await served({
      ...config(url, { ...copy, defaultEmail: '{uid}@example.org' }),
      sources: { hr: { type: 'sql', url } },
      views: [
        {
          mapping: {
            ...people,
            from: 'staff',
            attributes: { uid: 'login', cn: 'name', sn: 'name', mail: 'mail' },
            writable: true,
          },
          refreshMethod: 'copy' as const,
        },
      ],
      access: [{ who: [admin.dn], views: '*', allow: ['read', 'search', 'write'] }],
    })
    await gateway.refresh()
    const client = await connect()
    await client.bind(admin.dn, admin.password)
    const change = (attribute: string, values: readonly string[]) =>
      client.modify(dnOf('user1'), [
        { operation: 'replace', type: attribute, values: values.map((value) => Buffer.from(value)) },
      ])
    await change('cn', ['Ada'])
    await change('mail', [])
    const shown = { cn: ['ADA'], mail: ['user1@example.org'] }
    expect(await read(client, dnOf('user1'), ['cn', 'mail'])).toEqual(shown)
    // Who is refused stays as the copy has him, until the next cycle tells why.
    await change('cn', ['Nobody'])
    expect(await read(client, dnOf('user1'), ['cn', 'mail'])).toEqual(shown)
    await change('cn', ['Ada'])
    await gateway.refresh()
    expect(await read(client, dnOf('user1'), ['cn', 'mail'])).toEqual(shown)
  })

  it('keep cycles from beginning', async () => {
    const url = await source()
    const { gateway } = await served(
      config(url, withHooks(`export const startCycle = () => 'the payroll is running'`)),
    )
    await expect(gateway.refresh()).rejects.toThrow('the payroll is running')
  })

  it('give the credentials of a directory, whenever it is bound to', async () => {
    const origin = await served({
      ...config(await source()),
      views: [people],
      access: [{ who: [admin.dn], views: '*', allow: ['read', 'search'] }],
    })
    const copy = withHooks(`export const getBindCredentials = async ({ source }) =>
      source === 'upstream' ? { dn: '${admin.dn}', password: '${admin.password}' } : undefined`)
    const { client } = await served({
      ...config('sqlite::memory:', copy),
      sources: { upstream: { type: 'ldap', url: `ldap://127.0.0.1:${origin.port}` } },
      views: [
        {
          view: 'people',
          source: 'upstream',
          from: `${base}??one?(objectClass=inetOrgPerson)`,
          attributes: { uid: 'uid', cn: 'cn', sn: 'sn' },
          ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
        },
      ],
    })
    expect(await uids(client, '(uid=user7)')).toEqual([dnOf('user7')])
  })

  it.each([
    ['is not there', undefined, 'cannot be loaded'],
    ['is no module', 'export const (', 'cannot be loaded'],
    ['has nothing that is called', 'export const other = 1', 'has none of the functions that are called'],
  ])('are refused where their module %s', async (_what, text, why) => {
    const copy = text === undefined ? { hooks: { module: '/nowhere/hooks.mjs' } } : withHooks(text)
    await expect(serve(config(await source(), copy))).rejects.toThrow(why)
  })
})
