/** Who gives up a search ends its statement in the database; who asks too much at a time waits or is told `busy`. */
import { connect, createServer, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { LdapClient } from '../../src/ldap/index.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'
import { Wire } from '../unit/ldap/wire.js'
import { codeOf, eventually, outcomeOf, type Reachable, runGateway, serveGateway } from './running.js'
import {
  type Admin,
  administer,
  gatewayConnections,
  loadStaff,
  people,
  searchAll,
  slowPeople,
  slowStatements,
  staffConfig,
} from './staff.js'

const [TIME_LIMIT, BUSY] = [3, 51]
const COUNT = 200
/** A way to the database that is cut, once, in place of sending what has such a text in it. */
async function cutWhen(url: string, text: RegExp) {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  let cut = () => {}
  const done = new Promise<void>((resolve) => {
    cut = resolve
  })
  let isCut = false
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('error', () => undefined)
      from.on('close', () => to.destroy())
      from.on('data', (octets: Buffer) => {
        if (isCut || from === far || !text.test(octets.toString('latin1'))) to.write(octets)
        else {
          isCut = true
          near.destroy()
          cut()
        }
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const via = new URL(url)
  via.port = String(typeof address === 'object' ? address?.port : 0)
  return {
    url: via.href,
    done,
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

// Both at once, each with its tests in their order: most of the time they wait.
const it = test.sequential

describe.concurrent.each([
  ['MariaDB', mariadbDatabase],
  ['PostgreSQL', postgresDatabase],
])('%s', (_name, database) => {
  let url: string
  let admin: Admin
  let gateways: Reachable[] = []

  beforeAll(async () => {
    url = await database()
    await loadStaff(url, COUNT)
    admin = await administer(url)
  })

  afterAll(async () => {
    await admin?.close()
  })

  afterEach(async () => {
    await Promise.all(gateways.map((gateway) => gateway.close()))
    gateways = []
  })

  async function run(...config: Parameters<typeof staffConfig>): Promise<Reachable> {
    const gateway = await runGateway(staffConfig(...config))
    gateways.push(gateway)
    return gateway
  }

  const running = () => slowStatements(admin)
  const isRunning = (wanted = 1) => eventually(20_000, running, (count) => count >= wanted)
  const isGone = () => eventually(2000, running, (count) => count === 0)

  it('ends the statement of a search that is abandoned; the connection serves on', async () => {
    const client = await (await run(url)).connect()
    const controller = new AbortController()
    const answer = codeOf(client.searchAll(slowPeople, { signal: controller.signal }))
    await isRunning()
    const [before] = await gatewayConnections(admin)
    controller.abort()
    await isGone()
    expect(before).toBeDefined()
    expect(await answer).not.toBe(0)
    expect(await outcomeOf(client, people)).toMatchObject({ code: 0, entries: COUNT })
  })

  it('ends the statement of a client that disconnects or dies', async () => {
    const gateway = await run(url)
    for (const leave of ['unbind', 'reset'] as const) {
      const wire = await Wire.connect(gateway.port)
      wire.send(searchAll(1, slowPeople))
      await isRunning()
      if (leave === 'unbind') wire.send({ op: 'unbindRequest', messageId: 2, controls: [] })
      else wire.socket.resetAndDestroy()
      await isGone()
    }
  })

  it('goes on when it loses the connection over which it cancels', async () => {
    const cut = await cutWhen(url, /KILL QUERY|pg_cancel_backend/)
    try {
      const client = await (await run(cut.url)).connect()
      const controller = new AbortController()
      const answer = codeOf(client.searchAll(slowPeople, { signal: controller.signal }))
      await isRunning()
      controller.abort()
      await cut.done
      expect(await answer).not.toBe(0)
      expect(await outcomeOf(client, people)).toMatchObject({ code: 0, entries: COUNT })
      await isGone()
    } finally {
      cut.close()
    }
  })

  it("ends the statement at the client's, the gateway's and the source's time limit", async () => {
    const own = await (await run(url)).connect()
    const limited = await (await run(url, {}, { limits: { time: '1s' } })).connect()
    const short = await (await run(url, { statementTimeout: '1s' })).connect()
    for (const [client, timeLimit] of [
      [own, 1],
      [limited, 0],
      [short, 0],
    ] as const) {
      const outcome = await outcomeOf(client, slowPeople, { timeLimit })
      expect(outcome).toMatchObject({ code: TIME_LIMIT, entries: 0 })
      expect(outcome.ms).toBeGreaterThan(900)
      expect(outcome.ms).toBeLessThan(3000)
      await isGone()
      expect(await outcomeOf(client, people)).toMatchObject({ code: 0, entries: COUNT })
    }
  })

  it('never ends the statement of another client by mistake', async () => {
    const gateway = await run(url, { pool: { max: 1, acquireTimeout: '10s' } })
    const [hasty, calm] = [await gateway.connect(), await gateway.connect()]
    let working = true
    const haste = (async () => {
      for (let i = 0; working; i++) {
        const controller = new AbortController()
        const answer = codeOf(
          hasty.searchAll(people, { signal: controller.signal, filter: `(sn>=User ${i % 9})` }),
        )
        await pause(i % 12)
        controller.abort()
        await answer
      }
    })()
    const codes = new Map<number, number>()
    const until = performance.now() + 3000
    while (performance.now() < until) {
      const { code, entries } = await outcomeOf(calm, people)
      if (code === 0) expect(entries).toBe(COUNT)
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }
    working = false
    await haste
    expect([...codes.keys()]).toEqual([0])
  })

  it('answers everybody who asks for the same, whoever of them gives up', async () => {
    const gateway = await run(url, { pool: { max: 2 } })
    const clients = await Promise.all(Array.from({ length: 20 }, () => gateway.connect()))
    for (let round = 0; round < 20; round++) {
      const answers = clients.map(async (client, i) => {
        const filter = `(uid=user.${1 + ((i + round) % 3)})`
        if (i % 2 === 1) return (await outcomeOf(client, people, { filter })).entries
        const controller = new AbortController()
        const answer = codeOf(client.searchAll(people, { filter, signal: controller.signal }))
        await pause(round % 4)
        controller.abort()
        await answer
        return 1
      })
      expect(await Promise.all(answers)).toEqual(clients.map(() => 1))
    }
  })

  it('says `busy` when no connection becomes free, and to nobody else', async () => {
    const gateway = await run(url, { pool: { max: 2, acquireTimeout: '500ms' } })
    const clients = await Promise.all(Array.from({ length: 6 }, () => gateway.connect()))
    const slow = clients.slice(0, 2).map((client) => outcomeOf(client, slowPeople, { timeLimit: 4 }))
    await isRunning(2)
    const told = await Promise.all(clients.slice(2).map((client) => outcomeOf(client, people)))
    expect(told.map(({ code }) => code)).toEqual(Array(4).fill(BUSY))
    expect(Math.max(...told.map(({ ms }) => ms))).toBeLessThan(2000)
    await Promise.all(slow)
    await isGone()
    const [client] = clients
    if (client !== undefined)
      expect(await outcomeOf(client, people)).toMatchObject({ code: 0, entries: COUNT })
    expect((await gatewayConnections(admin)).length).toBeLessThanOrEqual(2)
  })
})

describe('a client that stops reading in the middle of everything', () => {
  const MANY = 100_000

  it.each([
    ['MariaDB', mariadbDatabase],
    ['PostgreSQL', postgresDatabase],
  ])(
    'holds no connection to %s and no memory, and others are served promptly',
    { timeout: 90_000 },
    async (_name, database) => {
      const url = await database()
      await loadStaff(url, MANY)
      const gateway = await serveGateway(staffConfig(url, { pool: { max: 1 } }, { log: { level: 'error' } }))
      const deaf = await Promise.all(Array.from({ length: 3 }, () => Wire.connect(gateway.port)))
      try {
        const client = await LdapClient.connect({ port: gateway.port })
        await outcomeOf(client, people, { filter: '(uid=user.1)' })
        const before = gateway.memory().now
        for (const wire of deaf) {
          wire.socket.pause()
          wire.send(searchAll(1, people))
        }
        await pause(1500)
        const admin = await administer(url)
        await eventually(
          10_000,
          () => gatewayConnections(admin),
          (all) => all.every(({ running }) => running === undefined),
        )
        await admin.close()
        const times: number[] = []
        for (let i = 1; i <= 100; i++) {
          const asked = gateway.worked()
          const { code, entries, ms } = await outcomeOf(client, people, { filter: `(uid=user.${i})` })
          expect([code, entries]).toEqual([0, 1])
          // Nobody waits for the deaf.
          expect(ms).toBeLessThan(5000)
          times.push(gateway.worked() - asked)
        }
        times.sort((a, b) => a - b)
        expect(times[50]).toBeLessThan(100)
        expect(times.at(-1)).toBeLessThan(1500)
        expect(gateway.memory().now - before).toBeLessThan(60)
        client.close()
      } finally {
        for (const wire of deaf) wire.destroy()
        await gateway.close()
      }
    },
  )
})
