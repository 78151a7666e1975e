/** A configuration put together: sources -> mappings -> directory and layers -> frontends. Nothing is opened yet. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ConfigError, type ConfigProblem } from '../config/config-error.js'
import type { GatewayConfig } from '../config/gateway-config.js'
import type { Overrides } from '../config/load.js'
import type { Job } from '../copy/jobs/jobs.js'
import type { Copies } from '../copy/views/copies.js'
import type { Directory } from '../directory/directory.js'
import { accessLayer } from '../directory/layers/access/access.js'
import { compileRules, type RuleProblem } from '../directory/layers/access/rules.js'
import type { Cache } from '../directory/layers/cache/cache.js'
import { Rates } from '../directory/layers/rates.js'
import { throttleLayer } from '../directory/layers/throttle.js'
import { treeLayer } from '../directory/layers/tree.js'
import { type Mappings, SourceMappings } from '../directory/mappings.js'
import { PasswordHasher } from '../directory/password/hasher.js'
import { createPasswordVerifier } from '../directory/password/verifier.js'
import { type UnionOptions, unionDirectory } from '../directory/union/directory.js'
import type { Core } from '../directory/union/members.js'
import { accessWords } from '../frontends/ldap/access-words.js'
import { Namespace } from '../frontends/ldap/namespace.js'
import { identityNamed } from '../frontends/ldap/principals.js'
import { type LdapFace, ldapFace } from '../frontends/registry.js'
import { createAuth } from '../frontends/scim/auth/auth.js'
import type { AuthSettings } from '../frontends/scim/auth/settings.js'
import { Subjects } from '../frontends/scim/auth/subjects.js'
import type { ScimOptions } from '../frontends/scim/service.js'
import { extendSchema } from '../mapping/custom-schema.js'
import { MappingError, Problems } from '../mapping/problem.js'
import { sameBy, shownViews, withUnions } from '../mapping/union.js'
import { viewOf } from '../mapping/view.js'
import { VitrineError } from '../model/errors.js'
import type { Log } from '../model/log.js'
import type { Identity } from '../model/request.js'
import { ALONE, type Siblings } from '../model/siblings.js'
import type { Tracing } from '../model/trace.js'
import type { View, ViewWrites } from '../model/view.js'
import { Certificates } from '../ops/certificates.js'
import type { HttpFace } from '../ops/http-server.js'
import { createLog, moduleLogs } from '../ops/log.js'
import type { CycleEnd, Metrics } from '../ops/metrics.js'
import type { Schema } from '../schema/schema.js'
import { standardSchema } from '../schema/schema.js'
import { createJoinSource } from '../sources/join/source.js'
import { createSource, createTracedSource, isDirectory } from '../sources/registry.js'
import type { Source } from '../sources/source.js'
import { cachesOf, caching, keepingOf } from './caching.js'
import { neededSources, planCopies, serve } from './copies.js'
import { Hearing, hearingProblems } from './hearing.js'
import { loadHooks, withCredentials } from './hooks.js'
import { httpFaces } from './http-faces.js'
import { checkNames } from './names.js'
import { observing } from './observing.js'
import { checkResources, locate, located, subjectProblems, userNameProblems } from './problems.js'
import type { Synchronizations } from './sync.js'
import { readTargets } from './targets.js'
import { problemsOfTree } from './tree.js'

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

/**
 * Opens nothing yet. What is wrong before any source is asked is among its `problems`; `compileAll` throws it.
 * @param kept absent for what serves nobody
 */
