/** Who gets in with tokens of the configuration, as whom, and what everybody else is told. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BearerError, required } from '../../../../../src/frontends/scim/auth/auth.js'
import { VitrineError } from '../../../../../src/model/errors.js'
import { ADA, APP, challenge, ctx, HOUR, make, refusal } from './parts.js'

const token = 'kM4-8f.9_~+/aaaaaaaaaaaaaaaaaaaaaaa=='
const sha256 = createHash('sha256').update(token).digest('hex')
const one = { name: 'provisioner', sha256, as: APP, scopes: ['users.read', 'users.write'] }
const MISSING = 'Bearer realm="SCIM"'
const INVALID = 'Bearer realm="SCIM", error="invalid_token", error_description="the token is not valid"'

describe('a token of the configuration', () => {
  it('lets its holder in as its service account, with its scopes and no others', async () => {
    const { auth } = make({ tokens: [one] })
    const caller = await auth.authenticate(`Bearer ${token}`, ctx())
    expect(caller.principal).toEqual({ kind: 'service', name: APP })
    expect(caller.name).toBe('provisioner')
    expect([...caller.scopes]).toEqual(['users.read', 'users.write'])
    expect(['users.read', 'users.write', 'groups.read', 'bulk', '*'].map((s) => caller.may(s))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
  })

  it('of all scopes may everything', async () => {
    const { auth } = make({ tokens: [{ ...one, scopes: '*' }] })
    const caller = await auth.authenticate(`bearer   ${token}`, ctx())
    expect(caller.may(required('Device', 'write'))).toBe(true)
    expect(caller.may('bulk')).toBe(true)
    expect(() => auth.demand(caller, 'search')).not.toThrow()
  })

  it('is refused from the moment at which it expires', async () => {
    let now = 1000 * HOUR
    const { auth } = make({ tokens: [{ ...one, expires: now + 1 }] }, undefined, () => now)
    await auth.authenticate(`Bearer ${token}`, ctx())
    now += 1
    expect(await challenge(auth.authenticate(`Bearer ${token}`, ctx()))).toBe(
      'Bearer realm="SCIM", error="invalid_token", error_description="the token has expired"',
    )
  })

  it.each([
    ['nothing', undefined, MISSING],
    ['an empty header', '', MISSING],
    ['another scheme', `Basic ${Buffer.from(`a:${token}`).toString('base64')}`, MISSING],
    ['a scheme that only begins so', `Bearers ${token}`, MISSING],
    ['the token alone', token, MISSING],
    ['no token', 'Bearer ', INVALID],
    ['another token', `Bearer ${token.replace('k', 'K')}`, INVALID],
    ['its beginning', `Bearer ${token.slice(0, -3)}`, INVALID],
    ['more than it', `Bearer ${token}=`, INVALID],
    ['its hash', `Bearer ${sha256}`, INVALID],
    ['two tokens', `Bearer ${token} ${token}`, INVALID],
    ['what no token may hold', `Bearer ${token}"\u00e9`, INVALID],
    ['a token that is too long', `Bearer ${'a'.repeat(100_000)}`, INVALID],
    ['the name of an inherited property', 'Bearer constructor', INVALID],
  ])('is not %s', async (_, header, expected) => {
    const { auth } = make({ tokens: [one] })
    const error = await refusal(auth.authenticate(header, ctx()))
    expect(error).toMatchObject({ code: 'invalidCredentials', challenge: expected })
  })

  it('is nothing else, whatever that is', async () => {
    const { auth } = make({ tokens: [one], tokenEndpoint: { path: '/t', lifetime: 1, clients: [] } })
    const header = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme-ascii' }).map((text) => `Bearer ${text}`),
      fc
        .array(
          fc.json().map((json) => Buffer.from(json).toString('base64url')),
          { minLength: 2, maxLength: 5 },
        )
        .map((parts) => `Bearer ${parts.join('.')}`),
    )
    await fc.assert(
      fc.asyncProperty(header, async (text) => {
        expect(await refusal(auth.authenticate(text, ctx()))).toBeInstanceOf(BearerError)
      }),
    )
  })

  it('never comes into the log, nor do those that are refused', async () => {
    const { auth, log } = make({ tokens: [{ ...one, expires: 1 }] })
    for (const sent of [token, 'another.token.entirely', `${token}x`]) {
      await refusal(auth.authenticate(`Bearer ${sent}`, ctx()))
      expect(log.lines.join('\n')).not.toContain(sent)
    }
    expect(log.lines).toHaveLength(3)
    expect(log.lines[0]).toContain('provisioner has expired')
  })
})

describe('a configuration without any way in', () => {
  it('lets nobody in', async () => {
    const { auth } = make({})
    expect(await challenge(auth.authenticate(undefined, ctx()))).toBe(MISSING)
    expect(await challenge(auth.authenticate(`Bearer ${token}`, ctx()))).toBe(INVALID)
    expect(auth.tokenEndpoint).toBeUndefined()
  })
})

describe('a token that acts as an entry', () => {
  const tokens = [{ ...one, as: ADA }]

  it('is the entry, looked up each time, and the same object for the access rules', async () => {
    const { auth, people } = make({ tokens })
    const [first, second] = [
      await auth.authenticate(`Bearer ${token}`, ctx()),
      await auth.authenticate(`Bearer ${token}`, ctx()),
    ]
    expect(first.principal).toEqual({ kind: 'entry', view: 'people', id: 'id-ada', names: ['ada'] })
    expect(second.principal).toBe(first.principal)
    expect(people.asked).toEqual([
      { op: 'and', of: [{ op: 'eq', attr: 'uid', value: 'ada', first: true }] },
      { op: 'and', of: [{ op: 'eq', attr: 'uid', value: 'ada', first: true }] },
    ])
  })

  it('is refused as soon as the entry is disabled, and good again when it is enabled', async () => {
    const { auth, people } = make({ tokens })
    await auth.authenticate(`Bearer ${token}`, ctx())
    people.disabled.add('ada')
    expect(await challenge(auth.authenticate(`Bearer ${token}`, ctx()))).toBe(INVALID)
    people.disabled.clear()
    expect((await auth.authenticate(`Bearer ${token}`, ctx())).name).toBe('provisioner')
  })

  it.each(['uid=nobody,ou=people,dc=example,dc=com', 'ou=people,dc=example,dc=com'])(
    'is refused where %s is no entry',
    async (as) => {
      const { auth } = make({ tokens: [{ ...one, as }] })
      expect(await challenge(auth.authenticate(`Bearer ${token}`, ctx()))).toBe(INVALID)
    },
  )

  it('is told of an outage where the source is away, not that the token is wrong', async () => {
    const { auth, people } = make({ tokens })
    people.subjects.principalOf = async () => {
      throw new VitrineError('unavailable')
    }
    expect(await refusal(auth.authenticate(`Bearer ${token}`, ctx()))).toMatchObject({ code: 'unavailable' })
  })
})

describe('what a caller may not do', () => {
  it('is refused with the scope that is needed', async () => {
    const { auth } = make({ tokens: [one] })
    const caller = await auth.authenticate(`Bearer ${token}`, ctx())
    auth.demand(caller, required('User', 'write'))
    const error = await refusal(Promise.resolve().then(() => auth.demand(caller, required('Group', 'read'))))
    expect(error).toMatchObject({
      code: 'insufficientAccessRights',
      challenge: 'Bearer realm="SCIM", error="insufficient_scope", scope="groups.read"',
      safeMessage: 'the token lacks the scope groups.read',
    })
  })

  it('is named as clients know it', async () => {
    const { auth } = make({ tokens: [one], scopes: { bulk: ['https://jans.io/scim/bulk'] } })
    const caller = await auth.authenticate(`Bearer ${token}`, ctx())
    expect(await challenge(Promise.resolve().then(() => auth.demand(caller, 'bulk')))).toBe(
      'Bearer realm="SCIM", error="insufficient_scope", scope="https://jans.io/scim/bulk"',
    )
  })

  it('is what write alone does not imply', async () => {
    const { auth } = make({ tokens: [{ ...one, scopes: ['users.write'] }] })
    const caller = await auth.authenticate(`Bearer ${token}`, ctx())
    expect(caller.may(required('User', 'read'))).toBe(false)
  })
})
