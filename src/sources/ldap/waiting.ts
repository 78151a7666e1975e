/** Waiting, for as long as whoever waits wants to: for a promise that others wait for too, or for one's turn. */
import { whenAborted } from '../../abort.js'
import { VitrineError } from '../../model/errors.js'

/** What the promise comes to, or a rejection as soon as the signal is aborted; the promise goes on for others. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(aborted(signal))
    const leave = whenAborted(signal, () => reject(aborted(signal)))
    promise.then(resolve, reject).finally(leave)
  })
}

function aborted({ reason }: AbortSignal): VitrineError {
  return reason instanceof VitrineError ? reason : new VitrineError('canceled', { cause: reason })
}

/** So many at a time, the others in the order in which they came. */
export class Turns {
  readonly #most: number
  readonly #timeout: number
  readonly #what: string
  readonly #waiting = new Set<() => void>()
  #taken = 0

  /** @param timeout milliseconds to wait at most, until one is told `busy`; `what` says in the log what there is too little of */
  constructor(most: number, timeout: number, what: string) {
    this.#most = most
    this.#timeout = timeout
    this.#what = what
  }

  /**
   * To be followed by `end`.
   * @throws VitrineError
   */
  async begin(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) throw aborted(signal)
    if (this.#taken < this.#most) {
      this.#taken++
      return
    }
    let timer: NodeJS.Timeout | undefined
    let called: (() => void) | undefined
    const turn = new Promise<void>((resolve, reject) => {
      called = resolve
      timer = setTimeout(() => {
        const detail = `${this.#what} are all in use for ${this.#timeout} ms: ${this.#most}`
        reject(new VitrineError('busy', { detail }))
      }, this.#timeout)
      this.#waiting.add(resolve)
    })
    try {
      await unlessAborted(turn, signal)
    } catch (error) {
      // The turn may have come in the same moment: it is the next one's then.
      if (called !== undefined && !this.#waiting.delete(called)) this.end()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  /** The turn goes to who has waited longest. */
  end(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#taken--
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
