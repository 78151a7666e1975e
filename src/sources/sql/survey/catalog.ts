/** A catalog put together from what a database lists: columns, keys and references, each a row. */
import type { Catalog, ForeignKey, SurveyedColumn, SurveyedTable } from '../../survey.js'
import type { Query } from '../driver.js'

/** How a database lists what it holds; every row names its table first. */
export interface Listing {
  /** Tables with `isView` and about how many rows they have; those that may not be read, too. */
  tables(query: Query): Promise<readonly ListedTable[]>
  /** In their order; only those that may be read. */
  columns(query: Query): Promise<readonly (readonly [table: string, column: SurveyedColumn])[]>
  /** In the order of their columns. */
  keys(query: Query): Promise<readonly ListedKey[]>
  foreignKeys(query: Query): Promise<readonly ListedForeignKey[]>
}

export interface ListedTable {
  readonly name: string
  readonly isView: boolean
  readonly rows?: number
}

/** One column of a unique index; that of the primary key is called `''`. */
export interface ListedKey {
  readonly table: string
  readonly index: string
  readonly column: string
}

/** One pair of columns of a foreign key. */
export interface ListedForeignKey {
  readonly table: string
  readonly name: string
  readonly column: string
  readonly target: string
  readonly targetColumn: string
}

export async function readCatalog(listing: Listing, query: Query): Promise<Catalog> {
  const listed = await listing.tables(query)
  const columns = grouped(await listing.columns(query), ([table]) => table)
  const keys = grouped(await listing.keys(query), ({ table }) => table)
  const references = grouped(await listing.foreignKeys(query), ({ table }) => table)
  const tables = new Map<string, SurveyedTable>()
  const unreadable: string[] = []
  for (const { name, isView, rows } of [...listed].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const own = columns.get(name)?.map(([, column]) => column)
    if (own === undefined) {
      unreadable.push(name)
      continue
    }
    const indexes = grouped(keys.get(name) ?? [], ({ index }) => index)
    const unique = [...indexes.values()].map((index) => index.map(({ column }) => column))
    const foreign = grouped(references.get(name) ?? [], (one) => one.name)
    tables.set(name, {
      name,
      isView,
      columns: own,
      key: indexes.get('')?.map(({ column }) => column) ?? [],
      unique,
      foreignKeys: [...foreign.values()].flatMap(foreignKey),
      ...(rows !== undefined && { rows }),
    })
  }
  return { tables, unreadable }
}

function foreignKey(pairs: readonly ListedForeignKey[]): readonly ForeignKey[] {
  const [first] = pairs
  if (first === undefined) return []
  return [
    {
      columns: pairs.map(({ column }) => column),
      table: first.target,
      targets: pairs.map(({ targetColumn }) => targetColumn),
    },
  ]
}

function grouped<T>(items: readonly T[], by: (item: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(by(item))
    if (group === undefined) groups.set(by(item), [item])
    else group.push(item)
  }
  return groups
}
