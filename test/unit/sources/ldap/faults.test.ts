/** Servers that break off, say nothing, or say what is no LDAP: an error in time, nothing left open, and recovery. */
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { encodeMessage, type LdapMessage } from '../../../../src/ldap/index.js'
import { read } from '../../../../src/sources/ldap/reader.js'
import type { Upstream } from '../../../../src/sources/ldap/upstream.js'
import { proper, startRaw } from './raw.js'
import { Started } from './serving.js'

const started = new Started()

afterEach(() => started.end())

const times = { connectTimeout: 150, operationTimeout: 150 }
const query = { base: 'dc=a', scope: 'wholeSubtree', filter: '(cn=*)', attributes: ['cn'] } as const

async function find(upstream: Upstream, expected = 0): Promise<number> {
  let found = 0
  for await (const batch of read(upstream, { ...query, expected })) found += batch.length
  return found
}

async function took(work: Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work.catch(() => undefined)
  return performance.now() - start
}

const isMain = (message: LdapMessage) => message.op === 'searchRequest' && message.base !== ''
const unavailable = { code: 'unavailable' }

function answering(message: LdapMessage, socket: Socket): void {
  const octets = proper(message)
  if (octets !== undefined) socket.write(octets)
}

/** What comes in place of the answers to a search. */
const faults: Readonly<Record<string, (message: LdapMessage, octets: Buffer) => Uint8Array>> = {
  'half of an answer, and the end': (_, octets) => octets.subarray(0, octets.length / 2),
  'an entry without the end, and the end': (_, octets) => octets.subarray(0, octets.length - 14),
  'nothing, and the end': () => Buffer.alloc(0),
  'no LDAP': () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
  'broken BER': (_, octets) => octets.map((octet, i) => (i > 8 ? octet ^ 0xff : octet)),
  'the answer to something else': ({ messageId }) =>
    encodeMessage({ op: 'delResponse', messageId, code: 0, matchedDN: '', message: '', controls: [] }),
  'a notice of disconnection': () =>
    encodeMessage({
      op: 'extendedResponse',
      messageId: 0,
      code: 53,
      matchedDN: '',
      message: 'too much',
      name: '1.3.6.1.4.1.1466.20036',
      controls: [],
    }),
}

describe('a server that answers a search with', () => {
  it.each(Object.entries(faults))('%s, is unavailable, and is asked again', async (_, fault) => {
    let isBroken = true
    const raw = await startRaw(started, (message, socket) => {
      const octets = proper(message)
      if (octets === undefined) return
      if (!isBroken || !isMain(message)) socket.write(octets)
      else socket.end(fault(message, octets))
    })
    const upstream = started.upstream([raw.port], times)
    for (const expected of [0, 1000]) {
      isBroken = true
      await expect(find(upstream, expected)).rejects.toMatchObject(unavailable)
      isBroken = false
      await expect.poll(() => find(upstream, expected).catch(() => 0), { timeout: 3000 }).toBe(1)
    }
    upstream.close()
    await expect.poll(() => raw.open.size).toBe(0)
  })
})

describe('a server that', () => {
  it('says nothing is unavailable in time, and for those who come next at once', async () => {
    let isSilent = false
    const raw = await startRaw(started, (message, socket) => {
      const octets = proper(message)
      if (octets !== undefined && !isSilent) socket.write(octets)
    })
    const upstream = started.upstream([raw.port], times)
    expect(await find(upstream)).toBe(1)
    isSilent = true
    expect(await took(expect(find(upstream)).rejects.toMatchObject(unavailable))).toBeLessThan(600)
    await sleep(300)
    expect(await took(expect(find(upstream)).rejects.toMatchObject(unavailable))).toBeLessThan(50)
    expect(await took(expect(upstream.verify('cn=a', 'b')).rejects.toMatchObject(unavailable))).toBeLessThan(
      50,
    )
    isSilent = false
    await expect.poll(() => find(upstream).catch(() => 0), { timeout: 5000 }).toBe(1)
    upstream.close()
    await expect.poll(() => raw.open.size, { timeout: 3000 }).toBe(0)
  })

  it('is slow with one search keeps its connections, and the others their answers', async () => {
    const raw = await startRaw(started, (message, socket) => {
      const octets = proper(message)
      if (message.op === 'searchRequest' && message.base === 'dc=slow') return
      if (octets !== undefined) socket.write(octets)
    })
    const upstream = started.upstream([raw.port], times)
    const slow = upstream.use((client) => client.searchAll('dc=slow'))
    const others = sleep(100).then(() => find(upstream))
    await expect(slow).rejects.toMatchObject(unavailable)
    expect(await others).toBe(1)
    expect(await find(upstream)).toBe(1)
    expect(raw.received.filter(({ op }) => op === 'bindRequest')).toHaveLength(1)
    expect(raw.received.filter(({ op }) => op === 'abandonRequest')).toHaveLength(1)
  })

  it('accepts connections and never answers the bind is given up in time, and another one asked', async () => {
    const mute = await startRaw(started, () => undefined)
    const well = await startRaw(started, answering)
    const alone = started.upstream([mute.port], times)
    expect(await took(expect(find(alone)).rejects.toMatchObject(unavailable))).toBeLessThan(500)
    const both = started.upstream([mute.port, well.port], times)
    expect(await took(expect(find(both)).resolves.toBe(1))).toBeLessThan(500)
    expect(await took(expect(find(both)).resolves.toBe(1))).toBeLessThan(50)
    alone.close()
    both.close()
    await expect.poll(() => mute.open.size + well.open.size, { timeout: 3000 }).toBe(0)
  })

  it('refuses the name or password of the source is unavailable, and not asked again and again', async () => {
    const raw = await startRaw(started, ({ messageId }, socket) => {
      socket.write(
        encodeMessage({ op: 'bindResponse', messageId, code: 49, matchedDN: '', message: '', controls: [] }),
      )
    })
    const upstream = started.upstream([raw.port], times)
    for (let i = 0; i < 5; i++) {
      await expect(find(upstream)).rejects.toMatchObject({
        ...unavailable,
        message: expect.stringContaining('name or password of the source'),
      })
      await sleep(200)
    }
    expect(raw.received.filter(({ op }) => op === 'bindRequest')).toHaveLength(1)
  })

  it('closes each connection as soon as it is bound is unavailable, without end of trying', async () => {
    const raw = await startRaw(started, (message, socket) => {
      if (message.op === 'bindRequest') socket.end(proper(message) ?? '')
    })
    const upstream = started.upstream([raw.port], times)
    await expect(find(upstream)).rejects.toMatchObject(unavailable)
    expect(raw.received.filter(({ op }) => op === 'bindRequest').length).toBeLessThan(12)
  })

  it('comes back is used again by those who had to go to one of lower priority', async () => {
    const first = new Started()
    const { port } = await startRaw(first, answering)
    // Nothing listens at its port for a while.
    await first.end()
    const second = await startRaw(started, answering)
    const source = started.upstream([port, second.port], times)
    expect(await find(source)).toBe(1)
    expect(await find(source, 1000)).toBe(1)
    expect(second.open.size).toBe(2)
    const back = await startRaw(started, answering, port)
    await expect.poll(() => back.open.size, { timeout: 3000 }).toBe(1)
    await expect.poll(() => second.open.size, { timeout: 3000 }).toBe(0)
    expect(await find(source)).toBe(1)
    expect(await find(source, 1000)).toBe(1)
    expect(second.open.size).toBe(0)
  })
})

