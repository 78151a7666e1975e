/** The composition root: configuration -> sources -> mappings -> directory and layers -> frontends. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ConfigError, type ConfigProblem } from './config/config-error.js'
import type { GatewayConfig } from './config/gateway-config.js'
import { loadGateway, type Overrides, readGateway } from './config/load.js'
import type { GatewayInput } from './config/schema.js'
import { CoreDirectory } from './directory/core.js'
import type { Directory } from './directory/directory.js'
import { accessLayer } from './directory/layers/access.js'
import { compileRules, type RuleProblem } from './directory/layers/rules.js'
import { throttleLayer } from './directory/layers/throttle.js'
import { SourceMappings } from './directory/mappings.js'
import { createPasswordVerifier, type PasswordVerifier } from './directory/password/verifier.js'
import type { Address, Frontend } from './frontends/frontend.js'
import { Namespace } from './frontends/ldap/namespace.js'
import { principalNamed } from './frontends/ldap/principals.js'
import { createFrontends } from './frontends/registry.js'
import { extendSchema } from './mapping/custom-schema.js'
import { MappingError, type MappingProblem, Problems } from './mapping/problem.js'
import { viewOf } from './mapping/view.js'
import { VitrineError } from './model/errors.js'
import type { Log } from './model/log.js'
import type { View } from './model/view.js'
import { createLog } from './ops/log.js'
import type { Schema } from './schema/schema.js'
import { standardSchema } from './schema/schema.js'
import { createSource } from './sources/registry.js'
import type { Source } from './sources/source.js'

/** How long operations in progress may take to end when the gateway closes, in milliseconds. */
const GRACE = 5000

export interface Gateway {
  readonly config: GatewayConfig
  /** What is served, without access rules: for programs that embed the gateway and answer for their own callers. */
  readonly directory: Directory
  /** Opens the configured ports; resolves with the addresses that clients can now reach. */
  listen(): Promise<Addresses>
  /** Ends operations in progress, closes ports and databases. */
  close(): Promise<void>
}

/** Where clients reach the gateway, by protocol. */
export type Addresses = { readonly [protocol in 'ldap' | 'http']?: Address }

export interface GatewayOptions {
  /** Stand above what the configuration says. */
  readonly overrides?: Overrides
  /** Where relative paths begin in a configuration that is handed over as an object; the working folder. */
  readonly baseDir?: string
  readonly log?: Log
}

/**
 * Builds a gateway from a configuration file or object. A source that cannot be reached yet is logged and asked
 * again later; a mapping that does not fit its source is an error at once.
 * @throws ConfigError with every problem found
 */
export async function createGateway(
  config: string | GatewayInput,
  options: GatewayOptions = {},
): Promise<Gateway> {
  const parts = await assemble(await readConfig(config, options), options.log)
  try {
    await compileAll(parts)
  } catch (error) {
    await parts.close()
    throw error
  }
  return new RunningGateway(parts)
}

export async function readConfig(
  config: string | GatewayInput,
  options: GatewayOptions,
): Promise<GatewayConfig> {
  if (typeof config === 'string') return loadGateway(config, options.overrides)
  return readGateway(config, options.baseDir ?? process.cwd())
}

/** Everything but open ports; `check` and `explain` work on it. */
export interface GatewayParts {
  readonly config: GatewayConfig
  readonly problems: readonly ConfigProblem[]
  readonly log: Log
  readonly schema: Schema
  readonly sources: ReadonlyMap<string, Source>
  /** By view. */
  readonly mappings: ReadonlyMap<string, SourceMappings>
  readonly core: CoreDirectory
  readonly frontends: ReadonlyMap<'ldap' | 'http', Frontend>
  close(): Promise<void>
}

