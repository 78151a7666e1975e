/** An Active Directory domain behind the gateway, read and written over SCIM, and asked over LDAP. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'ldapts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGateway } from '../../../src/index.js'
import { adPeople, adPersonDn, adService, LARGE_GROUP } from '../../data/active-directory.js'
import { mappingFile } from '../../mappings/databases.js'
import { unencrypted } from '../../mappings/unencrypted.js'
import type { Domain } from '../../servers/samba.js'
import { activeDirectory } from '../../servers/shared.js'
import { limitValues } from '../../servers/value-limit.js'
import { overrides } from './directory.js'
import {
  groups,
  people,
  refusal,
  type Served,
  serveScim,
  suffix,
  TOKEN,
  USER,
  unique,
  values,
} from './serving.js'

const OWN = 'urn:vitrine:scim:schemas:active-directory:2.0:User'
const IN_CHAIN = '1.2.840.113556.1.4.1941'
const folder = mkdtempSync(join(tmpdir(), 'vitrine-domain-'))

let domain: Domain
let service: Served
let admin: Client
const made = new Set<string>()

interface Account {
  readonly dn: string
  readonly password: string
}

/** @param plainUrl of what stands before the controller and does not encrypt */
async function serve(account: Account, plainUrl?: string) {
  const ca = join(folder, 'ca.pem')
  writeFileSync(ca, domain.ca)
  Object.assign(process.env, {
    AD_URL: plainUrl ?? domain.secureUrl,
    AD_CA: ca,
    AD_BIND_DN: account.dn,
    AD_BIND_PASSWORD: account.password,
    AD_BASE: domain.suffix,
    BIND_PASSWORD: 'for the applications',
  })
  const file = plainUrl === undefined ? mappingFile('active-directory/gateway.yaml') : unencrypted(folder)
  return serveScim(await createGateway(file, { overrides }), TOKEN)
}

beforeAll(async () => {
  domain = await activeDirectory()
  admin = new Client({ url: domain.secureUrl, tlsOptions: { ca: domain.ca } })
  await admin.bind(domain.rootDn, domain.rootPassword)
  service = await serve({ dn: domain.rootDn, password: domain.rootPassword })
})

afterAll(async () => {
  for (const path of made) await service.remove(path)
  await service?.close()
  await admin?.unbind()
  rmSync(folder, { recursive: true })
})

const read = async (dn: string, ...attributes: readonly string[]) =>
  (await admin.search(dn, { scope: 'base', attributes: [...attributes] })).searchEntries[0]
const one = async (path: string, filter: string) =>
  (await service.get(path, { filter })).body.Resources?.[0] ?? {}
const login = (uid: string, password: string) => service.bind(`uid=${uid},${people}`, password)

/** A user that goes when the tests are over. */
async function make(attributes: Readonly<Record<string, unknown>> = {}) {
  const userName = unique('scim')
  const user = await service.user({
    userName,
    name: { formatted: userName, familyName: 'Scim', givenName: 'Sue' },
    password: 'Passwords 1',
    ...attributes,
  })
  const path = `/Users/${user.id}`
  made.add(path)
  return { ...user, userName, path }
}

