/** What a mapping file becomes once it is compiled against its source: how to read, ask and name its entries. */
import type { Assertion, Filter } from '../model/filter.js'
import type { EntryId, Scalar, Value } from '../model/value.js'
import { ALWAYS, NEVER } from '../sources/logic.js'
import type {
  Cell,
  Collection,
  Column,
  Field,
  FieldFilter,
  Operand,
  Relation,
  Row,
  Slot,
} from '../sources/source.js'
import type { Writes } from './writes.js'

/** Where in a row the slot of a field stands. */
export type SlotOf = (field: Field) => number

/** What one attribute may be asked in a filter about its values one by one. */
export type Question = Exclude<Assertion, { op: 'element' }>

/** Reads an operation's values from rows laid out as the `SlotOf` given to `reader` says. */
export interface Reading {
  /** What it needs of a row. */
  readonly fields: readonly Field[]
  reader(slotOf: SlotOf): (row: Row) => readonly Value[]
}

/** One operation of the vocabulary, for one attribute. */
export interface Operation extends Reading {
  /** The question asked of the row; a value of this operation answers it exactly where the row does. */
  rewrite(question: Question): FieldFilter
  /** The rows where one of this operation's elements satisfies the filter, whose names are parts. */
  rewriteElement(of: Filter): FieldFilter
  /** The same references together with what their targets are called. */
  readonly displaying?: Reading
  /** What rows can be ordered by, to have them in the order of its value. */
  readonly order?: Operand
  /** Absent where what is shown cannot be stored. */
  readonly store?: Store
}

/** How values of an operation become cells. An `encode` that knows no cell for a value gives undefined. */
export type Store =
  | {
      readonly kind: 'column'
      readonly column: Column
      readonly decode: (cell: Cell) => Value | undefined
      /** @param held tells what the column holds now, of which the value may be but a part */
      encode(value: Value, held: () => Cell | undefined): Cell | undefined
      /** What it becomes without a value, where that is not NULL. */
      emptied?(held: () => Cell | undefined): Cell | undefined
      readonly target?: StoreTarget
    }
  | {
      readonly kind: 'set'
      readonly relation: Relation
      readonly columns: readonly Column[]
      /** So many of the first columns tell one related row from another. */
      readonly identity: number
      encode(value: Value): readonly Cell[] | undefined
      readonly target?: StoreTarget
    }

/** The view that a reference leads to. */
export type StoreTarget = Collection & { readonly view: string }

/** Translates between the content of one column and an attribute's scalar. */
export interface Codec {
  /** Undefined where the cell holds no value. */
  decode(cell: Cell): Scalar | undefined
  rewrite(column: Column, question: Question): FieldFilter
  /** The cell that reads as the scalar; undefined if there is none. */
  encode(value: Scalar, column: Column): Exclude<Cell, null> | undefined
  /** Are rows in the order of its values where they are in that of the column, and those without one apart? */
  orders(column: Column): boolean
}

export interface MappedAttribute {
  readonly name: string
  readonly operations: readonly Operation[]
}

/** A column of passwords. */
export interface Secret {
  readonly attr: string
  readonly field: Extract<Field, { kind: 'column' }>
  readonly cleartext: boolean
  /**
   * How a new one is hashed, or `none` where its source is given it in clear and sees to that itself; absent where the
   * mapping keeps it from being written.
   */
  readonly hash?: string
  /** What becomes of one that is given as a hash already, by who may do so. */
  readonly prehashed: 'keep' | 'refuse' | 'hash'
}

export interface Creation {
  /** The name of a row whose columns read so; undefined where one that it is made of has no value. */
  readonly key?: (textOf: (column: Column) => string | undefined) => string | undefined
  readonly constants: readonly { readonly column: Column; readonly values: readonly Exclude<Cell, null>[] }[]
  /** Texts made of other columns, for those that nothing else has been put into. */
  readonly made: readonly { readonly column: Column; readonly textOf: NonNullable<Creation['key']> }[]
}

/** Rows of other tables that refer to a row of the view, and go with it. */
export interface Dependent {
  readonly relation: Relation
  readonly columns: readonly Column[]
}

/** Does the row's column say that its entry may bind? */
export interface Enabled {
  readonly field: Field
  test(slot: Slot): boolean
}

export interface Mapping extends Collection {
  /** Name of the view. */
  readonly view: string
  /** Name of its source in the configuration. */
  readonly source: string
  /** Without the secrets, which stand apart. */
  readonly attributes: ReadonlyMap<string, MappedAttribute>
  readonly secrets: readonly Secret[]
  readonly enabled?: Enabled
  /** Passwords are checked by the source, not by the secrets. */
  readonly authentication?: 'source'
  /** What of it may be written. */
  readonly writes: Writes
  readonly version?: Extract<Field, { kind: 'column' }>
  readonly dependents: readonly Dependent[]
  /** What new rows are given besides. */
  readonly create?: Creation
  /** What is written into a row besides attributes: when it came to be, when it changed, its UUID. */
  readonly upkeep: Upkeep
  /** Undefined where a column of its own holds the UUID. */
  handleOf(id: EntryId): string | undefined
  keyOfHandle(handle: string): EntryId | undefined
  readonly declaresUuid: boolean
  /** All handles are made of digits, letters and dashes. */
  readonly plainHandles: boolean
  /** The attributes by which references call its entries. */
  readonly displays: readonly string[]
  readonly deletions?: Deletions
  /** A key as an entry's id, and back; undefined where no key can read so. */
  idOf(cell: Cell): EntryId
  cellOf(id: EntryId): Exclude<Cell, null> | undefined
}

export interface Upkeep {
  readonly created: readonly Column[]
  readonly changed: readonly Column[]
  readonly uuid?: Column
}

/** A table that remembers which rows were deleted, and when. */
export interface Deletions extends Collection {
  readonly at: Column
}

/** Nothing is known of it in the source. */
export const UNKNOWN: FieldFilter = { op: 'unknown' }

/** The negation: pushed down to the leaves, where the two-valued questions carry it. */
export function negate(filter: FieldFilter): FieldFilter {
  switch (filter.op) {
    case 'and':
      return { op: 'or', of: filter.of.map(negate) }
    case 'or':
      return { op: 'and', of: filter.of.map(negate) }
    case 'const':
      return filter.value ? NEVER : ALWAYS
    case 'unknown':
      return filter
    default:
      return { ...filter, negated: !filter.negated }
  }
}
