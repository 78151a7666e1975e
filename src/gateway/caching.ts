/** What is kept of answers, as a configuration asks for it. */
import type { GatewayConfig } from '../config/gateway-config.js'
import { IdentityClasses } from '../directory/layers/access/classes.js'
import type { Rule } from '../directory/layers/access/rule.js'
import { Cache } from '../directory/layers/cache/cache.js'
import { Dependence } from '../directory/layers/cache/dependence.js'
import { cacheLayer } from '../directory/layers/cache/layer.js'
import type { Vouching } from '../directory/union/directory.js'
import type { Keeping } from '../frontends/frontend.js'
import type { MappingSpec } from '../mapping/schema.js'
import type { Siblings } from '../model/siblings.js'
import type { View } from '../model/view.js'
import { cachedViews } from './hearing.js'

const TOPIC = 'written'

export interface CachingParts {
  readonly config: GatewayConfig
  /** All that are mapped, and all that are shown. */
  readonly mapped: ReadonlyMap<string, View>
  readonly views: ReadonlyMap<string, View>
  readonly siblings: Siblings
}

/** Undefined where nothing is kept. */
export function cachesOf({ config, mapped, views, siblings }: CachingParts): Cache | undefined {
  const cached = cachedViews(config)
  if (cached.length === 0) return undefined
  const dependence = new Dependence({
    views: [...mapped.values(), ...views.values()],
    members: new Map(config.unions.map(({ union }) => [union.view, union.union.members])),
    places: new Map(config.views.map(({ mapping }) => [mapping.view, placesOf(mapping, config)])),
  })
  const options = new Map(cached.map(({ name, cache }) => [name, cache]))
  const cache = new Cache(options, dependence)
  cache.tell(async (written) => siblings.tell(TOPIC, JSON.stringify(written)))
  siblings.hear(TOPIC, (message) => cache.writtenElsewhere(JSON.parse(message) as string[]))
  return cache
}

/** Two sources by different names may be one database. */
function placesOf(mapping: MappingSpec, { sources }: GatewayConfig): readonly string[] {
  const names = [mapping.source, ...Object.values(mapping.join ?? {}).map((joined) => joined.source)]
  return names.map((name) => {
    const options = sources[name]
    return JSON.stringify(options?.type === 'sql' ? options.url : (options?.servers ?? name))
  })
}

/** The directory with what is kept of its answers in front of it. */
export function caching(whole: Vouching, cache: Cache | undefined): Vouching {
  if (cache === undefined) return whole
  return {
    ...cacheLayer(cache, whole),
    principalOf: (view, filter, ctx) => whole.principalOf(view, filter, ctx),
  }
}

/** What frontends keep of what they have made of answers: no more than there are answers. */
export function keepingOf(cache: Cache | undefined, rules: readonly Rule[]): Keeping | undefined {
  if (cache === undefined) return undefined
  const classes = new IdentityClasses(rules)
  return { classOf: (principal) => classes.of(principal), ...cache.bounds }
}