describe('connections', () => {
  it('grow with what there is to do, and shrink when they are not needed any more', async () => {
    const raw = await startRaw(started, (message, socket) => {
      const octets = proper(message)
      setTimeout(() => octets !== undefined && socket.write(octets), 5)
    })
    const upstream = started.upstream([raw.port], {
      connections: 4,
      streams: 3,
      healthInterval: 200,
      idleTimeout: 2000,
    })
    for (let i = 0; i < 8; i++) await Promise.all(Array.from({ length: 100 }, () => find(upstream)))
    expect(raw.open.size).toBe(4)
    await Promise.all(Array.from({ length: 10 }, () => find(upstream, 1000)))
    await Promise.all(Array.from({ length: 10 }, () => upstream.verify('cn=a', 'b')))
    expect(raw.open.size).toBe(4 + 3 + 4)
    await expect.poll(() => raw.open.size, { timeout: 8000 }).toBe(1)
    expect(upstream.connections).toBe(1)
    expect(await find(upstream)).toBe(1)
  })

  it('that were forgotten in between are found out before anybody needs them', async () => {
    const raw = await startRaw(started, (message, socket) => {
      const octets = proper(message)
      if (octets !== undefined && !silent.has(socket)) socket.write(octets)
    })
    const silent = new WeakSet<object>()
    const upstream = started.upstream([raw.port], { ...times, healthInterval: 60 })
    expect(await find(upstream)).toBe(1)
    for (const socket of raw.open) silent.add(socket)
    await sleep(500)
    expect(await took(expect(find(upstream)).resolves.toBe(1))).toBeLessThan(100)
  })

  it('are waited for only so long, in the order of those who wait', async () => {
    const raw = await startRaw(started, (message, socket) => {
      const octets = proper(message)
      if (octets !== undefined && !(isMain(message) && isHeld)) socket.write(octets)
    })
    let isHeld = false
    const upstream = started.upstream([raw.port], { streams: 1, connectTimeout: 100, operationTimeout: 5000 })
    expect(await find(upstream, 1000)).toBe(1)
    isHeld = true
    const controller = new AbortController()
    const first = read(upstream, { ...query, expected: 1000 }, controller.signal).next()
    await expect(find(upstream, 1000)).rejects.toMatchObject({ code: 'busy' })
    isHeld = false
    expect(await find(upstream)).toBe(1)
    const order: string[] = []
    const waiting = ['a', 'b', 'c'].map((name) => find(upstream, 1000).then(() => order.push(name)))
    controller.abort()
    await expect(first).rejects.toMatchObject({ code: 'canceled' })
    await Promise.all(waiting)
    expect(order).toEqual(['a', 'b', 'c'])
  })

  it('leave no listeners behind at a signal', async () => {
    const raw = await startRaw(started, answering)
    const upstream = started.upstream([raw.port], times)
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--
      remove(...args)
    }
    for (let i = 0; i < 20; i++) {
      for (const expected of [0, 1000]) for await (const _ of read(upstream, { ...query, expected }, signal));
      await upstream.verify('cn=a', 'b', signal)
      await upstream.capabilities(signal)
    }
    expect(listeners).toBe(0)
  })
})
