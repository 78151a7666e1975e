/** The client against the server of this project, and against servers that misbehave. */
import { connect as connectSocket, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  type ClientOptions,
  createLdapServer,
  encodeMessage,
  FilterSyntaxError,
  LdapClient,
  LdapError,
  type LdapHandlers,
  type LdapMessage,
  type LdapServer,
  type LdapServerOptions,
  pagedResultsControl,
  parsePagedResults,
} from '../../../src/ldap/index.js'

let cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const step of cleanUp.reverse()) await step()
  cleanUp = []
})

async function start(
  handlers: LdapHandlers,
  clientOptions: ClientOptions = {},
  serverOptions: LdapServerOptions = {},
): Promise<{ client: LdapClient; server: LdapServer; port: number }> {
  const server = createLdapServer(handlers, serverOptions)
  cleanUp.push(() => server.close({ graceMs: 0 }))
  const { port } = await server.listen(0)
  const client = await LdapClient.connect({ port, ...clientOptions })
  cleanUp.push(() => client.close())
  return { client, server, port }
}

/** A server that answers any octets with these. */
async function startRaw(reply: (socket: Socket, octets: Buffer) => void): Promise<LdapClient> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (octets) => reply(socket, octets as Buffer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUp.push(() => new Promise((resolve) => server.close(resolve)))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const client = await LdapClient.connect({ port: address.port })
  cleanUp.push(() => client.close())
  return client
}

/** What an operation rejects with. */
async function failure(operation: Promise<unknown>): Promise<LdapError> {
  try {
    await operation
  } catch (error) {
    expect(error).toBeInstanceOf(LdapError)
    return error as LdapError
  }
  throw new Error('it succeeded')
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const success = { code: 0 }

describe('operations', () => {
  it('binds, and says who refused why', async () => {
    const { client } = await start({
      bind: (request) =>
        request.authentication.mechanism === 'simple' &&
        request.authentication.password.toString() === 'pässword'
          ? success
          : { code: 49, message: 'no', matchedDN: 'dc=x' },
    })
    expect(await client.bind('cn=ann', 'pässword')).toMatchObject({ op: 'bindResponse', code: 0 })
    expect(await failure(client.bind('cn=ann', 'wrong'))).toMatchObject({
      code: 49,
      message: 'no',
      matchedDN: 'dc=x',
    })
  })

  it('goes through the steps of a SASL bind', async () => {
    const { client } = await start({
      bind({ authentication }) {
        if (authentication.mechanism !== 'sasl') return { code: 7 }
        return authentication.credentials === undefined
          ? { code: 14, serverSaslCreds: Buffer.from('challenge') }
          : { code: authentication.credentials.toString() === 'response' ? 0 : 49 }
      },
    })
    const step = await client.saslBind('X-TEST')
    expect(step).toMatchObject({ code: 14, serverSaslCreds: Buffer.from('challenge') })
    expect(await client.saslBind('X-TEST', Buffer.from('response'))).toMatchObject({ code: 0 })
    expect(await failure(client.saslBind('X-TEST', Buffer.from('?')))).toMatchObject({
      code: 49,
      message: 'invalidCredentials',
    })
  })

  it('compares, adds, modifies, renames, deletes and extends', async () => {
    const seen: LdapMessage[] = []
    const note =
      (code: number) =>
      (request: LdapMessage): { code: number } => {
        seen.push(request)
        return { code }
      }
    const { client } = await start({
      compare: (request) => ({ code: request.value.toString() === 'yes' ? 6 : 5 }),
      add: note(0),
      modify: note(0),
      modifyDn: note(0),
      delete: note(32),
      extended: (request) =>
        request.name === '1.3.6.1.4.1.4203.1.11.3'
          ? { code: 0, value: Buffer.from('dn:cn=ann') }
          : { code: 2, message: 'unknown' },
    })
    expect(await client.compare('cn=x', 'a', 'yes')).toBe(true)
    expect(await client.compare('cn=x', 'a', Buffer.from('no'))).toBe(false)
    await client.add('cn=x', [{ type: 'cn', values: ['x', Buffer.from([255])] }])
    await client.modify('cn=x', [
      { operation: 'replace', type: 'sn', values: ['y'] },
      { operation: 'delete', type: 'mail', values: [] },
    ])
    await client.modifyDn('cn=x', 'cn=y', { newSuperior: 'dc=z', deleteOldRdn: false })
    expect(await failure(client.delete('cn=x'))).toMatchObject({ code: 32 })
    expect(await client.whoAmI()).toBe('dn:cn=ann')
    expect(await failure(client.extended('1.2.3', Buffer.from('v')))).toMatchObject({
      code: 2,
      message: 'unknown',
    })
    expect(seen).toMatchObject([
      { entry: 'cn=x', attributes: [{ type: 'cn', values: [Buffer.from('x'), Buffer.from([255])] }] },
      {
        object: 'cn=x',
        changes: [
          { operation: 'replace', attribute: { type: 'sn', values: [Buffer.from('y')] } },
          { operation: 'delete', attribute: { type: 'mail', values: [] } },
        ],
      },
      { entry: 'cn=x', newRdn: 'cn=y', deleteOldRdn: false, newSuperior: 'dc=z' },
      { op: 'delRequest', entry: 'cn=x' },
    ])
  })

  it('carries referrals and controls', async () => {
    const { client } = await start({
      delete: (request) => ({
        code: request.controls[0]?.type === '1.2.3' ? 10 : 0,
        referrals: ['ldap://y/'],
      }),
    })
    const error = await failure(client.delete('cn=x', { controls: [{ type: '1.2.3', critical: false }] }))
    expect(error).toMatchObject({ code: 10, referrals: ['ldap://y/'] })
  })

  it('runs many at a time and brings each its own answer', async () => {
    const { client } = await start({
      async compare(request) {
        await pause(Math.random() * 5)
        return { code: request.value.toString() === request.entry ? 6 : 5 }
      },
    })
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, i) => client.compare(`${i}`, 'a', i % 2 === 0 ? `${i}` : 'other')),
    )
    expect(answers).toEqual(Array.from({ length: 500 }, (_, i) => i % 2 === 0))
  })
})

