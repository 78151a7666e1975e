/**
 * Where a run keeps its temporary files: in memory, where there is room for them. Databases wait for the disk at each commit,
 * which on a busy machine takes most of the time of the tests that fill them. What is killed is always a process, never
 * the machine, so nothing hangs on it.
 */
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
} from 'node:fs'
import { freemem } from 'node:os'
import { join } from 'node:path'

/** The folder that Linux keeps in memory. */
const MEMORY = '/dev/shm'
const NAME = /^vitrine-run-(\d+)$/
/** More than a run needs. */
const ROOM = 4 * 2 ** 30

/** Makes a folder for the files of this run and all it starts, and removes it with this process. */
export function keepInMemory(): void {
  if (process.env.TMPDIR !== undefined || !hasRoom()) return
  removeForgotten()
  const folder = join(MEMORY, `vitrine-run-${process.pid}`)
  mkdirSync(folder)
  // As /tmp: other accounts' servers have folders in it.
  chmodSync(folder, 0o1777)
  process.env.TMPDIR = folder
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
}

function hasRoom(): boolean {
  try {
    accessSync(MEMORY, constants.W_OK)
    const { bavail, bsize } = statfsSync(MEMORY)
    return bavail * bsize > ROOM && freemem() > 2 * ROOM && runsPrograms()
  } catch {
    return false
  }
}

/** Containers often have it such that programs cannot be run from there; some tests do. */
function runsPrograms(): boolean {
  const mounted = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
  const options = mounted.findLast(([, place]) => place === MEMORY)?.[3] ?? 'noexec'
  return !options.split(',').includes('noexec')
}

/** What runs have left that were killed. */
function removeForgotten(): void {
  for (const name of readdirSync(MEMORY)) {
    const pid = NAME.exec(name)?.[1]
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      rmSync(join(MEMORY, name), { recursive: true, force: true })
  }
}
