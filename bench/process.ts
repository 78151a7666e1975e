/** Programs that the benchmark starts: Node servers that say where they listen, commands that end by themselves. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

const READY_MS = 30_000
const STOP_MS = 10_000

export interface Listening {
  readonly pid: number
  readonly port: number
  /** All that it listens on, by protocol. */
  readonly ports: ReadonlyMap<string, number>
  stop(): Promise<void>
}

/** Runs Node with these arguments until a line such as `listening on ldap://host:port, http://host:port` on standard output tells the ports. */
export async function startNode(
  args: readonly string[],
  protocol: 'ldap' | 'http' = 'ldap',
): Promise<Listening> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const { pid } = child
  try {
    const ports = await listeningPorts(child)
    const port = ports.get(protocol)
    if (pid === undefined || port === undefined) throw new Error(`it does not listen for ${protocol}`)
    return { pid, port, ports, stop: () => stop(child) }
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

/** Microseconds of CPU that a process has used, its own and the system's on its behalf; Linux counts them in 10,000s. */
export function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

function listeningPorts(child: ChildProcess): Promise<ReadonlyMap<string, number>> {
  return new Promise((resolve, reject) => {
    let text = ''
    const late = setTimeout(() => reject(new Error('it did not listen in time')), READY_MS)
    child.once('error', reject)
    child.once('exit', (code, signal) => reject(new Error(`it ended with ${code ?? signal}`)))
    child.stdout?.setEncoding('utf8').on('data', (more: string) => {
      text += more
      const line = /^.*:\/\/.*\n/m.exec(text)?.[0]
      if (line === undefined) return
      clearTimeout(late)
      const found = line.matchAll(/(\w+):\/\/[^\s,]+:(\d+)/g)
      resolve(new Map([...found].map(([, protocol = '', port]) => [protocol, Number(port)])))
    })
  })
}

/** Asks it to end, and makes it end if it does not. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(late)
}
