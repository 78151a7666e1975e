/** The mapping for POSIX accounts, asked as a host would ask it, with the database accounts of its README. */
import type { Client } from 'ldapts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'
import { mappingText, readerAccount, runSql } from './databases.js'
import { allValues, checked, find, type Served, serve, valuesOf } from './served.js'

const people = 'ou=people,dc=example,dc=org'
const groups = 'ou=groups,dc=example,dc=org'

describe.each(['mariadb', 'postgresql'] as const)('on %s', (kind) => {
  let served: Served
  let client: Client

  beforeAll(async () => {
    const url = await (kind === 'mariadb' ? mariadbDatabase() : postgresDatabase())
    await runSql(url, mappingText(`posix/schema.${kind}.sql`), mappingText('posix/sample.sql'))
    process.env.DB_URL = await readerAccount(url, mappingText('posix/README.md'), 'hosts')
    process.env.BIND_PASSWORD = 'for the hosts'
    served = await serve('posix')
    client = served.connect()
    await client.bind('cn=sssd,dc=example,dc=org', 'for the hosts')
  })

  afterAll(() => served.close())

  test('with the indexes of its schema, nothing that applications search by is slow', async () => {
    expect(await checked('posix')).toBe('2 views: 0 errors, 0 warnings\n')
  })

  test('an account is found by login and by number', async () => {
    const expected = {
      dn: `uid=alice,${people}`,
      objectClass: ['top', 'account', 'posixAccount', 'shadowAccount'],
      uid: 'alice',
      cn: 'Alice Liddell',
      gecos: 'Alice Liddell',
      uidNumber: '5001',
      gidNumber: '5000',
      homeDirectory: '/home/alice',
      loginShell: '/bin/bash',
      shadowLastChange: '19850',
      shadowMax: '99999',
    }
    expect(await find(client, people, '(&(uid=alice)(objectClass=posixAccount))')).toEqual([expected])
    expect(await find(client, people, '(&(uidNumber=5001)(objectClass=posixAccount))')).toEqual([expected])
    expect(await find(client, people, '(&(uidNumber=5001.0)(objectClass=posixAccount))')).toEqual([])
    expect(await find(client, people, '(homeDirectory=/home/Alice)')).toEqual([])
  })

  test('a group is found by name, by number and by login', async () => {
    const [admins] = await find(client, groups, '(&(objectClass=posixGroup)(gidNumber=5001))')
    expect(valuesOf(admins, 'memberUid')).toEqual(['alice', 'cheshire'])
    const of = async (login: string) =>
      allValues(await find(client, groups, `(&(objectClass=posixGroup)(memberUid=${login}))`), 'cn')
    expect(await of('alice')).toEqual(['admins', 'printers'])
    expect(await of('turtle')).toEqual(['printers'])
    expect(await of('Turtle')).toEqual([])
    const empty = await find(client, groups, '(&(objectClass=posixGroup)(!(memberUid=*)))')
    expect(allValues(empty, 'cn')).toEqual(['backup', 'users'])
  })

  test('accounts and groups are listed', async () => {
    const accounts = await find(client, people, '(objectClass=posixAccount)')
    expect(allValues(accounts, 'uid')).toEqual(['alice', 'backup', 'cheshire', 'hatter', 'lewis', 'turtle'])
    expect(allValues(await find(client, people, '(shadowExpire=*)'), 'uid')).toEqual(['turtle'])
    expect(allValues(await find(client, groups, '(gidNumber>=5002)'), 'cn')).toEqual(['backup', 'printers'])
  })

  test.each([
    ['alice', 'hunting of the snark', '$6$'],
    ['lewis', 'jabberwocky', '$5$'],
    ['turtle', 'mock turtle', '$1$'],
    ['cheshire', 'cheshire cat', '$2b$'],
  ])('%s binds with the password %s, kept as %s, and with no other', async (uid, password) => {
    expect(await served.accepts(`uid=${uid},${people}`, password)).toBe(true)
    expect(await served.accepts(`uid=${uid},${people}`, password.slice(1))).toBe(false)
  })

  test('a locked account cannot bind', async () => {
    expect(await served.accepts(`uid=hatter,${people}`, 'hunting of the snark')).toBe(false)
    expect(await served.accepts(`uid=backup,${people}`, '*')).toBe(false)
  })
})
