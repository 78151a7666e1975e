/** The right to run a cycle, kept as long as one runs. */
import { VitrineError } from '../../model/errors.js'
import type { Lease } from '../store/store.js'

/** A lease that is renewed as long as it is needed; `signal` tells that it is lost, or that one is to end. */
export class HeldLease {
  readonly #timer: NodeJS.Timeout | undefined
  readonly #lost = new AbortController()
  readonly signal: AbortSignal

  constructor(lease: Lease | undefined, ms: number, signals: readonly (AbortSignal | undefined)[]) {
    const given = signals.filter((one) => one !== undefined)
    this.signal = AbortSignal.any([this.#lost.signal, ...given])
    if (lease === undefined) return
    let until = performance.now() + ms
    this.#timer = setInterval(() => {
      const began = performance.now()
      lease.renew(ms).then(
        (isOurs) => {
          if (isOurs) until = began + ms
          else this.#lose()
        },
        // Nobody may know that it is ours any more.
        () => {
          if (performance.now() >= until) this.#lose()
        },
      )
    }, ms / 3)
    this.#timer.unref()
  }

  end(): void {
    clearInterval(this.#timer)
  }

  #lose(): void {
    this.end()
    this.#lost.abort(new VitrineError('busy', { message: 'another synchronization has taken over' }))
  }
}
