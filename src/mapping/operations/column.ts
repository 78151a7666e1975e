/** A column of the row, and a column of the rows of a child table: one codec, once or for each. */
import { hasOtherParts, isComplex, type Scalar, scalarOf, type Value } from '../../model/value.js'
import { allOf, anyOf, NEVER } from '../../sources/logic.js'
import type { Cell, Column, Field, FieldFilter, Relation } from '../../sources/source.js'
import { literal, text } from '../codecs/literal.js'
import type { Codec, Operation, Question, Store } from '../mapping.js'
import { rewriteParts, rewriteValue } from '../rewrite.js'

const NONE: readonly Value[] = []

export interface ColumnOptions {
  readonly attr: string
  readonly writable: boolean
}

export function columnOperation(column: Column, codec: Codec, options: ColumnOptions): Operation {
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
    rewriteElement: (of) => rewriteValue(of, options.attr, (question) => codec.rewrite(column, question)),
    ...(codec.orders(column) && { order: column }),
    ...(options.writable && { store: columnStore(column, codec) }),
  }
}

function columnStore(column: Column, codec: Codec): Store {
  return {
    kind: 'column',
    column,
    decode: (cell) => codec.decode(cell),
    encode: (value) => {
      const scalar = hasOtherParts(value) ? undefined : scalarOf(value)
      return scalar === undefined ? undefined : codec.encode(scalar, column)
    },
  }
}

export interface Part {
  readonly name: string
  readonly column: Column
  readonly codec: Codec
}

/**
 * @param value the part that an element is where it has no other; absent where elements have none of that name
 * @param parts the further parts of each element; without any, an element is its plain value
 */
export function childOperation(
  relation: Relation,
  value: Part | undefined,
  parts: readonly Part[],
  options: ColumnOptions,
): Operation {
  const all = value === undefined ? parts : [value, ...parts]
  const columns = all.map((p) => p.column)
  const field: Field = { kind: 'set', relation, columns }
  const fixed = fixedCells(relation)
  return {
    fields: [field],
    reader: (slotOf) => {
      const slot = slotOf(field)
      return (row) => {
        const values: Value[] = []
        for (const tuple of row[slot] as readonly (readonly Cell[])[]) {
          const found = parts.length === 0 ? value?.codec.decode(tuple[0] ?? null) : element(tuple, all)
          if (found !== undefined && (value === undefined || !isComplex(found) || found.value !== undefined))
            values.push(found)
        }
        return values
      }
    },
    rewrite: (question) =>
      value === undefined
        ? question.op === 'present'
          ? { op: 'some', relation, of: anyPart(parts, question.attr), negated: false }
          : NEVER
        : { op: 'some', relation, of: value.codec.rewrite(value.column, question), negated: false },
    rewriteElement: (of) => ({
      op: 'some',
      relation,
      of: allOf([
        value === undefined
          ? anyPart(parts, options.attr)
          : value.codec.rewrite(value.column, { op: 'present', attr: options.attr }),
        rewriteParts(of, (question) => {
          const part = all.find((p) => p.name === question.attr)
          if (part === undefined) return NEVER
          return part.codec.rewrite(
            part.column,
            part === value ? { ...question, attr: options.attr } : question,
          )
        }),
      ]),
      negated: false,
    }),
    ...(options.writable && {
      store: {
        kind: 'set',
        relation,
        columns,
        identity: columns.length,
        encode: (v) => cellsOf(v, all, fixed),
      },
    }),
  }
}

/** A truth about all of a column's values at once: is it so of any? */
export function anyOperation(
  column: Column,
  { relation, column: value }: NonNullable<Column['values']>,
  codec: Codec,
  options: ColumnOptions,
): Operation {
  const field: Field = { kind: 'set', relation, columns: [value] }
  const rewrite = (question: Question): FieldFilter => {
    const asked = codec.rewrite(value, question)
    if (asked.op !== 'test') return asked
    return { op: 'some', relation, of: { ...asked, negated: false }, negated: asked.negated }
  }
  return {
    fields: [field],
    reader: (slotOf) => {
      const slot = slotOf(field)
      return (row) => [
        (row[slot] as readonly (readonly Cell[])[]).some(([cell = null]) => codec.decode(cell) === true),
      ]
    },
    rewrite,
    rewriteElement: (of) => rewriteValue(of, options.attr, rewrite),
    ...(options.writable && { store: columnStore(column, codec) }),
  }
}

/** An element without a value of its own is there as soon as one of its parts is. */
function anyPart(parts: readonly Part[], attr: string) {
  return anyOf(parts.map((part) => part.codec.rewrite(part.column, { op: 'present', attr })))
}

function element(tuple: readonly Cell[], parts: readonly Part[]): Value | undefined {
  const result: Record<string, Scalar> = {}
  let isEmpty = true
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]
    const decoded = part?.codec.decode(tuple[i] ?? null)
    if (part === undefined || decoded === undefined) continue
    result[part.name] = decoded
    isEmpty = false
  }
  return isEmpty ? undefined : result
}

/** What the conditions of a relation say of its rows, by column. */
function fixedCells({ where }: Relation): ReadonlyMap<string, Exclude<Cell, null>> {
  return new Map(
    where.flatMap(({ column, not, values: [only, ...more] }) => {
      const cell =
        not || only === undefined || only === null || more.length > 0
          ? undefined
          : literal(String(only), column)
      return cell === undefined ? [] : [[column.name, cell] as const]
    }),
  )
}

/**
 * A part that the relation's conditions fix need not be said. Undefined where one has a value that its column cannot
 * hold, or that would put the element out of the relation, and where there is no column for one.
 */
function cellsOf(
  value: Value,
  parts: readonly Part[],
  fixed: ReadonlyMap<string, Exclude<Cell, null>>,
): readonly Cell[] | undefined {
  const given = isComplex(value) ? value : { value }
  if (Object.keys(given).some((name) => !parts.some((part) => part.name === name))) return undefined
  const cells: Cell[] = []
  for (const { name, column, codec } of parts) {
    const scalar = given[name]
    const wanted = fixed.get(column.name)
    const cell = scalar === undefined ? (wanted ?? null) : codec.encode(scalar, column)
    if (cell === undefined) return undefined
    if (wanted !== undefined && (cell === null || text(cell).toLowerCase() !== text(wanted).toLowerCase()))
      return undefined
    cells.push(wanted ?? cell)
  }
  return cells
}
