/**
 * Tables that are made of several sources' tables: rows of a primary one, each with the row of every secondary one that
 * belongs to it. Mappings put them together; the join source asks them; every other source is asked its own part only.
 */
import type { Collection, Column, Relation, Table } from './source.js'

/** A table of another source that completes the rows of a primary one. */
export interface Secondary {
  /** What its columns begin with, before a dot. */
  readonly alias: string
  /** Name of its source in the configuration. */
  readonly source: string
  readonly of: Collection
  /** Its row belongs to a row of the primary where all of these are equal. */
  readonly on: readonly { readonly secondary: Column; readonly primary: Column }[]
  /** Texts of a key are compared as they stand; without it, case and needless spaces are ignored. */
  readonly caseExact: boolean
  /** Rows of the primary are there without one of it, too. */
  readonly optional: boolean
  /** While its source cannot be asked: is nothing shown at all, or what the others hold? */
  readonly onFailure: 'fail' | 'absent'
  /** How long its source may take to answer, in milliseconds, for what is left out otherwise. */
  readonly timeout?: number
  /** Its row goes with the row of the primary. */
  readonly owned: boolean
}

export interface Join {
  readonly primary: Table
  readonly key: Column
  readonly secondaries: readonly Secondary[]
}

export interface Owner {
  readonly secondary: Secondary
  /** As its source describes it. */
  readonly column: Column
}

/** Symbols: what is said about tables to people, or compared, leaves them out. */
const JOIN = Symbol('join')
const OWNER = Symbol('owner')

interface JoinedTable extends Table {
  readonly [JOIN]: Join
}

interface JoinedColumn extends Column {
  readonly [OWNER]: Owner
}

/** A table with the columns of the primary, and those of each secondary as `alias.column`. */
export function joinedTable(join: Join): Table {
  const { name, key } = join.primary
  const table: JoinedTable = { name, columns: new JoinedColumns(join), ...(key && { key }), [JOIN]: join }
  return table
}

/** Under whatever names the tables themselves know their columns by. */
class JoinedColumns implements ReadonlyMap<string, Column> {
  readonly #primary: Table['columns']
  readonly #secondaries: ReadonlyMap<string, Secondary>
  readonly #made = new Map<Column, Column>()

  constructor({ primary, secondaries }: Join) {
    this.#primary = primary.columns
    this.#secondaries = new Map(secondaries.map((secondary) => [secondary.alias, secondary]))
  }

  get(name: string): Column | undefined {
    const dot = name.indexOf('.')
    const secondary = this.#secondaries.get(name.slice(0, dot))
    if (dot < 0 || secondary === undefined) return this.#primary.get(name)
    const column = secondary.of.table.columns.get(name.slice(dot + 1))
    return column && this.#joined(secondary, column)
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  get size(): number {
    return [...this.keys()].length
  }

  *entries(): MapIterator<[string, Column]> {
    yield* this.#primary.entries()
    for (const secondary of this.#secondaries.values()) {
      for (const column of secondary.of.table.columns.values()) {
        const made = this.#joined(secondary, column)
        yield [made.name, made]
      }
    }
  }

  *keys(): MapIterator<string> {
    for (const [name] of this.entries()) yield name
  }

  *values(): MapIterator<Column> {
    for (const [, column] of this.entries()) yield column
  }

  [Symbol.iterator](): MapIterator<[string, Column]> {
    return this.entries()
  }

  forEach(callback: (column: Column, name: string, map: ReadonlyMap<string, Column>) => void): void {
    for (const [name, column] of this.entries()) callback(column, name, this)
  }

  /** Always the very same for the same one. */
  #joined(secondary: Secondary, column: Column): Column {
    const made = this.#made.get(column) ?? joinedColumn(secondary, column)
    this.#made.set(column, made)
    return made
  }
}

function joinedColumn(secondary: Secondary, column: Column): Column {
  // Distinct it is no longer: two rows of the primary may have the same row of the secondary.
  const { kind, range, precision, values, secret, readOnly } = column
  const made: JoinedColumn = {
    name: `${secondary.alias}.${column.name}`,
    kind,
    ...(range && { range }),
    ...(precision && { precision }),
    ...(secret && { secret }),
    ...(readOnly && { readOnly }),
    [OWNER]: { secondary, column },
  }
  if (values === undefined) return made
  const on = values.relation.on.map(({ child, parent }) => ({
    child,
    parent: joinedColumn(secondary, withoutValues(parent)),
  }))
  return { ...made, values: { ...values, relation: { ...values.relation, on } } }
}

function withoutValues({ values: _, ...column }: Column): Column {
  return column
}

/** Undefined for a table of one source. */
export function joinOf(table: Table): Join | undefined {
  return (table as Partial<JoinedTable>)[JOIN]
}

/** Undefined for a column of the primary, and of a table of one source. */
export function ownerOf(column: Column): Owner | undefined {
  const owner = (column as Partial<JoinedColumn>)[OWNER]
  if (owner === undefined || column.kind === owner.column.kind) return owner
  // A mapping may look at a column as one of another kind.
  return { ...owner, column: { ...owner.column, kind: column.kind } }
}

/** Whose rows a relation starts from; undefined for the primary's. */
export function parentOf({ on }: Relation): Secondary | undefined {
  const [pair] = on
  return pair && ownerOf(pair.parent)?.secondary
}

const BETWEEN = '\u0000'

/** What a join source is asked to describe a table of another source by. `optional`: it may be away. */
export function tableOfSource(source: string, table: string, optional: boolean): string {
  return [source, optional ? 'optional' : '', table].join(BETWEEN)
}

/** Undefined for the name of a table of the primary. */
export function readTableOfSource(
  name: string,
): { readonly source: string; readonly table: string; readonly optional: boolean } | undefined {
  const [source = '', optional, ...table] = name.split(BETWEEN)
  return table.length === 0 ? undefined : { source, table: table.join(BETWEEN), optional: optional !== '' }
}

/** Stands for a table whose source cannot be asked at present and may be missing. */
export const AWAY: Table = { name: '', columns: new Map() }
