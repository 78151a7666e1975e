/** Tree delete (1.2.840.113556.1.4.805): all entries below a level at once, where the mappings allow it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createGateway, type GatewayInput } from '../../src/index.js'
import {
  assertionControl,
  type Control,
  type LdapClient,
  noOpControl,
  parseFilter,
  preReadControl,
  treeDeleteControl,
} from '../../src/ldap/index.js'
import { sqliteDatabase } from '../mappings/databases.js'
import { codeOf, type Database, databases, find, outcome, runSql, type Serving, serve } from './serving.js'

const suffix = 'dc=example,dc=com'
const people = `ou=people,${suffix}`
const TREE_DELETE = '1.2.840.113556.1.4.805'

const tables = `
create table staff (id integer primary key, login varchar(80) not null, dept varchar(80), site varchar(80),
  boss integer references staff(id));
create table mails (staff integer not null references staff(id), address varchar(80) not null);
create table desks (id integer primary key, code varchar(80) not null, site varchar(80),
  owner integer references staff(id));
`
/** In Sales, everybody refers to somebody with a lower number; in Legal, to one with a higher. */
const content = `
delete from desks; delete from mails; update staff set boss = null; delete from staff;
insert into staff values (1, 'ann', 'Sales', 'Oslo', null), (2, 'bob', 'Sales', 'Oslo', 1), (3, 'cid', 'Sales', 'Oslo', 2),
  (6, 'fay', 'Legal', 'Oslo', 1), (5, 'eve', 'Legal', 'Oslo', 6), (4, 'dee', 'Legal', 'Oslo', 5),
  (7, 'gus', null, 'Oslo', 7), (8, 'hal', 'Sales', 'Bonn', null), (9, 'ida', null, 'Bonn', null), (10, 'jo', 'Ops', 'Rome', null);
insert into mails values (1, 'ann@example.com'), (4, 'dee@example.com'), (8, 'hal@example.com');
insert into desks values (1, 'D1', 'Bonn', 8), (2, 'D2', 'Bonn', null), (3, 'D3', 'Oslo', 1);
`

type Writable = NonNullable<Extract<GatewayInput['views'], readonly unknown[]>[number]>

const staff = {
  view: 'staff',
  source: 'hr',
  from: 'staff',
  key: 'id',
  attributes: {
    uid: 'login',
    ou: 'dept',
    l: 'site',
    manager: { ref: 'staff', column: 'boss' },
    mail: { table: 'mails', on: 'staff', value: 'address' },
  },
  writable: { delete: 'tree' as const },
  ldap: { dn: 'uid={uid},ou={ou},l={l},ou=people', objectClass: ['top', 'inetOrgPerson'] },
} satisfies Writable
const desks = {
  view: 'desks',
  source: 'hr',
  from: 'desks',
  key: 'id',
  attributes: { cn: 'code', l: 'site', owner: { ref: 'staff', column: 'owner' } },
  writable: { delete: 'tree' as const },
  ldap: { dn: 'cn={cn},l={l},ou=people', objectClass: ['top', 'device'] },
} satisfies Writable
const vault = {
  view: 'vault',
  source: 'hr',
  from: 'staff',
  key: 'id',
  attributes: { sn: 'login' },
  ldap: { base: `o=vault,l=Rome,${people}`, rdn: 'sn', objectClass: ['top', 'person'] },
} satisfies Writable

const config = (url: string, more: Partial<GatewayInput> = {}): GatewayInput => ({
  suffix,
  listen: { ldap: 0 },
  log: { level: 'silent' },
  sources: { hr: { type: 'sql', url } },
  serviceAccounts: ['cn=admin', 'cn=clerk'].map((dn) => ({ dn, password: '{CLEARTEXT}secret' })),
  access: [
    { who: 'cn=admin', views: '*', allow: ['read', 'search', 'compare', 'write'] },
    { who: 'cn=clerk', views: '*' },
    { who: 'cn=clerk', views: ['staff'], allow: ['write'], filter: '(!(mail=*))' },
  ],
  views: [staff, desks, vault],
  ...more,
})

