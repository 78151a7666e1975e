/** What copies are besides being like their origins: there while these are away, refreshed when told, true to them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { GatewayInput } from '../../src/index.js'
import { dontUseCopyControl, type LdapClient } from '../../src/ldap/index.js'
import { openSql } from '../data/sql-client.js'
import { runSql, sqliteDatabase } from '../mappings/databases.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'
import { ssha } from './company.js'
import { type Relay, relay } from './relay.js'
import { type Scim, scim } from './scim/serving.js'
import { codeOf, find, read, type Serving, serve } from './serving.js'

const suffix = 'dc=example,dc=com'
const base = `ou=people,${suffix}`
const personDn = (uid: string) => `uid=${uid},${base}`
const groupDn = (cn: string) => `cn=${cn},ou=groups,${suffix}`
const [INVALID_CREDENTIALS, UNAVAILABLE] = [49, 52]
const TOKEN = 'a-token-for-copies'
const admin = `cn=admin,${suffix}`

const tables = (key = 'integer primary key') => `
  create table users (id ${key}, login varchar(40) not null unique, name varchar(80), mail varchar(80),
    hash varchar(200), active integer not null default 1, kind varchar(10));
  create table teams (id ${key}, name varchar(40) not null unique);
  create table members (team integer not null, person integer not null);
  insert into users values (1, 'ada', 'Ada', 'ada@example.com', '${ssha('ada-secret')}', 1, 'staff'),
    (2, 'bob', 'Bob', null, '${ssha('bob-secret')}', 1, 'guest'),
    (3, 'eve', 'Eve', 'eve@example.com', '${ssha('eve-secret')}', 0, 'staff');
  insert into teams values (1, 'makers'), (2, 'others');
  insert into members values (1, 1), (1, 2), (2, 3);`

const people = {
  view: 'people',
  source: 'hr',
  from: 'users',
  key: 'id',
  writable: true,
  attributes: {
    uid: 'login',
    cn: 'name',
    sn: 'name',
    mail: 'mail',
    employeeType: 'kind',
    memberOf: { ref: 'groups', table: 'members', on: 'person', value: 'team' },
    userPassword: { column: 'hash', verifyOnly: true, hash: 'ssha' as const },
  },
  enabled: { column: 'active', equals: 1, else: 0 },
  ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
  scim: { resource: 'User' },
}

const groups = {
  view: 'groups',
  source: 'hr',
  from: 'teams',
  key: 'id',
  writable: true,
  attributes: { cn: 'name', member: { ref: 'people', table: 'members', on: 'team', value: 'person' } },
  ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['groupOfNames'] },
  scim: { resource: 'Group' },
}

type ViewOptions = { readonly of?: object; readonly copy?: object }

const refreshMethod = 'copy' as const

function config(url: string, store: string, { of = {}, copy = {} }: ViewOptions = {}): GatewayInput {
  return {
    suffix,
    listen: { ldap: 0, http: 0 },
    log: { level: 'silent' },
    sources: { hr: { type: 'sql', url, connectTimeout: '1s' } },
    copy: { store },
    views: [
      { mapping: { ...people, ...of }, refreshMethod, copy },
      { mapping: groups, refreshMethod },
    ],
    serviceAccounts: [{ dn: admin, password: '{CLEARTEXT}secret' }],
    access: [
      { who: ['anonymous', 'authenticated'], views: '*', allow: ['read', 'search', 'compare', 'write'] },
    ],
    scim: { tokens: [{ name: 'test', token: `{CLEARTEXT}${TOKEN}`, as: admin, scopes: ['*'] }] },
  }
}

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one()
})

const folder = () => {
  const made = mkdtempSync(join(tmpdir(), 'vitrine-copies-'))
  undo.push(() => rmSync(made, { recursive: true }))
  return made
}

const sqliteStore = async () => `sqlite:${join(folder(), 'store.sqlite')}`

async function served(input: GatewayInput): Promise<Serving & { readonly scim: Scim }> {
  const serving = await serve(input)
  undo.push(() => serving.close())
  const { host, port } = serving.http ?? { host: '', port: 0 }
  return { ...serving, scim: scim(`http://${host}:${port}/scim/v2`, `Bearer ${TOKEN}`) }
}

async function source(): Promise<string> {
  const database = sqliteDatabase()
  undo.push(() => database.remove())
  await runSql(database.url, tables())
  return database.url
}

/** A source that can be away. */
async function distant(): Promise<Relay> {
  const url = await mariadbDatabase()
  await runSql(url, tables('integer primary key auto_increment'))
  const made = await relay(url, 3306)
  undo.push(() => made.cut().catch(() => {}))
  return made
}

