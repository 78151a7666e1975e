/** People of two directories and a database in one container, as LDAP and SCIM clients see them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayInput } from '../../src/index.js'
import { LdapClient } from '../../src/ldap/index.js'
import { sqliteDatabase } from '../mappings/databases.js'
import { type Slapd, startSlapd } from '../servers/slapd.js'
import { scim } from './scim/serving.js'
import { codeOf, find, read, runSql, type Serving, serve } from './serving.js'

const people = 'ou=people,dc=example,dc=com'
const admin = { dn: 'cn=admin,dc=example,dc=com', password: 'admin-password-1' }
const TOKEN = 'a-token-of-some-length'
const INVALID_CREDENTIALS = 49
const dnsOf = (...names: readonly string[]) => names.map((name) => `uid=${name},${people}`)

/** By suffix: logins, the first of which names the entry, and addresses. */
const directories = {
  'dc=one': [
    [
      ['ada', 'countess'],
      ['ada@example.com', 'a@example.com'],
    ],
    [['bob'], []],
    [['x'], ['x@example.com']],
  ],
  'dc=two': [
    [['carl'], ['carl@example.com']],
    [['adele'], ['A@example.com']],
    // Another entry is named by what is only one more login of this one.
    [['dora', 'bob'], []],
  ],
} as const
type Suffix = keyof typeof directories

async function startDirectory(suffix: Suffix): Promise<Slapd> {
  const account = { dn: `cn=gateway,${suffix}`, password: 'of the gateway' }
  const slapd = await startSlapd({
    suffix,
    ldif: `dn: ${suffix}\nobjectClass: domain\ndc: ${suffix.slice(3)}\n`,
    globals: ['authz-policy to'],
    // Each sees his own number; the gateway's account sees none.
    access: ['access to attrs=telephoneNumber by self read by * none'],
  })
  const client = await LdapClient.connect({ host: slapd.host, port: slapd.port })
  await client.bind(slapd.rootDn, slapd.rootPassword)
  await client.add(account.dn, [
    { type: 'objectClass', values: ['organizationalRole', 'simpleSecurityObject'] },
    { type: 'cn', values: ['gateway'] },
    { type: 'userPassword', values: [account.password] },
  ])
  for (const [[login, ...logins], mail] of directories[suffix]) {
    await client.add(`uid=${login},${suffix}`, [
      { type: 'objectClass', values: ['inetOrgPerson'] },
      // What does not name the entry comes first.
      { type: 'uid', values: [...logins, login] },
      { type: 'cn', values: [login] },
      { type: 'sn', values: [login] },
      { type: 'telephoneNumber', values: ['1'] },
      { type: 'userPassword', values: [`${login}-password`] },
      ...(mail.length === 0 ? [] : [{ type: 'mail', values: mail }]),
    ])
  }
  client.close()
  return slapd
}

type Mode = 'first' | 'merge' | 'error'

function config(
  slapds: Readonly<Record<Suffix, Slapd>>,
  database: string,
  duplicates: Mode,
  identity: 'service' | 'user' = 'service',
): GatewayInput {
  const member = (suffix: Suffix, more: object = {}) => ({
    view: suffix.slice(3),
    source: suffix.slice(3),
    from: `${suffix}??one?(objectClass=inetOrgPerson)`,
    writable: true,
    attributes: { uid: 'uid', cn: 'cn', sn: 'sn', mail: 'mail', telephoneNumber: 'telephoneNumber' },
    authentication: 'source' as const,
    ...more,
  })
  const source = (suffix: Suffix) => ({
    type: 'ldap' as const,
    url: slapds[suffix].url,
    bindDn: `cn=gateway,${suffix}`,
    password: 'of the gateway',
    identity,
  })
  return {
    suffix: 'dc=example,dc=com',
    listen: { ldap: 0, http: 0 },
    log: { level: 'silent' },
    sources: { one: source('dc=one'), two: source('dc=two'), three: { type: 'sql', url: database } },
    serviceAccounts: [{ dn: admin.dn, password: `{CLEARTEXT}${admin.password}` }],
    access: [
      { who: admin.dn, views: '*' },
      { who: 'authenticated', views: '*' },
    ],
    scim: { tokens: [{ name: 'test', token: `{CLEARTEXT}${TOKEN}`, as: admin.dn, scopes: '*' }] },
    views: [
      member('dc=one', { uuid: 'entryUUID' }),
      member('dc=two'),
      {
        view: 'three',
        source: 'three',
        from: 'users',
        writable: true,
        key: 'id',
        attributes: {
          uid: 'login',
          cn: 'login',
          sn: 'login',
          mail: 'mail',
          userPassword: { column: 'secret', verifyOnly: true, cleartext: true },
        },
      },
      {
        view: 'people',
        union: { members: ['one', 'two', 'three'], by: 'mail', duplicates },
        ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
        scim: { resource: 'User' },
      },
    ],
  }
}

