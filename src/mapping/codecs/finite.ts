/**
 * Columns with finitely many meanings: value maps and boolean tests. Any question is answered by asking each
 * meaning, which leaves a plain list of database values: exact, whatever the matching rule.
 */
import { type MatchingOf, match } from '../../model/match.js'
import type { Scalar } from '../../model/value.js'
import { ALWAYS, NEVER } from '../../sources/logic.js'
import type { Cell, Column, FieldFilter } from '../../sources/source.js'
import type { Codec, Question } from '../mapping.js'
import { literal, text } from './literal.js'

type Literal = string | number | boolean

/** Would this value of the attribute alone satisfy the question? */
export function satisfies(value: Scalar, question: Question, matchingOf: MatchingOf): boolean {
  const entry = { view: '', id: '', attributes: new Map([[question.attr, [value]]]) }
  return match(question, entry, matchingOf) === true
}

/** `{ column, map: { 1: staff, 2: contractor } }`; `values` are already typed as the attribute's syntax says. */
export function mapCodec(
  attr: string,
  map: ReadonlyMap<string, Scalar>,
  column: Column,
  matchingOf: MatchingOf,
): Codec {
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
    encode: (value) => {
      const equal = { op: 'eq', attr, value } as const
      for (const { cell, value: known } of cells.values())
        if (satisfies(known, equal, matchingOf)) return cell
      return undefined
    },
    orders: () => false,
  }
}

/**
 * `{ column, equals: A }`: TRUE where the cell is one of `literals`, FALSE everywhere else, also at NULL. FALSE is
 * written as `otherwise`, where that is said.
 */
export function equalsCodec(
  literals: readonly Literal[],
  otherwise: Literal | undefined,
  column: Column,
  matchingOf: MatchingOf,
): Codec {
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
    encode: (value) =>
      value === true ? cells[0] : otherwise === undefined ? undefined : literal(String(otherwise), column),
    orders: () => false,
  }
}

function oneOf(on: Column, values: readonly Exclude<Cell, null>[]): FieldFilter {
  return values.length === 0 ? NEVER : { op: 'test', on, test: { test: 'oneOf', values }, negated: false }
}
