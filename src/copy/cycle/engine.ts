/**
 * The synchronization of a target: one cycle at a time, whichever process begins it, each a job that operators can look up.
 * What is to be done is decided in `cycle.ts`; when, in `jobs/scheduler.ts`.
 */
import { hostname } from 'node:os'
import { VitrineError } from '../../model/errors.js'
import type { Log } from '../../model/log.js'
import { ANONYMOUS, type Context } from '../../model/request.js'
import { JobLog } from '../jobs/job-log.js'
import { JobReport } from '../jobs/job-report.js'
import type { Job, JobStatus } from '../jobs/jobs.js'
import type { Lease, Store, StoreRecord } from '../store/store.js'
import type { Target } from '../targets/target.js'
import { type CycleParts, type CycleResult, runCycle } from './cycle.js'
import type { Violation } from './guard.js'
import { HeldLease } from './held-lease.js'
import { Identities } from './identities.js'
import { identityRecords, loadIdentities, loadProgress, type Progress, progressRecord } from './memory.js'
import type { PlanLine, SyncRequest, ViewSettings } from './plan.js'
import { ProblemList, problemsOf } from './problem-list.js'
import type { Problem } from './problems.js'
import type { Reader } from './reader.js'
import type { ValueCounts } from './values.js'
import type { EntryHook } from './view-pass.js'

/** How long the right to run cycles lasts unless it is renewed, in milliseconds. */
const LEASE = 30_000

export interface IncrementalSettings {
  /** Entries that changed up to so many milliseconds before the last that was seen are read again. */
  readonly overlap: number
  /** All is read again after so many cycles that read only what had changed. */
  readonly fullEvery: number
  /** And when it was read so many milliseconds ago. */
  readonly fullAfter: number
}

export interface EngineParts {
  readonly store: Store
  readonly target: Target
  readonly reader: Reader
  /** Those that others refer to come before them. */
  readonly views: readonly ViewSettings[]
  /** Whose entries these are, in the target's eyes. */
  readonly owner: string
  readonly log: Log
  readonly hook?: EntryHook
  /** Says why a cycle is not to begin; undefined lets it. */
  readonly mayStart?: (target: string, request: SyncRequest) => Promise<string | undefined>
  readonly incremental?: IncrementalSettings
  /** Hears of every job that has ended. */
  readonly onJob?: (job: Job) => void
  readonly now?: () => Date
  /** In milliseconds. */
  readonly lease?: number
}

export interface RunOptions {
  readonly signal?: AbortSignal
  onLine?(line: PlanLine): void
  onProgress?(job: Job): void
}

export class Engine {
  readonly target: string
  readonly views: readonly string[]
  readonly #parts: EngineParts
  readonly #jobs: JobLog
  readonly #now: () => Date
  #running: Promise<unknown> = Promise.resolve()
  #waiting = 0
  readonly #closed = new AbortController()

  constructor(parts: EngineParts) {
    this.target = parts.target.name
    this.views = parts.views.map(({ view }) => view)
    this.#parts = parts
    this.#jobs = new JobLog(parts.store.records('jobs'))
    this.#now = parts.now ?? (() => new Date())
  }

