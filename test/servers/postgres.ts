/** A private PostgreSQL server for tests, on a free port with its data in a scratch folder. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { Daemon } from './daemon.js'
import { runAs } from './prepare.js'
import { programPath } from './programs.js'
import { makeScratch, removeScratch, serverAccount } from './scratch.js'
import { HOST, plainName, type SqlServer, serverOf } from './server.js'

const user = 'vitrine'
const password = 'vitrine'

/** UTF-8, with the C.UTF-8 locale. A commit survives `kill()`: only the protection against crashes of the machine is off. */
export async function startPostgres(): Promise<SqlServer> {
  const account = serverAccount()
  const scratch = makeScratch(account)
  try {
    const data = join(scratch, 'data')
    const passwordFile = join(scratch, 'password')
    writeFileSync(passwordFile, password, { mode: 0o644 })
    await runAs(account, programPath('initdb'), [
      `--pgdata=${data}`,
      `--username=${user}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      '--no-sync',
      '--no-instructions',
    ])
    const daemon = await Daemon.start({
      name: 'PostgreSQL',
      account,
      log: join(scratch, 'log'),
      command: (port) => [
        programPath('postgres'),
        '-D',
        data,
        ...settings({
          listen_addresses: HOST,
          port,
          unix_socket_directories: scratch,
          max_connections: 200,
          shared_buffers: '32MB',
          fsync: 'off',
          full_page_writes: 'off',
          max_wal_size: '128MB',
          min_wal_size: '32MB',
          wal_level: 'minimal',
          max_wal_senders: 0,
          jit: 'off',
          autovacuum: 'off',
          log_min_messages: 'warning',
        }),
      ],
      ready: (port) => query(`postgres://${user}:${password}@${HOST}:${port}/postgres`, 'select 1'),
      // An immediate shutdown: it alone gives back the shared memory that PostgreSQL marks its folder with.
      endSignal: 'SIGQUIT',
      shutdownSignal: 'SIGINT',
    })
    const base = `postgres://${user}:${password}@${HOST}:${daemon.port}/`
    const socket = join(scratch, `.s.PGSQL.${daemon.port}`)
    return Object.assign(serverOf(daemon, `${base}postgres`, socket, scratch), {
      async createDatabase(name: string): Promise<string> {
        await query(`${base}postgres`, `create database "${plainName(name)}"`)
        return `${base}${name}`
      },
    })
  } catch (thrown) {
    removeScratch(scratch)
    throw thrown
  }
}

function settings(values: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

async function query(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
