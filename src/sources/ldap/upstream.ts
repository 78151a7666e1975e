/**
 * The connections of an LDAP source: few, bound, each for many operations at a time; opened as they are needed, at the
 * first server that can be reached, and opened anew when they are lost.
 */
import type { LdapClient } from '../../ldap/client.js'
import { VitrineError } from '../../model/errors.js'
import { Breaker } from './breaker.js'
import { connect } from './connect.js'
import { isLost, translateLdapError } from './errors.js'
import type { LdapServerOptions, LdapSourceOptions } from './options.js'

/** Operations on one connection before another one is opened. */
const SHARED = 16

interface Connection {
  readonly client: LdapClient
  readonly server: Server
  inFlight: number
  lastUsed: number
}

interface Server {
  readonly options: LdapServerOptions
  readonly breaker: Breaker
}

export class Upstream {
  readonly #options: LdapSourceOptions
  readonly #servers: readonly Server[]
  readonly #connections = new Set<Connection>()
  readonly #health: NodeJS.Timeout
  #opening: Promise<Connection> | undefined
  #closed = false

  constructor(options: LdapSourceOptions) {
    this.#options = options
    this.#servers = options.servers.map((server) => ({ options: server, breaker: new Breaker() }))
    this.#health = setInterval(() => this.#check(), options.healthInterval / 2).unref()
  }

  /**
   * Runs `work` on a connection, once more on another one if that was lost before anything had been told of it.
   * @throws VitrineError
   */
  async use<T>(work: (client: LdapClient) => Promise<T>, isRepeatable: () => boolean = yes): Promise<T> {
    for (let tries = 1; ; tries++) {
      const connection = await this.#taken()
      try {
        return await work(connection.client)
      } catch (error) {
        if (isLost(error)) this.#drop(connection)
        if (!isLost(error) || tries > 1 || !isRepeatable()) throw translateLdapError(error)
      } finally {
        connection.inFlight--
        connection.lastUsed = performance.now()
      }
    }
  }

  /** A connection that nobody shares, bound as the source is until its user binds otherwise; he closes it. */
  async open(): Promise<LdapClient> {
    const { client } = await this.#opened()
    return client
  }

  close(): void {
    this.#closed = true
    clearInterval(this.#health)
    for (const { client } of this.#connections) client.close()
    this.#connections.clear()
  }

  /** The least busy connection, which now has one operation more. */
  async #taken(): Promise<Connection> {
    let taken = this.#least()
    if (taken === undefined) taken = await this.#join()
    else if (taken.inFlight >= SHARED && this.#connections.size < this.#options.connections) {
      // One more is opened for those to come.
      this.#join().catch(ignore)
    }
    taken.inFlight++
    return taken
  }

  #least(): Connection | undefined {
    let least: Connection | undefined
    for (const connection of this.#connections) {
      if (connection.client.closed) this.#connections.delete(connection)
      else if (least === undefined || connection.inFlight < least.inFlight) least = connection
    }
    return least
  }

  /** All who need a connection wait for the same one. */
  #join(): Promise<Connection> {
    this.#opening ??= this.#opened()
      .then((connection) => {
        if (this.#closed) connection.client.close()
        else this.#connections.add(connection)
        return connection
      })
      .finally(() => {
        this.#opening = undefined
      })
    return this.#opening
  }

  async #opened(): Promise<Connection> {
    if (this.#closed) throw new VitrineError('unavailable', { detail: 'the source is closed' })
    const failures: string[] = []
    for (const server of this.#inTurn()) {
      const { host, port } = server.options
      if (!server.breaker.isOpen) {
        failures.push(`${host}:${port} is tried again in ${Math.ceil(server.breaker.wait)} ms`)
        continue
      }
      try {
        const client = await server.breaker.attempt(() => connect(server.options, this.#options, ignore))
        return { client, server, inFlight: 0, lastUsed: performance.now() }
      } catch (error) {
        failures.push(`${host}:${port}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    throw new VitrineError('unavailable', { detail: `no LDAP server can be reached: ${failures.join('; ')}` })
  }

  /** By priority, and within one by chance according to their weights (RFC 2782). */
  #inTurn(): readonly Server[] {
    const draw = ({ options: { weight } }: Server) => (weight === 0 ? -1 : Math.random() ** (1 / weight))
    return this.#servers
      .map((server) => ({ server, draw: draw(server) }))
      .sort((a, b) => a.server.options.priority - b.server.options.priority || b.draw - a.draw)
      .map(({ server }) => server)
  }

  #drop(connection: Connection): void {
    this.#connections.delete(connection)
    connection.client.close()
  }

  /** Connections that nobody has used for long may have been forgotten by what stands between. */
  #check(): void {
    const { healthInterval, connectTimeout } = this.#options
    for (const connection of this.#connections) {
      if (connection.inFlight > 0 || performance.now() - connection.lastUsed < healthInterval) continue
      connection.client
        .searchAll('', { scope: 'baseObject', attributes: ['1.1'], timeoutMs: connectTimeout })
        .then(
          () => {
            connection.lastUsed = performance.now()
          },
          (error: unknown) => {
            if (translateLdapError(error).code === 'unavailable') this.#drop(connection)
          },
        )
    }
  }
}

const yes = () => true

function ignore(): void {}
