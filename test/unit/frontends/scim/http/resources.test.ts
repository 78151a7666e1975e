import { beforeEach, describe, expect, it } from 'vitest'
import { VitrineError } from '../../../../../src/model/errors.js'
import {
  BASE,
  ENTERPRISE,
  ERROR,
  group,
  patch,
  SCIM_JSON,
  type Served,
  served,
  USER,
  user,
} from './served.js'

describe('resources', () => {
  let scim: Served
  beforeEach(async () => {
    scim = await served()
  })

  it('are created and answered as they are stored, with their location and version', async () => {
    const name = { familyName: 'Liddell', givenName: 'Alice' }
    const answer = await scim.ask('POST', '/Users', {
      body: user('alice', { name, active: true, password: 'secret', id: 'mine', meta: { version: 'x' } }),
    })
    expect(answer.status).toBe(201)
    expect(answer.headers).toMatchObject({
      location: `${BASE}/Users/people-1`,
      etag: 'W/"1"',
      'content-type': SCIM_JSON,
    })
    expect(answer.body).toMatchObject({
      schemas: [USER],
      id: 'people-1',
      userName: 'alice',
      name,
      active: true,
      meta: { resourceType: 'User', location: `${BASE}/Users/people-1`, version: 'W/"1"' },
    })
    expect(answer.text).not.toContain('secret')
    expect(scim.directory.stored('people', '1')?.get('userPassword')).toEqual(['secret'])
    const read = await scim.ask('GET', '/Users/people-1')
    expect(read.status).toBe(200)
    expect(read.body).toEqual(answer.body)
    expect(read.headers).toMatchObject({ etag: 'W/"1"', location: `${BASE}/Users/people-1` })
  })

  it('show what is asked for', async () => {
    const answer = await scim.ask('POST', '/Users', {
      body: user('alice', { displayName: 'Alice', title: 'Dr.' }),
      query: { attributes: 'displayName' },
    })
    expect(answer.body).toEqual({ schemas: [USER], id: 'people-1', displayName: 'Alice' })
    const read = await scim.ask('GET', '/Users/people-1', {
      query: { excludedAttributes: 'displayName, meta' },
    })
    expect(read.body).toEqual({ schemas: [USER], id: 'people-1', userName: 'alice', title: 'Dr.' })
    const { searches } = scim.directory.asked
    expect(searches.at(-1)?.attributes).not.toContain('displayName')
  })

  it('are replaced: what is left out is cleared', async () => {
    await scim.ask('POST', '/Users', { body: user('alice', { title: 'Dr.', displayName: 'Alice' }) })
    const answer = await scim.ask('PUT', '/Users/people-1', { body: user('alice', { displayName: 'A.' }) })
    expect(answer.status).toBe(200)
    expect(answer.headers.etag).toBe('W/"2"')
    expect(answer.body).toMatchObject({ userName: 'alice', displayName: 'A.' })
    expect(answer.body).not.toHaveProperty('title')
    expect(scim.directory.stored('people', '1')?.get('title') ?? []).toEqual([])
  })

  it('are patched, all operations or none', async () => {
    await scim.ask('POST', '/Users', { body: user('alice', { title: 'Dr.' }) })
    const answer = await scim.ask('PATCH', '/Users/people-1', {
      body: patch(
        { op: 'Replace', path: 'displayName', value: 'Alice' },
        { op: 'add', path: 'emails', value: [{ value: 'a@example.com', type: 'work' }] },
        { op: 'remove', path: 'title' },
      ),
    })
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({
      displayName: 'Alice',
      emails: [{ value: 'a@example.com', type: 'work' }],
    })
    expect(answer.body).not.toHaveProperty('title')
    const refused = await scim.ask('PATCH', '/Users/people-1', {
      body: patch(
        { op: 'replace', path: 'displayName', value: 'Other' },
        { op: 'replace', path: 'emails[type eq "home"].value', value: 'x' },
      ),
    })
    expect(refused).toMatchObject({ status: 400, body: { scimType: 'noTarget' } })
    expect(scim.directory.stored('people', '1')?.get('displayName')).toEqual(['Alice'])
  })

  it('are patched where a reference stands in an extension', async () => {
    scim.directory.put('people', { uid: ['boss'], displayName: ['Boss'] })
    await scim.ask('POST', '/Users', { body: user('alice') })
    const answer = await scim.ask('PATCH', '/Users/people-2', {
      body: patch({ op: 'add', path: `${ENTERPRISE}:manager`, value: { value: 'people-1' } }),
    })
    expect(answer.body).toMatchObject({
      [ENTERPRISE]: { manager: { value: 'people-1', $ref: `${BASE}/Users/people-1` } },
    })
  })

  it('are deleted, once', async () => {
    await scim.ask('POST', '/Users', { body: user('alice') })
    const answer = await scim.ask('DELETE', '/Users/people-1', {
      headers: { 'content-type': 'application/scim+json' },
    })
    expect(answer).toMatchObject({ status: 204, text: '' })
    expect((await scim.ask('DELETE', '/Users/people-1')).status).toBe(404)
    expect(await scim.ask('GET', '/Users/people-1')).toMatchObject({
      status: 404,
      body: {
        schemas: [ERROR],
        status: '404',
        detail: 'there is no User with the id people-1',
      },
    })
  })

  it('of which there are none are 404, whatever their id looks like', async () => {
    const ids = [
      'nobody',
      'not%20an%20id',
      '..%2F..',
      "'%20or%201=1--",
      '%00',
      'x'.repeat(5000),
      'a/b',
      '%F0%9F%98%80',
    ]
    for (const id of ids) {
      for (const [method, body] of [
        ['GET', undefined],
        ['DELETE', undefined],
        ['PUT', user('x')],
        ['PATCH', patch({ op: 'remove', path: 'title' })],
      ] as const) {
        const answer = await scim.ask(method, `/Users/${id}`, body && { body })
        expect([method, id, answer.status, answer.body?.status]).toEqual([method, id, 404, '404'])
      }
    }
  })

  it('are not told apart from what is hidden', async () => {
    await scim.ask('POST', '/Users', { body: user('alice') })
    scim.directory.hidden.add('people')
    expect((await scim.ask('GET', '/Users/people-1')).status).toBe(404)
    expect((await scim.ask('GET', '/Users')).status).toBe(403)
    expect((await scim.ask('POST', '/Users/.search', { body: {} })).status).toBe(403)
  })

  it('that whoever wrote them may not read are answered without content', async () => {
    scim.directory.hidden.add('people')
    const answer = await scim.ask('POST', '/Users', { body: user('alice') })
    expect(answer).toMatchObject({
      status: 201,
      text: '',
      headers: { location: `${BASE}/Users/people-1` },
    })
  })

  it('whose ids stand in a column of their own are found by them', async () => {
    const key = scim.directory.put('devices', { cn: ['Printer'] })
    const id = '00000000-0000-4000-8000-000000000001'
    expect(key).toBe('1')
    expect(await scim.ask('GET', `/Devices/${id}`)).toMatchObject({
      status: 200,
      body: { id, displayName: 'Printer', meta: { location: `${BASE}/Devices/${id}` } },
    })
    expect((await scim.ask('GET', '/Devices/1')).status).toBe(404)
  })

  it('that may only be read have no other methods', async () => {
    scim.directory.put('devices', { cn: ['Printer'] })
    expect(await scim.ask('POST', '/Devices', { body: {} })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
      body: { schemas: [ERROR], status: '405' },
    })
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const answer = await scim.ask(method, '/Devices/1')
      expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, 'GET, HEAD'])
    }
  })

  it('are not shown where the client wants nothing back', async () => {
    const headers = { prefer: 'respond-async, return=minimal' }
    const created = await scim.ask('POST', '/Users', { body: user('alice'), headers })
    expect(created).toMatchObject({
      status: 201,
      text: '',
      headers: { location: `${BASE}/Users/people-1`, 'preference-applied': 'return=minimal', etag: 'W/"1"' },
    })
    const body = patch({ op: 'add', path: 'title', value: 'Dr.' })
    expect(await scim.ask('PATCH', '/Users/people-1', { body, headers })).toMatchObject({
      status: 204,
      text: '',
      headers: { etag: 'W/"2"' },
    })
    const replaced = await scim.ask('PUT', '/Users/people-1', { body: user('alice'), headers })
    expect(replaced).toMatchObject({ status: 204, text: '' })
    const verbose = await scim.ask('PATCH', '/Users/people-1', {
      body,
      headers: { prefer: 'return=representation' },
    })
    expect(verbose.status).toBe(200)
  })

  it.each([
    ['without userName', { schemas: [USER] }, 400, 'invalidValue'],
    ['with schemas of something else', { schemas: ['urn:x'], userName: 'x' }, 400, 'invalidSyntax'],
    ['with a value of the wrong type', user('x', { active: 'yes' }), 400, 'invalidValue'],
    ['with a name that is taken', user('TAKEN'), 409, 'uniqueness'],
    [
      'with a reference to nobody',
      user('x', { [ENTERPRISE]: { manager: { value: 'people-99' } } }),
      400,
      'invalidValue',
    ],
    ['that are no objects', [], 400, 'invalidSyntax'],
    ['that are nothing', '', 400, 'invalidSyntax'],
    ['that are no JSON', '{"schemas":', 400, 'invalidSyntax'],
    ['with a name twice', '{"userName":"a","userName":"b"}', 400, 'invalidSyntax'],
    ['with hazardous names', '{"__proto__":{"a":1},"userName":"b"}', 400, 'invalidSyntax'],
    ['that are nested too deep', `{"a":${'['.repeat(1000)}${']'.repeat(1000)}}`, 400, 'invalidSyntax'],
    ['that are too large', user('x'.repeat(20_000)), 413, undefined],
  ])('%s are refused', async (_what, body, status, scimType) => {
    scim.directory.put('people', { uid: ['taken'] })
    const answer = await scim.ask('POST', '/Users', { body })
    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject({ schemas: [ERROR], status: String(status) })
    expect(answer.body.scimType).toBe(scimType)
    expect(answer.body.detail).toMatch(/\w/)
    expect(scim.directory.size('people')).toBe(1)
    expect(scim.logged).toEqual([])
  })

  it('are taken as application/json too, and as nothing else', async () => {
    const ok = await scim.ask('POST', '/Users', {
      body: user('a'),
      headers: { 'content-type': 'application/json; charset=UTF-8', accept: 'application/json' },
    })
    expect([ok.status, ok.headers['content-type']]).toEqual([201, 'application/json; charset=utf-8'])
    for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'nonsense']) {
      const answer = await scim.ask('POST', '/Users', { body: user('b'), headers: { 'content-type': type } })
      expect([type, answer.status, answer.body.status]).toEqual([type, 415, '415'])
    }
    const accepts = ['*/*', 'text/html', 'application/scim+json', 'application/json, application/scim+json']
    for (const accept of accepts) {
      const { status, headers } = await scim.ask('GET', '/Users', { headers: { accept } })
      expect([accept, status, headers['content-type']]).toEqual([accept, 200, SCIM_JSON])
    }
  })

  it('answer HEAD as GET without content', async () => {
    scim.directory.put('people', { uid: ['alice'] })
    const answer = await scim.ask('HEAD', '/Users/people-1')
    expect([answer.status, answer.text, answer.headers.etag]).toEqual([200, '', 'W/"1"'])
    expect((await scim.ask('HEAD', '/Users/people-2')).status).toBe(404)
  })

  it('tell what fails without saying why', async () => {
    scim.directory.failure = new Error('the password of the database is 1234')
    const answer = await scim.ask('GET', '/Users/people-1')
    expect(answer.body).toEqual({ schemas: [ERROR], status: '500', detail: 'internal error' })
    expect(scim.logged).toEqual([{ level: 'error', message: 'a request failed' }])
    scim.directory.failure = new VitrineError('unavailable', { detail: 'db1.internal' })
    const later = await scim.ask('GET', '/Users')
    expect(later).toMatchObject({ status: 503, headers: { 'retry-after': '5' }, body: { status: '503' } })
    expect(later.text).not.toContain('db1')
    scim.directory.failure = new VitrineError('busy')
    expect(await scim.ask('GET', '/Users')).toMatchObject({ status: 429, headers: { 'retry-after': '1' } })
  })
})

