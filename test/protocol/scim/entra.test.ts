/** What Microsoft Entra asks of a SCIM service: its test collection, its validator, and what its provisioning sends. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { employee } from './persons.js'
import {
  databases,
  ENTERPRISE,
  found,
  GROUP,
  refusal,
  type Service,
  serveDemo,
  USER,
  unique,
  values,
} from './serving.js'

describe.each(databases)('the Microsoft collection and %s', (_name, create) => {
  let scim: Service

  beforeAll(async () => {
    scim = await serveDemo(create)
  })
  afterAll(() => scim?.close())

  it('tells what it is', async () => {
    const types = await scim.get('/ResourceTypes')
    expect(types.status).toBe(200)
    expect(types.body.Resources?.[0]).toMatchObject({ endpoint: '/Users' })
    const config = await scim.get('/ServiceProviderConfig')
    expect(config.status).toBe(200)
    expect(config.body).toMatchObject({ patch: { supported: true } })
    const schemas = await scim.get('/Schemas')
    expect(schemas.status).toBe(200)
    expect(schemas.text).toContain('User Account')
  })

  it('takes attribute names in any case, and an extension that has nothing', async () => {
    const login = unique('entra')
    const { status, body } = await scim.post(
      '/Users',
      {
        UserName: login,
        ACTIVE: true,
        displayName: 'Kim',
        schemas: [ENTERPRISE, USER],
        externalId: '{{guid}}',
        Name: { Formatted: 'Kim B', FAMILYNAME: 'Barker', givenname: 'Kim' },
        emails: [
          { Primary: true, Type: 'work', VALUE: 'not an address' },
          { Primary: false, type: 'home', value: 'kim@example.org' },
        ],
        [ENTERPRISE.toUpperCase()]: { Department: 'Kennels' },
      },
      { headers: { 'content-type': 'application/json' } },
    )
    expect(status).toBe(201)
    expect(body).toMatchObject({
      userName: login,
      active: true,
      name: { formatted: 'Kim B', familyName: 'Barker', givenName: 'Kim' },
      emails: [
        { primary: true, type: 'work', value: 'not an address' },
        { type: 'home', value: 'kim@example.org' },
      ],
      [ENTERPRISE]: { department: 'Kennels' },
    })
    expect(body.schemas).toEqual(expect.arrayContaining([USER, ENTERPRISE]))
  })

  it('makes users who have all but the user name in common, and finds them', async () => {
    const prefix = unique('emp')
    const answers = []
    for (const n of [1, 2, 3]) answers.push(await scim.post('/Users', employee(`${prefix}-${n}`)))
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    const ids = answers.map(({ body }) => body.id ?? '').sort()
    expect(answers[0]?.body).toMatchObject({
      name: { formatted: 'Kim the Barker' },
      preferredLanguage: 'xh',
      title: 'Site engineer',
      meta: { resourceType: 'User' },
    })
    expect(answers[0]?.body.meta?.created).not.toMatch(/^2019/)
    expect(answers[0]?.body).not.toHaveProperty('roles')
    expect(answers[0]?.body.name).not.toHaveProperty('honorificPrefix')
    expect(values(answers[0]?.body.emails)).toEqual(['kim.barker@example.com', 'kim.barker@example.net'])
    expect(answers[0]?.body.addresses).toHaveLength(2)
    expect(answers[0]?.body.addresses?.[1]).toEqual({
      formatted: '3 Cavendish Road\nPaget PG 04',
      type: 'other',
      primary: false,
    })

    const among = (filter: string) => found(scim, '/Users/', `(${filter}) and userName sw "${prefix}"`)
    for (const filter of [
      'DisplayName eq "Kim Barker"',
      'name.FamilyName eq "Barker" and (emails.Value co "example.com" or emails.Value co "example.org")',
      'meta.Created gt "2015-10-10T14:38:21.8617979-07:00"',
      'ActiVe eq true and (meta.lastmodified ge "0001-01-03T00:00:00.0000000Z" and meta.lastmodified le "9999-12-31T23:59:59Z")',
    ]) {
      expect([...(await among(filter))].sort(), filter).toEqual(ids)
    }
    expect(await among('meta.Created lt "2015-10-10T14:38:21.8617979-07:00"')).toEqual([])
  })

  it('refuses a second user of the same name, one without a name, and what is no JSON', async () => {
    const login = unique('entra')
    await scim.user(employee(login))
    const again = await scim.post('/Users', employee(login))
    expect(again).toMatchObject(refusal(409, 'uniqueness'))
    expect(again.body.detail).toMatch(/./)
    const nameless = await scim.post('/Users', { ...employee(login), userName: undefined })
    expect(nameless).toMatchObject(refusal(400, 'invalidValue'))
    const junk = await scim.request('POST', '/Users', '{"acve": tre, "adresses": [{"cou')
    expect(junk).toMatchObject(refusal(400, 'invalidSyntax'))
  })

  it('replaces a user, and wants its user name then', async () => {
    const login = unique('entra')
    const { id } = await scim.user(employee(login))
    const { userName: _, ...nameless } = employee(login)
    expect(await scim.put(`/Users/${id}`, nameless)).toMatchObject(refusal(400, 'invalidValue'))
    const moved = { type: 'work', country: 'Germany', streetAddress: 'Hauptstraße 1' }
    const put = await scim.put(`/Users/${id}`, {
      ...employee(login),
      id,
      active: false,
      addresses: [moved],
      name: { formatted: 'Somebody New', familyName: 'Barker', givenName: 'Kim' },
    })
    expect(put.status).toBe(200)
    const { body } = await scim.get(`/Users/${id}`)
    expect(body).toMatchObject({ id, userName: login, active: false, name: { formatted: 'Somebody New' } })
    expect(body.addresses).toEqual([expect.objectContaining(moved)])
  })

  it('changes a user by operations whose names are in any case', async () => {
    const login = unique('entra')
    const { id } = await scim.user(employee(login))
    const renamed = unique('renamed')
    for (const operation of [
      { op: 'Replace', path: 'userName', value: renamed },
      { op: 'REPLACE', path: 'Active', value: false },
      { op: 'Add', path: 'nickName', value: 'Babs' },
      { name: 'addTitle', op: 'add', path: 'title', value: 'Boss' },
    ]) {
      expect([200, 204]).toContain((await scim.patch(`/Users/${id}`, [operation])).status)
    }
    expect((await scim.get(`/Users/${id}`)).body).toMatchObject({
      userName: renamed,
      active: false,
      nickName: 'Babs',
      title: 'Boss',
    })
    expect(await found(scim, '/Users', `userName eq "${login}"`)).toEqual([])
    expect(await scim.patch(`/Users/${id}`, [{ op: 'move', path: 'title', value: 'x' }])).toMatchObject(
      refusal(400, 'invalidSyntax'),
    )
  })

  it('shows chosen attributes, also where a filter stands among them', async () => {
    const login = unique('entra')
    const { id } = await scim.user(employee(login))
    const filter = `userName eq "${login}"`
    const { body } = await scim.get('/Users', { filter, attributes: 'userName,emails' })
    expect(body.Resources).toEqual([
      { schemas: expect.arrayContaining([USER]), id, userName: login, emails: expect.anything() },
    ])
    for (const attributes of ['emails[type eq "work"]', 'emails[value eq "kim.barker@example.com"]']) {
      const answer = await scim.get('/Users', { filter, attributes })
      expect(answer.status, attributes).toBe(200)
      expect(answer.text).toContain('kim.barker@example.com')
    }
  })

  it('keeps groups: empty, filled, replaced, their members added and removed', async () => {
    const [one, two] = await Promise.all([1, 2].map(() => scim.user(employee(unique('entra')))))
    if (one === undefined || two === undefined) throw new Error('two users were made')
    const empty = await scim.post('/Groups', {
      externalId: '{{guid}}',
      schemas: [GROUP],
      displayName: unique('Entra Group'),
      members: [],
    })
    expect(empty.status).toBe(201)
    const filled = await scim.post('/Groups', {
      externalId: '{{guid}}',
      schemas: [GROUP, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      displayName: unique('Entra Group'),
      members: [{ value: one.id, display: 'VP' }],
      meta: { resourceType: 'Group' },
    })
    expect(filled.status).toBe(201)
    expect(values(filled.body.members)).toEqual([one.id])
    const { id } = empty.body
    const name = unique('Entra Renamed')
    const put = await scim.put(`/Groups/${id}`, {
      schemas: [GROUP],
      id,
      displayName: name,
      members: [
        { value: one.id, display: 'VP' },
        { value: two.id, display: 'SVP' },
      ],
    })
    expect(put.status).toBe(200)
    const members = async () => values((await scim.get(`/Groups/${id}`)).body.members)
    expect(await members()).toEqual([one.id, two.id].sort())

    const steps = [
      [{ op: 'remove', path: `members[value eq "${two.id}"]` }, [one.id]],
      [
        { name: 'addMember', op: 'Add', path: 'members', value: [{ $ref: null, value: two.id }] },
        [one.id, two.id],
      ],
      [{ op: 'Add', path: 'members', value: [{ displayName: 'again', value: two.id }] }, [one.id, two.id]],
      [{ op: 'Remove', path: 'members', value: [{ $ref: null, value: one.id }] }, [two.id]],
      [{ op: 'Remove', path: 'members' }, []],
    ] as const
    for (const [operation, expected] of steps) {
      expect([200, 204]).toContain((await scim.patch(`/Groups/${id}`, [operation])).status)
      expect(await members(), JSON.stringify(operation)).toEqual([...expected].sort())
    }

    expect(await scim.get(`/Groups/${id}`, { excludedAttributes: 'members' })).toMatchObject({ status: 200 })
    const list = await scim.get('/Groups', {
      excludedAttributes: 'members',
      filter: `displayName eq "${name}"`,
    })
    expect(list.body.Resources).toEqual([expect.not.objectContaining({ members: expect.anything() })])
    for (const group of [empty, filled]) {
      expect((await scim.remove(`/Groups/${group.body.id}`)).status).toBe(204)
    }
  })

  it('asks for a reference by the id it refers to', async () => {
    const boss = await scim.user(employee(unique('entra')))
    const user = await scim.user({
      ...employee(unique('entra')),
      [ENTERPRISE]: { manager: { value: boss.id } },
    })
    const { id } = await scim.group({ displayName: unique('Entra Probe'), members: [{ value: user.id }] })
    expect(await found(scim, '/Groups', `id eq "${id}" and members eq "${user.id}"`)).toEqual([id])
    expect(await found(scim, '/Groups', `id eq "${id}" and members eq "${boss.id}"`)).toEqual([])
    const manager = `${ENTERPRISE}:manager`
    expect(await found(scim, '/Users', `id eq "${user.id}" and ${manager} eq "${boss.id}"`)).toEqual([
      user.id,
    ])
    expect(await found(scim, '/Users', `${manager}.value eq "${boss.id}"`)).toEqual([user.id])
    expect(await found(scim, '/Users', `${manager} eq "${user.id}"`)).toEqual([])
  })

  it('deletes once', async () => {
    const { id } = await scim.user(employee(unique('entra')))
    const { status, text } = await scim.remove(`/Users/${id}`)
    expect({ status, text }).toEqual({ status: 204, text: '' })
    expect(await scim.remove(`/Users/${id}`)).toMatchObject(refusal(404))
    expect(await scim.get(`/Users/${id}`)).toMatchObject(refusal(404))
  })

  it('pays no heed to query parameters it does not know', async () => {
    const answer = await scim.get('/Users?aadOptscim062020', { filter: 'userName eq "nobody"' })
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ totalResults: 0, Resources: [] })
    expect((await scim.get('/Users?AzureAdScimPatch2017&startindex=0&COUNT=1')).status).toBe(200)
  })
})
