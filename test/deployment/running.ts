/** Programs that serve until they are told to end, and say where they listen. */
import { type SpawnOptions, spawn } from 'node:child_process'

export interface Running {
  /** Where it listens, by protocol. */
  readonly ports: Readonly<Record<string, number>>
  /** Its exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals | null>
  kill(signal: NodeJS.Signals): void
}

/** Resolves once it has said where the gateway listens; rejects with all it has said, if it ends before. */
export function started(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<Running> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const atExit = () => child.kill('SIGKILL')
  process.once('exit', atExit)
  let said = ''
  const exited = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('close', (code, signal) => {
      process.removeListener('exit', atExit)
      resolve(code ?? signal)
    }),
  )
  return new Promise((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      said += chunk.toString()
      const line = /^listening on (.*)$/m.exec(said)?.[1]
      if (line === undefined) return
      const urls = line.split(', ').map((url) => /^(\w+):.*:(\d+)( \(operations\))?$/.exec(url))
      const ports = Object.fromEntries(
        urls.map((url) => [url?.[3] === undefined ? url?.[1] : 'ops', Number(url?.[2])]),
      )
      resolve({ ports, exited, kill: (signal) => void child.kill(signal) })
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('error', reject)
    void exited.then((how) => reject(new Error(`it ends with ${how} and has not started:\n${said}`)))
  })
}
