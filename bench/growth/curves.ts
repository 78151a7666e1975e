/** The curves: what grows, and what is measured at each step. */
import type { Listening } from '../process.js'
import { median, round } from '../summary.js'
import { type Asked, everybody, group, load, person, type Step, wide } from './load.js'

export interface Sizes {
  readonly rows: readonly number[]
  readonly connections: readonly number[]
  readonly attributes: readonly number[]
  readonly members: readonly number[]
}

export interface Effort {
  readonly rounds: number
  /** Of a measurement, about. */
  readonly seconds: number
}

/** Medians of the rounds. CPU in microseconds per operation, delays in milliseconds, memory in MB. */
export interface Point {
  /** What has grown to this. */
  readonly x: number
  readonly gateway: number
  /** Of the database's server, if it has one. */
  readonly database?: number
  readonly p50: number
  /** Most that was resident, of a gateway that has done nothing else; left out where it was not measured. */
  readonly peakMemory?: number
}

export const curves = {
  /** Searches for one person on 16 connections, over the rows of the table. */
  searches: 'rows',
  /** The same one at a time. */
  single: 'rows',
  /** Everybody in one answer. */
  dumps: 'rows',
  /** Searches for one person, over the connections that have one in flight. */
  crowds: 'connections',
  /** Searches for one entry on 16 connections, over the attributes that are asked for. */
  wide: 'attributes',
  /** Reads of a group on 4 connections, over its members. */
  groups: 'members',
} as const satisfies Readonly<Record<string, keyof Sizes>>

export type Curve = keyof typeof curves
export type Curves = Readonly<Record<Curve, readonly Point[]>>

/** Those of which memory is measured. */
const ofMemory: readonly Curve[] = ['dumps', 'crowds', 'groups']
/** Operations that a figure is made of where they are short. */
const MANY = 1000
/** Searches after which a gateway is warm. */
const WARM = 20_000

function stepOf(curve: Curve, x: number, { rows }: Sizes): Step {
  switch (curve) {
    case 'searches':
      return { connections: 16, operation: person(x), least: MANY }
    case 'single':
      return { connections: 1, operation: person(x), least: MANY }
    case 'dumps':
      return { connections: 1, operation: everybody(x), least: 1 }
    case 'crowds':
      return { connections: x, operation: person(Math.max(...rows)), least: Math.max(MANY, 5 * x) }
    case 'wide':
      return { connections: 16, operation: wide(x), least: MANY }
    case 'groups':
      return { connections: 4, operation: group(x), least: 4 }
  }
}

/**
 * All steps in turn, once to warm up and once for each round.
 * @param start starts a gateway
 * @param behind the database's server, if it has one
 */
export async function measureCurves(
  start: () => Promise<Listening>,
  behind: readonly number[],
  sizes: Sizes,
  { rounds, seconds }: Effort,
): Promise<Curves> {
  const steps = (Object.keys(curves) as Curve[]).flatMap((curve) =>
    sizes[curves[curve]].map((x) => ({ curve, x, step: stepOf(curve, x, sizes), points: [] as Point[] })),
  )
  const gateway = await start()
  try {
    const asked: Asked = { port: gateway.port, pids: [gateway.pid, ...behind] }
    // The round of warming up alone would leave the first steps to a compiler that has only begun.
    await load(asked, { connections: 16, operation: person(Math.min(...sizes.rows)), least: WARM }, seconds)
    for (let round = 0; round <= rounds; round++) {
      process.stderr.write(round === 0 ? '  warm-up\n' : `  round ${round}\n`)
      for (const { x, step, points } of steps) {
        const point = await pointOf(x, asked, step, seconds)
        if (round > 0) points.push(point)
      }
    }
  } finally {
    await gateway.stop()
  }
  process.stderr.write('  memory\n')
  const measured: Record<Curve, Point[]> = {
    searches: [],
    single: [],
    dumps: [],
    crowds: [],
    wide: [],
    groups: [],
  }
  for (const { curve, x, step, points } of steps) {
    const memory = ofMemory.includes(curve) ? { peakMemory: await memoryOf(start, step, seconds) } : {}
    measured[curve].push({ ...medians(x, points), ...memory })
  }
  return measured
}

async function pointOf(x: number, asked: Asked, step: Step, seconds: number): Promise<Point> {
  const { operations, p50, used } = await load(asked, step, seconds)
  const [gateway = 0, database] = used.cpu.map((us) => us / operations)
  return { x, gateway, ...(database !== undefined && { database }), p50 }
}

function medians(x: number, points: readonly Point[]): Point {
  const databases = points.flatMap(({ database }) => database ?? [])
  return {
    x,
    gateway: round(median(points.map(({ gateway }) => gateway))),
    ...(databases.length > 0 && { database: round(median(databases)) }),
    p50: round(median(points.map(({ p50 }) => p50))),
  }
}

async function memoryOf(start: () => Promise<Listening>, step: Step, seconds: number): Promise<number> {
  const gateway = await start()
  try {
    const { used } = await load({ port: gateway.port, pids: [gateway.pid] }, step, seconds)
    return Math.round(used.peakMemory)
  } finally {
    await gateway.stop()
  }
}
