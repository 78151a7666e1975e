/** The token endpoint: RFC 6749 client credentials, and what the tokens are good for afterwards. */
import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import type { AuthSettings, ClientSettings } from '../../../../../src/frontends/scim/auth/settings.js'
import { ADA, APP, challenge, ctx, type Made, make } from './parts.js'

const SECRET = 'kT+8/nq%zz:correct horse=='
const hash = `{SHA256}${createHash('sha256').update(SECRET).digest('base64')}`
const INVALID = 'Bearer realm="SCIM", error="invalid_token", error_description="the token is not valid"'
const sync: ClientSettings = { id: 'hr-sync', secret: hash, as: APP, scopes: ['users.read', 'users.write'] }

const withClients = (...clients: ClientSettings[]): Partial<AuthSettings> => ({
  tokenEndpoint: { path: '/oauth/token', lifetime: 300_000, clients },
})

interface Asked {
  readonly form?: Record<string, string> | string
  readonly basic?: readonly [string, string] | string
  readonly contentType?: string | undefined
  readonly address?: string
}

const encode = (text: string) => new URLSearchParams([['', text]]).toString().slice(1)

/** Asks for a token; by the header `Basic`, form-encoded, unless told otherwise. */
function ask({ auth }: Pick<Made, 'auth'>, asked: Asked = {}) {
  const {
    form = { grant_type: 'client_credentials' },
    basic = ['hr-sync', SECRET],
    address = '192.0.2.1',
  } = asked
  const credentials = typeof basic === 'string' ? basic : `${encode(basic[0])}:${encode(basic[1])}`
  const endpoint = auth.tokenEndpoint
  if (endpoint === undefined) throw new Error('there is no token endpoint')
  return endpoint.answer({
    ...(credentials !== '' && { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
    contentType:
      'contentType' in asked ? asked.contentType : 'application/x-www-form-urlencoded; charset=utf-8',
    body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
    address,
    signal: new AbortController().signal,
  })
}

async function tokenOf(made: Pick<Made, 'auth'>, asked: Asked = {}): Promise<string> {
  const { body } = await ask(made, asked)
  return `Bearer ${body.access_token}`
}

describe('a client', () => {
  it('gets a short-lived token that lets it in', async () => {
    const made = make(withClients(sync))
    const { status, headers, body } = await ask(made)
    expect(status).toBe(200)
    expect(headers).toEqual({ 'cache-control': 'no-store', pragma: 'no-cache' })
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'users.read users.write',
    })
    const caller = await made.auth.authenticate(`bearer ${body.access_token}`, ctx())
    expect(caller).toMatchObject({ principal: { kind: 'service', name: APP }, name: 'client hr-sync' })
    expect([...caller.scopes]).toEqual(['users.read', 'users.write'])
  })

  it.each([
    ['in the header, form-encoded', {}],
    ['in the header, as it is', { basic: `hr-sync:${SECRET}` }],
    [
      'in the body',
      { basic: '', form: { grant_type: 'client_credentials', client_id: 'hr-sync', client_secret: SECRET } },
    ],
    [
      'in the header, and its name in the body too',
      { form: { grant_type: 'client_credentials', client_id: 'hr-sync' } },
    ],
  ])('may say its secret %s', async (_, asked) => {
    expect(await ask(make(withClients(sync)), asked)).toMatchObject({ status: 200 })
  })

  it.each(['{CLEARTEXT}kT+8/nq%zz:correct horse==', '{SSHA}v2oaIXLyDLqqpIPJwqXSJ1vaBhAgICAg'])(
    'may have its secret stored as %s',
    async (stored) => {
      const salt = Buffer.from('    ')
      const ssha = createHash('sha1').update(SECRET).update(salt).digest()
      const secret = stored.startsWith('{SSHA}')
        ? `{SSHA}${Buffer.concat([ssha, salt]).toString('base64')}`
        : stored
      expect(await ask(make(withClients({ ...sync, secret })))).toMatchObject({ status: 200 })
    },
  )

  it('may have any secret', async () => {
    const text = fc.string({ unit: 'binary', minLength: 1 })
    await fc.assert(
      fc.asyncProperty(text, async (secret) => {
        const made = make(withClients({ ...sync, secret: `{CLEARTEXT}${secret}` }))
        const form = { grant_type: 'client_credentials', client_id: 'hr-sync', client_secret: secret }
        expect(await ask(made, { basic: ['hr-sync', secret] })).toMatchObject({ status: 200 })
        expect(await ask(made, { basic: '', form })).toMatchObject({ status: 200 })
        expect(await ask(made, { basic: ['hr-sync', `${secret}!`] })).toMatchObject({ status: 401 })
      }),
      { numRuns: 50 },
    )
  })

  it('acts as an entry as long as that is enabled', async () => {
    const made = make(withClients({ ...sync, as: ADA }))
    const token = await tokenOf(made)
    expect((await made.auth.authenticate(token, ctx())).principal).toMatchObject({ id: 'id-ada' })
    made.people.disabled.add('ada')
    expect(await challenge(made.auth.authenticate(token, ctx()))).toBe(INVALID)
  })
})

