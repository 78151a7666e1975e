/** The mapping for Active Directory, on Samba's: as its README says, people, groups and contacts of a domain. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from 'ldapts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGateway } from '../../src/index.js'
import { adPeople, adService, LARGE_GROUP, portrait } from '../data/active-directory.js'
import { activeDirectory } from '../servers/shared.js'
import { limitValues, type ValueLimit } from '../servers/value-limit.js'
import { mappingFile } from './databases.js'
import { allValues, checked, find, type Served, serve, serveFile, valuesOf } from './served.js'
import { unencrypted } from './unencrypted.js'

const suffix = 'dc=example,dc=com'
const people = `ou=people,${suffix}`
const groups = `ou=groups,${suffix}`
const contacts = `ou=contacts,${suffix}`
const reader = { dn: `cn=reader,${suffix}`, password: 'for the applications' }
const BITS_SET = '1.2.840.113556.1.4.803'
const IN_CHAIN = '1.2.840.113556.1.4.1941'

const folder = mkdtempSync(join(tmpdir(), 'vitrine-ad-'))
let served: Served
let client: Client

beforeAll(async () => {
  const domain = await activeDirectory()
  const ca = join(folder, 'ca.pem')
  writeFileSync(ca, domain.ca)
  Object.assign(process.env, {
    AD_URL: domain.secureUrl,
    AD_CA: ca,
    AD_BIND_DN: adService.dn,
    AD_BIND_PASSWORD: adService.password,
    AD_BASE: domain.suffix,
    BIND_PASSWORD: reader.password,
  })
  served = await serve('active-directory')
  client = served.connect()
  await client.bind(reader.dn, reader.password)
})

afterAll(async () => {
  await served?.close()
  rmSync(folder, { recursive: true })
})

/** Other tests make entries in the same domain meanwhile, called so. */
const isOurs = (name: unknown) => !/^(scim|team|other|weak|x|Renamed, Sue)-\d+$/.test(String(name))
const logins = async (filter: string) => allValues(await find(client, people, filter), 'uid').filter(isOurs)
const names = async (base: string, filter: string) =>
  allValues(await find(client, base, filter), 'cn').filter(isOurs)

test('nothing in it is wrong', async () => {
  expect(await checked('active-directory')).toMatch(/^4 views: 0 errors/m)
})

