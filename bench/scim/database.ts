/** The databases as a program without a gateway reaches them: a pool, prepared statements, rows as arrays. */
import Libsql from 'libsql'
import mysql from 'mysql2/promise'
import pg, { type CustomTypesConfig } from 'pg'
import type { Kind } from './data.js'

/** As many as the gateway opens if it is not told otherwise. */
const CONNECTIONS = 10

export type Cells = readonly unknown[]

export interface Database {
  readonly kind: Kind
  /** Each value stands where the statement has a `?`. */
  query(sql: string, values: readonly (string | number)[]): Promise<readonly Cells[]>
}

export function openDatabase(url: string): Database {
  if (url.startsWith('sqlite:')) return openSqlite(url.slice('sqlite:'.length))
  return url.startsWith('mysql:') ? openMysql(url) : openPostgres(url)
}

function openSqlite(file: string): Database {
  const database = new Libsql(file, { fileMustExist: true })
  const prepared = new Map<string, ReturnType<typeof database.prepare>>()
  return {
    kind: 'sqlite',
    async query(sql, values) {
      const statement = prepared.get(sql) ?? database.prepare(sql).raw(true).safeIntegers(true)
      prepared.set(sql, statement)
      return statement.all(values) as readonly Cells[]
    },
  }
}

function openMysql(url: string): Database {
  const pool = mysql.createPool({
    uri: url,
    connectionLimit: CONNECTIONS,
    timezone: 'Z',
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    rowsAsArray: true,
  })
  return {
    kind: 'mysql',
    async query(sql, values) {
      const [rows] = await pool.execute(sql, [...values])
      return rows as unknown as readonly Cells[]
    },
  }
}

function openPostgres(url: string): Database {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS })
  const types = { getTypeParser: () => (text: string) => text } as unknown as CustomTypesConfig
  const names = new Map<string, { name: string; text: string }>()
  return {
    kind: 'postgres',
    async query(sql, values) {
      const known = names.get(sql) ?? { name: `s${names.size}`, text: numbered(sql) }
      names.set(sql, known)
      const { rows } = await pool.query({ ...known, values: [...values], rowMode: 'array', types })
      return rows as readonly Cells[]
    },
  }
}

function numbered(sql: string): string {
  let count = 0
  return sql.replaceAll('?', () => `$${++count}`)
}
