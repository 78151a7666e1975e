/** What is written comes into a copy as the next cycle would bring it, which then finds nothing to do. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { GatewayInput } from '../../src/index.js'
import type { LdapClient } from '../../src/ldap/index.js'
import { runSql, sqliteDatabase } from '../mappings/databases.js'
import { ssha } from './company.js'
import { codeOf, read, type Serving, serve } from './serving.js'

const suffix = 'dc=example,dc=com'
const base = `ou=people,${suffix}`
const dnOf = (uid: string) => `uid=${uid},${base}`
const groupDn = (cn: string) => `cn=${cn},ou=groups,${suffix}`
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
  writable: true,
  attributes: {
    uid: 'login',
    cn: 'name',
    sn: 'name',
    telephoneNumber: 'phone',
    mail: { table: 'mails', on: 'person', value: 'address' },
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
}

interface World extends Serving {
  readonly client: LdapClient
  readonly url: string
  set(dn: string, type: string, ...values: string[]): Promise<unknown>
  /** What the copy shows of everybody, before and after a cycle, and what that cycle says it has done. */
  settled(): Promise<void>
}

/** Served with such settings for the copies of people, and copied for the first time. */
async function world(copy: object): Promise<World> {
  const database = sqliteDatabase()
  undo.push(() => database.remove())
  const { url } = database
  await runSql(
    url,
    `create table users (id integer primary key, login varchar(40) not null unique, name varchar(80),
       phone varchar(40), hash varchar(200), active integer not null default 1);
     create table mails (person integer not null, address varchar(80) not null, primary key (person, address));
     create table teams (id integer primary key, name varchar(40) not null unique);
     create table members (team integer not null, person integer not null, primary key (team, person));
     insert into users values (1, 'ada', 'Ada', '1815', '${ssha('ada-secret')}', 1), (2, 'bob', 'Bob', null, null, 1),
       (3, 'eve', 'Eve', null, null, 1), (4, 'dan', 'Dan', null, null, 1);
     insert into mails values (1, 'ada@example.com'), (1, 'lovelace@example.com'), (2, 'bob@example.com');
     insert into teams values (1, 'makers'); insert into members values (1, 1), (1, 2)`,
  )
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-copy-writes-'))
  undo.push(() => rmSync(folder, { recursive: true }))
  const input: GatewayInput = {
    suffix,
    listen: { ldap: 0, http: 0 },
    log: { level: 'silent' },
    sources: { hr: { type: 'sql', url } },
    copy: { store: `sqlite:${join(folder, 'store.sqlite')}`, pollingInterval: '1d' },
    views: [
      { mapping: people, refreshMethod: 'copy', copy },
      { mapping: groups, refreshMethod: 'copy' },
    ],
    serviceAccounts: [{ dn: admin.dn, password: `{CLEARTEXT}${admin.password}` }],
    access: [{ who: [admin.dn], views: '*', allow: ['read', 'search', 'write'] }],
    scim: { tokens: [{ name: 'operator', token: `{CLEARTEXT}${TOKEN}`, as: admin.dn, scopes: ['*'] }] },
  }
  const serving = await serve(input)
  undo.push(() => serving.close())
  const { gateway } = serving
  await gateway.refresh()
  const client = await serving.connect(admin.dn, admin.password)
  const shown = async () => {
    const { entries } = await client.searchAll(suffix, { filter: '(objectClass=*)', attributes: ['*', '+'] })
    return entries.map(({ dn, attributes }) => [
      dn,
      ...attributes.map(({ type, values }) => [type, ...values.map((value) => value.toString()).sort()]),
    ])
  }
  return {
    ...serving,
    client,
    url,
    set: (dn, type, ...values) =>
      client.modify(dn, [{ operation: 'replace', type, values: values.map((value) => Buffer.from(value)) }]),
    settled: async () => {
      const answer = await fetch(`http://${serving.http?.host}:${serving.http?.port}/copy/jobs`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify({ dryRun: true }),
      })
      expect(await answer.json()).toMatchObject({ job: { status: 'completed' }, changes: [] })
      const before = await shown()
      await gateway.refresh()
      expect(await shown()).toEqual(before)
    },
  }
}

