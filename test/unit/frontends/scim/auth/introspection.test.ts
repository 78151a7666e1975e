/** Opaque tokens: good as long as their authorization server says so. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { IntrospectionSettings } from '../../../../../src/frontends/scim/auth/settings.js'
import { APP, challenge, ctx, make, type Provider, refusal, startProvider } from './parts.js'

const INVALID = 'Bearer realm="SCIM", error="invalid_token", error_description="the token is not valid"'
const CLIENT = { clientId: 'vitrine', clientSecret: 's3cret: ü+%' }

afterEach(() => {
  vi.useRealTimers()
})

async function server(
  answer: Provider['answer'],
  given: Partial<IntrospectionSettings> = {},
  now?: () => number,
) {
  const provider = await startProvider(answer)
  const introspection = { url: `${provider.url}/introspect`, ...CLIENT, as: APP, cache: 30_000, ...given }
  return { provider, ...make({ introspection }, undefined, now) }
}

const good =
  (given: object = {}) =>
  () => ({
    body: { active: true, scope: 'users.read openid', client_id: 'hr', ...given },
  })

describe('a token that its server knows', () => {
  it('lets its holder in with its scopes', async () => {
    const { auth, provider } = await server(good())
    const caller = await auth.authenticate('Bearer opaque-1', ctx())
    expect(caller.principal).toEqual({ kind: 'service', name: APP })
    expect([...caller.scopes]).toEqual(['users.read'])
    expect(caller.name).toBe('client hr')
    const [request] = provider.requests
    expect(new URLSearchParams(request?.body).get('token')).toBe('opaque-1')
    const basic = Buffer.from(String(request?.authorization).slice('Basic '.length), 'base64').toString()
    expect(basic).toBe('vitrine:s3cret%3A+%C3%BC%2B%25')
  })

  it('is sent as it came, whatever is in it', async () => {
    const { auth, provider } = await server(good())
    const token = 'a+b/c~d.e-f_g=='
    await auth.authenticate(`Bearer ${token}`, ctx())
    expect(new URLSearchParams(provider.requests[0]?.body).get('token')).toBe(token)
  })

  it('acts as the entry that a claim names', async () => {
    const principal = { claim: 'username', view: 'people', attribute: 'uid' }
    const { auth } = await server(good({ username: 'bob' }), { as: undefined, principal })
    expect((await auth.authenticate('Bearer x', ctx())).principal).toMatchObject({ id: 'id-bob' })
    const { auth: nameless } = await server(good(), { as: undefined, principal })
    expect(await challenge(nameless.authenticate('Bearer x', ctx()))).toBe(INVALID)
  })

  it('is good for the same always, if the configuration says so', async () => {
    const { auth } = await server(good(), { scopes: ['bulk'] })
    expect([...(await auth.authenticate('Bearer x', ctx())).scopes]).toEqual(['bulk'])
  })
})

describe('a token is refused', () => {
  it.each([
    ['that is not active', { active: false }],
    ['that is active in another way', { active: 'true' }],
    ['that nobody says to be active', { active: undefined }],
    ['that has ended', { exp: 1000 }],
    ['that ends at no time', { exp: 'never' }],
    ['that has not begun', { nbf: 10_000_000_000 }],
    ['for others', { aud: 'payroll' }],
    ['for several others', { aud: ['payroll', 'scim2'] }],
    ['for nobody', { aud: undefined }],
  ])('%s', async (_, claims) => {
    const body = { active: true, aud: 'scim', ...claims }
    const { auth } = await server(() => ({ body }), { audience: ['scim'] })
    expect(await challenge(auth.authenticate('Bearer x', ctx()))).toBe(INVALID)
  })

  it('but not one for us among others', async () => {
    const { auth } = await server(good({ aud: ['payroll', 'scim'] }), { audience: ['scim'] })
    await auth.authenticate('Bearer x', ctx())
  })
})

describe('an answer', () => {
  it('is repeated for a while, by token', async () => {
    let now = 1_000_000
    const { auth, provider } = await server(good(), {}, () => now)
    for (let i = 0; i < 5; i++) await auth.authenticate('Bearer first', ctx())
    expect(provider.requests).toHaveLength(1)
    await auth.authenticate('Bearer second', ctx())
    expect(provider.requests).toHaveLength(2)
    now += 30_000
    await auth.authenticate('Bearer first', ctx())
    expect(provider.requests).toHaveLength(3)
  })

  it('is never repeated beyond the end of the token', async () => {
    let now = 1_000_000_000
    const { auth, provider } = await server(good({ exp: 1_000_010 }), {}, () => now)
    await auth.authenticate('Bearer x', ctx())
    now += 9999
    await auth.authenticate('Bearer x', ctx())
    expect(provider.requests).toHaveLength(1)
    now += 1
    expect(await challenge(auth.authenticate('Bearer x', ctx()))).toBe(INVALID)
  })

  it('is never repeated if the configuration says so', async () => {
    const { auth, provider } = await server(good(), { cache: 0 })
    for (let i = 0; i < 3; i++) await auth.authenticate('Bearer x', ctx())
    expect(provider.requests).toHaveLength(3)
  })

  it('that was negative is asked for again, for tokens may become good', async () => {
    const { auth, provider } = await server(() => ({ body: { active: false } }))
    expect(await challenge(auth.authenticate('Bearer x', ctx()))).toBe(INVALID)
    provider.answer = good()
    await auth.authenticate('Bearer x', ctx())
  })

  it('serves all who ask for it at the same time', async () => {
    const { auth, provider } = await server(good(), { cache: 0 })
    const callers = await Promise.all(Array.from({ length: 20 }, () => auth.authenticate('Bearer x', ctx())))
    expect(callers).toHaveLength(20)
    expect(provider.requests).toHaveLength(1)
  })
})

describe('a server that', () => {
  it.each([
    ['fails', () => ({ status: 500, body: '' })],
    ['does not know us', () => ({ status: 401, body: { error: 'invalid_client' } })],
    ['redirects', () => ({ status: 307, body: '' })],
    ['says no JSON', () => ({ body: 'active' })],
    ['says nothing', () => ({ body: '' })],
    ['says a list', () => ({ body: [{ active: true }] })],
    ['says far too much', () => ({ body: { active: true, padding: 'x'.repeat(2 ** 21) } })],
  ])('%s is an outage and no refusal', async (_, answer) => {
    const { auth, log } = await server(answer)
    expect(await refusal(auth.authenticate('Bearer x-the-token', ctx()))).toMatchObject({
      code: 'unavailable',
    })
    expect(log.lines.join('\n')).not.toContain('x-the-token')
    expect(log.lines.join('\n')).not.toContain('s3cret')
  })

  it('is not there is an outage as well, except for what is remembered', async () => {
    const { auth, provider } = await server(good())
    await auth.authenticate('Bearer first', ctx())
    await provider.stop()
    await auth.authenticate('Bearer first', ctx())
    expect(await refusal(auth.authenticate('Bearer second', ctx()))).toMatchObject({ code: 'unavailable' })
  })

  it('does not answer holds nobody who has gone', async () => {
    const { auth } = await server(() => undefined)
    const signal = AbortSignal.timeout(50)
    const began = Date.now()
    expect(await refusal(auth.authenticate('Bearer x', { signal }))).toBe(signal.reason)
    expect(Date.now() - began).toBeLessThan(2000)
  })
})

describe('tokens that are none', () => {
  it('are passed on no more after so many from one address, until they are long ago', async () => {
    let now = 1_000_000
    const { auth, provider } = await server(
      () => ({ body: { active: false } }),
      {},
      () => now,
    )
    const from = (address: string, token: string) =>
      refusal(auth.authenticate(`Bearer ${token}`, { ...ctx(), address }))
    for (let i = 0; i < 6; i++) expect(await from('192.0.2.9', `t${i}`)).toMatchObject({ challenge: INVALID })
    expect(await from('192.0.2.9', 'more')).toMatchObject({ code: 'busy' })
    expect(await from('::ffff:192.0.2.9', 'more')).toMatchObject({ code: 'busy' })
    expect(provider.requests).toHaveLength(6)
    expect(await from('192.0.2.10', 'more')).toMatchObject({ challenge: INVALID })
    now += 60_001
    expect(await from('192.0.2.9', 'more')).toMatchObject({ challenge: INVALID })
  })

  it('do not keep out what is known to be good', async () => {
    const { auth, provider } = await server(good())
    await auth.authenticate('Bearer good', ctx())
    provider.answer = () => ({ body: { active: false } })
    for (let i = 0; i < 10; i++) await refusal(auth.authenticate(`Bearer t${i}`, ctx()))
    await auth.authenticate('Bearer good', ctx())
  })
})
