/** What Okta asks of a SCIM service: its published checks of a service, and what its provisioning sends. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  databases,
  ERROR,
  GROUP,
  LIST,
  refusal,
  type Service,
  serveDemo,
  USER,
  unique,
  values,
} from './serving.js'

/** The headers of Okta's checks: a GET has a content type, a POST says plain JSON. */
const reading = {
  headers: {
    accept: 'application/scim+json',
    'accept-charset': 'utf-8',
    'content-type': 'application/scim+json; charset=utf-8',
    'user-agent': 'OKTA SCIM Integration',
  },
}
const writing = {
  headers: { accept: 'application/scim+json; charset=utf-8', 'content-type': 'application/json' },
}

function person(login: string) {
  return {
    schemas: [USER],
    userName: login,
    name: { givenName: 'Odile', familyName: 'Kerouac' },
    emails: [{ primary: true, value: login, type: 'work' }],
    displayName: 'Odile Kerouac',
    active: true,
  }
}

describe.each(databases)('Okta and %s', (_name, create) => {
  let scim: Service

  beforeAll(async () => {
    scim = await serveDemo(create)
  })
  afterAll(() => scim?.close())

  it('lists users page by page, each with the attributes it needs', async () => {
    const { status, headers, body } = await scim.get('/Users', { count: 1, startIndex: 1 }, reading)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toMatch(/^application\/scim\+json/)
    expect(body).toMatchObject({
      schemas: [LIST],
      itemsPerPage: 1,
      startIndex: 1,
      totalResults: expect.any(Number),
    })
    const [first, ...others] = body.Resources ?? []
    expect(others).toEqual([])
    const needed = {
      id: expect.stringMatching(/./),
      userName: expect.stringMatching(/./),
      name: { familyName: expect.stringMatching(/./), givenName: expect.stringMatching(/./) },
      active: true,
      emails: expect.arrayContaining([expect.objectContaining({ value: expect.stringMatching(/@/) })]),
    }
    expect(first).toMatchObject(needed)
    const same = await scim.get(`/Users/${first?.id}`, {}, reading)
    expect(same.status).toBe(200)
    expect(same.body).toMatchObject(needed)
    expect(same.body.id).toBe(first?.id)
  })

  it('answers its connection tests', async () => {
    for (const [path, query] of [
      ['/Users', { startIndex: 1, count: 2 }],
      ['/Groups', { startIndex: 1, count: 100 }],
    ] as const) {
      const { status, body } = await scim.get(path, query, reading)
      expect(status).toBe(200)
      expect(body.schemas).toContain(LIST)
      expect(body.Resources?.length).toBe(Math.min(query.count, body.totalResults ?? 0))
    }
  })

  it('finds nobody under an unknown user name, as an empty list', async () => {
    const { status, body } = await scim.get(
      '/Users',
      { filter: 'userName eq "nobody.here@example.net"', startIndex: 1, count: 100 },
      reading,
    )
    expect(status).toBe(200)
    expect(body).toMatchObject({ schemas: [LIST], totalResults: 0, Resources: [] })
  })

  it.each(['00919288221112222', 'user-that-does-not-exist', '0', 'a'.repeat(200)])(
    'has no user %s, and says so as SCIM does',
    async (id) => {
      const answer = await scim.get(`/Users/${id}`, {}, reading)
      expect(answer).toMatchObject(refusal(404))
      expect(answer.body.detail).toMatch(/./)
    },
  )

  it('creates a user once, and finds it however its name is written', async () => {
    const login = `${unique('okta')}@example.com`
    const created = await scim.post('/Users', person(login), writing)
    expect(created.status).toBe(201)
    expect(created.body).toMatchObject({
      schemas: expect.arrayContaining([USER]),
      id: expect.stringMatching(/./),
      userName: login,
      name: { givenName: 'Odile', familyName: 'Kerouac' },
      emails: [{ primary: true, value: login, type: 'work' }],
      displayName: 'Odile Kerouac',
      active: true,
    })
    expect(created.headers.get('location')).toBe(`${scim.base}/Users/${created.body.id}`)
    expect((await scim.get(`/Users/${created.body.id}`, {}, reading)).body).toEqual(created.body)

    const again = await scim.post(
      '/Users',
      { ...person(login), emails: [{ value: 'other@example.com', type: 'work' }] },
      writing,
    )
    expect(again).toMatchObject(refusal(409, 'uniqueness'))
    expect(again.body.detail).toMatch(/./)
    const shouted = await scim.post('/Users', person(login.toUpperCase()), writing)
    expect(shouted).toMatchObject(refusal(409, 'uniqueness'))

    const { status, body } = await scim.get(
      '/Users',
      { filter: `userName eq "${login.toUpperCase()}"` },
      reading,
    )
    expect(status).toBe(200)
    expect(body).toMatchObject({ totalResults: 1, Resources: [{ id: created.body.id, userName: login }] })
  })

  it('lists groups with their members in time', async () => {
    const begun = performance.now()
    const { status, body } = await scim.get('/Groups', {}, reading)
    expect(status).toBe(200)
    expect(body.totalResults).toBeGreaterThan(0)
    expect(body.Resources?.some(({ members }) => (members?.length ?? 0) > 0)).toBe(true)
    expect(performance.now() - begun).toBeLessThan(5000)
  })

  it('refuses what is no token, as SCIM does', async () => {
    const answer = await scim.get(
      '/Users',
      { filter: 'userName eq "OKTA@EXAMPLE.COM"' },
      { ...reading, authorization: 'non-token' },
    )
    expect(answer).toMatchObject(refusal(401))
    expect(answer.body.detail).toMatch(/./)
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer\b/)
  })

  it('takes back what it has shown, with one thing changed', async () => {
    const login = `${unique('okta')}@example.com`
    const { body: shown } = await scim.post(
      '/Users',
      {
        ...person(login),
        locale: 'en-US',
        externalId: '00u1f96ECLNVOKVMUSEA',
        groups: [],
        password: 'fJ8!kklasd',
        title: 'Ingénieure',
        phoneNumbers: [{ value: '+33 1 555 0100', type: 'work' }],
      },
      writing,
    )
    expect(shown).not.toHaveProperty('password')
    const replaced = await scim.put(
      `/Users/${shown.id}`,
      { ...shown, name: { ...shown.name, givenName: 'Odette' }, password: 'fJ8!kklasd' },
      writing,
    )
    expect(replaced.status).toBe(200)
    expect({ ...replaced.body, meta: undefined, name: undefined }).toEqual({
      ...shown,
      meta: undefined,
      name: undefined,
    })
    expect(replaced.body.name).toMatchObject({ givenName: 'Odette', familyName: 'Kerouac' })
    expect((await scim.get(`/Users/${shown.id}`)).body).toEqual(replaced.body)
  })

  it('deactivates and reactivates, with and without a path', async () => {
    const { id } = await scim.user(person(`${unique('okta')}@example.com`))
    for (const [operation, active] of [
      [{ op: 'replace', value: { active: false } }, false],
      [{ op: 'replace', value: { active: true } }, true],
      [{ op: 'replace', path: 'active', value: false }, false],
      [{ op: 'replace', path: 'active', value: false }, false],
    ] as const) {
      const answer = await scim.patch(`/Users/${id}`, [operation], writing)
      expect(answer.status).toBe(200)
      expect(answer.body).toMatchObject({ id, active })
      expect((await scim.get(`/Users/${id}`)).body.active).toBe(active)
    }
    expect(
      (await scim.get('/Users', { filter: `id eq "${id}" and active eq false` })).body.totalResults,
    ).toBe(1)
  })

  it('pushes a group: makes it, renames it, changes and replaces its members, deletes it', async () => {
    const [ana, ben, cai] = await Promise.all(
      ['ana', 'ben', 'cai'].map((name) => scim.user(person(`${unique(name)}@example.com`))),
    )
    if (ana === undefined || ben === undefined || cai === undefined) throw new Error('three users were made')
    const members = async () => values((await scim.get(`/Groups/${id}`)).body.members)
    const name = unique('Okta Push')
    const { id, ...group } = await scim.group({
      displayName: name,
      members: [{ value: ana.id, display: ana.userName }],
    })
    expect(group).toMatchObject({ schemas: [GROUP], displayName: name, members: [{ value: ana.id }] })

    const renamed = await scim.patch(`/Groups/${id}`, [
      { op: 'replace', value: { id, displayName: `${name} II` } },
    ])
    expect(renamed.status).toBe(200)
    expect(renamed.body).toMatchObject({ id, displayName: `${name} II` })
    const search = { filter: `displayName eq "${name} II"`, startIndex: 1, count: 100 }
    expect((await scim.get('/Groups', search)).body).toMatchObject({ totalResults: 1, Resources: [{ id }] })

    const added = [ben, cai].map((user) => ({ value: user.id, display: user.userName }))
    await scim.patch(`/Groups/${id}`, [{ op: 'add', path: 'members', value: added }])
    expect(await members()).toEqual([ana.id, ben.id, cai.id].sort())
    const leave = [{ op: 'remove', path: `members[value eq "${ana.id}"]` }]
    expect((await scim.patch(`/Groups/${id}`, leave)).status).toBe(200)
    expect(await members()).toEqual([ben.id, cai.id].sort())

    await scim.patch(`/Groups/${id}`, [{ op: 'replace', path: 'members', value: [{ value: ana.id }] }])
    expect(await members()).toEqual([ana.id])
    const put = await scim.put(`/Groups/${id}`, {
      schemas: [GROUP],
      id,
      displayName: name,
      members: [{ value: cai.id, display: cai.userName }],
    })
    expect(put.status).toBe(200)
    expect(put.body.displayName).toBe(name)
    expect(await members()).toEqual([cai.id])

    expect((await scim.get(`/Users/${cai.id}`)).body.groups).toMatchObject([{ value: id, display: name }])
    expect((await scim.remove(`/Groups/${id}`)).status).toBe(204)
    expect((await scim.get(`/Groups/${id}`)).body.schemas).toEqual([ERROR])
    expect((await scim.get(`/Users/${cai.id}`)).body).not.toHaveProperty('groups')
  })
})
