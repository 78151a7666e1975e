/** How a service is reached: credentials, certificates, a proxy; and what is said where it cannot be. */
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { ScimCredentials } from '../../../src/copy/targets/scim/settings.js'
import { Authority } from '../../servers/authority.js'
import { type MoodyService, moody } from './moods.js'
import { allOf, closed, gatewayService, listening, type RemoteService } from './services.js'
import { type Company, company, push } from './source.js'

const rows = `insert into people values (1, 'ada', 'Ada', 'Lovelace', null, null, null, null, 1, null);`

let behind: RemoteService
let service: MoodyService
let source: Company
let bearer: ScimCredentials
beforeAll(async () => {
  behind = await gatewayService()
  bearer = { kind: 'bearer', token: behind.token }
})
beforeEach(async () => {
  service = await moody(behind.url)
  source = await company(rows)
})
afterEach(async () => {
  await source.close()
  await service.close()
  for (const { id } of await allOf(behind, '/Users')) await behind.client.remove(`/Users/${id}`)
})
afterAll(() => behind.close())

type Remote = Parameters<Company['target']>[0]
const pushed = (remote: Partial<Remote>) =>
  push(source, source.target({ url: service.url, credentials: bearer, ...remote }), { views: ['people'] })
const done = { add: 1, update: 0, remove: 0, problems: [] }

async function server(handle: Parameters<typeof createHttpServer>[1]) {
  const made = createHttpServer(handle)
  await listening(made)
  onTestFinished(() => closed(made))
  return { url: `http://127.0.0.1:${portOf(made)}`, made }
}

const portOf = (made: Server) => (made.address() as AddressInfo).port

describe('Credentials', () => {
  it('that the service does not know end the cycle', async () => {
    await expect(pushed({ credentials: { kind: 'bearer', token: 'wrong' } })).rejects.toMatchObject({
      code: 'invalidCredentials',
      message: expect.stringContaining('does not accept our credentials'),
    })
    await expect(pushed({ credentials: { kind: 'none' } })).rejects.toMatchObject({
      code: 'invalidCredentials',
    })
  })

  it('are a name and a password', async () => {
    await expect(
      pushed({ credentials: { kind: 'basic', user: 'ädä', password: 'a:b' } }),
    ).rejects.toMatchObject({ code: 'invalidCredentials' })
    const [seen] = service.seen
    expect(seen?.headers.authorization).toBe(`Basic ${Buffer.from('ädä:a:b').toString('base64')}`)
  })

  it('are asked for anew when they are refused', async () => {
    const tokens = ['old', behind.token]
    expect(
      await pushed({ credentials: { kind: 'bearer', token: async () => tokens.shift() ?? '' } }),
    ).toEqual(done)
    expect(tokens).toEqual([])
  })

  describe('of a client that fetches tokens', () => {
    const asked: { readonly authorization: string | undefined; readonly form: URLSearchParams }[] = []
    let tokens: (readonly [number, object])[]
    const issuer = () =>
      server((request, response) => {
        void textOf(request).then((text) => {
          asked.push({ authorization: request.headers.authorization, form: new URLSearchParams(text) })
          const [status, body] = (tokens.length > 1 ? tokens.shift() : tokens[0]) ?? [500, {}]
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
        })
      })
    beforeEach(() => {
      asked.length = 0
      tokens = [[200, { access_token: behind.token, token_type: 'Bearer', expires_in: 3600 }]]
    })
    const oauth = (url: string) =>
      ({ kind: 'oauth', tokenUrl: url, clientId: 'we', clientSecret: 'a b+' }) as const

    it('are fetched once', async () => {
      const { url } = await issuer()
      expect(await pushed({ credentials: { ...oauth(url), scope: 'scim', audience: 'them' } })).toEqual(done)
      expect(asked).toHaveLength(1)
      expect(asked[0]?.authorization).toBe(`Basic ${Buffer.from('we:a+b%2B').toString('base64')}`)
      expect(Object.fromEntries(asked[0]?.form ?? [])).toEqual({
        grant_type: 'client_credentials',
        scope: 'scim',
        audience: 'them',
      })
    })

    it('are asked for with the secret in the body where told', async () => {
      const { url } = await issuer()
      expect(await pushed({ credentials: { ...oauth(url), secretIn: 'body' } })).toEqual(done)
      expect(asked[0]?.authorization).toBeUndefined()
      expect(asked[0]?.form.get('client_secret')).toBe('a b+')
    })

    it('are fetched again when they are no longer good', async () => {
      const { url } = await issuer()
      tokens.unshift([200, { access_token: 'gone', expires_in: 3600 }])
      expect(await pushed({ credentials: oauth(url) })).toEqual(done)
      expect(asked).toHaveLength(2)
      asked.length = 0
      tokens = [[200, { access_token: behind.token, expires_in: 0.001 }]]
      await source.sql(`update people set title = 'Dr'`)
      expect(await pushed({ credentials: oauth(url) })).toMatchObject({ update: 1, problems: [] })
      expect(asked.length).toBeGreaterThan(1)
    })

    it('are waited for while their issuer is in trouble', async () => {
      const { url } = await issuer()
      tokens.unshift([503, {}], [500, {}])
      expect(await pushed({ credentials: oauth(url) })).toEqual(done)
    })

    it('are not had by who is refused', async () => {
      const { url } = await issuer()
      tokens = [[401, { error: 'invalid_client', error_description: 'who?' }]]
      await expect(pushed({ credentials: oauth(url) })).rejects.toMatchObject({
        code: 'invalidCredentials',
        message: expect.stringContaining('it answers 401, invalid_client: who?'),
      })
      expect(asked).toHaveLength(1)
    })
  })
})

