/** The mapping for Django, on each database that Django keeps its users in, with the README's accounts and indexes. */
import type { Client } from 'ldapts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'
import { mappingText, readerAccount, runSql, sqlBlocks, sqliteDatabase } from './databases.js'
import { allValues, checked, find, type Served, serve, valuesOf } from './served.js'

const people = 'ou=people,dc=example,dc=org'
const groups = 'ou=groups,dc=example,dc=org'
const readme = mappingText('django/README.md')

/** How the README's statements for one database's indexes can be told from the others'. */
const indexes = {
  mariadb: /^CREATE INDEX vitrine_email ON auth_user \(email\)/,
  postgresql: /text_pattern_ops/,
  sqlite: /COLLATE NOCASE/,
}

describe.each(['mariadb', 'postgresql', 'sqlite'] as const)('on %s', (kind) => {
  const file = kind === 'sqlite' ? sqliteDatabase() : undefined
  let served: Served
  let client: Client

  beforeAll(async () => {
    const url = file?.url ?? (await (kind === 'mariadb' ? mariadbDatabase() : postgresDatabase()))
    const indexing = sqlBlocks(readme).filter((sql) => indexes[kind].test(sql))
    expect(indexing).toHaveLength(1)
    await runSql(url, mappingText(`django/schema.${kind}.sql`), mappingText('django/sample.sql'), ...indexing)
    process.env.DB_URL = file?.url ?? (await readerAccount(url, readme, 'mysite'))
    process.env.BIND_PASSWORD = 'for the applications'
    served = await serve('django')
    client = served.connect()
    await client.bind('cn=reader,dc=example,dc=org', 'for the applications')
  })

  afterAll(async () => {
    await served.close()
    await file?.remove()
  })

  test('with the indexes of its README, nothing that applications search by is slow', async () => {
    expect(await checked('django')).toBe('2 views: 0 errors, 0 warnings\n')
  })

  test('a user is a person, with groups and flags', async () => {
    const attributes = ['*', 'memberOf', 'createTimestamp']
    const [entry, ...others] = await find(client, people, '(mail=ADA@example.org)')
    expect(others).toEqual([])
    expect(entry).toEqual({
      dn: `uid=ada,${people}`,
      objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson'],
      uid: 'ada',
      cn: 'Ada Lovelace',
      displayName: 'Ada Lovelace',
      givenName: 'Ada',
      sn: 'Lovelace',
      mail: 'ada@example.org',
      employeeType: ['staff', 'superuser'],
      memberOf: expect.arrayContaining([`cn=Editors,${groups}`, `cn=Mathematicians,${groups}`]),
    })
    const [mary] = await find(client, people, '(uid=mary)', { attributes })
    expect(valuesOf(mary, 'createTimestamp')).toEqual(['20220126143000.25Z'])
    expect(valuesOf(mary, 'employeeType')).toEqual(['staff'])
  })

  test('users are found by their names, flags and groups', async () => {
    const found = async (filter: string) => allValues(await find(client, people, filter), 'uid')
    expect(await found('(cn=софья ковалевская)')).toEqual(['sofia'])
    expect(await found('(cn=ὑπατία)')).toEqual(['hypatia'])
    expect(await found('(!(sn=*))')).toEqual(['hypatia', 'robot'])
    expect(await found('(!(cn=*))')).toEqual(['robot'])
    expect(await found('(employeeType=staff)')).toEqual(['ada', 'mary'])
    expect(await found('(!(employeeType=superuser))')).toEqual(['emmy', 'hypatia', 'mary', 'robot', 'sofia'])
    expect(await found(`(memberOf=cn=mathematicians,${groups})`)).toEqual(['ada', 'emmy', 'hypatia', 'sofia'])
    expect(await found('(createTimestamp<=20230101000000Z)')).toEqual(['ada', 'mary'])
  })

  test('a group has its users as members', async () => {
    const all = await find(client, groups, '(objectClass=groupOfNames)')
    expect(all.map((group) => [group.cn, valuesOf(group, 'member')]).sort()).toEqual([
      ['Editors', [`uid=ada,${people}`, `uid=mary,${people}`]],
      ['Mathematicians', ['ada', 'emmy', 'hypatia', 'sofia'].map((uid) => `uid=${uid},${people}`)],
      ['Moderators', []],
    ])
    const of = await find(client, groups, `(member=UID=mary,${people})`)
    expect(allValues(of, 'cn')).toEqual(['Editors'])
  })

  test.each([
    ['ada', 'correct horse battery staple', 'pbkdf2_sha256'],
    ['mary', 'kaffe og kage', 'argon2'],
    ['sofia', 'motif de fleurs', 'bcrypt_sha256'],
    ['hypatia', 'ζεστή σοκολάτα', 'scrypt'],
  ])('%s binds with the password %s, kept as %s, and with no other', async (uid, password) => {
    expect(await served.accepts(`uid=${uid},${people}`, password)).toBe(true)
    expect(await served.accepts(`uid=${uid},${people}`, `${password}!`)).toBe(false)
  })

  test('nobody binds who is not active or has no usable password', async () => {
    expect(await served.accepts(`uid=emmy,${people}`, 'correct horse battery staple')).toBe(false)
    expect(await served.accepts(`uid=robot,${people}`, '!u8Jm2Qx7RfYt0LzVw4NcKb1HsPd9GeAoT5iXrW3q')).toBe(
      false,
    )
  })
})
