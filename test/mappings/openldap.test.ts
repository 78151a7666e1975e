/** The mappings for directories of people, groups and POSIX accounts, and the example of a gateway in front of one, on slapd. */
import { Client } from 'ldapts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGateway, type Gateway } from '../../src/index.js'
import { escapeDnValue } from '../data/ldif.js'
import { type Slapd, startSlapd } from '../servers/slapd.js'
import { allValues, checked, find, type Served, serve, valuesOf } from './served.js'

const upstream = 'dc=example,dc=org'
const suffix = 'dc=example,dc=com'
const people = `ou=people,${suffix}`
const groups = `ou=groups,${suffix}`
const service = { dn: `cn=vitrine,${upstream}`, password: 'to read' }

/** With an entry deeper than others, one with two uids, and one that is no person. */
const ldif = `dn: ${upstream}
objectClass: domain
dc: example

dn: ${service.dn}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: vitrine
userPassword: ${service.password}

dn: ou=staff,${upstream}
objectClass: organizationalUnit
ou: staff

dn: ou=oslo,ou=staff,${upstream}
objectClass: organizationalUnit
ou: oslo

dn: uid=bjensen,ou=staff,${upstream}
objectClass: inetOrgPerson
objectClass: posixAccount
uid: bjensen
uid: babs
cn: Barbara Jensen
sn: Jensen
mail: bjensen@example.org
mail: babs@example.org
uidNumber: 1001
gidNumber: 100
homeDirectory: /home/bjensen
userPassword: hifalutin

dn: uid=${escapeDnValue('o, "k"')},ou=oslo,ou=staff,${upstream}
objectClass: inetOrgPerson
objectClass: posixAccount
uid: o, "k"
cn: Ola K
sn: K
manager: uid=bjensen,ou=staff,${upstream}
uidNumber: 999
gidNumber: 100
homeDirectory: /home/ok
userPassword: fjord

dn: cn=Both,${upstream}
objectClass: groupOfNames
cn: Both
member: uid=bjensen,ou=staff,${upstream}
member: cn=Oslo,${upstream}
member: ${service.dn}

dn: cn=Oslo,${upstream}
objectClass: groupOfNames
cn: Oslo
member: UID=${escapeDnValue('o, "k"')}, OU=oslo,ou=Staff,${upstream}

dn: cn=users,${upstream}
objectClass: posixGroup
cn: users
gidNumber: 100
memberUid: bjensen
memberUid: gone
`

let slapd: Slapd

beforeAll(async () => {
  slapd = await startSlapd({ suffix: upstream, ldif })
  Object.assign(process.env, {
    LDAP_URL: slapd.url,
    LDAP_BIND_DN: service.dn,
    LDAP_BIND_PASSWORD: service.password,
    LDAP_BASE: upstream,
    BIND_PASSWORD: 'for the applications',
  })
})

afterAll(() => slapd?.stop())

const ok = `uid=${escapeDnValue('o, "k"')},${people}`

