/** A gateway that pushes its views as its configuration says. */
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { ConfigError, createGateway, type Gateway, type GatewayInput } from '../../../src/index.js'
import { runSql, sqliteDatabase } from '../../mappings/databases.js'
import { moody } from './moods.js'
import { allOf, gatewayService, type RemoteService } from './services.js'
import { people, tables, teams } from './source.js'

const rows = `
insert into people values
  (1, 'ada', 'Ada', 'Lovelace', 'ada@example.com', null, null, null, 1, 2),
  (2, 'bob', 'Bob', 'Bo', 'bob@example.com', null, null, null, 0, null);
insert into teams values (1, 'Analysts'), (2, 'All');
insert into team_people values (1, 1), (1, 2);
insert into team_teams values (2, 1);
`

const gateways: Gateway[] = []
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close()
})

async function pushing(target: object, more: Partial<GatewayInput> = {}) {
  const [database, store] = [sqliteDatabase(), sqliteDatabase()]
  onTestFinished(async () => {
    await database.remove()
    await store.remove()
  })
  await runSql(database.url, tables, rows)
  const gateway = await createGateway({
    suffix: 'dc=example,dc=com',
    listen: { ldap: '127.0.0.1:0' },
    log: { level: 'silent' },
    sources: { db: { type: 'sql', url: database.url } },
    views: [people, teams],
    copy: { store: store.url },
    targets: [
      { name: 'cloud', type: 'scim', views: ['teams', 'people'], pollingInterval: '200ms', ...target },
    ],
    ...more,
  } as GatewayInput)
  gateways.push(gateway)
  return { sql: (...statements: readonly string[]) => runSql(database.url, ...statements) }
}

async function remote(): Promise<RemoteService> {
  const service = await gatewayService()
  onTestFinished(() => service.close())
  return service
}

async function shown(service: RemoteService) {
  const users = (await allOf(service, '/Users')).map(({ userName, active }) => `${userName}=${active}`)
  const groups = await Promise.all(
    (await allOf(service, '/Groups')).map(async ({ id, displayName }) => {
      const { members = [] } = (await service.client.get(`/Groups/${id}`)).body
      return `${displayName}: ${members.map(({ display }) => display).sort()}`
    }),
  )
  return [...users, ...groups].sort()
}

const soon = { timeout: 10_000, interval: 100 }

describe('Targets', () => {
  it('come to have what the source has, and go on having it', async () => {
    const service = await remote()
    const { sql } = await pushing({ url: service.url, token: service.token, mode: 'remove' })
    await expect
      .poll(() => shown(service), soon)
      .toEqual(['All: Analysts', 'Analysts: Ada Lovelace,Bob Bo', 'ada=true', 'bob=false'])
    await sql(
      `insert into people values (3, 'cy', 'Cy', 'Cole', null, null, null, null, 1, 1)`,
      'update people set active = 1 where id = 2',
      'delete from team_people where person = 1',
      'insert into team_people values (1, 3)',
      'delete from people where id = 1',
    )
    await expect
      .poll(() => shown(service), soon)
      .toEqual(['All: Analysts', 'Analysts: Bob Bo,Cy Cole', 'ada=false', 'bob=true', 'cy=true'])
  })

  it('are caught up with when they come back', async () => {
    const service = await remote()
    const before = await moody(service.url)
    onTestFinished(() => before.close())
    before.mood = () => 'cut'
    await pushing({ url: before.url, token: service.token, attempts: 1 })
    await expect.poll(() => before.seen.length, soon).toBeGreaterThan(1)
    before.mood = () => 'fine'
    await expect.poll(() => shown(service), soon).toHaveLength(4)
  })

  it('keep what the guard holds', async () => {
    const service = await remote()
    const { sql } = await pushing({
      url: service.url,
      token: service.token,
      mode: 'delete',
      maxRemoveLimit: 0,
    })
    await expect.poll(() => shown(service), soon).toHaveLength(4)
    await sql('delete from people', `update teams set name = 'Analysis' where id = 1`)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect(await shown(service)).toEqual([
      'All: Analysts',
      'Analysts: Ada Lovelace,Bob Bo',
      'ada=true',
      'bob=false',
    ])
  })

  it('can be pushed to from copies', async () => {
    const service = await remote()
    const views = [people, teams].map((view) => ({ mapping: view, refreshMethod: 'copy' }))
    await pushing({ url: service.url, token: service.token }, { views } as Partial<GatewayInput>)
    await expect.poll(() => shown(service), soon).toHaveLength(4)
  })
})

describe('A configuration with targets that cannot be', () => {
  it.each([
    [{ views: ['persons'] }, 'targets[0].views[0]: there is no view persons'],
    [{ views: ['all', 'people'] }, 'targets[0].views[1]: people is part of all, which is pushed too'],
    [
      { views: ['people'], correlate: ['description'] },
      'targets[0].correlate[0]: description is nothing that',
    ],
    [
      { views: ['people'], ca: '/nowhere.pem' },
      'targets[0].ca: /nowhere.pem cannot be read: there is no such file',
    ],
  ])('is told where: %j', async (more, told) => {
    const all = {
      view: 'all',
      union: { members: ['people', 'guests'] },
      ldap: people.ldap,
      scim: people.scim,
    }
    const views = [people, { ...people, view: 'guests' }, teams, all]
    const error = await pushing({ url: 'http://127.0.0.1:1/', ...more }, {
      views,
    } as Partial<GatewayInput>).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ConfigError)
    const [problem] = (error as ConfigError).problems
    expect(`${problem?.path}: ${problem?.message}`).toContain(told)
  })
})

describe('People whose keys become others', () => {
  it('are who they were, with their members and all that others know of them', async () => {
    const service = await remote()
    const { sql } = await pushing({
      url: service.url,
      token: service.token,
      mode: 'delete',
      maxRemoveLimit: 9,
    })
    await expect.poll(() => shown(service), soon).toHaveLength(4)
    const before = await allOf(service, '/Users')
    await service.client.patch(`/Users/${before.find(({ userName }) => userName === 'ada')?.id}`, [
      { op: 'add', path: 'nickName', value: 'Countess' },
    ])
    await sql(
      'update people set id = id + 100, boss = boss + 100',
      `update people set title = 'Dr'`,
      'update team_people set person = person + 100',
    )
    await expect
      .poll(async () => (await allOf(service, '/Users')).map(({ title }) => title), soon)
      .toEqual(['Dr', 'Dr'])
    const after = await allOf(service, '/Users')
    expect(after.map(({ id, externalId }) => [id, externalId])).toEqual(
      before.map(({ id, externalId }) => [id, externalId]),
    )
    expect(after.find(({ userName }) => userName === 'ada')?.nickName).toBe('Countess')
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect(await shown(service)).toEqual([
      'All: Analysts',
      'Analysts: Ada Lovelace,Bob Bo',
      'ada=true',
      'bob=false',
    ])
  })
})