describe('members of groups', () => {
  let scim: Served
  beforeEach(async () => {
    scim = await served()
    for (const uid of ['alice', 'bob', 'carol'])
      scim.directory.put('people', { uid: [uid], displayName: [uid] })
  })

  it('are added and removed without looking at the group', async () => {
    const created = await scim.ask('POST', '/Groups', {
      body: group('Staff', { members: [{ value: 'people-1' }] }),
    })
    expect(created.body.members).toEqual([
      { value: 'people-1', $ref: `${BASE}/Users/people-1`, type: 'User', display: 'alice' },
    ])
    const seen: ReadonlySet<string>[] = []
    const { modify } = scim.directory
    scim.directory.modify = (request, ctx) => {
      seen.push(request.attributes)
      return modify.call(scim.directory, request, ctx)
    }
    const answer = await scim.ask('PATCH', '/Groups/groups-4', {
      body: patch(
        { op: 'Add', path: 'members', value: [{ value: 'people-2' }, { value: 'people-3' }] },
        { op: 'remove', path: 'members[value eq "people-1"]' },
      ),
    })
    expect(answer.status).toBe(200)
    expect(answer.body.members.map((m) => m.value)).toEqual(['people-2', 'people-3'])
    expect(seen).toEqual([new Set()])
  })

  it('are taken as they are given where the client says so, and not looked up', async () => {
    const body = group('Staff', { members: [{ value: 'people-1' }, { value: 'people-77' }] })
    expect((await scim.ask('POST', '/Groups', { body })).status).toBe(400)
    const answer = await scim.ask('POST', '/Groups', { body, headers: { 'Group-Overhead-Bypass': 'x' } })
    expect(answer.status).toBe(201)
    expect(answer.body.members).toHaveLength(2)
    for (const member of answer.body.members) expect(member).not.toHaveProperty('display')
    const read = await scim.ask('GET', '/Groups', { query: { 'group-overhead-bypass': '' } })
    expect(read.body.Resources[0]?.members[0]).not.toHaveProperty('display')
    expect(scim.directory.asked.searches.at(-1)?.displays).toBe(false)
  })

  it('change with 204 in the Entra profile, and other things with 200', async () => {
    scim = await served({ profile: 'entra' })
    scim.directory.put('people', { uid: ['alice'] })
    await scim.ask('POST', '/Groups', { body: group('Staff') })
    const body = patch({ op: 'Add', path: 'members', value: [{ value: 'people-1' }] })
    expect(await scim.ask('PATCH', '/Groups/groups-2', { body })).toMatchObject({ status: 204, text: '' })
    expect(scim.directory.stored('groups', '2')?.get('member')).toHaveLength(1)
    const rename = patch({ op: 'Replace', path: 'displayName', value: 'All' })
    expect((await scim.ask('PATCH', '/Groups/groups-2', { body: rename })).status).toBe(200)
  })
})
