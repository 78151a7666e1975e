/** Changes that come at once: none is lost, and what can be only once is. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, databases, found, type Service, serveDemo, USER, unique, values } from './serving.js'

const times = (n: number) => Array.from({ length: n }, (_, index) => index)

/** How many answers have each status. */
function statuses(answers: readonly Answer[]): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

describe.each(databases)('at once on %s', (_name, create) => {
  let scim: Service

  beforeAll(async () => {
    scim = await serveDemo(create)
  })
  afterAll(() => scim?.close())

  const made = (n: number) => Promise.all(times(n).map(() => scim.user({ userName: unique('race') })))
  const members = async (id: string) => values((await scim.get(`/Groups/${id}`)).body.members)

  it('twenty members join a group, and leave it', async () => {
    const users = await made(20)
    const { id } = await scim.group({ displayName: unique('Race') })
    const joined = await Promise.all(
      users.map((user) =>
        scim.patch(`/Groups/${id}`, [{ op: 'add', path: 'members', value: [{ value: user.id }] }]),
      ),
    )
    expect(statuses(joined)).toEqual({ 200: 20 })
    expect(await members(id)).toEqual(users.map((user) => user.id).sort())
    const left = await Promise.all(
      users
        .slice(1)
        .map((user) =>
          scim.patch(`/Groups/${id}`, [{ op: 'remove', path: `members[value eq "${user.id}"]` }]),
        ),
    )
    expect(statuses(left)).toEqual({ 200: 19 })
    expect(await members(id)).toEqual([users[0]?.id])
  })

  it('one member joins ten times, and is a member once', async () => {
    const [user] = await made(1)
    const { id } = await scim.group({ displayName: unique('Race') })
    const joined = await Promise.all(
      times(10).map(() =>
        scim.patch(`/Groups/${id}`, [{ op: 'add', path: 'members', value: [{ value: user?.id }] }]),
      ),
    )
    expect(statuses(joined)).toEqual({ 200: 10 })
    expect(await members(id)).toEqual([user?.id])
  })

  it('members join while the group is renamed', async () => {
    const users = await made(10)
    const { id } = await scim.group({ displayName: unique('Race') })
    const name = unique('Renamed Race')
    const changed = await Promise.all([
      ...users.map((user) =>
        scim.patch(`/Groups/${id}`, [{ op: 'add', path: 'members', value: [{ value: user.id }] }]),
      ),
      scim.patch(`/Groups/${id}`, [{ op: 'replace', path: 'displayName', value: name }]),
    ])
    expect(statuses(changed)).toEqual({ 200: 11 })
    expect((await scim.get(`/Groups/${id}`)).body.displayName).toBe(name)
    expect(await members(id)).toEqual(users.map((user) => user.id).sort())
  })

  it('ten clients make the same user: one does, the others are told', async () => {
    const login = unique('race')
    const spellings = times(10).map((n) => (n % 2 === 0 ? login : login.toUpperCase()))
    const answers = await Promise.all(
      spellings.map((userName, n) =>
        scim.post('/Users', {
          schemas: [USER],
          userName,
          emails: [{ value: `${n}@example.com`, type: 'work' }],
          phoneNumbers: [{ value: `555 010${n}`, type: 'work' }],
        }),
      ),
    )
    expect(statuses(answers)).toEqual({ 201: 1, 409: 9 })
    const winner = answers.find(({ status }) => status === 201)?.body
    expect(await found(scim, '/Users', `userName eq "${login}"`)).toEqual([winner?.id])
    expect((await scim.get(`/Users/${winner?.id}`)).body).toEqual(winner)
    for (const { status, body } of answers) if (status === 409) expect(body.scimType).toBe('uniqueness')
  })

  it('ten users take the same new name: one does', async () => {
    const users = await made(10)
    const login = unique('taken')
    const answers = await Promise.all(
      users.map((user) =>
        scim.patch(`/Users/${user.id}`, [{ op: 'replace', path: 'userName', value: login }]),
      ),
    )
    expect(statuses(answers)).toEqual({ 200: 1, 409: 9 })
    expect(await found(scim, '/Users', `userName eq "${login}"`)).toHaveLength(1)
  })

  it('many different users are made', async () => {
    const prefix = unique('many')
    const answers = await Promise.all(
      times(30).map((n) => scim.post('/Users', { schemas: [USER], userName: `${prefix}-${n}` })),
    )
    expect(statuses(answers)).toEqual({ 201: 30 })
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(30)
    expect(await found(scim, '/Users', `userName sw "${prefix}-"`)).toHaveLength(30)
  })

  it('a user is given ten e-mail addresses by ten clients, and has them all', async () => {
    const [user] = await made(1)
    const answers = await Promise.all(
      times(10).map((n) =>
        scim.patch(`/Users/${user?.id}`, [
          { op: 'add', path: 'emails', value: [{ value: `${n}@example.com`, type: 'other' }] },
        ]),
      ),
    )
    expect(statuses(answers)).toEqual({ 200: 10 })
    expect(values((await scim.get(`/Users/${user?.id}`)).body.emails)).toEqual(
      times(10).map((n) => `${n}@example.com`),
    )
  })

  it('different attributes are changed by different clients, and all are', async () => {
    const [user] = await made(1)
    const changes = {
      title: 'T',
      nickName: 'N',
      userType: 'U',
      locale: 'L',
      displayName: 'D',
      externalId: 'X',
    }
    const answers = await Promise.all(
      Object.entries(changes).map(([path, value]) =>
        scim.patch(`/Users/${user?.id}`, [{ op: 'replace', path, value }]),
      ),
    )
    expect(statuses(answers)).toEqual({ 200: 6 })
    expect((await scim.get(`/Users/${user?.id}`)).body).toMatchObject(changes)
  })

  it('ten clients change what they have all seen: one may', async () => {
    const [user] = await made(1)
    const etag = (await scim.get(`/Users/${user?.id}`)).headers.get('etag') ?? ''
    const answers = await Promise.all(
      times(10).map((n) =>
        scim.patch(`/Users/${user?.id}`, [{ op: 'replace', path: 'nickName', value: `client ${n}` }], {
          headers: { 'if-match': etag },
        }),
      ),
    )
    expect(statuses(answers)).toEqual({ 200: 1, 412: 9 })
    const winner = answers.find(({ status }) => status === 200)?.body
    expect((await scim.get(`/Users/${user?.id}`)).body.nickName).toBe(winner?.nickName)
  })

  it('ten clients delete a user: one does', async () => {
    const [user] = await made(1)
    const answers = await Promise.all(times(10).map(() => scim.remove(`/Users/${user?.id}`)))
    expect(statuses(answers)).toEqual({ 204: 1, 404: 9 })
  })

  it('a user is changed while it is deleted: it is gone, and nobody is told otherwise', async () => {
    for (const _ of times(5)) {
      const [user] = await made(1)
      const [removed, ...changed] = await Promise.all([
        scim.remove(`/Users/${user?.id}`),
        ...times(4).map((n) =>
          scim.patch(`/Users/${user?.id}`, [
            { op: 'add', path: 'emails', value: [{ value: `${n}@example.com` }] },
          ]),
        ),
      ])
      expect(removed?.status).toBe(204)
      for (const { status } of changed) expect([200, 404]).toContain(status)
      expect((await scim.get(`/Users/${user?.id}`)).status).toBe(404)
    }
  })

  it('a crowd changes everything: nothing breaks, and what is left fits together', async () => {
    const users = await made(6)
    const teams = await Promise.all(times(3).map(() => scim.group({ displayName: unique('Crowd') })))
    const idOf = (list: readonly { readonly id: string }[], n: number) => list[n % list.length]?.id ?? ''
    const answers = await Promise.all(
      times(120).map((n) => {
        const user = idOf(users, n * 7)
        const team = `/Groups/${idOf(teams, n * 5)}`
        const value = [{ value: user }, { value: idOf(users, n * 7 + 3) }]
        switch (n % 8) {
          case 0:
            return scim.patch(team, [{ op: 'replace', path: 'members', value }])
          case 1:
            return scim.patch(team, [{ op: 'remove', path: `members[value eq "${user}"]` }])
          case 2:
            return scim.patch(`/Users/${user}`, [
              { op: 'replace', path: 'emails', value: [{ value: `${n}@x.example` }] },
            ])
          case 3:
            return scim.get(team)
          case 4:
            return n === 68 ? scim.remove(`/Users/${idOf(users, 0)}`) : scim.get(`/Users/${user}`)
          case 5:
            return scim.patch(`/Users/${user}`, [{ op: 'replace', path: 'title', value: `${n}` }])
          default:
            return scim.patch(team, [{ op: 'add', path: 'members', value }])
        }
      }),
    )
    // A user who is gone can neither be found nor become a member.
    for (const { status, text } of answers) expect([200, 204, 400, 404], text).toContain(status)
    for (const { status, body } of answers) if (status === 400) expect(body.scimType).toBe('invalidValue')
    const left = new Map<string, readonly string[]>()
    for (const { id } of teams) left.set(id, await members(id))
    for (const { id } of users) {
      const { status, body } = await scim.get(`/Users/${id}`)
      expect(status).toBe(id === idOf(users, 0) ? 404 : 200)
      const own = [...left].filter(([, ids]) => ids.includes(id)).map(([team]) => team)
      expect(values(body.groups)).toEqual(own.sort())
    }
  })
})
