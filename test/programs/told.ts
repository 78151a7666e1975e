/** Which program a test drives: for the table that `npm run test:programs` ends with. */
import { beforeEach } from 'vitest'
import type { Machine } from '../servers/machine.js'

declare module 'vitest' {
  interface TaskMeta {
    /** Its name and version. */
    program?: string
  }
}

/** What a program says of its version, told of every test of the suite that calls this. */
export function tellProgram(name: string, version: () => string): void {
  beforeEach(({ task }) => {
    task.meta.program = `${name} ${version()}`
  })
}

/** The first thing that looks like a version in what a command prints. */
export async function versionOf(
  machine: Machine,
  program: string,
  ...args: readonly string[]
): Promise<string> {
  const { stdout, stderr } = await machine.run(program, args)
  const [version] = /\d+(\.\d+)+/.exec(stdout + stderr) ?? []
  if (version === undefined) throw new Error(`${program} does not tell its version:\n${stdout}${stderr}`)
  return version
}
