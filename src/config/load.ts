/**
 * Reads a gateway's configuration and the mappings it names: text, environment and secrets in, one frozen
 * `GatewayConfig` or one `ConfigError` with every problem out. The only place that reads `process.env`.
 */
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { type MappingSpec, mappingSchema } from '../mapping/schema.js'
import { type UnionSpec, unionSchema } from '../mapping/union-schema.js'
import { ConfigError, type ConfigProblem } from './config-error.js'
import { crossCheck, type RawView } from './cross-check.js'
import { crossCheckConsole } from './cross-check-console.js'
import { crossCheckScim } from './cross-check-scim.js'
import { crossCheckTls, isLoopback } from './cross-check-tls.js'
import { crossCheckUnions } from './cross-check-unions.js'
import { deepFreeze } from './freeze.js'
import type { GatewayConfig, Locate, UnionConfig, ViewConfig } from './gateway-config.js'
import { interpolate } from './interpolate.js'
import { literalSecrets } from './literal-secrets.js'
import { isRecord, type Origin, objectOrigin, overlaid, type Path, valueAt, within } from './origin.js'
import { problem, schemaProblems } from './report.js'
import { type GatewayInput, gatewaySchema, type ParsedGateway } from './schema.js'
import { resolveCopy, resolveViewCopy, viewCopySchema } from './schema-copy.js'
import { resolveSource } from './schema-sources.js'
import { resolveTarget } from './schema-targets.js'
import { resolveTls } from './schema-tls.js'
import { soundPart } from './sound.js'
import { readTextFile } from './text-file.js'
import { parseYaml } from './yaml-source.js'

/** Some keys of a configuration. Maps are merged, all else replaced; undefined changes nothing. */
export type Overrides<T = GatewayInput> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Overrides<T[K]> | undefined }
    : T

/**
 * The configuration in a YAML file. Paths in it are relative to it; `${…}` in its text values is replaced.
 * @param overrides stand above what the file says; taken as they are
 * @throws ConfigError with all problems of all files
 */
export async function loadGateway(file: string, overrides: Overrides = {}): Promise<GatewayConfig> {
  const read = new Set<string>()
  const document = await readDocument(file, resolve(file), read)
  if (typeof document === 'string') {
    const message = `cannot be read: ${document}`
    throw new ConfigError([{ file, path: '', message, remedy: 'Check the path.' }])
  }
  if (!document.usable) throw new ConfigError(document.problems)
  return assemble(
    {
      ...document,
      data: merge(document.data, overrides),
      origin: overlaid(overrides, document.origin),
    },
    { shown: dirname(file), real: resolve(dirname(file)) },
    read,
    file,
  )
}

/**
 * The configuration as an object; its texts are taken as they are, those of mapping files are interpolated.
 * @param baseDir where relative paths in it begin
 * @throws ConfigError with all problems
 */
export async function readGateway(input: GatewayInput, baseDir: string): Promise<GatewayConfig> {
  const document = { data: input, origin: objectOrigin(input), problems: [], failed: () => false }
  return assemble(document, { shown: baseDir, real: resolve(baseDir) }, new Set())
}

/** A configuration file's data after interpolation, and where each part of it stands. */
interface ConfigDocument {
  readonly data: unknown
  readonly origin: Origin
  readonly problems: readonly ConfigProblem[]
  /** Is the value at this path one that could not be made? */
  readonly failed: (path: Path) => boolean
}

/** A folder as problems name it, and as the file system knows it. */
interface Folder {
  readonly shown: string
  readonly real: string
}

/**
 * The document, or why it cannot be read.
 * @param files takes the paths of all that is read
 */
async function readDocument(
  shown: string,
  path: string,
  files: Set<string>,
): Promise<(ConfigDocument & { readonly usable: boolean }) | string> {
  files.add(path)
  const { text, reason } = await readTextFile(path)
  if (text === undefined) return reason
  const source = parseYaml(text, shown)
  const { data, failures } = await interpolate(source.data, {
    variable: (name) => process.env[name],
    file: (name) => {
      const secret = resolve(dirname(path), name)
      files.add(secret)
      return readTextFile(secret)
    },
  })
  const failed = new Set(failures.map((failure) => JSON.stringify(failure.path)))
  return {
    data,
    origin: source.origin,
    problems: [
      ...source.problems,
      ...failures.map((failure) => problem(source.origin, failure.path, failure)),
    ],
    failed: (at) => failed.has(JSON.stringify(at)),
    usable: source.usable,
  }
}

