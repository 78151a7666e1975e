/** Puts a population into a MariaDB, PostgreSQL or SQLite database, through the plain drivers. */
import Libsql from 'libsql'
import { createConnection } from 'mysql2/promise'
import { Client } from 'pg'
import type { Population } from './people.js'
import { createTables, type DatabaseKind, quoteName } from './schema-sql.js'

type Parameter = string | number | boolean | Date | Uint8Array | null
type Row = readonly Parameter[]

interface Connection {
  readonly kind: DatabaseKind
  run(sql: string, parameters?: Row): Promise<unknown>
  close(): Promise<void>
}

/** Creates the tables and fills them. `url`: `mysql://`, `postgres://` or `sqlite:` with the path of a file. */
export async function loadSql(url: string, population: Population): Promise<void> {
  const connection = await connect(url)
  try {
    for (const statement of createTables(connection.kind)) await connection.run(statement)
    await connection.run('begin')
    for (const [table, columns, rows] of tables(population)) await insert(connection, table, columns, rows)
    await connection.run('commit')
  } finally {
    await connection.close()
  }
}

/** Every table with its columns and rows, referred-to tables first. */
function tables({ people, groups }: Population): [table: string, columns: readonly string[], rows: Row[]][] {
  const phones = people.flatMap((person) => person.phones.map((phone) => ({ person, phone })))
  return [
    [
      'users',
      [
        ...['id', 'username', 'full_name', 'first_name', 'last_name', 'email', 'title', 'department'],
        ...['employee_number', 'kind', 'note', 'remark', 'uid_number', 'gid_number', 'manager_id'],
        ...['is_active', 'hired_at', 'photo'],
      ],
      people.map((p) => [
        ...[p.id, p.uid, p.cn, p.givenName, p.sn, p.mail[0] ?? null, p.title, p.departmentNumber],
        ...[p.employeeNumber, p.employeeTypeCode, p.note, p.remark, p.uidNumber, p.gidNumber, p.manager],
        ...[p.active, p.hired, p.photo],
      ]),
    ],
    [
      'extra_emails',
      ['user_id', 'address'],
      people.flatMap((p) => p.mail.slice(1).map((text) => [p.id, text])),
    ],
    [
      'phones',
      ['id', 'user_id', 'number', 'kind', 'is_main'],
      phones.map(({ person, phone }, index) => [index + 1, person.id, phone.number, phone.kind, phone.main]),
    ],
    ['groups', ['id', 'name', 'description'], groups.map((group) => [group.id, group.cn, group.description])],
    ['group_members', ['group_id', 'user_id'], groups.flatMap((g) => g.members.map((id) => [g.id, id]))],
    ['group_groups', ['parent_id', 'child_id'], groups.flatMap((g) => g.groups.map((id) => [g.id, id]))],
  ]
}

async function insert(
  connection: Connection,
  table: string,
  columns: readonly string[],
  rows: readonly Row[],
): Promise<void> {
  const batch = Math.floor(5000 / columns.length)
  const head = `insert into ${quoteName(connection.kind, table)} (${columns.join(', ')}) values `
  for (let from = 0; from < rows.length; from += batch) {
    const some = rows.slice(from, from + batch)
    let count = 0
    const marker = () => (connection.kind === 'postgres' ? `$${++count}` : '?')
    const values = some.map((row) => `(${row.map(marker).join(', ')})`).join(', ')
    await connection.run(
      head + values,
      some.flat().map((value) => (value instanceof Date ? timeText(value) : value)),
    )
  }
}

/** `YYYY-MM-DD HH:MM:SS` in UTC, which all three take for a time without zone. */
function timeText(time: Date): string {
  return time.toISOString().slice(0, 19).replace('T', ' ')
}

async function connect(url: string): Promise<Connection> {
  if (url.startsWith('mysql:')) {
    const connection = await createConnection({ uri: url, charset: 'utf8mb4' })
    return {
      kind: 'mariadb',
      run: (sql, parameters = []) => connection.query(sql, parameters.map(bytes)),
      close: () => connection.end(),
    }
  }
  if (url.startsWith('postgres:')) {
    const client = new Client({ connectionString: url })
    await client.connect()
    return {
      kind: 'postgres',
      run: (sql, parameters = []) => client.query(sql, parameters.map(bytes)),
      close: () => client.end(),
    }
  }
  if (!url.startsWith('sqlite:')) throw new Error(`no database kind for ${url}`)
  const database = new Libsql(url.slice('sqlite:'.length))
  return {
    kind: 'sqlite',
    run: async (sql, parameters = []) =>
      database
        .prepare(sql)
        .run(parameters.map((value) => (typeof value === 'boolean' ? Number(value) : bytes(value)))),
    close: async () => void database.close(),
  }
}

function bytes(value: Parameter): Exclude<Parameter, Uint8Array> | Buffer {
  return value instanceof Uint8Array ? Buffer.from(value) : value
}
