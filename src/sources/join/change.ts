/** Changes of joined rows, taken apart by whose cells and related rows they are of. */
import { VitrineError } from '../../model/errors.js'
import { type Join, joinOf, ownerOf, parentOf, type Secondary } from '../joined.js'
import type { Cell, Row, RowChange, SetChange, Slot } from '../source.js'
import { textOf } from './keys.js'
import { ownRelation, plainCollection, plainRelation } from './node.js'

export interface Parts {
  readonly primary: RowChange
  /** Only where there is something to do. */
  readonly others: ReadonlyMap<Secondary, RowChange>
}

/** @param isThere is there a row of this secondary? Without one, nothing can be taken from it. */
export function partsOf(change: RowChange, isThere: (secondary: Secondary) => boolean): Parts {
  const primary = { cells: [] as RowChange['cells'][number][], sets: [] as SetChange[] }
  const others = new Map<Secondary, typeof primary>()
  const partOf = (secondary: Secondary) => {
    const part = others.get(secondary) ?? { cells: [], sets: [] }
    others.set(secondary, part)
    return part
  }
  for (const { column, value } of change.cells) {
    const owner = ownerOf(column)
    if (owner === undefined) primary.cells.push({ column, value })
    else partOf(owner.secondary).cells.push({ column: owner.column, value })
  }
  for (const set of change.sets) {
    const owner = parentOf(set.relation)
    if (owner === undefined) primary.sets.push({ ...set, relation: plainRelation(set.relation) })
    else partOf(owner).sets.push({ ...set, relation: ownRelation(set.relation) })
  }
  for (const [secondary, { cells, sets }] of others) {
    const adds =
      cells.some((cell) => cell.value !== null) ||
      sets.some(({ op, tuples }) => op !== 'remove' && tuples.length > 0)
    if (!adds && !isThere(secondary)) others.delete(secondary)
  }
  return {
    primary: { ...primary, exist: change.exist.map(plainExist) },
    others: new Map([...others].map(([secondary, part]) => [secondary, { ...part, exist: [] }])),
  }
}

const plainExist = (exist: RowChange['exist'][number]) => ({ ...exist, of: plainCollection(exist.of) })

export const isEmpty = ({ cells, sets }: RowChange) => cells.length === 0 && sets.length === 0

/** Are rows of this collection there only where a secondary has a row? */
export function isRequiring(join: Join | undefined): boolean {
  return join?.secondaries.some((s) => !s.optional) === true
}

/** Passwords are not read, so that what they were is not known. */
export const hasPasswords = ({ cells }: RowChange) => cells.some(({ column }) => column.secret === true)

export const joinOfExist = ({ of }: RowChange['exist'][number]) => joinOf(of.table)

/** The same slots, in whatever order related rows come. */
export function isSame(a: Row, b: Row): boolean {
  return a.length === b.length && a.every((slot, i) => slotText(slot) === slotText(b[i] ?? null))
}

function slotText(slot: Slot): string {
  if (Array.isArray(slot))
    return JSON.stringify(
      (slot as readonly (readonly Cell[])[]).map((tuple) => JSON.stringify(tuple.map(cellText))).sort(),
    )
  return cellText(slot as Cell)
}

const cellText = (cell: Cell) => (cell === null ? 'NULL' : `=${textOf(cell)}`)

/** What was done before another part failed. */
export class Done {
  readonly #undo: (() => Promise<boolean>)[] = []

  /** @param undo false where not all can be changed back */
  add(undo: () => Promise<boolean>): void {
    this.#undo.push(undo)
  }

  /** The last first. @throws what the first failing one does */
  async undo(): Promise<void> {
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop())
      if (!(await undo())) throw new Error('what was changed cannot all be changed back')
  }
}

export function incomplete(cause: unknown): VitrineError {
  return new VitrineError('internalError', {
    message: 'only a part of this could be done; what the sources hold has to be looked at',
    detail: cause instanceof Error ? cause.message : String(cause),
    cause,
  })
}
