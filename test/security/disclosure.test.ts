/** What an attacker learns by asking: from messages, the log, the time that a bind takes, by guessing, by forging. */

import { randomBytes } from 'node:crypto'
import { hashSync } from '@node-rs/bcrypt'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { GatewayInput } from '../../src/index.js'
import {
  controlType,
  findControl,
  type LdapClient,
  LdapError,
  pagedResultsControl,
  parsePagedResults,
} from '../../src/ldap/index.js'
import { type Child, codeOf, outcomeOf, type Reachable, runGateway, serveGateway } from '../fault/running.js'
import { loadStaff, password, people, service, staffConfig, suffix, tell } from '../fault/staff.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'

const [INVALID_CREDENTIALS, BUSY, UNWILLING] = [49, 51, 53]
const user = `uid=user.1,${people}`
const open = { bindFailures: { perDn: 100_000, perAddress: 100_000 } }

describe.each([
  ['MariaDB', mariadbDatabase],
  ['PostgreSQL', postgresDatabase],
])('whatever goes wrong in %s', (_name, database) => {
  let url: string
  let gateway: Child

  beforeAll(async () => {
    url = await database()
    await loadStaff(url, 20)
    gateway = await serveGateway(staffConfig(url, { statementTimeout: '1s' }, { log: { level: 'trace' } }))
  })

  afterAll(async () => {
    await gateway?.close()
  })

  it('clients hear its kind alone, and the log holds no password', async () => {
    const messages: string[] = []
    const hear = async (operation: Promise<unknown>) => {
      try {
        await operation
        return 0
      } catch (error) {
        if (!(error instanceof LdapError)) throw error
        messages.push(error.message)
        return error.code
      }
    }
    const client = await gateway.connect()
    const guesses = ['guessed-Passw0rd-1', 'guessed-Passw0rd-2']
    expect(await hear(client.bind(user, password))).toBe(0)
    for (const guess of guesses) expect(await hear(client.bind(user, guess))).toBe(INVALID_CREDENTIALS)
    expect(await hear(client.bind(service.dn, service.password))).toBe(0)
    expect(await hear(client.bind(service.dn, guesses[0] ?? ''))).toBe(INVALID_CREDENTIALS)
    expect(await hear(client.searchAll(`ou=slow,${suffix}`))).toBe(3)
    expect(await hear(client.compare(user, 'userPassword', password))).not.toBe(0)
    expect((await outcomeOf(client, people, { filter: '(userPassword=*)' })).entries).toBe(0)
    const { entries } = await client.searchAll(people, { attributes: ['userPassword', '*', '+'] })
    expect(
      JSON.stringify(entries.map((e) => e.attributes.map((a) => [a.type, a.values.map(String)]))),
    ).not.toMatch(new RegExp(`userPassword|${password}`, 'i'))
    await tell(url, 'alter table staff rename column login to handle')
    expect(await hear(client.searchAll(people))).not.toBe(0)
    expect(await hear(client.bind(user, guesses[0] ?? ''))).not.toBe(0)
    await tell(url, 'alter table staff rename column handle to login')
    const secrets = [password, service.password, ...guesses]
    expect(messages.length).toBeGreaterThan(6)
    for (const message of messages) {
      expect(message).not.toMatch(/select|staff|login|handle|column|127\.0\.0\.1|\.[jt]s\b|\bat\b .*:\d+/i)
      for (const secret of secrets) expect(message).not.toContain(secret)
    }
    expect(gateway.output()).toContain('internalError')
    for (const secret of [...secrets, `:${new URL(url).password}@`])
      expect(gateway.output()).not.toContain(secret)
    for (const line of gateway.output().split('\n').slice(1, -1)) expect(() => JSON.parse(line)).not.toThrow()
  })
})

