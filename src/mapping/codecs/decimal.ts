/** Numbers with a fraction over number columns: as the nearest number that JSON has, and compared as that. */
import type { Scalar } from '../../model/value.js'
import { decimalOf } from '../../schema/scalars.js'
import { NEVER } from '../../sources/logic.js'
import type { Cell, Column, FieldFilter } from '../../sources/source.js'
import { type Codec, type Question, UNKNOWN } from '../mapping.js'
import { literal } from './literal.js'
import { compareInteger, test } from './text.js'

export function decimalCodec({ precision }: Pick<Column, 'precision'>): Codec {
  const isSingle = precision === 'single'
  return { ...codec, decode: (cell) => (isSingle ? singleOf(decode(cell)) : decode(cell)) }
}

function decode(cell: Cell): number | undefined {
  return cell === null || typeof cell === 'boolean' || cell instanceof Uint8Array
    ? undefined
    : decimalOf(cell)
}

const codec: Omit<Codec, 'decode'> = {
  rewrite: (column, question) => {
    if (column.kind !== 'decimal' && column.kind !== 'integer') return UNKNOWN
    if (question.op === 'present') return test(column, { test: 'present' })
    if (question.op === 'substring' || question.rule !== undefined) return UNKNOWN
    const { value } = question
    if (typeof value !== 'number') return UNKNOWN
    const op = question.op === 'approx' ? 'eq' : question.op
    return column.kind === 'decimal'
      ? test(column, { test: 'compare', op, value })
      : askInteger(column, op, value)
  },
  encode: (value, column) => {
    const number = decimalOf(value)
    return number === undefined || !holds(column, number) ? undefined : literal(plainText(number), column)
  },
  orders: ({ kind }) => kind === 'decimal' || kind === 'integer',
}

/** Whole numbers that no other is shown as. */
function askInteger(
  column: Column,
  op: Exclude<Question['op'], 'present' | 'substring' | 'approx'>,
  value: number,
): FieldFilter {
  if (Math.abs(value) >= Number.MAX_SAFE_INTEGER) return UNKNOWN
  const whole = Number.isInteger(value)
  if (op === 'eq') return whole ? compareInteger(column, 'eq', BigInt(value)) : NEVER
  const isUp = op === 'ge' || op === 'lt'
  return compareInteger(column, op, BigInt(isUp ? Math.ceil(value) : Math.floor(value)))
}

/** Would the column keep the number, or round it? */
function holds({ kind, precision }: Column, value: number): boolean {
  if (kind !== 'decimal' || precision === undefined) return true
  if (precision === 'single') return singleOf(value) === value
  return (plainText(value).split('.')[1] ?? '').length <= precision.scale
}

/** The shortest number that is the same in 4 bytes; undefined where it is too large for them. */
function singleOf(value: number | undefined): number | undefined {
  const single = Math.fround(value ?? Number.NaN)
  if (!Number.isFinite(single)) return undefined
  for (let digits = 6; digits < 9; digits++) {
    const shorter = Number(single.toPrecision(digits))
    if (Math.fround(shorter) === single) return shorter
  }
  return Number(single.toPrecision(9))
}

/** All digits, without an exponent. */
export function plainText(value: Scalar & number): string {
  const [digits = '', exponent] = String(value).split('e')
  if (exponent === undefined) return digits
  const sign = digits.startsWith('-') ? '-' : ''
  const [whole = '', fraction = ''] = digits.replace('-', '').split('.')
  const point = whole.length + Number(exponent)
  const all = whole + fraction
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${all}`
  return point >= all.length
    ? `${sign}${all.padEnd(point, '0')}`
    : `${sign}${all.slice(0, point)}.${all.slice(point)}`
}
