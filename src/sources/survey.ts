/** What a database tells of itself to whoever is to make a mapping for it: all its tables, and some of their rows. */
import type { Cell, ColumnKind } from './source.js'

export interface SurveyedColumn {
  readonly name: string
  /** The database's own name of its type. */
  readonly type: string
  readonly kind: ColumnKind
  readonly nullable: boolean
}

/** Columns whose values are those of other columns, one by one. */
export interface ForeignKey {
  readonly columns: readonly string[]
  readonly table: string
  readonly targets: readonly string[]
}

export interface SurveyedTable {
  /** As a mapping's `from` has it: with its schema where it would not be found without. */
  readonly name: string
  readonly isView: boolean
  /** Those that may be read. */
  readonly columns: readonly SurveyedColumn[]
  /** The columns of its primary key. */
  readonly key: readonly string[]
  /** Sets of columns in which no two rows are equal, the primary key among them. */
  readonly unique: readonly (readonly string[])[]
  readonly foreignKeys: readonly ForeignKey[]
  /** About how many rows it has; absent where the database keeps no count. */
  readonly rows?: number
}

export interface Catalog {
  /** By name, in its order. */
  readonly tables: ReadonlyMap<string, SurveyedTable>
  /** Tables of which nothing may be read. */
  readonly unreadable: readonly string[]
}

/** The cells of one row, in the order of the columns asked for; long text and octets are cut. */
export type SampleRow = readonly Cell[]

export interface Survey {
  /** Of the database, for people: `MariaDB 10.11`. */
  version(): Promise<string>
  catalog(): Promise<Catalog>
  /** Some rows, the first by the primary key where there is one. */
  sample(
    table: SurveyedTable,
    columns: readonly SurveyedColumn[],
    limit: number,
  ): Promise<readonly SampleRow[]>
  close(): Promise<void>
}
