import { beforeEach, describe, expect, it } from 'vitest'
import { patch, type Served, served } from './served.js'

describe('changes', () => {
  let scim: Served
  beforeEach(async () => {
    scim = await served()
    for (let i = 1; i <= 12; i++) scim.directory.put('people', { uid: [`u${i}`] })
  })
  const changes = async (query: Record<string, string>, path = '/Users/.changes') =>
    scim.ask('GET', path, { query })
  /** When the clock of the directory stood there. */
  const moment = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString()

  it('are the resources that changed at or after a moment, and those that went', async () => {
    await scim.ask('PATCH', '/Users/people-3', { body: patch({ op: 'add', path: 'title', value: 'Dr.' }) })
    await scim.ask('DELETE', '/Users/people-4')
    const { status, body } = await changes({ since: moment(12) })
    expect(status).toBe(200)
    expect(body).toMatchObject({ totalResults: 2, itemsPerPage: 2 })
    expect(body.Resources.map((r) => r.id)).toEqual(['people-3', 'people-12'])
    expect(body.deleted).toEqual([{ id: 'people-4', at: moment(14) }])
    expect((await changes({ since: moment(60) })).body).toMatchObject({
      totalResults: 0,
      Resources: [],
      deleted: [],
    })
    const shown = await changes({ since: moment(12), attributes: 'userName' })
    expect(shown.body.Resources[0]).not.toHaveProperty('meta')
  })

  it('have pages, of resources first and then of deletions', async () => {
    for (let i = 1; i <= 5; i++) await scim.ask('DELETE', `/Users/people-${i}`)
    const ids: string[] = []
    const deleted: string[] = []
    let cursor: string | undefined
    let pages = 0
    do {
      const { body } = await changes({ since: moment(0), count: '3', ...(cursor && { cursor }) })
      expect(body.totalResults).toBe(7)
      expect(body.Resources.length + body.deleted.length).toBeLessThanOrEqual(3)
      ids.push(...body.Resources.map((r) => r.id))
      deleted.push(...body.deleted.map((d) => d.id))
      cursor = body.nextCursor
      pages++
    } while (cursor !== undefined)
    expect(ids).toEqual([6, 7, 8, 9, 10, 11, 12].map((i) => `people-${i}`))
    expect(deleted).toEqual([1, 2, 3, 4, 5].map((i) => `people-${i}`))
    expect(pages).toBe(4)
  })

  it('need a moment, their own cursors, and a source that knows times', async () => {
    for (const query of [{}, { since: 'yesterday' }, { since: '2026-01-01' }, { since: '' }] as Record<
      string,
      string
    >[]) {
      expect((await changes(query)).body).toMatchObject({ status: '400', scimType: 'invalidValue' })
    }
    const { nextCursor = '' } = (await changes({ since: moment(0), count: '3' })).body
    const other = await changes({ since: moment(1), count: '3', cursor: nextCursor })
    expect(other.body).toMatchObject({ status: '400', scimType: 'invalidCursor' })
    const list = await scim.ask('GET', '/Users', { query: { cursor: nextCursor } })
    expect(list.body).toMatchObject({ scimType: 'invalidCursor' })
    expect((await changes({ since: moment(0) }, '/Devices/.changes')).status).toBe(501)
    scim.directory.hidden.add('people')
    expect((await changes({ since: moment(0) })).status).toBe(403)
  })
})
