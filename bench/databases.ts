/** The databases of the reference servers: how they are reached, and what is added to them before anything is measured. */
import mysql from 'mysql2/promise'
import pg from 'pg'
import { MEMBERS } from './cases.js'
import { ports } from './peers.js'
import { LARGE_GROUP } from './scim/peers/people.js'

export type Database = 'maria' | 'postgres'

/** A connection for the one who owns the tables. */
export interface Owner {
  query(sql: string): Promise<unknown>
  end(): Promise<void>
}

export const urls: Readonly<Record<Database, string>> = {
  maria: `mysql://app:app@127.0.0.1:${ports.maria}/idm`,
  postgres: `postgres://app:app@127.0.0.1:${ports.postgres}/idm`,
}

const owners: Readonly<Record<Database, () => Promise<Owner>>> = {
  maria: () => mysql.createConnection(urls.maria),
  postgres: async () => {
    const client = new pg.Client(`postgres://postgres@127.0.0.1:${ports.postgres}/idm`)
    await client.connect()
    return client
  },
}

export async function asOwner<T>(database: Database, work: (owner: Owner) => Promise<T>): Promise<T> {
  const owner = await owners[database]()
  try {
    return await work(owner)
  } finally {
    await owner.end()
  }
}

export async function serverVersion(database: Database): Promise<string> {
  const answer = await asOwner(database, (owner) => owner.query('SELECT version() AS version'))
  return /"version":"(?:PostgreSQL )?([^" ]+)/.exec(JSON.stringify(answer))?.[1] ?? 'unknown'
}

/** A group whose members are the first people, if it is not there yet. */
export async function addLargeGroup(database: Database): Promise<void> {
  const { id, name } = LARGE_GROUP
  const members = `SELECT ${id}, id FROM users WHERE id <= ${MEMBERS}`
  const statements = {
    maria: [
      `INSERT IGNORE INTO \`groups\` VALUES (${id}, '${name}', 'The large group')`,
      `INSERT IGNORE INTO group_members ${members}`,
      'ANALYZE TABLE `groups`, group_members',
    ],
    postgres: [
      `INSERT INTO groups VALUES (${id}, '${name}', 'The large group') ON CONFLICT DO NOTHING`,
      `INSERT INTO group_members ${members} ON CONFLICT DO NOTHING`,
      'VACUUM ANALYZE group_members',
    ],
  }[database]
  await asOwner(database, async (owner) => {
    for (const statement of statements) await owner.query(statement)
  })
}

/** How many SELECTs MariaDB has executed since it runs. */
export async function selects(): Promise<number> {
  const answer = await asOwner('maria', (owner) => owner.query("SHOW GLOBAL STATUS LIKE 'Com_select'"))
  return Number(/"Value":"(\d+)"/.exec(JSON.stringify(answer))?.[1])
}
