/** The measurement itself: all cases, targets taking turns, and what came of it. */
import { type Case, cases, type Target, warmUp } from './cases.js'
import { type Measurement, measure } from './lgen.js'
import { facts } from './machine.js'
import type { Peers } from './peers.js'
import { median, round, rowOf } from './summary.js'
import type { CaseResult, Results } from './table.js'

export interface Effort {
  readonly rounds: number
  readonly seconds: number
  /** Seconds of load before each case at most; the target's own before all of them. */
  readonly settle: number
}

/** Seconds until a run is given up, beyond those it is to last. */
const PATIENCE = 60

/** Rejects only if `signal` ends it; runs that fail are told of in `failures`. */
export async function measureAll(
  targets: readonly Target[],
  { lgen, users }: Peers,
  effort: Effort,
  signal: AbortSignal,
) {
  const failures: string[] = []
  const load = async (one: Case, target: Target, seconds: number) => {
    const args = ['-p', String(target.port), ...(one.arguments(target, { users }, seconds) ?? [])]
    try {
      return await measure(lgen, args, target.pids, one.unit, AbortSignal.any([signal, patience(seconds)]))
    } catch (error) {
      signal.throwIfAborted()
      failures.push(`${one.title}: ${target.name}: ${textOf(error)}`)
      return undefined
    }
  }
  process.stderr.write('Warm-up\n')
  for (const target of targets) await load(warmUp, target, target.warmUp)
  const foreign: number[] = []
  const done: CaseResult[] = []
  for (const one of cases) {
    process.stderr.write(`${one.title}\n`)
    const asked = targets.filter((target) => one.arguments(target, { users }, 1) !== undefined)
    const runs = await rounds(asked, effort, (target, seconds) => load(one, target, seconds))
    for (const measured of runs.values()) foreign.push(...measured.map((m) => m.foreign))
    const rows = [...runs].map(([target, measured]) => rowOf(target.name, measured))
    done.push({ title: one.title, unit: one.unit, rows })
  }
  const results: Results = {
    date: new Date().toISOString().slice(0, 10),
    machine: await facts(),
    users,
    rounds: effort.rounds,
    seconds: effort.seconds,
    foreign: round(median(foreign)),
    cases: done,
  }
  return { results, failures }
}

/** The targets take turns, each round beginning with another; who fails once is out of the case. */
async function rounds(
  targets: readonly Target[],
  effort: Effort,
  load: (target: Target, seconds: number) => Promise<Measurement | undefined>,
): Promise<ReadonlyMap<Target, readonly Measurement[]>> {
  const runs = new Map<Target, Measurement[]>()
  for (const target of targets) {
    if ((await load(target, Math.min(target.warmUp, effort.settle))) !== undefined) runs.set(target, [])
  }
  for (let round = 0; round < effort.rounds; round++) {
    const order = [...runs.keys()]
    order.push(...order.splice(0, round % Math.max(1, order.length)))
    for (const target of order) {
      const measured = await load(target, effort.seconds)
      if (measured === undefined) runs.delete(target)
      else runs.get(target)?.push(measured)
    }
  }
  return runs
}

function patience(seconds: number): AbortSignal {
  return AbortSignal.timeout((seconds + PATIENCE) * 1000)
}

/** Message and causes, of which the last says why. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${textOf(error.cause)}`
}
