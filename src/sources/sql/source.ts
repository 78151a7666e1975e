/** The SQL source: searches as keyset batches, related rows fetched once per batch. */
import { VitrineError } from '../../model/errors.js'
import type { Context } from '../../model/request.js'
import type {
  Cell,
  Column,
  Explanation,
  Field,
  Health,
  Operand,
  Row,
  Slot,
  Source,
  SourceQuery,
  Support,
  Test,
} from '../source.js'
import { advise } from './advise.js'
import type { Driver, DriverOptions } from './driver.js'
import { mysqlDriver } from './drivers/mysql.js'
import { postgresDriver } from './drivers/postgres.js'
import { sqliteDriver } from './drivers/sqlite.js'
import { type Lookup, LookupQueue, lookupOf } from './lookup.js'
import { rowColumns, selectRelated, selectRows } from './select.js'
import { textSupport } from './text-test.js'

/** Rows per statement at most, so that pages of a thousand take two; fewer while rows carry many related ones. */
const BATCH = 512
const FIRST_BATCH_WITH_SETS = 50
/** Related rows that one batch should not exceed. */
const RELATED = 20_000

const drivers: Readonly<Record<string, (options: DriverOptions) => Driver>> = {
  'mysql:': mysqlDriver,
  'mariadb:': mysqlDriver,
  'postgres:': postgresDriver,
  'postgresql:': postgresDriver,
  'sqlite:': sqliteDriver,
}

export type SqlOptions = DriverOptions

export function createSqlSource(options: SqlOptions): Source {
  const scheme = options.url.slice(0, options.url.indexOf(':') + 1)
  const driver = drivers[scheme]?.(options)
  if (driver === undefined) throw new TypeError(`no database is reached by ${scheme}`)
  return new SqlSource(driver)
}

interface Queue {
  readonly columns: readonly Column[]
  readonly queue: LookupQueue
}

class SqlSource implements Source {
  readonly #driver: Driver
  readonly #queues = new WeakMap<readonly Field[], Map<string, Queue>>()

  readonly mostTests?: number

  constructor(driver: Driver) {
    this.#driver = driver
    if (driver.mostTests !== undefined) this.mostTests = driver.mostTests
  }

  describe(table: string) {
    return this.#driver.describe(table)
  }

