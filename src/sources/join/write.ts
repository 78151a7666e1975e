/**
 * Writes joined rows. Each source changes its own part in a transaction of its own, the primary first, but directories
 * last; no transaction spans them. Where one fails, those before it are changed back; where that fails too, the client and the log are told.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { VitrineError } from '../../model/errors.js'
import type { Log } from '../../model/log.js'
import type { Context } from '../../model/request.js'
import { joinOf, type Secondary } from '../joined.js'
import { ALWAYS } from '../logic.js'
import type {
  Cell,
  Collection,
  Column,
  Field,
  Removal,
  Row,
  RowChange,
  Source,
  SourceWrite,
} from '../source.js'
import {
  Done,
  hasPasswords,
  incomplete,
  isEmpty,
  isRequiring,
  joinOfExist,
  type Parts,
  partsOf,
} from './change.js'
import type { Secondaries } from './fetch.js'
import { isWithin, keysOf, textOf } from './keys.js'
import { plainCollection } from './node.js'
import { changing, isThere, laidOut, locked, Moved, NOTHING, type Read } from './present.js'
import { demandReal, demandRehearsing } from './rehearsing.js'
import type { JoinedSearch } from './search.js'
import { isUntouched } from './untouched.js'

type Key = Exclude<Cell, null>

const ATTEMPTS = 10
/** Milliseconds before another attempt, at most. */
const PAUSE = 20
/** How long changing back may take, in milliseconds: also where the request is over. */
const UNDO = 10_000

export class JoinWrite implements SourceWrite {
  /** What one source alone does, as far as that one can. */
  readonly rehearses = true
  readonly #primary: Source
  readonly #secondaries: Secondaries
  readonly #search: JoinedSearch
  readonly #log: Log | undefined

  constructor(primary: Source, secondaries: Secondaries, search: JoinedSearch, log?: Log) {
    this.#primary = primary
    this.#secondaries = secondaries
    this.#search = search
    this.#log = log
  }

