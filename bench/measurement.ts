/** What a run of one case against one server comes to, whoever made the load. */
import type { Used } from './usage.js'

export type Unit = 'op' | 'entry'

export interface Measurement {
  /** Operations or entries per second. */
  readonly rate: number
  /** Milliseconds until the last octet of an answer. */
  readonly p50: number
  /** CPU of the server, microseconds per operation or entry. */
  readonly serverCpu: number
  /** The same of the server behind it. */
  readonly databaseCpu: number | undefined
  /** Most resident memory of the server during the run, MB. */
  readonly peakMemory: number
  /** Cores that were busy with something else. */
  readonly foreign: number
}

/** Of operations that this process, or one that it started, has timed itself. */
export function measurementOf(operations: number, p50: number, used: Used): Measurement {
  const [server = 0, database] = used.cpu
  return {
    rate: operations / used.seconds,
    p50,
    serverCpu: server / operations,
    databaseCpu: database === undefined ? undefined : database / operations,
    peakMemory: Math.round(used.peakMemory),
    foreign: used.foreign,
  }
}
