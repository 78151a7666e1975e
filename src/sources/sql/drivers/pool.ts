/**
 * A bounded pool of connections (knex keeps it), in which work can be given up: on the caller's signal, or when the
 * database says nothing for too long. A connection that does not come back at once after that is discarded.
 */
import type { Knex } from 'knex'
import { VitrineError } from '../../../model/errors.js'
import { translateError } from '../errors.js'

/** What knex's client offers beneath its typed surface. */
interface RawClient<C> {
  readonly pool: { acquire(): { readonly promise: Promise<C>; abort(): void } }
  releaseConnection(connection: C): Promise<void>
}

export interface Handling<C> {
  /** Asks the database, over another connection, to end what this one does. */
  cancel(connection: C): Promise<void>
  /** Ends the connection without a farewell. */
  destroy(connection: C): void
}

/** Knex would write to the console; what goes wrong is told by the errors that requests end with. */
export const silent = { warn: ignore, error: ignore, deprecate: ignore, debug: ignore }

/** How long a cancelled statement may take to end before its connection is discarded, in milliseconds. */
const CANCEL_GRACE = 1000

export class Pool<C extends object> {
  readonly #knex: Knex
  readonly #client: RawClient<C>
  readonly #handling: Handling<C>
  /** Milliseconds of silence after which the database counts as gone. */
  readonly #patience: number

  constructor(knex: Knex, handling: Handling<C>, patience: number) {
    this.#knex = knex
    this.#client = knex.client as RawClient<C>
    this.#handling = handling
    this.#patience = patience
  }

  async run<T>(signal: AbortSignal | undefined, work: (connection: C) => Promise<T>): Promise<T> {
    signal?.throwIfAborted()
    const connection = await this.#acquire(signal)
    const pending = work(connection)
    let abandoned = false
    try {
      return await this.#watch(pending, signal, () => {
        abandoned = true
      })
    } catch (error) {
      const translated = translateError(error)
      if (!abandoned && translated.code === 'unavailable') this.#discard(connection)
      throw translated
    } finally {
      if (abandoned) void this.#recover(connection, pending)
      else await this.#client.releaseConnection(connection)
    }
  }

  async close(): Promise<void> {
    await this.#knex.destroy()
  }

  async #acquire(signal: AbortSignal | undefined): Promise<C> {
    const acquiring = this.#client.pool.acquire()
    const onAbort = () => acquiring.abort()
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      return await acquiring.promise
    } catch (error) {
      signal?.throwIfAborted()
      throw translateError(error)
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  #watch<T>(pending: Promise<T>, signal: AbortSignal | undefined, onGiveUp: () => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const giveUp = (reason: unknown) => {
        onGiveUp()
        reject(reason)
      }
      const onAbort = () => giveUp(signal?.reason)
      const timer = setTimeout(
        () => giveUp(new VitrineError('unavailable', { detail: `no answer within ${this.#patience} ms` })),
        this.#patience,
      )
      signal?.addEventListener('abort', onAbort, { once: true })
      pending.then(resolve, reject).finally(() => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
      })
    })
  }

  /** Gives an abandoned connection back once its statement has ended, or ends it. */
  async #recover(connection: C, pending: Promise<unknown>): Promise<void> {
    const settled = pending.catch(() => undefined)
    const grace = new Promise<false>((resolve) => setTimeout(resolve, CANCEL_GRACE, false).unref())
    // Lent again before the cancellation has arrived, it would have somebody else's statement ended.
    const cancelled = this.#handling.cancel(connection).then(
      () => settled.then(() => true),
      () => false,
    )
    if (!(await Promise.race([cancelled, grace]))) this.#discard(connection)
    await this.#client.releaseConnection(connection)
  }

  /** Knex drops a connection so marked instead of lending it again. */
  #discard(connection: C): void {
    Object.assign(connection, { __knex__disposed: 'gone' })
    this.#handling.destroy(connection)
  }
}

function ignore(): void {}
