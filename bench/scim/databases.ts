/** The databases that take part, each with its tables and rows: a file, and private servers. */
import { join } from 'node:path'
import { runSql } from '../../test/mappings/databases.js'
import { startMariadb } from '../../test/servers/mariadb.js'
import { startPostgres } from '../../test/servers/postgres.js'
import type { SqlServer } from '../../test/servers/server.js'
import { type Kind, scripts } from './data.js'

export interface Database {
  readonly name: string
  readonly url: string
  stop(): Promise<void>
}

const servers: readonly { name: string; kind: Kind; start: () => Promise<SqlServer> }[] = [
  { name: 'MariaDB', kind: 'mysql', start: startMariadb },
  { name: 'PostgreSQL', kind: 'postgres', start: startPostgres },
]

/** @param folder where the SQLite file is made */
export async function startDatabases(
  folder: string,
  wanted: (name: string) => boolean,
): Promise<readonly Database[]> {
  const started: Database[] = []
  if (wanted('SQLite')) {
    const url = `sqlite:${join(folder, 'people.sqlite')}`
    await runSql(url, ...scripts('sqlite'))
    started.push({ name: 'SQLite', url, stop: async () => undefined })
  }
  for (const { name, kind, start } of servers) {
    if (!wanted(name)) continue
    const server = await start()
    const url = await server.createDatabase('people')
    await runSql(url, ...scripts(kind))
    started.push({ name, url, stop: () => server.stop() })
  }
  return started
}
