import { beforeEach, describe, expect, it } from 'vitest'
import { patch, type Served, served, user } from './served.js'

describe('entries without a version among others that have one', () => {
  it('are told by their contents', async () => {
    const scim = await served()
    scim.directory.put('people', { uid: ['alice'] })
    await scim.ask('GET', '/Users')
    // Another replica has read it, and this one has only seen entries with versions.
    const replica = await served()
    replica.directory.versions = false
    replica.directory.put('people', { uid: ['alice'] })
    const { etag } = (await replica.ask('GET', '/Users/people-1')).headers
    scim.directory.versions = false
    for (const [tag, status] of [
      ['W/"1"', 412],
      [String(etag), 204],
    ] as const) {
      const answer = await scim.ask('DELETE', '/Users/people-1', { headers: { 'if-match': tag } })
      expect(answer.status).toBe(status)
    }
  })
})

describe('without versions of the source', () => {
  it('parts of resources tell the tag of the whole, but for what could be very much', async () => {
    const scim = await served()
    scim.directory.versions = false
    const { headers } = await scim.ask('POST', '/Users', { body: user('alice', { title: 'Dr.' }) })
    const tags = async (path: string, query: Record<string, string>) =>
      (await scim.ask('GET', path, { query })).headers.etag
    expect(await tags('/Users/people-1', { attributes: 'userName' })).toBe(headers.etag)
    expect(await tags('/Users/people-1', { excludedAttributes: 'emails,title' })).toBe(headers.etag)
    const minimal = { prefer: 'return=minimal' }
    const body = patch({ op: 'replace', path: 'title', value: 'Prof.' })
    const patched = await scim.ask('PATCH', '/Users/people-1', { body, headers: minimal })
    expect(patched.headers.etag).toBe(await tags('/Users/people-1', {}))
    scim.directory.put('groups', { cn: ['Staff'] })
    expect(await tags('/Groups/groups-2', {})).toMatch(/^W/)
    expect(await tags('/Groups/groups-2', { excludedAttributes: 'members' })).toBeUndefined()
    expect(scim.directory.asked.searches.at(-1)?.attributes).not.toContain('member')
  })
})

describe.each([
  ['of the source', true],
  ['of contents', false],
])('versions %s', (_what, versions) => {
  let scim: Served
  let tag: string
  beforeEach(async () => {
    scim = await served()
    scim.directory.versions = versions
    const created = await scim.ask('POST', '/Users', { body: user('alice', { title: 'Dr.' }) })
    tag = String(created.headers.etag)
    expect(tag).toMatch(/^W\/"/)
    expect(created.body.meta.version).toBe(tag)
  })
  const change = (headers: Record<string, string>) =>
    scim.ask('PATCH', '/Users/people-1', {
      body: patch({ op: 'replace', path: 'title', value: 'Prof.' }),
      headers,
    })

  it('spare a client what it has', async () => {
    const same = await scim.ask('GET', '/Users/people-1', { headers: { 'if-none-match': `"x", ${tag}` } })
    expect(same).toMatchObject({ status: 304, text: '', headers: { etag: tag } })
    await change({})
    const other = await scim.ask('GET', '/Users/people-1', { headers: { 'if-none-match': tag } })
    expect(other.status).toBe(200)
    expect(other.headers.etag).not.toBe(tag)
  })

  it('protect from overwriting what others did', async () => {
    expect((await change({ 'if-match': tag })).status).toBe(200)
    const stale = await change({ 'if-match': tag })
    expect(stale).toMatchObject({ status: 412, body: { status: '412' } })
    expect(scim.directory.stored('people', '1')?.get('title')).toEqual(['Prof.'])
    const put = await scim.ask('PUT', '/Users/people-1', {
      body: user('alice'),
      headers: { 'if-match': tag },
    })
    expect(put.status).toBe(412)
    const gone = await scim.ask('DELETE', '/Users/people-1', { headers: { 'if-match': tag } })
    expect(gone.status).toBe(412)
    expect(scim.directory.size('people')).toBe(1)
  })

  it('are looked at when the entry is locked, not before', async () => {
    const { modify } = scim.directory
    scim.directory.modify = async (request, ctx) => {
      scim.directory.touch('people', '1', 'displayName', ['Somebody else was faster'])
      return modify.call(scim.directory, request, ctx)
    }
    expect((await change({ 'if-match': tag })).status).toBe(412)
  })

  it('are answered as the change left them', async () => {
    const changed = await change({ 'if-match': '*' })
    const read = await scim.ask('GET', '/Users/people-1')
    expect(changed.headers.etag).toBe(read.headers.etag)
    expect(changed.body).toEqual(read.body)
    const gone = await scim.ask('DELETE', '/Users/people-1', {
      headers: { 'if-match': `W/"other", ${String(read.headers.etag)}` },
    })
    expect(gone.status).toBe(204)
  })

  it('may be excluded', async () => {
    expect((await change({ 'if-none-match': tag })).status).toBe(412)
    expect((await change({ 'if-none-match': '*' })).status).toBe(412)
    expect((await change({ 'if-none-match': 'W/"0"' })).status).toBe(200)
  })

  it('of what is not there fail as such', async () => {
    const gone = await scim.ask('DELETE', '/Users/people-9', { headers: { 'if-match': '*' } })
    expect(gone.status).toBe(404)
  })
})
