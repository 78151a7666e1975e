/** Resolves what a mapping file names (tables, columns, conditions) against the tables that the source described. */
import { type Column, type Condition, NoTable, type Table } from '../sources/source.js'
import { literal } from './codecs/literal.js'
import { nearest } from './nearest.js'
import type { Problems } from './problem.js'
import type { Conditions } from './schema.js'

/** A key path within a mapping file. */
export type Path = readonly (string | number)[]

export class Resolver {
  readonly #tables: ReadonlyMap<string, Table | NoTable>
  readonly #problems: Problems
  readonly #view: string
  readonly #describedAs: (name: string) => string

  /** @param describedAs what the tables that the file names are described as */
  constructor(
    view: string,
    tables: ReadonlyMap<string, Table | NoTable>,
    problems: Problems,
    describedAs = (name: string) => name,
  ) {
    this.#view = view
    this.#describedAs = describedAs
    this.#tables = tables
    this.#problems = problems
  }

  problem(path: Path, message: string, remedy: string): undefined {
    return this.#problems.add(this.#view, path, message, remedy)
  }

  table(name: string, path: Path, shown = name): Table | undefined {
    const found = this.#tables.get(this.#describedAs(name))
    if (found instanceof NoTable) return this.problem(path, found.message, found.remedy)
    return (
      found ??
      this.problem(path, `there is no table ${shown} in the source`, 'Name an existing table or view')
    )
  }

  /** A column to be shown or asked, which those of passwords are not. */
  column(table: Table, name: string, path: Path): Column | undefined {
    const found = this.anyColumn(table, name, path)
    if (found?.secret !== true) return found
    return this.problem(
      path,
      `column ${name} holds passwords, which are never read`,
      'Map it with verifyOnly: true, or not at all',
    )
  }

  /** The column may be one of passwords. */
  anyColumn(table: Table, name: string, path: Path): Column | undefined {
    const found = table.columns.get(name)
    if (found !== undefined) return found
    const other = nearest(name, table.columns.keys())
    const remedy = other === undefined ? columnsOf(table) : `Did you mean ${other}?`
    return this.problem(path, `table ${table.name} has no column ${name}`, remedy)
  }

  /** Complains of each value that the column can never hold. */
  possible(column: Column, values: readonly (null | string | number | boolean)[], path: Path): void {
    for (const value of values) {
      if (value === null || literal(String(value), column) !== undefined) continue
      const message = `column ${column.name} is of type ${column.kind} and can never be ${JSON.stringify(value)}`
      const comparable = !['time', 'date', 'binary'].includes(column.kind)
      this.problem(
        path,
        message,
        comparable ? 'Give a value of its type' : 'Compare it with null, or have a database view do it',
      )
    }
  }

  conditions(table: Table, spec: Conditions | undefined, path: Path): readonly Condition[] {
    const result: Condition[] = []
    for (const [name, wanted] of Object.entries(spec ?? {})) {
      const column = this.column(table, name, [...path, name])
      if (column === undefined) continue
      const not = typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted)
      const value = not ? wanted.not : wanted
      const values = Array.isArray(value) ? value : [value]
      if (column.kind !== 'date' && column.kind !== 'time') this.possible(column, values, [...path, name])
      result.push({ column, not, values })
    }
    return result
  }

  /** Column pairs of an `on`: a name alone refers to the key. */
  pairs(
    on: string | Readonly<Record<string, string>>,
    child: Table,
    parent: Table,
    key: Column,
    path: Path,
  ): readonly { readonly child: Column; readonly parent: Column }[] {
    const names = typeof on === 'string' ? { [on]: key.name } : on
    return Object.entries(names).flatMap(([c, p]) => {
      const childColumn = this.column(child, c, path)
      const parentColumn = this.column(parent, p, path)
      return childColumn && parentColumn ? [{ child: childColumn, parent: parentColumn }] : []
    })
  }
}

/** Of a directory's hundreds of attributes nobody finds his own by reading them. */
const MOST_NAMED = 60

function columnsOf({ columns }: Table): string {
  if (columns.size > MOST_NAMED) return `Correct its name; there are ${columns.size} others`
  return `Its columns are ${[...columns.keys()].join(', ')}`
}
