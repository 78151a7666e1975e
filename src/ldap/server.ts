/** An LDAP server: listens, keeps its connections within their times and number, and shuts down in order. */
import { createServer, type Server, type Socket } from 'node:net'
import { type ArrivalSettings, Arrivals, clientOf, networks, TooManyConnections } from './arrivals.js'
import { ServerConnection } from './connection.js'
import type { Arrival, ConnectionSettings } from './connection-settings.js'
import { DEFAULT_FILTER_LIMITS } from './filter.js'
import { DEFAULT_MAX_PDU_BYTES } from './framing.js'
import type { LdapHandlers, LdapServerOptions } from './handlers.js'
import { resultCode } from './result-code.js'
import { ServerTls, type ServerTlsOptions } from './server-tls.js'

const DEFAULT_GRACE_MS = 5000
/** Milliseconds that are left, after the grace, for the last message to go out. */
const LAST_WORDS_MS = 200

export interface ListenAddress {
  readonly port: number
  readonly host: string
}

export interface ListenOptions {
  /** Encrypted from the first octet (ldaps) instead of by StartTLS. */
  readonly secure?: boolean
  /**
   * Without TLS nothing is answered but StartTLS and searches of the root DSE; the rest is confidentialityRequired (13).
   * Not by default.
   */
  readonly requireTls?: boolean
}

export interface LdapServer {
  /**
   * May be called several times. `port` 0 takes a free one. Rejects with the error of the socket where the address is not
   * to be had.
   */
  listen(port: number, host?: string, options?: ListenOptions): Promise<ListenAddress>
  /** Accepts no more where it listens at this address; connections that were made there stay. */
  unlisten(address: ListenAddress): Promise<void>
  /**
   * Replaces the certificate and all else of `tls` for connections that are encrypted from now on.
   * @throws Error where it is of no use; nothing has changed then
   */
  replaceTls(tls: ServerTlsOptions): void
  /**
   * Other options for everything from now on, on connections that there are, too; what they leave out is as by default.
   * @throws Error where they are of no use; nothing has changed then
   */
  reconfigure(options: LdapServerOptions): void
  /**
   * Accepts no more, lets operations in progress end for up to `graceMs` (5000), tells every client that the
   * session ends (RFC 4511 4.4.1, unavailable) and resolves when all connections are closed.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>
  /** Serves a socket that was accepted elsewhere; `secure` says that it is protected already. */
  accept(socket: Socket, secure?: boolean): void
  /** How many connections there are. */
  readonly connections: number
}

export function createLdapServer<State = unknown>(
  handlers: LdapHandlers<State>,
  options: LdapServerOptions = {},
): LdapServer {
  return new NetLdapServer(handlers, options)
}

class NetLdapServer<State> implements LdapServer {
  /** Its connections read it anew whenever it counts. */
  private readonly settings: ConnectionSettings<State>
  private readonly arrivals: Arrivals
  private times: Times
  private readonly open = new Set<ServerConnection<State>>()
  private readonly listeners = new Map<Server, ListenAddress>()
  private sweeper: NodeJS.Timeout | undefined = undefined
  private closing: Promise<void> | undefined = undefined
  private allClosed: () => void = ignore
  private lastId = 0

  constructor(handlers: LdapHandlers<State>, options: LdapServerOptions) {
    this.settings = { handlers, ...settingsOf(options) }
    this.arrivals = new Arrivals(arrivalsOf(options))
    this.times = timesOf(options)
  }

  get connections(): number {
    return this.open.size
  }

  listen(port: number, host = '127.0.0.1', options: ListenOptions = {}): Promise<ListenAddress> {
    if (this.closing !== undefined) return Promise.reject(new Error('the server is closed'))
    const { secure = false } = options
    if ((secure || options.requireTls === true) && this.settings.tls === undefined)
      return Promise.reject(new Error('the server was made without TLS'))
    return new Promise((resolve, reject) => {
      const listener = createServer({ noDelay: true }, (socket) => {
        const { requireTls = false } = options
        if (secure || this.arrivals.isProxied(socket)) void this.receive(socket, secure, requireTls)
        else this.begin({ ...clientOf(socket), socket, secure: false, certificate: undefined, requireTls })
      })
      listener.once('error', reject)
      listener.listen({ port, host }, () => {
        listener.off('error', reject)
        listener.on('error', this.settings.onError)
        const address = listener.address()
        const bound = typeof address === 'object' && address !== null ? address.port : port
        this.listeners.set(listener, { port: bound, host })
        resolve({ port: bound, host })
      })
    })
  }

