/** Bodies made to do harm: each is answered in time, with a refusal or the truth, and the next one is served. */
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  BULK,
  PATCH,
  refusal,
  SEARCH,
  type Service,
  serveDemo,
  sqlite,
  TOKEN,
  USER,
  unique,
} from './serving.js'

describe.each(sqlite)('abusive bodies and %s', (_name, create) => {
  let scim: Service
  let victim: string

  beforeAll(async () => {
    scim = await serveDemo(create)
    victim = (await scim.user({ userName: unique('victim'), displayName: 'unharmed' })).id
  })
  afterEach(async () => {
    const { status, body } = await scim.get(`/Users/${victim}`)
    expect({ status, displayName: body.displayName }).toEqual({ status: 200, displayName: 'unharmed' })
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
  afterAll(() => scim?.close())

  const searched = (filter: string, path = '/Users') =>
    scim.post(`${path}/.search`, { schemas: [SEARCH], filter, attributes: ['userName'] })
  /** Answered in so many milliseconds. */
  const within = async <T>(limit: number, asked: Promise<T>): Promise<T> => {
    const begun = performance.now()
    const answer = await asked
    expect(performance.now() - begun).toBeLessThan(limit)
    return answer
  }
  const users = async () => (await scim.get('/Users', { count: 0 })).body.totalResults

  describe('bodies', () => {
    const login = () => unique('abuse')

    it.each([
      [
        '__proto__',
        (name: string) => `{"schemas":["${USER}"],"userName":"${name}","__proto__":{"polluted":1}}`,
      ],
      [
        'constructor',
        (name: string) =>
          `{"schemas":["${USER}"],"userName":"${name}","constructor":{"prototype":{"polluted":1}}}`,
      ],
      [
        'a __proto__ within',
        (name: string) => `{"schemas":["${USER}"],"userName":"${name}","name":{"__proto__":{"polluted":1}}}`,
      ],
      [
        'a __proto__ in an element',
        (name: string) =>
          `{"schemas":["${USER}"],"userName":"${name}","emails":[{"value":"a@example.com","__proto__":{"polluted":1}}]}`,
      ],
      [
        'an escaped __proto__',
        (name: string) => `{"schemas":["${USER}"],"userName":"${name}","\\u005f_proto__":{"polluted":1}}`,
      ],
    ])('with %s leave every other object alone', async (_what, text) => {
      const name = login()
      const answer = await scim.request('POST', '/Users', text(name))
      expect([201, 400]).toContain(answer.status)
      expect(answer.text).not.toContain('polluted')
      const put = await scim.request('PUT', `/Users/${victim}`, text(name).replace('"name":', '"name":'))
      expect([200, 400, 409]).toContain(put.status)
      if (put.status === 200)
        await scim.patch(`/Users/${victim}`, [{ op: 'add', path: 'displayName', value: 'unharmed' }])
    })

    it.each([
      { op: 'add', path: '__proto__.polluted', value: 1 },
      { op: 'add', path: '__proto__', value: { polluted: 1 } },
      { op: 'add', path: 'constructor.prototype.polluted', value: 1 },
      { op: 'replace', path: 'constructor.prototype', value: { polluted: 1 } },
      { op: 'replace', path: 'name.__proto__', value: { polluted: 1 } },
      { op: 'add', path: 'emails[__proto__ eq "x"].value', value: 'x' },
      { op: 'add', path: `${USER}:__proto__.polluted`, value: 1 },
      { op: 'remove', path: '__proto__' },
      { op: 'remove', path: 'toString' },
    ])('PATCH with the path $path is refused', async (operation) => {
      const answer = await scim.patch(`/Users/${victim}`, [operation])
      expect(answer.status).toBe(400)
      expect(answer.body.scimType).toMatch(/^invalid(Path|Filter)$/)
    })

    it.each([
      '{"op":"add","value":{"__proto__":{"polluted":1}}}',
      '{"op":"add","value":{"__proto__.polluted":1}}',
      '{"op":"replace","path":"name","value":{"__proto__":{"polluted":1}}}',
      '{"op":"add","path":"emails","value":[{"value":"x@example.com","__proto__":{"polluted":1}}]}',
      '{"op":"add","path":"displayName","value":"unharmed","__proto__":{"polluted":1}}',
    ])('PATCH with %s leaves every other object alone', async (operation) => {
      const body = `{"schemas":["${PATCH}"],"Operations":[${operation}]}`
      const answer = await scim.request('PATCH', `/Users/${victim}`, body)
      expect([200, 204, 400]).toContain(answer.status)
      // A refusal may say what it refuses.
      expect(answer.status === 400 ? '' : answer.text).not.toContain('polluted')
    })

    it.each([
      ['cut off', '{"schemas":["x"]'],
      ['nothing', ''],
      ['no object', '[]'],
      ['a text', '"x"'],
      ['null', 'null'],
      ['a number', '12'],
      ['two objects', '{}{}'],
      ['a comment', '{/* x */}'],
      ['arrays 100,000 deep', `{"emails":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
      ['objects 100,000 deep', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
      ['a name twice', `{"schemas":["${USER}"],"userName":"twice-1","userName":"twice-2"}`],
      ['a name twice in other case', `{"schemas":["${USER}"],"userName":"twice-1","USERNAME":"twice-2"}`],
    ])('that are %s are refused', async (_what, body) => {
      for (const [method, path] of [
        ['POST', '/Users'],
        ['PUT', `/Users/${victim}`],
        ['PATCH', `/Users/${victim}`],
        ['POST', '/Users/.search'],
        ['POST', '/Bulk'],
      ] as const) {
        const answer = await within(5000, scim.request(method, path, body))
        expect(answer, `${method} ${path}`).toMatchObject(refusal(400))
      }
    })

    it('in bytes that are no text are refused, and of types that are not SCIM', async () => {
      const send = (body: string | Uint8Array, type: string) =>
        fetch(`${scim.base}/Users`, {
          method: 'POST',
          headers: { authorization: `Bearer ${TOKEN}`, 'content-type': type },
          body,
        })
      const broken = new Uint8Array([...Buffer.from('{"userName":"'), 0xff, 0xfe, ...Buffer.from('"}')])
      expect((await send(broken, 'application/scim+json')).status).toBe(400)
      for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'nonsense']) {
        const answer = await send('{"schemas":[],"userName":"x"}', type)
        expect(answer.status, type).toBe(415)
        expect(await answer.json()).toMatchObject(refusal(415).body)
      }
    })

    it('with NUL, lone surrogates and endless texts are refused or kept whole', async () => {
      for (const text of ['a\u0000b', '\ud800', 'x\udc00y', 'z'.repeat(100_000), '\u202e\u0007']) {
        const { status, body } = await scim.post('/Users', {
          schemas: [USER],
          userName: login(),
          displayName: text,
          emails: [{ value: text }],
        })
        expect([201, 400]).toContain(status)
        if (status === 201) {
          expect(body.displayName).toBe(text)
          expect((await scim.get(`/Users/${body.id}`)).body.displayName).toBe(text)
        }
        const search = await searched(`displayName eq ${JSON.stringify(text)}`)
        expect([200, 400]).toContain(search.status)
      }
    })

    it('of thousands of elements and operations are answered in time', async () => {
      const many = Array.from({ length: 5000 }, (_, n) => ({ value: `${n}@example.com`, type: 'other' }))
      const made = await within(
        20_000,
        scim.post('/Users', { schemas: [USER], userName: login(), emails: many }),
      )
      expect([201, 400, 413]).toContain(made.status)
      const operations = Array.from({ length: 5000 }, (_, n) => ({
        op: 'replace',
        path: 'nickName',
        value: `n${n}`,
      }))
      const { status } = await within(20_000, scim.patch(`/Users/${victim}`, operations))
      expect([200, 400, 413]).toContain(status)
    })
  })

  it('a body of 100 MB is refused before it has come', async () => {
    const { hostname, port } = new URL(scim.base)
    const length = 100 * 2 ** 20
    const chunk = Buffer.alloc(64 * 1024, 0x20)
    for (const framing of [`content-length: ${length}`, 'transfer-encoding: chunked']) {
      const chunked = framing.startsWith('transfer')
      const begun = performance.now()
      const { answer, sent } = await new Promise<{ answer: string; sent: number }>((resolve, reject) => {
        const socket = connect(Number(port), hostname)
        let answer = ''
        let sent = 0
        let over = false
        const end = () => {
          over = true
          socket.destroy()
          resolve({ answer, sent })
        }
        const write = () => {
          while (!over && sent < length) {
            sent += chunk.length
            const data = chunked
              ? Buffer.concat([Buffer.from('10000\r\n'), chunk, Buffer.from('\r\n')])
              : chunk
            if (!socket.write(data)) return void socket.once('drain', write)
          }
        }
        socket.setTimeout(20_000, () => reject(new Error('no answer')))
        socket.on('data', (data) => {
          answer += data.toString('latin1')
          if (answer.includes('\r\n\r\n')) setTimeout(end, 100)
        })
        socket.on('error', end)
        socket.on('close', end)
        socket.write(
          `POST /scim/v2/Users HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${TOKEN}\r\n` +
            `content-type: application/scim+json\r\n${framing}\r\n\r\n`,
        )
        write()
      })
      expect(answer.split('\r\n')[0], framing).toBe('HTTP/1.1 413 Payload Too Large')
      expect(answer).toContain('"status":"413"')
      expect(sent).toBeLessThan(length / 2)
      expect(performance.now() - begun).toBeLessThan(10_000)
    }
  })

  it('clients that are slow to ask or to read keep nobody waiting', async () => {
    const { hostname, port } = new URL(scim.base)
    const head = `host: ${hostname}\r\nauthorization: Bearer ${TOKEN}\r\n`
    const sockets = Array.from({ length: 16 }, (_, n) => {
      const socket = connect(Number(port), hostname)
      socket.on('error', () => undefined)
      socket.pause()
      const asking = [
        `GET /scim/v2/Users?count=50 HTTP/1.1\r\n${head}\r\n`.repeat(5),
        `POST /scim/v2/Users HTTP/1.1\r\n${head}content-type: application/scim+json\r\ncontent-length: 100\r\n\r\n{`,
        'GET /scim/v2/Us',
        `GET /scim/v2/Users HTTP/1.1\r\n${head}x: `,
      ]
      socket.write(asking[n % asking.length] ?? '')
      return socket
    })
    for (let n = 0; n < 8; n++) {
      const { status } = await within(10_000, scim.get(`/Users/${victim}`))
      expect(status).toBe(200)
    }
    for (const socket of sockets) socket.destroy()
  })

  it('bulk requests beyond the limits are refused whole', async () => {
    const before = await users()
    const operation = (n: number) => ({
      method: 'POST',
      path: '/Users',
      bulkId: `b${n}`,
      data: { schemas: [USER], userName: unique('bulky') },
    })
    const Operations = Array.from({ length: 1001 }, (_, n) => operation(n))
    expect(await scim.post('/Bulk', { schemas: [BULK], Operations })).toMatchObject(refusal(413))
    const padded = { ...operation(0), padding: 'x'.repeat(3 * 2 ** 20) }
    expect(await scim.post('/Bulk', { schemas: [BULK], Operations: [padded] })).toMatchObject(refusal(413))
    expect(await users()).toBe(before)
  })
})
