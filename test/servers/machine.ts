/**
 * A machine of a test's own, as far as programs can tell: this one's files with the unpacked packages laid over them, an
 * /etc, /var and /run that may be written, and processes of its own. The network is this machine's. Nothing of it stays.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chmodSync, chownSync, closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { packageTree } from './packages.js'
import { programPath } from './programs.js'
import { makeScratch, removeScratch } from './scratch.js'

export interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

interface RunOptions {
  /** Standard input; nothing by default. */
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
}

interface ServerOptions {
  /** The command; it stays in the foreground. */
  readonly command: readonly [string, ...string[]]
  /** Asks something of it; its rejection means "not yet". */
  readonly ready: () => Promise<void>
}

/** `$1` is the tree of packages, `$2` an empty folder. */
const layOut = `
mount -t tmpfs tmpfs "$2"
for name in etc var; do
  mkdir "$2/$name" "$2/$name.upper" "$2/$name.work"
  mount -t overlay overlay -o "lowerdir=$1/$name:/$name,upperdir=$2/$name.upper,workdir=$2/$name.work" "$2/$name"
done
mkdir "$2/usr"
mount -t overlay overlay -o "lowerdir=$1/usr:/usr" "$2/usr"
for name in etc var usr; do mount --rbind "$2/$name" "/$name"; done
mount -t tmpfs -o mode=755 tmpfs /run
echo ready
exec sleep infinity
`

/** The packages' own scripts would have made them. */
const accounts = ['freerad', 'postfix', 'dovecot', 'dovenull', 'nslcd', 'sssd', 'www-data', 'postdrop']
const patience = 25_000
const environment = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C.UTF-8',
  HOME: '/root',
  LDAPNOINIT: '1',
}

export class Machine {
  readonly #holder: ChildProcess
  readonly #scratch: string
  readonly #init: string
  #servers = 0

  private constructor(holder: ChildProcess, scratch: string) {
    this.#holder = holder
    this.#scratch = scratch
    const { pid } = holder
    this.#init = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  }

  /** Takes some 50 ms, and root's right to mount. */
  static async start(): Promise<Machine> {
    if (process.getuid?.() !== 0)
      throw new Error('a machine of its own takes the right to mount: run these tests as root')
    const scratch = makeScratch(undefined)
    chmodSync(scratch, 0o755)
    const layers = join(scratch, 'layers')
    mkdirSync(layers)
    const isolate = ['unshare', '--mount', '--propagation=private', '--pid', '--fork', '--mount-proc']
    const holder = spawn(
      programPath('setpriv'),
      // It ends, with all that runs in it, when this process does.
      ['--pdeathsig=KILL', ...isolate, '--kill-child', '/bin/sh', '-ec', layOut, 'sh', packageTree, layers],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    await new Promise<void>((resolve, reject) => {
      let said = ''
      const hear = (chunk: Buffer) => {
        said += chunk.toString()
        if (said.includes('ready\n')) resolve()
      }
      holder.stdout.on('data', hear)
      holder.stderr.on('data', hear)
      holder.once('error', reject)
      holder.once('close', () => {
        reject(
          new Error(`no machine of its own; mount and PID namespaces and overlayfs are needed:\n${said}`),
        )
      })
    })
    const machine = new Machine(holder, scratch)
    const ids = accounts.map((name, i) => ({ name, id: 61_001 + i }))
    machine.append('/etc/passwd', ids.map(({ name, id }) => `${name}:x:${id}:${id}::/:/bin/false\n`).join(''))
    machine.append('/etc/group', ids.map(({ name, id }) => `${name}:x:${id}:\n`).join(''))
    return machine
  }

  /** Where one of its files is seen from outside. */
  path(path: string): string {
    return `/proc/${this.#init}/root${path}`
  }

  /** Writes a file, for root alone unless told otherwise, whose folder is made if there is none. */
  write(path: string, text: string, mode = 0o600): void {
    const outside = this.path(path)
    mkdirSync(dirname(outside), { recursive: true })
    writeFileSync(outside, text)
    chmodSync(outside, mode)
  }

  append(path: string, text: string): void {
    writeFileSync(this.path(path), text, { flag: 'a' })
  }

  /** Makes a folder for an account of `accounts`. */
  folder(path: string, owner = 'root', mode = 0o755): void {
    const outside = this.path(path)
    mkdirSync(outside, { recursive: true })
    chmodSync(outside, mode)
    if (owner !== 'root')
      chownSync(outside, 61_001 + accounts.indexOf(owner), 61_001 + accounts.indexOf(owner))
  }

  /** Runs a program to its end. */
  run(program: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Run> {
    return new Promise((resolve, reject) => {
      const [enter, ...rest] = this.#inside(program, ...args)
      const settings = { env: { ...environment, ...options.env }, timeout: patience, maxBuffer: 64 << 20 }
      const child = execFile(enter, rest, settings, (error, stdout, stderr) => {
        if (error === null) resolve({ code: 0, stdout, stderr })
        else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr })
        else reject(new Error(`${program}: ${error.message}\n${stdout}${stderr}`, { cause: error }))
      })
      child.stdin?.on('error', () => undefined)
      child.stdin?.end(options.input ?? '')
    })
  }

  /** Starts a server; resolves with what it has printed so far, at any time, once it is ready. It ends with the machine. */
  async serve({ command, ready }: ServerOptions): Promise<() => string> {
    const log = join(this.#scratch, `server${++this.#servers}.log`)
    const said = () => readFileSync(log, 'utf8')
    const output = openSync(log, 'a')
    const [enter, ...rest] = this.#inside(...command)
    const child = spawn(enter, rest, { stdio: ['ignore', output, output], env: environment })
    closeSync(output)
    let ended: string | undefined
    child.once('error', (error) => {
      ended = error.message
    })
    child.once('exit', (code, signal) => {
      ended = `ended with ${code ?? signal}`
    })
    for (const deadline = Date.now() + patience; ; await sleep(25)) {
      if (ended !== undefined) throw new Error(`${command[0]}: ${ended}\n${said().slice(-4000)}`)
      try {
        await ready()
        return said
      } catch (cause) {
        if (Date.now() > deadline)
          throw new Error(`${command[0]} does not answer\n${said().slice(-4000)}`, { cause })
      }
    }
  }

  /** Ends everything that runs in it. */
  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#holder
    if (exitCode === null && signalCode === null) {
      const gone = new Promise((resolve) => this.#holder.once('close', resolve))
      process.kill(Number(this.#init), 'SIGKILL')
      await gone
    }
    removeScratch(this.#scratch)
  }

  #inside(...command: readonly string[]): [string, ...string[]] {
    return ['/usr/bin/nsenter', `--target=${this.#init}`, '--mount', '--pid', '--', ...command]
  }
}
