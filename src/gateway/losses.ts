/** What another configuration would end: the asking of sources that can be asked, by ways that lead nowhere. */
import type { ConfigProblem } from '../config/config-error.js'
import type { Source } from '../sources/source.js'
import type { Away } from './compiling.js'
import type { GatewayParts } from './parts.js'
import { locate } from './problems.js'

/**
 * A problem for each source that is away, where a view over it is served from one that is not. What is away with the
 * configuration in use as well is no reason to keep that, and neither is a source that has too much to do.
 */
export async function lossesOf(
  away: readonly Away[],
  { config, origins }: GatewayParts,
  before: GatewayParts,
): Promise<readonly ConfigProblem[]> {
  const found = await Promise.all(
    away.map(async ({ name, mappings, error }) => {
      const views = [...origins].flatMap(([view, own]) => (own === mappings ? [view] : []))
      const former = views.flatMap((view) => before.origins.get(view)?.source ?? [])
      if (error.code !== 'unavailable' || !(await canBeAsked(former))) return []
      const path = ['sources', name]
      const message = `it cannot be asked: ${error.message}`
      const remedy = 'See that its URL, name and password are right, and that it runs'
      return [locate(config.file, config.locate(path), { path, message, remedy })]
    }),
  )
  return found.flat()
}

async function canBeAsked(sources: readonly Source[]): Promise<boolean> {
  const healths = await Promise.all([...new Set(sources)].map((source) => source.health()))
  return healths.some(({ ok }) => ok)
}
