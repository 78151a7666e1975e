/** An LDAP server: listens, keeps its connections within their times and number, and shuts down in order. */
import { createServer, type Server, type Socket } from 'node:net'
import { type ConnectionSettings, ServerConnection } from './connection.js'
import { DEFAULT_FILTER_LIMITS } from './filter.js'
import { DEFAULT_MAX_PDU_BYTES } from './framing.js'
import type { LdapHandlers, LdapServerOptions } from './handlers.js'
import { resultCode } from './result-code.js'

const DEFAULT_GRACE_MS = 5000
/** Milliseconds that are left, after the grace, for the last message to go out. */
const LAST_WORDS_MS = 200

export interface ListenAddress {
  readonly port: number
  readonly host: string
}

export interface LdapServer {
  /** `port` 0 takes a free one. Rejects with the error of the socket where the address is not to be had. */
  listen(port: number, host?: string): Promise<ListenAddress>
  /**
   * Accepts no more, lets operations in progress end for up to `graceMs` (5000), tells every client that the
   * session ends (RFC 4511 4.4.1, unavailable) and resolves when all connections are closed.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>
  /** Serves a socket that was accepted elsewhere, e.g. behind TLS. */
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
  private readonly settings: ConnectionSettings<State>
  private readonly maxConnections: number
  private readonly idleTimeoutMs: number
  private readonly sendTimeoutMs: number
  private readonly open = new Set<ServerConnection<State>>()
  private readonly listeners: Server[] = []
  private sweeper: NodeJS.Timeout | undefined = undefined
  private closing: Promise<void> | undefined = undefined
  private allClosed: () => void = ignore
  private lastId = 0

  constructor(handlers: LdapHandlers<State>, options: LdapServerOptions) {
    this.maxConnections = options.maxConnections ?? 10_000
    this.idleTimeoutMs = options.idleTimeoutMs ?? 0
    this.sendTimeoutMs = options.sendTimeoutMs ?? 300_000
    this.settings = {
      handlers,
      supportedControls: new Set(options.supportedControls),
      filterLimits: {
        maxFilterDepth: options.maxFilterDepth ?? DEFAULT_FILTER_LIMITS.maxFilterDepth,
        maxFilterNodes: options.maxFilterNodes ?? DEFAULT_FILTER_LIMITS.maxFilterNodes,
      },
      maxInFlight: options.maxInFlight ?? 64,
      maxPduBytes: options.maxPduBytes ?? DEFAULT_MAX_PDU_BYTES,
      maxPduBytesBeforeBind: options.maxPduBytesBeforeBind ?? 256 * 1024,
      highWaterMark: options.highWaterMark ?? 256 * 1024,
      onError: options.onError ?? ignore,
    }
  }

  get connections(): number {
    return this.open.size
  }

  listen(port: number, host = '127.0.0.1'): Promise<ListenAddress> {
    if (this.closing !== undefined) return Promise.reject(new Error('the server is closed'))
    return new Promise((resolve, reject) => {
      const listener = createServer({ noDelay: true }, (socket) => this.accept(socket))
      listener.once('error', reject)
      listener.listen({ port, host }, () => {
        listener.off('error', reject)
        listener.on('error', this.settings.onError)
        this.listeners.push(listener)
        const address = listener.address()
        const bound = typeof address === 'object' && address !== null ? address.port : port
        resolve({ port: bound, host })
      })
    })
  }

  accept(socket: Socket, secure = false): void {
    const connection = new ServerConnection<State>(++this.lastId, socket, secure, this.settings)
    const { handlers } = this.settings
    if (this.closing !== undefined || this.open.size >= this.maxConnections) {
      connection.disconnect(resultCode.busy, 'too many connections')
      return
    }
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
    const stopped = this.listeners.map((listener) => new Promise((resolve) => listener.close(resolve)))
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
    const shortest = Math.min(this.idleTimeoutMs || Number.POSITIVE_INFINITY, this.sendTimeoutMs)
    const period = Math.min(Math.max(shortest / 4, 10), 10_000)
    this.sweeper ??= setInterval(() => {
      const now = Date.now()
      // What has come while the process was held up is read first: its clients were not idle.
      setImmediate(() => this.sweep(now))
    }, period).unref()
  }

  private sweep(now: number): void {
    for (const connection of this.open) {
      const { outbox } = connection
      if (outbox.size > 0) {
        if (outbox.waiting && now - outbox.progressAt > this.sendTimeoutMs) connection.destroy()
      } else if (
        this.idleTimeoutMs > 0 &&
        !connection.busy &&
        now - connection.activeAt > this.idleTimeoutMs
      ) {
        connection.disconnect(resultCode.unavailable, 'idle for too long')
      }
    }
  }
}

function ignore(): void {}
