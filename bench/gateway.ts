/**
 * The gateway as an operator runs it, in front of each database, with the indexes that `vitrine check` asks for, and in
 * front of a directory.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { ports } from './peers.js'
import { type Listening, run, startNode } from './process.js'

const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const mapping = (name: string) => fileURLToPath(new URL(`mappings/${name}.yaml`, import.meta.url))

export type Database = 'maria' | 'postgres'

/** A connection for the one who owns the tables. */
interface Owner {
  query(sql: string): Promise<unknown>
  end(): Promise<void>
}

const databases: Readonly<Record<Database, { url: string; owner: () => Promise<Owner> }>> = {
  maria: {
    url: `mysql://app:app@127.0.0.1:${ports.maria}/idm`,
    owner: () => mysql.createConnection(databases.maria.url),
  },
  postgres: {
    url: `postgres://app:app@127.0.0.1:${ports.postgres}/idm`,
    owner: async () => {
      const client = new pg.Client(`postgres://postgres@127.0.0.1:${ports.postgres}/idm`)
      await client.connect()
      return client
    },
  },
}

/** @param folder where the configuration is written */
export async function startGateway(database: Database, folder: string): Promise<Listening> {
  const config = join(folder, `${database}.yaml`)
  const sources = { db: { type: 'sql', url: databases[database].url } }
  await writeConfig(config, sources, ['people', 'groups'])
  await createIndexes(database, config)
  return startNode([program, 'serve', '--config', config])
}

/** In front of the native directory. */
export async function startProxy(folder: string, ...options: readonly string[]): Promise<Listening> {
  const config = join(folder, 'directory.yaml')
  const sources = { directory: { type: 'ldap', url: `ldap://127.0.0.1:${ports.mdb}` } }
  await writeConfig(config, sources, ['directory/people'])
  return startNode([program, 'serve', '--config', config, ...options])
}

function writeConfig(file: string, sources: object, views: readonly string[]): Promise<void> {
  const settings = {
    suffix: 'dc=example,dc=com',
    listen: { ldap: 0 },
    sources,
    views: views.map(mapping),
    access: [{ who: 'anonymous', views: '*' }],
    log: { level: 'warn' },
  }
  return writeFile(file, JSON.stringify(settings))
}

export async function serverVersion(database: Database): Promise<string> {
  const { owner } = databases[database]
  const connection = await owner()
  try {
    const answer = JSON.stringify(await connection.query('SELECT version() AS version'))
    return /"version":"(?:PostgreSQL )?([^" ]+)/.exec(answer)?.[1] ?? 'unknown'
  } finally {
    await connection.end()
  }
}

async function createIndexes(database: Database, config: string): Promise<void> {
  const wanted = await missingIndexes(config)
  if (wanted.length === 0) return
  const owner = await databases[database].owner()
  try {
    for (const statement of wanted) {
      process.stderr.write(`${database}: ${statement}\n`)
      await owner.query(statement)
    }
    await owner.query(database === 'maria' ? 'ANALYZE TABLE users' : 'VACUUM ANALYZE users')
  } finally {
    await owner.end()
  }
  const still = await missingIndexes(config)
  if (still.length > 0) throw new Error(`vitrine check still asks for ${still.join(' ')}`)
}

async function missingIndexes(config: string): Promise<readonly string[]> {
  const { code, text } = await run(process.execPath, [program, 'check', '--config', config])
  if (code !== 0) throw new Error(`vitrine check ended with ${code}:\n${text}`)
  return [...text.matchAll(/^ +(CREATE INDEX .*);$/gm)].flatMap(([, statement]) => statement ?? [])
}
