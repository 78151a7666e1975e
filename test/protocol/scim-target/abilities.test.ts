/** What services can do and cannot: each is brought to the same, by what it offers. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type MoodyService, moody } from './moods.js'
import { allOf, gatewayService, type RemoteService, scimmyService } from './services.js'
import { type Company, company, push, type Settings } from './source.js'

const rows = `
insert into people values
  (1, 'ada', 'Ada', 'Lovelace', 'ada@example.com', '+44 1', null, 'MATH', 1, null),
  (2, 'bob', 'Bob', 'Bo', 'bob@example.com', null, null, null, 1, 1),
  (3, 'cy', 'Cy', 'Cole', 'cy@example.com', null, null, null, 1, 1);
insert into teams values (1, 'Analysts');
insert into team_people values (1, 1), (1, 2);
`

let behind: RemoteService
let service: MoodyService
let source: Company
beforeAll(async () => {
  behind = await gatewayService()
})
beforeEach(async () => {
  service = await moody(behind.url)
  source = await company(rows)
})
afterEach(async () => {
  await source.close()
  await service.close()
  for (const path of ['/Users', '/Groups'])
    for (const { id } of await allOf(behind, path)) await behind.client.remove(`${path}/${id}`)
})
afterAll(() => behind.close())

const target = (more: Settings = {}) =>
  source.target({ url: service.url, credentials: { kind: 'bearer', token: behind.token } }, more)

const users = async () =>
  new Map((await allOf(behind, '/Users')).map((one) => [one.userName, one as typeof one & { id: string }]))
const group = async () => {
  const [found] = await allOf(behind, '/Groups')
  return (await behind.client.get(`/Groups/${found?.id}`)).body
}
const methods = () => service.seen.map(({ method, path }) => `${method} ${path.split(/[/?]/)[1]}`)
const sent = (method: string) => service.seen.filter((one) => one.method === method)

describe('Changes', () => {
  const change = () =>
    source.sql(
      `update people set first = 'Augusta', phone = null, mail = 'a@example.com' where id = 1`,
      'delete from team_people where person = 2',
      'insert into team_people values (1, 3)',
    )
  const expectChanged = async () => {
    const ada = (await users()).get('ada')
    expect(ada).toMatchObject({ name: { givenName: 'Augusta' }, emails: [{ value: 'a@example.com' }] })
    expect(ada?.nickName).toBe('Ad')
    expect(ada?.phoneNumbers).toBeUndefined()
    const { members } = await group()
    expect(members?.map(({ display }) => display).sort()).toEqual(['Augusta Lovelace', 'Cy Cole'])
  }
  beforeEach(async () => {
    await push(source, target())
    await behind.client.patch(`/Users/${(await users()).get('ada')?.id}`, [
      { op: 'add', path: 'nickName', value: 'Ad' },
    ])
    await change()
    service.seen.splice(0)
  })

  it('are sent as such, and nothing else', async () => {
    expect(await push(source, target())).toMatchObject({ update: 2, problems: [] })
    const patched = sent('PATCH').map(({ body }) => JSON.parse(body).Operations)
    expect(patched).toEqual([
      [
        { op: 'replace', path: 'name.formatted', value: 'Augusta Lovelace' },
        { op: 'replace', path: 'name.givenName', value: 'Augusta' },
        { op: 'replace', path: 'emails', value: [{ value: 'a@example.com', type: 'work', primary: true }] },
        { op: 'remove', path: 'phoneNumbers' },
      ],
      [
        { op: 'remove', path: `members[value eq "${(await users()).get('bob')?.id}"]` },
        { op: 'add', path: 'members', value: [{ value: (await users()).get('cy')?.id }] },
      ],
    ])
    expect(sent('PUT')).toEqual([])
    await expectChanged()
  })

  it('are no requests at all where nothing has changed', async () => {
    await push(source, target())
    service.seen.splice(0)
    expect(await push(source, target())).toEqual({ add: 0, update: 0, remove: 0, problems: [] })
    expect(service.seen).toEqual([])
  })

  it('are whole resources where a service cannot do better, with all of what else is there', async () => {
    expect(await push(source, target({ provider: { patch: false } }))).toMatchObject({
      update: 2,
      problems: [],
    })
    expect(sent('PATCH')).toEqual([])
    await expectChanged()
  })

  it.each([405, 501])(
    'are whole resources where a service says that it can, and then answers %i',
    async (status) => {
      service.mood = ({ method }) => (method === 'PATCH' ? { status } : 'fine')
      expect(await push(source, target())).toMatchObject({ update: 2, problems: [] })
      await expectChanged()
    },
  )

  it('are not lost when somebody else is at the resource meanwhile', async () => {
    let isFirst = true
    const id = (await users()).get('ada')?.id
    service.mood = ({ method, path }) => {
      if (method !== 'PUT' || !path.includes(String(id)) || !isFirst) return 'fine'
      isFirst = false
      return {
        first: () => behind.client.patch(`/Users/${id}`, [{ op: 'add', path: 'title', value: 'Lady' }]),
      }
    }
    expect(await push(source, target({ provider: { patch: false } }))).toMatchObject({ problems: [] })
    await expectChanged()
    expect((await users()).get('ada')).toMatchObject({ nickName: 'Ad' })
  })
})

describe('Making resources', () => {
  it('is done for many at once where a service can', async () => {
    expect(await push(source, target())).toMatchObject({ add: 4, problems: [] })
    expect(sent('POST').map(({ path }) => path)).toEqual(['/Bulk', '/Groups'])
  })

  it('is done one by one where it cannot', async () => {
    expect(await push(source, target({ provider: { bulk: false } }))).toMatchObject({ add: 4, problems: [] })
    expect(sent('POST').map(({ path }) => path)).toEqual(['/Users', '/Users', '/Users', '/Groups'])
  })

  it('is done for as many at once as the service takes', async () => {
    service.mood = ({ path }) =>
      path === '/ServiceProviderConfig'
        ? {
            instead: {
              bulk: { supported: true, maxOperations: 2, maxPayloadSize: 10_000 },
              patch: { supported: true },
            },
          }
        : 'fine'
    await source.sql(
      `insert into people select id + 10, login || 'x', first, last, mail, null, null, null, 1, null from people`,
    )
    expect(await push(source, target())).toMatchObject({ add: 7, problems: [] })
    const bulks = sent('POST').filter(({ path }) => path === '/Bulk')
    expect(bulks.map(({ body }) => JSON.parse(body).Operations.length)).toEqual([2, 2, 2])
    expect((await users()).size).toBe(6)
  })

  it('is done once, where the answer to many at once is lost', async () => {
    service.mood = ({ path }) => (path === '/Bulk' ? 'lost' : 'fine')
    expect(await push(source, target())).toMatchObject({ add: 4, problems: [] })
    expect((await users()).size).toBe(3)
  })

  it('leaves the others alone where one is refused', async () => {
    service.mood = ({ method, body }) =>
      method === 'POST' && body.includes('"bob"')
        ? { status: 400, body: JSON.stringify({ scimType: 'invalidValue', detail: 'no bobs here' }) }
        : 'fine'
    const { problems } = await push(source, target({ provider: { bulk: false } }))
    expect(problems).toEqual(['people 2: invalid the service answers 400: no bobs here'])
    expect([...(await users()).keys()].sort()).toEqual(['ada', 'cy'])
    expect((await group()).members).toHaveLength(1)
    service.mood = () => 'fine'
    // It comes to be a member with the next cycle, though its group has not changed.
    expect(await push(source, target())).toMatchObject({ add: 1, update: 0, problems: [] })
    expect((await group()).members).toHaveLength(2)
    expect(await push(source, target())).toMatchObject({ add: 0, update: 0, problems: [] })
  })

  it('leaves to the service what it is alone at', async () => {
    service.mood = ({ path }) =>
      path === '/Schemas'
        ? {
            instead: {
              Resources: [
                {
                  id: 'urn:ietf:params:scim:schemas:core:2.0:User',
                  attributes: [
                    { name: 'userName' },
                    { name: 'active' },
                    { name: 'name', subAttributes: [{ name: 'familyName' }] },
                    { name: 'emails', mutability: 'readOnly' },
                  ],
                },
              ],
            },
          }
        : 'fine'
    await push(source, target({ provider: { bulk: false } }))
    const [body] = sent('POST').map((one) => JSON.parse(one.body))
    expect(Object.keys(body).sort()).toEqual(['active', 'externalId', 'name', 'schemas', 'userName'])
    expect(body.name).toEqual({ familyName: expect.any(String) })
  })

  it('fills large groups in several requests', async () => {
    const other = await scimmyService()
    const before = await moody(other.url)
    const to = source.target({ url: before.url, credentials: { kind: 'bearer', token: other.token } })
    const count = async () => (await allOf(other, '/Groups'))[0]?.members?.length
    await source.sql(
      `insert into people with recursive n(i) as (select 10 union all select i + 1 from n where i < 720)
       select i, 'p' || i, 'P', 'P', null, null, null, null, 1, null from n`,
      'insert into team_people select 1, id from people where id >= 10',
    )
    expect(await push(source, to, { batch: 1000 })).toMatchObject({ problems: [] })
    expect(await count()).toBe(713)
    await source.sql('delete from team_people where person between 10 and 714')
    expect(await push(source, to)).toMatchObject({ update: 1, problems: [] })
    expect(await count()).toBe(8)
    const patches = before.seen.filter(({ method }) => method === 'PATCH').map(({ body }) => JSON.parse(body))
    expect(patches.map(({ Operations }) => [Operations.length, Operations[0].value?.length])).toEqual([
      [1, 500],
      [1, 213],
      [500, undefined],
      [205, undefined],
    ])
    await before.close()
    await other.close()
  }, 60_000)
})

describe('Deleting resources', () => {
  const leave = () => source.sql('delete from team_people', 'delete from people where id > 1')
  beforeEach(async () => {
    await push(source, target())
    await leave()
    service.seen.splice(0)
  })
  const expectGone = async () => expect([...(await users()).keys()]).toEqual(['ada'])

  it('is done for many at once where a service can', async () => {
    expect(await push(source, target())).toMatchObject({ remove: 2, problems: [] })
    expect(sent('POST').map(({ path }) => path)).toEqual(['/Bulk'])
    expect(sent('DELETE')).toEqual([])
    await expectGone()
  })

  it('is done one by one where it cannot', async () => {
    expect(await push(source, target({ provider: { bulk: false } }))).toMatchObject({
      remove: 2,
      problems: [],
    })
    expect(sent('DELETE')).toHaveLength(2)
    await expectGone()
  })

  it.each([
    ['the answer to many at once is lost', 'lost' as const],
    ['the service refuses many at once', { status: 413 }],
  ])('comes to the same where %s', async (_why, mood) => {
    service.mood = ({ path }) => (path === '/Bulk' ? mood : 'fine')
    expect(await push(source, target())).toMatchObject({ remove: 2, problems: [] })
    await expectGone()
  })

  it('leaves to a second request what the first has not clearly done', async () => {
    service.mood = ({ path }) =>
      path === '/Bulk' ? { status: 200, body: JSON.stringify({ Operations: [{ status: '500' }] }) } : 'fine'
    expect(await push(source, target())).toMatchObject({ remove: 2, problems: [] })
    expect(sent('DELETE')).toHaveLength(2)
    await expectGone()
  })
})

describe('Knowing what is there', () => {
  it.each([
    ['asked by filter', () => target()],
    ['read, where it cannot be asked for', () => target({ provider: { filter: false } })],
  ])('is %s', async (_how, to) => {
    await push(source, target())
    const before = await users()
    await source.forget()
    service.seen.splice(0)
    expect(await push(source, to())).toMatchObject({ add: 4, problems: [] })
    // All was found to be as it should.
    expect(new Set(methods())).toEqual(
      new Set(['GET ServiceProviderConfig', 'GET ResourceTypes', 'GET Schemas', 'GET Users', 'GET Groups']),
    )
    expect(await users()).toEqual(before)
  })

  it('does not believe a service that gives others than were asked for', async () => {
    await push(source, target())
    await source.forget()
    const everybody = await allOf(behind, '/Users')
    service.mood = ({ path }) =>
      path.startsWith('/Users?filter') ? { instead: { totalResults: 3, Resources: everybody } } : 'fine'
    expect(await push(source, target())).toMatchObject({ add: 4, problems: [] })
    expect((await users()).size).toBe(3)
  })

  it('asks no more often than it takes to read all', async () => {
    await source.sql(
      `insert into people with recursive n(i) as (select 10 union all select i + 1 from n where i < 109)
       select i, 'p' || i, 'P', 'P', null, null, null, null, 1, null from n`,
    )
    await push(source, target())
    await source.forget()
    service.seen.splice(0)
    await push(source, target())
    expect(sent('GET').filter(({ path }) => path.startsWith('/Users?')).length).toBeLessThan(60)
    expect(sent('POST')).toEqual([])
  })
})
