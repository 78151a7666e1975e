/** Rows and their children becoming what they are given as, from one snapshot on: only what differs is written. */
import type { Cell } from '../../sources/source.js'
import { distinctTuples, type Fingerprint, tupleText } from './cells.js'
import type { ChildLayout, TableLayout } from './definitions.js'
import type { Key, SnapshotNumber, StoreRow } from './store.js'
import { keyText, type State, type Versions } from './versions.js'

/** A row with the text of its key and its fingerprint. */
export interface Item {
  readonly key: Key
  readonly text: string
  readonly row: StoreRow
  readonly hash: string
}

export interface Tally {
  readonly added: number
  readonly changed: number
  readonly removed: number
}

/** What writing some rows came to, and what of the cycle's own doing it took back before. */
export interface Written {
  readonly done: Tally
  readonly undone: Tally
}

const UNKNOWN: State = {}

export function itemOf(row: StoreRow, fingerprint: Fingerprint): Item {
  const { key: column, keyAt, name } = fingerprint.table
  const key = row.cells[keyAt] ?? null
  if (key === null) throw new TypeError(`table ${name}: a row has no ${column.name}, which is its key`)
  return { key, text: keyText(key, column), row, hash: fingerprint.of(row) }
}

/** Would writing this row change nothing? */
export function isSame({ hash }: Item, { base, own }: State = UNKNOWN): boolean {
  return own === undefined ? base?.open === true && base.hash === hash : own === hash
}

export async function putRows(
  table: TableLayout,
  items: readonly Item[],
  versions: Versions,
  at: SnapshotNumber,
): Promise<Written> {
  const states = await versions.states(
    table,
    items.map(({ key }) => key),
  )
  const differing = items.filter((item) => !isSame(item, states.get(item.text)))
  const undone = await revert(table, differing, states, versions)
  const baseOf = ({ text }: Item) => states.get(text)?.base
  const changed = differing.filter((item) => (baseOf(item)?.hash ?? item.hash) !== item.hash)
  const added = differing.filter((item) => baseOf(item) === undefined)
  const replaced = changed.map(({ key }) => key)
  await versions.close(table, replaced, at)
  const written = [...changed, ...added]
  const cells = written.map(({ row }) => row.cells)
  const hashes = written.map(({ hash }) => hash)
  await versions.insert(table, table.columns, cells, hashes, at)
  for (const child of table.children) await putChildren(child, written, replaced, versions, at)
  for (const child of table.former) await versions.close(child, replaced, at)
  return { done: { added: added.length, changed: changed.length, removed: 0 }, undone }
}

async function putChildren(
  child: ChildLayout,
  items: readonly Item[],
  replaced: readonly Key[],
  versions: Versions,
  at: SnapshotNumber,
): Promise<void> {
  const known = await versions.children(child, replaced)
  const rows: (readonly Cell[])[] = []
  const gone: number[] = []
  for (const { key, text, row } of items) {
    const before = known.get(text)
    const tuples = row.children[child.name]
    if (before === undefined && (tuples === undefined || tuples.length === 0)) continue
    const left = new Map(before?.map(({ id, tuple }) => [tupleText(tuple, child.columns), id]))
    for (const tuple of distinctTuples(child, tuples ?? [])) {
      if (!left.delete(tupleText(tuple, child.columns))) rows.push([key, ...tuple])
    }
    for (const id of left.values()) gone.push(id)
  }
  await versions.closeChildren(child, gone, at)
  await versions.insert(child, [child.key, ...child.columns], rows, undefined, at)
}

export async function removeRows(
  table: TableLayout,
  keys: readonly Key[],
  versions: Versions,
  at: SnapshotNumber,
): Promise<Written> {
  const states = await versions.states(table, keys)
  const items = [...new Map(keys.map((key) => [keyText(key, table.key), key]))]
  const there = items
    .map(([text, key]) => ({ key, text }))
    .filter(({ text }) => {
      const { base, own } = states.get(text) ?? UNKNOWN
      return own !== undefined || base?.open === true
    })
  const undone = await revert(table, there, states, versions)
  const removed = there.filter(({ text }) => states.get(text)?.base !== undefined).map(({ key }) => key)
  for (const layout of [table, ...table.children, ...table.former]) await versions.close(layout, removed, at)
  return { done: { added: 0, changed: 0, removed: removed.length }, undone }
}

/** Takes back what a cycle has done to some rows. */
async function revert(
  table: TableLayout,
  items: readonly Pick<Item, 'key' | 'text'>[],
  states: ReadonlyMap<string, State>,
  versions: Versions,
): Promise<Tally> {
  const undone = { added: 0, changed: 0, removed: 0 }
  const keys: Key[] = []
  for (const { key, text } of items) {
    const { base, own } = states.get(text) ?? UNKNOWN
    if (own !== undefined) undone[base === undefined ? 'added' : 'changed']++
    else if (base?.open === false) undone.removed++
    else continue
    keys.push(key)
  }
  await revertRows(table, keys, versions)
  return undone
}

export async function revertRows(
  table: TableLayout,
  keys: readonly Key[],
  versions: Versions,
): Promise<void> {
  for (const layout of [table, ...table.children, ...table.former]) await versions.revert(layout, keys)
}
