/** Binary attributes over binary columns, or text columns in hexadecimal or base64. */
import type { Cell } from '../../sources/source.js'
import { type Codec, UNKNOWN } from '../mapping.js'
import { literal } from './literal.js'
import { test } from './text.js'

export function binaryCodec(encoding: 'binary' | 'hex' | 'base64'): Codec {
  return {
    decode: (cell) => decode(cell, encoding),
    rewrite: (column, question) => {
      if (column.kind !== 'binary' || encoding !== 'binary') return UNKNOWN
      if (question.op === 'present') return test(column, { test: 'present' })
      if (question.op !== 'eq' || question.rule !== undefined) return UNKNOWN
      if (!(question.value instanceof Uint8Array)) return UNKNOWN
      return test(column, { test: 'compare', op: 'eq', value: question.value })
    },
    encode: (value, column) => {
      if (!(value instanceof Uint8Array)) return undefined
      if (encoding !== 'binary') return literal(Buffer.from(value).toString(encoding), column)
      return column.kind === 'binary' ? value : undefined
    },
    orders: ({ kind }) => kind === 'binary' && encoding === 'binary',
  }
}

function decode(cell: Cell, encoding: 'binary' | 'hex' | 'base64'): Uint8Array | undefined {
  if (cell === null) return undefined
  if (cell instanceof Uint8Array && encoding === 'binary') return cell.length === 0 ? undefined : cell
  const text = cell instanceof Uint8Array ? Buffer.from(cell).toString('latin1') : String(cell)
  if (text.length === 0) return undefined
  if (encoding === 'binary') return Buffer.from(text, 'utf8')
  if (encoding === 'hex') {
    const digits = text.replace(/^(\\x|0x)/i, '').replace(/[\s:-]/g, '')
    return /^([0-9a-f]{2})+$/i.test(digits) ? Buffer.from(digits, 'hex') : undefined
  }
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === 0 ? undefined : bytes
}
