/** The right to run a cycle, kept as long as one runs. */
import { VitrineError } from '../model/errors.js'
import type { Lease } from './store/store.js'

/** A lease that is renewed as long as it is needed; `signal` tells that it is lost, or that one is to end. */
export class HeldLease {
  readonly #timer: NodeJS.Timeout | undefined
  readonly #lost = new AbortController()
  readonly signal: AbortSignal

  constructor(lease: Lease | undefined, ms: number, signals: readonly (AbortSignal | undefined)[]) {
    const given = signals.filter((one) => one !== undefined)
    this.signal = AbortSignal.any([this.#lost.signal, ...given])
    if (lease === undefined) return
    this.#timer = setInterval(() => {
      lease.renew(ms).then(
        (isOurs) => isOurs || this.#lose(),
        // The target makes sure of the lease before anything becomes visible.
        () => {},
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
