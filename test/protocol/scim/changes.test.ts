/** What has changed since a time, for clients that keep a copy: who was made, changed and deleted. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Body, databases, refusal, type Service, serveDemo, unique } from './serving.js'

interface Deleted {
  readonly id: string
  readonly at: string
}

const deletedIn = ({ body }: Answer) => (body.deleted ?? []) as readonly Deleted[]

describe.each(databases)('changes in %s', (_name, create) => {
  let scim: Service

  beforeAll(async () => {
    scim = await serveDemo(create)
  })
  afterAll(() => scim?.close())

  const justAfter = (moment: string | undefined) => new Date(Date.parse(moment ?? '') + 1).toISOString()
  const changed = async (since: string, query: Readonly<Record<string, string | number>> = {}) => {
    const ids: string[] = []
    const deleted: Deleted[] = []
    for (let cursor: string | undefined; ; ) {
      const answer = await scim.get('/Users/.changes', { since, ...query, ...(cursor && { cursor }) })
      expect(answer.status, answer.text).toBe(200)
      ids.push(...(answer.body.Resources ?? []).map(({ id }) => id ?? ''))
      deleted.push(...deletedIn(answer))
      cursor = answer.body.nextCursor
      if (cursor === undefined) return { ids, deleted }
    }
  }
  const pause = () => new Promise((resolve) => setTimeout(resolve, 20))

  it('are those that were made from then on', async () => {
    const users: Body[] = []
    for (let n = 0; n < 5; n++) {
      users.push(await scim.user({ userName: unique('changed') }))
      await pause()
    }
    for (const [n, user] of users.entries()) {
      const { ids } = await changed(user.meta?.lastModified ?? '')
      expect([...ids].sort()).toEqual(
        users
          .slice(n)
          .map(({ id }) => id)
          .sort(),
      )
    }
    const all = await changed('1970-01-01T00:00:00Z', { count: 50 })
    expect(new Set(all.ids).size).toBe((await scim.get('/Users', { count: 0 })).body.totalResults)
  })

  it('are those that were changed, in whatever table, and those that were deleted', async () => {
    const [a, b, c, d] = await Promise.all([1, 2, 3, 4].map(() => scim.user({ userName: unique('changed') })))
    await pause()
    const start = justAfter((await scim.get(`/Users/${d?.id}`)).body.meta?.lastModified)
    expect((await changed(start)).ids).toEqual([])
    await scim.patch(`/Users/${a?.id}`, [{ op: 'replace', path: 'nickName', value: 'N' }])
    await scim.patch(`/Users/${b?.id}`, [
      { op: 'add', path: 'emails', value: [{ value: 'b@example.com', type: 'work' }] },
    ])
    await scim.sql(
      `update users set title = 'T', updated_at = '2035-01-01 00:00:00' where username = '${c?.userName}'`,
    )
    await scim.remove(`/Users/${d?.id}`)
    const { ids, deleted } = await changed(start)
    expect([...ids].sort()).toEqual([a?.id, b?.id, c?.id].sort())
    expect(deleted.map(({ id }) => id)).toEqual([d?.id])
    expect(Date.parse(deleted[0]?.at ?? '')).toBeGreaterThanOrEqual(Date.parse(start))
    expect((await changed('2036-01-01T00:00:00Z')).ids).toEqual([])
  })

  it('of groups are changes of their members, too', async () => {
    const user = await scim.user({ userName: unique('changed') })
    const { id, meta } = await scim.group({ displayName: unique('Changed') })
    await pause()
    const start = justAfter(meta?.lastModified)
    await scim.patch(`/Groups/${id}`, [{ op: 'add', path: 'members', value: [{ value: user.id }] }])
    const answer = await scim.get('/Groups/.changes', { since: start })
    expect(answer.body.Resources?.map((group) => group.id)).toEqual([id])
  })

  it('are asked for since a time', async () => {
    for (const query of [{}, { since: 'yesterday' }, { since: '2026-01-01' }, { since: '' }]) {
      expect(await scim.get('/Users/.changes', query)).toMatchObject(refusal(400))
    }
  })
})