it('a database URL with its password is in no output, whatever is wrong with it', async () => {
  const secret = 'Tr0ub4dor'
  for (const wrong of [
    (await mariadbDatabase()).replace(/\/\/[^@]*@/, `//vitrine:${secret}@`),
    `mysql://vitrine:${secret}@no-such-host.invalid/x`,
    `postgres://vitrine:${secret}@127.0.0.1:9/x`,
    `mysql://vitrine:${secret}%@127.0.0.1:9/x`,
    `mysql://vitrine:${secret}@[::1/x`,
    `oracle://vitrine:${secret}@host/x`,
  ]) {
    let output: string
    try {
      const child = await serveGateway(staffConfig(wrong, {}, { log: { level: 'trace' } }))
      await outcomeOf(await child.connect(), people)
      output = child.output()
      await child.close()
    } catch (error) {
      output = String(error)
    }
    expect(output).not.toBe('')
    expect(output).not.toContain(secret)
  }
})

describe('bind', () => {
  let url: string
  let gateways: Reachable[] = []

  beforeAll(async () => {
    url = await mariadbDatabase()
    await loadStaff(url, 40, hashSync(password, { cost: 8 }))
  })

  afterAll(async () => {
    for (const gateway of gateways) await gateway.close()
    gateways = []
  })

  afterEach(() => {
    vi.restoreAllMocks()
  })

  async function run(limits: NonNullable<GatewayInput['limits']>) {
    const gateway = await runGateway(staffConfig(url, {}, { limits }))
    gateways.push(gateway)
    return gateway
  }

  it('takes as much work for an unknown user as for a wrong password', { timeout: 60_000 }, async () => {
    const client = await (await run(open)).connect()
    const names = {
      wrong: (i: number) => `uid=user.${1 + i},${people}`,
      unknown: (i: number) => `uid=nobody.${i},${people}`,
      nowhere: (i: number) => `cn=nobody.${i},${suffix}`,
    }
    const times: Record<string, number[]> = { wrong: [], unknown: [], nowhere: [] }
    expect(await codeOf(client.bind(user, 'warm up'))).toBe(INVALID_CREDENTIALS)
    for (let i = 0; i < 25; i++) {
      for (const [kind, name] of Object.entries(names)) {
        // Time that the process worked, which other programs on the machine do not lengthen.
        const begun = process.cpuUsage()
        expect(await codeOf(client.bind(name(i), `wrong-${i}`))).toBe(INVALID_CREDENTIALS)
        const { user, system } = process.cpuUsage(begun)
        times[kind]?.push(user + system)
      }
    }
    const median = (kind: string) => times[kind]?.sort((a, b) => a - b)[12] ?? 0
    for (const kind of ['unknown', 'nowhere']) {
      expect(median(kind) / median('wrong')).toBeLessThan(1.5)
      expect(median('wrong') / median(kind)).toBeLessThan(1.5)
    }
  })

  it('is refused without a look after too many failures, for a name and for an address', async () => {
    let ahead = 0
    const clock = Date.now.bind(Date)
    vi.spyOn(Date, 'now').mockImplementation(() => clock() + ahead)
    const gateway = await run({ bindFailures: { perDn: 5, perAddress: 12, window: '1m' } })
    const client = await gateway.connect()
    const bind = (dn: string, secret = 'wrong') => codeOf(client.bind(dn, secret))
    for (let i = 0; i < 5; i++) expect(await bind(user)).toBe(INVALID_CREDENTIALS)
    expect(await bind(user)).toBe(BUSY)
    expect(await bind(user, password)).toBe(BUSY)
    for (const spelling of [
      user.toUpperCase(),
      user.replace('uid=', 'UID = '),
      user.replace('user', '\\75ser'),
    ])
      expect(await bind(spelling, password)).toBe(BUSY)
    expect(await bind(`uid=user.2,${people}`, password)).toBe(0)
    for (let i = 0; i < 7; i++) expect(await bind(`uid=user.${10 + i},${people}`)).toBe(INVALID_CREDENTIALS)
    expect(await bind(`uid=user.3,${people}`, password)).toBe(BUSY)
    expect(await codeOf((await gateway.connect()).bind(`uid=user.4,${people}`, password))).toBe(BUSY)
    expect(await outcomeOf(client, people)).toMatchObject({ code: 0 })
    ahead = 60_000
    expect(await bind(user, password)).toBe(0)
  })

  it('cannot be guessed faster over many connections at a time', async () => {
    const gateway = await run({ bindFailures: { perDn: 5, perAddress: 1000 } })
    const clients = await Promise.all(Array.from({ length: 100 }, () => gateway.connect()))
    const codes = await Promise.all(clients.map((client, i) => codeOf(client.bind(user, `guess ${i}`))))
    expect(codes.filter((code) => code === INVALID_CREDENTIALS).length).toBeLessThanOrEqual(5)
    expect(codes.filter((code) => code === BUSY).length).toBeGreaterThanOrEqual(95)
  })

  it('that fails leaves the session anonymous', async () => {
    const client = await (await run(open)).connect()
    expect(await codeOf(client.bind(user, password))).toBe(0)
    expect(await client.whoAmI()).toBe(`dn:${user}`)
    for (const [dn, secret] of [
      [user, 'wrong'],
      [user, ''],
      ['not a dn', 'x'],
    ] as const) {
      expect(await codeOf(client.bind(dn, secret))).not.toBe(0)
      expect(await client.whoAmI()).toBe('')
      await client.bind(user, password)
    }
  })
})

