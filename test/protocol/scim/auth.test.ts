/** Who gets in, and what they may do there: tokens, their scopes, and the access rules behind them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Overrides } from '../../../src/index.js'
import {
  admin,
  BULK,
  databases,
  ENTERPRISE,
  people,
  refusal,
  type Scim,
  SEARCH,
  type Service,
  serveDemo,
  sqlite,
  suffix,
  TOKEN,
  USER,
  unique,
} from './serving.js'

const reader = `cn=reader,${suffix}`
const client = { id: 'provisioner', secret: 'a secret of some length' }

const token = (name: string, as: string, scopes: string | string[]) => ({
  name,
  token: `{CLEARTEXT}token-of-${name}`,
  as,
  scopes,
})

const overrides: Overrides = {
  serviceAccounts: [
    { dn: admin.dn, password: `{CLEARTEXT}${admin.password}` },
    { dn: reader, password: '{CLEARTEXT}reader' },
  ],
  access: [
    { who: admin.dn, allow: ['read', 'search', 'compare', 'write'], views: '*' },
    { who: reader, views: 'people', except: ['employeeNumber', 'title'] },
    { who: 'self', views: 'people', attributes: '*' },
  ],
  scim: {
    anonymousDiscovery: false,
    tokens: [
      { ...token('all', admin.dn, '*'), token: `{CLEARTEXT}${TOKEN}` },
      token('users-read', admin.dn, ['users.read']),
      token('users-write', admin.dn, ['users.write']),
      token('groups', admin.dn, ['groups.read', 'groups.write']),
      token('bulk', admin.dn, ['bulk', 'users.write']),
      token('reader', reader, '*'),
      token('person', `uid=bjensen,${people}`, '*'),
      { ...token('old', admin.dn, '*'), expires: '2020-01-01' },
    ],
    tokenEndpoint: {
      clients: [
        {
          id: client.id,
          secret: `{CLEARTEXT}${client.secret}`,
          as: admin.dn,
          scopes: ['users.read', 'search'],
        },
      ],
    },
  },
}

describe.each(sqlite)('callers of SCIM on %s', (_name, create) => {
  let scim: Service
  let user: string
  let group: string

  beforeAll(async () => {
    scim = await serveDemo(create, overrides)
    user = (await scim.user({ userName: unique('auth') })).id
    group = (await scim.group({ displayName: unique('Auth') })).id
  })
  afterAll(() => scim?.close())

  const by = (name: string): Scim => scim.as(`Bearer token-of-${name}`)

  it.each([
    null,
    '',
    'Bearer',
    'Bearer ',
    'Bearer wrong',
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(0, -1)}`,
    `Bearer ${TOKEN.toUpperCase()}`,
    `Bearer ${TOKEN} ${TOKEN}`,
    `Bearer "${TOKEN}"`,
    `Token ${TOKEN}`,
    TOKEN,
    `Basic ${Buffer.from(`admin:${TOKEN}`).toString('base64')}`,
    'Bearer token-of-old',
    'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiIsInNjb3BlIjoiKiJ9.',
    `Bearer ${'x'.repeat(4000)}`,
  ])('with the Authorization %s are nobody', async (authorization) => {
    for (const [method, path] of [
      ['GET', '/Users'],
      ['GET', `/Users/${user}`],
      ['GET', '/Users/nobody'],
      ['POST', '/Users'],
      ['DELETE', `/Users/${user}`],
      ['POST', '/.search'],
      ['POST', '/Bulk'],
      ['GET', '/Me'],
      ['GET', '/ServiceProviderConfig'],
      ['GET', '/Schemas'],
      ['GET', '/ResourceTypes'],
    ] as const) {
      const body = method === 'POST' ? {} : undefined
      const answer = await scim.request(method, path, body, { authorization })
      expect(answer, `${method} ${path}`).toMatchObject(refusal(401))
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer\b/)
      expect(answer.headers.get('content-type')).toMatch(/^application\/scim\+json/)
    }
  })

  it('name the scheme in any case, and put no token elsewhere', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      const { status } = await scim.get('/Users', { count: 1 }, { authorization: `${scheme} ${TOKEN}` })
      expect(status).toBe(200)
    }
    const elsewhere = await scim.get('/Users', { access_token: TOKEN }, { authorization: null })
    expect(elsewhere).toMatchObject(refusal(401))
  })

  it('may do what their scopes say', async () => {
    const body = () => ({ schemas: [USER], userName: unique('scoped') })
    const rename = [{ op: 'replace', path: 'nickName', value: 'scoped' }]
    const forbidden = async (answer: ReturnType<Scim['get']>) => {
      const { headers, ...rest } = await answer
      expect(rest).toMatchObject(refusal(403))
      expect(headers.get('www-authenticate') ?? 'insufficient_scope').toContain('insufficient_scope')
    }
    const reading = by('users-read')
    expect((await reading.get('/Users', { count: 1 })).status).toBe(200)
    expect((await reading.get(`/Users/${user}`)).status).toBe(200)
    await forbidden(reading.get('/Groups'))
    await forbidden(reading.get(`/Groups/${group}`))
    await forbidden(reading.post('/Users', body()))
    await forbidden(reading.put(`/Users/${user}`, body()))
    await forbidden(reading.patch(`/Users/${user}`, rename))
    await forbidden(reading.remove(`/Users/${user}`))
    await forbidden(reading.post('/.search', { schemas: [SEARCH], count: 1 }))
    await forbidden(reading.post('/Bulk', { schemas: [BULK], Operations: [] }))

    const writing = by('users-write')
    expect((await writing.post('/Users', body())).status).toBe(201)
    expect((await writing.patch(`/Users/${user}`, rename)).status).toBe(200)
    await forbidden(writing.get(`/Users/${user}`))
    await forbidden(writing.get('/Users'))
    await forbidden(writing.remove(`/Groups/${group}`))

    expect((await by('groups').get(`/Groups/${group}`)).status).toBe(200)
    await forbidden(by('groups').get(`/Users/${user}`))

    const operations = [
      { method: 'POST', path: '/Users', bulkId: 'u', data: body() },
      { method: 'DELETE', path: `/Groups/${group}` },
    ]
    const bulk = await by('bulk').post('/Bulk', { schemas: [BULK], Operations: operations })
    expect(bulk.status).toBe(200)
    expect(bulk.body.Operations?.map(({ status }) => status)).toEqual(['201', '403'])
    expect((await scim.get(`/Groups/${group}`)).status).toBe(200)
  })

  it('see and change what the access rules allow', async () => {
    const { id } = await scim.user({
      userName: unique('ruled'),
      title: 'Hidden',
      [ENTERPRISE]: { employeeNumber: unique('H') },
    })
    const { status, body } = await by('reader').get(`/Users/${id}`)
    expect(status).toBe(200)
    expect(body.userName).toMatch(/^ruled/)
    expect(body).not.toHaveProperty('title')
    expect(body[ENTERPRISE] ?? {}).not.toHaveProperty('employeeNumber')
    const guess = await by('reader').get('/Users', { filter: `id eq "${id}" and title eq "Hidden"` })
    expect(guess.body.totalResults ?? 0).toBe(0)
    expect(await by('reader').get('/Groups')).toMatchObject(refusal(403))
    expect(await by('reader').get(`/Groups/${group}`)).toMatchObject(refusal(404))
    const write = { schemas: [USER], userName: unique('ruled') }
    expect(await by('reader').post('/Users', write)).toMatchObject(refusal(403))
    expect((await by('reader').put(`/Users/${id}`, write)).status).toBe(403)
    expect((await by('reader').remove(`/Users/${id}`)).status).toBe(403)
    expect((await scim.get(`/Users/${id}`)).body.title).toBe('Hidden')
  })

  it('who are people find themselves at /Me, and nobody else', async () => {
    const { status, body } = await by('person').get('/Me')
    expect(status).toBe(200)
    expect(body.userName).toBe('bjensen')
    expect((await by('person').get(`/Users/${body.id}`)).status).toBe(200)
    expect((await by('person').get(`/Users/${user}`)).status).toBe(404)
    const operations = [{ op: 'replace', path: 'nickName', value: 'Babs' }]
    expect((await by('person').patch('/Me', operations)).status).toBe(403)
    expect([404, 501]).toContain((await scim.get('/Me')).status)
  })

  describe('that get their token here', () => {
    const ask = async (form: Readonly<Record<string, string>>, authorization?: string) => {
      const response = await fetch(new URL('/oauth/token', scim.base), {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...(authorization !== undefined && { authorization }),
        },
        body: new URLSearchParams(form).toString(),
      })
      const body = (await response.json()) as Readonly<Record<string, unknown>>
      return { status: response.status, headers: response.headers, body }
    }
    const basic = (id: string, secret: string) =>
      `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`
    const grant = { grant_type: 'client_credentials' }

    it('are let in for what it is good for', async () => {
      for (const answer of [
        await ask({ ...grant, client_id: client.id, client_secret: client.secret }),
        await ask({ ...grant, scope: 'users.read' }, basic(client.id, client.secret)),
      ]) {
        expect(answer.status).toBe(200)
        expect(answer.headers.get('cache-control')).toBe('no-store')
        expect(answer.body).toMatchObject({
          token_type: 'Bearer',
          access_token: expect.stringMatching(/./),
          expires_in: expect.any(Number),
        })
        const own = scim.as(`Bearer ${String(answer.body.access_token)}`)
        expect((await own.get(`/Users/${user}`)).status).toBe(200)
        expect(await own.remove(`/Users/${user}`)).toMatchObject(refusal(403))
        expect(await own.get(`/Groups/${group}`)).toMatchObject(refusal(403))
        const forged = String(answer.body.access_token).replace(/.{4}$/, 'AAAA')
        expect(await scim.as(`Bearer ${forged}`).get('/Users')).toMatchObject(refusal(401))
      }
    })

    it('are refused as OAuth does', async () => {
      const own = basic(client.id, client.secret)
      for (const [form, authorization, status, error] of [
        [grant, basic(client.id, 'wrong'), 401, 'invalid_client'],
        [grant, basic('nobody', client.secret), 401, 'invalid_client'],
        [grant, undefined, 401, 'invalid_client'],
        [{ grant_type: 'password', username: 'x', password: 'x' }, own, 400, 'unsupported_grant_type'],
        [{}, own, 400, 'invalid_request'],
        [{ ...grant, scope: 'users.write' }, own, 400, 'invalid_scope'],
        [{ ...grant, scope: '*' }, own, 400, 'invalid_scope'],
      ] as const) {
        const answer = await ask(form, authorization)
        expect({ status: answer.status, error: answer.body.error }).toEqual({ status, error })
      }
    })
  })
})

describe.each(sqlite)('discovery without a token on %s', (_name, create) => {
  it('is for everybody where the configuration says so; nothing else is', async () => {
    const scim = await serveDemo(create, { scim: { anonymousDiscovery: true } })
    try {
      const anonymous = { authorization: null }
      for (const path of ['/ServiceProviderConfig', '/Schemas', '/ResourceTypes', '/ResourceTypes/User']) {
        expect((await scim.get(path, {}, anonymous)).status, path).toBe(200)
      }
      expect(await scim.get('/Users', {}, anonymous)).toMatchObject(refusal(401))
    } finally {
      await scim.close()
    }
  })
})

describe.each(databases)('tokens and %s', (_name, create) => {
  it('of a person are no good once the account is locked, from the next request on', async () => {
    const scim = await serveDemo(create, {
      scim: {
        tokens: [
          { name: 'all', token: `{CLEARTEXT}${TOKEN}`, as: admin.dn, scopes: '*' },
          { name: 'person', token: '{CLEARTEXT}token-of-person', as: `uid=bjensen,${people}`, scopes: '*' },
        ],
      },
    })
    try {
      const person = scim.as('Bearer token-of-person')
      const { status, body } = await person.get('/Me')
      expect(status).toBe(200)
      await scim.patch(`/Users/${body.id}`, [{ op: 'replace', path: 'active', value: false }])
      expect((await person.get('/Me')).status).toBe(401)
    } finally {
      await scim.close()
    }
  })
})
