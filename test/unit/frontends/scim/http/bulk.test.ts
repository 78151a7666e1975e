import { beforeEach, describe, expect, it } from 'vitest'
import { VitrineError } from '../../../../../src/model/errors.js'
import { BASE, ENTERPRISE, ERROR, group, patch, type Served, served, user } from './served.js'

const REQUEST = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'
const RESPONSE = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse'

const post = (bulkId: string, path: string, data: object) => ({ method: 'POST', path, bulkId, data })
const members = (...bulkIds: readonly string[]) => ({
  members: bulkIds.map((name) => ({ value: `bulkId:${name}` })),
})
const managedBy = (name: string) => ({ [ENTERPRISE]: { manager: { value: `bulkId:${name}` } } })

describe('bulk requests', () => {
  let scim: Served
  beforeEach(async () => {
    scim = await served()
  })
  const bulk = (operations: readonly unknown[], more: object = {}, token = 'admin') =>
    scim.ask('POST', '/Bulk', { body: { schemas: [REQUEST], Operations: operations, ...more }, token })
  const idOf = (location: string | undefined) => location?.split('/').at(-1) ?? ''
  const memberIds = (id: string) =>
    scim.ask('GET', `/Groups/${id}`).then(({ body }) => body.members?.map((m) => m.value))

  it('do every kind of operation, in order, and tell what came of each', async () => {
    const answer = await bulk([
      post('a', '/Users', user('alice', { title: 'Dr.' })),
      { method: 'PUT', path: '/Users/bulkId:a', data: user('alice', { title: 'Prof.' }) },
      { method: 'patch', path: '/Users/bulkId:a', bulkId: 'p', data: patch({ op: 'remove', path: 'title' }) },
      post('g', '/Groups', group('Staff', members('a'))),
      { method: 'DELETE', path: '/Groups/bulkId:g' },
      { method: 'PUT', path: '/Groups/bulkId:g', data: group('Staff') },
    ])
    expect(answer.status).toBe(200)
    expect(answer.body.schemas).toEqual([RESPONSE])
    expect(answer.body.Operations).toMatchObject([
      { method: 'POST', bulkId: 'a', status: '201', location: `${BASE}/Users/people-1`, version: 'W/"1"' },
      { method: 'PUT', status: '200', location: `${BASE}/Users/people-1`, version: 'W/"2"' },
      { method: 'patch', bulkId: 'p', status: '200', version: 'W/"3"' },
      { method: 'POST', bulkId: 'g', status: '201', location: `${BASE}/Groups/groups-2` },
      { method: 'DELETE', status: '204', location: `${BASE}/Groups/groups-2` },
      {
        method: 'PUT',
        status: '404',
        location: `${BASE}/Groups/groups-2`,
        response: { schemas: [ERROR], status: '404' },
      },
    ])
    for (const done of answer.body.Operations.slice(0, 5)) expect(done).not.toHaveProperty('response')
    expect(scim.directory.stored('people', '1')?.get('title') ?? []).toEqual([])
  })

  it('resolve what is created further down first', async () => {
    const { body } = await bulk([
      post('g', '/Groups', group('Staff', members('a', 'b'))),
      {
        method: 'PATCH',
        path: '/Groups/bulkId:g',
        data: patch({ op: 'remove', path: 'members[value eq "bulkId:b"]' }),
      },
      post('a', '/Users', user('alice', managedBy('b'))),
      post('b', '/Users', user('bob')),
    ])
    expect(body.Operations.map((o) => o.status)).toEqual(['201', '200', '201', '201'])
    expect(body.Operations.map((o) => o.bulkId)).toEqual(['g', undefined, 'a', 'b'])
    const alice = idOf(body.Operations[2]?.location)
    const bob = idOf(body.Operations[3]?.location)
    expect(await memberIds(idOf(body.Operations[0]?.location))).toEqual([alice])
    const read = await scim.ask('GET', `/Users/${alice}`)
    expect(read.body[ENTERPRISE].manager.value).toBe(bob)
  })

  it('resolve references in circles, and to oneself', async () => {
    const { body } = await bulk([
      post('a', '/Groups', group('A', members('b'))),
      post('b', '/Groups', group('B', members('c', 'u'))),
      post('c', '/Groups', group('C', members('a', 'c'))),
      post('u', '/Users', user('self', managedBy('u'))),
    ])
    expect(body.Operations.map((o) => o.status)).toEqual(['201', '201', '201', '201'])
    const [a = '', b = '', c = '', u = ''] = body.Operations.map((o) => idOf(o.location))
    expect(await memberIds(a)).toEqual([b])
    expect((await memberIds(b)).sort()).toEqual([c, u].sort())
    expect((await memberIds(c)).sort()).toEqual([a, c].sort())
    const read = await scim.ask('GET', `/Users/${u}`)
    expect(read.body[ENTERPRISE].manager.value).toBe(u)
    expect(body.Operations[3]?.version).toBe(read.headers.etag)
  })

  it('refuse references to what is not created', async () => {
    const { body } = await bulk([
      post('g', '/Groups', group('A', members('nobody'))),
      post('h', '/Groups', group('B', members('bad'))),
      post('bad', '/Users', { schemas: ['urn:x'] }),
      { method: 'DELETE', path: '/Users/bulkId:nobody' },
      post('n', '/Users', user('named', { displayName: 'bulkId:nobody' })),
    ])
    expect(body.Operations).toMatchObject([
      { status: '409', response: { status: '409', detail: 'bulkId nobody is not among the operations' } },
      { status: '409', response: { detail: 'bulkId bad was not created' } },
      { status: '400', response: { scimType: 'invalidSyntax' } },
      { status: '409' },
      { status: '201' },
    ])
    expect(scim.directory.size('groups')).toBe(0)
    expect(body.Operations[0]).not.toHaveProperty('location')
    expect(scim.directory.stored('people', '1')?.get('displayName')).toEqual(['bulkId:nobody'])
  })

  it('take back a creation whose circle cannot be closed', async () => {
    const { body } = await bulk([
      post('a', '/Groups', { ...group('A', members('b')), schemas: ['urn:x'] }),
      post('b', '/Groups', group('B', members('a'))),
    ])
    expect(body.Operations).toMatchObject([
      { bulkId: 'a', status: '400' },
      { bulkId: 'b', status: '409', response: { detail: 'bulkId a was not created' } },
    ])
    expect(scim.directory.size('groups')).toBe(0)
  })

  it('take back what was left incomplete where the rest is not tried any more', async () => {
    const { modify } = scim.directory
    let changed = 0
    scim.directory.modify = (request, ctx) => {
      if (++changed === 1) throw new VitrineError('constraintViolation')
      return modify.call(scim.directory, request, ctx)
    }
    const { body } = await bulk(
      [
        post('a', '/Groups', group('A', members('x'))),
        post('x', '/Groups', group('X', members('z', 'a'))),
        post('z', '/Groups', group('Z', members('x'))),
      ],
      { failOnErrors: 1 },
    )
    expect(body.Operations).toMatchObject([
      { bulkId: 'x', status: '409', response: { detail: 'bulkId a was not created' } },
      { bulkId: 'z', status: '400' },
    ])
    expect(scim.directory.size('groups')).toBe(0)
  })

  it('follow long chains of references', async () => {
    scim = await served({ bulk: { maxOperations: 10_000, maxPayloadSize: 10_000_000 } })
    const chain = Array.from({ length: 5000 }, (_, i) =>
      post(`${i}`, '/Groups', group(`g${i}`, i === 4999 ? {} : members(`${i + 1}`))),
    )
    const { body } = await bulk(chain)
    expect(new Set(body.Operations.map((o) => o.status))).toEqual(new Set(['201']))
    expect(await memberIds('groups-5000')).toEqual(['groups-4999'])
  })

  it('take a bulkId for one resource only', async () => {
    const { body } = await bulk([
      post('a', '/Users', user('alice')),
      post('a', '/Users', user('bob')),
      post('g', '/Groups', group('Staff', members('a'))),
    ])
    expect(body.Operations).toMatchObject([
      { status: '201' },
      { status: '400', response: { detail: 'bulkId a is used twice' } },
      { status: '201' },
    ])
    expect(await memberIds('groups-2')).toEqual(['people-1'])
  })

  it('stop at as many errors as the client puts up with', async () => {
    const operations = [
      post('1', '/Users', user('a')),
      post('2', '/Users', user('A')),
      post('3', '/Users', user('b')),
      post('4', '/Users', user('B')),
      post('5', '/Users', user('c')),
    ]
    const one = await bulk(operations, { failOnErrors: 1 })
    expect(one.body.Operations.map((o) => o.status)).toEqual(['201', '409'])
    expect(one.body.Operations[1]?.response).toMatchObject({ scimType: 'uniqueness' })
    expect(scim.directory.size('people')).toBe(1)
    const two = await bulk(operations, { failOnErrors: 2 })
    expect(two.body.Operations).toHaveLength(2)
    const all = await bulk(operations)
    expect(all.body.Operations.map((o) => o.status)).toEqual(['409', '409', '201', '409', '201'])
  })

  it('check versions and scopes of each operation', async () => {
    scim.directory.put('people', { uid: ['alice'] })
    scim.directory.put('groups', { cn: ['Staff'] })
    const { body } = await bulk(
      [
        { method: 'DELETE', path: '/Users/people-1', version: 'W/"7"' },
        { method: 'DELETE', path: '/Groups/groups-2' },
        { method: 'PUT', path: '/Users/people-1', version: 'W/"1"', data: user('alice2') },
      ],
      {},
      'bulker',
    )
    expect(body.Operations).toMatchObject([
      { status: '412', location: `${BASE}/Users/people-1` },
      { status: '403', response: { detail: 'the token lacks the scope groups.write' } },
      { status: '200', version: 'W/"2"' },
    ])
  })

  it.each([
    [{ method: 'GET', path: '/Users/people-1' }, '400'],
    [{ method: 'POST', path: '/Users', data: {} }, '400'],
    [{ method: 'POST', path: '/Users', bulkId: 7, data: {} }, '400'],
    [{ method: 'PUT', path: '/Users/people-1' }, '400'],
    [{ method: 'DELETE' }, '400'],
    [{ method: 'DELETE', path: '/Users' }, '405'],
    [{ method: 'POST', bulkId: 'x', path: '/Users/people-1', data: user('x') }, '405'],
    [{ method: 'DELETE', path: '/Devices/x' }, '405'],
    [{ method: 'DELETE', path: '/Nowhere/x' }, '404'],
    [{ method: 'DELETE', path: '/Users/%zz' }, '404'],
    ['text', '400'],
    [null, '400'],
  ])('answer %j with %s', async (operation, status) => {
    scim.directory.put('people', { uid: ['alice'] })
    const { body } = await bulk([operation])
    expect(body.Operations).toMatchObject([{ status, response: { schemas: [ERROR], status } }])
    expect(scim.directory.size('people')).toBe(1)
  })

  it('go on when the source fails one of them, and end with the client', async () => {
    let asked = 0
    scim.directory.before = async () => {
      if (++asked === 1) throw new VitrineError('unavailable')
    }
    const { body } = await bulk([post('1', '/Users', user('a')), post('2', '/Users', user('b'))])
    expect(body.Operations.map((o) => o.status)).toEqual(['503', '201'])
    scim.directory.before = async () => {
      throw new VitrineError('canceled')
    }
    expect((await bulk([post('1', '/Users', user('c'))])).status).toBe(499)
  })

  it('are bounded', async () => {
    const many = Array.from({ length: 21 }, (_, i) => post(`${i}`, '/Users', user(`u${i}`)))
    expect(await bulk(many)).toMatchObject({ status: 413, body: { schemas: [ERROR], status: '413' } })
    const large = await bulk([post('1', '/Users', user('x'.repeat(30_000)))])
    expect(large).toMatchObject({ status: 413, body: { status: '413' } })
    expect(scim.directory.size('people')).toBe(0)
  })

  it('must be bulk requests', async () => {
    for (const body of [
      {},
      { schemas: [REQUEST] },
      { schemas: [REQUEST], Operations: {} },
      { schemas: [REQUEST], Operations: [], failOnErrors: 0 },
      { schemas: [REQUEST], Operations: [], failOnErrors: 'x' },
      { Operations: [] },
    ]) {
      expect((await scim.ask('POST', '/Bulk', { body })).status).toBe(400)
    }
    expect((await bulk([])).body).toEqual({ schemas: [RESPONSE], Operations: [] })
  })

  it('take paths in the ways that clients write them', async () => {
    const { body } = await bulk([
      post('1', 'Users', user('a')),
      post('2', `${BASE}/Users`, user('b')),
      post('3', '/Users/', user('c')),
      post('4', '/Users?attributes=id', user('d')),
    ])
    expect(body.Operations.map((o) => o.status)).toEqual(['201', '201', '201', '201'])
  })
})
