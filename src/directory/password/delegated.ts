/**
 * Passwords that a source checks in its own way: nothing of them is remembered. A name that nobody has is refused after as
 * long as the source lately took to refuse a password, since it cannot be asked about nobody.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { VitrineError } from '../../model/errors.js'

/** Durations that are remembered of a view's refusals. */
const MOST = 32

export class DelegatedPasswords {
  /** Milliseconds, by view. */
  readonly #refusals = new Map<string, number[]>()

  async check(view: string, ask: () => Promise<boolean>): Promise<boolean> {
    const started = performance.now()
    const isRight = await ask()
    if (!isRight) this.#remember(view, performance.now() - started)
    return isRight
  }

  /** Takes about as long as a refusal; no time before there was one. Rejects with what the signal is aborted for. */
  async waste(view: string, signal: AbortSignal): Promise<void> {
    const known = this.#refusals.get(view) ?? []
    const time = known[Math.floor(Math.random() * known.length)]
    if (time === undefined) return
    try {
      await sleep(time, undefined, { signal })
    } catch {
      throw VitrineError.from(signal.reason)
    }
  }

  #remember(view: string, time: number): void {
    const known = this.#refusals.get(view) ?? []
    known.push(time)
    if (known.length > MOST) known.shift()
    this.#refusals.set(view, known)
  }
}
