/** What operators do with copies, on a store in a file; how copies are made is made up here. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { SyncRequest } from '../../../src/copy/cycle/plan.js'
import type { Job } from '../../../src/copy/jobs/jobs.js'
import type { Synchronization } from '../../../src/copy/jobs/operations.js'
import { heldBack, Operator } from '../../../src/copy/jobs/operator.js'
import { createStore } from '../../../src/copy/store/open.js'
import type { Store, StoreRow } from '../../../src/copy/store/store.js'
import type { CopiedView } from '../../../src/copy/views/tables.js'

const job: Job = {
  id: 'j1',
  type: 'sync',
  status: 'running',
  trigger: 'demand',
  target: 'local',
  dryRun: false,
  incremental: false,
  created: '2030-01-01T00:00:00.000Z',
  actions: { done: 0, total: 0 },
  views: {},
  violations: [],
  by: 'here',
}
/** The view is called otherwise than its table. */
const people: CopiedView = {
  name: 'People',
  table: 'people',
  attributes: [
    { name: 'uid', path: [], kind: 'text', kept: [{ in: 'cell', column: 'uid', leads: true }], back: [] },
    {
      name: 'mail',
      path: [],
      kind: 'text',
      kept: [
        { in: 'cell', column: 'mail', leads: true },
        { in: 'values', table: 'people_mail' },
      ],
      back: [],
    },
  ],
  secrets: [],
  hasVersion: false,
  hasEnabled: true,
  hasUuid: false,
  sought: new Set(),
}
const row = (key: string, uid: string, mails: readonly string[] = [], enabled = true): StoreRow => ({
  cells: [key, uid, mails[0] ?? null, enabled, `hash of ${uid} ${mails.length}`],
  children: { people_mail: mails.slice(1).map((mail) => [mail]) },
})

let folder: string
let store: Store
let operator: Operator
let asked: SyncRequest[]
let isBusy: boolean

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-operator-'))
  store = createStore({
    url: `sqlite:${join(folder, 'store.sqlite')}`,
    pool: { max: 2, acquireTimeout: 5000 },
    statementTimeout: 10_000,
    connectTimeout: 5000,
  })
  await store.define([
    {
      name: 'people',
      key: 'entry_id',
      columns: [
        { name: 'entry_id', kind: 'text' },
        { name: 'uid', kind: 'text' },
        { name: 'mail', kind: 'text' },
        { name: 'entry_enabled', kind: 'boolean' },
        { name: 'entry_hash', kind: 'text' },
      ],
      children: [
        { name: 'people_mail', of: 'entry', columns: [{ name: 'value', kind: 'text' }], identity: 1 },
      ],
    },
  ])
  asked = []
  isBusy = false
  const local: Synchronization = {
    target: 'local',
    views: ['People'],
    get isBusy() {
      return isBusy
    },
    run: async (request, options) => {
      asked.push(request)
      options?.onProgress?.(job)
      options?.onProgress?.({ ...job, actions: { done: 1, total: 2 } })
      options?.onLine?.({ view: 'People', action: 'add', key: '1', why: 'new' })
      return { ...job, status: 'completed' }
    },
    job: async () => undefined,
    jobs: async () => [],
    async *problems() {},
    approve: async (id) => id === 'held',
  }
  operator = new Operator({ store, synchronizations: [local], views: [people] })
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

async function commit(rows: readonly StoreRow[], gone: readonly string[] = []): Promise<number> {
  const cycle = await store.begin()
  await cycle.put('people', rows)
  await cycle.remove('people', gone)
  return (await cycle.commit()).number
}

async function differences(from: number, to: number, view?: string) {
  const all: unknown[] = []
  for await (const one of operator.diff(from, to, view)) all.push(one)
  return all
}

