/** A gateway of several processes is one gateway to its clients, whichever of them answers and whichever ends. */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { GatewayInput } from '../../src/index.js'
import { LdapClient, resultCode } from '../../src/ldap/index.js'
import { freePort } from '../servers/scratch.js'
import { type Child, codeOf, eventually, outcomeOf, serveGateway } from './running.js'
import { loadStaff, password, people, service, staffConfig } from './staff.js'

const COUNT = 2000
const WORKERS = 2
const file = join(tmpdir(), `vitrine-workers-${process.pid}.sqlite`)
const url = `sqlite:${file}`
const user = (n: number) => `uid=user.${n},${people}`
let gateway: Child | undefined

beforeAll(() => loadStaff(url, COUNT))
afterEach(() => gateway?.close())
afterAll(() => rmSync(file, { force: true }))

async function start(further: Parameters<typeof staffConfig>[2] = {}): Promise<Child> {
  gateway = await serveGateway(
    staffConfig(url, {}, { log: { level: 'warn' }, ...further }),
    '--workers',
    String(WORKERS),
  )
  return gateway
}

/** The processes that serve. */
function workersOf({ pid }: Child): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number)
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return undefined
  }
}

const isRunning = (pid: number) => parentOf(String(pid)) !== undefined

it('all of them answer on one port', async () => {
  const running = await start()
  expect(running.output().match(/listening on/g)).toHaveLength(1)
  const before = workersOf(running).map(cpuOf)
  expect(before).toHaveLength(WORKERS)
  const clients = await Promise.all(Array.from({ length: 2 * WORKERS }, () => running.connect()))
  const outcomes = await Promise.all(
    clients.map(async (client) => {
      for (let i = 0; i < 10; i++) await outcomeOf(client, people)
      return outcomeOf(client, people)
    }),
  )
  expect(outcomes.map(({ code, entries }) => [code, entries])).toEqual(clients.map(() => [0, COUNT]))
  const worked = workersOf(running).map((pid, i) => cpuOf(pid) - (before[i] ?? 0))
  expect(worked.filter((ticks) => ticks > 0)).toHaveLength(WORKERS)
})

it('failed binds to one name count wherever they were tried', async () => {
  const limits = { bindFailures: { perDn: 4, perAddress: 1000, window: '1m' } }
  const running = await start({ limits })
  const codes: number[] = []
  for (let i = 0; i < 12; i++) {
    const client = await running.connect()
    codes.push(await codeOf(client.bind(user(1), 'wrong')))
    // What one has to tell the others takes them a moment.
    await sleep(50)
  }
  expect(codes).toEqual([...Array(4).fill(resultCode.invalidCredentials), ...Array(8).fill(resultCode.busy)])
  const other = await running.connect()
  expect(await codeOf(other.bind(user(2), password))).toBe(0)
})

it('operations count against limits.rate wherever they are asked for', async () => {
  const perIdentity = 20
  const running = await start({
    limits: { rate: { perAddress: 0, perIdentity } },
    access: [{ who: service.dn, views: '*' }],
  })
  const clients = await Promise.all(Array.from({ length: 2 * WORKERS }, () => running.connect()))
  for (const client of clients) await client.bind(service.dn, service.password)
  const begun = performance.now()
  const outcomes = await Promise.all(
    clients.map(async (client) => {
      let answered = 0
      while (performance.now() - begun < 2000) {
        const { code } = await outcomeOf(client, user(7), { scope: 'baseObject' })
        if (code === 0) answered++
        else expect(code).toBe(resultCode.busy)
        await sleep(10)
      }
      return answered
    }),
  )
  const answered = outcomes.reduce((sum, count) => sum + count, 0)
  const allowed = perIdentity * (1 + (performance.now() - begun) / 1000)
  expect(answered).toBeGreaterThan(0.6 * allowed)
  expect(answered).toBeLessThan(1.25 * allowed)
})

