/** What the client tests of Janssen (and Gluu before it) ask about searches, where the RFCs agree with them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { full } from './persons.js'
import { databases, found, GROUP, LIST, SEARCH, type Service, serveDemo, USER, unique } from './serving.js'

describe.each(databases)("Janssen's client searches %s", (_name, create) => {
  let scim: Service

  beforeAll(async () => {
    scim = await serveDemo(create)
  })
  afterAll(() => scim?.close())

  const search = (path: string, request: Readonly<Record<string, unknown>>) =>
    scim.post(`${path}/.search`, { schemas: [SEARCH], ...request })
  const _patched = async (path: string, ...operations: readonly unknown[]) => {
    const { status, body, text } = await scim.patch(path, operations)
    expect(status, text).toBe(200)
    expect((await scim.get(path)).body).toEqual(body)
    return body
  }

  describe('searches', () => {
    it('users by parts, dates and elements', async () => {
      const login = unique('jans')
      const made = await scim.user({ ...full(login), locale: `${login}_XX` })
      const expected = [made.id]
      expect(
        await found(scim, '/Users', `locale eq "${login}_XX" and meta.created ge "${made.meta?.created}"`),
      ).toEqual(expected)
      for (const filter of [
        `userName eq "${login}" and name.givenName eq "Nora"`,
        `userName eq "${login}" and (emails[value ew "example.com"] or ${USER}:phoneNumbers[value co "+" or type eq null])`,
        `userName eq "${login}" and (nickName pr or ims.value eq "nora_im")`,
        `userName eq "${login}" and addresses[postalCode ne null and type eq "OTHER"]`,
        `userName eq "${login}" and not (meta.lastModified gt "2999-01-01T00:00:00Z")`,
      ]) {
        expect(await found(scim, '/Users', filter), filter).toEqual(expected)
      }
    })

    it('only counts where nothing is to be shown', async () => {
      const { body } = await scim.get('/Users', { filter: 'userName pr', count: 0 })
      expect(body.totalResults).toBeGreaterThan(0)
      expect(body).not.toHaveProperty('Resources')
      const none = await search('/Users', { filter: 'userName eq "test" and nickName eq "nobody"' })
      expect(none.body).toMatchObject({ schemas: [LIST], totalResults: 0 })
      expect(none.body.Resources ?? []).toEqual([])
    })

    it('sorts, and shows only what is asked for', async () => {
      const { body } = await search('/Users', {
        filter: 'name.familyName pr',
        sortBy: 'name.familyName',
        sortOrder: 'descending',
        attributes: ['name.familyName', 'active'],
        count: 3,
      })
      expect(body.Resources).toHaveLength(3)
      const names = body.Resources?.map(({ name }) => String(name?.familyName).toLowerCase()) ?? []
      expect([...names].sort().reverse()).toEqual(names)
      for (const user of body.Resources ?? []) {
        expect(
          Object.keys(user).filter((name) => !['schemas', 'id', 'name', 'active'].includes(name)),
        ).toEqual([])
        expect(Object.keys(user.name ?? {})).toEqual(['familyName'])
      }
    })

    it('sorts by a time', async () => {
      const { body } = await search('/Users', {
        sortBy: 'meta.lastModified',
        attributes: ['meta.lastModified'],
      })
      const times = body.Resources?.map(({ meta }) => Date.parse(meta?.lastModified ?? '')) ?? []
      expect(times.length).toBeGreaterThan(10)
      expect([...times].sort((a, b) => a - b)).toEqual(times)
    })

    it('pages through users in a fixed order', async () => {
      const family = unique('Paged')
      for (let n = 0; n < 12; n++) await scim.user({ userName: unique('jans'), name: { familyName: family } })
      const request = {
        filter: `name.familyName co "${family}"`,
        sortBy: 'id',
        attributes: ['meta.location'],
      }
      const all = (await search('/Users', request)).body.Resources?.map(({ id }) => id) ?? []
      expect(all).toHaveLength(12)
      for (const startIndex of [1, 5, 9]) {
        const { body } = await search('/Users', { ...request, startIndex, count: 4 })
        expect(body).toMatchObject({ totalResults: 12, startIndex, itemsPerPage: 4 })
        expect(body.Resources?.map(({ id }) => id)).toEqual(all.slice(startIndex - 1, startIndex + 3))
        for (const user of body.Resources ?? []) expect(user.meta?.location).toMatch(/\/Users\//)
      }
      const many = await search('/Users', { ...request, count: 13 })
      expect(many.body).toMatchObject({ totalResults: 12, itemsPerPage: 12 })
    })

    it('users and groups together', async () => {
      const word = unique('Both')
      for (const n of [1, 2, 3]) {
        await scim.user({ userName: unique('jans'), displayName: `${word} user ${n}` })
        await scim.group({ displayName: `${word} group ${n}` })
      }
      const request = { filter: `displayName co "${word}"`, attributes: ['displayName'] }
      const all = await search('', { ...request, startIndex: 1 })
      expect(all.status).toBe(200)
      expect(all.body).toMatchObject({ schemas: [LIST], totalResults: 6 })
      const kinds = all.body.Resources?.map(({ schemas }) => schemas?.[0])
      expect(new Set(kinds)).toEqual(new Set([USER, GROUP]))
      const ids = all.body.Resources?.map(({ id }) => id) ?? []
      const second = await search('', { ...request, startIndex: 2 })
      expect(second.body.Resources?.map(({ id }) => id)).toEqual(ids.slice(1))
      const last = await search('', { ...request, startIndex: 6 })
      expect(last.body).toMatchObject({ totalResults: 6, itemsPerPage: 1 })
      const beyond = await search('', { ...request, startIndex: 7 })
      expect(beyond.body.totalResults).toBe(6)
      expect(beyond.body.Resources ?? []).toEqual([])
      const counted = await search('', { ...request, count: 0, startIndex: 5 })
      expect(counted.body.totalResults).toBe(6)
      expect(counted.body).not.toHaveProperty('Resources')
    })
  })
})
