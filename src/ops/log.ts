/** The log: pino's JSON lines on standard error, so that standard output stays for what a command prints. */
import pino from 'pino'
import type { Log } from '../model/log.js'

export function createLog(level: string): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  )
}