/** A view's mapping where it was found. */
interface FoundView extends RawView {
  readonly file?: string
  /** Absent if it is inline, and so judged with the gateway's configuration, or invalid. */
  readonly spec?: MappingSpec | UnionSpec
}

async function assemble(
  document: ConfigDocument,
  folder: Folder,
  read: Set<string>,
  file?: string,
  isPart = false,
): Promise<GatewayConfig> {
  const { data, origin } = document
  const problems = [...document.problems]
  const files: (string | undefined)[] = [undefined, file]
  const parsed = gatewaySchema.safeParse(data)
  problems.push(...schemaProblems(parsed.error, gatewaySchema, data, origin, document.failed))

  const views: (FoundView | undefined)[] = []
  const list = valueAt(data, ['views'])
  for (const index of Array.isArray(list) ? list.keys() : []) {
    views.push(await findView(document, index, folder, problems, files, read))
  }
  const found = views.filter((view) => view !== undefined)
  const complete = found.length === views.length
  problems.push(
    ...crossCheck(data, origin, found, complete),
    ...crossCheckScim(data, origin, found, complete),
    ...crossCheckConsole(data, origin),
    ...crossCheckUnions(data, origin, found, complete),
    ...(await crossCheckTls(data, origin, folder.real, document.failed)),
  )

  const gateway = parsed.data
  if (problems.length > 0 || gateway === undefined) {
    const sound = isPart ? undefined : await soundConfig(document, problems, views, folder, file)
    throw new ConfigError(inOrder(problems, files), sound)
  }
  const { ldap, ldaps, http, https, ops, proxyProtocol, trustedProxies } = gateway.listen
  const all = gateway.views.flatMap((view, index) =>
    viewConfig(view, found[index], ['views', index], gateway.copy),
  )
  return deepFreeze({
    ...(file === undefined ? {} : { file }),
    files: [...read],
    locate: locator(origin),
    suffix: gateway.suffix,
    containers: gateway.containers,
    listen: {
      ...(ldap === undefined ? {} : { ldap }),
      ...(ldaps === undefined ? {} : { ldaps }),
      ...(http === undefined ? {} : { http }),
      ...(https === undefined ? {} : { https }),
      ...(ops === undefined ? {} : { ops }),
      trustedProxies,
      proxyProtocol,
    },
    ...(gateway.tls === undefined ? {} : { tls: resolveTls(gateway.tls, folder.real) }),
    requireTls: gateway.requireTls ?? (ldap !== undefined && !isLoopback(ldap.host)),
    sasl: gateway.sasl,
    sources: Object.fromEntries(
      Object.entries(gateway.sources).map(([name, source]) => [name, resolveSource(source, folder.real)]),
    ),
    views: all.flatMap((view) => ('mapping' in view ? [view] : [])),
    unions: all.flatMap((view) => ('union' in view ? [view] : [])),
    copy: resolveCopy(gateway.copy, folder.real),
    cache: gateway.cache,
    targets: gateway.targets.map((target) => resolveTarget(target, folder.real)),
    serviceAccounts: gateway.serviceAccounts,
    access: gateway.access,
    scim: gateway.scim,
    ...(gateway.console === undefined ? {} : { console: gateway.console }),
    limits: gateway.limits,
    ...(gateway.cookieSecret === undefined ? {} : { cookieSecret: gateway.cookieSecret }),
    log: resolveLog(gateway.log, folder.real),
    literalSecrets: literalSecrets(data, origin),
    shutdown: gateway.shutdown,
    watch: gateway.watch,
  })
}

/** What can be used of what cannot be used as a whole. */
async function soundConfig(
  document: ConfigDocument,
  problems: readonly ConfigProblem[],
  views: readonly (FoundView | undefined)[],
  folder: Folder,
  file: string | undefined,
): Promise<GatewayConfig | undefined> {
  const files = views.map((view) => (view?.file === file ? undefined : view?.file))
  const mappings = views.map((view) => view?.mapping)
  const part = soundPart(document.data, document.origin, problems, files, mappings)
  if (part === undefined) return undefined
  try {
    return await assemble({ ...document, ...part, problems: [] }, folder, new Set(), file, true)
  } catch (error) {
    if (error instanceof ConfigError) return undefined
    throw error
  }
}

