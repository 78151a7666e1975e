/** Redis, or Valkey, with a password and nothing kept on disk. */
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { Daemon } from './daemon.js'
import { programPath } from './programs.js'
import { makeScratch, serverAccount } from './scratch.js'
import { HOST, type Server, serverOf } from './server.js'

const password = 'secret'

export async function startRedis(): Promise<Server> {
  const account = serverAccount()
  const scratch = makeScratch(account)
  const socket = join(scratch, 'redis.sock')
  const daemon = await Daemon.start({
    name: 'Redis',
    account,
    log: join(scratch, 'log'),
    command: (port) => [
      programPath('redis'),
      ...['--bind', HOST, '--port', String(port), '--unixsocket', socket, '--dir', scratch],
      ...['--requirepass', password, '--save', '', '--appendonly', 'no', '--daemonize', 'no'],
    ],
    ready: (port) =>
      new Promise((resolve, reject) => {
        const client = createConnection({ host: HOST, port }, () => client.write('PING\r\n'))
        client.once('data', () => {
          client.destroy()
          resolve()
        })
        client.once('error', reject)
      }),
    endSignal: 'SIGKILL',
    shutdownSignal: 'SIGTERM',
  })
  return serverOf(daemon, `redis://:${password}@${HOST}:${daemon.port}`, socket, scratch)
}
