/** What is answered over LDAP, over SCIM and on the operators' port: the frontends' faces of one configuration. */
import type { GatewayConfig } from '../config/gateway-config.js'
import type { Directory } from '../directory/directory.js'
import { treeLayer } from '../directory/layers/tree.js'
import type { Mappings } from '../directory/mappings.js'
import type { PasswordVerifier } from '../directory/password/verifier.js'
import type { Core } from '../directory/union/members.js'
import type { Finding, FrontendParts } from '../frontends/frontend.js'
import { ldapFace } from '../frontends/registry.js'
import { createAuth } from '../frontends/scim/auth/auth.js'
import type { AuthSettings } from '../frontends/scim/auth/settings.js'
import { Subjects } from '../frontends/scim/auth/subjects.js'
import type { ScimOptions } from '../frontends/scim/service.js'
import type { Log, LogModule } from '../model/log.js'
import type { Siblings } from '../model/siblings.js'
import type { Certificates } from '../ops/certificates.js'
import type { Metrics } from '../ops/metrics.js'
import type { neededSources } from './copies.js'
import { httpFaces } from './http-faces.js'
import type { Outline } from './outline.js'
import type { Faces } from './parts.js'
import type { Synchronizations } from './sync.js'

/** Of the outline: what there is to serve, and who may ask. */
type Outlined = Pick<Outline, 'schema' | 'views' | 'namespace' | 'identityOf'>

export interface FacesParts extends Outlined {
  readonly config: GatewayConfig
  /** With access rules. */
  readonly directory: Directory
  /** Without. */
  readonly whole: Directory & Finding
  readonly core: Core
  readonly mappings: ReadonlyMap<string, Mappings>
  /** What both protocols are given besides their directory and log. */
  readonly common: Omit<FrontendParts, 'directory' | 'finding' | 'log'>
  readonly needed: ReturnType<typeof neededSources>
  readonly verifier: PasswordVerifier
  /** Signs cookies and tokens. */
  readonly secret: string | Uint8Array
  readonly siblings: Siblings
  readonly synchronizations?: Synchronizations
  readonly certificates?: Certificates
  readonly metrics?: Metrics
  readonly logOf: (module: LogModule) => Log
  isClosing(): boolean
}

/** Nothing listens yet. */
export function facesOf(parts: FacesParts): { readonly faces: Faces; readonly scim: ScimOptions } {
  const { config, directory, whole, common, certificates, secret, logOf } = parts
  const ldap = ldapFace(
    { directory: treeLayer(directory), finding: whole, log: logOf('ldap'), ...common },
    config,
    secret,
    certificates,
  )
  const subjects = new Subjects({
    schema: parts.schema,
    views: parts.views,
    identityOf: parts.identityOf,
    principalOf: (view, filter, ctx) => whole.principalOf(view, filter, ctx),
  })
  const scim = scimOf(parts, subjects)
  const { needed, siblings, isClosing, synchronizations, metrics } = parts
  const { http, ops } = httpFaces({
    ...needed,
    console: (as) => consoleOn(parts, subjects, as),
    isClosing,
    config,
    scim,
    ...(synchronizations && { synchronizations }),
    ...(certificates && { certificates }),
    ...(metrics && { metrics }),
    siblings,
    logOf,
  })
  return { faces: { ldap, http, ops }, scim }
}

function scimOf(parts: FacesParts, subjects: Subjects): ScimOptions {
  const { config, directory, common, verifier, secret, siblings, logOf } = parts
  return {
    directory,
    log: logOf('scim'),
    ...common,
    auth: createAuth({ subjects, verifier, secret, log: logOf('scim'), siblings }, authSettings(config)),
    settings: { ...config.scim, timeLimit: config.limits.time, cursorSecret: secret },
  }
}

function authSettings({ scim, limits }: GatewayConfig): AuthSettings {
  const { perDn, perAddress, window } = limits.bindFailures
  return {
    ...scim,
    tokens: scim.tokens.map(({ token, ...more }) => ({ ...more, sha256: token })),
    failures: { perName: perDn, perAddress, window },
  }
}

/** Loaded by those alone who are asked for it. */
async function consoleOn(parts: FacesParts, subjects: Subjects, as: string) {
  const { consoleOf } = await import('./console/console.js')
  const { config, directory, namespace, core, mappings, needed, common, synchronizations, logOf } = parts
  return consoleOf({
    config,
    directory,
    namespace,
    subjects,
    core,
    mappings,
    ...needed,
    version: common.version,
    log: logOf('http'),
    as,
    ...(synchronizations && { synchronizations }),
  })
}
