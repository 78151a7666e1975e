/** Logs of operations, the access log and the audit log: a JSON line for each, in the form of pino's. */
import { closeSync, openSync, writeSync } from 'node:fs'
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

/** Characters that are gathered before they are written; and milliseconds after which they are written anyway. */
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
  #gathered = ''

  constructor(module: 'access' | 'audit', where: boolean | string, least: number) {
    this.#module = module
    this.#fd = typeof where === 'string' ? openSync(where, 'a', 0o640) : STDERR
    this.#least = least
    this.#timer = setInterval(() => this.#flush(), FLUSH).unref()
  }

  write(observed: Observed, values: boolean): void {
    this.#gathered += lineOf(this.#module, observed, values)
    if (this.#gathered.length >= this.#least) this.#flush()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#flush()
    if (this.#fd !== undefined && this.#fd !== STDERR) closeSync(this.#fd)
    this.#fd = undefined
  }

  #flush(): void {
    const lines = this.#gathered
    this.#gathered = ''
    if (lines === '' || this.#fd === undefined) return
    try {
      writeSync(this.#fd, lines)
    } catch {}
  }
}

/** Put together piece by piece: `JSON.stringify` of an object takes twice as long. */
function lineOf(module: 'access' | 'audit', observed: Observed, values: boolean): string {
  const { protocol, operation, result, who, address, request, trace, tally } = observed
  const asked = observed.what(values)
  let members = ''
  for (const name in asked) members += member(name, asked[name])
  const own =
    module === 'audit'
      ? `"ok":${observed.ok},"ms":${rounded(observed.milliseconds)}`
      : `"entries":${tally.entries},"ms":${rounded(observed.milliseconds)},"sourceMs":${rounded(tally.source)}`
  return `{"level":${INFO},"time":"${isoTime()}","module":"${module}","protocol":"${protocol}","operation":${quoted(operation)},${members}"who":${quoted(who)},"address":${quoted(address)},"request":${quoted(request)},${member('trace', trace)}"result":${result},${own}}\n`
}

/** With the comma behind it. What is not there is not told. */
function member(name: string, value: Told): string {
  if (value === undefined) return ''
  const text =
    typeof value === 'string'
      ? quoted(value)
      : typeof value === 'object'
        ? `[${value.map(quoted).join()}]`
        : String(value)
  return `"${name}":${text},`
}

/** Text that JSON has as it is. */
const PLAIN = /^[ !#-[\]-~]*$/

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text)
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
