/** The demonstration's company over SCIM: its mapping keeps everything that the standard schemas have, and its own. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { standardSchemas } from '../../src/schema/scim/standard.js'
import { ENTERPRISE_USER, FIDO_DEVICE, FIDO2_DEVICE, GROUP, USER } from '../../src/schema/scim/urns.js'
import {
  type Body,
  databases,
  found,
  people,
  refusal,
  type Service,
  serveDemo,
  unique,
  values,
} from '../protocol/scim/serving.js'
import { checked } from './served.js'

const ACME = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User'

interface Definition {
  readonly name: string
  readonly type: string
  readonly multiValued: boolean
  readonly mutability: string
  readonly subAttributes?: readonly Definition[]
}

describe.each(databases)('on %s', (_name, create) => {
  let scim: Service

  beforeAll(async () => {
    scim = await serveDemo(create)
  })
  afterAll(() => scim?.close())

  /** Everything that a User can hold but references and the password. */
  const everything = (userName: string) => ({
    schemas: [USER, ENTERPRISE_USER, ACME],
    userName,
    externalId: `HR-${userName}`,
    name: {
      formatted: 'Ms. Barbara J Jensen, III',
      familyName: 'Jensen',
      givenName: 'Barbara',
      middleName: 'Jane',
      honorificPrefix: 'Ms.',
      honorificSuffix: 'III',
    },
    displayName: 'Babs Jensen',
    nickName: 'Babs',
    profileUrl: 'https://login.example.com/bjensen',
    title: 'Tour Guide',
    userType: 'Employee',
    preferredLanguage: 'en-US',
    locale: 'en-US',
    timezone: 'America/Los_Angeles',
    active: true,
    emails: [
      { value: 'bjensen@example.com', type: 'work', primary: true, display: 'At work' },
      { value: 'babs@jensen.example', type: 'home' },
    ],
    phoneNumbers: [
      { value: '555-555-5555', type: 'work', primary: true },
      { value: '555-555-4444', type: 'mobile', display: 'In the pocket' },
      { value: '555-555-3333', type: 'satellite' },
    ],
    ims: [{ value: 'someaimhandle', type: 'aim', primary: false }],
    photos: [
      { value: 'https://photos.example.com/profilephoto/72930000000Ccne/F', type: 'photo', primary: true },
      { value: 'https://photos.example.com/profilephoto/72930000000Ccne/T', type: 'thumbnail' },
    ],
    addresses: [
      {
        formatted: '100 Universal City Plaza\nHollywood, CA 91608 USA',
        streetAddress: '100 Universal City Plaza',
        locality: 'Hollywood',
        region: 'CA',
        postalCode: '91608',
        country: 'US',
        type: 'work',
        primary: true,
      },
      { streetAddress: '456 Hollywood Blvd', type: 'home' },
    ],
    entitlements: [{ value: 'laptop', type: 'it', display: 'A laptop', primary: true }],
    roles: [{ value: 'guide', type: 'work', display: 'Guides people', primary: true }],
    x509Certificates: [{ value: 'MIIBszCCAVmgAwIBAgIBATAKBggqhkjOPQQDAg==', type: 'signing', primary: true }],
    [ENTERPRISE_USER]: {
      employeeNumber: '701984',
      costCenter: '4130',
      organization: 'Universal Studios',
      division: 'Theme Park',
      department: 'Tour Operations',
    },
    [ACME]: {
      room: 'B 1.01',
      badgeNumber: 4711,
      badgeKey: 'AAEC/w==',
      remote: false,
      hired: '2026-02-03T00:00:00.000Z',
      desk: { building: 'B', floor: 1 },
      skills: ['first aid', '日本語'],
      vehicles: [{ plate: 'B 4711', model: 'Bus', fuel: 'diesel' }],
    },
  })

  const read = async (path: string) => {
    const { status, text, body } = await scim.get(path)
    expect(status, text).toBe(200)
    return body
  }
  const named = async (path: string, filter: string): Promise<Body & { readonly id: string }> => {
    const { body } = await scim.get(path, { filter })
    const [only] = body.Resources ?? []
    if (only?.id === undefined) throw new Error(`${filter} found nothing`)
    return { ...only, id: only.id }
  }

  test('nothing that applications search by is slow', async () => {
    const { hr } = scim.gateway.config.sources
    process.env.DEMO_DB = hr?.type === 'sql' ? hr.url : ''
    expect(await checked('demo')).toBe('4 views: 0 errors, 0 warnings\n')
  })

  test('a user needs nothing but a userName', async () => {
    const userName = unique('demo')
    const { id } = await scim.user({ userName })
    expect(await read(`/Users/${id}`)).toMatchObject({ schemas: [USER], id, userName, active: true })
  })

  test('a user keeps everything that it is given', async () => {
    const given = everything(unique('demo'))
    const made = await scim.user(given)
    expect(await read(`/Users/${made.id}`)).toMatchObject(given)
  })

  test('a user is replaced whole', async () => {
    const userName = unique('demo')
    const { id } = await scim.user(everything(userName))
    const other = {
      ...everything(userName),
      nickName: 'B.',
      emails: [{ value: 'other@example.com', type: 'other', primary: true }],
    }
    expect((await scim.put(`/Users/${id}`, other)).body).toMatchObject(other)
    await scim.put(`/Users/${id}`, { schemas: [USER], userName })
    const bare = await read(`/Users/${id}`)
    expect(
      Object.keys(bare)
        .filter((name) => !['active', ACME].includes(name))
        .sort(),
    ).toEqual([...['id', 'meta', 'schemas', 'userName']])
  })

  test('an account that is not active cannot log in, and can again once it is', async () => {
    const userName = unique('demo')
    const { id } = await scim.user({ userName, password: 'Notes of 1843' })
    const bind = () => scim.bind(`uid=${userName},${people}`, 'Notes of 1843')
    expect(await bind()).toBe(0)
    await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: false }])
    expect(await bind()).toBe(49)
    await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: true }])
    expect(await bind()).toBe(0)
  })

  test('managers, mentors and groups are references, which end with what they refer to', async () => {
    const boss = await scim.user({ userName: unique('boss'), displayName: 'The Boss' })
    const user = await scim.user({
      userName: unique('demo'),
      [ENTERPRISE_USER]: { manager: { value: boss.id } },
      [ACME]: { mentor: { value: boss.id } },
    })
    const group = await scim.group({ displayName: unique('group'), members: [{ value: boss.id }] })
    expect((await read(`/Users/${user.id}`))[ENTERPRISE_USER]).toMatchObject({
      manager: { value: boss.id, displayName: 'The Boss' },
    })
    expect((await read(`/Users/${user.id}`))[ACME]).toMatchObject({ mentor: { value: boss.id } })
    expect(values((await read(`/Users/${boss.id}`)).groups)).toEqual([group.id])
    expect((await scim.remove(`/Users/${boss.id}`)).status).toBe(204)
    const orphan = await read(`/Users/${user.id}`)
    expect(orphan[ENTERPRISE_USER]).toBeUndefined()
    expect(values((await read(`/Groups/${group.id}`)).members)).toEqual([])
  })

  test('a group needs nothing but a displayName, and holds people and groups', async () => {
    const [inner, user] = [
      await scim.group({ displayName: unique('inner') }),
      await scim.user({ userName: unique('demo') }),
    ]
    const displayName = unique('outer')
    const group = await scim.group({
      displayName,
      externalId: 'G-1',
      members: [{ value: inner.id }, { value: user.id }],
    })
    const body = await read(`/Groups/${group.id}`)
    expect(body).toMatchObject({ schemas: [GROUP], displayName, externalId: 'G-1' })
    expect((body.members ?? []).map((m) => [m.value, m.type]).sort()).toEqual(
      [
        [inner.id, 'Group'],
        [user.id, 'User'],
      ].sort(),
    )
  })

  test('what is deleted is remembered, and its id never given again', async () => {
    const since = new Date(Date.now() - 1000).toISOString()
    const first = await scim.user({ userName: unique('demo') })
    expect((await scim.remove(`/Users/${first.id}`)).status).toBe(204)
    const second = await scim.user({ userName: unique('demo') })
    expect(second.id).not.toBe(first.id)
    const { body } = await scim.get('/Users/.changes', { since })
    expect((body.deleted as readonly Body[]).map(({ id }) => id)).toContain(first.id)
    const group = await scim.group({ displayName: unique('group') })
    await scim.remove(`/Groups/${group.id}`)
    const changes = await scim.get('/Groups/.changes', { since })
    expect((changes.body.deleted as readonly Body[]).map(({ id }) => id)).toContain(group.id)
  })

  test('a change shows in lastModified', async () => {
    const bjensen = await named('/Users', 'userName eq "bjensen"')
    await scim.patch(`/Users/${bjensen.id}`, [{ op: 'add', path: 'nickName', value: 'Barb' }])
    const { meta } = await read(`/Users/${bjensen.id}`)
    expect(Date.parse(meta?.lastModified ?? '')).toBeGreaterThan(Date.parse(bjensen.meta?.lastModified ?? ''))
    expect(Math.abs(Date.now() - Date.parse(meta?.lastModified ?? ''))).toBeLessThan(60_000)
  })

  test('people are found by what provisioning suites and applications ask for', async () => {
    const given = everything(unique('demo'))
    const { id } = await scim.user(given)
    for (const filter of [
      `userName eq "${given.userName.toUpperCase()}"`,
      `externalId eq "${given.externalId}"`,
      'emails[type eq "home" and value eq "babs@jensen.example"]',
      'phoneNumbers[type eq "satellite"]',
      'addresses[locality eq "hollywood" and country eq "US"]',
      `${ENTERPRISE_USER}:department eq "Tour Operations"`,
      `${ACME}:badgeNumber eq 4711`,
      `${ACME}:remote eq false and ${ACME}:desk.floor ge 1`,
      `${ACME}:skills eq "日本語"`,
      `${ACME}:vehicles[fuel eq "diesel" and plate sw "B "]`,
    ]) {
      expect(await found(scim, '/Users', `(${filter}) and id eq "${id}"`), filter).toEqual([id])
    }
    expect(await found(scim, '/Users', `externalId eq "${given.externalId.toLowerCase()}"`)).toEqual([])
  })

  test('the company of LDAP is the company of SCIM', async () => {
    const bjensen = await named('/Users', 'userName eq "bjensen"')
    expect(bjensen).toMatchObject({
      name: { familyName: 'Jensen', givenName: 'Barbara', formatted: 'Barbara Jensen' },
      emails: expect.arrayContaining([
        expect.objectContaining({ value: 'barbara.jensen@example.com', type: 'work', primary: true }),
      ]),
      title: 'VP Engineering',
      active: true,
      [ENTERPRISE_USER]: {
        employeeNumber: '10035',
        department: 'Engineering',
        manager: { displayName: 'Selin Ünal' },
      },
    })
    expect((bjensen.groups ?? []).map((g) => g.display)).toEqual(
      expect.arrayContaining(['everyone', 'engineering']),
    )
    const client = await scim.connect()
    const entries: string[] = []
    for await (const entry of client.search(people, {
      filter: '(objectClass=person)',
      attributes: ['1.1'],
    })) {
      entries.push(entry.dn)
    }
    const { body } = await scim.get('/Users', { count: 0 })
    expect(body.totalResults).toBe(entries.length)
  })

  test('devices are listed, named and removed, and not created', async () => {
    const keys = await scim.get('/FidoDevices', { filter: 'userId eq "bjensen"' })
    expect(keys.body.Resources).toMatchObject([
      { schemas: [FIDO_DEVICE], status: 'active', nickname: 'the blue one', counter: expect.any(Number) },
    ])
    const [key] = keys.body.Resources ?? []
    const changed = await scim.patch(`/FidoDevices/${key?.id}`, [
      { op: 'replace', path: 'status', value: 'compromised' },
      { op: 'replace', path: 'nickname', value: 'the lost one' },
    ])
    expect(changed.body).toMatchObject({ status: 'compromised', nickname: 'the lost one' })
    const enrolled = await scim.patch(`/FidoDevices/${key?.id}`, [
      { op: 'replace', path: 'application', value: 'https://evil.example.com' },
    ])
    expect(enrolled).toMatchObject(refusal(400, 'mutability'))
    expect((await scim.post('/FidoDevices', { schemas: [FIDO_DEVICE] })).status).toBe(405)
    expect((await scim.remove(`/FidoDevices/${key?.id}`)).status).toBe(204)

    const passkeys = await scim.get('/Fido2Devices', { filter: 'deviceData.platform eq "android"' })
    expect(passkeys.body.totalResults).toBeGreaterThan(1)
    expect(passkeys.body.Resources?.[0]).toMatchObject({
      schemas: [FIDO2_DEVICE],
      deviceData: { platform: 'android', osName: 'Android' },
    })
  })

  test('the schemas say all that the standard ones do, and what the company adds', async () => {
    for (const [urn, standard] of standardSchemas) {
      const { body } = await scim.get(`/Schemas/${urn}`)
      const attributes = body.attributes as readonly Definition[]
      for (const { name, type, multiValued, mutability, subAttributes } of standard.attributes) {
        const shown = attributes.find((a) => a.name === name)
        const told = `${urn}:${name}`
        expect(shown, told).toMatchObject({ name, type, multiValued })
        if (mutability !== 'immutable') expect(shown?.mutability, told).toBe(mutability)
        expect((shown?.subAttributes ?? []).map((s) => s.name).sort(), told).toEqual(
          (subAttributes ?? []).map((s) => s.name).sort(),
        )
      }
    }
    const { body } = await scim.get(`/Schemas/${ACME}`)
    const types = (body.attributes as readonly Definition[]).map((a) => [
      `${a.name}${a.multiValued ? '[]' : ''}`,
      a.type,
    ])
    expect(Object.fromEntries(types)).toEqual({
      room: 'string',
      badgeNumber: 'integer',
      badgeKey: 'binary',
      remote: 'boolean',
      hired: 'dateTime',
      desk: 'complex',
      mentor: 'complex',
      'skills[]': 'string',
      'vehicles[]': 'complex',
    })
  })
})
