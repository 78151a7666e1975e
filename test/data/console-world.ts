/**
 * What the console has to show in tests: people and groups that are asked live, one name of each kind that a page may
 * stumble over, partners that are copied, and contractors whose database is away.
 */
import { createGateway, type Gateway, type GatewayInput } from '../../src/index.js'
import { LdapClient } from '../../src/ldap/index.js'
import { createLog } from '../../src/ops/log.js'
import { runSql, sqliteDatabase } from '../mappings/databases.js'

export const suffix = 'dc=example,dc=com'
export const token = 'the-token-of-operators'
/** May read and search people, groups and partners, but not where people live. */
export const auditor = `cn=auditor,${suffix}`
const admin = { dn: `cn=admin,${suffix}`, password: 'admin-password-5150' }
export const hash = '{SSHA}never-to-be-seen'
/** A name longer than a telephone is wide, and one that would be elements if it were taken for text of a page. */
export const longName = `An extraordinarily long name ${'of a group '.repeat(12)}`.trim()
export const markup = '<img src=x onerror=alert(1)>'

export interface ConsoleWorld {
  readonly gateway: Gateway
  /** Of the operators' port. */
  readonly url: string
  readonly config: GatewayInput
  readonly database: string
  readonly ldap: LdapClient
  close(): Promise<void>
}

export async function startConsole(overrides: Partial<GatewayInput> = {}): Promise<ConsoleWorld> {
  const [database, store] = [sqliteDatabase(), sqliteDatabase()]
  await runSql(database.url, sql())
  const config = { ...consoleConfig(database.url, store.url), ...overrides }
  const gateway = await createGateway(config, { log: createLog('silent') })
  const { ops, ldap } = await gateway.listen()
  await gateway.refresh(undefined, { approve: true })
  const client = await LdapClient.connect({ port: ldap?.port ?? 0 })
  await client.bind(admin.dn, admin.password)
  return {
    gateway,
    url: `http://127.0.0.1:${ops?.port}`,
    config,
    database: database.url,
    ldap: client,
    close: async () => {
      client.close()
      await gateway.close()
      await Promise.all([database.remove(), store.remove()])
    },
  }
}

function consoleConfig(url: string, store: string): GatewayInput {
  const people = (view: string, from: string) => ({
    view,
    source: 'hr',
    from,
    key: 'id',
    attributes: {
      uid: 'login',
      cn: 'name',
      sn: 'name',
      mail: 'email',
      homePostalAddress: 'home',
      jpegPhoto: 'photo',
      userPassword: { column: 'secret', verifyOnly: true },
    },
    ldap: { base: `ou=${view}`, rdn: 'uid', objectClass: ['top', 'person', 'inetOrgPerson'] },
  })
  return {
    suffix,
    listen: { ldap: 0, http: 0, ops: 0 },
    log: { level: 'silent' },
    sources: {
      hr: { type: 'sql', url },
      agency: { type: 'sql', url: 'postgres://nobody@127.0.0.1:9/agency', connectTimeout: '1s' },
    },
    copy: { store, pollingInterval: '1h', maxRemoveLimit: 5 },
    console: { token: `{CLEARTEXT}${token}`, as: auditor },
    serviceAccounts: [
      { dn: auditor, password: '{CLEARTEXT}auditor-password-4711' },
      { dn: admin.dn, password: `{CLEARTEXT}${admin.password}` },
    ],
    access: [
      { who: auditor, views: '*', allow: ['read', 'search'], except: ['homePostalAddress'] },
      { who: admin.dn, views: '*' },
    ],
    views: [
      { ...people('people', 'people'), writable: true, scim: { resource: 'User' } },
      {
        view: 'groups',
        source: 'hr',
        from: 'teams',
        key: 'id',
        attributes: {
          cn: 'name',
          member: { ref: 'people', table: 'members', on: 'team_id', value: 'person_id' },
        },
        ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['top', 'groupOfNames'] },
        scim: { resource: 'Group' },
      },
      { mapping: people('partners', 'partners'), refreshMethod: 'copy' },
      { ...people('contractors', 'people'), source: 'agency' },
    ],
  } as GatewayInput
}

function sql(): string {
  const text = (value: string) => `'${value.replaceAll("'", "''")}'`
  const person = (i: number, kind: string, name = `Somebody no. ${i}`) =>
    `(${i}, '${kind}.${i}', ${text(name)}, '${kind}.${i}@example.com', 'Home of ${kind}.${i}', X'FFD8FF00', '${hash}')`
  const columns =
    'id INTEGER PRIMARY KEY, login TEXT UNIQUE, name TEXT, email TEXT, home TEXT, photo BLOB, secret TEXT'
  const people = Array.from({ length: 260 }, (_, i) => person(i + 1, 'user', i === 4 ? markup : undefined))
  const partners = Array.from({ length: 40 }, (_, i) => person(i + 1, 'partner'))
  return `
    CREATE TABLE people (${columns});
    CREATE TABLE partners (${columns});
    CREATE TABLE teams (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
    CREATE TABLE members (team_id INTEGER, person_id INTEGER, PRIMARY KEY (team_id, person_id));
    INSERT INTO people VALUES ${people.join(', ')};
    INSERT INTO partners VALUES ${partners.join(', ')};
    INSERT INTO teams VALUES (1, 'engineers'), (2, ${text(longName)});
    INSERT INTO members VALUES ${Array.from({ length: 210 }, (_, i) => `(1, ${i + 1})`).join(', ')}, (2, 5);`
}