const zoe = (password?: string) => [
  { type: 'objectClass', values: ['inetOrgPerson'] },
  { type: 'cn', values: ['Zoe'] },
  { type: 'sn', values: ['Zoe'] },
  ...(password === undefined ? [] : [{ type: 'userPassword', values: [password] }]),
]

describe('what is written to a copied view', () => {
  it('keeps the values that cycles keep', async () => {
    const { client, set, settled } = await world({ additive: ['mail'], absent: { telephoneNumber: 'keep' } })
    const ada = () => read(client, dnOf('ada'), ['mail', 'telephoneNumber'])
    const all = { mail: ['ada@example.com', 'lovelace@example.com'], telephoneNumber: ['1815'] }
    await set(dnOf('ada'), 'mail', 'ada@example.com')
    expect(await ada()).toEqual(all)
    await settled()
    await set(dnOf('ada'), 'telephoneNumber')
    expect(await ada()).toEqual(all)
    await settled()
    await set(dnOf('ada'), 'cn', 'Augusta')
    await set(dnOf('ada'), 'mail', 'countess@example.com')
    expect((await ada())?.mail?.toSorted()).toEqual([
      'ada@example.com',
      'countess@example.com',
      'lovelace@example.com',
    ])
    await settled()
    // Nothing but what she is a member of becomes different, and all else stays.
    await set(groupDn('makers'), 'member', dnOf('bob'))
    expect((await ada())?.mail).toHaveLength(3)
    await settled()
  })

  it('cannot log in where nobody new can, until it changes', async () => {
    const { client, connect, set, settled } = await world({ createAsDisabled: true })
    const bind = async (uid: string) => codeOf((await connect()).bind(dnOf(uid), `${uid}-secret`))
    expect(await bind('ada')).toBe(49)
    await client.add(dnOf('zoe'), zoe('zoe-secret'))
    expect(await bind('zoe')).toBe(49)
    await settled()
    expect(await bind('zoe')).toBe(49)
    await set(dnOf('zoe'), 'cn', 'Zora')
    expect(await bind('zoe')).toBe(0)
    await settled()
    expect(await bind('ada')).toBe(49)
  })

  it.each([
    ['stays where nothing is removed', { mode: 'add_only' }, true],
    ['stays where nothing is to be removed', { noDelete: true }, true],
    ['stays, disabled, where nothing more is done', { mode: 'remove' }, true],
    ['goes where it is hidden', { mode: 'remove', tombstones: true }, false],
    ['goes', {}, false],
  ])('and deleted %s', async (_what, copy, stays) => {
    const { client, connect, settled } = await world(copy)
    await client.delete(dnOf('ada'))
    expect((await read(client, dnOf('ada'), ['cn'])) !== undefined).toBe(stays)
    await settled()
    expect(await codeOf((await connect()).bind(dnOf('ada'), 'ada-secret'))).toBe(49)
  })

  it('is left alone where nothing is changed, or nothing added', async () => {
    const { client, set, settled } = await world({ noUpdate: true })
    await set(dnOf('ada'), 'cn', 'Augusta')
    expect(await read(client, dnOf('ada'), ['cn'])).toEqual({ cn: ['Ada'] })
    await settled()
    const other = await world({ noCreate: true })
    await other.client.add(dnOf('zoe'), zoe())
    expect(await read(other.client, dnOf('zoe'), ['cn'])).toBeUndefined()
    await other.settled()
  })

  it('is nobody new who was there before', async () => {
    const { client, connect, settled } = await world({ createAsDisabled: true })
    await client.delete(dnOf('dan'))
    await settled()
    // Under the same key, which the database gives again.
    await client.add(dnOf('dan'), zoe('dan-secret'))
    await settled()
    expect(await codeOf((await connect()).bind(dnOf('dan'), 'dan-secret'))).toBe(0)
  })
})