describe('search', () => {
  const entries: LdapHandlers = {
    async search(request, _op, writer) {
      for (let i = 0; i < request.sizeLimit; i++) {
        await writer.entry(`cn=${i}`, [{ type: 'cn', values: [`${i}`, 'x'.repeat(500)] }])
        if (i === 1) await writer.reference(['ldap://elsewhere/'])
      }
      return request.base === 'short' ? { code: 4, message: 'more there' } : success
    },
  }

  it('gives the entries as they come and the result at the end', async () => {
    const { client } = await start(entries)
    const names: string[] = []
    for await (const entry of client.search('dc=x', { sizeLimit: 3 })) names.push(entry.dn)
    expect(names).toEqual(['cn=0', 'cn=1', 'cn=2'])
    const stream = client.search('dc=x', { sizeLimit: 1 })
    expect(await stream.next()).toMatchObject({ done: false, value: { dn: 'cn=0' } })
    expect(await stream.next()).toMatchObject({ done: true, value: { op: 'searchResultDone', code: 0 } })
    expect(await stream.next()).toMatchObject({ done: true })
  })

  it('sends what was asked for', async () => {
    const { client } = await start({
      search: (request) => ({ code: 0, message: JSON.stringify({ ...request, filter: request.filter.tag }) }),
    })
    const { done } = await client.searchAll('dc=x', {
      scope: 'singleLevel',
      filter: '(&(a=b)(c=d))',
      attributes: ['cn', '+'],
      derefAliases: 'derefAlways',
      sizeLimit: 7,
      timeLimit: 8,
      typesOnly: true,
    })
    expect(JSON.parse(done.message)).toMatchObject({
      base: 'dc=x',
      scope: 'singleLevel',
      filter: 'and',
      attributes: ['cn', '+'],
      derefAliases: 'derefAlways',
      sizeLimit: 7,
      timeLimit: 8,
      typesOnly: true,
    })
    expect(() => client.search('', { filter: '(a' })).toThrow(FilterSyntaxError)
  })

  it('throws the refusal after the entries that came before it', async () => {
    const { client } = await start(entries)
    const names: string[] = []
    const error = await failure(
      (async () => {
        for await (const entry of client.search('short', { sizeLimit: 2 })) names.push(entry.dn)
      })(),
    )
    expect(error).toMatchObject({ code: 4, message: 'more there' })
    expect(names).toEqual(['cn=0', 'cn=1'])
  })

  it('collects everything with searchAll', async () => {
    const { client } = await start(entries)
    const result = await client.searchAll('dc=x', { sizeLimit: 2500 })
    expect(result.entries).toHaveLength(2500)
    expect(result.entries[2499]?.attributes[0]?.values[0]?.toString()).toBe('2499')
    expect(result.references).toEqual(['ldap://elsewhere/'])
    expect(result.done.code).toBe(0)
  })

  it('gives batches', async () => {
    const { client } = await start(entries)
    let count = 0
    for await (const batch of client.search('dc=x', { sizeLimit: 3000 }).batches()) {
      for (const entry of batch) expect(entry.dn).toBe(`cn=${count++}`)
    }
    expect(count).toBe(3000)
  })

  it('holds the server back while nobody takes the entries', async () => {
    let written = 0
    const { client } = await start({
      async search(_request, _op, writer) {
        for (; written < 100_000; written++) {
          await writer.entry('cn=x', [{ type: 'a', values: ['x'.repeat(1000)] }])
        }
        return success
      },
    })
    const stream = client.search('dc=x', { maxQueued: 10 })
    await stream.next()
    let before = -1
    while (written !== before) {
      before = written
      await pause(100)
    }
    expect(written).toBeLessThan(50_000)
    let read = 1
    for await (const _entry of stream) read++
    expect(read).toBe(100_000)
  })

  it('does not hold back while another operation waits for its answer', async () => {
    const { client } = await start({
      ...entries,
      compare: () => ({ code: 6 }),
    })
    let compared = 0
    for await (const entry of client.search('dc=x', { sizeLimit: 3000, maxQueued: 5 })) {
      if (compared < 20 && (await client.compare(entry.dn, 'a', 'b'))) compared++
    }
    expect(compared).toBe(20)
  })

  it('abandons when the consumer leaves early', async () => {
    let reason: unknown
    const { client } = await start({
      async search(request, op, writer) {
        try {
          while (request.base === 'endless') await writer.entry('cn=x', [])
        } finally {
          reason = op.signal.reason
        }
        return success
      },
    })
    for await (const entry of client.search('endless')) {
      expect(entry.dn).toBe('cn=x')
      break
    }
    while (reason === undefined) await pause(5)
    expect(reason).toMatchObject({ reason: 'abandon' })
    expect((await client.searchAll('dc=x')).entries).toEqual([])
  })

  it('ends when the function for references throws, and nothing else does', async () => {
    const { client } = await start({ ...entries, delete: () => success })
    const onReference = (): void => {
      throw new RangeError('not there')
    }
    const all = client.searchAll('dc=x', { sizeLimit: 3, onReference })
    await expect(all).rejects.toBeInstanceOf(RangeError)
    expect(await client.delete('cn=x')).toMatchObject({ code: 0 })
  })

  it('pages until there is no cookie', async () => {
    const asked: number[] = []
    const { client } = await start(
      {
        async search(request, _op, writer) {
          const control = request.controls[0]
          if (control === undefined) return { code: 53 }
          const { size, cookie } = parsePagedResults(control)
          const from = Number(cookie.toString() || '0')
          asked.push(from)
          const to = Math.min(from + size, 25)
          for (let i = from; i < to; i++) await writer.entry(`cn=${i}`, [])
          const next = Buffer.from(to < 25 ? `${to}` : '')
          return { code: 0, controls: [pagedResultsControl({ size: 25, cookie: next })] }
        },
      },
      {},
      { supportedControls: ['1.2.840.113556.1.4.319'] },
    )
    const names: string[] = []
    for await (const entry of client.searchPaged('dc=x', { pageSize: 10 })) names.push(entry.dn)
    expect(names).toEqual(Array.from({ length: 25 }, (_, i) => `cn=${i}`))
    expect(asked).toEqual([0, 10, 20])
    for await (const _entry of client.searchPaged('dc=x', { pageSize: 10 })) break
    expect(asked).toEqual([0, 10, 20, 0])
  })
})

