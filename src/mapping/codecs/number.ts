/** Integer and boolean attributes over number, boolean and digit-text columns. */
import type { Scalar } from '../../model/value.js'
import { allOf, NEVER } from '../../sources/logic.js'
import type { Cell, Column } from '../../sources/source.js'
import { type Codec, negate, type Question, UNKNOWN } from '../mapping.js'
import { askBits } from './bit.js'
import { literal } from './literal.js'
import { compareInteger, test } from './text.js'

export const integerCodec: Codec = {
  decode: decodeInteger,
  rewrite: (column, question) => {
    if (column.kind !== 'integer')
      return question.op === 'present' && column.kind === 'boolean'
        ? test(column, { test: 'present' })
        : UNKNOWN
    if (question.op === 'present') return test(column, { test: 'present' })
    if (question.op === 'substring') return UNKNOWN
    const value = question.value
    if (typeof value !== 'number' && typeof value !== 'bigint') return UNKNOWN
    if (question.rule !== undefined)
      return (question.op === 'eq' && askBits(column, question.rule, BigInt(value))) || UNKNOWN
    return compareInteger(column, question.op === 'approx' ? 'eq' : question.op, BigInt(value))
  },
  encode: (value, column) => {
    const n = decodeInteger(typeof value === 'object' ? null : value)
    return n === undefined ? undefined : literal(String(n), column)
  },
  orders: ({ kind }) => kind === 'integer' || kind === 'boolean',
}

function decodeInteger(cell: Cell): Scalar | undefined {
  if (typeof cell === 'number') return Number.isSafeInteger(cell) ? cell : undefined
  if (typeof cell === 'bigint') return cell
  if (typeof cell === 'boolean') return cell ? 1 : 0
  if (typeof cell !== 'string' || !/^\s*[+-]?\d+(\.0*)?\s*$/.test(cell)) return undefined
  const n = BigInt(cell.trim().replace(/^\+/, '').replace(/\.0*$/, ''))
  return n >= Number.MIN_SAFE_INTEGER && n <= Number.MAX_SAFE_INTEGER ? Number(n) : n
}

/** In number columns 0 is FALSE and everything else TRUE, as SQL has it. */
export const booleanCodec: Codec = {
  decode: (cell) =>
    typeof cell === 'boolean'
      ? cell
      : typeof cell === 'number' || typeof cell === 'bigint'
        ? Number(cell) !== 0
        : undefined,
  rewrite: (column, question) => {
    const present = test(column, { test: 'present' })
    if (question.op === 'present') return present
    if ((question.op !== 'eq' && question.op !== 'approx') || question.rule !== undefined) return UNKNOWN
    const wanted = question.value
    if (typeof wanted !== 'boolean') return NEVER
    if (column.kind === 'boolean') return test(column, { test: 'compare', op: 'eq', value: wanted })
    const zero = test(column, { test: 'compare', op: 'eq', value: 0 })
    return wanted ? allOf([present, negate(zero)]) : zero
  },
  encode: (value, column) => (typeof value === 'boolean' ? literal(String(value), column) : undefined),
  // Numbers of either sign are TRUE.
  orders: ({ kind }) => kind === 'boolean',
}

/** The last millisecond that a Date can be. */
const LATEST = 8_640_000_000_000_000n

