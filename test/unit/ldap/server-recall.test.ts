/** Searches that the handlers answer as they did before, without seeing them decoded. */
import { afterEach, expect, it } from 'vitest'
import {
  createLdapServer,
  encodeEntry,
  encodeMessage,
  type LdapHandlers,
  type LdapMessage,
  type LdapServer,
  type RecalledAnswer,
} from '../../../src/ldap/index.js'
import { search, Wire } from './wire.js'

let server: LdapServer | undefined
let wires: Wire[] = []

afterEach(async () => {
  for (const wire of wires) wire.destroy()
  wires = []
  await server?.close({ graceMs: 0 })
})

const attributes = [{ type: 'cn', values: ['Ann', Buffer.from([0, 255])] }]
const entry = encodeEntry('uid=ann,dc=example', attributes)
const remembered: RecalledAnswer = { entries: [entry, entry], result: { code: 0 } }

/** Remembers the first search that it is asked, and is told of all that it has to answer itself. */
async function start(more: LdapHandlers = {}) {
  const searched: number[] = []
  let known: string | undefined
  const handlers: LdapHandlers = {
    recall: (encoded) => (encoded === known ? remembered : undefined),
    search: (request, _op, writer) => {
      searched.push(request.messageId)
      known ??= request.encoded
      writer.entry('uid=ann,dc=example', attributes)
      writer.entry('uid=ann,dc=example', attributes)
      return { code: 0 }
    },
    ...more,
  }
  server = createLdapServer(handlers)
  const { port } = await server.listen(0)
  const wire = await Wire.connect(port)
  wires.push(wire)
  return { searched, wire, port }
}

const withId = (message: LdapMessage, messageId: number) => ({ ...message, messageId })

it('are answered octet by octet as they were, under ids of any length', async () => {
  const { searched, wire } = await start()
  const ids = [1, 2, 127, 128, 40_000, 0x7fffffff]
  for (const id of ids) wire.send(search(id))
  const received = await wire.messages(3 * ids.length)
  expect(searched).toEqual([1])
  const first = received.slice(0, 3)
  for (const [i, id] of ids.entries())
    expect(received.slice(3 * i, 3 * i + 3)).toEqual(first.map((message) => withId(message, id)))
})

it('are the same only if all behind the id is the same', async () => {
  const { searched, wire } = await start()
  const control = { type: '2.16.840.1.113730.3.4.2', critical: false }
  wire.send(search(1), search(2))
  wire.send({ ...search(3), controls: [control] } as LdapMessage, search(4, '(uid=anne)'))
  wire.send(search(5, '(uid=ann)', 'dc=exampl'), { ...search(6), sizeLimit: 1 } as LdapMessage, search(7))
  await wire.messages(21)
  expect(searched).toEqual([1, 3, 4, 5, 6])
})

it('arrive in pieces as well as whole', async () => {
  const { searched, wire } = await start()
  wire.send(search(1))
  await wire.messages(3)
  for (const octet of encodeMessage(search(2))) {
    wire.send(Buffer.from([octet]))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await wire.messages(6)
  expect(searched).toEqual([1])
})

it('wait for a bind that was sent before them, as all do', async () => {
  let bound: () => void = () => undefined
  const order: string[] = []
  const { wire } = await start({
    bind: () =>
      new Promise((resolve) => {
        bound = () => {
          order.push('bound')
          resolve({ code: 0 })
        }
      }),
    recall: () => {
      order.push('asked')
      return remembered
    },
  })
  const bind: LdapMessage = {
    op: 'bindRequest',
    messageId: 1,
    version: 3,
    name: 'cn=ann',
    authentication: { mechanism: 'simple', password: Buffer.from('x') },
    controls: [],
  }
  wire.send(bind, search(2))
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(order).toEqual([])
  bound()
  await wire.messages(4)
  expect(order).toEqual(['bound', 'asked'])
})

it('with the id of one that is still under way end the session, as ever', async () => {
  const { wire } = await start({ recall: () => remembered, search: () => new Promise(() => undefined) })
  wire.send({ ...search(5) } as LdapMessage)
  await wire.messages(3)
  const second = await start({
    recall: (encoded) => (encoded.includes('bob') ? remembered : undefined),
    search: () => new Promise(() => undefined),
  })
  second.wire.send(search(5), search(5, '(uid=bob)'))
  await second.wire.closed
  expect(second.wire.received.at(-1)).toMatchObject({ messageId: 0, code: 2 })
})

it('have an id that is one, or are refused', async () => {
  const asked: number[] = []
  const { wire } = await start({
    recall: (_encoded, _connection, messageId) => {
      asked.push(messageId)
      return undefined
    },
  })
  const whole = encodeMessage(search(7))
  const at = whole.indexOf(Buffer.from([0x02, 0x01, 0x07]))
  whole[at + 2] = 0xff
  wire.send(whole)
  await wire.closed
  expect(asked).toEqual([])
  expect(wire.received.at(-1)).toMatchObject({ messageId: 0, code: 2 })
})
