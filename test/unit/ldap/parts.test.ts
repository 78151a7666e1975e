/** Messages within their size of more parts than anybody needs: answered, not held in memory, and no end of the session. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLdapServer, type LdapServer } from '../../../src/ldap/index.js'
import { bool, enumerated, int, sequence, text, tlv } from './tlv.js'
import { bind, search, Wire } from './wire.js'

const times = (count: number, part: Buffer) => Buffer.alloc(count * part.length, part)
const NOTHING = Buffer.alloc(0)
const present = tlv(0x87, 'cn')

const searchOf = (filter: Buffer, attributes: Buffer, ...behind: readonly Buffer[]) =>
  sequence(
    int(2),
    tlv(
      0x63,
      text(''),
      enumerated(0),
      enumerated(0),
      int(0),
      int(0),
      bool(false),
      filter,
      sequence(attributes),
    ),
    ...behind,
  )
const pieces = (count: number) => tlv(0xa4, text('cn'), sequence(times(count, tlv(0x81, 'x'))))
const change = (values: Buffer) => sequence(enumerated(0), sequence(text('cn'), tlv(0x31, values)))
const modifyOf = (changes: Buffer) => sequence(int(2), tlv(0x66, text('cn=x'), sequence(changes)))
const addOf = (values: Buffer) =>
  sequence(int(2), tlv(0x68, text('cn=x'), sequence(sequence(text('cn'), tlv(0x31, values)))))
const controls = (count: number) => tlv(0xa0, times(count, sequence(text('1.2'))))

let server: LdapServer
let wire: Wire

beforeAll(async () => {
  const answer = () => ({ code: 0 })
  server = createLdapServer({ bind: answer, search: answer, modify: answer, add: answer })
  const { port } = await server.listen(0)
  wire = await Wire.connect(port)
  wire.send(bind(1, 'cn=ann', 'pw'))
  await wire.messages(1)
})

afterAll(async () => {
  wire?.destroy()
  await server?.close({ graceMs: 0 })
})

const value = text('x')

it.each([
  ['1,000,000 controls', searchOf(present, NOTHING, controls(1_000_000))],
  ['1,000,000 attributes asked for', searchOf(present, times(1_000_000, text('cn')))],
  ['1,000,000 pieces of a substring', searchOf(pieces(1_000_000), NOTHING)],
  ['1,000,000 values in one change', modifyOf(change(times(1_000_000, value)))],
  ['300,000 changes', modifyOf(times(300_000, change(value)))],
  ['1,000,000 values to add', addOf(times(1_000_000, value))],
])('%s', async (_name, octets) => {
  const before = wire.received.length
  const memory = process.memoryUsage()
  wire.send(octets, search(3))
  await wire.messages(before + 2)
  const { heapUsed, external } = process.memoryUsage()
  expect(heapUsed + external - memory.heapUsed - memory.external).toBeLessThan(octets.length * 2 + (40 << 20))
  expect(wire.received.slice(before)).toMatchObject([
    { messageId: 2, code: 11 },
    { messageId: 3, code: 0 },
  ])
})

it.each([
  ['50,000 values in one change', modifyOf(change(times(50_000, text('uid=somebody,ou=people,dc=example'))))],
  ['1,000 attributes asked for', searchOf(present, times(1000, text('cn')))],
  ['20 controls', searchOf(present, NOTHING, controls(20))],
  ['1,000 pieces of a substring', searchOf(pieces(1000), NOTHING)],
])('though not %s, which somebody may need', async (_name, octets) => {
  const before = wire.received.length
  wire.send(octets)
  await wire.messages(before + 1)
  expect(wire.received.slice(before)).toMatchObject([{ messageId: 2, code: 0 }])
})
