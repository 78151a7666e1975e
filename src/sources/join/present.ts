/** Rows of a join as they are in a transaction of one of its sources, held against what is known of them all. */

import type { Context } from '../../model/request.js'
import type { Secondary } from '../joined.js'
import type { Cell, Collection, Field, Row, RowChange, Slot, SourceWrite } from '../source.js'
import { isSame } from './change.js'
import { keysOf } from './keys.js'
import type { Fetched } from './layout.js'
import type { JoinedSearch } from './search.js'

type Key = Exclude<Cell, null>
export type Read = NonNullable<Awaited<ReturnType<JoinedSearch['read']>>>

export const NOTHING: RowChange = { cells: [], sets: [], exist: [] }

/** Thrown out of a transaction whose row is no longer as it was decided upon. */
export class Moved extends Error {}

export const laidOut = ({ read }: Read, fetched: Fetched): Row => read.map((one): Slot => one(fetched))

export const isThere = ({ layout, fetched }: Read) => {
  const there = new Set(
    layout.parts().flatMap(({ secondary }, i) => (fetched.found[i] === undefined ? [] : [secondary])),
  )
  return (secondary: Secondary) => there.has(secondary)
}

/** The row as it is in the transaction. What belongs to it elsewhere was found by its keys: they must be the same. */
export function locked(now: Read, row: Row): Fetched {
  const isMoved = now.layout
    .parts()
    .some(
      ({ secondary, keySlots }) =>
        formsOf(secondary, row, keySlots) !== formsOf(secondary, now.fetched.row, keySlots),
    )
  if (isMoved || (now.layout.follows.length > 0 && !isSame(row, now.fetched.row))) throw new Moved()
  return { ...now.fetched, row }
}

const formsOf = (secondary: Secondary, row: Row, slots: readonly number[]) =>
  JSON.stringify(
    keysOf(secondary, row, slots)
      .map((key) => key.form)
      .sort(),
  )

/** Changes a row that is as it was; resolves with the change that takes that back, but for passwords, which are not read. */
export async function changing(
  write: SourceWrite,
  of: Collection,
  key: Key,
  fields: readonly Field[],
  known: Row,
  change: RowChange,
  ctx: Context,
): Promise<RowChange> {
  const readable = change.cells.filter(({ column }) => column.secret !== true)
  const cells = readable.map(({ column }): Field => ({ kind: 'column', column }))
  const sets = change.sets.map(({ relation, columns }): Field => ({ kind: 'set', relation, columns }))
  let was: RowChange = NOTHING
  const isDone = await write.update(
    of,
    key,
    [...fields, ...cells, ...sets],
    (row) => {
      if (!isSame(row.slice(0, fields.length), known)) throw new Moved()
      const old = row.slice(fields.length)
      was = {
        cells: readable.map(({ column }, i) => ({ column, value: (old[i] ?? null) as Cell })),
        sets: change.sets.map((set, i) => ({
          ...set,
          op: 'replace',
          tuples: (old[cells.length + i] ?? []) as readonly (readonly Cell[])[],
        })),
        exist: [],
      }
      return change
    },
    ctx,
  )
  if (!isDone) throw new Moved()
  return was
}
