/** A database driver alone, without any gateway, in a process of its own that makes its own load. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Target } from '../cases.js'
import { measurementOf } from '../measurement.js'
import { stop } from '../process.js'
import { watch } from '../usage.js'

export interface Order {
  readonly callers: number
  readonly seconds: number
}

export interface Done {
  readonly operations: number
  /** Milliseconds. */
  readonly p50: number
}

export interface Driver extends Target {
  stop(): Promise<void>
}

/** Takes part in the equality searches, with as many callers as these have in flight. */
export async function startDriver(
  name: string,
  url: string,
  databasePid: number,
  users: number,
): Promise<Driver> {
  const program = fileURLToPath(import.meta.resolve('./lookups.ts'))
  const child = fork(program, [url, String(users)], { execArgv: ['--import', import.meta.resolve('tsx')] })
  const pid = child.pid ?? 0
  await said(child)
  return {
    name,
    warmUp: 2,
    load(what) {
      if (what.kind !== 'equality') return undefined
      const callers = what.connections * what.inFlight
      return async (seconds, signal) => {
        const used = watch([pid, databasePid])
        child.send({ callers, seconds } satisfies Order)
        const { operations, p50 } = (await said(child, signal)) as Done
        return measurementOf(operations, p50, used())
      }
    },
    stop: () => stop(child),
  }
}

/** What it says next. Rejects when it ends instead, or the signal comes. */
function said(child: ChildProcess, signal?: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = () => settle(() => reject(new Error('the driver has ended')))
    const aborted = () => settle(() => reject(signal?.reason))
    const heard = (message: unknown) => settle(() => resolve(message))
    const settle = (with_: () => void) => {
      child.off('exit', ended).off('message', heard)
      signal?.removeEventListener('abort', aborted)
      with_()
    }
    child.once('exit', ended).once('message', heard)
    signal?.addEventListener('abort', aborted)
  })
}
