/**
 * What directories are asked most is found by indexes, not by reading tables, once those exist that `vitrine check`
 * asks for; executed as it prints them, they leave it nothing more to ask.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { check } from '../../src/cli/check.js'
import { FilterTranslator } from '../../src/frontends/ldap/filter.js'
import { Namespace } from '../../src/frontends/ldap/namespace.js'
import { assemble } from '../../src/gateway/assembly.js'
import type { GatewayParts } from '../../src/gateway/parts.js'
import { readConfig } from '../../src/gateway/reading.js'
import { parseFilter } from '../../src/ldap/index.js'
import { ANONYMOUS } from '../../src/model/request.js'
import { openSql, type Parameter, type SqlClient } from '../data/sql-client.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'

const suffix = 'dc=example,dc=com'
const PEOPLE = 20_000
const GROUPS = 2000

const config = (url: string) => ({
  suffix,
  listen: { ldap: 0 },
  log: { level: 'error' },
  sources: { hr: { type: 'sql', url } },
  views: [
    {
      view: 'people',
      source: 'hr',
      from: 'users',
      writable: true,
      key: 'id',
      attributes: {
        uid: 'username',
        cn: '{first_name} {last_name}',
        sn: 'last_name',
        givenName: 'first_name',
        mail: ['email', { table: 'extra_emails', on: 'user_id', value: 'address' }],
        manager: { ref: 'people', column: 'manager_id' },
        memberOf: { ref: 'groups', table: 'group_members', on: 'user_id', value: 'group_id' },
      },
      ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
    },
    {
      view: 'groups',
      source: 'hr',
      from: 'teams',
      writable: true,
      key: 'id',
      attributes: {
        cn: 'name',
        member: { ref: 'people', table: 'group_members', on: 'group_id', value: 'user_id' },
      },
      ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['groupOfNames'] },
    },
  ],
})

async function load(client: SqlClient): Promise<void> {
  const int = client.kind === 'mariadb' ? 'int' : 'integer'
  await client.run(
    `create table users (id ${int} not null primary key, username varchar(80) not null, first_name varchar(80),
      last_name varchar(80), email varchar(120), manager_id ${int})`,
  )
  await client.run(`create table extra_emails (user_id ${int} not null, address varchar(120) not null)`)
  await client.run(`create table teams (id ${int} not null primary key, name varchar(80) not null)`)
  await client.run(`create table group_members (group_id ${int} not null, user_id ${int} not null)`)
  const users = Array.from({ length: PEOPLE }, (_, i): Parameter[] => [
    i + 1,
    `user${i + 1}`,
    `First${i % 500}`,
    i % 1000 === 0 ? `Jones${i}` : `Last${i % 5000}`,
    `user${i + 1}@example.com`,
    1 + Math.floor(i / 10),
  ])
  await client.insert('users', ['id', 'username', 'first_name', 'last_name', 'email', 'manager_id'], users)
  const extra = users.map((_, i): Parameter[] => [i + 1, `alias${i + 1}@example.org`])
  await client.insert('extra_emails', ['user_id', 'address'], extra)
  const teams = Array.from({ length: GROUPS }, (_, i): Parameter[] => [i + 1, `group${i + 1}`])
  await client.insert('teams', ['id', 'name'], teams)
  const members = users.flatMap((_, i): Parameter[][] => [
    [1 + (i % GROUPS), i + 1],
    [1 + ((i * 7 + 3) % GROUPS), i + 1],
  ])
  await client.insert('group_members', ['group_id', 'user_id'], members)
}

/** What usual searches are, with how many entries each selects. */
const searches: readonly (readonly [view: string, filter: string, found: number])[] = [
  ['people', '(uid=user777)', 1],
  ['people', '(uid=USER777)', 1],
  ['people', '(mail=user777@example.com)', 1],
  ['people', '(mail=alias777@example.org)', 1],
  ['people', '(&(objectClass=person)(mail=alias777@example.org))', 1],
  ['people', '(|(uid=user777)(mail=alias777@example.org))', 1],
  ['people', '(cn=First276 Last4776)', 4],
  ['people', '(sn=Jon*)', 20],
  ['people', `(memberOf=cn=group77,ou=groups,${suffix})`, 20],
  ['people', `(manager=uid=user77,ou=people,${suffix})`, 10],
  ['groups', `(member=uid=user777,ou=people,${suffix})`, 2],
  ['groups', '(cn=group77)', 1],
]

