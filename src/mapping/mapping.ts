/** What a mapping file becomes once it is compiled against its source: how to read, ask and name its entries. */
import type { Assertion } from '../model/filter.js'
import type { EntryId, Scalar, Value } from '../model/value.js'
import type { Cell, Collection, Column, Field, FieldFilter, Row } from '../sources/source.js'

/** Where in a row the slot of a field stands. */
export type SlotOf = (field: Field) => number

/** What one attribute may be asked in a filter; `element` is the frontends' affair. */
export type Question = Exclude<Assertion, { op: 'element' }>

/** One operation of the vocabulary, for one attribute. */
export interface Operation {
  /** What it needs of a row. */
  readonly fields: readonly Field[]
  /** Reads this operation's values from rows laid out as `slotOf` says. */
  reader(slotOf: SlotOf): (row: Row) => readonly Value[]
  /** The question asked of the row; a value of this operation answers it exactly where the row does. */
  rewrite(question: Question): FieldFilter
}

/** Translates between the content of one column and an attribute's scalar. */
export interface Codec {
  /** Undefined where the cell holds no value. */
  decode(cell: Cell): Scalar | undefined
  rewrite(column: Column, question: Question): FieldFilter
}

export interface MappedAttribute {
  readonly name: string
  readonly operations: readonly Operation[]
}

/** Does the row's column say that its entry may bind? */
export interface Enabled {
  readonly field: Field
  test(cell: Cell): boolean
}

export interface Mapping extends Collection {
  /** Name of the view. */
  readonly view: string
  /** Name of its source in the configuration. */
  readonly source: string
  /** Without the secrets, which stand apart. */
  readonly attributes: ReadonlyMap<string, MappedAttribute>
  readonly secrets: readonly { readonly field: Field; readonly cleartext: boolean }[]
  readonly enabled?: Enabled
  readonly version?: Field
  /** A key as an entry's id, and back; undefined where no key can read so. */
  idOf(cell: Cell): EntryId
  cellOf(id: EntryId): Exclude<Cell, null> | undefined
}

/** Nothing is known of it in the source. */
export const UNKNOWN: FieldFilter = { op: 'unknown' }
export const ALWAYS: FieldFilter = { op: 'const', value: true }
export const NEVER: FieldFilter = { op: 'const', value: false }

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

/** Conjunction and disjunction, with constants folded and nesting flattened. */
export function allOf(filters: readonly FieldFilter[]): FieldFilter {
  return combine('and', filters)
}
export function anyOf(filters: readonly FieldFilter[]): FieldFilter {
  return combine('or', filters)
}

function combine(op: 'and' | 'or', filters: readonly FieldFilter[]): FieldFilter {
  const absorbing = op === 'or'
  const of: FieldFilter[] = []
  for (const f of filters) {
    if (f.op === 'const') {
      if (f.value === absorbing) return f
    } else if (f.op === op) of.push(...f.of)
    else of.push(f)
  }
  const [only] = of
  if (only === undefined) return absorbing ? NEVER : ALWAYS
  return of.length === 1 ? only : { op, of }
}
