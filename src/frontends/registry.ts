/** The frontends that a configuration asks for. */
import type { Address, Frontend, FrontendParts } from './frontend.js'
import type { UserNames } from './ldap/accounts.js'
import type { CertificatePattern } from './ldap/certificate-names.js'
import { createLdapFrontend, type TlsSupply } from './ldap/frontend.js'

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

export function createFrontends(
  parts: FrontendParts,
  settings: FrontendSettings,
  cookieSecret: string | Uint8Array,
  tls?: TlsSupply,
): ReadonlyMap<'ldap', Frontend> {
  const { suffix, containers, listen, requireTls, sasl, serviceAccounts, access, limits } = settings
  const frontends = new Map<'ldap', Frontend>()
  if (listen.ldap !== undefined || listen.ldaps !== undefined) {
    const { time, size, pageSize, ...bounds } = limits
    frontends.set(
      'ldap',
      createLdapFrontend(parts, {
        listen,
        requireTls,
        ...(tls && { tls }),
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
        ...bounds,
      }),
    )
  }
  return frontends
}
