/** Connections that one user has for himself at a time: for searches in pages, and for checking passwords. */
import type { Identity } from './connect.js'
import type { Connection, Servers } from './servers.js'
import type { Turns } from './waiting.js'

export class Exclusive {
  readonly #servers: Servers
  readonly #identity: Identity
  readonly #turns: Turns
  #idle: Connection[] = []

  constructor(servers: Servers, identity: Identity, turns: Turns) {
    this.#servers = servers
    this.#identity = identity
    this.#turns = turns
  }

  /**
   * To be followed by `give`.
   * @throws VitrineError
   */
  async take(signal: AbortSignal | undefined): Promise<Connection> {
    await this.#turns.begin(signal)
    try {
      const connection = this.#reusable() ?? (await this.#servers.open(this.#identity, signal))
      connection.enter()
      return connection
    } catch (error) {
      this.#turns.end()
      throw error
    }
  }

  give(connection: Connection, isReusable: boolean): void {
    connection.leave()
    if (isReusable && !connection.isOver) this.#idle.push(connection)
    else connection.client.close()
    this.#turns.end()
  }

  /** Closes those that nobody has used for so many milliseconds. */
  shrink(idleTimeout: number): void {
    const before = performance.now() - idleTimeout
    this.#idle = this.#idle.filter((connection) => {
      if (connection.isOver) return false
      if (connection.lastUsed > before) return true
      connection.client.close()
      return false
    })
  }

  /** The one that was used last, so that the others get old. */
  #reusable(): Connection | undefined {
    const at = this.#idle.findLastIndex((connection) => connection.isUsable)
    return at < 0 ? undefined : this.#idle.splice(at, 1)[0]
  }
}
