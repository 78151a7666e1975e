/**
 * Work over a bounded number of connections, which can be given up: on the caller's signal, or when the database says
 * nothing for too long. A connection that does not come back at once after that is discarded.
 */
import { whenAborted } from '../../../abort.js'
import { VitrineError } from '../../../model/errors.js'
import { Breaker } from '../../breaker.js'
import type { SourceState } from '../../source.js'
import type { Query, RawRows } from '../driver.js'
import { translateError } from '../errors.js'
import type { Statement } from '../statement.js'
import type { Connections } from './connections.js'
import { Lease, watch } from './lease.js'

export interface Handling<C> {
  run(connection: C, statement: Statement): Promise<RawRows>
  begin(connection: C): Promise<unknown>
  /** A transaction that sees one moment and changes nothing. */
  beginSnapshot(connection: C): Promise<unknown>
  commit(connection: C): Promise<unknown>
  rollback(connection: C): Promise<unknown>
  /** Asks the database, over another connection, to end what this one does. */
  cancel(connection: C): Promise<void>
  /** Asks the database, over another connection, to end this one with all it does. */
  terminate(connection: C): Promise<void>
  /** Ends the connection without a farewell. */
  destroy(connection: C): void
}

/** As people call a database's server: host and port, or a socket. */
export function serverOf(url: string): string {
  const { host, searchParams } = new URL(url)
  return searchParams.get('socket') ?? searchParams.get('host') ?? (host === '' ? 'localhost' : host)
}

/** How long a cancelled statement may take to end before its connection is discarded, in milliseconds. */
const CANCEL_GRACE = 1000
/** How long a cancelled statement is waited for before it is cancelled again, in milliseconds. */
const CANCEL_AGAIN = 150
/** Who takes longer than this to say that there is no connection, in milliseconds, has said nothing. */
const SILENCE = 500
/** How long a silent database is left alone before somebody tries again, in milliseconds. */
const LEFT_ALONE = 1000

/** The part of the connections that work needs. */
type Lent<C extends object> = Pick<Connections<C>, keyof Connections<C>>

export class Pool<C extends object> {
  readonly #connections: Lent<C>
  readonly #handling: Handling<C>
  /** Milliseconds of silence after which the database counts as gone. */
  readonly #patience: number
  /** As people call the database's server. */
  readonly #server: string
  readonly #breaker = new Breaker(LEFT_ALONE)
  #isTried = false

  constructor(connections: Lent<C>, handling: Handling<C>, patience: number, server: string) {
    this.#server = server
    this.#connections = connections
    this.#handling = handling
    this.#patience = patience
  }

  async query(statement: Statement, signal?: AbortSignal): Promise<RawRows> {
    signal?.throwIfAborted()
    const connection = await this.#acquire(signal)
    const pending = this.#handling.run(connection, statement)
    let abandoned = false
    try {
      return await watch(pending, this.#patience, signal, () => {
        abandoned = true
      })
    } catch (error) {
      const translated = translateError(error)
      if (!abandoned && translated.code === 'unavailable') this.#discard(connection)
      throw translated
    } finally {
      if (abandoned) void this.#recover(connection, pending, yes)
      else this.#connections.release(connection)
    }
  }

  transaction<T>(work: (query: Query) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#transact(this.#handling.begin, work, signal)
  }

  snapshot<T>(work: (query: Query) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#transact(this.#handling.beginSnapshot, work, signal)
  }

  async #transact<T>(
    begin: Handling<C>['begin'],
    work: (query: Query) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    signal?.throwIfAborted()
    const connection = await this.#acquire(signal)
    const { run, commit } = this.#handling
    const lease = new Lease(connection, this.#patience)
    let result: T
    try {
      await lease.ask(begin, signal)
      result = await work((statement) => lease.ask((c) => run(c, statement), signal))
      await lease.finish(commit, signal)
    } catch (error) {
      await this.#undo(lease)
      throw error
    }
    this.#connections.release(connection)
    return result
  }

  /** Leaves nothing of a transaction, and lends its connection to nobody while it might hold some of it. */
  async #undo(lease: Lease<C>): Promise<void> {
    const { connection, state } = lease
    const rollback = () => lease.ask(this.#handling.rollback).then(yes, no)
    if (state === 'abandoned') {
      void this.#recover(connection, lease.settled, rollback)
      return
    }
    if (state === 'lost' || !(await rollback())) this.#discard(connection)
    this.#connections.release(connection)
  }

  state(): SourceState {
    const { busy, idle, waiting } = this.#connections
    return { busy, idle, waiting, servers: [{ name: this.#server, tripped: this.#breaker.isTripped }] }
  }

  close(): Promise<void> {
    return this.#connections.close()
  }

  /** One at a time tries whether a database that was silent is back: nobody else waits for it. */
  async #acquire(signal: AbortSignal | undefined): Promise<C> {
    const tries = this.#breaker.isTripped
    if (tries && (this.#isTried || this.#breaker.wait > 0) && this.#connections.idle === 0)
      throw new VitrineError('unavailable', { detail: `${this.#server} has not answered, and is left alone` })
    const began = performance.now()
    const acquiring = this.#connections.acquire()
    const leave = whenAborted(signal, () => acquiring.abort())
    if (tries) this.#isTried = true
    try {
      const connection = await acquiring.promise
      this.#breaker.reset()
      return connection
    } catch (error) {
      signal?.throwIfAborted()
      const translated = translateError(error)
      if (performance.now() - began >= SILENCE && this.#isCutOff(translated)) this.#breaker.trip()
      throw translated
    } finally {
      if (tries) this.#isTried = false
      leave()
    }
  }

  /** Did it get no connection because there is none at all? */
  #isCutOff({ code }: VitrineError): boolean {
    const { busy, idle } = this.#connections
    return code === 'unavailable' || (code === 'busy' && busy + idle === 0)
  }

  /** Gives an abandoned connection back once its statement has ended and what is then `undone` is, or ends it. */
  async #recover(
    connection: C,
    pending: Promise<unknown>,
    undone: () => boolean | Promise<boolean>,
  ): Promise<void> {
    const settled = pending.then(yes, yes)
    const grace = new AbortController()
    const over = after(CANCEL_GRACE).finally(() => grace.abort())
    const ended = this.#cancel(connection, settled, grace.signal).then((has) => has && undone())
    if (!(await Promise.race([ended, over]))) {
      this.#discard(connection)
      // A database does not see that nobody waits for it any more until it has something to send.
      this.#handling.terminate(connection).catch(ignore)
    }
    this.#connections.release(connection)
  }

  /**
   * Resolves with true when the statement has ended. A cancellation that comes before the statement has begun, as
   * between its preparation and its execution, is lost: it is sent again.
   */
  async #cancel(connection: C, settled: Promise<boolean>, grace: AbortSignal): Promise<boolean> {
    try {
      while (!grace.aborted) {
        // Lent again before the cancellation has arrived, it would have somebody else's statement ended.
        await this.#handling.cancel(connection)
        if (await Promise.race([settled, after(CANCEL_AGAIN)])) return true
      }
    } catch {
      // Who cannot be asked is not asked again.
    }
    return false
  }

  #discard(connection: C): void {
    this.#connections.discard(connection)
    this.#handling.destroy(connection)
  }
}

const yes = () => true
const no = () => false

const after = (ms: number) => new Promise<false>((resolve) => setTimeout(resolve, ms, false).unref())

function ignore(): void {}
