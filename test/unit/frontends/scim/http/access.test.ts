import { beforeEach, describe, expect, it } from 'vitest'
import { refuseMalformed } from '../../../../../src/frontends/scim/plugin.js'
import { ERROR, patch, type Served, served, user } from './served.js'

describe('who may ask', () => {
  let scim: Served
  beforeEach(async () => {
    scim = await served()
    scim.directory.put('people', { uid: ['alice'] })
  })

  const everything = [
    ['GET', '/Users'],
    ['GET', '/Users/people-1'],
    ['POST', '/Users'],
    ['PUT', '/Users/people-1'],
    ['PATCH', '/Users/people-1'],
    ['DELETE', '/Users/people-1'],
    ['POST', '/Users/.search'],
    ['GET', '/Users/.changes'],
    ['GET', '/'],
    ['POST', '/.search'],
    ['POST', '/Bulk'],
    ['GET', '/Me'],
    ['GET', '/ServiceProviderConfig'],
    ['GET', '/ResourceTypes'],
    ['GET', '/ResourceTypes/User'],
    ['GET', '/Schemas'],
    ['GET', '/openapi.json'],
    ['GET', '/nowhere'],
    ['OPTIONS', '/Users'],
  ] as const

  it.each(everything)('%s %s: nobody without a good token', async (method, path) => {
    for (const token of [null, 'wrong']) {
      const answer = await scim.ask(method, path, { token })
      expect(answer).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'Bearer realm="SCIM"' },
        body: { schemas: [ERROR], status: '401', detail: 'a bearer token is needed' },
      })
    }
    expect(scim.directory.asked).toMatchObject({ searches: [], counts: 0 })
  })

  it('bodies of strangers are not even looked at', async () => {
    const answer = await scim.ask('POST', '/Users', { token: null, body: 'x'.repeat(100_000) })
    expect(answer.status).toBe(401)
  })

  it('only discovery is for everybody, and only where the configuration says so', async () => {
    scim = await served({ anonymousDiscovery: true })
    for (const [method, path] of everything) {
      const { status } = await scim.ask(method, path, { token: null })
      const isDiscovery = /ServiceProviderConfig|ResourceTypes|Schemas|openapi/.test(path)
      expect([path, status]).toEqual([path, isDiscovery ? 200 : 401])
    }
  })

  it.each([
    ['reader', 'POST', '/Users', 'users.write'],
    ['reader', 'PUT', '/Users/people-1', 'users.write'],
    ['reader', 'PATCH', '/Users/people-1', 'users.write'],
    ['reader', 'DELETE', '/Users/people-1', 'users.write'],
    ['reader', 'GET', '/Groups', 'groups.read'],
    ['reader', 'GET', '/', 'search'],
    ['reader', 'POST', '/.search', 'search'],
    ['reader', 'POST', '/Bulk', 'bulk'],
    ['powerless', 'GET', '/Users', 'users.read'],
    ['powerless', 'GET', '/Users/people-1', 'users.read'],
    ['powerless', 'POST', '/Users/.search', 'users.read'],
    ['powerless', 'GET', '/Users/.changes', 'users.read'],
  ])('%s may not %s %s: the token lacks %s', async (token, method, path, scope) => {
    const answer = await scim.ask(method, path, { token, body: {} })
    expect(answer.status).toBe(403)
    expect(answer.headers['www-authenticate']).toContain(`error="insufficient_scope", scope="${scope}"`)
    expect(scim.directory.size('people')).toBe(1)
  })

  it('those with the scope may', async () => {
    expect((await scim.ask('GET', '/Users/people-1', { token: 'reader' })).status).toBe(200)
    const search = { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'] }
    expect((await scim.ask('POST', '/Users/.search', { token: 'reader', body: search })).status).toBe(200)
    expect((await scim.ask('POST', '/Users', { token: 'bulker', body: user('bob') })).status).toBe(201)
  })
})

describe('methods and paths', () => {
  it.each([
    ['DELETE', '/Users', 'GET, HEAD, POST'],
    ['PATCH', '/Users', 'GET, HEAD, POST'],
    ['OPTIONS', '/Users', 'GET, HEAD, POST'],
    ['POST', '/Users/people-1', 'GET, HEAD, PUT, PATCH, DELETE'],
    ['PUT', '/', 'GET, HEAD'],
    ['GET', '/.search', 'POST'],
    ['GET', '/Bulk', 'POST'],
    ['POST', '/Me', 'GET, HEAD, PUT, PATCH, DELETE'],
    ['POST', '/Schemas', 'GET, HEAD'],
    ['DELETE', '/ServiceProviderConfig', 'GET, HEAD'],
    ['PUT', '/Users/.search', 'POST'],
  ])('%s %s is 405 and tells what is allowed', async (method, path, allow) => {
    const scim = await served()
    const answer = await scim.ask(method, path, { body: method === 'OPTIONS' ? undefined : '{' })
    expect(answer).toMatchObject({
      status: 405,
      headers: { allow },
      body: { schemas: [ERROR], status: '405' },
    })
  })

  it.each(['/nowhere', '/users', '/Users/1/2/3x', '/Bulk/1', '/%00'])('%s is 404', async (path) => {
    const scim = await served()
    const answer = await scim.ask('GET', path)
    expect(answer).toMatchObject({ status: 404, body: { schemas: [ERROR], status: '404' } })
    expect(answer.headers['content-type']).toBe('application/scim+json; charset=utf-8')
  })

  it('locations follow the request, or the configuration', async () => {
    const scim = await served()
    scim.directory.put('people', { uid: ['alice'] })
    const location = async (headers: Record<string, string>) =>
      (await scim.ask('GET', '/Users/people-1', { headers })).body.meta.location
    expect(await location({ host: 'id.example.com:8443' })).toBe(
      'http://id.example.com:8443/scim/v2/Users/people-1',
    )
    expect(await location({ host: 'x"><script>' })).toBe('http://localhost/scim/v2/Users/people-1')
    const fixed = await served({ baseUrl: 'https://id.example.com/v2' })
    fixed.directory.put('people', { uid: ['alice'] })
    const { body, headers } = await fixed.ask('GET', '/Users/people-1')
    expect(body.meta.location).toBe('https://id.example.com/v2/Users/people-1')
    expect(headers.location).toBe(body.meta.location)
  })
})

