/** How a database is reached: prepared statements with rows as arrays, over a bounded pool, each one cancellable. */
import type { ColumnKind, Table } from '../source.js'
import type { Dialect, Index } from './dialect.js'
import type { Statement } from './statement.js'

export interface Driver {
  readonly dialect: Dialect
  /** As `Source.mostTests`. */
  readonly mostTests?: number
  /**
   * Rows as the driver gives them; `read` makes cells of them. Rejects with VitrineErrors: `unavailable`, `busy`,
   * `timeLimitExceeded`, the signal's reason, or `internalError` for a statement that the database refuses.
   */
  query(statement: Statement, signal?: AbortSignal): Promise<readonly (readonly unknown[])[]>
  /** How a raw cell of a column of this kind is read; undefined where it already is a cell. */
  read(kind: ColumnKind): ((raw: unknown) => import('../source.js').Cell) | undefined
  describe(table: string): Promise<Table | undefined>
  indexes(table: string): Promise<readonly Index[]>
  close(): Promise<void>
}

export interface DriverOptions {
  readonly url: string
  readonly pool: { readonly max: number; readonly acquireTimeout: number }
  /** Milliseconds. */
  readonly statementTimeout: number
  readonly connectTimeout: number
}