describe('a request', () => {
  const form = { grant_type: 'client_credentials' }
  it.each([
    ['without a grant type', { form: {} }, 400, 'invalid_request'],
    ['with an empty grant type', { form: { grant_type: '' } }, 400, 'invalid_request'],
    ['for another grant', { form: { grant_type: 'password' } }, 400, 'unsupported_grant_type'],
    [
      'that repeats itself',
      { form: 'grant_type=client_credentials&scope=a&scope=b' },
      400,
      'invalid_request',
    ],
    ['in JSON', { contentType: 'application/json', form: '{}' }, 400, 'invalid_request'],
    ['in nothing', { contentType: undefined }, 400, 'invalid_request'],
    ['that is too long', { form: { ...form, padding: 'x'.repeat(20_000) } }, 400, 'invalid_request'],
    ['without a client', { basic: '' }, 401, 'invalid_client'],
    ['without a secret', { basic: '', form: { ...form, client_id: 'hr-sync' } }, 401, 'invalid_client'],
    ['with a wrong secret', { basic: ['hr-sync', 'wrong'] }, 401, 'invalid_client'],
    ['with an empty secret', { basic: ['hr-sync', ''] }, 401, 'invalid_client'],
    ['with the hash for a secret', { basic: ['hr-sync', hash] }, 401, 'invalid_client'],
    ['of an unknown client', { basic: ['payroll', SECRET] }, 401, 'invalid_client'],
    ['of an inherited property', { basic: ['constructor', SECRET] }, 401, 'invalid_client'],
    ['without a colon', { basic: 'hr-sync' }, 401, 'invalid_client'],
    ['with two secrets', { form: { ...form, client_secret: SECRET } }, 400, 'invalid_request'],
    ['in two names', { form: { ...form, client_id: 'payroll' } }, 400, 'invalid_request'],
    [
      'for what the client may not',
      { form: { ...form, scope: 'users.read groups.read' } },
      400,
      'invalid_scope',
    ],
    ['for everything', { form: { ...form, scope: '*' } }, 400, 'invalid_scope'],
    ['for what does not exist', { form: { ...form, scope: 'openid' } }, 400, 'invalid_scope'],
  ] as const)('%s is refused', async (_, asked, status, error) => {
    const answer = await ask(make(withClients(sync)), asked)
    expect(answer).toMatchObject({ status, body: { error } })
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store' })
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Basic realm="SCIM"' : undefined)
    expect(JSON.stringify(answer)).not.toContain(SECRET)
  })

  it('for some scopes gets those', async () => {
    const made = make(withClients(sync))
    const asked = { form: { ...form, scope: 'users.read' } }
    expect(await ask(made, asked)).toMatchObject({ body: { scope: 'users.read' } })
    const caller = await made.auth.authenticate(await tokenOf(made, asked), ctx())
    expect([...caller.scopes]).toEqual(['users.read'])
  })

  it('of a client that may everything gets what it asks for, or everything', async () => {
    const made = make(withClients({ ...sync, scopes: '*' }))
    expect(await ask(made)).toMatchObject({ body: { scope: '*' } })
    expect((await made.auth.authenticate(await tokenOf(made), ctx())).may('bulk')).toBe(true)
    expect(await ask(made, { form: { ...form, scope: 'bulk devices.read' } })).toMatchObject({
      body: { scope: 'bulk devices.read' },
    })
    expect(await ask(made, { form: { ...form, scope: 'bulk openid' } })).toMatchObject({ status: 400 })
  })

  it('uses the names that the configuration gives to scopes', async () => {
    const scopes = { 'users.read': ['https://jans.io/scim/users.read'] }
    const made = make({ ...withClients(sync), scopes })
    expect(await ask(made)).toMatchObject({ body: { scope: 'https://jans.io/scim/users.read users.write' } })
    const asked = { form: { ...form, scope: 'https://jans.io/scim/users.read' } }
    const caller = await made.auth.authenticate(await tokenOf(made, asked), ctx())
    expect([...caller.scopes]).toEqual(['users.read'])
    expect(await ask(made, { form: { ...form, scope: 'users.read' } })).toMatchObject({ status: 400 })
  })
})