  async unlisten({ port, host }: ListenAddress): Promise<void> {
    for (const [listener, at] of this.listeners) {
      if (at.port !== port || at.host !== host) continue
      this.listeners.delete(listener)
      // It is closed once its connections are, which nobody waits for.
      listener.close()
    }
  }

  replaceTls(tls: ServerTlsOptions): void {
    Object.assign(this.settings, { tls: new ServerTls(tls) })
  }

  reconfigure(options: LdapServerOptions): void {
    const [settings, arrivals] = [settingsOf(options), arrivalsOf(options)]
    Object.assign(this.settings, settings)
    this.arrivals.settings = arrivals
    this.times = timesOf(options)
    clearInterval(this.sweeper)
    this.sweeper = undefined
    if (this.open.size > 0) this.startSweeping()
  }

  accept(socket: Socket, secure = false): void {
    this.begin({ ...clientOf(socket), socket, secure, certificate: undefined, requireTls: false })
  }

  /** What begins with a header, or with TLS. */
  private async receive(socket: Socket, secure: boolean, requireTls: boolean): Promise<void> {
    const { arrivals } = this
    const { tls } = this.settings
    let client = clientOf(socket)
    try {
      if (arrivals.isProxied(socket)) client = await arrivals.introduced(socket)
      const arrival = { ...client, socket, secure: false, certificate: undefined, requireTls }
      if (!secure || tls === undefined) {
        this.begin(arrival)
        return
      }
      arrivals.admit(client.remoteAddress, socket)
      const secured = await arrivals.secured(arrival, tls)
      if (this.closing !== undefined || socket.destroyed) throw new Error('the connection was closed')
      this.serve(secured, socket)
    } catch (error) {
      socket.destroy()
      this.settings.onClientError(error as Error, client)
    }
  }

  /** What can be told in clear that there is no room. */
  private begin(arrival: Arrival): void {
    try {
      if (this.closing !== undefined) throw new TooManyConnections('the server is shutting down')
      this.arrivals.admit(arrival.remoteAddress, arrival.socket)
    } catch (error) {
      const refused = new ServerConnection<State>(++this.lastId, arrival, this.settings)
      refused.disconnect(resultCode.busy, (error as Error).message)
      return
    }
    this.serve(arrival, arrival.socket)
  }

  /** @param socket the one below TLS, if there is TLS */
  private serve(arrival: Arrival, socket: Socket): void {
    const connection = new ServerConnection<State>(++this.lastId, arrival, this.settings)
    const { handlers } = this.settings
    this.open.add(connection)
    this.startSweeping()
    socket.once('close', () => {
      this.open.delete(connection)
      if (this.open.size === 0) {
        clearInterval(this.sweeper)
        this.sweeper = undefined
        this.allClosed()
      }
      this.tell(handlers.onClose?.bind(handlers), connection)
    })
    this.tell(handlers.onConnection?.bind(handlers), connection)
  }

  close(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.closing ??= this.shutDown(options.graceMs ?? DEFAULT_GRACE_MS)
    return this.closing
  }

  private async shutDown(graceMs: number): Promise<void> {
    this.arrivals.turnAway()
    const stopped = [...this.listeners.keys()].map(
      (listener) => new Promise((resolve) => listener.close(resolve)),
    )
    // What has arrived before is read before connections are told to take no more.
    await turn()
    await turn()
    if (this.open.size > 0) {
      const closed = new Promise<void>((resolve) => {
        this.allClosed = resolve
      })
      for (const connection of this.open) connection.drain()
      const grace = setTimeout(() => {
        for (const connection of this.open) {
          connection.disconnect(resultCode.unavailable, 'the server is shutting down', 'shutdown')
        }
      }, graceMs)
      const force = setTimeout(() => {
        for (const connection of this.open) connection.destroy()
      }, graceMs + LAST_WORDS_MS)
      await closed
      clearTimeout(grace)
      clearTimeout(force)
    }
    await Promise.all(stopped)
  }

