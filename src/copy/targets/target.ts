/**
 * The contract of a target: where copies of entries go, be it the local store or somebody else's service. It says what it
 * has and does what it is told; which entries are to be added, changed or removed is decided before (`diff.ts`).
 */
import type { Context } from '../../model/request.js'
import type { EntryId } from '../../model/value.js'
import type { SourceEntry } from '../cycle/plan.js'
import type { Reason } from '../cycle/problems.js'
import type { Lease, SnapshotNumber, StoreRecord } from '../store/store.js'

/**
 * What has become of an entry in a target: there, there but unable to log in since its source no longer has it, or gone
 * with its identity remembered.
 */
export type TargetState = 'present' | 'disabled' | 'gone'

/** What a target knows of an entry from earlier cycles. */
export interface Known {
  /** What the source calls it. */
  readonly key: string
  /** What the target calls it, for ever. */
  readonly id: EntryId
  /** Of the entry as it was last put; empty where that is not known, as of one that others made. */
  readonly hash: string
  readonly state: TargetState
  /** By what its view names it, see `nameOf`; absent where that is not known. */
  readonly name?: string
  /** Who keeps it, as `CyclePlan.owner` says; absent where nobody of us does. */
  readonly owner?: string
  /** When it was disabled or became gone. */
  readonly since?: Date
}

/** What the source and the target call an entry. */
export type Called = Pick<Known, 'key' | 'id'>

/** An entry that is to be added, or to become what it now is; its id and those of its references are those of the target. */
export interface Planned extends SourceEntry {
  readonly action: 'add' | 'update'
  readonly key: string
  /** The id that it has already, or is proposed: a target that makes its own tells it with the outcome. */
  readonly id: EntryId
  readonly hash: string
  /** Attributes of which values that the target has are to stay: because the source says nothing of them, or besides its own. */
  readonly keep?: readonly string[]
  /** What the target knew of it; absent of one that is new to it. */
  readonly known?: Known
}

/** By key: done, or why not. */
export type Outcome =
  | { readonly key: string; readonly ok: true; readonly id?: EntryId }
  | { readonly key: string; readonly ok: false; readonly reason: Reason }

export type Removal = 'delete' | 'disable' | 'tombstone'

export interface CyclePlan {
  /** The job that it is part of. */
  readonly job: string
  /** Whose entries these are: other owners' are left alone. */
  readonly owner: string
  readonly views: readonly string[]
  /** The right to write; the target makes sure that nobody else has it by now. */
  readonly lease?: Lease
}

export interface Target {
  /** For people and records: unique among targets. */
  readonly name: string
  /** Is nothing of what a cycle puts to be seen before it commits? */
  readonly atomic: boolean
  /** All that the target has of a view, and of whom it remembers that they are gone, in batches, in any order. */
  known(view: string, ctx: Context): AsyncIterable<readonly Known[]>
  /** Those of them that are there under these ids, or gone under these keys. Absent where all have to be looked through. */
  lookup?(view: string, of: readonly Called[], ctx: Context): Promise<readonly Known[]>
  /**
   * Entries of the view that hold one of these values, by value; those that are gone and remembered too. Absent where
   * the target itself finds what is there before it adds.
   */
  find?(
    view: string,
    attr: string,
    values: readonly string[],
    ctx: Context,
  ): Promise<ReadonlyMap<string, readonly Known[]>>
  /** Entries as the target has them, by id. Absent where that would have to be asked of somebody else. */
  stored?(view: string, ids: readonly EntryId[], ctx: Context): Promise<ReadonlyMap<EntryId, SourceEntry>>
  begin(plan: CyclePlan, ctx: Context): Promise<TargetCycle>
}

/**
 * One cycle. Views come in the order of their references, each with what is put first and what is removed last. What
 * throws ends the cycle; what concerns an entry alone is an outcome.
 */
export interface TargetCycle {
  put(view: string, entries: readonly Planned[]): Promise<readonly Outcome[]>
  remove(view: string, entries: readonly Known[], how: Removal): Promise<readonly Outcome[]>
  /** The records become visible together with what was put, where the target can do that. */
  commit(records?: readonly StoreRecord[]): Promise<{ readonly snapshot?: SnapshotNumber }>
  rollback(): Promise<void>
}
