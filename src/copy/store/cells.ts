/** Cells as texts that are equal where a database holds the same, and what no database of a store can hold. */
import { hash } from 'node:crypto'
import type { Cell, Column, ColumnKind } from '../../sources/source.js'
import type { ChildLayout, TableLayout } from './definitions.js'
import type { StoreRow } from './store.js'

/** Of a cell that is not NULL. */
export function cellText(cell: Exclude<Cell, null>, kind: ColumnKind): string {
  if (typeof cell === 'string') {
    if (kind === 'uuid') return cell.toLowerCase()
    return kind === 'decimal' ? String(Number(cell)) : cell
  }
  if (cell instanceof Date) {
    return kind === 'date' ? cell.toISOString().slice(0, 10) : String(cell.getTime())
  }
  if (cell instanceof Uint8Array) return Buffer.from(cell).toString('base64')
  return typeof cell === 'boolean' ? String(Number(cell)) : String(cell)
}

/** Of cells of these columns: equal for equal ones, different for different ones. */
export function tupleText(cells: readonly Cell[], columns: readonly Column[]): string {
  let text = ''
  for (let i = 0; i < columns.length; i++) {
    const cell = cells[i] ?? null
    const column = columns[i]
    if (cell === null || column === undefined) text += '-,'
    else {
      const written = cellText(cell, column.kind)
      text += `${written.length}:${written},`
    }
  }
  return text
}

/** Children without those whose identity comes again later. */
export function distinctTuples(
  child: ChildLayout,
  tuples: readonly (readonly Cell[])[],
): readonly (readonly Cell[])[] {
  if (tuples.length < 2) return tuples
  const identity = child.columns.slice(0, child.identity)
  const byIdentity = new Map(tuples.map((tuple) => [tupleText(tuple, identity), tuple]))
  return byIdentity.size === tuples.length ? tuples : [...byIdentity.values()]
}

/**
 * What a row holds with all its children, in 22 letters; columns and children without any value make no difference, nor
 * does the order of either.
 */
export class Fingerprint {
  readonly #table: TableLayout
  readonly #columns: readonly { readonly at: number; readonly name: string; readonly kind: ColumnKind }[]
  readonly #children: readonly ChildLayout[]

  constructor(table: TableLayout) {
    this.#table = table
    this.#columns = table.columns
      .map(({ name, kind }, at) => ({ at, name, kind }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
    this.#children = [...table.children].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  of({ cells, children }: StoreRow): string {
    let text = ''
    for (const { at, name, kind } of this.#columns) {
      const cell = cells[at] ?? null
      if (cell === null) continue
      const written = cellText(cell, kind)
      text += `${name}=${written.length}:${written},`
    }
    for (const child of this.#children) {
      const tuples = children[child.name]
      if (tuples === undefined || tuples.length === 0) continue
      const texts = distinctTuples(child, tuples).map((tuple) => this.#tuple(child, tuple))
      text += `;${child.name}[${texts.sort().join('|')}]`
    }
    return hash('sha256', text, 'base64url').slice(0, 22)
  }

  get table(): TableLayout {
    return this.#table
  }

  /** As of a row: by the names of the columns that hold anything. */
  #tuple(child: ChildLayout, tuple: readonly Cell[]): string {
    let text = ''
    child.columns.forEach(({ name, kind }, i) => {
      const cell = tuple[i] ?? null
      if (cell === null) return
      const written = cellText(cell, kind)
      text += `${name}=${written.length}:${written},`
    })
    return text
  }
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

/** The bounds of a store's database. */
export interface Bounds {
  /** Characters of text in a column that is sought. */
  readonly longest: number
  /** Text that cannot be bound. */
  bindable(text: string): boolean
}

/** Why a cell cannot be kept; undefined if it can. */
export function refusal(
  cell: Cell,
  { kind, sought }: { readonly kind: ColumnKind; readonly sought: boolean },
  { longest, bindable }: Bounds,
): string | undefined {
  if (typeof cell === 'string') {
    if (!bindable(cell)) return 'holds a character that the store’s database cannot hold'
    if (kind === 'uuid' && !UUID.test(cell)) return 'is no UUID'
    if (kind === 'decimal' && !Number.isFinite(Number(cell))) return 'is no number'
    return sought && cell.length > longest ? `is longer than ${longest} characters` : undefined
  }
  if (cell instanceof Date) {
    const year = cell.getUTCFullYear()
    return year >= 1 && year <= 9999 ? undefined : 'is a time beyond the years 1 to 9999'
  }
  if (kind !== 'integer' || cell === null || typeof cell === 'boolean' || cell instanceof Uint8Array)
    return undefined
  if (typeof cell === 'number' && !Number.isInteger(cell)) return 'is no whole number'
  return cell >= -(2n ** 63n) && cell < 2n ** 63n ? undefined : 'is a number of more than 64 bits'
}
