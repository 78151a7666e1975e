/**
 * Two companies that are shown as one: the corporation's people and teams in one database, those of a company that it
 * has bought in another, under other names and with keys of another kind.
 */
import type { GatewayInput } from '../../src/index.js'
import { ssha } from './company.js'

export const suffix = 'dc=example,dc=com'
export const people = `ou=people,${suffix}`
export const groups = `ou=groups,${suffix}`
export const personDn = (uid: string) => `uid=${uid},${people}`
export const groupDn = (cn: string) => `cn=${cn},${groups}`
export const admin = { dn: `cn=admin,${suffix}`, password: 'secret' }
export const TOKEN = 'companies-token'

/** The keys of the other company's accounts. */
export const guid = (n: number) => `6f0d3a5e-7c1b-4f7e-9a43-00000000000${n}`

/** The corporation's, for MariaDB or SQLite. */
export function corporationSql(url: string): string {
  const counted = url.startsWith('mysql:') ? 'integer primary key auto_increment' : 'integer primary key'
  return `
    create table staff (id ${counted}, login varchar(80) not null unique, mail varchar(80), first varchar(80),
      last varchar(80) not null, phone varchar(80), secret varchar(200), active integer not null default 1, boss integer);
    create table teams (id ${counted}, name varchar(80) not null unique);
    create table team_staff (team integer not null, person integer not null, primary key (team, person));
    insert into staff values
      (1, 'ada', 'ada@example.com', 'Ada', 'Lovelace', null, '${ssha('ada-secret')}', 1, null),
      (2, 'bob', 'bob@example.com', 'Bob', 'Builder', '555 01', '${ssha('bob-secret')}', 1, 1),
      (3, 'carl', null, 'Carl', 'Gauss', null, '${ssha('carl-secret')}', 0, 2);
    insert into teams values (1, 'engineering'), (2, 'everybody');
    insert into team_staff values (1, 1), (1, 2), (2, 3);`
}

/** The other company's, for SQLite. Two of them are also the corporation's: one by mail, one by name. */
export function acquiredSql(): string {
  return `
    create table accounts (guid text primary key, acct text not null unique, email text, given text, family text not null,
      desk_phone text, pw text, state text not null default 'on', head text);
    create table circles (id text primary key, title text not null unique);
    create table circle_accounts (circle text not null, account text not null, primary key (circle, account));
    insert into accounts values
      ('${guid(1)}', 'dora', 'dora@acme.example', 'Dora', 'Maar', '777 01', '${ssha('dora-secret')}', 'on', '${guid(2)}'),
      ('${guid(2)}', 'adele', 'Ada@Example.com', 'Ada', 'Byron', '777 02', '${ssha('adele-secret')}', 'on', null),
      ('${guid(3)}', 'bob', 'bob@acme.example', 'Robert', 'Builder', '777 03', '${ssha('robert-secret')}', 'on', '${guid(1)}'),
      ('${guid(4)}', 'emil', null, 'Emil', 'Nolde', null, '${ssha('emil-secret')}', 'off', '${guid(3)}');
    insert into circles values ('art', 'artists'), ('all', 'everybody');
    insert into circle_accounts values ('art', '${guid(1)}'), ('art', '${guid(2)}'), ('art', '${guid(4)}'),
      ('all', '${guid(3)}');`
}

/** Without the two accounts that are also the corporation's. */
export const apart = `
  delete from accounts where acct in ('adele', 'bob');
  delete from circles where id = 'all';`

type View = GatewayInput['views'][number]
type Options = Partial<{
  by: string
  duplicates: 'error' | 'first' | 'merge'
  onFailure: 'fail' | 'partial'
  create: string
}>

/** Everything may be read and written by everybody that may bind. */
export function companiesConfig(
  corporation: string,
  acquired: string,
  options: Options = {},
  overrides: Partial<GatewayInput> = {},
): GatewayInput {
  return {
    suffix,
    listen: { ldap: 0, http: 0 },
    log: { level: 'silent' },
    sources: {
      corporation: { type: 'sql', url: corporation, connectTimeout: '1s' },
      acquired: { type: 'sql', url: acquired },
    },
    serviceAccounts: [{ dn: admin.dn, password: `{CLEARTEXT}${admin.password}` }],
    access: [{ who: 'authenticated', views: '*', allow: ['read', 'search', 'compare', 'write'] }],
    scim: { tokens: [{ name: 'test', token: `{CLEARTEXT}${TOKEN}`, as: admin.dn, scopes: ['*'] }] },
    views: [...mappings(), ...unions(options)],
    ...overrides,
  }
}

function mappings(): View[] {
  return [
    {
      view: 'corp',
      source: 'corporation',
      from: 'staff',
      writable: true,
      key: 'id',
      attributes: {
        uid: 'login',
        cn: '{first} {last}',
        givenName: 'first',
        sn: 'last',
        mail: 'mail',
        telephoneNumber: 'phone',
        manager: { ref: 'corp', column: 'boss' },
        memberOf: { ref: 'teams', table: 'team_staff', on: 'person', value: 'team', readOnly: true },
        userPassword: { column: 'secret', verifyOnly: true, hash: 'ssha256' },
      },
      enabled: { column: 'active', equals: 1, else: 0 },
    },
    {
      view: 'acme',
      source: 'acquired',
      from: 'accounts',
      writable: true,
      key: 'guid',
      attributes: {
        uid: 'acct',
        cn: '{given} {family}',
        givenName: 'given',
        sn: 'family',
        mail: 'email',
        telephoneNumber: 'desk_phone',
        manager: { ref: 'acme', column: 'head' },
        memberOf: {
          ref: 'circles',
          table: 'circle_accounts',
          on: 'account',
          value: 'circle',
          readOnly: true,
        },
        userPassword: { column: 'pw', verifyOnly: true, hash: 'ssha256' },
      },
      enabled: { column: 'state', equals: 'on', else: 'off' },
    },
    {
      view: 'teams',
      source: 'corporation',
      from: 'teams',
      writable: true,
      key: 'id',
      attributes: { cn: 'name', member: { ref: 'corp', table: 'team_staff', on: 'team', value: 'person' } },
    },
    {
      view: 'circles',
      source: 'acquired',
      from: 'circles',
      writable: true,
      key: 'id',
      attributes: {
        cn: 'title',
        member: { ref: 'acme', table: 'circle_accounts', on: 'circle', value: 'account' },
      },
    },
  ]
}

function unions({ by = 'mail', create, ...options }: Options): View[] {
  return [
    {
      view: 'people',
      union: { members: ['corp', 'acme'], by, ...options, ...(create !== undefined && { create }) },
      ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
      scim: { resource: 'User' },
    },
    {
      view: 'groups',
      union: { members: ['teams', 'circles'], ...options },
      ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['groupOfNames'] },
      scim: { resource: 'Group' },
    },
  ]
}
