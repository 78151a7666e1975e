/** The configuration that shows the population of a database, or of a directory, as the directory that `ldif.ts` writes. */
import type { GatewayInput } from '../../src/index.js'
import { employeeTypes } from './people.js'
import { sourceAndViews } from './upstream/config.js'

export const suffix = 'dc=example,dc=com'
const admin = { dn: `cn=admin,${suffix}`, password: 'secret' }

/** @param overrides further keys of the configuration */
export function populationConfig(url: string, overrides: Partial<GatewayInput> = {}): GatewayInput {
  return {
    suffix,
    listen: { ldap: 0 },
    log: { level: 'error' },
    serviceAccounts: [{ dn: admin.dn, password: `{CLEARTEXT}${admin.password}` }],
    access: [
      { who: 'anonymous', allow: ['read', 'search', 'compare'], views: '*' },
      { who: admin.dn, views: '*' },
    ],
    ...sourceAndViews(url, [people, groups], ['population-people.yaml', 'population-groups.yaml']),
    ...overrides,
  }
}

const people = {
  view: 'people',
  source: 'hr',
  from: 'users',
  key: 'id',
  attributes: {
    uid: 'username',
    cn: 'full_name',
    sn: 'last_name',
    givenName: 'first_name',
    displayName: '{first_name} {last_name}',
    mail: ['email', { table: 'extra_emails', on: 'user_id', value: 'address' }],
    telephoneNumber: { table: 'phones', on: 'user_id', value: 'number', where: { kind: 'work' } },
    mobile: { table: 'phones', on: 'user_id', value: 'number', where: { kind: 'mobile' } },
    title: 'title',
    departmentNumber: 'department',
    employeeNumber: 'employee_number',
    employeeType: { column: 'kind', map: Object.fromEntries(employeeTypes) },
    description: ['note', 'remark'],
    uidNumber: 'uid_number',
    gidNumber: 'gid_number',
    manager: { ref: 'people', column: 'manager_id' },
    memberOf: { ref: 'groups', table: 'group_members', on: 'user_id', value: 'group_id' },
    jpegPhoto: 'photo',
  },
  ldap: {
    base: 'ou=people',
    rdn: 'uid',
    objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson'],
  },
}

const groups = {
  view: 'groups',
  source: 'hr',
  from: 'groups',
  key: 'id',
  attributes: {
    cn: 'name',
    description: 'description',
    member: [
      { ref: 'people', table: 'group_members', on: 'group_id', value: 'user_id' },
      { ref: 'groups', table: 'group_groups', on: 'parent_id', value: 'child_id' },
    ],
    memberOf: { ref: 'groups', table: 'group_groups', on: 'child_id', value: 'parent_id' },
  },
  ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['top', 'groupOfNames'] },
}
