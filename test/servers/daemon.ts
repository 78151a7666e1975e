/**
 * Runs one server program in the foreground and controls it: start until it answers, signal, stall, restart,
 * end. It ends with this process, however this process ends. What the program is, is said by each server's file.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { programPath } from './programs.js'
import { type Account, freePort, isFree } from './scratch.js'

export interface DaemonOptions {
  readonly name: string
  /** The command for a port; it must stay in the foreground. */
  readonly command: (port: number) => readonly [string, ...string[]]
  /** Receives standard output and standard error. */
  readonly log: string
  readonly account: Account | undefined
  /** What of root's rights the account is to keep, as capabilities(7) calls it, e.g. `net_bind_service`. */
  readonly capability?: string
  /** Connects and asks something; its rejection means "not yet". */
  readonly ready: (port: number) => Promise<void>
  /** Ends it at once; only what it must clean up on the machine is cleaned up. */
  readonly endSignal: NodeJS.Signals
  /** Ends it as an administrator would, data safely stored, without waiting for clients. */
  readonly shutdownSignal: NodeJS.Signals
}

const startTimeoutMs = 60_000
const endTimeoutMs = 15_000
const live = new Set<Daemon>()

// Before the scratch folders are removed.
process.prependListener('exit', () => {
  for (const daemon of live) daemon.endNow()
})

export class Daemon {
  readonly #options: DaemonOptions
  #child: ChildProcess | undefined
  #port = 0

  private constructor(options: DaemonOptions) {
    this.#options = options
  }

  /** Starts on a free port and resolves when the server answers; rejects with the end of its log otherwise. */
  static async start(options: DaemonOptions): Promise<Daemon> {
    const daemon = new Daemon(options)
    for (let attempt = 1; ; attempt++) {
      daemon.#port = await freePort()
      try {
        await daemon.#run()
        return daemon
      } catch (thrown) {
        // Somebody took the port between our asking and the server's binding; not every server's log tells.
        if (attempt === 5 || (await daemon.#hasPort())) throw thrown
      }
    }
  }

  get port(): number {
    return this.#port
  }

  get pid(): number {
    const pid = this.#child?.pid
    if (pid === undefined) throw new Error(`${this.#options.name} is not running`)
    return pid
  }

  async #run(): Promise<void> {
    const { name, account, capability, log, ready } = this.#options
    const asAccount =
      account === undefined ? [] : [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups']
    if (account !== undefined && capability !== undefined)
      asAccount.push(`--inh-caps=+${capability}`, `--ambient-caps=+${capability}`)
    // The kernel sends the death signal when this process dies, even by SIGKILL.
    const death = `--pdeathsig=${this.#options.endSignal.slice('SIG'.length)}`
    const output = openSync(log, 'a')
    const child = spawn(programPath('setpriv'), [...asAccount, death, ...this.#options.command(this.#port)], {
      // A process group of its own: Ctrl-C in the terminal is ours to handle.
      detached: true,
      stdio: ['ignore', output, output],
      env: { PATH: process.env.PATH, LC_ALL: 'C', HOME: '/', TMPDIR: process.env.TMPDIR },
    })
    closeSync(output)
    let failure: Error | undefined
    child.once('error', (error) => {
      failure = error
    })
    child.once('exit', () => {
      if (this.#child === child) {
        this.#child = undefined
        live.delete(this)
      }
    })
    this.#child = child
    live.add(this)
    const deadline = Date.now() + startTimeoutMs
    for (;;) {
      if (failure !== undefined) throw failure
      if (this.#child !== child) throw new Error(`${name} did not start:\n${logEnd(log)}`)
      try {
        return await ready(this.#port)
      } catch (cause) {
        if (Date.now() > deadline) {
          await this.end()
          throw new Error(`${name} does not answer:\n${logEnd(log)}`, { cause })
        }
        await sleep(25)
      }
    }
  }

  /** Sends the signal to the main process; with SIGKILL all of its processes die, and this waits for that. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    if (signal !== 'SIGKILL') {
      process.kill(this.pid, signal)
      return
    }
    const tree = processTree(this.pid)
    const gone = this.#gone()
    for (const pid of tree) sendSignal(pid, 'SIGKILL')
    await gone
  }

  /** Stops every process of the server where it stands: connections stay open and get no answer from here on. */
  pause(): void {
    const tree = processTree(this.pid)
    for (const pid of tree) sendSignal(pid, 'SIGSTOP')
    // On a busy machine the other threads of a process run on until the first one has had its turn.
    while (!tree.every(isStopped)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
  }

  resume(): void {
    for (const pid of processTree(this.pid).reverse()) sendSignal(pid, 'SIGCONT')
  }

  /** Shuts down if running, then starts again on the same port with the same data. */
  async restart(): Promise<void> {
    await this.#finish(this.#options.shutdownSignal)
    const deadline = Date.now() + 10_000
    for (;;) {
      try {
        return await this.#run()
      } catch (thrown) {
        if (Date.now() > deadline || (await this.#hasPort())) throw thrown
        await sleep(200)
      }
    }
  }

  /** Was it not for want of its port that the server did not start? */
  async #hasPort(): Promise<boolean> {
    return !/in use/i.test(logEnd(this.#options.log)) && (await isFree(this.#port))
  }

  /** Ends the server if it runs; its data may be lost. */
  async end(): Promise<void> {
    await this.#finish(this.#options.endSignal)
  }

  async #finish(signal: NodeJS.Signals): Promise<void> {
    const pid = this.#child?.pid
    if (pid === undefined) return
    const gone = this.#gone()
    this.resume()
    sendSignal(pid, signal)
    const inTime = await Promise.race([gone.then(() => true), sleep(endTimeoutMs, false, { ref: false })])
    if (!inTime) await this.kill('SIGKILL')
  }

  /** For the end of this process, where nothing can be awaited. */
  endNow(): void {
    if (this.#child?.pid === undefined) return
    this.resume()
    sendSignal(this.#child.pid, this.#options.endSignal)
  }

  #gone(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
    return new Promise((resolve) => child.once('exit', () => resolve()))
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (thrown) {
    // It has ended in the meantime.
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown
  }
}

/**
 * The process and its descendants, parents first. A process group would not do: PostgreSQL's processes each
 * lead a session of their own.
 */
function processTree(root: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const parent = parentOf(name)
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const tree = [root]
  for (const pid of tree) tree.push(...(children.get(pid) ?? []))
  return tree
}

function parentOf(pid: string): number | undefined {
  const parent = statOf(`/proc/${pid}`)?.[1]
  return parent === undefined ? undefined : Number(parent)
}

/** Is every thread of the process stopped, or the process gone? */
function isStopped(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).every((thread) => {
      const state = statOf(`/proc/${pid}/task/${thread}`)?.[0]
      return state === undefined || 'TtZX'.includes(state)
    })
  } catch {
    return true
  }
}

/** State, parent and so on, as proc(5) lists them after the command, which may hold spaces and parentheses. */
function statOf(folder: string): readonly string[] | undefined {
  try {
    const stat = readFileSync(`${folder}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

function logEnd(path: string): string {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(-20).join('\n')
  } catch {
    return ''
  }
}
