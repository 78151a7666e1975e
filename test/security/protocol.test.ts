/**
 * Hostile octets against a running gateway: it stays up and small, its loop stays free, and another client is
 * served all the time. The seed is printed with failures; VITRINE_SEED repeats a run.
 */
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { encodeMessage, type LdapMessage } from '../../src/ldap/index.js'
import { mutate } from '../data/mutations.js'
import { Random } from '../data/random.js'
import type { Child } from '../fault/running.js'
import { password, people, searchAll } from '../fault/staff.js'
import { bool, enumerated, hex, int, sequence, text, tlv } from '../unit/ldap/tlv.js'
import { bind, search, Wire } from '../unit/ldap/wire.js'
import { type Watched, watchedGateway } from './watched.js'

const seed = Number(process.env.VITRINE_SEED ?? 20261121)
const user = `uid=user.1,${people}`
const COUNT = 500
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

let watched: Watched
let gateway: Child

beforeAll(async () => {
  watched = await watchedGateway('protocol', COUNT)
  gateway = watched.gateway
})

afterAll(() => watched?.close())
beforeEach(() => watched.begin())
afterEach(() => watched.judge())

/** Sends octets on a connection of their own; resolves when the gateway has closed it or has had its time. */
async function throwAt(octets: Buffer, isBound: boolean, patience = 250): Promise<void> {
  const socket: Socket = connect({ port: gateway.port, host: '127.0.0.1' })
  socket.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.resume()
  if (isBound) {
    socket.write(encodeMessage(bind(1, user, password)))
    await new Promise((resolve) => socket.once('data', resolve))
  }
  socket.write(octets)
  // A client that has said all it had, so that what is cut off need not be waited for.
  socket.end()
  await Promise.race([closed, pause(patience)])
  socket.destroy()
}

const samples: readonly LdapMessage[] = [
  bind(2, user, password),
  search(3, '(&(uid=a*b*c)(!(cn=x))(|(sn>=1)(sn<=2)(mail~=y)(cn:caseExactMatch:=z)))', people),
  searchAll(4, people),
  { op: 'compareRequest', messageId: 5, entry: user, attribute: 'sn', value: Buffer.from('x'), controls: [] },
  { op: 'extendedRequest', messageId: 6, name: '1.3.6.1.4.1.4203.1.11.3', controls: [] },
  { op: 'delRequest', messageId: 7, entry: user, controls: [] },
  { op: 'abandonRequest', messageId: 8, target: 3, controls: [] },
  {
    ...searchAll(9, people),
    controls: [{ type: '1.2.840.113556.1.4.319', critical: true, value: sequence(int(5), text('cookie')) }],
  } as LdapMessage,
]

const randomOctets = (random: Random, count: number) =>
  Buffer.from(Array.from({ length: count }, () => random.integer(256)))

