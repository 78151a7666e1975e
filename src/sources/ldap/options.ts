/** What an LDAP source is told of the servers behind it. Types only; times in milliseconds. */

export interface LdapServerOptions {
  readonly host: string
  readonly port: number
  /** `ldaps`: from the first octet; `startTls`: asked for before anything else. */
  readonly security: 'none' | 'ldaps' | 'startTls'
  /** Servers of a lower number are asked first; those of the next only while none of these can be reached. */
  readonly priority: number
  /** Its share among those of one priority; 0: only if the others cannot be reached. */
  readonly weight: number
}

/** Files are PEM, and read again for each connection: what replaces them needs no restart. */
export interface LdapTlsOptions {
  /** Who signs the servers' certificates; unless given, whom Node.js trusts. */
  readonly ca?: string
  /** The gateway's own certificate, and its key. */
  readonly cert?: string
  readonly key?: string
  /** The name in the servers' certificates; unless given, the host of each. */
  readonly serverName?: string
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  /** False takes any certificate, so that anybody in between may read and change everything. */
  readonly verify: boolean
}

/** What is to become of answers that refer to other servers. `report`: an error, for the answer is not whole. */
export type ReferralPolicy = 'report' | 'ignore' | 'follow'

export interface LdapSourceOptions {
  readonly servers: readonly LdapServerOptions[]
  readonly tls: LdapTlsOptions
  /** Whom the gateway is there; `external`: whom its certificate names (RFC 4513 5.2.3). Anonymous if absent. */
  readonly bind?:
    | { readonly mechanism: 'simple'; readonly dn: string; readonly password: string }
    | { readonly mechanism: 'external' }
  /** Asked for each connection: as whom to bind in place of `bind`; undefined leaves it at that. */
  readonly credentials?: () => Promise<{ readonly dn: string; readonly password: string } | undefined>
  readonly referrals: ReferralPolicy
  /** Servers beside the source's own that `follow` may ask, with the source's credentials. */
  readonly referralServers: readonly { readonly host: string; readonly port: number }[]
  /** Entries per page of a long search. */
  readonly pageSize: number
  /** Connections at most that carry many short operations at a time. */
  readonly connections: number
  /** Long searches at a time, each of which has a connection for itself. */
  readonly streams: number
  /** Passwords that are checked at a time, each on a connection for itself. */
  readonly binds: number
  /** Users at a time who have connections of their own. */
  readonly sessions: number
  /** Reaching, encrypting and binding together; also the longest wait for a connection that others use. */
  readonly connectTimeout: number
  /** How long a server may say nothing while it has an operation to answer. */
  readonly operationTimeout: number
  /** How long a connection may be unused before it is asked whether it is still there. */
  readonly healthInterval: number
  /** How long a connection that others can replace is kept unused. */
  readonly idleTimeout: number
}
