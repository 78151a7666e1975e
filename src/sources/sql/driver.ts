/** How a database is reached: prepared statements with rows as arrays, over a bounded pool, each one cancellable. */
import type { Cell, ColumnKind, Ear, SourceState, Table } from '../source.js'
import type { Dialect, Index } from './dialect.js'
import type { Statement } from './statement.js'

/** Rows as the driver gives them. */
export type RawRows = readonly (readonly unknown[])[]

/**
 * Has a statement of a transaction run, after those before it. One that selects nothing gives no rows, or of MariaDB
 * one with the number that it generated.
 */
export type Query = (statement: Statement) => Promise<RawRows>

export interface Driver {
  readonly dialect: Dialect
  /** As `Source.mostTests`. */
  readonly mostTests?: number
  /**
   * Rows as the driver gives them; `read` makes cells of them. Rejects with VitrineErrors: `unavailable`, `busy`,
   * `timeLimitExceeded`, the signal's reason, or `internalError` for a statement that the database refuses.
   */
  query(statement: Statement, signal?: AbortSignal): Promise<RawRows>
  /**
   * What `work` asks happens as a whole once `work` has come to its end, or not at all: when it throws, what it threw
   * is thrown again. Where rows that `work` has read may change before the end, it locks them. Rejects as `query`
   * does, with `unavailable` too where it cannot be known whether it has happened. The signal counts until the end.
   */
  transaction<T>(work: (query: Query) => Promise<T>, signal?: AbortSignal): Promise<T>
  /**
   * What `work` asks sees the rows as they were at one moment, after it was asked for; it changes nothing. Where that cannot
   * be had, `work` may be called again. Rejects as `query` does. Absent where statements of others would see that moment, too.
   */
  snapshot?<T>(work: (query: Query) => Promise<T>, signal?: AbortSignal): Promise<T>
  /** How a raw cell of a column of this kind is read; undefined where it already is a cell. */
  read(kind: ColumnKind): ((raw: unknown) => Cell) | undefined
  describe(table: string): Promise<Table | undefined>
  indexes(table: string): Promise<readonly Index[]>
  /** Of its pool, where it has one. */
  state?(): SourceState
  /** As `LookupWay.remember`. */
  readonly remember?: () => <T>(work: () => T) => T
  /** As `Source.rights`. */
  rights?(): Promise<readonly string[]>
  /** As `Source.listen`. */
  listen?(channel: string, ear: Ear): () => void
  close(): Promise<void>
}

export interface DriverOptions {
  readonly url: string
  readonly pool: { readonly max: number; readonly acquireTimeout: number }
  /** Milliseconds. */
  readonly statementTimeout: number
  readonly connectTimeout: number
  /** Statements of transactions need not run in this process's loop, where they would hold up everybody else. */
  readonly writesMuch?: boolean
}
