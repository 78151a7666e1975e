/**
 * A small world twice: as tables with the mapping that shows them, and as LDIF for a native directory. It has a value
 * of every syntax that people meet, names that need escapes, and attributes that only some have.
 */
import type { GatewayInput } from '../../src/index.js'
import { standardSchema } from '../../src/schema/schema.js'
import { suffix } from './gateway.js'
import { escapeDnValue } from './ldif.js'

const people = `ou=people,${suffix}`
const groups = `ou=groups,${suffix}`

interface Person {
  readonly uid: string
  readonly cn: string
  readonly sn: string
  readonly given?: string
  readonly mail?: readonly string[]
  readonly phone?: string
  readonly number?: number
  readonly title?: string
  readonly note?: string
  readonly manager?: string
  readonly level?: number
  readonly active?: boolean
  /** Seconds since 1970. */
  readonly hired?: number
  readonly badge?: string
  readonly address?: string
  /** In hex. */
  readonly token?: string
  readonly password?: string
  readonly german?: string
}

const persons: readonly Person[] = [
  {
    uid: 'alice',
    cn: 'Alice Adams',
    sn: 'Adams',
    given: 'Alice',
    mail: ['alice@example.com', 'a.adams@example.org'],
    phone: '+49 30 123-45',
    number: 1001,
    title: 'Director',
    note: 'Leads  the house',
    level: 7,
    active: true,
    hired: 1_579_046_400,
    badge: '12 34',
    address: '1 Main St$Anytown',
    token: 'ffd8ff00e0',
    password: 'wonderland',
    german: 'Leiterin',
  },
  {
    uid: 'bob',
    cn: 'Bob Brown',
    sn: 'Brown',
    given: 'Bob',
    mail: ['Bob@Example.com'],
    number: 1002,
    title: 'engineer',
    manager: 'alice',
    level: 12,
    active: false,
    hired: 1_600_000_000,
    badge: '0077',
    password: 'builder',
  },
  { uid: 'carol', cn: 'Carol  Clark', sn: 'Clark', number: 999, manager: 'alice', level: -3, active: true },
  {
    uid: 'jürgen',
    cn: 'Jürgen Müller',
    sn: 'Müller',
    given: 'Jürgen',
    manager: 'bob',
    note: 'Größe: 5*4 (m)',
  },
  { uid: "o'neil, pat", cn: 'Pat O’Neil', sn: "O'Neil", number: 70_000, level: 100, hired: -86_400 },
  { uid: 'a+b=c', cn: 'A+B <c> "d"', sn: 'Plus', title: 'ENGINEER', token: '00' },
  { uid: '#hash', cn: '#hash', sn: 'back\\slash', note: 'x' },
  { uid: '日本', cn: '山田 太郎', sn: '山田', phone: '555 01' },
]

interface Group {
  readonly cn: string
  readonly note?: string
  readonly members: readonly string[]
  readonly groups?: readonly string[]
}

const groupList: readonly Group[] = [
  { cn: 'admins', note: 'All power', members: ['alice'] },
  { cn: 'Staff, all', members: ['alice', 'bob', 'carol', "o'neil, pat"], groups: ['admins'] },
  { cn: 'ring', members: ['a+b=c'], groups: ['ring 2'] },
  { cn: 'ring 2', members: ['#hash'], groups: ['ring'] },
]

/** Attributes of the world's own, and what they are. */
const own = [
  { name: 'xLevel', syntax: 'integer', singleValued: true },
  { name: 'xActive', syntax: 'boolean', singleValued: true },
  { name: 'xHired', syntax: 'generalizedTime', singleValued: true },
  { name: 'xBadge', syntax: 'numericString' },
  { name: 'xToken', syntax: 'octetString' },
] as const

export const personDn = (uid: string) => `uid=${escapeDnValue(uid)},${people}`
export const groupDn = (cn: string) => `cn=${escapeDnValue(cn)},${groups}`
const uuidOf = (kind: number, i: number) => `0000000${kind}-0000-4000-8000-0000000000${10 + i}`
const MADE = 1_600_000_000
const CHANGED = 1_700_000_000

/** Definitions for slapd.conf(5). */
export function definitions(): readonly string[] {
  const names = own.map(({ name }) => name)
  const schema = standardSchema()
    .withAttributes(own)
    .withObjectClasses([{ name: 'xStaff', may: names }])
  const described = schema.describe()
  return [
    ...described.attributeTypes
      .filter((text) => names.some((name) => text.includes(`NAME '${name}'`)))
      .map((text) => `attributetype ${text}`),
    ...described.objectClasses
      .filter((text) => text.includes("NAME 'xStaff'"))
      .map((text) => `objectclass ${text}`),
  ]
}

