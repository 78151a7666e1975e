/** Pushing to a service in bad moods: it is left alone when it asks for that, and nothing is lost or made twice. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Mood, type MoodyService, moody } from './moods.js'
import { allOf, gatewayService, type RemoteService, scimmyService } from './services.js'
import { type Company, company, push } from './source.js'

const PEOPLE = 16
const rows = Array.from(
  { length: PEOPLE },
  (
    _,
    i,
  ) => `insert into people values (${i + 1}, 'u${i + 1}', 'F${i + 1}', 'L${i + 1}', 'u${i + 1}@example.com',
    null, null, 'D', 1, ${i === 0 ? 'null' : ((i * 7) % PEOPLE) + 1});`,
)
const teams = `
insert into teams values (1, 'Odd'), (2, 'All');
insert into team_people select 1, id from people where id % 2 = 1;
insert into team_people select 2, id from people;
`

describe.each([
  ['this gateway', gatewayService],
  ['scimmy-routers', scimmyService],
] as const)('A service in bad moods: %s', (_name, start) => {
  let behind: RemoteService
  let service: MoodyService
  let source: Company
  beforeAll(async () => {
    behind = await start()
  })
  beforeEach(async () => {
    service = await moody(behind.url)
    source = await company(rows.join(''), teams)
  })
  afterEach(async () => {
    service.mood = () => 'fine'
    await source.close()
    await service.close()
    for (const path of ['/Users', '/Groups']) {
      for (const { id } of await allOf(behind, path)) await behind.client.remove(`${path}/${id}`)
    }
  })
  afterAll(() => behind.close())

  const target = (more: { concurrency?: number; timeout?: number; attempts?: number } = {}) =>
    source.target({
      url: service.url,
      credentials: { kind: 'bearer', token: behind.token },
      attempts: 12,
      ...more,
    })

  const membersOf = async (group: { id?: string } | undefined) => {
    const { members = [] } = (await behind.client.get(`/Groups/${group?.id}`)).body
    return members.map(({ value }) => value)
  }

  const expectAll = async () => {
    const users = await allOf(behind, '/Users')
    expect(users.map(({ userName }) => userName).sort()).toEqual(
      Array.from({ length: PEOPLE }, (_, i) => `u${i + 1}`).sort(),
    )
    const groups = await allOf(behind, '/Groups')
    expect(groups.map(({ displayName }) => displayName).sort()).toEqual(['All', 'Odd'])
    const all = groups.find(({ displayName }) => displayName === 'All')
    expect((await membersOf(all)).sort()).toEqual(users.map(({ id }) => id).sort())
    expect(await push(source, target())).toEqual({ add: 0, update: 0, remove: 0, problems: [] })
  }

  /** It makes resources, and is away when they are to be changed. */
  const noChanges: MoodyService['mood'] = ({ method }) =>
    method === 'PATCH' || method === 'PUT' ? { status: 503 } : 'fine'

  /** One request in four goes wrong, always the same ones, in one of these ways. */
  const often = (...ways: readonly Mood[]) => {
    let state = 1
    const next = () => {
      state = (state * 48_271) % 2_147_483_647
      return state / 2_147_483_647
    }
    return (): Mood => (next() < 0.25 ? (ways[Math.floor(next() * ways.length)] ?? 'fine') : 'fine')
  }
  const moods: [string, ...Mood[]][] = [
    ['too many requests', { status: 429 }, { status: 429, retryAfter: '0' }],
    ['outages', { status: 503, retryAfter: '0' }, { status: 503 }],
    ['bad gateways', { status: 502 }, { status: 504 }],
    ['cut connections', 'cut'],
    ['lost answers', 'lost'],
    ['answers that end in the middle', 'half'],
    ['everything together', { status: 429 }, { status: 503 }, 'cut', 'lost', 'half', { late: 10 }],
  ]

  it.each(moods)('survives %s', async (...[, ...ways]) => {
    service.mood = often(...(ways as Mood[]))
    expect(await push(source, target())).toEqual({ add: PEOPLE + 2, update: 0, remove: 0, problems: [] })
    await source.sql(
      `update people set title = 'Dr', last = 'X' || id where id % 3 = 0`,
      'delete from team_people where team = 1 and person > 6',
      'insert into team_people values (1, 2)',
    )
    expect(await push(source, target())).toMatchObject({ remove: 0, problems: [] })
    await source.sql(`delete from teams where id = 1`, 'delete from team_people where team = 1')
    expect(await push(source, target())).toMatchObject({ remove: 1, problems: [] })
    await source.sql(`insert into teams values (1, 'Odd')`)
    expect(await push(source, target())).toMatchObject({ problems: [] })
    service.mood = () => 'fine'
    await expectAll()
  })

  it('is left alone for as long as it asks', async () => {
    let told: number | undefined
    service.mood = () => {
      if (told !== undefined) return 'fine'
      told = Date.now()
      return { status: 429, retryAfter: '1' }
    }
    await push(source, target(), { views: ['people'] })
    const after = service.seen.filter(({ at }) => at > (told ?? 0) + 50)
    expect(Math.min(...after.map(({ at }) => at)) - (told ?? 0)).toBeGreaterThanOrEqual(1000)
  })

  it('is never asked for more at a time than told', async () => {
    service.mood = () => ({ late: 5 })
    await push(source, target({ concurrency: 3 }))
    expect(service.most).toBe(3)
  })

  it('takes its time', async () => {
    service.mood = ({ method, body }) => (method === 'POST' && body.includes('"u7"') ? { late: 150 } : 'fine')
    // Each way: the service is at it when its client gives up.
    expect(await push(source, target({ timeout: 200 }))).toMatchObject({ problems: [] })
    service.mood = () => 'fine'
    await expectAll()
  })

  it('goes on where it was when the service went away', async () => {
    let left = 25
    service.mood = () => (left-- > 0 ? 'fine' : 'cut')
    await expect(push(source, target(), { batch: 5 })).rejects.toMatchObject({ code: 'unavailable' })
    service.mood = () => 'fine'
    const { add } = await push(source, target())
    expect(add).toBeLessThan(PEOPLE + 2)
    await expectAll()
  })

  it('is told of the groups in groups when it is back, though nothing has changed meanwhile', async () => {
    await source.sql('insert into team_teams values (2, 1)')
    service.mood = noChanges
    await expect(push(source, target({ attempts: 2 }))).rejects.toMatchObject({ code: 'unavailable' })
    service.mood = () => 'fine'
    expect(await push(source, target())).toEqual({ add: 0, update: 0, remove: 0, problems: [] })
    const [one, other] = await allOf(behind, '/Groups')
    const [odd, all] = one?.displayName === 'Odd' ? [one, other] : [other, one]
    expect(await membersOf(all)).toContain(odd?.id)
    service.seen.length = 0
    await push(source, target())
    expect(service.seen).toEqual([])
  })

  it('has members made anew in their groups, though it went away then', async () => {
    await push(source, target())
    const lost = (await allOf(behind, '/Users')).find(({ userName }) => userName === 'u2')
    await behind.client.remove(`/Users/${lost?.id}`)
    await source.sql(`update people set title = 'Dr' where id in (2, 3)`)
    service.mood = noChanges
    await expect(push(source, target({ attempts: 2 }), { batch: 1 })).rejects.toMatchObject({
      code: 'unavailable',
    })
    service.mood = () => 'fine'
    expect(await push(source, target())).toMatchObject({ update: 1 })
    expect((await push(source, target())).update).toBeGreaterThan(0)
    const ids = (await allOf(behind, '/Users')).map(({ id }) => id)
    const all = (await allOf(behind, '/Groups')).find(({ displayName }) => displayName === 'All')
    // Some services keep members that they no longer have.
    expect(await membersOf(all)).toEqual(expect.arrayContaining(ids))
    expect(await push(source, target())).toMatchObject({ add: 0, update: 0 })
  })
})