describe('servers', () => {
  it('refuse paths that are no text as SCIM does', async () => {
    const scim = await served({}, { frameworkErrors: refuseMalformed })
    for (const path of ['/Users/%ZZ', '/Users/%C3%28']) {
      const answer = await scim.ask('GET', path)
      expect(answer).toMatchObject({
        status: 400,
        headers: { 'content-type': 'application/scim+json; charset=utf-8' },
        body: { schemas: [ERROR], status: '400', scimType: 'invalidSyntax' },
      })
    }
  })

  it('may ignore slashes and not expose HEAD', async () => {
    const scim = await served({}, { exposeHeadRoutes: false, routerOptions: { ignoreTrailingSlash: true } })
    for (const path of ['/Users', '/Users/', '/Schemas/', '/']) {
      expect([path, (await scim.ask('HEAD', path)).status]).toEqual([path, 200])
    }
  })
})

describe('/Me', () => {
  let scim: Served
  beforeEach(async () => {
    scim = await served()
    scim.directory.put('people', { uid: ['alice'], title: ['Dr.'] })
  })
  const token = 'person'

  it('is the resource of whoever asks', async () => {
    const me = await scim.ask('GET', '/Me', { token })
    expect(me).toMatchObject({
      status: 200,
      headers: { location: 'http://localhost/scim/v2/Users/people-1' },
      body: { id: 'people-1', userName: 'alice' },
    })
    const body = patch({ op: 'remove', path: 'title' })
    expect((await scim.ask('PATCH', '/Me', { token, body })).body).not.toHaveProperty('title')
    const put = await scim.ask('PUT', '/Me', { token, body: user('alice', { displayName: 'A.' }) })
    expect(put).toMatchObject({ status: 200, body: { displayName: 'A.' } })
    expect((await scim.ask('DELETE', '/Me', { token })).status).toBe(204)
    expect((await scim.ask('GET', '/Me', { token })).status).toBe(404)
  })

  it('is nobody for whoever is none', async () => {
    for (const other of ['admin', 'stranger']) {
      const answer = await scim.ask('GET', '/Me', { token: other })
      expect(answer).toMatchObject({ status: 404, body: { schemas: [ERROR] } })
    }
  })
})

describe('what the service says of itself', () => {
  it('is the same for all that read it, and not filtered', async () => {
    const scim = await served()
    const config = await scim.ask('GET', '/ServiceProviderConfig', { token: 'powerless' })
    expect(config).toMatchObject({
      status: 200,
      body: {
        patch: { supported: true },
        bulk: { supported: true, maxOperations: 20, maxPayloadSize: 20_000 },
        filter: { supported: true, maxResults: 20 },
        etag: { supported: true },
        sort: { supported: true },
        meta: { location: 'http://localhost/scim/v2/ServiceProviderConfig' },
      },
    })
    const types = await scim.ask('GET', '/ResourceTypes')
    expect(types.body).toMatchObject({ totalResults: 3 })
    expect(types.body.Resources.map((t) => t.endpoint)).toEqual(['/Users', '/Groups', '/Devices'])
    expect((await scim.ask('GET', '/ResourceTypes/User')).body.endpoint).toBe('/Users')
    expect((await scim.ask('GET', '/ResourceTypes/Nothing')).status).toBe(404)
    const urn = 'urn:ietf:params:scim:schemas:core:2.0:User'
    expect((await scim.ask('GET', `/Schemas/${urn}`)).body.id).toBe(urn)
    expect((await scim.ask('GET', '/Schemas/urn:none')).status).toBe(404)
    expect((await scim.ask('GET', '/Schemas')).body.Resources.length).toBeGreaterThan(3)
    expect((await scim.ask('GET', '/openapi.json')).body).toMatchObject({
      openapi: '3.1.0',
      info: { version: '1.2.3' },
    })
    for (const path of ['/ServiceProviderConfig', '/ResourceTypes', '/Schemas']) {
      const filtered = await scim.ask('GET', path, { query: { filter: 'id pr' } })
      expect(filtered).toMatchObject({ status: 403, body: { schemas: [ERROR], status: '403' } })
    }
  })

  it('is found under another name in the Entra profile', async () => {
    expect((await (await served()).ask('GET', '/serviceConfiguration')).status).toBe(404)
    const entra = await served({ profile: 'entra' })
    expect((await entra.ask('GET', '/serviceConfiguration')).body.patch).toEqual({ supported: true })
  })
})
