/** Related rows of a batch, fetched per relation and laid out with the rows they belong to. */
import type { Cell, Column, Field, Row, Slot, SourceQuery } from '../source.js'
import type { Dialect } from './dialect.js'
import { selectRelated } from './select.js'
import type { Statement } from './statement.js'

type SetField = Extract<Field, { kind: 'set' }>
type Tuples = readonly (readonly Cell[])[]

/** Per set field, the tuples of each row, by the text of its key. */
export type Related = ReadonlyMap<SetField, ReadonlyMap<string, Tuples>>

export const NONE_RELATED: Related = new Map()

/** Makes cells of the raw rows of these columns. */
export type ReadCells = (raw: readonly (readonly unknown[])[], columns: readonly Column[]) => Tuples

/** Has a statement run, and reads the columns that it selects. */
export type Ask = (statement: Statement, columns: readonly Column[]) => Promise<Tuples>

export async function fetchRelated(
  query: Pick<SourceQuery, 'table' | 'key' | 'fields'>,
  keys: readonly Cell[],
  dialect: Dialect,
  ask: Ask,
): Promise<Related> {
  const sets = query.fields.filter((f) => f.kind === 'set')
  if (sets.length === 0 || keys.length === 0) return NONE_RELATED
  const found = await Promise.all(
    sets.map(async (field) => {
      const { relation, columns } = field
      const found = await ask(selectRelated(query, relation, columns, keys, dialect), [query.key, ...columns])
      const tuples = new Map<string, (readonly Cell[])[]>()
      for (const row of found) {
        // In front of the tuple stands the key; the rows are nobody's but ours.
        const text = keyText((row as Cell[]).shift() ?? null)
        const known = tuples.get(text)
        if (known === undefined) tuples.set(text, [row])
        else known.push(row)
      }
      return [field, tuples] as const
    }),
  )
  return new Map(found)
}

/** Cells of one key column that the database sent, so that equal keys have equal texts. */
function keyText(key: Cell): string {
  if (typeof key === 'string') return key
  if (key instanceof Uint8Array) return Buffer.from(key).toString('hex')
  return key instanceof Date ? String(key.getTime()) : String(key)
}

const NO_TUPLES: Tuples = []

/** @param cells of `columns`, and behind them the answers that the query asks for */
export function layOut(
  query: Pick<SourceQuery, 'key' | 'fields'>,
  columns: readonly Column[],
  cells: readonly (readonly Cell[])[],
  related: Related,
): readonly Row[] {
  const { fields } = query
  const inOrder = fields.every((f, i) => f.kind === 'column' && columns[i]?.name === f.column.name)
  if (inOrder) return cells
  const keyAt = columns.findIndex((c) => c.name === query.key.name)
  let answers = columns.length
  const slots = fields.map((field): ((row: readonly Cell[]) => Slot) => {
    if (field.kind === 'column') {
      const at = columns.findIndex((c) => c.name === field.column.name)
      return (row) => row[at] ?? null
    }
    if (field.kind === 'answer') {
      const at = answers++
      return (row) => Number(row[at]) === 1
    }
    const tuples = related.get(field)
    return (row) => tuples?.get(keyText(row[keyAt] ?? null)) ?? NO_TUPLES
  })
  return cells.map((row) => slots.map((slot) => slot(row)))
}

export function countRelated(related: Related): number {
  let count = 0
  for (const byRow of related.values()) for (const tuples of byRow.values()) count += tuples.length
  return count
}
