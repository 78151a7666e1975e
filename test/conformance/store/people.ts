/** A table of people with numbers that belong to them, and what a store shows of it. */
import type { RowDiff, Store, StoreRow, StoreTable } from '../../../src/copy/store/store.js'
import type { Cell, Column, Row, Source, SourceQuery, Table } from '../../../src/sources/source.js'
import { asking } from '../source/asking.js'

export const people: StoreTable = {
  name: 'people',
  key: 'id',
  columns: [
    { name: 'id', kind: 'text' },
    { name: 'uid', kind: 'text', index: 'unique' },
    { name: 'title', kind: 'text' },
    { name: 'level', kind: 'integer', index: 'plain' },
  ],
  children: [
    {
      name: 'people_phones',
      of: 'person',
      columns: [
        { name: 'number', kind: 'text', index: 'plain' },
        { name: 'use', kind: 'text' },
      ],
      identity: 1,
    },
  ],
}

export interface Person {
  readonly uid?: string | null
  readonly title?: string | null
  readonly level?: number | null
  /** What each number is used for. */
  readonly phones?: Readonly<Record<string, string | null>>
}

export const person = (id: string, { uid, title, level, phones }: Person = {}): StoreRow => ({
  cells: [id, uid ?? null, title ?? null, level ?? null],
  children: { people_phones: Object.entries(phones ?? {}) },
})

/** By id: what there is of a person, without what is NULL. */
export type Shown = Readonly<Record<string, Readonly<Record<string, unknown>>>>

const column = (table: Table, name: string): Column => {
  const found = table.columns.get(name)
  if (found === undefined) throw new Error(`no column ${table.name}.${name}`)
  return found
}

const describe = async (source: Source, name: string): Promise<Table> => {
  const table = await source.describe(name)
  if (table === undefined) throw new Error(`no table ${name}`)
  return table
}

export async function everybody(source: Source): Promise<SourceQuery> {
  const table = await describe(source, 'people')
  const phones = await describe(source, 'people_phones')
  const key = column(table, 'id')
  const relation = { table: phones, on: [{ child: column(phones, 'person'), parent: key }], where: [] }
  return {
    table,
    key,
    where: [],
    filter: { op: 'const', value: true },
    fields: [
      ...['id', 'uid', 'title', 'level'].map((name) => ({
        kind: 'column' as const,
        column: column(table, name),
      })),
      { kind: 'set', relation, columns: [column(phones, 'number'), column(phones, 'use')] },
    ],
  }
}

export function shownOf(rows: readonly Row[]): Shown {
  return Object.fromEntries(
    rows.map(([id, uid, title, level, phones]) => {
      const tuples = phones as readonly (readonly Cell[])[]
      const sets = tuples.length === 0 ? {} : { phones: Object.fromEntries(tuples) as object }
      const cells = Object.entries({ uid, title, level }).filter(([, cell]) => cell !== null)
      return [String(id), { ...Object.fromEntries(cells), ...sets }]
    }),
  )
}

/** Everybody whom the source shows now. */
export async function shown(source: Source): Promise<Shown> {
  const rows: Row[] = []
  for await (const batch of source.search(await everybody(source), asking())) rows.push(...batch)
  return shownOf(rows)
}

export async function cycle(
  store: Store,
  put: Readonly<Record<string, Person>>,
  remove: readonly string[] = [],
) {
  const made = await store.begin()
  await made.put(
    'people',
    Object.entries(put).map(([id, given]) => person(id, given)),
  )
  await made.remove('people', remove)
  return made.commit()
}

export async function diffOf(store: Store, from: number, to: number): Promise<readonly RowDiff[]> {
  const all: RowDiff[] = []
  for await (const batch of store.diff(from, to)) all.push(...batch)
  return all
}
