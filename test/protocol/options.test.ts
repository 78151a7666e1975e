/** Attributes with options (RFC 4512 2.5.2) as clients see them: shown with their options, found by their type as well. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LdapClient } from '../../src/ldap/index.js'
import { codeOf, type Database, databases, find, read, runSql, type Serving, serve } from './serving.js'

const suffix = 'dc=example,dc=com'
const tables = `
create table staff (id integer primary key, login varchar(20), note varchar(40), notiz varchar(40), kana varchar(40), lvl integer);
insert into staff values (1, 'ann', 'boss', 'Chefin', 'アン', 3), (2, 'ben', 'boss', null, null, null), (3, 'cem', null, 'Chef', null, null);`

describe.each(databases)('options over %s', (_name, create) => {
  let database: Database
  let serving: Serving
  let client: LdapClient
  const dn = (uid: string) => `uid=${uid},${suffix}`
  const found = (filter: string) => find(client, suffix, filter)

  beforeAll(async () => {
    database = await create()
    await runSql(database.url, tables)
    serving = await serve({
      suffix,
      listen: { ldap: 0 },
      log: { level: 'silent' },
      access: [{ who: 'anonymous', views: '*' }],
      sources: { hr: { type: 'sql', url: database.url } },
      views: [
        {
          view: 'people',
          source: 'hr',
          from: 'staff',
          key: 'id',
          attributes: {
            uid: 'login',
            description: 'note',
            'description;LANG-de': 'notiz',
            'commonName;x-phonetic;lang-ja': 'kana',
          },
          ldap: { base: '', rdn: 'uid', objectClass: ['top', 'account'] },
        },
      ],
    })
    client = await serving.connect()
  })

  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  it('are shown with the attributes that have them', async () => {
    expect(await read(client, dn('ann'))).toMatchObject({
      description: ['boss'],
      'description;lang-de': ['Chefin'],
      'cn;lang-ja;x-phonetic': ['アン'],
    })
    expect(await read(client, dn('ben'))).not.toHaveProperty('description;lang-de')
  })

  it('are selected by type, by some of them and by all', async () => {
    const keys = async (...attributes: string[]) =>
      Object.keys((await read(client, dn('ann'), attributes)) ?? {})
    expect(await keys('description')).toEqual(['description', 'description;lang-de'])
    expect(await keys('description;lang-DE')).toEqual(['description;lang-de'])
    expect(await keys('name;lang-ja')).toEqual(['cn;lang-ja;x-phonetic'])
    expect(await keys('cn;lang-de', 'description;x-other')).toEqual([])
  })

  it('are asked for in filters', async () => {
    expect(await found('(description=chefin)')).toEqual([dn('ann')])
    expect(await found('(description;lang-de=chefin)')).toEqual([dn('ann')])
    expect(await found('(description;lang-de=boss)')).toEqual([])
    expect(await found('(description=*)')).toHaveLength(3)
    expect(await found('(description;lang-de=*)')).toEqual([dn('ann'), dn('cem')])
    expect(await found('(&(uid=*)(!(description;lang-de=*)))')).toEqual([dn('ben')])
    expect(await found('(cn;x-phonetic=アン)')).toEqual([dn('ann')])
    expect(await found('(&(uid=*)(!(cn;lang-de=x)))')).toHaveLength(3)
    expect(await found('(&(uid=*)(!(cn;x-other=x)))')).toEqual([])
    expect(await found('(description;lang-de:caseExactMatch:=Chef)')).toEqual([dn('cem')])
  })

  it('are compared', async () => {
    expect(await client.compare(dn('ann'), 'description', 'chefin')).toBe(true)
    expect(await client.compare(dn('ann'), 'description;lang-de', 'boss')).toBe(false)
    expect(await codeOf(client.compare(dn('ben'), 'description;lang-de', 'x'))).toBe(16)
    expect(await codeOf(client.compare(dn('ann'), 'cn;lang-de', 'x'))).toBe(16)
    expect(await codeOf(client.compare(dn('ann'), 'cn;x-other', 'x'))).toBe(17)
  })
})
