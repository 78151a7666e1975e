/** Questions made to do harm: each is answered in time, with a refusal or the truth, and the next one is served. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { found, refusal, SEARCH, type Service, serveDemo, sqlite, USER, unique } from './serving.js'

describe.each(sqlite)('abuse of %s', (_name, create) => {
  let scim: Service
  let victim: string

  beforeAll(async () => {
    scim = await serveDemo(create)
    victim = (await scim.user({ userName: unique('victim'), displayName: 'unharmed' })).id
  })
  afterEach(async () => {
    const { status, body } = await scim.get(`/Users/${victim}`)
    expect({ status, displayName: body.displayName }).toEqual({ status: 200, displayName: 'unharmed' })
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
  afterAll(() => scim?.close())

  const searched = (filter: string, path = '/Users') =>
    scim.post(`${path}/.search`, { schemas: [SEARCH], filter, attributes: ['userName'] })
  /** Answered in so many milliseconds. */
  const within = async <T>(limit: number, asked: Promise<T>): Promise<T> => {
    const begun = performance.now()
    const answer = await asked
    expect(performance.now() - begun).toBeLessThan(limit)
    return answer
  }
  const users = async () => (await scim.get('/Users', { count: 0 })).body.totalResults

  describe('filters', () => {
    it('of a thousand terms are answered', async () => {
      const names = ['bjensen', ...Array.from({ length: 999 }, (_, n) => `nobody-${n}`)]
      const any = names.map((name) => `userName eq "${name}"`).join(' or ')
      const { status, body } = await within(10_000, searched(any))
      expect(status).toBe(200)
      expect(body.Resources?.map(({ userName }) => userName)).toEqual(['bjensen'])
      const none = names.slice(1).map((name) => `userName ne "${name}"`)
      const all = await within(10_000, searched(['userName eq "bjensen"', ...none].join(' and ')))
      expect(all.status).toBe(200)
      expect(all.body.totalResults).toBe(1)
      const mixed = names.map((name, n) =>
        n % 2 === 0 ? `title co "${name}"` : `emails[value co "${name}"]`,
      )
      expect((await within(10_000, searched(mixed.join(' or ')))).status).toBe(200)
    })

    it.each([
      ['not(', ')', 'userName pr'],
      ['(', ')', 'userName pr'],
      ['emails[', ']', 'value pr'],
      ['not (not (', '))', 'userName pr'],
      ['', '', '('.repeat(50_000)],
      ['', '', 'not '.repeat(50_000)],
      ['', '', `emails${'['.repeat(50_000)}`],
    ])('50,000 deep are refused: %s', async (before, after, core) => {
      const filter = `${before.repeat(50_000)}${core}${after.repeat(50_000)}`
      for (const path of ['/Users', '']) {
        const answer = await within(5000, searched(filter, path))
        expect(answer).toMatchObject(refusal(400, 'invalidFilter'))
      }
    })

    it('of a megabyte are answered in time', async () => {
      for (const filter of [
        `userName eq "${'x'.repeat(900_000)}"`,
        `userName co "${'%_'.repeat(300_000)}"`,
        `${'x'.repeat(900_000)} pr`,
        `${'a.'.repeat(400_000)}b pr`,
        `urn:${'a:'.repeat(400_000)}b pr`,
        `userName eq "${'\\u0041'.repeat(150_000)}"`,
        ' '.repeat(900_000),
        `userName pr ${' '.repeat(900_000)} x`,
        `userName eq ${'1'.repeat(900_000)}`,
        `${'userName pr or '.repeat(60_000)}userName pr`,
      ]) {
        const { status } = await within(15_000, searched(filter))
        expect(status, filter.slice(0, 30)).toBeLessThan(500)
      }
    })

    it('take what stands for anything elsewhere as it is', async () => {
      const marks = unique('lit')
      await scim.user({ userName: `${marks}-a%b_c`, displayName: 'a%b_c' })
      await scim.user({ userName: `${marks}-aXbYc`, displayName: 'aXbYc' })
      for (const filter of ['displayName co "a%b"', 'displayName co "b_c"', 'displayName sw "a%"']) {
        const own = await found(scim, '/Users', `userName sw "${marks}" and ${filter}`)
        expect(own, filter).toHaveLength(1)
      }
    })

    it('hold no SQL and no LDAP', async () => {
      const before = await users()
      for (const text of [
        "x' or '1'='1",
        "'; drop table users; --",
        'x\\" or userName pr or title eq \\"',
        '*)(uid=*',
        '$' + '{7*7}',
        "' union select password_hash from users --",
      ]) {
        const { status, body } = await searched(`userName eq "${text}"`)
        expect({ status, total: body.totalResults }).toEqual({ status: 200, total: 0 })
      }
      expect(await users()).toBe(before)
    })

    it('of names that every object has select nothing', async () => {
      for (const name of [
        '__proto__',
        'constructor',
        'prototype',
        'toString',
        'hasOwnProperty',
        'constructor.prototype',
        'name.__proto__',
        'emails.constructor',
        'emails[constructor pr]',
        `${USER}:__proto__`,
        'meta.toString',
      ]) {
        const filter = name.endsWith(']') ? name : `${name} pr`
        expect(await searched(filter), filter).toMatchObject(refusal(400, 'invalidFilter'))
        for (const query of [{ attributes: name }, { excludedAttributes: name }, { sortBy: name }]) {
          const { status, text } = await scim.get('/Users', { ...query, count: 1 })
          expect(status, JSON.stringify(query)).toBeLessThan(500)
          expect(text).not.toContain('native code')
        }
      }
    })
  })

  it.each([
    '0',
    '-1',
    '1',
    '1e9',
    'null',
    'undefined',
    'NaN',
    '__proto__',
    'constructor',
    'toString',
    '9'.repeat(60),
    'f'.repeat(2000),
    '00000000-0000-0000-0000-000000000000',
    'FFFFFFFF-FFFF-8FFF-BFFF-FFFFFFFFFFFF',
    '%27%20or%201%3D1--',
    '%2e%2e%2fGroups',
    '..%2f..%2fetc%2fpasswd',
    '%00',
    '%0d%0aSet-Cookie:%20a=b',
    '%C3%28',
    '%E4%B8%AD%F0%9F%98%80',
    '*',
    '(uid=*)',
    '%25',
    '%ZZ',
    '%20',
    '{{7*7}}',
  ])('the id %s is nobody', async (id) => {
    const operations = [{ op: 'replace', path: 'displayName', value: 'harmed' }]
    const body = { schemas: [USER], userName: unique('harmed') }
    for (const answer of [
      await scim.get(`/Users/${id}`),
      await scim.get(`/Groups/${id}`),
      await scim.put(`/Users/${id}`, body),
      await scim.patch(`/Users/${id}`, operations),
      await scim.remove(`/Users/${id}`),
    ]) {
      expect([400, 404, 405]).toContain(answer.status)
      expect(answer).toMatchObject(refusal(answer.status))
      expect(answer.headers.get('set-cookie')).toBeNull()
    }
    expect(await found(scim, '/Users', `id eq ${JSON.stringify(id)}`)).toEqual([])
  })

  it.each([
    'startIndex=9007199254740993',
    'startIndex=-9223372036854775809',
    'startIndex=1e400',
    'startIndex=abc',
    'startIndex=1.5',
    'count=99999999999999999999',
    'count=-99999999999999999999',
    'count=abc',
    'count=',
    'count=1&count=2',
    'startIndex=1&startIndex=2',
    'sortBy=',
    'sortBy=noSuchAttribute',
    'sortBy=emails[type eq "work"]',
    'sortOrder=sideways&sortBy=userName',
    'attributes=',
    'attributes=,,,',
    `attributes=${'userName,'.repeat(700)}`,
    'attributes=userName&excludedAttributes=userName',
    'filter=userName pr&filter=title pr',
    'cursor=x',
    'cursor=&startIndex=2',
    'filter%5B%5D=x',
    '%ZZ=1',
    '&&&=&',
  ])('the query %s does no harm', async (query) => {
    const { status, body } = await within(10_000, scim.get(`/Users?${query}`))
    expect([200, 400, 414, 431]).toContain(status)
    if (status === 200) expect(body.Resources?.length ?? 0).toBeLessThanOrEqual(200)
  })

  it('methods that there are none of are refused', async () => {
    for (const [method, path, expected] of [
      ['DELETE', '/Users', 405],
      ['PUT', '/Users', 405],
      ['PATCH', '/Users', 405],
      ['POST', `/Users/${victim}`, 405],
      ['DELETE', '/ServiceProviderConfig', 405],
      ['POST', '/Schemas', 405],
      ['PUT', '/ResourceTypes', 405],
      ['PATCH', '/ServiceProviderConfig', 405],
      ['GET', '/Bulk', 405],
      ['GET', '/NoSuchThing', 404],
      ['POST', '/NoSuchThing', 404],
      ['GET', '/Users/a/b', 404],
      ['GET', '/Schemas/urn:example:none', 404],
      ['GET', '/ResourceTypes/Nothing', 404],
    ] as const) {
      const answer = await scim.request(method, path)
      expect(answer, `${method} ${path}`).toMatchObject(refusal(expected))
      if (expected === 405) expect(answer.headers.get('allow')).toMatch(/[A-Z]/)
    }
  })
})
