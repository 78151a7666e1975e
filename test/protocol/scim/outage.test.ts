/** A source that cannot answer is never an absence: no empty list, no 404, no success. */
import { expect, it } from 'vitest'
import { engines, refusal, type Service, serveDemo, USER, unique } from './serving.js'

const away = async (scim: Service, id: string) => {
  const operations = [{ op: 'replace', path: 'title', value: 'x' }]
  const user = { schemas: [USER], userName: unique('away') }
  return [
    await scim.get('/Users'),
    await scim.get('/Users', { count: 0 }),
    await scim.get('/Users', { filter: 'userName eq "bjensen"' }),
    await scim.get(`/Users/${id}`),
    await scim.get('/'),
    await scim.post('/Users', user),
    await scim.put(`/Users/${id}`, user),
    await scim.patch(`/Users/${id}`, operations),
    await scim.remove(`/Users/${id}`),
  ]
}

it.each(engines)(
  'a table that %s has lost is a failure, and its data is back with it',
  async (_name, create) => {
    const scim = await serveDemo(create)
    try {
      const { id } = await scim.user({ userName: unique('away') })
      const total = (await scim.get('/Users', { count: 0 })).body.totalResults
      await scim.sql('alter table users rename to users_elsewhere')
      for (const answer of await away(scim, id)) {
        expect([500, 503]).toContain(answer.status)
        expect(answer).toMatchObject(refusal(answer.status))
        expect(answer.text).not.toMatch(/users|select|table|sql/i)
      }
      expect((await scim.get('/ServiceProviderConfig')).status).toBe(200)
      await scim.sql('alter table users_elsewhere rename to users')
      expect((await scim.get(`/Users/${id}`)).body.id).toBe(id)
      expect((await scim.get('/Users', { count: 0 })).body.totalResults).toBe(total)
    } finally {
      await scim.close()
    }
  },
)
