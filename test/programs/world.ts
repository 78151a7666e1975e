/**
 * What the programs of these tests find: a few accounts of people and groups as Linux hosts, mail and web servers want
 * them, in SQLite behind the gateway, and a recorder before it that knows what they asked.
 */
import { createGateway, type GatewayInput } from '../../src/index.js'
import { runSql, sqliteDatabase } from '../mappings/databases.js'
import { ssha } from '../protocol/company.js'
import { Machine } from '../servers/machine.js'
import { type Recorder, startRecorder } from '../servers/recorder.js'

export const suffix = 'dc=example,dc=com'
export const people = `ou=people,${suffix}`
export const groups = `ou=groups,${suffix}`
/** The account that programs look people up with. */
export const reader = { dn: `cn=reader,${suffix}`, password: 'reads' }

interface Person {
  readonly uid: string
  readonly cn: string
  readonly sn: string
  readonly mail: string
  readonly password: string
  readonly isEnabled: boolean
}

/** Their ids are their places in the list, from 1; `uidNumber` is 70,000 more. */
export const persons = {
  ada: person('ada', 'Ada Lovelace', 'Lovelace', 'engine no. 1'),
  grace: person('grace', 'Grace (Amazing) Hopper*', 'Hopper', 'c0b0l & "quotes"'),
  locked: { ...person('locked', 'Lena Locked', 'Locked', 'let me in'), isEnabled: false },
  jurgen: person('jurgen', 'Jürgen Müller', 'Müller', 'schlüssel'),
  obrien: person("o'brien", "Miles O'Brien \\ Chief", "O'Brien", 'transporter'),
} as const

/** Members by uid. */
export const teams: Readonly<Record<string, readonly string[]>> = {
  engineers: ['ada', 'grace', "o'brien"],
  'web (beta) *': ['ada', 'jurgen', 'locked'],
  empty: [],
}

export const dnOf = (uid: string) => `uid=${uid},${people}`
export const groupDn = (cn: string) => `cn=${cn},${groups}`
export const uidNumber = (uid: string) => 70_001 + list.findIndex((one) => one.uid === uid)
export const gidNumber = (cn: string) => 80_001 + Object.keys(teams).indexOf(cn)

function person(uid: string, cn: string, sn: string, password: string): Person {
  return { uid, cn, sn, mail: `${uid}@example.com`, password, isEnabled: true }
}

const list: readonly Person[] = Object.values(persons)

export interface World {
  readonly machine: Machine
  /** `ldap://` */
  readonly url: string
  readonly host: string
  readonly port: number
  /** What the programs have asked of the gateway. */
  readonly recorder: Recorder
  close(): Promise<void>
}

export async function startWorld(overrides: Partial<GatewayInput> = {}): Promise<World> {
  const database = sqliteDatabase()
  await runSql(database.url, sql())
  const gateway = await createGateway({ ...config(database.url), ...overrides })
  const { ldap } = await gateway.listen()
  if (ldap === undefined) throw new Error('LDAP is not served')
  const recorder = await startRecorder(ldap)
  // What is encrypted cannot be noted.
  const url = overrides.tls === undefined ? recorder.url : `ldap://${ldap.host}:${ldap.port}`
  const { hostname, port } = new URL(url)
  const machine = await Machine.start()
  return {
    machine,
    url,
    host: hostname,
    port: Number(port),
    recorder,
    close: async () => {
      await machine.stop()
      await recorder.close()
      await gateway.close()
      await database.remove()
    },
  }
}

function config(url: string): GatewayInput {
  return {
    suffix,
    listen: { ldap: 0 },
    log: { level: 'silent' },
    sources: { hr: { type: 'sql', url } },
    serviceAccounts: [{ dn: reader.dn, password: `{CLEARTEXT}${reader.password}` }],
    access: [
      { who: reader.dn, views: '*' },
      { who: 'authenticated', views: '*' },
    ],
    views: [
      {
        view: 'people',
        source: 'hr',
        from: 'accounts',
        key: 'id',
        attributes: {
          uid: 'login',
          cn: 'full_name',
          sn: 'last_name',
          mail: 'email',
          uidNumber: 'uid_number',
          gidNumber: { constant: 80_001 },
          homeDirectory: '/home/{login}',
          loginShell: { constant: '/bin/sh' },
          gecos: 'full_name',
          memberOf: { ref: 'groups', table: 'members', on: 'account_id', value: 'team_id' },
          userPassword: { column: 'password_hash', verifyOnly: true },
        },
        enabled: { column: 'is_enabled', equals: 1 },
        ldap: {
          base: 'ou=people',
          rdn: 'uid',
          objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'posixAccount'],
        },
      },
      {
        view: 'groups',
        source: 'hr',
        from: 'teams',
        key: 'id',
        attributes: {
          cn: 'name',
          gidNumber: 'gid_number',
          member: { ref: 'people', table: 'members', on: 'team_id', value: 'account_id' },
          memberUid: { table: 'members', on: 'team_id', value: 'login' },
        },
        ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['top', 'groupOfNames', 'posixGroup'] },
      },
    ],
  }
}

function sql(): string {
  const text = (value: string) => `'${value.replaceAll("'", "''")}'`
  const rows = (all: readonly (readonly (string | number)[])[]) =>
    all
      .map((row) => `(${row.map((cell) => (typeof cell === 'number' ? cell : text(cell))).join(', ')})`)
      .join(', ')
  const idOf = (uid: string) => 1 + list.findIndex((one) => one.uid === uid)
  const accounts = list.map((one, i) => [
    ...[i + 1, one.uid, one.cn, one.sn, one.mail, uidNumber(one.uid), ssha(one.password)],
    Number(one.isEnabled),
  ])
  const named = Object.entries(teams)
  return `
    CREATE TABLE accounts (id INTEGER PRIMARY KEY, login TEXT UNIQUE, full_name TEXT, last_name TEXT, email TEXT UNIQUE,
      uid_number INTEGER UNIQUE, password_hash TEXT, is_enabled INTEGER);
    CREATE TABLE teams (id INTEGER PRIMARY KEY, name TEXT UNIQUE, gid_number INTEGER UNIQUE);
    CREATE TABLE members (team_id INTEGER, account_id INTEGER, login TEXT, PRIMARY KEY (team_id, account_id));
    INSERT INTO accounts VALUES ${rows(accounts)};
    INSERT INTO teams VALUES ${rows(named.map(([name], i) => [i + 1, name, gidNumber(name)]))};
    INSERT INTO members VALUES ${rows(named.flatMap(([, uids], i) => uids.map((uid) => [i + 1, idOf(uid), uid])))};`
}