const time = (seconds: number) =>
  new Date(seconds * 1000)
    .toISOString()
    .replaceAll(/[-:T]/g, '')
    .replace(/\.\d+Z$/, 'Z')

function record(dn: string, attributes: readonly (readonly [string, string | Buffer | undefined])[]): string {
  const lines = [`dn:: ${Buffer.from(dn).toString('base64')}`]
  for (const [name, value] of attributes)
    if (value !== undefined) lines.push(`${name}:: ${Buffer.from(value).toString('base64')}`)
  return `${lines.join('\n')}\n`
}

const classes = (...names: readonly string[]) =>
  names.map((name): readonly [string, string] => ['objectClass', name])

/** The world as slapadd takes it, `memberOf` and the times included. */
export function blackboxLdif(): string {
  const memberships = (member: string) =>
    groupList
      .filter((g) => g.members.includes(member))
      .map((g): readonly [string, string] => ['memberOf', groupDn(g.cn)])
  const times = [
    ['createTimestamp', time(MADE)],
    ['modifyTimestamp', time(CHANGED)],
  ] as const
  return [
    record(suffix, [...classes('top', 'dcObject', 'organization'), ['dc', 'example'], ['o', 'example']]),
    record(people, [...classes('top', 'organizationalUnit'), ['ou', 'people']]),
    record(groups, [...classes('top', 'organizationalUnit'), ['ou', 'groups']]),
    record(`ou=empty,${suffix}`, [...classes('top', 'organizationalUnit'), ['ou', 'empty']]),
    ...persons.map((p, i) =>
      record(personDn(p.uid), [
        ...classes('top', 'person', 'organizationalPerson', 'inetOrgPerson', 'posixAccount', 'xStaff'),
        ['uid', p.uid],
        ['cn', p.cn],
        ['sn', p.sn],
        ['givenName', p.given],
        ...(p.mail ?? []).map((m) => ['mail', m] as const),
        ['telephoneNumber', p.phone],
        ['uidNumber', p.number === undefined ? '1' : String(p.number)],
        ['gidNumber', '100'],
        ['homeDirectory', `/home/${i + 1}`],
        ['title', p.title],
        ['description', p.note],
        ['manager', p.manager && personDn(p.manager)],
        ['xLevel', p.level?.toString()],
        ['xActive', p.active === undefined ? undefined : p.active ? 'TRUE' : 'FALSE'],
        ['xHired', p.hired === undefined ? undefined : time(p.hired)],
        ['xBadge', p.badge],
        ['postalAddress', p.address],
        ['jpegPhoto', p.token === undefined ? undefined : Buffer.from(p.token, 'hex')],
        ['xToken', p.token === undefined ? undefined : Buffer.from(p.token, 'hex')],
        ['userPassword', p.password],
        ...memberships(p.uid),
        ['entryUUID', uuidOf(1, i)],
        ...times,
      ]),
    ),
    ...groupList.map((g, i) =>
      record(groupDn(g.cn), [
        ...classes('top', 'groupOfNames', 'xStaff'),
        ['cn', g.cn],
        ['description', g.note],
        ...g.members.map((m) => ['member', personDn(m)] as const),
        ...(g.groups ?? []).map((m) => ['member', groupDn(m)] as const),
        ['entryUUID', uuidOf(2, i)],
        ...times,
      ]),
    ),
  ].join('\n')
}

const sql = (value: string | number | undefined) =>
  value === undefined
    ? 'null'
    : typeof value === 'number'
      ? String(value)
      : `'${value.replaceAll("'", "''")}'`

