/** Unions pushed to a service: people of two databases as one, and groups of one of them that have them as members. */
import { renameSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createGateway, type Gateway, type GatewayInput } from '../../../src/index.js'
import { runSql, sqliteDatabase } from '../../mappings/databases.js'
import { allOf, gatewayService, type RemoteService } from './services.js'
import { people, tables, teams } from './source.js'

const scim = { resource: 'User' }
const { scim: _scim, ldap: _ldap, ...person } = people
const staff = {
  ...person,
  view: 'staff',
  attributes: { ...person.attributes, manager: { ref: 'staff', column: 'boss' } },
}
/** Says nothing of who may bind. */
const { enabled: _, ...guest } = { ...person, view: 'guests', source: 'other' }
const guests = { ...guest, attributes: { ...guest.attributes, manager: { ref: 'guests', column: 'boss' } } }
const union = {
  view: 'people',
  union: { members: ['staff', 'guests'], by: 'uid', duplicates: 'merge', onFailure: 'partial' },
  ldap: people.ldap,
  scim,
}
const groups = {
  ...teams,
  attributes: {
    cn: 'name',
    member: [
      { ref: 'staff', table: 'team_people', on: 'team', value: 'person' },
      { ref: 'teams', table: 'team_teams', on: 'team', value: 'child' },
    ],
  },
}

const rows = [
  `insert into people values (1, 'ada', 'Ada', 'Lovelace', 'ada@example.com', null, null, null, 1, 2),
    (2, 'bob', 'Bob', 'Bo', null, null, null, null, 0, null);
  insert into teams values (1, 'Analysts');
  insert into team_people values (1, 1), (1, 2);`,
  `insert into people values (1, 'cy', 'Cy', 'Cole', 'cy@example.org', null, null, null, 1, null),
    (2, 'BOB', 'Robert', 'Bo', 'bob@example.org', '+1 2', 'Guest', null, 1, 1);`,
]

const databases = [sqliteDatabase(), sqliteDatabase(), sqliteDatabase()] as const
const [hr, other, store] = databases
let service: RemoteService
let gateway: Gateway
beforeAll(async () => {
  service = await gatewayService()
  await runSql(hr.url, tables, rows[0] ?? '')
  await runSql(other.url, tables, rows[1] ?? '')
  gateway = await createGateway({
    suffix: 'dc=example,dc=com',
    listen: { ldap: '127.0.0.1:0' },
    log: { level: 'silent' },
    sources: { db: { type: 'sql', url: hr.url }, other: { type: 'sql', url: other.url } },
    views: [staff, guests, union, groups],
    copy: { store: store.url },
    targets: [
      {
        ...{ name: 'cloud', type: 'scim', url: service.url, token: service.token },
        ...{ views: ['people', 'teams'], mode: 'delete', maxRemoveLimit: 9, pollingInterval: '200ms' },
      },
    ],
  } as GatewayInput)
})
afterAll(async () => {
  await gateway.close()
  await service.close()
  for (const database of databases) await database.remove()
})

const soon = { timeout: 10_000, interval: 100 }

async function shown() {
  const users = await allOf(service, '/Users')
  const [group] = await allOf(service, '/Groups')
  const { members = [] } = group === undefined ? {} : (await service.client.get(`/Groups/${group.id}`)).body
  const nameOf = new Map(users.map(({ id, userName }) => [id, userName]))
  return {
    users: users.map(
      ({ userName, active, title, emails = [] }) => `${userName} ${active} ${title} ${emails[0]?.value}`,
    ),
    members: members.map(({ value }) => nameOf.get(value)).sort(),
  }
}

it('are everybody once, completed, with what refers to them', async () => {
  await expect.poll(shown, soon).toEqual({
    users: [
      'ada true undefined ada@example.com',
      // Whether somebody may log in is told by the member that has precedence.
      'bob false Guest bob@example.org',
      'cy true undefined cy@example.org',
    ],
    members: ['ada', 'bob'],
  })
})

it('leave nobody out whose database is away', async () => {
  const path = other.url.slice('sqlite:'.length)
  renameSync(path, `${path}.away`)
  await runSql(hr.url, `insert into people values (4, 'dee', 'Dee', 'Day', null, null, null, null, 1, null)`)
  await new Promise((resolve) => setTimeout(resolve, 1500))
  expect((await shown()).users).toHaveLength(3)
  renameSync(`${path}.away`, path)
  await expect.poll(async () => (await shown()).users.length, { ...soon, timeout: 20_000 }).toBe(4)
})

it('have who goes from one to the other stay who they are', async () => {
  const before = (await allOf(service, '/Users')).find(({ userName }) => userName === 'bob')
  await runSql(hr.url, 'delete from team_people where person = 2', 'delete from people where id = 2')
  await expect
    .poll(async () => (await allOf(service, '/Users')).find(({ title }) => title === 'Guest'), soon)
    .toMatchObject({ id: before?.id, externalId: before?.externalId, userName: 'BOB', active: true })
  expect((await shown()).members).toEqual(['ada'])
})
