/** HAProxy with a configuration of a test's own. */
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { Daemon } from './daemon.js'
import { programPath } from './programs.js'
import { makeScratch, removeScratch, serverAccount } from './scratch.js'

export interface Haproxy {
  /** Where it listens. */
  readonly port: number
  stop(): Promise<void>
}

/**
 * @param configure writes its file for a free port, and returns where that is
 */
export async function startHaproxy(configure: (port: number) => string): Promise<Haproxy> {
  const account = serverAccount()
  const scratch = makeScratch(account)
  const daemon = await Daemon.start({
    name: 'HAProxy',
    account,
    log: join(scratch, 'log'),
    command: (port) => [programPath('haproxy'), '-db', '-f', configure(port)],
    ready: (port) =>
      new Promise((resolve, reject) => {
        const socket = createConnection({ host: '127.0.0.1', port }, () => {
          socket.destroy()
          resolve()
        })
        socket.once('error', reject)
      }),
    endSignal: 'SIGKILL',
    shutdownSignal: 'SIGTERM',
  })
  return {
    port: daemon.port,
    stop: async () => {
      await daemon.end()
      removeScratch(scratch)
    },
  }
}
