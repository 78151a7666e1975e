/**
 * SQL and LDAP text sent through every opening that a client has: nothing is run, nothing is changed, nothing of
 * the inside is told, and searches select what the reference semantics say.
 */
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FilterTranslator } from '../../src/frontends/ldap/filter.js'
import { Namespace } from '../../src/frontends/ldap/namespace.js'
import { createGateway, type Gateway } from '../../src/index.js'
import {
  LdapClient,
  LdapError,
  type LdapFilter,
  pagedResultsControl,
  type SearchOptions,
} from '../../src/ldap/index.js'
import type { Entry } from '../../src/model/entry.js'
import { TRUE } from '../../src/model/filter.js'
import { match } from '../../src/model/match.js'
import { ANONYMOUS } from '../../src/model/request.js'
import { createLog } from '../../src/ops/log.js'
import { populationConfig, suffix } from '../data/gateway.js'
import { escapeDnValue } from '../data/ldif.js'
import { loadSql } from '../data/load-sql.js'
import { makePopulation } from '../data/people.js'
import { administer } from '../fault/staff.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'

const payloads: readonly string[] = [
  `'`,
  `"`,
  '`',
  `''`,
  `\\`,
  `\\'`,
  `' OR '1'='1`,
  `' OR 1=1 -- `,
  `' OR 1=1 #`,
  `" OR ""="`,
  `') OR ('1'='1`,
  `'; DROP TABLE users; -- `,
  `'; UPDATE users SET username = 'x'; -- `,
  `1; SELECT pg_sleep(9); --`,
  `' AND SLEEP(9)='0`,
  `'||pg_sleep(9)||'`,
  `' UNION SELECT id, username, note FROM users -- `,
  `x' AND 1=(SELECT COUNT(*) FROM users) AND 'x'='x`,
  `\\'; DELETE FROM users; -- `,
  `\u00bf' OR 1=1 -- `,
  `\uff07 OR 1=1 -- `,
  `\u02bc OR 1=1 -- `,
  '%',
  '_',
  '%%',
  '!%',
  '!_',
  '!!',
  '[a-z]%',
  'user._',
  'user.%',
  '?',
  '$1',
  '$$',
  ':id',
  '@@version',
  '@x:=1',
  '{username}',
  '\u0024{username}',
  '/* x */',
  '--',
  '#',
  ';',
  '0x7573657231',
  'NULL',
  'null',
  'true',
  '1e309',
  '99999999999999999999999',
  '-1',
  '*',
  ')(uid=*',
  '*)(objectClass=*',
  '\u0000',
  `user.1\u0000' OR 1=1 -- `,
  `CHAR(39)`,
  `E'\\\\047'`,
  `<script>alert(1)</script>`,
  '../../etc/passwd',
  `%s%n%p`,
  '\u202euser',
  '\ufeff',
  `user.1'/**/OR/**/1=1`,
]

const attributes = [
  'uid',
  'cn',
  'mail',
  'telephoneNumber',
  'displayName',
  'employeeNumber',
  'employeeType',
  'description',
  'manager',
  'memberOf',
  'jpegPhoto',
  'objectClass',
  'entryDN',
]

/** What an answer must never hold: SQL, names of the inside, addresses, files, secrets. */
const inside =
  /select|insert|update|drop|syntax error|sql|users|extra_emails|group_members|information_schema|pg_|sqlite|mariadb|postgres|127\.0\.0\.1|vitrine:|\/tmp|\/src\/|\.js\b|stack|at position \d+ of/i

const bytes = (value: string) => Buffer.from(value, 'utf8')

/** Every kind of assertion about an attribute that a payload fits in. */
function filtersFor(attribute: string, payload: string): readonly LdapFilter[] {
  const value = bytes(payload)
  return [
    { tag: 'equality', attribute, value },
    { tag: 'substrings', attribute, initial: value, any: [] },
    { tag: 'substrings', attribute, any: [value] },
    { tag: 'substrings', attribute, any: [value, value], final: value },
    { tag: 'greaterOrEqual', attribute, value },
    { tag: 'lessOrEqual', attribute, value },
    { tag: 'approx', attribute, value },
    { tag: 'extensible', attribute, value, dnAttributes: true },
    { tag: 'extensible', attribute, rule: 'caseExactMatch', value, dnAttributes: false },
    { tag: 'not', filter: { tag: 'equality', attribute, value } },
  ]
}

const population = makePopulation({ seed: 20261122, people: 60, groups: 12 })
const file = join(tmpdir(), `vitrine-injection-${process.pid}.sqlite`)

