/** The plain drivers behind one face, for tests that make and fill tables of their own or ask a database directly. */
import Libsql from 'libsql'
import { createConnection } from 'mysql2/promise'
import { Client } from 'pg'
import type { DatabaseKind } from './schema-sql.js'

export type Parameter = null | string | number | bigint | boolean | Date | Uint8Array

export interface SqlClient {
  readonly kind: DatabaseKind
  /** `?` stands for a parameter in all three. Resolves with the rows, by column name. */
  run(sql: string, parameters?: readonly Parameter[]): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Puts rows into a table, however many. */
  insert(table: string, columns: readonly string[], rows: readonly (readonly Parameter[])[]): Promise<void>
  close(): Promise<void>
}

/** `url`: `mysql://`, `postgres://` or `sqlite:` with the path of a file, which is made if it is not there. */
export async function openSql(url: string): Promise<SqlClient> {
  const raw = await connect(url)
  return {
    kind: raw.kind,
    run: raw.run,
    close: raw.close,
    insert: async (table, columns, rows) => {
      const most = Math.max(1, Math.floor(5000 / columns.length))
      for (let from = 0; from < rows.length; from += most) {
        const some = rows.slice(from, from + most)
        const tuple = `(${columns.map(() => '?').join(', ')})`
        await raw.run(
          `insert into ${table} (${columns.join(', ')}) values ${some.map(() => tuple).join(', ')}`,
          some.flat(),
        )
      }
    },
  }
}

type Raw = Omit<SqlClient, 'insert'>

async function connect(url: string): Promise<Raw> {
  if (url.startsWith('mysql:')) {
    const connection = await createConnection({ uri: url, charset: 'utf8mb4', timezone: 'Z' })
    await connection.query("set session time_zone = '+00:00'")
    return {
      kind: 'mariadb',
      run: async (sql, parameters = []) => {
        const [rows] = await connection.query(sql, parameters.map(plain))
        return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []
      },
      close: () => connection.end(),
    }
  }
  if (url.startsWith('postgres:')) {
    const client = new Client({ connectionString: url, options: '-c TimeZone=UTC' })
    await client.connect()
    return {
      kind: 'postgres',
      run: async (sql, parameters = []) => {
        let count = 0
        const numbered = parameters.length === 0 ? sql : sql.replaceAll('?', () => `$${++count}`)
        return (await client.query(numbered, parameters.map(plain))).rows as Record<string, unknown>[]
      },
      close: () => client.end(),
    }
  }
  if (!url.startsWith('sqlite:')) throw new Error(`no database kind for ${url}`)
  const database = new Libsql(url.slice('sqlite:'.length))
  return {
    kind: 'sqlite',
    run: async (sql, parameters = []) => {
      const statement = database.prepare(sql)
      const values = parameters.map((value) => (typeof value === 'boolean' ? Number(value) : plain(value)))
      if (statement.reader) return statement.all(values) as Record<string, unknown>[]
      statement.run(values)
      return []
    },
    close: async () => void database.close(),
  }
}

/** Times as the UTC text that all three take, with milliseconds; bytes as every driver knows them. */
function plain(value: Parameter): Exclude<Parameter, Date | Uint8Array> | Buffer {
  if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('Z', '')
  return value instanceof Uint8Array ? Buffer.from(value) : value
}