const sales = `ou=Sales,l=Oslo,${people}`
const legal = `ou=Legal,l=Oslo,${people}`
const bonn = `l=Bonn,${people}`
const remove = (client: LdapClient, dn: string, ...more: readonly Control[]) =>
  codeOf(client.delete(dn, { controls: [treeDeleteControl(), ...more] }))
const announces = async (client: LdapClient) => {
  const { entries } = await client.searchAll('', { scope: 'baseObject', attributes: ['supportedControl'] })
  return entries[0]?.attributes[0]?.values.map(String).includes(TREE_DELETE)
}

describe.each(databases)('tree delete over %s', (_name, create) => {
  let database: Database
  let serving: Serving
  let client: LdapClient
  const logins = () => find(client, people, '(uid=*)').then((dns) => dns.map((dn) => dn.slice(4, 7)))

  beforeAll(async () => {
    database = await create()
    await runSql(database.url, tables)
    serving = await serve(config(database.url))
    client = await serving.connect('cn=admin', 'secret')
  })
  beforeEach(() => runSql(database.url, content))
  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  it('is announced, and deletes a level with all below it, whoever refers to whom', async () => {
    expect(await announces(client)).toBe(true)
    expect(await codeOf(client.delete(legal))).toBe(66)
    expect(await remove(client, legal)).toBe(0)
    expect(await outcome(client, legal)).toMatchObject({ code: 32, matchedDN: `l=Oslo,${people}` })
    expect(await logins()).not.toEqual(expect.arrayContaining(['dee']))
    await runSql(database.url, 'update desks set owner = null')
    expect(await remove(client, sales)).toBe(0)
    expect(await logins()).toEqual(['gus', 'hal', 'ida', 'jo,'].sort())
    expect(await find(client, people, '(mail=*)')).toHaveLength(1)
  })

  it('goes through several levels, and what hangs below them of other views too', async () => {
    expect(await remove(client, bonn)).toBe(0)
    expect(await outcome(client, bonn)).toMatchObject({ code: 32 })
    expect(await find(client, people, '(l=Bonn)')).toEqual([])
    expect(await find(client, people, '(cn=D*)')).toEqual([`cn=D3,l=Oslo,${people}`])
  })

  it('deletes everything or nothing', async () => {
    const before = await find(client, suffix, '(objectClass=*)')
    // A desk elsewhere refers to one of them, who is the last to go.
    expect(await remove(client, sales)).toBe(19)
    expect(await find(client, suffix, '(objectClass=*)')).toEqual(before)
  })

  it('deletes a single entry as without it', async () => {
    expect(await remove(client, `uid=cid,${sales}`)).toBe(0)
    expect(await logins()).not.toContain('cid')
    expect(await remove(client, `uid=cid,${sales}`)).toBe(32)
  })

  it('leaves what the configuration says, and what is above or around it', async () => {
    const before = await find(client, suffix, '(objectClass=*)')
    for (const dn of [people, suffix, `o=vault,l=Rome,${people}`, `l=Rome,${people}`])
      expect([dn, await remove(client, dn)]).toEqual([dn, 53])
    expect(await remove(client, `ou=none,l=Oslo,${people}`)).toBe(32)
    expect(await remove(client, `uid=x,ou=none,l=Oslo,${people}`)).toBe(32)
    expect(await remove(client, `ou=Sales,${people}`)).toBe(32)
    expect(await find(client, suffix, '(objectClass=*)')).toEqual(before)
  })

  it('goes with assertions and can be tried out', async () => {
    const before = await find(client, suffix, '(objectClass=*)')
    expect(await remove(client, legal, assertionControl(parseFilter('(ou=Sales)')))).toBe(122)
    expect(await remove(client, legal, noOpControl())).toBe(16654)
    expect(await remove(client, sales, noOpControl())).toBe(19)
    expect(await remove(client, legal, preReadControl(['ou'], true))).toBe(53)
    expect(await remove(client, legal, treeDeleteControl())).toBe(2)
    expect(await remove(client, legal, { type: TREE_DELETE, critical: true, value: Buffer.from([0]) })).toBe(
      2,
    )
    expect(await find(client, suffix, '(objectClass=*)')).toEqual(before)
    expect(await codeOf(client.compare(legal, 'ou', 'Legal', { controls: [treeDeleteControl()] }))).toBe(12)
    expect(await remove(client, legal, assertionControl(parseFilter('(ou=Legal)')))).toBe(0)
  })

  it('needs the right to each of the entries', async () => {
    const clerk = await serving.connect('cn=clerk', 'secret')
    const before = await find(client, suffix, '(objectClass=*)')
    expect(await remove(clerk, legal)).toBe(50)
    expect(await remove(clerk, bonn)).toBe(50)
    expect(await find(client, suffix, '(objectClass=*)')).toEqual(before)
    await runSql(database.url, 'delete from mails where staff = 4')
    expect(await remove(clerk, legal)).toBe(0)
  })

  it('of many who delete one tree, all are told that it is gone, one that he did it', async () => {
    const clients = await Promise.all(Array.from({ length: 6 }, () => serving.connect('cn=admin', 'secret')))
    const codes = await Promise.all(clients.map((one) => remove(one, legal)))
    expect(codes.filter((code) => code !== 0 && code !== 32)).toEqual([])
    expect(codes).toContain(0)
    expect(await outcome(client, legal)).toMatchObject({ code: 32 })
  })
})

