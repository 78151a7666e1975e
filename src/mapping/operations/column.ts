/** A column of the row, and a column of the rows of a child table: one codec, once or for each. */
import type { Scalar, Value } from '../../model/value.js'
import type { Cell, Column, Field, Relation } from '../../sources/source.js'
import type { Codec, Operation } from '../mapping.js'

const NONE: readonly Value[] = []

export function columnOperation(column: Column, codec: Codec): Operation {
  const field: Field = { kind: 'column', column }
  return {
    fields: [field],
    reader: (slotOf) => {
      const slot = slotOf(field)
      return (row) => {
        const value = codec.decode(row[slot] as Cell)
        return value === undefined ? NONE : [value]
      }
    },
    rewrite: (question) => codec.rewrite(column, question),
  }
}

export interface Part {
  readonly name: string
  readonly column: Column
  readonly codec: Codec
}

/** `parts` are the further parts of each element; without any, an element is its plain value. */
export function childOperation(
  relation: Relation,
  column: Column,
  codec: Codec,
  parts: readonly Part[],
): Operation {
  const field: Field = { kind: 'set', relation, columns: [column, ...parts.map((p) => p.column)] }
  return {
    fields: [field],
    reader: (slotOf) => {
      const slot = slotOf(field)
      return (row) => {
        const values: Value[] = []
        for (const tuple of row[slot] as readonly (readonly Cell[])[]) {
          const value = codec.decode(tuple[0] ?? null)
          if (value !== undefined) values.push(parts.length === 0 ? value : element(value, tuple, parts))
        }
        return values
      }
    },
    rewrite: (question) => ({ op: 'some', relation, of: codec.rewrite(column, question), negated: false }),
  }
}

function element(value: Scalar, tuple: readonly Cell[], parts: readonly Part[]): Value {
  const result: Record<string, Scalar> = { value }
  parts.forEach((part, i) => {
    const decoded = part.codec.decode(tuple[i + 1] ?? null)
    if (decoded !== undefined) result[part.name] = decoded
  })
  return result
}
