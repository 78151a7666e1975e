/**
 * From an accepted socket to one that LDAP is spoken on: whom a proxy speaks for, whether there is room for one more, and
 * the TLS handshake, all within one time limit. What is said then is left to `connection.ts`.
 */
import { BlockList, isIPv6, type Socket } from 'node:net'
import type { Arrival, Client } from './connection-settings.js'
import { readProxyHeader } from './proxy-header.js'
import type { ServerTls } from './server-tls.js'

export interface ArrivalSettings {
  readonly maxConnections: number
  /** Of one client address, or of all that `groupOf` takes for one. */
  readonly maxConnectionsPerAddress: number
  readonly groupOf: (address: string) => string
  /** Networks of proxies, whose connections begin with a header of the PROXY protocol. */
  readonly proxies: BlockList | undefined
  readonly timeoutMs: number
}

/** @throws Error for what is neither an address nor a network as `10.0.0.0/8` */
export function networks(list: readonly string[]): BlockList {
  const found = new BlockList()
  for (const text of list) {
    const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? []
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    try {
      if (prefix === undefined) found.addAddress(address, family)
      else found.addSubnet(address, Number(prefix), family)
    } catch (cause) {
      throw new Error(`${text} is no network`, { cause })
    }
  }
  return found
}

/** Why a connection does not come about. */
export class TooManyConnections extends Error {}

export class Arrivals {
  /** For those who arrive from now on. */
  settings: ArrivalSettings
  /** Connections by address. */
  private readonly counts = new Map<string, number>()
  private readonly sockets = new Set<Socket>()
  /** Sockets whose header or handshake is not complete. */
  private readonly early = new Set<Socket>()

  constructor(settings: ArrivalSettings) {
    this.settings = settings
  }

  /** Does this socket begin with a header of the PROXY protocol? */
  isProxied({ remoteAddress = '' }: Socket): boolean {
    const { proxies } = this.settings
    return proxies?.check(remoteAddress, isIPv6(remoteAddress) ? 'ipv6' : 'ipv4') === true
  }

  /**
   * Counts a connection of this address until its socket is closed.
   * @throws TooManyConnections where there are as many as there may be
   */
  admit(address: string, socket: Socket): void {
    const { maxConnections, maxConnectionsPerAddress, groupOf } = this.settings
    const group = groupOf(address)
    const known = this.counts.get(group) ?? 0
    this.sockets.add(socket)
    if (this.sockets.size > maxConnections || known >= maxConnectionsPerAddress) {
      this.sockets.delete(socket)
      throw new TooManyConnections('too many connections')
    }
    this.counts.set(group, known + 1)
    socket.once('close', () => {
      this.sockets.delete(socket)
      const left = (this.counts.get(group) ?? 1) - 1
      if (left > 0) this.counts.set(group, left)
      else this.counts.delete(group)
    })
  }

  /**
   * Whom a proxy speaks for; the client itself where it connects directly, or the proxy on its own behalf. Rejects where
   * the header is none, or there is no room for one more.
   */
  async introduced(socket: Socket): Promise<Client> {
    const { timeoutMs, maxConnections } = this.settings
    if (this.sockets.size + this.early.size >= maxConnections)
      throw new TooManyConnections('too many connections')
    return this.keep(socket, async () => {
      const client = await readProxyHeader(socket, timeoutMs)
      if (client === undefined) return clientOf(socket)
      return { remoteAddress: client.address, remotePort: client.port }
    })
  }

  /** The connection encrypted. Rejects where the handshake fails; the socket is destroyed then. */
  async secured(arrival: Arrival, tls: ServerTls): Promise<Arrival> {
    const { socket } = arrival
    return this.keep(socket, async () => {
      const secured = await tls.handshake(socket, this.settings.timeoutMs)
      return { ...arrival, ...secured, secure: true }
    })
  }

  /** Closes what is not a connection yet. */
  turnAway(): void {
    for (const socket of this.early) socket.destroy()
  }

  private async keep<T>(socket: Socket, work: () => Promise<T>): Promise<T> {
    this.early.add(socket)
    // Between two steps nobody else hears of it.
    socket.on('error', ignore)
    try {
      return await work()
    } finally {
      this.early.delete(socket)
    }
  }
}

export function clientOf({ remoteAddress = '', remotePort = 0 }: Socket): Client {
  return { remoteAddress, remotePort }
}

function ignore(): void {}