describe('where tree delete is not for all', () => {
  const url = sqliteDatabase
  it('without a view that allows it, it is unknown', async () => {
    const database = await url()
    await runSql(database.url, tables, content)
    const plain = { ...staff, writable: true as const }
    const serving = await serve(config(database.url, { views: [plain] }))
    try {
      const client = await serving.connect('cn=admin', 'secret')
      expect(await announces(client)).toBe(false)
      expect(await remove(client, legal)).toBe(12)
      expect(await codeOf(client.delete(legal, { controls: [treeDeleteControl(false)] }))).toBe(66)
      expect(await find(client, legal, '(uid=*)')).toHaveLength(3)
    } finally {
      await serving.close()
      database.remove()
    }
  })

  it('a view that does not allow it keeps a level that it shares, and so does another database', async () => {
    const [database, other] = [await url(), await url()]
    for (const one of [database, other]) await runSql(one.url, tables, content)
    const sources = { hr: { type: 'sql', url: database.url }, site: { type: 'sql', url: other.url } } as const
    const { owner: _, ...attributes } = desks.attributes
    const elsewhere = { ...desks, attributes, source: 'site' }
    for (const [views, code] of [
      [[staff, { ...desks, writable: { delete: true } }], 53],
      [[staff, elsewhere], 71],
    ] as const) {
      const serving = await serve(config(database.url, { sources, views: [...views] }))
      try {
        const client = await serving.connect('cn=admin', 'secret')
        expect(await remove(client, bonn)).toBe(code)
        expect(await find(client, bonn, '(|(uid=*)(cn=*))')).toHaveLength(4)
        expect(await remove(client, legal)).toBe(0)
        await runSql(database.url, content)
      } finally {
        await serving.close()
      }
    }
    for (const one of [database, other]) one.remove()
  })

  it('a directory cannot allow it', async () => {
    const sources = { old: { type: 'ldap', url: 'ldap://127.0.0.1:1' } } as const
    const old = {
      view: 'old',
      source: 'old',
      from: 'inetOrgPerson',
      attributes: { uid: 'uid', ou: 'ou' },
      writable: { delete: 'tree' as const },
      ldap: { dn: 'uid={uid},ou={ou},ou=people', objectClass: ['top', 'inetOrgPerson'] },
    }
    const made = createGateway({ ...config(''), sources, views: [old], access: [] })
    await expect(made).rejects.toThrow(/writable\.delete: a directory deletes one entry at a time/)
  })
})
