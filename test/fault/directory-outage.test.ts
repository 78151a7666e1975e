/**
 * The directory behind the gateway is away, dies in the middle of answers, freezes or comes back: clients of both faces are
 * told so in time, never that there is nothing, and all goes on without a restart of the gateway.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayInput } from '../../src/index.js'
import { type Slapd, startSlapd } from '../servers/slapd.js'
import { codeOf, eventually, type Outcome, outcomeOf, type Reachable, runGateway } from './running.js'

const [TIME_LIMIT, INVALID_CREDENTIALS, BUSY, UNAVAILABLE] = [3, 49, 51, 52]
const COUNT = 2000
const suffix = 'dc=example,dc=com'
const people = `ou=people,${suffix}`
const user = `uid=user.1,${people}`
const password = 'secret-1'

const upstream = `dc=corp
objectClass: domain
dc: corp
`

function ldif(): string {
  const entries = Array.from(
    { length: COUNT },
    (_, i) =>
      `dn: uid=user.${i},dc=corp\nobjectClass: inetOrgPerson\nuid: user.${i}\ncn: User ${i}\nsn: ${i}\nuserPassword: secret-${i}\n`,
  )
  return [`dn: ${upstream}`, ...entries].join('\n')
}

let slapd: Slapd
let gateways: Reachable[] = []
let paused = false

beforeAll(async () => {
  slapd = await startSlapd({ suffix: 'dc=corp', ldif: ldif(), config: ['index uid eq'] })
})
afterAll(async () => {
  await slapd?.stop()
})
afterEach(async () => {
  if (paused) slapd.resume()
  paused = false
  await Promise.all(gateways.map((gateway) => gateway.close()))
  gateways = []
  await slapd.restart()
})

function config(times: object = {}): GatewayInput {
  return {
    suffix,
    listen: { ldap: 0 },
    log: { level: 'silent' },
    sources: {
      corp: {
        type: 'ldap',
        url: slapd.url,
        bindDn: slapd.rootDn,
        password: slapd.rootPassword,
        connectTimeout: '2s',
        ...times,
      },
    },
    access: [{ who: 'anonymous', views: '*' }],
    views: [
      {
        view: 'people',
        source: 'corp',
        from: 'dc=corp??one?(objectClass=inetOrgPerson)',
        writable: true,
        uuid: 'entryUUID',
        attributes: { uid: 'uid', cn: 'cn', sn: 'sn' },
        authentication: 'source',
        ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
      },
    ],
  }
}

async function run(times?: object): Promise<Reachable> {
  const gateway = await runGateway(config(times))
  gateways.push(gateway)
  return gateway
}

describe('a directory', () => {
  it('down at the start: clients hear `unavailable` until it comes, and then everything', async () => {
    await slapd.kill()
    const client = await (await run()).connect()
    expect(await outcomeOf(client, people)).toMatchObject({ code: UNAVAILABLE, entries: 0 })
    expect(await outcomeOf(client, user, { scope: 'baseObject' })).toMatchObject({ code: UNAVAILABLE })
    expect(await codeOf(client.compare(user, 'sn', '1'))).toBe(UNAVAILABLE)
    expect(await codeOf(client.bind(user, password))).toBe(UNAVAILABLE)
    expect(await codeOf(client.bind(user, 'wrong'))).toBe(UNAVAILABLE)
    expect(await outcomeOf(client, '', { scope: 'baseObject' })).toMatchObject({ code: 0, entries: 1 })
    await slapd.restart()
    await eventually(
      8000,
      () => outcomeOf(client, people),
      ({ code, entries }) => code === 0 && entries === COUNT,
    )
    expect(await codeOf(client.bind(user, password))).toBe(0)
  })

  it('killed in mid-answer, again and again: no answer is cut short, none hangs, and all comes back', async () => {
    const gateway = await run({ operationTimeout: '3s' })
    const clients = await Promise.all(Array.from({ length: 8 }, () => gateway.connect()))
    const outcomes: Outcome[] = []
    let working = true
    const load = clients.map(async (client, i) => {
      while (working) {
        const one = { filter: `(uid=user.${i})` }
        outcomes.push(await (i % 2 === 0 ? outcomeOf(client, people) : outcomeOf(client, people, one)))
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })
    const other = await gateway.connect()
    const all = { code: 0, entries: COUNT }
    for (let round = 0; round < 3; round++) {
      await eventually(
        10_000,
        () => outcomeOf(other, people),
        ({ code }) => code === 0,
      )
      await slapd.kill()
      const down = await outcomeOf(other, people)
      expect(down).toMatchObject({ code: UNAVAILABLE })
      expect(down.ms).toBeLessThan(4000)
      await slapd.restart()
      await eventually(
        10_000,
        () => outcomeOf(other, people),
        ({ code }) => code === 0,
      )
      expect(await outcomeOf(other, people)).toMatchObject(all)
    }
    working = false
    await Promise.all(load)
    const strange = outcomes.filter(({ code, entries, ms }) =>
      code === 0
        ? entries !== COUNT && entries !== 1
        : ![TIME_LIMIT, BUSY, UNAVAILABLE].includes(code) || ms > 8000,
    )
    expect(strange).toEqual([])
    expect(outcomes.some(({ code }) => code === UNAVAILABLE)).toBe(true)
    expect(outcomes.some(({ code }) => code === 0)).toBe(true)
  })

  it('a bind while it is away is `unavailable`, never invalidCredentials', async () => {
    const client = await (await run()).connect()
    expect(await codeOf(client.bind(user, password))).toBe(0)
    expect(await codeOf(client.bind(user, 'wrong'))).toBe(INVALID_CREDENTIALS)
    await slapd.kill()
    const codes = []
    for (let i = 0; i < 5; i++) codes.push(await codeOf(client.bind(user, i % 2 === 0 ? password : 'wrong')))
    expect(codes).toEqual(Array(5).fill(UNAVAILABLE))
    await slapd.restart()
    await eventually(
      8000,
      () => codeOf(client.bind(user, password)),
      (code) => code === 0,
    )
    expect(await codeOf(client.bind(user, 'wrong'))).toBe(INVALID_CREDENTIALS)
  })

  it('frozen for longer than an operation may take: told in time, and served again when it thaws', async () => {
    const gateway = await run({ operationTimeout: '1s', connectTimeout: '1s' })
    const clients = await Promise.all(Array.from({ length: 12 }, () => gateway.connect()))
    const ask = () =>
      Promise.all(clients.map((client, i) => outcomeOf(client, people, { filter: `(uid=user.${i})` })))
    expect((await ask()).map(({ entries }) => entries)).toEqual(Array(12).fill(1))
    slapd.pause()
    paused = true
    for (const { code, entries, ms } of await ask()) {
      expect([UNAVAILABLE, BUSY, TIME_LIMIT]).toContain(code)
      expect(entries).toBe(0)
      expect(ms).toBeLessThan(5000)
    }
    slapd.resume()
    paused = false
    await eventually(8000, ask, (outcomes) =>
      outcomes.every(({ code, entries }) => code === 0 && entries === 1),
    )
  })
})
