/** The page on merging two companies: each of its steps does what it says, with Samba as Acme's Active Directory. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createGateway, type Gateway, type GatewayInput } from '../../src/index.js'
import { LdapClient } from '../../src/ldap/index.js'
import { adService } from '../data/active-directory.js'
import { ssha } from '../protocol/company.js'
import { activeDirectory } from '../servers/shared.js'
import { runSql, sqliteDatabase } from './databases.js'

const suffix = 'dc=example,dc=com'
const people = `ou=people,${suffix}`
const groups = `ou=groups,${suffix}`
const reader = { dn: `cn=reader,${suffix}`, password: 'to read' }

/** The blocks of the page that are files, by what their first line says. */
const page = readFileSync(new URL('../../docs/merging-directories.md', import.meta.url), 'utf8').replaceAll(
  'DC=acme,DC=example,DC=com',
  'DC=ad,DC=example,DC=net',
)
const blocks = [...page.matchAll(/^```yaml\n# (.*)\n((?:(?!```).*\n)*)/gm)].map(
  ([, title = '', yaml = '']) => ({
    title,
    content: parse(yaml) as Record<string, Record<string, unknown>>,
  }),
)
function block(title: string, occurrence = 0): Record<string, Record<string, unknown>> {
  const found = blocks.filter((one) => one.title === title)[occurrence]
  if (found === undefined) throw new Error(`the page has no block "${title}"`)
  return found.content
}

const blue = `
create table users (id integer primary key, guid text not null unique, login text not null unique, first_name text,
  last_name text not null, email text, phone text, number text, department text, manager_id integer, password_hash text,
  is_active integer not null, left_at text);
create table teams (id integer primary key, guid text not null unique, name text not null unique);
create table team_members (team_id integer not null, user_id integer not null, primary key (team_id, user_id));
insert into users values
  (1, '6a1f0000-0000-4000-8000-000000000001', 'bjensen', 'Barbara', 'Jensen', 'bjensen@blue.example.com', null, 'B1', 'Sales',
    null, '${ssha('hifalutin')}', 1, null),
  (2, '6a1f0000-0000-4000-8000-000000000002', 'gone', 'Gina', 'Gone', null, null, 'B2', null, 1, null, 1, '2020-01-01'),
  (3, '6a1f0000-0000-4000-8000-000000000003', 'off', 'Olaf', 'Off', 'off@blue.example.com', null, 'B3', null, 1,
    '${ssha('asleep')}', 0, null);
insert into teams values (1, '6a1f0000-0000-4000-8000-00000000000a', 'Blues');
insert into team_members values (1, 1), (1, 3);
`
/** Ada of Acme works for Blue as well. */
const ada = `insert into users values (4, '6a1f0000-0000-4000-8000-000000000004', 'ada2', 'Ada', 'Lovelace', 'ADA@example.net',
  '+44 1', 'B4', null, 1, '${ssha('blue words')}', 1, null)`
const personnel = `
create table employees (id integer primary key, email text not null unique, number text, department text);
insert into employees values (1, 'Ada@Example.net', '1001', '4711'), (2, 'nobody@example.net', '1', '1');
`

const folder = mkdtempSync(join(tmpdir(), 'vitrine-merging-'))
const blueDatabase = sqliteDatabase()
const personnelDatabase = sqliteDatabase()
let sources: GatewayInput['sources']
let gateway: Gateway | undefined
let client: LdapClient | undefined

beforeAll(async () => {
  const domain = await activeDirectory()
  const ca = join(folder, 'ca.pem')
  writeFileSync(ca, domain.ca)
  await runSql(blueDatabase.url, blue)
  await runSql(personnelDatabase.url, personnel)
  const given = block('gateway.yaml').sources
  sources = {
    ad: {
      ...(given?.ad as object),
      url: domain.secureUrl,
      ca,
      bindDn: adService.dn,
      password: adService.password,
    },
    personnel: { ...(given?.personnel as object), url: personnelDatabase.url },
    blue: { ...(given?.blue as object), url: blueDatabase.url },
  } as object as GatewayInput['sources']
})

afterAll(async () => {
  await close()
  await Promise.all([blueDatabase.remove(), personnelDatabase.remove()])
  rmSync(folder, { recursive: true })
})

async function close(): Promise<void> {
  client?.close()
  await gateway?.close()
  gateway = undefined
}

/** Serves the page's gateway file with these views, to its reader. */
async function serve(views: readonly object[], more: object = {}): Promise<void> {
  await close()
  const { listen: _, ...file } = block('gateway.yaml')
  gateway = await createGateway({
    ...file,
    listen: { ldap: '127.0.0.1:0' },
    log: { level: 'silent' },
    sources,
    serviceAccounts: [{ dn: reader.dn, password: `{CLEARTEXT}${reader.password}` }],
    ...more,
    views,
  } as unknown as GatewayInput)
  const { ldap } = await gateway.listen()
  client = await LdapClient.connect({ host: ldap?.host ?? '', port: ldap?.port ?? 0 })
  await client.bind(reader.dn, reader.password)
}

async function entries(base: string, filter: string, ...attributes: readonly string[]) {
  const { entries } = (await client?.searchAll(base, { filter, attributes })) ?? { entries: [] }
  return entries.map(({ dn, attributes }) => ({
    dn,
    ...Object.fromEntries(attributes.map(({ type, values }) => [type, values.map(String)])),
  }))
}
const dns = async (base: string, filter: string) =>
  (await entries(base, filter, '1.1')).map(({ dn }) => dn).sort()

