/**
 * One question on its way to the source, for all who ask it meanwhile: there is one answer for them, which does not end with
 * any of them but with the last. What is large is for one of them to stream on; the others ask for themselves.
 */
import { whenAborted } from '../../../abort.js'

export type Batches<T> = AsyncIterable<readonly T[]>

/** How much of an answer is gathered before it is too large to be kept. */
export interface Bounds<T> {
  readonly items: number
  readonly bytes: number
  /** About how many bytes it takes to keep one. */
  sizeOf(item: T): number
  /** One as it is to be kept: without anything larger that it is a part of. */
  kept(item: T): T
}

export interface Whole<T> {
  readonly batches: readonly (readonly T[])[]
  readonly bytes: number
}

type Landed<T> =
  | Whole<T>
  | { readonly begun: readonly (readonly T[])[]; readonly rest: AsyncIterator<readonly T[]> }

export class Flight<T> {
  readonly #controller = new AbortController()
  readonly #landed: Promise<Landed<T>>
  #waiting = 0
  #isTaken = false

  /** @param ended is told, before anybody who waits, that there is an answer, small enough to be kept or not, or none */
  constructor(
    ask: (signal: AbortSignal) => Batches<T>,
    bounds: Bounds<T>,
    ended: (whole: Whole<T> | undefined) => void,
  ) {
    this.#landed = gathered(ask(this.#controller.signal), bounds).then(
      (landed) => {
        ended('bytes' in landed ? landed : undefined)
        return landed
      },
      (error: unknown) => {
        ended(undefined)
        throw error
      },
    )
    this.#landed.catch(() => undefined)
  }

  /** Has everybody left who waited for it? */
  get isAbandoned(): boolean {
    return this.#controller.signal.aborted
  }

  /**
   * The answer; undefined where it is large and somebody else has it.
   * @throws the reason of the signal, or what the source throws
   */
  async join(signal: AbortSignal): Promise<Whole<T> | Batches<T> | undefined> {
    signal.throwIfAborted()
    this.#waiting++
    let leave = (): void => undefined
    const left = new Promise<never>((_, reject) => {
      leave = whenAborted(signal, () => reject(signal.reason))
    })
    try {
      const landed = await Promise.race([this.#landed, left])
      if ('bytes' in landed) return landed
      if (this.#isTaken || signal.aborted) return undefined
      this.#isTaken = true
      return this.#streamed(landed.begun, landed.rest, signal)
    } finally {
      leave()
      if (--this.#waiting === 0 && !this.#isTaken) this.#controller.abort(signal.reason)
    }
  }

  async *#streamed(
    begun: readonly (readonly T[])[],
    rest: AsyncIterator<readonly T[]>,
    signal: AbortSignal,
  ): Batches<T> {
    const leave = whenAborted(signal, () => this.#controller.abort(signal.reason))
    try {
      yield* begun
      for (;;) {
        const { done, value } = await rest.next()
        if (done === true) return
        yield value
      }
    } finally {
      leave()
      await rest.return?.()
    }
  }
}

async function gathered<T>(
  batches: Batches<T>,
  { items, bytes, sizeOf, kept }: Bounds<T>,
): Promise<Landed<T>> {
  const rest = batches[Symbol.asyncIterator]()
  const begun: (readonly T[])[] = []
  let [count, size] = [0, 0]
  for (;;) {
    const { done, value } = await rest.next()
    if (done === true) return { batches: begun.map((batch) => batch.map(kept)), bytes: size }
    begun.push(value)
    count += value.length
    for (const item of value) size += sizeOf(item)
    if (count > items || size > bytes) return { begun, rest }
  }
}
