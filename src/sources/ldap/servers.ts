/**
 * The servers of a source and all connections to them: who is asked, in which order, who is left alone for a while because
 * he does not answer, and when he is there again. What runs on connections is left to others.
 */
import type { LdapClient } from '../../ldap/client.js'
import { LdapError } from '../../ldap/errors.js'
import { resultCode } from '../../ldap/result-code.js'
import { VitrineError } from '../../model/errors.js'
import { Breaker } from '../breaker.js'
import type { SourceState } from '../source.js'
import { type Capabilities, readCapabilities } from './capabilities.js'
import type { Link } from './channel.js'
import { connect, type Identity } from './connect.js'
import type { LdapServerOptions, LdapSourceOptions } from './options.js'
import { unlessAborted } from './waiting.js'

/** A password that is refused is not tried again at once: servers lock accounts. */
const PAUSE_AFTER_REFUSAL = 30_000

interface Server {
  readonly options: LdapServerOptions
  readonly breaker: Breaker
  readonly connections: Set<Connection>
  failure: string
  retry?: NodeJS.Timeout
  /** Goes on while it is asked whether it still answers. */
  suspicion?: Promise<void>
}

/** An open connection; as a link, that of whom it is bound as. */
export class Connection implements Link {
  readonly client: LdapClient
  readonly controls = []
  readonly server: Server
  readonly identity: Identity
  inFlight = 0
  /** When its last user left it, and when it was last known to be there: milliseconds of `performance.now`. */
  lastUsed = performance.now()
  lastSeen = this.lastUsed
  #isRetired = false
  #capabilities: Promise<Capabilities> | undefined
  #isKnown = false

  constructor(client: LdapClient, server: Server, identity: Identity) {
    this.client = client
    this.server = server
    this.identity = identity
  }

  /** May something be begun on it? */
  get isUsable(): boolean {
    return !this.client.closed && !this.#isRetired && this.server.suspicion === undefined
  }

  get isOver(): boolean {
    return this.client.closed || this.#isRetired
  }

  enter(): void {
    this.inFlight++
  }

  leave(): void {
    this.inFlight--
    this.lastUsed = this.lastSeen = performance.now()
    if (this.#isRetired && this.inFlight === 0) this.client.close()
  }

  /** Closes it as soon as nobody uses it. */
  retire(): void {
    this.#isRetired = true
    if (this.inFlight === 0) this.client.close()
  }

  /** Asked for once. */
  capabilities(signal?: AbortSignal): Promise<Capabilities> {
    const capabilities = this.#capabilities ?? this.#read()
    return this.#isKnown ? capabilities : unlessAborted(capabilities, signal)
  }

  #read(): Promise<Capabilities> {
    const reading = readCapabilities(this.client)
    this.#capabilities = reading
    reading.then(
      () => {
        this.#isKnown = true
      },
      () => {
        this.#capabilities = undefined
      },
    )
    return reading
  }
}

export class Servers {
  readonly #options: LdapSourceOptions
  readonly #servers: readonly Server[]
  readonly #recovered: (connection: Connection) => void
  #isClosed = false

