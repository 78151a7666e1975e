/** The measurement itself: all cases, targets taking turns, and what came of it. */
import { type Case, cases, type Load, type Target, warmUps } from './cases.js'
import type { Measurement } from './measurement.js'
import { median, round, rowOf } from './summary.js'
import type { CaseResult } from './table.js'

export interface Effort {
  readonly rounds: number
  readonly seconds: number
  /** Seconds of the runs before each case that tell whether a target has settled; long answers are not asked for before. */
  readonly settle: number
  /** Such runs at most. */
  readonly settleRuns: number
  /** Part of a target's own seconds of load before all cases. */
  readonly warmUp: number
  /** Seconds after which a target's runs in a case are enough, even if there were fewer rounds. */
  readonly enough: number
}

/** Seconds until a run is given up, beyond those it is to last. */
const PATIENCE = 60
/** Whose operations take no less of what they took in the run before has settled: compilers have compiled, caches are filled. */
const SETTLED = 0.92

export interface Measured {
  readonly cases: readonly CaseResult[]
  /** Cores that were busy with other programs, median of all runs. */
  readonly foreign: number
  readonly failures: readonly string[]
}

/** Rejects only if `signal` ends it; runs that fail are told of in `failures`. */
export async function measureAll(
  targets: readonly Target[],
  effort: Effort,
  signal: AbortSignal,
): Promise<Measured> {
  const failures: string[] = []
  const attempt = async (title: string, target: Target, load: Load, seconds: number) => {
    try {
      return await load(seconds, AbortSignal.any([signal, patience(seconds)]))
    } catch (error) {
      signal.throwIfAborted()
      failures.push(`${title}: ${target.name}: ${textOf(error)}`)
      return undefined
    }
  }
  process.stderr.write('Warm-up\n')
  for (const target of targets) {
    const [load] = warmUps.flatMap((what) => target.load(what) ?? [])
    if (load !== undefined) await attempt('Warm-up', target, load, target.warmUp * effort.warmUp)
  }
  const foreign: number[] = []
  const done: CaseResult[] = []
  for (const one of cases) {
    process.stderr.write(`${one.title}\n`)
    const runs = await rounds(one, targets, effort, (...run) => attempt(one.title, ...run))
    for (const measured of runs.values()) foreign.push(...measured.map((m) => m.foreign))
    const rows = [...runs].map(([target, measured]) => rowOf(target.name, measured))
    done.push({ title: one.title, unit: one.unit, rows })
  }
  return { cases: done, foreign: round(median(foreign)), failures }
}

/** The targets take turns, each round beginning with another; who fails once is out of the case. */
async function rounds(
  one: Case,
  targets: readonly Target[],
  effort: Effort,
  attempt: (target: Target, load: Load, seconds: number) => Promise<Measurement | undefined>,
): Promise<ReadonlyMap<Target, readonly Measurement[]>> {
  const runs = new Map<Target, Measurement[]>()
  const loads = new Map<Target, Load>()
  const spent = new Map<Target, number>()
  for (const target of targets) {
    const load = target.load(one.what)
    if (load === undefined) continue
    if (one.unit === 'op' && !(await settles(effort, (seconds) => attempt(target, load, seconds)))) continue
    loads.set(target, load)
    runs.set(target, [])
  }
  for (let round = 0; round < effort.rounds; round++) {
    const order = [...loads]
    order.push(...order.splice(0, round % Math.max(1, order.length)))
    for (const [target, load] of order) {
      const before = spent.get(target) ?? 0
      if (before > effort.enough) continue
      const started = performance.now()
      const measured = await attempt(target, load, effort.seconds)
      spent.set(target, before + (performance.now() - started) / 1000)
      if (measured !== undefined) runs.get(target)?.push(measured)
      else {
        loads.delete(target)
        runs.delete(target)
      }
    }
  }
  return runs
}

/** Load until the CPU that an operation takes falls no more, or there has been enough of it; false where a run fails. */
async function settles(
  { settle, settleRuns }: Effort,
  attempt: (seconds: number) => Promise<Measurement | undefined>,
): Promise<boolean> {
  let before = Number.POSITIVE_INFINITY
  for (let run = 0; run < settleRuns; run++) {
    const measured = await attempt(settle)
    if (measured === undefined) return false
    if (measured.serverCpu >= before * SETTLED) return true
    before = measured.serverCpu
  }
  return true
}

function patience(seconds: number): AbortSignal {
  return AbortSignal.timeout((seconds + PATIENCE) * 1000)
}

/** Message and causes, of which the last says why. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${textOf(error.cause)}`
}
