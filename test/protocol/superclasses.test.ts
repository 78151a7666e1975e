/** Entries are of the superclasses of their classes too (RFC 4512 3.3), whoever decides the filter. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LdapClient } from '../../src/ldap/index.js'
import { type Database, databases, runSql, type Serving, serve } from './serving.js'

const base = 'ou=people,dc=example,dc=com'
let database: Database
let serving: Serving
let client: LdapClient

beforeAll(async () => {
  const [, create] = databases.find(([name]) => name === 'SQLite') ?? []
  if (create === undefined) throw new Error('no SQLite')
  database = await create()
  await runSql(
    database.url,
    'create table staff (id integer primary key, login text, first text, last text, data blob)',
    "insert into staff values (1, 'ann', 'Ann', 'Fry', x'01'), (2, 'bob', 'Bob', 'Fry', x'02')",
  )
  serving = await serve({
    suffix: 'dc=example,dc=com',
    listen: { ldap: 0 },
    log: { level: 'silent' },
    sources: { hr: { type: 'sql', url: database.url } },
    access: [{ who: 'anonymous', views: '*' }],
    views: [
      {
        view: 'people',
        source: 'hr',
        from: 'staff',
        key: 'id',
        attributes: { uid: 'login', cn: '{first}-{last}', sn: 'last', description: '{first}{data}' },
        ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
      },
    ],
  })
  client = await serving.connect()
})

afterAll(async () => {
  await serving?.close()
  await database?.remove()
})

it.each([
  ['(objectClass=person)', ['ann', 'bob']],
  ['(!(objectClass=person))', []],
  ['(&(objectClass=person)(description=*nn*))', ['ann']],
  ['(|(&(objectClass=person)(description=*nn*))(uid=nobody))', ['ann']],
  ['(|(&(objectClass=organizationalPerson)(cn=*-f*))(description=nothing))', ['ann', 'bob']],
  ['(|(&(objectClass=device)(description=*nn*))(uid=bob))', ['bob']],
  ['(&(!(objectClass=device))(description=*nn*))', ['ann']],
])('%s', async (filter, uids) => {
  const { entries } = await client.searchAll(base, { scope: 'singleLevel', filter, attributes: ['uid'] })
  expect(entries.map(({ attributes }) => String(attributes[0]?.values[0])).sort()).toEqual(uids)
})

it('compares a superclass', async () => {
  expect(await client.compare(`uid=ann,${base}`, 'objectClass', 'person')).toBe(true)
  expect(await client.compare(`uid=ann,${base}`, 'objectClass', 'device')).toBe(false)
})
