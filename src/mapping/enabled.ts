/** The test that says whether an entry may bind, and the same as an attribute: TRUE, FALSE, never absent. */

import { ALWAYS, NEVER } from '../sources/logic.js'
import type { Cell, Collection, Column, Field, FieldFilter, Slot } from '../sources/source.js'
import { literal, text } from './codecs/literal.js'
import { booleanCodec } from './codecs/number.js'
import { type Enabled, negate, type Operation, type Question, UNKNOWN } from './mapping.js'
import { bitOf, bitOperation, hasBits } from './operations/bit.js'
import { rewriteValue } from './rewrite.js'
import type { EnabledSpec } from './schema.js'
import type { Resolver } from './tables.js'

export interface Switch {
  readonly enabled: Enabled
  readonly operation: Operation
}

type Literal = null | string | number | boolean

export function compileEnabled(
  spec: EnabledSpec,
  { resolve, collection }: { readonly resolve: Resolver; readonly collection: Collection },
): Switch | undefined {
  const name = typeof spec === 'string' ? spec : spec.column
  const column = resolve.column(collection.table, name, ['enabled'])
  if (column === undefined) return undefined
  if (typeof spec === 'string') return booleanSwitch(column, resolve)
  if ('bit' in spec) {
    return hasBits(column, ['enabled'], resolve)
      ? switchOf(bitOperation(column, bitOf(spec), { attr: 'value', writable: column.readOnly !== true }))
      : undefined
  }
  return listSwitch(spec, column, resolve)
}

function listSwitch(
  spec: Extract<EnabledSpec, { equals: unknown } | { not: unknown }>,
  column: Column,
  resolve: Resolver,
): Switch | undefined {
  const not = 'not' in spec
  const listed = [not ? spec.not : spec.equals].flat()
  resolve.possible(column, listed, ['enabled', not ? 'not' : 'equals'])
  if (spec.else !== undefined) resolve.possible(column, [spec.else], ['enabled', 'else'])
  const isListed = (cell: Cell) =>
    listed.some((l) => {
      if (l === null || cell === null) return l === cell
      const cellOfL = literal(String(l), column)
      return cellOfL !== undefined && text(cellOfL) === text(cell)
    })
  const [first = null] = listed
  const otherwise = spec.else
  const found = oneOf(column, listed)
  return switching(column, {
    test: (cells) => (cells.length === 0 ? isListed(null) : cells.some(isListed)) !== not,
    filter: not ? negate(found) : found,
    ...(otherwise !== undefined && { cells: not ? [otherwise, first] : [first, otherwise] }),
  })
}

function booleanSwitch(column: Column, resolve: Resolver): Switch | undefined {
  if (column.kind !== 'boolean' && column.kind !== 'integer') {
    return resolve.problem(
      ['enabled'],
      `column ${column.name} is ${column.kind}, not a truth value`,
      'Say what is enabled with equals:',
    )
  }
  const isTrue = (cell: Cell) => cell !== null && cell !== false && Number(cell) !== 0
  return switching(column, {
    test: (cells) => cells.some(isTrue),
    filter: someOf(column, (one) => booleanCodec.rewrite(one, { op: 'eq', attr: '', value: true })),
    cells: [true, false],
  })
}

/** The rows whose column holds one of these. Only NULL itself is no value here, which no test asks exactly. */
function oneOf(column: Column, literals: readonly Literal[]): FieldFilter {
  if (literals.includes(null)) return UNKNOWN
  const values = literals.flatMap((l) => literal(String(l), column) ?? [])
  if (values.length === 0) return NEVER
  const test = { test: 'oneOf', values } as const
  return someOf(column, (on) => ({ op: 'test', on, test, negated: false }))
}

/** A question about the column, or about one of its values where it has several. */
function someOf(column: Column, ask: (on: Column) => FieldFilter): FieldFilter {
  const { values } = column
  if (values === undefined) return ask(column)
  return { op: 'some', relation: values.relation, of: ask(values.column), negated: false }
}

interface Switching {
  /** Of what the column holds: one cell, or where it may have several values, all of them. */
  test(cells: readonly Cell[]): boolean
  /** The rows that it holds for. */
  readonly filter: FieldFilter
  /** What is written for TRUE and for FALSE. */
  readonly cells?: readonly [on: Literal, off: Literal]
}

function switching(column: Column, { test, filter, cells }: Switching): Switch | undefined {
  const { values } = column
  const field: Field =
    values === undefined
      ? { kind: 'column', column }
      : { kind: 'set', relation: values.relation, columns: [values.column] }
  const rewrite = (question: Question): FieldFilter => {
    if (question.op === 'present') return ALWAYS
    if ((question.op !== 'eq' && question.op !== 'approx') || typeof question.value !== 'boolean')
      return UNKNOWN
    return question.value ? filter : negate(filter)
  }
  const cellOf = (l: Literal) => (l === null ? null : literal(String(l), column))
  return switchOf({
    fields: [field],
    reader: (slotOf) => {
      const slot = slotOf(field)
      return (row) => [test(cellsOf(row[slot]))]
    },
    rewrite,
    rewriteElement: (of) => rewriteValue(of, 'value', rewrite),
    ...(cells &&
      column.readOnly !== true && {
        store: {
          kind: 'column',
          column,
          decode: (cell) => test([cell]),
          encode: (value) => (typeof value === 'boolean' ? cellOf(cells[value ? 0 : 1]) : undefined),
        },
      }),
  })
}

function cellsOf(slot: Slot | undefined): readonly Cell[] {
  if (!Array.isArray(slot)) return [(slot as Cell | undefined) ?? null]
  return (slot as readonly (readonly Cell[])[]).map(([cell = null]) => cell)
}

/** The operation reads one truth value from one field. */
function switchOf(operation: Operation): Switch | undefined {
  const [field] = operation.fields
  if (field === undefined) return undefined
  const read = operation.reader(() => 0)
  return { enabled: { field, test: (slot) => read([slot])[0] === true }, operation }
}