describe.each([
  ['MariaDB', () => mariadbDatabase()],
  ['PostgreSQL', () => postgresDatabase()],
])('%s with 20,000 people', (_name, database) => {
  let client: SqlClient
  let parts: GatewayParts
  let folder: string
  let file: string
  let advised: readonly string[]

  beforeAll(async () => {
    const url = await database()
    client = await openSql(url)
    await load(client)
    folder = await mkdtemp(join(tmpdir(), 'vitrine-plans-'))
    file = join(folder, 'gateway.yaml')
    await writeFile(join(folder, 'url'), url)
    const { views, ...rest } = config(`\${file:url}`)
    for (const view of views) await writeFile(join(folder, `${view.view}.yaml`), JSON.stringify(view))
    await writeFile(file, JSON.stringify({ ...rest, views: views.map((v) => `${v.view}.yaml`) }))
    advised = statements(await checked(file))
    for (const statement of advised) await client.run(statement)
    await client.run(
      client.kind === 'postgres' ? 'analyze' : 'analyze table users, extra_emails, teams, group_members',
    )
    parts = await assemble(await readConfig(file, {}))
  }, 120_000)

  afterAll(async () => {
    await parts?.close()
    await client?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('is asked for the indexes that are missing, and for no more afterwards', async () => {
    expect(advised.length).toBeGreaterThan(0)
    for (const named of ['username', 'first_name', 'last_name', 'email', 'address', 'user_id', 'group_id'])
      expect(advised.join('\n')).toContain(named)
    expect(await checked(file)).toBe('2 views: 0 errors, 0 warnings\n')
  })

  const prepare = (view: string, filter: string, after?: string) => {
    const asked = parts.core.views.get(view)
    if (asked === undefined) throw new Error(`no view ${view}`)
    const namespace = new Namespace({ suffix: [suffix] }, parts.core.views.values(), parts.schema)
    const translated = new FilterTranslator(namespace).translate(parseFilter(filter), asked)
    const request = {
      view,
      filter: translated,
      attributes: new Set(asked.rdn),
      ...(after !== undefined && { after }),
    }
    return { request, ctx: { principal: ANONYMOUS, signal: AbortSignal.timeout(30_000) } }
  }

  /** The tables that the statement of a search reads from end to end. */
  const tablesRead = async (view: string, filter: string, after?: string) => {
    const { request, ctx } = prepare(view, filter, after)
    const { query } = await parts.core.prepare(request, ctx)
    const [main] = parts.mappings.get(view)?.source.explain(query) ?? []
    if (main === undefined) throw new Error('nothing would be asked')
    return wholeReads(client, main.text, main.bindings as readonly Parameter[])
  }

  it.each(searches)('finds %s %s by an index', async (view, filter, count) => {
    expect(await tablesRead(view, filter)).toEqual([])
    const { request, ctx } = prepare(view, filter)
    const found: string[] = []
    for await (const batch of parts.core.search(request, ctx)) found.push(...batch.map((e) => e.id))
    expect(found).toHaveLength(count)
  })

  it('reads a page of all people from where the last one ended', async () => {
    expect(await tablesRead('people', '(objectClass=person)', '10000')).toEqual([])
  })

  it('would read a table that has no index for what is asked', async () => {
    expect(await tablesRead('people', '(sn=*on)')).not.toEqual([])
  })
})

/** What `vitrine check` prints. */
async function checked(file: string): Promise<string> {
  const printed: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0)
  try {
    await check({ config: file })
  } finally {
    write.mockRestore()
  }
  return printed.join('')
}

const statements = (printed: string) =>
  printed
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('CREATE '))

async function wholeReads(
  client: SqlClient,
  sql: string,
  bindings: readonly Parameter[],
): Promise<readonly string[]> {
  if (client.kind === 'mariadb') {
    const rows = await client.run(`explain ${sql}`, bindings)
    const found = rows.map((row) => ({ table: String(row.table), how: String(row.type) }))
    return found
      .filter(({ table, how }) => !table.startsWith('<') && (how === 'ALL' || how === 'index'))
      .map(({ table, how }) => `${how} of ${table}`)
  }
  const [row] = await client.run(`explain (format json) ${sql}`, bindings)
  const plans = (row?.['QUERY PLAN'] ?? []) as readonly { readonly Plan: PlanNode }[]
  expect(plans).toHaveLength(1)
  return plans.flatMap((plan) => seqScans(plan.Plan))
}

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly Plans?: readonly PlanNode[]
}

const seqScans = (node: PlanNode): readonly string[] => [
  ...(node['Node Type'] === 'Seq Scan' ? [`all of ${node['Relation Name']}`] : []),
  ...(node.Plans ?? []).flatMap(seqScans),
]