  /** One after the other in this process; while another process is at it, the job is `skipped`. Never rejects for what a job tells. */
  run(request: SyncRequest, options: RunOptions = {}): Promise<Job> {
    this.#waiting++
    const done = this.#running
      .then(() => this.#run(request, options))
      .finally(() => {
        this.#waiting--
      })
    this.#running = done.catch(() => {})
    return done
  }

  get isBusy(): boolean {
    return this.#waiting > 0
  }

  job(id: string): Promise<Job | undefined> {
    return this.#jobs.get(id)
  }

  /** The newest first, of all targets. */
  jobs(options: { after?: string; limit?: number } = {}): Promise<readonly Job[]> {
    return this.#jobs.list(options)
  }

  problems(): AsyncIterable<Problem> {
    return problemsOf(this.#parts.store.records('problems'), this.target)
  }

  /** Lets the next cycle do what a job was held for, if it is no more than that. False if the job was not held for what may be approved. */
  async approve(id: string): Promise<boolean> {
    const job = await this.#jobs.get(id)
    const approved = job?.target === this.target ? job.violations.filter((one) => one.approvable) : []
    if (approved.length === 0 || approved.length < (job?.violations.length ?? 0)) return false
    await this.#parts.store.records('approvals').put(this.target, { job: id, approved })
    return true
  }

  /** Ends the cycle that is running, with nothing done where the target can undo it. */
  async close(): Promise<void> {
    this.#closed.abort(new VitrineError('canceled', { detail: 'the gateway is closing' }))
    await this.#running
  }

  async #run(request: SyncRequest, options: RunOptions): Promise<Job> {
    const { store, log } = this.#parts
    const created = this.#now()
    const report = new JobReport(
      {
        id: JobLog.newId(created),
        type: 'sync',
        status: 'running',
        trigger: request.trigger,
        target: this.target,
        dryRun: request.dryRun === true,
        incremental: false,
        created: created.toISOString(),
        actions: { done: 0, total: 0 },
        views: {},
        violations: [],
        by: `${hostname()} ${process.pid}`,
      },
      this.#jobs,
      options.onProgress,
    )
    const { lease: ms = LEASE } = this.#parts
    const lease = request.dryRun === true ? undefined : await store.acquire(`sync ${this.target}`, ms)
    if (lease === undefined && request.dryRun !== true) {
      const error = { code: 'busy', message: 'another synchronization of this target is running' }
      return this.#ended(report, 'skipped', { error })
    }
    const held = new HeldLease(lease, ms, [this.#closed.signal, options.signal])
    try {
      if (lease !== undefined) await this.#jobs.tidy(this.target, created)
      const why = await this.#parts.mayStart?.(this.target, request)
      if (why !== undefined)
        return await this.#ended(report, 'skipped', { error: { code: 'vetoed', message: why } })
      await report.change({ started: this.#now().toISOString() })
      const result = await this.#cycle(request, report, lease, held.signal, options)
      const isHeld = result.violations.some(({ view }) => result.held.includes(view))
      const { snapshot } = result
      return await this.#ended(report, isHeld ? 'held' : 'completed', {
        views: Object.fromEntries(result.views),
        violations: result.violations,
        ...(snapshot !== undefined && { snapshot }),
      })
    } catch (error) {
      const { code, message } = VitrineError.from(error)
      log.error({ code, err: error, job: report.job.id }, `a synchronization failed: ${message}`)
      return await this.#ended(report, 'failed', { error: { code, message } })
    } finally {
      held.end()
      await lease?.release().catch(() => {})
    }
  }

  async #cycle(
    request: SyncRequest,
    report: JobReport,
    lease: Lease | undefined,
    signal: AbortSignal,
    options: RunOptions,
  ): Promise<CycleResult> {
    const { store, target, reader, owner, hook } = this.#parts
    const views = this.#parts.views.filter(({ view }) => request.views?.includes(view) ?? true)
    const ctx: Context = { principal: ANONYMOUS, signal }
    const now = this.#now()
    const identities = new Identities()
    await loadIdentities(store, this.target, identities)
    const progress = new Map<string, Progress>()
    for (const { view } of views) {
      const known = await loadProgress(store, this.target, view)
      if (known !== undefined) progress.set(view, known)
    }
    const since = request.full === true ? new Map<string, Date>() : this.#sinces(views, progress, now)
    if (since.size > 0) await report.change({ incremental: true })
    const approvals = await store.records('approvals').get(this.target)
    const approved = (approvals as { approved?: readonly Violation[] } | undefined)?.approved ?? []
    const isDry = request.dryRun === true
    const parts: CycleParts = {
      target,
      reader,
      views,
      plan: { job: report.job.id, owner, ...(lease && { lease }) },
      problems: new ProblemList(store.records('problems'), this.target, this.#now),
      identities,
      ...(hook && { hook }),
      ctx,
      now,
      dryRun: isDry,
      retry: request.retry === true,
      since,
      values: new Map([...progress].map(([view, { values }]) => [view, values])),
      isApproved: (violation) =>
        violation.approvable && (request.approve === true || approved.some((one) => covers(one, violation))),
      onPlanned: (total) => report.plan(total),
      onDone: (actions) => report.done(actions),
      ...(options.onLine && { onLine: options.onLine }),
      records: (rounds): readonly StoreRecord[] => [
        ...identityRecords(this.target, identities),
        ...rounds.map(({ settings: { view }, pass }) => {
          const before = progress.get(view)
          const isPartial = since.has(view)
          const until = later(before?.until, pass.latest, now)
          return progressRecord(this.target, view, {
            ...(until !== undefined && { until }),
            full: isPartial ? (before?.full ?? now.toISOString()) : now.toISOString(),
            partial: isPartial ? (before?.partial ?? 0) + 1 : 0,
            ...valuesKept(isPartial ? before?.values : pass.values.counts()),
          })
        }),
        ...(approvals === undefined ? [] : [{ kind: 'approvals', key: this.target, value: undefined }]),
      ],
    }
    return runCycle(parts)
  }

  /** Views of which only what has changed is to be read. */
  #sinces(
    views: readonly ViewSettings[],
    progress: ReadonlyMap<string, Progress>,
    now: Date,
  ): ReadonlyMap<string, Date> {
    const { incremental, reader } = this.#parts
    const since = new Map<string, Date>()
    if (incremental === undefined || reader.changedSince === undefined) return since
    for (const { view, changedBy } of views) {
      const known = progress.get(view)
      if (changedBy === undefined || known?.until === undefined) continue
      if (known.partial + 1 >= incremental.fullEvery) continue
      if (now.getTime() - Date.parse(known.full) >= incremental.fullAfter) continue
      since.set(view, new Date(Date.parse(known.until) - incremental.overlap))
    }
    return since
  }

  async #ended(report: JobReport, status: JobStatus, more: Partial<Job>): Promise<Job> {
    const { log, onJob } = this.#parts
    // Replicas take turns: that it was not this one's is nothing to keep.
    const isKept = status !== 'skipped' || report.job.trigger === 'demand'
    const job = await report.end({ ...more, status, completed: this.#now().toISOString() }, isKept)
    for (const { code, message } of job.violations)
      if (status === 'held') log.error({ job: job.id, code }, `a synchronization is held: ${message}`)
    onJob?.(job)
    return job
  }
}

const valuesKept = (values: ValueCounts | undefined) => (values === undefined ? {} : { values })

const covers = (approved: Violation, found: Violation) =>
  approved.view === found.view &&
  approved.code === found.code &&
  approved.attribute === found.attribute &&
  approved.count >= found.count

/** No later than now: clocks of sources may be ahead, and so may be what stands in them. */
function later(before: string | undefined, latest: Date | undefined, now: Date): string | undefined {
  const times = [before === undefined ? undefined : Date.parse(before), latest?.getTime()]
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? undefined : new Date(Math.min(Math.max(...known), now.getTime())).toISOString()
}
