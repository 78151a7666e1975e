/** What an LDAP source is told of the servers behind it. Types only; times in milliseconds. */
import type { TlsOptions } from '../../ldap/client-tls.js'

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

export interface LdapSourceOptions {
  readonly servers: readonly LdapServerOptions[]
  /** Verified unless said otherwise: own CA, server name, client certificate. */
  readonly tls: TlsOptions
  /** Whom the gateway is there; anonymous if absent. */
  readonly bind?: { readonly dn: string; readonly password: string }
  /** Connections at most, each of which carries many operations at a time. */
  readonly connections: number
  readonly connectTimeout: number
  /** How long a server may say nothing while it has an operation to answer. */
  readonly operationTimeout: number
  /** How long a connection may be unused before it is asked whether it is still there. */
  readonly healthInterval: number
}
