/**
 * Users on connections of their own, bound with their own passwords: what they read is what the server lets them read. No
 * password is kept, so that a connection that is lost cannot be replaced.
 */
import type { LdapClient } from '../../ldap/client.js'
import type { LdapUrl } from '../../ldap/url.js'
import { VitrineError } from '../../model/errors.js'
import type { Capabilities } from './capabilities.js'
import type { Channel, Lease, Link, UseOptions } from './channel.js'
import { isLost, isTimeout, translateLdapError } from './errors.js'
import type { ReferralPolicy } from './options.js'
import { accepts, isEmpty, type OnRefusal } from './passwords.js'
import type { Connection, Servers } from './servers.js'
import type { Turns } from './waiting.js'

export class Session implements Channel, Link {
  readonly controls = []
  readonly referrals: ReferralPolicy
  readonly pageSize: number
  readonly #connection: Connection
  readonly #servers: Servers
  readonly #isOwn: (url: LdapUrl) => boolean
  /** One search in pages at a time: they share the connection. */
  readonly #turns: Turns

  /** @param isOwn does a referral lead to the servers of the source? */
  constructor(
    connection: Connection,
    servers: Servers,
    { referrals, pageSize }: Pick<Channel, 'referrals' | 'pageSize'>,
    turns: Turns,
    isOwn: (url: LdapUrl) => boolean,
  ) {
    this.#connection = connection
    this.#servers = servers
    this.referrals = referrals
    this.pageSize = pageSize
    this.#turns = turns
    this.#isOwn = isOwn
    connection.enter()
  }

  get client(): LdapClient {
    return this.#connection.client
  }

  get isClosed(): boolean {
    return this.client.closed
  }

  /** Milliseconds of `performance.now`; undefined while something runs. */
  get idleSince(): number | undefined {
    return this.#connection.inFlight > 1 ? undefined : this.#connection.lastUsed
  }

  capabilities(signal?: AbortSignal): Promise<Capabilities> {
    return this.#connection.capabilities(signal)
  }

  async use<T>(
    work: (client: LdapClient, link: Link) => Promise<T>,
    { signal }: UseOptions = {},
  ): Promise<T> {
    this.#begin()
    try {
      return await work(this.client, this)
    } catch (error) {
      throw this.#explained(error, signal)
    } finally {
      this.#connection.leave()
    }
  }

  async lease(signal?: AbortSignal): Promise<Lease> {
    await this.#turns.begin(signal)
    try {
      this.#begin()
    } catch (error) {
      this.#turns.end()
      throw error
    }
    let isSpoilt = false
    return {
      client: this.client,
      controls: this.controls,
      capabilities: (listener) => this.capabilities(listener),
      spoil: () => {
        isSpoilt = true
      },
      release: (error) => {
        this.#connection.leave()
        if (isTimeout(error)) this.#servers.suspect(this.#connection)
        // The server has read that the search is abandoned when it answers what was asked behind that.
        const settled =
          isSpoilt && !this.isClosed ? this.#servers.answers(this.#connection) : Promise.resolve()
        settled.finally(() => this.#turns.end())
      },
    }
  }

  /** Nobody else knows the password. */
  at(url: LdapUrl): Channel | undefined {
    return this.#isOwn(url) ? this : undefined
  }

  close(): void {
    this.client.close()
  }

  #begin(): void {
    if (this.isClosed) throw lost()
    this.#connection.enter()
  }

  #explained(error: unknown, signal: AbortSignal | undefined): VitrineError {
    if (isTimeout(error)) this.#servers.suspect(this.#connection)
    if (isLost(error) && !signal?.aborted) return lost(error)
    return translateLdapError(error, signal)
  }
}

function lost(cause?: unknown): VitrineError {
  return new VitrineError('unavailable', {
    message: 'the connection that this bind made is lost; bind again',
    cause,
  })
}

/** The sessions of a source, by what their users are to whoever opens them: not kept alive by being here. */
export class Sessions {
  readonly #servers: Servers
  readonly #most: number
  readonly #make: (connection: Connection) => Session
  readonly #byKey = new WeakMap<object, Session>()
  readonly #open = new Set<Session>()
  readonly #forgotten = new FinalizationRegistry<Session>((session) => this.#close(session))

  constructor(servers: Servers, most: number, make: (connection: Connection) => Session) {
    this.#servers = servers
    this.#most = most
    this.#make = make
  }

  /**
   * Binds on a new connection, which replaces that of an earlier session. When there are as many as there may be, the one
   * that has been idle for longest ends.
   * @throws VitrineError where nobody can say whether the password is right
   */
  async open(
    key: object,
    dn: string,
    password: string | Uint8Array,
    signal: AbortSignal | undefined,
    onRefusal: OnRefusal | undefined,
  ): Promise<boolean> {
    // A bind that fails leaves its user anonymous (RFC 4511 4.2.1).
    this.close(key)
    if (isEmpty(dn, password)) return false
    this.#makeRoom()
    const connection = await this.#servers.open('nobody', signal)
    try {
      if (await accepts(connection.client, dn, password, signal, onRefusal)) {
        this.close(key)
        const session = this.#make(connection)
        this.#open.add(session)
        this.#byKey.set(key, session)
        this.#forgotten.register(key, session, session)
        return true
      }
    } catch (error) {
      connection.client.close()
      if (isTimeout(error)) this.#servers.suspect(connection)
      throw translateLdapError(error, signal)
    }
    connection.client.close()
    return false
  }

  /** undefined: it never bound here. One whose connection is lost is still there, to say so. */
  of(key: object): Session | undefined {
    return this.#byKey.get(key)
  }

  close(key: object): void {
    const session = this.#byKey.get(key)
    if (session === undefined) return
    this.#byKey.delete(key)
    this.#close(session)
  }

  #close(session: Session): void {
    this.#forgotten.unregister(session)
    this.#open.delete(session)
    session.close()
  }

  #makeRoom(): void {
    for (const session of this.#open) if (session.isClosed) this.#open.delete(session)
    if (this.#open.size < this.#most) return
    let oldest: Session | undefined
    for (const session of this.#open) {
      const { idleSince } = session
      if (idleSince !== undefined && idleSince < (oldest?.idleSince ?? Number.POSITIVE_INFINITY))
        oldest = session
    }
    if (oldest === undefined)
      throw new VitrineError('busy', { detail: `${this.#most} users have connections of their own already` })
    this.#open.delete(oldest)
    oldest.close()
  }
}