describe('people', () => {
  test('are the accounts of persons, wherever they are, and no computers', async () => {
    expect(await logins('(sn=*)')).toEqual([...adPeople.map((person) => person.login), 'otto'].sort())
    expect(await logins('(uid=PC1*)')).toEqual([])
  })

  test('have the names that applications know', async () => {
    const [ada] = await find(client, people, '(uid=ADA)', { explicitBufferAttributes: ['jpegPhoto'] })
    expect(ada).toMatchObject({
      dn: `uid=ada,${people}`,
      cn: 'Ada Lovelace',
      displayName: 'Lovelace, Ada',
      mail: 'ada@example.net',
      department: 'Engines',
      userAccountControl: '512',
      memberOf: `cn=Engines,${groups}`,
    })
    expect(valuesOf(ada, 'proxyAddresses')).toEqual([
      'SMTP:ada@example.net',
      'smtp:ada.lovelace@example.net',
      'smtp:countess@example.net',
    ])
    expect(Buffer.from(portrait).equals(ada?.jpegPhoto as Buffer)).toBe(true)
  })

  test('are found by any of their values, in any spelling, and by what they lack', async () => {
    expect(await logins('(proxyAddresses=smtp:COUNTESS@example.net)')).toEqual(['ada'])
    expect(await logins('(telephoneNumber=+442079460001)')).toEqual(['ada'])
    expect(await logins('(sn=MÜLLER)')).toEqual(['juergen'])
    expect(await logins(`(&(sn=*)(!(givenName=*)))`)).toEqual(['madonna', 'nobody', 'otto'])
    expect(await logins(`(manager=uid=Ada,${people})`)).toEqual(['charles'])
    expect(await logins(`(manager:${IN_CHAIN}:=uid=ada,${people})`)).toEqual(['charles', 'juergen'])
    expect(await logins(`(&(sn=*)(userAccountControl:${BITS_SET}:=2))`)).toEqual(['locked', 'nobody'])
  })

  test('have an entryUUID that leads back to them, as Active Directory spells their GUID', async () => {
    const [ada] = await find(client, people, '(uid=ada)', { attributes: ['entryUUID'] })
    const uuid = valuesOf(ada, 'entryUUID')[0]
    expect(uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(await logins(`(entryUUID=${uuid})`)).toEqual(['ada'])
  })

  test('log in by sAMAccountName and by userPrincipalName, if Active Directory lets them', async () => {
    const accepts = async (login: string, password: string) => [
      await served.accepts(`uid=${login},${people}`, password),
      await served.accepts(`uid=${login}@ad.example.net,ou=principals,${suffix}`, password),
    ]
    expect(await accepts('ada', 'Analytical 1')).toEqual([true, true])
    expect(await accepts('juergen', 'Schlüssel 3')).toEqual([true, true])
    expect(await accepts('ada', 'analytical 1')).toEqual([false, false])
    // Disabled, expired, without a password, not there.
    expect(await accepts('locked', 'Locked Out 4')).toEqual([false, false])
    expect(await accepts('expired', 'Ended 2020')).toEqual([false, false])
    expect(await accepts('nobody', 'x')).toEqual([false, false])
    expect(await accepts('nobody.at.all', 'x')).toEqual([false, false])
  })
})

describe('groups', () => {
  test('hold people and groups, nested and in circles', async () => {
    const [engines] = await find(client, groups, '(cn=Engines)')
    expect(valuesOf(engines, 'member')).toEqual([`cn=Mills,${groups}`, `uid=ada,${people}`])
    const within = (cn: string) => logins(`(memberOf:${IN_CHAIN}:=cn=${cn},${groups})`)
    expect(await within('Engines')).toEqual(['ada', 'charles', 'juergen', 'locked'])
    expect(await within('Hen')).toEqual(['madonna'])
    expect(await names(groups, `(member=uid=juergen,${people})`)).toEqual(['Gears Cogs'])
    expect(await names(groups, `(member:${IN_CHAIN}:=uid=juergen,${people})`)).toEqual(
      expect.arrayContaining(['Engines', 'Gears Cogs', 'Mills']),
    )
  })

  test('of many members are whole', async () => {
    const [large] = await find(client, groups, `(cn=${LARGE_GROUP.cn})`)
    expect(valuesOf(large, 'member')).toHaveLength(LARGE_GROUP.size)
    const members = await find(client, contacts, `(memberOf=cn=${LARGE_GROUP.cn},${groups})`, { paged: true })
    expect(members).toHaveLength(LARGE_GROUP.size)
  })
})

test('over SCIM, who is disabled is not active, and accounts that expire say when', async () => {
  const gateway = await createGateway(mappingFile('active-directory/gateway.yaml'), {
    overrides: {
      listen: { ldap: '127.0.0.1:0', http: '127.0.0.1:0' },
      log: { level: 'silent' },
      scim: {
        tokens: [{ name: 'test', token: '{CLEARTEXT}token-of-the-tests', as: reader.dn, scopes: '*' }],
      },
    },
  })
  try {
    const { http } = await gateway.listen()
    const users = async (filter: string) => {
      const query = new URLSearchParams({ filter, sortBy: 'userName' })
      const answer = await fetch(`http://${http?.host}:${http?.port}/scim/v2/Users?${query}`, {
        headers: { authorization: 'Bearer token-of-the-tests' },
      })
      return ((await answer.json()) as { Resources?: readonly Record<string, unknown>[] }).Resources ?? []
    }
    const own = 'urn:vitrine:scim:schemas:active-directory:2.0:User'
    const names = async (filter: string) =>
      (await users(filter)).map(({ userName }) => userName).filter(isOurs)
    expect(await names('active eq false and name.familyName pr')).toEqual(['locked', 'nobody'])
    expect(await names(`${own}:accountExpires pr`)).toEqual(['expired', 'juergen'])
    expect(await names(`${own}:accountExpires lt "2026-01-01T00:00:00Z"`)).toEqual(['expired'])
    expect((await users('userName eq "JUERGEN"'))[0]).toMatchObject({
      active: true,
      groups: [{ display: 'Gears Cogs' }],
      [own]: {
        accountExpires: expect.stringMatching(/^2099-01-01T00:00:00(\.0+)?Z$/),
        passwordNeverExpires: false,
      },
    })
  } finally {
    await gateway.close()
  }
})

describe('a controller that gives 1500 members at a time', () => {
  let limit: ValueLimit
  let own: Served

  beforeAll(async () => {
    limit = await limitValues(await activeDirectory())
    own = await serveFile(unencrypted(folder), { sources: { ad: { url: limit.url } } })
  })

  afterAll(async () => {
    await own?.close()
    await limit?.close()
  })

  test('all of them are shown, and each is found', async () => {
    const client = own.connect()
    await client.bind(reader.dn, reader.password)
    const [large] = await find(client, groups, `(cn=${LARGE_GROUP.cn})`, { attributes: ['member'] })
    expect(new Set(valuesOf(large, 'member')).size).toBe(LARGE_GROUP.size)
    for (const partner of ['Partner 1', `Partner ${LARGE_GROUP.size}`]) {
      expect(valuesOf((await find(client, groups, `(member=cn=${partner},${contacts})`))[0], 'cn')).toEqual([
        LARGE_GROUP.cn,
      ])
    }
  })
})
