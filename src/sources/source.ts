/**
 * The contract of a source: what an external store of people must be able to do, in its own terms (tables and
 * columns, or whatever it calls them). The mapping speaks this language; no protocol and no view appears here.
 */
import type { SubstringPlace } from '../model/match.js'
import type { Context } from '../model/request.js'

/** What a column holds, independent of how the store calls the type. */
export type ColumnKind =
  | 'text'
  | 'integer'
  | 'decimal'
  | 'boolean'
  | 'time'
  | 'date'
  | 'binary'
  | 'uuid'
  | 'other'

/** A column's content: NULL, or by kind string, number or bigint, string, boolean, Date, Date, bytes, string, string. */
export type Cell = null | string | number | bigint | boolean | Date | Uint8Array

export interface Column {
  readonly name: string
  readonly kind: ColumnKind
  /** For integers: the least and greatest value that fits. */
  readonly range?: readonly [bigint, bigint]
  /** For decimals: how many digits a fixed point has, and how many behind it; or a floating one of 4 bytes. */
  readonly precision?: { readonly digits: number; readonly scale: number } | 'single'
  /** Does the store keep two rows from having the same value in it, in its own or a folded spelling? */
  readonly distinct?: boolean
  /**
   * Where a row may hold several values: the relation of which each row holds one, in this column. As a cell of the row
   * itself it is then the one that names the row, or the first; a test of that cell is never decided exactly.
   */
  readonly values?: { readonly relation: Relation; readonly column: Column }
  /** It holds the first of an attribute's values, wherever there is any; the others stand elsewhere. */
  readonly leads?: true
  /** The store sees to it by itself, and is given no value for it. */
  readonly readOnly?: true
  /** The store keeps passwords in it in its own way: it is given them in clear, and never read. */
  readonly secret?: true
}

/** A table (or database view) as the source describes it. */
export interface Table {
  readonly name: string
  readonly columns: ReadonlyMap<string, Column>
  /** What tells its rows apart, where the store itself says so. */
  readonly key?: Column
}

