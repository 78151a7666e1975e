/** Who may go on: statements that hold the loop leave it to others, and what must be alone goes one at a time. */
import { whenAborted } from '../../../abort.js'
import { VitrineError } from '../../../model/errors.js'

/** How long statements may hold the loop before everything else has its turn, in milliseconds. */
const TURN = 10

/** Statements run at once, so that nothing between them would let the loop go on: a client with many would have it alone. */
export class Turns {
  #since = 0
  #next: Promise<void> | undefined

  /** Resolves when the next statement may run. */
  async mine(): Promise<void> {
    while (performance.now() - this.#since > TURN) {
      this.#next ??= new Promise((resolve) =>
        setImmediate(() => {
          this.#since = performance.now()
          this.#next = undefined
          resolve()
        }),
      )
      await this.#next
    }
  }
}

/** One piece of work at a time, in the order in which they came. */
export class Queue {
  readonly #waiting = new Set<() => void>()
  readonly #patience: number
  #busy = false

  /** @param patience milliseconds after which waiting ends with `busy` */
  constructor(patience: number) {
    this.#patience = patience
  }

  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    if (this.#busy) await this.#turn(signal)
    this.#busy = true
    try {
      return await work()
    } finally {
      const [next] = this.#waiting
      if (next === undefined) this.#busy = false
      else next()
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(go)
        clearTimeout(timer)
        ignore()
      }
      const go = () => {
        leave()
        resolve()
      }
      const onAbort = () => {
        leave()
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        leave()
        reject(new VitrineError('busy', { detail: `others have been writing for ${this.#patience} ms` }))
      }, this.#patience)
      const ignore = whenAborted(signal, onAbort)
      this.#waiting.add(go)
    })
  }
}
