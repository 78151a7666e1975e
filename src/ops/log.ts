/** The log: pino's JSON lines on standard error, so that standard output stays for what a command prints. */
import pino from 'pino'
import type { Log, LogModule } from '../model/log.js'

export interface LogSettings {
  readonly level: string
  readonly modules?: { readonly [module in LogModule]?: string | undefined }
}

/** Under these names there is never to be anything in a log. */
const SECRET = ['password', 'secret', 'token', 'authorization', 'credentials', 'passphrase', 'bindPassword']
const redact = {
  paths: SECRET.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
  censor: '[redacted]',
}

export function createLog(level: string): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact },
    pino.destination({ fd: 2, sync: true }),
  )
}

/** The same log for parts of the gateway, each with the level that is set for it. */
export function moduleLogs(log: Log, { modules = {} }: LogSettings): (module: LogModule) => Log {
  const made = new Map<LogModule, Log>()
  return (module) => {
    const level = modules[module]
    if (!isPino(log)) return log
    const known = made.get(module) ?? log.child({ module }, level === undefined ? {} : { level })
    made.set(module, known)
    return known
  }
}

function isPino(log: Log): log is pino.Logger {
  return 'child' in log
}
