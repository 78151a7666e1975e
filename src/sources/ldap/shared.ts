/** Connections that carry many operations at a time: few, opened as they are needed, closed when they no longer are. */
import { VitrineError } from '../../model/errors.js'
import type { LdapSourceOptions } from './options.js'
import type { Connection, Servers } from './servers.js'
import { unlessAborted } from './waiting.js'

/** Operations on one connection before another one is opened. */
const BUSY = 16
/** Connections that are lost as soon as they are there. */
const MOST_IN_VAIN = 5

export class Shared {
  readonly #servers: Servers
  readonly #options: LdapSourceOptions
  readonly #connections = new Set<Connection>()
  #opening: Promise<void> | undefined

  constructor(servers: Servers, options: LdapSourceOptions) {
    this.#servers = servers
    this.#options = options
  }

  /** The least busy connection, for one operation more; undefined where there is none. To be followed by its `leave`. */
  takeNow(): Connection | undefined {
    const least = this.#least()
    if (least === undefined) return undefined
    least.enter()
    if (least.inFlight > BUSY && this.#connections.size < this.#options.connections)
      this.#open().catch(ignore)
    return least
  }

  /**
   * The same as soon as there is one.
   * @throws VitrineError
   */
  async take(signal: AbortSignal | undefined): Promise<Connection> {
    for (let inVain = 0; inVain < MOST_IN_VAIN; inVain++) {
      await unlessAborted(this.#servers.suspicion ?? this.#open(), signal)
      const taken = this.takeNow()
      if (taken !== undefined) return taken
    }
    throw new VitrineError('unavailable', { detail: 'every new connection is closed by the server at once' })
  }

  adopt(connection: Connection): void {
    if (this.#connections.size < this.#options.connections) this.#connections.add(connection)
    else connection.client.close()
  }

  /** Closes what is not needed, and asks the rest whether it is still there: it may have been forgotten in between. */
  check(): void {
    const now = performance.now()
    const { healthInterval, idleTimeout } = this.#options
    for (const connection of this.#connections) {
      if (connection.isOver) this.#connections.delete(connection)
      else if (connection.inFlight > 0) continue
      else if (this.#connections.size > 1 && now - connection.lastUsed >= idleTimeout) {
        this.#connections.delete(connection)
        connection.client.close()
      } else if (now - connection.lastSeen >= healthInterval) {
        void this.#servers.answers(connection)
      }
    }
  }

  #least(): Connection | undefined {
    let least: Connection | undefined
    for (const connection of this.#connections) {
      if (connection.isOver) this.#connections.delete(connection)
      else if (connection.isUsable && (least === undefined || connection.inFlight < least.inFlight))
        least = connection
    }
    return least
  }

  /** All who need a connection wait for the same one. */
  #open(): Promise<void> {
    this.#opening ??= this.#servers
      .open('service')
      .then((connection) => this.adopt(connection))
      .finally(() => {
        this.#opening = undefined
      })
    return this.#opening
  }
}

function ignore(): void {}
