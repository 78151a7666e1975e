import { fastify } from 'fastify'
import { describe, expect, it } from 'vitest'
import type { Auth } from '../../../../../src/frontends/scim/auth/auth.js'
import type { TokenRequest } from '../../../../../src/frontends/scim/auth/token-endpoint.js'
import { tokenRoute } from '../../../../../src/frontends/scim/plugin.js'

const refuse = () => {
  throw new Error('not asked here')
}
const never: Auth = { authenticate: async () => refuse(), demand: refuse, scopeName: (scope) => scope }

describe('the route of the token endpoint', () => {
  it('hands over what came and sends what is answered', async () => {
    const asked: TokenRequest[] = []
    const auth: Auth = {
      ...never,
      tokenEndpoint: {
        path: '/oauth/token',
        answer: async (request) => {
          asked.push(request)
          return { status: 401, headers: { 'cache-control': 'no-store' }, body: { error: 'invalid_client' } }
        },
      },
    }
    const app = fastify()
    await app.register(tokenRoute, { auth, timeLimit: 1000 })
    const contentType = 'application/x-www-form-urlencoded'
    const answer = await app.inject({
      method: 'POST',
      url: '/oauth/token',
      headers: { authorization: 'Basic eDp5', 'content-type': contentType },
      payload: 'grant_type=client_credentials',
    })
    expect([answer.statusCode, answer.headers['cache-control'], answer.json()]).toEqual([
      401,
      'no-store',
      { error: 'invalid_client' },
    ])
    expect(asked).toMatchObject([
      {
        authorization: 'Basic eDp5',
        contentType,
        body: 'grant_type=client_credentials',
        address: '127.0.0.1',
      },
    ])
    expect(asked[0]?.signal).toBeInstanceOf(AbortSignal)
    const large = await app.inject({
      method: 'POST',
      url: '/oauth/token',
      headers: { 'content-type': contentType },
      payload: 'x'.repeat(20_000),
    })
    expect(large.statusCode).toBe(413)
    expect((await app.inject({ method: 'POST', url: '/oauth/token' })).statusCode).toBe(401)
    expect(asked).toHaveLength(2)
  })

  it('is not there without clients', async () => {
    const app = fastify()
    await app.register(tokenRoute, { auth: never, timeLimit: 0 })
    expect((await app.inject({ method: 'POST', url: '/oauth/token' })).statusCode).toBe(404)
  })
})
