/** What the client tests of Janssen (and Gluu before it) ask about PATCH and groups, where the RFCs agree with them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { full } from './persons.js'
import {
  databases,
  found,
  GROUP,
  refusal,
  SEARCH,
  type Service,
  serveDemo,
  USER,
  unique,
  values,
} from './serving.js'

describe.each(databases)("Janssen's client changes %s", (_name, create) => {
  let scim: Service

  beforeAll(async () => {
    scim = await serveDemo(create)
  })
  afterAll(() => scim?.close())

  const search = (path: string, request: Readonly<Record<string, unknown>>) =>
    scim.post(`${path}/.search`, { schemas: [SEARCH], ...request })
  const patched = async (path: string, ...operations: readonly unknown[]) => {
    const { status, body, text } = await scim.patch(path, operations)
    expect(status, text).toBe(200)
    expect((await scim.get(path)).body).toEqual(body)
    return body
  }

  describe('PATCH', () => {
    it('adds', async () => {
      const { id } = await scim.user({ ...full(unique('jans')), roles: undefined, ims: undefined })
      const body = await patched(
        `/Users/${id}`,
        { op: 'add', value: { nickName: 'Nana', userType: 'Chair' } },
        { op: 'add', path: 'emails', value: { value: 'nora2@example.com', type: 'other', primary: false } },
        {
          op: 'add',
          path: 'phoneNumbers',
          value: [
            { value: '555 123 8901', type: 'other' },
            { value: '555 123 8902', type: 'other' },
          ],
        },
        { op: 'add', value: { ims: [{ value: 'nora_too', type: 'Skype' }] } },
        { op: 'add', path: 'roles.value', value: 'Owner' },
      )
      expect(body).toMatchObject({ nickName: 'Nana', userType: 'Chair' })
      expect(values(body.emails)).toEqual(['nora2@example.com', 'nora@example.com'])
      expect(values(body.phoneNumbers)).toEqual(['555 123 4567', '555 123 8901', '555 123 8902'])
      expect(body.ims).toMatchObject([{ value: 'nora_too', type: 'Skype' }])
      expect(values(body.roles)).toEqual(['Owner'])
    })

    it('replaces without a path; of a name the parts that are given', async () => {
      const { id } = await scim.user(full(unique('jans')))
      const body = await patched(
        `/Users/${id}`,
        { op: 'replace', value: { displayName: 'Changed' } },
        { op: 'replace', value: { name: { familyName: 'Changed', middleName: 'C.' } } },
        { op: 'replace', value: { active: false, title: 'Changed' } },
      )
      expect(body).toMatchObject({
        displayName: 'Changed',
        title: 'Changed',
        active: false,
        name: {
          honorificPrefix: 'Dr.',
          honorificSuffix: 'jr.',
          familyName: 'Changed',
          givenName: 'Nora',
          middleName: 'C.',
        },
      })
      const lists = await patched(`/Users/${id}`, {
        op: 'replace',
        value: {
          name: { formatted: 'Changed Altogether', honorificPrefix: 'Prof.' },
          addresses: [{ streetAddress: '1 Other Road' }],
          phoneNumbers: [
            { value: '1 555 123 4567', type: 'other' },
            { value: '1 666 000 1234', type: 'work' },
          ],
          x509Certificates: [],
        },
      })
      expect(lists.name).toMatchObject({ formatted: 'Changed Altogether', honorificPrefix: 'Prof.' })
      expect(lists.addresses).toEqual([expect.objectContaining({ streetAddress: '1 Other Road' })])
      expect(lists.addresses?.[0]).not.toHaveProperty('postalCode')
      expect(values(lists.phoneNumbers)).toEqual(['1 555 123 4567', '1 666 000 1234'])
      expect(lists).not.toHaveProperty('x509Certificates')
      expect(values(lists.roles)).toEqual(['Owner'])
    })

    it('replaces at a path', async () => {
      const { id } = await scim.user(full(unique('jans')))
      const body = await patched(
        `/Users/${id}`,
        { op: 'replace', path: 'displayName', value: 'Again' },
        { op: 'replace', path: 'name', value: { honorificPrefix: 'Prof.', givenName: 'Eleonora' } },
        { op: 'replace', path: 'name.formatted', value: 'Prof. Eleonora Nilsen' },
        {
          op: 'replace',
          path: 'addresses',
          value: [{ streetAddress: '2 Other Road', postalCode: '90210' }],
        },
        { op: 'replace', path: 'phoneNumbers', value: [{ value: '2 555', type: 'other' }] },
        { op: 'replace', path: 'x509Certificates', value: [{ value: 'ZHVtbXk=' }] },
        { op: 'replace', path: `${USER}:active`, value: true },
        {
          op: 'replace',
          path: 'ims',
          value: [{ value: 'n', display: 'N', primary: true, type: 'escape' }],
        },
      )
      expect(body).toMatchObject({
        displayName: 'Again',
        active: true,
        name: {
          honorificPrefix: 'Prof.',
          honorificSuffix: 'jr.',
          formatted: 'Prof. Eleonora Nilsen',
          familyName: 'Nilsen',
          givenName: 'Eleonora',
        },
        phoneNumbers: [{ value: '2 555', type: 'other' }],
        x509Certificates: [{ value: 'ZHVtbXk=' }],
        ims: [{ value: 'n', display: 'N', primary: true, type: 'escape' }],
      })
      expect(body.addresses).toHaveLength(1)
    })

    it('removes an attribute, a part, and a part of every element', async () => {
      const { id } = await scim.user(full(unique('jans')))
      const body = await patched(
        `/Users/${id}`,
        { op: 'remove', path: 'name.middleName' },
        { op: 'remove', path: 'nickName' },
        { op: 'remove', path: 'entitlements' },
        { op: 'remove', path: 'addresses.postalCode' },
        { op: 'remove', path: 'addresses.locality' },
        { op: 'remove', path: `${USER}:phoneNumbers.type` },
      )
      expect(body.name).not.toHaveProperty('middleName')
      expect(body.name).toMatchObject({ givenName: 'Nora' })
      for (const gone of ['nickName', 'entitlements']) expect(body).not.toHaveProperty(gone)
      expect(body.addresses).toEqual([
        { type: 'other', streetAddress: '9 Fjord Lane', region: 'Vestland', country: 'NO', primary: true },
      ])
      expect(body.phoneNumbers).toEqual([expect.not.objectContaining({ type: expect.anything() })])
      expect(values(body.phoneNumbers)).toEqual(['555 123 4567'])
    })

    it('changes the elements that a filter selects', async () => {
      const { id } = await scim.user({
        userName: unique('jans'),
        emails: [
          { value: 'nora@corp.example', display: 'nora', primary: true, type: 'work' },
          { value: 'nora@acme.example', display: 'nora acme', type: 'hobby' },
        ],
        phoneNumbers: [
          { value: '+57 1234 56789', type: 'home' },
          { value: '+1 1234 56789', type: 'work', primary: true },
        ],
        addresses: [
          {
            country: 'EG',
            primary: false,
            region: 'Somewhere',
            streetAddress: '59 Acacia Avenue',
            locality: 'Donington',
          },
        ],
      })
      const body = await patched(
        `/Users/${id}`,
        { op: 'replace', path: 'emails[type eq "hobby"].display', value: 'both' },
        {
          op: 'replace',
          path: 'emails[value co "corp" and primary eq true]',
          value: { value: 'nora@corp.test', display: 'both', type: 'hobby' },
        },
        {
          op: 'replace',
          path: 'phoneNumbers[(not (type ge "home") and value ew "9") and display ne null or primary eq null]',
          value: { value: '+1 1234 56789' },
        },
      )
      expect(body.emails?.map(({ display, type }) => ({ display, type }))).toEqual([
        { display: 'both', type: 'hobby' },
        { display: 'both', type: 'hobby' },
      ])
      expect(new Set(values(body.phoneNumbers))).toEqual(new Set(['+1 1234 56789']))
      const later = await patched(
        `/Users/${id}`,
        { op: 'remove', path: 'emails[type sw "hobby"]' },
        { op: 'remove', path: 'phoneNumbers[primary pr or value co " "].type' },
        { op: 'remove', path: 'addresses[region eq "somewhere" and primary ne true].locality' },
      )
      expect(later).not.toHaveProperty('emails')
      expect(later.phoneNumbers?.filter(({ type }) => type !== undefined)).toEqual([])
      expect(later.addresses).toEqual([
        expect.objectContaining({ region: 'Somewhere', streetAddress: '59 Acacia Avenue' }),
      ])
      expect(later.addresses?.[0]).not.toHaveProperty('locality')
    })

    it('does not change what is read-only, and does all or nothing', async () => {
      const { id } = await scim.user(full(unique('jans')))
      const before = await scim.get(`/Users/${id}`)
      const groups = { op: 'add', path: 'groups', value: [{ value: 'a value' }] }
      expect(await scim.patch(`/Users/${id}`, [groups])).toMatchObject(refusal(400, 'mutability'))
      const first = { op: 'replace', path: 'displayName', value: 'half done' }
      expect(await scim.patch(`/Users/${id}`, [first, groups])).toMatchObject(refusal(400, 'mutability'))
      expect((await scim.get(`/Users/${id}`)).body).toEqual(before.body)
    })
  })

  describe('groups', () => {
    it('are made of a name, given another one and an external id', async () => {
      const name = unique('Owners')
      const { id } = await scim.group({ displayName: name })
      const put = await scim.put(`/Groups/${id}`, {
        schemas: [GROUP],
        externalId: 'old-owners',
        displayName: `${name} put`,
      })
      expect(put.status).toBe(200)
      expect(put.body).toMatchObject({ displayName: `${name} put`, externalId: 'old-owners' })
      const body = await patched(
        `/Groups/${id}`,
        { op: 'add', value: { displayName: `${name} patched` } },
        { op: 'replace', path: 'externalId', value: 'new-owners' },
      )
      expect(body).toMatchObject({ displayName: `${name} patched`, externalId: 'new-owners' })
    })

    it('show of each member who it is', async () => {
      const users = await Promise.all([1, 2].map(() => scim.user({ ...full(unique('jans')) })))
      const { id } = await scim.group({ displayName: unique('Members') })
      const value = users.map((user) => ({
        type: 'User',
        value: user.id,
        display: 'called so by the client',
        $ref: `/scim/v2/Users/${user.id}`,
      }))
      const { members } = await patched(`/Groups/${id}`, { op: 'add', path: 'members', value })
      expect(values(members)).toEqual(users.map((user) => user.id).sort())
      for (const member of members ?? []) {
        expect(member).toEqual({
          value: member.value,
          type: 'User',
          display: expect.stringMatching(/./),
          $ref: `${scim.base}/Users/${member.value}`,
        })
      }
    })

    it('do not let a member become another, but let it go', async () => {
      const [one, two] = await Promise.all([1, 2].map(() => scim.user({ userName: unique('jans') })))
      if (one === undefined || two === undefined) throw new Error('two users were made')
      const { id } = await scim.group({ displayName: unique('Fixed'), members: [{ value: one.id }] })
      const path = `members[value eq "${one.id}"].value`
      const send = (operation: unknown) => scim.patch(`/Groups/${id}`, [operation])
      expect(await send({ op: 'replace', path, value: two.id })).toMatchObject(refusal(400, 'mutability'))
      expect((await send({ op: 'replace', path, value: one.id })).status).toBe(200)
      expect((await send({ op: 'remove', path })).status).toBe(400)
      expect(values((await scim.get(`/Groups/${id}`)).body.members)).toEqual([one.id])
      const gone = await send({ op: 'remove', path: `members[value eq "${one.id}"]` })
      expect(gone.status).toBe(200)
      expect(gone.body).not.toHaveProperty('members')
    })

    it('are what the groups of users show; those cannot be changed there', async () => {
      const users = await Promise.all([1, 2, 3].map(() => scim.user({ userName: unique('jans') })))
      const [first, ...rest] = users
      if (first === undefined) throw new Error('three users were made')
      const all = await scim.group({
        displayName: unique('All'),
        members: users.map((user) => ({ value: user.id, display: user.userName })),
      })
      const some = await scim.group({ displayName: unique('Some'), members: [{ value: first.id }] })
      const filter = users.map((user) => `id eq "${user.id}"`).join(' or ')
      const { body } = await search('/Users', { filter, count: 3 })
      const groupsOf = new Map(body.Resources?.map((user) => [user.id, values(user.groups)]))
      expect(Object.fromEntries(groupsOf)).toEqual({
        [first.id]: [all.id, some.id].sort(),
        ...Object.fromEntries(rest.map((user) => [user.id, [all.id]])),
      })

      const shown = (await scim.get(`/Users/${first.id}`)).body
      const put = await scim.put(`/Users/${first.id}`, { ...shown, groups: [] })
      expect(put.status).toBe(200)
      expect(values(put.body.groups)).toEqual([all.id, some.id].sort())

      const admin = (await found(scim, '/Users', 'userName eq "bjensen"'))[0]
      const members = [...rest.map((user) => ({ value: user.id })), { value: admin }]
      const changed = await scim.put(`/Groups/${all.id}`, { ...all, members })
      expect(changed.status).toBe(200)
      expect(values(changed.body.members)).toEqual(members.map(({ value }) => value ?? '').sort())
      const lost = await scim.get(`/Users/${first.id}`, { attributes: 'groups' })
      expect(values(lost.body.groups)).toEqual([some.id])
      const gained = await scim.get(`/Users/${admin}`, { attributes: 'groups' })
      expect(values(gained.body.groups)).toContain(all.id)
    })
  })
})
