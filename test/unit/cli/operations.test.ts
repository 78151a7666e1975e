/** The commands of operators: what they print and how they end; copies themselves are made up here. */
import { beforeEach, describe, expect, it } from 'vitest'
import { jobs } from '../../../src/cli/jobs.js'
import { problems } from '../../../src/cli/problems.js'
import { diffSnapshots, listSnapshots, rollback } from '../../../src/cli/snapshots.js'
import { type SyncOptions, sync } from '../../../src/cli/sync.js'
import type { Job } from '../../../src/copy/jobs/jobs.js'
import type { Operations, Watch } from '../../../src/copy/jobs/operations.js'

const none = { add: 0, update: 0, remove: 0, unchanged: 0, adopt: 0, keep: 0, problems: 0 }
const job: Job = {
  id: 'j1',
  type: 'sync',
  status: 'completed',
  trigger: 'demand',
  target: 'local',
  dryRun: false,
  incremental: false,
  created: '2030-01-01T00:00:00.000Z',
  actions: { done: 3, total: 3 },
  views: { people: { ...none, add: 2, update: 1 } },
  violations: [],
  snapshot: 4,
  by: 'here',
}
const problem = {
  target: 'local',
  view: 'people',
  key: '5',
  reason: { code: 'missing', message: 'has no sn' } as const,
  firstSeen: '2030-01-01T00:00:00.000Z',
  lastSeen: '2030-01-01T00:00:00.000Z',
  attempts: 1,
  nextAttempt: '2030-01-01T00:01:00.000Z',
}

let out: string
let err: string
let asked: unknown[]
let ends: Job[]
let during: (watch: Watch) => void

const streams = (isTTY = false) => ({
  out: {
    write: (text: string) => {
      out += text
    },
  },
  err: {
    isTTY,
    columns: 40,
    write: (text: string) => {
      err += text
    },
  },
})
const operations: Operations = {
  targets: ['local', 'cloud'],
  viewsOf: (target) => (target === 'local' ? ['people', 'groups'] : ['people']),
  run: async (target, request, watch = {}) => {
    asked.push([target, request])
    during(watch)
    return { ...(ends.shift() ?? job), target, dryRun: request.dryRun === true }
  },
  jobs: async ({ limit }) => [job, { ...job, id: 'j0' }].slice(0, limit),
  job: async (id) => (id === 'j1' ? job : undefined),
  async *problems(target) {
    yield { ...problem, target }
    yield { ...problem, target, view: 'groups' }
  },
  snapshots: async () => [
    { number: 4, at: new Date(0), counts: { people: { added: 1, changed: 0, removed: 0, total: 9 } } },
  ],
  async *diff(from, to, view) {
    asked.push([from, to, view])
    yield { view: 'people', key: '1\u001b', change: 'changed', columns: ['mail', 'title'] }
    yield { view: 'people', key: '2', change: 'removed', columns: [] }
  },
  rollback: async (to) => ({ number: 5, at: new Date(0), counts: {}, note: `back to ${to}` }),
}

beforeEach(() => {
  out = ''
  err = ''
  asked = []
  ends = []
  during = () => {}
})

const run = (options: Partial<SyncOptions>, isTTY = false, signal = new AbortController().signal) =>
  sync(operations, { limit: 2, ...options }, streams(isTTY), signal)

