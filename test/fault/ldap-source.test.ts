/** An LDAP server behind the gateway that dies, stalls and comes back: no wrong answer, and recovery by itself. */
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { LdapSourceOptions } from '../../src/sources/ldap/options.js'
import { read } from '../../src/sources/ldap/reader.js'
import { Upstream } from '../../src/sources/ldap/upstream.js'
import { Authority, type Certificate } from '../servers/authority.js'
import { type Slapd, startSlapd } from '../servers/slapd.js'

const suffix = 'dc=corp,dc=example'
const SIZE = 3000

let slapd: Slapd
let replica: Slapd
let authority: Authority
let certificate: Certificate
let gateway: Certificate
const open: Upstream[] = []

function ldif(note: string): string {
  const people = Array.from(
    { length: SIZE },
    (_, i) =>
      `dn: uid=u${i},${suffix}\nobjectClass: inetOrgPerson\nuid: u${i}\ncn: c\nsn: s\n` +
      `description: ${note}\nuserPassword: secret-${i}\n`,
  )
  const top = `dn: ${suffix}\nobjectClass: dcObject\nobjectClass: organization\ndc: corp\no: corp\n`
  return [top, ...people].join('\n')
}

beforeAll(async () => {
  authority = await Authority.make()
  ;[certificate, gateway] = await Promise.all([
    authority.issue({ names: ['IP:127.0.0.1'] }),
    authority.issue({ subject: `/CN=gateway` }),
  ])
  const globals = [
    `TLSCACertificateFile ${authority.cert}`,
    `TLSCertificateFile ${certificate.cert}`,
    `TLSCertificateKeyFile ${certificate.key}`,
    'TLSVerifyClient try',
    `authz-regexp "^cn=gateway$" "cn=admin,${suffix}"`,
  ]
  const config = ['index uid eq', 'limits dn.exact="uid=u1,dc=corp,dc=example" size=10']
  slapd = await startSlapd({ suffix, ldif: ldif('first'), globals, config })
  replica = await startSlapd({ suffix, ldif: ldif('replica'), config })
})

afterAll(async () => {
  await slapd.stop()
  await replica.stop()
  authority.remove()
})

afterEach(() => {
  for (const upstream of open.splice(0)) upstream.close()
})

function upstream(servers: readonly Slapd[], more: Partial<LdapSourceOptions> = {}): Upstream {
  const made = new Upstream({
    servers: servers.map(({ host, port }, priority) => ({
      host,
      port,
      security: 'none',
      priority,
      weight: 1,
    })),
    tls: { minVersion: 'TLSv1.2', verify: true },
    bind: { mechanism: 'simple', dn: slapd.rootDn, password: slapd.rootPassword },
    referrals: 'report',
    referralServers: [],
    pageSize: 500,
    connections: 4,
    streams: 4,
    binds: 4,
    sessions: 10,
    connectTimeout: 500,
    operationTimeout: 500,
    healthInterval: 1000,
    idleTimeout: 60_000,
    ...more,
  })
  open.push(made)
  return made
}

const all = {
  base: suffix,
  scope: 'wholeSubtree',
  filter: '(uid=*)',
  attributes: ['uid', 'description'],
} as const

type Readable = Parameters<typeof read>[0]

async function one(source: Readable): Promise<string | undefined> {
  const filter = '(uid=u7)'
  for await (const [entry] of read(source, { ...all, filter }))
    return entry?.attributes.find(({ type }) => type === 'description')?.values[0]?.toString()
  return undefined
}

async function count(source: Readable, pageSize = 100, onBatch?: (sum: number) => unknown): Promise<number> {
  const uids = new Set<string>()
  for await (const batch of read(source, { ...all, expected: SIZE, pageSize })) {
    for (const { dn } of batch) uids.add(dn)
    await onBatch?.(uids.size)
  }
  return uids.size
}

const told = (source: Upstream) => one(source).catch((error: { code: string }) => error.code)
const unavailable = { code: 'unavailable' }