describe('a token', () => {
  it('is good at every replica with the same secret, and at no other', async () => {
    const token = await tokenOf(make(withClients(sync)))
    expect((await make(withClients(sync)).auth.authenticate(token, ctx())).name).toBe('client hr-sync')
    const stranger = make(withClients(sync), 'another secret of another place')
    expect(await challenge(stranger.auth.authenticate(token, ctx()))).toBe(INVALID)
  })

  it.each([
    ['has another secret', { ...sync, secret: `${hash.slice(0, -2)}A=` }],
    ['is no longer there', { ...sync, id: 'hr-sync-2' }],
  ])('is refused once its client %s', async (_, client) => {
    const token = await tokenOf(make(withClients(sync)))
    expect(await challenge(make(withClients(client)).auth.authenticate(token, ctx()))).toBe(INVALID)
  })

  it('is good for no more than its client may by now', async () => {
    const token = await tokenOf(make(withClients({ ...sync, scopes: '*' })))
    const caller = await make(withClients(sync)).auth.authenticate(token, ctx())
    expect([...caller.scopes]).toEqual(['users.read', 'users.write'])
    const wide = await tokenOf(make(withClients(sync)))
    const narrow = make(withClients({ ...sync, scopes: ['users.read'] }))
    expect([...(await narrow.auth.authenticate(wide, ctx())).scopes]).toEqual(['users.read'])
  })

  it('ends, also where it was seen before', async () => {
    let now = 1_800_000_000_000
    const made = make(withClients(sync), undefined, () => now)
    const token = await tokenOf(made)
    await made.auth.authenticate(token, ctx())
    now += 306_000
    expect(await challenge(made.auth.authenticate(token, ctx()))).toBe(
      'Bearer realm="SCIM", error="invalid_token", error_description="the token has expired"',
    )
  })

  it('cannot be made of another: not by another client, nor with another algorithm or type', async () => {
    const other = { ...sync, id: 'other', secret: `${hash.slice(0, -2)}A=`, scopes: '*' } as const
    const made = make(withClients(sync, other))
    const token = (await tokenOf(made)).slice('Bearer '.length)
    const [header = '', payload = '', signature = ''] = token.split('.')
    const coded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
    const claims = decodeJwt(token)
    const forged = [
      `${header}.${coded({ ...claims, sub: 'other' })}.${signature}`,
      `${header}.${coded({ ...claims, scope: '*' })}.${signature}`,
      `${coded({ ...decodeProtectedHeader(token), alg: 'none' })}.${payload}.`,
      `${coded({ alg: 'HS256', typ: 'JWT' })}.${payload}.${signature}`,
      `${header}.${payload}.`,
      ...['', 'a secret of all replicas', hash, SECRET].map((secret) => {
        const mac = createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url')
        return `${header}.${payload}.${mac}`
      }),
    ]
    for (const one of forged) {
      expect(await challenge(made.auth.authenticate(`Bearer ${one}`, ctx()))).toBe(INVALID)
    }
  })
})

describe('guessing', () => {
  const wrong = { basic: ['hr-sync', 'wrong'] } as const

  it('is refused without a look after so many failures for one client', async () => {
    let now = 1_800_000_000_000
    const made = make(withClients(sync), undefined, () => now)
    for (let i = 0; i < 3; i++) expect(await ask(made, wrong)).toMatchObject({ status: 401 })
    const busy = { status: 429, body: { error: 'temporarily_unavailable' } }
    expect(await ask(made, wrong)).toMatchObject(busy)
    expect(await ask(made)).toMatchObject(busy)
    expect(await ask(made, { address: '198.51.100.7' })).toMatchObject(busy)
    now += 60_001
    expect(await ask(made)).toMatchObject({ status: 200 })
  })

  it('locks a client out of nowhere that it has worked from', async () => {
    const made = make(withClients(sync))
    expect(await ask(made, { address: '198.51.100.7' })).toMatchObject({ status: 200 })
    for (let i = 0; i < 5; i++) await ask(made, wrong)
    expect(await ask(made, { address: '198.51.100.7' })).toMatchObject({ status: 200 })
    expect(await ask(made, { address: '198.51.100.8' })).toMatchObject({ status: 429 })
  })

  it('is refused after so many failures from one address, whatever the client', async () => {
    const made = make(withClients(sync))
    for (let i = 0; i < 6; i++)
      expect(await ask(made, { basic: [`c${i}`, 'x'] })).toMatchObject({ status: 401 })
    expect(await ask(made)).toMatchObject({ status: 429 })
    expect(await ask(made, { address: '198.51.100.7' })).toMatchObject({ status: 200 })
  })

  it('of many at the same time is no way around it', async () => {
    const made = make(
      withClients({ ...sync, secret: '$2b$10$abcdefghijklmnopqrstuu5s0pLa6ARl2vQXRIvRQFYzxJcyRCu0W' }),
    )
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(made, wrong)))
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(3)
    const others = Array.from({ length: 12 }, (_, i) => ask(made, { ...wrong, address: `198.51.100.${i}` }))
    expect((await Promise.all(others)).filter(({ status }) => status === 401)).toHaveLength(0)
  })

  it('does not count those who are right, however many come at once', async () => {
    const made = make(withClients(sync))
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(made)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
    for (let i = 0; i < 20; i++) expect(await ask(made)).toMatchObject({ status: 200 })
  })
})