export async function assemble(
  config: GatewayConfig,
  { log = createLog(config.log.level), siblings = ALONE }: GatewayOptions = {},
  kept?: Kept,
): Promise<GatewayParts> {
  const problems = new Problems()
  const written = config.views.map((v) => v.mapping)
  const unions = config.unions.map(({ union }) => union)
  const specs = withUnions(written, unions)
  const schema = extendSchema(standardSchema(), specs, problems)
  const directories = new Set(
    Object.entries(config.sources).flatMap(([name, options]) => (isDirectory(options) ? [name] : [])),
  )
  const mapped = new Map(
    specs.map((spec): [string, View] => [spec.view, viewOf(spec, schema, problems, specs, directories)]),
  )
  const views = shownViews(mapped, written, unions, schema, problems)
  const shownUnions = unions.flatMap((spec): UnionOptions[] => {
    const { members, duplicates, onFailure, create } = spec.union
    const view = views.get(spec.view)
    const by = sameBy(spec, mapped, schema, problems)
    const partial = onFailure === 'partial'
    return view === undefined ? [] : [{ view, members, by, duplicates, partial, ...(create && { create }) }]
  })

  const inTree = [...views.values()].filter((view) => view.inTree)
  const namespace = new Namespace(config, inTree, schema)
  checkNames(inTree, namespace, problems)
  const treeProblems = problemsOfTree(config, schema)
  const words = accessWords(namespace, views)
  const { copied, wrong } = planCopies({
    config,
    specs,
    views: mapped,
    schema,
    directories,
    problems,
    filter: (text, view) => words.filter(text, view),
  })
  checkResources(views.values(), problems)
  const { problems: targetProblems, files } = await readTargets(config, mapped, views)
  const identityOf = (dn: string) => identityNamed(dn, namespace, config.serviceAccounts)
  const ruleProblems: RuleProblem[] = subjectProblems(config, identityOf)
  const rules = compileRules(config.access, schema, views, words, ruleProblems)
  const found = [
    ...located(config, problems.list),
    ...[
      ...treeProblems,
      ...wrong,
      ...targetProblems,
      ...ruleProblems,
      ...userNameProblems(config, views, schema),
      ...hearingProblems(config, views, schema),
    ].map((p) => locate(config.file, config.locate(p.path), p)),
  ]

  const collected = collecting(found)
  const hooks = await collected(() => loadHooks(config))
  const logOf = moduleLogs(log, config.log)
  const metrics = config.listen.ops === undefined ? undefined : await kept?.metrics()
  const ended = (job: Job) => metrics?.ended(cycleEnd(job))
  const tracing = await kept?.tracing()
  const sources = new Map(
    Object.entries(config.sources).map(([name, configured]): [string, Source] => {
      const options = withCredentials(name, configured, hooks)
      const sourceLog = logOf('sources')
      return [
        name,
        tracing === undefined
          ? createSource(options, sourceLog)
          : createTracedSource(name, options, tracing, sourceLog),
      ]
    }),
  )
  const origins = new Map<string, SourceMappings>()
  for (const [name, source] of sources) {
    const own = specs.filter((s) => s.source === name)
    const isJoined = own.some((spec) => spec.join !== undefined)
    const asked = isJoined ? createJoinSource({ primary: source, sources, log: logOf('sources') }) : source
    const compiled = new SourceMappings(asked, own, schema, { log: logOf('sources') })
    for (const spec of own) origins.set(spec.view, compiled)
  }
  const verifier = createPasswordVerifier({
    onUnknownScheme: (report) => log.warn(report, 'a stored password could not be checked'),
  })
  const hasher = new PasswordHasher()
  const serviceAccounts = new Map(config.serviceAccounts.map((a) => [a.dn, a.password]))
  const parts = { schema, views: mapped, mappings: origins, verifier, hasher, serviceAccounts }
  const { core, mappings, copies, synchronizations } = await serve({
    copied,
    specs,
    unions: shownUnions,
    directory: parts,
    config,
    files,
    ...(hooks && { hooks }),
    log: logOf('copy'),
    onJob: ended,
  })
  const { bindFailures, rate } = config.limits
  const failures = {
    perName: bindFailures.perDn,
    perAddress: bindFailures.perAddress,
    window: bindFailures.window,
    siblings,
  }
  const canWrite = (view: string, what: keyof ViewWrites) =>
    origins.get(view)?.source.write !== undefined && mapped.get(view)?.writes[what] === true
  const cache = cachesOf({ config, mapped, views, siblings })
  const uncached = unionDirectory({ core, views, unions: shownUnions, canWrite })
  const whole = caching(uncached, cache)
  const changes = cache && new Hearing({ config, cache, sources, directory: uncached, log })
  const directory = throttleLayer(failures)(accessLayer(rules)(whole))
  const rates = rate.perAddress + rate.perIdentity > 0 ? new Rates(rate, log, siblings) : undefined
  const keeping = keepingOf(cache, rules)
  const limited = { version: packageVersion(), ...(rates && { rates }), ...(keeping && { keeping }) }
  const secret = config.cookieSecret ?? kept?.secret ?? randomBytes(32)
  const certificates = await collected(() => certificatesOf(config, log))
  // Who serves nobody has nothing to write down.
  const hearing =
    kept && (await collected(async () => observing(config, metrics && ((one) => metrics.observe(one)))))
  const listeners = { ...(hearing?.observe && { observe: hearing.observe }), ...(tracing && { tracing }) }
  const ldap = ldapFace(
    { directory: treeLayer(directory), finding: whole, log: logOf('ldap'), ...limited, ...listeners },
    config,
    secret,
    certificates,
  )
  const subjects = new Subjects({
    schema,
    views,
    identityOf,
    principalOf: (view, filter, ctx) => whole.principalOf(view, filter, ctx),
  })
  const scim: ScimOptions = {
    directory,
    log: logOf('scim'),
    ...limited,
    ...listeners,
    auth: createAuth({ subjects, verifier, secret, log: logOf('scim'), siblings }, authSettings(config)),
    settings: { ...config.scim, timeLimit: config.limits.time, cursorSecret: secret },
  }
  const needed = neededSources(specs, sources, copies)
  const consoleParts = async (as: string) => {
    const { consoleOf } = await import('./console/console.js')
    const { version } = limited
    const shown = {
      config,
      directory,
      namespace,
      subjects,
      core,
      mappings,
      ...needed,
      version,
      log: logOf('http'),
    }
    return consoleOf({ ...shown, as, ...(synchronizations && { synchronizations }) })
  }
  const { http, ops } = httpFaces({
    ...needed,
    console: consoleParts,
    isClosing: () => kept?.isClosing() === true,
    config,
    scim,
    ...(synchronizations && { synchronizations }),
    ...(certificates && { certificates }),
    ...(metrics && { metrics }),
    siblings,
    logOf,
  })
  const close = async () => {
    changes?.close()
    certificates?.close()
    hearing?.close()
    await synchronizations?.close()
    await hooks?.hooks.close()
    await copies?.close()
    await Promise.all([...sources.values()].map((source) => source.close()))
    await Promise.all([verifier.close(), hasher.close()])
  }
  return {
    config,
    problems: found,
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
    unions: shownUnions,
    faces: { ldap, http, ops },
    ...(metrics && { metrics }),
    scim,
    ...(certificates && { certificates }),
    identityOf,
    close,
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

function authSettings({ scim, limits }: GatewayConfig): AuthSettings {
  const { perDn, perAddress, window } = limits.bindFailures
  return {
    ...scim,
    tokens: scim.tokens.map(({ token, ...more }) => ({ ...more, sha256: token })),
    failures: { perName: perDn, perAddress, window },
  }
}

/** @throws ConfigError with all problems of mappings and rules; a source that is away is logged only */
export async function compileAll(parts: GatewayParts): Promise<void> {
  const problems: ConfigProblem[] = [...parts.problems]
  for (const mappings of new Set(parts.origins.values())) {
    try {
      await mappings.compile()
    } catch (error) {
      if (error instanceof MappingError) problems.push(...located(parts.config, error.problems))
      else {
        const { code, message } = VitrineError.from(error)
        parts.log.warn({ code, err: error }, `a source cannot be asked yet: ${message}`)
      }
    }
  }
  if (problems.length > 0) throw new ConfigError(problems)
}

function cycleEnd({
  target,
  status,
  incremental,
  dryRun,
  created,
  started,
  completed,
  views,
}: Job): CycleEnd {
  const [from, to] = [started ?? created, completed ?? created].map((at) => Date.parse(at))
  const isWhole = status === 'completed' && !incremental && !dryRun
  const problems = Object.values(views).reduce((sum, view) => sum + view.problems, 0)
  return { target, status, seconds: ((to ?? 0) - (from ?? 0)) / 1000, ...(isWhole && { problems }) }
}

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}
