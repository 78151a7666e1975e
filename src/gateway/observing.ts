/** Who hears of operations, and what: metrics and logs, as the configuration wants them. Nobody, where it wants none. */
import { ConfigError } from '../config/config-error.js'
import type { GatewayConfig } from '../config/gateway-config.js'
import type { Job } from '../copy/jobs/jobs.js'
import type { Observe } from '../model/observe.js'
import type { CycleEnd } from '../ops/metrics.js'
import { type OperationLogs, operationLogs } from '../ops/operation-logs.js'
import { locate } from './problems.js'

export interface Observing {
  readonly observe?: Observe
  close(): void
}

/** @throws ConfigError where a log's file cannot be written */
export function observing({ log, file, locate: placeOf }: GatewayConfig, metrics?: Observe): Observing {
  let logs: OperationLogs | undefined
  try {
    logs = operationLogs(log)
  } catch (error) {
    const { path: name, message } = error as NodeJS.ErrnoException
    const path = ['log', name === log.audit ? 'audit' : 'access']
    const remedy = 'Name a file in a folder that the gateway may write to'
    throw new ConfigError([
      locate(file, placeOf(path), { path, message: `cannot be written: ${message}`, remedy }),
    ])
  }
  const all = [metrics, logs?.observe].filter((one) => one !== undefined)
  const [first, second] = all
  const observe: Observe | undefined =
    first === undefined || second === undefined
      ? first
      : (observed) => {
          first(observed)
          second(observed)
        }
  return { ...(observe && { observe }), close: () => logs?.close() }
}

/** A synchronization that has ended, as metrics count it. */
export function cycleEnd({
  target,
  status,
  incremental,
  dryRun,
  created,
  started,
  completed,
  views,
}: Job): CycleEnd {
  const [from, to] = [started ?? created, completed ?? created].map((at) => Date.parse(at))
  const isWhole = status === 'completed' && !incremental && !dryRun
  const problems = Object.values(views).reduce((sum, view) => sum + view.problems, 0)
  return { target, status, seconds: ((to ?? 0) - (from ?? 0)) / 1000, ...(isWhole && { problems }) }
}
