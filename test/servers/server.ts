/** What every server the tests start can do, and what an SQL server can do besides. */
import type { Daemon } from './daemon.js'
import { removeScratch } from './scratch.js'

export interface Server {
  /** Always an IPv4 loopback address. */
  readonly host: string
  /** Stays the same over restarts. */
  readonly port: number
  readonly url: string
  /** Path of its unix socket. */
  readonly socket: string
  /** Of its main process. Throws while it is not running. */
  readonly pid: number
  /** Ends it and removes its data. */
  stop(): Promise<void>
  /** Sends a signal to the main process; SIGKILL, the default, ends all its processes and waits until they have. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Freezes every process of the server: connections stay open, and nothing is answered. */
  pause(): void
  resume(): void
  /** Shuts it down if it runs (its connections are cut), and starts it on the same port with the same data. */
  restart(): Promise<void>
}

export interface SqlServer extends Server {
  /** Creates an empty database of that name (`a-z0-9_`) and resolves to its URL. */
  createDatabase(name: string): Promise<string>
}

export const HOST = '127.0.0.1'

export function serverOf(daemon: Daemon, url: string, socket: string, scratch: string): Server {
  return {
    host: HOST,
    port: daemon.port,
    url,
    socket,
    get pid() {
      return daemon.pid
    },
    async stop() {
      await daemon.end()
      removeScratch(scratch)
    },
    kill: (signal = 'SIGKILL') => daemon.kill(signal),
    pause: () => daemon.pause(),
    resume: () => daemon.resume(),
    restart: () => daemon.restart(),
  }
}

/** The name, if it needs no quoting anywhere. */
export function plainName(name: string): string {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) throw new Error(`"${name}" is no plain database name`)
  return name
}
