/** The test that says whether an entry may bind, and the same as an attribute: TRUE, FALSE, never absent. */
import type { Cell, Collection, Column, FieldFilter } from '../sources/source.js'
import { literal, text } from './codecs/literal.js'
import { booleanCodec } from './codecs/number.js'
import { ALWAYS, type Enabled, NEVER, negate, type Operation, type Question, UNKNOWN } from './mapping.js'
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
  return switchOf(column, {
    test: (cell) => isListed(cell) !== not,
    filter: not ? negate(oneOf(column, listed)) : oneOf(column, listed),
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
  return switchOf(column, {
    test: (cell) => cell !== null && cell !== false && Number(cell) !== 0,
    filter: booleanCodec.rewrite(column, { op: 'eq', attr: '', value: true }),
    cells: [true, false],
  })
}

/** The rows whose column holds one of these. Only NULL itself is no value here, which no test asks exactly. */
function oneOf(column: Column, literals: readonly Literal[]): FieldFilter {
  if (literals.includes(null)) return UNKNOWN
  const values = literals.flatMap((l) => literal(String(l), column) ?? [])
  return values.length === 0
    ? NEVER
    : { op: 'test', on: column, test: { test: 'oneOf', values }, negated: false }
}

interface Switching {
  test(cell: Cell): boolean
  /** The rows that it holds for. */
  readonly filter: FieldFilter
  /** What is written for TRUE and for FALSE. */
  readonly cells?: readonly [on: Literal, off: Literal]
}

function switchOf(column: Column, { test, filter, cells }: Switching): Switch {
  const field = { kind: 'column', column } as const
  const rewrite = (question: Question): FieldFilter => {
    if (question.op === 'present') return ALWAYS
    if ((question.op !== 'eq' && question.op !== 'approx') || typeof question.value !== 'boolean')
      return UNKNOWN
    return question.value ? filter : negate(filter)
  }
  const cellOf = (l: Literal) => (l === null ? null : literal(String(l), column))
  return {
    enabled: { field, test },
    operation: {
      fields: [field],
      reader: (slotOf) => {
        const slot = slotOf(field)
        return (row) => [test(row[slot] as Cell)]
      },
      rewrite,
      rewriteElement: (of) => rewriteValue(of, 'value', rewrite),
      ...(cells && {
        store: {
          kind: 'column',
          column,
          decode: test,
          encode: (value) => (typeof value === 'boolean' ? cellOf(cells[value ? 0 : 1]) : undefined),
        },
      }),
    },
  }
}
