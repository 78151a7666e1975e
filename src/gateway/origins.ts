/** The sources of a configuration, and what its mappings make of them. */
import type { GatewayConfig } from '../config/gateway-config.js'
import { SourceMappings } from '../directory/mappings.js'
import type { MappingSpec } from '../mapping/schema.js'
import type { Log, LogModule } from '../model/log.js'
import type { Tracing } from '../model/trace.js'
import type { Schema } from '../schema/schema.js'
import { createJoinSource } from '../sources/join/source.js'
import { createSource, createTracedSource } from '../sources/registry.js'
import type { Source } from '../sources/source.js'
import { type LoadedHooks, withCredentials } from './hooks.js'

export interface OriginsParts {
  readonly config: GatewayConfig
  readonly specs: readonly MappingSpec[]
  readonly schema: Schema
  readonly hooks: LoadedHooks | undefined
  readonly tracing: Tracing | undefined
  readonly logOf: (module: LogModule) => Log
}

export interface Origins {
  readonly sources: ReadonlyMap<string, Source>
  /** By view: those of one source together. */
  readonly origins: ReadonlyMap<string, SourceMappings>
}

/** Nothing is asked of them yet. */
export function originsOf({ config, specs, schema, hooks, tracing, logOf }: OriginsParts): Origins {
  const log = logOf('sources')
  const sources = new Map(
    Object.entries(config.sources).map(([name, configured]): [string, Source] => {
      const options = withCredentials(name, configured, hooks)
      const source =
        tracing === undefined ? createSource(options, log) : createTracedSource(name, options, tracing, log)
      return [name, source]
    }),
  )
  const origins = new Map<string, SourceMappings>()
  for (const [name, source] of sources) {
    const own = specs.filter((s) => s.source === name)
    const isJoined = own.some((spec) => spec.join !== undefined)
    const asked = isJoined ? createJoinSource({ primary: source, sources, log }) : source
    const compiled = new SourceMappings(asked, own, schema, { log })
    for (const spec of own) origins.set(spec.view, compiled)
  }
  return { sources, origins }
}
