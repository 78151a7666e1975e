/** As whom a directory behind the gateway is asked: the gateway's account, people on its behalf, or people themselves. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LdapClient } from '../../src/ldap/index.js'
import { type Slapd, startSlapd } from '../servers/slapd.js'
import { codeOf, type Serving, serve } from './serving.js'

const people = 'ou=people,dc=example,dc=com'
const gatewayAccount = { dn: 'cn=gateway,dc=corp', password: 'of the gateway' }

const person = (uid: string) => `dn: uid=${uid},dc=corp
objectClass: inetOrgPerson
uid: ${uid}
cn: ${uid}
sn: ${uid}
telephoneNumber: 1${uid.length}
userPassword: secret-${uid}
`
const ldif = `dn: dc=corp
objectClass: domain
dc: corp

dn: ${gatewayAccount.dn}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: gateway
userPassword: ${gatewayAccount.password}
authzTo: dn.regex:^uid=[^,]+,dc=corp$

${['ann', 'bob', 'carol'].map(person).join('\n')}`

let slapd: Slapd
const servings: Serving[] = []

beforeAll(async () => {
  slapd = await startSlapd({
    suffix: 'dc=corp',
    ldif,
    globals: ['authz-policy to'],
    // Each sees his own number; the gateway's account sees none.
    access: ['access to attrs=telephoneNumber by self read by * none'],
  })
})
afterAll(async () => {
  for (const serving of servings) await serving.close()
  await slapd?.stop()
})

async function serving(identity: 'service' | 'user' | 'proxy', more: object = {}): Promise<Serving> {
  const { dn, password } = gatewayAccount
  const made = await serve({
    suffix: 'dc=example,dc=com',
    listen: { ldap: 0 },
    log: { level: 'silent' },
    sources: { corp: { type: 'ldap', url: slapd.url, bindDn: dn, password, identity, ...more } },
    serviceAccounts: [{ dn: 'cn=app,dc=example,dc=com', password: '{CLEARTEXT}app' }],
    access: [
      { who: 'authenticated', views: '*' },
      { who: 'cn=app,dc=example,dc=com', views: '*' },
    ],
    views: [
      {
        view: 'people',
        source: 'corp',
        from: 'dc=corp??one?(objectClass=inetOrgPerson)',
        writable: true,
        uuid: 'entryUUID',
        attributes: { uid: 'uid', cn: 'cn', sn: 'sn', telephoneNumber: 'telephoneNumber' },
        authentication: 'source',
        ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
      },
    ],
  })
  servings.push(made)
  return made
}

/** Whose numbers are seen. */
async function numbers(client: LdapClient, filter = '(objectClass=*)'): Promise<readonly string[]> {
  const { entries } = await client.searchAll(people, { scope: 'singleLevel', filter })
  return entries
    .filter(({ attributes }) => attributes.some(({ type }) => type === 'telephoneNumber'))
    .map(({ dn }) => dn.slice(4, dn.indexOf(',')))
    .sort()
}

const dnOf = (uid: string) => `uid=${uid},${people}`

describe.each(['proxy', 'user'] as const)('with identity: %s', (identity) => {
  it('people see what the directory lets them see, and ask by it', async () => {
    const { connect } = await serving(identity)
    const [ann, bob] = await Promise.all([
      connect(dnOf('ann'), 'secret-ann'),
      connect(dnOf('bob'), 'secret-bob'),
    ])
    expect(await Promise.all([numbers(ann), numbers(bob), numbers(ann)])).toEqual([['ann'], ['bob'], ['ann']])
    expect(await numbers(ann, '(telephoneNumber=13)')).toEqual(['ann'])
    expect(await numbers(bob, '(telephoneNumber=13)')).toEqual(['bob'])
    expect(await numbers(ann, '(uid=bob)')).toEqual([])
    expect((await ann.searchAll(people, { filter: '(uid=*)' })).entries).toHaveLength(3)
    // Pages come as the same person asks for them.
    const paged = []
    for await (const entry of ann.searchPaged(people, { scope: 'singleLevel', pageSize: 1 }))
      paged.push(entry)
    expect(paged).toHaveLength(3)
  })

  it('a connection that binds as another asks as the other, and as nobody after a refusal', async () => {
    const { connect } = await serving(identity)
    const client = await connect(dnOf('ann'), 'secret-ann')
    expect(await numbers(client)).toEqual(['ann'])
    await client.bind(dnOf('carol'), 'secret-carol')
    expect(await numbers(client)).toEqual(['carol'])
    expect(await codeOf(client.bind(dnOf('ann'), 'wrong'))).toBe(49)
    expect(await codeOf(client.searchAll(people))).not.toBe(0)
  })

  it('accounts of the gateway ask as the account of the gateway', async () => {
    const { connect } = await serving(identity)
    const app = await connect('cn=app,dc=example,dc=com', 'app')
    expect(await numbers(app)).toEqual([])
    expect((await app.searchAll(people, { filter: '(uid=*)' })).entries).toHaveLength(3)
  })
})

it('with identity: service, all see what the gateway sees', async () => {
  const { connect } = await serving('service')
  const ann = await connect(dnOf('ann'), 'secret-ann')
  expect(await numbers(ann)).toEqual([])
})

it('people whose own connection is lost are told to bind again', async () => {
  const { connect } = await serving('user')
  const ann = await connect(dnOf('ann'), 'secret-ann')
  expect(await numbers(ann)).toEqual(['ann'])
  await slapd.restart()
  expect(await codeOf(ann.searchAll(people))).toBe(52)
  await ann.bind(dnOf('ann'), 'secret-ann')
  expect(await numbers(ann)).toEqual(['ann'])
})
