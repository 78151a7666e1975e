/** Programs that the benchmark starts: Node servers that say where they listen, commands that end by themselves. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'

const READY_MS = 30_000
const STOP_MS = 10_000

export interface Listening {
  readonly pid: number
  readonly port: number
  stop(): Promise<void>
}

/** Runs Node with these arguments until a line `… ldap://host:port …` (or http) on standard output tells the port. */
export async function startNode(
  args: readonly string[],
  protocol: 'ldap' | 'http' = 'ldap',
): Promise<Listening> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const { pid } = child
  try {
    const port = await listeningPort(child, protocol)
    if (pid === undefined) throw new Error('the process has no id')
    return { pid, port, stop: () => stop(child) }
  } catch (error) {
    await stop(child)
    throw new Error(`node ${args.join(' ')} does not serve`, { cause: error })
  }
}

/** Standard output and error of a command, whatever its exit code. Rejects if it cannot be started. */
export function run(file: string, args: readonly string[]): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    execFile(file, args, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error)
      else resolve({ code: Number(error?.code ?? 0), text: `${stdout}${stderr}` })
    })
  })
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function listeningPort(child: ChildProcess, protocol: string): Promise<number> {
  const said = new RegExp(`${protocol}://\\S+:(\\d+)\\s`)
  return new Promise((resolve, reject) => {
    let text = ''
    const late = setTimeout(() => reject(new Error('it did not listen in time')), READY_MS)
    child.once('error', reject)
    child.once('exit', (code, signal) => reject(new Error(`it ended with ${code ?? signal}`)))
    child.stdout?.setEncoding('utf8').on('data', (more: string) => {
      text += more
      const port = said.exec(text)?.[1]
      if (port === undefined) return
      clearTimeout(late)
      resolve(Number(port))
    })
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(late)
}
