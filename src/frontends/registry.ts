/** What is answered where, as a configuration asks for it. */
import type { Address, FrontendParts } from './frontend.js'
import type { UserNames } from './ldap/accounts.js'
import type { CertificatePattern } from './ldap/certificate-names.js'
import type { LdapFace, TlsSupply } from './ldap/frontend.js'
import { createLdapService } from './ldap/service.js'

export { createLdapFrontend, type LdapFace } from './ldap/frontend.js'

/** What frontends take from the configuration. */
export interface FrontendSettings {
  readonly suffix: readonly string[]
  readonly containers: readonly {
    readonly dn: string
    readonly attributes: Readonly<Record<string, readonly string[]>>
  }[]
  readonly listen: {
    readonly ldap?: Address
    readonly ldaps?: Address
    readonly proxyProtocol: readonly string[]
  }
  readonly requireTls: boolean
  readonly tls?: { readonly identities: readonly CertificatePattern[] }
  readonly sasl: { readonly users?: readonly UserNames[] | undefined }
  readonly serviceAccounts: readonly { readonly dn: string }[]
  readonly access: readonly { readonly who: readonly unknown[]; readonly allow: readonly string[] }[]
  readonly limits: {
    readonly time: number
    readonly size: number
    readonly pageSize: number
    readonly connections: number
    readonly connectionsPerAddress: number
    readonly inFlight: number
    readonly pduBytes: number
    readonly pduBytesBeforeBind: number
    readonly idle: number
    readonly handshake: number
    readonly message: number
  }
}

/** Rights without which nobody changes anything. */
const CHANGING: ReadonlySet<string> = new Set(['write', 'add', 'modify', 'delete'])

/** The face of LDAP, whether it has ports or not. */
export function ldapFace(
  parts: FrontendParts,
  settings: FrontendSettings,
  cookieSecret: string | Uint8Array,
  tls?: TlsSupply,
): LdapFace {
  const { suffix, containers, listen, requireTls, sasl, serviceAccounts, access } = settings
  const { time, size, pageSize, ...limits } = settings.limits
  const service = createLdapService(parts, {
    hasTls: tls !== undefined,
    requireTls,
    identities: settings.tls?.identities ?? [],
    ...(sasl.users && { users: sasl.users }),
    tree: { suffix, containers },
    serviceAccounts: serviceAccounts.map((a) => a.dn),
    anonymousWrites: access.some(
      ({ who, allow }) => who.includes('anonymous') && allow.some((right) => CHANGING.has(right)),
    ),
    cookieSecret,
    timeLimit: time,
    sizeLimit: size,
    pageLimit: pageSize,
  })
  return { service, listen, requireTls, ...(tls && { tls }), limits, log: parts.log }
}
