/** What the client tests of Janssen (and Gluu before it) ask about single users, where the RFCs agree with them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { full } from './persons.js'
import {
  databases,
  found,
  LIST,
  refusal,
  SEARCH,
  type Service,
  serveDemo,
  USER,
  unique,
  values,
} from './serving.js'

describe.each(databases)("Janssen's client and %s", (_name, create) => {
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

  it('describes itself', async () => {
    const config = await scim.get('/ServiceProviderConfig')
    expect(config.body.schemas).toEqual(['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'])
    expect(config.body.authenticationSchemes).not.toEqual([])
    for (const [path, schema] of [
      ['/ResourceTypes', 'urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
      ['/Schemas', 'urn:ietf:params:scim:schemas:core:2.0:Schema'],
    ] as const) {
      const { body } = await scim.get(path)
      expect(body.schemas).toEqual([LIST])
      expect(body.totalResults).toBe(body.Resources?.length)
      for (const resource of body.Resources ?? []) expect(resource.schemas).toContain(schema)
    }
  })

  describe('one user', () => {
    it('is made of a user name alone, given a name later, and deleted', async () => {
      const login = unique('jans')
      const { id, meta } = await scim.user({ userName: login })
      expect(meta).toMatchObject({ resourceType: 'User', location: `${scim.base}/Users/${id}` })
      const name = { formatted: 'Nora Nilsen', familyName: 'Nilsen', givenName: 'Nora', middleName: 'N' }
      const { status, body } = await scim.put(`/Users/${id}`, {
        schemas: [USER],
        userName: `${login}-renamed`,
        active: true,
        name,
      })
      expect(status).toBe(200)
      expect(body).toMatchObject({ userName: `${login}-renamed`, active: true, name })
      expect((await scim.remove(`/Users/${id}`)).status).toBe(204)
    })

    it('keeps everything it was made of', async () => {
      const login = unique('jans')
      const { password: _, ...shown } = full(login)
      const made = await scim.user(full(login))
      expect(made).toMatchObject(shown)
      expect(made).not.toHaveProperty('password')
      expect((await scim.get(`/Users/${made.id}`)).body).toEqual(made)
    })

    it('has one primary phone number, however many it is told of', async () => {
      const login = unique('jans')
      const { id } = await scim.user(full(login))
      const { status, body } = await scim.put(`/Users/${id}`, {
        ...full(login),
        roles: [{ value: 'Master of Fjords' }],
        phoneNumbers: [
          { value: '555 123 4566', type: 'home', primary: true },
          { value: '555 123 4568', type: 'other', primary: true },
        ],
      })
      expect(status).toBe(200)
      expect(values(body.phoneNumbers)).toEqual(['555 123 4566', '555 123 4568'])
      expect(body.phoneNumbers?.filter(({ primary }) => primary === true).length).toBeLessThan(2)
      expect(values(body.roles)).toEqual(['Master of Fjords'])
    })

    it('loses what is put as an empty list, and does not mind its groups', async () => {
      const login = unique('jans')
      const { id } = await scim.user(full(login))
      const { status, body } = await scim.put(`/Users/${id}?excludedAttributes=meta`, {
        ...full(login),
        preferredLanguage: 'en_US',
        roles: [],
        x509Certificates: [],
        groups: [{ value: 'no such group' }],
      })
      expect(status).toBe(200)
      expect(body).toMatchObject({ preferredLanguage: 'en_US' })
      for (const gone of ['roles', 'x509Certificates', 'groups', 'meta'])
        expect(body).not.toHaveProperty(gone)
      const again = await scim.get(`/Users/${id}`, { excludedAttributes: 'meta' })
      expect(again.text).toBe(
        (await scim.put(`/Users/${id}?excludedAttributes=meta`, { ...body, schemas: [USER] })).text,
      )
    })

    it('is put with elements of other types', async () => {
      const login = unique('jans')
      const { id } = await scim.user(full(login))
      const { body } = await scim.put(
        `/Users/${id}`,
        {
          schemas: [USER],
          userName: login,
          emails: [{ value: 'nora@example.com', type: 'home' }],
          phoneNumbers: [
            { value: '555 123 4567', type: 'fax' },
            { value: '+1 234 566 9999', type: 'pager' },
            { value: '+1 234 566 0000' },
          ],
        },
        { query: { attributes: 'emails, addresses, phoneNumbers, userName' } },
      )
      expect(body.emails).toMatchObject([{ value: 'nora@example.com', type: 'home' }])
      const types = new Map(body.phoneNumbers?.map(({ value, type }) => [value, type]))
      expect(Object.fromEntries(types)).toEqual({
        '555 123 4567': 'fax',
        '+1 234 566 9999': 'pager',
        '+1 234 566 0000': undefined,
      })
      expect(body).not.toHaveProperty('preferredLanguage')
    })

    it('is found by text that must be escaped', async () => {
      const login = unique('jans')
      const name = {
        givenName: 'with "quotes"',
        middleName: 'with backslash \\',
        familyName: '" \\ \u4e0d*()/',
      }
      const { id } = await scim.user({ userName: login, name })
      const filter =
        'name.givenName co "\\"" and name.middleName ew "\\\\" and name.familyName eq "\\" \\\\ \\u4e0d*()/"'
      const { body } = await search('/Users', { filter, count: 1, attributes: ['name'] })
      expect(body.Resources).toEqual([{ schemas: expect.anything(), id, name }])
    })

    it('is found by each and all special characters of filters', async () => {
      const specials = ['*', '\\', '(', ')', '/', '%', '_', '!', '&', '|', '=']
      const login = `${unique('jans')}${specials.join('')}`
      const { id } = await scim.user({ userName: login, name: { givenName: specials.join('') } })
      const escaped = specials.map((character) => JSON.stringify(character))
      for (const attribute of ['userName', 'name.givenName']) {
        const every = escaped.map((text) => ` and ${attribute} co ${text}`).join('')
        const { body } = await search('/Users', { filter: every.slice(4), attributes: ['userName'] })
        expect(body.Resources, attribute).toEqual([{ schemas: [USER], id, userName: login }])
        const some = escaped.map((text) => ` or ${attribute} co ${text}`).join('')
        const answer = await search('/Users', { filter: some.slice(4), attributes: [attribute] })
        for (const user of answer.body.Resources ?? []) {
          const text = attribute === 'userName' ? user.userName : String(user.name?.givenName)
          expect(specials.some((character) => text?.includes(character))).toBe(true)
        }
        expect(answer.body.Resources?.map((user) => user.id)).toContain(id)
      }
      expect(await found(scim, '/Users', `userName eq ${JSON.stringify(login)}`)).toEqual([id])
    })

    it('is not there under what is no id', async () => {
      const { id: _, ...user } = await scim.user({ userName: unique('jans') })
      expect(await scim.put('/Users/not%20an%20id', user)).toMatchObject(refusal(404))
    })
  })

  describe('chosen attributes', () => {
    const chosen = [
      'displayName, emails.value, password, nickName, schemas',
      `${USER}:name.givenName`,
      'preferredLanguage, userName',
    ].join(', ')

    it('of a user that is made, and of one that is put', async () => {
      const login = unique('jans')
      const made = await scim.post('/Users', full(login), { query: { attributes: chosen } })
      expect(made.status).toBe(201)
      const { id } = made.body
      const expected = {
        schemas: [USER],
        id,
        userName: login,
        displayName: 'Nora',
        nickName: 'Nono',
        name: { givenName: 'Nora' },
        emails: [{ value: 'nora@example.com' }],
      }
      expect(made.body).toEqual(expected)
      const put = await scim.put(`/Users/${id}`, full(login), { query: { attributes: chosen } })
      expect(put.body).toEqual(expected)
      const patch = await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'nickName', value: 'No' }], {
        query: { attributes: 'nickName' },
      })
      expect(patch.body).toEqual({ schemas: [USER], id, nickName: 'No' })
    })

    it('left out, but never those that are always shown', async () => {
      const login = unique('jans')
      const excludedAttributes = [
        'schemas, id, externalId, name.honorificPrefix, name.formatted, emails.type, emails.primary',
        `addresses, phoneNumbers, ${USER}:active, meta, groups`,
      ].join(', ')
      const { status, body } = await scim.post('/Users', full(login), { query: { excludedAttributes } })
      expect(status).toBe(201)
      expect(body).toMatchObject({
        schemas: [USER],
        id: expect.anything(),
        userName: login,
        nickName: 'Nono',
      })
      for (const gone of ['externalId', 'addresses', 'phoneNumbers', 'active', 'meta', 'password']) {
        expect(body).not.toHaveProperty(gone)
      }
      expect(body.name).toEqual({
        honorificSuffix: 'jr.',
        familyName: 'Nilsen',
        givenName: 'Nora',
        middleName: 'Nell',
      })
      expect(body.emails).toEqual([{ value: 'nora@example.com' }])
      const one = await scim.get(`/Users/${body.id}`, { attributes: 'active' })
      expect(one.body).toEqual({ schemas: [USER], id: body.id, active: true })
      const other = await scim.get(`/Users/${body.id}`, { excludedAttributes: 'id, externalId' })
      expect(other.body).toMatchObject({ id: body.id, userName: login })
      expect(other.body).not.toHaveProperty('externalId')
    })
  })

  describe('wrong requests', () => {
    it.each([
      ['schemas that name none', { schemas: [] }, undefined],
      ['an attribute that nobody knows', { UNKNOWN: 'clash' }, 'invalidSyntax'],
      ['a complex one that nobody knows', { UNKNOWN: { any: 'bug' } }, 'invalidSyntax'],
      ['a number for a text', { title: 0 }, 'invalidValue'],
      ['a text for a number', { active: 'yes' }, 'invalidValue'],
      ['one value for several', { emails: 'nora@example.com' }, 'invalidValue'],
      ['one element for several', { emails: { value: 'nora@example.com' } }, 'invalidValue'],
      ['texts for elements', { emails: ['nora@example.com'] }, 'invalidValue'],
      ['a text for a complex value', { name: 'Nora' }, 'invalidValue'],
      ['an object for a text', { displayName: { text: 'Nora' } }, 'invalidValue'],
      ['a list for one', { displayName: ['Nora'] }, 'invalidValue'],
    ])('are refused: %s', async (_what, attributes, scimType) => {
      const userName = unique('jans')
      const answer = await scim.post('/Users', { schemas: [USER], userName, ...attributes })
      expect(answer).toMatchObject(refusal(400, scimType))
      expect(await found(scim, '/Users', `userName eq "${userName}"`)).toEqual([])
    })
  })
})
