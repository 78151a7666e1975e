/** A schema extension of one's own: described, checked, kept, searched and changed like the standard's. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, found, refusal, type Service, serveDemo, USER, unique } from './serving.js'

const ACME = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User'

const extension = {
  room: 'B 4.37',
  badgeNumber: 3000,
  badgeKey: 'AAEC/w==',
  remote: true,
  hired: '2016-02-23T00:00:00Z',
  desk: { building: 'North', floor: 4 },
  skills: ['fjords', 'Øl'],
  vehicles: [{ plate: 'BG 1', model: 'sledge' }],
}

describe.each(databases)('an extension and %s', (_name, create) => {
  let scim: Service

  beforeAll(async () => {
    scim = await serveDemo(create)
  })
  afterAll(() => scim?.close())

  const made = () => scim.user({ userName: unique('acme'), [ACME]: extension })

  it('is described', async () => {
    const { status, body } = await scim.get(`/Schemas/${ACME}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ id: ACME, name: expect.stringMatching(/./) })
    const described = (name: string, type: string, multiValued: boolean) =>
      expect.objectContaining({ name, type, multiValued })
    expect(body.attributes).toEqual(
      expect.arrayContaining([
        described('room', 'string', false),
        described('badgeNumber', 'integer', false),
        described('badgeKey', 'binary', false),
        described('remote', 'boolean', false),
        described('hired', 'dateTime', false),
        described('desk', 'complex', false),
        described('skills', 'string', true),
        described('vehicles', 'complex', true),
      ]),
    )
    const { body: type } = await scim.get('/ResourceTypes/User')
    expect(type.schemaExtensions).toEqual(
      expect.arrayContaining([{ schema: ACME, required: expect.any(Boolean) }]),
    )
  })

  it('is kept as it came, and named among the schemas only where there is something of it', async () => {
    const user = await made()
    expect(user.schemas).toContain(ACME)
    expect(user[ACME]).toEqual({
      ...extension,
      hired: expect.stringMatching(/^2016-02-23T00:00:00(\.0+)?Z$/),
    })
    expect((await scim.get(`/Users/${user.id}`)).body).toEqual(user)
    const bare = await scim.post('/Users', { schemas: [USER, ACME], userName: unique('acme'), [ACME]: {} })
    expect(bare.status).toBe(201)
    expect(bare.body).not.toHaveProperty([ACME])
  })

  it.each([
    ['a number for a text', { room: 0 }],
    ['no time', { hired: 'tomorrow' }],
    ['a date for a time', { hired: '2020-09-09' }],
    ['one value for several', { skills: 'fjords' }],
    ['a list with a number in it', { skills: ['fjords', 5] }],
    ['a text for a number', { badgeNumber: '3000' }],
    ['a fraction', { badgeNumber: 3.5 }],
    ['a number that is too large', { badgeNumber: 1e300 }],
    ['a text for truth', { remote: 'true' }],
    ['no base64', { badgeKey: '***' }],
    ['a text for a complex value', { desk: 'North 4' }],
    ['a part of the wrong type', { desk: { floor: 'fourth' } }],
    ['one element for several', { vehicles: { plate: 'BG 1' } }],
    ['no object', 'x'],
  ])('is refused with %s', async (_what, value) => {
    const userName = unique('acme')
    const answer = await scim.post('/Users', { schemas: [USER, ACME], userName, [ACME]: value })
    expect(answer).toMatchObject(refusal(400, 'invalidValue'))
    expect(await found(scim, '/Users', `userName eq "${userName}"`)).toEqual([])
  })

  it('is refused with what it does not know', async () => {
    const unknown = {
      schemas: [USER, ACME],
      userName: unique('acme'),
      [ACME]: { skills: ['x'], unknown: 'y' },
    }
    expect(await scim.post('/Users', unknown)).toMatchObject(refusal(400, 'invalidSyntax'))
    const { id } = await made()
    const value = { [ACME]: { unknown: 'y' } }
    expect(await scim.patch(`/Users/${id}`, [{ op: 'add', value }])).toMatchObject(
      refusal(400, 'invalidPath'),
    )
  })

  it('is changed with and without a path', async () => {
    const { id } = await made()
    const { status, body, text } = await scim.patch(`/Users/${id}`, [
      { op: 'replace', value: { [ACME]: { skills: ['a'] } } },
      { op: 'add', value: { [ACME]: { skills: ['b'] } } },
      { op: 'add', path: ACME, value: { skills: ['c'] } },
      { op: 'add', path: `${ACME}:skills`, value: ['d'] },
      { op: 'add', path: `${ACME}:skills`, value: ['e', 'f', 'a'] },
      { op: 'replace', path: `${ACME}:badgeNumber`, value: 1 },
      { op: 'remove', path: `${ACME}:room` },
      { op: 'replace', path: `${ACME}:desk.floor`, value: 7 },
      { op: 'add', path: `${ACME}:vehicles`, value: [{ plate: 'BG 2', model: 'kayak' }] },
      { op: 'replace', path: `${ACME}:vehicles[plate eq "BG 1"].model`, value: 'bike' },
      { op: 'replace', path: `${ACME.toUpperCase()}:REMOTE`, value: false },
    ])
    expect(status, text).toBe(200)
    const changed = body[ACME]
    expect(changed).toMatchObject({ badgeNumber: 1, remote: false, desk: { building: 'North', floor: 7 } })
    expect(changed).not.toHaveProperty('room')
    expect(changed).toMatchObject({ skills: expect.arrayContaining(['a', 'b', 'c', 'd', 'e', 'f']) })
    expect(changed).toMatchObject({ skills: { length: 6 } })
    expect(changed).toMatchObject({
      vehicles: expect.arrayContaining([
        expect.objectContaining({ plate: 'BG 1', model: 'bike' }),
        expect.objectContaining({ plate: 'BG 2', model: 'kayak' }),
      ]),
    })
    expect((await scim.get(`/Users/${id}`)).body).toEqual(body)
    const gone = await scim.patch(`/Users/${id}`, [
      { op: 'remove', path: `${ACME}:skills` },
      { op: 'remove', path: ACME },
    ])
    expect(gone.status).toBe(200)
    expect(gone.body).not.toHaveProperty([ACME])
    expect(gone.body.schemas).not.toContain(ACME)
  })

  it('is searched, chosen and left out', async () => {
    const badgeNumber = 700_000 + Math.floor(performance.now())
    const { id } = await scim.user({ userName: unique('acme'), [ACME]: { ...extension, badgeNumber } })
    for (const filter of [
      `${ACME}:badgeNumber eq ${badgeNumber}`,
      `${ACME}:badgeNumber ge ${badgeNumber} and ${ACME}:badgeNumber le ${badgeNumber}`,
      `id eq "${id}" and ${ACME}:skills eq "fjords"`,
      `id eq "${id}" and ${ACME}:remote eq true`,
      `id eq "${id}" and ${ACME}:hired lt "2016-02-24T00:00:00Z"`,
      `id eq "${id}" and ${ACME}:desk.floor gt 3`,
      `id eq "${id}" and ${ACME}:vehicles[plate eq "bg 1" and model co "led"]`,
      `id eq "${id}" and schemas eq "${ACME}"`,
    ]) {
      expect(await found(scim, '/Users', filter), filter).toEqual([id])
    }
    const chosen = await scim.get(`/Users/${id}`, { attributes: `${ACME}:room,${ACME}:desk.floor` })
    expect(chosen.body).toEqual({
      schemas: [USER, ACME],
      id,
      [ACME]: { room: extension.room, desk: { floor: 4 } },
    })
    const whole = await scim.get(`/Users/${id}`, { attributes: ACME })
    expect(whole.body[ACME]).toMatchObject({ room: extension.room, skills: extension.skills })
    expect(whole.body).not.toHaveProperty('userName')
    const left = await scim.get(`/Users/${id}`, { excludedAttributes: `${ACME}:skills,${ACME}:vehicles` })
    expect(left.body[ACME]).not.toHaveProperty('skills')
    expect(left.body[ACME]).toMatchObject({ room: extension.room })
  })
})
