/** What operators may ask of copies, whether they type a command or send a request. */
import type { Job } from './jobs.js'
import type { PlanLine, SyncRequest } from './plan.js'
import type { Problem } from './problems.js'
import type { RowDiff, Snapshot, SnapshotNumber } from './store/store.js'

/** Hears of a run while it goes on. */
export interface Watch {
  /** It has begun, under the id by which it is asked for. */
  onStart?(job: Job): void
  /** What becomes of an entry, or would. */
  onLine?(line: PlanLine): void
  onProgress?(job: Job): void
}

/** A row of a view that differs between two snapshots. */
export type Difference = Omit<RowDiff, 'table' | 'key'> & { readonly view: string; readonly key: string }

export interface Operations {
  /** The local store first, where there is one. */
  readonly targets: readonly string[]
  /** Resolves when it has ended, however that went. */
  run(target: string, request: SyncRequest, watch?: Watch): Promise<Job>
  /** From the newest on, those before one of them. */
  jobs(options: { readonly limit: number; readonly before?: string }): Promise<readonly Job[]>
  job(id: string): Promise<Job | undefined>
  problems(target: string): AsyncIterable<Problem>
  /** From the newest on. */
  snapshots(): Promise<readonly Snapshot[]>
  /** How the one became the other. @throws VitrineError noSuchObject where one of them is not kept */
  diff(from: SnapshotNumber, to: SnapshotNumber, view?: string): AsyncIterable<Difference>
  /** Makes the content of an old snapshot current again. @throws VitrineError noSuchObject, busy */
  rollback(to: SnapshotNumber): Promise<Snapshot>
}
