/** Where entries hang and what they are called: RDNs of several attributes, views that share a container, rows without a name. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LdapClient } from '../../src/ldap/index.js'
import { suffix } from './company.js'
import { codeOf, type Database, databases, find, outcome, runSql, type Serving, serve } from './serving.js'

const tables = `
create table rooms (id integer primary key, floor varchar(20), name varchar(80), owner_id integer);
create table devices (id integer primary key, serial varchar(80), room_id integer);
create table staff (id integer primary key, login varchar(80), password varchar(80));
insert into rooms values (1, '1', 'North', 1), (2, '2', 'North', 1), (3, '1', 'A+B, "C"', null),
  (4, null, 'Nowhere', null), (5, '3', '', null), (6, '#4', ' Spaces ', 2), (7, '4', '   ', 1);
insert into devices values (1, 'North', 1), (2, 'D-2', 2), (3, 'D-3', 3), (4, 'D-4', 4), (5, 'D-6', 6), (6, null, 1);
insert into staff values (1, 'ann', 'sesame'), (2, 'bob', null), (3, null, 'sesame'), (4, '', 'sesame');
`

const rooms = {
  view: 'rooms',
  source: 'hr',
  from: 'rooms',
  key: 'id',
  attributes: { cn: 'name', ou: 'floor', owner: { ref: 'staff', column: 'owner_id' } },
  ldap: { base: 'ou=things,ou=all', rdn: ['cn', 'ou'], objectClass: ['top', 'groupOfNames'] },
}
const devices = {
  view: 'devices',
  source: 'hr',
  from: 'devices',
  key: 'id',
  attributes: { cn: 'serial', seeAlso: { ref: 'rooms', column: 'room_id' } },
  ldap: { base: 'ou=Things, ou=all', rdn: 'cn', objectClass: ['top', 'device'] },
}
const staff = {
  view: 'staff',
  source: 'hr',
  from: 'staff',
  key: 'id',
  attributes: {
    uid: 'login',
    userPassword: { column: 'password', verifyOnly: true, cleartext: true },
  },
  ldap: { base: '', rdn: 'uid', objectClass: ['top', 'account'] },
}
const things = `ou=things,ou=all,${suffix}`
const north1 = `cn=North+ou=1,${things}`
const awkward = `cn=A\\+B\\, \\"C\\"+ou=1,${things}`
const spaces = `cn=\\ Spaces\\ +ou=\\#4,${things}`

describe.each(databases)('naming over %s', (_name, create) => {
  let database: Database
  let serving: Serving
  let client: LdapClient

  beforeAll(async () => {
    database = await create()
    await runSql(database.url, tables)
    serving = await serve({
      suffix,
      listen: { ldap: 0 },
      log: { level: 'silent' },
      sources: { hr: { type: 'sql', url: database.url } },
      access: [{ who: 'anonymous', views: '*' }],
      views: [rooms, devices, staff],
    })
    client = await serving.connect()
  })

  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  it('names entries by several attributes, and finds them in any order and spelling', async () => {
    expect(await find(client, things, '(ou=1)')).toEqual([awkward, north1].sort())
    for (const dn of [
      north1,
      `ou=1+cn=North,${things}`,
      `2.5.4.11=1 + CN=NORTH, OU=Things,ou=all,${suffix}`,
      `cn=\\4eorth+ou=#040131,${things}`,
    ]) {
      expect(await outcome(client, dn, { scope: 'baseObject' })).toEqual({
        code: 0,
        matchedDN: '',
        dns: [north1],
      })
    }
    for (const dn of [awkward, spaces])
      expect(await outcome(client, dn)).toMatchObject({ code: 0, dns: [dn] })
    for (const dn of [
      `cn=North,${things}`.replace('North', 'South'),
      `cn=North+ou=7,${things}`,
      `ou=1,${things}`,
    ]) {
      expect(await outcome(client, dn)).toMatchObject({ code: 32, matchedDN: things })
    }
  })

  it('refuses what no entry of any directory can be called, and finds nothing else that is not there', async () => {
    for (const dn of [
      `foo=bar,${suffix}`,
      `1.2.3.4.5=bar,${suffix}`,
      `cn=,${things}`,
      `cn=a+cn=b,${things}`,
      `cn=a+2.5.4.3=a,${things}`,
      `uidNumber=ten,${suffix}`,
      `member=nobody,${suffix}`,
      `cn=a,foo=bar`,
    ]) {
      expect(await outcome(client, dn)).toMatchObject({ code: 34, dns: [] })
      expect(await codeOf(client.compare(dn, 'cn', 'x'))).toBe(34)
      expect(await codeOf(serving.connect(dn, 'sesame'))).toBe(34)
    }
    expect(await outcome(client, `jpegPhoto=x,${suffix}`)).toMatchObject({ code: 32, matchedDN: suffix })
    expect(await outcome(client, `cn=No\\efth,${things}`)).toMatchObject({ code: 34 })
  })

  it('views share a container, told apart by their RDNs', async () => {
    expect(await outcome(client, `cn=North,${things}`)).toMatchObject({ dns: [`cn=North,${things}`] })
    expect(await find(client, things, '(cn=North)')).toEqual([
      `cn=North+ou=1,${things}`,
      `cn=North+ou=2,${things}`,
      `cn=North,${things}`,
    ])
    expect((await outcome(client, things, { scope: 'singleLevel' })).dns).toHaveLength(4 + 5)
  })

  it('a row without a name, or with a blank one, has no DN and is not there', async () => {
    const { dns } = await outcome(client, suffix, { filter: '(|(cn=*)(uid=*)(objectClass=*))' })
    expect(dns.filter((dn) => /(?:^|\+)\w+=(?:[,+]|$)/.test(dn))).toEqual([])
    expect(dns.filter((dn) => dn.startsWith('uid='))).toEqual([`uid=ann,${suffix}`, `uid=bob,${suffix}`])
    expect(dns).toHaveLength(3 + 2 + 4 + 5)
    for (const login of ['', ' ', '\\20', 'null']) {
      expect(await codeOf(serving.connect(`uid=${login},${suffix}`, 'sesame'))).not.toBe(0)
    }
    expect(await codeOf(serving.connect(`uid=ann,${suffix}`, 'sesame'))).toBe(0)
  })

  it('limits and pages do not count rows without a name', async () => {
    const all = (await outcome(client, things, { scope: 'singleLevel' })).dns
    expect(await outcome(client, things, { scope: 'singleLevel', sizeLimit: 9 })).toMatchObject({
      code: 0,
      dns: all,
    })
    expect(await outcome(client, things, { scope: 'singleLevel', sizeLimit: 8 })).toMatchObject({ code: 4 })
    for (const pageSize of [1, 2, 3, 4, 5]) {
      const paged: string[] = []
      for await (const { dn } of client.searchPaged(things, { scope: 'singleLevel', pageSize }))
        paged.push(dn)
      expect(paged).toEqual(all)
    }
  })

  it('nothing refers to a row without a name', async () => {
    const { entries } = await client.searchAll(things, { attributes: ['seeAlso', 'owner'] })
    const referred = entries.flatMap(({ attributes }) =>
      attributes.flatMap(({ values }) => values.map(String)),
    )
    expect([...new Set(referred)].sort()).toEqual(
      [north1, `cn=North+ou=2,${things}`, awkward, spaces, `uid=ann,${suffix}`, `uid=bob,${suffix}`].sort(),
    )
    expect(await find(client, things, `(seeAlso=${north1})`)).toEqual([`cn=North,${things}`])
    expect(await find(client, things, `(seeAlso=ou=1+cn=NORTH,${things})`)).toEqual([`cn=North,${things}`])
    expect(await find(client, things, '(seeAlso=*)')).toHaveLength(4)
  })

  it('entries right below the suffix stand beside its containers', async () => {
    expect((await outcome(client, suffix, { scope: 'singleLevel' })).dns).toEqual([
      `uid=ann,${suffix}`,
      `uid=bob,${suffix}`,
      `ou=all,${suffix}`,
    ])
  })
})
