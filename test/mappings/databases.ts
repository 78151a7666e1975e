/** Fills databases with the SQL files of `mappings/`, and creates the accounts that the READMEs describe. */
import { mkdtempSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Libsql from 'libsql'
import { createConnection } from 'mysql2/promise'
import { Client } from 'pg'

/** The path of a file in `mappings/`. */
export function mappingFile(path: string): string {
  return fileURLToPath(new URL(`../../mappings/${path}`, import.meta.url))
}

export function mappingText(path: string): string {
  return readFileSync(mappingFile(path), 'utf8')
}

/** The URL of a new, empty SQLite database, and how to remove it. */
export function sqliteDatabase(): { readonly url: string; remove(): Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-mapping-'))
  const file = join(folder, 'test.sqlite')
  new Libsql(file).close()
  return { url: `sqlite:${file}`, remove: () => rm(folder, { recursive: true }) }
}

/** Runs scripts of several statements, in order. Their texts are in UTF-8, their times in UTC. */
export async function runSql(url: string, ...scripts: readonly string[]): Promise<void> {
  if (url.startsWith('sqlite:')) {
    const database = new Libsql(url.slice('sqlite:'.length))
    for (const script of scripts) database.exec(script)
    database.close()
  } else if (url.startsWith('mysql:')) {
    const connection = await createConnection({ uri: url, multipleStatements: true, charset: 'utf8mb4' })
    try {
      for (const script of scripts) await connection.query(script)
    } finally {
      await connection.end()
    }
  } else {
    const client = new Client({ connectionString: url, options: '-c TimeZone=UTC' })
    await client.connect()
    try {
      for (const script of scripts) await client.query(script)
    } finally {
      await client.end()
    }
  }
}

/**
 * Creates the account with the statements that a README gives, under a name of its own.
 * @param database the name that the README gives to the database
 * @returns the URL with that account
 */
export async function readerAccount(url: string, readme: string, database: string): Promise<string> {
  const mysql = url.startsWith('mysql:')
  const [block] = sqlBlocks(readme).filter((sql) => sql.includes(mysql ? 'CREATE USER' : 'CREATE ROLE'))
  if (block === undefined) throw new Error('the README does not say how to create the account')
  const reader = new URL(url)
  const own = reader.pathname.slice(1)
  reader.username = `reader_${own}`
  reader.password = 'password'
  const script = mysql
    ? block
        .replaceAll("'vitrine'@'localhost'", `'${reader.username}'@'%'`)
        .replaceAll(`${database}.`, `${own}.`)
    : block.replaceAll(/\bvitrine\b/g, reader.username)
  await runSql(url, script)
  return reader.href
}

/** The SQL that a page shows, block by block. */
export function sqlBlocks(page: string): readonly string[] {
  return [...page.matchAll(/^```sql\n((?:(?!```).*\n)*)^```$/gm)].map(([, sql]) => sql ?? '')
}
