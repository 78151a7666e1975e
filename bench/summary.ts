/** What several runs come to: medians, and ratios between servers. */
import type { Measurement } from './measurement.js'

export interface Row {
  readonly target: string
  readonly rate: number
  readonly p50: number
  readonly serverCpu: number
  readonly databaseCpu?: number
  readonly peakMemory: number
}

export interface Ratio {
  /** How many times as fast. */
  readonly rate: number
  /** How many times as much CPU, server and database together. */
  readonly cpu: number
}

/** The middle one, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const low = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  const high = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  return (low + high) / 2
}

/** Medians of each figure; of peak memory the highest. */
export function rowOf(target: string, runs: readonly Measurement[]): Row {
  const databaseCpu = runs.flatMap((r) => r.databaseCpu ?? [])
  return {
    target,
    rate: round(median(runs.map((r) => r.rate))),
    p50: round(median(runs.map((r) => r.p50))),
    serverCpu: round(median(runs.map((r) => r.serverCpu))),
    ...(databaseCpu.length > 0 && { databaseCpu: round(median(databaseCpu)) }),
    peakMemory: Math.max(...runs.map((r) => r.peakMemory)),
  }
}

export function ratio(row: Row, to: Row): Ratio {
  return { rate: row.rate / to.rate, cpu: cpuOf(row) / cpuOf(to) }
}

/** To three significant digits, and never less than to a whole. */
export function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))
}

/** As it is told to people. */
export const number = (value: number) => value.toLocaleString('en-US', { maximumSignificantDigits: 6 })

const cpuOf = (row: Row) => row.serverCpu + (row.databaseCpu ?? 0)
