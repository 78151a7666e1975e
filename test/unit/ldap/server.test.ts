/** What a client sees of the server: answers, order, abandon, unbind, errors, shutdown (RFC 4511 section 4). */
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type Connection,
  createLdapServer,
  type ExtendedResponse,
  encodeMessage,
  type LdapHandlers,
  type LdapMessage,
  type LdapResult,
  type LdapServer,
  type LdapServerOptions,
  MessageError,
  OperationAborted,
  resultCode,
} from '../../../src/ldap/index.js'
import { hex, int, sequence, tlv } from './tlv.js'
import { abandon, bind, NOTICE_OF_DISCONNECTION, search, Wire } from './wire.js'

const success: LdapResult = { code: resultCode.success }
let cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const step of cleanUp.reverse()) await step()
  cleanUp = []
})

async function start<State>(
  handlers: LdapHandlers<State>,
  options: LdapServerOptions = {},
): Promise<{ server: LdapServer; port: number; connect: () => Promise<Wire> }> {
  const server = createLdapServer(handlers, options)
  cleanUp.push(() => server.close({ graceMs: 0 }))
  const { port } = await server.listen(0)
  const connect = async (): Promise<Wire> => {
    const wire = await Wire.connect(port)
    cleanUp.push(() => wire.destroy())
    return wire
  }
  return { server, port, connect }
}

/** A promise and what settles it. */
function gate<T = void>(): { promise: Promise<T>; open: (value: T) => void } {
  let open: (value: T) => void = () => {}
  const promise = new Promise<T>((resolve) => {
    open = resolve
  })
  return { promise, open }
}

const aborted = (signal: AbortSignal): Promise<unknown> =>
  signal.aborted ? Promise.resolve(signal.reason) : once(signal, 'abort').then(() => signal.reason)

function lastNotice(wire: Wire): ExtendedResponse {
  const message = wire.received.at(-1)
  if (message?.op !== 'extendedResponse' || message.messageId !== 0) throw new Error('no notice')
  expect(message.name).toBe(NOTICE_OF_DISCONNECTION)
  return message
}

const otherRequests: LdapMessage[] = [
  {
    op: 'compareRequest',
    messageId: 1,
    entry: 'c=d',
    attribute: 'a',
    value: Buffer.from('b'),
    controls: [],
  },
  {
    op: 'addRequest',
    messageId: 2,
    entry: 'c=d',
    attributes: [{ type: 'a', values: [Buffer.from('b')] }],
    controls: [],
  },
  {
    op: 'modifyRequest',
    messageId: 3,
    object: 'c=d',
    changes: [{ operation: 'increment', attribute: { type: 'a', values: [Buffer.from('1')] } }],
    controls: [],
  },
  { op: 'delRequest', messageId: 4, entry: 'c=d', controls: [] },
  {
    op: 'modifyDnRequest',
    messageId: 5,
    entry: 'c=d',
    newRdn: 'c=e',
    deleteOldRdn: true,
    newSuperior: 'dc=x',
    controls: [],
  },
  { op: 'extendedRequest', messageId: 6, name: '1.2.3', value: Buffer.from('v'), controls: [] },
]

