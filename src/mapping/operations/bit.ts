/** One bit of a column of numbers as a truth value: it never lacks one, and other bits stay as they are. */
import { hasOtherParts, scalarOf } from '../../model/value.js'
import { ALWAYS } from '../../sources/logic.js'
import type { Cell, Column, Field, FieldFilter } from '../../sources/source.js'
import { askBit, type Bit, isAsWanted, withBit } from '../codecs/bit.js'
import { negate, type Operation, type Question, type Store, UNKNOWN } from '../mapping.js'
import { rewriteValue } from '../rewrite.js'
import type { BitSpec } from '../schema.js'
import type { Path, Resolver } from '../tables.js'
import type { ColumnOptions } from './column.js'

export function bitOperation(column: Column, bit: Bit, options: ColumnOptions): Operation {
  const field: Field = { kind: 'column', column }
  const isSo = askBit(column, bit)
  const rewrite = (question: Question): FieldFilter => {
    if (question.op === 'present') return ALWAYS
    if (question.op !== 'eq' && question.op !== 'approx') return UNKNOWN
    if (question.rule !== undefined || typeof question.value !== 'boolean') return UNKNOWN
    return question.value ? isSo : negate(isSo)
  }
  return {
    fields: [field],
    reader: (slotOf) => {
      const slot = slotOf(field)
      return (row) => [isAsWanted(row[slot] as Cell, bit)]
    },
    rewrite,
    rewriteElement: (of) => rewriteValue(of, options.attr, rewrite),
    ...(options.writable && { store: bitStore(column, bit) }),
  }
}

function bitStore(column: Column, bit: Bit): Store {
  return {
    kind: 'column',
    column,
    decode: (cell) => isAsWanted(cell, bit),
    encode: (value, held) => {
      const wanted = hasOtherParts(value) ? undefined : scalarOf(value)
      return typeof wanted === 'boolean' ? withBit(held(), bit, wanted, column) : undefined
    },
    emptied: (held) => withBit(held(), bit, false, column),
  }
}

export function bitOf({ bit, is }: Pick<BitSpec, 'bit' | 'is'>): Bit {
  return { mask: BigInt(bit), isSet: is !== 'clear' }
}

export function hasBits({ name, kind }: Column, path: Path, resolve: Resolver): boolean {
  if (kind === 'integer') return true
  resolve.problem(path, `column ${name} is ${kind}, which has no bits`, 'Name a column of whole numbers')
  return false
}
