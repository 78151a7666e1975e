/** Encrypted connections to LDAP servers: only to those whose certificate is good, and with the files as they are now. */
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer, type TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createLdapServer, encodeMessage } from '../../../../src/ldap/index.js'
import type { LdapServerOptions, LdapTlsOptions } from '../../../../src/sources/ldap/options.js'
import type { Upstream } from '../../../../src/sources/ldap/upstream.js'
import { Authority, type Certificate } from '../../../servers/authority.js'
import { makeScratch, removeScratch } from '../../../servers/scratch.js'
import { startRaw } from './raw.js'
import { Started } from './serving.js'

const started = new Started()
let ours: Authority
let theirs: Authority
let good: Certificate
let folder: string

beforeAll(async () => {
  folder = makeScratch(undefined)
  ;[ours, theirs] = await Promise.all([Authority.make('ours'), Authority.make('theirs')])
  good = await ours.issue({ names: ['DNS:ldap.example.net', 'IP:127.0.0.1'] })
})

afterAll(() => {
  ours.remove()
  theirs.remove()
  removeScratch(folder)
})

afterEach(() => started.end())

const read = ({ cert, key }: Certificate) => ({ cert: readFileSync(cert), key: readFileSync(key) })

/** An LDAP server behind TLS that says who the client is by its certificate. */
async function serving(certificate: Certificate, more: object = {}, port = 0) {
  const ldap = createLdapServer({
    bind: ({ authentication }) => ({
      code: authentication.mechanism === 'sasl' && authentication.sasl === 'EXTERNAL' ? 0 : 49,
    }),
    extended: (_, { connection }) => ({
      code: 0,
      value: Buffer.from(names.get(connection.remotePort) ?? ''),
    }),
  })
  const names = new Map<number, string>()
  const sockets = new Set<TLSSocket>()
  const server = createServer({ ...read(certificate), ...more }, (socket: TLSSocket) => {
    names.set(socket.remotePort ?? 0, String(socket.getPeerCertificate().subject?.CN ?? ''))
    sockets.add(socket)
    ldap.accept(socket, true)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  started.add(async () => {
    await ldap.close({ graceMs: 0 })
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return { server, cut, port: address.port }
}

const defaults = { minVersion: 'TLSv1.2', verify: true } as const

function upstream(
  port: number,
  tls: Partial<LdapTlsOptions>,
  more: Partial<LdapServerOptions> = {},
): Upstream {
  return started.upstream([], {
    servers: [{ host: '127.0.0.1', port, security: 'ldaps', priority: 0, weight: 1, ...more }],
    tls: { ...defaults, ...tls },
    bind: { mechanism: 'external' },
  })
}

const who = (source: Upstream) => source.use((client) => client.whoAmI())
const told = (text: string | RegExp) => ({ code: 'unavailable', message: expect.stringMatching(text) })

describe('a server whose certificate', () => {
  it('is signed by the CA and for its address or name is connected to', async () => {
    const { port } = await serving(good)
    await expect(who(upstream(port, { ca: ours.cert }))).resolves.toBe('')
    await expect(who(upstream(port, { ca: ours.cert, serverName: 'ldap.example.net' }))).resolves.toBe('')
  })

  it('is for another name or address is not', async () => {
    const { port } = await serving(good)
    await expect(
      who(upstream(port, { ca: ours.cert, serverName: 'other.example.net' })),
    ).rejects.toMatchObject(told(/certificate is for another name/))
    const named = await serving(await ours.issue({ names: ['DNS:ldap.example.net'] }))
    await expect(who(upstream(named.port, { ca: ours.cert }))).rejects.toMatchObject(told(/for another name/))
  })

  it('is signed by somebody else, or by nobody known, is not', async () => {
    const { port } = await serving(good)
    await expect(who(upstream(port, { ca: theirs.cert }))).rejects.toMatchObject(
      told(/not trusted|not signed by/),
    )
    await expect(who(upstream(port, {}))).rejects.toMatchObject(told(/not trusted|not signed by/))
  })

  it('has expired is not', async () => {
    const { port } = await serving(await ours.issue({ names: ['IP:127.0.0.1'], days: -1 }))
    await expect(who(upstream(port, { ca: ours.cert }))).rejects.toMatchObject(told(/has expired/))
  })

  it('is not asked for may be any', async () => {
    const { port } = await serving(await theirs.issue({ names: ['DNS:x'], days: -1 }))
    await expect(who(upstream(port, { verify: false }))).resolves.toBe('')
  })

  it('was replaced by one of the same CA is connected to as before', async () => {
    const { server, cut, port } = await serving(good)
    const source = upstream(port, { ca: ours.cert })
    await who(source)
    server.setSecureContext(read(await ours.issue({ names: ['IP:127.0.0.1'] })))
    cut()
    await expect.poll(() => who(source).catch(() => 'away')).toBe('')
  })

  it('was replaced by one of another CA is connected to as soon as the file says so', async () => {
    const ca = join(folder, 'ca.pem')
    copyFileSync(ours.cert, ca)
    const { server, cut, port } = await serving(good)
    const source = upstream(port, { ca })
    await who(source)
    server.setSecureContext(read(await theirs.issue({ names: ['IP:127.0.0.1'] })))
    cut()
    await expect(who(source)).rejects.toMatchObject(told(/not trusted|not signed by/))
    copyFileSync(theirs.cert, ca)
    await expect.poll(() => who(source).catch(() => 'away'), { timeout: 5000 }).toBe('')
  })
})

describe('an encrypted connection', () => {
  it('is that of the gateway, by its own certificate', async () => {
    const client = await ours.issue({ subject: '/CN=gateway' })
    const { port } = await serving(good, { requestCert: true, ca: readFileSync(ours.cert) })
    await expect(who(upstream(port, { ca: ours.cert, ...client }))).resolves.toBe('gateway')
    await expect(who(upstream(port, { ca: ours.cert }))).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('is of a version that is allowed, or none', async () => {
    const { port } = await serving(good, { maxVersion: 'TLSv1.2' })
    await expect(who(upstream(port, { ca: ours.cert }))).resolves.toBe('')
    await expect(who(upstream(port, { ca: ours.cert, minVersion: 'TLSv1.3' }))).rejects.toMatchObject(
      told(/version/),
    )
  })

  it('is not made with files that cannot be read, which are named', async () => {
    const { port } = await serving(good)
    const ca = join(folder, 'missing.pem')
    await expect(who(upstream(port, { ca }))).rejects.toMatchObject(told(/CA file .*missing\.pem.*ENOENT/))
  })

  it('is not waited for longer than connecting may take', async () => {
    const raw = await startRaw(started, () => undefined)
    const start = performance.now()
    await expect(who(upstream(raw.port, { ca: ours.cert }))).rejects.toMatchObject(told(/within 1000 ms/))
    expect(performance.now() - start).toBeLessThan(1500)
    await expect.poll(() => raw.open.size).toBe(0)
  })

  it('is not begun where the server does not speak TLS', async () => {
    const raw = await startRaw(
      started,
      () => undefined,
      0,
      (socket) => socket.end('no TLS here\r\n'),
    )
    await expect(who(upstream(raw.port, { ca: ours.cert }))).rejects.toMatchObject(told(/does not speak TLS/))
  })
})

describe('StartTLS', () => {
  const answer = (messageId: number, code: number) =>
    encodeMessage({ op: 'extendedResponse', messageId, code, matchedDN: '', message: '', controls: [] })

  it('that is refused is no connection, and no password goes there', async () => {
    const raw = await startRaw(started, ({ messageId }, socket) => socket.write(answer(messageId, 52)))
    const source = upstream(raw.port, {}, { security: 'startTls' })
    await expect(who(source)).rejects.toMatchObject(told(/does not start TLS/))
    expect(raw.received.map(({ op }) => op)).toEqual(['extendedRequest'])
    await expect.poll(() => raw.open.size).toBe(0)
  })

  it('with something said in clear behind it is no connection', async () => {
    const raw = await startRaw(started, ({ messageId }, socket) =>
      socket.write(Buffer.concat([answer(messageId, 0), answer(messageId, 0)])),
    )
    await expect(who(upstream(raw.port, {}, { security: 'startTls' }))).rejects.toMatchObject(
      told(/in clear/),
    )
    await expect.poll(() => raw.open.size).toBe(0)
  })
})
