/** Access tokens of an identity provider: what it has signed for us counts, and nothing else. */
import { createHmac } from 'node:crypto'
import {
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { JwtSettings } from '../../../../../src/frontends/scim/auth/settings.js'
import { APP, challenge, ctx, HOUR, make, refusal, startProvider } from './parts.js'

const ISSUER = 'https://idp.example.com/realms/hr'
const INVALID = 'Bearer realm="SCIM", error="invalid_token", error_description="the token is not valid"'
const EXPIRED = 'Bearer realm="SCIM", error="invalid_token", error_description="the token has expired"'

interface Signer {
  readonly alg: string
  readonly kid: string
  readonly key: CryptoKey
  readonly public: JWK
  readonly pem: string
}

async function signer(alg: string, kid: string): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair(alg)
  const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }
  return { alg, kid, key: privateKey, public: jwk, pem: await exportSPKI(publicKey) }
}

let rsa: Signer
let other: Signer
let ec: Signer
beforeAll(async () => {
  rsa = await signer('RS256', 'first')
  other = await signer('RS256', 'second')
  ec = await signer('ES256', 'curve')
})

afterEach(() => {
  vi.useRealTimers()
})

const at = (seconds: number) => Math.floor(Date.now() / 1000) + seconds

/** A token of the provider; claims that are undefined are left out. */
function sign(claims: Record<string, unknown> = {}, by: Signer = rsa, header: object = {}): Promise<string> {
  const all = { iss: ISSUER, aud: 'scim', sub: 'sync', exp: at(300), scope: 'users.read', ...claims }
  return new SignJWT(JSON.parse(JSON.stringify(all)) as JWTPayload)
    .setProtectedHeader({ alg: by.alg, kid: by.kid, ...header })
    .sign(by.key)
}

