/** Text attributes over columns of any kind. The matching rule decides what is equal; the column's kind how to ask. */
import type { Matching } from '../../model/match.js'
import { Ref, type Scalar } from '../../model/value.js'
import { caseIgnore } from '../../schema/normalize.js'
import { allOf, anyOf, NEVER } from '../../sources/logic.js'
import type { Cell, Column, FieldFilter, Piece, TextRule } from '../../sources/source.js'
import { type Codec, type Question, UNKNOWN } from '../mapping.js'
import { literal } from './literal.js'

export interface TextOptions {
  readonly matching: Matching
  /** Absent where the attribute's values are compared in a way no column can be asked. */
  readonly rule: TextRule | undefined
  readonly case: 'lower' | 'upper' | undefined
}

export function textCodec(options: TextOptions): Codec {
  return {
    decode: (cell) => {
      const text = cellText(cell)
      return text === undefined ? undefined : inCase(text, options.case)
    },
    rewrite: (column, question) => {
      if (question.op === 'present') return test(column, { test: 'present' })
      if (question.op === 'eq' && question.value instanceof Ref) return NEVER
      if (options.case !== undefined && options.rule !== 'caseIgnore') return UNKNOWN
      if (column.kind === 'integer') return askInteger(column, question, options)
      if (column.kind !== 'text') return UNKNOWN
      return askText(column, question, options)
    },
    encode: (value, column) => cellOfText(value, column),
    orders: () => isOrderedAsStored(options),
  }
}

/** Where case counts, what is shown in one case stands elsewhere than what is stored. */
export function isOrderedAsStored(options: TextOptions): boolean {
  return options.case === undefined || options.rule !== 'caseExact'
}

/** A text as a column of its kind holds it. */
function cellOfText(value: Scalar, column: Column): Exclude<Cell, null> | undefined {
  if (typeof value === 'object') return undefined
  const text = typeof value === 'boolean' ? (value ? 'TRUE' : 'FALSE') : String(value)
  if (column.kind === 'binary') return Buffer.from(text, 'utf8')
  return literal(text, column)
}

/**
 * The text in one case. A letter keeps its own where the change would make it another one to the rules that ignore
 * case (ß in capitals is SS), so that such a text is found whatever the case it is shown in.
 */
export function inCase(text: string, shown: TextOptions['case']): string {
  if (shown === undefined) return text
  return text.replace(/[ -~]+|[^ -~]/gu, (part) => {
    const changed = shown === 'lower' ? part.toLowerCase() : part.toUpperCase()
    return part <= '~' || caseIgnore(changed) === caseIgnore(part) ? changed : part
  })
}

const SPACE = 0x20
/** Of any string whatever its representation: as a method of each, it would be looked up for every cell. */
const { charCodeAt } = String.prototype

/** What a cell shows as text; a text that is empty or only spaces is no value. */
export function cellText(cell: Cell): string | undefined {
  if (cell === null) return undefined
  if (typeof cell === 'string')
    return charCodeAt.call(cell, 0) > SPACE || /[^ ]/.test(cell) ? cell : undefined
  if (typeof cell === 'boolean') return cell ? 'TRUE' : 'FALSE'
  if (cell instanceof Date) return cell.toISOString()
  if (cell instanceof Uint8Array) return cell.length === 0 ? undefined : Buffer.from(cell).toString('utf8')
  return String(cell)
}

/** The questions that text answers: equality by rule, and substrings. */
function askText(on: Column, question: Question, options: TextOptions): FieldFilter {
  const { matching, rule } = options
  if (rule === undefined) return UNKNOWN
  if (question.op === 'substring') {
    const pieces = substringPieces(question, matching)
    return pieces === undefined ? UNKNOWN : test(on, { test: 'substring', rule, pieces })
  }
  if (question.op !== 'eq' && question.op !== 'approx') return UNKNOWN
  if (question.rule !== undefined) {
    // What is the same to the letter is the same in other letters too.
    const { rule: asked, ...own } = question
    const isNarrower = rule === 'caseIgnore' && asked === 'caseExactMatch'
    return isNarrower ? allOf([askText(on, own, options), UNKNOWN]) : UNKNOWN
  }
  const value = matching.equality?.(question.value)
  if (typeof value !== 'string') return UNKNOWN
  // Text of spaces only is no value; to these rules, so is text of nothing but hyphens.
  if (value === '') return NEVER
  if (value === ' ') return rule === 'telephone' || rule === 'numeric' ? UNKNOWN : NEVER
  return test(on, { test: 'text', rule, value })
}

/** The pieces of a substring assertion, prepared; undefined where the attribute has no substring rule. */
export function substringPieces(
  question: Extract<Question, { op: 'substring' }>,
  matching: Matching,
): readonly Piece[] | undefined {
  const prepare = matching.substring?.piece
  if (prepare === undefined) return undefined
  const pieces: Piece[] = []
  if (question.initial !== undefined)
    pieces.push({ place: 'initial', text: prepare(question.initial, 'initial') })
  for (const piece of question.any) pieces.push({ place: 'any', text: prepare(piece, 'any') })
  if (question.final !== undefined) pieces.push({ place: 'final', text: prepare(question.final, 'final') })
  return pieces
}

/** A number shown as text equals only its canonical spelling. */
function askInteger(column: Column, question: Question, { matching, rule }: TextOptions): FieldFilter {
  if ((question.op !== 'eq' && question.op !== 'approx') || question.rule !== undefined) return UNKNOWN
  const value = matching.equality?.(question.value)
  if (typeof value !== 'string') return UNKNOWN
  if (!/^(0|-?[1-9]\d*)$/.test(value)) return NEVER
  const equal = compareInteger(column, 'eq', BigInt(value))
  // Hyphens mean nothing in telephone numbers, and so does the sign.
  return rule === 'telephone' ? anyOf([equal, compareInteger(column, 'eq', -BigInt(value))]) : equal
}

/** An integer comparison that cannot leave the column's range. */
export function compareInteger(
  column: Column,
  op: 'eq' | 'ge' | 'le' | 'gt' | 'lt',
  value: bigint,
): FieldFilter {
  const [least, greatest] = column.range ?? [value, value]
  if (value < least) return op === 'ge' || op === 'gt' ? test(column, { test: 'present' }) : NEVER
  if (value > greatest) return op === 'le' || op === 'lt' ? test(column, { test: 'present' }) : NEVER
  return test(column, { test: 'compare', op, value })
}

export function test(on: Column, question: Extract<FieldFilter, { op: 'test' }>['test']): FieldFilter {
  return { op: 'test', on, test: question, negated: false }
}
