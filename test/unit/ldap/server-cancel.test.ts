/** Cancel (RFC 3909): both operations are answered, and the answer says what has become of the canceled one. */
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import {
  cancelRequestValue,
  createLdapServer,
  type LdapHandlers,
  type LdapMessage,
  type LdapServerOptions,
  MessageError,
  OperationAborted,
  sessionOperation,
} from '../../../src/ldap/index.js'
import { abandon, bind, search, Wire } from './wire.js'

let cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const step of cleanUp.reverse()) await step()
  cleanUp = []
})

async function start(handlers: LdapHandlers, options: LdapServerOptions = {}): Promise<Wire> {
  const faults: unknown[] = []
  const server = createLdapServer(handlers, { onError: (error) => faults.push(error), ...options })
  cleanUp.push(() => expect(faults).toEqual([]))
  cleanUp.push(() => server.close({ graceMs: 0 }))
  const wire = await Wire.connect((await server.listen(0)).port)
  cleanUp.push(() => wire.destroy())
  return wire
}

const cancel = (messageId: number, target: number): LdapMessage => ({
  op: 'extendedRequest',
  messageId,
  name: sessionOperation.cancel,
  value: cancelRequestValue(target),
  controls: [],
})

const codes = (messages: readonly LdapMessage[]) =>
  messages.map((message) => [message.messageId, 'code' in message ? message.code : message.op])

const untilAborted = async (signal: AbortSignal) => {
  if (!signal.aborted) await once(signal, 'abort')
  throw signal.reason
}

/** Of a handler that its client cancels. */
const endless: LdapHandlers = { search: (_request, op) => untilAborted(op.signal) }

describe('an operation in progress', () => {
  it('is ended: it is answered as canceled, then Cancel with success', async () => {
    let reason: unknown
    const wire = await start({
      search: async (_request, op) => {
        await once(op.signal, 'abort')
        reason = op.signal.reason
        throw reason
      },
    })
    wire.send(search(1), cancel(2, 1))
    expect(codes(await wire.messages(2))).toEqual([
      [1, 118],
      [2, 0],
    ])
    expect(reason).toBeInstanceOf(OperationAborted)
    expect(reason).toMatchObject({ reason: 'cancel' })
  })

  it('is canceled too where its handler answers that it has failed', async () => {
    const wire = await start({
      search: (_request, op) =>
        untilAborted(op.signal).catch(() => {
          throw new MessageError(52, 'the source was cut off')
        }),
    })
    wire.send(search(1), cancel(2, 1))
    expect(codes(await wire.messages(2))).toEqual([
      [1, 118],
      [2, 0],
    ])
  })

  it('of which it is too late to cancel is answered as done', async () => {
    let release = () => {}
    const wire = await start({
      delete: () => new Promise((resolve) => (release = () => resolve({ code: 0 }))),
    })
    wire.send({ op: 'delRequest', messageId: 1, entry: 'cn=x', controls: [] }, cancel(2, 1), cancel(3, 1))
    expect(codes(await wire.messages(1))).toEqual([[3, 1]])
    release()
    expect(codes(await wire.messages(3)).slice(1)).toEqual([
      [1, 0],
      [2, 120],
    ])
  })

  it('sends nothing any more, also where it waits for a client that does not read', async () => {
    const entry = [{ type: 'cn', values: [Buffer.alloc(1000, 'x')] }]
    let sent = 0
    const wire = await start(
      {
        search: async (_request, _op, writer) => {
          for (;;) {
            await writer.entry('cn=x', entry)
            sent++
          }
        },
      },
      { highWaterMark: 20_000 },
    )
    wire.socket.pause()
    wire.send(search(1))
    await expect.poll(() => sent).toBeGreaterThan(10)
    let before = 0
    while (before < sent) {
      before = sent
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    wire.send(cancel(2, 1))
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(sent).toBe(before)
    wire.socket.resume()
    await expect
      .poll(() => codes(wire.received).slice(-2), { timeout: 5000 })
      .toEqual([
        [1, 118],
        [2, 0],
      ])
  })

  it('can be canceled while as many run as may', async () => {
    const wire = await start(endless, { maxInFlight: 2 })
    wire.send(search(1), search(2), cancel(3, 2), cancel(4, 1))
    expect(codes(await wire.messages(4)).sort()).toEqual([
      [1, 118],
      [2, 118],
      [3, 0],
      [4, 0],
    ])
  })

  it('may be abandoned while it is being canceled', async () => {
    const wire = await start({ search: () => new Promise(() => {}) })
    wire.send(search(1), cancel(2, 1), abandon(3, 1))
    expect(codes(await wire.messages(1))).toEqual([[2, 0]])
  })
})

describe('what cannot be canceled', () => {
  it('is what there is not: never was, is answered, is abandoned', async () => {
    const wire = await start({ ...endless, compare: () => ({ code: 6 }) })
    wire.send(
      { op: 'compareRequest', messageId: 1, entry: '', attribute: 'a', value: Buffer.from(''), controls: [] },
      search(2),
      abandon(3, 2),
      cancel(4, 1),
      cancel(5, 2),
      cancel(6, 77),
    )
    expect(codes(await wire.messages(4))).toEqual([
      [1, 6],
      [4, 119],
      [5, 119],
      [6, 119],
    ])
  })

  it('is Cancel itself', async () => {
    const wire = await start({ delete: () => new Promise(() => {}) })
    wire.send(
      { op: 'delRequest', messageId: 1, entry: 'cn=x', controls: [] },
      cancel(2, 1),
      cancel(3, 2),
      cancel(4, 4),
    )
    expect(codes(await wire.messages(2))).toEqual([
      [3, 121],
      [4, 121],
    ])
  })

  it('is a bind: Cancel waits until it is over', async () => {
    const wire = await start({
      bind: () => new Promise((resolve) => setTimeout(() => resolve({ code: 49 }), 50)),
    })
    wire.send(bind(1, 'cn=ann', 'x'), cancel(2, 1))
    expect(codes(await wire.messages(2))).toEqual([
      [1, 49],
      [2, 119],
    ])
  })
})

it('a malformed request is a protocol error, and the session goes on', async () => {
  const wire = await start({})
  const request = { op: 'extendedRequest', name: sessionOperation.cancel, controls: [] } as const
  wire.send(
    { ...request, messageId: 1 },
    { ...request, messageId: 2, value: Buffer.from('x') },
    { ...request, messageId: 3, value: Buffer.from('30030201', 'hex') },
    { ...cancel(4, 1), controls: [{ type: '1.2.3', critical: true }] },
    cancel(5, 1),
  )
  expect(codes(await wire.messages(5))).toEqual([
    [1, 2],
    [2, 2],
    [3, 2],
    [4, 12],
    [5, 119],
  ])
})
