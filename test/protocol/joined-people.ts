/** People whom a personnel database completes: accounts and groups in one database, employees and telephones in another. */
import type { GatewayInput } from '../../src/index.js'
import { runSql } from './serving.js'

const suffix = 'dc=example,dc=com'
export const people = `ou=people,${suffix}`
export const groups = `ou=groups,${suffix}`
export const admin = { dn: `cn=admin,${suffix}`, password: 'admin-password-1' }
export const TOKEN = 'a-token-of-some-length'

/** `ada` to `eve` have mail; dora's is in no personnel file, eve has none. */
export async function loadAccounts(url: string): Promise<void> {
  await runSql(
    url,
    `create table accounts (login varchar(50) not null primary key, first_name varchar(50),
      last_name varchar(50) not null, mail varchar(100) unique, boss varchar(50), secret varchar(100))`,
    `create table teams (id integer not null primary key, name varchar(50) not null unique)`,
    `create table members (team_id integer not null, login varchar(50) not null, primary key (team_id, login))`,
    `insert into accounts values
      ('ada', 'Ada', 'Byron', 'ada@example.com', null, '{CLEARTEXT}ada-password'),
      ('bob', 'Bob', 'Moss', 'Bob@Example.com', 'ada', '{CLEARTEXT}bob-password'),
      ('carl', 'Carl', 'Hall', 'carl@example.com', 'ada', '{CLEARTEXT}carl-password'),
      ('dora', 'Dora', 'Lind', 'dora@example.com', 'bob', '{CLEARTEXT}dora-password'),
      ('eve', 'Eve', 'Nord', null, 'carl', '{CLEARTEXT}eve-password')`,
    `insert into teams values (1, 'engine'), (2, 'loom')`,
    `insert into members values (1, 'ada'), (1, 'bob'), (1, 'dora'), (2, 'carl')`,
  )
}

export async function loadEmployees(url: string): Promise<void> {
  await runSql(
    url,
    `create table employees (emp_no integer not null primary key, email varchar(100) not null,
      dept varchar(50), title varchar(50) check (length(title) <= 50), status varchar(10), left_on date)`,
    `create table phones (employee_no integer not null, number varchar(30) not null)`,
    `insert into employees values
      (10, 'ADA@example.com', 'research', 'Countess', 'active', null),
      (20, 'bob@example.com', 'sales', null, 'left', null),
      (31, 'carl@example.com', 'research', 'Second of two', 'active', null),
      (30, 'carl@EXAMPLE.com', 'sales', 'First of two', 'active', null),
      (90, 'nobody@example.com', 'research', 'Unknown', 'active', null)`,
    `insert into phones values (10, '+49 30 1'), (10, '+49 30 2'), (30, '+49 30 3')`,
  )
}

export interface JoinOf {
  readonly optional?: boolean
  readonly onFailure?: 'fail' | 'absent'
  readonly owned?: boolean
  readonly timeout?: string
  readonly where?: Readonly<Record<string, string>>
}

/** @param ofJoin what the mapping says of the join besides where it leads */
export function config(accounts: string, employees: string, ofJoin: JoinOf = {}): GatewayInput {
  const times = { pool: { acquireTimeout: '3s' }, connectTimeout: '2s' }
  return {
    suffix,
    listen: { ldap: 0, http: 0 },
    log: { level: 'silent' },
    sources: {
      directory: { type: 'sql', url: accounts, ...times },
      personnel: { type: 'sql', url: employees, ...times },
    },
    serviceAccounts: [{ dn: admin.dn, password: `{CLEARTEXT}${admin.password}` }],
    access: [{ who: admin.dn, views: '*', allow: ['read', 'search', 'write'] }],
    scim: { tokens: [{ name: 'test', token: `{CLEARTEXT}${TOKEN}`, as: admin.dn, scopes: '*' }] },
    views: [
      {
        view: 'people',
        source: 'directory',
        from: 'accounts',
        writable: true,
        key: 'login',
        join: {
          hr: {
            source: 'personnel',
            from: 'employees',
            key: 'emp_no',
            on: { email: 'mail' },
            ...ofJoin,
          },
        },
        attributes: {
          uid: 'login',
          givenName: 'first_name',
          sn: 'last_name',
          cn: '{first_name} {last_name}',
          mail: 'mail',
          manager: { ref: 'people', column: 'boss' },
          memberOf: { ref: 'groups', table: 'members', on: 'login', value: 'team_id' },
          employeeNumber: 'hr.emp_no',
          departmentNumber: 'hr.dept',
          title: 'hr.title',
          description: '{last_name}, {hr.dept}',
          telephoneNumber: { table: 'hr.phones', on: 'employee_no', value: 'number' },
          userPassword: { column: 'secret', verifyOnly: true, cleartext: true },
        },
        ...(ofJoin.onFailure !== 'absent' && { enabled: { column: 'hr.status', not: 'left' } }),
        ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
        scim: { resource: 'User' },
      },
      {
        view: 'groups',
        source: 'directory',
        from: 'teams',
        writable: true,
        key: 'id',
        attributes: {
          cn: 'name',
          member: { ref: 'people', table: 'members', on: 'team_id', value: 'login' },
        },
        ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['groupOfNames'] },
        scim: { resource: 'Group' },
      },
    ],
  }
}