describe.each([
  ['MariaDB', mariadbDatabase],
  ['PostgreSQL', postgresDatabase],
  [
    'SQLite',
    async () => {
      rmSync(file, { force: true })
      return `sqlite:${file}`
    },
  ],
])('%s', (name, database) => {
  let url: string
  let gateway: Gateway
  let client: LdapClient
  let content: string
  const messages = new Set<string>()

  beforeAll(async () => {
    url = await database()
    await loadSql(url, population)
    content = await everything()
    gateway = await createGateway(populationConfig(url), { log: createLog('silent') })
    const { ldap } = await gateway.listen()
    client = await LdapClient.connect({ port: ldap?.port ?? 0 })
  })

  afterAll(async () => {
    client?.close()
    await gateway?.close()
    expect(await everything()).toBe(content)
    rmSync(file, { force: true })
  })

  /** All that the database holds, as one text. */
  async function everything(): Promise<string> {
    const admin = await administer(url)
    const groups = name === 'MariaDB' ? '`groups`' : '"groups"'
    const tables: unknown[] = []
    for (const table of ['users', 'extra_emails', 'phones', groups, 'group_members', 'group_groups'])
      tables.push(await admin.query(`select * from ${table} order by 1, 2`))
    await admin.close()
    return JSON.stringify(tables, (_key, value) => (typeof value === 'bigint' ? String(value) : value))
  }

  /** The DNs found, or the result code; what the gateway says is kept. */
  async function ask(base: string, options: SearchOptions): Promise<readonly string[] | number> {
    try {
      return (await client.searchAll(base, { timeoutMs: 8000, ...options })).entries
        .map(({ dn }) => dn)
        .sort()
    } catch (error) {
      return failure(error)
    }
  }

  function failure(error: unknown): number {
    if (!(error instanceof LdapError)) throw error
    messages.add(error.message)
    return error.code
  }

  it('filters select what the reference semantics say', { timeout: 60_000 }, async () => {
    const { directory } = gateway
    const namespace = new Namespace({ suffix: [suffix] }, directory.views.values(), directory.schema)
    const translator = new FilterTranslator(namespace)
    const view = directory.views.get('people')
    if (view === undefined) throw new Error('there is no view people')
    const entries: Entry[] = []
    const context = { principal: ANONYMOUS, signal: new AbortController().signal }
    for await (const batch of directory.search({ view: 'people', filter: TRUE, attributes: 'all' }, context))
      entries.push(...batch)
    expect(entries).toHaveLength(population.people.length)

    const differences: string[] = []
    let selected = 0
    let turn = 0
    for (const payload of payloads) {
      const asked = attributes.flatMap((attribute) => {
        const all = filtersFor(attribute, payload)
        return [all[0], all[(turn++ % (all.length - 1)) + 1]].filter((f) => f !== undefined)
      })
      const answers = await Promise.all(
        asked.map((filter) =>
          ask(`ou=people,${suffix}`, { scope: 'singleLevel', filter, attributes: ['1.1'] }),
        ),
      )
      for (const [i, filter] of asked.entries()) {
        const meant = translator.translate(filter, view)
        const expected = entries
          .filter((entry) => match(meant, entry, directory.matchingOf) === true)
          .map((entry) => namespace.dnOfEntry(entry, view))
          .sort()
        selected += expected.length
        if (JSON.stringify(answers[i]) !== JSON.stringify(expected))
          differences.push(
            `${JSON.stringify(filter)} ${JSON.stringify(payload)}: ${JSON.stringify(answers[i])?.slice(0, 200)}, not ${JSON.stringify(expected).slice(0, 200)}`,
          )
      }
    }
    expect(differences).toEqual([])
    expect(selected).toBeGreaterThan(1000)
  })

  it('attribute names, matching rules and requested attributes name nothing', async () => {
    const base = `ou=people,${suffix}`
    for (const payload of payloads) {
      const value = bytes('x')
      const filters: readonly LdapFilter[] = [
        { tag: 'equality', attribute: payload, value },
        { tag: 'present', attribute: payload },
        { tag: 'equality', attribute: `uid;${payload}`, value },
        { tag: 'substrings', attribute: `cn${payload}`, initial: value, any: [] },
        { tag: 'extensible', rule: payload, value, dnAttributes: false },
        { tag: 'extensible', attribute: 'uid', rule: payload, value, dnAttributes: true },
      ]
      for (const filter of filters) expect(await ask(base, { scope: 'singleLevel', filter })).toEqual([])
      const { entries } = await client.searchAll(base, {
        scope: 'singleLevel',
        attributes: [payload, `uid;${payload}`, `@${payload}`].filter((a) => !['*', '@*'].includes(a)),
      })
      expect(entries).toHaveLength(population.people.length)
      expect(entries.flatMap((entry) => entry.attributes)).toEqual([])
    }
  })

  it('DNs lead nowhere', async () => {
    for (const payload of payloads) {
      const escaped = escapeDnValue(payload).replaceAll('\0', '\\00')
      for (const base of [
        `uid=${escaped},ou=people,${suffix}`,
        `cn=${escaped},ou=groups,${suffix}`,
        `uid=x+cn=${escaped},ou=people,${suffix}`,
        `ou=${escaped},${suffix}`,
        payload,
        `uid=${payload},ou=people,${suffix}`,
        `${payload}=x,ou=people,${suffix}`,
      ]) {
        const found = await ask(base, { scope: 'baseObject' })
        expect(found).toBeOneOf([32, 34])
        expect(await client.compare(base, 'uid', payload).catch(failure)).toBeOneOf([16, 21, 32, 34])
      }
      for (const [dn, password] of [
        [`uid=${escaped},ou=people,${suffix}`, 'x'],
        [payload, payload],
        [`uid=user.1,ou=people,${suffix}`, payload],
      ] as const)
        expect(await client.bind(dn, password).catch(failure)).toBeOneOf([34, 49, 51])
    }
  })

  it('controls are checked before they are used', async () => {
    for (const payload of payloads) {
      const cookie = bytes(payload)
      for (const control of [
        pagedResultsControl({ size: 5, cookie }, true),
        { type: '1.2.840.113556.1.4.319', critical: true, value: cookie },
        { type: payload, critical: true, value: cookie },
        { type: '1.2.840.113556.1.4.473', critical: true, value: cookie },
      ]) {
        const answer = await ask(`ou=people,${suffix}`, { scope: 'singleLevel', controls: [control] })
        expect(answer).toBeOneOf([2, 12, 53])
      }
    }
  })

  it('nothing that it says tells of the inside', async () => {
    expect(messages.size).toBeGreaterThan(2)
    expect([...messages].filter((message) => inside.test(message))).toEqual([])
  })
})
