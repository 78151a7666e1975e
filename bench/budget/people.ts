/** The people of the budget, in an SQLite file, and the gateway in front of them: nothing that has to be installed. */
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runSql } from '../../test/mappings/databases.js'
import { type Listening, startNode } from '../process.js'

export const PEOPLE = 10_000
export const BASE = 'ou=people,dc=example,dc=com'
/** How many people a department has. */
export const DEPARTMENT = 100

export const TOKEN = 'budget-0123456789abcdef'
const ACCOUNT = 'cn=budget,dc=example,dc=com'

export const userName = (n: number) => `user${String(n).padStart(5, '0')}`
export const passwordOf = (n: number) => `pw${userName(n)}`
export const departmentOf = (n: number) => `dept${Math.floor(n / DEPARTMENT)}`

const mapping = {
  view: 'people',
  source: 'db',
  from: 'users',
  key: 'id',
  attributes: {
    uid: 'username',
    cn: '{first_name} {last_name}',
    sn: 'last_name',
    givenName: 'first_name',
    mail: 'email',
    departmentNumber: 'department',
    telephoneNumber: 'phone',
    employeeNumber: 'id',
    userPassword: { column: 'password_hash', verifyOnly: true },
  },
  enabled: { column: 'active', equals: 1 },
  ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
  scim: { resource: 'User' },
}

const databaseIn = (folder: string) => `sqlite:${join(folder, 'people.sqlite')}`

export async function fillDatabase(folder: string): Promise<void> {
  await runSql(databaseIn(folder), ...scripts())
}

/**
 * As an operator runs it, with access rules and its log.
 * @param cache what it keeps of answers
 */
export async function startGateway(folder: string, cache?: { readonly ttl: string }): Promise<Listening> {
  const url = databaseIn(folder)
  await writeFile(join(folder, 'people.yaml'), JSON.stringify(mapping))
  const settings = {
    suffix: 'dc=example,dc=com',
    listen: { ldap: 0, http: 0 },
    sources: { db: { type: 'sql', url } },
    views: [{ mapping: 'people.yaml', ...(cache && { cache }) }],
    serviceAccounts: [{ dn: ACCOUNT, password: '{CLEARTEXT}budget' }],
    access: [
      { who: ACCOUNT, views: '*', allow: ['read', 'search'] },
      { who: 'anonymous', views: '*', allow: ['read', 'search'] },
    ],
    scim: { tokens: [{ name: 'budget', token: `{CLEARTEXT}${TOKEN}`, as: ACCOUNT, scopes: '*' }] },
    log: { level: 'info' },
  }
  const config = join(folder, cache === undefined ? 'gateway.yaml' : 'keeping.yaml')
  await writeFile(config, JSON.stringify(settings))
  const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
  return startNode([main, 'serve', '--config', config])
}

/** What the wire alone costs on this machine at this moment. */
export function startYardstick(): Promise<Listening> {
  const program = fileURLToPath(import.meta.resolve('../constant/vitrine-ldap.ts'))
  return startNode(['--import', import.meta.resolve('tsx'), program])
}

function scripts(): readonly string[] {
  const text = 'TEXT COLLATE NOCASE'
  const rows = Array.from({ length: PEOPLE }, (_, n) => {
    const name = `'${userName(n)}', 'First${n % 97}', 'Last${n}', '${userName(n)}@example.com'`
    return `(${n}, ${name}, '${departmentOf(n)}', '+1 555 ${n}', '${sha(passwordOf(n))}', 1)`
  })
  const inserts: string[] = []
  for (let at = 0; at < rows.length; at += 500)
    inserts.push(`INSERT INTO users VALUES ${rows.slice(at, at + 500).join(', ')}`)
  return [
    `CREATE TABLE users (id INTEGER PRIMARY KEY, username ${text} NOT NULL UNIQUE, first_name ${text}, last_name ${text},
      email ${text}, department ${text}, phone ${text}, password_hash TEXT, active INTEGER NOT NULL);
    CREATE INDEX of_department ON users (department)`,
    ...inserts,
    'ANALYZE',
  ]
}

function sha(password: string): string {
  const salt = Buffer.from('budget00')
  const digest = createHash('sha1').update(password).update(salt).digest()
  return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`
}
