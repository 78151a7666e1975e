/**
 * The servers behind an LDAP source, as the source uses them: as its service account, on behalf of somebody, as a user on
 * his own connection, and to check passwords.
 */
import type { LdapClient } from '../../ldap/client.js'
import type { LdapUrl } from '../../ldap/url.js'
import type { Capabilities } from './capabilities.js'
import type { Channel, Lease, Link, UseOptions } from './channel.js'
import { translateLdapError } from './errors.js'
import { Exclusive } from './exclusive.js'
import type { LdapServerOptions, LdapSourceOptions, ReferralPolicy } from './options.js'
import { type Connection, Servers } from './servers.js'
import { isTimeout, Shared } from './shared.js'
import { Turns } from './waiting.js'

export class Upstream implements Channel {
  readonly #options: LdapSourceOptions
  readonly #servers: Servers
  readonly #shared: Shared
  readonly #streams: Exclusive
  readonly #referred = new Map<string, Upstream>()
  readonly #health: NodeJS.Timeout

  constructor(options: LdapSourceOptions) {
    this.#options = options
    this.#servers = new Servers(options, (connection) => this.#shared.adopt(connection))
    this.#shared = new Shared(this.#servers, options)
    const turns = new Turns(options.streams, options.connectTimeout, 'connections for long searches')
    this.#streams = new Exclusive(this.#servers, 'service', turns)
    this.#health = setInterval(() => {
      this.#shared.check()
      this.#streams.shrink(options.idleTimeout)
    }, options.healthInterval / 2).unref()
  }

  get referrals(): ReferralPolicy {
    return this.#options.referrals
  }

  /** How many connections there are at this moment, whatever for. */
  get connections(): number {
    let sum = this.#servers.size
    for (const upstream of this.#referred.values()) sum += upstream.connections
    return sum
  }

  async use<T>(
    work: (client: LdapClient, link: Link) => Promise<T>,
    { signal, repeatable }: UseOptions = {},
  ): Promise<T> {
    for (let tries = 1; ; tries++) {
      const connection = await this.#shared.take(signal)
      try {
        return await work(connection.client, new ServiceLink(connection))
      } catch (error) {
        if (isTimeout(error)) this.#servers.suspect(connection)
        const isFinal = !connection.client.closed || tries > 1 || signal?.aborted || repeatable?.() === false
        if (isFinal) throw translateLdapError(error, signal)
      } finally {
        connection.leave()
      }
    }
  }

  async lease(signal?: AbortSignal): Promise<Lease> {
    const connection = await this.#streams.take(signal)
    let isReusable = true
    return Object.assign(new ServiceLink(connection), {
      spoil: () => {
        isReusable = false
      },
      release: (error?: unknown) => {
        if (isTimeout(error)) this.#servers.suspect(connection)
        this.#streams.give(connection, isReusable)
      },
    })
  }

  /**
   * What the server can do that the next operation is likely to go to.
   * @throws VitrineError
   */
  capabilities(signal?: AbortSignal): Promise<Capabilities> {
    return this.use((_, link) => link.capabilities(signal), signal === undefined ? {} : { signal })
  }

  at(url: LdapUrl): Upstream | undefined {
    const { servers, referralServers } = this.#options
    const host = url.host.toLowerCase()
    const isHost = (server: { readonly host: string }) => server.host.toLowerCase() === host
    const isDefault = url.port === 389 || url.port === 636
    if (host === '' || servers.some((server) => isHost(server) && (isDefault || server.port === url.port)))
      return this
    if (!referralServers.some((server) => isHost(server) && server.port === url.port)) return undefined
    const key = `${url.scheme}://${host}:${url.port}`
    const known = this.#referred.get(key)
    if (known !== undefined) return known
    const made = new Upstream({ ...this.#options, servers: [this.#serverAt(url)] })
    this.#referred.set(key, made)
    return made
  }

  close(): void {
    clearInterval(this.#health)
    this.#servers.close()
    for (const upstream of this.#referred.values()) upstream.close()
  }

  /** The password goes there no less protected than to the servers of the source. */
  #serverAt({ scheme, host, port }: LdapUrl): LdapServerOptions {
    const isPlain = this.#options.servers.every(({ security }) => security === 'none')
    const security = scheme === 'ldaps' ? 'ldaps' : isPlain ? 'none' : 'startTls'
    return { host, port, security, priority: 0, weight: 1 }
  }
}

/** A connection bound as the source, to which nothing has to be added. */
class ServiceLink implements Link {
  readonly client: LdapClient
  readonly controls = []
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.client = connection.client
    this.#connection = connection
  }

  capabilities(signal?: AbortSignal): Promise<Capabilities> {
    return this.#connection.capabilities(signal)
  }
}