  /** @param recovered is given the connection, bound as the source, by which a server was found to be there again */
  constructor(options: LdapSourceOptions, recovered: (connection: Connection) => void) {
    this.#options = options
    this.#recovered = recovered
    this.#servers = options.servers.map((server) => ({
      options: server,
      breaker: new Breaker(),
      connections: new Set(),
      failure: '',
    }))
  }

  /**
   * A connection to the first server that can be reached.
   * @throws VitrineError `unavailable`, at once where all servers are known not to answer
   */
  async open(identity: Identity, signal?: AbortSignal): Promise<Connection> {
    const opening = this.#open(identity)
    try {
      return await unlessAborted(opening, signal)
    } catch (error) {
      // It comes too late for whoever asked for it.
      opening.then(({ client }) => client.close(), ignore)
      throw error
    }
  }

  async #open(identity: Identity): Promise<Connection> {
    const failures: string[] = []
    for (const server of this.#inTurn()) {
      if (!server.breaker.isTripped) {
        try {
          return await this.#connect(server, identity)
        } catch (error) {
          if (this.#isClosed) break
          this.#fail(server, error)
        }
      }
      const { host, port } = server.options
      const wait = Math.ceil(server.breaker.wait)
      failures.push(`${host}:${port}: ${server.failure}, to be tried again in ${wait} ms`)
    }
    const detail = this.#isClosed
      ? 'the source is closed'
      : `no LDAP server can be used: ${failures.join('; ')}`
    throw new VitrineError('unavailable', { detail })
  }

  /** What was asked on this connection got no answer in time: is it the question, the connection or the server? */
  suspect({ server }: Connection): void {
    if (server.suspicion !== undefined || this.#isClosed) return
    server.suspicion = this.#examine(server).finally(() => {
      delete server.suspicion
    })
  }

  /** The end of what goes on to find out about servers; undefined if nothing does. */
  get suspicion(): Promise<void> | undefined {
    return this.#servers.find(({ suspicion }) => suspicion !== undefined)?.suspicion
  }

  /** Does it answer? It is closed if it does not. */
  async answers(connection: Connection): Promise<boolean> {
    const { client } = connection
    const timeoutMs = this.#options.connectTimeout
    try {
      await client.searchAll('', { scope: 'baseObject', attributes: ['1.1'], timeoutMs })
    } catch (error) {
      const isAnswer = error instanceof LdapError && error.code !== resultCode.timeout && !client.closed
      if (!isAnswer) {
        client.close()
        return false
      }
    }
    connection.lastSeen = performance.now()
    return true
  }

  close(): void {
    this.#isClosed = true
    for (const { connections, retry } of this.#servers) {
      clearTimeout(retry)
      for (const { client } of [...connections]) client.close()
    }
  }

  /** How many connections there are, whatever for. */
  get size(): number {
    return this.#servers.reduce((sum, { connections }) => sum + connections.size, 0)
  }

  get state(): SourceState {
    const all = this.#servers.flatMap(({ connections }) => [...connections])
    const busy = all.filter(({ inFlight }) => inFlight > 0).length
    const servers = this.#servers.map(({ options: { host, port }, breaker }) => ({
      name: `${host}:${port}`,
      tripped: breaker.isTripped,
    }))
    return { busy, idle: all.length - busy, waiting: 0, servers }
  }

  async #connect(server: Server, identity: Identity): Promise<Connection> {
    if (this.#isClosed) throw new Error('the source is closed')
    let connection: Connection | undefined
    const client = await connect(server.options, this.#options, identity, () => {
      if (connection !== undefined) server.connections.delete(connection)
    })
    if (this.#isClosed) {
      client.close()
      throw new Error('the source is closed')
    }
    connection = new Connection(client, server, identity)
    if (!client.closed) server.connections.add(connection)
    return connection
  }

  #fail(server: Server, error: unknown): void {
    const isRefused = error instanceof LdapError && error.code === resultCode.invalidCredentials
    server.failure = isRefused
      ? `it refuses the name or password of the source (${error.message})`
      : error instanceof Error
        ? error.message
        : String(error)
    server.breaker.trip(isRefused ? PAUSE_AFTER_REFUSAL : 0)
    if (this.#isClosed || server.retry !== undefined) return
    server.retry = setTimeout(() => {
      delete server.retry
      void this.#retry(server)
    }, server.breaker.wait).unref()
  }

  /** Alone, after a pause, so that nobody waits for a server that is not there. */
  async #retry(server: Server): Promise<void> {
    try {
      const connection = await this.#connect(server, 'service')
      server.breaker.reset()
      // Those who had to go elsewhere come back.
      for (const other of this.#servers) {
        if (other.options.priority <= server.options.priority) continue
        for (const worse of [...other.connections]) worse.retire()
      }
      this.#recovered(connection)
    } catch (error) {
      this.#fail(server, error)
    }
  }

  async #examine(server: Server): Promise<void> {
    // Nothing else may run on a connection while it is being bound.
    const asked = [...server.connections].filter(({ identity }) => identity === 'service')
    const answers = await Promise.all(asked.map((connection) => this.answers(connection)))
    if (!answers.includes(true)) this.#fail(server, new Error('it does not answer'))
  }

  /** By priority, and within one by chance according to their weights (RFC 2782). */
  #inTurn(): readonly Server[] {
    const draw = ({ options: { weight } }: Server) => (weight === 0 ? -1 : Math.random() ** (1 / weight))
    return this.#servers
      .map((server) => ({ server, draw: draw(server) }))
      .sort((a, b) => a.server.options.priority - b.server.options.priority || b.draw - a.draw)
      .map(({ server }) => server)
  }
}

function ignore(): void {}
