/** What is kept of answers, as a configuration asks for it. */
import type { GatewayConfig } from '../config/gateway-config.js'
import { IdentityClasses } from '../directory/layers/access/classes.js'
import type { Rule } from '../directory/layers/access/rule.js'
import { Cache } from '../directory/layers/cache/cache.js'
import type { CacheOptions } from '../directory/layers/cache/cached-view.js'
import { Dependence } from '../directory/layers/cache/dependence.js'
import { cacheLayer } from '../directory/layers/cache/layer.js'
import type { Vouching } from '../directory/union/directory.js'
import type { Keeping } from '../frontends/frontend.js'
import type { Siblings } from '../model/siblings.js'
import type { View } from '../model/view.js'

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
  const options = new Map<string, CacheOptions>()
  for (const { mapping, cache } of config.views) if (cache !== undefined) options.set(mapping.view, cache)
  for (const { union, cache } of config.unions) if (cache !== undefined) options.set(union.view, cache)
  if (options.size === 0) return undefined
  const dependence = new Dependence({
    views: [...mapped.values(), ...views.values()],
    members: new Map(config.unions.map(({ union }) => [union.view, union.union.members])),
    places: new Map(config.views.map(({ mapping }) => [mapping.view, placesOf(mapping, config)])),
  })
  const cache = new Cache(options, dependence, async (written) =>
    siblings.tell(TOPIC, JSON.stringify(written)),
  )
  siblings.hear(TOPIC, (message) => cache.writtenElsewhere(JSON.parse(message) as string[]))
  return cache
}

/** Two sources by different names may be one database. */
function placesOf(
  { source, join }: GatewayConfig['views'][number]['mapping'],
  { sources }: GatewayConfig,
): readonly string[] {
  const names = [source, ...Object.values(join ?? {}).map((joined) => joined.source)]
  return names.map((name) => {
    const options = sources[name]
    return options === undefined || !('url' in options) ? name : JSON.stringify(options.url)
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
