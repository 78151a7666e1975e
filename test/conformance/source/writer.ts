/** What the parts of the suite that write have in common: rows to write to, and what is then there. */
import { VitrineError } from '../../../src/model/errors.js'
import type {
  Cell,
  Collection,
  Column,
  Field,
  FieldFilter,
  Relation,
  RowChange,
  SetChange,
  Source,
  SourceWrite,
} from '../../../src/sources/source.js'
import { asking } from './asking.js'
import { type Asking, comparable, type Store } from './suite.js'

export type Given = Pick<Asking, 'source' | 'table' | 'column' | 'ask'> & { store(): Store }

export type Key = Exclude<Cell, null>

export const NOTHING: RowChange = { cells: [], sets: [], exist: [] }

/** Names that no other test uses. */
let names = 0
export const newName = () => `name-${++names}`

export type Writer = ReturnType<typeof writerOf>

export function writerOf(given: Given) {
  const { source, table, column, ask } = given

  const writing = (from: Source = source()): SourceWrite => {
    const { write } = from
    if (write === undefined) throw new Error('the source cannot be written')
    return write
  }
  const accounts = (): Collection => ({ table: table('accounts'), key: column('accounts', 'id'), where: [] })
  const clubs = (): Collection => ({ table: table('clubs'), key: column('clubs', 'code'), where: [] })
  const cells = (of: string, values: Readonly<Record<string, Cell>>): RowChange['cells'] =>
    Object.entries(values).map(([name, value]) => ({ column: column(of, name), value }))
  const change = (of: string, values: Readonly<Record<string, Cell>>, more: Partial<RowChange> = {}) => ({
    ...NOTHING,
    cells: cells(of, values),
    ...more,
  })
  const addAccount = (values: Readonly<Record<string, Cell>> = {}, more: Partial<RowChange> = {}) =>
    writing().insert(accounts(), change('accounts', { name: newName(), ...values }, more), asking())
  const addClub = async () => {
    const code = newName()
    await writing().insert(clubs(), change('clubs', { code }), asking())
    return code
  }
  const column_ = (c: Column): Field => ({ kind: 'column', column: c })
  const isKey = (of: Collection, key: Key): FieldFilter => ({
    op: 'test',
    on: of.key,
    test: { test: 'oneOf', values: [key] },
    negated: false,
  })
  /** The cells of one row, found by its key. */
  const cellsOf = async (of: Collection, key: Key, named: readonly string[]): Promise<readonly unknown[]> => {
    const fields = named.map((name) => column_(column(of.table.name, name)))
    const [row] = await ask({ ...of, filter: isKey(of, key), fields })
    return comparable(row?.slice(0, named.length) ?? [])
  }
  const membersOf = (of: 'members' | 'unique_members'): Relation => ({
    table: table(of),
    on: [{ child: column(of, 'club'), parent: column('clubs', 'code') }],
    where: [],
  })
  const addressesOf = (kind?: string): Relation => ({
    table: table('addresses'),
    on: [{ child: column('addresses', 'account_id'), parent: column('accounts', 'id') }],
    where: kind === undefined ? [] : [{ column: column('addresses', 'kind'), not: false, values: [kind] }],
  })
  /** The tuples related to one row. */
  const related = async (of: Collection, key: Key, relation: Relation, named: readonly string[]) => {
    const columns = named.map((name) => column(relation.table.name, name))
    const fields = [{ kind: 'set' as const, relation, columns }]
    const [row] = await ask({ ...of, filter: isKey(of, key), fields })
    const tuples = (row?.[0] ?? []) as readonly (readonly Cell[])[]
    return tuples.map(comparable).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  }
  const set = (
    op: SetChange['op'],
    relation: Relation,
    named: readonly string[],
    tuples: SetChange['tuples'],
    identity = 1,
  ): SetChange => ({
    relation,
    columns: named.map((name) => column(relation.table.name, name)),
    identity,
    op,
    tuples,
  })
  const changeSets = (of: Collection, key: Key, ...sets: readonly SetChange[]) =>
    writing().update(of, key, [], () => ({ ...NOTHING, sets }), asking())
  const failure = async (work: Promise<unknown>): Promise<VitrineError> => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    if (error instanceof VitrineError) return error
    throw new Error(`no VitrineError, but ${String(error)}`)
  }

  return {
    given,
    writing,
    accounts,
    clubs,
    cells,
    change,
    addAccount,
    addClub,
    column_,
    isKey,
    cellsOf,
    membersOf,
    addressesOf,
    related,
    set,
    changeSets,
    failure,
  }
}
