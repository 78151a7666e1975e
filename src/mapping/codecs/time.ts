/** Time attributes over date and timestamp columns. Values are in UTC, to the millisecond, rounded down. */
import type { Cell } from '../../sources/source.js'
import { type Codec, UNKNOWN } from '../mapping.js'
import { literal } from './literal.js'
import { test } from './text.js'

const DAY = 24 * 60 * 60 * 1000

export const timeCodec: Codec = {
  decode: decodeTime,
  rewrite: (column, question) => {
    if (column.kind !== 'time' && column.kind !== 'date') return UNKNOWN
    if (question.op === 'present') return test(column, { test: 'present' })
    if (question.op === 'substring' || !(question.value instanceof Date)) return UNKNOWN
    if (question.rule !== undefined) return UNKNOWN
    const op = question.op === 'approx' ? 'eq' : question.op
    return test(column, { test: 'compare', op, value: question.value })
  },
  encode: (value, column) => {
    if (!(value instanceof Date)) return undefined
    // A day has no time of day to keep.
    if (column.kind === 'date') return value.getTime() % DAY === 0 ? value : undefined
    return column.kind === 'time' ? value : literal(value.toISOString(), column)
  },
  orders: ({ kind }) => kind === 'time' || kind === 'date',
}

/** Text columns may hold ISO 8601 times; without an offset they are in UTC. */
function decodeTime(cell: Cell): Date | undefined {
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? undefined : cell
  if (typeof cell !== 'string') return undefined
  const m = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|[+-]\d\d(?::?\d\d)?)?)?$/i.exec(
    cell.trim(),
  )
  if (m === null) return undefined
  const zone = m[3] ?? 'Z'
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')
  const date = new Date(`${m[1]}T${m[2] ?? '00:00'}${offset.toUpperCase()}`)
  return Number.isNaN(date.getTime()) ? undefined : date
}