describe('answers', () => {
  it('gives every request to its handler and the result back', async () => {
    const seen: LdapMessage[] = []
    const answer =
      (code: number) =>
      async (request: LdapMessage): Promise<LdapResult> => {
        seen.push(request)
        return { code, matchedDN: 'dc=x', message: request.op, referrals: ['ldap://y/'] }
      }
    const { connect } = await start({
      compare: answer(6),
      add: answer(68),
      modify: answer(16),
      delete: answer(0),
      modifyDn: answer(64),
      extended: async (request) => ({
        ...(await answer(0)(request)),
        name: '1.2.4',
        value: Buffer.from('w'),
      }),
    })
    const wire = await connect()
    wire.send(...otherRequests)
    const received = [...(await wire.messages(6))].sort((a, b) => a.messageId - b.messageId)
    expect(seen).toEqual(otherRequests)
    expect(received.map((message) => message.op)).toEqual([
      'compareResponse',
      'addResponse',
      'modifyResponse',
      'delResponse',
      'modifyDnResponse',
      'extendedResponse',
    ])
    expect(received[1]).toEqual({
      op: 'addResponse',
      messageId: 2,
      code: 68,
      matchedDN: 'dc=x',
      message: 'addRequest',
      referrals: ['ldap://y/'],
      controls: [],
    })
    expect(received[5]).toMatchObject({ name: '1.2.4', value: Buffer.from('w') })
  })

  it('sends entries, references and intermediate responses before the result, with their controls', async () => {
    const control = { type: '1.2.3', critical: false, value: Buffer.from('v') }
    const { connect } = await start({
      async search(_request, _op, writer) {
        await writer.entry('cn=é', [
          { type: 'cn', values: ['é', Buffer.from([0, 255])] },
          { type: Buffer.from('sn'), values: [] },
        ])
        await writer.reference(['ldap://a/', 'ldap://b/'])
        await writer.intermediate('1.2.5', Buffer.from('i'))
        return { code: 4, message: 'cut', controls: [control] }
      },
    })
    const wire = await connect()
    wire.send(search(7))
    expect(await wire.messages(4)).toEqual([
      {
        op: 'searchResultEntry',
        messageId: 7,
        dn: 'cn=é',
        attributes: [
          { type: 'cn', values: [Buffer.from('é'), Buffer.from([0, 255])] },
          { type: 'sn', values: [] },
        ],
        controls: [],
      },
      { op: 'searchResultReference', messageId: 7, uris: ['ldap://a/', 'ldap://b/'], controls: [] },
      {
        op: 'intermediateResponse',
        messageId: 7,
        name: '1.2.5',
        value: Buffer.from('i'),
        controls: [],
      },
      {
        op: 'searchResultDone',
        messageId: 7,
        code: 4,
        matchedDN: '',
        message: 'cut',
        controls: [control],
      },
    ])
  })

  it('refuses what has no handler: unwillingToPerform, an extended operation protocolError', async () => {
    const { connect } = await start({})
    const wire = await connect()
    wire.send(...otherRequests, search(7), bind(8))
    const received = await wire.messages(8)
    expect(received.map((message) => 'code' in message && message.code)).toEqual([
      53, 53, 53, 53, 53, 2, 53, 53,
    ])
  })

  it('renders errors made for clients and hides all others', async () => {
    const errors: unknown[] = []
    const secret = new Error('password of the database')
    const { connect } = await start(
      {
        search() {
          throw new MessageError(resultCode.noSuchObject, 'not here')
        },
        compare: () => Promise.reject(secret),
        delete() {
          throw secret
        },
        add: async () => Promise.reject({ resultCode: 'x', safeMessage: 'y' }),
      },
      { onError: (error) => errors.push(error) },
    )
    const wire = await connect()
    wire.send(
      search(1),
      { op: 'compareRequest', messageId: 2, entry: '', attribute: '', value: Buffer.alloc(0), controls: [] },
      { op: 'delRequest', messageId: 3, entry: '', controls: [] },
      { op: 'addRequest', messageId: 4, entry: '', attributes: [], controls: [] },
    )
    const received = [...(await wire.messages(4))].sort((a, b) => a.messageId - b.messageId)
    expect(received).toMatchObject([
      { op: 'searchResultDone', code: 32, message: 'not here' },
      { op: 'compareResponse', code: 80, message: 'internal error' },
      { op: 'delResponse', code: 80, message: 'internal error' },
      { op: 'addResponse', code: 80, message: 'internal error' },
    ])
    expect(errors).toHaveLength(3)
    expect(errors.filter((error) => error === secret)).toHaveLength(2)
  })

  it('answers an entry that cannot be encoded with an error and nothing of the entry', async () => {
    const { connect } = await start({
      async search(request, _op, writer) {
        const value = request.base === 'number' ? 5 : request.base === 'null' ? null : undefined
        const broken = { type: 'a', values: [value as unknown as string] }
        await writer.entry('cn=x', [{ type: 'b', values: ['c'] }, broken])
        return success
      },
    })
    const wire = await connect()
    wire.send(search(1, '(a=b)', 'number'), search(2, '(a=b)', 'null'), search(3))
    const received = await wire.messages(3)
    for (const message of received) expect(message).toMatchObject({ op: 'searchResultDone', code: 80 })
  })

  it('never takes for success what is no result', async () => {
    const errors: unknown[] = []
    const none = {} as unknown as LdapResult
    const { connect } = await start(
      {
        bind: async () => none,
        search: () => none,
        compare: async () => undefined as unknown as LdapResult,
        delete: () => 5 as unknown as LdapResult,
        async add(_request) {
          return { code: Number.NaN }
        },
      },
      { onError: (error) => errors.push(error) },
    )
    const wire = await connect()
    wire.send(
      search(1),
      { op: 'compareRequest', messageId: 2, entry: '', attribute: '', value: Buffer.alloc(0), controls: [] },
      { op: 'delRequest', messageId: 3, entry: '', controls: [] },
      { op: 'addRequest', messageId: 4, entry: '', attributes: [], controls: [] },
      bind(5),
    )
    for (const message of await wire.messages(5)) expect(message).toMatchObject({ code: 80 })
    expect(errors).toHaveLength(5)
  })

  it('refuses critical controls that are not supported, and only those', async () => {
    const { connect } = await start({ search: () => success }, { supportedControls: ['1.1'] })
    const wire = await connect()
    const withControl = (messageId: number, type: string, critical: boolean): LdapMessage => ({
      ...search(messageId),
      controls: [{ type, critical }],
    })
    wire.send(withControl(1, '1.1', true), withControl(2, '1.2', false), withControl(3, '1.2', true))
    expect(await wire.messages(3)).toMatchObject([{ code: 0 }, { code: 0 }, { code: 12 }])
  })

  it('answers a request with a faulty field and goes on', async () => {
    const { connect } = await start({ search: () => success })
    const wire = await connect()
    wire.send(sequence(int(5), tlv(0x4a, Buffer.from([0xff]))), search(6))
    expect(await wire.messages(2)).toMatchObject([
      { op: 'delResponse', messageId: 5, code: 2 },
      { op: 'searchResultDone', messageId: 6, code: 0 },
    ])
  })
})

