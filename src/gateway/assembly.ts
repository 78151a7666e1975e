/** A configuration put together: sources -> mappings -> directory and layers -> frontends. Nothing is opened yet. */
import { randomBytes } from 'node:crypto'
import { ConfigError, type ConfigProblem } from '../config/config-error.js'
import type { GatewayConfig } from '../config/gateway-config.js'
import { accessLayer } from '../directory/layers/access/access.js'
import { Rates } from '../directory/layers/rates.js'
import { throttleLayer } from '../directory/layers/throttle.js'
import { PasswordHasher } from '../directory/password/hasher.js'
import { createPasswordVerifier } from '../directory/password/verifier.js'
import { unionDirectory } from '../directory/union/directory.js'
import type { Log } from '../model/log.js'
import { ALONE } from '../model/siblings.js'
import type { ViewWrites } from '../model/view.js'
import { Certificates } from '../ops/certificates.js'
import { createLog, moduleLogs } from '../ops/log.js'
import { cachesOf, caching, keepingOf } from './caching.js'
import { neededSources, serve } from './copies.js'
import { facesOf } from './faces.js'
import { Hearing } from './hearing.js'
import { loadHooks } from './hooks.js'
import { cycleEnd, observing } from './observing.js'
import { originsOf } from './origins.js'
import { outlineOf } from './outline.js'
import type { GatewayOptions, GatewayParts, Kept } from './parts.js'
import { packageVersion } from './version.js'

/**
 * Opens nothing yet. What is wrong before any source is asked is among its `problems`; `compileAll` throws it.
 * @param kept absent for what serves nobody
 */
export async function assemble(
  config: GatewayConfig,
  { log = createLog(config.log.level), siblings = ALONE }: GatewayOptions = {},
  kept?: Kept,
): Promise<GatewayParts> {
  const outline = await outlineOf(config)
  const { schema, specs, mapped, views, unions, rules, copied, files, identityOf } = outline
  const problems = [...outline.problems]
  const collected = collecting(problems)
  const hooks = await collected(() => loadHooks(config))
  const logOf = moduleLogs(log, config.log)
  const metrics = config.listen.ops === undefined ? undefined : await kept?.metrics()
  const tracing = await kept?.tracing()
  const { sources, origins } = originsOf({ config, specs, schema, hooks, tracing, logOf })
  const verifier = createPasswordVerifier({
    onUnknownScheme: (report) => log.warn(report, 'a stored password could not be checked'),
  })
  const hasher = new PasswordHasher()
  const serviceAccounts = new Map(config.serviceAccounts.map((a) => [a.dn, a.password]))
  const { core, mappings, copies, synchronizations } = await serve({
    copied,
    specs,
    unions,
    directory: { schema, views: mapped, mappings: origins, verifier, hasher, serviceAccounts },
    config,
    files,
    ...(hooks && { hooks }),
    log: logOf('copy'),
    onJob: (job) => metrics?.ended(cycleEnd(job)),
  })
  const canWrite = (view: string, what: keyof ViewWrites) =>
    origins.get(view)?.source.write !== undefined && mapped.get(view)?.writes[what] === true
  const cache = cachesOf({ config, mapped, views, siblings })
  const uncached = unionDirectory({ core, views, unions, canWrite })
  const whole = caching(uncached, cache)
  const changes = cache && new Hearing({ config, cache, sources, directory: uncached, log })
  const { bindFailures, rate } = config.limits
  const { perDn: perName, perAddress, window } = bindFailures
  const failures = { perName, perAddress, window, siblings }
  const directory = throttleLayer(failures)(accessLayer(rules)(whole))
  const rates = rate.perAddress + rate.perIdentity > 0 ? new Rates(rate, log, siblings) : undefined
  const keeping = keepingOf(cache, rules)
  const certificates = await collected(() => certificatesOf(config, log))
  // Who serves nobody has nothing to write down.
  const logs =
    kept && (await collected(async () => observing(config, metrics && ((one) => metrics.observe(one)))))
  const { faces, scim } = facesOf({
    ...outline,
    config,
    directory,
    whole,
    core,
    mappings,
    common: {
      version: packageVersion(),
      ...(rates && { rates }),
      ...(keeping && { keeping }),
      ...(logs?.observe && { observe: logs.observe }),
      ...(tracing && { tracing }),
    },
    needed: neededSources(specs, sources, copies),
    verifier,
    secret: config.cookieSecret ?? kept?.secret ?? randomBytes(32),
    siblings,
    ...(synchronizations && { synchronizations }),
    ...(certificates && { certificates }),
    ...(metrics && { metrics }),
    logOf,
    isClosing: () => kept?.isClosing() === true,
  })
  const close = async () => {
    changes?.close()
    certificates?.close()
    logs?.close()
    await synchronizations?.close()
    await hooks?.hooks.close()
    await copies?.close()
    await Promise.all([...sources.values()].map((source) => source.close()))
    await Promise.all([verifier.close(), hasher.close()])
  }
  return {
    config,
    problems,
    log,
    schema,
    sources,
    origins,
    mappings,
    core,
    ...(copies && { copies }),
    ...(synchronizations && { synchronizations }),
    ...(cache && { cache }),
    ...(changes && { changes }),
    whole,
    unions,
    faces,
    ...(metrics && { metrics }),
    scim,
    ...(certificates && { certificates }),
    identityOf,
    close,
  }
}

/** Runs what may find problems of the configuration, which are added to the others: what is undefined then is not used. */
function collecting(problems: ConfigProblem[]) {
  return async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(...error.problems)
      return undefined
    }
  }
}

/** @throws ConfigError where they have become of no use since the configuration was read */
async function certificatesOf({ tls, file }: GatewayConfig, log: Log): Promise<Certificates | undefined> {
  if (tls === undefined) return undefined
  const loaded = await Certificates.load(tls, log)
  if (loaded instanceof Certificates) return loaded
  throw new ConfigError(
    loaded.map(({ key, ...problem }) => ({
      ...(file !== undefined && { file }),
      path: `tls.${key}`,
      ...problem,
    })),
  )
}
