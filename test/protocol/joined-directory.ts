/** People of a directory whom a personnel database completes, and the other way about: what the sources hold, and mappings. */
import type { GatewayInput } from '../../src/index.js'
import { LdapClient } from '../../src/ldap/index.js'
import { type Slapd, startSlapd } from '../servers/slapd.js'
import { runSql } from './serving.js'

const suffix = 'dc=example,dc=com'
const corp = 'dc=corp'
export const people = `ou=people,${suffix}`
export const groups = `ou=groups,${suffix}`
export const admin = { dn: `cn=admin,${suffix}`, password: 'admin-password-1' }
export const TOKEN = 'a-token-of-some-length'

const staff = (uid: string) => `uid=${uid},ou=staff,${corp}`
const person = (uid: string, sn: string, more: Readonly<Record<string, readonly string[]>> = {}) =>
  [
    staff(uid),
    { objectClass: ['inetOrgPerson'], cn: [uid], sn: [sn], userPassword: [`${uid}-password`], ...more },
  ] as const

/** Ada has two addresses, eve none; nobody in personnel knows dora's. */
const entries: readonly (readonly [dn: string, attributes: Readonly<Record<string, readonly string[]>>])[] = [
  [`ou=staff,${corp}`, { objectClass: ['organizationalUnit'] }],
  [`ou=units,${corp}`, { objectClass: ['organizationalUnit'] }],
  person('ada', 'Byron', { mail: ['countess@example.com', 'Ada@Example.com'] }),
  person('bob', 'Moss', { mail: ['bob@example.com'], manager: [staff('ada')], employeeType: ['left'] }),
  person('carl', 'Hall', { mail: ['carl@example.com'], manager: [staff('ada')] }),
  person('dora', 'Lind', { mail: ['dora@example.com'], manager: [staff('bob')] }),
  person('eve', 'Nord', { manager: [staff('carl')] }),
  [
    `cn=engine,ou=units,${corp}`,
    { objectClass: ['groupOfNames'], member: ['ada', 'bob', 'dora'].map(staff) },
  ],
]

export async function startCorp(): Promise<Slapd> {
  const slapd = await startSlapd({
    suffix: corp,
    ldif: `dn: ${corp}\nobjectClass: domain\ndc: corp\n`,
    config: ['index entryUUID eq'],
  })
  const client = await LdapClient.connect({ host: slapd.host, port: slapd.port })
  await client.bind(slapd.rootDn, slapd.rootPassword)
  for (const [dn, attributes] of entries) {
    const [, type = '', value = ''] = /^(\w+)=(\w+)/.exec(dn) ?? []
    const all = Object.entries({ ...attributes, [type]: [value] })
    await client.add(
      dn,
      all.map(([name, values]) => ({ type: name, values })),
    )
  }
  client.close()
  return slapd
}

export async function loadEmployees(url: string): Promise<void> {
  await runSql(
    url,
    `create table employees (emp_no integer not null primary key, email varchar(100) not null unique,
      login varchar(50), dept varchar(50), title varchar(50) check (length(title) <= 50))`,
    `create table phones (employee_no integer not null, number varchar(30) not null)`,
    `insert into employees values
      (10, 'ADA@example.com', 'ada', 'research', 'Countess'),
      (20, 'bob@example.com', 'bob', 'sales', null),
      (30, 'Carl@Example.com', 'carl', 'sales', 'Clerk'),
      (90, 'nobody@example.com', 'nobody', 'research', 'Unknown')`,
    `insert into phones values (10, '+49 30 1'), (10, '+49 30 2'), (30, '+49 30 3')`,
  )
}

type JoinOf = Readonly<Record<string, unknown>>

const sources = (directory: Slapd, personnel: string) => ({
  directory: {
    type: 'ldap' as const,
    url: directory.url,
    bindDn: directory.rootDn,
    password: directory.rootPassword,
    operationTimeout: '5s',
  },
  personnel: { type: 'sql' as const, url: personnel, connectTimeout: '2s' },
})

