/** What HTTP says around the resources: media types, locations, methods, preferences, and the other ways to ask. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  GROUP,
  LIST,
  refusal,
  SEARCH,
  type Service,
  serveDemo,
  sqlite,
  USER,
  unique,
  values,
} from './serving.js'

describe.each(sqlite)('HTTP and %s', (_name, create) => {
  let scim: Service

  beforeAll(async () => {
    scim = await serveDemo(create)
  })
  afterAll(() => scim?.close())

  it('answers in the media type that is asked for, SCIM if any', async () => {
    const { id } = await scim.user({ userName: unique('http') })
    for (const [accept, expected] of [
      ['application/scim+json', 'application/scim+json'],
      ['application/json', 'application/json'],
      ['*/*', 'application/scim+json'],
      ['text/html, application/xhtml+xml', 'application/scim+json'],
      ['application/scim+json;q=0.9, application/json;q=0.1', 'application/scim+json'],
    ] as const) {
      const { status, headers } = await scim.get(`/Users/${id}`, {}, { headers: { accept } })
      expect(status, accept).toBe(200)
      expect(headers.get('content-type'), accept).toMatch(new RegExp(`^${expected.replace('+', '\\+')}`))
    }
  })

  it('takes both media types, in any case, with and without a charset', async () => {
    for (const type of [
      'application/scim+json',
      'application/json',
      'APPLICATION/SCIM+JSON',
      'application/scim+json; charset=utf-8',
      'application/json;charset=UTF-8',
    ]) {
      const user = { schemas: [USER], userName: unique('http') }
      const { status } = await scim.post('/Users', user, { headers: { 'content-type': type } })
      expect(status, type).toBe(201)
    }
  })

  it('says of every resource where it is', async () => {
    const userName = unique('http')
    const made = await scim.post('/Users', { schemas: [USER], userName })
    const location = made.headers.get('location') ?? ''
    expect(location).toBe(`${scim.base}/Users/${made.body.id}`)
    const operations = [{ op: 'replace', path: 'nickName', value: 'N' }]
    for (const answer of [
      made,
      await scim.get(`/Users/${made.body.id}`),
      await scim.put(`/Users/${made.body.id}`, { schemas: [USER], userName }),
      await scim.patch(`/Users/${made.body.id}`, operations),
    ]) {
      expect(answer.headers.get('location')).toBe(location)
      expect(answer.body.meta).toMatchObject({ location, resourceType: 'User' })
    }
    const list = await scim.get('/Users', { filter: `userName eq "${userName}"` })
    expect(list.body.Resources?.[0]?.meta?.location).toBe(location)
    const host = { headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' } }
    expect((await scim.get(`/Users/${made.body.id}`, {}, host)).text).not.toContain('evil.example')
  })

  it('answers with nothing where nothing is wanted back', async () => {
    const minimal = { headers: { prefer: 'return=minimal' } }
    const { id } = await scim.user({ userName: unique('http') })
    const operations = [{ op: 'replace', path: 'nickName', value: 'quiet' }]
    const { status, text } = await scim.patch(`/Users/${id}`, operations, minimal)
    expect({ status, text }).toEqual({ status: 204, text: '' })
    expect((await scim.get(`/Users/${id}`)).body.nickName).toBe('quiet')
  })

  it('changes large groups without a look at their members, where that is wanted', async () => {
    const users = await Promise.all([1, 2].map(() => scim.user({ userName: unique('http') })))
    const { id } = await scim.group({ displayName: unique('Http') })
    for (const [n, user] of users.entries()) {
      const operations = [{ op: 'add', path: 'members', value: [{ value: user.id }] }]
      const asking =
        n === 0 ? { headers: { 'group-overhead-bypass': 'yes' } } : { query: { 'Group-Overhead-Bypass': '' } }
      const { status, body } = await scim.patch(`/Groups/${id}`, operations, asking)
      expect(status).toBe(200)
      for (const member of body.members ?? []) expect(member).not.toHaveProperty('display')
    }
    const { body } = await scim.get(`/Groups/${id}`)
    expect(values(body.members)).toEqual(users.map((user) => user.id).sort())
  })

  it('lets the head be asked for, and lists with a slash at the end', async () => {
    const head = await scim.request('HEAD', '/Users')
    expect({ status: head.status, text: head.text }).toEqual({ status: 200, text: '' })
    expect(await scim.request('HEAD', '/Users/nobody')).toMatchObject({ status: 404, text: '' })
    expect((await scim.get('/Users/', { count: 1 })).body.schemas).toEqual([LIST])
    expect((await scim.get('/', { count: 1 })).body.schemas).toEqual([LIST])
  })

  it('wants a SearchRequest for a search', async () => {
    for (const body of [
      {},
      { schemas: [USER] },
      { schemas: [SEARCH], filter: 5 },
      { schemas: [SEARCH], attributes: {} },
    ]) {
      expect(await scim.post('/Users/.search', body), JSON.stringify(body)).toMatchObject(refusal(400))
    }
    expect(await scim.get('/Users/.search')).toMatchObject(refusal(405))
    const answer = await scim.post('/Groups/.search', {
      schemas: [SEARCH],
      count: 1,
      attributes: ['displayName'],
    })
    expect(answer.body.Resources).toEqual([
      { schemas: [GROUP], id: expect.any(String), displayName: expect.any(String) },
    ])
  })

  it('takes no filter where what the service is is told', async () => {
    for (const path of ['/ServiceProviderConfig', '/ResourceTypes', '/Schemas']) {
      expect(await scim.get(path, { filter: 'id pr' }), path).toMatchObject(refusal(403))
    }
  })

  it('describes itself to programs', async () => {
    const { status, body } = await scim.get('/openapi.json')
    expect(status).toBe(200)
    expect(body.openapi).toMatch(/^3\.1/)
    expect(Object.keys(body.paths ?? {})).toEqual(
      expect.arrayContaining(['/Users', '/Users/{id}', '/Groups', '/Bulk', '/ServiceProviderConfig']),
    )
  })
})
