/** A private MariaDB server for tests, on a free port with its data in a scratch folder. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { Daemon } from './daemon.js'
import { runAs } from './prepare.js'
import { programPath } from './programs.js'
import { makeScratch, removeScratch, serverAccount } from './scratch.js'
import { HOST, plainName, type SqlServer, serverOf } from './server.js'

const user = 'vitrine'
const password = 'vitrine'

/**
 * Character set and collation are Debian's defaults, utf8mb4 and utf8mb4_general_ci. A commit survives
 * `kill()`, as nothing but the machine's own crash protection is switched off.
 */
export async function startMariadb(): Promise<SqlServer> {
  const account = serverAccount()
  const scratch = makeScratch(account)
  try {
    const data = join(scratch, 'data')
    const socket = join(scratch, 'sock')
    const init = join(scratch, 'init.sql')
    writeFileSync(
      init,
      `CREATE USER IF NOT EXISTS '${user}'@'%' IDENTIFIED BY '${password}';\nGRANT ALL ON *.* TO '${user}'@'%' WITH GRANT OPTION;\n`,
      { mode: 0o644 },
    )
    await runAs(account, programPath('mariadbInstallDb'), [
      '--no-defaults',
      `--datadir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--innodb-log-file-size=16M',
      '--debug-no-sync',
    ])
    const daemon = await Daemon.start({
      name: 'MariaDB',
      account,
      log: join(scratch, 'log'),
      command: (port) => [
        programPath('mariadbd'),
        '--no-defaults',
        `--datadir=${data}`,
        `--socket=${socket}`,
        `--port=${port}`,
        `--bind-address=${HOST}`,
        `--pid-file=${join(scratch, 'pid')}`,
        `--tmpdir=${scratch}`,
        `--init-file=${init}`,
        '--character-set-server=utf8mb4',
        '--collation-server=utf8mb4_general_ci',
        '--skip-name-resolve',
        '--max-connections=200',
        '--innodb-log-file-size=16M',
        '--innodb-buffer-pool-size=64M',
        '--innodb-flush-log-at-trx-commit=2',
        '--innodb-doublewrite=0',
        '--innodb-buffer-pool-dump-at-shutdown=0',
        '--innodb-fast-shutdown=2',
        '--debug-no-sync',
      ],
      ready: async (port) => {
        const connection = await createConnection({ host: HOST, port, user, password, connectTimeout: 5000 })
        await connection.query('select 1')
        await connection.end()
      },
      endSignal: 'SIGKILL',
      shutdownSignal: 'SIGTERM',
    })
    const url = `mysql://${user}:${password}@${HOST}:${daemon.port}/`
    return Object.assign(serverOf(daemon, url, socket, scratch), {
      async createDatabase(name: string): Promise<string> {
        const connection = await createConnection(url)
        try {
          await connection.query(`create database \`${plainName(name)}\``)
        } finally {
          await connection.end()
        }
        return `${url}${name}`
      },
    })
  } catch (thrown) {
    removeScratch(scratch)
    throw thrown
  }
}
