/** A database that completes entries is away, dies or freezes: they are shown without what it holds, or not at all. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, type Gateway, type Log } from '../../src/index.js'
import { LdapClient } from '../../src/ldap/index.js'
import { sqliteDatabase } from '../mappings/databases.js'
import { admin, config, type JoinOf, loadAccounts, loadEmployees, people } from '../protocol/joined-people.js'
import { startPostgres } from '../servers/postgres.js'
import type { SqlServer } from '../servers/server.js'
import { codeOf, eventually, outcomeOf } from './running.js'

const UNAVAILABLE = 52
const PATIENCE = 1000

describe('personnel in a PostgreSQL of their own, accounts in SQLite', () => {
  const accounts = sqliteDatabase()
  let server: SqlServer
  let employees: string
  let isPaused = false
  let gateway: Gateway | undefined
  let client: LdapClient | undefined
  let http = ''
  const logged: string[] = []
  const collect = (_detail: object, message: string) => void logged.push(message)
  const log: Log = { error: collect, warn: collect, info: () => undefined, debug: () => undefined }

  beforeAll(async () => {
    server = await startPostgres()
    employees = await server.createDatabase('personnel')
    await loadAccounts(accounts.url)
    await loadEmployees(employees)
  })
  afterAll(async () => {
    await server?.stop()
    await accounts.remove()
  })
  afterEach(async () => {
    if (isPaused) server.resume()
    isPaused = false
    client?.close()
    await gateway?.close()
    logged.length = 0
    await server.restart()
  })

  async function start(join: JoinOf): Promise<LdapClient> {
    gateway = await createGateway(config(accounts.url, employees, join), { log })
    const listening = await gateway.listen()
    if (listening.ldap === undefined || listening.http === undefined)
      throw new Error('not everything is served')
    http = `http://${listening.http.host}:${listening.http.port}`
    client = await LdapClient.connect({ ...listening.ldap, timeoutMs: 20_000 })
    await client.bind(admin.dn, admin.password)
    return client
  }

  const absent = { optional: true, onFailure: 'absent', timeout: `${PATIENCE}ms` } as const
  const titlesOf = async (from: LdapClient) => {
    const { entries } = await from.searchAll(people, { scope: 'singleLevel', attributes: ['title'] })
    return entries.map(({ attributes }) => attributes.length)
  }
  const ready = async () => {
    const response = await fetch(`${http}/readyz`)
    return { status: response.status, body: (await response.json()) as unknown }
  }
  const pause = () => {
    server.pause()
    isPaused = true
  }

  it('killed, where it may be missing: entries without what it holds, and no answer about that', async () => {
    const asking = await start(absent)
    expect(await titlesOf(asking)).toEqual([1, 0, 1, 0, 0])
    await server.kill()
    expect(await titlesOf(asking)).toEqual([0, 0, 0, 0, 0])
    expect(await outcomeOf(asking, people, { filter: '(uid=ada)' })).toMatchObject({ code: 0, entries: 1 })
    for (const filter of ['(title=*)', '(!(title=*))', '(|(uid=ada)(title=x))', '(telephoneNumber=+49 30 1)'])
      expect(await outcomeOf(asking, people, { filter }), filter).toMatchObject({ code: UNAVAILABLE })
    expect(logged.filter((text) => text.includes('missing from entries'))).toHaveLength(1)
    expect(await ready()).toEqual({
      status: 200,
      body: { status: 'ok', sources: { directory: 'ok', personnel: 'unavailable' } },
    })
    await server.restart()
    const now = await eventually(
      20_000,
      () => titlesOf(asking),
      ([ada]) => ada === 1,
    )
    expect(now).toEqual([1, 0, 1, 0, 0])
  })

  it('killed, where it must not be missing: nothing is shown that is not whole', async () => {
    const asking = await start({ optional: true })
    await server.kill()
    expect(await outcomeOf(asking, people)).toMatchObject({ code: UNAVAILABLE, entries: 0 })
    expect(await outcomeOf(asking, people, { filter: '(title=*)' })).toMatchObject({ code: UNAVAILABLE })
    // What asks for nothing of it is answered.
    expect(await outcomeOf(asking, people, { attributes: ['uid'] })).toMatchObject({ code: 0, entries: 5 })
    expect(await codeOf(asking.bind(`uid=ada,${people}`, 'ada-password'))).toBe(UNAVAILABLE)
    expect(await ready()).toMatchObject({ status: 503 })
  })

  it('frozen: nobody waits for it longer than the mapping says', async () => {
    const asking = await start(absent)
    expect(await titlesOf(asking)).toEqual([1, 0, 1, 0, 0])
    pause()
    const whole = await outcomeOf(asking, people)
    expect(whole).toMatchObject({ code: 0, entries: 5 })
    expect(whole.ms).toBeLessThan(PATIENCE + 1500)
    // It is not asked again at once.
    const next = await outcomeOf(asking, people)
    expect(next).toMatchObject({ code: 0, entries: 5 })
    expect(next.ms).toBeLessThan(PATIENCE)
    const asked = await outcomeOf(asking, people, { filter: '(title=*)' })
    expect(asked).toMatchObject({ code: UNAVAILABLE })
    expect(asked.ms).toBeLessThan(PATIENCE + 1500)
  })

  it('away at the start, where it may be missing: everything else is served', async () => {
    await server.kill()
    const asking = await start(absent)
    expect(await titlesOf(asking)).toEqual([0, 0, 0, 0, 0])
    expect(await outcomeOf(asking, people, { filter: '(title=*)' })).toMatchObject({ code: UNAVAILABLE })
    expect(await outcomeOf(asking, people, { filter: '(sn=Byron)' })).toMatchObject({ code: 0, entries: 1 })
    await server.restart()
    await eventually(
      20_000,
      () => titlesOf(asking),
      ([ada]) => ada === 1,
    )
    expect(await outcomeOf(asking, people, { filter: '(title=*)' })).toMatchObject({ code: 0, entries: 2 })
  })
})