async function accepts(dn: string, password: string): Promise<boolean> {
  const { ldap } = (await gateway?.listen()) ?? {}
  const own = await LdapClient.connect({ host: ldap?.host ?? '', port: ldap?.port ?? 0 })
  try {
    await own.bind(dn, password)
    return true
  } catch {
    return false
  } finally {
    own.close()
  }
}

const acmeGroups = block('acme-groups.yaml')
const bluePeople = block('blue-people.yaml')
const blueGroups = block('blue-groups.yaml')
const acmeAlone = block('acme-people.yaml')
const joined = block('acme-people.yaml, in addition')
const acmePeople = {
  ...acmeAlone,
  ...joined,
  attributes: { ...acmeAlone.attributes, ...joined.attributes },
}
const halves = [acmePeople, acmeGroups, bluePeople, blueGroups]
const unions = {
  error: block('people.yaml'),
  merge: block('people.yaml', 1),
  partial: block('people.yaml, for a login page'),
}

test('1: each company for itself, and both at once from the suffix', async () => {
  await serve([acmeAlone, acmeGroups, bluePeople, blueGroups])
  expect(await dns(suffix, '(|(uid=ada)(uid=bjensen)(uid=gone))')).toEqual([
    `uid=ada,ou=people,ou=acme,${suffix}`,
    `uid=bjensen,ou=people,ou=blue,${suffix}`,
  ])
  expect(await entries(suffix, '(uid=bjensen)', 'memberOf')).toMatchObject([
    { memberOf: [`cn=Blues,ou=groups,ou=blue,${suffix}`] },
  ])
})

test('1: passwords are checked where they are kept', async () => {
  expect(await accepts(`uid=ada,ou=people,ou=acme,${suffix}`, 'Analytical 1')).toBe(true)
  expect(await accepts(`uid=ada,ou=people,ou=acme,${suffix}`, 'hifalutin')).toBe(false)
  expect(await accepts(`uid=bjensen,ou=people,ou=blue,${suffix}`, 'hifalutin')).toBe(true)
  expect(await accepts(`uid=off,ou=people,ou=blue,${suffix}`, 'asleep')).toBe(false)
})

test('2: what the personnel department knows of Acme’s people', async () => {
  await serve(halves)
  expect(await entries(suffix, '(departmentNumber=4711)', 'employeeNumber')).toEqual([
    { dn: `uid=ada,ou=people,ou=acme,${suffix}`, employeeNumber: ['1001'] },
  ])
  expect(await dns(suffix, '(&(uid=charles)(!(departmentNumber=*)))')).toHaveLength(1)
})

describe('3 and 4: one container', () => {
  const both = [block('groups.yaml')]

  test('of the people and groups of both', async () => {
    await serve([...halves, unions.error, ...both])
    expect(await dns(people, '(|(uid=ada)(uid=bjensen)(uid=gone))')).toEqual([
      `uid=ada,${people}`,
      `uid=bjensen,${people}`,
    ])
    expect(await entries(groups, '(cn=Blues)', 'member')).toMatchObject([
      { member: expect.arrayContaining([`uid=bjensen,${people}`]) },
    ])
    expect(await dns(groups, `(member=uid=ada,${people})`)).toEqual([`cn=Engines,${groups}`])
    expect(await accepts(`uid=bjensen,${people}`, 'hifalutin')).toBe(true)
    expect(await accepts(`uid=ada,${people}`, 'Analytical 1')).toBe(true)
  })

  test('in which those of both collide until they are merged', async () => {
    await runSql(blueDatabase.url, ada)
    await expect(dns(people, '(sn=Lovelace)')).rejects.toThrow()
    await serve([...halves, unions.merge, ...both])
    expect(await entries(people, '(sn=Lovelace)', 'uid', 'telephoneNumber', 'employeeNumber')).toEqual([
      {
        dn: `uid=ada,${people}`,
        uid: ['ada'],
        telephoneNumber: ['+44 20 7946 0001'],
        employeeNumber: ['1001'],
      },
    ])
    expect(await accepts(`uid=ada,${people}`, 'Analytical 1')).toBe(true)
    expect(await accepts(`uid=ada2,${people}`, 'blue words')).toBe(false)
  })

  test('6: which is all that applications see in the end', async () => {
    const hidden = halves.map(({ ldap: _, ...rest }: Record<string, unknown>) => rest)
    await serve([...hidden, unions.merge, ...both], block('gateway.yaml, instead of the rules above'))
    expect(await dns(suffix, '(|(uid=ada)(uid=bjensen)(ou=acme))')).toEqual([
      `uid=ada,${people}`,
      `uid=bjensen,${people}`,
    ])
  })
})

test('5: while one half is away, the other is there, and the answer says that it is not all', async () => {
  const { blue: _, ...rest } = sources
  const away = { ...rest, blue: { type: 'sql', url: 'mysql://nobody@127.0.0.1:9/blue' } }
  for (const [policy, found] of [
    ['merge', 0],
    ['partial', 1],
  ] as const) {
    await serve([...halves, unions[policy], block('groups.yaml')], { sources: away })
    let count = 0
    const search = async () => {
      for await (const _ of client?.search(people, { filter: '(uid=ada)' }) ?? []) count++
    }
    await expect(search()).rejects.toThrow()
    expect(count).toBe(found)
  }
})
