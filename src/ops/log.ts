/** The log: pino's JSON lines on standard error, so that standard output stays for what a command prints. */
import { closeSync, openSync, writeSync } from 'node:fs'
import pino from 'pino'
import type { Log, LogModule } from '../model/log.js'
import type { Observe, Observed } from '../model/observe.js'

export interface LogSettings {
  readonly level: string
  readonly modules?: { readonly [module in LogModule]?: string | undefined }
}

export interface OwnLogSettings {
  /** Or the file that is written to. */
  readonly access: boolean | string
  readonly audit: boolean | string
  /** Are filters told with their values? */
  readonly values: boolean
}

/** Under these names there is never to be anything in a log. */
const SECRET = ['password', 'secret', 'token', 'authorization', 'credentials', 'passphrase', 'bindPassword']
const redact = {
  paths: SECRET.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
  censor: '[redacted]',
}
/** Characters that are gathered before they are written; and milliseconds after which they are written anyway. */
const GATHERED = 65_536
const FLUSH = 500
/** Of pino's lines. */
const INFO = 30
const STDERR = 2

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

/** Logs of operations. Lines are gathered, so that they cost little; `close` writes the last. */
export interface OperationLogs {
  readonly observe: Observe
  close(): void
}

/**
 * Undefined where none is wanted.
 * @throws Error where a file cannot be written
 */
export function operationLogs({ access, audit, values }: OwnLogSettings): OperationLogs | undefined {
  if (access === false && audit === false) return undefined
  const accessLog = access === false ? undefined : new OwnLog(access, GATHERED)
  // What somebody has to answer for is not to be lost.
  const auditLog = audit === false ? undefined : new OwnLog(audit, 0)
  return {
    observe: (observed) => {
      accessLog?.write('access', observed, values)
      if (observed.audited) auditLog?.write('audit', observed, values)
    },
    close: () => {
      accessLog?.close()
      auditLog?.close()
    },
  }
}

/** A file, or standard error. A disk that is full does not hold up the gateway: what cannot be written is lost. */
class OwnLog {
  /** Undefined once it is closed: the number may then be something else's. */
  #fd: number | undefined
  readonly #minLength: number
  readonly #timer: NodeJS.Timeout
  #gathered = ''

  constructor(where: boolean | string, minLength: number) {
    this.#fd = typeof where === 'string' ? openSync(where, 'a', 0o640) : STDERR
    this.#minLength = minLength
    this.#timer = setInterval(() => this.#flush(), FLUSH).unref()
  }

  /** In the form of pino's lines. */
  write(module: 'access' | 'audit', observed: Observed, values: boolean): void {
    const { protocol, operation, result, who, address, request, trace, tally } = observed
    const ms = rounded(observed.milliseconds)
    const isAudit = module === 'audit'
    this.#gathered += `${JSON.stringify({
      level: INFO,
      time: isoTime(),
      module,
      protocol,
      operation,
      ...observed.what(values),
      who,
      address,
      request,
      trace,
      result,
      ok: isAudit ? observed.ok : undefined,
      entries: isAudit ? undefined : tally.entries,
      ms,
      sourceMs: isAudit ? undefined : rounded(tally.source),
    })}\n`
    if (this.#gathered.length >= this.#minLength) this.#flush()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#flush()
    if (this.#fd !== undefined && this.#fd !== STDERR) closeSync(this.#fd)
    this.#fd = undefined
  }

  #flush(): void {
    const text = this.#gathered
    this.#gathered = ''
    if (text === '' || this.#fd === undefined) return
    try {
      writeSync(this.#fd, text)
    } catch {}
  }
}

let [second, written] = [Number.NaN, '']

/** Most of it is made once a second. */
function isoTime(): string {
  const now = Date.now()
  const within = now % 1000
  if (now - within !== second) {
    second = now - within
    written = new Date(second).toISOString().slice(0, -4)
  }
  return `${written}${String(within).padStart(3, '0')}Z`
}

/** To the microsecond. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000
}