/** Opens nothing yet. What is wrong before any source is asked is among its `problems`; `compileAll` throws it. */
export async function assemble(config: GatewayConfig, givenLog?: Log): Promise<GatewayParts> {
  const log = givenLog ?? createLog(config.log.level)
  const problems = new Problems()
  const specs = config.views.map((v) => v.mapping)
  const schema = extendSchema(standardSchema(), specs, problems)
  const views = new Map(specs.map((spec): [string, View] => [spec.view, viewOf(spec, schema, problems)]))

  const namespace = new Namespace(config.suffix, views.values(), schema)
  checkNames(views.values(), namespace, problems)
  const ruleProblems: RuleProblem[] = []
  const rules = compileRules(config.access, schema, (dn) => principalNamed(dn, namespace), ruleProblems)
  const found = [
    ...located(config, problems.list),
    ...ruleProblems.map((p) => locate(config.file, config.locate(p.path), p)),
  ]

  const sources = new Map(
    Object.entries(config.sources).map(([name, options]) => [name, createSource(options)]),
  )
  const mappings = new Map<string, SourceMappings>()
  for (const [name, source] of sources) {
    const own = specs.filter((s) => s.source === name)
    const compiled = new SourceMappings(source, own, schema, { log })
    for (const spec of own) mappings.set(spec.view, compiled)
  }
  const verifier = createPasswordVerifier({
    onUnknownScheme: (report) => log.warn(report, 'a stored password could not be checked'),
  })
  const core = new CoreDirectory({
    schema,
    views,
    mappings,
    verifier,
    serviceAccounts: new Map(config.serviceAccounts.map((a) => [a.dn, a.password])),
  })
  const { bindFailures } = config.limits
  const directory = throttleLayer({
    perName: bindFailures.perDn,
    perAddress: bindFailures.perAddress,
    window: bindFailures.window,
  })(accessLayer(rules)(core))
  const frontends = new Map(
    createFrontends(
      { directory, log, version: packageVersion() },
      config,
      config.cookieSecret ?? randomBytes(32),
    ),
  )
  if (config.listen.http !== undefined) {
    const { createHttpFrontend } = await import('./ops/http.js')
    frontends.set('http', createHttpFrontend({ sources, log }, config.listen.http))
  }
  const close = () => closeAll(sources, verifier)
  return { config, problems: found, log, schema, sources, mappings, core, frontends, close }
}

/** No two views may give one DN to different entries, however their mappings spell it. */
function checkNames(views: Iterable<View>, namespace: Namespace, problems: Problems): void {
  const places = new Map<string, string>()
  for (const { name, rdn } of views) {
    const place = JSON.stringify([namespace.parentOf(name).dn, [...rdn].sort()])
    const other = places.get(place)
    if (other === undefined) places.set(place, name)
    else {
      const message = `view ${other} has the same base and rdn, so that two entries could have one DN`
      problems.add(name, ['ldap', 'rdn'], message, 'Give one of them another base or rdn')
    }
  }
}

async function closeAll(sources: ReadonlyMap<string, Source>, verifier: PasswordVerifier): Promise<void> {
  await Promise.all([...sources.values()].map((source) => source.close()))
  await verifier.close()
}

/** @throws ConfigError with all problems of mappings and rules; a source that is away is logged only */
export async function compileAll(parts: GatewayParts): Promise<void> {
  const problems: ConfigProblem[] = [...parts.problems]
  for (const mappings of new Set(parts.mappings.values())) {
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

/** Problems of mappings with the file and line where they stand. */
function located(config: GatewayConfig, problems: readonly MappingProblem[]): readonly ConfigProblem[] {
  return problems.map((problem) => {
    const view = config.views.find((v) => v.mapping.view === problem.view)
    return locate(view?.file, view?.locate(problem.path), problem)
  })
}

function locate(
  file: string | undefined,
  position: { line: number; column: number } | undefined,
  problem: RuleProblem,
): ConfigProblem {
  const { path, message, remedy } = problem
  const text = path.reduce<string>(
    (t, p) => (typeof p === 'number' ? `${t}[${p}]` : t === '' ? p : `${t}.${p}`),
    '',
  )
  return {
    ...(file !== undefined && { file }),
    ...position,
    path: text,
    message,
    remedy: /[.?]$/.test(remedy) ? remedy : `${remedy}.`,
  }
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}

class RunningGateway implements Gateway {
  readonly config: GatewayConfig
  readonly directory: Directory
  readonly #parts: GatewayParts
  #closing: Promise<void> | undefined

  constructor(parts: GatewayParts) {
    this.config = parts.config
    this.directory = parts.core
    this.#parts = parts
  }

  async listen(): Promise<Addresses> {
    const addresses: { [protocol in 'ldap' | 'http']?: Address } = {}
    for (const [protocol, frontend] of this.#parts.frontends) addresses[protocol] = await frontend.listen()
    return addresses
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await Promise.all([...this.#parts.frontends.values()].map((frontend) => frontend.close(GRACE)))
      await this.#parts.close()
    })()
    return this.#closing
  }
}
