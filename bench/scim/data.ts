/** The tables of the SCIM benchmark, which are the same in all databases, and their rows, made up by number. */
export type Shape = 'plain' | 'related'
export type Kind = 'sqlite' | 'mysql' | 'postgres'

export const TOKEN = 'bench-0123456789abcdef'
export const USER_URN = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const LIST_URN = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'

export const USERS = 10_000
const GROUPS = 200
const GROUPS_OF_ONE = 3

export function userName(id: number): string {
  return `user.${String(id).padStart(6, '0')}`
}

/** Statements that create the tables with their rows. */
export function scripts(kind: Kind): readonly string[] {
  const time = { sqlite: 'DATETIME', mysql: 'DATETIME(3)', postgres: 'TIMESTAMP(3)' }[kind]
  const text = kind === 'sqlite' ? 'TEXT COLLATE NOCASE' : 'VARCHAR(100)'
  const tables = `
    CREATE TABLE users (id INTEGER PRIMARY KEY, username ${text} NOT NULL UNIQUE, first_name ${text},
      last_name ${text}, display_name ${text}, email ${text}, active INTEGER NOT NULL, created_at ${time} NOT NULL,
      updated_at ${time} NOT NULL);
    CREATE TABLE emails (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, value ${text} NOT NULL, type ${text},
      is_primary INTEGER NOT NULL);
    CREATE INDEX emails_user ON emails (user_id);
    CREATE TABLE user_groups (id INTEGER PRIMARY KEY, name ${text} NOT NULL UNIQUE);
    CREATE TABLE group_members (group_id INTEGER NOT NULL, user_id INTEGER NOT NULL, PRIMARY KEY (group_id, user_id));
    CREATE INDEX group_members_user ON group_members (user_id);
    ${kind === 'postgres' ? 'CREATE UNIQUE INDEX users_username ON users (lower(username));' : ''}`
  const analyze = kind === 'mysql' ? 'ANALYZE TABLE users, emails, user_groups, group_members' : 'ANALYZE'
  const groups = numbers(GROUPS).map((id) => `(${id}, 'Group ${id}')`)
  const people = numbers(USERS)
  return [
    tables,
    ...inserts('users', people.map(user)),
    ...inserts('emails', people.flatMap(emails)),
    ...inserts('user_groups', groups),
    ...inserts('group_members', people.flatMap(memberships)),
    analyze,
  ]
}

function user(id: number): string {
  const name = `'First${id % 97}', 'Last${id}', 'First${id % 97} Last${id}'`
  const changed = `2024-${pad((id % 12) + 1)}-${pad((id % 28) + 1)} 10:20:${pad(id % 60)}.250`
  const times = `'2023-05-01 08:00:00.000', '${changed}'`
  return `(${id}, '${userName(id)}', ${name}, '${userName(id)}@example.com', ${id % 10 === 0 ? 0 : 1}, ${times})`
}

function emails(id: number): readonly string[] {
  return [
    `(${id * 2 - 1}, ${id}, '${userName(id)}@example.com', 'work', 1)`,
    `(${id * 2}, ${id}, '${userName(id)}@home.example', 'home', 0)`,
  ]
}

function memberships(id: number): readonly string[] {
  return numbers(GROUPS_OF_ONE).map((n) => `(${((id * 7 + n * 31) % GROUPS) + 1}, ${id})`)
}

function inserts(table: string, rows: readonly string[]): readonly string[] {
  const statements: string[] = []
  for (let at = 0; at < rows.length; at += 1000)
    statements.push(`INSERT INTO ${table} VALUES ${rows.slice(at, at + 1000).join(', ')}`)
  return statements
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1)
const pad = (n: number) => String(n).padStart(2, '0')