describe('TLS', () => {
  const secure = async (options: { readonly names?: readonly string[]; readonly asks?: boolean } = {}) => {
    const authority = await Authority.make()
    const own = await authority.issue({ names: options.names ?? ['IP:127.0.0.1'] })
    const target = new URL(service.url)
    const made = createHttpsServer(
      {
        cert: readFileSync(own.cert),
        key: readFileSync(own.key),
        ...(options.asks === true && { requestCert: true, ca: readFileSync(authority.cert) }),
      },
      (request, response) => {
        void textOf(request).then((body) => {
          const { method, url: path = '', headers } = request
          const url = `http://${target.host}${path}`
          void fetch(url, {
            ...(method !== undefined && { method }),
            headers: { authorization: headers.authorization ?? '', 'content-type': 'application/scim+json' },
            ...(body !== '' && { body }),
          }).then(async (answer) => {
            response
              .writeHead(answer.status, { 'content-type': 'application/scim+json' })
              .end(await answer.text())
          })
        })
      },
    )
    await listening(made)
    onTestFinished(async () => {
      await closed(made)
      authority.remove()
    })
    return { url: `https://127.0.0.1:${portOf(made)}${target.pathname}`, authority }
  }

  it('is had with a CA of its own', async () => {
    const { url, authority } = await secure()
    expect(await pushed({ url, ca: readFileSync(authority.cert, 'utf8') })).toEqual(done)
  })

  it('is refused, at once, to whom nobody trusts', async () => {
    const { url } = await secure()
    const began = Date.now()
    await expect(pushed({ url, delay: 10_000 })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/certificate/i),
    })
    expect(Date.now() - began).toBeLessThan(5000)
  })

  it('is refused to who has a certificate for another name', async () => {
    const { url, authority } = await secure({ names: ['DNS:elsewhere.example.com'] })
    await expect(pushed({ url, ca: readFileSync(authority.cert, 'utf8') })).rejects.toMatchObject({
      code: 'unavailable',
    })
  })

  it('shows a certificate where told', async () => {
    const { url, authority } = await secure({ asks: true })
    const ca = readFileSync(authority.cert, 'utf8')
    await expect(pushed({ url, ca, attempts: 1 })).rejects.toMatchObject({ code: 'unavailable' })
    const own = await authority.issue({})
    const [cert, key] = [readFileSync(own.cert, 'utf8'), readFileSync(own.key, 'utf8')]
    expect(await pushed({ url, ca, cert, key })).toEqual(done)
  })

  it('goes through a proxy', async () => {
    const { url, authority } = await secure()
    const through = await proxy()
    const ca = readFileSync(authority.cert, 'utf8')
    expect(await pushed({ url, ca, proxy: through.url })).toEqual(done)
    expect(new Set(through.asked)).toEqual(new Set([`${new URL(url).host}`]))
  })
})

