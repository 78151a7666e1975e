/** Writing: one row with its related rows at a time, each call one transaction, begun again where it met another. */
import { setTimeout as sleep } from 'node:timers/promises'
import { VitrineError } from '../../model/errors.js'
import type { Context } from '../../model/request.js'
import type {
  Cell,
  Collection,
  Column,
  Field,
  FieldFilter,
  Removal,
  Row,
  RowChange,
  SetChange,
  SourceQuery,
  SourceWrite,
} from '../source.js'
import type { SqlColumn } from './dialect.js'
import type { Driver, Query } from './driver.js'
import {
  type Assigned,
  deleteMembers,
  insertRow,
  type Members,
  type Scope,
  selectKeys,
  selectMembers,
  updateMembers,
} from './mutation.js'
import { conditionValue } from './predicate.js'
import { mayDoAgain, refusalOf } from './refusals.js'
import { type Ask, fetchRelated, layOut, type ReadCells } from './related.js'
import { rowColumns, selectRows } from './select.js'
import { cellText, SetWriter } from './sets.js'

const ATTEMPTS = 6
/** Milliseconds between the first two, doubled each time. */
const PAUSE = 5
/** Keys per statement. */
const KEYS = 512
/** Rows whose names databases take for alike that are not. */
const ALIKE = 1000

type Key = Exclude<Cell, null>

/** What an attempt works with. */
interface Attempt {
  readonly query: Query
  readonly ask: Ask
  /** Are related rows being written? */
  inSets: boolean
}

/** A row that nobody else changes until the transaction ends. */
interface Locked {
  readonly key: Key
  readonly row: Row
  readonly cells: ReadonlyMap<string, Cell>
}

export class SqlWrite implements SourceWrite {
  readonly rehearses = true
  readonly #driver: Driver
  readonly #read: ReadCells

  constructor(driver: Driver, read: ReadCells) {
    this.#driver = driver
    this.#read = read
  }