describe('people', () => {
  it('are the accounts of persons, and active unless they are disabled', async () => {
    const { body } = await service.get('/Users', { filter: 'name.familyName pr', count: 100 })
    const active = new Map((body.Resources ?? []).map((user) => [user.userName, user.active]))
    for (const { login, disabled } of adPeople) expect(active.get(login)).toBe(disabled !== true)
    expect(await one('/Users', 'userName eq "ada"')).toMatchObject({ active: true })
    const disabled = await service.get('/Users', { filter: 'active eq false and name.familyName pr' })
    expect(disabled.body.Resources?.map(({ userName }) => userName).sort()).toEqual(['locked', 'nobody'])
  })

  it('have the GUID as id, and the times of Active Directory', async () => {
    const { searchEntries } = await admin.search(adPersonDn('ada'), {
      scope: 'base',
      attributes: ['objectGUID', 'whenChanged', 'whenCreated'],
      explicitBufferAttributes: ['objectGUID'],
    })
    const whenChanged = searchEntries[0]?.whenChanged
    const guid = searchEntries[0]?.objectGUID as Buffer
    const hex = Buffer.concat([
      guid.subarray(0, 4).reverse(),
      guid.subarray(4, 6).reverse(),
      guid.subarray(6, 8).reverse(),
      guid.subarray(8),
    ]).toString('hex')
    const ada = await one('/Users', 'userName eq "ada"')
    expect(ada.id).toBe(hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'))
    expect(ada.meta?.lastModified?.replace(/\D/g, '').slice(0, 14)).toBe(String(whenChanged).slice(0, 14))
    expect(await service.get(`/Users/${ada.id}`)).toMatchObject({ status: 200, body: { userName: 'ada' } })
    expect(await one('/Users', `id eq "${ada.id}"`)).toMatchObject({ userName: 'ada' })
  })

  it('say when their accounts expire, if ever', async () => {
    const expires = async (userName: string) => {
      const user = await one('/Users', `userName eq "${userName}"`)
      return (user[OWN] as { accountExpires?: string } | undefined)?.accountExpires
    }
    expect(await expires('ada')).toBeUndefined()
    expect(await expires('charles')).toBeUndefined()
    expect(await expires('juergen')).toMatch(/^2099-01-01T00:00:00(\.0+)?Z$/)
  })

  it('log in by sAMAccountName and by userPrincipalName, if they are enabled', async () => {
    expect(await login('ada', 'Analytical 1')).toBe(0)
    expect(await service.bind(`uid=ada@ad.example.net,ou=principals,${suffix}`, 'Analytical 1')).toBe(0)
    expect(await login('ada', 'analytical 1')).toBe(49)
    expect(await login('locked', 'Locked Out 4')).toBe(49)
    expect(await login('expired', 'Ended 2020')).toBe(49)
  })
})

describe('groups', () => {
  it('hold people and groups, and are found by either', async () => {
    const engines = await one('/Groups', 'displayName eq "engines"')
    const [ada, mills] = [
      await one('/Users', 'userName eq "ada"'),
      await one('/Groups', 'displayName eq "Mills"'),
    ]
    expect(values(engines.members)).toEqual([ada.id, mills.id].sort())
    expect(ada.groups).toEqual([expect.objectContaining({ value: engines.id, display: 'Engines' })])
    expect(await one('/Groups', `members.value eq "${ada.id}"`)).toMatchObject({ id: engines.id })
    expect(await one('/Users', `groups.value eq "${engines.id}"`)).toMatchObject({ userName: 'ada' })
  })

  it('nested in each other are asked over LDAP', async () => {
    const client = await service.connect()
    const found = async (base: string, filter: string) =>
      (await client.searchAll(base, { filter, attributes: ['1.1'] })).entries.map(({ dn }) => dn).sort()
    const person = (uid: string) => `uid=${uid},${people}`
    expect(await found(people, `(memberOf:${IN_CHAIN}:=cn=Engines,${groups})`)).toEqual(
      ['ada', 'charles', 'juergen', 'locked'].map(person),
    )
    expect(await found(people, `(memberOf=cn=Engines,${groups})`)).toEqual([person('ada')])
    expect(await found(groups, `(member:${IN_CHAIN}:=${person('juergen')})`)).toEqual(
      expect.arrayContaining(['Engines', 'Gears Cogs', 'Mills'].map((cn) => `cn=${cn},${groups}`)),
    )
  })

  it('of more members than one answer holds are whole', async () => {
    const limit = await limitValues(domain)
    const limited = await serve({ dn: adService.dn, password: adService.password }, limit.url)
    try {
      // Contacts are no resources; a person in the last range is.
      const [ada, juergen] = [
        await one('/Users', 'userName eq "ada"'),
        await one('/Users', 'userName eq "juergen"'),
      ]
      const { id } = await one('/Groups', `displayName eq "${LARGE_GROUP.cn}"`)
      const add = { op: 'add', path: 'members', value: [{ value: ada.id }, { value: juergen.id }] }
      const path = `/Groups/${id}`
      expect(await service.patch(path, [add])).toMatchObject({ status: 204 })
      const { body } = await limited.get(path)
      expect(values(body.members)).toEqual([ada.id, juergen.id].sort())
      const remove = (value: unknown) => ({ op: 'remove', path: `members[value eq "${value}"]` })
      expect(await service.patch(path, [remove(ada.id), remove(juergen.id)])).toMatchObject({ status: 204 })
      expect((await limited.get(path)).body.members).toBeUndefined()
    } finally {
      await limited.close()
      await limit.close()
    }
  })
})

describe('a new user', () => {
  it('is an enabled account with its password', async () => {
    const { userName, id } = await make({
      displayName: 'Sue',
      title: 'Clerk',
      emails: [{ value: 'sue@example.net' }],
    })
    const entry = await read(`CN=${userName},CN=Users,${domain.suffix}`, '*')
    expect(entry).toMatchObject({
      objectClass: ['top', 'person', 'organizationalPerson', 'user'],
      sAMAccountName: userName,
      displayName: 'Sue',
      title: 'Clerk',
      mail: 'sue@example.net',
      userAccountControl: '512',
    })
    expect((await service.get(`/Users/${id}`)).body).toMatchObject({ active: true, userName })
    expect(await login(userName, 'Passwords 1')).toBe(0)
  })

  it('without a password is not active', async () => {
    const { userName } = await make({ password: undefined, active: false })
    expect(await read(`CN=${userName},CN=Users,${domain.suffix}`, 'userAccountControl')).toMatchObject({
      userAccountControl: '514',
    })
  })

  it('with a name that is taken, or a password that is too weak, is refused', async () => {
    const { userName } = await make()
    const taken = { schemas: [USER], userName, name: { formatted: unique('other') }, password: 'Passwords 1' }
    expect(await service.post('/Users', taken)).toMatchObject(refusal(409, 'uniqueness'))
    const weak = {
      schemas: [USER],
      userName: unique('scim'),
      name: { formatted: unique('weak') },
      password: 'x',
    }
    const answer = await service.post('/Users', weak)
    expect(answer).toMatchObject(refusal(400, 'invalidValue'))
    expect(answer.body.detail).toMatch(/password/)
    expect(await one('/Users', `userName eq "${weak.userName}"`)).toEqual({})
  })
})

describe('PATCH', () => {
  it('disables and enables an account, whose other flags stay', async () => {
    const { path, userName } = await make()
    const dn = `CN=${userName},CN=Users,${domain.suffix}`
    const flags = async () => (await read(dn, 'userAccountControl'))?.userAccountControl
    const active = (value: boolean) => service.patch(path, [{ op: 'replace', path: 'active', value }])
    expect(await active(false)).toMatchObject({ status: 200, body: { active: false } })
    expect(await flags()).toBe('514')
    expect(await login(userName, 'Passwords 1')).toBe(49)
    expect(await active(true)).toMatchObject({ status: 200, body: { active: true } })
    expect(await flags()).toBe('512')
    expect(await login(userName, 'Passwords 1')).toBe(0)
  })

  it('sets a password, if the domain takes it', async () => {
    const { path, userName } = await make()
    const set = (value: string) => service.patch(path, [{ op: 'replace', path: 'password', value }])
    expect(await set('Another 2')).toMatchObject({ status: 200 })
    expect(await login(userName, 'Another 2')).toBe(0)
    const answer = await set('x')
    expect(answer).toMatchObject(refusal(400, 'invalidValue'))
    expect(await login(userName, 'Another 2')).toBe(0)
  })

  it('renames an entry, which stays the same', async () => {
    const { path, id, userName } = await make()
    const group = await service.group({ displayName: unique('team'), members: [{ value: id }] })
    made.add(`/Groups/${group.id}`)
    const formatted = unique('Renamed, Sue')
    const answer = await service.patch(path, [
      { op: 'replace', path: 'name.formatted', value: formatted },
      { op: 'replace', path: 'title', value: 'Chief' },
    ])
    expect(answer).toMatchObject({ status: 200, body: { id, userName, title: 'Chief', name: { formatted } } })
    expect(
      await read(`CN=${formatted.replace(',', '\\,')},CN=Users,${domain.suffix}`, 'title'),
    ).toMatchObject({ title: 'Chief' })
    expect(values((await service.get(`/Groups/${group.id}`)).body.members)).toEqual([id])
    const next = unique('scim')
    expect(await service.patch(path, [{ op: 'replace', path: 'userName', value: next }])).toMatchObject({
      status: 200,
      body: { id, userName: next },
    })
    expect(await login(next, 'Passwords 1')).toBe(0)
    expect(await login(userName, 'Passwords 1')).toBe(49)
  })

  it('of members changes a group by what is different', async () => {
    const [one, two, three] = [await make(), await make(), await make()]
    const displayName = unique('team')
    const group = await service.group({ displayName, members: [{ value: one.id }, { value: two.id }] })
    const path = `/Groups/${group.id}`
    made.add(path)
    const answer = await service.patch(`${path}?attributes=members`, [
      { op: 'add', path: 'members', value: [{ value: three.id }] },
      { op: 'remove', path: `members[value eq "${one.id}"]` },
    ])
    expect(values(answer.body.members)).toEqual([two.id, three.id].sort())
    expect((await service.get(`/Users/${three.id}`)).body.groups).toEqual([
      expect.objectContaining({ value: group.id, display: displayName }),
    ])
    expect(await service.patch(path, [{ op: 'remove', path: 'members' }])).toMatchObject({ status: 200 })
    expect((await service.get(path)).body.members).toBeUndefined()
  })

  it('by an account that may not write is refused', async () => {
    const readOnly = await serve(adService)
    try {
      const { path } = await make()
      const refused = refusal(403)
      expect(await readOnly.patch(path, [{ op: 'replace', path: 'title', value: 'x' }])).toMatchObject(
        refused,
      )
      expect(
        await readOnly.patch(path, [{ op: 'replace', path: 'password', value: 'Passwords 9' }]),
      ).toMatchObject(refused)
      expect(await readOnly.remove(path)).toMatchObject(refused)
      const user = {
        schemas: [USER],
        userName: unique('scim'),
        name: { formatted: unique('x') },
        password: 'Passwords 1',
      }
      expect(await readOnly.post('/Users', user)).toMatchObject(refused)
    } finally {
      await readOnly.close()
    }
  })

  it('with a stale version is refused', async () => {
    const { path } = await make()
    const etag = (await service.get(path)).headers.get('etag') ?? ''
    const title = (value: string) =>
      service.patch(path, [{ op: 'replace', path: 'title', value }], { headers: { 'if-match': etag } })
    expect(await title('One')).toMatchObject({ status: 200 })
    expect(await title('Two')).toMatchObject(refusal(412))
  })
})

it('DELETE deletes the account', async () => {
  const { path, userName } = await make()
  made.delete(path)
  expect(await service.remove(path)).toMatchObject({ status: 204 })
  expect(await service.get(path)).toMatchObject(refusal(404))
  expect(await login(userName, 'Passwords 1')).toBe(49)
})
