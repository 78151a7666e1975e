/** What operators ask of copies over HTTP, through a socket; copies themselves are made up here. */
import { type FastifyInstance, fastify } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Job } from '../../../src/copy/jobs/jobs.js'
import type { Operations, RunRequest } from '../../../src/copy/jobs/operations.js'
import { VitrineError } from '../../../src/model/errors.js'
import { mountCopies } from '../../../src/ops/copy.js'

const running: Job = {
  id: 'a/1',
  type: 'sync',
  status: 'running',
  trigger: 'demand',
  target: 'store',
  dryRun: false,
  incremental: false,
  created: '2030-01-01T00:00:00.000Z',
  actions: { done: 0, total: 0 },
  views: {},
  violations: [],
  by: 'here',
}
const problem = (key: string) => ({
  target: 'store',
  view: 'people',
  key,
  reason: { code: 'missing', message: 'has no sn' } as const,
  firstSeen: '2030-01-01T00:00:00.000Z',
  lastSeen: '2030-01-01T00:00:00.000Z',
  attempts: 1,
  nextAttempt: '2030-01-01T00:01:00.000Z',
})

let app: FastifyInstance
let url: string
let asked: unknown[]
let finish: (job: Job) => void

beforeEach(async () => {
  asked = []
  const operations: Operations = {
    targets: ['store', 'cloud'],
    viewsOf: () => ['people'],
    run: async (target: string, request: RunRequest, watch) => {
      asked.push({ target, ...request })
      watch?.onStart?.(running)
      for (let i = 0; request.dryRun === true && i < 1001; i++)
        watch?.onLine?.({ view: 'people', action: 'add', key: String(i), why: 'new' })
      if (request.dryRun === true) return { ...running, status: 'completed', dryRun: true }
      return new Promise((resolve) => {
        finish = resolve
      })
    },
    jobs: async (options) => {
      asked.push(options)
      return [running]
    },
    job: async (id) => (id === running.id ? running : undefined),
    async *problems() {
      yield problem('1')
      yield problem('2')
    },
    snapshots: async () => [{ number: 4, at: new Date(0), counts: {} }],
    async *diff(from, to, view) {
      asked.push([from, to, view])
      yield { view: 'people', key: '7', change: 'changed', columns: ['mail'] }
    },
    rollback: async (to) => {
      if (to === 3)
        throw new VitrineError('busy', { message: 'a synchronization is running', detail: 'secret' })
      if (to === 2) throw new Error('the inside of a database')
      return { number: 5, at: new Date(0), counts: {}, note: `as ${to}` }
    },
  }
  app = fastify()
  const note = () => {}
  const mount = mountCopies({
    operations,
    log: { error: note, warn: note, info: note, debug: note },
    authorize: async (authorization, scope) => {
      if (authorization === undefined)
        throw Object.assign(new VitrineError('invalidCredentials'), { challenge: 'Bearer' })
      if (scope === 'copy.write' && authorization !== 'Bearer writer')
        throw new VitrineError('insufficientAccessRights')
      return { name: authorization }
    },
  })
  mount(app)
  url = await app.listen({ host: '127.0.0.1', port: 0 })
})
afterEach(() => app.close())

const get = (path: string, authorization = 'Bearer reader') =>
  fetch(`${url}/copy${path}`, { headers: { authorization } })
const post = (path: string, body?: unknown, authorization = 'Bearer writer') =>
  fetch(`${url}/copy${path}`, {
    method: 'POST',
    headers: { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })

describe('without the right token', () => {
  it.each(['/jobs', '/jobs/a%2F1', '/snapshots', '/snapshots/1/diff/2', '/problems', '/nothing'])(
    '%s is not answered',
    async (path) => {
      const answer = await fetch(`${url}/copy${path}`)
      expect(answer.status).toBe(401)
      expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    },
  )

  it('nothing is done, nor is what was sent looked at', async () => {
    expect((await post('/jobs', '{', 'Bearer reader')).status).toBe(403)
    expect((await post('/snapshots/4/rollback', undefined, 'Bearer reader')).status).toBe(403)
    expect(asked).toEqual([])
  })
})

describe('runs', () => {
  it('are begun, and asked for where the answer says', async () => {
    const answer = await post('/jobs', { target: 'cloud', views: ['people'], approve: true })
    expect(answer.status).toBe(202)
    expect(await answer.json()).toMatchObject({ id: 'a/1', status: 'running' })
    expect(asked).toEqual([{ target: 'cloud', views: ['people'], approve: true }])
    expect(answer.headers.get('location')).toBe('/copy/jobs/a%2F1')
    expect(await (await get('/jobs/a%2F1')).json()).toMatchObject({ id: 'a/1' })
    finish(running)
  })

  it('need not be described', async () => {
    expect((await post('/jobs')).status).toBe(202)
    expect(asked).toEqual([{ target: 'store' }])
    finish(running)
  })

  it('that are dry say what would be done, as far as that fits', async () => {
    const answer = (await (await post('/jobs', { dryRun: true })).json()) as {
      changes: unknown[]
      more: boolean
    }
    expect(answer).toMatchObject({ job: { dryRun: true, status: 'completed' }, more: true })
    expect(answer.changes).toHaveLength(1000)
  })

  it.each<[unknown, RegExp]>([
    [{ target: 'moon' }, /there is no target moon; there are store, cloud/],
    [{ dryrun: true }, /dryrun/],
    [{ views: [] }, /views/],
    ['{', /cannot be read/],
  ])('that make no sense are refused: %j', async (body, message) => {
    const answer = await post('/jobs', body)
    expect(answer.status).toBe(400)
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(await answer.json()).toMatchObject({ status: 400, detail: expect.stringMatching(message) })
    expect(asked).toEqual([])
  })

  it('are listed, so many after one of them', async () => {
    const answer = await get('/jobs?limit=5000&after=b')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.json()).toMatchObject({ jobs: [{ id: 'a/1' }] })
    expect(asked).toEqual([{ limit: 1000, after: 'b' }])
    expect((await get('/jobs?limit=many')).status).toBe(400)
    expect((await get('/jobs/b')).status).toBe(404)
  })
})

it('snapshots are listed, compared and gone back to', async () => {
  expect(await (await get('/snapshots')).json()).toMatchObject({ snapshots: [{ number: 4 }] })
  const diff = await get('/snapshots/3/diff/4?view=people')
  expect(await diff.json()).toMatchObject({ changes: [{ key: '7', columns: ['mail'] }], more: false })
  expect(asked).toEqual([[3, 4, 'people']])
  expect((await get('/snapshots/a/diff/4')).status).toBe(404)
  expect(await (await post('/snapshots/1/rollback')).json()).toMatchObject({ number: 5, note: 'as 1' })
})

it('problems are listed', async () => {
  const answer = await get('/problems?limit=1')
  expect(await answer.json()).toMatchObject({ problems: [{ key: '1' }], more: true })
  expect((await get('/problems?target=moon')).status).toBe(404)
})

it('what goes wrong is told without what it is about inside', async () => {
  const busy = await post('/snapshots/3/rollback')
  expect(busy.status).toBe(429)
  expect(await busy.json()).toMatchObject({ title: 'busy', detail: 'a synchronization is running' })
  const broken = await post('/snapshots/2/rollback')
  expect(broken.status).toBe(500)
  expect(await broken.text()).not.toContain('database')
})
