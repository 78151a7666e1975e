/** Instructions of a process as `perf` counts them, which other programs on the machine change least. */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** Until it has attached itself, in milliseconds. */
const ATTACHED_MS = 300

/** How many the process spends on `work`, its own and the system's on its behalf; undefined where there is no `perf`. */
export async function instructionsOf(pid: number, work: () => Promise<void>): Promise<number | undefined> {
  const events = ['-x,', '-e', 'instructions:u,instructions:k', '-p', String(pid)]
  const perf = spawn('perf', ['stat', ...events], { stdio: ['ignore', 'ignore', 'pipe'] })
  let text = ''
  perf.stderr.setEncoding('utf8').on('data', (more: string) => {
    text += more
  })
  const ended = new Promise((resolve) => perf.once('error', resolve).once('close', resolve))
  await sleep(ATTACHED_MS)
  await work()
  perf.kill('SIGINT')
  await ended
  const counts = text
    .trim()
    .split('\n')
    .map((line) => Number.parseInt(line, 10))
  return counts.length === 2 && !counts.some(Number.isNaN)
    ? counts.reduce((sum, one) => sum + one)
    : undefined
}
