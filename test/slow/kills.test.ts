/**
 * kill -9 under load, of everything that there can be several times or that starts again: whoever asks meanwhile gets the right
 * answer or none, never another, and all goes on within seconds.
 */
import { createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { GatewayInput } from '../../src/index.js'
import type { Counters } from '../../src/ops/console/terms.js'
import { type Child, eventually, serveGateway } from '../fault/running.js'
import { loadStaff, service, staffConfig } from '../fault/staff.js'
import { startHaproxy } from '../servers/haproxy.js'
import { startMariadb } from '../servers/mariadb.js'
import { startPostgres } from '../servers/postgres.js'
import { freePort } from '../servers/scratch.js'
import { startSlapd } from '../servers/slapd.js'
import { type Asking, askable, askedView, type Counted, startAsking } from './asking.js'

const PEOPLE = 200
const everybodys = 'a-password-of-the-directory'
const ROUNDS = 3
/** Milliseconds until everybody is answered again. */
const SECONDS = 5000
/** Answers of each kind before anything is killed, and how long they may take on a busy machine. */
const ENOUGH = 30
const WARM = 30_000
const clients = { ldap: 6, bind: 2, scim: 4 }

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean()
})

async function serve(config: GatewayInput, ...options: string[]): Promise<{ child: Child; http: number }> {
  const child = await serveGateway(config, ...options)
  cleanUp.push(() => child.close())
  return { child, http: Number(/http:\/\/[^\s,]*:(\d+)/.exec(child.output())?.[1]) }
}

function ask(asked: Parameters<typeof startAsking>[0]): Asking {
  const asking = startAsking(asked)
  cleanUp.push(() => asking.stop())
  return asking
}

function expectNothingWrong({ wrong, honest, lost }: Counted, mostLost = 0): void {
  expect(wrong).toEqual([])
  // What is asked while it is away is refused: nothing was answered by guessing.
  expect(Object.values(honest).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0)
  expect(lost).toBeLessThanOrEqual(mostLost)
}

describe.each([
  ['MariaDB', startMariadb],
  ['PostgreSQL', startPostgres],
])('%s', (_name, start) => {
  it('answers rightly or not at all, and again within seconds', async () => {
    const server = await start()
    cleanUp.push(() => server.stop())
    const url = await server.createDatabase('staff')
    await loadStaff(url, PEOPLE)
    const config = staffConfig(url, {}, askable)
    const { child, http } = await serve({ ...config, views: askedView(config) })
    const asking = ask({ ldap: child.port, http, clients })
    for (let round = 0; round < ROUNDS; round++) {
      await asking.answered(ENOUGH, WARM)
      await server.kill()
      await new Promise((resolve) => setTimeout(resolve, 500))
      await server.restart()
      await asking.answered(1, SECONDS)
    }
    expectNothingWrong(await asking.stop())
  })
})

it('a directory: right answers or none, and again within seconds', async () => {
  const users = Array.from(
    { length: PEOPLE },
    (_, i) =>
      `dn: uid=user.${i + 1},dc=corp\nobjectClass: inetOrgPerson\nuid: user.${i + 1}\ncn: User ${i + 1}\nsn: ${i}\nuserPassword: ${everybodys}\n`,
  )
  const slapd = await startSlapd({
    suffix: 'dc=corp',
    ldif: ['dn: dc=corp\nobjectClass: domain\ndc: corp\n', ...users].join('\n'),
    config: ['index uid eq'],
  })
  cleanUp.push(() => slapd.stop())
  const view = {
    view: 'people',
    source: 'corp',
    from: 'dc=corp??one?(objectClass=inetOrgPerson)',
    uuid: 'entryUUID',
    attributes: { uid: 'uid', cn: 'cn', sn: 'sn' },
    authentication: 'source',
    ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
    scim: { resource: 'User' },
  }
  const { child, http } = await serve({
    ...staffConfig('sqlite:none', {}, askable),
    sources: {
      corp: {
        type: 'ldap',
        url: slapd.url,
        bindDn: slapd.rootDn,
        password: slapd.rootPassword,
        connectTimeout: '2s',
      },
    },
    views: [view],
  } as GatewayInput)
  const asking = ask({ ldap: child.port, http, clients, userPassword: everybodys })
  for (let round = 0; round < ROUNDS; round++) {
    await asking.answered(ENOUGH, WARM)
    await slapd.kill()
    await new Promise((resolve) => setTimeout(resolve, 500))
    await slapd.restart()
    await asking.answered(1, 2 * SECONDS)
  }
  expectNothingWrong(await asking.stop())
})

