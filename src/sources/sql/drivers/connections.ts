/** Connections to one database, so many at most: opened when they are needed, kept while they are of use (tarn does that). */
import { Pool as Lending } from 'tarn'

/** How connections begin and end. */
export interface Opening<C> {
  /**
   * One that is ready to be used.
   * @param lost is told when one that was has ended by itself, or is of no more use
   */
  open(lost: (connection: C) => void): Promise<C>
  /** Can it be used, as far as the driver knows? */
  isUsable(connection: C): boolean
  /** With a farewell. */
  close(connection: C): Promise<unknown>
}

export interface Limits {
  readonly max: number
  /** Milliseconds that somebody waits for a connection at most. */
  readonly acquireTimeout: number
}

export class Connections<C extends object> {
  readonly #lending: Lending<C>
  readonly #lost = new WeakSet<C>()

  constructor({ open, isUsable, close }: Opening<C>, { max, acquireTimeout }: Limits) {
    this.#lending = new Lending<C>({
      min: 0,
      max,
      acquireTimeoutMillis: acquireTimeout,
      // Who waits hears at once why there is none.
      propagateCreateError: true,
      create: () => open((connection) => this.#lost.add(connection)),
      validate: (connection) => !this.#lost.has(connection) && isUsable(connection),
      destroy: (connection) => close(connection).catch(ignore),
    })
  }

  /** One that nobody else has until it is released; `abort` ends the waiting. */
  acquire(): { readonly promise: Promise<C>; abort(): void } {
    return this.#lending.acquire()
  }

  release(connection: C): void {
    this.#lending.release(connection)
  }

  /** It is not lent again. */
  discard(connection: C): void {
    this.#lost.add(connection)
  }

  get busy(): number {
    return this.#lending.numUsed()
  }

  get idle(): number {
    return this.#lending.numFree()
  }

  /** How many wait for one. */
  get waiting(): number {
    return this.#lending.numPendingAcquires()
  }

  /** Once those that are used have been released. */
  async close(): Promise<void> {
    await this.#lending.destroy()
  }
}

function ignore(): void {}