/** The mapping of one item of `views`, from its file or from the item; undefined if there is none to be had. */
async function findView(
  document: ConfigDocument,
  index: number,
  folder: Folder,
  problems: ConfigProblem[],
  files: (string | undefined)[],
  readFiles: Set<string>,
): Promise<FoundView | undefined> {
  const item = valueAt(document.data, ['views', index])
  const path: Path =
    isRecord(item) && Object.hasOwn(item, 'mapping') ? ['views', index, 'mapping'] : ['views', index]
  const mapping = valueAt(document.data, path)
  if (isRecord(mapping)) {
    const [, file] = files
    return { mapping, origin: within(document.origin, path), ...(file === undefined ? {} : { file }) }
  }
  if (typeof mapping !== 'string' || mapping === '' || document.failed(path)) return undefined

  const written = String(document.origin.written(path))
  const shown = written !== mapping || isAbsolute(written) ? written : join(folder.shown, written)
  const read = await readDocument(shown, resolve(folder.real, mapping), readFiles)
  if (typeof read === 'string') {
    const message = `cannot be read: ${read}`
    const remedy = 'Check the path; it is relative to the configuration that names it.'
    problems.push(problem(document.origin, path, { message, quote: true, remedy }))
    return undefined
  }
  files.push(shown)
  problems.push(...read.problems)
  if (!read.usable) return undefined
  const schema = isRecord(read.data) && Object.hasOwn(read.data, 'union') ? unionSchema : mappingSchema
  const parsed = schema.safeParse(read.data)
  problems.push(...schemaProblems(parsed.error, schema, read.data, read.origin, read.failed))
  return {
    mapping: read.data,
    origin: read.origin,
    file: shown,
    ...(parsed.data === undefined ? {} : { spec: parsed.data }),
  }
}

/** Files beside the configuration that names them. */
function resolveLog({ access, audit, ...log }: ParsedGateway['log'], baseDir: string): ParsedGateway['log'] {
  const at = (own: boolean | string) => (typeof own === 'string' ? resolve(baseDir, own) : own)
  return { ...log, access: at(access), audit: at(audit) }
}

function viewConfig(
  view: ParsedGateway['views'][number],
  found: FoundView | undefined,
  path: Path,
  all: ParsedGateway['copy'],
): (ViewConfig | UnionConfig)[] {
  const { mapping, refreshMethod, copy, cache } =
    typeof view === 'object' && 'mapping' in view
      ? view
      : { mapping: view, refreshMethod: 'vds' as const, copy: undefined, cache: undefined }
  const spec = typeof mapping === 'string' ? found?.spec : mapping
  if (spec === undefined || found === undefined) return []
  const place = {
    refreshMethod,
    copy: resolveViewCopy(copy ?? viewCopySchema.parse({}), all),
    ...(cache === undefined ? {} : { cache }),
    path,
    ...(found.file === undefined ? {} : { file: found.file }),
    locate: locator(found.origin),
  }
  return 'union' in spec ? [{ union: spec, ...place }] : [{ mapping: spec, ...place }]
}

function locator(origin: Origin): Locate {
  return (path, spot = 'value') => {
    const { line, column } = origin.place(path, spot)
    return line === undefined || column === undefined ? undefined : { line, column }
  }
}

/** File by file, each from top to bottom. */
function inOrder(
  problems: readonly ConfigProblem[],
  files: readonly (string | undefined)[],
): ConfigProblem[] {
  return [...problems].sort(
    (a, b) =>
      files.indexOf(a.file) - files.indexOf(b.file) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  )
}

function merge(below: unknown, above: unknown): unknown {
  if (above === undefined || (isRecord(above) && Object.keys(above).length === 0)) return below
  if (!isRecord(below) || !isRecord(above)) return above
  const merged = { ...below }
  for (const [key, value] of Object.entries(above)) merged[key] = merge(below[key], value)
  return merged
}
