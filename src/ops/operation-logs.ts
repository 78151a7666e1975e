/** Logs of operations, the access log and the audit log: a JSON line for each, in the form of pino's. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { JsonWriter } from '../json-writer.js'
import type { Observe, Observed, Told } from '../model/observe.js'

export interface OwnLogSettings {
  /** Or the file that is written to. */
  readonly access: boolean | string
  readonly audit: boolean | string
  /** Are filters told with their values? */
  readonly values: boolean
}

/** Lines are gathered, so that they cost little; `close` writes the last. */
export interface OperationLogs {
  readonly observe: Observe
  close(): void
}

/** Octets that are gathered before they are written; and milliseconds after which they are written anyway. */
const GATHERED = 65_536
const FLUSH = 500
/** Of pino's lines. */
const INFO = 30
const STDERR = 2

/**
 * Undefined where none is wanted.
 * @throws Error where a file cannot be written
 */
export function operationLogs({ access, audit, values }: OwnLogSettings): OperationLogs | undefined {
  if (access === false && audit === false) return undefined
  const accessLog = access === false ? undefined : new OwnLog('access', access, GATHERED)
  // What somebody has to answer for is not to be lost.
  const auditLog = audit === false ? undefined : new OwnLog('audit', audit, 0)
  return {
    observe: (observed) => {
      accessLog?.write(observed, values)
      if (observed.audited) auditLog?.write(observed, values)
    },
    close: () => {
      accessLog?.close()
      auditLog?.close()
    },
  }
}

/** A file, or standard error. A disk that is full does not hold up the gateway: what cannot be written is lost. */
class OwnLog {
  readonly #module: 'access' | 'audit'
  /** Undefined once it is closed: the number may then be something else's. */
  #fd: number | undefined
  readonly #least: number
  readonly #timer: NodeJS.Timeout
  readonly #gathered = new JsonWriter()

  constructor(module: 'access' | 'audit', where: boolean | string, least: number) {
    this.#module = module
    this.#fd = typeof where === 'string' ? openSync(where, 'a', 0o640) : STDERR
    this.#least = least
    this.#timer = setInterval(() => this.#flush(), FLUSH).unref()
  }

  write(observed: Observed, values: boolean): void {
    writeLine(this.#gathered, this.#module, observed, values)
    if (this.#gathered.length >= this.#least) this.#flush()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#flush()
    if (this.#fd !== undefined && this.#fd !== STDERR) closeSync(this.#fd)
    this.#fd = undefined
  }

  #flush(): void {
    const lines = this.#gathered.drain()
    if (lines.length === 0 || this.#fd === undefined) return
    try {
      writeSync(this.#fd, lines)
    } catch {}
  }
}

/** Member by member: an object for `JSON.stringify` would take three times as long as all of this. */
function writeLine(json: JsonWriter, module: 'access' | 'audit', observed: Observed, values: boolean): void {
  const { tally } = observed
  json.raw(`{"level":${INFO},"time":"`)
  json.raw(isoTime())
  json.raw('"')
  member(json, ',"module":', module)
  member(json, ',"protocol":', observed.protocol)
  member(json, ',"operation":', observed.operation)
  for (const [name, value] of Object.entries(observed.what(values))) member(json, `,"${name}":`, value)
  member(json, ',"who":', observed.who)
  member(json, ',"address":', observed.address)
  member(json, ',"request":', observed.request)
  member(json, ',"trace":', observed.trace)
  member(json, ',"result":', observed.result)
  if (module === 'audit') member(json, ',"ok":', observed.ok)
  else member(json, ',"entries":', tally.entries)
  member(json, ',"ms":', rounded(observed.milliseconds))
  if (module === 'access') member(json, ',"sourceMs":', rounded(tally.source))
  json.raw('}\n')
}

/** What is not there is not told. */
function member(json: JsonWriter, name: string, value: Told): void {
  if (value === undefined) return
  json.raw(name)
  if (typeof value !== 'object') {
    json.scalar(value)
    return
  }
  json.raw('[')
  for (const [i, text] of value.entries()) {
    if (i > 0) json.raw(',')
    json.string(text)
  }
  json.raw(']')
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
