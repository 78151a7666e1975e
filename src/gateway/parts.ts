/** What a configuration is put together to, and what that takes besides the configuration. */
import type { ConfigProblem } from '../config/config-error.js'
import type { GatewayConfig } from '../config/gateway-config.js'
import type { Overrides } from '../config/load.js'
import type { Copies } from '../copy/views/copies.js'
import type { Directory } from '../directory/directory.js'
import type { Cache } from '../directory/layers/cache/cache.js'
import type { Mappings, SourceMappings } from '../directory/mappings.js'
import type { UnionOptions } from '../directory/union/directory.js'
import type { Core } from '../directory/union/members.js'
import type { LdapFace } from '../frontends/registry.js'
import type { ScimOptions } from '../frontends/scim/service.js'
import type { Log } from '../model/log.js'
import type { Identity } from '../model/request.js'
import type { Siblings } from '../model/siblings.js'
import type { Tracing } from '../model/trace.js'
import type { Certificates } from '../ops/certificates.js'
import type { HttpFace } from '../ops/http-server.js'
import type { Metrics } from '../ops/metrics.js'
import type { Schema } from '../schema/schema.js'
import type { Source } from '../sources/source.js'
import type { Hearing } from './hearing.js'
import type { Synchronizations } from './sync.js'

export interface GatewayOptions {
  /** Stand above what the configuration says. */
  readonly overrides?: Overrides
  /** Where relative paths begin in a configuration that is handed over as an object; the working folder. */
  readonly baseDir?: string
  readonly log?: Log
  /** Processes that serve the same: failures of one count at all. */
  readonly siblings?: Siblings
  /** What they sign cookies and tokens with, where the configuration does not say. */
  readonly cookieSecret?: string
}

/** What a gateway keeps while configurations come and go. */
export interface Kept {
  /** Signs cookies and tokens where the configuration has no secret for that. */
  readonly secret: string | Uint8Array
  /** Is it about to end? Then it is not ready, whatever else it may be. */
  isClosing(): boolean
  /** What is counted, wherever `listen.ops` says that somebody may ask. */
  metrics(): Promise<Metrics>
  /** Undefined where the process has nothing that keeps traces. */
  tracing(): Promise<Tracing | undefined>
}

/** What is served on ports. */
export interface Faces {
  readonly ldap: LdapFace
  readonly http: HttpFace
  readonly ops: HttpFace
}

/** Everything but open ports; `check` and `explain` work on it. */
export interface GatewayParts {
  readonly config: GatewayConfig
  readonly problems: readonly ConfigProblem[]
  readonly log: Log
  readonly schema: Schema
  readonly sources: ReadonlyMap<string, Source>
  /** By view: of its origin, whether it is copied or not. */
  readonly origins: ReadonlyMap<string, SourceMappings>
  /** By view: of what is asked, its origin or its copy. */
  readonly mappings: ReadonlyMap<string, Mappings>
  /** Of the views that are mapped. */
  readonly core: Core
  readonly copies?: Copies
  readonly synchronizations?: Synchronizations
  /** What is kept of answers, where anything is. */
  readonly cache?: Pick<Cache, 'states'>
  /** How what is kept of answers hears of changes. */
  readonly changes?: Pick<Hearing, 'start'>
  /** Of what is shown, without access rules. */
  readonly whole: Directory
  readonly unions: readonly UnionOptions[]
  readonly faces: Faces
  /** What is counted, where anything is. */
  readonly metrics?: Metrics
  /** What the SCIM face is registered with, wherever that is. */
  readonly scim: ScimOptions
  readonly certificates?: Certificates
  /** Who a DN could be; undefined where it can be nobody's. */
  identityOf(dn: string): Identity | undefined
  close(): Promise<void>
}
