/** Running gateways for tests: in this process with its log at hand, or as the command line in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createGateway, type GatewayInput } from '../../src/index.js'
import { LdapClient, LdapError, type SearchOptions } from '../../src/ldap/index.js'
import { createLog } from '../../src/ops/log.js'

export interface Reachable {
  readonly port: number
  /** A client that is closed together with the gateway. */
  connect(): Promise<LdapClient>
  close(): Promise<void>
}

export interface Here extends Reachable {
  /** What its operators' port tells of numbers, where it has one. */
  metrics(): Promise<string>
}

/** A gateway in this process. */
export async function runGateway(config: GatewayInput): Promise<Here> {
  const gateway = await createGateway(config, { log: createLog('silent') })
  const { ldap, ops } = await gateway.listen()
  const port = ldap?.port ?? 0
  const clients: LdapClient[] = []
  return {
    port,
    connect: async () => {
      const client = await LdapClient.connect({ port })
      clients.push(client)
      return client
    },
    metrics: async () => (await fetch(`http://127.0.0.1:${ops?.port}/metrics`)).text(),
    close: async () => {
      for (const client of clients) client.close()
      await gateway.close()
    },
  }
}

export interface Child extends Reachable {
  readonly pid: number
  /** Its configuration, in a folder of its own. */
  readonly file: string
  /** What it has written to standard output and standard error. */
  readonly output: () => string
  /** Its exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>
  /** Milliseconds that its event loop's thread has worked, which other programs on the machine do not lengthen. */
  worked(): number
  /** Resident memory in MiB: now, and the most it ever was. */
  memory(): { readonly now: number; readonly peak: number }
  kill(signal: NodeJS.Signals): void
}

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/**
 * `vitrine serve` in a process of its own; resolves when it listens.
 * @param options further ones of the command line
 */
export async function serveGateway(
  config: GatewayInput | string,
  ...options: readonly string[]
): Promise<Child> {
  if (!existsSync(main)) throw new Error('dist/ is missing: npm run build makes it')
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-serve-'))
  const file = join(folder, 'gateway.yaml')
  writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config))
  const child = spawn(process.execPath, [main, 'serve', '--config', file, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const atExit = () => child.kill('SIGKILL')
  process.once('exit', atExit)
  let output = ''
  const collect = (chunk: Buffer) => {
    output += chunk.toString()
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => {
      process.removeListener('exit', atExit)
      rmSync(folder, { recursive: true, force: true })
      resolve(code ?? signal ?? -1)
    })
  })
  const port = await listening(child, () => output)
  const clients: LdapClient[] = []
  return {
    port,
    pid: child.pid ?? 0,
    file,
    output: () => output,
    exited,
    connect: async () => {
      const client = await LdapClient.connect({ port })
      clients.push(client)
      return client
    },
    worked: () => workOf(child),
    memory: () => memoryOf(child),
    kill: (signal) => void child.kill(signal),
    close: async () => {
      for (const client of clients) client.close()
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function listening(child: ChildProcess, output: () => string): Promise<number> {
  const deadline = Date.now() + 20_000
  for (;;) {
    const port = /listening on ldap:\/\/[^\s,]*:(\d+)/.exec(output())?.[1]
    if (port !== undefined) return Number(port)
    if (child.exitCode !== null || Date.now() > deadline) {
      const how = child.exitCode === null ? 'neither starts nor ends' : 'does not start'
      child.kill('SIGKILL')
      throw new Error(`the gateway ${how}:\n${output()}`)
    }
    await sleep(20)
  }
}

/** Fields 14 and 15 of proc(5)'s stat, in hundredths of a second. */
function workOf(child: ChildProcess): number {
  const stat = readFileSync(`/proc/${child.pid}/task/${child.pid}/stat`, 'utf8')
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return 10 * (Number(user) + Number(system))
}

function memoryOf(child: ChildProcess): { now: number; peak: number } {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  const mebibytes = (key: string) => Number(new RegExp(`${key}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024
  return { now: mebibytes('VmRSS'), peak: mebibytes('VmHWM') }
}

/** What a search ends with: the result code, how many entries came, and after how many milliseconds. */
export interface Outcome {
  readonly code: number
  readonly entries: number
  readonly ms: number
  readonly message: string
}

/** One level below the base unless told. */
export async function outcomeOf(
  client: LdapClient,
  base: string,
  options: SearchOptions = {},
): Promise<Outcome> {
  const begun = performance.now()
  let entries = 0
  const done = (code: number, message: string) => ({ code, message, entries, ms: performance.now() - begun })
  try {
    for await (const _entry of client.search(base, { scope: 'singleLevel', ...options })) entries++
    return done(0, '')
  } catch (error) {
    if (error instanceof LdapError) return done(error.code, error.message)
    throw error
  }
}

/** The code that an operation ends with; 0 for success. */
export async function codeOf(operation: Promise<unknown>): Promise<number> {
  try {
    await operation
    return 0
  } catch (error) {
    if (error instanceof LdapError) return error.code
    throw error
  }
}

/** Asks until it holds; rejects, with what was last seen, when it does not within `ms`. */
export async function eventually<T>(
  ms: number,
  ask: () => Promise<T>,
  holds: (seen: T) => boolean,
): Promise<T> {
  const deadline = performance.now() + ms
  for (;;) {
    const seen = await ask()
    if (holds(seen)) return seen
    if (performance.now() > deadline)
      throw new Error(`not within ${ms} ms; last seen: ${JSON.stringify(seen)}`)
    await sleep(50)
  }
}
