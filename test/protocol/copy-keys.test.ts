/** Copies whose entries are known by several attributes together, whatever their source calls them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ConfigError, type GatewayInput } from '../../src/index.js'
import type { LdapClient } from '../../src/ldap/index.js'
import { runSql, sqliteDatabase } from '../mappings/databases.js'
import { find, read, type Serving, serve } from './serving.js'

const suffix = 'dc=example,dc=com'
const base = `ou=people,${suffix}`
const dnOf = (cn: string) => `cn=${cn},${base}`
const admin = { dn: `cn=admin,${suffix}`, password: 'secret-of-the-admin' }
const TOKEN = 'a-token-for-operators'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one()
})

/** People of several tenants, each of which has its own user names. */
const people = {
  view: 'people',
  source: 'hr',
  from: 'users',
  key: 'id',
  writable: true,
  attributes: {
    o: 'tenant',
    uid: 'login',
    cn: 'name',
    sn: 'name',
    mail: 'mail',
    manager: { ref: 'people', column: 'boss' },
  },
  ldap: { base: 'ou=people', rdn: 'cn', objectClass: ['inetOrgPerson'] },
}

async function database(): Promise<string> {
  const { url, remove } = sqliteDatabase()
  undo.push(() => remove())
  await runSql(
    url,
    `create table users (id integer primary key, tenant text, login text, name text, mail text, boss integer);
     insert into users values (1, 'acme', 'ada', 'Ada', null, null), (2, 'acme', 'bob', 'Bob', null, 1),
       (3, 'globex', 'ada', 'Ada G', null, null), (4, 'globex', 'bob', 'Bob G', null, 3)`,
  )
  return url
}

const keyAttributes = ['o', 'uid']

function config(url: string, store: string, copy: object): GatewayInput {
  return {
    suffix,
    listen: { ldap: 0, http: 0 },
    log: { level: 'silent' },
    sources: { hr: { type: 'sql', url } },
    copy: { store, pollingInterval: '1d', maxRemoveLimit: '100%' },
    views: [{ mapping: people, refreshMethod: 'copy', copy }],
    serviceAccounts: [{ dn: admin.dn, password: `{CLEARTEXT}${admin.password}` }],
    access: [{ who: [admin.dn], views: '*', allow: ['read', 'search', 'write'] }],
    scim: { tokens: [{ name: 'operator', token: `{CLEARTEXT}${TOKEN}`, as: admin.dn, scopes: ['*'] }] },
  }
}

function storeFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-copy-keys-'))
  undo.push(() => rmSync(folder, { recursive: true }))
  return `sqlite:${join(folder, 'store.sqlite')}`
}

async function served(
  url: string,
  copy: object = { keyAttributes },
  store = storeFile(),
): Promise<
  Serving & { readonly client: LdapClient; problems(): Promise<readonly object[]>; job(): Promise<object> }
> {
  const serving = await serve(config(url, store, copy))
  undo.push(() => serving.close())
  await serving.gateway.refresh()
  const client = await serving.connect(admin.dn, admin.password)
  const ask = async (path: string) => {
    const at = `http://${serving.http?.host}:${serving.http?.port}/copy/${path}`
    return (await (await fetch(at, { headers: { authorization: `Bearer ${TOKEN}` } })).json()) as {
      problems: object[]
      jobs: { views: { people: object } }[]
    }
  }
  return {
    ...serving,
    client,
    problems: async () => (await ask('problems')).problems,
    job: async () => (await ask('jobs?limit=1')).jobs[0]?.views.people ?? {},
  }
}

