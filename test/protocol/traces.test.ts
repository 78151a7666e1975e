/** Traces of a gateway that is started with an OpenTelemetry SDK: from a client's header down to the database's own log. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { GatewayInput } from '../../src/index.js'
import type { LdapClient } from '../../src/ldap/index.js'
import { type Child, codeOf, eventually, type Reachable, runGateway, serveGateway } from '../fault/running.js'
import {
  administer,
  loadStaff,
  password,
  people,
  service,
  staffConfig,
  suffix,
  tell,
} from '../fault/staff.js'
import { sqliteDatabase } from '../mappings/databases.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'

const TOKEN = 'a-token-of-the-application'
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const [INTERNAL, SERVER, CLIENT] = [0, 1, 2]
const ERROR = 2

interface Span {
  readonly name: string
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  readonly parent?: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly status?: number
}

const sqlite = sqliteDatabase()
let [mariadb, postgres] = ['', '']
let upstream: Reachable
let gateway: Child
let client: LdapClient

/** The same people in three places, of which two are asked with comments. */
function config(): GatewayInput {
  const { views: [view] = [], ...rest } = staffConfig('sqlite:none')
  const at = (name: string, source: string, further: object = {}) =>
    ({
      ...(view as object),
      view: name,
      source,
      ldap: { base: `ou=${name}`, rdn: 'uid', objectClass: ['inetOrgPerson'] },
      ...further,
    }) as never
  const scim = { scim: { resource: 'User' } }
  return {
    ...rest,
    listen: { ldap: 0, http: 0 },
    log: { access: true },
    sources: {
      maria: { type: 'sql', url: mariadb, traceComments: true },
      postgres: { type: 'sql', url: postgres, traceComments: true },
      plain: { type: 'sql', url: mariadb },
      directory: { type: 'ldap', url: `ldap://127.0.0.1:${upstream.port}` },
    },
    scim: { tokens: [{ name: 'test', token: `{CLEARTEXT}${TOKEN}`, as: service.dn, scopes: ['*'] }] },
    access: [{ who: ['anonymous', service.dn], views: '*', allow: ['read', 'search', 'write'] }],
    views: [
      at('people', 'maria', scim),
      at('more', 'postgres'),
      at('plain', 'plain'),
      {
        view: 'others',
        source: 'directory',
        from: people,
        key: 'entryUUID',
        attributes: { uid: 'uid', cn: 'cn', sn: 'sn' },
        ldap: { base: 'ou=others', rdn: 'uid', objectClass: ['inetOrgPerson'] },
      },
    ],
  } as GatewayInput
}

beforeAll(async () => {
  ;[mariadb, postgres] = await Promise.all([mariadbDatabase(), postgresDatabase()])
  await Promise.all([mariadb, postgres, sqlite.url].map((url) => loadStaff(url, 20)))
  upstream = await runGateway(staffConfig(sqlite.url))
  vi.stubEnv('NODE_OPTIONS', `--import=${fileURLToPath(new URL('../data/tracer.mjs', import.meta.url))}`)
  gateway = await serveGateway(config())
  vi.unstubAllEnvs()
  client = await gateway.connect()
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
  await sqlite.remove()
})

const lines = () =>
  gateway
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
const spans = () => lines().flatMap(({ span }): Span[] => (span === undefined ? [] : [span]))

/** The spans of the operations that `work` is, the outermost first. */
async function spansOf(work: () => Promise<unknown>, operations = 1): Promise<readonly Span[]> {
  const before = new Set(spans().map(({ spanId }) => spanId))
  await work()
  const fresh = () => spans().filter(({ spanId }) => !before.has(spanId))
  const isDone = (found: readonly Span[]) => found.filter(isOperation).length === operations
  return (await eventually(2000, async () => fresh(), isDone)).toReversed()
}
const isOperation = ({ attributes }: Span) => 'network.protocol.name' in attributes

