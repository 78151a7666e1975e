/**
 * A plain table of people for tests that disturb its database, the gateway's configuration for it, and an
 * administrator's look at the server. A second view reads the same people slowly.
 */
import Libsql from 'libsql'
import { createConnection } from 'mysql2/promise'
import { Client } from 'pg'
import type { GatewayInput } from '../../src/index.js'
import type { LdapMessage } from '../../src/ldap/index.js'

export const suffix = 'dc=example,dc=com'
export const people = `ou=people,${suffix}`
export const slowPeople = `ou=slow,${suffix}`
export const service = { dn: `cn=service,${suffix}`, password: 'service-password-5150' }
/** Everybody's, in the clear. */
export const password = 'staff-password-4711'

/** An administrator's connection: what it is told is SQL as the database speaks it. */
export interface Admin {
  readonly kind: 'mariadb' | 'postgres' | 'sqlite'
  query(sql: string): Promise<readonly (readonly unknown[])[]>
  close(): Promise<void>
}

export async function administer(url: string): Promise<Admin> {
  if (url.startsWith('mysql:')) {
    const connection = await createConnection({ uri: url, multipleStatements: true })
    // A server that is killed under it must not end the test.
    connection.on('error', () => undefined)
    return {
      kind: 'mariadb',
      query: async (sql) => (await connection.query({ sql, rowsAsArray: true }))[0] as unknown[][],
      close: () => connection.end().catch(() => undefined),
    }
  }
  if (url.startsWith('postgres:')) {
    const client = new Client({ connectionString: url })
    client.on('error', () => undefined)
    await client.connect()
    return {
      kind: 'postgres',
      query: async (sql) => (await client.query({ text: sql, rowMode: 'array' })).rows as unknown[][],
      close: () => client.end().catch(() => undefined),
    }
  }
  const database = new Libsql(url.slice('sqlite:'.length))
  // A gateway may be reading.
  database.exec('PRAGMA busy_timeout = 30000')
  return {
    kind: 'sqlite',
    query: async (sql) => {
      const statement = database.prepare(sql)
      if (statement.reader) return statement.raw(true).all([]) as unknown[][]
      statement.run([])
      return []
    },
    close: async () => void database.close(),
  }
}

/** Runs one statement on a connection of its own. */
export async function tell(url: string, ...statements: readonly string[]): Promise<void> {
  const admin = await administer(url)
  try {
    for (const sql of statements) await admin.query(sql)
  } finally {
    await admin.close()
  }
}

/** `user.1` to `user.<count>`; reading all of `slow_staff` takes `count` times a tenth of a second. */
export async function loadStaff(
  url: string,
  count: number,
  secret = `{CLEARTEXT}${password}`,
): Promise<void> {
  const admin = await administer(url)
  try {
    await admin.query(
      `create table staff (id integer not null primary key, login varchar(100) not null unique,
        name varchar(200) not null, mail varchar(200), note varchar(2000), secret varchar(200))`,
    )
    if (admin.kind === 'mariadb')
      await admin.query('create view slow_staff as select * from staff where sleep(0.1) = 0')
    if (admin.kind === 'postgres')
      await admin.query(
        'create view slow_staff as select * from staff where pg_sleep(0.1)::text is not null offset 0',
      )
    if (admin.kind === 'postgres') await admin.query('create index staff_login on staff (lower(login))')
    if (admin.kind === 'sqlite') await admin.query('create index staff_login on staff (login collate nocase)')
    for (let from = 1; from <= count; from += 1000) {
      const rows: string[] = []
      for (let id = from; id <= Math.min(count, from + 999); id++) {
        const text = `${id} ${'lorem ipsum dolor sit amet '.repeat(12)}`
        rows.push(`(${id}, 'user.${id}', 'User ${id}', 'user.${id}@example.com', '${text}', '${secret}')`)
      }
      await admin.query(`insert into staff (id, login, name, mail, note, secret) values ${rows.join(', ')}`)
    }
  } finally {
    await admin.close()
  }
}

export interface SourceTimes {
  readonly pool?: { readonly max?: number; readonly acquireTimeout?: string }
  readonly statementTimeout?: string
  readonly connectTimeout?: string
}

/** @param further stands above the rest */
export function staffConfig(
  url: string,
  times: SourceTimes = {},
  further: Partial<GatewayInput> = {},
): GatewayInput {
  const view = (name: string, table: string) => ({
    view: name,
    source: 'hr',
    from: table,
    writable: true,
    key: 'id',
    attributes: {
      uid: 'login',
      cn: 'name',
      sn: 'name',
      mail: 'mail',
      description: 'note',
      userPassword: { column: 'secret', verifyOnly: true, cleartext: true },
    },
    ldap: { base: `ou=${name}`, rdn: 'uid', objectClass: ['inetOrgPerson'] },
  })
  return {
    suffix,
    listen: { ldap: 0 },
    log: { level: 'debug' },
    sources: { hr: { type: 'sql', url, connectTimeout: '2s', ...times } },
    serviceAccounts: [{ dn: service.dn, password: `{CLEARTEXT}${service.password}` }],
    access: [{ who: 'anonymous', views: '*' }],
    views: [view('people', 'staff'), ...(url.startsWith('sqlite:') ? [] : [view('slow', 'slow_staff')])],
    ...further,
  }
}

/** Connections that the gateway holds on the server, and what they run now. */
export async function gatewayConnections(admin: Admin): Promise<readonly { running: string | undefined }[]> {
  const rows =
    admin.kind === 'mariadb'
      ? await admin.query(
          `select if(command = 'Sleep', null, info) from information_schema.processlist where id <> connection_id()
            and db = database()`,
        )
      : await admin.query(
          `select case when state = 'active' then query end from pg_stat_activity
            where application_name = 'vitrine' and datname = current_database()`,
        )
  return rows.map(([running]) => ({ running: typeof running === 'string' ? running : undefined }))
}

/** A search for everything below a base, for clients of bare octets. */
export function searchAll(messageId: number, base: string): LdapMessage {
  return {
    op: 'searchRequest',
    messageId,
    base,
    scope: 'singleLevel',
    derefAliases: 'neverDerefAliases',
    sizeLimit: 0,
    timeLimit: 0,
    typesOnly: false,
    filter: { tag: 'present', attribute: 'objectClass' },
    attributes: [],
    controls: [],
  }
}

/** Statements on the slow view that the server runs now. */
export async function slowStatements(admin: Admin): Promise<number> {
  const connections = await gatewayConnections(admin)
  return connections.filter(({ running }) => running?.includes('slow_staff')).length
}
