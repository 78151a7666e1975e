/** How clients reach the server: through proxies that say for whom, no more from one address than may be, in time. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectSocket, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  createLdapServer,
  encodeMessage,
  LdapClient,
  type LdapHandlers,
  type LdapServerOptions,
  type ListenOptions,
  type ServerTlsOptions,
  sessionOperation,
} from '../../../src/ldap/index.js'
import { Authority } from '../../servers/authority.js'
import { NOTICE_OF_DISCONNECTION, search, Wire } from './wire.js'

const header = 'PROXY TCP4 192.0.2.7 198.51.100.2 56520 389\r\n'
let authority: Authority
let tls: ServerTlsOptions
let cleanUp: (() => unknown)[] = []

beforeAll(async () => {
  authority = await Authority.make()
  const { cert, key } = await authority.issue({ names: ['DNS:localhost'] })
  tls = { cert: readFileSync(cert), key: readFileSync(key) }
})

afterAll(() => authority.remove())

afterEach(async () => {
  for (const step of cleanUp.reverse()) await step()
  cleanUp = []
})

async function start(options: LdapServerOptions, listen: ListenOptions = {}, handlers: LdapHandlers = {}) {
  const complaints: { message: string; from: string }[] = []
  const server = createLdapServer(
    {
      search: (_request, op) => ({
        code: 0,
        message: `${op.connection.remoteAddress}:${op.connection.remotePort}`,
      }),
      ...handlers,
    },
    {
      tls,
      onClientError: ({ message }, client) => complaints.push({ message, from: client.remoteAddress }),
      ...options,
    },
  )
  cleanUp.push(() => server.close({ graceMs: 0 }))
  const { port } = await server.listen(0, '127.0.0.1', listen)
  const connect = async () => {
    const wire = await Wire.connect(port)
    cleanUp.push(() => wire.destroy())
    return wire
  }
  return { server, port, connect, complaints }
}

async function raw(port: number): Promise<Socket> {
  const socket = connectSocket({ port, host: '127.0.0.1', noDelay: true })
  socket.on('error', () => {})
  cleanUp.push(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))
const ca = () => ({ ca: readFileSync(authority.cert), servername: 'localhost' })

describe('proxies', () => {
  const proxies = ['10.0.0.0/8', '127.0.0.1', '::1/128']

  it('say who the client is, in one piece with the first request or octet by octet', async () => {
    const { connect } = await start({ proxies })
    const atOnce = await connect()
    atOnce.send(Buffer.from(header), search(1))
    expect(await atOnce.messages(1)).toMatchObject([{ message: '192.0.2.7:56520' }])
    const slowly = await connect()
    for (const octet of Buffer.from(header)) {
      slowly.send(Buffer.from([octet]))
      await new Promise((resolve) => setImmediate(resolve))
    }
    slowly.send(search(1))
    expect(await slowly.messages(1)).toMatchObject([{ message: '192.0.2.7:56520' }])
  })

  it('may speak for themselves', async () => {
    const { connect } = await start({ proxies })
    const wire = await connect()
    wire.send(Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex'), search(1))
    const [answer] = await wire.messages(1)
    expect(answer).toMatchObject({ message: `127.0.0.1:${wire.socket.localPort}` })
  })

  it('come before TLS, from the first octet and by StartTLS', async () => {
    for (const secure of [true, false]) {
      const { port } = await start({ proxies }, { secure })
      const socket = await raw(port)
      socket.write(header)
      if (!secure) {
        socket.write(
          encodeMessage({
            op: 'extendedRequest',
            messageId: 1,
            name: sessionOperation.startTls,
            controls: [],
          }),
        )
        await once(socket, 'data')
      }
      const encrypted = connectTls({ socket, ...ca() })
      await once(encrypted, 'secureConnect')
      const client = await LdapClient.connect({ socket: async () => encrypted })
      expect((await client.searchAll('')).done.message).toBe('192.0.2.7:56520')
      client.close()
    }
  })

  it('are heard only where they are listed: a header from elsewhere is no LDAP', async () => {
    const { connect } = await start({ proxies: ['10.0.0.0/8'] })
    const wire = await connect()
    wire.send(Buffer.from(header), search(1))
    await wire.closed
    expect(wire.received).toMatchObject([{ messageId: 0, name: NOTICE_OF_DISCONNECTION, code: 2 }])
  })

  it('have to send a header, in time and of no more than it may have', async () => {
    const { connect, complaints, server } = await start({ proxies, handshakeTimeoutMs: 200 })
    const without = await connect()
    without.send(search(1))
    const silent = await connect()
    const half = await connect()
    half.send(Buffer.from(header.slice(0, 20)))
    const endless = await connect()
    endless.send(Buffer.from(`PROXY UNKNOWN ${'x'.repeat(2 << 20)}`))
    await Promise.all([without, silent, half, endless].map((wire) => wire.closed))
    expect([without, silent, half, endless].flatMap((wire) => wire.received)).toEqual([])
    expect(complaints.map(({ message }) => message).sort()).toEqual([
      'no PROXY protocol header within 200 ms',
      'no PROXY protocol header within 200 ms',
      'no PROXY protocol header: it does not begin with PROXY',
      'no PROXY protocol header: its line does not end',
    ])
    expect(server.connections).toBe(0)
  })

  it('that are no addresses are refused at once', () => {
    for (const wrong of ['10.0.0.0/33', 'example.com', '', '10.0.0.0/', '::1/129', '10.0.0.0/8/8'])
      expect(() => createLdapServer({}, { proxies: [wrong] })).toThrow(/is no network/)
  })
})

describe('connections per address', () => {
  it('are bounded, and free again when one is closed', async () => {
    const { connect, port } = await start({ maxConnectionsPerAddress: 2 })
    const wires = [await connect(), await connect()]
    for (const wire of wires) wire.send(search(1))
    for (const wire of wires) await wire.messages(1)
    const third = await connect()
    await third.closed
    expect(third.received).toMatchObject([{ messageId: 0, code: 51 }])
    wires[0]?.destroy()
    await expect
      .poll(async () => {
        const client = await LdapClient.connect({ port })
        try {
          await client.searchAll('')
          return 'answered'
        } catch {
          return 'refused'
        } finally {
          client.close()
        }
      })
      .toBe('answered')
  })

  it('count clients, not the proxy before them, and together those that are one group', async () => {
    const { connect } = await start({
      proxies: ['127.0.0.1'],
      maxConnectionsPerAddress: 1,
      addressGroup: (address) => address.split('.').slice(0, 3).join('.'),
    })
    const from = async (address: string) => {
      const wire = await connect()
      wire.send(Buffer.from(`PROXY TCP4 ${address} 127.0.0.1 1 2\r\n`), search(1))
      return (await wire.messages(1))[0]
    }
    expect(await from('192.0.2.1')).toMatchObject({ code: 0 })
    expect(await from('192.0.3.1')).toMatchObject({ code: 0 })
    expect(await from('192.0.2.9')).toMatchObject({ messageId: 0, code: 51 })
  })

  it('count from before the TLS handshake', async () => {
    const { port, complaints } = await start({ maxConnectionsPerAddress: 1 }, { secure: true })
    await raw(port)
    const second = await raw(port)
    await closed(second)
    expect(complaints).toEqual([{ message: 'too many connections', from: '127.0.0.1' }])
  })
})

describe('time', () => {
  it('for the handshake is bounded, from the first octet and by StartTLS', async () => {
    const { port, complaints } = await start({ handshakeTimeoutMs: 150 }, { secure: true })
    const silent = await raw(port)
    const stalled = await raw(port)
    stalled.write(Buffer.from('160301', 'hex'))
    await Promise.all([closed(silent), closed(stalled)])
    expect(complaints).toHaveLength(2)
    const { connect } = await start({ handshakeTimeoutMs: 150 })
    const asked = await connect()
    asked.send({ op: 'extendedRequest', messageId: 1, name: sessionOperation.startTls, controls: [] })
    await asked.closed
    expect(asked.received).toMatchObject([{ code: 0 }])
  })

  it('until the first octet is bounded, but not for who has asked', async () => {
    const { connect } = await start({ handshakeTimeoutMs: 150 })
    const silent = await connect()
    const asking = await connect()
    asking.send(search(1))
    await silent.closed
    expect(silent.received).toMatchObject([{ messageId: 0, code: 52 }])
    await new Promise((resolve) => setTimeout(resolve, 300))
    asking.send(search(2))
    expect(await asking.messages(2)).toHaveLength(2)
  })

  it('for a message is bounded, however steadily it trickles in', async () => {
    const { connect } = await start({ messageTimeoutMs: 150 })
    const octets = encodeMessage(search(1, `(uid=${'x'.repeat(100)})`))
    const trickling = await connect()
    let at = 0
    const timer = setInterval(() => trickling.send(octets.subarray(at, ++at)), 20)
    cleanUp.push(() => clearInterval(timer))
    const slow = await connect()
    for (let i = 0; i < 12; i++) {
      slow.send(octets.subarray(0, 50))
      await new Promise((resolve) => setTimeout(resolve, 20))
      slow.send(octets.subarray(50), encodeMessage(search(2)))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await trickling.closed
    expect(trickling.received).toMatchObject([{ messageId: 0, code: 52 }])
    expect((await slow.messages(24)).every((message) => message.op === 'searchResultDone')).toBe(true)
  })

  it('is not what a full server is kept waiting for by those who say nothing', async () => {
    const { port } = await start({ maxConnections: 3, handshakeTimeoutMs: 100 }, { secure: true })
    const hostile = await Promise.all([raw(port), raw(port), raw(port)])
    await Promise.all(hostile.map(closed))
    const socket = connectTls({ port, host: '127.0.0.1', ...ca() })
    cleanUp.push(() => socket.destroy())
    await once(socket, 'secureConnect')
  })
})

it('the end of the server does not wait for those who have not finished their handshake', async () => {
  const { port, server } = await start({}, { secure: true })
  const socket = await raw(port)
  const begun = performance.now()
  await Promise.all([server.close({ graceMs: 5000 }), closed(socket)])
  expect(performance.now() - begun).toBeLessThan(2000)
})
