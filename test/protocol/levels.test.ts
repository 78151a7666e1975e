/** Views whose entries hang below levels that their own attributes make: `uid={uid},ou={department},l={city},ou=people`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, type GatewayInput } from '../../src/index.js'
import type { LdapClient, SearchOptions } from '../../src/ldap/index.js'
import {
  codeOf,
  type Database,
  databases,
  find,
  outcome,
  read,
  runSql,
  type Serving,
  serve,
} from './serving.js'

const tables = `
create table staff (id integer primary key, login varchar(80), dept varchar(80), city varchar(80), boss integer, password varchar(80));
create table teams (id integer primary key, name varchar(80), dept varchar(80));
create table members (team integer, person integer);
insert into staff values
  (1, 'ann', 'Sales', 'Paris', null, 'sesame'), (2, 'bob', 'SALES', 'paris', 1, null), (3, 'cid', 'R&D, "core"', 'Paris', 1, null),
  (4, 'dee', null, 'Oslo', 2, null), (5, 'eve', 'Sales', null, 3, null), (6, 'fay', '', ' ', 4, null),
  (7, null, 'Ghosts', 'Nowhere', null, null), (8, 'gus', 'Admins', 'Oslo', 8, null);
insert into teams values (1, 'North', 'Sales'), (2, 'South', 'Legal'), (3, 'West', null);
insert into members values (1, 1), (1, 4), (2, 5), (2, 7), (3, 8);
`

const suffix = 'dc=example,dc=com'
const people = `ou=people,${suffix}`
const staff = {
  view: 'staff',
  source: 'hr',
  from: 'staff',
  key: 'id',
  attributes: {
    uid: 'login',
    departmentNumber: 'dept',
    l: 'city',
    manager: { ref: 'staff', column: 'boss' },
    memberOf: { ref: 'teams', by: 'member' },
    userPassword: { column: 'password', verifyOnly: true as const, cleartext: true },
  },
  ldap: { dn: 'uid={uid},ou={departmentNumber},l={l},ou=people', objectClass: ['top', 'inetOrgPerson'] },
}
const teams = {
  view: 'teams',
  source: 'hr',
  from: 'teams',
  key: 'id',
  attributes: {
    cn: 'name',
    ou: 'dept',
    member: { ref: 'staff', table: 'members', on: 'team', value: 'person' },
  },
  ldap: { dn: 'cn={cn}, ou={OU}, ou=groups', objectClass: ['top', 'groupOfNames'] },
}
const admins = {
  view: 'admins',
  source: 'hr',
  from: 'teams',
  key: 'id',
  attributes: { cn: 'name', ou: 'dept' },
  ldap: { base: `ou=Admins,l=Oslo,${people}`, rdn: 'cn', objectClass: ['top', 'device'] },
}
const config = (url: string): GatewayInput => ({
  suffix,
  listen: { ldap: 0 },
  log: { level: 'silent' },
  sources: { hr: { type: 'sql', url } },
  access: [{ who: 'anonymous', views: '*' }],
  views: [staff, teams, admins],
})

const paris = `l=Paris,${people}`
const sales = `ou=Sales,${paris}`
const ann = `uid=ann,${sales}`
const bob = `uid=bob,ou=SALES,l=paris,${people}`
const core = `ou=R&D\\, \\"core\\",${paris}`
const cid = `uid=cid,${core}`
const oslo = `l=Oslo,${people}`
const dee = `uid=dee,${oslo}`
const eve = `uid=eve,${people}`
const fay = `uid=fay,${people}`
const gus = `uid=gus,ou=Admins,${oslo}`
const groups = `ou=groups,${suffix}`
const north = `cn=North,ou=Sales,${groups}`
const south = `cn=South,ou=Legal,${groups}`
const west = `cn=West,${groups}`

describe.each(databases)('levels over %s', (_name, create) => {
  let database: Database
  let serving: Serving
  let client: LdapClient
  /** What a search yields; levels of one name in whichever spelling are one. */
  const within = async (base: string, scope: SearchOptions['scope'], filter = '(objectClass=*)') => {
    const { dns } = await outcome(client, base, { ...(scope && { scope }), filter })
    return dns
      .map((dn) => dn.replace(/^l=paris,/i, 'l=Paris,').replace(/^ou=sales,l=paris/i, 'ou=Sales,l=Paris'))
      .sort()
  }

  beforeAll(async () => {
    database = await create()
    await runSql(database.url, tables)
    serving = await serve(config(database.url))
    client = await serving.connect()
  })

  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  it('entries hang below the values that they have, down to the first that is missing', async () => {
    expect(await find(client, people, '(uid=*)')).toEqual([ann, bob, cid, dee, eve, fay, gus].sort())
    for (const dn of [ann, bob, cid, dee, eve, fay, gus])
      expect(await outcome(client, dn, { scope: 'baseObject' })).toEqual({
        code: 0,
        matchedDN: '',
        dns: [dn],
      })
    expect(await outcome(client, `UID=Bob, OU=#0C0553414c4553, 2.5.4.7=PARIS,${people}`)).toMatchObject({
      dns: [bob],
    })
  })

  it('a name with other levels than the entry has leads nowhere, and tells how far it does', async () => {
    expect(await outcome(client, `uid=ann,${people}`)).toEqual({ code: 32, matchedDN: people, dns: [] })
    expect(await outcome(client, `uid=ann,${paris}`)).toMatchObject({ code: 32, matchedDN: paris })
    expect(await outcome(client, `uid=cid,${sales}`)).toMatchObject({ code: 32, matchedDN: sales })
    expect(await outcome(client, `uid=dee,ou=Sales,${oslo}`)).toMatchObject({ code: 32, matchedDN: oslo })
    expect(await outcome(client, `cn=x,uid=ann,ou=none,${paris}`)).toMatchObject({
      code: 32,
      matchedDN: paris,
    })
    expect(await outcome(client, `cn=x,${ann}`)).toMatchObject({ code: 32, matchedDN: ann })
    expect(await outcome(client, `ou=Ghosts,l=Nowhere,${people}`)).toMatchObject({
      code: 32,
      matchedDN: people,
    })
    expect(await outcome(client, `l=Nowhere,${people}`)).toMatchObject({ code: 32, matchedDN: people })
    expect(await outcome(client, `ou=Sales,${people}`)).toMatchObject({ code: 32, matchedDN: people })
  })

  it('each scope covers what it should, from above, at and below the levels', async () => {
    expect(await within(people, 'singleLevel')).toEqual([oslo, paris, eve, fay].sort())
    expect(await within(paris, 'singleLevel')).toEqual([sales, core].sort())
    expect(await within(sales, 'singleLevel')).toEqual([ann, bob].sort())
    expect(await within(oslo, 'singleLevel')).toEqual([dee, `ou=Admins,${oslo}`].sort())
    expect(await within(paris, 'wholeSubtree')).toEqual([paris, sales, core, ann, bob, cid].sort())
    expect(await within(paris, 'subordinateSubtree')).toEqual([sales, core, ann, bob, cid].sort())
    expect(await within(sales, 'baseObject')).toEqual([sales])
    expect(await within(sales, 'wholeSubtree')).toEqual([sales, ann, bob].sort())
    expect(await within(`ou=admins,${oslo}`, 'singleLevel')).toEqual(
      [gus, ...['North', 'South', 'West'].map((cn) => `cn=${cn},ou=Admins,${oslo}`)].sort(),
    )
    expect(await within(people, 'wholeSubtree')).toEqual(
      [people, oslo, paris, sales, core, `ou=Admins,${oslo}`, ann, bob, cid, dee, eve, fay, gus]
        .concat(['North', 'South', 'West'].map((cn) => `cn=${cn},ou=Admins,${oslo}`))
        .sort(),
    )
    expect(await within(suffix, 'singleLevel')).toEqual([people, groups].sort())
    expect(await within(groups, 'singleLevel')).toEqual(
      [`ou=Sales,${groups}`, `ou=Legal,${groups}`, west].sort(),
    )
  })

  it('levels are entries: filters find them, comparisons ask them', async () => {
    expect(await within(suffix, 'wholeSubtree', '(&(objectClass=locality)(l=PARIS))')).toEqual([paris])
    expect(await within(suffix, 'wholeSubtree', '(&(objectClass=organizationalUnit)(ou=s*))')).toEqual(
      [sales, `ou=Sales,${groups}`].sort(),
    )
    expect(await within(people, 'wholeSubtree', '(&(objectClass=locality)(!(l=paris)))')).toEqual([oslo])
    expect(await within(people, 'wholeSubtree', `(entryDN=${sales})`)).toEqual([sales])
    expect(await within(people, 'wholeSubtree', '(&(hasSubordinates=TRUE)(l=*))')).toEqual([oslo, paris])
    expect(await within(people, 'wholeSubtree', '(&(ou=sales)(uid=bob))')).toEqual([])
    expect(
      await read(client, `OU=r&d\\2c \\"CORE\\", ${paris}`, ['*', 'hasSubordinates', 'entryDN']),
    ).toEqual({
      objectClass: ['organizationalUnit', 'top'],
      ou: ['R&D, "core"'],
      entryDN: [core],
      hasSubordinates: ['TRUE'],
    })
    for (const [dn, count] of [
      [paris, '2'],
      [sales, '2'],
      [people, '4'],
      [groups, '3'],
    ] as const)
      expect(await read(client, dn, ['numSubordinates'])).toEqual({ numSubordinates: [count] })
    expect(await client.compare(paris, 'l', 'PARIS')).toBe(true)
    expect(await client.compare(sales, 'ou', 'Legal')).toBe(false)
    expect(await codeOf(client.compare(sales, 'uid', 'ann'))).toBe(16)
    expect(await codeOf(client.compare(`ou=none,${paris}`, 'ou', 'none'))).toBe(32)
  })

  it('pages go through levels and entries without loss or repetition', async () => {
    const all = (await outcome(client, suffix)).dns
    for (const pageSize of [1, 2, 3, 5, 100]) {
      const paged: string[] = []
      for await (const { dn } of client.searchPaged(suffix, { pageSize })) paged.push(dn)
      expect(paged.map((dn) => dn.toLowerCase()).sort()).toEqual(all.map((dn) => dn.toLowerCase()).sort())
      expect(new Set(paged.map((dn) => dn.toLowerCase())).size).toBe(paged.length)
    }
    expect(await outcome(client, people, { sizeLimit: 2 })).toMatchObject({ code: 4 })
  })

  it('references name their targets in full, and are found by such names', async () => {
    const managers = Object.fromEntries(
      (await client.searchAll(people, { filter: '(manager=*)', attributes: ['manager'] })).entries.map(
        (entry) => [entry.dn, String(entry.attributes[0]?.values[0])],
      ),
    )
    expect(managers).toEqual({ [bob]: ann, [cid]: ann, [dee]: bob, [eve]: cid, [fay]: dee, [gus]: gus })
    expect(await find(client, people, `(manager=UID=ANN,ou=sales,l=PARIS,${people})`)).toEqual(
      [bob, cid].sort(),
    )
    expect(await find(client, people, `(manager=uid=ann,${people})`)).toEqual([])
    expect(await find(client, people, `(manager=${dee})`)).toEqual([fay])
    expect(await find(client, people, `(manager=uid=dee,${people})`)).toEqual([])
    expect(await read(client, north, ['member'])).toEqual({ member: [ann, dee].sort() })
    expect(await read(client, south, ['member'])).toEqual({ member: [eve] })
    expect(await find(client, groups, `(member=${eve})`)).toEqual([south])
    expect(await find(client, people, `(memberOf=CN=west,${groups})`)).toEqual([gus])
    expect(await find(client, people, `(memberOf=${north})`)).toEqual([ann, dee].sort())
    expect(await find(client, people, `(!(memberOf=${north}))`)).toContain(bob)
    expect(await read(client, ann, ['memberOf'])).toEqual({ memberOf: [north] })
    expect(await client.compare(north, 'member', dee)).toBe(true)
    expect(await client.compare(north, 'member', `uid=dee,${people}`)).toBe(false)
  })

  it('a bind needs the name as it is', async () => {
    const bound = await serving.connect(`uid=ANN,ou=SALES,l=paris,${people}`, 'sesame')
    expect(await bound.whoAmI()).toBe(`dn:${ann}`)
    for (const dn of [`uid=ann,${people}`, `uid=ann,${paris}`, `uid=ann,${core}`, sales])
      expect(await codeOf(serving.connect(dn, 'sesame'))).toBe(49)
  })

  it('filters ask for levels as for parts of the name', async () => {
    expect(await find(client, people, '(&(uid=*)(ou:dn:=sales))')).toEqual([ann, bob].sort())
    expect(await find(client, people, '(&(uid=*)(l:dn:caseIgnoreMatch:=oslo))')).toEqual([dee, gus])
    expect(await find(client, people, '(&(uid=*)(ou:dn:=people))')).toHaveLength(7)
  })

  it('a level is there as long as somebody hangs below it, and entries move with their values', async () => {
    await runSql(database.url, "update staff set dept = 'Legal', city = 'Rome' where id = 3")
    expect(await outcome(client, core)).toMatchObject({ code: 32, matchedDN: paris })
    expect(await within(`l=rome,${people}`, 'wholeSubtree')).toEqual(
      [`l=Rome,${people}`, `ou=Legal,l=Rome,${people}`, `uid=cid,ou=Legal,l=Rome,${people}`].sort(),
    )
    expect(await find(client, people, `(manager=uid=cid,ou=legal,${paris})`)).toEqual([])
    expect(await find(client, people, `(manager=uid=cid,ou=legal,l=rome,${people})`)).toEqual([eve])
    await runSql(database.url, `update staff set dept = 'R&D, "core"', city = 'Paris' where id = 3`)
    expect(await outcome(client, `l=Rome,${people}`)).toMatchObject({ code: 32, matchedDN: people })
  })

  it('entries move between levels, and are not added against their names; levels are not written themselves', async () => {
    await runSql(
      database.url,
      "insert into staff values (20, 'hal', 'Sales', 'Bonn', null, null), (21, 'ida', 'Legal', 'Bonn', null, null)",
    )
    const writing = await serve({
      ...config(database.url),
      views: [{ ...staff, writable: true }, teams, admins],
      access: [{ who: 'anonymous', views: '*', allow: ['read', 'search', 'compare', 'write'] }],
    })
    try {
      const writer = await writing.connect()
      const bonn = `l=Bonn,${people}`
      const legal = `ou=Legal,${bonn}`
      const hal = `uid=hal,ou=Sales,${bonn}`
      await writer.modifyDn(hal, 'uid=hal', { newSuperior: legal })
      expect([...(await outcome(writer, legal, { scope: 'singleLevel' })).dns].sort()).toEqual([
        `uid=hal,${legal}`,
        `uid=ida,${legal}`,
      ])
      expect(await outcome(writer, `ou=Sales,${bonn}`)).toMatchObject({ code: 32, matchedDN: bonn })
      await writer.modifyDn(`uid=hal,${legal}`, 'uid=hans', { newSuperior: bonn })
      expect(await read(writer, `uid=hans,${bonn}`, ['departmentNumber', 'l', 'uid'])).toEqual({
        uid: ['hans'],
        l: ['Bonn'],
      })
      expect(await codeOf(writer.modifyDn(`uid=ida,${legal}`, 'uid=ida', { newSuperior: groups }))).toBe(71)
      expect(await codeOf(writer.delete(legal))).toBe(66)
      expect(await codeOf(writer.delete(`ou=none,${bonn}`))).toBe(32)
      expect(await codeOf(writer.modify(legal, []))).toBe(53)
      const adding = (
        dn: string,
        ...more: readonly { readonly type: string; readonly values: readonly string[] }[]
      ) => codeOf(writer.add(dn, [{ type: 'objectClass', values: ['inetOrgPerson'] }, ...more]))
      expect(await adding(`uid=jo,${legal}`, { type: 'departmentNumber', values: ['Sales'] })).toBe(64)
      expect(await adding(`uid=jo,${bonn}`, { type: 'departmentNumber', values: ['Sales'] })).toBe(64)
      expect(await adding(`cn=jo,${legal}`)).toBe(64)
      expect(await adding(legal)).toBe(68)
      expect(await adding(`ou=none,${bonn}`)).toBe(53)
    } finally {
      await writing.close()
      await runSql(database.url, 'delete from staff where id > 19')
    }
  })

  it('levels show nothing to those who may not find the entries', async () => {
    const strict = await serve({
      ...config(database.url),
      serviceAccounts: [{ dn: 'cn=x', password: '{CLEARTEXT}secret' }],
      access: [{ who: 'anonymous', views: ['teams'], attributes: ['cn'] }],
    })
    try {
      const anonymous = await strict.connect()
      const found = await outcome(anonymous, suffix)
      expect(found.dns).toEqual(expect.arrayContaining([north, south, west, `ou=Legal,${groups}`]))
      expect(found.dns.filter((dn) => dn.includes('people'))).toEqual([])
      expect(await codeOf(anonymous.searchAll(paris))).toBe(50)
      expect(await codeOf(anonymous.compare(paris, 'l', 'paris'))).toBe(50)
    } finally {
      await strict.close()
    }
  })

  it.each([
    ['uid={uid},ou={mail},ou=people', "mail is not among the view's attributes"],
    [
      'uid={uid},ou={memberOf},ou=people',
      'memberOf may have several values, and an entry hangs in one place',
    ],
    ['uid={uid},jpegPhoto={l},ou=people', 'l and jpegPhoto do not take the same values for equal'],
    ['uid={uid},ou={l},ou={l},ou=people', 'l makes two levels'],
    ['uid={uid},color={l},ou=people', 'the schema knows no attribute color'],
    ['uid={l},ou=people', 'uid={l}: entries are named by an attribute of theirs'],
    ['uid={uid},ou=x{l},ou=people', 'ou=x{l} is no type with one attribute in braces'],
    ['uid={uid},ou=x,l={l},ou=people', 'l={l} stands above what has no braces'],
    [
      'uid={uid},l={l}+ou={departmentNumber},ou=people',
      'l={l}+ou={departmentNumber} is no type with one attribute in braces',
    ],
    ['people', 'is no DN'],
    ['l={l},l={departmentNumber},ou=people', 'entries and levels are both named by l'],
    ['cn={uid},l={l},ou=people', 'cn={uid}: entries are named by an attribute of theirs'],
  ])('%s is refused', async (dn, message) => {
    const views = [{ ...staff, ldap: { ...staff.ldap, dn } }, teams]
    const made = createGateway({ ...config(database.url), views }).then((gateway) => gateway.close())
    await expect(made).rejects.toThrow(message)
  })
})
