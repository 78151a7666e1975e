/** Mappings held against the tables and directories that they are about. */
import { ConfigError, type ConfigProblem } from '../config/config-error.js'
import type { SourceMappings } from '../directory/mappings.js'
import { MappingError } from '../mapping/problem.js'
import { VitrineError } from '../model/errors.js'
import type { GatewayParts } from './parts.js'
import { located } from './problems.js'

/** A source that could not be asked, and its mappings. */
export interface Away {
  /** As the configuration calls it. */
  readonly name: string
  readonly mappings: SourceMappings
  readonly error: VitrineError
}

/** All problems of mappings and rules, and the sources that are away, which the log is told. */
export async function compiledAll(
  parts: GatewayParts,
): Promise<{ readonly problems: readonly ConfigProblem[]; readonly away: readonly Away[] }> {
  const problems: ConfigProblem[] = [...parts.problems]
  const away: Away[] = []
  for (const mappings of new Set(parts.origins.values())) {
    try {
      await mappings.compile()
    } catch (thrown) {
      if (thrown instanceof MappingError) problems.push(...located(parts.config, thrown.problems))
      else {
        const error = VitrineError.from(thrown)
        const { code, message } = error
        const name = nameOf(mappings, parts)
        parts.log.warn({ code, source: name, err: thrown }, `source ${name} cannot be asked yet: ${message}`)
        away.push({ name, mappings, error })
      }
    }
  }
  return { problems, away }
}

function nameOf(mappings: SourceMappings, { config, origins }: GatewayParts): string {
  const own = config.views.find(({ mapping }) => origins.get(mapping.view) === mappings)
  return own?.mapping.source ?? ''
}

/** @throws ConfigError with all problems of mappings and rules; a source that is away is logged only */
export async function compileAll(parts: GatewayParts): Promise<void> {
  const { problems } = await compiledAll(parts)
  if (problems.length > 0) throw new ConfigError(problems)
}