  private tell(
    listener: ((connection: ServerConnection<State>) => void) | undefined,
    connection: ServerConnection<State>,
  ): void {
    try {
      listener?.(connection)
    } catch (error) {
      this.settings.onError(error)
    }
  }

  private startSweeping(): void {
    const { idle, send, handshake, message } = this.times
    const shortest = Math.min(idle || Number.POSITIVE_INFINITY, send, handshake, message)
    const period = Math.min(Math.max(shortest / 4, 10), 10_000)
    this.sweeper ??= setInterval(() => {
      const now = Date.now()
      // What has come while the process was held up is read first: its clients were not idle.
      setImmediate(() => this.sweep(now))
    }, period).unref()
  }

  private sweep(now: number): void {
    const { idle, send, handshake, message } = this.times
    for (const connection of this.open) {
      const { outbox } = connection
      if (outbox.size > 0) {
        if (outbox.waiting && now - outbox.progressAt > send) connection.destroy()
      } else if (!connection.heard && now - connection.activeAt > handshake) {
        connection.disconnect(resultCode.unavailable, 'nothing was asked in time')
      } else if (connection.incompleteSince > 0 && now - connection.incompleteSince > message) {
        connection.disconnect(resultCode.unavailable, 'a message was not completed in time')
      } else if (idle > 0 && !connection.busy && now - connection.activeAt > idle) {
        connection.disconnect(resultCode.unavailable, 'idle for too long')
      }
    }
  }
}

/** Milliseconds; `idle` may be 0 for no limit. */
interface Times {
  readonly idle: number
  readonly send: number
  readonly handshake: number
  readonly message: number
}

const HANDSHAKE_MS = 30_000

function timesOf(options: LdapServerOptions): Times {
  return {
    idle: options.idleTimeoutMs ?? 0,
    send: options.sendTimeoutMs ?? 300_000,
    handshake: options.handshakeTimeoutMs ?? HANDSHAKE_MS,
    message: options.messageTimeoutMs ?? 60_000,
  }
}

/** @throws Error where a proxy is no network */
function arrivalsOf(options: LdapServerOptions): ArrivalSettings {
  const maxConnections = options.maxConnections ?? 10_000
  return {
    maxConnections,
    maxConnectionsPerAddress: options.maxConnectionsPerAddress ?? maxConnections,
    groupOf: options.addressGroup ?? ((address) => address),
    proxies: options.proxies === undefined ? undefined : networks(options.proxies),
    timeoutMs: options.handshakeTimeoutMs ?? HANDSHAKE_MS,
  }
}

/** @throws Error where TLS is of no use */
function settingsOf(options: LdapServerOptions): Omit<ConnectionSettings<never>, 'handlers'> {
  return {
    supportedControls: new Set(options.supportedControls),
    filterLimits: {
      maxFilterDepth: options.maxFilterDepth ?? DEFAULT_FILTER_LIMITS.maxFilterDepth,
      maxFilterNodes: options.maxFilterNodes ?? DEFAULT_FILTER_LIMITS.maxFilterNodes,
    },
    maxInFlight: options.maxInFlight ?? 64,
    maxPduBytes: options.maxPduBytes ?? DEFAULT_MAX_PDU_BYTES,
    maxPduBytesBeforeBind: options.maxPduBytesBeforeBind ?? 256 * 1024,
    highWaterMark: options.highWaterMark ?? 256 * 1024,
    handshakeTimeoutMs: options.handshakeTimeoutMs ?? HANDSHAKE_MS,
    tls: options.tls === undefined ? undefined : new ServerTls(options.tls),
    onError: options.onError ?? ignore,
    onClientError: options.onClientError ?? ignore,
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function ignore(): void {}