describe('entries of a directory', () => {
  it('are copied where they have all of some object classes', async () => {
    const url = await database()
    const accounts = { ...people, view: 'accounts', from: 'users', where: { tenant: 'acme' } }
    const ldap = { base: 'ou=staff', rdn: 'cn', objectClass: ['inetOrgPerson', 'uidObject'] }
    const there = await serve({
      ...config(url, storeFile(), {}),
      views: [
        { ...people, where: { tenant: 'globex' } },
        {
          ...accounts,
          attributes: { ...people.attributes, manager: { ref: 'accounts', column: 'boss' } },
          ldap,
        },
      ],
      access: [{ who: 'anonymous', views: '*', allow: ['read', 'search'] }],
    })
    undo.push(() => there.close())
    const view = {
      view: 'people',
      source: 'there',
      from: `${suffix}??sub?(cn=*)`,
      attributes: { cn: 'cn', sn: 'sn', uid: 'uid' },
      ldap: people.ldap,
    }
    const copied = async (copy: object) => {
      const input = config(url, storeFile(), copy)
      const here = await serve({
        ...input,
        sources: { there: { type: 'ldap', url: `ldap://127.0.0.1:${there.port}` } },
        views: [{ mapping: view, refreshMethod: 'copy', copy }],
      })
      undo.push(() => here.close())
      await here.gateway.refresh()
      return find(await here.connect(admin.dn, admin.password), base, '(uid=*)')
    }
    expect(await copied({ keyObjectClasses: ['inetOrgPerson'] })).toHaveLength(4)
    expect(await copied({ keyObjectClasses: ['inetOrgPerson', 'UIDObject'] })).toEqual([
      dnOf('Ada'),
      dnOf('Bob'),
    ])
  })
})

const uuidOf = async (client: LdapClient, cn: string) =>
  (await read(client, dnOf(cn), ['entryUUID']))?.entryUUID

