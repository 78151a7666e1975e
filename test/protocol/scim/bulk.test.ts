/** Many operations in one request (RFC 7644 3.7). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  BULK,
  databases,
  ENTERPRISE,
  ERROR,
  found,
  GROUP,
  PATCH,
  refusal,
  type Service,
  serveDemo,
  USER,
  unique,
  values,
} from './serving.js'

describe.each(databases)('bulk requests and %s', (_name, create) => {
  let scim: Service

  beforeAll(async () => {
    scim = await serveDemo(create)
  })
  afterAll(() => scim?.close())

  const send = (Operations: readonly unknown[], more: Readonly<Record<string, unknown>> = {}) =>
    scim.post('/Bulk', { schemas: [BULK], ...more, Operations })
  const done = async (...operations: readonly unknown[]) => {
    const { status, body, text } = await send(operations)
    expect(status, text).toBe(200)
    expect(body.schemas).toEqual(['urn:ietf:params:scim:api:messages:2.0:BulkResponse'])
    return body.Operations ?? []
  }
  const newUser = (bulkId: string, more: Readonly<Record<string, unknown>> = {}) => ({
    method: 'POST',
    path: '/Users',
    bulkId,
    data: { schemas: [USER], userName: unique('bulk'), ...more },
  })
  const newGroup = (bulkId: string, ...members: readonly string[]) => ({
    method: 'POST',
    path: '/Groups',
    bulkId,
    data: {
      schemas: [GROUP],
      displayName: unique('Bulk'),
      members: members.map((value) => ({ type: 'User', value })),
    },
  })
  const idOf = (location: string | undefined) => location?.slice(location.lastIndexOf('/') + 1) ?? ''

  it('makes, replaces, changes and deletes, in order, each answered as it would be alone', async () => {
    const results = await done(
      newUser('one'),
      {
        method: 'PUT',
        path: '/Users/bulkId:one',
        data: { schemas: [USER], userName: unique('bulk'), active: true, roles: [{ value: 'Puppeteer' }] },
      },
      {
        method: 'PATCH',
        path: '/Users/bulkId:one',
        data: {
          schemas: [PATCH],
          Operations: [
            { op: 'add', value: { nickName: 'Babs', userType: 'CEO' } },
            { op: 'replace', value: { displayName: 'patched' } },
          ],
        },
      },
      newUser('two'),
      { method: 'DELETE', path: '/Users/bulkId:two' },
    )
    expect(results).toMatchObject([
      { method: 'POST', bulkId: 'one', status: '201' },
      { method: 'PUT', status: '200' },
      { method: 'PATCH', status: '200' },
      { method: 'POST', bulkId: 'two', status: '201' },
      { method: 'DELETE', status: '204' },
    ])
    const [made, put, patch, gone] = results
    expect(made?.location).toMatch(new RegExp(`^${scim.base}/Users/.`))
    expect([put?.location, patch?.location]).toEqual([made?.location, made?.location])
    const { headers, body } = await scim.get(`/Users/${idOf(made?.location)}`)
    expect(body).toMatchObject({ nickName: 'Babs', displayName: 'patched', roles: [{ value: 'Puppeteer' }] })
    expect(patch?.version).toBe(headers.get('etag'))
    expect((await scim.get(`/Users/${idOf(gone?.location)}`)).status).toBe(404)
  })

  it('refers to what it makes, before and after it makes it, and in circles', async () => {
    const manager = (bulkId: string) => ({ [ENTERPRISE]: { manager: { value: `bulkId:${bulkId}` } } })
    const results = await done(
      newGroup('group', 'bulkId:late', 'bulkId:early'),
      newUser('early', manager('late')),
      newUser('late', manager('early')),
      {
        method: 'PATCH',
        path: '/Groups/bulkId:group',
        data: {
          schemas: [PATCH],
          Operations: [
            { op: 'remove', path: 'members[value eq "bulkId:early"]' },
            { op: 'add', path: 'members', value: [{ value: 'bulkId:last' }] },
          ],
        },
      },
      newUser('last'),
    )
    expect(results.map(({ status }) => status)).toEqual(['201', '201', '201', '200', '201'])
    const [group, early, late, , last] = results.map(({ location }) => idOf(location))
    expect(values((await scim.get(`/Groups/${group}`)).body.members)).toEqual([late ?? '', last ?? ''].sort())
    expect((await scim.get(`/Users/${early}`)).body[ENTERPRISE]).toMatchObject({ manager: { value: late } })
    expect((await scim.get(`/Users/${late}`)).body[ENTERPRISE]).toMatchObject({ manager: { value: early } })
  })

  it('goes on after a failure, unless it is told how many it may have', async () => {
    const taken = await scim.user({ userName: unique('bulk') })
    const failing = () => newUser('failing', { userName: taken.userName })
    const results = await done(
      failing(),
      newUser('a'),
      { method: 'DELETE', path: '/Users/nobody' },
      { method: 'PATCH', path: `/Users/${taken.id}`, data: { schemas: [PATCH], Operations: [] } },
      newUser('b'),
    )
    expect(results.map(({ status }) => status)).toEqual(['409', '201', '404', '400', '201'])
    expect(results[0]).not.toHaveProperty('location')
    expect(results[0]?.response).toMatchObject({
      schemas: [ERROR],
      status: '409',
      scimType: 'uniqueness',
      detail: expect.stringMatching(/./),
    })
    expect(results[1]).not.toHaveProperty('response')
    expect(results[2]?.response).toMatchObject({ schemas: [ERROR], status: '404' })

    for (const [failOnErrors, count] of [
      [1, 2],
      [2, 4],
    ] as const) {
      const last = newUser('last')
      const { status, body } = await send([newUser('first'), failing(), newUser('second'), failing(), last], {
        failOnErrors,
      })
      expect(status).toBe(200)
      expect(body.Operations).toHaveLength(count)
      expect(await found(scim, '/Users', `userName eq "${last.data.userName}"`)).toEqual([])
    }
  })

  it('refuses a single operation that is wrong, and says which', async () => {
    const { id } = await scim.user({ userName: unique('bulk') })
    const wrong = [
      [{ ...newUser('x'), bulkId: undefined }, '400'],
      [{ method: 'GET', path: `/Users/${id}` }, '4'],
      [{ method: 'POST', path: '/Nothing', bulkId: 'n', data: {} }, '4'],
      [{ method: 'POST', path: '/Bulk', bulkId: 'n', data: { Operations: [] } }, '4'],
      [{ method: 'PUT', path: `/Users/${id}` }, '400'],
      [{ method: 'PUT', path: '/Users', data: { schemas: [USER], userName: 'x' } }, '4'],
      [{ method: 'DELETE', path: '/Users/bulkId:unknown' }, '4'],
      [newGroup('g', 'bulkId:unknown'), '409'],
      [{ method: 'PATCH', path: '../Users', data: {} }, '4'],
    ] as const
    for (const [operation, status] of wrong) {
      const [result] = await done(operation)
      expect(result?.status, JSON.stringify(operation)).toMatch(new RegExp(`^${status}`))
      expect(result?.response).toMatchObject({ schemas: [ERROR], status: result?.status })
    }
  })

  it('a bulkId whose resource is gone is nobody', async () => {
    const results = await done(
      newUser('one'),
      { method: 'DELETE', path: '/Users/bulkId:one' },
      { method: 'PUT', path: '/Users/bulkId:one', data: { schemas: [USER], userName: unique('bulk') } },
    )
    expect(results.map(({ status }) => status)).toEqual(['201', '204', '404'])
  })

  it('minds the version that an operation names', async () => {
    const { id } = await scim.user({ userName: unique('bulk') })
    const version = (await scim.get(`/Users/${id}`)).headers.get('etag')
    const change = (nickName: string) => ({
      method: 'PATCH',
      path: `/Users/${id}`,
      version,
      data: { schemas: [PATCH], Operations: [{ op: 'replace', path: 'nickName', value: nickName }] },
    })
    const results = await done(change('first'), change('second'))
    expect(results.map(({ status }) => status)).toEqual(['200', '412'])
    expect((await scim.get(`/Users/${id}`)).body.nickName).toBe('first')
  })

  it('two operations of the same bulkId, none at all, and requests of another shape are refused', async () => {
    for (const body of [
      { schemas: [BULK] },
      { schemas: [BULK], Operations: {} },
      { schemas: [BULK], Operations: 'x' },
      { schemas: [PATCH], Operations: [newUser('x')] },
      { schemas: [BULK], failOnErrors: 'x', Operations: [newUser('x')] },
    ]) {
      expect(await scim.post('/Bulk', body), JSON.stringify(body)).toMatchObject(refusal(400))
    }
    const [one, two] = [newUser('same'), newUser('same')]
    const { status, body } = await send([one, two])
    expect(status === 400 || body.Operations?.some((result) => result.status.startsWith('4'))).toBe(true)
  })

  it('makes a hundred users, and says where they are', async () => {
    const prefix = unique('hundred')
    const results = await done(
      ...Array.from({ length: 100 }, (_, n) => newUser(`b${n}`, { userName: `${prefix}-${n}` })),
    )
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['201']))
    expect(new Set(results.map(({ location }) => location)).size).toBe(100)
    expect(await found(scim, '/Users', `userName sw "${prefix}-"`)).toHaveLength(100)
  })
})
