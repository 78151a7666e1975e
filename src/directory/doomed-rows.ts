/**
 * Rows that are deleted together: in which order they go, so that none is gone while another still refers to it. What a
 * circle of references allows is the source's own affair.
 */
import type { Mapping } from '../mapping/mapping.js'
import type { EntryId } from '../model/value.js'
import type { Cell, Column, Field, Removal, Row, Table } from '../sources/source.js'

/** A column that holds the key of a row of this table. */
interface Reference {
  readonly column: Column
  readonly to: Table
}

interface Doomed {
  readonly removal: Removal
  readonly references: readonly Reference[]
  /** Tables to whose rows related rows of its own refer, which go with it. */
  readonly holds: ReadonlySet<string>
}

export class DoomedRows {
  readonly #all: Doomed[] = []

  get removals(): readonly Removal[] {
    return this.#all.map(({ removal }) => removal)
  }

  /** @param fields what `decide` looks at */
  add(mapping: Mapping, id: EntryId, fields: readonly Field[], decide: Removal['decide']): void {
    const key = mapping.cellOf(id)
    if (key === undefined) return
    const stores = [...mapping.attributes.values()].flatMap(({ operations }) =>
      operations.flatMap(({ store }) => store ?? []),
    )
    const references = stores.flatMap((store): Reference[] =>
      store.kind === 'column' && store.target !== undefined
        ? [{ column: store.column, to: store.target.table }]
        : [],
    )
    const holds = stores.flatMap((store) => (store.kind === 'set' && store.target?.table.name) || [])
    const read = [mapping.key, ...references.map(({ column }) => column)]
    this.#all.push({
      removal: {
        of: mapping,
        key,
        fields: [...fields, ...read.map((column): Field => ({ kind: 'column', column }))],
        decide,
      },
      references,
      holds: new Set(holds),
    })
  }

  /** Those first that refer to others. */
  inOrder(rows: readonly (Row | undefined)[]): readonly number[] {
    const referring = new Map<string, number[]>()
    const names = rows.map((row, i) => {
      const doomed = this.#all[i]
      if (row === undefined || doomed === undefined) return undefined
      const { removal, references } = doomed
      // What was added to its fields stands behind them.
      const [own = null, ...others] = row.slice(row.length - references.length - 1) as readonly Cell[]
      for (const [at, { to }] of references.entries()) {
        const cell = others[at] ?? null
        if (cell === null) continue
        const name = nameOf(to, cell)
        const known = referring.get(name)
        if (known === undefined) referring.set(name, [i])
        else known.push(i)
      }
      return nameOf(removal.of.table, own)
    })
    const order = new Set<number>()
    const begun = new Set<number>()
    /** Without recursion: chains of references may be as long as the list. */
    const visit = (first: number) => {
      const open = [first]
      for (let i = open.at(-1); i !== undefined; i = open.at(-1)) {
        const name = names[i]
        const before = begun.has(i) || name === undefined ? [] : (referring.get(name) ?? [])
        begun.add(i)
        const left = before.filter((one) => !begun.has(one))
        if (left.length > 0) open.push(...left)
        else {
          open.pop()
          order.add(i)
        }
      }
    }
    const tables = new Set(this.#all.map(({ removal }) => removal.of.table.name))
    const isHolding = ({ holds, removal }: Doomed) =>
      [...holds].some((table) => table !== removal.of.table.name && tables.has(table))
    for (const [i, doomed] of this.#all.entries()) if (isHolding(doomed)) visit(i)
    for (const i of this.#all.keys()) visit(i)
    return [...order]
  }
}

const nameOf = ({ name }: Table, cell: Cell) => `${name} ${String(cell)}`
