/** Mappings held against the tables and directories that they are about. */
import { ConfigError, type ConfigProblem } from '../config/config-error.js'
import { MappingError } from '../mapping/problem.js'
import { VitrineError } from '../model/errors.js'
import type { GatewayParts } from './parts.js'
import { located } from './problems.js'

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
