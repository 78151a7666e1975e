/** Versions of resources, and requests that hold only for one (RFC 7644 3.14). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, refusal, type Service, serveDemo, USER, unique } from './serving.js'

describe.each(databases)('versions and %s', (_name, create) => {
  let scim: Service

  beforeAll(async () => {
    scim = await serveDemo(create)
  })
  afterAll(() => scim?.close())

  const made = async () => {
    const userName = unique('version')
    const { headers, body } = await scim.post('/Users', { schemas: [USER], userName })
    return { path: `/Users/${body.id}`, userName, etag: headers.get('etag') ?? '' }
  }
  const current = async (path: string) => (await scim.get(path)).headers.get('etag') ?? ''
  const nick = (path: string, value: string, headers: Readonly<Record<string, string>> = {}) =>
    scim.patch(path, [{ op: 'replace', path: 'nickName', value }], { headers })

  it('are told by every answer, in the header and in meta', async () => {
    const { path, userName, etag } = await made()
    expect(etag).toMatch(/^W\/".+"$/)
    const got = await scim.get(path)
    expect(got.headers.get('etag')).toBe(etag)
    expect(got.body.meta?.version).toBe(etag)
    const list = await scim.get('/Users', { filter: `userName eq "${userName}"` })
    expect(list.body.Resources?.[0]?.meta?.version).toBe(etag)
    const head = await scim.request('HEAD', path)
    expect({ status: head.status, text: head.text, etag: head.headers.get('etag') }).toEqual({
      status: 200,
      text: '',
      etag,
    })
  })

  it('change with every change, and only then', async () => {
    const { path, userName, etag } = await made()
    const seen = [etag]
    for (const value of ['one', 'two', 'one']) {
      const patch = await nick(path, value)
      const version = patch.headers.get('etag') ?? ''
      expect(patch.body.meta?.version).toBe(version)
      expect(seen).not.toContain(version)
      seen.push(version)
      expect(await current(path)).toBe(version)
    }
    const put = await scim.put(path, { schemas: [USER], userName, nickName: 'three' })
    expect(seen).not.toContain(put.headers.get('etag'))
    expect(await current(path)).toBe(put.headers.get('etag'))
    const email = await scim.patch(path, [
      { op: 'add', path: 'emails', value: [{ value: 'v@example.com', type: 'work' }] },
    ])
    expect(email.headers.get('etag')).not.toBe(put.headers.get('etag'))
  })

  it('spare a client what it has seen', async () => {
    const { path, etag } = await made()
    for (const tag of [etag, etag.slice(2), `"other", ${etag}`, '*']) {
      const { status, text, headers } = await scim.get(path, {}, { headers: { 'if-none-match': tag } })
      expect({ status, text, etag: headers.get('etag') }, tag).toEqual({ status: 304, text: '', etag })
    }
    await nick(path, 'new')
    const { status, body } = await scim.get(path, {}, { headers: { 'if-none-match': etag } })
    expect({ status, nickName: body.nickName }).toEqual({ status: 200, nickName: 'new' })
  })

  it('keep a client from undoing what it has not seen', async () => {
    const { path, userName, etag } = await made()
    const stale = { 'if-match': etag }
    const fresh = await nick(path, 'seen', stale)
    expect(fresh.status).toBe(200)
    const put = { schemas: [USER], userName, nickName: 'unseen' }
    expect(await nick(path, 'unseen', stale)).toMatchObject(refusal(412))
    expect(await scim.put(path, put, { headers: stale })).toMatchObject(refusal(412))
    expect(await scim.remove(path, { headers: stale })).toMatchObject(refusal(412))
    expect((await scim.get(path)).body.nickName).toBe('seen')

    const tag = await current(path)
    expect((await nick(path, 'listed', { 'if-match': `"other", ${tag}` })).status).toBe(200)
    expect((await nick(path, 'any', { 'if-match': '*' })).status).toBe(200)
    expect(await nick(path, 'none', { 'if-none-match': '*' })).toMatchObject(refusal(412))
    expect((await scim.put(path, put, { headers: { 'if-match': await current(path) } })).status).toBe(200)
    expect((await scim.remove(path, { headers: { 'if-match': await current(path) } })).status).toBe(204)
    expect((await nick(path, 'gone', { 'if-match': '*' })).status).toBe(404)
  })

  it('change with what SQL changes', async () => {
    const { path, userName, etag } = await made()
    await scim.sql(
      `update users set title = 'SQL', updated_at = '2031-05-06 07:08:09' where username = '${userName}'`,
    )
    expect(await current(path)).not.toBe(etag)
    expect(await nick(path, 'late', { 'if-match': etag })).toMatchObject(refusal(412))
  })

  it('are said to be there', async () => {
    expect((await scim.get('/ServiceProviderConfig')).body).toMatchObject({ etag: { supported: true } })
  })
})
