/** Lists page by page: by place (RFC 7644 3.4.2.4) and by cursor (RFC 9865); in which order; how many there are. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Answer,
  type Body,
  databases,
  ENTERPRISE,
  LIST,
  refusal,
  SEARCH,
  type Service,
  serveDemo,
  unique,
} from './serving.js'

const idsOf = ({ body }: Answer) => (body.Resources ?? []).map(({ id }) => id ?? '')

describe.each(databases)('lists and %s', (_name, create) => {
  let scim: Service
  let total: number

  beforeAll(async () => {
    scim = await serveDemo(create)
    total = (await scim.get('/Users', { count: 0 })).body.totalResults ?? 0
  })
  afterAll(() => scim?.close())

  const list = async (query: Readonly<Record<string, string | number>>, path = '/Users') => {
    const answer = await scim.get(path, { attributes: 'userName', ...query })
    expect(answer.status, answer.text).toBe(200)
    expect(answer.body.schemas).toEqual([LIST])
    return answer
  }
  /** ids of everything, page by page. */
  const walk = async (query: Readonly<Record<string, string | number>>, count: number, path = '/Users') => {
    const ids: string[] = []
    for (;;) {
      const page = await list({ ...query, startIndex: ids.length + 1, count }, path)
      const { totalResults = 0, startIndex, itemsPerPage } = page.body
      const own = idsOf(page)
      expect({ startIndex, itemsPerPage }).toEqual({ startIndex: ids.length + 1, itemsPerPage: own.length })
      ids.push(...own)
      if (ids.length >= totalResults || own.length === 0) {
        expect(ids.length).toBe(totalResults)
        return ids
      }
    }
  }
  const walkCursor = async (query: Readonly<Record<string, string | number>>, path = '/Users') => {
    const ids: string[] = []
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page: Answer = await list({ ...query, cursor }, path)
      ids.push(...idsOf(page))
      cursor = page.body.nextCursor
      expect(ids.length).toBeLessThan(1000)
    }
    return ids
  }

  it('come in pages of 100, of 200 at most, and as large as is asked for', async () => {
    expect(total).toBeGreaterThan(200)
    expect((await list({})).body).toMatchObject({ totalResults: total, startIndex: 1, itemsPerPage: 100 })
    expect((await list({ count: 1000 })).body).toMatchObject({ totalResults: total, itemsPerPage: 200 })
    expect((await list({ count: 7 })).body).toMatchObject({ totalResults: total, itemsPerPage: 7 })
  })

  it('of no resources tell how many there are', async () => {
    for (const count of [0, -1, -1000]) {
      const { body } = await list({ count, startIndex: 3 })
      expect(body.totalResults).toBe(total)
      expect(body.Resources ?? []).toEqual([])
    }
  })

  it('begin at the first where they should begin before it, and end at the last', async () => {
    const first = idsOf(await list({ count: 3 }))
    for (const startIndex of [1, 0, -5]) {
      const page = await list({ startIndex, count: 3 })
      expect(page.body.startIndex).toBe(1)
      expect(idsOf(page)).toEqual(first)
    }
    expect(idsOf(await list({ startIndex: total, count: 3 }))).toHaveLength(1)
    const beyond = await list({ startIndex: total + 1, count: 3 })
    expect(beyond.body).toMatchObject({ totalResults: total, Resources: [] })
  })

  it('show everybody once, whatever the page', async () => {
    const all = await walk({}, 200)
    expect(new Set(all).size).toBe(total)
    expect(await walk({}, 77)).toEqual(all)
  })

  it('are in order of what they are sorted by', async () => {
    const shown = (user: Body, path: string): unknown => {
      if (path === 'userName') return user.userName?.toLowerCase()
      if (path === 'id') return user.id
      if (path === 'meta.created') return Date.parse(user.meta?.created ?? '')
      const number = user[ENTERPRISE]
      return typeof number === 'object' && number !== null ? Object.values(number)[0] : undefined
    }
    for (const path of ['userName', 'id', 'meta.created', `${ENTERPRISE}:employeeNumber`]) {
      const collect = async (sortOrder: string) => {
        const users: Body[] = []
        for (const startIndex of [1, 201]) {
          const page = await scim.get('/Users', {
            sortBy: path,
            sortOrder,
            startIndex,
            count: 200,
            attributes: path,
            filter: `${path} pr`,
          })
          expect(page.status, page.text).toBe(200)
          users.push(...(page.body.Resources ?? []))
        }
        return users.map((user) => shown(user, path))
      }
      const ascending = await collect('ascending')
      expect(ascending.length).toBeGreaterThan(200)
      for (let n = 1; n < ascending.length; n++) {
        const [before, after] = [ascending[n - 1], ascending[n]]
        const fine =
          typeof before === 'number' && typeof after === 'number'
            ? before <= after
            : String(before) < String(after)
        expect(fine, `${path}: ${String(before)} before ${String(after)}`).toBe(true)
      }
      if (path !== 'meta.created') expect(await collect('descending')).toEqual([...ascending].reverse())
    }
  })

  it('have those without a value last, or first where the order is descending', async () => {
    const mark = unique('sorted')
    for (const title of ['b', undefined, 'a', undefined, 'C']) {
      await scim.user({ userName: unique(mark), ...(title !== undefined && { title }) })
    }
    const titles = async (query: Readonly<Record<string, string | number>>) => {
      const { body } = await list({
        filter: `userName sw "${mark}"`,
        sortBy: 'title',
        attributes: 'title',
        ...query,
      })
      return body.Resources?.map(({ title }) => title)
    }
    expect(await titles({})).toEqual(['a', 'b', 'C', undefined, undefined])
    expect(await titles({ sortOrder: 'ascending' })).toEqual(['a', 'b', 'C', undefined, undefined])
    expect(await titles({ sortOrder: 'descending' })).toEqual([undefined, undefined, 'C', 'b', 'a'])
    expect(await titles({ startIndex: 2, count: 2 })).toEqual(['b', 'C'])
    expect(await titles({ startIndex: 4, count: 2 })).toEqual([undefined, undefined])
  })

  it('go on by cursor, whatever the page, the filter and the order', async () => {
    const all = await walk({}, 200)
    expect([...(await walkCursor({ count: 100 }))].sort()).toEqual([...all].sort())
    const filter = 'userName co "a"'
    const some = await walk({ filter }, 200)
    expect([...(await walkCursor({ filter, count: 13 }))].sort()).toEqual([...some].sort())
    const sorted = await walkCursor({ filter, sortBy: 'userName', sortOrder: 'descending', count: 40 })
    expect(sorted).toEqual(await walk({ filter, sortBy: 'userName', sortOrder: 'descending' }, 200))
    const groups = await walk({ attributes: 'displayName' }, 200, '/Groups')
    expect([...(await walkCursor({ count: 3, attributes: 'displayName' }, '/Groups'))].sort()).toEqual(
      [...groups].sort(),
    )
  })

  it('that are continued by cursor miss nobody when somebody goes or comes', async () => {
    const mark = unique('moving')
    const users = []
    for (let n = 0; n < 9; n++) users.push(await scim.user({ userName: unique(mark) }))
    const filter = `userName sw "${mark}"`
    const first = await list({ filter, count: 4, cursor: '' })
    const seen = idsOf(first)
    expect(seen).toHaveLength(4)
    await scim.remove(`/Users/${seen[0]}`)
    await scim.remove(`/Users/${seen[3]}`)
    const rest: string[] = []
    for (let cursor = first.body.nextCursor; cursor !== undefined; ) {
      const page: Answer = await list({ filter, count: 4, cursor })
      rest.push(...idsOf(page))
      cursor = page.body.nextCursor
    }
    expect([...seen, ...rest].sort()).toEqual(users.map(({ id }) => id).sort())
  })

  it('are not continued by what is no cursor, or that of another question or type', async () => {
    const { body } = await list({ cursor: '', count: 5, filter: 'userName co "a"' })
    const cursor = body.nextCursor ?? ''
    expect(cursor).toMatch(/./)
    const forged = cursor.slice(0, -2) + (cursor.endsWith('AA') ? 'BB' : 'AA')
    for (const query of [
      { cursor: 'x' },
      { cursor: forged, filter: 'userName co "a"' },
      { cursor, filter: 'userName co "b"' },
      { cursor },
      { cursor, filter: 'userName co "a"', sortBy: 'userName' },
    ]) {
      expect(await scim.get('/Users', { count: 5, ...query }), JSON.stringify(query)).toMatchObject(
        refusal(400, 'invalidCursor'),
      )
    }
    expect(await scim.get('/Groups', { cursor, count: 5 })).toMatchObject(refusal(400, 'invalidCursor'))
  })

  it('are the same whether asked for by GET or POST, of one type or of all', async () => {
    const query = { filter: 'userName sw "a"', sortBy: 'userName', count: 5, startIndex: 2 }
    const got = await scim.get('/Users', { ...query, attributes: 'userName,emails' })
    const posted = await scim.post('/Users/.search', {
      schemas: [SEARCH],
      ...query,
      attributes: ['userName', 'emails'],
    })
    expect(posted.status).toBe(200)
    expect(posted.body).toEqual(got.body)
    const root = await scim.get('', { ...query, sortBy: 'id', attributes: 'userName' })
    expect(root.status).toBe(200)
    expect(root.body.totalResults).toBe(got.body.totalResults)
    const cursor = await scim.post('/Users/.search', { schemas: [SEARCH], count: 3, cursor: '' })
    expect(cursor.body.nextCursor).toMatch(/./)
    const all = await scim.post('/.search', { schemas: [SEARCH], count: 0 })
    const groups = await scim.get('/Groups', { count: 0 })
    expect(all.body.totalResults).toBeGreaterThanOrEqual(
      (await scim.get('/Users', { count: 0 })).body.totalResults ?? 0,
    )
    expect(all.body.totalResults).toBeGreaterThan(groups.body.totalResults ?? 0)
  })
})
