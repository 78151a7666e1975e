/**
 * Lookups by a unique column that arrive together share one statement, as native directories answer from one
 * index: each is sent after it arrived, so each is as live as if it had gone alone. The statement finds at
 * least what is asked; rows go to those whose value their own equals.
 */
import { whenAborted } from '../../abort.js'
import { VitrineError } from '../../model/errors.js'
import type { Context } from '../../model/request.js'
import { caseExact, caseIgnore } from '../../schema/normalize.js'
import type { Cell, Column, Condition, SourceQuery, Table, TextRule } from '../source.js'
import type { Dialect, SqlColumn } from './dialect.js'
import type { Driver } from './driver.js'
import { isPlain } from './pattern.js'
import { PredicateWriter } from './predicate.js'
import { SqlBuilder, type Statement } from './statement.js'

/** Lookups per statement, and statements at a time, for one shape of lookup. */
const TOGETHER = 64
const RUNNING = 2
/** Rows per lookup beyond which its column is not as unique as it seemed, and it goes alone. */
const ROWS_EACH = 4
/** Lookups of one shape that may wait at a time. */
const MOST_WAITING = 10_000

export interface Lookup {
  readonly column: SqlColumn
  readonly rule: TextRule | undefined
  /** In the form in which equal values are identical. */
  readonly form: string
  readonly value: Exclude<Cell, null>
}

/** The lookup that a query is; undefined if it is more than that, or the dialect has no statement for several. */
export function lookupOf(query: SourceQuery, dialect: Dialect): Lookup | undefined {
  const { filter } = query
  if (dialect.lookups === undefined || query.fields.some((f) => f.kind === 'answer')) return undefined
  if (filter.op !== 'test' || filter.negated || 'concat' in filter.on || query.after !== undefined)
    return undefined
  if ((query.skip ?? 0) > 0) return undefined
  const column: SqlColumn = filter.on as SqlColumn
  const { test } = filter
  if (column.unique !== true) return undefined
  if (test.test === 'compare' && test.op === 'eq' && column.kind === 'integer') {
    return { column, rule: undefined, form: String(test.value), value: test.value }
  }
  const isWord = test.test === 'text' && isPlain(test.value) && !test.value.includes(' ') && test.value !== ''
  if (!isWord || (test.rule !== 'caseIgnore' && test.rule !== 'caseExact')) return undefined
  return { column, rule: test.rule, form: test.value, value: test.value }
}

interface Waiting {
  readonly lookup: Lookup
  resolve(rows: readonly (readonly Cell[])[] | 'tooMany'): void
  reject(error: unknown): void
  /** Stops listening for its abort, if it does. */
  leave?: () => void
}

/** What all lookups of one statement have in common. */
interface Shape {
  readonly table: Table
  readonly where: readonly Condition[]
  readonly columns: readonly Column[]
  readonly column: SqlColumn
  readonly rule: TextRule | undefined
}

type ReadCells = (raw: readonly (readonly unknown[])[]) => readonly (readonly Cell[])[]

/** The lookups of one shape: those that wait, and how many statements are on their way. */
export class LookupQueue {
  readonly #driver: Driver
  readonly #shape: Shape
  readonly #read: ReadCells
  readonly #at: number
  readonly #waiting = new Set<Waiting>()
  #running = 0
  #scheduled = false

  /** @param read makes cells of the raw rows of the shape's columns, of which the lookup's is one */
  constructor(driver: Driver, shape: Shape, read: ReadCells) {
    this.#driver = driver
    this.#shape = shape
    this.#read = read
    this.#at = shape.columns.findIndex((c) => c.name === shape.column.name)
  }

  /**
   * Rows of the shape's columns; `tooMany` where the column holds more equal values than a unique one does.
   * An abort ends the waiting, with the reason of the signal, but not the statement, which others share and which
   * is short. Fails with `busy` if too many wait.
   */
  find(lookup: Lookup, ctx: Pick<Context, 'signal'>): Promise<readonly (readonly Cell[])[] | 'tooMany'> {
    if (this.#waiting.size >= MOST_WAITING) {
      return Promise.reject(new VitrineError('busy', { detail: 'too many lookups wait for the database' }))
    }
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { lookup, resolve, reject }
      this.#waiting.add(waiting)
      this.#schedule()
      // What is sent in this very turn need not listen, and a signal is made only if somebody looks at it.
      if (!this.#scheduled || this.#waiting.size > TOGETHER) this.#listen(waiting, ctx.signal)
    })
  }

  #listen(waiting: Waiting, signal: AbortSignal): void {
    const abort = () => {
      this.#waiting.delete(waiting)
      waiting.leave?.()
      waiting.reject(signal.reason)
    }
    waiting.leave = whenAborted(signal, abort)
    if (signal.aborted) abort()
  }

  /** At the end of the loop's turn, so that all that arrived in it go together. */
  #schedule(): void {
    if (this.#scheduled || this.#running >= RUNNING || this.#waiting.size === 0) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      const together = this.#take()
      if (together.length > 0) void this.#send(together)
      this.#schedule()
    })
  }

  #take(): readonly Waiting[] {
    const taken: Waiting[] = []
    for (const waiting of this.#waiting) {
      if (taken.length >= TOGETHER) break
      this.#waiting.delete(waiting)
      waiting.leave?.()
      taken.push(waiting)
    }
    return taken
  }

  async #send(together: readonly Waiting[]): Promise<void> {
    this.#running++
    try {
      const byForm = new Map<string, Waiting[]>()
      for (const w of together) {
        const same = byForm.get(w.lookup.form)
        if (same === undefined) byForm.set(w.lookup.form, [w])
        else same.push(w)
      }
      const values = [...byForm.values()].flatMap(([w]) => (w === undefined ? [] : [w.lookup.value]))
      const limit = values.length * ROWS_EACH + ROWS_EACH
      const raw = await this.#driver.query(selectLookups(this.#shape, values, limit, this.#driver.dialect))
      if (raw.length >= limit) {
        for (const w of together) w.resolve('tooMany')
        return
      }
      const found = new Map<string, (readonly Cell[])[]>()
      for (const row of this.#read(raw)) {
        const form = formOf(row[this.#at] ?? null, this.#shape.rule)
        const rows = found.get(form)
        if (rows === undefined) found.set(form, [row])
        else rows.push(row)
      }
      for (const [form, same] of byForm) for (const w of same) w.resolve(found.get(form) ?? [])
    } catch (error) {
      for (const w of together) w.reject(error)
    } finally {
      this.#running--
      this.#schedule()
    }
  }
}

function formOf(cell: Cell, rule: TextRule | undefined): string {
  if (rule === undefined || typeof cell !== 'string') return String(cell)
  return rule === 'caseIgnore' ? caseIgnore(cell) : caseExact(cell)
}

function selectLookups(
  shape: Shape,
  values: readonly Exclude<Cell, null>[],
  limit: number,
  dialect: Dialect,
): Statement {
  const out = new SqlBuilder((n) => dialect.placeholder(n))
  const writer = new PredicateWriter(out, dialect)
  const row = writer.alias()
  const { table, where, columns, column } = shape
  const sql = writer.column(row, column)
  const select = () => out.add('SELECT ').join(columns, ', ', (c) => out.add(writer.column(row, c)))
  dialect.lookups?.(out, {
    from: writer.table(table.name, row),
    sql,
    column,
    values,
    select,
    where: () => writer.conditions(where, row),
  })
  out.add(` LIMIT ${limit}`)
  return out.finish()
}
