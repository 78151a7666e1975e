/** Pushing to real services: they come to hold what the source holds, and a second time there is nothing to do. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allOf, gatewayService, type RemoteService, scimmyService } from './services.js'
import { type Company, company, push } from './source.js'

const rows = `
insert into people values
  (1, 'ada', 'Ada', 'Lovelace', 'ada@example.com', '+44 1', 'Countess', 'MATH', 1, null),
  (2, 'bob', 'Bob', 'Böhm', 'bob@example.com', null, null, 'MATH', 1, 3),
  (3, 'cy', 'Cy', 'O''Neil', null, null, 'Boss', null, 1, 1),
  (4, 'dan', 'Dan', 'Dahl', 'dan@example.com', null, null, null, 0, 3);
insert into teams values (1, 'Analysts'), (2, 'Everybody'), (3, 'Nobody');
insert into team_people values (1, 1), (1, 2), (2, 3), (2, 4);
insert into team_teams values (2, 1);
`

const services = [
  ['this gateway', gatewayService],
  ['scimmy-routers', scimmyService],
] as const

describe.each(services)('pushing to %s', (_name, start) => {
  let service: RemoteService
  let source: Company
  beforeAll(async () => {
    service = await start()
    source = await company(rows)
  })
  afterAll(async () => {
    await source.close()
    await service.close()
  })
  const target = () =>
    source.target({ url: service.url, credentials: { kind: 'bearer', token: service.token } })

  it('makes people and groups, with managers and members', async () => {
    const to = target()
    expect(await push(source, to)).toEqual({ add: 7, update: 0, remove: 0, problems: [] })
    const users = await byName(service, '/Users', 'userName')
    expect([...users.keys()].sort()).toEqual(['ada', 'bob', 'cy', 'dan'])
    expect(users.get('bob')).toMatchObject({
      name: { givenName: 'Bob', familyName: 'Böhm', formatted: 'Bob Böhm' },
      emails: [{ value: 'bob@example.com' }],
      active: true,
    })
    expect(users.get('dan')).toMatchObject({ active: false })
    const groups = await byName(service, '/Groups', 'displayName')
    expect(await membersOf(service, 'Analysts')).toEqual([users.get('ada')?.id, users.get('bob')?.id].sort())
    expect(await membersOf(service, 'Everybody')).toEqual(
      [users.get('cy')?.id, users.get('dan')?.id, groups.get('Analysts')?.id].sort(),
    )
    expect(await membersOf(service, 'Nobody')).toEqual([])
  })

  it('does nothing when asked again', async () => {
    expect(await push(source, target())).toEqual({ add: 0, update: 0, remove: 0, problems: [] })
  })

  it('changes what has changed', async () => {
    await source.sql(
      `update people set first = 'Augusta', mail = null, title = 'Lady', active = 0 where id = 1`,
      `update people set mail = 'cy@example.com', dept = 'MGMT' where id = 3`,
      'delete from team_people where team = 1 and person = 1',
      'insert into team_people values (1, 4)',
    )
    expect(await push(source, target())).toEqual({ add: 0, update: 3, remove: 0, problems: [] })
    const users = await byName(service, '/Users', 'userName')
    expect(users.get('ada')).toMatchObject({ name: { givenName: 'Augusta' }, title: 'Lady', active: false })
    expect(users.get('ada')?.emails).toBeUndefined()
    expect(users.get('cy')).toMatchObject({ emails: [{ value: 'cy@example.com' }] })
    expect(await membersOf(service, 'Analysts')).toEqual([users.get('bob')?.id, users.get('dan')?.id].sort())
    expect(await push(source, target())).toMatchObject({ update: 0, problems: [] })
  })

  it('disables whom the source no longer has, and enables whom it has again', async () => {
    await source.sql('delete from people where id = 2')
    expect(await push(source, target(), { how: 'disable' })).toMatchObject({ remove: 1, problems: [] })
    const before = (await byName(service, '/Users', 'userName')).get('bob')
    expect(before).toMatchObject({ active: false })
    await source.sql(
      `insert into people values (2, 'bob', 'Bob', 'Böhm', 'bob@example.com', null, null, null, 1, 3)`,
    )
    expect(await push(source, target())).toMatchObject({ problems: [] })
    expect((await byName(service, '/Users', 'userName')).get('bob')).toMatchObject({
      id: before?.id,
      active: true,
    })
  })

  it('deletes', async () => {
    await source.sql('delete from people where id = 2', 'delete from teams where id = 3')
    expect(await push(source, target())).toMatchObject({ remove: 2, problems: [] })
    expect([...(await byName(service, '/Users', 'userName')).keys()].sort()).toEqual(['ada', 'cy', 'dan'])
    expect([...(await byName(service, '/Groups', 'displayName')).keys()].sort()).toEqual([
      'Analysts',
      'Everybody',
    ])
  })
})

async function byName(service: RemoteService, path: string, name: string) {
  return new Map((await allOf(service, path)).map((one) => [String(one[name]), one]))
}

async function membersOf(service: RemoteService, group: string): Promise<readonly string[]> {
  const groups = await byName(service, '/Groups', 'displayName')
  const { body } = await service.client.get(`/Groups/${groups.get(group)?.id}`)
  return (body.members ?? []).map(({ value }) => value ?? '').sort()
}