it('snapshots differ in views and attributes, not in tables and columns', async () => {
  const first = await commit([row('1', 'ada'), row('2', 'bob'), row('3', 'eve')])
  const second = await commit(
    [row('1', 'ada', ['a@x', 'b@x']), row('2', 'bob', [], false), row('4', 'new')],
    ['3'],
  )
  expect(await differences(first, second)).toEqual([
    { view: 'People', key: '1', change: 'changed', columns: ['mail'] },
    { view: 'People', key: '2', change: 'changed', columns: ['enabled'] },
    { view: 'People', key: '3', change: 'removed', columns: [] },
    { view: 'People', key: '4', change: 'added', columns: [] },
  ])
  expect(await differences(first, second, 'People')).toHaveLength(4)
  await expect(differences(first, second, 'people')).rejects.toThrow(/people is no view/)
  const [{ counts } = { counts: {} }] = await operator.snapshots()
  expect(counts).toEqual({ People: { added: 1, changed: 2, removed: 1, total: 3 } })
})

it('what matters to the copy alone is no difference', async () => {
  const first = await commit([row('1', 'ada')])
  const again = row('1', 'ada')
  const second = await commit([{ ...again, cells: [...again.cells.slice(0, 4), 'another hash'] }])
  expect(second).toBeGreaterThan(first)
  expect(await differences(first, second)).toEqual([])
})

it('going back holds until an operator has copies made again, which then read everything', async () => {
  const first = await commit([row('1', 'ada')])
  await commit([row('1', 'ada', ['a@x'])])
  const progress = store.records('progress')
  await progress.put('local/People', { until: 'then' })
  await progress.put('cloud/People', { until: 'then' })
  expect(await operator.rollback(first)).toMatchObject({ number: 3, counts: { People: { changed: 1 } } })
  expect(await differences(first, 3)).toEqual([])
  expect(await heldBack(store, 'local')).toMatch(/went back to snapshot 1 at .*vitrine sync/)
  expect(await progress.get('local/People')).toBeUndefined()
  expect(await progress.get('cloud/People')).toBeDefined()
  await operator.run('local', { dryRun: true })
  expect(await heldBack(store, 'local')).toBeDefined()
  await operator.run('local', {})
  expect(await heldBack(store, 'local')).toBeUndefined()
  await expect(operator.rollback(99)).rejects.toThrow(/no snapshot 99/)
})

it('nobody goes back while a synchronization is running', async () => {
  const first = await commit([row('1', 'ada')])
  await commit([row('2', 'bob')])
  const lease = await store.acquire('sync local', 10_000)
  await expect(operator.rollback(first)).rejects.toThrow(/a synchronization is running/)
  expect(await heldBack(store, 'local')).toBeUndefined()
  await lease?.release()
  await operator.rollback(first)
})

it('a run is known from its beginning on', async () => {
  const heard: unknown[] = []
  const done = await operator.run(
    'local',
    { views: ['People'], full: true },
    {
      onStart: ({ id }) => heard.push(id),
      onProgress: ({ actions }) => heard.push(actions.done),
      onLine: ({ key }) => heard.push(key),
    },
  )
  expect(done.status).toBe('completed')
  expect(heard).toEqual(['j1', 0, 1, '1'])
  expect(asked).toEqual([{ trigger: 'demand', views: ['People'], full: true }])
})

it('while this process is at it nobody waits to be the next', async () => {
  isBusy = true
  await expect(operator.run('local', {})).rejects.toThrow(/a synchronization of local is running/)
  expect(asked).toEqual([])
})

it('what is not there is not run, nor what cannot be approved', async () => {
  await expect(operator.run('cloud', {})).rejects.toThrow(/no target cloud; there are local/)
  await expect(operator.run('local', { views: ['people'] })).rejects.toThrow(/people is no view/)
  await expect(operator.run('local', { approve: 'other' })).rejects.toThrow(
    /other is no job that can be approved/,
  )
  expect(asked).toEqual([])
  await operator.run('local', { approve: 'held' })
  await operator.run('local', { approve: true })
  expect(asked).toEqual([{ trigger: 'demand' }, { trigger: 'demand', approve: true }])
})
