/** Clients that mean harm, or are badly written: they cost the gateway little, and others nothing. */
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { encodeMessage, type LdapMessage } from '../../src/ldap/index.js'
import { password, people, searchAll } from '../fault/staff.js'
import { abandon, bind, search, Wire } from '../unit/ldap/wire.js'
import { type Watched, watchedGateway } from './watched.js'

const user = `uid=user.1,${people}`
const COUNT = 2000
let watched: Watched
let port: number

beforeAll(async () => {
  watched = await watchedGateway('hostile', COUNT)
  port = watched.gateway.port
})

afterAll(() => watched?.close())
beforeEach(() => watched.begin())
afterEach(() => watched.judge())

/** A connection on which nobody reads. */
async function deaf(): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => undefined)
  socket.pause()
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  return socket
}

it('1,000 connections that send nothing', { timeout: 60_000 }, async () => {
  const sockets = await Promise.all(Array.from({ length: 1000 }, deaf))
  await sleep(1500)
  for (const socket of sockets) socket.destroy()
})

it('300 messages that come octet by octet', { timeout: 60_000 }, async () => {
  const sockets = await Promise.all(Array.from({ length: 300 }, deaf))
  const octets = encodeMessage(bind(1, user, 'x'.repeat(200_000)))
  // Each time one octet of each, from different places.
  for (let round = 0; round < 100; round++) {
    for (const [i, socket] of sockets.entries()) {
      const at = round === 0 ? 0 : i + round
      socket.write(octets.subarray(at, round === 0 ? i + 1 : at + 1))
    }
    await sleep(20)
  }
  for (const socket of sockets) socket.destroy()
})

it('20 clients that ask for everything many times and read nothing', { timeout: 60_000 }, async () => {
  const sockets = await Promise.all(Array.from({ length: 20 }, deaf))
  for (const socket of sockets) {
    const asked = Array.from({ length: 30 }, (_, i) => encodeMessage(searchAll(i + 2, people)))
    socket.write(Buffer.concat([encodeMessage(bind(1, user, password)), ...asked]))
  }
  await sleep(3000)
  for (const socket of sockets) socket.destroy()
})

it('4,000 searches that are abandoned as soon as they are sent', { timeout: 60_000 }, async () => {
  const wire = await Wire.connect(port)
  wire.send(bind(1, user, password))
  await wire.messages(1)
  const requests: LdapMessage[] = []
  for (let id = 2; id < 8000; id += 2) requests.push(searchAll(id, people), abandon(id + 1, id))
  wire.socket.write(Buffer.concat(requests.map((one) => encodeMessage(one))))
  wire.send(search(9000, '(uid=user.3)', people))
  while (wire.received.at(-1)?.messageId !== 9000 || wire.received.at(-1)?.op !== 'searchResultDone') {
    if (wire.socket.destroyed) throw new Error('the connection was closed')
    await sleep(20)
  }
  expect(wire.received.at(-1)).toMatchObject({ code: 0 })
  wire.destroy()
})

it('requests that all have the same message id', async () => {
  for (let round = 0; round < 50; round++) {
    const wire = await Wire.connect(port)
    wire.send(bind(1, user, password))
    await wire.messages(1)
    wire.socket.write(Buffer.concat(Array.from({ length: 500 }, () => encodeMessage(searchAll(7, people)))))
    await wire.closed
    expect(wire.received.at(-1)).toMatchObject({ op: 'extendedResponse', messageId: 0, code: 2 })
  }
})

it('filters, attributes and names as large as messages may be, before a bind', {
  timeout: 60_000,
}, async () => {
  const long = 'x'.repeat(200_000)
  const wires = await Promise.all(Array.from({ length: 4 }, () => Wire.connect(port)))
  const large: readonly LdapMessage[] = [
    search(1, `(uid=${long})`, people),
    search(2, `(uid=*${'a*'.repeat(4000)})`, people),
    search(3, `(|${'(uid=*a*)'.repeat(4000)})`, people),
    search(4, `(&${'(!(uid=x))'.repeat(2000)})`, people),
    search(5, '(uid=x)', `uid=${'\\41'.repeat(60_000)},${people}`),
    search(6, '(uid=x)', `${'cn=x,'.repeat(40_000)}${people}`),
    {
      ...searchAll(7, people),
      attributes: Array.from({ length: 4000 }, (_, i) => `attribute${i}`),
    } as LdapMessage,
    {
      op: 'compareRequest',
      messageId: 8,
      entry: user,
      attribute: long,
      value: Buffer.from('x'),
      controls: [],
    },
  ]
  await Promise.all(
    wires.map(async (wire) => {
      for (const one of large) wire.send(one)
      const ends = () =>
        wire.received.filter((m) => m.op === 'searchResultDone' || m.op === 'compareResponse')
      while (ends().length < large.length && !wire.socket.destroyed) await sleep(20)
      expect(ends()).toHaveLength(large.length)
      wire.destroy()
    }),
  )
})