describe('order', () => {
  it('answers 10,000 pipelined requests, each once', async () => {
    const { connect } = await start({
      async search(_request, op, writer) {
        if (op.messageId % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
        await writer.entry(`cn=${op.messageId}`, [])
        return success
      },
    })
    const wire = await connect()
    wire.send(Buffer.concat(Array.from({ length: 10_000 }, (_, i) => encodeMessage(search(i + 1)))))
    const received = await wire.messages(20_000)
    const entries = new Set<string>()
    const results = new Set<number>()
    for (const message of received) {
      if (message.op === 'searchResultEntry') {
        expect(results.has(message.messageId)).toBe(false)
        entries.add(message.dn)
      } else results.add(message.messageId)
    }
    expect(entries.size).toBe(10_000)
    expect(results.size).toBe(10_000)
  })

  it('runs no more than maxInFlight operations of a connection, and all in the end', async () => {
    let running = 0
    let most = 0
    const { connect } = await start(
      {
        async search() {
          most = Math.max(most, ++running)
          await new Promise((resolve) => setTimeout(resolve, 1))
          running--
          return success
        },
      },
      { maxInFlight: 5 },
    )
    const wire = await connect()
    const padding = `(uid=${'x'.repeat(2000)})`
    wire.send(...Array.from({ length: 200 }, (_, i) => search(i + 1, padding)))
    await wire.messages(200)
    expect(most).toBe(5)
  })

  it('lets a bind wait for earlier operations, and later ones for the bind', async () => {
    const log: string[] = []
    const first = gate()
    const { connect } = await start<string>({
      async search(request, op) {
        log.push(`search ${request.base} as ${op.connection.state ?? 'nobody'}`)
        if (request.base === 'first') await first.promise
        log.push(`end ${request.base}`)
        return success
      },
      async bind(request, op) {
        log.push('bind')
        await new Promise((resolve) => setTimeout(resolve, 20))
        op.connection.state = request.name
        log.push('bound')
        return success
      },
    })
    const wire = await connect()
    wire.send(search(1, '(a=b)', 'first'), bind(2, 'cn=ann', 'pw'), search(3, '(a=b)', 'second'))
    setTimeout(first.open, 30)
    await wire.messages(3)
    expect(log).toEqual([
      'search first as nobody',
      'end first',
      'bind',
      'bound',
      'search second as cn=ann',
      'end second',
    ])
  })

  it('forgets who was bound when a bind fails, whoever refused it', async () => {
    const { connect } = await start<string>({
      bind(request, op) {
        if (request.name === 'cn=eve') return { code: resultCode.invalidCredentials }
        op.connection.state = request.name
        return success
      },
      search: (_request, op) => ({ code: 0, message: op.connection.state ?? 'nobody' }),
    })
    const wire = await connect()
    const ann = (messageId: number): LdapMessage => bind(messageId, 'cn=ann', 'pw')
    const unknownChoice = sequence(int(11), tlv(0x60, int(3), tlv(0x04), tlv(0x85)))
    wire.send(ann(1), search(2), bind(3, 'cn=eve', 'pw'), search(4))
    wire.send(ann(5), { ...ann(6), version: 2 } as LdapMessage, search(7))
    wire.send(ann(8), { ...ann(9), controls: [{ type: '1.2', critical: true }] }, search(10))
    wire.send(ann(12), unknownChoice, search(13))
    const answers = (await wire.messages(13)).map((message) =>
      message.op === 'searchResultDone' ? message.message : 'code' in message && message.code,
    )
    expect(answers).toEqual([0, 'cn=ann', 49, 'nobody', 0, 2, 'nobody', 0, 12, 'nobody', 0, 7, 'nobody'])
  })
})

describe('abandon and unbind', () => {
  it('aborts an abandoned operation, answers nothing for it and drops what it still writes', async () => {
    const reason = gate<unknown>()
    const late = gate<unknown>()
    const { connect } = await start({
      async search(request, op, writer) {
        if (request.base !== 'slow') return success
        reason.open(await aborted(op.signal))
        late.open(await Promise.resolve(writer.entry('cn=late', [])).catch((error: unknown) => error))
        return success
      },
    })
    const wire = await connect()
    wire.send(search(1, '(a=b)', 'slow'), abandon(2, 1), abandon(3, 99), search(4))
    await wire.messages(1)
    expect(await reason.promise).toMatchObject({ name: 'OperationAborted', reason: 'abandon' })
    expect(await late.promise).toBeInstanceOf(OperationAborted)
    wire.send(search(5))
    expect((await wire.messages(2)).map((message) => message.messageId)).toEqual([4, 5])
  })

  it('lets a bind go ahead of an operation that was abandoned', async () => {
    const { connect } = await start({ search: () => new Promise(() => {}), bind: () => success })
    const wire = await connect()
    wire.send(search(1), abandon(2, 1), bind(3))
    expect(await wire.messages(1)).toMatchObject([{ op: 'bindResponse', messageId: 3 }])
  })

  it('does not let abandoned operations make room for more than maxInFlight', async () => {
    let started = 0
    const { connect } = await start(
      {
        search: () => {
          started++
          return new Promise(() => {})
        },
      },
      { maxInFlight: 3 },
    )
    const wire = await connect()
    for (let i = 1; i < 20; i += 2) wire.send(search(i), abandon(i + 1, i))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(started).toBe(3)
  })

  it('aborts everything on unbind and closes', async () => {
    const reasons: unknown[] = []
    const { connect } = await start({
      async search(_request, op) {
        reasons.push(await aborted(op.signal))
        return success
      },
    })
    const wire = await connect()
    wire.send(search(1), search(2), { op: 'unbindRequest', messageId: 3, controls: [] }, search(4))
    await wire.closed
    expect(reasons).toMatchObject([{ reason: 'unbind' }, { reason: 'unbind' }])
    expect(wire.received).toEqual([])
  })

  it('aborts everything when the client disappears', async () => {
    const reason = gate<unknown>()
    const begun = gate()
    const closed = gate<Connection>()
    const { connect } = await start({
      async search(_request, op) {
        begun.open()
        reason.open(await aborted(op.signal))
        return success
      },
      onClose: closed.open,
    })
    const wire = await connect()
    wire.send(search(1))
    await begun.promise
    wire.destroy()
    expect(await reason.promise).toMatchObject({ reason: 'disconnect' })
    expect((await closed.promise).id).toBe(1)
  })

  it('tells whoever listens without a signal, at once where it is over, and not who has left', async () => {
    const told = gate<readonly unknown[]>()
    const { connect } = await start({
      async search(_request, op) {
        const heard: unknown[] = []
        op.whenAborted(() => heard.push('left'))()
        const reason = await new Promise((resolve) => op.whenAborted(resolve))
        heard.push(reason)
        op.whenAborted((again) => heard.push(again))
        told.open([...heard, op.signal.reason])
        return success
      },
    })
    const wire = await connect()
    wire.send(search(1), abandon(2, 1))
    const abandoned = { name: 'OperationAborted', reason: 'abandon' }
    expect(await told.promise).toMatchObject([abandoned, abandoned, abandoned])
  })

  it('lets as many parts of a handler as it has listen to its end', async () => {
    const warnings: Error[] = []
    const warned = (warning: Error) => warnings.push(warning)
    process.on('warning', warned)
    cleanUp.push(() => process.off('warning', warned))
    const { connect } = await start({
      search: (_request, op) => {
        for (let i = 0; i < 20; i++) op.signal.addEventListener('abort', () => undefined)
        return success
      },
    })
    const wire = await connect()
    wire.send(search(1))
    await wire.messages(1)
    expect(warnings).toEqual([])
  })

  it('shows an abort to a handler that asks for the signal only afterwards', async () => {
    const go = gate()
    const seen = gate<boolean>()
    const { connect } = await start({
      async search(request, op) {
        if (request.base !== 'slow') return success
        await go.promise
        seen.open(op.signal.aborted)
        return success
      },
    })
    const wire = await connect()
    wire.send(search(1, '(a=b)', 'slow'), abandon(2, 1), search(3))
    await wire.messages(1)
    go.open()
    expect(await seen.promise).toBe(true)
  })
})

describe('protocol errors', () => {
  it.each([
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a huge length', hex('30 84 7fffffff')],
    ['a message without an operation', sequence(int(1))],
    ['an unknown operation', sequence(int(1), tlv(0x7e, 'x'))],
    ['message id 0', sequence(int(0), tlv(0x42))],
    ['a response', sequence(int(1), tlv(0x65, tlv(0x0a, Buffer.from([0])), tlv(0x04), tlv(0x04)))],
    ['an unsolicited notification', sequence(int(0), tlv(0x78, tlv(0x0a, Buffer.from([0])), tlv(4), tlv(4)))],
    ['broken lengths inside', hex('30 07 020101 4a 7f 6162')],
  ])('ends the session on %s with a notice', async (_name, octets) => {
    const { connect } = await start({ search: () => success })
    const wire = await connect()
    wire.send(octets)
    await wire.closed
    expect(lastNotice(wire).code).toBe(2)
  })

  it('ends the session when a message id is used twice at a time', async () => {
    const { connect } = await start({ search: () => new Promise(() => {}) })
    const wire = await connect()
    wire.send(search(1), search(1))
    await wire.closed
    expect(lastNotice(wire).code).toBe(2)
  })

  it('still sends the answers to what came before', async () => {
    const { connect } = await start({ search: () => success })
    const wire = await connect()
    wire.send(search(1), search(2), Buffer.from('rubbish'))
    await wire.closed
    expect(wire.received.map((message) => message.messageId)).toEqual([1, 2, 0])
  })
})

describe('connections', () => {
  it('tells about them, and keeps what the application attached', async () => {
    const opened: Connection<{ visits: number }>[] = []
    const { server, connect } = await start<{ visits: number }>({
      onConnection(connection) {
        connection.state = { visits: 0 }
        opened.push(connection)
      },
      search(_request, op) {
        if (op.connection.state !== undefined) op.connection.state.visits++
        return success
      },
    })
    const [one, two] = [await connect(), await connect()]
    one.send(search(1), search(2))
    await one.messages(2)
    two.send(search(1))
    await two.messages(1)
    expect(server.connections).toBe(2)
    expect(opened).toMatchObject([
      { id: 1, remoteAddress: '127.0.0.1', secure: false, state: { visits: 2 } },
      { id: 2, state: { visits: 1 } },
    ])
    expect(opened[0]?.remotePort).toBe(one.socket.localPort)
  })

  it('rejects when the address is taken', async () => {
    const { port } = await start({})
    const second = createLdapServer({})
    await expect(second.listen(port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe('close', () => {
  it('lets operations in progress end, then says goodbye', async () => {
    const go = gate()
    const begun = gate()
    const { server, port, connect } = await start({
      async search() {
        begun.open()
        await go.promise
        return success
      },
    })
    const [busy, idle] = [await connect(), await connect()]
    busy.send(search(1))
    await begun.promise
    const closing = server.close({ graceMs: 5000 })
    await idle.closed
    expect(lastNotice(idle).code).toBe(52)
    busy.send(search(2))
    go.open()
    await busy.closed
    await closing
    expect(busy.received.map((message) => message.messageId)).toEqual([1, 0])
    expect(lastNotice(busy).code).toBe(52)
    await expect(Wire.connect(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('reaches a client whose requests are still unread', async () => {
    const { server, connect } = await start({ search: () => new Promise(() => {}) }, { maxInFlight: 1 })
    const wire = await connect()
    const padding = `(uid=${'x'.repeat(100_000)})`
    wire.send(...Array.from({ length: 100 }, (_, i) => search(i + 1, padding)))
    await new Promise((resolve) => setTimeout(resolve, 100))
    await server.close({ graceMs: 20 })
    await wire.closed
    expect(lastNotice(wire).code).toBe(52)
  })

  it('aborts what has not ended after the grace', async () => {
    const reason = gate<unknown>()
    const begun = gate()
    const { server, connect } = await start({
      async search(_request, op) {
        begun.open()
        reason.open(await aborted(op.signal))
        return new Promise(() => {})
      },
    })
    const wire = await connect()
    wire.send(search(1))
    await begun.promise
    await server.close({ graceMs: 20 })
    expect(await reason.promise).toMatchObject({ reason: 'shutdown' })
    expect(lastNotice(wire).code).toBe(52)
    expect(server.connections).toBe(0)
  })
})