async function sqlRows(url: string, sql: string) {
  const client = await openSql(url)
  try {
    return await client.run(sql)
  } finally {
    await client.close()
  }
}

const uids = (client: LdapClient, filter = '(uid=*)') => find(client, base, filter)

describe.each([
  ['SQLite', sqliteStore],
  ['MariaDB', mariadbDatabase],
  ['PostgreSQL', postgresDatabase],
])('a copy in %s', (_name, makeStore) => {
  it('serves both faces while its source is away, also after a restart, and says that nobody can bind', async () => {
    const there = await distant()
    const store = await makeStore()
    const input = config(there.url, store)
    const first = await served(input)
    await first.gateway.refresh()
    await there.cut()
    const second = await served(input)
    for (const { connect, scim: face, http } of [first, second]) {
      const client = await connect()
      expect(await uids(client)).toEqual([personDn('ada'), personDn('bob'), personDn('eve')])
      expect(await uids(client, '(memberOf=cn=makers,ou=groups,dc=example,dc=com)')).toHaveLength(2)
      expect((await face.get('/Users', { filter: 'emails eq "ada@example.com"' })).body.totalResults).toBe(1)
      expect(await codeOf(client.bind(personDn('ada'), 'ada-secret'))).toBe(UNAVAILABLE)
      const ready = await fetch(`http://${http?.host}:${http?.port}/readyz`)
      expect([ready.status, await ready.json()]).toMatchObject([200, { sources: { hr: 'unavailable' } }])
      expect((await face.patch('/Users/1', [])).status).toBeGreaterThanOrEqual(400)
    }
    await expect(second.gateway.refresh()).rejects.toMatchObject({ code: 'unavailable' })
    await there.mend()
    await second.gateway.refresh()
    const client = await second.connect(personDn('ada'), 'ada-secret')
    expect(await uids(client)).toHaveLength(3)
  }, 60_000)

  it('calls entries what the source itself would', async () => {
    const url = await source()
    const copy = await served(config(url, await makeStore()))
    await copy.gateway.refresh()
    const { views, ...rest } = config(url, '')
    const live = await served({
      ...rest,
      copy: {},
      views: views.map((view) => (typeof view === 'object' && 'mapping' in view ? view.mapping : view)),
    })
    const attributes = ['*', '+']
    for (const dn of [personDn('ada'), groupDn('makers')])
      expect(await read(await copy.connect(), dn, attributes)).toEqual(
        await read(await live.connect(), dn, attributes),
      )
    for (const path of ['/Users', '/Groups']) {
      const [here, there] = [await copy.scim.get(path), await live.scim.get(path)]
      const text = (answer: typeof here) => answer.text.replaceAll(/http:\/\/[^/]+/g, '')
      expect(text(here)).toBe(text(there))
    }
  })
})