describe('ends', () => {
  const slow: LdapHandlers = {
    async compare(_request, op) {
      await new Promise((resolve) => op.signal.addEventListener('abort', resolve))
      return { code: 6 }
    },
    search: (_request, op) =>
      new Promise((resolve) => op.signal.addEventListener('abort', () => resolve(success))),
    delete: () => success,
  }

  it('gives up after the time limit, abandons and goes on', async () => {
    const { client } = await start(slow, { timeoutMs: 30 })
    expect(await failure(client.compare('cn=x', 'a', 'b'))).toMatchObject({ code: 85 })
    expect(await failure(client.searchAll('dc=x'))).toMatchObject({ code: 85 })
    expect(await client.delete('cn=x', { timeoutMs: 10_000 })).toMatchObject({ code: 0 })
  })

  it('does not count the time that its own process was held up', async () => {
    const { client } = await start(
      {
        compare() {
          // After the answer has been sent, and before the client can read it.
          queueMicrotask(() =>
            setImmediate(() => {
              const until = performance.now() + 300
              while (performance.now() < until);
            }),
          )
          return { code: 6 }
        },
      },
      { timeoutMs: 100 },
    )
    expect(await client.compare('cn=x', 'a', 'b')).toBe(true)
  })

  it('does not count the time that the consumer takes', async () => {
    // No time passes but the consumer's.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    cleanUp.push(() => vi.useRealTimers())
    const { client } = await start({
      async search(_request, _op, writer) {
        for (let i = 0; i < 3000; i++) {
          await writer.entry('cn=x', [{ type: 'a', values: ['x'.repeat(1000)] }])
        }
        return success
      },
    })
    let count = 0
    for await (const _entry of client.search('dc=x', { timeoutMs: 30, maxQueued: 2 })) {
      if (count++ % 100 === 0) vi.advanceTimersByTime(120)
    }
    expect(count).toBe(3000)
  })

  it('stops at the caller’s signal', async () => {
    const { client } = await start(slow)
    const controller = new AbortController()
    const { signal } = controller
    setTimeout(() => controller.abort(new Error('enough')), 10)
    const [compare, search] = await Promise.all([
      failure(client.compare('cn=x', 'a', 'b', { signal })),
      failure(client.searchAll('dc=x', { signal })),
    ])
    expect(compare).toMatchObject({ code: 88, cause: { message: 'enough' } })
    expect(search).toMatchObject({ code: 88 })
    expect(await failure(client.delete('cn=x', { signal }))).toMatchObject({ code: 88 })
    expect(await failure(client.searchAll('dc=x', { signal }))).toMatchObject({ code: 88 })
  })

  it('fails everything that waits when the server closes, with what the server said', async () => {
    const told: (LdapError | undefined)[] = []
    const { client, server } = await start(slow, { onClose: (error) => told.push(error) })
    const pending = [failure(client.compare('cn=x', 'a', 'b')), failure(client.searchAll('dc=x'))]
    await pause(20)
    await server.close({ graceMs: 0 })
    for (const error of await Promise.all(pending)) expect([52, 81]).toContain(error.code)
    expect(client.closed).toBe(true)
    expect(told).toHaveLength(1)
    expect(await failure(client.delete('cn=x'))).toBeInstanceOf(LdapError)
    expect(await failure(client.searchAll('dc=x'))).toBeInstanceOf(LdapError)
  })

  it('fails everything that waits when it is closed here', async () => {
    const told: unknown[] = []
    const { client } = await start(slow, { onClose: (error) => told.push(error) })
    const pending = failure(client.compare('cn=x', 'a', 'b'))
    await pause(10)
    client.close()
    client.close()
    expect(await pending).toMatchObject({ code: 81 })
    expect(told).toEqual([undefined])
  })

  it('fails when nothing listens, and when the socket cannot be made', async () => {
    const { server, port } = await start({})
    await server.close({ graceMs: 0 })
    expect(await failure(LdapClient.connect({ port }))).toMatchObject({ code: 91 })
    const blocked = (): Promise<Socket> => Promise.reject(new Error('no TLS'))
    expect(await failure(LdapClient.connect({ socket: blocked }))).toMatchObject({ code: 91 })
  })

  it('uses the socket that it is given', async () => {
    const { port } = await start(slow)
    const client = await LdapClient.connect({ socket: () => connectSocket({ port, host: '127.0.0.1' }) })
    expect(await client.delete('cn=x')).toMatchObject({ code: 0 })
    client.close()
  })
})

describe('servers that misbehave', () => {
  it('ends on what is not LDAP', async () => {
    const client = await startRaw((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n'))
    expect(await failure(client.delete('cn=x'))).toMatchObject({ code: 84 })
    expect(client.closed).toBe(true)
  })

  it('ends on an answer of the wrong kind', async () => {
    const client = await startRaw((socket) =>
      socket.write(
        encodeMessage({ op: 'addResponse', messageId: 1, code: 0, matchedDN: '', message: '', controls: [] }),
      ),
    )
    expect(await failure(client.delete('cn=x'))).toMatchObject({ code: 84 })
  })

  it('drops answers that nobody waits for', async () => {
    const answer = (messageId: number): Buffer =>
      encodeMessage({ op: 'delResponse', messageId, code: 0, matchedDN: '', message: '', controls: [] })
    const client = await startRaw((socket) => socket.write(Buffer.concat([answer(77), answer(1)])))
    expect(await client.delete('cn=x')).toMatchObject({ messageId: 1 })
  })

  it('fails when the connection ends in the middle of a message', async () => {
    const client = await startRaw((socket) => socket.end(Buffer.from([0x30, 0x20, 0x02])))
    expect(await failure(client.delete('cn=x'))).toMatchObject({ code: 81 })
  })
})
