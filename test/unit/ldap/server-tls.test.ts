/** TLS at the server: from the first octet, by StartTLS (RFC 4511 4.14), with certificates of clients, and what is refused without. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectSocket, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startTls } from '../../../src/ldap/client-tls.js'
import { decodeMessage } from '../../../src/ldap/decode.js'
import {
  type Connection,
  createLdapServer,
  encodeMessage,
  Framer,
  LdapClient,
  type LdapHandlers,
  type LdapMessage,
  type LdapServerOptions,
  type ListenOptions,
  type ServerTlsOptions,
  sessionOperation,
} from '../../../src/ldap/index.js'
import { Authority } from '../../servers/authority.js'
import { bind, NOTICE_OF_DISCONNECTION, search, Wire } from './wire.js'

const success = { code: 0 }
let authority: Authority
let stranger: Authority
let tls: ServerTlsOptions
let cleanUp: (() => unknown)[] = []

const issued = async (by: Authority, options: Parameters<Authority['issue']>[0]) => {
  const { cert, key } = await by.issue(options)
  return { cert: readFileSync(cert), key: readFileSync(key) }
}

beforeAll(async () => {
  authority = await Authority.make()
  stranger = await Authority.make('Somebody else')
  tls = await issued(authority, { names: ['DNS:localhost', 'IP:127.0.0.1'] })
})

afterAll(() => {
  authority.remove()
  stranger.remove()
})

afterEach(async () => {
  for (const step of cleanUp.reverse()) await step()
  cleanUp = []
})

interface Started {
  readonly port: number
  readonly server: ReturnType<typeof createLdapServer>
  readonly seen: LdapMessage[]
  readonly connections: Connection[]
  readonly complaints: string[]
}

async function start(
  options: LdapServerOptions = {},
  listen: ListenOptions = {},
  handlers: Partial<LdapHandlers> = {},
): Promise<Started> {
  const seen: LdapMessage[] = []
  const connections: Connection[] = []
  const complaints: string[] = []
  const server = createLdapServer(
    {
      bind: (request, op) => {
        seen.push(request)
        op.connection.state = request.name
        return success
      },
      search: (request) => {
        seen.push(request)
        return success
      },
      extended: (request, op) => {
        seen.push(request)
        return { code: 0, value: Buffer.from(String(op.connection.state ?? 'nobody')) }
      },
      onConnection: (connection) => connections.push(connection),
      ...handlers,
    },
    { tls, onClientError: (error) => complaints.push(error.message), ...options },
  )
  cleanUp.push(() => server.close({ graceMs: 0 }))
  const { port } = await server.listen(0, '127.0.0.1', listen)
  return { port, server, seen, connections, complaints }
}

async function plain(port: number): Promise<Socket> {
  const socket = connectSocket({ port, host: '127.0.0.1', noDelay: true })
  socket.on('error', () => {})
  cleanUp.push(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

const trusted = (): ConnectionOptions => ({ ca: readFileSync(authority.cert), servername: 'localhost' })

async function encrypted(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connectTls({ port, host: '127.0.0.1', ...trusted(), ...options })
  cleanUp.push(() => socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

async function client(socket: Socket): Promise<LdapClient> {
  const found = await LdapClient.connect({ socket: async () => socket, timeoutMs: 5000 })
  cleanUp.push(() => found.close())
  return found
}

const overStartTls = async (port: number, options: ConnectionOptions = {}) =>
  client(await startTls(await plain(port), { ...trusted(), ...options }))

const startTlsRequest = (messageId: number, value?: Buffer): LdapMessage => ({
  op: 'extendedRequest',
  messageId,
  name: sessionOperation.startTls,
  ...(value && { value }),
  controls: [],
})

const closed = (socket: Socket) =>
  socket.destroyed ? undefined : new Promise<void>((resolve) => socket.once('close', () => resolve()))

describe('ldaps', () => {
  it('is encrypted from the first octet, and says so', async () => {
    const { port, connections } = await start({}, { secure: true })
    const ldap = await client(await encrypted(port))
    await ldap.bind('cn=ann', 'secret')
    expect(await ldap.whoAmI()).toBe('cn=ann')
    expect(connections).toMatchObject([{ secure: true, certificate: undefined, remoteAddress: '127.0.0.1' }])
  })

  it('takes large messages and answers, both ways', async () => {
    const value = Buffer.alloc(3_000_000, 'x')
    const { port } = await start(
      { maxPduBytes: 4 << 20 },
      { secure: true },
      {
        extended: (request) => ({ code: 0, ...(request.value && { value: request.value }) }),
      },
    )
    const ldap = await client(await encrypted(port))
    await ldap.bind('cn=ann', 'secret')
    expect((await ldap.extended('1.2.3', value)).value?.equals(value)).toBe(true)
  })

  it('tells those who speak in clear nothing, and goes on with others', async () => {
    const { port, complaints, server } = await start({}, { secure: true })
    const wire = await Wire.connect(port)
    wire.send(search(1, '(objectClass=*)', ''))
    await wire.closed
    expect(wire.received).toEqual([])
    expect(complaints).toHaveLength(1)
    expect(await (await client(await encrypted(port))).whoAmI()).toBe('nobody')
    expect(server.connections).toBe(1)
  })

  it('closes in order', async () => {
    const { port, server } = await start({}, { secure: true })
    const socket = await encrypted(port)
    const notices: LdapMessage[] = []
    const framer = new Framer()
    socket.on('data', (chunk: Buffer) => {
      framer.push(chunk)
      while (framer.next())
        notices.push(decodeMessage(Buffer.from(framer.buffer.subarray(framer.start, framer.end))))
    })
    await (await import('node:timers/promises')).setTimeout(50)
    await server.close({ graceMs: 0 })
    await closed(socket)
    expect(notices).toMatchObject([{ messageId: 0, name: NOTICE_OF_DISCONNECTION, code: 52 }])
  })
})

describe('StartTLS', () => {
  it('encrypts what follows, and forgets who was bound', async () => {
    const { port, connections } = await start()
    const socket = await plain(port)
    const wire = Buffer.concat([encodeMessage(bind(1, 'cn=ann', 'secret'))])
    socket.write(wire)
    await once(socket, 'data')
    const ldap = await client(await startTls(socket, trusted()))
    expect(await ldap.whoAmI()).toBe('nobody')
    expect(connections[0]).toMatchObject({ secure: true, state: undefined })
    await ldap.bind('cn=bob', 'secret')
    expect(await ldap.whoAmI()).toBe('cn=bob')
  })

  it('is answered with its own name', async () => {
    const { port } = await start()
    const wire = await Wire.connect(port)
    wire.send(startTlsRequest(7))
    expect(await wire.messages(1)).toMatchObject([
      { op: 'extendedResponse', messageId: 7, code: 0, name: sessionOperation.startTls },
    ])
    wire.destroy()
  })

  it('drops what was said in clear behind the request: whole messages and halves', async () => {
    for (const behind of [
      encodeMessage(search(2)),
      encodeMessage(search(2)).subarray(0, 9),
      Buffer.concat([
        encodeMessage(bind(2, 'cn=mallory', 'x')),
        encodeMessage(search(3)),
        Buffer.from([0x30]),
      ]),
    ]) {
      const { port, seen } = await start()
      const socket = await plain(port)
      const answered = once(socket, 'data')
      socket.write(Buffer.concat([encodeMessage(startTlsRequest(1)), behind]))
      const [answer] = await answered
      const { length } = answer as Buffer
      expect(decodeMessage(answer as Buffer)).toMatchObject({ messageId: 1, code: 0 })
      expect((answer as Buffer).subarray(1, 6)).toEqual(Buffer.from([0x84, 0, 0, 0, length - 6]))
      const secure = connectTls({ socket, ...trusted() })
      await once(secure, 'secureConnect')
      expect(await (await client(secure)).whoAmI()).toBe('nobody')
      expect(seen.map((message) => message.op)).toEqual(['extendedRequest'])
    }
  })

  it('ends the connection where something else than TLS follows', async () => {
    const { port, complaints, seen } = await start()
    const wire = await Wire.connect(port)
    wire.send(startTlsRequest(1))
    await wire.messages(1)
    wire.send(search(2))
    await wire.closed
    expect(seen).toEqual([])
    expect(wire.received).toHaveLength(1)
    expect(complaints).toHaveLength(1)
  })

  it('is refused while operations are outstanding, a second time, and with a value', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const { port } = await start({}, {}, { search: async () => held.then(() => success) })
    const wire = await Wire.connect(port)
    wire.send(search(1), startTlsRequest(2), startTlsRequest(3, Buffer.from('x')))
    expect(await wire.messages(2)).toMatchObject([
      { messageId: 2, code: 1 },
      { messageId: 3, code: 2 },
    ])
    release()
    expect((await wire.messages(3))[2]).toMatchObject({ messageId: 1, code: 0 })
    wire.destroy()
    const ldap = await overStartTls(port)
    await expect(ldap.extended(sessionOperation.startTls)).rejects.toMatchObject({ code: 1 })
    expect(await ldap.whoAmI()).toBe('nobody')
  })

  it('waits for answers that the client has not read yet', async () => {
    const big = Buffer.alloc(2_000_000, 'x')
    const { port } = await start({}, {}, { extended: () => ({ code: 0, value: big }) })
    const socket = await plain(port)
    socket.pause()
    socket.write(
      Buffer.concat([
        encodeMessage({ op: 'extendedRequest', messageId: 1, name: '1.2.3', controls: [] }),
        encodeMessage(startTlsRequest(2)),
      ]),
    )
    const framer = new Framer()
    const answers: LdapMessage[] = []
    await new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        framer.push(chunk)
        while (framer.next())
          answers.push(decodeMessage(Buffer.from(framer.buffer.subarray(framer.start, framer.end))))
        if (answers.length === 2) resolve()
      })
      socket.resume()
    })
    expect(answers).toMatchObject([{ messageId: 1 }, { messageId: 2, code: 0 }])
    socket.removeAllListeners('data')
    const secure = connectTls({ socket, ...trusted() })
    await once(secure, 'secureConnect')
    expect((await (await client(secure)).extended('1.2.3')).value?.equals(big)).toBe(true)
  })

  it('is an unknown operation where there is no certificate', async () => {
    const server = createLdapServer({})
    cleanUp.push(() => server.close({ graceMs: 0 }))
    const { port } = await server.listen(0)
    await expect((await client(await plain(port))).extended(sessionOperation.startTls)).rejects.toMatchObject(
      {
        code: 2,
      },
    )
    await expect(server.listen(0, '127.0.0.1', { secure: true })).rejects.toThrow(/without TLS/)
    await expect(server.listen(0, '127.0.0.1', { requireTls: true })).rejects.toThrow(/without TLS/)
  })

  it('is ended by a client that leaves in the middle of it, and by the end of the server', async () => {
    const { port, server, connections } = await start()
    for (const leave of [true, false]) {
      const wire = await Wire.connect(port)
      wire.send(startTlsRequest(1))
      await wire.messages(1)
      if (leave) wire.destroy()
      else await Promise.all([server.close({ graceMs: 10_000 }), wire.closed])
    }
    expect(connections).toHaveLength(2)
    expect(server.connections).toBe(0)
  })
})

describe('requireTls', () => {
  it('leaves but StartTLS, the root DSE and unbind', async () => {
    const { port, seen } = await start({}, { requireTls: true })
    const wire = await Wire.connect(port)
    wire.send(
      bind(1, 'cn=ann', 'secret'),
      bind(2),
      search(3),
      search(4, '(objectClass=*)', ''),
      { op: 'extendedRequest', messageId: 5, name: '1.3.6.1.4.1.4203.1.11.3', controls: [] },
      { ...search(6, '(objectClass=*)', ''), scope: 'baseObject' } as LdapMessage,
      { op: 'delRequest', messageId: 7, entry: 'cn=x', controls: [] },
      startTlsRequest(8),
    )
    expect((await wire.messages(8)).map((m) => ('code' in m ? m.code : -1))).toEqual([
      13, 13, 13, 13, 13, 0, 13, 0,
    ])
    expect(seen).toHaveLength(1)
    wire.destroy()
    const ldap = await overStartTls(port)
    await ldap.bind('cn=ann', 'secret')
    expect(await ldap.whoAmI()).toBe('cn=ann')
  })
})

describe('certificates of clients', () => {
  const listening = (clientCertificates: 'request' | 'require') =>
    start({ tls: { ...tls, ca: readFileSync(authority.cert), clientCertificates } }, { secure: true })

  it('are told where they are good, and are none where they are not', async () => {
    const { port, connections } = await listening('request')
    const good = await issued(authority, { subject: '/O=tests/CN=ann' })
    const expired = await issued(authority, { subject: '/O=tests/CN=ann', days: -1 })
    const foreign = await issued(stranger, { subject: '/O=tests/CN=ann' })
    for (const shown of [good, {}, expired, foreign])
      await (await client(await encrypted(port, shown))).whoAmI()
    expect(connections.map((c) => c.certificate?.subject)).toEqual([
      'O=tests\nCN=ann',
      undefined,
      undefined,
      undefined,
    ])
    const ldap = await startTls(
      await plain(
        (await start({ tls: { ...tls, ca: readFileSync(authority.cert), clientCertificates: 'request' } }))
          .port,
      ),
      {
        ...trusted(),
        ...good,
      },
    )
    expect(await (await client(ldap)).whoAmI()).toBe('nobody')
  })

  it('may be required: whoever has none that is good does not get in', async () => {
    const { port, connections, complaints } = await listening('require')
    const good = await issued(authority, { subject: '/CN=ann' })
    const expired = await issued(authority, { subject: '/CN=ann', days: -1 })
    const foreign = await issued(stranger, { subject: '/CN=ann' })
    for (const minVersion of ['TLSv1.2', 'TLSv1.3'] as const)
      for (const shown of [{}, expired, foreign]) {
        const socket = connectTls({
          port,
          host: '127.0.0.1',
          ...trusted(),
          ...shown,
          minVersion,
          maxVersion: minVersion,
        })
        socket.on('error', () => {})
        socket.write(encodeMessage(search(1)))
        await closed(socket)
      }
    expect(connections).toEqual([])
    expect(complaints).toHaveLength(6)
    expect(await (await client(await encrypted(port, good))).whoAmI()).toBe('nobody')
  })

  it('are not asked for without saying who signs them', async () => {
    expect(() => createLdapServer({}, { tls: { ...tls, clientCertificates: 'request' } })).toThrow(
      /ca is missing/,
    )
  })

  it('stay known when a client resumes its session', async () => {
    const { port, connections } = await listening('require')
    const good = await issued(authority, { subject: '/CN=ann' })
    let session: Buffer | undefined
    for (const round of [1, 2]) {
      const socket = await encrypted(port, {
        ...good,
        maxVersion: 'TLSv1.2',
        ...(session && { session }),
      })
      session = socket.getSession()
      expect(socket.isSessionReused()).toBe(round === 2)
      expect(await (await client(socket)).whoAmI()).toBe('nobody')
    }
    expect(connections.map((c) => c.certificate?.subject)).toEqual(['CN=ann', 'CN=ann'])
  })
})

describe('versions and replacement', () => {
  it('speaks no version below the least', async () => {
    const { port } = await start({ tls: { ...tls, minVersion: 'TLSv1.3' } }, { secure: true })
    await expect(encrypted(port, { maxVersion: 'TLSv1.2' })).rejects.toThrow(/version/)
    expect((await encrypted(port)).getProtocol()).toBe('TLSv1.3')
  })

  it('shows a new certificate to those who come after it was replaced, and keeps the old where the new is of no use', async () => {
    const { port, server } = await start({}, { secure: true })
    const before = await client(await encrypted(port))
    const serial = async () => (await encrypted(port)).getPeerCertificate().subject.CN
    const renewed = await issued(authority, { names: ['DNS:localhost'], subject: '/CN=renewed' })
    server.replaceTls(renewed)
    expect(await serial()).toBe('renewed')
    expect(() => server.replaceTls({ cert: renewed.cert, key: tls.key })).toThrow()
    expect(() => server.replaceTls({ cert: 'nonsense', key: 'nonsense' })).toThrow()
    expect(await serial()).toBe('renewed')
    expect(await before.whoAmI()).toBe('nobody')
  })

  it('is not made with a key that does not fit', async () => {
    const other = await issued(authority, {})
    expect(() => createLdapServer({}, { tls: { cert: tls.cert, key: other.key } })).toThrow()
  })
})
