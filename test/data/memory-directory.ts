/**
 * A source like an LDAP directory, in memory: its key is `dn`, its columns may hold several values, passwords are its own
 * affair. What questions mean is left to the reference of the conformance suite.
 */
import type { Context } from '../../src/model/request.js'
import type {
  Cell,
  Collection,
  Column,
  Field,
  FieldFilter,
  Row,
  RowChange,
  SetChange,
  Slot,
  Source,
  SourceQuery,
  Support,
  Table,
} from '../../src/sources/source.js'
import { compareCells, holds, type MemoryRow, related, satisfies } from '../conformance/source/reference.js'

export type Attributes = Readonly<
  Record<string, Column['kind'] | (Omit<Column, 'name' | 'values'> & Several)>
>
interface Several {
  readonly several?: true
}

/** A table with the key `dn`, whose columns are as described. */
export function directoryTable(name: string, attributes: Attributes): Table {
  const key: Column = { name: 'dn', kind: 'text' }
  const owner: Column = { name: 'owner', kind: 'text' }
  const columns = Object.entries(attributes).map(([attr, given]): [string, Column] => {
    const { several, ...column } = typeof given === 'string' ? { kind: given, several: undefined } : given
    if (several === undefined) return [attr, { name: attr, ...column }]
    const value: Column = { name: 'value', kind: column.kind }
    const table: Table = {
      name: `${name}#${attr}`,
      columns: new Map([owner, value].map((c) => [c.name, c])),
    }
    const relation = { table, on: [{ child: owner, parent: key }], where: [] }
    return [attr, { name: attr, ...column, values: { relation, column: value } }]
  })
  return { name, key, columns: new Map([['dn', key], ...columns]) }
}

type Given = Readonly<Record<string, Cell | readonly Cell[]>>
type Held = Map<string, Cell[]>

export class MemoryDirectory implements Source {
  /** What was asked, in turn. */
  readonly queries: SourceQuery[] = []
  readonly checked: string[] = []
  /** Set to have passwords not be checked at all. */
  failure: Error | undefined
  /** Milliseconds that checking a password takes. */
  delay = 0
  readonly #tables = new Map<string, Table>()
  readonly #entries = new Map<string, Held[]>()

  add(table: Table, entries: readonly Given[]): this {
    this.#tables.set(table.name, table)
    const held = entries.map(
      (entry): Held =>
        new Map(
          Object.entries(entry).map(([attr, value]) => [attr, Array.isArray(value) ? [...value] : [value]]),
        ),
    )
    this.#entries.set(table.name, held)
    return this
  }

  /** All values of the entry with this key. */
  entry(table: string, dn: string): Readonly<Record<string, readonly Cell[]>> | undefined {
    const found = this.#find(table, dn)
    return found && Object.fromEntries(found)
  }

  async describe(table: string): Promise<Table | undefined> {
    return this.#tables.get(table)
  }

  support(on: SourceQuery['key'] | { readonly concat: unknown }): Support {
    if ('concat' in on) return 'none'
    return on.values === undefined ? 'exact' : 'superset'
  }

  async *search(query: SourceQuery, _ctx: Context): AsyncIterable<readonly Row[]> {
    this.queries.push(query)
    const { after, skip = 0, limit = Number.POSITIVE_INFINITY } = query
    const found = this.#found(query)
      .filter(({ dn = null }) => after === undefined || (compareCells(dn, after) ?? 0) > 0)
      .slice(skip, skip + limit)
    if (found.length > 0) yield found.map((row) => this.#layOut(query.fields, row))
  }

  async count(query: SourceQuery): Promise<number> {
    return this.#found(query).length
  }

  async verify(of: Collection, key: Exclude<Cell, null>, password: Uint8Array): Promise<boolean> {
    if (this.failure !== undefined) throw this.failure
    this.checked.push(String(key))
    if (this.delay > 0) await new Promise((resolve) => setTimeout(resolve, this.delay))
    const kept = this.#find(of.table.name, String(key))?.get('userPassword') ?? []
    return kept.some((cell) => String(cell) === Buffer.from(password).toString())
  }

  readonly write = {
    insert: async (of: Collection, change: RowChange) => {
      const entry: Held = new Map()
      this.#apply(of.table, entry, change)
      this.#entries.get(of.table.name)?.push(entry)
      return String(entry.get('dn')?.[0])
    },
    update: async (
      of: Collection,
      key: Exclude<Cell, null>,
      fields: readonly Field[],
      decide: (row: Row) => RowChange,
    ) => {
      const entry = this.#find(of.table.name, String(key))
      if (entry === undefined) return false
      this.#apply(of.table, entry, decide(this.#layOut(fields, rowOf(entry))))
      return true
    },
    remove: async (
      of: Collection,
      key: Exclude<Cell, null>,
      fields: readonly Field[],
      decide: (row: Row) => RowChange,
    ) => {
      const entries = this.#entries.get(of.table.name) ?? []
      const at = entries.findIndex((entry) => entry.get('dn')?.[0] === key)
      const entry = entries[at]
      if (entry === undefined) return false
      this.#apply(of.table, entry, decide(this.#layOut(fields, rowOf(entry))))
      entries.splice(at, 1)
      return true
    },
  }

  orders() {
    return false
  }

  explain() {
    return []
  }

  async advise() {
    return []
  }

  async health() {
    return { ok: true }
  }

  async close() {}

  #find(table: string, dn: string): Held | undefined {
    return this.#entries.get(table)?.find((entry) => entry.get('dn')?.[0] === dn)
  }

