/** A job while it runs: told to who looks on, and written down from time to time. */
import type { JobLog } from './job-log.js'
import type { Job } from './jobs.js'

/** How often a running job is written down, in milliseconds. */
const EVERY = 2000

export class JobReport {
  job: Job
  readonly #jobs: JobLog
  readonly #tell: ((job: Job) => void) | undefined
  #written = 0
  #writing: Promise<unknown> = Promise.resolve()

  constructor(job: Job, jobs: JobLog, tell?: (job: Job) => void) {
    this.job = job
    this.#jobs = jobs
    this.#tell = tell
  }

  async change(more: Partial<Job>): Promise<void> {
    this.job = { ...this.job, ...more }
    this.#tell?.(this.job)
    await this.#jobs.put(this.job)
  }

  plan(total: number): void {
    this.#progress({ done: Math.min(this.job.actions.done, total), total })
  }

  done(actions: number): void {
    const done = this.job.actions.done + actions
    this.#progress({ done, total: Math.max(done, this.job.actions.total) })
  }

  async end(more: Partial<Job>, isKept: boolean): Promise<Job> {
    await this.#writing
    this.job = { ...this.job, ...more }
    this.#tell?.(this.job)
    if (isKept) await this.#jobs.put(this.job)
    return this.job
  }

  #progress(actions: Job['actions']): void {
    this.job = { ...this.job, actions }
    this.#tell?.(this.job)
    if (performance.now() - this.#written < EVERY) return
    this.#written = performance.now()
    this.#writing = this.#jobs.put(this.job).catch(() => {})
  }
}
