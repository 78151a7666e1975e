/** What hostile and slow clients can do to the server: nothing to its memory, nothing to other clients. */
import { afterEach, describe, expect, it } from 'vitest'
import {
  createLdapServer,
  encodeMessage,
  type LdapHandlers,
  type LdapServer,
  type LdapServerOptions,
  OperationAborted,
} from '../../../src/ldap/index.js'
import { bool, enumerated, hex, int, sequence, text, tlv } from './tlv.js'
import { bind, search, Wire } from './wire.js'

let cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const step of cleanUp.reverse()) await step()
  cleanUp = []
})

async function start(
  handlers: LdapHandlers,
  options: LdapServerOptions = {},
): Promise<{ server: LdapServer; connect: () => Promise<Wire> }> {
  const server = createLdapServer(handlers, options)
  cleanUp.push(() => server.close({ graceMs: 0 }))
  const { port } = await server.listen(0)
  const connect = async (): Promise<Wire> => {
    const wire = await Wire.connect(port)
    cleanUp.push(() => wire.destroy())
    return wire
  }
  return { server, connect }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Keeps the process from everything else, as a busy machine does. */
function holdUp(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}
const success = { code: 0 }

describe('message sizes', () => {
  const large = (messageId: number): Buffer =>
    encodeMessage({ op: 'delRequest', messageId, entry: `cn=${'x'.repeat(300_000)}`, controls: [] })

  it('allows large messages only after a bind with a name', async () => {
    const { connect } = await start({ bind: () => success, delete: () => success })
    const bound = await connect()
    bound.send(bind(1, 'cn=ann', 'pw'))
    await bound.messages(1)
    bound.send(large(2))
    expect(await bound.messages(2)).toMatchObject([{ op: 'bindResponse' }, { op: 'delResponse', code: 0 }])
    bound.send(bind(3))
    await bound.messages(3)
    bound.send(large(4))
    await bound.closed
    expect(bound.received.at(-1)).toMatchObject({ messageId: 0, code: 2 })
  })

  it('refuses an announced size before its octets come', async () => {
    const { connect } = await start({})
    const wire = await connect()
    wire.send(hex('30 84 00050000'))
    await wire.closed
    expect(wire.received).toMatchObject([{ messageId: 0, code: 2 }])
  })
})

describe('filters', () => {
  it('answers a filter nested 100,000 deep with adminLimitExceeded and goes on', async () => {
    const { connect } = await start({ bind: () => success, search: () => success })
    const wire = await connect()
    wire.send(bind(1, 'cn=ann', 'pw'))
    await wire.messages(1)
    const innermost = tlv(0x87, 'a')
    const filter = Buffer.alloc(600_000 + innermost.length)
    innermost.copy(filter, 600_000)
    for (let at = 0; at < 600_000; at += 6) {
      filter.writeUInt16BE(0xa284, at)
      filter.writeUInt32BE(filter.length - at - 6, at + 2)
    }
    wire.send(
      sequence(
        int(2),
        tlv(0x63, text(''), enumerated(0), enumerated(0), int(0), int(0), bool(false), filter, sequence()),
      ),
      search(3),
    )
    expect(await wire.messages(3)).toMatchObject([
      { op: 'bindResponse' },
      { op: 'searchResultDone', messageId: 2, code: 11 },
      { op: 'searchResultDone', messageId: 3, code: 0 },
    ])
  })
})

describe('slow senders', () => {
  it('serves one that sends octet by octet', async () => {
    const { connect } = await start({ search: () => success })
    const wire = await connect()
    for (const octet of encodeMessage(search(1))) {
      wire.socket.write(Buffer.from([octet]))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await wire.messages(1)).toMatchObject([{ op: 'searchResultDone', code: 0 }])
  })

  it('closes one that is idle, also in the middle of a message, but none that works', async () => {
    const { connect } = await start(
      {
        async search() {
          await pause(1200)
          return success
        },
      },
      { idleTimeoutMs: 400 },
    )
    const [idle, half, waiting, busy] = [await connect(), await connect(), await connect(), await connect()]
    let id = 0
    const chatter = setInterval(() => busy.send(bind(++id)), 20)
    waiting.send(search(1))
    const trickle = setInterval(() => half.socket.write(Buffer.from([0])), 20)
    half.send(hex('30 82 1000'))
    await Promise.all([idle.closed, half.closed])
    clearInterval(trickle)
    expect(idle.received).toMatchObject([{ messageId: 0, code: 52 }])
    await pause(600)
    clearInterval(chatter)
    expect(busy.received.map((message) => message.op)).not.toContain('extendedResponse')
    expect(await waiting.messages(1)).toMatchObject([{ op: 'searchResultDone', messageId: 1 }])
  })

  it('are not those whose requests the server itself was late to read', async () => {
    const { connect } = await start({ search: () => success }, { idleTimeoutMs: 1000 })
    const wire = await connect()
    wire.send(search(1))
    holdUp(1300)
    expect(await wire.messages(1)).toMatchObject([{ op: 'searchResultDone', code: 0 }])
  })
})

describe('clients that do not read', () => {
  const attributes = [{ type: 'description', values: ['x'.repeat(1000)] }]

  it('stop the handler, cost no memory and disturb nobody', async () => {
    let written = 0
    let ended: unknown
    const { connect } = await start({
      async search(request, _op, writer) {
        if (request.base !== 'endless') return success
        try {
          for (;;) {
            await writer.entry('cn=x', attributes)
            written++
          }
        } catch (error) {
          ended = error
          throw error
        }
      },
    })
    const [deaf, other] = [await connect(), await connect()]
    deaf.socket.pause()
    deaf.send(search(1, '(a=b)', 'endless'))
    let before = -1
    while (written !== before || written === 0) {
      before = written
      await pause(100)
    }
    const stuckAt = written
    const memory = process.memoryUsage()
    other.send(search(1))
    await other.messages(1)
    await pause(100)
    expect(written).toBe(stuckAt)
    expect(process.memoryUsage().arrayBuffers - memory.arrayBuffers).toBeLessThan(2 * 1024 * 1024)
    deaf.destroy()
    while (ended === undefined) await pause(5)
    expect(ended).toBeInstanceOf(OperationAborted)
  })

  it('get everything when they read on', async () => {
    const { connect } = await start({
      async search(_request, _op, writer) {
        for (let i = 0; i < 20_000; i++) await writer.entry(`cn=${i}`, attributes)
        return success
      },
    })
    const wire = await connect()
    wire.socket.pause()
    wire.send(search(1), search(2))
    await pause(100)
    wire.socket.resume()
    const received = await wire.messages(40_002)
    for (const id of [1, 2]) {
      const own = received.filter((message) => message.messageId === id)
      expect(own.map((message) => (message.op === 'searchResultEntry' ? message.dn : message.op))).toEqual([
        ...Array.from({ length: 20_000 }, (_, i) => `cn=${i}`),
        'searchResultDone',
      ])
    }
  })

  it('cannot make the server collect answers to requests that they pipeline', async () => {
    let answered = 0
    const { connect } = await start({
      search(_request, _op, writer) {
        answered++
        void writer.entry('cn=x', attributes)
        return success
      },
    })
    const wire = await connect()
    wire.socket.pause()
    const burst = Buffer.concat(Array.from({ length: 50_000 }, (_, i) => encodeMessage(search(i + 1))))
    wire.send(burst)
    let before = -1
    while (answered !== before || answered === 0) {
      before = answered
      await pause(100)
    }
    expect(answered).toBeLessThan(40_000)
    wire.socket.resume()
    await wire.messages(100_000)
    expect(answered).toBe(50_000)
  })

  it('are destroyed when they take nothing for sendTimeoutMs', async () => {
    const { server, connect } = await start(
      {
        async search(_request, _op, writer) {
          for (;;) await writer.entry('cn=x', attributes)
        },
      },
      { sendTimeoutMs: 150 },
    )
    const wire = await connect()
    wire.socket.pause()
    wire.send(search(1))
    while (server.connections > 0) await pause(20)
    expect(server.connections).toBe(0)
  })

  it('are not those who asked nothing for that long and are being answered', async () => {
    const { connect } = await start(
      {
        search: () =>
          new Promise((resolve) =>
            setImmediate(() => {
              resolve(success)
              // The time to look for such clients comes while the answer is not sent yet.
              holdUp(60)
            }),
          ),
      },
      { sendTimeoutMs: 40 },
    )
    const wire = await connect()
    for (let id = 1; id <= 3; id++) {
      await pause(60)
      wire.send(search(id))
      await wire.messages(id)
    }
  })

  it('do not keep an endless answer to a fast reader from letting others in', async () => {
    const { connect } = await start({
      async search(request, _op, writer) {
        while (request.base === 'endless') await writer.entry('cn=x', attributes)
        return success
      },
    })
    const [greedy, other] = [await connect(), await connect()]
    greedy.socket.removeAllListeners('data')
    greedy.socket.resume()
    greedy.send(search(1, '(a=b)', 'endless'))
    await pause(50)
    for (let i = 1; i <= 20; i++) {
      // Time that the process worked, which other programs on the machine do not lengthen.
      const asked = process.cpuUsage()
      other.send(search(i))
      await other.messages(i)
      const { user, system } = process.cpuUsage(asked)
      expect(user + system).toBeLessThan(500_000)
    }
  })
})

describe('requests that have to wait', () => {
  it('are left in the socket', async () => {
    const { connect } = await start(
      { search: () => new Promise(() => {}) },
      { maxInFlight: 1, maxPduBytesBeforeBind: 1_000_000 },
    )
    const wire = await connect()
    const large = search(1, `(a=${'x'.repeat(500_000)})`)
    for (let id = 1; id <= 100; id++) wire.send({ ...large, messageId: id })
    await pause(500)
    expect(wire.socket.writableLength).toBeGreaterThan(20_000_000)
  })
})

describe('small answers behind large ones', () => {
  it('come when the client reads on', async () => {
    const { connect } = await start(
      {
        async search(_request, _op, writer) {
          await writer.entry('cn=x', [{ type: 'a', values: [Buffer.alloc(10_000_000)] }])
          await pause(50)
          return success
        },
      },
      { highWaterMark: 100_000_000 },
    )
    const wire = await connect()
    wire.socket.pause()
    wire.send(search(1))
    await pause(200)
    wire.socket.resume()
    expect((await wire.messages(2))[1]).toMatchObject({ op: 'searchResultDone', code: 0 })
  })
})

describe('number of connections', () => {
  it('is bounded; who comes after is told', async () => {
    const { connect } = await start({ search: () => success }, { maxConnections: 1 })
    const first = await connect()
    first.send(search(1))
    await first.messages(1)
    const second = await connect()
    await second.closed
    expect(second.received).toMatchObject([{ messageId: 0, code: 51 }])
    first.send(search(2))
    await first.messages(2)
  })
})
