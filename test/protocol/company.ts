/**
 * A small company by hand: accounts with passwords, locked, deleted and circular ones, and nested teams. For tests
 * that say what exactly the answer is; for awkward text there is the population of `test/data`.
 */
import { createHash } from 'node:crypto'
import type { GatewayInput } from '../../src/index.js'
import { sourceAndViews } from '../data/upstream/config.js'

export const suffix = 'dc=example,dc=com'
export const people = `ou=people,${suffix}`
export const teams = `ou=teams,${suffix}`
export const admin = { dn: `cn=admin,${suffix}`, password: 'secret' }

interface Account {
  readonly login: string
  readonly first?: string
  readonly last: string
  readonly phone?: string
  readonly badge?: string
  readonly password?: string
  readonly status?: 'A' | 'L'
  readonly manager?: string
  readonly deleted?: true
}

/** Their ids are their places in the list, from 1. */
export const accounts: readonly Account[] = [
  { login: 'bjensen', first: 'Barbara', last: 'Jensen', badge: 'S-1', password: 'hifalutin' },
  { login: 'kvaughan', first: 'Kirsten', last: 'Vaughan', password: 'bribery', manager: 'bjensen' },
  { login: 'scarter', first: 'Sam', last: 'Carter', password: 'sprain', manager: 'kvaughan', status: 'L' },
  { login: 'jürgen', first: 'Jürgen', last: 'Müller', password: 'schlüssel', manager: 'scarter' },
  { login: 'gone', first: 'Gina', last: 'Gone', password: 'farewell', manager: 'bjensen', deleted: true },
  { login: 'nopass', last: 'Nopass', manager: 'gone' },
  { login: 'ring.a', last: 'Ring', manager: 'ring.b' },
  { login: 'ring.b', last: 'Ring', manager: 'ring.a' },
  { login: 'own.boss', last: 'Boss', manager: 'own.boss' },
  ...Array.from({ length: 21 }, (_, i) => ({
    login: `staff${i + 1}`,
    last: 'Staff',
    phone: `555 01${i + 10}`,
  })),
]

interface Team {
  readonly name: string
  readonly members: readonly string[]
  readonly teams?: readonly string[]
  readonly deleted?: true
}

const teamList: readonly Team[] = [
  { name: 'Technology', members: ['bjensen', 'gone'], teams: ['Optics', 'Closed'] },
  { name: 'Optics', members: ['kvaughan'], teams: ['Lenses, Mirrors'] },
  { name: 'Lenses, Mirrors', members: ['scarter', 'jürgen'] },
  { name: 'Egg', members: ['staff1'], teams: ['Hen'] },
  { name: 'Hen', members: ['staff2'], teams: ['Egg'] },
  { name: 'Empty', members: [] },
  { name: 'Closed', members: ['bjensen', 'staff3'], deleted: true },
]

/** Those that the mapping's `where` lets through. */
export const living = accounts.filter((account) => account.deleted === undefined)

export const idOf = (login: string) => accounts.findIndex((account) => account.login === login) + 1
export const teamId = (name: string) => teamList.findIndex((team) => team.name === name) + 1
export const personDn = (login: string) => `uid=${login},${people}`
export const teamDn = (name: string) => `cn=${name.replaceAll(',', '\\,')},${teams}`

/** RFC 2307's salted SHA-1, made with a fixed salt. */
export function ssha(password: string): string {
  const salt = Buffer.from('pepper')
  const digest = createHash('sha1').update(password, 'utf8').update(salt).digest()
  return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`
}

const text = (value: string | undefined) =>
  value === undefined ? 'null' : `'${value.replaceAll("'", "''")}'`

/** Creates and fills the tables, in words that every database knows. */
export function companySql(): string {
  const accountRows = accounts.map((a, i) =>
    [
      i + 1,
      text(a.login),
      text(a.first),
      text(a.last),
      text(`${a.login.replace('ü', 'ue')}@example.com`),
      text(a.phone),
      text(a.badge),
      text(a.password === undefined ? undefined : ssha(a.password)),
      text(a.status ?? 'A'),
      a.manager === undefined ? 'null' : idOf(a.manager),
      text(a.deleted && '2020-01-01'),
    ].join(', '),
  )
  const teamRows = teamList.map((t, i) => `${i + 1}, ${text(t.name)}, ${text(t.deleted && '2020-01-01')}`)
  const memberRows = teamList.flatMap((t, i) => t.members.map((login) => `${i + 1}, ${idOf(login)}`))
  const nestedRows = teamList.flatMap((t, i) => (t.teams ?? []).map((name) => `${i + 1}, ${teamId(name)}`))
  return [
    `create table accounts (
      id integer primary key, login varchar(80) not null unique, first_name varchar(80), last_name varchar(80) not null,
      email varchar(80), phone varchar(80), badge varchar(80), password_hash varchar(200), status char(1) not null,
      manager_id integer, deleted_at varchar(30))`,
    'create table teams (id integer primary key, name varchar(80) not null unique, deleted_at varchar(30))',
    'create table team_members (team_id integer not null, account_id integer not null, primary key (team_id, account_id))',
    'create table team_teams (parent_id integer not null, child_id integer not null, primary key (parent_id, child_id))',
    `insert into accounts values ${rows(accountRows)}`,
    `insert into teams values ${rows(teamRows)}`,
    `insert into team_members values ${rows(memberRows)}`,
    `insert into team_teams values ${rows(nestedRows)};`,
  ].join(';\n')
}

const rows = (list: readonly string[]) => list.map((row) => `(${row})`).join(', ')

/** The gateway over those tables, or a directory with the same in it. It shows everything to everybody unless told otherwise. */
export function companyConfig(url: string, overrides: Partial<GatewayInput> = {}): GatewayInput {
  return {
    suffix,
    listen: { ldap: 0 },
    log: { level: 'silent' },
    serviceAccounts: [{ dn: admin.dn, password: `{CLEARTEXT}${admin.password}` }],
    access: [{ who: 'anonymous', views: '*' }],
    ...sourceAndViews(url, [peopleView, teamsView], ['company-people.yaml', 'company-teams.yaml']),
    ...overrides,
  }
}

const peopleView = {
  view: 'people',
  source: 'hr',
  from: 'accounts',
  key: 'id',
  where: { deleted_at: null },
  attributes: {
    uid: 'login',
    cn: '{first_name} {last_name}',
    sn: 'last_name',
    givenName: 'first_name',
    mail: 'email',
    telephoneNumber: 'phone',
    employeeNumber: 'badge',
    manager: { ref: 'people', column: 'manager_id' },
    memberOf: { ref: 'teams', table: 'team_members', on: 'account_id', value: 'team_id' },
    userPassword: { column: 'password_hash', verifyOnly: true },
  },
  enabled: { column: 'status', equals: 'A' },
  ldap: {
    base: 'ou=people',
    rdn: 'uid',
    objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson'],
  },
}

const teamsView = {
  view: 'teams',
  source: 'hr',
  from: 'teams',
  key: 'id',
  where: { deleted_at: null },
  attributes: {
    cn: 'name',
    member: [
      { ref: 'people', table: 'team_members', on: 'team_id', value: 'account_id' },
      { ref: 'teams', table: 'team_teams', on: 'parent_id', value: 'child_id' },
    ],
    memberOf: { ref: 'teams', table: 'team_teams', on: 'child_id', value: 'parent_id' },
  },
  ldap: { base: 'ou=teams', rdn: 'cn', objectClass: ['top', 'groupOfNames'] },
}