describe('a union of two directories and a database', () => {
  let slapds: Readonly<Record<Suffix, Slapd>>
  const database = sqliteDatabase()
  const servings: Serving[] = []

  beforeAll(async () => {
    slapds = { 'dc=one': await startDirectory('dc=one'), 'dc=two': await startDirectory('dc=two') }
    await runSql(
      database.url,
      'create table users (id integer primary key, login text, mail text, secret text)',
      `insert into users values (1, 'eve', 'eve@example.com', '{CLEARTEXT}eve-password'),
        (2, 'karl', 'CARL@example.com', '{CLEARTEXT}karl-password')`,
    )
  })
  afterAll(async () => {
    for (const serving of servings) await serving.close()
    await Promise.all([slapds['dc=one'].stop(), slapds['dc=two'].stop(), database.remove()])
  })

  async function started(duplicates: Mode, identity?: 'user') {
    const serving = await serve(config(slapds, database.url, duplicates, identity))
    servings.push(serving)
    return serving
  }

  it('shows each once, by any common address, and calls each by the first of his logins', async () => {
    const { connect } = await started('first')
    const client = await connect(admin.dn, admin.password)
    const found = async (filter: string) => (await find(client, people, filter)).filter((dn) => dn !== people)
    expect(await found('(uid=*)')).toEqual(dnsOf('ada', 'bob', 'carl', 'dora', 'eve', 'x'))
    expect(await found('(mail=A@EXAMPLE.com)')).toEqual(dnsOf('ada'))
    expect(await found('(sn=adele)')).toEqual([])
    expect(await found('(uid=bob)')).toEqual(dnsOf('bob', 'dora'))
    expect(await read(client, String(dnsOf('bob')), ['sn'])).toEqual({ sn: ['bob'] })
    expect(await codeOf(client.searchAll(String(dnsOf('countess'))))).toBe(32)
    const paged: string[] = []
    for await (const { dn } of client.searchPaged(people, { scope: 'singleLevel', pageSize: 2 }))
      paged.push(dn)
    expect(paged).toEqual(dnsOf('ada', 'bob', 'x', 'carl', 'dora', 'eve'))
    // Some are hidden, and the others come all the same.
    const answer = await client.searchAnswer(people, { scope: 'singleLevel', sizeLimit: 5 })
    expect(answer.done.code).toBe(4)
    expect(answer.entries).toHaveLength(5)
  })

  it('completes what is the same', async () => {
    const { connect } = await started('merge')
    const client = await connect(admin.dn, admin.password)
    expect(await read(client, String(dnsOf('carl')), ['sn', 'mail'])).toEqual({
      sn: ['carl'],
      mail: ['carl@example.com'],
    })
    expect((await find(client, people, '(sn=adele)')).filter((dn) => dn !== people)).toEqual([])
  })

  it('is counted, sorted and read by id over SCIM', async () => {
    const { http } = await started('first')
    const service = scim(`http://${http?.host}:${http?.port}/scim/v2`, `Bearer ${TOKEN}`)
    const { body } = await service.get('/Users', {
      sortBy: 'name.familyName',
      sortOrder: 'descending',
      count: 4,
    })
    expect([body.totalResults, body.Resources?.map((r) => r.userName)]).toEqual([
      6,
      ['x', 'eve', 'dora', 'carl'],
    ])
    for (const { id, userName } of body.Resources ?? []) {
      const one = await service.get(`/Users/${encodeURIComponent(String(id))}`)
      expect(one.body.userName).toBe(userName)
    }
  })

  it('checks passwords where they are kept', async () => {
    const { connect } = await started('first')
    const client = await connect(admin.dn, admin.password)
    const bind = (name: string, password = `${name}-password`) =>
      codeOf(client.bind(String(dnsOf(name)), password))
    for (const name of ['ada', 'carl', 'dora', 'eve']) expect(await bind(name), name).toBe(0)
    // Hidden, only a further login, and wrong.
    for (const name of ['adele', 'karl', 'countess', 'nobody'])
      expect(await bind(name), name).toBe(INVALID_CREDENTIALS)
    expect(await bind('ada', 'carl-password')).toBe(INVALID_CREDENTIALS)
    expect(await bind('bob')).toBe(0)
    expect(await bind('bob', 'dora-password')).toBe(INVALID_CREDENTIALS)
  })

  it('lets people see what their directory lets them see', async () => {
    const { connect } = await started('first', 'user')
    const numbers = async (name: string) => {
      const client = await connect(String(dnsOf(name)), `${name}-password`)
      const { entries } = await client.searchAll(people, {
        filter: '(telephoneNumber=*)',
        attributes: ['uid'],
      })
      return entries.map(({ dn }) => dn)
    }
    expect(await numbers('ada')).toEqual(dnsOf('ada'))
    expect(await numbers('carl')).toEqual(dnsOf('carl'))
  })
})