describe('a cookie of paged results', () => {
  it('is good for its own search and asker alone, and cannot be forged', async () => {
    const url = await mariadbDatabase()
    await loadStaff(url, 30)
    const gateway = await runGateway(staffConfig(url, {}, { limits: open }))
    const elsewhere = await runGateway(staffConfig(url, {}, { limits: open }))
    const client = await gateway.connect()
    const page = async (
      cookie: Buffer,
      options: { filter?: string; base?: string; by?: LdapClient } = {},
    ) => {
      const stream = await (options.by ?? client).searchAll(options.base ?? people, {
        scope: 'singleLevel',
        ...(options.filter !== undefined && { filter: options.filter }),
        controls: [pagedResultsControl({ size: 10, cookie }, true)],
      })
      const control = findControl(stream.done.controls, controlType.pagedResults)
      return {
        entries: stream.entries,
        cookie: control ? parsePagedResults(control).cookie : Buffer.alloc(0),
      }
    }
    const first = await page(Buffer.alloc(0))
    const { cookie } = first
    expect(first.entries).toHaveLength(10)
    expect((await page(cookie)).entries.map(({ dn }) => dn)).not.toContain(first.entries[0]?.dn)
    expect((await page(cookie)).entries).toHaveLength(10)
    const bound = await gateway.connect()
    await bound.bind(user, password)
    const refused = [
      codeOf(page(cookie, { filter: '(uid=*)' })),
      codeOf(page(cookie, { base: suffix })),
      codeOf(page(cookie, { by: bound })),
      codeOf(page(cookie, { by: await elsewhere.connect() })),
      codeOf(page(cookie.subarray(1))),
      codeOf(page(cookie.subarray(0, -1))),
      codeOf(page(cookie.subarray(0, 16))),
      codeOf(page(cookie.subarray(16))),
      codeOf(page(Buffer.concat([cookie, Buffer.from(' ')]))),
      codeOf(page(Buffer.concat([Buffer.alloc(16), cookie.subarray(16)]))),
      codeOf(page(Buffer.concat([cookie.subarray(0, 16), Buffer.from('[0,0,"1 OR 1=1"]')]))),
      codeOf(page(randomBytes(40))),
      codeOf(page(randomBytes(100_000))),
    ]
    for (let i = 0; i < cookie.length; i++) {
      const forged = Buffer.from(cookie)
      forged[i] = (forged[i] ?? 0) ^ 1
      refused.push(codeOf(page(forged)))
    }
    expect(new Set(await Promise.all(refused))).toEqual(new Set([UNWILLING]))
    await gateway.close()
    await elsewhere.close()
  })
})