describe('a copy', () => {
  it('keeps people and their groups whose keys are new, and writes and binds them by these', async () => {
    const url = await source()
    const copy = { correlate: ['uid'] }
    const { gateway, connect, scim: face } = await served(config(url, await sqliteStore(), { copy }))
    await gateway.refresh()
    const client = await connect()
    const before = await read(client, personDn('ada'), ['*', '+'])
    const scimOf = async () => (await face.get('/Users', { filter: 'userName eq "ada"' })).body.Resources
    const shown = await scimOf()
    await runSql(url, 'update users set id = id + 100; update members set person = person + 100')
    await gateway.refresh()
    await runSql(url, `insert into users values (1, 'dan', 'Dan', null, null, 1, 'staff')`)
    await gateway.refresh()
    expect(await read(client, personDn('ada'), ['*', '+'])).toEqual(before)
    expect(await scimOf()).toEqual(shown)
    expect(await uids(client)).toHaveLength(4)
    expect(await codeOf((await connect()).bind(personDn('ada'), 'ada-secret'))).toBe(0)
    await client.modify(personDn('ada'), [
      { operation: 'replace', type: 'mail', values: ['new@example.com'] },
    ])
    expect(await uids(client, '(mail=new@example.com)')).toEqual([personDn('ada')])
    await client.modify(groupDn('others'), [{ operation: 'add', type: 'member', values: [personDn('ada')] }])
    expect(await uids(client, '(memberOf=cn=others,ou=groups,dc=example,dc=com)')).toEqual([
      personDn('ada'),
      personDn('eve'),
    ])
    await client.delete(personDn('bob'))
    expect(await uids(client)).toEqual([personDn('ada'), personDn('dan'), personDn('eve')].sort())
    await gateway.refresh()
    expect(await uids(client, '(mail=new@example.com)')).toEqual([personDn('ada')])
    expect(await uids(client)).toHaveLength(3)
    const left = await sqlRows(url, 'select person from members order by person')
    expect(left).toEqual([{ person: 101 }, { person: 101 }, { person: 103 }])
  })

  it('is what its source was when it was made, and again when it is refreshed', async () => {
    const url = await source()
    const { gateway, connect } = await served(config(url, await sqliteStore()))
    await gateway.refresh()
    const client = await connect()
    await runSql(url, `delete from users where id = 2; insert into users (login, active) values ('new', 1)`)
    expect(await uids(client)).toEqual([personDn('ada'), personDn('bob'), personDn('eve')])
    await gateway.refresh(['groups'])
    expect(await uids(client)).toContain(personDn('bob'))
    await gateway.refresh()
    expect(await uids(client)).toEqual([personDn('ada'), personDn('eve'), personDn('new')])
  })

  it('is passed over by clients that want no copy', async () => {
    const there = await distant()
    const { gateway, connect } = await served(config(there.url, await sqliteStore()))
    await gateway.refresh()
    const client = await connect()
    await runSql(there.url, `update users set mail = 'bob@example.com', name = 'Robert' where id = 2`)
    const controls = [dontUseCopyControl()]
    const asked = () => client.searchAll(base, { filter: '(mail=bob@example.com)', controls })
    expect(await uids(client, '(mail=bob@example.com)')).toEqual([])
    expect((await asked()).entries.map(({ dn }) => dn)).toEqual([personDn('bob')])
    const compared = (given?: typeof controls) =>
      client.compare(personDn('bob'), 'cn', 'Robert', { controls: given ?? [] })
    expect([await compared(), await compared(controls)]).toEqual([false, true])
    await there.cut()
    expect(await codeOf(asked())).toBe(UNAVAILABLE)
    expect(await uids(client)).toHaveLength(3)
  })

  it('has passwords and states checked by the source, whatever it holds itself', async () => {
    const url = await source()
    const { gateway, connect } = await served(config(url, await sqliteStore()))
    await gateway.refresh()
    const bind = async (uid: string, password: string) =>
      codeOf((await connect()).bind(personDn(uid), password))
    expect(await bind('ada', 'ada-secret')).toBe(0)
    expect(await bind('ada', 'wrong')).toBe(INVALID_CREDENTIALS)
    expect(await bind('eve', 'eve-secret')).toBe(INVALID_CREDENTIALS)
    await runSql(url, `update users set login = 'lovelace', hash = '${ssha('other')}' where id = 1`)
    expect(await bind('ada', 'ada-secret')).toBe(INVALID_CREDENTIALS)
    // As applications find her.
    expect(await bind('ada', 'other')).toBe(0)
    expect(await bind('lovelace', 'other')).toBe(INVALID_CREDENTIALS)
    await runSql(url, `update users set active = 0 where id = 1`)
    expect(await bind('ada', 'other')).toBe(INVALID_CREDENTIALS)
    await runSql(url, `insert into users (login, hash) values ('new', '${ssha('new-secret')}')`)
    expect(await bind('new', 'new-secret')).toBe(INVALID_CREDENTIALS)
  })

  it('checks hashes itself where they are copied', async () => {
    const there = await distant()
    const { gateway, connect } = await served(
      config(there.url, await sqliteStore(), { copy: { copyPasswords: true } }),
    )
    await gateway.refresh()
    await there.cut()
    const bind = async (uid: string, password: string) =>
      codeOf((await connect()).bind(personDn(uid), password))
    expect(await bind('ada', 'ada-secret')).toBe(0)
    expect(await bind('ada', 'wrong')).toBe(INVALID_CREDENTIALS)
    expect(await bind('eve', 'eve-secret')).toBe(INVALID_CREDENTIALS)
    const entry = await read(await connect(), personDn('ada'), ['*', '+', 'userPassword'])
    expect(entry).not.toHaveProperty('userPassword')
  })

  it('is unavailable until it was made, and made as soon as its source is there', async () => {
    const there = await distant()
    await there.cut()
    const { gateway, connect, http, scim: face } = await served(config(there.url, await sqliteStore()))
    const client = await connect()
    expect(await codeOf(client.searchAll(base, { filter: '(uid=ada)' }))).toBe(UNAVAILABLE)
    expect((await face.get('/Users')).status).toBe(503)
    expect((await fetch(`http://${http?.host}:${http?.port}/readyz`)).status).toBe(503)
    await there.mend()
    await gateway.refresh()
    expect(await uids(client)).toHaveLength(3)
    expect((await fetch(`http://${http?.host}:${http?.port}/readyz`)).status).toBe(200)
  }, 30_000)

  it('shows what was written at once, from either end of a reference', async () => {
    const url = await source()
    const { gateway, connect, scim: face } = await served(config(url, await sqliteStore()))
    await gateway.refresh()
    const client = await connect(admin, 'secret')
    const change = (dn: string, op: 'add' | 'delete', type: string, value: string) =>
      client.modify(dn, [{ operation: op, type, values: [Buffer.from(value)] }])
    await change(groupDn('others'), 'add', 'member', personDn('ada'))
    expect((await read(client, personDn('ada'), ['memberOf']))?.memberOf).toEqual([
      groupDn('makers'),
      groupDn('others'),
    ])
    await change(groupDn('makers'), 'delete', 'member', personDn('ada'))
    expect((await read(client, personDn('ada'), ['memberOf']))?.memberOf).toEqual([groupDn('others')])
    await change(personDn('bob'), 'add', 'memberOf', groupDn('others'))
    expect((await read(client, groupDn('others'), ['member']))?.member).toEqual([
      personDn('ada'),
      personDn('bob'),
      personDn('eve'),
    ])
    // The database gives the key to somebody else.
    await client.delete(personDn('eve'))
    const made = await face.user({ userName: 'zoe', name: { familyName: 'Zoe' } })
    expect((await read(client, groupDn('others'), ['member']))?.member).toEqual([
      personDn('ada'),
      personDn('bob'),
    ])
    expect((await face.get(`/Users/${made.id}`)).body.groups).toBeUndefined()
    await client.modifyDn(personDn('zoe'), 'uid=zora')
    expect(await uids(client)).toEqual([personDn('ada'), personDn('bob'), personDn('zora')])
    await gateway.refresh()
    expect(await uids(client)).toEqual([personDn('ada'), personDn('bob'), personDn('zora')])
  })

  it('may leave out entries and attributes', async () => {
    const url = await source()
    const { gateway, connect } = await served(
      config(url, await sqliteStore(), {
        copy: { filter: '(employeeType=staff)', sourceAttributes: ['cn', 'sn', 'employeeType', 'memberOf'] },
      }),
    )
    await gateway.refresh()
    const client = await connect(admin, 'secret')
    expect(await uids(client)).toEqual([personDn('ada'), personDn('eve')])
    const entry = await read(client, personDn('ada'))
    expect(Object.keys(entry ?? {}).sort()).toEqual([
      'cn',
      'employeeType',
      'memberOf',
      'objectClass',
      'sn',
      'uid',
    ])
    expect((await read(client, groupDn('makers'), ['member']))?.member).toEqual([personDn('ada')])
    await client.modify(personDn('ada'), [
      { operation: 'replace', type: 'employeeType', values: [Buffer.from('guest')] },
    ])
    expect(await uids(client)).toEqual([personDn('eve')])
  })

  it.each<[string, (input: GatewayInput) => GatewayInput, string]>([
    [
      'references out of it',
      (input) => ({ ...input, views: [input.views[0] ?? '', groups] }),
      'attributes.memberOf.ref: people is copied, and groups, to which memberOf refers, is not. Give both views the same refreshMethod.',
    ],
    [
      'references into it',
      (input) => ({ ...input, views: [input.views[0] ?? '', groups] }),
      'attributes.member.ref: people, to which member refers, is copied, and groups is not. Give both views the same refreshMethod.',
    ],
    [
      'passwords that nobody has',
      ({ views: [view], ...input }) => ({
        ...input,
        views: [view ?? '', { mapping: groups, refreshMethod, copy: { copyPasswords: true } }],
      }),
      'views[1].copy.copyPasswords: groups has no hashes to copy. Leave it out: the source checks passwords.',
    ],
    [
      'requirements of attributes that it has not',
      ({ views: [, view], ...input }) => ({
        ...input,
        views: [{ mapping: people, refreshMethod, copy: { required: ['mial'] } }, view ?? ''],
      }),
      'views[0].copy.required: no view that this is said of has an attribute mial. Did you mean mail?',
    ],
    [
      'attributes that it has not',
      ({ views: [, view], ...input }) => ({
        ...input,
        views: [{ mapping: people, refreshMethod, copy: { sourceAttributes: ['mial'] } }, view ?? ''],
      }),
      'views[0].copy.sourceAttributes: view people has no attribute mial. Did you mean mail?',
    ],
    [
      'a filter that is none',
      ({ views: [, view], ...input }) => ({
        ...input,
        views: [{ mapping: people, refreshMethod, copy: { filter: 'uid=a)' } }, view ?? ''],
      }),
      'views[0].copy.filter: it is no LDAP filter:',
    ],
    [
      'a time that is none',
      ({ views: [, view], ...input }) => ({
        ...input,
        views: [{ mapping: people, refreshMethod, copy: { changedBy: 'mail' } }, view ?? ''],
      }),
      'views[0].copy.changedBy: mail is no time. Name an attribute such as modifyTimestamp.',
    ],
    [
      'a way back that is not copied',
      (input) => ({
        ...input,
        views: [
          {
            mapping: {
              ...people,
              attributes: { ...people.attributes, memberOf: { ref: 'groups', by: 'member' } },
            },
            refreshMethod,
          },
          { mapping: groups, refreshMethod, copy: { sourceAttributes: ['cn'] } },
        ],
      }),
      'views[1].copy.sourceAttributes: member of groups is not copied, of which memberOf of people is made. Add member.',
    ],
  ])('is refused with %s', async (_what, change, message) => {
    const made = served(change(config(await source(), await sqliteStore())))
    await expect(made).rejects.toThrow(message)
  })

  it('is refused where the store has other tables by its name', async () => {
    const store = await sqliteStore()
    const url = await source()
    const first = await served(config(url, store))
    await first.gateway.refresh()
    await first.close()
    const other = served(config(url, store, { of: { key: 'login' } }))
    await expect(other).rejects.toThrow(
      'copy.store: table people: column entry_id is integer in this store. Keep the copy in another store, or call it otherwise.',
    )
  })
})
