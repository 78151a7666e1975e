/**
 * Lookups by a unique column that arrive together share one question, as native directories answer from one index: each
 * is sent after it arrived, so each is as live as if it had gone alone. The question finds at least what is asked; what
 * it finds goes to those whose value its own equals.
 */
import { type Endable, whenEnded } from '../abort.js'
import { VitrineError } from '../model/errors.js'
import { caseExact, caseIgnore } from '../schema/normalize.js'
import type { Cell, TextRule } from './source.js'

/** Lookups per question, and questions at a time, for one shape of lookup. */
const TOGETHER = 64
const RUNNING = 2
/** Answers per lookup beyond which its column is not as unique as it seemed, and it goes alone. */
const EACH = 4
/** Lookups of one shape that may wait at a time. */
const MOST_WAITING = 10_000

export interface Lookup {
  /** The value in the form in which equal ones are identical. */
  readonly form: string
  readonly value: Exclude<Cell, null>
}

/** A value that was found, in the form in which those that equal it by the rule are identical. */
export function lookupForm(cell: Cell, rule: TextRule | undefined): string {
  if (rule === undefined || typeof cell !== 'string') return String(cell)
  return rule === 'caseIgnore' ? caseIgnore(cell) : caseExact(cell)
}

export interface LookupWay<Found> {
  /** What is found for any of these values; of more than `most`, any so many. */
  ask(values: readonly Exclude<Cell, null>[], most: number): Promise<readonly Found[]>
  /** By which values it may have been looked up, each in its form. */
  formsOf(found: Found): readonly string[]
  /** On whose behalf something is asked, for what is asked later; absent where nobody wants to know. */
  readonly remember?: () => <T>(work: () => T) => T
}

interface Waiting<Found> {
  readonly lookup: Lookup
  resolve(found: readonly Found[] | 'tooMany'): void
  reject(error: unknown): void
  /** Stops listening for its abort, if it does. */
  leave?: () => void
  readonly behalf?: <T>(work: () => T) => T
}

/** The lookups of one shape: those that wait, and how many questions are on their way. */
export class LookupQueue<Found> {
  readonly #way: LookupWay<Found>
  #waiting: Waiting<Found>[] = []
  #running = 0
  #scheduled = false

  constructor(way: LookupWay<Found>) {
    this.#way = way
  }

  /**
   * What is found; `tooMany` where the column holds more equal values than a unique one does. An abort ends the waiting,
   * with the reason of the signal, but not the question, which others share and which is short. Fails with `busy` if too
   * many wait.
   */
  find(lookup: Lookup, ctx: Endable): Promise<readonly Found[] | 'tooMany'> {
    if (this.#waiting.length >= MOST_WAITING)
      return Promise.reject(new VitrineError('busy', { detail: 'too many lookups wait for their source' }))
    return new Promise((resolve, reject) => {
      const behalf = this.#way.remember?.()
      const waiting: Waiting<Found> =
        behalf === undefined ? { lookup, resolve, reject } : { lookup, resolve, reject, behalf }
      this.#waiting.push(waiting)
      this.#schedule()
      // What is sent in this very turn need not listen.
      if (!this.#scheduled || this.#waiting.length > TOGETHER) this.#listen(waiting, ctx)
    })
  }

  #listen(waiting: Waiting<Found>, ctx: Endable): void {
    waiting.leave = whenEnded(ctx, (reason) => {
      this.#waiting = this.#waiting.filter((other) => other !== waiting)
      waiting.leave?.()
      waiting.reject(reason)
    })
  }

  /** At the end of the loop's turn, so that all that arrived in it go together. */
  #schedule(): void {
    if (this.#scheduled || this.#running >= RUNNING || this.#waiting.length === 0) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      const together = this.#take()
      if (together.length > 0) void this.#send(together)
      this.#schedule()
    })
  }

  #take(): readonly Waiting<Found>[] {
    const taken = this.#waiting.splice(0, TOGETHER)
    for (const waiting of taken) waiting.leave?.()
    return taken
  }

  async #send(together: readonly Waiting<Found>[]): Promise<void> {
    this.#running++
    try {
      const asked = new Set<string>()
      const values: Exclude<Cell, null>[] = []
      for (const { lookup } of together) {
        if (asked.has(lookup.form)) continue
        asked.add(lookup.form)
        values.push(lookup.value)
      }
      const most = values.length * EACH + EACH
      const ask = () => this.#way.ask(values, most)
      const behalf = together[0]?.behalf
      const answers = await (behalf === undefined ? ask() : behalf(ask))
      if (answers.length >= most) {
        for (const w of together) w.resolve('tooMany')
        return
      }
      const found = new Map<string, Found[]>()
      for (const answer of answers) {
        for (const form of this.#way.formsOf(answer)) {
          const known = found.get(form)
          if (known === undefined) found.set(form, [answer])
          else known.push(answer)
        }
      }
      for (const { lookup, resolve } of together) resolve(found.get(lookup.form) ?? [])
    } catch (error) {
      for (const w of together) w.reject(error)
    } finally {
      this.#running--
      this.#schedule()
    }
  }
}
