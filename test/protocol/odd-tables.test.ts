/** Tables as they are found: keys of bytes, links spelled otherwise, names that two rows share, columns that change. */
import { afterEach, describe, expect, it } from 'vitest'
import { createGateway, type Gateway, type GatewayInput } from '../../src/index.js'
import { LdapClient } from '../../src/ldap/index.js'
import { openSql, type SqlClient } from '../data/sql-client.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'
import { codeOf, find, read } from './serving.js'

const base = 'ou=people,dc=example'
let sql: SqlClient | undefined
let gateway: Gateway | undefined
let client: LdapClient | undefined

afterEach(async () => {
  await client?.close()
  await gateway?.close()
  await sql?.close()
})

/** Serves `people` from the tables that `statements` make. */
async function serve(
  url: string,
  statements: readonly string[],
  attributes: Record<string, unknown>,
  more: readonly GatewayInput['views'][number][] = [],
): Promise<{ sql: SqlClient; client: LdapClient }> {
  sql = await openSql(url)
  for (const statement of statements) await sql.run(statement)
  const people = {
    view: 'people',
    source: 'db',
    from: 'users',
    key: 'id',
    attributes: { uid: 'username', ...attributes },
    ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['account'] },
  } as GatewayInput['views'][number]
  gateway = await createGateway({
    suffix: 'dc=example',
    listen: { ldap: 0 },
    log: { level: 'silent' },
    sources: { db: { type: 'sql', url } },
    views: [people, ...more],
    access: [{ who: 'anonymous', views: '*' }],
  })
  const { ldap } = await gateway.listen()
  client = await LdapClient.connect({ host: ldap?.host ?? '', port: ldap?.port ?? 0 })
  return { sql, client }
}

describe('related rows', () => {
  it('belong to whom the database says, whatever bytes the key is made of', async () => {
    const { client } = await serve(
      await mariadbDatabase(),
      [
        'create table users (id binary(16) primary key, username varchar(20))',
        'create table mails (user_id binary(16), address varchar(40))',
        "insert into users values (unhex('00000000000000000000000000000080'), 'a'), (unhex('00000000000000000000000000000081'), 'b')",
        "insert into mails values (unhex('00000000000000000000000000000080'), 'a@x'), (unhex('00000000000000000000000000000081'), 'b@x')",
      ],
      { mail: { table: 'mails', on: 'user_id', value: 'address' } },
    )
    expect(await read(client, `uid=a,${base}`, ['mail'])).toEqual({ mail: ['a@x'] })
    expect(await read(client, `uid=b,${base}`, ['mail'])).toEqual({ mail: ['b@x'] })
    const { entries } = await client.searchAll(base, { filter: '(uid=*)', attributes: ['mail'] })
    expect(entries.map((e) => String(e.attributes[0]?.values[0]))).toEqual(['a@x', 'b@x'])
  })

  it('belong to whom the database says, where it ignores case in links', async () => {
    const { client } = await serve(
      await mariadbDatabase(),
      [
        'create table users (id int primary key, username varchar(20))',
        'create table mails (username varchar(20), address varchar(40))',
        "insert into users values (1, 'alice'), (2, 'bob')",
        "insert into mails values ('Alice', 'a@x'), ('BOB ', 'b@x')",
      ],
      { mail: { table: 'mails', on: { username: 'username' }, value: 'address' } },
    )
    expect(await find(client, base, '(!(mail=*))')).toEqual([base])
    expect(await read(client, `uid=alice,${base}`, ['mail'])).toEqual({ mail: ['a@x'] })
    expect(await read(client, `uid=bob,${base}`, ['mail'])).toEqual({ mail: ['b@x'] })
  })
})

describe('a name that two rows share', () => {
  it('lets neither of them bind', async () => {
    const { client } = await serve(
      await postgresDatabase(),
      [
        'create table users (id int primary key, username text unique, pw text)',
        "insert into users values (0, 'ADMIN', 'evil'), (1, 'admin', 'good'), (2, 'bob', 'bobs')",
      ],
      { userPassword: { column: 'pw', verifyOnly: true, cleartext: true } },
    )
    expect(await codeOf(client.bind(`uid=admin,${base}`, 'evil'))).toBe(49)
    expect(await codeOf(client.bind(`uid=admin,${base}`, 'good'))).toBe(49)
    expect(await codeOf(client.bind(`uid=bob,${base}`, 'bobs'))).toBe(0)
  })
})

describe('a table altered while it is served', () => {
  it('goes on being searched in PostgreSQL, whose prepared statements no longer fit', async () => {
    const { client, sql } = await serve(
      await postgresDatabase(),
      [
        'create table users (id int primary key, username varchar(50) unique, title varchar(50))',
        "insert into users values (1, 'ann', 'Boss')",
      ],
      { title: 'title' },
    )
    for (let i = 0; i < 4; i++) expect(await find(client, base, '(title=boss)')).toEqual([`uid=ann,${base}`])
    await sql.run('alter table users alter column title type varchar(100)')
    for (let i = 0; i < 3; i++) expect(await find(client, base, '(title=boss)')).toEqual([`uid=ann,${base}`])
  })
})
