/** The same company in a directory behind the gateway. */

import type { GatewayInput } from '../../src/index.js'
import { type Slapd, startSlapd } from '../servers/slapd.js'
import { classes, staffConfig, staffLdif, suffix } from './staff.js'

export function staffDirectory(): Promise<Slapd> {
  return startSlapd({ suffix, ldif: staffLdif(), strict: true })
}

export function directoryConfig({ url, rootDn, rootPassword }: Slapd): GatewayInput {
  const source: object = { type: 'ldap', url, bindDn: rootDn, password: rootPassword }
  return {
    ...staffConfig('sqlite:unused'),
    sources: { hr: source as GatewayInput['sources'][string] },
    views: [peopleView, crewsView],
  }
}

const peopleView = {
  view: 'people',
  source: 'hr',
  from: `ou=people,${suffix}??one?(objectClass=inetOrgPerson)`,
  uuid: 'entryUUID',
  version: 'entryCSN',
  writable: true,
  attributes: {
    uid: 'uid',
    cn: 'cn',
    sn: 'sn',
    givenName: 'givenName',
    title: 'title',
    mail: 'mail',
    description: 'description',
    telephoneNumber: 'telephoneNumber',
    uidNumber: 'uidNumber',
    gidNumber: 'gidNumber',
    homeDirectory: 'homeDirectory',
    employeeNumber: 'employeeNumber',
    preferredLanguage: 'preferredLanguage',
    jpegPhoto: 'jpegPhoto',
    manager: { ref: 'people', column: 'manager' },
    memberOf: { ref: 'crews', by: 'member' },
    userPassword: { column: 'userPassword', verifyOnly: true },
  },
  authentication: 'source' as const,
  create: { dn: `uid={uid},ou=people,${suffix}`, objectClass: classes },
  ldap: { base: 'ou=people', rdn: 'uid', objectClass: classes },
}

const crewsView = {
  view: 'crews',
  source: 'hr',
  from: `ou=crews,${suffix}??one?(objectClass=groupOfNames)`,
  uuid: 'entryUUID',
  version: 'entryCSN',
  writable: true,
  attributes: {
    cn: 'cn',
    description: 'description',
    member: { ref: 'people', column: 'member' },
  },
  create: { dn: `cn={cn},ou=crews,${suffix}`, objectClass: ['top', 'groupOfNames'] },
  ldap: { base: 'ou=crews', rdn: 'cn', objectClass: ['top', 'groupOfNames'] },
}
