/** Webhooks, called over HTTP: what receivers get, how they know who sent it, and what happens while they are away. */
import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'
import { selfSigned } from '../../../src/cli/self-signed.js'
import type { Job } from '../../../src/copy/jobs/jobs.js'
import { eventOf, type WebhookSettings, Webhooks } from '../../../src/copy/jobs/webhooks.js'
import { MemoryRecords } from './memory-records.js'

const secret = Buffer.from('a secret of more than 24 octets')
const tally = { add: 0, update: 0, remove: 0, unchanged: 3, adopt: 0, keep: 0, problems: 0 }
const job: Job = {
  id: 'job-1',
  type: 'sync',
  status: 'completed',
  trigger: 'interval',
  target: 'store',
  dryRun: false,
  incremental: false,
  created: '2030-01-01T00:00:00.000Z',
  actions: { done: 2, total: 2 },
  views: { people: { ...tally, add: 2 } },
  violations: [],
  by: 'here',
}

interface Got {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

let got: Got[]
let answers: (number | 'hang' | 'cut' | { status: number; retryAfter: string })[]
let server: Server
let url: string
let clock: Date
let lines: string[]
let outbox: MemoryRecords

beforeEach(async () => {
  got = []
  answers = []
  lines = []
  outbox = new MemoryRecords()
  clock = new Date('2030-01-01T00:00:00Z')
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (part) => {
      body += String(part)
    })
    request.on('end', () => {
      got.push({ headers: request.headers, body })
      const answer = answers.shift() ?? 204
      if (answer === 'cut') request.socket.destroy()
      else if (typeof answer === 'object')
        response.writeHead(answer.status, { 'retry-after': answer.retryAfter }).end()
      else if (answer !== 'hang') response.writeHead(answer, { location: '/elsewhere' }).end('x'.repeat(1000))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

function webhooks(more: Partial<WebhookSettings> = {}, isFree = () => true): Webhooks {
  const note = (_: object, message: string) => void lines.push(message)
  const made = new Webhooks({
    webhooks: [{ name: 'ops', url, secret, events: ['sync.changed', 'sync.held'], timeout: 500, ...more }],
    outbox,
    acquire: async () => {
      if (!isFree()) return undefined
      return { name: 'webhooks', holder: 'me', token: 1, renew: async () => true, release: async () => {} }
    },
    log: { error: note, warn: note, info: note, debug: note },
    now: () => clock,
  })
  onTestFinished(() => made.close())
  return made
}
const later = (seconds: number) => {
  clock = new Date(clock.getTime() + seconds * 1000)
}

it('tells of a job, signed so that the receiver can make sure', async () => {
  const all = webhooks()
  await all.announce(job)
  expect(await all.deliver()).toBe(0)
  const [{ headers, body }] = got as [Got]
  expect(JSON.parse(body)).toEqual({ type: 'sync.changed', timestamp: clock.toISOString(), data: job })
  expect(headers['content-type']).toBe('application/json')
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = headers
  expect(timestamp).toBe(String(clock.getTime() / 1000))
  const expected = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')
  expect(signature).toBe(`v1,${expected}`)
  await all.deliver()
  expect(got).toHaveLength(1)
})

it.each<[string, Partial<Job>, string | undefined]>([
  ['something changed', {}, 'sync.changed'],
  ['nothing changed', { views: { people: tally } }, 'sync.unchanged'],
  ['the guard held it', { status: 'held' }, 'sync.held'],
  ['it failed', { status: 'failed' }, 'sync.failed'],
  ['somebody else was at it', { status: 'skipped' }, undefined],
  ['it still runs', { status: 'running' }, undefined],
  ['it was a dry run', { dryRun: true }, undefined],
])('a job of which %s', (_, more, event) => {
  expect(eventOf({ ...job, ...more })).toBe(event)
})

it('those who did not ask for an event do not hear of it', async () => {
  const all = webhooks({ events: ['sync.failed'] })
  await all.announce(job)
  expect(await all.deliver()).toBe(0)
  expect(got).toEqual([])
})

it.each<[string, (typeof answers)[number]]>([
  ['refuses', 500],
  ['sends elsewhere', 307],
  ['cuts the connection', 'cut'],
  ['does not answer', 'hang'],
])('a receiver that %s is told again, under the same id, by whoever comes next', async (_, answer) => {
  answers = [answer, answer]
  const first = webhooks()
  await first.announce(job)
  expect(await first.deliver()).toBe(1)
  expect(await first.deliver()).toBe(1)
  expect(got).toHaveLength(1)
  await first.close()
  const second = webhooks()
  later(6.1)
  expect(await second.deliver()).toBe(1)
  later(20)
  expect(await second.deliver()).toBe(1)
  expect(got).toHaveLength(2)
  later(17)
  expect(await second.deliver()).toBe(0)
  expect(got).toHaveLength(3)
  expect(new Set(got.map(({ headers }) => headers['webhook-id']))).toHaveProperty('size', 1)
  expect(lines.join()).toMatch(/webhook ops was not told: .*tried again/)
})

it('a receiver that asks to be left alone is left alone for as long', async () => {
  answers = [{ status: 503, retryAfter: '600' }]
  const all = webhooks()
  await all.announce(job)
  await all.deliver()
  later(599)
  expect(await all.deliver()).toBe(1)
  later(2)
  expect(await all.deliver()).toBe(0)
  expect(got).toHaveLength(2)
})

it('after two days of attempts it is given up, which the log tells', async () => {
  answers = Array.from({ length: 50 }, () => 500)
  const all = webhooks()
  await all.announce(job)
  for (let hours = 0; hours < 48; hours++) {
    await all.deliver()
    later(3600)
  }
  expect(await all.deliver()).toBe(0)
  expect(got).toHaveLength(10)
  expect(lines.at(-1)).toMatch(/will not be: it answered 500/)
})

it('one that is gone, or that is no longer configured, is not told again', async () => {
  answers = [410]
  const all = webhooks()
  await all.announce(job)
  expect(await all.deliver()).toBe(0)
  await all.announce(job)
  await all.close()
  expect(await webhooks({ name: 'other' }).deliver()).toBe(0)
  expect(got).toHaveLength(1)
  expect(lines.at(-1)).toMatch(/no webhook ops any more/)
})

it('one process tells at a time', async () => {
  let isFree = false
  const all = webhooks({}, () => isFree)
  await all.announce(job)
  expect(await all.deliver()).toBe(1)
  expect(got).toEqual([])
  isFree = true
  expect(await all.deliver()).toBe(0)
  expect(got).toHaveLength(1)
})

it('once started it tells by itself', async () => {
  const all = webhooks()
  all.start()
  await all.announce(job)
  await expect.poll(() => got.length, { timeout: 5000 }).toBe(1)
})

it('closing does not wait for an answer', async () => {
  answers = ['hang']
  const all = webhooks({ timeout: 60_000 })
  await all.announce(job)
  const delivering = all.deliver()
  await expect.poll(() => got.length).toBe(1)
  await all.close()
  expect(await delivering).toBe(1)
  expect((await outbox.list())[0]?.value).toMatchObject({ attempts: 0 })
})

it('a certificate is held against the authority that is given, and no other', async () => {
  const { certificate, key } = selfSigned(['localhost', '127.0.0.1'], 1)
  let taken = 0
  const secure = createSecureServer({ cert: certificate, key }, (_request, response) => {
    taken++
    response.writeHead(204).end()
  })
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void secure.close())
  const to = `https://localhost:${(secure.address() as AddressInfo).port}/`
  const stranger = webhooks({ url: to })
  await stranger.announce(job)
  expect(await stranger.deliver()).toBe(1)
  expect(lines.join()).toMatch(/was not told: .*certificate/i)
  await stranger.close()
  later(10)
  expect(await webhooks({ url: to, ca: certificate }).deliver()).toBe(0)
  expect(taken).toBe(1)
})

it('a proxy is asked to connect', async () => {
  const asked: string[] = []
  const proxy = createServer()
  proxy.on('connect', ({ url: to = '' }, client: Socket) => {
    asked.push(to)
    const [host, port] = to.split(':')
    const server = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      server.pipe(client).pipe(server)
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  const all = webhooks({ proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` })
  await all.announce(job)
  expect(await all.deliver()).toBe(0)
  expect(asked).toEqual([new URL(url).host])
  expect(got).toHaveLength(1)
})