describe.each([
  ['before a bind', false],
  ['after a bind', true],
])('%s', (_name, isBound) => {
  it(`mutated and truncated requests (seed ${seed})`, async () => {
    const random = new Random(seed + Number(isBound))
    for (let round = 0; round < 60; round++) {
      await Promise.all(
        Array.from({ length: 20 }, () => {
          const valid = Buffer.concat([
            encodeMessage(random.pick(samples)),
            encodeMessage(random.pick(samples)),
          ])
          return throwAt(mutate(random, valid, encodeMessage(random.pick(samples))), isBound)
        }),
      )
    }
  })

  it(`random octets (seed ${seed})`, async () => {
    const random = new Random(seed + 2 + Number(isBound))
    for (let round = 0; round < 15; round++) {
      await Promise.all(
        Array.from({ length: 20 }, () => {
          const noise = randomOctets(random, 1 + random.integer(2000))
          return throwAt(random.chance(0.5) ? noise : Buffer.concat([hex('30 82 07d0'), noise]), isBound)
        }),
      )
    }
  })

  it('nesting without end', async () => {
    const request = (filter: Buffer) =>
      sequence(
        int(2),
        tlv(
          0x63,
          text(people),
          enumerated(2),
          enumerated(0),
          int(0),
          int(0),
          bool(false),
          filter,
          sequence(),
        ),
      )
    const nested = (tag: number, depth: number, innermost: Buffer) => {
      const octets = Buffer.alloc(depth * 6 + innermost.length)
      innermost.copy(octets, depth * 6)
      for (let at = 0; at < depth * 6; at += 6) {
        octets.writeUInt8(tag, at)
        octets.writeUInt8(0x84, at + 1)
        octets.writeUInt32BE(octets.length - at - 6, at + 2)
      }
      return octets
    }
    const depth = isBound ? 300_000 : 40_000
    for (const octets of [
      request(nested(0xa2, depth, tlv(0x87, 'cn'))),
      request(nested(0xa0, depth, tlv(0x87, 'cn'))),
      request(nested(0xa1, 99, tlv(0x87, 'cn'))),
      request(nested(0xa2, depth, Buffer.alloc(0))),
      nested(0x30, depth, Buffer.alloc(0)),
      sequence(
        int(1),
        tlv(0x60, int(3), text(''), tlv(0x80, '')),
        tlv(0xa0, nested(0x30, depth, Buffer.alloc(0))),
      ),
      Buffer.alloc(100_000, 0x30),
      Buffer.from('30803080'.repeat(20_000), 'hex'),
    ])
      for (let i = 0; i < 5; i++) await throwAt(octets, isBound, 2000)
  })

  it('sizes that lie, and messages that are too large', async () => {
    for (const octets of [
      hex('30 84 7fffffff'),
      hex('30 84 ffffffff'),
      hex('30 88 ffffffffffffffff'),
      hex('30 ff'),
      hex('30 80'),
      hex('30 85 0000000001 00'),
      hex('30 00'),
      hex('02 01 01'),
      hex('30 03 02 01 01'),
      hex('30 05 02 01 01 63 7f'),
      Buffer.concat([hex('30 84 00fffff0'), Buffer.alloc(16_000_000, 0x41)]),
      Buffer.concat([hex('30 84 05f5e100'), Buffer.alloc(50_000_000)]),
      Buffer.alloc(20_000_000),
    ])
      await throwAt(octets, isBound, 3000)
  })

  it('many half messages that never end', async () => {
    const size = isBound ? 9_000_000 : 200_000
    const wires = await Promise.all(
      Array.from({ length: isBound ? 4 : 100 }, () => Wire.connect(gateway.port)),
    )
    for (const wire of wires) {
      if (isBound) {
        wire.send(bind(1, user, password))
        await wire.messages(1)
      }
      const head = Buffer.alloc(6)
      head.writeUInt16BE(0x3084)
      head.writeUInt32BE(size, 2)
      wire.send(head, Buffer.alloc(isBound ? 1_000_000 : size - 10))
    }
    await pause(500)
    for (const wire of wires) wire.destroy()
  })
})

describe('many at a time', () => {
  it('10,000 requests on one connection are each answered once', { timeout: 60_000 }, async () => {
    const wire = await Wire.connect(gateway.port)
    const one = (id: number): LdapMessage => {
      switch (id % 5) {
        case 0:
          return search(id, `(uid=user.${1 + (id % COUNT)})`, people)
        case 1:
          return {
            op: 'compareRequest',
            messageId: id,
            entry: user,
            attribute: 'sn',
            value: Buffer.from('User 1'),
            controls: [],
          }
        case 2:
          return { op: 'extendedRequest', messageId: id, name: '1.3.6.1.4.1.4203.1.11.3', controls: [] }
        case 3:
          return search(id, '(cn=nobody)', people)
        default:
          return { op: 'delRequest', messageId: id, entry: user, controls: [] }
      }
    }
    wire.socket.write(Buffer.concat(Array.from({ length: 10_000 }, (_, i) => encodeMessage(one(i + 1)))))
    const isAnswer = (m: LdapMessage) => m.op !== 'searchResultEntry'
    await wire.messages(12_000)
    const ids = wire.received.filter(isAnswer).map((m) => m.messageId)
    expect(ids).toHaveLength(10_000)
    expect(new Set(ids).size).toBe(10_000)
    expect(wire.received.filter((m) => m.op === 'searchResultEntry').length).toBe(2000)
    wire.destroy()
  })

  it('connections that come and go in haste leave nothing behind', async () => {
    for (let round = 0; round < 20; round++) {
      const wires = await Promise.all(Array.from({ length: 50 }, () => Wire.connect(gateway.port)))
      for (const [i, wire] of wires.entries()) {
        wire.send(searchAll(1, people))
        if (i % 2 === 0) wire.socket.resetAndDestroy()
        else wire.destroy()
      }
    }
    await pause(300)
  })
})
