import { beforeEach, describe, expect, it } from 'vitest'
import { type Body, group, type Served, served, user } from './served.js'

const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'

const names = (body: { Resources: readonly { userName?: string; displayName?: string }[] }) =>
  body.Resources.map((r) => r.userName ?? r.displayName)

describe('lists', () => {
  let scim: Served
  beforeEach(async () => {
    scim = await served()
    for (let i = 1; i <= 25; i++) {
      scim.directory.put('people', {
        uid: [`u${String(i).padStart(2, '0')}`],
        title: [i % 2 === 0 ? 'even' : 'odd'],
        ...(i <= 5 && { employeeNumber: [String(6 - i)] }),
      })
    }
    scim.directory.asked.searches.length = 0
  })
  const users = async (query: Record<string, string> = {}) =>
    (await scim.ask('GET', '/Users', { query })).body

  it('have pages by index, with exact totals', async () => {
    const first = await users()
    expect(first).toMatchObject({ schemas: [LIST], totalResults: 25, startIndex: 1, itemsPerPage: 10 })
    expect(names(first)[0]).toBe('u01')
    expect(first.Resources).toHaveLength(10)
    expect(names(await users({ startIndex: '11', count: '3' }))).toEqual(['u11', 'u12', 'u13'])
    const last = await users({ startIndex: '24', count: '10' })
    expect(last).toMatchObject({ totalResults: 25, startIndex: 24, itemsPerPage: 2 })
    const beyond = await users({ startIndex: '100' })
    expect(beyond).toMatchObject({ totalResults: 25, startIndex: 100, itemsPerPage: 0, Resources: [] })
  })

  it('take counts and places as RFC 7644 3.4.2.4 has them', async () => {
    expect((await users({ count: '1000' })).itemsPerPage).toBe(20)
    expect((await users({ startindex: '0', count: '1' })).startIndex).toBe(1)
    expect((await users({ startIndex: '-5', count: '1' })).Resources).toHaveLength(1)
    for (const count of ['0', '-1'])
      expect(await users({ count })).toEqual({ schemas: [LIST], totalResults: 25 })
    expect((await users({ startIndex: '99999999999999999999' })).Resources).toEqual([])
    for (const query of [{ count: 'ten' }, { startIndex: '1.5' }, { sortOrder: 'up' }]) {
      expect(await users(query)).toMatchObject({ status: '400', scimType: 'invalidValue' })
    }
    const twice = await scim.ask('GET', '/Users?filter=active%20pr&filter=active%20pr')
    expect(twice).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } })
  })

  it('count only what a page cannot tell', async () => {
    const counted = async (query: Record<string, string>) => {
      scim.directory.asked.counts = 0
      const { totalResults } = await users(query)
      return [totalResults, scim.directory.asked.counts]
    }
    expect(await counted({ filter: 'userName eq "U03"' })).toEqual([1, 0])
    expect(await counted({ filter: 'userName eq "none"' })).toEqual([0, 0])
    expect(await counted({ filter: 'title eq "odd"', count: '20' })).toEqual([13, 0])
    expect(await counted({ filter: 'title eq "odd"', count: '5' })).toEqual([13, 1])
    expect(await counted({ startIndex: '21' })).toEqual([25, 1])
  })

  it('filter, and refuse what cannot be asked', async () => {
    const filter = 'userName sw "u0" and not (title eq "odd")'
    expect(names(await users({ filter }))).toEqual(['u02', 'u04', 'u06', 'u08'])
    expect(await users({ filter: ' ' })).toMatchObject({ totalResults: 25 })
    for (const bad of ['userName', 'userName eq', 'nonsense eq "x"', 'userName eq "x" and', '(']) {
      expect([bad, await users({ filter: bad })]).toMatchObject([
        bad,
        { status: '400', scimType: 'invalidFilter' },
      ])
    }
  })

  it('sort', async () => {
    const query = { sortBy: 'userName', sortOrder: 'descending', count: '2' }
    expect(names(await users(query))).toEqual(['u25', 'u24'])
    const byNumber = { sortBy: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber' }
    expect(names(await users({ ...byNumber, count: '6' }))).toEqual([
      'u05',
      'u04',
      'u03',
      'u02',
      'u01',
      'u06',
    ])
    expect(await users({ sortBy: 'nonsense' })).toMatchObject({ status: '400' })
  })

  it('go on behind cursors to their very end, sorted or not', async () => {
    for (const more of [{}, { sortBy: 'userName', sortOrder: 'descending' }, { filter: 'title eq "odd"' }]) {
      const all = names(await users({ ...more, count: '20' })).concat(
        names(await users({ ...more, count: '20', startIndex: '21' })),
      )
      const seen: unknown[] = []
      let cursor = ''
      let pages = 0
      for (;;) {
        const page = await users({ ...more, count: '7', cursor })
        expect(page).not.toHaveProperty('startIndex')
        expect(page.totalResults).toBe(all.length)
        seen.push(...names(page))
        pages++
        if (page.nextCursor === undefined) break
        cursor = page.nextCursor
      }
      expect(seen).toEqual(all)
      expect(pages).toBe(Math.ceil(all.length / 7))
    }
  })

  it('do not skip or repeat what stays while others come and go between pages', async () => {
    const first = await users({ cursor: '', count: '10' })
    await scim.ask('DELETE', '/Users/people-2')
    scim.directory.put('people', { uid: ['u99'] })
    const second = await users({ cursor: first.nextCursor ?? '', count: '20' })
    expect(names(second)[0]).toBe('u11')
    expect(names(second)).toContain('u99')
  })

  it('refuse cursors of other queries and other askers', async () => {
    const { nextCursor = '' } = await users({ cursor: '', count: '5' })
    const refused = { status: '400', scimType: 'invalidCursor' }
    expect(await users({ cursor: nextCursor, filter: 'userName pr' })).toMatchObject(refused)
    expect(await users({ cursor: nextCursor, sortBy: 'userName' })).toMatchObject(refused)
    expect(await users({ cursor: 'nonsense' })).toMatchObject(refused)
    const other = await scim.ask('GET', '/Users', { token: 'other', query: { cursor: nextCursor } })
    expect(other.body).toMatchObject(refused)
    expect((await users({ cursor: nextCursor, count: '2' })).Resources).toHaveLength(2)
  })

  it('are queried by POST too', async () => {
    const { body, status } = await scim.ask('POST', '/Users/.search', {
      body: {
        schemas: [SEARCH],
        attributes: ['userName', 'title'],
        filter: 'userName sw "u1"',
        sortBy: 'userName',
        sortOrder: 'descending',
        startIndex: 2,
        count: 2,
      },
    })
    expect(status).toBe(200)
    expect(names(body)).toEqual(['u18', 'u17'])
    expect(Object.keys(body.Resources[0] ?? {}).sort()).toEqual(['id', 'schemas', 'title', 'userName'])
    const text = await scim.ask('POST', '/Users/.search', {
      body: { schemas: [SEARCH], attributes: 'userName', count: '1' },
    })
    expect(text.body.Resources).toHaveLength(1)
    for (const wrong of [
      [],
      { schemas: ['urn:x'] },
      { schemas: [SEARCH], count: true },
      { schemas: [SEARCH], filter: {} },
    ]) {
      expect((await scim.ask('POST', '/Users/.search', { body: wrong })).status).toBe(400)
    }
    expect((await scim.ask('GET', '/Users/.search')).status).toBe(405)
  })

  it('are found with a slash behind, too', async () => {
    const answer = await scim.ask('GET', '/Users/', { query: { filter: 'userName eq "u01"' } })
    expect(names(answer.body)).toEqual(['u01'])
    expect((await scim.ask('POST', '/Users/', { body: user('new') })).status).toBe(201)
  })

  it('tell versions, of sources without any by their contents', async () => {
    expect((await users({ count: '1' })).Resources[0]?.meta.version).toBe('W/"1"')
    scim.directory.versions = false
    const [listed] = (await users({ count: '1' })).Resources
    const read = await scim.ask('GET', `/Users/${listed?.id}`)
    expect(read.headers.etag).toMatch(/^W\/"[\w-]{8,}"$/)
    expect(listed?.meta.version).toBe(read.headers.etag)
    const part = await users({ count: '1', attributes: 'meta' })
    expect(part.Resources[0]?.meta).not.toHaveProperty('version')
  })
})

