/** What processes use while something is measured: CPU, memory, and how much of the machine others had meanwhile. */
import { readFileSync, writeFileSync } from 'node:fs'
import { cpuOf } from './process.js'

export interface Used {
  readonly seconds: number
  /** Microseconds of CPU of each process with its children, which are those of PostgreSQL's connections. */
  readonly cpu: readonly number[]
  /** Most resident memory of the first process, MB. */
  readonly peakMemory: number
  /** Cores that were busy with anything but these processes and this one. */
  readonly foreign: number
}

/** Begins to count; what it returns ends it. */
export function watch(pids: readonly number[]): () => Used {
  const [first = process.pid] = pids
  forgetPeak(first)
  const before = pids.map(cpuWithChildren)
  const busy = busyOf()
  const own = process.cpuUsage()
  const started = performance.now()
  return () => {
    const seconds = (performance.now() - started) / 1000
    const cpu = pids.map((pid, i) => cpuWithChildren(pid) - (before[i] ?? 0))
    const { user, system } = process.cpuUsage(own)
    const known = cpu.reduce((sum, us) => sum + us, user + system)
    return {
      seconds,
      cpu,
      peakMemory: memoryOf(first, 'VmHWM'),
      foreign: (busyOf() - busy - known) / 1e6 / seconds,
    }
  }
}

/** MB: what is resident now, or the most that ever was since `forgetPeak`. */
export function memoryOf(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024
}

function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

function cpuWithChildren(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ')
  return children.reduce((sum, child) => sum + cpuOfChild(Number(child)), cpuOf(pid))
}

/** 0 of one that has ended since it was listed. */
function cpuOfChild(pid: number): number {
  try {
    return pid === 0 ? 0 : cpuOf(pid)
  } catch {
    return 0
  }
}

/** Microseconds of CPU that the machine has been busy, waiting not included. */
function busyOf(): number {
  const [line = ''] = readFileSync('/proc/stat', 'latin1').split('\n')
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .trim()
    .split(/ +/)
    .slice(1)
    .map(Number)
  // In hundredths of a second.
  return (user + nice + system + irq + softirq + steal) * 10_000
}