async function proxy(credentials?: string) {
  const asked: string[] = []
  const { made, url } = await server((_request, response) => response.writeHead(405).end())
  const open = new Set<Duplex>()
  made.on('connect', (request: IncomingMessage, client: Socket) => {
    asked.push(request.url ?? '')
    open.add(client)
    client.on('error', () => {})
    const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`
    if (wanted !== undefined && request.headers['proxy-authorization'] !== wanted) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      return
    }
    const [host, port] = (request.url ?? '').split(':')
    const there = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      there.pipe(client).pipe(there)
    })
    open.add(there)
    there.on('error', () => client.destroy())
  })
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
  })
  return { url, asked }
}

describe('A proxy', () => {
  it('is gone through, with user and password', async () => {
    const through = await proxy('me:s:cret')
    const url = new URL(through.url)
    url.username = 'me'
    url.password = 's%3Acret'
    expect(await pushed({ proxy: url.href })).toEqual(done)
    expect(new Set(through.asked)).toEqual(new Set([new URL(service.url).host]))
  })

  it('that refuses is told of', async () => {
    const through = await proxy('me:secret')
    await expect(pushed({ proxy: through.url, attempts: 2 })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('407'),
    })
    expect(service.seen).toEqual([])
  })
})

describe('A service that is none', () => {
  it.each([
    ['that is not there', undefined, 'unavailable', /ECONNREFUSED.*2 times/],
    [
      'that asks to wait for long',
      { status: 429, retryAfter: '86400' },
      'busy',
      /asks to wait 86400 seconds/,
    ],
    ['that is sent elsewhere', { status: 302 }, 'unwillingToPerform', /sent elsewhere/],
    ['whose answers stay away', { status: 503 }, 'unavailable', /answers 503, 2 times/],
  ] as const)('%s', async (_what, mood, code, message) => {
    if (mood !== undefined) service.mood = () => mood
    const url = mood === undefined ? 'http://127.0.0.1:1/scim' : service.url
    await expect(pushed({ url, attempts: 2 })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })

  it('is a web page', async () => {
    const { url } = await server((_request, response) => response.end('<html>Welcome</html>'))
    await expect(pushed({ url })).rejects.toMatchObject({
      message: expect.stringContaining('is it the URL of a SCIM service?'),
    })
  })

  it('is not there any more, which is not taken for the loss of everybody', async () => {
    const target = source.target({ url: service.url, credentials: { kind: 'bearer', token: behind.token } })
    await push(source, target)
    await source.sql('delete from people where id = 1')
    service.mood = () => ({ status: 404 })
    await expect(push(source, target)).rejects.toMatchObject({
      message: expect.stringMatching(/^there is no \/Users at http.*: is the URL right\?$/),
    })
    service.mood = () => 'fine'
    expect(await push(source, target)).toMatchObject({ remove: 1, problems: [] })
    expect(await push(source, target)).toMatchObject({ add: 0, update: 0, remove: 0 })
  })

  it('has no such resources', async () => {
    service.mood = ({ path }) =>
      path === '/ResourceTypes'
        ? { instead: { Resources: [{ name: 'Device', endpoint: '/Devices' }] } }
        : 'fine'
    await expect(pushed({})).rejects.toMatchObject({
      message: expect.stringContaining('no resources of the type User'),
    })
  })
})

async function textOf(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of message) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}