describe('openldap', () => {
  let served: Served
  let client: Client

  beforeAll(async () => {
    served = await serve('openldap')
    client = served.connect()
    await client.bind(`cn=reader,${suffix}`, 'for the applications')
  })

  afterAll(() => served?.close())

  test('nothing in it is wrong', async () => {
    expect(await checked('openldap')).toMatch(/^2 views: 0 errors/m)
  })

  test('people are shown in one container, named by the first uid', async () => {
    const found = await find(client, people, '(sn=*)')
    expect(found.map((entry) => entry.dn).sort()).toEqual([`uid=bjensen,${people}`, ok].sort())
    const [jensen] = await find(client, people, '(uid=BABS)')
    expect(jensen).toMatchObject({ dn: `uid=bjensen,${people}`, memberOf: `cn=Both,${groups}` })
    expect(valuesOf(jensen, 'mail')).toEqual(['babs@example.org', 'bjensen@example.org'])
    await expect(find(client, `uid=babs,${people}`, '(sn=*)')).rejects.toThrow(/0x20/)
  })

  test('references are names of this directory, and those that lead elsewhere are not shown', async () => {
    const [both] = await find(client, groups, '(cn=both)')
    expect(valuesOf(both, 'member')).toEqual([`cn=Oslo,${groups}`, `uid=bjensen,${people}`])
    expect(valuesOf((await find(client, groups, '(cn=oslo)'))[0], 'member')).toEqual([ok])
    expect(allValues(await find(client, people, `(manager=uid=bjensen,${people})`), 'cn')).toEqual(['Ola K'])
    const chain = `(memberOf:1.2.840.113556.1.4.1941:=cn=both,${groups})`
    expect(allValues(await find(client, people, chain), 'sn')).toEqual(['Jensen', 'K'])
  })

  test('passwords are checked by the directory', async () => {
    expect(await served.accepts(`uid=bjensen,${people}`, 'hifalutin')).toBe(true)
    expect(await served.accepts(ok, 'fjord')).toBe(true)
    expect(await served.accepts(`uid=bjensen,${people}`, 'fjord')).toBe(false)
    expect(await served.accepts(`uid=nobody,${people}`, 'fjord')).toBe(false)
  })
})

describe('posix-ldap', () => {
  let served: Served
  let client: Client

  beforeAll(async () => {
    served = await serve('posix-ldap')
    client = served.connect()
    await client.bind(`cn=sssd,${suffix}`, 'for the applications')
  })

  afterAll(() => served?.close())

  test('nothing in it is wrong', async () => {
    expect(await checked('posix-ldap')).toMatch(/^2 views: 0 errors/m)
  })

  test('accounts of people are shown, those of the system are not', async () => {
    const found = await find(client, people, '(&(objectClass=posixAccount)(uid=*))')
    expect(allValues(found, 'uidNumber')).toEqual(['1001'])
    expect(await find(client, people, '(uidNumber=999)')).toEqual([])
    expect(await served.accepts(`uid=bjensen,${people}`, 'hifalutin')).toBe(true)
  })

  test('groups have login names as members', async () => {
    const [users] = await find(client, groups, '(&(objectClass=posixGroup)(memberUid=bjensen))')
    expect(users).toMatchObject({ dn: `cn=users,${groups}`, gidNumber: '100' })
    expect(valuesOf(users, 'memberUid')).toEqual(['bjensen', 'gone'])
  })
})

describe('the example of a gateway in front of a directory', () => {
  const file = new URL('../../examples/ldap-source/gateway.yaml', import.meta.url).pathname
  let gateway: Gateway
  let base: string
  let url: string

  beforeAll(async () => {
    gateway = await createGateway(file, {
      overrides: { listen: { ldap: '127.0.0.1:0', http: '127.0.0.1:0' }, log: { level: 'silent' } },
    })
    const { http, ldap } = await gateway.listen()
    url = `ldap://${ldap?.host}:${ldap?.port}`
    base = `http://${http?.host}:${http?.port}/scim/v2`
  })

  afterAll(() => gateway?.close())

  test('lets people log in with the password of the directory, and see each other', async () => {
    const client = new Client({ url })
    await client.bind('uid=bjensen,ou=people,dc=example,dc=net', 'hifalutin')
    const found = await find(
      client,
      'ou=people,dc=example,dc=net',
      '(manager=uid=bjensen,ou=people,dc=example,dc=net)',
    )
    expect(allValues(found, 'cn')).toEqual(['Ola K'])
    await expect(client.bind('uid=bjensen,ou=people,dc=example,dc=net', 'wrong')).rejects.toThrow(/0x31/)
    await client.unbind()
  })

  test('serves its people over SCIM', async () => {
    const filter = encodeURIComponent('emails.value eq "BABS@example.org"')
    const answer = await fetch(`${base}/Users?filter=${filter}`, {
      headers: { authorization: 'Bearer vitrine-example' },
    })
    expect(await answer.json()).toMatchObject({
      totalResults: 1,
      Resources: [{ userName: 'bjensen', name: { familyName: 'Jensen' } }],
    })
  })
})