const find = (base: string, filter: string) => () => client.searchAll(base, { filter, attributes: ['cn'] })

describe('a search over LDAP', () => {
  it('has spans for itself, for what it asks of its source, and for each statement, without a value', async () => {
    const found = await spansOf(find(people, '(&(mail=user.7@*)(cn=User 7))'))
    const [operation, source, statement] = found
    expect(found).toHaveLength(3)
    expect(operation).toMatchObject({
      name: 'LDAP search',
      kind: SERVER,
      attributes: {
        'ldap.operation': 'search',
        'ldap.filter': '(&(mail=?*)(cn=?))',
        'ldap.result_code': 0,
        'vitrine.entries': 1,
        'vitrine.request': expect.stringMatching(/^\d+\.\d+$/),
      },
    })
    expect(source).toMatchObject({
      name: 'search maria staff',
      kind: INTERNAL,
      traceId: operation?.traceId,
      parent: operation?.spanId,
      attributes: { 'vitrine.source': 'maria', 'db.response.returned_rows': 1 },
    })
    expect(statement).toMatchObject({
      name: 'SELECT staff',
      kind: CLIENT,
      parent: source?.spanId,
      attributes: {
        'db.system.name': 'mysql',
        'db.operation.name': 'SELECT',
        'db.collection.name': 'staff',
        'db.query.text': expect.stringMatching(/^SELECT .*\?/),
        'server.address': '127.0.0.1',
      },
    })
    expect(JSON.stringify(found)).not.toContain('ser.7')
  })

  it('of a directory has one for the directory', async () => {
    const found = await spansOf(find(`ou=others,${suffix}`, '(uid=user.7)'))
    expect(found.map(({ name, kind }) => [name, kind])).toEqual([
      ['LDAP search', SERVER],
      [`search directory ${people}`, CLIENT],
    ])
    expect(found[1]?.attributes).toMatchObject({ 'db.system.name': 'ldap' })
  })

  it('shares a statement with others, each under its own operation', async () => {
    const logins = Array.from({ length: 12 }, (_, n) => `(uid=user.${n + 1})`)
    const found = await spansOf(
      () => Promise.all(logins.map((filter) => find(people, filter)())),
      logins.length,
    )
    const named = (name: string) => found.filter((span) => span.name === name)
    const operations = new Set(named('LDAP search').map(({ spanId }) => spanId))
    const sources = named('search maria staff')
    expect(new Set(sources.map(({ parent }) => parent))).toEqual(operations)
    const statements = named('SELECT staff')
    expect(statements.length).toBeLessThan(logins.length)
    for (const { parent, traceId } of statements)
      expect(sources).toContainEqual(expect.objectContaining({ spanId: parent, traceId }))
  })

  it('is found in the access log by its trace', async () => {
    const [operation] = await spansOf(find(people, '(uid=user.3)'))
    const line = async () => lines().find(({ trace }) => trace === operation?.traceId)
    await eventually(2000, line, (seen) => seen?.operation === 'search')
  })
})

it('a bind and a change have spans, the change one for its transaction', async () => {
  const user = `uid=user.9,${people}`
  const bound = await spansOf(() => client.bind(user, password))
  expect(bound.map(({ name }) => name)).toContain('LDAP bind')
  expect(bound.find(({ name }) => name === 'SELECT staff')?.traceId).toBe(bound[0]?.traceId)
  await spansOf(() => client.bind(service.dn, service.password))
  const changed = await spansOf(() =>
    client.modify(`uid=user.9,ou=more,${suffix}`, [
      { operation: 'replace', type: 'mail', values: ['new@example.com'] },
    ]),
  )
  const [operation] = changed
  expect(operation?.name).toBe('LDAP modify')
  const [update] = changed.filter(({ name }) => name === 'UPDATE staff')
  const [transaction] = changed.filter(({ name }) => name === 'transaction')
  expect(update?.parent).toBe(transaction?.spanId)
  expect(new Set(changed.map(({ traceId }) => traceId))).toEqual(new Set([operation?.traceId]))
  expect(JSON.stringify([...bound, ...changed])).not.toMatch(/user\.9|new@|staff-password/)
})

