/** A walk along the keys of the rows that a query finds: pages that stand anywhere, and how many rows there are in all. */
import { VitrineError } from '../../model/errors.js'
import type { Cell, Column, SourceQuery } from '../source.js'
import type { Dialect } from './dialect.js'
import type { Ask } from './related.js'
import { selectCount, selectRows } from './select.js'

export type Cells = readonly (readonly Cell[])[]

/** A page: so many rows behind the first ones. */
export interface Place {
  readonly columns: readonly Column[]
  readonly skip: number
  readonly limit: number
}

/** So many rows stand up to this key. */
interface Milestone {
  readonly passed: number
  readonly key: Exclude<Cell, null>
}

export class Walk {
  readonly #query: SourceQuery
  readonly #dialect: Dialect
  readonly #ask: Ask
  readonly #milestones: Milestone[] = []
  #total: number | undefined

  constructor(query: SourceQuery, dialect: Dialect, ask: Ask) {
    this.#query = query
    this.#dialect = dialect
    this.#ask = ask
  }

  /** Begins where the way to the page is shortest: it is best asked for behind those before it. */
  async page({ columns, skip, limit }: Place): Promise<Cells> {
    const from = this.#milestones.findLast(({ passed }) => passed <= skip)
    const window = { limit, skip: skip - (from?.passed ?? 0), ...(from !== undefined && { after: from.key }) }
    const cells = await this.#ask(selectRows(this.#query, columns, this.#dialect, window), columns)
    const [first] = cells
    if (first !== undefined) {
      // Pages may overlap: the next one begins behind the first row of this one at the earliest.
      this.#milestones.push({ passed: skip + 1, key: this.#keyOf(first, columns) })
      if (cells.length < limit) this.#total = skip + cells.length
    }
    return cells
  }

  /** What no page has told is counted, of the rows that nobody has passed. */
  async total(): Promise<number> {
    this.#total ??= await this.#counted()
    return this.#total
  }

  async #counted(): Promise<number> {
    const from = this.#milestones.at(-1)
    const rest = from === undefined ? {} : { after: from.key }
    const [row] = await this.#ask(selectCount(this.#query, this.#dialect, rest), [])
    return (from?.passed ?? 0) + Number(row?.[0])
  }

  #keyOf(row: readonly Cell[], columns: readonly Column[]): Exclude<Cell, null> {
    const { table, key: column } = this.#query
    const key = row[columns.findIndex(({ name }) => name === column.name)] ?? null
    if (key !== null) return key
    throw new VitrineError('internalError', { detail: `${table.name}.${column.name} is NULL in a row` })
  }
}
