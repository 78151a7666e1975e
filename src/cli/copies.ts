/** What commands about copies have in common: a gateway's copies without its ports, and how interruptions end them. */
import { ConfigError } from '../config/config-error.js'
import type { Operations } from '../copy/jobs/operations.js'
import { assemble } from '../gateway/assembly.js'
import { compileAll } from '../gateway/compiling.js'
import { readConfig } from '../gateway/reading.js'

/**
 * Runs a command on the copies of a configuration. The first interruption aborts the signal, the second one ends the
 * process.
 * @throws ConfigError where nothing is copied
 */
export async function withCopies(
  config: string,
  command: (operations: Operations, signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const parts = await assemble(await readConfig(config, { overrides: { log: { level: 'silent' } } }))
  const interrupted = new AbortController()
  const interrupt = () => {
    interrupted.abort()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, interrupt)
  }
  try {
    await compileAll(parts)
    const { synchronizations } = parts
    if (synchronizations === undefined)
      throw new ConfigError([
        {
          file: config,
          path: 'views',
          message: 'nothing is copied',
          remedy: 'Write refreshMethod: copy for a view, or name a service under targets.',
        },
      ])
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt)
    const code = await command(synchronizations.operations, interrupted.signal)
    const untold = await synchronizations.settle()
    if (untold > 0)
      process.stderr.write(`${untold} webhooks were not told yet; whoever comes next tries again\n`)
    return code
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, interrupt)
    await parts.close()
  }
}
