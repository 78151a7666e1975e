/** The tables that grow, the same in each database, the views over them, and the gateway in front. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runSql } from '../../test/mappings/databases.js'
import { type Listening, startNode } from '../process.js'

export const SUFFIX = 'dc=example,dc=com'
/** Attributes of an entry of the wide view besides its name, most. */
const MOST_ATTRIBUTES = 100
const WIDE_ROWS = 1000

export const userName = (n: number) => `user${String(n).padStart(7, '0')}`
/** Table, view and level of that many people. */
export const peopleOf = (rows: number) => `people${rows}`
export const groupName = (members: number) => `group${members}`
/** Attributes of the wide view. */
export const attributes = (count: number) => numbers(count).map((n) => `acmeDetail${n}`)

export type Kind = 'sqlite' | 'mysql'

/**
 * People in tables of these many rows, a table of wide rows, and groups of these many of the people of the largest table.
 */
export async function createTables(
  url: string,
  kind: Kind,
  rows: readonly number[],
  members: readonly number[],
): Promise<void> {
  const text = kind === 'sqlite' ? 'TEXT COLLATE NOCASE' : 'VARCHAR(64)'
  const details = numbers(MOST_ATTRIBUTES)
  const values = details.map((n) => `'value ${n} of a row'`)
  const first = kind === 'sqlite' ? "'First' || (n % 97)" : "CONCAT('First', n % 97)"
  const last = kind === 'sqlite' ? "'Last' || n" : "CONCAT('Last', n)"
  const mail = kind === 'sqlite' ? `${name(kind)} || '@example.com'` : `CONCAT(${name(kind)}, '@example.com')`
  const names = ['wide', 'teams', 'members', ...rows.map(peopleOf)]
  await runSql(
    url,
    ...rows.flatMap((count) => [
      `CREATE TABLE ${peopleOf(count)} (id INTEGER PRIMARY KEY, username ${text} NOT NULL UNIQUE, first_name ${text},
        last_name ${text}, email ${text}, department ${text}, phone ${text})`,
      `INSERT INTO ${peopleOf(count)} SELECT n, ${name(kind)}, ${first}, ${last}, ${mail}, 'Department', '+1 555 0100'
        FROM ${series(kind, count)}`,
    ]),
    `CREATE TABLE wide (id INTEGER PRIMARY KEY, name ${text} NOT NULL UNIQUE, ${details.map((n) => `d${n} ${text}`).join(', ')})`,
    `INSERT INTO wide SELECT n, ${name(kind)}, ${values.join(', ')} FROM ${series(kind, WIDE_ROWS)}`,
    `CREATE TABLE teams (id INTEGER PRIMARY KEY, name ${text} NOT NULL UNIQUE)`,
    'CREATE TABLE members (team INTEGER NOT NULL, person INTEGER NOT NULL, PRIMARY KEY (team, person))',
    'CREATE INDEX of_person ON members (person)',
    ...members.flatMap((size) => [
      `INSERT INTO teams VALUES (${size}, '${groupName(size)}')`,
      `INSERT INTO members SELECT ${size}, n FROM ${series(kind, size)}`,
    ]),
    kind === 'sqlite' ? 'ANALYZE' : `ANALYZE TABLE ${names.join(', ')}`,
  )
}

/** As an operator runs it, with access rules and its log. */
export async function startGateway(url: string, rows: readonly number[], folder: string): Promise<Listening> {
  const views = [...rows.map(people), wide, groups(Math.max(...rows))]
  for (const view of views) await writeFile(join(folder, `${view.view}.yaml`), JSON.stringify(view))
  const settings = {
    suffix: SUFFIX,
    listen: { ldap: 0 },
    sources: { db: { type: 'sql', url } },
    views: views.map(({ view }) => `${view}.yaml`),
    access: [{ who: 'anonymous', views: '*', allow: ['read', 'search'] }],
    log: { level: 'info' },
  }
  const config = join(folder, 'gateway.yaml')
  await writeFile(config, JSON.stringify(settings))
  const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
  return startNode([main, 'serve', '--config', config])
}

const people = (rows: number) => ({
  view: peopleOf(rows),
  source: 'db',
  from: peopleOf(rows),
  key: 'id',
  attributes: {
    uid: 'username',
    cn: '{first_name} {last_name}',
    sn: 'last_name',
    givenName: 'first_name',
    mail: 'email',
    departmentNumber: 'department',
    telephoneNumber: 'phone',
  },
  ldap: { base: `ou=${peopleOf(rows)}`, rdn: 'uid', objectClass: ['inetOrgPerson'] },
})

const wide = {
  view: 'wide',
  source: 'db',
  from: 'wide',
  key: 'id',
  attributes: {
    uid: 'name',
    ...Object.fromEntries(
      attributes(MOST_ATTRIBUTES).map((type, i) => [
        type,
        { column: `d${i + 1}`, syntax: 'directoryString' },
      ]),
    ),
  },
  ldap: { base: 'ou=wide', rdn: 'uid', objectClass: ['account'] },
}

const groups = (rows: number) => ({
  view: 'groups',
  source: 'db',
  from: 'teams',
  key: 'id',
  attributes: {
    cn: 'name',
    member: { ref: peopleOf(rows), table: 'members', on: 'team', value: 'person' },
  },
  ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['groupOfNames'] },
})

/** A table of the numbers `n`, from 1. */
const series = (kind: Kind, to: number) =>
  kind === 'sqlite'
    ? `(WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < ${to}) SELECT n FROM s) AS series`
    : `(SELECT seq AS n FROM seq_1_to_${to}) AS series`

const name = (kind: Kind) =>
  kind === 'sqlite' ? "'user' || substr('000000' || n, -7)" : "CONCAT('user', LPAD(n, 7, '0'))"

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i + 1)
}
