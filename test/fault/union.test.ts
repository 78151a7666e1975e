/** One member of a union is away: no answer, or the answer of the others that says what is missing; never a silent part. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, type Gateway } from '../../src/index.js'
import { LdapClient, LdapError, pagedResultsControl } from '../../src/ldap/index.js'
import { runSql, sqliteDatabase } from '../mappings/databases.js'
import {
  acquiredSql,
  admin,
  companiesConfig,
  corporationSql,
  groupDn,
  guid,
  people,
  personDn,
  TOKEN,
} from '../protocol/companies.js'
import { LIST, type Scim, scim } from '../protocol/scim/serving.js'
import { codeOf, outcome } from '../protocol/serving.js'
import { startMariadb } from '../servers/mariadb.js'
import type { SqlServer } from '../servers/server.js'
import { eventually } from './running.js'

const UNAVAILABLE = 52
const PARTIAL = 'urn:vitrine:scim:api:messages:2.0:Partial'
const everybody = ['ada', 'bob', 'carl', 'dora', 'emil'].map(personDn)
/** Of the other company; two of them are hidden as long as the corporation is there. */
const others = ['dora', 'adele', 'bob', 'emil'].map(personDn)

describe('a union of which the first member is away', () => {
  let server: SqlServer
  let url: string
  const acquired = sqliteDatabase()
  const gateways: Gateway[] = []
  const clients: LdapClient[] = []

  beforeAll(async () => {
    server = await startMariadb()
    url = await server.createDatabase('corporation')
    await runSql(url, corporationSql(url))
    await runSql(acquired.url, acquiredSql())
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close()
    for (const gateway of gateways.splice(0)) await gateway.close()
    await server.restart()
  })
  afterAll(async () => {
    await server?.stop()
    await acquired.remove()
  })

  async function run(onFailure: 'fail' | 'partial', duplicates: 'first' | 'merge' | 'error' = 'first') {
    const gateway = await createGateway(companiesConfig(url, acquired.url, { onFailure, duplicates }))
    gateways.push(gateway)
    const { ldap, http } = await gateway.listen()
    if (ldap === undefined || http === undefined) throw new Error('not served')
    const connect = async () => {
      const client = await LdapClient.connect({ ...ldap, timeoutMs: 20_000 })
      clients.push(client)
      return client
    }
    const client = await connect()
    await client.bind(admin.dn, admin.password)
    const users = scim(`http://${http.host}:${http.port}/scim/v2`, `Bearer ${TOKEN}`)
    if (duplicates !== 'error') {
      expect(await outcome(client, people, { scope: 'singleLevel' })).toMatchObject({
        code: 0,
        dns: everybody,
      })
      expect((await users.get('/Users')).body.totalResults).toBe(5)
    }
    return { client, connect, users }
  }

  it('answers nothing where that is to fail', async () => {
    const { client, connect, users } = await run('fail')
    await server.kill()
    for (const filter of ['(objectClass=*)', '(uid=dora)', '(uid=nobody)'])
      expect(await outcome(client, people, { scope: 'singleLevel', filter })).toMatchObject({
        code: UNAVAILABLE,
        dns: [],
      })
    expect(await outcome(client, personDn('nobody'), { scope: 'baseObject' })).toMatchObject({
      code: UNAVAILABLE,
    })
    expect(await codeOf(client.compare(personDn('dora'), 'sn', 'Maar'))).toBe(UNAVAILABLE)
    const other = await connect()
    for (const [uid, password] of [
      ['ada', 'ada-secret'],
      ['dora', 'dora-secret'],
      ['dora', 'wrong'],
      ['nobody', 'x'],
    ] as const)
      expect(await codeOf(other.bind(personDn(uid), password))).toBe(UNAVAILABLE)
    await refusals(users)
    await server.restart()
    await eventually(
      5000,
      () => outcome(client, people, { scope: 'singleLevel' }),
      ({ code, dns }) => code === 0 && dns.length === 5,
    )
    expect(await codeOf(other.bind(personDn('ada'), 'ada-secret'))).toBe(0)
  })

  /** What is never answered in part. */
  async function refusals(users: Scim): Promise<void> {
    const change = [{ op: 'replace', path: 'name.familyName', value: 'x' }]
    for (const answer of [
      await users.get(`/Users/${guid(1)}`),
      await users.patch(`/Users/${guid(1)}`, change),
      await users.remove(`/Users/${guid(3)}`),
    ])
      expect(answer.status).toBe(503)
  }

  it.each(['first', 'merge', 'error'] as const)(
    'answers with the others where that will do, and says so (%s)',
    async (duplicates) => {
      const { client, connect, users } = await run('partial', duplicates)
      await server.kill()
      const messages: string[] = []
      const dns: string[] = []
      try {
        for await (const entry of client.search(people, { scope: 'singleLevel', attributes: ['uid'] }))
          dns.push(entry.dn)
      } catch (error) {
        if (!(error instanceof LdapError)) throw error
        expect(error.code).toBe(UNAVAILABLE)
        messages.push(error.message)
      }
      expect(dns).toEqual(others)
      expect(messages.join()).toMatch(/this is not all: corp cannot be asked now/)
      expect(await outcome(client, personDn('nobody'), { scope: 'baseObject' })).toMatchObject({
        code: UNAVAILABLE,
      })
      expect(await outcome(client, personDn('dora'), { scope: 'baseObject' })).toMatchObject({
        code: UNAVAILABLE,
        dns: [personDn('dora')],
      })
      expect(await outcome(client, groupDn('artists'), { scope: 'baseObject' })).toMatchObject({
        code: UNAVAILABLE,
      })
      // Every page says it.
      const controls = [pagedResultsControl({ size: 3, cookie: Buffer.alloc(0) }, true)]
      expect(await outcome(client, people, { scope: 'singleLevel', controls })).toMatchObject({
        code: UNAVAILABLE,
        dns: others.slice(0, 3),
      })
      const list = await users.get('/Users', { count: 2, attributes: 'userName' })
      expect(list.status).toBe(200)
      expect(list.headers.get('warning')).toBe('199 - "this is not all: corp cannot be asked now"')
      expect(list.body.schemas).toEqual([LIST, PARTIAL])
      expect(list.body[PARTIAL]).toEqual({ missing: ['corp'] })
      expect(list.body.totalResults).toBe(4)
      expect(
        (await users.get('/Users', { sortBy: 'userName', attributes: 'userName' })).body.Resources?.map(
          (u) => u.userName,
        ),
      ).toEqual(['adele', 'bob', 'dora', 'emil'])
      expect((await users.get('/Users', { count: 0 })).body[PARTIAL]).toEqual({ missing: ['corp'] })
      // Who somebody is, and what is written, is never decided in part.
      const other = await connect()
      expect(await codeOf(other.bind(personDn('dora'), 'dora-secret'))).toBe(UNAVAILABLE)
      expect(await codeOf(other.bind(personDn('bob'), 'robert-secret'))).toBe(UNAVAILABLE)
      await refusals(users)
      await server.restart()
      if (duplicates === 'error') return
      const whole = await eventually(
        5000,
        () => users.get('/Users'),
        ({ body }) => body.totalResults === 5,
      )
      expect(whole.headers.get('warning')).toBeNull()
      expect(whole.body.schemas).toEqual([LIST])
    },
  )
})
