/** What SCIM writes LDAP shows at once, and what SQL writes both do. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LdapClient } from '../../../src/ldap/index.js'
import { find, outcome, read } from '../serving.js'
import { databases, found, groups, people, type Service, serveDemo, unique, values } from './serving.js'

const INVALID_CREDENTIALS = 49

describe.each(databases)('SCIM and LDAP on %s', (_name, create) => {
  let scim: Service
  let ldap: LdapClient

  beforeAll(async () => {
    scim = await serveDemo(create)
    ldap = await scim.connect()
  })
  afterAll(() => scim?.close())

  const personDn = (login: string | undefined) => `uid=${login},${people}`
  const person = (extra: Readonly<Record<string, unknown>> = {}) =>
    scim.user({
      userName: unique('face'),
      name: { givenName: 'Fay', familyName: 'Cetti' },
      displayName: 'Fay Cetti',
      title: 'Diplomat',
      emails: [{ value: 'fay@example.com', type: 'work', primary: true }],
      phoneNumbers: [{ value: '+1 555 0100', type: 'work' }],
      password: 'two faces',
      ...extra,
    })

  it('a user that is made can log in to LDAP at once, and is shown there', async () => {
    const user = await person()
    expect(await scim.bind(personDn(user.userName), 'two faces')).toBe(0)
    expect(await scim.bind(personDn(user.userName), 'one face')).toBe(INVALID_CREDENTIALS)
    expect(await read(ldap, personDn(user.userName), ['*', 'entryUUID'])).toMatchObject({
      uid: [user.userName],
      givenName: ['Fay'],
      sn: ['Cetti'],
      displayName: ['Fay Cetti'],
      title: ['Diplomat'],
      mail: ['fay@example.com'],
      telephoneNumber: ['+1 555 0100'],
      entryUUID: [user.id],
    })
    expect(await find(ldap, people, '(&(sn=cetti)(telephoneNumber=+15550100))')).toContain(
      personDn(user.userName),
    )
  })

  it('a password that is changed is the one that counts', async () => {
    const { id, userName } = await person()
    await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'password', value: 'new face' }])
    expect(await scim.bind(personDn(userName), 'two faces')).toBe(INVALID_CREDENTIALS)
    expect(await scim.bind(personDn(userName), 'new face')).toBe(0)
    await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: 'Consul' }])
    expect(await scim.bind(personDn(userName), 'new face')).toBe(0)
  })

  it('a user who is not active cannot log in, and can again', async () => {
    const { id, userName } = await person()
    for (const active of [false, true, false]) {
      await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: active }])
      expect(await scim.bind(personDn(userName), 'two faces')).toBe(active ? 0 : INVALID_CREDENTIALS)
    }
    const late = await person({ active: false })
    expect(await scim.bind(personDn(late.userName), 'two faces')).toBe(INVALID_CREDENTIALS)
  })

  it('a user who is renamed keeps the id, and moves in LDAP', async () => {
    const { id, userName } = await person()
    const renamed = unique('face')
    await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'userName', value: renamed }])
    expect(await outcome(ldap, personDn(userName), { scope: 'baseObject' })).toMatchObject({ code: 32 })
    expect(await read(ldap, personDn(renamed), ['entryUUID'])).toEqual({ entryUUID: [id] })
    expect(await scim.bind(personDn(renamed), 'two faces')).toBe(0)
  })

  it('members without a name to show are called by what they log in with', async () => {
    const login = unique('nameless')
    const { id: member } = await scim.user({ userName: login })
    const { id } = await scim.group({ displayName: unique('Named'), members: [{ value: member }] })
    expect((await scim.get(`/Groups/${id}`)).body.members).toMatchObject([{ value: member, display: login }])
    const filter = `id eq "${id}" and members.display`
    expect(await found(scim, '/Groups', `${filter} eq "${login.toUpperCase()}"`)).toEqual([id])
    expect(await found(scim, '/Groups', `${filter} co "somebody else"`)).toEqual([])
  })

  it('members are the same on both sides', async () => {
    const [one, two] = await Promise.all([person(), person()])
    const name = unique('Faces')
    const { id } = await scim.group({ displayName: name, members: [{ value: one.id }] })
    const dn = `cn=${name},${groups}`
    expect(await read(ldap, dn, ['member'])).toEqual({ member: [personDn(one.userName)] })
    await scim.patch(`/Groups/${id}`, [{ op: 'add', path: 'members', value: [{ value: two.id }] }])
    expect(await find(ldap, groups, `(member=${personDn(two.userName)})`)).toEqual([dn])
    expect(await read(ldap, personDn(two.userName), ['memberOf'])).toEqual({ memberOf: [dn] })
    expect((await scim.remove(`/Users/${one.id}`)).status).toBe(204)
    expect(await read(ldap, dn, ['member'])).toEqual({ member: [personDn(two.userName)] })
    expect(values((await scim.get(`/Groups/${id}`)).body.members)).toEqual([two.id])
    expect((await scim.remove(`/Groups/${id}`)).status).toBe(204)
    expect(await outcome(ldap, dn, { scope: 'baseObject' })).toMatchObject({ code: 32 })
    expect(await read(ldap, personDn(two.userName), ['memberOf'])).toEqual({})
  })

  it('a user who is deleted is nowhere, and cannot log in', async () => {
    const { id, userName } = await person()
    expect((await scim.remove(`/Users/${id}`)).status).toBe(204)
    expect(await outcome(ldap, personDn(userName), { scope: 'baseObject' })).toMatchObject({ code: 32 })
    expect(await scim.bind(personDn(userName), 'two faces')).toBe(INVALID_CREDENTIALS)
    expect(await found(scim, '/Users', `userName eq "${userName}"`)).toEqual([])
    const again = await person({ userName })
    expect(again.id).not.toBe(id)
  })

  it('a row that SQL changes is what the next answers show', async () => {
    const { id, userName } = await person()
    const etag = (await scim.get(`/Users/${id}`)).headers.get('etag')
    for (const title of ['Envoy', 'Legate']) {
      await scim.sql(`update users set title = '${title}' where username = '${userName}'`)
      expect((await scim.get(`/Users/${id}`)).body.title).toBe(title)
      expect(await found(scim, '/Users', `userName eq "${userName}" and title eq "${title}"`)).toEqual([id])
      expect(await read(ldap, personDn(userName), ['title'])).toEqual({ title: [title] })
    }
    expect(etag).toMatch(/^W\/"/)
    await scim.sql(`update users set status = 'L' where username = '${userName}'`)
    expect((await scim.get(`/Users/${id}`)).body.active).toBe(false)
    expect(await scim.bind(personDn(userName), 'two faces')).toBe(INVALID_CREDENTIALS)
    await scim.sql(`update users set deleted_at = created_at where username = '${userName}'`)
    expect((await scim.get(`/Users/${id}`)).status).toBe(404)
    await scim.sql(`update users set deleted_at = null where username = '${userName}'`)
    expect((await scim.get(`/Users/${id}`)).body).toMatchObject({ id, title: 'Legate', active: false })
  })

  it('the people and groups that were there are the same to both', async () => {
    const pairs = [
      ['/Users', 'name.familyName sw "m"', people, '(sn=m*)'],
      ['/Users', 'not (emails pr)', people, '(!(mail=*))'],
      ['/Users', 'title co "manager" or title ew "officer"', people, '(|(title=*manager*)(title=*officer))'],
      ['/Groups', 'displayName co "e" and not (displayName sw "e")', groups, '(&(cn=*e*)(!(cn=e*)))'],
    ] as const
    for (const [path, filter, base, ldapFilter] of pairs) {
      const { body } = await scim.get(path, { filter, count: 0 })
      const { entries } = await ldap.searchAll(base, {
        filter: `(&(|(uid=*)(objectClass=groupOfNames))${ldapFilter})`,
        attributes: ['1.1'],
      })
      expect(body.totalResults, filter).toBe(entries.length)
      expect(entries.length).toBeGreaterThan(0)
    }
    const [id] = await found(scim, '/Users', 'userName eq "bjensen"')
    expect(await read(ldap, personDn('bjensen'), ['entryUUID'])).toEqual({ entryUUID: [id] })
    const { body } = await scim.get(`/Users/${id}`)
    const { memberOf } = (await read(ldap, personDn('bjensen'), ['memberOf'])) ?? {}
    expect(body.groups?.map(({ display }) => `cn=${display},${groups}`).sort()).toEqual(memberOf)
  })
})