  #found({ table, where, filter }: SourceQuery): readonly MemoryRow[] {
    const all = this.#rows()
    return (all.get(table.name) ?? [])
      .filter((row) => satisfies(where, row, all) && holds(widened(filter), row, all))
      .sort((a, b) => compareCells(a.dn ?? null, b.dn ?? null) ?? 0)
  }

  /** Of every table, those of values among them. */
  #rows(): ReadonlyMap<string, readonly MemoryRow[]> {
    const all = new Map<string, readonly MemoryRow[]>()
    for (const [name, table] of this.#tables) {
      const entries = this.#entries.get(name) ?? []
      all.set(name, entries.map(rowOf))
      for (const { name: attr, values } of table.columns.values()) {
        if (values === undefined) continue
        const rows = entries.flatMap((entry) =>
          (entry.get(attr) ?? []).map((value) => ({ owner: entry.get('dn')?.[0] ?? null, value })),
        )
        all.set(values.relation.table.name, rows)
      }
    }
    return all
  }

  #layOut(fields: readonly Field[], row: MemoryRow): Row {
    const all = this.#rows()
    return fields.map((field): Slot => {
      if (field.kind === 'answer') return holds(field.filter, row, all)
      if (field.kind === 'column') {
        if (field.column.secret === true) throw new Error('passwords are never read')
        return row[field.column.name] ?? null
      }
      return related(field.relation, row, all).map(({ last }) =>
        field.columns.map((c) => last[c.name] ?? null),
      )
    })
  }

  #apply(table: Table, entry: Held, { cells, sets }: RowChange): void {
    for (const { column, value } of cells) {
      if (column.readOnly === true) throw new Error(`${column.name} is written by the store itself`)
      if (value === null) entry.delete(column.name)
      else entry.set(column.name, [value])
    }
    for (const change of sets) {
      const column = [...table.columns.values()].find((c) => c.values?.relation === change.relation)
      if (column === undefined) throw new Error(`${change.relation.table.name} is no values of ${table.name}`)
      const left = changed(entry.get(column.name) ?? [], change)
      if (left.length === 0) entry.delete(column.name)
      else entry.set(column.name, left)
    }
  }
}

/** A question about the first of several values finds those of which any is so, as a directory does. */
function widened(filter: FieldFilter): FieldFilter {
  switch (filter.op) {
    case 'and':
    case 'or':
      return { ...filter, of: filter.of.map(widened) }
    case 'some':
    case 'reach':
      return { ...filter, of: widened(filter.of) }
    case 'test': {
      const values = 'concat' in filter.on ? undefined : filter.on.values
      if (values === undefined) return filter
      if (filter.negated) throw new Error('nobody can say')
      return { op: 'some', relation: values.relation, of: { ...filter, on: values.column }, negated: false }
    }
    default:
      return filter
  }
}

function changed(held: readonly Cell[], { op, tuples }: SetChange): Cell[] {
  const values = tuples.map(([value = null]) => value)
  if (op === 'replace') return values
  const others = held.filter((cell) => !values.includes(cell))
  return op === 'remove' ? others : [...held, ...values.filter((value) => !held.includes(value))]
}

/** The row as it reads with one cell for each column. */
const rowOf = (entry: Held): MemoryRow =>
  Object.fromEntries([...entry].map(([attr, values]) => [attr, values[0] ?? null]))