  insert(of: Collection, change: RowChange, ctx: Context): Promise<Key> {
    return this.#transact(ctx, async (attempt) => {
      await this.#requireAll(change, attempt)
      await this.#requireVacant(of, undefined, change, attempt)
      const key = await this.#insertRow(of, change, attempt)
      if (of.where.length > 0) await this.#requireShown(of, key, attempt)
      await this.#writeSets(of, key, change, new Map(), attempt)
      return key
    })
  }

  update(
    of: Collection,
    key: Key,
    fields: readonly Field[],
    decide: (row: Row) => RowChange,
    ctx: Context,
  ): Promise<boolean> {
    return this.#transact(ctx, async (attempt) => {
      const { toChange } = this.#driver.dialect.writing.lock
      return (await this.#change(of, key, fields, decide, toChange, attempt)) !== undefined
    })
  }

  remove(
    of: Collection,
    key: Key,
    fields: readonly Field[],
    decide: (row: Row) => RowChange,
    ctx: Context,
  ): Promise<boolean> {
    return this.#transact(ctx, async (attempt) => {
      const { toRemove } = this.#driver.dialect.writing.lock
      const now = await this.#change(of, key, fields, decide, toRemove, attempt)
      if (now === undefined) return false
      await attempt.query(deleteMembers(tableOf(of), only(of, now), this.#driver.dialect))
      return true
    })
  }

  removeAll(
    removals: readonly Removal[],
    inOrder: (rows: readonly (Row | undefined)[]) => readonly number[],
    ctx: Context,
  ): Promise<boolean> {
    return this.#transact(ctx, async (attempt) => {
      const { toRemove } = this.#driver.dialect.writing.lock
      const found: (Locked | undefined)[] = []
      for (const { of, key, fields } of removals)
        found.push(await this.#lockRow(of, key, fields, toRemove, attempt))
      const changes = removals.map(({ decide }, i) => found[i] && decide(found[i].row))
      for (const i of inOrder(found.map((locked) => locked?.row))) {
        const [removal, locked, change] = [removals[i], found[i], changes[i]]
        if (removal === undefined || locked === undefined || change === undefined) continue
        const now = await this.#apply(removal.of, locked, change, attempt)
        await attempt.query(deleteMembers(tableOf(removal.of), only(removal.of, now), this.#driver.dialect))
      }
      return found.some((locked) => locked !== undefined)
    })
  }

  /** The key that the row then has; undefined if there is none. */
  async #change(
    of: Collection,
    key: Key,
    fields: readonly Field[],
    decide: (row: Row) => RowChange,
    lock: string,
    attempt: Attempt,
  ): Promise<Key | undefined> {
    const found = await this.#lockRow(of, key, fields, lock, attempt)
    return found && this.#apply(of, found, decide(found.row), attempt)
  }

  async #apply(of: Collection, found: Locked, change: RowChange, attempt: Attempt): Promise<Key> {
    await this.#requireAll(change, attempt)
    await this.#requireVacant(of, found.key, change, attempt)
    const { dialect } = this.#driver
    if (change.cells.length > 0)
      await attempt.query(updateMembers(tableOf(of), only(of, found.key), change.cells, dialect))
    const now = cellOf(change.cells, of.key) ?? found.key
    if (of.where.some(({ column }) => cellOf(change.cells, column) !== undefined))
      await this.#requireShown(of, now, attempt)
    await this.#writeSets(of, now, change, found.cells, attempt)
    return now
  }

  async #lockRow(
    of: Collection,
    key: Key,
    fields: readonly Field[],
    lock: string,
    attempt: Attempt,
  ): Promise<Locked | undefined> {
    const { dialect } = this.#driver
    const wanted: SourceQuery = { ...of, filter: isKey(of.key, key), fields }
    const columns = rowColumns(wanted)
    const ask = (query: SourceQuery, behind?: string) =>
      attempt.ask(
        selectRows(query, rowColumns(query), dialect, {
          limit: 1,
          ...(behind !== undefined && { lock: behind }),
        }),
        rowColumns(query),
      )
    // What is read of other tables while the row is waited for may be older than the row.
    const readsOthers = lock !== '' && fields.some((f) => f.kind === 'answer')
    if (!isWithin(of.key, key)) return undefined
    if (readsOthers && (await ask({ ...wanted, fields: [] }, lock)).length === 0) return undefined
    const rows = await ask(wanted, readsOthers ? undefined : lock)
    const [cells] = rows
    const at = cells?.[columns.findIndex((c) => c.name === of.key.name)] ?? null
    if (cells === undefined || at === null) return undefined
    const related = await fetchRelated(wanted, [at], dialect, attempt.ask)
    const [row] = layOut(wanted, columns, rows, related)
    if (row === undefined) return undefined
    return { key: at, row, cells: new Map(columns.map((c, i) => [c.name, cells[i] ?? null])) }
  }

  async #insertRow(of: Collection, { cells }: RowChange, attempt: Attempt): Promise<Key> {
    const { dialect } = this.#driver
    const given = cells.filter(({ column, value }) => column.name !== of.key.name || value !== null)
    const fixed = of.where.flatMap(({ column, not, values: [value, ...more] }): Assigned[] =>
      not || value === undefined || value === null || more.length > 0 || cellOf(given, column) !== undefined
        ? []
        : [{ column, value: conditionValue(value, column) }],
    )
    const key = cellOf(given, of.key) ?? null
    const returned = key === null && dialect.writing.returns(of.key as SqlColumn) ? of.key : undefined
    const raw = await attempt.query(insertRow(of.table.name, [...given, ...fixed], returned, dialect))
    const made = key ?? this.#read(raw, [of.key])[0]?.[0] ?? null
    if (made !== null) return made
    throw new VitrineError('internalError', { detail: `a new row of ${of.table.name} got no ${of.key.name}` })
  }

  /** What is written through a view must be seen through it. */
  async #requireShown(of: Collection, key: Key, { ask }: Attempt): Promise<void> {
    if ((await ask(selectKeys(of, [key], this.#driver.dialect), [of.key])).length > 0) return
    throw new VitrineError('constraintViolation', {
      message: 'with these values it would no longer be among the entries that are kept here; change them',
    })
  }

  /** @param own the key of the row that may be there */
  async #requireVacant(
    of: Collection,
    own: Key | undefined,
    { vacancy }: RowChange,
    attempt: Attempt,
  ): Promise<void> {
    if (vacancy === undefined) return
    const { filter, fields, claim } = vacancy
    const { dialect } = this.#driver
    const hold = dialect.writing.hold?.(`${of.table.name} ${claim}`)
    if (hold !== undefined) {
      const [[isHeld] = []] = await attempt.query(hold)
      if (Number(isHeld) !== 1)
        throw new VitrineError('busy', { detail: 'a name is being claimed by others' })
    }
    const query: SourceQuery = { ...of, filter, fields }
    const columns = rowColumns(query)
    const rows = await attempt.ask(selectRows(query, columns, dialect, { limit: ALIKE }), columns)
    const keyAt = columns.findIndex((c) => c.name === of.key.name)
    const keys = rows.map((row) => row[keyAt] ?? null)
    const related = await fetchRelated(query, keys, dialect, attempt.ask)
    const others = layOut(query, columns, rows, related).filter(
      (_, i) => own === undefined || cellText(keys[i] ?? null, of.key) !== cellText(own, of.key),
    )
    if (others.some((row) => vacancy.isTakenBy(row))) throw vacancy.taken()
  }

  async #requireAll({ exist }: RowChange, { ask }: Attempt): Promise<void> {
    for (const { of, keys, absent } of exist) {
      const missing = new Map(keys.map((key) => [cellText(key, of.key), key]))
      const sought = [...missing.values()].filter(
        (key) => this.#driver.dialect.bindable(key) && isWithin(of.key, key),
      )
      for (let from = 0; from < sought.length; from += KEYS) {
        const statement = selectKeys(of, sought.slice(from, from + KEYS), this.#driver.dialect)
        for (const [key = null] of await ask(statement, [of.key])) missing.delete(cellText(key, of.key))
      }
      if (missing.size > 0) throw absent([...missing.values()])
    }
  }

  /** @param known cells of the row as it was */
  async #writeSets(
    of: Collection,
    key: Key,
    { cells, sets }: RowChange,
    known: ReadonlyMap<string, Cell>,
    attempt: Attempt,
  ): Promise<void> {
    const now = new Map([...known, ...cells.map((c) => [c.column.name, c.value] as const)])
    now.set(of.key.name, key)
    const unknown = parentsOf(sets).filter((c) => !now.has(c.name))
    const { dialect } = this.#driver
    if (unknown.length > 0) {
      const [row] = await attempt.ask(selectMembers(tableOf(of), unknown, only(of, key), dialect), unknown)
      for (const [i, column] of unknown.entries()) now.set(column.name, row?.[i] ?? null)
    }
    attempt.inSets = true
    for (const set of sets) {
      const parents = set.relation.on.map(({ parent }) => now.get(parent.name) ?? null)
      await new SetWriter(set, parents, dialect, attempt.query, attempt.ask).write()
    }
    attempt.inSets = false
  }

  async #transact<T>(ctx: Context, work: (attempt: Attempt) => Promise<T>): Promise<T> {
    let hasMet = false
    for (let count = 1; ; count++) {
      let inSets = false
      try {
        return await this.#driver.transaction(async (query) => {
          const ask: Ask = async (statement, columns) => this.#read(await query(statement), columns)
          const attempt: Attempt = { query, ask, inSets: false }
          const done = await work(attempt).catch((error: unknown) => {
            inSets = attempt.inSets
            throw error
          })
          // What is thrown takes the transaction back.
          if (ctx.rehearses === true && done !== false) throw new VitrineError('noOperation')
          return done
        }, ctx.signal)
      } catch (error) {
        const refused = refusalOf(error)
        // Somebody else may have added the same related row; then it is there the next time.
        const isTaken = refused instanceof VitrineError && refused.code === 'entryAlreadyExists'
        const meets: boolean = inSets && isTaken && !hasMet
        hasMet ||= meets
        if (count >= ATTEMPTS || !(meets || mayDoAgain(error))) throw refused
      }
      await sleep(PAUSE * 2 ** (count - 1) * Math.random(), undefined, { signal: ctx.signal }).catch(() =>
        ctx.signal.throwIfAborted(),
      )
    }
  }
}

const tableOf = (of: Collection): Scope => ({ table: of.table.name, holding: [], where: [] })

const only = (of: Collection, key: Key): Members => ({ columns: [of.key], tuples: [[key]], exactly: true })

function isKey(on: Column, key: Key): FieldFilter {
  const test =
    on.kind === 'text'
      ? ({ test: 'oneOf', values: [key] } as const)
      : ({ test: 'compare', op: 'eq', value: key } as const)
  return { op: 'test', on, test, negated: false }
}

/** No row has a key that the column cannot hold. */
function isWithin({ range }: Column, key: Key): boolean {
  if (range === undefined || (typeof key !== 'number' && typeof key !== 'bigint')) return true
  return key >= range[0] && key <= range[1]
}

function cellOf(cells: readonly Assigned[], column: Column): Cell | undefined {
  return cells.find((c) => c.column.name === column.name)?.value
}

function parentsOf(sets: readonly SetChange[]): readonly Column[] {
  const parents = sets.flatMap(({ relation }) => relation.on.map(({ parent }) => parent))
  return [...new Map(parents.map((c) => [c.name, c])).values()]
}
