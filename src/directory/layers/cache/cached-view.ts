/**
 * What is kept of one view's answers, for how long, and who may be given it. That something has changed, and what that
 * concerns, it is told by `cache.ts`.
 */
import { LRUCache } from 'lru-cache'
import { VitrineError } from '../../../model/errors.js'
import type { Epoch, Provenance } from '../../../model/provenance.js'
import { ANONYMOUS, type Context } from '../../../model/request.js'
import { type Batches, Flight } from './flight.js'

/** Times in milliseconds. */
export interface CacheOptions {
  readonly ttl: number
  /** How long after that an answer may stand in for a source that cannot be asked; 0: not at all. */
  readonly staleIfError: number
  /** Answers at most, bytes at most, and entries of one answer at most. */
  readonly maxAnswers: number
  readonly maxBytes: number
  readonly maxEntries: number
}

/** What a cache did since it was made, and what it holds. */
export interface CacheState {
  readonly hits: number
  readonly misses: number
  /** Answers that stood in for a source that could not be asked. */
  readonly stale: number
  /** How often it was emptied, because something changed or could have. */
  readonly invalidations: number
  readonly answers: number
  readonly bytes: number
  /** Is anything kept at the moment? Not while changes could go unheard. */
  readonly hearing: boolean
}

/** One question, and how its source is asked. */
export interface Question<T> {
  /** The same for the same question only. */
  readonly key: string
  ask(ctx: Context): Batches<T>
  sizeOf(item: T): number
  kept(item: T): T
}

interface Answer {
  readonly batches: readonly (readonly unknown[])[]
  readonly bytes: number
  readonly asked: number
  readonly epoch: ViewEpoch
}

/** A question on its way, and what its answer will be without. */
interface Open<T> {
  readonly flight: Flight<T>
  readonly missing: ReadonlySet<string>
}

class ViewEpoch implements Epoch {
  over = false
  hits = 0

  again(): void {
    this.hits++
  }
}

/** One answer takes a tenth of the room at most. */
const PART = 10
/** Bytes that an answer takes besides its entries and its question. */
const ANSWER = 256

export class CachedView {
  readonly options: CacheOptions
  readonly #now: () => number
  readonly #answers: LRUCache<string, Answer>
  readonly #flights = new Map<string, Open<unknown>>()
  readonly #deafTo = new Set<object>()
  #epoch = new ViewEpoch()
  #hits = 0
  #misses = 0
  #stale = 0
  #invalidations = 0

  constructor(options: CacheOptions, now: () => number = () => performance.now()) {
    this.options = options
    this.#now = now
    this.#answers = new LRUCache<string, Answer>({
      max: options.maxAnswers,
      maxSize: options.maxBytes,
      sizeCalculation: ({ bytes }, key) => ANSWER + bytes + 2 * key.length,
    })
  }

  get state(): CacheState {
    return {
      hits: this.#hits + this.#epoch.hits,
      misses: this.#misses,
      stale: this.#stale,
      invalidations: this.#invalidations,
      answers: this.#answers.size,
      bytes: this.#answers.calculatedSize,
      hearing: this.#deafTo.size === 0,
    }
  }

  /** Something has changed: what is kept is of no use, nor is what was asked before. */
  clear(): void {
    this.#begin()
    this.#answers.clear()
  }

  /**
   * What tells of changes cannot be heard: until it is, nothing is kept, and what was kept is only good where the source
   * cannot be asked.
   */
  deafen(to: object): void {
    if (this.#deafTo.has(to)) return
    this.#deafTo.add(to)
    this.#begin()
    if (this.options.staleIfError === 0) this.#answers.clear()
  }

  /** It can be heard again; what happened in between nobody knows. */
  hear(to: object): void {
    if (this.#deafTo.delete(to)) this.#begin()
  }

  /** The answer to a question, kept or not. `ctx` has a `kept`, which is told where it comes from. */
  async *answer<T>(question: Question<T>, ctx: Context, kept: Provenance): Batches<T> {
    const { key } = question
    const known = this.#answers.get(key)
    if (known !== undefined && !known.epoch.over && this.#now() < known.asked + this.options.ttl) {
      this.#hits++
      this.#hangsOn(known, kept)
      yield* known.batches as readonly (readonly T[])[]
      return
    }
    this.#misses++
    let isBegun = false
    try {
      for await (const batch of this.#asked(question, ctx, kept)) {
        isBegun = true
        yield batch
      }
    } catch (error) {
      const instead = isBegun || ctx.signal.aborted ? undefined : this.#instead(key, error)
      if (instead === undefined) throw error
      kept.live()
      yield* instead.batches as readonly (readonly T[])[]
    }
  }

  async *#asked<T>(question: Question<T>, ctx: Context, kept: Provenance): Batches<T> {
    // Between a question that somebody else asked before and this one, something may have changed unheard.
    const open = this.#deafTo.size === 0 ? this.#flight(question, ctx) : undefined
    const found = await open?.flight.join(ctx.signal)
    if (open === undefined || found === undefined) {
      kept.live()
      yield* question.ask(ctx)
      return
    }
    const batches = 'bytes' in found ? found.batches : found
    const own = this.#answers.get(question.key)
    if (own?.batches === batches) this.#hangsOn(own, kept)
    else kept.live()
    yield* batches
    for (const one of open.missing) ctx.missing?.add(one)
  }

  #hangsOn({ epoch, asked }: Answer, kept: Provenance): void {
    kept.hangsOn(epoch, asked + this.options.ttl)
  }

  #begin(): void {
    this.#hits += this.#epoch.hits
    this.#epoch.over = true
    this.#epoch = new ViewEpoch()
    this.#flights.clear()
    this.#invalidations++
  }

  #flight<T>({ key, ask, sizeOf, kept }: Question<T>, ctx: Context): Open<T> {
    // Whoever wants all of it is not given a part.
    const asks = ctx.missing === undefined ? `whole ${key}` : key
    const open = this.#flights.get(asks)
    if (open !== undefined && !open.flight.isAbandoned) return open as Open<T>
    const { maxEntries: items, maxBytes } = this.options
    const [asked, epoch, missing] = [this.#now(), this.#epoch, new Set<string>()]
    const { tally } = ctx
    // Whoever asks has no part in the answer: others are given it, too.
    const common = {
      principal: ANONYMOUS,
      ...(tally !== undefined && { tally }),
      ...(ctx.missing !== undefined && { missing }),
    }
    const flight: Flight<T> = new Flight(
      (signal) => ask({ ...common, signal }),
      { items, bytes: Math.floor(maxBytes / PART), sizeOf, kept },
      (whole) => {
        if (this.#flights.get(asks)?.flight === flight) this.#flights.delete(asks)
        if (whole !== undefined && missing.size === 0 && !epoch.over)
          this.#answers.set(key, { ...whole, asked, epoch })
      },
    )
    const own: Open<T> = { flight, missing }
    this.#flights.set(asks, own as Open<unknown>)
    return own
  }

  /** What may stand in for a source that cannot be asked. */
  #instead(key: string, error: unknown): Answer | undefined {
    const { ttl, staleIfError } = this.options
    if (staleIfError === 0 || !PASSING.has(VitrineError.from(error).code)) return undefined
    const known = this.#answers.get(key)
    if (known === undefined || this.#now() >= known.asked + ttl + staleIfError) return undefined
    this.#stale++
    return known
  }
}

/** What a source is expected to get over. */
const PASSING: ReadonlySet<string> = new Set(['unavailable', 'busy', 'timeLimitExceeded'])
