/** A socket that flows directly gives what any socket does, in its order, and holds its peer back while it is paused. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { flowDirectly } from '../../../src/ldap/flow-directly.js'

let near: Socket
let far: Socket
let close: () => void

beforeEach(async () => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const arrived = once(server, 'connection')
  far = connect((server.address() as AddressInfo).port)
  ;[near] = (await arrived) as [Socket]
  flowDirectly(near)
  close = () => {
    near.destroy()
    far.destroy()
    server.close()
  }
})

afterEach(() => close())

it('gives all octets in their order, with pauses between, and then the end', async () => {
  const sent = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff))
  const chunks: Buffer[] = []
  near.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    if (chunks.length % 3 !== 0) return
    near.pause()
    setTimeout(() => near.resume(), chunks.length % 2)
  })
  const ended = once(near, 'end')
  far.end(sent)
  await ended
  expect(Buffer.concat(chunks).equals(sent)).toBe(true)
})

it('takes no more than the system holds while it is paused', async () => {
  let received = 0
  near.on('data', (chunk: Buffer) => {
    received += chunk.length
    near.pause()
  })
  const piece = Buffer.alloc(1 << 20)
  for (let i = 0; i < 64; i++) far.write(piece)
  await delay(300)
  expect(received).toBeLessThan(piece.length)
  expect(near.readableLength).toBeLessThan(piece.length)
  expect(far.writableLength).toBeGreaterThan(16 * piece.length)
})

it('leaves alone what waits for somebody to listen', async () => {
  far.write('early')
  await delay(50)
  near.on('data', (chunk: Buffer) => received.push(chunk.toString()))
  const received: string[] = []
  far.end('late')
  await once(near, 'end')
  expect(received.join('')).toBe('earlylate')
})