  support(on: Operand, test: Test): Support {
    if (test.test === 'text' || test.test === 'substring') return textSupport(on, test, this.#driver.dialect)
    if ('concat' in on) return 'none'
    if (on.kind === 'decimal' || on.kind === 'other') return test.test === 'present' ? 'exact' : 'none'
    return 'exact'
  }

  async *search(query: SourceQuery, ctx: Context): AsyncIterable<readonly Row[]> {
    const lookup = lookupOf(query, this.#driver.dialect)
    if (lookup !== undefined) {
      const rows = await this.#lookup(query, lookup, ctx)
      // Several rows would have to be in key order, which the database knows.
      if (rows !== 'tooMany' && rows.length < 2) {
        if (rows.length > 0) yield rows
        return
      }
    }
    const columns = rowColumns(query.fields)
    const sets = query.fields.filter((f) => f.kind === 'set')
    const keyAt = columns.findIndex((c) => c.name === query.key.name)
    let { after } = query
    let wanted = query.limit ?? Number.POSITIVE_INFINITY
    let size = sets.length > 0 ? FIRST_BATCH_WITH_SETS : BATCH
    while (wanted > 0) {
      const limit = Number.isFinite(wanted) ? Math.ceil(wanted / Math.ceil(wanted / size)) : size
      const statement = selectRows(query, columns, this.#driver.dialect, after, limit)
      const raw = await this.#driver.query(statement, ctx.signal)
      const cells = this.#read(raw, columns)
      const last = cells.at(-1)?.[keyAt]
      const related =
        sets.length > 0 && cells.length > 0 ? await this.#related(sets, columns, cells, ctx) : undefined
      if (cells.length > 0) yield layOut(query.fields, columns, cells, related)
      if (cells.length < limit || last === undefined || last === null) return
      after = last
      wanted -= cells.length
      if (related !== undefined) size = nextSize(related, cells.length)
    }
  }

  async #lookup(query: SourceQuery, lookup: Lookup, ctx: Context): Promise<readonly Row[] | 'tooMany'> {
    const { columns, queue } = this.#queueOf(query, lookup)
    const cells = await queue.find(lookup)
    if (cells === 'tooMany') return cells
    const sets = query.fields.filter((f) => f.kind === 'set')
    const related =
      sets.length > 0 && cells.length > 0 ? await this.#related(sets, columns, cells, ctx) : undefined
    return layOut(query.fields, columns, cells, related)
  }

  /** Queries of one kind come with the same list of fields, the very same object. */
  #queueOf(query: SourceQuery, { column, rule }: Lookup): Queue {
    const byColumn = this.#queues.get(query.fields) ?? new Map<string, Queue>()
    this.#queues.set(query.fields, byColumn)
    const key = `${column.name} ${rule}`
    const known = byColumn.get(key)
    if (known !== undefined) return known
    const columns = rowColumns(query.fields)
    if (!columns.some((c) => c.name === column.name)) columns.push(column)
    const { table, where } = query
    const queue = new LookupQueue(this.#driver, { table, where, columns, column, rule }, (raw) =>
      this.#read(raw, columns),
    )
    const made = { columns, queue }
    byColumn.set(key, made)
    return made
  }

  explain(query: SourceQuery): readonly Explanation[] {
    const columns = rowColumns(query.fields)
    const { dialect } = this.#driver
    const main = selectRows(query, columns, dialect, query.after, Math.min(BATCH, query.limit ?? BATCH))
    const sets = query.fields.flatMap((field) => {
      if (field.kind !== 'set') return []
      const { sql } = selectRelated(
        field.relation,
        field.columns,
        [field.relation.on.map(() => null)],
        dialect,
      )
      return [
        {
          text: sql,
          bindings: [`the ${field.relation.on.map((o) => o.parent.name).join(', ')} of each batch`],
        },
      ]
    })
    return [{ text: main.sql, bindings: main.bindings }, ...sets]
  }

  advise(query: SourceQuery) {
    return advise(query, this.#driver)
  }

  async health(): Promise<Health> {
    try {
      await this.#driver.query({ sql: 'SELECT 1', bindings: [] })
      return { ok: true }
    } catch (error) {
      return { ok: false, detail: error instanceof VitrineError ? error.message : String(error) }
    }
  }

  close() {
    return this.#driver.close()
  }

  #read(raw: readonly (readonly unknown[])[], columns: readonly Column[]): readonly (readonly Cell[])[] {
    const readers = columns.map((c) => this.#driver.read(c.kind))
    if (readers.every((r) => r === undefined)) return raw as readonly (readonly Cell[])[]
    return raw.map((row) =>
      row.map((value, i) => readers[i]?.(value) ?? ((readers[i] === undefined ? value : null) as Cell)),
    )
  }

  /** Per set field, the tuples of each row of the batch, by the cells they belong to. */
  async #related(
    sets: readonly SetField[],
    columns: readonly Column[],
    cells: readonly (readonly Cell[])[],
    ctx: Context,
  ): Promise<ReadonlyMap<SetField, Related>> {
    const found = await Promise.all(
      sets.map(async (field) => {
        const { on } = field.relation
        const at = on.map(({ parent }) => columns.findIndex((c) => c.name === parent.name))
        const parents = new Map<string, readonly Cell[]>()
        for (const row of cells) {
          const key = at.map((i) => row[i] ?? null)
          if (!key.includes(null)) parents.set(keyText(key), key)
        }
        const tuples = new Map<string, (readonly Cell[])[]>()
        if (parents.size > 0) {
          const statement = selectRelated(
            field.relation,
            field.columns,
            [...parents.values()],
            this.#driver.dialect,
          )
          const raw = await this.#driver.query(statement, ctx.signal)
          const kinds = [...on.map((o) => o.child), ...field.columns]
          for (const row of this.#read(raw, kinds)) {
            const key = keyText(row.slice(0, on.length))
            const tuple = row.slice(on.length)
            const known = tuples.get(key)
            if (known === undefined) tuples.set(key, [tuple])
            else known.push(tuple)
          }
        }
        return [field, { at, tuples }] as const
      }),
    )
    return new Map(found)
  }
}

type SetField = Extract<Field, { kind: 'set' }>

interface Related {
  /** Where in a row the cells stand by which tuples belong to it. */
  readonly at: readonly number[]
  readonly tuples: ReadonlyMap<string, readonly (readonly Cell[])[]>
}

const keyText = (cells: readonly Cell[]) =>
  cells.length === 1 ? String(cells[0]) : JSON.stringify(cells.map(String))

const NO_TUPLES: readonly (readonly Cell[])[] = []

function layOut(
  fields: readonly Field[],
  columns: readonly Column[],
  cells: readonly (readonly Cell[])[],
  related: ReadonlyMap<SetField, Related> | undefined,
): readonly Row[] {
  const inOrder = fields.every((f, i) => f.kind === 'column' && columns[i]?.name === f.column.name)
  if (inOrder) return cells
  // Answers stand behind the columns.
  let answers = columns.length
  const slots = fields.map((field): ((row: readonly Cell[]) => Slot) => {
    if (field.kind === 'column') {
      const at = columns.findIndex((c) => c.name === field.column.name)
      return (row) => row[at] ?? null
    }
    if (field.kind === 'answer') {
      const at = answers++
      return (row) => Number(row[at]) === 1
    }
    const set = related?.get(field)
    return (row) => set?.tuples.get(keyText(set.at.map((i) => row[i] ?? null))) ?? NO_TUPLES
  })
  return cells.map((row) => slots.map((slot) => slot(row)))
}

/** As many rows as keep the related ones of a batch within bounds, at most twice as many as before. */
function nextSize(related: ReadonlyMap<SetField, Related>, rows: number): number {
  let tuples = 0
  for (const { tuples: byRow } of related.values()) for (const list of byRow.values()) tuples += list.length
  return Math.max(1, Math.min(BATCH, rows * 2, Math.floor((RELATED * rows) / Math.max(1, tuples))))
}