const gateway = (given: Pick<GatewayInput, 'sources' | 'views'>): GatewayInput => ({
  ...given,
  suffix,
  listen: { ldap: 0, http: 0 },
  log: { level: 'silent' },
  serviceAccounts: [{ dn: admin.dn, password: `{CLEARTEXT}${admin.password}` }],
  access: [{ who: admin.dn, views: '*', allow: ['read', 'search', 'write'] }],
  scim: { tokens: [{ name: 'test', token: `{CLEARTEXT}${TOKEN}`, as: admin.dn, scopes: '*' }] },
})

const shown = {
  ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
  scim: { resource: 'User' },
}

/** @param ofJoin what the mapping says of the join besides where it leads */
export function personnelOnDirectory(directory: Slapd, personnel: string, ofJoin: JoinOf = {}): GatewayInput {
  return gateway({
    sources: sources(directory, personnel),
    views: [
      {
        view: 'people',
        source: 'directory',
        from: `ou=staff,${corp}??sub?(objectClass=inetOrgPerson)`,
        writable: true,
        uuid: 'entryUUID',
        join: {
          hr: {
            source: 'personnel',
            from: 'employees',
            key: 'emp_no',
            on: { email: 'mail' },
            optional: true,
            ...ofJoin,
          },
        },
        attributes: {
          uid: 'uid',
          cn: 'cn',
          sn: 'sn',
          mail: 'mail',
          manager: { ref: 'people', column: 'manager' },
          memberOf: { ref: 'groups', by: 'member' },
          employeeNumber: 'hr.emp_no',
          departmentNumber: 'hr.dept',
          title: 'hr.title',
          description: '{sn}, {hr.dept}',
          telephoneNumber: { table: 'hr.phones', on: 'employee_no', value: 'number' },
          userPassword: { column: 'userPassword', verifyOnly: true },
        },
        authentication: 'source',
        enabled: { column: 'employeeType', not: 'left' },
        create: { dn: `uid={uid},ou=staff,${corp}`, objectClass: ['inetOrgPerson'] },
        ...shown,
      },
      {
        view: 'groups',
        source: 'directory',
        from: `ou=units,${corp}??sub?(objectClass=groupOfNames)`,
        writable: true,
        attributes: { cn: 'cn', member: { ref: 'people', column: 'member' } },
        ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['groupOfNames'] },
        scim: { resource: 'Group' },
      },
    ],
  })
}

export function directoryOnPersonnel(
  directory: Slapd,
  personnel: string,
  on: Readonly<Record<string, string>>,
  ofJoin: JoinOf = {},
): GatewayInput {
  return gateway({
    sources: sources(directory, personnel),
    views: [
      {
        view: 'people',
        source: 'personnel',
        from: 'employees',
        writable: true,
        key: 'emp_no',
        join: {
          ad: {
            source: 'directory',
            from: `ou=staff,${corp}`,
            on,
            optional: true,
            ...ofJoin,
          },
        },
        attributes: {
          uid: 'login',
          title: 'title',
          departmentNumber: 'dept',
          sn: 'ad.sn',
          cn: ['ad.cn'],
          mail: 'ad.mail',
          displayName: '{ad.sn}, {dept}',
          description: { column: 'ad.mail', single: true },
        },
        ...shown,
      },
    ],
  })
}

/** People and what another directory holds of those of the same name. */
export function directoryOnDirectory(directory: Slapd, other: Slapd, personnel: string): GatewayInput {
  const { directory: own, personnel: database } = sources(directory, personnel)
  return gateway({
    sources: { directory: own, other: { ...own, url: other.url }, personnel: database },
    views: [
      {
        view: 'people',
        source: 'directory',
        from: `ou=staff,${corp}`,
        writable: true,
        where: { objectClass: 'inetOrgPerson' },
        uuid: 'entryUUID',
        join: {
          more: { source: 'other', from: `ou=staff,${corp}`, on: { uid: 'uid' } },
          hr: {
            source: 'personnel',
            from: 'employees',
            key: 'emp_no',
            on: { email: 'mail' },
            optional: true,
          },
        },
        attributes: {
          uid: 'uid',
          sn: 'sn',
          mail: 'more.mail',
          title: 'hr.title',
          manager: { ref: 'people', column: 'manager' },
        },
        authentication: 'source',
        ...shown,
      },
    ],
  })
}
