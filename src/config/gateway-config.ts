/** The configuration as the rest of the product sees it: complete, with defaults filled in, frozen. */
import type { MappingSpec } from '../mapping/schema.js'
import type { UnionSpec } from '../mapping/union-schema.js'
import type { Endpoint } from './endpoint.js'
import type { Frozen } from './freeze.js'
import type { Path, Place, Position, Spot } from './origin.js'
import type { ParsedGateway } from './schema.js'
import type { AccessRule, ServiceAccount } from './schema-access.js'
import type { ViewCacheConfig } from './schema-cache.js'
import type { CopyConfig, ViewCopyConfig } from './schema-copy.js'
import type { ScimConfig } from './schema-scim.js'
import type { SourceConfig } from './schema-sources.js'
import type { TargetConfig } from './schema-targets.js'
import type { TlsConfig } from './schema-tls.js'
import type { ContainerConfig } from './schema-tree.js'

/** Where something stands in the file; undefined if it stands in none. `spot` is `value` unless told. */
export type Locate = (path: Path, spot?: Spot) => Position | undefined

export interface ViewConfig {
  readonly mapping: MappingSpec
  /** `vds`: every request asks the source. */
  readonly refreshMethod: 'vds' | 'copy'
  /** How it is copied, where it is. */
  readonly copy: ViewCopyConfig
  /** How answers are kept, where they are. */
  readonly cache?: ViewCacheConfig
  /** Where the gateway's configuration names it. */
  readonly path: Path
  /** The file that holds the mapping: its own, or the gateway's; absent if it was handed over as an object. */
  readonly file?: string
  /** By a path within the mapping, e.g. `['attributes', 'mail', 'column']`. */
  readonly locate: Locate
}

export interface UnionConfig
  extends Pick<ViewConfig, 'file' | 'locate' | 'refreshMethod' | 'copy' | 'cache' | 'path'> {
  readonly union: UnionSpec
}

/** Times in milliseconds, sizes in bytes; see `schema.ts` for each key. */
export type LimitsConfig = Frozen<ParsedGateway['limits']>

export interface GatewayConfig {
  /** Absent if it was handed over as an object. */
  readonly file?: string
  /** All that were read for it, as absolute paths. */
  readonly files: readonly string[]
  readonly locate: Locate
  /** DNs, as written. */
  readonly suffix: readonly string[]
  readonly containers: readonly ContainerConfig[]
  readonly listen: {
    readonly ldap?: Endpoint
    readonly ldaps?: Endpoint
    readonly http?: Endpoint
    readonly https?: Endpoint
    readonly ops?: Endpoint
    /** Networks of proxies before HTTP. */
    readonly trustedProxies: readonly string[]
    /** Networks of proxies before LDAP. */
    readonly proxyProtocol: readonly string[]
  }
  readonly tls?: TlsConfig
  /** Is TLS required where `listen.ldap` is served? */
  readonly requireTls: boolean
  readonly sasl: Frozen<ParsedGateway['sasl']>
  readonly sources: Readonly<Record<string, SourceConfig>>
  readonly views: readonly ViewConfig[]
  /** Views whose entries are those of others. */
  readonly unions: readonly UnionConfig[]
  /** Where copies are kept. */
  readonly copy: CopyConfig
  /** How replicas whose answers are kept hear of each other. */
  readonly cache: Frozen<ParsedGateway['cache']>
  /** Services that entries are pushed to. */
  readonly targets: readonly TargetConfig[]
  readonly serviceAccounts: readonly ServiceAccount[]
  readonly access: readonly AccessRule[]
  readonly scim: ScimConfig
  /** Absent: there is none. `token` is the SHA-256 of what opens it, in hexadecimal digits. */
  readonly console?: Frozen<NonNullable<ParsedGateway['console']>>
  readonly limits: LimitsConfig
  readonly cookieSecret?: string
  readonly log: Frozen<ParsedGateway['log']>
  /** Where secrets stand in the file itself. */
  readonly literalSecrets: readonly Place[]
  /** Times in milliseconds. */
  readonly shutdown: Frozen<ParsedGateway['shutdown']>
  /** Is it read anew when one of its files changes? */
  readonly watch: boolean
}
