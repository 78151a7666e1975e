/** The database is away, dies, freezes or comes back: clients are told so in time, and never that there is nothing. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { GatewayInput } from '../../src/index.js'
import { blockTable } from '../protocol/table-lock.js'
import { startMariadb } from '../servers/mariadb.js'
import { startPostgres } from '../servers/postgres.js'
import type { SqlServer } from '../servers/server.js'
import { codeOf, eventually, type Here, type Outcome, outcomeOf, runGateway } from './running.js'
import {
  administer,
  gatewayConnections,
  loadStaff,
  password,
  people,
  service,
  slowPeople,
  staffConfig,
  tell,
} from './staff.js'

const [TIME_LIMIT, INVALID_CREDENTIALS, BUSY, UNAVAILABLE] = [3, 49, 51, 52]
const COUNT = 300
const user = `uid=user.1,${people}`

// Both at once, each with its tests in their order: most of the time they wait.
const it = test.sequential

describe.concurrent.each([
  ['MariaDB', startMariadb],
  ['PostgreSQL', startPostgres],
])('%s', (_name, start) => {
  let server: SqlServer
  let url: string
  let gateways: Here[] = []
  let paused = false

  beforeAll(async () => {
    server = await start()
    url = await server.createDatabase('staff')
    await loadStaff(url, COUNT)
  })

  afterAll(async () => {
    await server?.stop()
  })

  afterEach(async () => {
    if (paused) server.resume()
    paused = false
    await Promise.all(gateways.map((gateway) => gateway.close()))
    gateways = []
    await server.restart()
  })

  function pause(): void {
    server.pause()
    paused = true
  }

  async function run(config: GatewayInput = staffConfig(url)): Promise<Here> {
    const gateway = await runGateway(config)
    gateways.push(gateway)
    return gateway
  }

  it('down at the start: clients hear `unavailable` until it comes, and then everything', async () => {
    await server.kill()
    const client = await (await run()).connect()
    expect(await outcomeOf(client, people)).toMatchObject({ code: UNAVAILABLE, entries: 0 })
    expect(await outcomeOf(client, user, { scope: 'baseObject' })).toMatchObject({ code: UNAVAILABLE })
    expect(await codeOf(client.compare(user, 'sn', 'User 1'))).toBe(UNAVAILABLE)
    expect(await codeOf(client.bind(user, password))).toBe(UNAVAILABLE)
    expect(await codeOf(client.bind(user, 'wrong'))).toBe(UNAVAILABLE)
    // What the gateway knows by itself goes on.
    expect(await codeOf(client.bind(service.dn, service.password))).toBe(0)
    expect(await outcomeOf(client, '', { scope: 'baseObject' })).toMatchObject({ code: 0, entries: 1 })
    await server.restart()
    expect(await outcomeOf(client, people)).toMatchObject({ code: 0, entries: COUNT })
    expect(await codeOf(client.bind(user, password))).toBe(0)
  })

  it('killed in mid-request, again and again: no empty success, no hang, and service within seconds', async () => {
    const gateway = await run(staffConfig(url, { statementTimeout: '3s' }))
    const clients = await Promise.all(Array.from({ length: 8 }, () => gateway.connect()))
    const outcomes: Outcome[] = []
    let working = true
    const load = clients.map(async (client, i) => {
      while (working) {
        outcomes.push(await outcomeOf(client, i % 4 === 0 ? slowPeople : people))
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })
    const other = await gateway.connect()
    for (let round = 0; round < 3; round++) {
      await eventually(
        5000,
        () => outcomeOf(other, people),
        ({ code }) => code === 0,
      )
      await server.kill()
      const down = await outcomeOf(other, people)
      expect(down).toMatchObject({ code: UNAVAILABLE })
      expect(down.ms).toBeLessThan(3000)
      await server.restart()
      // The first may still meet a connection that was refused while the database was starting.
      await eventually(
        5000,
        () => outcomeOf(other, people),
        ({ code }) => code === 0,
      )
      const up = await outcomeOf(other, people)
      expect(up).toMatchObject({ code: 0, entries: COUNT })
      expect(up.ms).toBeLessThan(3000)
    }
    working = false
    await Promise.all(load)
    const strange = outcomes.filter(({ code, entries, ms }) =>
      code === 0 ? entries !== COUNT : ![TIME_LIMIT, BUSY, UNAVAILABLE].includes(code) || ms > 8000,
    )
    expect(strange).toEqual([])
    expect(outcomes.some(({ code }) => code === UNAVAILABLE)).toBe(true)
    expect(outcomes.some(({ code }) => code === 0)).toBe(true)
  })

  it('a bind while it is away is `unavailable`, never invalidCredentials', async () => {
    const client = await (await run()).connect()
    expect(await codeOf(client.bind(user, password))).toBe(0)
    expect(await codeOf(client.bind(user, 'wrong'))).toBe(INVALID_CREDENTIALS)
    await server.kill()
    const codes = []
    for (let i = 0; i < 5; i++) codes.push(await codeOf(client.bind(user, i % 2 === 0 ? password : 'wrong')))
    expect(codes).toEqual(Array(5).fill(UNAVAILABLE))
    await server.restart()
    expect(await codeOf(client.bind(user, password))).toBe(0)
  })

  it('frozen for longer than a statement may take: told in time, and served again when it thaws', async () => {
    const times = { statementTimeout: '1s', connectTimeout: '1s', pool: { max: 4, acquireTimeout: '1s' } }
    const gateway = await run(staffConfig(url, times))
    const clients = await Promise.all(Array.from({ length: 12 }, () => gateway.connect()))
    const ask = () => Promise.all(clients.map((client) => outcomeOf(client, people)))
    expect((await ask()).map(({ entries }) => entries)).toEqual(Array(12).fill(COUNT))
    pause()
    for (let round = 0; round < 2; round++) {
      const frozen = await ask()
      expect(frozen.filter(({ code }) => ![TIME_LIMIT, BUSY, UNAVAILABLE].includes(code))).toEqual([])
      expect(Math.max(...frozen.map(({ ms }) => ms))).toBeLessThan(6000)
    }
    server.resume()
    const [first] = clients
    if (first === undefined) throw new Error('no client')
    await eventually(
      3000,
      () => outcomeOf(first, people),
      ({ code, entries }) => code === 0 && entries === COUNT,
    )
    const thawed = await ask()
    expect(thawed.map(({ entries }) => entries)).toEqual(Array(12).fill(COUNT))
    const admin = await administer(url)
    // The connections that were given up are gone; no more than the pool's are left.
    await eventually(
      5000,
      () => gatewayConnections(admin),
      (all) => all.length <= 4,
    )
    await admin.close()
  })

  it('silent: one at a time tries whether it is back, nobody else waits for it, and metrics say so', async () => {
    const times = { statementTimeout: '1s', connectTimeout: '1s', pool: { max: 4, acquireTimeout: '2s' } }
    const registry = { ...staffConfig(url, times), listen: { ldap: 0, ops: 0 } }
    const gateway = await run(registry)
    const clients = await Promise.all(Array.from({ length: 8 }, () => gateway.connect()))
    const ask = () => Promise.all(clients.map((client) => outcomeOf(client, people)))
    const tripped = async () =>
      /^vitrine_source_server_tripped\{.*server="127\.0\.0\.1:\d+".*\} (\d)$/m.exec(
        await gateway.metrics(),
      )?.[1]
    pause()
    await ask()
    const before = performance.now()
    for (let round = 0; round < 5; round++) await ask()
    // Each of them alone would be told after a second, and those who wait for the pool later still.
    const waits = (await ask()).map(({ code, ms }) => [code, ms < 500])
    expect(waits.filter(([code, isSoon]) => code === UNAVAILABLE && isSoon).length).toBeGreaterThanOrEqual(7)
    expect(performance.now() - before).toBeLessThan(6000)
    expect(await tripped()).toBe('1')
    server.resume()
    await eventually(
      3000,
      async () => (await ask()).map(({ entries }) => entries),
      (all) => all.every((entries) => entries === COUNT),
    )
    expect(await tripped()).toBe('0')
  })

  it('frozen while a client has a time limit: the limit holds', async () => {
    const client = await (await run()).connect()
    expect(await outcomeOf(client, people)).toMatchObject({ code: 0 })
    pause()
    const outcome = await outcomeOf(client, people, { timeLimit: 1 })
    expect(outcome).toMatchObject({ code: TIME_LIMIT, entries: 0 })
    expect(outcome.ms).toBeLessThan(2500)
  })

  it('frozen when the gateway closes: closing ends all the same', async () => {
    const gateway = await run()
    const client = await gateway.connect()
    expect(await outcomeOf(client, people)).toMatchObject({ code: 0 })
    pause()
    const answer = outcomeOf(client, people)
    await new Promise((resolve) => setTimeout(resolve, 200))
    const begun = performance.now()
    await gateway.close()
    expect(performance.now() - begun).toBeLessThan(9000)
    expect((await answer).code).not.toBe(0)
  })

  it('a wrong password in its URL: the gateway starts, and all that needs it is `unavailable`', async () => {
    for (const wrong of [
      url.replace('vitrine:vitrine@', 'vitrine:wrong@'),
      url.replace('vitrine:vitrine@', 'vitrine@'),
      url.replace('vitrine:vitrine@', 'nobody:vitrine@'),
      url.replace(/\/staff$/, '/no_such_database'),
    ]) {
      const client = await (await run(staffConfig(wrong))).connect()
      expect(await outcomeOf(client, people)).toMatchObject({ code: UNAVAILABLE, entries: 0 })
      expect(await codeOf(client.bind(user, password))).toBe(UNAVAILABLE)
    }
  })

  it('its administrator ends a connection or a statement: an error, and the next request is served', async () => {
    const client = await (await run()).connect()
    expect(await outcomeOf(client, people)).toMatchObject({ code: 0 })
    const admin = await administer(url)
    for (const what of ['connection', 'statement'] as const) {
      const answer = outcomeOf(client, slowPeople)
      const id = await eventually(
        3000,
        async () => {
          const [row] = await admin.query(
            admin.kind === 'mariadb'
              ? `select id from information_schema.processlist where info like '%slow\\_staff%' and id <> connection_id()`
              : `select pid from pg_stat_activity where state = 'active' and query like '%slow_staff%' and pid <> pg_backend_pid()`,
          )
          return row?.[0]
        },
        (found) => found !== undefined,
      )
      await admin.query(
        admin.kind === 'mariadb'
          ? `kill ${what === 'connection' ? '' : 'query'} ${id}`
          : `select ${what === 'connection' ? 'pg_terminate_backend' : 'pg_cancel_backend'}(${id})`,
      )
      const { code, ms } = await answer
      expect([TIME_LIMIT, UNAVAILABLE]).toContain(code)
      expect(ms).toBeLessThan(5000)
      expect(await outcomeOf(client, people)).toMatchObject({ code: 0, entries: COUNT })
    }
    await admin.close()
  })

  it('its administrator ends idle connections: nobody notices', async () => {
    const gateway = await run()
    const clients = await Promise.all(Array.from({ length: 6 }, () => gateway.connect()))
    const ask = () => Promise.all(clients.map((client) => outcomeOf(client, people)))
    const admin = await administer(url)
    // Each waits on a connection of its own.
    const release = await blockTable(url, 'staff')
    const held = ask()
    await eventually(
      20_000,
      () => gatewayConnections(admin),
      (all) => all.filter(({ running }) => running?.includes('staff')).length >= 6,
    )
    await release()
    await held
    const ids = await admin.query(
      admin.kind === 'mariadb'
        ? `select id from information_schema.processlist where id <> connection_id() and db = 'staff'`
        : `select pid from pg_stat_activity where application_name = 'vitrine' and datname = 'staff'`,
    )
    expect(ids.length).toBeGreaterThanOrEqual(6)
    for (const [id] of ids)
      await admin.query(admin.kind === 'mariadb' ? `kill ${id}` : `select pg_terminate_backend(${id})`)
    await admin.close()
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect((await ask()).map(({ code, entries }) => [code, entries])).toEqual(Array(6).fill([0, COUNT]))
  })

  it('its table is dropped, renamed or loses a column: an error, never nothing; served again when it is back', async () => {
    const client = await (await run()).connect()
    const ask = () => outcomeOf(client, people)
    expect(await ask()).toMatchObject({ code: 0 })
    for (const [away, back] of [
      ['alter table staff rename to elsewhere', 'alter table elsewhere rename to staff'],
      ['alter table staff rename column mail to post', 'alter table staff rename column post to mail'],
    ] as const) {
      await tell(url, away)
      for (let i = 0; i < 3; i++) {
        const outcome = await ask()
        expect(outcome.code).not.toBe(0)
        expect(outcome.message).not.toMatch(/staff|mail|column|table|select/i)
        if (away.includes('elsewhere'))
          expect([0, INVALID_CREDENTIALS]).not.toContain(await codeOf(client.bind(user, password)))
      }
      await tell(url, back)
      expect(await ask()).toMatchObject({ code: 0, entries: COUNT })
      expect(await codeOf(client.bind(user, password))).toBe(0)
      expect(await codeOf(client.bind('', ''))).toBe(0)
    }
  })

  it('serves two gateways, which both see a committed change at once', async () => {
    const clients = [await (await run()).connect(), await (await run()).connect()]
    await tell(url, `update staff set name = 'Renamed' where id = 7`)
    for (const client of clients)
      expect((await client.searchAll(people, { filter: '(cn=renamed)' })).entries).toHaveLength(1)
    await tell(url, `update staff set secret = '{CLEARTEXT}new' where id = 7`)
    for (const client of clients) {
      expect(await codeOf(client.bind(`uid=user.7,${people}`, password))).toBe(INVALID_CREDENTIALS)
      expect(await codeOf(client.bind(`uid=user.7,${people}`, 'new'))).toBe(0)
    }
    await tell(url, `update staff set name = 'User 7', secret = '{CLEARTEXT}${password}' where id = 7`)
  })
})
