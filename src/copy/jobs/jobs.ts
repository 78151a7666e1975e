/** A run of the synchronization, as operators see it while it runs and afterwards. */
import type { Violation } from '../cycle/guard.js'
import type { Tally, Trigger } from '../cycle/plan.js'

/** `held`: the guard let nothing be done. `skipped`: somebody else was at it, or a hook said not to begin. */
export type JobStatus = 'running' | 'completed' | 'held' | 'failed' | 'skipped'

export interface Job {
  readonly id: string
  readonly type: 'sync'
  readonly status: JobStatus
  readonly trigger: Trigger
  readonly target: string
  readonly dryRun: boolean
  /** Was only what has changed since the last time read? */
  readonly incremental: boolean
  /** Times in ISO 8601. */
  readonly created: string
  readonly started?: string
  readonly completed?: string
  readonly actions: { readonly done: number; readonly total: number }
  /** By view. */
  readonly views: Readonly<Record<string, Tally>>
  /** Of a job that was held: what the guard found. */
  readonly violations: readonly Violation[]
  /** What the store's snapshot is called that it made, or left current. */
  readonly snapshot?: number
  readonly error?: { readonly code: string; readonly message: string }
  /** Which process ran it. */
  readonly by: string
}
