/** As whom, and on what connections, operations run at the servers of an LDAP source. Types only. */
import type { LdapClient } from '../../ldap/client.js'
import type { Control } from '../../ldap/message.js'
import type { LdapUrl } from '../../ldap/url.js'
import type { Capabilities } from './capabilities.js'
import type { ReferralPolicy } from './options.js'

/** A connection as one who runs operations on it sees it. He closes neither it nor the client. */
export interface Link {
  readonly client: LdapClient
  /** To go with every operation: they say on whose behalf it is. */
  readonly controls: readonly Control[]
  /** What the server at its other end can do. */
  capabilities(signal?: AbortSignal): Promise<Capabilities>
}

/** A connection that nobody else uses for streams until it is released. */
export interface Lease extends Link {
  /** A search in pages was left in the middle: whatever follows on this connection could get into its way. */
  spoil(): void
  /** To be called once, with what went wrong on it. */
  release(error?: unknown): void
}

export interface UseOptions {
  /** Ends the wait for a connection; what `work` does it is to give the signal itself. */
  readonly signal?: AbortSignal
  /** May the work be done again, after its connection was lost? Always, unless given. */
  readonly repeatable?: () => boolean
}

/** The service account, the same on behalf of somebody else, or a user on his own connection. */
export interface Channel {
  readonly referrals: ReferralPolicy
  /** Entries per page, where a search does not say. */
  readonly pageSize: number
  /**
   * Runs `work` on a connection that others use at the same time, once more on another one if the first was lost. For what
   * is short: a search here must not be long nor in pages.
   * @throws VitrineError
   */
  use<T>(work: (client: LdapClient, link: Link) => Promise<T>, options?: UseOptions): Promise<T>
  /**
   * A connection for one search in pages, or of unknown length. Servers keep a place in pages per connection: in
   * OpenLDAP a second search in pages ends the first. Waits while all are in use, at most as long as connecting may take.
   * @throws VitrineError
   */
  lease(signal?: AbortSignal): Promise<Lease>
  /** The same at the server that a referral names, one for each server; undefined where it may not be asked. */
  at(url: LdapUrl): Channel | undefined
}