describe('an OpenLDAP server', () => {
  it('is read whole, in pages, by several at a time', async () => {
    const source = upstream([slapd])
    expect(
      await Promise.all([count(source, 100), count(source, 33), count(source, 700), one(source)]),
    ).toEqual([SIZE, SIZE, SIZE, 'first'])
    expect((await source.capabilities()).namingContexts).toEqual([suffix])
  })

  it('says what it cuts short, and to whom', async () => {
    const source = upstream([slapd])
    const key = {}
    expect(await source.login(key, `uid=u1,${suffix}`, 'secret-1')).toBe(true)
    const session = source.session(key)
    if (session === undefined) throw new Error('no session')
    expect(await one(session)).toBe('first')
    await expect(count(session)).rejects.toMatchObject({ code: 'adminLimitExceeded' })
    await expect(count(source.onBehalfOf(`uid=u1,${suffix}`))).rejects.toMatchObject({
      code: 'adminLimitExceeded',
    })
    expect(await one(source.onBehalfOf(`uid=u2,${suffix}`))).toBe('first')
    expect(await source.verify(`uid=u1,${suffix}`, 'secret-1')).toBe(true)
    expect(await source.verify(`uid=u1,${suffix}`, 'secret-2')).toBe(false)
    expect(await source.verify(`uid=nobody,${suffix}`, 'secret-2')).toBe(false)
  })

  it('is reached by StartTLS, as whom the certificate of the gateway names', async () => {
    const tls = { minVersion: 'TLSv1.2', verify: true, ca: authority.cert, ...gateway } as const
    const servers = [
      { host: slapd.host, port: slapd.port, security: 'startTls', priority: 0, weight: 1 },
    ] as const
    const source = upstream([], { servers, tls, bind: { mechanism: 'external' } })
    expect(await source.use((client) => client.whoAmI())).toBe(`dn:cn=admin,${suffix}`)
    expect(await count(source)).toBe(SIZE)
    expect(await source.verify(`uid=u1,${suffix}`, 'secret-1')).toBe(true)
    // Another certificate of the same authority, from the next start on.
    const { cert, key } = await authority.issue({ names: ['IP:127.0.0.1'] })
    writeFileSync(certificate.cert, readFileSync(cert))
    writeFileSync(certificate.key, readFileSync(key))
    await slapd.restart()
    await expect.poll(() => told(source), { timeout: 8000 }).toBe('first')
    const stranger = upstream([], { servers, tls: { minVersion: 'TLSv1.2', verify: true } })
    await expect(one(stranger)).rejects.toMatchObject({ message: expect.stringMatching(/certificate/) })
  })
})

describe('a server that', () => {
  it('is killed in the middle of an answer leaves it no shorter than it says', async () => {
    const source = upstream([slapd])
    const killed = count(source, 100, (sum) => (sum === 300 ? slapd.kill() : undefined))
    await expect(killed).rejects.toMatchObject(unavailable)
    expect(await told(source)).toBe('unavailable')
    await expect(source.verify(`uid=u1,${suffix}`, 'secret-1')).rejects.toMatchObject(unavailable)
    await slapd.restart()
    await expect.poll(() => told(source), { timeout: 8000 }).toBe('first')
    expect(await count(source)).toBe(SIZE)
    expect(await source.verify(`uid=u1,${suffix}`, 'secret-1')).toBe(true)
  })

  it('stalls is unavailable in time, then at once, and there again when it goes on', async () => {
    const source = upstream([slapd])
    expect(await one(source)).toBe('first')
    slapd.pause()
    try {
      const start = performance.now()
      await expect(count(source)).rejects.toMatchObject(unavailable)
      expect(performance.now() - start).toBeLessThan(1500)
      await expect.poll(() => told(source)).toBe('unavailable')
      await sleep(600)
      const next = performance.now()
      expect(await told(source)).toBe('unavailable')
      await expect(count(source)).rejects.toMatchObject(unavailable)
      await expect(source.verify(`uid=u1,${suffix}`, 'secret-1')).rejects.toMatchObject(unavailable)
      expect(performance.now() - next).toBeLessThan(200)
    } finally {
      slapd.resume()
    }
    await expect.poll(() => told(source), { timeout: 8000 }).toBe('first')
    expect(await count(source)).toBe(SIZE)
  })

  it('stalls or dies is replaced by the next one, and takes its place again', async () => {
    const source = upstream([slapd, replica])
    expect(await one(source)).toBe('first')
    slapd.pause()
    try {
      await expect.poll(() => told(source), { timeout: 5000 }).toBe('replica')
      expect(await count(source)).toBe(SIZE)
    } finally {
      slapd.resume()
    }
    await expect.poll(() => told(source), { timeout: 8000 }).toBe('first')
    await slapd.kill()
    expect(await told(source)).toBe('replica')
    await slapd.restart()
    await expect.poll(() => told(source), { timeout: 8000 }).toBe('first')
  })

  it('is restarted again and again while it is asked costs no connection, and nobody a wrong answer', async () => {
    const source = upstream([slapd], { operationTimeout: 2000 })
    let isOver = false
    const answers = new Set<unknown>()
    const counts = new Set<unknown>()
    const asking = Array.from({ length: 8 }, async (_, i) => {
      while (!isOver) {
        if (i < 6) answers.add(await told(source))
        else counts.add(await count(source).catch((error: { code: string }) => error.code))
        await sleep(1)
      }
    })
    for (let i = 0; i < 3; i++) {
      await sleep(200)
      if (i > 0) await slapd.kill()
      await slapd.restart()
      await expect.poll(() => told(source), { timeout: 8000 }).toBe('first')
    }
    isOver = true
    await Promise.all(asking)
    expect([...answers].filter((answer) => answer !== 'unavailable')).toEqual(['first'])
    expect([...counts].filter((answer) => answer !== 'unavailable')).toEqual([SIZE])
    expect(source.connections).toBeLessThanOrEqual(8)
    source.close()
    await expect.poll(() => source.connections).toBe(0)
  })
})