describe('vitrine sync', () => {
  it('runs every target, and says what was done', async () => {
    expect(await run({})).toBe(0)
    expect(asked).toEqual([
      ['local', {}],
      ['cloud', {}],
    ])
    expect(out).toMatch(/^View {4}Add {2}Update/)
    expect(out).toMatch(/people +2 +1 +0 +0 +0 +0 +0\nlocal: done \(job j1, snapshot 4\)\n\n/)
  })

  it('asks for what its options say', async () => {
    await run({ target: 'local', view: ['people'], full: true, retry: true, approve: 'j0' })
    expect(asked).toEqual([['local', { views: ['people'], full: true, retry: true, approve: 'j0' }]])
  })

  it('asks targets for views that they have', async () => {
    await run({ view: ['groups'] })
    await run({ view: ['people', 'groups'] })
    expect(asked).toEqual([
      ['local', { views: ['groups'] }],
      ['local', { views: ['people', 'groups'] }],
      ['cloud', { views: ['people'] }],
    ])
  })

  it('a dry run names entries, so many of them', async () => {
    during = ({ onLine }) => {
      for (const key of ['1', '2', '3']) onLine?.({ view: 'people', action: 'add', key, why: 'is new' })
    }
    expect(await run({ dryRun: true, target: 'local' })).toBe(0)
    expect(out).toMatch(/^Action {2}View .*\n.*\nadd {5}people {2}1 .* is new\nadd .*\n… and 1 more\n\n/)
    expect(out).toMatch(/local: nothing was done: this was a dry run \(job j1/)
  })

  it('for scripts it is one line of JSON', async () => {
    during = ({ onLine }) => onLine?.({ view: 'people', action: 'add', key: '1', why: 'is new' })
    ends = [job, { ...job, status: 'held', views: { groups: { ...none, remove: 7 } } }]
    expect(await run({ json: true, dryRun: true })).toBe(3)
    expect(out).toMatch(/^[^\n]+\n$/)
    expect(JSON.parse(out)).toMatchObject({
      ...none,
      add: 2,
      update: 1,
      remove: 7,
      status: 'held',
      jobs: [{ target: 'local' }, { target: 'cloud' }],
      changes: [{ key: '1' }, { key: '1' }],
      more: 0,
    })
    expect(err).toBe('')
  })

  it('what went wrong is told, and is the exit code', async () => {
    ends = [{ ...job, status: 'failed', error: { code: 'unavailable', message: 'the source is away' } }]
    expect(await run({ target: 'local' })).toBe(1)
    expect(out).toContain('local: failed: the source is away (job j1')
  })

  it('progress is a line that changes on a terminal, and is gone at the end', async () => {
    during = ({ onProgress }) => {
      onProgress?.({ ...job, status: 'running', actions: { done: 50, total: 200 } })
    }
    await run({ target: 'local' }, true)
    expect(err).toBe('\r\u001b[2Klocal: 50 of 200 actions (25 %)\r\u001b[2K')
    err = ''
    await run({ target: 'local' })
    expect(err).toBe('local: 50 of 200 actions (25 %)\n')
    err = ''
    await run({ target: 'local', json: true })
    expect(err).toBe('')
  })

  it('after an interruption no further target is begun', async () => {
    const interrupted = new AbortController()
    during = ({ signal }) => {
      interrupted.abort()
      expect(signal?.aborted).toBe(true)
    }
    ends = [{ ...job, status: 'failed' }]
    expect(await run({}, false, interrupted.signal)).toBe(1)
    expect(asked).toHaveLength(1)
  })
})

it('vitrine jobs lists them, or tells of one', async () => {
  expect(await jobs(operations, { limit: 1 }, streams())).toBe(0)
  expect(out.trimEnd().split('\n')).toHaveLength(3)
  out = ''
  await jobs(operations, { limit: 5, json: true }, streams())
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).id),
  ).toEqual(['j1', 'j0'])
  out = ''
  await jobs(operations, { id: 'j1', limit: 1 }, streams())
  expect(out).toMatch(/^Job {8}j1\n/)
  expect(await jobs(operations, { id: 'j9', limit: 1 }, streams())).toBe(1)
  expect(err).toBe('there is no job j9\n')
})

it('vitrine snapshots lists, compares and goes back', async () => {
  await listSnapshots(operations, {}, streams())
  expect(out).toMatch(/ 4 {2}1970-01-01T00:00:00\.000Z .* 9 {2}current\n$/)
  out = ''
  await diffSnapshots(operations, { from: 2, view: 'people' }, streams())
  expect(asked).toEqual([[2, 4, 'people']])
  expect(out).toBe(
    '~ people 1�  mail, title\n- people 2\n0 added, 1 changed, 1 removed from snapshot 2 to 4\n',
  )
  out = ''
  await rollback(operations, { to: 2 }, streams())
  expect(out).toMatch(/^snapshot 5 is current, with the content of 2; .*vitrine sync/)
})

it('vitrine problems lists those of a view, or all', async () => {
  await problems(operations, { view: 'groups' }, streams())
  expect(out).toMatch(/groups {2}5 .*\n2 problems\n$/s)
  out = ''
  await problems(operations, { target: 'cloud', json: true }, streams())
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { target: 'cloud', view: 'people' },
    { target: 'cloud', view: 'groups' },
  ])
})
