/** One run of the load generator, which checks every answer, and what it measured. */
import { spawn } from 'node:child_process'
import { z } from 'zod'
import type { Measurement, Unit } from './measurement.js'

const report = z.object({
  ops_s: z.number(),
  entries_s: z.number(),
  p50_ms: z.number(),
  errs: z.number(),
  bad: z.number(),
  foreign: z.number(),
  p0_us_op: z.number(),
  p0_us_entry: z.number(),
  p0_hwm_mb: z.number(),
  p1_us_op: z.number().optional(),
  p1_us_entry: z.number().optional(),
})

/** Rejects where an answer was an error or wrong, and when the signal ends the run. */
export async function generate(
  lgen: string,
  args: readonly (string | number)[],
  pids: readonly number[],
  unit: Unit,
  signal: AbortSignal,
): Promise<Measurement> {
  const child = spawn(lgen, [...args.map(String), '-P', pids.join(',')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  })
  let out = ''
  let complaints = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (complaints.length < 500) complaints += text
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (!out.startsWith('{')) throw new Error(`no measurement, exit code ${code}: ${complaints.trim()}`)
  const r = report.parse(JSON.parse(out))
  if (code !== 0 || r.errs > 0 || r.bad > 0) {
    throw new Error(`${r.errs} errors, ${r.bad} wrong answers. ${complaints.trim()} ${out.trim()}`)
  }
  const perEntry = unit === 'entry'
  return {
    rate: perEntry ? r.entries_s : r.ops_s,
    p50: r.p50_ms,
    serverCpu: perEntry ? r.p0_us_entry : r.p0_us_op,
    databaseCpu: perEntry ? r.p1_us_entry : r.p1_us_op,
    peakMemory: r.p0_hwm_mb,
    foreign: r.foreign,
  }
}
