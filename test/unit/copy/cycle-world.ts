/** A source and a target in memory, and cycles between them. */
import { type CycleParts, type CycleResult, runCycle } from '../../../src/copy/cycle/cycle.js'
import { Identities } from '../../../src/copy/cycle/identities.js'
import type { ModeSettings, PlanLine, SourceEntry, ViewSettings } from '../../../src/copy/cycle/plan.js'
import { ProblemList, problemsOf } from '../../../src/copy/cycle/problem-list.js'
import type { Problem } from '../../../src/copy/cycle/problems.js'
import type { Reader } from '../../../src/copy/cycle/reader.js'
import { ANONYMOUS } from '../../../src/model/request.js'
import type { Value } from '../../../src/model/value.js'
import { FakeTarget } from './fake-target.js'
import { MemoryRecords } from './memory-records.js'

export const mirror: ModeSettings = {
  mode: 'mirror',
  noCreate: false,
  noUpdate: false,
  noDelete: false,
  deleteDisables: false,
  tombstones: false,
  createAsDisabled: false,
  noUpdateProviderMismatch: false,
  keepExternalPerson: true,
}

export const viewSettings = (view: string, more: Partial<ViewSettings> = {}): ViewSettings => ({
  view,
  sources: ['hr'],
  naming: [view === 'people' ? 'uid' : 'cn'],
  refers: view === 'people' ? ['people'] : ['people', view],
  modes: mirror,
  guard: { maxRemove: 10, maxRemoveShare: 0.5, maxLossShare: 0.3 },
  validation: { required: [], defaults: {}, strict: false, absent: {}, additive: [] },
  keyAttributes: [],
  correlate: [],
  ...more,
})

export interface Thing {
  readonly key: string
  readonly attributes: Record<string, readonly Value[]>
  readonly enabled?: boolean
}

const BATCH = 2

/** Views as lists, read in the order that they stand in. */
class FakeReader implements Reader {
  readonly views = new Map<string, Thing[]>()
  /** Views that fail once so many entries were read. */
  readonly failing = new Map<string, number>()
  /** Views that cannot be asked at all. */
  readonly away = new Set<string>()
  /** Views whose entries may go from one place to another while they are read. */
  readonly scattered = new Set<string>()
  /** Called when all of a view was read. */
  afterAll: (() => void) | undefined
  reads = 0

  isScattered(view: string): boolean {
    return this.scattered.has(view)
  }

  async ready(view: string): Promise<void> {
    if (this.away.has(view)) throw new Error('no route to host')
  }

  async *all(view: string): AsyncIterable<readonly SourceEntry[]> {
    this.reads++
    const all = this.views.get(view) ?? []
    for (let at = 0; ; at += BATCH) {
      if (at >= (this.failing.get(view) ?? Number.POSITIVE_INFINITY)) throw new Error('connection lost')
      if (at >= all.length) break
      yield all.slice(at, at + BATCH).map((thing) => this.#entry(view, thing))
    }
    this.afterAll?.()
  }

  async *keys(view: string): AsyncIterable<readonly string[]> {
    yield (this.views.get(view) ?? []).map(({ key }) => key)
  }

  async *some(view: string, keys: readonly string[]): AsyncIterable<readonly SourceEntry[]> {
    const things = this.views.get(view)?.filter(({ key }) => keys.includes(key)) ?? []
    yield things.map((thing) => this.#entry(view, thing))
  }

  #entry(view: string, { key, attributes, enabled = true }: Thing): SourceEntry {
    return { entry: { view, id: key, attributes: new Map(Object.entries(attributes)) }, enabled }
  }
}

export const person = (
  key: string,
  uid = `user${key}`,
  more: Record<string, readonly Value[]> = {},
): Thing => ({
  key,
  attributes: { uid: [uid], ...more },
})

export class World {
  readonly reader = new FakeReader()
  readonly target: FakeTarget
  readonly records = new MemoryRecords()
  readonly identities = new Identities()
  views: ViewSettings[] = [viewSettings('people'), viewSettings('groups')]
  now = new Date('2026-05-01T12:00:00Z')
  lines: PlanLine[] = []

  constructor(atomic: boolean) {
    this.target = new FakeTarget({ atomic })
  }

  async run(more: Partial<CycleParts> = {}): Promise<CycleResult> {
    this.lines = []
    this.target.records.length = 0
    const result = await runCycle({
      target: this.target,
      reader: this.reader,
      views: this.views,
      plan: { job: 'j1', owner: 'us' },
      problems: new ProblemList(this.records, 'fake', () => this.now),
      identities: this.identities,
      ctx: { principal: ANONYMOUS, signal: new AbortController().signal },
      now: this.now,
      dryRun: false,
      retry: false,
      since: new Map(),
      values: new Map(),
      isApproved: () => false,
      onLine: (line) => this.lines.push(line),
      ...more,
    })
    await this.records.putMany(this.target.records)
    return result
  }

  people(...things: Thing[]): this {
    this.reader.views.set('people', things)
    return this
  }

  groups(...things: Thing[]): this {
    this.reader.views.set('groups', things)
    return this
  }

  /** `id=uid` of what the target has, those that are not present in brackets. */
  has(view = 'people'): readonly string[] {
    return this.target.of(view).map(({ id, entry, state }) => {
      const text = `${id}=${String(entry?.attributes.get(view === 'people' ? 'uid' : 'cn')?.[0])}`
      return state === 'present' ? text : `(${text} ${state})`
    })
  }

  async problems(): Promise<readonly Problem[]> {
    const found = []
    for await (const problem of problemsOf(this.records, 'fake')) found.push(problem)
    return found
  }
}