describe('of several', () => {
  it('gateways behind HAProxy: the other answers at once, and both when it is back', async () => {
    const server = await startPostgres()
    cleanUp.push(() => server.stop())
    const url = await server.createDatabase('staff')
    await loadStaff(url, PEOPLE)
    const [ldap, http, ops] = [
      [0, 0],
      [0, 0],
      [0, 0],
    ] as [number[], number[], number[]]
    for (const ports of [ldap, http, ops]) for (const i of [0, 1]) ports[i] = await freePort()
    const serveAt = (i: number) =>
      serve({
        ...staffConfig(url, {}, askable),
        views: askedView(staffConfig(url)),
        listen: { ldap: ldap[i] ?? 0, http: http[i] ?? 0, ops: ops[i] ?? 0 },
        cookieSecret: 'the same for both of them',
      })
    const gateways = [await serveAt(0), await serveAt(1)]
    const scimPort = await freePort()
    const folder = mkdtempSync(join(tmpdir(), 'vitrine-kills-'))
    // HAProxy runs as somebody else.
    chmodSync(folder, 0o755)
    cleanUp.push(() => rmSync(folder, { recursive: true }))
    const balancer = await startHaproxy((port) => {
      const file = join(folder, 'haproxy.cfg')
      writeFileSync(file, balanced({ port, scimPort, ldap, http, ops }), { mode: 0o644 })
      return file
    })
    cleanUp.push(() => balancer.stop())
    await eventually(
      SECONDS,
      () =>
        fetch(`http://127.0.0.1:${scimPort}/livez`).then(
          ({ status }) => status,
          () => 0,
        ),
      (status) => status === 200,
    )
    const asking = ask({ ldap: balancer.port, http: scimPort, clients })
    for (let round = 0; round < ROUNDS; round++) {
      await asking.answered(ENOUGH, WARM)
      const i = round % 2
      gateways[i]?.child.kill('SIGKILL')
      await gateways[i]?.child.exited
      await asking.answered(1, SECONDS)
      gateways[i] = await serveAt(i)
    }
    await asking.answered(ENOUGH, WARM)
    expectNothingWrong(await asking.stop())
  })

  it('workers: the others answer, and another one takes its place', async () => {
    const file = join(tmpdir(), `vitrine-kills-${process.pid}.sqlite`)
    cleanUp.push(() => rmSync(file, { force: true }))
    await loadStaff(`sqlite:${file}`, PEOPLE)
    const config = staffConfig(`sqlite:${file}`, {}, askable)
    const token = 'the-token-of-operators'
    const hash = `{SHA256}${createHash('sha256').update(token).digest('hex')}`
    const console = { token: hash, as: service.dn }
    const { child, http } = await serve({ ...config, views: askedView(config), console }, '--workers', '3')
    const ops = Number(/:(\d+) \(operations\)/.exec(child.output())?.[1])
    /** Those that serve by now: one that has only just begun could not stand in for the next that is killed. */
    const serving = async () => {
      const answer = await fetch(`http://127.0.0.1:${ops}/console/api/counters`, {
        headers: { authorization: `Bearer ${token}` },
      })
      return ((await answer.json()) as Counters).processes
    }
    const asking = ask({ ldap: child.port, http, clients })
    for (let round = 0; round < ROUNDS; round++) {
      await asking.answered(ENOUGH, WARM)
      await eventually(WARM, serving, (count) => count === 3)
      const [victim = 0] = childrenOf(child.pid)
      process.kill(victim, 'SIGKILL')
      await asking.answered(1, SECONDS)
      await eventually(
        2 * SECONDS,
        async () => childrenOf(child.pid).filter((pid) => pid !== victim).length,
        (count) => count === 3,
      )
    }
    // A connection that was being handed over in the very moment may be lost with it.
    expectNothingWrong(await asking.stop(), ROUNDS)
  })
})

interface Balanced {
  readonly port: number
  readonly scimPort: number
  readonly ldap: readonly number[]
  readonly http: readonly number[]
  readonly ops: readonly number[]
}

function balanced({ port, scimPort, ldap, http, ops }: Balanced): string {
  const backend = (name: string, mode: string, listen: number, ports: readonly number[]) => `
listen ${name}
    mode ${mode}
    bind 127.0.0.1:${listen}
    balance leastconn
    option redispatch
    option httpchk GET /readyz
    default-server check inter 200ms fall 1 rise 1 on-marked-down shutdown-sessions
${ports.map((at, i) => `    server gateway-${i} 127.0.0.1:${at} port ${ops[i]}`).join('\n')}
`
  return `defaults
    timeout connect 1s
    timeout client 1m
    timeout server 1m
${backend('ldap', 'tcp', port, ldap)}${backend('scim', 'http', scimPort, http)}`
}

function childrenOf(parent: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const status = readFileSync(`/proc/${name}/status`, 'utf8')
        return Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) === parent ? [Number(name)] : []
      } catch {
        return []
      }
    })
}
