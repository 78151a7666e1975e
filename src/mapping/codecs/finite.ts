/**
 * Columns with finitely many meanings: value maps and boolean tests. Any question is answered by asking each
 * meaning, which leaves a plain list of database values: exact, whatever the matching rule.
 */
import { type MatchingOf, match } from '../../model/match.js'
import type { Scalar } from '../../model/value.js'
import type { Cell, Column, FieldFilter } from '../../sources/source.js'
import { ALWAYS, type Codec, NEVER, type Question } from '../mapping.js'

type Literal = string | number | boolean

/** Would this value of the attribute alone satisfy the question? */
export function satisfies(value: Scalar, question: Question, matchingOf: MatchingOf): boolean {
  const entry = { view: '', id: '', attributes: new Map([[question.attr, [value]]]) }
  return match(question, entry, matchingOf) === true
}

/** `{ column, map: { 1: staff, 2: contractor } }`; `values` are already typed as the attribute's syntax says. */
export function mapCodec(map: ReadonlyMap<string, Scalar>, column: Column, matchingOf: MatchingOf): Codec {
  // By the cell's text: a key may be written differently, as 1 for true, and the first of equal ones counts.
  const cells = new Map<string, { readonly cell: Exclude<Cell, null>; readonly value: Scalar }>()
  for (const [key, value] of map) {
    const cell = literal(key, column)
    if (cell !== undefined && !cells.has(text(cell))) cells.set(text(cell), { cell, value })
  }
  return {
    decode: (cell) => (cell === null ? undefined : cells.get(text(cell))?.value),
    rewrite: (on, question) => {
      const values: Exclude<Cell, null>[] = []
      for (const { cell, value } of cells.values()) {
        if (satisfies(value, question, matchingOf)) values.push(cell)
      }
      return oneOf(on, values)
    },
  }
}

/** `{ column, equals: A }`: TRUE where the cell is one of `literals`, FALSE everywhere else, also at NULL. */
export function equalsCodec(literals: readonly Literal[], column: Column, matchingOf: MatchingOf): Codec {
  const cells = literals.map((l) => literal(String(l), column)).filter((c) => c !== undefined)
  const wanted = new Set(cells.map(text))
  return {
    decode: (cell) => cell !== null && wanted.has(text(cell)),
    rewrite: (on, question) => {
      const isTrue = satisfies(true, question, matchingOf)
      const isFalse = satisfies(false, question, matchingOf)
      if (isTrue === isFalse) return isTrue ? ALWAYS : NEVER
      const test = oneOf(on, cells)
      if (test.op !== 'test') return isTrue ? NEVER : ALWAYS
      return isTrue ? test : { ...test, negated: true }
    },
  }
}

function oneOf(on: Column, values: readonly Exclude<Cell, null>[]): FieldFilter {
  return values.length === 0 ? NEVER : { op: 'test', on, test: { test: 'oneOf', values }, negated: false }
}

/** The configuration's text for a cell, as the column's kind holds it; undefined if it cannot. */
export function literal(value: string, column: Column): Exclude<Cell, null> | undefined {
  switch (column.kind) {
    case 'integer': {
      if (value === 'true' || value === 'false') return value === 'true' ? 1 : 0
      if (!/^-?\d+$/.test(value)) return undefined
      const n = BigInt(value)
      return column.range !== undefined && (n < column.range[0] || n > column.range[1]) ? undefined : n
    }
    case 'boolean': {
      const known = new Map([
        ['true', true],
        ['t', true],
        ['1', true],
        ['false', false],
        ['f', false],
        ['0', false],
      ])
      return known.get(value.toLowerCase())
    }
    case 'text':
    case 'decimal':
    case 'other':
      return value
    case 'uuid':
      return value.toLowerCase()
    default:
      return undefined
  }
}

/** The text by which a cell is looked up in the configuration. */
export function text(cell: Exclude<Cell, null>): string {
  return cell instanceof Uint8Array
    ? Buffer.from(cell).toString('hex')
    : cell instanceof Date
      ? cell.toISOString()
      : String(cell)
}
