/** How caches hear of what others change: from the sources themselves, or by looking from time to time. */
import type { GatewayConfig, ViewConfig } from '../config/gateway-config.js'
import type { Path } from '../config/origin.js'
import type { ReplicasConfig } from '../config/schema-cache.js'
import type { SourceConfig } from '../config/schema-sources.js'
import type { Directory } from '../directory/directory.js'
import type { RuleProblem } from '../directory/layers/access/rules.js'
import type { Cache } from '../directory/layers/cache/cache.js'
import { Lookout } from '../directory/layers/cache/lookout.js'
import type { Log } from '../model/log.js'
import type { View } from '../model/view.js'
import type { Schema } from '../schema/schema.js'
import type { Source } from '../sources/source.js'
import { Replicas } from './replicas.js'

/** A view whose answers are kept. */
interface CachedViewConfig {
  readonly name: string
  readonly cache: NonNullable<ViewConfig['cache']>
  /** Of those whose entries it shows. */
  readonly sources: readonly string[]
  readonly path: Path
}

export function cachedViews({ views, unions }: GatewayConfig): readonly CachedViewConfig[] {
  const sourceOf = new Map(views.map(({ mapping }) => [mapping.view, mapping.source]))
  return [
    ...views.flatMap(({ mapping, cache, path }) =>
      cache === undefined ? [] : [{ name: mapping.view, cache, sources: [mapping.source], path }],
    ),
    ...unions.flatMap(({ union, cache, path }) => {
      const sources = new Set(union.union.members.flatMap((member) => sourceOf.get(member) ?? []))
      return cache === undefined ? [] : [{ name: union.view, cache, sources: [...sources], path }]
    }),
  ]
}

const isPostgres = (source: SourceConfig | undefined): boolean =>
  source?.type === 'sql' && /^postgres(?:ql)?:/.test(source.url)

/** What is wrong with how changes are to be heard of. */
export function hearingProblems(
  config: GatewayConfig,
  views: ReadonlyMap<string, View>,
  schema: Schema,
): readonly RuleProblem[] {
  return cachedViews(config).flatMap(({ name, cache: { listen, poll }, sources, path }): RuleProblem[] => {
    const problems: RuleProblem[] = []
    const silent = sources.find((source) => !isPostgres(config.sources[source]))
    if (listen !== undefined && silent !== undefined)
      problems.push({
        path: [...path, 'cache', 'listen'],
        message: `${silent} is no PostgreSQL database, and notifies nobody`,
        remedy: 'Write poll in place of it',
      })
    const view = views.get(name)
    if (poll === undefined || view === undefined) return problems
    const attr = schema.attribute(poll.changedBy)?.name ?? poll.changedBy
    const kind = view.attributes.get(attr)?.kind
    if (kind === 'time') return problems
    const message =
      kind === undefined ? `view ${name} has no attribute ${poll.changedBy}` : `${attr} is no time`
    const remedy = 'Name an attribute such as modifyTimestamp'
    return [...problems, { path: [...path, 'cache', 'poll', 'changedBy'], message, remedy }]
  })
}

export interface HearingParts {
  readonly config: GatewayConfig
  readonly cache: Cache
  readonly sources: ReadonlyMap<string, Source>
  /** Without any cache, nor access rules. */
  readonly directory: Directory
  readonly log: Log
}

/** All that caches hear with. Until it begins, nothing is kept of what could change unheard. */
export class Hearing {
  readonly #begin: (() => () => void)[]
  #ends: (() => void)[] = []

  constructor({ config, cache, sources, directory, log }: HearingParts) {
    const views = cachedViews(config).flatMap(({ name, cache: { listen, poll }, sources: of }) => [
      ...(listen === undefined
        ? []
        : of.map((source) => {
            const ear = cache.ear(name)
            return () => sources.get(source)?.listen?.(listen, ear) ?? (() => undefined)
          })),
      ...(poll === undefined ? [] : [lookingOut(name, poll, cache, directory)]),
    ])
    const { replicas } = config.cache
    this.#begin = replicas === undefined ? views : [...views, amongReplicas(replicas, cache, log)]
  }

  start(): void {
    this.#ends = this.#begin.map((begin) => begin())
  }

  close(): void {
    for (const end of this.#ends) end()
  }
}

function amongReplicas(config: ReplicasConfig, cache: Cache, log: Log): () => () => void {
  const ear = cache.earForAll()
  const written = (views: readonly string[] | undefined) =>
    views === undefined ? ear.heard() : cache.writtenElsewhere(views)
  const replicas = new Replicas(config, { ...ear, written }, log)
  cache.tell((views) => replicas.tell(views))
  return () => {
    replicas.start()
    return () => replicas.close()
  }
}

function lookingOut(
  view: string,
  { interval, changedBy, overlap }: NonNullable<NonNullable<ViewConfig['cache']>['poll']>,
  cache: Cache,
  directory: Directory,
): () => () => void {
  const ear = cache.ear(view)
  const attr = directory.schema.attribute(changedBy)?.name ?? changedBy
  return () => {
    const lookout = new Lookout(directory, { view, changedBy: attr, interval, overlap }, ear)
    lookout.start()
    return () => lookout.stop()
  }
}
