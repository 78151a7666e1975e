/**
 * The rows of secondaries that belong to a batch of rows: one query for each. A secondary that may be missing is left
 * out while its source cannot be asked, which is told to operators.
 */
import { VitrineError } from '../../model/errors.js'
import type { Log } from '../../model/log.js'
import type { Context } from '../../model/request.js'
import type { Secondary } from '../joined.js'
import type { Cell, Field, FieldFilter, Row, Source } from '../source.js'
import { compareKeys, havingKey, type JoinKey, keysOf } from './keys.js'

/** After a failure, for how long a source that may be missing is not asked, in milliseconds. */
const PAUSE = 1000
/** How often its absence is told, in milliseconds. */
const TELL = 60_000
/** How long a source that may be missing may take to answer where the mapping does not say, in milliseconds. */
const PATIENCE = 3000

/** What is fetched of a secondary's row; which of it are its keys. */
export interface Wanted {
  readonly fields: readonly Field[]
  /** Where its join key's columns stand, and its own key. */
  readonly on: readonly number[]
  readonly key: number
}

/** By the form of its key, the row that belongs to it. */
export type Found = ReadonlyMap<string, Row>

interface State {
  /** Not asked before then. */
  until: number
  told: number
  failures: number
}

export class Secondaries {
  readonly #sources: ReadonlyMap<string, Source>
  readonly #log: Log | undefined
  readonly #clock: () => number
  readonly #states = new Map<string, State>()
  readonly #ambiguous = new Map<string, number>()

  constructor(sources: ReadonlyMap<string, Source>, log?: Log, clock = () => performance.now()) {
    this.#sources = sources
    this.#log = log
    this.#clock = clock
  }

  sourceOf({ source }: Pick<Secondary, 'source'>): Source {
    const found = this.#sources.get(source)
    if (found === undefined)
      throw new VitrineError('internalError', { detail: `there is no source ${source}` })
    return found
  }

  /**
   * Of several rows with one key, the one whose own key is least.
   * @param isNeeded no answer would be right without it
   * @throws VitrineError
   */
  async find(
    secondary: Secondary,
    keys: readonly JoinKey[],
    wanted: Wanted,
    isNeeded: boolean,
    ctx: Context,
  ): Promise<Found> {
    const source = this.sourceOf(secondary)
    const distinct = [...new Map(keys.map((key) => [key.form, key])).values()]
    const filter = havingKey(secondary, 'secondary', distinct, source)
    if (distinct.length === 0 || (filter.op === 'const' && !filter.value)) return new Map()
    const forms = new Set(distinct.map((key) => key.form))
    return this.#patiently(secondary, isNeeded, new Map(), ctx, async (patient) => {
      const found = new Map<string, Row>()
      const query = { ...secondary.of, filter, fields: wanted.fields, unordered: true } as const
      for await (const rows of source.search({ ...query, expected: distinct.length }, patient)) {
        for (const row of rows) {
          for (const { form } of keysOf(secondary, row, wanted.on)) {
            if (!forms.has(form)) continue
            const known = found.get(form)
            if (known === undefined) found.set(form, row)
            else {
              if (known === row) continue
              this.#tellAmbiguous(secondary)
              if (isBefore(row, known, wanted)) found.set(form, row)
            }
          }
        }
      }
      return found
    })
  }

  /** The keys of the rows that satisfy a filter; undefined if there are more than `most`. */
  async list(
    secondary: Secondary,
    filter: FieldFilter,
    fields: readonly Field[],
    most: number,
    ctx: Context,
  ): Promise<readonly JoinKey[] | undefined> {
    return this.#patiently(secondary, true, undefined, ctx, async (patient) => {
      const keys = new Map<string, JoinKey>()
      const on = secondary.on.map((_, i) => i)
      const query = { ...secondary.of, filter, fields, unordered: true, limit: most + 1 } as const
      for await (const rows of this.sourceOf(secondary).search(query, patient)) {
        for (const row of rows) for (const key of keysOf(secondary, row, on)) keys.set(key.form, key)
        if (keys.size > most) return undefined
      }
      return [...keys.values()]
    })
  }

  async describe(secondary: { readonly source: string }, table: string, isOptional: boolean) {
    try {
      return await this.sourceOf(secondary).describe(table)
    } catch (error) {
      if (!isOptional || !isOutage(error)) throw error
      this.#tellAway(secondary.source, error)
      return 'away'
    }
  }

  async #patiently<T>(
    secondary: Secondary,
    isNeeded: boolean,
    without: T,
    ctx: Context,
    work: (ctx: Context) => Promise<T>,
  ): Promise<T> {
    const { onFailure, source, timeout = onFailure === 'absent' ? PATIENCE : undefined } = secondary
    const mayMiss = onFailure === 'absent' && !isNeeded
    if (mayMiss && this.#clock() < this.#stateOf(source).until) return without
    const ending = timeout === undefined ? undefined : new AbortController()
    const late = new VitrineError('unavailable', {
      detail: `${source} took more than ${timeout} ms to answer`,
    })
    const timer = ending && setTimeout(() => ending.abort(late), timeout)
    try {
      const signal = ending === undefined ? ctx.signal : AbortSignal.any([ctx.signal, ending.signal])
      return await work({ ...ctx, signal })
    } catch (error) {
      if (ctx.signal.aborted || !isOutage(error)) throw error
      if (mayMiss) {
        this.#tellAway(source, error)
        return without
      }
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  #stateOf(source: string): State {
    const state = this.#states.get(source) ?? { until: 0, told: Number.NEGATIVE_INFINITY, failures: 0 }
    this.#states.set(source, state)
    return state
  }

  #tellAway(source: string, error: unknown): void {
    const state = this.#stateOf(source)
    const now = this.#clock()
    state.until = now + PAUSE
    state.failures++
    if (now - state.told < TELL) return
    this.#log?.warn(
      { source, err: error, failures: state.failures },
      'a source cannot be asked; what it holds is missing from entries',
    )
    state.told = now
    state.failures = 0
  }

  #tellAmbiguous({ alias, source, of }: Secondary): void {
    const now = this.#clock()
    if (now - (this.#ambiguous.get(alias) ?? Number.NEGATIVE_INFINITY) < TELL) return
    this.#ambiguous.set(alias, now)
    this.#log?.warn(
      { source, table: of.table.name },
      `several rows of ${alias} belong to one entry; the one with the least key is taken`,
    )
  }
}

function isOutage(error: unknown): boolean {
  return (
    error instanceof VitrineError &&
    (error.code === 'unavailable' || error.code === 'busy' || error.code === 'timeLimitExceeded')
  )
}

export const isBefore = (a: Row, b: Row, { key }: Pick<Wanted, 'key'>) =>
  compareKeys((a[key] ?? null) as Cell, (b[key] ?? null) as Cell) < 0
