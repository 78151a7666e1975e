/** What is answered over HTTP: SCIM and what operators ask of copies on its ports, and how the gateway is on a port of its own. */
import type { GatewayConfig } from '../config/gateway-config.js'
import type { Auth } from '../frontends/scim/auth/auth.js'
import type { ScimOptions } from '../frontends/scim/service.js'
import type { Log, LogModule } from '../model/log.js'
import type { Siblings } from '../model/siblings.js'
import type { Certificates } from '../ops/certificates.js'
import type { ConsoleParts } from '../ops/console/console.js'
import type { CopyRoutesOptions } from '../ops/copy.js'
import type { HttpParts } from '../ops/http.js'
import type { HttpFace } from '../ops/http-server.js'
import type { Metrics } from '../ops/metrics.js'
import type { Synchronizations } from './sync.js'

export interface HttpFacesParts extends Pick<HttpParts, 'sources' | 'dispensable' | 'isClosing'> {
  readonly config: GatewayConfig
  readonly scim: ScimOptions
  readonly synchronizations?: Synchronizations
  readonly certificates?: Certificates
  readonly metrics?: Metrics
  readonly siblings: Siblings
  /** Made when it is first needed. */
  console(as: string): Promise<ConsoleParts>
  readonly logOf: (module: LogModule) => Log
}

export function httpFaces(parts: HttpFacesParts): { readonly http: HttpFace; readonly ops: HttpFace } {
  const { config, certificates } = parts
  const { http, https, ops, trustedProxies } = config.listen
  const { sources, dispensable, isClosing, logOf } = parts
  const shared = { sources, dispensable, isClosing, log: logOf('http'), trustedProxies }
  return {
    http: {
      app: () => mainApp(parts, shared),
      listen: { ...(http && { http }), ...(https && { https }) },
      ...(certificates && { tls: certificates }),
    },
    ops: { app: () => opsApp(parts, shared), listen: ops === undefined ? {} : { ops } },
  }
}

type Shared = Omit<HttpParts, 'mounts' | 'frameworkErrors'>

async function mainApp({ scim, config, synchronizations, logOf }: HttpFacesParts, shared: Shared) {
  const { createHttpApp } = await import('../ops/http.js')
  const { mountScim } = await import('../frontends/scim/mount.js')
  const { mount, frameworkErrors } = mountScim(scim, config.scim.prefix)
  const { mountCopies } = await import('../ops/copy.js')
  const operators =
    synchronizations &&
    mountCopies({ operations: synchronizations.operations, log: logOf('copy'), ...operatorAuth(scim.auth) })
  const mounts = [mount, ...(operators === undefined ? [] : [operators])]
  return createHttpApp({ ...shared, mounts, frameworkErrors })
}

async function opsApp(parts: HttpFacesParts, shared: Shared) {
  const { metrics, siblings, config } = parts
  const { createHttpApp, mountMetrics } = await import('../ops/http.js')
  const { Metrics } = await import('../ops/metrics.js')
  const numbers = async () => {
    const own = await metrics?.numbers()
    return [...(own === undefined ? [] : [own]), ...(await siblings.ask())]
  }
  const mounts = [mountMetrics(async () => Metrics.page(await numbers()))]
  if (config.console !== undefined) {
    const { mountConsole } = await import('../ops/console/console.js')
    const { perAddress, window } = config.limits.bindFailures
    const counted = async () => {
      const all = await numbers()
      return { metrics: await Metrics.values(all), processes: all.length }
    }
    const { token: sha256, as } = config.console
    const token = { sha256, failures: { perAddress, window }, siblings }
    mounts.push(mountConsole({ ...(await parts.console(as)), token, counted, log: shared.log }))
  }
  return createHttpApp({ ...shared, mounts })
}

/** Tokens are those of SCIM's clients: their scopes say what else they are good for. */
function operatorAuth(auth: Auth): Pick<CopyRoutesOptions, 'authorize'> {
  return {
    authorize: async (authorization, scope, from) => {
      const caller = await auth.authenticate(authorization, from)
      auth.demand(caller, scope)
      return caller
    },
  }
}
