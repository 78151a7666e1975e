/**
 * Lets a bounded number of password checks run and a bounded number wait; the rest is told to come back. Knows
 * nothing of what runs.
 */
import { whenAborted } from '../../abort.js'
import { VitrineError } from '../../model/errors.js'

interface Waiting {
  readonly admit: () => void
  readonly refuse: (reason: unknown) => void
}

export class Gate {
  readonly #places: number
  readonly #queue: number
  readonly #waiting = new Set<Waiting>()
  readonly #idle: (() => void)[] = []
  #running = 0
  #closed = false

  /** `places` run at the same time; `queue` more may wait, first come first served. */
  constructor(places: number, queue: number) {
    if (!Number.isInteger(places) || places < 1) throw new RangeError('there must be one place at least')
    if (!Number.isInteger(queue) || queue < 0)
      throw new RangeError('a queue has no negative or broken length')
    this.#places = places
    this.#queue = queue
  }

  /**
   * Runs `work` when there is a place. Rejects with `busy` when the queue is full, `unavailable` once closed,
   * and the signal's reason when it is aborted while waiting; work that has begun runs to its end.
   */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    if (this.#closed) throw new VitrineError('unavailable', { detail: 'password verifier is closed' })
    if (this.#running < this.#places) this.#running++
    else await this.#wait(signal)
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  /** Refuses what waits and all that comes, and resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#closed = true
    for (const { refuse } of [...this.#waiting])
      refuse(new VitrineError('unavailable', { detail: 'password verifier is closed' }))
    if (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.size >= this.#queue)
      return Promise.reject(new VitrineError('busy', { detail: 'password verification queue is full' }))
    return new Promise((resolve, reject) => {
      const leaveQueue = () => {
        this.#waiting.delete(waiting)
        ignore()
      }
      const waiting: Waiting = {
        admit: () => {
          leaveQueue()
          resolve()
        },
        refuse: (reason) => {
          leaveQueue()
          reject(reason)
        },
      }
      const abort = () => waiting.refuse(signal?.reason)
      const ignore = whenAborted(signal, abort)
      this.#waiting.add(waiting)
    })
  }

  /** Hands the place to the next in the queue, or gives it back. */
  #leave(): void {
    const [next] = this.#waiting
    if (next !== undefined) {
      next.admit()
      return
    }
    this.#running--
    if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }
}
