/** An attribute with values of several kinds: references, DNs made of columns and DNs as stored, each found by what it shows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LdapClient } from '../../src/ldap/index.js'
import { suffix } from './company.js'
import { type Database, databases, find, read, runSql, type Serving, serve } from './serving.js'

const tables = `
create table staff (id integer primary key, login varchar(80), partner varchar(80), boss_id integer, note varchar(200));
insert into staff values (1, 'ann', null, null, null), (2, 'bob', 'eve', 1, 'cn=Vault, o=Bank'), (3, 'cid', 'ann', null, null);
`
const base = `ou=staff,${suffix}`
const ann = `uid=ann,${base}`
const bob = `uid=bob,${base}`
const cid = `uid=cid,${base}`
const eve = 'uid=eve,dc=example,dc=net'

describe.each(databases)('seeAlso over %s', (_name, create) => {
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
      views: [
        {
          view: 'staff',
          source: 'hr',
          from: 'staff',
          writable: true,
          key: 'id',
          attributes: {
            uid: 'login',
            seeAlso: [
              { ref: 'staff', column: 'boss_id' },
              { dn: 'uid={partner},dc=example,dc=net' },
              { column: 'note' },
            ],
          },
          ldap: { base: 'ou=staff', rdn: 'uid', objectClass: ['account'] },
        },
      ],
    })
    client = await serving.connect()
  })

  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  it('is found by every value that it shows', async () => {
    const shown = await read(client, bob, ['seeAlso'])
    expect(shown?.seeAlso).toEqual([ann, 'cn=Vault, o=Bank', eve].sort())
    for (const value of shown?.seeAlso ?? [])
      expect(await find(client, base, `(seeAlso=${value})`)).toEqual([bob])
    expect(await find(client, base, '(seeAlso=UID=Ann, dc=example,dc=net)')).toEqual([cid])
  })

  it('is told apart by the negation', async () => {
    expect(await find(client, base, `(&(uid=*)(!(seeAlso=${eve})))`)).toEqual([ann, cid])
    expect(await find(client, base, `(&(uid=*)(!(seeAlso=${ann})))`)).toEqual([ann, cid])
  })

  it('compares like it is found', async () => {
    expect(await client.compare(bob, 'seeAlso', eve)).toBe(true)
    expect(await client.compare(bob, 'seeAlso', ann)).toBe(true)
    expect(await client.compare(bob, 'seeAlso', cid)).toBe(false)
  })

  it('is followed over references only', async () => {
    const inChain = '1.2.840.113556.1.4.1941'
    expect(await find(client, base, `(seeAlso:${inChain}:=${ann})`)).toEqual([bob])
    expect(await find(client, base, `(seeAlso:${inChain}:=${eve})`)).toEqual([])
  })
})
