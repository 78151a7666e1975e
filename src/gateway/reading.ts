/** Configurations as they are read; what is wrong with one is told together with what sources say of the rest of it. */
import { ConfigError, type ConfigProblem } from '../config/config-error.js'
import type { GatewayConfig } from '../config/gateway-config.js'
import { loadGateway, readGateway } from '../config/load.js'
import type { GatewayInput } from '../config/schema.js'
import { createLog } from '../ops/log.js'
import { assemble } from './assembly.js'
import { compileAll } from './compiling.js'
import type { GatewayOptions } from './parts.js'

/** Milliseconds that sources may take to tell what else is wrong. */
const PATIENCE = 3000

/** @throws ConfigError with every problem found */
export async function readConfig(
  config: string | GatewayInput,
  options: GatewayOptions,
): Promise<GatewayConfig> {
  try {
    return typeof config === 'string'
      ? await loadGateway(config, options.overrides)
      : await readGateway(config, options.baseDir ?? process.cwd())
  } catch (error) {
    if (!(error instanceof ConfigError) || error.sound === undefined) throw error
    throw new ConfigError([...error.problems, ...(await toldOf(error.sound as GatewayConfig))])
  }
}

/** What sources have against a part of a configuration, as far as they say so in time. */
async function toldOf(sound: GatewayConfig): Promise<readonly ConfigProblem[]> {
  const parts = await assemble({ ...sound, sources: impatient(sound.sources) }, { log: createLog('silent') })
  // What is wrong between parts may be so because others are left out: that counts when they are there.
  const files = new Set(sound.views.map(({ file }) => file))
  const problems = parts.problems.filter(
    ({ file, path }) => file !== sound.file && files.has(file) && !path.startsWith('ldap'),
  )
  const compiled = compileAll({ ...parts, problems }).then(
    () => [],
    (error: unknown) => (error instanceof ConfigError ? error.problems : []),
  )
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<readonly ConfigProblem[]>((resolve) => {
    timer = setTimeout(resolve, PATIENCE, [])
  })
  try {
    return await Promise.race([compiled, late])
  } finally {
    clearTimeout(timer)
    await parts.close()
  }
}

/** Connections that come to nothing are given up as early as everything else: closing waits for them. */
function impatient(sources: GatewayConfig['sources']): GatewayConfig['sources'] {
  return Object.fromEntries(
    Object.entries(sources).map(([name, source]) => [
      name,
      { ...source, connectTimeout: Math.min(source.connectTimeout, PATIENCE) },
    ]),
  )
}
