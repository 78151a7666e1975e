/**
 * The contract of a store of copies: tables whose rows have versions, one snapshot of which is current. What a cycle
 * puts is invisible until it commits, which flips everything at once. Knows tables and rows, no views and no protocols.
 */
import { VitrineError } from '../../model/errors.js'
import type { Cell, ColumnKind, Health, Source } from '../../sources/source.js'

export type Key = Exclude<Cell, null>

export interface StoreColumn {
  /** Unique in its table whatever its case, at most 60 bytes, and not beginning with `v_`. */
  readonly name: string
  readonly kind: ColumnKind
  /**
   * Rows are sought by it. `unique` says that no two rows of a snapshot share a value, which the store does not see to:
   * it makes lookups cheaper, and where it is untrue, rows that are equal in order may change places.
   */
  readonly index?: 'plain' | 'unique'
  /** Text that names rows: compared to the byte. Keys always are. */
  readonly exact?: true
}

/** Rows that belong to a row of the table, as values of an attribute with several do. */
export interface StoreChild {
  /** As that of a table. */
  readonly name: string
  /** What its column with the parent's key is called. */
  readonly of: string
  readonly columns: readonly StoreColumn[]
  /** So many of the first columns tell one child of a row from another; of two with the same, the last one stays. */
  readonly identity: number
}

export interface StoreTable {
  /** Letters, digits, `_` and `-`, at most 45; unique among tables and children whatever its case. */
  readonly name: string
  /** The name of the column whose value, never NULL, names a row in every snapshot. */
  readonly key: string
  readonly columns: readonly StoreColumn[]
  readonly children: readonly StoreChild[]
}

export interface StoreRow {
  /** One for each column of the table, in its order. */
  readonly cells: readonly Cell[]
  /** By the name of the child table; one that is left out is empty. */
  readonly children: Readonly<Record<string, readonly (readonly Cell[])[]>>
}

export type StoreChange =
  | { readonly table: string; readonly put: StoreRow }
  | { readonly table: string; readonly remove: Key }

/** Of the rows of a table, not of its children: a row whose children change is one that changes. */
export interface Counts {
  readonly added: number
  readonly changed: number
  readonly removed: number
  /** How many there then are. */
  readonly total: number
}

/** Counts up; 0 stands for a store into which nothing was committed yet. */
export type SnapshotNumber = number

export interface Snapshot {
  readonly number: SnapshotNumber
  /** When it was committed, by the database's clock. */
  readonly at: Date
  readonly note?: string
  /** By table: how it differs from the snapshot before it. */
  readonly counts: Readonly<Record<string, Counts>>
}

export interface RowDiff {
  readonly table: string
  readonly key: Key
  readonly change: 'added' | 'changed' | 'removed'
  /** Of a changed row: the columns and child tables that differ, in the order of the definition. */
  readonly columns: readonly string[]
}

/** The right to run cycles, while nobody else has it. */
export interface Lease {
  readonly name: string
  readonly holder: string
  /** Only grows: who acquires the lease later has a greater one. */
  readonly token: number
  /** For so many milliseconds from now. False if somebody else has it by now. */
  renew(ms: number): Promise<boolean>
  release(): Promise<void>
}

/** A document of a kind under a key of at most 500 characters: anything that JSON can hold. Undefined removes it. */
export interface StoreRecord {
  readonly kind: string
  readonly key: string
  readonly value: unknown
}

/** The documents of one kind. */
export interface Records {
  get(key: string): Promise<unknown>
  put(key: string, value: unknown): Promise<void>
  /** All of them or none. */
  putMany(records: readonly Omit<StoreRecord, 'kind'>[]): Promise<void>
  delete(key: string): Promise<void>
  /** In the order of the keys' bytes, those behind a key; 100 of them unless told. */
  list(options?: {
    readonly after?: string
    readonly limit?: number
  }): Promise<readonly Omit<StoreRecord, 'kind'>[]>
}

/**
 * Makes the next snapshot. One cycle at a time: whoever begins another ends it: its methods reject with `Superseded`, at the
 * latest `commit`. Killed or left at any point, it leaves nothing that anybody sees.
 */
export interface StoreCycle {
  /** What the snapshot will be called. */
  readonly number: SnapshotNumber
  /**
   * Each row replaces the one with its key, children too; only differences are written. Of a key that comes twice, the
   * last one counts. Without rows it says that the table is covered, as one that is empty may be. Resolves with why
   * rows were left out that the database cannot hold; versions of them that it holds stay.
   */
  put(table: string, rows: readonly StoreRow[]): Promise<readonly RowRefused[]>
  remove(table: string, keys: readonly Key[]): Promise<void>
  /**
   * Resolves with the snapshot that is now current: the new one, or where nothing differs, the one before. `records` are
   * written in the same transaction. Rejects with `Superseded` where the lease has gone to somebody else.
   */
  commit(records?: readonly StoreRecord[]): Promise<Snapshot>
  rollback(): Promise<void>
}

export interface Store {
  /** Creates the tables, or adds what they lack. Throws a TypeError for a definition that cannot be kept. */
  define(tables: readonly StoreTable[]): Promise<void>
  /** The current snapshot; a search reads one snapshot throughout, whatever is committed meanwhile. */
  readonly source: Source
  current(): Promise<SnapshotNumber>
  begin(options?: { readonly lease?: Lease; readonly note?: string }): Promise<StoreCycle>
  /**
   * Changes rows of the current snapshot itself, in one transaction; snapshots before it stay as they are. A cycle that is
   * running leaves these rows alone.
   */
  apply(changes: readonly StoreChange[]): Promise<void>
  /** From the newest to the oldest that is kept. */
  snapshots(): Promise<readonly Snapshot[]>
  /** How rows of `from` became those of `to`, in batches in the order of tables and keys. */
  diff(from: SnapshotNumber, to: SnapshotNumber, table?: string): AsyncIterable<readonly RowDiff[]>
  /** Makes a new snapshot with the content of an old one. */
  rollback(to: SnapshotNumber, options?: { readonly lease?: Lease }): Promise<Snapshot>
  /** Undefined while somebody else has it. */
  acquire(name: string, ms: number): Promise<Lease | undefined>
  records(kind: string): Records
  health(): Promise<Health>
  close(): Promise<void>
}

/** The cycle is no longer the one that may write: another has begun, or its lease has gone to somebody else. */
export class Superseded extends VitrineError {
  constructor(detail: string) {
    super('busy', { message: 'another synchronization has taken over', detail })
  }
}

/** A row that the database cannot hold. */
export class RowRefused extends VitrineError {
  readonly table: string
  readonly key: Key

  constructor(table: string, key: Key, why: string) {
    super('constraintViolation', { detail: `the row ${String(key)} of ${table}: ${why}` })
    this.table = table
    this.key = key
  }
}