describe('lists of several types', () => {
  let scim: Served
  beforeEach(async () => {
    scim = await served()
    for (const uid of ['bea', 'dan', 'fay']) scim.directory.put('people', { uid: [uid], displayName: [uid] })
    for (const cn of ['ant', 'cat', 'eel']) scim.directory.put('groups', { cn: [cn] })
    scim.directory.put('devices', { cn: ['printer'] })
  })
  const all = async (query: Record<string, string>, token = 'admin') =>
    (await scim.ask('GET', '/', { query, token })).body

  it('go through the types one after the other', async () => {
    const everything = ['bea', 'dan', 'fay', 'ant', 'cat', 'eel', 'printer']
    expect(names(await all({}))).toEqual(everything)
    for (let startIndex = 1; startIndex <= 8; startIndex++) {
      const page = await all({ startIndex: String(startIndex), count: '2' })
      expect(names(page)).toEqual(everything.slice(startIndex - 1, startIndex + 1))
      expect(page).toMatchObject({ totalResults: 7, startIndex })
    }
    expect(await all({ count: '0' })).toEqual({ schemas: [LIST], totalResults: 7 })
  })

  it('go on behind cursors', async () => {
    for (const more of [{}, { sortBy: 'displayName' }]) {
      const expected = names(await all({ ...more, count: '20' }))
      for (const count of ['1', '2', '3', '7']) {
        const seen: unknown[] = []
        let cursor: string | undefined = ''
        while (cursor !== undefined) {
          const page: Body = await all({
            ...more,
            count,
            cursor,
          })
          expect(page.totalResults).toBe(7)
          seen.push(...names(page))
          cursor = page.nextCursor
        }
        expect([count, ...seen]).toEqual([count, ...expected])
      }
    }
  })

  it('filter by what only some of them have', async () => {
    expect(names(await all({ filter: 'userName eq "dan"' }))).toEqual(['dan'])
    expect(names(await all({ filter: 'displayName eq "cat" or userName eq "fay"' }))).toEqual(['fay', 'cat'])
    expect(names(await all({ filter: 'meta.resourceType eq "Group"' }))).toEqual(['ant', 'cat', 'eel'])
    expect(names(await all({ filter: 'nobodyKnows eq "x"' }))).toEqual([])
    expect(await all({ filter: 'displayName eq' })).toMatchObject({
      status: '400',
      scimType: 'invalidFilter',
    })
  })

  it('sort over all types', async () => {
    const query = { sortBy: 'displayName' }
    expect(names(await all(query))).toEqual(['ant', 'bea', 'cat', 'dan', 'eel', 'fay', 'printer'])
    expect(names(await all({ ...query, sortOrder: 'descending', startIndex: '2', count: '3' }))).toEqual([
      'fay',
      'eel',
      'dan',
    ])
    // Groups have no userName: last, but descending first.
    expect(names(await all({ sortBy: 'userName', filter: 'displayName pr' })).slice(0, 3)).toEqual([
      'bea',
      'dan',
      'fay',
    ])
    expect(names(await all({ sortBy: 'userName', sortOrder: 'descending' })).slice(-3)).toEqual([
      'fay',
      'dan',
      'bea',
    ])
  })

  it('are queried by POST too', async () => {
    const { body } = await scim.ask('POST', '/.search', {
      body: { schemas: [SEARCH], filter: 'displayName sw "c" or userName sw "b"', attributes: ['userName'] },
    })
    expect(body.totalResults).toBe(2)
    expect(Object.keys(body.Resources[0] ?? {}).sort()).toEqual(['id', 'schemas', 'userName'])
  })

  it('hold only what the asker may read', async () => {
    expect(names(await all({}, 'searcher'))).toEqual(['bea', 'dan', 'fay'])
    expect(names(await all({ filter: 'nobodyKnows eq "x" or userName eq "dan"' }, 'searcher'))).toEqual([
      'dan',
    ])
    expect(await all({}, 'reader')).toMatchObject({ status: '403' })
    expect(await all({}, 'powerless')).toMatchObject({ status: '403' })
    scim.directory.hidden.add('people')
    expect(names(await all({}))).toEqual(['ant', 'cat', 'eel', 'printer'])
    await scim.ask('POST', '/Groups', { body: group('new') })
    expect((await all({})).totalResults).toBe(5)
  })
})