it('a request over SCIM is part of the trace that its header names, and of its sampling', async () => {
  const http = /http:\/\/[^\s,]*/.exec(gateway.output())?.[0]
  const filter = encodeURIComponent('userName eq "user.4"')
  const ask = async (flags: string) => {
    const response = await fetch(`${http}/scim/v2/Users?filter=${filter}`, {
      headers: { authorization: `Bearer ${TOKEN}`, traceparent: `00-${TRACE}-00f067aa0ba902b7-${flags}` },
    })
    expect(await response.json()).toMatchObject({ totalResults: 1 })
  }
  const found = await spansOf(() => ask('01'))
  expect(found[0]).toMatchObject({
    name: 'GET /scim/v2/Users',
    kind: SERVER,
    traceId: TRACE,
    parent: '00f067aa0ba902b7',
    attributes: { 'http.route': '/scim/v2/Users', 'http.response.status_code': 200, 'vitrine.entries': 1 },
  })
  expect(found.slice(1).map(({ name }) => name)).toContain('SELECT staff')
  expect(found.every(({ traceId }) => traceId === TRACE)).toBe(true)
  expect(JSON.stringify(found)).not.toContain('user.4')
  expect(await spansOf(() => ask('00'), 0)).toEqual([])
})

describe('traceComments', () => {
  it('name the trace in MariaDB’s own log, where they are wanted', async () => {
    const admin = await administer(mariadb)
    const logged = async (traceId: string) =>
      (await admin.query(`select convert(argument using utf8mb4) from mysql.general_log
        where command_type = 'Execute' and argument like '%${traceId}%' and argument not like '%general_log%'`)) as string[][]
    await admin.query("set global log_output = 'TABLE'")
    await admin.query('set global general_log = on')
    try {
      const found = await spansOf(find(people, '(uid=user.5)'))
      const statement = found.find(({ name }) => name === 'SELECT staff')
      const [[text] = []] = await logged(String(statement?.traceId))
      expect(text).toMatch(
        new RegExp(`/\\*traceparent='00-${statement?.traceId}-${statement?.spanId}-01'\\*/$`),
      )
      const [other] = await spansOf(find(`ou=plain,${suffix}`, '(uid=user.5)'))
      expect(await logged(String(other?.traceId))).toEqual([])
    } finally {
      await admin.query('set global general_log = off')
      await admin.close()
    }
  })

  it('name the trace in PostgreSQL’s list of activity', async () => {
    const found = await spansOf(find(`ou=more,${suffix}`, '(cn=User 6)'))
    const statement = found.find(({ name }) => name === 'SELECT staff')
    const admin = await administer(postgres)
    const [[query] = []] = await admin.query(
      `select query from pg_stat_activity where query like '%${statement?.traceId}-${statement?.spanId}%'
        and pid <> pg_backend_pid()`,
    )
    await admin.close()
    expect(query).toMatch(/^SELECT .*\/\*traceparent='00-.*-01'\*\/$/)
  })
})

it('what fails for the gateway’s own reasons is told by its code alone', async () => {
  await tell(postgres, 'alter table staff rename to staff_away')
  try {
    const found = await spansOf(() => codeOf(find(`ou=more,${suffix}`, '(cn=User 8)')()))
    const [operation, ...parts] = found
    expect(operation).toMatchObject({ status: ERROR, attributes: { 'error.type': expect.any(String) } })
    expect(parts.some(({ status }) => status === ERROR)).toBe(true)
    expect(JSON.stringify(found)).not.toContain('User 8')
  } finally {
    await tell(postgres, 'alter table staff_away rename to staff')
  }
})