/** Thrown where a name can be none of a table's: what is wrong with it, and what to do. */
export class NoTable extends Error {
  readonly remedy: string

  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

/** A fixed condition of the configuration, in the store's own sense of equality. */
export interface Condition {
  readonly column: Column
  readonly not: boolean
  /** Any of these; `null` is SQL's NULL. */
  readonly values: readonly (null | string | number | boolean)[]
}

/** Rows of other tables that belong to a row: a child table, and one further table joined to it. */
export interface Relation {
  readonly table: Table
  /** `child` of this relation's table equals `parent` of the row it belongs to. */
  readonly on: readonly { readonly child: Column; readonly parent: Column }[]
  readonly where: readonly Condition[]
  readonly join?: {
    readonly table: Table
    readonly on: readonly { readonly joined: Column; readonly child: Column }[]
    readonly where: readonly Condition[]
  }
}

/** Something to be fetched with each row: one cell, or a set of tuples from a relation. */
export type Field =
  | { readonly kind: 'column'; readonly column: Column }
  /** Columns are the joined table's if the relation joins one, else the child table's. */
  | { readonly kind: 'set'; readonly relation: Relation; readonly columns: readonly Column[] }
  /** Whether the row satisfies a filter, which holds only tests that the source decides exactly. */
  | { readonly kind: 'answer'; readonly filter: FieldFilter }

/** A cell for a column field, an array of tuples for a set field, a boolean for an answer. */
export type Slot = Cell | readonly (readonly Cell[])[]

/** A row: one slot per field of the query, in its order. */
export type Row = readonly Slot[]

/**
 * How text is prepared before it is compared (RFC 4518); `exact` compares as stored. `dn` compares names whatever their
 * spelling (RFC 4517 4.2.15), taking every naming attribute as one that ignores case.
 */
export type TextRule = 'exact' | 'caseIgnore' | 'caseExact' | 'telephone' | 'numeric' | 'dn'

/** A question about one cell. A NULL cell answers no to each. */
export type Test =
  /** The cell holds a value: it is not NULL and, if text, not only spaces, and if binary, not empty. */
  | { readonly test: 'present' }
  /** `value` is already prepared as the rule says. */
  | { readonly test: 'text'; readonly rule: TextRule; readonly value: string }
  /** As `text`, with one of these; only where the source decides that for each of them by itself. */
  | { readonly test: 'texts'; readonly rule: TextRule; readonly values: readonly string[] }
  /** Pieces are already prepared as the rule says. */
  | { readonly test: 'substring'; readonly rule: TextRule; readonly pieces: readonly Piece[] }
  | {
      readonly test: 'compare'
      readonly op: 'eq' | 'ge' | 'le' | 'gt' | 'lt'
      readonly value: Exclude<Cell, null>
    }
  | { readonly test: 'oneOf'; readonly values: readonly Exclude<Cell, null>[] }
  /** All these bits of an integer are set. */
  | { readonly test: 'bits'; readonly mask: bigint }

export interface Piece {
  readonly place: SubstringPlace
  readonly text: string
}

/** What a test looks at: a column, or the text made of several, NULL counting as empty and outer spaces trimmed. */
export type Operand = Column | { readonly concat: readonly (Column | string)[] }

/** A step between entries of one table: from the row with key `from` to the row with key `to`. */
export interface Edge {
  readonly table: Table
  readonly from: Column
  readonly to: Column
  readonly where: readonly Condition[]
}

/**
 * A question about a row, two-valued: negation stands at the leaves only. A column is one of the table that
 * the question is asked of: the view's own, or inside `some` the relation's last one.
 */
export type FieldFilter =
  | { readonly op: 'and' | 'or'; readonly of: readonly FieldFilter[] }
  | { readonly op: 'const'; readonly value: boolean }
  /** Not to be asked of the source at all, whichever way it is negated. A query holds none. */
  | { readonly op: 'unknown' }
  | { readonly op: 'test'; readonly on: Operand; readonly test: Test; readonly negated: boolean }
  /** At least one row of the relation (or, negated, none) satisfies `of`. */
  | { readonly op: 'some'; readonly relation: Relation; readonly of: FieldFilter; readonly negated: boolean }
  | ReachFilter

/** The rows of a table that a view publishes. */
export interface Collection {
  readonly table: Table
  readonly key: Column
  readonly where: readonly Condition[]
}

/**
 * The row reaches a row of `target` that satisfies `of` by following edges (negated: it does not). The walk
 * leads over `first` where there is one, then over any number of `step` between rows of `nodes`, then over
 * `last` where there is one. Circles end it.
 */
export interface ReachFilter {
  readonly op: 'reach'
  readonly key: Column
  readonly first?: Edge
  readonly step: Edge
  readonly nodes: Collection
  readonly last?: Edge
  readonly target: Collection
  readonly of: FieldFilter
  readonly negated: boolean
}

/** Does the source find exactly the rows of a test, those and perhaps others, or can it not say? */
export type Support = 'exact' | 'superset' | 'none'

/** Rows of a collection, in the order of its key, which is unique and never NULL. */
export interface SourceQuery extends Collection {
  /** Holds only tests that the source supports, and negated ones only where it is exact. */
  readonly filter: FieldFilter
  readonly fields: readonly Field[]
  /** Only rows behind this key. */
  readonly after?: Exclude<Cell, null>
  /** No more than so many rows are wanted altogether. */
  readonly limit?: number
  /** About so many rows will do, if most of them are what is looked for; not a limit. */
  readonly expected?: number
  /** In this order, and the key's among equals; goes with `limit` and without `after`. */
  readonly order?: Order
  /** Leave out so many rows at the beginning. */
  readonly skip?: number
  /** Rows may come in any order: nobody goes on behind one of them. */
  readonly unordered?: true
}

/** By text case is ignored unless `caseExact`. Rows without a value come last, descending first. */
export interface Order {
  readonly on: Operand
  readonly descending: boolean
  readonly caseExact: boolean
  /** Texts of printable ASCII are in the order of their code points, in lower case unless `caseExact`. */
  readonly strict?: true
}

/** What `explain` shows of a query. */
export interface Explanation {
  readonly text: string
  readonly bindings: readonly unknown[]
}

/** A finding of `check`: what will be slow or wrong, and the statement that mends it. */
export interface Finding {
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly remedy?: string
}

export interface Health {
  readonly ok: boolean
  /** For operators; may name hosts. */
  readonly detail?: string
}

/**
 * A place where people are kept. Its failures are VitrineErrors: `unavailable`, `busy` and `timeLimitExceeded`
 * for what passes, never an empty answer.
 */
/** Connections to a source, and those who wait for one. */
export interface SourceState {
  readonly busy: number
  readonly idle: number
  readonly waiting: number
  /** Where it has some: is one left alone because it has failed? */
  readonly servers?: readonly { readonly name: string; readonly tripped: boolean }[]
}

export interface Source {
  /**
   * Learns about a table; undefined if there is no such table. Throws `unavailable` while the store cannot be asked, and
   * NoTable where there can be none of that name.
   */
  describe(table: string): Promise<Table | undefined>
  support(on: Operand, test: Test): Support
  /**
   * Is what it finds of related rows as exact as the tests in the question? Absent: always. Where it is not, it finds
   * further rows.
   */
  decides?(question: Extract<FieldFilter, { op: 'some' }>): boolean
  /** Who supports and decides what is asked about the rows of a relation; undefined where it is the source itself. */
  answering?(relation: Relation): Pick<Source, 'support' | 'decides'> | undefined
  /** More tests in one query than these are slower than deciding on its rows; absent: thousands are fine. */
  readonly mostTests?: number
  /** Batches of rows in key order. Nothing is read ahead that the consumer did not ask for, but for one batch. */
  search(query: SourceQuery, ctx: Context): AsyncIterable<readonly Row[]>
  explain(query: SourceQuery): readonly Explanation[]
  /** What would make queries with these filters slow: missing indexes, with the statement that creates each. */
  advise(query: SourceQuery): Promise<readonly Finding[]>
  /**
   * What the gateway's account there may do besides reading, in the source's words, as far as the account itself can tell.
   * Absent where accounts have no rights of their own.
   */
  rights?(): Promise<readonly string[]>
  health(): Promise<Health>
  /** How busy it is now, where there is anything to be told. */
  state?(): SourceState | undefined
  /**
   * Listens to a channel of the store's, on which whoever changes something says so, until what is returned is called. Absent
   * where the store has none.
   */
  listen?(channel: string, ear: Ear): () => void
  close(): Promise<void>
  /** How many rows the query finds, whatever its fields, limit, order and place. */
  count(query: SourceQuery, ctx: Context): Promise<number>
  /** Can rows come in this order? */
  orders(order: Order): boolean
  /**
   * Does the order of this query, which is `strict`, put rows just where their values would be put here, equal ones in the order
   * of their keys? Absent: never. Asked anew of every query, for it may hang on what the rows hold.
   */
  ordersStrictly?(query: SourceQuery, ctx: Context): Promise<boolean>
  /** Absent where the store cannot be written. */
  readonly write?: SourceWrite
  /** Is this the password of the row with this key? Absent where the store checks none. */
  verify?(of: Collection, key: Exclude<Cell, null>, password: Uint8Array, ctx: Context): Promise<boolean>
}

/** What a channel is listened to with. It hears nothing until it is told that it does. */
export interface Ear {
  /** Something was said. */
  heard(): void
  /** From now on everything is heard. */
  hears(): void
  /** What is said from now on may not be heard, and perhaps what was said just before. */
  deaf(): void
}

/** Rows that must not be there but for the one that is written, such as those of its name. */
export interface Vacancy {
  /** Those who claim the same wait for each other, wherever they do. */
  readonly claim: string
  /** Finds them, and perhaps others. */
  readonly filter: FieldFilter
  readonly fields: readonly Field[]
  isTakenBy(row: Row): boolean
  /** Thrown where there is one; everything is then left as it was. */
  taken(): Error
}

/** What a row and its related rows are to become. */
export interface RowChange {
  /** Not followed by sources that see to names by themselves, or that are made of several. */
  readonly vacancy?: Vacancy
  readonly cells: readonly { readonly column: Column; readonly value: Cell }[]
  readonly sets: readonly SetChange[]
  /** Rows that have to be there; if one is not, everything is left as it was and `absent` is thrown. */
  readonly exist: readonly {
    readonly of: Collection
    readonly keys: readonly Exclude<Cell, null>[]
    absent(missing: readonly Cell[]): Error
  }[]
}

/**
 * A change of the related rows of one relation, which has no join and whose conditions say what a column is (one
 * value, not NULL): new rows are given it.
 */
export interface SetChange {
  readonly relation: Relation
  readonly columns: readonly Column[]
  /** So many of the first columns tell one related row from another. */
  readonly identity: number
  /**
   * `add`: rows that are there already, by their identity, get the other columns. `remove`: by identity, of which
   * alone the tuples consist; those that are not there are passed over. `replace`: these and no others; rows that stay
   * are not touched.
   */
  readonly op: 'add' | 'remove' | 'replace'
  readonly tuples: readonly (readonly Cell[])[]
  /** For `add` and `remove`: identities are the same if all their octets are, whatever else the store takes for equal. */
  readonly exactly?: true
  /** Thrown where what is added is there already, or what is removed is not; everything is then left as it was. */
  readonly violated?: () => Error
}

/** One of several rows to be removed. */
export interface Removal {
  readonly of: Collection
  readonly key: Exclude<Cell, null>
  readonly fields: readonly Field[]
  decide(row: Row): RowChange
}

/**
 * Writing, each call in one transaction. Throws VitrineErrors: `entryAlreadyExists` where the store wants something
 * unique, `constraintViolation` where it refuses a value for another reason, and those of reading.
 */
export interface SourceWrite {
  /** Is nothing left of what is done with a context that `rehearses`? */
  readonly rehearses?: true
  /** The key of the new row, which the store makes if the cells do not hold it. */
  insert(of: Collection, change: RowChange, ctx: Context): Promise<Exclude<Cell, null>>
  /**
   * Reads the row with this key, keeps other writers away from it, has `decide` say what it is to become, and does
   * that. False if there is no such row. `decide` may be called again where the store has to start over; what it
   * throws ends the transaction with nothing done.
   */
  update(
    of: Collection,
    key: Exclude<Cell, null>,
    fields: readonly Field[],
    decide: (row: Row) => RowChange,
    ctx: Context,
  ): Promise<boolean>
  /** The same, and the row is removed after its change. */
  remove(
    of: Collection,
    key: Exclude<Cell, null>,
    fields: readonly Field[],
    decide: (row: Row) => RowChange,
    ctx: Context,
  ): Promise<boolean>
  /**
   * The same of several rows, of which those that are not there are passed over: all are read before the first is removed, and
   * then go in the order of `inOrder`, which is shown them. False if none is there. Absent where it would not be one
   * transaction.
   */
  removeAll?(
    removals: readonly Removal[],
    inOrder: (rows: readonly (Row | undefined)[]) => readonly number[],
    ctx: Context,
  ): Promise<boolean>
}