it('what one of them has issued over HTTP all accept: tokens and cursors', async () => {
  const { views = [], ...config } = staffConfig(url)
  const [users] = views as readonly Record<string, unknown>[]
  const secret = 'a secret of the application'
  gateway = await serveGateway(
    {
      ...config,
      listen: { ldap: 0, http: 0 },
      views: [{ ...users, scim: { resource: 'User' } }],
      scim: {
        tokenEndpoint: {
          clients: [{ id: 'hr', secret: `{CLEARTEXT}${secret}`, as: service.dn, scopes: ['users.read'] }],
        },
      },
      access: [{ who: service.dn, views: '*' }],
    } as GatewayInput,
    ...['--workers', String(WORKERS)],
  )
  const base = `http://127.0.0.1:${/http:\/\/[^\s:]*:(\d+)/.exec(gateway.output())?.[1]}`
  // A connection of its own each time, and so each worker in turn.
  const issued = await fetch(`${base}/oauth/token`, {
    method: 'POST',
    headers: {
      connection: 'close',
      authorization: `Basic ${Buffer.from(`hr:${secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  })
  const { access_token: token } = (await issued.json()) as { access_token: string }
  const seen = new Set<string>()
  let cursor = ''
  let pages = 0
  do {
    const response = await fetch(`${base}/scim/v2/Users?count=200&cursor=${cursor}`, {
      headers: { connection: 'close', authorization: `Bearer ${token}` },
    })
    expect(response.status).toBe(200)
    const page = (await response.json()) as { Resources: { id: string }[]; nextCursor?: string }
    for (const { id } of page.Resources) seen.add(id)
    cursor = page.nextCursor ?? ''
    pages++
  } while (cursor !== '')
  expect([seen.size, pages]).toEqual([COUNT, COUNT / 200])
})

it('another one takes the place of one that is killed, and the others serve meanwhile', {
  timeout: 90_000,
}, async () => {
  const running = await start()
  const [victim = 0] = workersOf(running)
  process.kill(victim, 'SIGKILL')
  const outcomes: unknown[] = []
  for (let i = 0; i < 30; i++) {
    const client = await LdapClient.connect({ port: running.port, timeoutMs: 3000 })
    const answer = outcomeOf(client, people, { filter: '(uid=user.7)' })
    outcomes.push(await answer.then(({ code, entries }) => [code, entries], String))
    client.close()
  }
  const answered = outcomes.filter((outcome) => JSON.stringify(outcome) === '[0,1]')
  // The one connection that was being handed over in that very moment may be lost.
  expect(outcomes.filter((outcome) => !answered.includes(outcome)).length).toBeLessThanOrEqual(1)
  await eventually(
    60_000,
    async () => workersOf(running).filter((pid) => pid !== victim).length,
    (count) => count === WORKERS,
  )
  expect(running.output()).toContain('a worker has ended by SIGKILL; another one is started in 0.1 s')
})

it.each(['SIGTERM', 'SIGINT'] as const)('%s lets them all answer what they were asked', async (signal) => {
  const running = await start()
  const workers = workersOf(running)
  const clients = await Promise.all(Array.from({ length: WORKERS }, () => running.connect()))
  const answers = clients.map((client) =>
    client.search(people, { scope: 'singleLevel' })[Symbol.asyncIterator](),
  )
  // All of them are at it.
  await Promise.all(answers.map((answer) => answer.next()))
  running.kill(signal)
  const counts = answers.map(async (answer) => {
    let count = 1
    while (!(await answer.next()).done) count++
    return count
  })
  expect(await Promise.all(counts)).toEqual(clients.map(() => COUNT))
  expect(await running.exited).toBe(0)
  expect(workers.filter(isRunning)).toEqual([])
})

it('none of them outlives the first process', async () => {
  const running = await start()
  const workers = workersOf(running)
  running.kill('SIGKILL')
  await running.exited
  await eventually(
    20_000,
    async () => workers.filter(isRunning),
    (left) => left.length === 0,
  )
})

it('what is wrong with the configuration is told once, and all end', async () => {
  const refused = serveGateway({ ...staffConfig(url), suffix: 'no suffix' }, '--workers', String(WORKERS))
  const told = await refused.then(
    () => 'started',
    (error: Error) => error.message,
  )
  expect(told).toContain('does not start')
  expect(told.match(/suffix/g)?.length).toBeGreaterThan(0)
  expect(told.match(/1 problem\b/g)).toHaveLength(1)
})

it('a port that is taken is told once, and all end', async () => {
  const port = await freePort()
  const holder = await serveGateway({ ...staffConfig(url), listen: { ldap: port } })
  try {
    const told = await serveGateway({ ...staffConfig(url), listen: { ldap: port } }, '--workers', '2').then(
      () => 'started',
      (error: Error) => error.message,
    )
    expect(told).toContain('does not start')
    expect(told.match(/EADDRINUSE/g)).toHaveLength(1)
  } finally {
    await holder.close()
  }
})

/** Hundredths of a second that a process has worked. */
function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

it('what one of them has written the others do not show as it was', async () => {
  const config = staffConfig(url, {}, {})
  const [first, ...others] = config.views
  const kept = { mapping: { ...(first as object), writable: true }, cache: { ttl: '1h' } }
  const access = [{ who: [service.dn], allow: ['read', 'search', 'write'] as const, views: '*' as const }]
  const running = await start({ views: [kept, ...others] as never, access: access as never })
  const clients = await Promise.all(
    Array.from({ length: 4 * WORKERS }, async () => {
      const client = await running.connect()
      await client.bind(service.dn, service.password)
      return client
    }),
  )
  const shown = async (client: LdapClient) => {
    const { entries } = await client.searchAll(people, { filter: '(uid=user.7)', attributes: ['sn'] })
    return entries[0]?.attributes[0]?.values.map(String)[0]
  }
  for (const [i, client] of clients.slice(0, 2 * WORKERS).entries()) {
    await Promise.all(clients.map(shown))
    await client.modify(user(7), [{ operation: 'replace', type: 'sn', values: [`Name ${i}`] }])
    expect(await shown(client)).toBe(`Name ${i}`)
    await eventually(
      5000,
      () => Promise.all(clients.map(shown)),
      (names) => names.every((name) => name === `Name ${i}`),
    )
  }
})