describe('entries that are known by several attributes', () => {
  it('are the same wherever they are in their source, and are still referred to', async () => {
    const url = await database()
    const { gateway, client, job } = await served(url)
    const names = ['Ada', 'Bob', 'Ada G', 'Bob G']
    const before = await Promise.all(names.map((cn) => read(client, dnOf(cn), ['*', '+'])))
    // Everybody has the number of somebody else.
    await runSql(
      url,
      `update users set id = -(5 - id), boss = 5 - boss; update users set id = -id;
       update users set name = 'Augusta' where tenant = 'acme' and login = 'ada'`,
    )
    await gateway.refresh()
    expect(await job()).toMatchObject({ add: 0, update: 1, remove: 0, unchanged: 3 })
    expect(await read(client, dnOf('Augusta'), ['entryUUID'])).toEqual({ entryUUID: before[0]?.entryUUID })
    const after = await Promise.all(names.slice(1).map((cn) => read(client, dnOf(cn), ['*', '+'])))
    expect(after).toEqual([{ ...before[1], manager: [dnOf('Augusta')] }, before[2], before[3]])
    // And again, each in the place of the next.
    const settled = await Promise.all(
      ['Augusta', ...names.slice(1)].map((cn) => read(client, dnOf(cn), ['*', '+'])),
    )
    for (let i = 0; i < 3; i++) {
      await runSql(url, `update users set id = -(id % 4 + 1), boss = boss % 4 + 1; update users set id = -id`)
      await gateway.refresh()
      expect(await job()).toMatchObject({ add: 0, update: 0, remove: 0, unchanged: 4 })
      const now = ['Augusta', ...names.slice(1)].map((cn) => read(client, dnOf(cn), ['*', '+']))
      expect(await Promise.all(now)).toEqual(settled)
    }
    await client.modify(dnOf('Bob G'), [
      { operation: 'replace', type: 'manager', values: [Buffer.from(dnOf('Augusta'))] },
    ])
    expect(await read(client, dnOf('Bob G'), ['manager'])).toEqual({ manager: [dnOf('Augusta')] })
  })

  it('are others where others have their places, and come back as who they were', async () => {
    const url = await database()
    const { gateway, client, job } = await served(url)
    const before = await uuidOf(client, 'Ada')
    await runSql(url, `update users set login = 'zoe', name = 'Zoe' where id = 1`)
    await gateway.refresh()
    expect(await job()).toMatchObject({ add: 1, remove: 1 })
    expect(await uuidOf(client, 'Zoe')).not.toEqual(before)
    expect(await read(client, dnOf('Bob'), ['manager'])).toEqual({ manager: [dnOf('Zoe')] })
    await runSql(url, `insert into users values (9, 'Acme', 'ADA', 'Ada', null, null)`)
    await gateway.refresh()
    expect(await uuidOf(client, 'Ada')).toEqual(before)
    expect(await find(client, base, '(cn=*)')).toHaveLength(5)
    await gateway.refresh()
    expect(await job()).toMatchObject({ add: 0, update: 0, remove: 0, unchanged: 5 })
  })

  it('are problems where a part of their key is missing, and stay as they were', async () => {
    const url = await database()
    const { gateway, client, problems } = await served(url)
    await runSql(url, `update users set tenant = null, name = 'Robert' where id = 2`)
    for (let i = 0; i < 2; i++) {
      await gateway.refresh()
      expect(await problems()).toMatchObject([
        { key: '2', reason: { code: 'missing', message: 'it has no o, which is a part of its key' } },
      ])
      expect(await find(client, base, '(cn=Bob)')).toHaveLength(1)
    }
    await runSql(url, `update users set tenant = 'acme' where id = 2`)
    await gateway.refresh()
    expect(await problems()).toEqual([])
    expect(await find(client, base, '(cn=Robert)')).toHaveLength(1)
  })

  it('are held where two of them have the same', async () => {
    const url = await database()
    const { gateway } = await served(url)
    await runSql(url, `update users set tenant = 'acme' where id = 3`)
    await expect(gateway.refresh()).rejects.toThrow('came twice under one key (["acme","ada"])')
  })

  it('keep their ids where that is said later, and where it is no longer said', async () => {
    const url = await database()
    const store = storeFile()
    const first = await served(url, {}, store)
    const before = await uuidOf(first.client, 'Ada')
    await first.close()
    const second = await served(url, { keyAttributes }, store)
    expect(await second.job()).toMatchObject({ add: 0, remove: 0 })
    await runSql(url, 'update users set id = id + 100, boss = boss + 100')
    await second.gateway.refresh()
    expect(await second.job()).toMatchObject({ add: 0, remove: 0, unchanged: 4 })
    await second.close()
    const third = await served(url, {}, store)
    expect(await third.job()).toMatchObject({ add: 0, remove: 0 })
    expect(await uuidOf(third.client, 'Ada')).toEqual(before)
    expect(await read(third.client, dnOf('Bob'), ['manager'])).toEqual({ manager: [dnOf('Ada')] })
  })

  it('are written under the names that their source has for them', async () => {
    const url = await database()
    const { gateway, client, job } = await served(url)
    await runSql(url, 'update users set id = id + 100, boss = boss + 100')
    await gateway.refresh()
    const before = await uuidOf(client, 'Ada')
    const set = (dn: string, type: string, value: string) =>
      client.modify(dn, [{ operation: 'replace', type, values: [Buffer.from(value)] }])
    await set(dnOf('Ada'), 'mail', 'ada@example.com')
    await set(dnOf('Ada'), 'uid', 'augusta')
    await set(dnOf('Bob G'), 'manager', dnOf('Ada'))
    await client.delete(dnOf('Bob'))
    await client.add(dnOf('Zoe'), [
      { type: 'objectClass', values: ['inetOrgPerson'] },
      { type: 'sn', values: ['Zoe'] },
      { type: 'o', values: ['acme'] },
      { type: 'uid', values: ['zoe'] },
    ])
    expect(await read(client, dnOf('Ada'), ['mail', 'uid', 'entryUUID'])).toEqual({
      mail: ['ada@example.com'],
      uid: ['augusta'],
      entryUUID: before,
    })
    expect(await read(client, dnOf('Bob G'), ['manager'])).toEqual({ manager: [dnOf('Ada')] })
    await gateway.refresh()
    expect(await job()).toMatchObject({ add: 0, update: 0, remove: 0, unchanged: 4 })
    expect(await uuidOf(client, 'Ada')).toEqual(before)
  })

  it.each([
    [
      { keyAttributes: ['o', 'uit'] },
      'copy.keyAttributes: view people has no attribute uit. Did you mean uid?',
    ],
    [
      { keyAttributes, changedBy: 'modifyTimestamp' },
      'copy.keyAttributes: entries are known by these only where all of them are read. Remove changedBy.',
    ],
    [{ keyAttributes: [] }, 'copy.keyAttributes'],
    [
      { keyObjectClasses: ['account'] },
      'copy.keyObjectClasses: hr is no directory. Choose entries by filter.',
    ],
    [{ keyObjectClasses: ['a)(b'] }, 'copy.keyObjectClasses[0]'],
  ])('are refused as %j', async (copy, message) => {
    const input = config('sqlite::memory:', storeFile(), copy)
    const mapping = { ...people, attributes: { ...people.attributes, modifyTimestamp: 'changed' } }
    const wrong = await serve({ ...input, views: [{ mapping, refreshMethod: 'copy', copy }] }).catch(
      (error: unknown) => error,
    )
    expect(wrong).toBeInstanceOf(ConfigError)
    expect((wrong as Error).message).toContain(message)
  })
})