/** Seconds or milliseconds since 1970 in a number column, shown as a time. */
export function epochCodec(unit: 'epoch' | 'epochMillis'): Codec {
  const scale = unit === 'epoch' ? 1000n : 1n
  return {
    decode: (cell) => {
      const n = decodeInteger(cell)
      if (typeof n !== 'number' && typeof n !== 'bigint') return undefined
      const date = new Date(Number(BigInt(n) * scale))
      return Number.isNaN(date.getTime()) ? undefined : date
    },
    rewrite: (column, question) => {
      if (column.kind !== 'integer') return UNKNOWN
      // A number beyond what times reach is none.
      const isTime = allOf([
        compareInteger(column, 'ge', -LATEST / scale),
        compareInteger(column, 'le', LATEST / scale),
      ])
      if (question.op === 'present') return isTime
      if (question.op === 'substring' || !(question.value instanceof Date)) return UNKNOWN
      if (question.rule !== undefined) return UNKNOWN
      return allOf([isTime, askEpoch(column, question, BigInt(question.value.getTime()), scale)])
    },
    encode: (value, column) =>
      value instanceof Date
        ? literal(String(Math.floor(value.getTime() / Number(scale))), column)
        : undefined,
    // Where every number is a time.
    orders: ({ kind, range }) =>
      kind === 'integer' && range !== undefined && range[0] * scale >= -LATEST && range[1] * scale <= LATEST,
  }
}

/** From 1601 to 1970, in milliseconds. */
const FILETIME_EPOCH = 11_644_473_600_000n
/** What a millisecond is of. */
const TICKS = 10_000n
/** The first tick behind the last year that a time can be of; what is there, like 2^63 - 1, means never. */
const NEVER_AGAIN = (BigInt(Date.UTC(10_000, 0)) + FILETIME_EPOCH) * TICKS

/** Tenths of microseconds since 1601 in a number column, as Active Directory keeps times; 0 and what is too late is none. */
export const filetimeCodec: Codec = {
  decode: (cell) => {
    const n = decodeInteger(cell)
    if (typeof n !== 'number' && typeof n !== 'bigint') return undefined
    const ticks = BigInt(n)
    return ticks <= 0n || ticks >= NEVER_AGAIN ? undefined : new Date(Number(ticks / TICKS - FILETIME_EPOCH))
  },
  rewrite: (column, question) => {
    if (column.kind !== 'integer') return UNKNOWN
    const from = (tick: bigint) => compareInteger(column, 'ge', tick < 1n ? 1n : tick)
    const before = (tick: bigint) => compareInteger(column, 'lt', tick > NEVER_AGAIN ? NEVER_AGAIN : tick)
    if (question.op === 'present') return allOf([from(1n), before(NEVER_AGAIN)])
    if (question.op === 'substring' || !(question.value instanceof Date)) return UNKNOWN
    if (question.rule !== undefined) return UNKNOWN
    const tick = (BigInt(question.value.getTime()) + FILETIME_EPOCH) * TICKS
    switch (question.op) {
      case 'eq':
      case 'approx':
        return tick < 0n ? NEVER : allOf([from(tick), before(tick + TICKS)])
      case 'ge':
        return allOf([from(tick), before(NEVER_AGAIN)])
      case 'gt':
        return allOf([from(tick + TICKS), before(NEVER_AGAIN)])
      case 'le':
        return allOf([from(1n), before(tick + TICKS)])
      case 'lt':
        return allOf([from(1n), before(tick)])
    }
  },
  encode: (value, column) => {
    if (!(value instanceof Date)) return undefined
    const ticks = (BigInt(value.getTime()) + FILETIME_EPOCH) * TICKS
    return ticks <= 0n || ticks >= NEVER_AGAIN ? undefined : literal(String(ticks), column)
  },
  // What is never stands at either end.
  orders: () => false,
}

function askEpoch(column: Column, question: Question, millis: bigint, scale: bigint) {
  const whole = millis % scale === 0n
  const floor = millis / scale - (millis < 0n && !whole ? 1n : 0n)
  switch (question.op) {
    case 'eq':
    case 'approx':
      return whole ? compareInteger(column, 'eq', floor) : NEVER
    case 'ge':
      return compareInteger(column, whole ? 'ge' : 'gt', floor)
    case 'lt':
      return compareInteger(column, whole ? 'lt' : 'le', floor)
    case 'le':
      return compareInteger(column, 'le', floor)
    case 'gt':
      return compareInteger(column, 'gt', floor)
    default:
      return UNKNOWN
  }
}
