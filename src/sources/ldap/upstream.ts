/**
 * The servers behind an LDAP source, as the source uses them: as its service account, on behalf of somebody, as a user on
 * his own connection, and to check passwords.
 */
import type { LdapClient } from '../../ldap/client.js'
import type { LdapUrl } from '../../ldap/url.js'
import type { SourceState } from '../source.js'
import type { Capabilities } from './capabilities.js'
import type { Channel, Lease, Link, UseOptions } from './channel.js'
import { isLost, isTimeout, translateLdapError } from './errors.js'
import { Exclusive } from './exclusive.js'
import type { LdapServerOptions, LdapSourceOptions, ReferralPolicy } from './options.js'
import { type OnRefusal, Passwords } from './passwords.js'
import { Proxied } from './proxied.js'
import { Servers } from './servers.js'
import { Session, Sessions } from './session.js'
import { Shared } from './shared.js'
import { Turns } from './waiting.js'

export class Upstream implements Channel {
  readonly #options: LdapSourceOptions
  readonly #servers: Servers
  readonly #shared: Shared
  readonly #streams: Exclusive
  readonly #binding: Exclusive
  readonly #passwords: Passwords
  readonly #sessions: Sessions
  readonly #referred = new Map<string, Upstream>()
  readonly #health: NodeJS.Timeout

  constructor(options: LdapSourceOptions) {
    this.#options = options
    this.#servers = new Servers(options, (connection) => this.#shared.adopt(connection))
    this.#shared = new Shared(this.#servers, options)
    const { connectTimeout, idleTimeout } = options
    const turns = (most: number, what: string) => new Turns(most, connectTimeout, what)
    this.#streams = new Exclusive(
      this.#servers,
      'service',
      turns(options.streams, 'connections for searches'),
    )
    this.#binding = new Exclusive(this.#servers, 'nobody', turns(options.binds, 'connections for binds'))
    this.#passwords = new Passwords(this.#servers, this.#binding)
    this.#sessions = new Sessions(this.#servers, options.sessions, (connection) => {
      const ofUser = turns(1, "a user's connection for searches")
      return new Session(connection, this.#servers, options, ofUser, (url) => this.at(url) === this)
    })
    this.#health = setInterval(() => {
      this.#shared.check()
      this.#streams.shrink(idleTimeout)
      this.#binding.shrink(idleTimeout)
    }, options.healthInterval / 2).unref()
  }

  get referrals(): ReferralPolicy {
    return this.#options.referrals
  }

  get pageSize(): number {
    return this.#options.pageSize
  }

  /** Of the servers of the source; those that it was referred to are others'. */
  get state(): SourceState {
    return this.#servers.state
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
      const connection = this.#shared.takeNow() ?? (await this.#shared.take(signal))
      try {
        return await work(connection.client, connection)
      } catch (error) {
        if (isTimeout(error)) this.#servers.suspect(connection)
        const isFinal = !isLost(error) || tries > 1 || signal?.aborted || repeatable?.() === false
        if (isFinal) throw translateLdapError(error, signal)
      } finally {
        connection.leave()
      }
    }
  }

  async lease(signal?: AbortSignal): Promise<Lease> {
    const connection = await this.#streams.take(signal)
    let isReusable = true
    const { client, controls } = connection
    return {
      client,
      controls,
      capabilities: (listener) => connection.capabilities(listener),
      spoil: () => {
        isReusable = false
      },
      release: (error?: unknown) => {
        if (isTimeout(error)) this.#servers.suspect(connection)
        this.#streams.give(connection, isReusable)
      },
    }
  }

  /**
   * What the server can do that the next operation is likely to go to.
   * @throws VitrineError
   */
  capabilities(signal?: AbortSignal): Promise<Capabilities> {
    return this.use((_, link) => link.capabilities(signal), signal === undefined ? {} : { signal })
  }

  /** The service account with the rights of an entry; the server must let it (RFC 4370). */
  onBehalfOf(dn: string): Channel {
    return new Proxied(this, dn)
  }

  /**
   * Is this the password of this entry? Asked at the server each time, on a connection that serves nothing else.
   * @param onRefusal hears why not, where the server tells
   * @throws VitrineError where nobody can say
   */
  verify(
    dn: string,
    password: string | Uint8Array,
    signal?: AbortSignal,
    onRefusal?: OnRefusal,
  ): Promise<boolean> {
    return this.#passwords.verify(dn, password, signal, onRefusal)
  }

  /**
   * As `verify`; where it is the password, its connection is kept for what `session` then does as this entry.
   * @param key who binds, e.g. a client's connection; when it is gone, so is the session
   * @throws VitrineError where nobody can say, or where too many users have connections
   */
  login(
    key: object,
    dn: string,
    password: string | Uint8Array,
    signal?: AbortSignal,
    onRefusal?: OnRefusal,
  ): Promise<boolean> {
    return this.#sessions.open(key, dn, password, signal, onRefusal)
  }

  /** What a login left for its key. Its operations are `unavailable` once the connection is lost: the user must bind again. */
  session(key: object): Channel | undefined {
    return this.#sessions.of(key)
  }

  logout(key: object): void {
    this.#sessions.close(key)
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
