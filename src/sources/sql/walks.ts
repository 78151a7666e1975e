/**
 * Pages that stand anywhere, and how many rows there are: a database passes over all rows before a page, and over all there
 * are to count them. Those who want such of the same rows at the same time share one walk along their keys, begun after all
 * of them have asked. What it finds is of one moment.
 */
import { type Endable, whenEnded } from '../../abort.js'
import { VitrineError } from '../../model/errors.js'
import type { SourceQuery } from '../source.js'
import type { Driver, Query } from './driver.js'
import type { ReadCells } from './related.js'
import { selectCount } from './select.js'
import type { Statement } from './statement.js'
import { type Cells, type Place, Walk } from './walk.js'

/** How long others wait for a walk to end before the next one begins beside it, in milliseconds. */
const PATIENCE = 200
/** Who shares a walk, and may wait for one. */
const TOGETHER = 64
const MOST_WAITING = 10_000

export class Walks {
  readonly #driver: Driver
  readonly #read: ReadCells
  readonly #lines = new Map<string, Line>()

  /** @param read makes cells of raw rows */
  constructor(driver: Driver, read: ReadCells) {
    this.#driver = driver
    this.#read = read
  }

  /** How many rows the query finds. An abort ends the waiting, and the walk if nobody else waits for it. */
  count(query: SourceQuery, ctx: Endable): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#wait(query, { take: async (walk) => resolve(await walk.total()), reject }, ctx)
    })
  }

  /** The rows of a page of a query that has no order of its own and begins at its beginning. Ends as `count` does. */
  page(query: SourceQuery, place: Place, ctx: Endable): Promise<Cells> {
    const { dialect, snapshot, query: ask } = this.#driver
    if (snapshot === undefined) {
      const walk = new Walk(query, dialect, async (statement, columns) =>
        this.#read(await ask(statement, ctx.signal), columns),
      )
      return walk.page(place)
    }
    return new Promise((resolve, reject) => {
      this.#wait(
        query,
        { skip: place.skip, take: async (walk) => resolve(await walk.page(place)), reject },
        ctx,
      )
    })
  }

  #wait(query: SourceQuery, wish: Wish, ctx: Endable): void {
    const key = textOf(selectCount(query, this.#driver.dialect))
    const leave = () => this.#lines.delete(key)
    const line = this.#lines.get(key) ?? new Line(this.#driver, (ask) => this.#walk(query, ask), leave)
    this.#lines.set(key, line)
    line.join(wish, ctx)
  }

  #walk(query: SourceQuery, ask: Query): Walk {
    return new Walk(query, this.#driver.dialect, async (statement, columns) =>
      this.#read(await ask(statement), columns),
    )
  }
}

/** Equal where statements are. */
function textOf({ sql, bindings }: Statement): string {
  if (bindings.length === 0) return sql
  const values = JSON.stringify(bindings, (_key, value: unknown) =>
    typeof value === 'bigint' ? { integer: String(value) } : value,
  )
  return `${sql} ${values}`
}

interface Wish {
  /** Of a page; absent where the number of rows is wanted, which comes last. */
  readonly skip?: number
  take(walk: Walk): Promise<void>
  reject(error: unknown): void
}

interface Waiting extends Wish {
  readonly behalf: (<T>(work: () => T) => T) | undefined
  /** That it has been taken along on. */
  walk?: Walking
  leave?: () => void
}

interface Walking {
  readonly ended: AbortController
  /** How many still want it. */
  company: number
}

/** Those who ask about the same rows: who waits, and whether a walk is on its way. */
class Line {
  readonly #driver: Driver
  readonly #walk: (ask: Query) => Walk
  readonly #empty: () => void
  #waiting: Waiting[] = []
  #isWalking = false
  #scheduled = false

  /** @param empty hears that nobody waits */
  constructor(driver: Driver, walk: (ask: Query) => Walk, empty: () => void) {
    this.#driver = driver
    this.#walk = walk
    this.#empty = empty
  }

  join(wish: Wish, ctx: Endable): void {
    if (this.#waiting.length >= MOST_WAITING) {
      wish.reject(new VitrineError('busy', { detail: 'too many wait for the same rows' }))
      return
    }
    const waiting: Waiting = { ...wish, behalf: this.#driver.remember?.() }
    this.#waiting.push(waiting)
    waiting.leave = whenEnded(ctx, (reason) => {
      wish.reject(reason)
      const { walk } = waiting
      if (walk === undefined) this.#waiting = this.#waiting.filter((other) => other !== waiting)
      else if (--walk.company === 0) walk.ended.abort(reason)
    })
    this.#schedule()
  }

  /** At the end of the loop's turn, so that all that arrived in it go together. */
  #schedule(): void {
    if (this.#scheduled || this.#isWalking) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      const together = this.#waiting.splice(0, TOGETHER)
      if (together.length > 0) void this.#send(together)
      else this.#empty()
    })
  }

  async #send(together: readonly Waiting[]): Promise<void> {
    this.#isWalking = true
    const next = once(() => {
      this.#isWalking = false
      this.#schedule()
    })
    const late = setTimeout(next, PATIENCE)
    const walking = { ended: new AbortController(), company: together.length }
    for (const waiting of together) waiting.walk = walking
    const go = () => this.#go(together, walking.ended.signal)
    try {
      const behalf = together[0]?.behalf
      await (behalf === undefined ? go() : behalf(go))
    } catch (error) {
      for (const { reject } of together) reject(error)
    } finally {
      for (const { leave } of together) leave?.()
      clearTimeout(late)
      next()
    }
  }

  /** From the first page to the last, and then to the end. */
  async #go(together: readonly Waiting[], signal: AbortSignal): Promise<void> {
    const { query, snapshot } = this.#driver
    const inOrder = together.toSorted((a, b) => placeOf(a) - placeOf(b))
    const all = async (ask: Query) => {
      const walk = this.#walk(ask)
      for (const waiting of inOrder) await waiting.take(walk)
    }
    const isOneStatement = together.length === 1 || together.every(({ skip }) => skip === undefined)
    if (isOneStatement || snapshot === undefined) await all((statement) => query(statement, signal))
    else await snapshot(all, signal)
  }
}

function once(work: () => void): () => void {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    work()
  }
}

const placeOf = ({ skip }: Wish) => skip ?? Number.POSITIVE_INFINITY
