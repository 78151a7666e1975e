/** What operators may ask of copies, whether they type a command or send a request. */

import type { PlanLine, SyncRequest } from '../cycle/plan.js'
import type { Problem } from '../cycle/problems.js'
import type { RowDiff, Snapshot, SnapshotNumber } from '../store/store.js'
import type { Job } from './jobs.js'

/** Hears of a run while it goes on, and may end it. */
export interface Watch {
  /** Ends it, with nothing done where that can be undone. */
  readonly signal?: AbortSignal
  /** It has begun, under the id by which it is asked for. */
  onStart?(job: Job): void
  /** What becomes of an entry, or would. */
  onLine?(line: PlanLine): void
  onProgress?(job: Job): void
}

/** A row of a view that differs between two snapshots. */
export type Difference = Omit<RowDiff, 'table' | 'key'> & { readonly view: string; readonly key: string }

/** What an operator wants to be run. */
export interface RunRequest extends Omit<SyncRequest, 'trigger' | 'approve'> {
  /** Whatever the guard finds that may be approved; or no more than what this job was held for. */
  readonly approve?: true | string
}

export interface Operations {
  /** The local store first. */
  readonly targets: readonly string[]
  /** The names of those that are copied to a target. */
  viewsOf(target: string): readonly string[]
  /**
   * Resolves when it has ended, however that went.
   * @throws VitrineError noSuchObject for a job that cannot be approved; constraintViolation for a target or a view that is
   * none; busy while this process is at it
   */
  run(target: string, request: RunRequest, watch?: Watch): Promise<Job>
  /** From the newest on, those older than one of them. */
  jobs(options: { readonly limit: number; readonly after?: string }): Promise<readonly Job[]>
  job(id: string): Promise<Job | undefined>
  problems(target: string): AsyncIterable<Problem>
  /** From the newest on. */
  snapshots(): Promise<readonly Snapshot[]>
  /** How the one became the other. @throws VitrineError noSuchObject where one of them is not kept */
  diff(from: SnapshotNumber, to: SnapshotNumber, view?: string): AsyncIterable<Difference>
  /**
   * Makes the content of an old snapshot current again. Nothing is copied until an operator has a synchronization run.
   * @throws VitrineError noSuchObject, busy
   */
  rollback(to: SnapshotNumber): Promise<Snapshot>
}

/** The synchronization of one target, which operators share with a schedule. */
export interface Synchronization {
  readonly target: string
  /** Is this process at it, or about to be? */
  readonly isBusy: boolean
  /** All that it may be asked for. */
  readonly views: readonly string[]
  run(request: SyncRequest, options?: Omit<Watch, 'onStart'>): Promise<Job>
  job(id: string): Promise<Job | undefined>
  /** Of all targets. */
  jobs(options: { readonly limit: number; readonly after?: string }): Promise<readonly Job[]>
  problems(): AsyncIterable<Problem>
  /** Lets the next run do what a job was held for. False if that cannot be approved. */
  approve(id: string): Promise<boolean>
}
