/** SCIM as a plugin of somebody else's Fastify server: what it says of itself is so. */
import { type FastifyInstance, fastify } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { createGateway, type GatewayInput, scim as plugin } from '../../../src/index.js'
import { runSql, sqliteDatabase } from '../../mappings/databases.js'
import { scim, USER } from './serving.js'
import { users } from './tables.js'

const account = 'cn=sync,dc=example,dc=com'
const tokenEndpoint = {
  clients: [{ id: 'sync', secret: '{CLEARTEXT}a secret', as: account, scopes: ['users.read'] }],
}

let apps: FastifyInstance[] = []
afterEach(async () => {
  for (const app of apps) await app.close()
  apps = []
})

async function serve(section: object, app = fastify(), view: object = users) {
  const database = sqliteDatabase()
  await runSql(
    database.url,
    'create table users (id integer primary key, login text unique)',
    `insert into users values (1, 'ada')`,
  )
  const gateway = await createGateway({
    suffix: 'dc=example,dc=com',
    log: { level: 'silent' },
    sources: { db: { type: 'sql', url: database.url } },
    views: [view],
    serviceAccounts: [{ dn: account, password: '{CLEARTEXT}x' }],
    access: [{ who: account, allow: ['read', 'search'], views: '*' }],
    cookieSecret: 'long enough to be one',
    scim: { anonymousDiscovery: true, ...section },
  } as GatewayInput)
  app.register(plugin, { gateway, prefix: '/people/scim' })
  app.addHook('onClose', async () => {
    await gateway.close()
    await database.remove()
  })
  apps.push(app)
  return `${await app.listen({ host: '127.0.0.1', port: 0 })}/people/scim`
}

interface Scheme {
  readonly type: string
  readonly description: string
}

async function schemesOf(base: string) {
  const { body } = await scim(base, '').get('/ServiceProviderConfig', {}, { authorization: null })
  return body.authenticationSchemes as readonly Scheme[]
}

const tokenUrlIn = (schemes: readonly Scheme[]) =>
  schemes.flatMap(({ description }) => /https?:\/\/\S+/.exec(description)?.[0] ?? [])

const asForm = {
  method: 'POST',
  headers: {
    authorization: `Basic ${Buffer.from('sync:a%20secret').toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
  },
}

describe('the plugin', () => {
  it('tells no versions of what nobody can change here: the same one of everybody would be no version', async () => {
    const tokens = [{ name: 'sync', token: '{CLEARTEXT}a-good-long-token', as: account, scopes: '*' }]
    const { writable: _, ...view } = users
    const base = await serve({ tokens }, fastify(), view)
    const authorization = 'Bearer a-good-long-token'
    const list = (await (await fetch(`${base}/Users`, { headers: { authorization } })).json()) as {
      Resources: readonly { meta: object & { location: string } }[]
    }
    const [{ meta } = { meta: { location: '' } }] = list.Resources
    expect(Object.keys(meta)).not.toContain('version')
    const seen = await fetch(meta.location, { headers: { authorization } })
    expect(seen.status).toBe(200)
    expect(seen.headers.has('etag')).toBe(false)
    const again = await fetch(meta.location, { headers: { authorization, 'if-none-match': 'W/"0-0"' } })
    expect(again.status).toBe(200)
  })

  it('gives tokens where it says that it does', async () => {
    const base = await serve({ tokenEndpoint })
    const [url = ''] = tokenUrlIn(await schemesOf(base))
    expect(url).toBe(`${base}/oauth/token`)
    const answer = await fetch(url, { ...asForm, body: 'grant_type=client_credentials&scope=users.read' })
    expect(answer.status).toBe(200)
    const { access_token } = (await answer.json()) as { access_token: string }
    const listed = await scim(base, `Bearer ${access_token}`).get('/Users')
    expect(listed.body.Resources).toMatchObject([{ schemas: [USER], userName: 'ada' }])
    const refused = await fetch(url, {
      ...asForm,
      headers: { ...asForm.headers, authorization: 'Basic eDp5' },
      body: '',
    })
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: 'invalid_request' }])
  })

  it('says so by the name that clients know it by', async () => {
    const base = await serve({
      tokenEndpoint: { ...tokenEndpoint, path: '/token' },
      baseUrl: 'https://id.example.com/scim',
    })
    expect(tokenUrlIn(await schemesOf(base))).toEqual(['https://id.example.com/scim/token'])
    expect((await fetch(`${base}/token`, { ...asForm, body: 'grant_type=client_credentials' })).status).toBe(
      200,
    )
  })

  it('has no such endpoint without clients', async () => {
    const tokens = [
      { name: 'sync', token: '{CLEARTEXT}a-good-long-token-for-this-test', as: account, scopes: '*' },
    ]
    const base = await serve({ tokens })
    expect(await schemesOf(base)).toHaveLength(1)
    expect((await fetch(`${base}/oauth/token`, { ...asForm, body: '' })).status).toBe(401)
  })

  it('leaves other routes and what they take alone', async () => {
    const app = fastify()
    app.post('/echo', async (request) => ({ got: request.body }))
    const base = await serve({ tokenEndpoint }, app)
    const echoed = await fetch(new URL('/echo', base), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
    })
    expect(await echoed.json()).toEqual({ got: { a: 1 } })
    expect((await fetch(new URL('/oauth/token', base), { ...asForm, body: '' })).status).toBe(404)
  })
})
