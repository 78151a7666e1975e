/** A connection while a transaction has it: one statement at a time, each of which can be given up. */
import { whenAborted } from '../../../abort.js'
import { VitrineError } from '../../../model/errors.js'
import { translateError } from '../errors.js'

export class Lease<C> {
  readonly connection: C
  readonly #patience: number
  /** Every statement that was sent has ended. */
  #settled: Promise<unknown> = Promise.resolve()
  #state: 'open' | 'abandoned' | 'lost' = 'open'

  constructor(connection: C, patience: number) {
    this.connection = connection
    this.#patience = patience
  }

  /** `abandoned` while a statement may still run that nobody waits for, `lost` where the connection is of no more use. */
  get state(): 'open' | 'abandoned' | 'lost' {
    return this.#state
  }

  get settled(): Promise<unknown> {
    return this.#settled
  }

  /** Sends what comes behind everything sent before. */
  ask<T>(operation: (connection: C) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const asked = this.#settled.then(() => this.#send(operation, signal))
    this.#settled = asked.then(ignore, ignore).then(() => this.#pending)
    return asked
  }

  /** Commits. From here on the outcome is the database's, and nobody can give it up. */
  async finish(commit: (connection: C) => Promise<unknown>, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    try {
      await watch(commit(this.connection), this.#patience, undefined, ignore)
    } catch (error) {
      const translated = translateError(error)
      if (translated.code !== 'unavailable') throw translated
      this.#state = 'lost'
      const detail = `the connection was lost while committing, the outcome is not known: ${translated.message}`
      throw new VitrineError('unavailable', { detail, cause: error })
    }
  }

  #pending: Promise<unknown> = Promise.resolve()

  async #send<T>(operation: (connection: C) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted()
    const pending = operation(this.connection)
    this.#pending = pending.then(ignore, ignore)
    try {
      return await watch(pending, this.#patience, signal, () => {
        this.#state = 'abandoned'
      })
    } catch (error) {
      if (this.#state === 'abandoned') throw error
      const translated = translateError(error)
      if (translated.code === 'unavailable') this.#state = 'lost'
      throw translated
    }
  }
}

/** What `pending` comes to, unless the signal is aborted or nothing comes for `patience` milliseconds. */
export function watch<T>(
  pending: Promise<T>,
  patience: number,
  signal: AbortSignal | undefined,
  onGiveUp: () => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const giveUp = (reason: unknown) => {
      onGiveUp()
      reject(reason)
    }
    const onAbort = () => giveUp(signal?.reason)
    const timer = setTimeout(
      () => giveUp(new VitrineError('unavailable', { detail: `no answer within ${patience} ms` })),
      patience,
    )
    const leave = whenAborted(signal, onAbort)
    if (signal?.aborted) onAbort()
    pending.then(resolve, reject).finally(() => {
      clearTimeout(timer)
      leave()
    })
  })
}

function ignore(): void {}