  async insert(of: Collection, change: RowChange, ctx: Context): Promise<Key> {
    const write = writing(this.#primary)
    const join = joinOf(of.table)
    const { primary, others } = partsOf(change, () => false)
    this.#requireWritable(others)
    if (join !== undefined && (others.size > 0 || isRequiring(join))) demandReal(ctx)
    demandRehearsing(write, ctx)
    await this.#requireAll(change, true, ctx)
    const plain = plainCollection(of)
    const key = await write.insert(plain, primary, ctx)
    if (join === undefined || (others.size === 0 && !isRequiring(join))) return key
    const emptied = {
      ...NOTHING,
      sets: primary.sets.map((set) => ({ ...set, op: 'replace' as const, tuples: [] })),
    }
    const done = new Done()
    done.add(() => write.remove(plain, key, [], () => emptied, late()))
    await this.#undoing(done, async () => {
      // Also where no secondary has a row yet.
      const rows = await this.#search.read(of, key, [], ctx, true)
      if (rows === undefined)
        throw new VitrineError('internalError', { detail: `the new row of ${of.table.name} is not there` })
      for (const [i, secondary] of join.secondaries.entries()) {
        const part = others.get(secondary)
        const found = rows.fetched.found[i]
        if (part === undefined && (secondary.optional || found !== undefined)) continue
        await this.#writePart(secondary, part ?? NOTHING, found, rows, primary, done, ctx)
      }
    })
    return key
  }

  async update(
    of: Collection,
    key: Key,
    fields: readonly Field[],
    decide: (row: Row) => RowChange,
    ctx: Context,
  ): Promise<boolean> {
    if (isUntouched({ ...of, filter: ALWAYS, fields })) {
      try {
        demandRehearsing(writing(this.#primary), ctx)
        return await writing(this.#primary).update(of, key, fields, (row) => plainChange(decide(row)), ctx)
      } catch (error) {
        if (!(error instanceof Moved)) throw error
      }
    }
    return this.#again(ctx, async () => {
      const now = await this.#search.read(of, key, fields, ctx)
      if (now === undefined) return false
      const change = decide(laidOut(now, now.fetched))
      const { primary, others } = partsOf(change, isThere(now))
      this.#requireWritable(others)
      await this.#requireAll(change, !isEmpty(primary) || others.size === 0, ctx)
      const [only, ...more] = others
      for (const written of others.keys()) demandRehearsing(writing(this.#secondaries.sourceOf(written)), ctx)
      if (others.size === 0 || !isEmpty(primary)) demandRehearsing(writing(this.#primary), ctx)
      if (only === undefined) return this.#updatePrimary(of, key, now, decide, ctx)
      if (isEmpty(primary) && more.length === 0 && isThere(now)(only[0])) {
        return this.#updateSecondary(only[0], now, decide, ctx)
      }
      demandReal(ctx)
      return this.#updateAll(of, key, now, { primary, others }, ctx)
    })
  }

  async remove(
    of: Collection,
    key: Key,
    fields: readonly Field[],
    decide: (row: Row) => RowChange,
    ctx: Context,
  ): Promise<boolean> {
    const write = writing(this.#primary)
    demandRehearsing(write, ctx)
    if (isUntouched({ ...of, filter: ALWAYS, fields }))
      return write.remove(of, key, fields, (row) => partsOf(decide(row), () => false).primary, ctx)
    return this.#again(ctx, async () => {
      const now = await this.#search.read(of, key, fields, ctx)
      if (now === undefined) return false
      if (
        now.layout.parts().some(({ secondary }, i) => secondary.owned && now.fetched.found[i] !== undefined)
      )
        demandReal(ctx)
      let owned: Parts['others'] = new Map()
      const isRemoved = await write.remove(
        plainCollection(of),
        key,
        now.layout.fields,
        (row) => {
          const parts = partsOf(decide(laidOut(now, locked(now, row))), isThere(now))
          owned = parts.others
          return parts.primary
        },
        ctx,
      )
      if (isRemoved) await this.#removeOwned(now, owned)
      return isRemoved
    })
  }

  /** Of rows of the primary alone; no transaction spans several sources. */
  async removeAll(
    removals: readonly Removal[],
    inOrder: (rows: readonly (Row | undefined)[]) => readonly number[],
    ctx: Context,
  ): Promise<boolean> {
    const write = writing(this.#primary)
    const isPlain = removals.every(({ of, fields }) => isUntouched({ ...of, filter: ALWAYS, fields }))
    if (!isPlain || write.removeAll === undefined)
      throw new VitrineError('unwillingToPerform', { message: 'what is kept there is not deleted at once' })
    const own = removals.map(({ decide, ...removal }) => ({
      ...removal,
      decide: (row: Row) => partsOf(decide(row), () => false).primary,
    }))
    return write.removeAll(own, inOrder, ctx)
  }

  /** What goes with a row that is gone already. */
  async #removeOwned(now: Read, parts: Parts['others']): Promise<void> {
    for (const [i, { secondary, key }] of now.layout.parts().entries()) {
      const row = now.fetched.found[i]
      if (!secondary.owned || row === undefined) continue
      const change = { ...(parts.get(secondary) ?? NOTHING), cells: [] }
      const { write } = this.#secondaries.sourceOf(secondary)
      try {
        if (write === undefined) throw new VitrineError('unwillingToPerform')
        await write.remove(secondary.of, row[key] as Key, [], () => change, late())
      } catch (error) {
        this.#log?.error({ err: error, source: secondary.source }, 'a row that was to be deleted is left')
        throw new VitrineError(VitrineError.from(error).code, {
          message: 'this is deleted, but not all that belongs to it in other sources',
          cause: error,
        })
      }
    }
  }

  /** The row of the primary alone. */
  #updatePrimary(of: Collection, key: Key, now: Read, decide: (row: Row) => RowChange, ctx: Context) {
    return writing(this.#primary).update(
      plainCollection(of),
      key,
      now.layout.fields,
      (row) => {
        const { primary, others } = partsOf(decide(laidOut(now, locked(now, row))), isThere(now))
        if (others.size > 0) throw new Moved()
        return primary
      },
      ctx,
    )
  }

  /** The row of one secondary alone. */
  async #updateSecondary(
    secondary: Secondary,
    now: Read,
    decide: (row: Row) => RowChange,
    ctx: Context,
  ): Promise<boolean> {
    const at = now.layout.parts().findIndex((part) => part.secondary === secondary)
    const part = now.layout.parts()[at]
    if (part === undefined) throw new Moved()
    const { write } = this.#secondaries.sourceOf(secondary)
    const isDone = await write?.update(
      secondary.of,
      now.fetched.found[at]?.[part.key] as Key,
      part.fields,
      (row) => {
        const found = now.fetched.found.map((other, i) => (i === at ? row : other))
        const parts = partsOf(decide(laidOut(now, { ...now.fetched, found })), isThere(now))
        const change = parts.others.get(secondary)
        if (!isEmpty(parts.primary) || parts.others.size > 1) throw new Moved()
        return change ?? NOTHING
      },
      ctx,
    )
    if (isDone !== true) throw new Moved()
    return true
  }

  /** Several of them, as long as none has changed since it was decided what becomes of them. */
  async #updateAll(
    of: Collection,
    key: Key,
    now: Read,
    { primary, others }: Parts,
    ctx: Context,
  ): Promise<boolean> {
    const done = new Done()
    const plain = plainCollection(of)
    const writePrimary = async () => {
      const write = writing(this.#primary)
      const was = await changing(write, plain, key, now.layout.fields, now.fetched.row, primary, ctx)
      const present = primary.cells.find((c) => c.column.name === of.key.name)?.value ?? key
      done.add(
        async () => (await write.update(plain, present, [], () => was, late())) && !hasPasswords(primary),
      )
    }
    const steps = [
      ...(isEmpty(primary) ? [] : [{ of: plain, work: writePrimary }]),
      ...[...others].map(([secondary, part]) => ({
        of: secondary.of,
        work: () => {
          const at = now.layout.parts().findIndex((p) => p.secondary === secondary)
          return this.#writePart(secondary, part, now.fetched.found[at], now, primary, done, ctx)
        },
      })),
    ]
    return this.#undoing(done, async () => {
      const isLast = (step: { readonly of: Collection }) => isNamed(step.of)
      for (const { work } of [...steps.filter((s) => !isLast(s)), ...steps.filter(isLast)]) await work()
      return true
    })
  }

  /** @param primary what becomes of the row that it belongs to */
  async #writePart(
    secondary: Secondary,
    change: RowChange,
    found: Row | undefined,
    now: Read,
    primary: RowChange,
    done: Done,
    ctx: Context,
  ): Promise<void> {
    const { write } = this.#secondaries.sourceOf(secondary)
    const part = now.layout.parts().find((p) => p.secondary === secondary)
    if (write === undefined || part === undefined)
      throw new VitrineError('unwillingToPerform', { message: 'this cannot be written' })
    const { of } = secondary
    if (found !== undefined) {
      const key = found[part.key] as Key
      const was = await changing(write, of, key, part.fields, found, change, ctx)
      const present = change.cells.find((c) => c.column.name === of.key.name)?.value ?? key
      done.add(async () => (await write.update(of, present, [], () => was, late())) && !hasPasswords(change))
      return
    }
    const cells = new Map(change.cells.map((cell) => [cell.column.name, cell]))
    for (const [i, { secondary: column, primary: own }] of secondary.on.entries()) {
      const given = primary.cells.find((c) => c.column.name === own.name)
      const [known] = keysOf(secondary, now.fetched.row, part.keySlots)
      const value = given === undefined ? (firstIn(primary, own) ?? known?.cells[i]) : given.value
      if (value === undefined || value === null) {
        const detail = `a row of ${secondary.alias} needs ${own.name}, which is NULL`
        const message = 'a part of this cannot be kept before the value is there that it is found by'
        throw new VitrineError('constraintViolation', { message, detail })
      }
      cells.set(column.name, { column, value: likeColumn(value, column.kind) })
    }
    const key = await write.insert(of, { ...change, cells: [...cells.values()] }, ctx)
    const emptied = change.sets.map((set) => ({ ...set, op: 'replace' as const, tuples: [] }))
    done.add(() => write.remove(of, key, [], () => ({ ...NOTHING, sets: emptied }), late()))
  }

  /** @param isChecked will the source of the rows look whether those of tables of its own are there? */
  async #requireAll({ exist }: RowChange, isChecked: boolean, ctx: Context): Promise<void> {
    for (const one of exist) {
      if (isChecked && !isRequiring(joinOfExist(one))) continue
      const { of, keys, absent } = one
      const missing = new Map(keys.map((key) => [textOf(key), key]))
      const values = keys.filter((key) => isWithin(of.key, key))
      const fields: Field[] = [{ kind: 'column', column: of.key }]
      const filter = { op: 'test', on: of.key, test: { test: 'oneOf', values }, negated: false } as const
      const found = values.length === 0 ? [] : this.#search.search({ ...of, filter, fields }, ctx)
      for await (const rows of found) for (const [key] of rows) missing.delete(textOf(key as Key))
      if (missing.size > 0) throw absent([...missing.values()])
    }
  }

  #requireWritable(others: Parts['others']): void {
    for (const secondary of others.keys()) writing(this.#secondaries.sourceOf(secondary))
  }

  async #undoing<T>(done: Done, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      try {
        await done.undo()
      } catch (failure) {
        this.#log?.error({ err: failure, cause: error }, 'a change was made in part and could not be undone')
        throw incomplete(error)
      }
      throw error
    }
  }

  async #again<T>(ctx: Context, work: () => Promise<T>): Promise<T> {
    for (let count = 1; ; count++) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof Moved)) throw error
        if (count >= ATTEMPTS)
          throw new VitrineError('busy', { detail: 'the row changes faster than it can be changed here' })
      }
      await sleep(PAUSE * Math.random(), undefined, { signal: ctx.signal }).catch(() =>
        ctx.signal.throwIfAborted(),
      )
    }
  }
}

/** Of a row of the primary alone; what it refers to may have to be looked for first. */
function plainChange(change: RowChange): RowChange {
  if (change.exist.some((one) => isRequiring(joinOfExist(one)))) throw new Moved()
  return partsOf(change, () => false).primary
}

/** What tells such rows apart changes with what they hold, and passwords are not read: neither can be changed back. */
const isNamed = ({ table, key }: Collection) => table.key?.name === key.name

function writing({ write }: Pick<Source, 'write'>): SourceWrite {
  if (write !== undefined) return write
  throw new VitrineError('unwillingToPerform', { message: 'this cannot be written' })
}

/** Outlives the request that it ends. */
const late = (): Context => ({ principal: { kind: 'anonymous' }, signal: AbortSignal.timeout(UNDO) })

/** Of several values that a column is given, the first. */
function firstIn({ sets }: RowChange, { values }: Column): Cell | undefined {
  const set = sets.find(({ relation, op }) => relation === values?.relation && op !== 'remove')
  return set?.tuples[0]?.[0]
}

/** A key of one source as a column of another holds it. */
function likeColumn(value: Key, kind: string): Key {
  if (kind === 'text' && typeof value !== 'string') return textOf(value)
  return kind === 'integer' && typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : value
}
