/** The mapping for WordPress, on MariaDB, with the database account that its README describes. */
import type { Client } from 'ldapts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mariadbDatabase } from '../servers/shared.js'
import { mappingText, readerAccount, runSql, sqlBlocks } from './databases.js'
import { allValues, checked, find, type Served, serve } from './served.js'

const people = 'ou=people,dc=example,dc=org'

let served: Served
let client: Client

beforeAll(async () => {
  const url = await mariadbDatabase()
  const readme = mappingText('wordpress/README.md')
  await runSql(url, mappingText('wordpress/schema.mariadb.sql'), mappingText('wordpress/sample.sql'))
  await runSql(url, ...sqlBlocks(readme).filter((sql) => sql.startsWith('CREATE INDEX')))
  process.env.DB_URL = await readerAccount(url, readme, 'wordpress')
  process.env.BIND_PASSWORD = 'for the applications'
  served = await serve('wordpress')
  client = served.connect()
  await client.bind('cn=reader,dc=example,dc=org', 'for the applications')
})

afterAll(() => served.close())

test('with the indexes of its README, nothing that applications search by is slow', async () => {
  expect(await checked('wordpress')).toBe('1 view: 0 errors, 0 warnings\n')
})

test('a user is a person', async () => {
  expect(await find(client, people, '(uid=Clara)')).toEqual([
    {
      dn: `uid=clara,${people}`,
      objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson'],
      uid: 'clara',
      cn: 'Clara Wieck',
      displayName: 'Clara Wieck',
      givenName: 'Clara',
      sn: 'Wieck',
      mail: 'clara@example.org',
      labeledURI: 'https://clara.example.org/',
      description: 'Plays, composes and runs this site.',
      employeeType: 'administrator',
    },
  ])
})

test('what a user has left empty is absent', async () => {
  expect(await find(client, people, '(&(uid=guest)(!(sn=*))(!(labeledURI=*))(!(givenName=*)))')).toEqual([
    {
      dn: `uid=guest,${people}`,
      objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson'],
      uid: 'guest',
      cn: 'guest',
      displayName: 'guest',
      mail: 'guest@example.org',
      employeeType: 'subscriber',
    },
  ])
})

test('users are found by what is kept in user meta', async () => {
  const found = async (filter: string) => allValues(await find(client, people, filter), 'uid')
  expect(await found('(sn=chopin)')).toEqual(['frederic'])
  expect(await found('(givenName=FRÉDÉRIC)')).toEqual(['frederic'])
  expect(await found('(employeeType=editor)')).toEqual(['robert'])
  expect(await found('(employeeType=subscriber)')).toEqual(['guest', 'pauline'])
  expect(await found('(!(employeeType=*))')).toEqual(['frederic'])
  expect(await found('(createTimestamp>=20220101000000Z)')).toEqual(['guest', 'pauline'])
})

test.each([
  ['clara', 'Nocturne No. 20', '$wp$2y$'],
  ['robert', 'Träumerei 1838', '$P$'],
  ['frederic', 'la-petite-musique', '$wp$2y$'],
  ['pauline', 'Etude op. 25', '$2y$'],
])('%s binds with the password %s, kept as %s, and with no other', async (uid, password) => {
  expect(await served.accepts(`uid=${uid},${people}`, password)).toBe(true)
  expect(await served.accepts(`uid=${uid},${people}`, `${password} `)).toBe(false)
})

test('a blocked user cannot bind', async () => {
  expect(await served.accepts(`uid=guest,${people}`, 'correct horse battery staple')).toBe(false)
})

test('people may read themselves and nobody else', async () => {
  const own = served.connect()
  await own.bind(`uid=robert,${people}`, 'Träumerei 1838')
  expect(allValues(await find(own, people, '(objectClass=person)'), 'uid')).toEqual(['robert'])
})