/** A token with any header, signed with anything. */
function forge(header: object, claims: object, signature: (text: string) => string): string {
  const text = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${text}.${signature(text)}`
}

const settings = (given: Partial<JwtSettings> = {}): JwtSettings => ({
  issuer: ISSUER,
  audience: ['scim'],
  jwks: { keys: [rsa.public] as Record<string, unknown>[] },
  algorithms: ['RS256', 'ES256', 'EdDSA'],
  as: APP,
  clockTolerance: 5000,
  ...given,
})

async function remote(given: Partial<JwtSettings> = {}) {
  const provider = await startProvider(() => ({ body: { keys: [rsa.public, ec.public] } }))
  return { provider, ...make({ jwt: [settings({ jwks: `${provider.url}/keys`, ...given })] }) }
}

describe('a token of the provider', () => {
  it('lets its holder in, with what its scopes say', async () => {
    const { auth, provider } = await remote()
    const token = await sign({ client_id: 'hr-sync' })
    const caller = await auth.authenticate(`Bearer ${token}`, ctx())
    expect(caller.principal).toEqual({ kind: 'service', name: APP })
    expect([...caller.scopes]).toEqual(['users.read'])
    expect(caller.name).toBe(`${ISSUER} hr-sync`)
    await auth.authenticate(`Bearer ${await sign({}, ec)}`, ctx())
    expect(provider.requests).toHaveLength(1)
  })

  it.each([
    ['scope', { scope: 'users.read bulk' }, ['users.read', 'bulk']],
    ['scp as a list', { scope: undefined, scp: ['users.write'] }, ['users.write']],
    ['roles', { scope: undefined, roles: ['groups.read', 'Mail.Send'] }, ['groups.read']],
    ['the first of them', { scope: '', roles: ['groups.read'] }, []],
    ['none', { scope: undefined }, []],
    ['the scope of all', { scope: '*' }, []],
    ['what is no scope', { scope: { length: 1, 0: 'users.read' } }, []],
  ])('is good for its scopes: %s', async (_, claims, expected) => {
    const { auth } = make({ jwt: [settings()] })
    const caller = await auth.authenticate(`Bearer ${await sign(claims)}`, ctx())
    expect([...caller.scopes]).toEqual(expected)
  })

  it('is good for what one claim says, or for the same always, if the configuration says so', async () => {
    const token = await sign({ permissions: ['groups.read'] })
    const claimed = make({ jwt: [settings({ scopeClaim: 'permissions' })] })
    expect([...(await claimed.auth.authenticate(`Bearer ${token}`, ctx())).scopes]).toEqual(['groups.read'])
    const fixed = make({ jwt: [settings({ scopes: '*' })] })
    expect((await fixed.auth.authenticate(`Bearer ${token}`, ctx())).may('bulk')).toBe(true)
    const inherited = make({ jwt: [settings({ scopeClaim: 'constructor' })] })
    expect([...(await inherited.auth.authenticate(`Bearer ${token}`, ctx())).scopes]).toEqual([])
  })

  it('acts as the entry that a claim names', async () => {
    const principal = { claim: 'email', view: 'people', attribute: 'mail' }
    const { auth, people } = make({ jwt: [settings({ as: undefined, principal })] })
    const token = await sign({ email: 'ADA@example.com' })
    expect((await auth.authenticate(`Bearer ${token}`, ctx())).principal).toMatchObject({ id: 'id-ada' })
    expect(people.asked).toEqual([{ op: 'eq', attr: 'mail', value: 'ADA@example.com' }])
    people.disabled.add('ada')
    expect(await challenge(auth.authenticate(`Bearer ${token}`, ctx()))).toBe(INVALID)
    for (const email of [undefined, '', 5, ['ADA@example.com'], 'x'.repeat(2000), 'eve@example.com']) {
      expect(await challenge(auth.authenticate(`Bearer ${await sign({ email })}`, ctx()))).toBe(INVALID)
    }
  })

  it.each(['userPassword', 'cn', 'nonsense'])('names nobody by %s', async (attribute) => {
    const principal = { claim: 'sub', view: 'people', attribute }
    const { auth } = make({ jwt: [settings({ as: undefined, principal })] })
    expect(await challenge(auth.authenticate(`Bearer ${await sign({ sub: 'ada' })}`, ctx()))).toBe(INVALID)
  })

  it('is one of several audiences of its issuer, each on behalf of another', async () => {
    const jwt = [settings({ audience: ['a'], as: APP }), settings({ audience: ['b', 'c'], scopes: '*' })]
    const { auth } = make({ jwt })
    const scopesOf = async (aud: unknown) =>
      [...(await auth.authenticate(`Bearer ${await sign({ aud })}`, ctx())).scopes].join()
    expect([await scopesOf('a'), await scopesOf(['x', 'b'])]).toEqual(['users.read', '*'])
    expect(await challenge(auth.authenticate(`Bearer ${await sign({ aud: 'd' })}`, ctx()))).toBe(INVALID)
    const late = await sign({ aud: 'a', exp: at(-60) })
    expect(await challenge(auth.authenticate(`Bearer ${late}`, ctx()))).toBe(EXPIRED)
  })
})

describe('no token is one', () => {
  it.each([
    ['of another issuer', { iss: 'https://evil.example.com' }, INVALID],
    ['of an issuer that only begins so', { iss: `${ISSUER}/` }, INVALID],
    ['of no issuer', { iss: undefined }, INVALID],
    ['for another audience', { aud: 'payroll' }, INVALID],
    ['for other audiences', { aud: ['payroll', 'scim2'] }, INVALID],
    ['for no audience', { aud: undefined }, INVALID],
    ['that has expired', { exp: at(-10) }, EXPIRED],
    ['that never expires', { exp: undefined }, INVALID],
    ['that expires at no time', { exp: 'tomorrow' }, INVALID],
    ['that is not good yet', { nbf: at(60) }, INVALID],
  ])('%s', async (_, claims, expected) => {
    const { auth } = make({ jwt: [settings()] })
    expect(await challenge(auth.authenticate(`Bearer ${await sign(claims)}`, ctx()))).toBe(expected)
  })

  it('whose clocks differ by more than they may', async () => {
    const { auth } = make({ jwt: [settings()] })
    await auth.authenticate(`Bearer ${await sign({ exp: at(-3), nbf: at(3) })}`, ctx())
    expect(await challenge(auth.authenticate(`Bearer ${await sign({ exp: at(-7) })}`, ctx()))).toBe(EXPIRED)
  })

  it('with a signature of somebody else, or another text than was signed', async () => {
    const { auth } = await remote()
    const stranger = { ...other, kid: rsa.kid }
    expect(await challenge(auth.authenticate(`Bearer ${await sign({}, stranger)}`, ctx()))).toBe(INVALID)
    const [header = '', , signature = ''] = (await sign()).split('.')
    const claims = { iss: ISSUER, aud: 'scim', exp: at(300), scope: 'users.write' }
    const changed = Buffer.from(JSON.stringify(claims)).toString('base64url')
    for (const token of [`${header}.${changed}.${signature}`, `${await sign()}A`, `${header}.${changed}.`]) {
      expect(await challenge(auth.authenticate(`Bearer ${token}`, ctx()))).toBe(INVALID)
    }
  })

  it.each(['none', 'None', 'nOnE', 'NONE', ''])('signed with the algorithm "%s"', async (alg) => {
    const { auth } = await remote()
    const claims = { iss: ISSUER, aud: 'scim', exp: at(300), scope: 'users.read' }
    for (const header of [{ alg }, { alg, kid: rsa.kid }]) {
      const token = forge(header, claims, () => '')
      expect(await challenge(auth.authenticate(`Bearer ${token}`, ctx()))).toBe(INVALID)
    }
  })

  it.each(['HS256', 'HS384', 'HS512'])(
    'signed by %s with the public key, taken for a secret',
    async (alg) => {
      const { auth } = await remote()
      const claims = { iss: ISSUER, aud: 'scim', exp: at(300), scope: '*' }
      const secrets = [rsa.pem, rsa.pem.trim(), JSON.stringify(rsa.public), String(rsa.public.n), '']
      for (const secret of secrets) {
        const hash = alg.replace('HS', 'sha')
        const token = forge({ alg, kid: rsa.kid, typ: 'JWT' }, claims, (text) =>
          createHmac(hash, secret).update(text).digest('base64url'),
        )
        expect(await challenge(auth.authenticate(`Bearer ${token}`, ctx()))).toBe(INVALID)
      }
    },
  )

  it('signed with a secret, should the provider publish one', async () => {
    const secret = 'published by mistake, thirty-two bytes'
    const k = Buffer.from(secret).toString('base64url')
    const { auth, provider } = await remote({ algorithms: ['RS256', 'HS256'] })
    provider.answer = () => ({ body: { keys: [{ kty: 'oct', kid: 'shared', alg: 'HS256', k }] } })
    const token = forge({ alg: 'HS256', kid: 'shared' }, { iss: ISSUER, aud: 'scim', exp: at(300) }, (text) =>
      createHmac('sha256', secret).update(text).digest('base64url'),
    )
    expect(await challenge(auth.authenticate(`Bearer ${token}`, ctx()))).toBe(INVALID)
  })

  it('signed with a key that it brings along', async () => {
    const { auth, provider } = await remote()
    for (const header of [
      { jwk: other.public, kid: other.kid },
      { jwk: other.public, kid: undefined },
      { jku: `${provider.url}/mine`, kid: rsa.kid },
      { x5u: `${provider.url}/mine`, kid: rsa.kid },
      { kid: '../../../../dev/null' },
      { crit: ['exp'] },
    ]) {
      const token = await sign({}, other, header).catch(() =>
        forge({ alg: 'RS256', ...header }, {}, () => 'AA'),
      )
      expect(await challenge(auth.authenticate(`Bearer ${token}`, ctx()))).toBe(INVALID)
    }
  })

  it('signed otherwise than the configuration allows', async () => {
    const { auth } = await remote({ algorithms: ['ES256'] })
    expect(await challenge(auth.authenticate(`Bearer ${await sign()}`, ctx()))).toBe(INVALID)
    await auth.authenticate(`Bearer ${await sign({}, ec)}`, ctx())
  })

  it.each(['a.b.c', '..', 'a.b', 'a.b.c.d.e', 'e30.e30.', 'bnVsbA.bnVsbA.bnVsbA'])(
    'but %s',
    async (token) => {
      const { auth } = make({ jwt: [settings()] })
      expect(await challenge(auth.authenticate(`Bearer ${token}`, ctx()))).toBe(INVALID)
    },
  )
})

describe('keys', () => {
  it('that are new are fetched when a token names one, but not for every unknown one', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { auth, provider } = await remote()
    await auth.authenticate(`Bearer ${await sign()}`, ctx())
    provider.answer = () => ({ body: { keys: [other.public] } })
    const rotated = await sign({}, other)
    expect(await challenge(auth.authenticate(`Bearer ${rotated}`, ctx()))).toBe(INVALID)
    expect(provider.requests).toHaveLength(1)
    vi.setSystemTime(Date.now() + 31_000)
    await auth.authenticate(`Bearer ${rotated}`, ctx())
    for (let i = 0; i < 20; i++) {
      const token = await sign({}, { ...other, kid: `unknown-${i}` })
      expect(await challenge(auth.authenticate(`Bearer ${token}`, ctx()))).toBe(INVALID)
    }
    expect(provider.requests).toHaveLength(2)
  })

  it('that are withdrawn count no more once they are fetched again', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { auth, provider } = await remote()
    const token = await sign({ exp: at(3 * 3600) })
    await auth.authenticate(`Bearer ${token}`, ctx())
    provider.answer = () => ({ body: { keys: [other.public] } })
    vi.setSystemTime(Date.now() + 11 * 60_000)
    expect(await challenge(auth.authenticate(`Bearer ${token}`, ctx()))).toBe(INVALID)
  })

  it('are tried one after the other where a token does not say which', async () => {
    const keys = [other.public, rsa.public].map(({ kid: _, ...jwk }) => jwk) as Record<string, unknown>[]
    const { auth } = make({ jwt: [settings({ jwks: { keys } })] })
    await auth.authenticate(`Bearer ${await sign({}, rsa, { kid: undefined })}`, ctx())
    const third = await signer('RS256', 'third')
    expect(
      await challenge(auth.authenticate(`Bearer ${await sign({}, third, { kid: undefined })}`, ctx())),
    ).toBe(INVALID)
    const late = await sign({ exp: at(-60) }, rsa, { kid: undefined })
    expect(await challenge(auth.authenticate(`Bearer ${late}`, ctx()))).toBe(EXPIRED)
  })

  it.each([
    ['says 500', () => ({ status: 500, body: 'oops' })],
    ['redirects', () => ({ status: 302, body: '' })],
    ['says no JSON', () => ({ body: '<html>' })],
    ['says other JSON', () => ({ body: { error: 'later' } })],
    ['says more than anybody has keys', () => ({ body: { keys: [], padding: 'x'.repeat(2 ** 21) } })],
  ])('that cannot be had because the provider %s are an outage', async (_, answer) => {
    const { auth, provider, log } = await remote()
    provider.answer = answer
    const error = await refusal(auth.authenticate(`Bearer ${await sign()}`, ctx()))
    expect(error).toMatchObject({
      code: 'unavailable',
      safeMessage: 'the identity provider cannot be asked; try again later',
    })
    expect(log.lines.join('\n')).toContain(provider.url)
  })

  it('are not asked for again and again while the provider is away, and are once it is back', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { auth, provider } = await remote()
    const { answer } = provider
    provider.answer = () => ({ status: 503, body: '' })
    for (let i = 0; i < 10; i++) {
      const error = await refusal(auth.authenticate(`Bearer ${await sign({ jti: String(i) })}`, ctx()))
      expect(error).toMatchObject({ code: 'unavailable' })
    }
    expect(provider.requests).toHaveLength(1)
    provider.answer = answer
    vi.setSystemTime(Date.now() + 3000)
    await auth.authenticate(`Bearer ${await sign()}`, ctx())
  })

  it('are an outage, too, where nobody listens', async () => {
    const { auth, provider } = await remote()
    await provider.stop()
    expect(await refusal(auth.authenticate(`Bearer ${await sign()}`, ctx()))).toMatchObject({
      code: 'unavailable',
    })
  })

  it('that are known let in while the provider is away', async () => {
    const { auth, provider } = await remote()
    await auth.authenticate(`Bearer ${await sign()}`, ctx())
    await provider.stop()
    await auth.authenticate(`Bearer ${await sign({ jti: 'later' })}`, ctx())
  })

  it('that do not come are not waited for by those who have gone', async () => {
    const { auth, provider } = await remote()
    provider.answer = () => undefined
    const client = new AbortController()
    const gone = new Error('gone')
    setTimeout(() => client.abort(gone), 50)
    const asking = { address: '192.0.2.1', signal: client.signal }
    const began = Date.now()
    expect(await refusal(auth.authenticate(`Bearer ${await sign()}`, asking))).toBe(gone)
    expect(Date.now() - began).toBeLessThan(2000)
  })

  it('that do not come are an outage after seconds', async () => {
    const { auth, provider } = await remote()
    provider.answer = () => undefined
    const began = Date.now()
    expect(await refusal(auth.authenticate(`Bearer ${await sign()}`, ctx()))).toMatchObject({
      code: 'unavailable',
    })
    expect(Date.now() - began).toBeLessThan(8000)
  })
})

describe('a token that was verified', () => {
  it('is not beyond its end, however often it comes', async () => {
    let now = Date.now()
    const { auth } = make({ jwt: [settings({ clockTolerance: 0 })] }, undefined, () => now)
    const token = await sign({ exp: Math.floor(now / 1000) + 20 })
    await auth.authenticate(`Bearer ${token}`, ctx())
    now += 21_000
    expect(await challenge(auth.authenticate(`Bearer ${token}`, ctx()))).toBe(EXPIRED)
  })

  it('acts for whom the claims say at that time, not for whom another token says', async () => {
    const principal = { claim: 'sub', view: 'people', attribute: 'uid' }
    const { auth } = make({ jwt: [settings({ as: undefined, principal })] })
    const idOf = async (sub: string) =>
      (await auth.authenticate(`Bearer ${await sign({ sub })}`, ctx())).principal
    expect([await idOf('ada'), await idOf('bob'), await idOf('ada')]).toMatchObject([
      { id: 'id-ada' },
      { id: 'id-bob' },
      { id: 'id-ada' },
    ])
  })

  it('is looked at again when it has been good for a while', async () => {
    let now = Date.now()
    const { auth } = make({ jwt: [settings({ clockTolerance: 2 * HOUR })] }, undefined, () => now)
    const token = await sign({ exp: at(30) })
    await auth.authenticate(`Bearer ${token}`, ctx())
    now += HOUR
    await auth.authenticate(`Bearer ${token}`, ctx())
    now += 2 * HOUR
    expect(await challenge(auth.authenticate(`Bearer ${token}`, ctx()))).toBe(EXPIRED)
  })
})