/** Creates and fills the tables, in words that every database knows; `\` stands for itself in all of them but MariaDB. */
export function blackboxSql(escapes: boolean): string {
  const text = (value: string | undefined) => sql(escapes ? value?.replaceAll('\\', '\\\\') : value)
  const id = (uid: string | undefined) =>
    uid === undefined ? 'null' : String(1 + persons.findIndex((p) => p.uid === uid))
  const groupId = (cn: string) => 1 + groupList.findIndex((g) => g.cn === cn)
  const rows = (table: string, list: readonly string[]) =>
    `insert into ${table} values ${list.map((row) => `(${row})`).join(', ')}`
  return [
    `create table persons (id integer primary key, login varchar(80) not null unique, cn varchar(80), sn varchar(80),
      given varchar(80), email varchar(80), phone varchar(80), uid_number integer, home varchar(80), title varchar(80),
      note varchar(200), manager_id integer, lvl integer, active varchar(1), hired bigint, badge varchar(20),
      address varchar(200), token varchar(80), secret varchar(80), german varchar(80), uuid varchar(36), made bigint,
      changed bigint)`,
    'create table mails (person_id integer not null, address varchar(80) not null, primary key (person_id, address))',
    'create table teams (id integer primary key, name varchar(80) not null unique, note varchar(80), uuid varchar(36), made bigint, changed bigint)',
    'create table members (team_id integer not null, person_id integer not null, primary key (team_id, person_id))',
    'create table subteams (team_id integer not null, child_id integer not null, primary key (team_id, child_id))',
    rows(
      'persons',
      persons.map((p, i) =>
        [
          i + 1,
          ...[p.uid, p.cn, p.sn, p.given, p.mail?.[0], p.phone].map(text),
          sql(p.number ?? 1),
          sql(`/home/${i + 1}`),
          ...[p.title, p.note].map(text),
          id(p.manager),
          sql(p.level),
          sql(p.active === undefined ? undefined : p.active ? 'Y' : 'N'),
          sql(p.hired),
          ...[p.badge, p.address, p.token].map(text),
          text(p.password && `{CLEARTEXT}${p.password}`),
          text(p.german),
          sql(uuidOf(1, i)),
          MADE,
          CHANGED,
        ].join(', '),
      ),
    ),
    rows(
      'mails',
      persons.flatMap((p) => (p.mail ?? []).slice(1).map((m) => `${id(p.uid)}, ${text(m)}`)),
    ),
    rows(
      'teams',
      groupList.map(
        (g, i) => `${i + 1}, ${text(g.cn)}, ${text(g.note)}, ${sql(uuidOf(2, i))}, ${MADE}, ${CHANGED}`,
      ),
    ),
    rows(
      'members',
      groupList.flatMap((g) => g.members.map((m) => `${groupId(g.cn)}, ${id(m)}`)),
    ),
    `${rows(
      'subteams',
      groupList.flatMap((g) => (g.groups ?? []).map((m) => `${groupId(g.cn)}, ${groupId(m)}`)),
    )};`,
  ].join(';\n')
}

const epoch = (column: string) => ({ column, type: 'epoch', syntax: 'generalizedTime' }) as const

export function blackboxConfig(url: string): GatewayInput {
  const kept = { entryUUID: 'uuid', createTimestamp: epoch('made'), modifyTimestamp: epoch('changed') }
  return {
    suffix,
    listen: { ldap: 0 },
    log: { level: 'error' },
    serviceAccounts: [{ dn: `cn=admin,${suffix}`, password: '{CLEARTEXT}secret' }],
    access: [{ who: 'anonymous', views: '*' }],
    sources: { hr: { type: 'sql', url } },
    views: [
      {
        view: 'people',
        source: 'hr',
        from: 'persons',
        key: 'id',
        attributes: {
          uid: 'login',
          cn: 'cn',
          sn: 'sn',
          givenName: 'given',
          mail: ['email', { table: 'mails', on: 'person_id', value: 'address' }],
          telephoneNumber: 'phone',
          uidNumber: 'uid_number',
          gidNumber: { constant: 100 },
          homeDirectory: 'home',
          title: 'title',
          description: 'note',
          manager: { ref: 'people', column: 'manager_id' },
          memberOf: { ref: 'groups', table: 'members', on: 'person_id', value: 'team_id' },
          xLevel: { column: 'lvl', syntax: 'integer' },
          xActive: { column: 'active', map: { Y: true, N: false }, syntax: 'boolean' },
          xHired: epoch('hired'),
          xBadge: { column: 'badge', syntax: 'numericString' },
          postalAddress: 'address',
          jpegPhoto: { column: 'token', type: 'hex' },
          xToken: { column: 'token', type: 'hex', syntax: 'octetString' },
          userPassword: { column: 'secret', verifyOnly: true, cleartext: true },
          ...kept,
        },
        ldap: {
          base: 'ou=people',
          rdn: 'uid',
          objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'posixAccount', 'xStaff'],
        },
      },
      {
        view: 'groups',
        source: 'hr',
        from: 'teams',
        key: 'id',
        attributes: {
          cn: 'name',
          description: 'note',
          member: [
            { ref: 'people', table: 'members', on: 'team_id', value: 'person_id' },
            { ref: 'groups', table: 'subteams', on: 'team_id', value: 'child_id' },
          ],
          ...kept,
        },
        ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['top', 'groupOfNames', 'xStaff'] },
      },
      {
        view: 'none',
        source: 'hr',
        from: 'teams',
        key: 'id',
        where: { id: 0 },
        attributes: { cn: 'name' },
        ldap: { base: 'ou=empty', rdn: 'cn', objectClass: ['top', 'groupOfNames'] },
      },
    ],
  }
}
