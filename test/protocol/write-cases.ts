/** What is written in the same way to the gateway and to slapd, in this order; entries change as it goes. */
import type { ClientChange, LdapClient } from '../../src/ldap/index.js'
import { classes, crewDn, people, personDn, suffix } from './staff.js'

export interface Step {
  readonly name: string
  /** Whose entries are compared afterwards. */
  readonly about: readonly string[]
  run(client: LdapClient): Promise<unknown>
}

type Values = readonly (string | Uint8Array)[]
type ChangeRow = readonly [operation: ClientChange['operation'], type: string, ...values: Values]

const shown = (values: Values) =>
  values.map((v) => (typeof v === 'string' ? v : Buffer.from(v).toString('hex')))

const changesOf = (rows: readonly ChangeRow[]): ClientChange[] =>
  rows.map(([operation, type, ...values]) => ({ operation, type, values }))

function modify(dn: string, ...rows: readonly ChangeRow[]): Step {
  const told = rows.map(([op, type, ...values]) => `${op} ${type}: ${shown(values).join(' | ')}`).join('; ')
  return {
    name: `${dn.split(',')[0]}: ${told}`,
    about: [dn],
    run: (client) => client.modify(dn, changesOf(rows)),
  }
}

function add(
  dn: string,
  attributes: Readonly<Record<string, Values>> | readonly (readonly [string, Values])[],
): Step {
  const list = Array.isArray(attributes)
    ? (attributes as readonly (readonly [string, Values])[])
    : Object.entries(attributes as Readonly<Record<string, Values>>)
  const told = list.map(([type, values]) => `${type}: ${shown(values).join(' | ')}`).join('; ')
  return {
    name: `add ${dn}: ${told}`,
    about: [dn],
    run: (client) =>
      client.add(
        dn,
        list.map(([type, values]) => ({ type, values })),
      ),
  }
}

const remove = (dn: string): Step => ({
  name: `delete ${dn}`,
  about: [dn],
  run: (client) => client.delete(dn),
})

function rename(
  dn: string,
  newRdn: string,
  options: { readonly deleteOldRdn?: boolean; readonly newSuperior?: string } = {},
): Step {
  const parent = dn.slice(dn.indexOf(',') + 1)
  return {
    name: `rename ${dn} to ${newRdn} ${JSON.stringify(options)}`,
    about: [dn, `${newRdn},${options.newSuperior ?? parent}`],
    run: (client) => client.modifyDn(dn, newRdn, options),
  }
}

const [ann, bob, cid, dee, eve] = ['ann', 'bob', 'cid', 'dee', 'eve'].map(personDn) as [
  string,
  string,
  string,
  string,
  string,
]
const [red, blue] = [crewDn('red'), crewDn('blue')]
const photo = Buffer.from('ffd8ffe000104a464946', 'hex')
const newcomer = {
  objectClass: classes,
  cn: ['Flo Fox'],
  sn: ['Fox'],
  uidNumber: ['1006'],
  gidNumber: ['100'],
  homeDirectory: ['/home/flo'],
}

export const modifySteps: readonly Step[] = [
  // One attribute, one value.
  modify(ann, ['replace', 'title', 'Boss']),
  modify(ann, ['replace', 'title', 'boss']),
  modify(ann, ['add', 'title', 'BOSS']),
  modify(ann, ['delete', 'title', 'Chief']),
  modify(ann, ['delete', 'title', 'BOSS']),
  modify(ann, ['delete', 'title']),
  modify(ann, ['delete', 'title', 'x']),
  modify(ann, ['replace', 'title']),
  modify(ann, ['add', 'title', 'Lead']),
  modify(ann, ['add', 'title']),
  modify(ann, ['replace', 'title', 'One']),
  modify(ann, ['replace', 'title', '']),
  modify(ann, ['delete', 'title', 'one'], ['add', 'title', 'Two']),
  modify(ann, ['delete', 'title', 'nope'], ['add', 'title', 'Three']),
  modify(ann, ['add', 'givenName', 'annie'], ['delete', 'givenName', 'ann']),
  modify(ann, ['replace', 'TITLE', 'Four']),
  modify(ann, ['replace', '2.5.4.12', 'Five']),
  modify(ann, ['replace', 'givenName', 'Ann']),
  modify(ann),
  // Several values.
  modify(cid, ['add', 'mail', 'third@example.com']),
  modify(cid, ['add', 'mail', 'THIRD@example.com']),
  modify(cid, ['add', 'mail', 'fourth@example.com', 'cid@example.com']),
  modify(cid, ['add', 'mail', 'fifth@example.com', 'FIFTH@example.com']),
  modify(cid, ['replace', 'mail', 'a@example.com', 'A@example.com']),
  modify(cid, ['delete', 'mail', 'C@EXAMPLE.ORG']),
  modify(cid, ['delete', 'mail', 'third@example.com', 'nobody@example.com']),
  modify(cid, ['delete', 'mail', 'third@example.com', 'third@example.com']),
  modify(cid, ['replace', 'mail', 'x@example.com', 'y@example.com']),
  modify(cid, ['replace', 'mail', 'X@example.com', 'z@example.com']),
  modify(cid, ['add', 'mail', 'umlaut-ä@example.com']),
  modify(cid, ['add', 'description', 'é']),
  modify(cid, ['delete', 'description', 'é']),
  modify(cid, ['add', 'description', 'E']),
  modify(cid, ['add', 'description', 'é', 'ê']),
  modify(cid, ['delete', 'description', 'Ê']),
  modify(cid, ['replace', 'description', 'likes   TEA', 'e']),
  modify(cid, ['add', 'description', 'likes tea']),
  modify(cid, ['delete', 'description', 'LIKES TEA']),
  modify(cid, ['add', 'telephoneNumber', '+15550100']),
  modify(cid, ['delete', 'telephoneNumber', '+1-555-0100']),
  modify(cid, ['delete', 'telephoneNumber']),
  modify(cid, ['add', 'telephoneNumber', 'no phone: ü']),
  modify(
    cid,
    ['delete', 'mail'],
    ['add', 'mail', 'again@example.com'],
    ['delete', 'mail', 'again@example.com'],
  ),
  modify(
    cid,
    ['add', 'mail', 'm@example.com'],
    ['delete', 'mail', 'M@example.com'],
    ['add', 'mail', 'm@example.org'],
  ),
  modify(cid, ['add', 'mail', 'n@example.com'], ['add', 'mail', 'N@example.com']),
  modify(cid, ['replace', 'mail', 'p@example.com'], ['replace', 'mail', 'q@example.com']),
  // Syntax, schema, naming.
  modify(bob, ['replace', 'uidNumber', 'abc']),
  modify(bob, ['replace', 'uidNumber', '01']),
  modify(bob, ['add', 'uidNumber', '7']),
  modify(bob, ['add', 'uidNumber', '1002']),
  modify(bob, ['replace', 'uidNumber', '7', '8']),
  modify(bob, ['replace', 'uidNumber', '2001']),
  modify(bob, ['delete', 'uidNumber', '2001'], ['add', 'uidNumber', '2002']),
  modify(bob, ['delete', 'uidNumber']),
  modify(bob, ['replace', 'sn']),
  modify(bob, ['delete', 'sn', 'BAKER']),
  modify(bob, ['delete', 'sn']),
  modify(bob, ['replace', 'cn']),
  modify(bob, ['delete', 'uid', 'bob']),
  modify(bob, ['delete', 'uid']),
  modify(bob, ['replace', 'uid', 'robert']),
  modify(bob, ['replace', 'uid']),
  modify(bob, ['replace', 'uid', 'bob']),
  modify(bob, ['add', 'uid', 'BOB']),
  modify(bob, ['replace', 'noSuchThing', 'x']),
  modify(bob, ['delete', 'noSuchThing']),
  modify(bob, ['add', 'dc', 'x']),
  modify(bob, ['replace', 'dc', 'x']),
  modify(bob, ['replace', 'dc']),
  modify(bob, ['delete', 'dc']),
  modify(bob, ['delete', 'dc', 'x']),
  modify(bob, ['add', 'member', ann]),
  modify(bob, ['replace', 'entryUUID', '1b671a64-40d5-491e-99b0-da01ff1f3341']),
  modify(bob, ['replace', 'createTimestamp', '20200101000000Z']),
  modify(bob, ['delete', 'modifyTimestamp']),
  modify(bob, ['add', 'structuralObjectClass', 'person']),
  modify(bob, ['replace', 'entryDN', bob]),
  modify(bob, ['add', 'hasSubordinates', 'TRUE']),
  modify(bob, ['add', 'subschemaSubentry', 'cn=subschema']),
  modify(bob, ['add', 'objectClass', 'person']),
  modify(bob, ['replace', 'objectClass', ...classes]),
  modify(bob, [
    'replace',
    'objectClass',
    'TOP',
    'PERSON',
    'organizationalPerson',
    '2.16.840.1.113730.3.2.2',
    'posixAccount',
  ]),
  modify(bob, ['replace', 'objectClass', 'organizationalUnit']),
  modify(bob, ['add', 'objectClass', 'organizationalUnit']),
  modify(bob, ['add', 'objectClass', 'noSuchClass']),
  modify(bob, ['delete', 'objectClass']),
  modify(bob, ['delete', 'objectClass', 'inetOrgPerson']),
  modify(bob, ['delete', 'objectClass', 'account']),
  modify(bob, ['delete', 'objectClass', 'posixAccount']),
  modify(bob, ['replace', 'objectClass']),
  modify(bob, ['replace', 'cn', Buffer.from([0xff, 0xfe])]),
  modify(bob, ['replace', 'sn', 'Bäcker']),
  modify(bob, ['replace', 'jpegPhoto', photo]),
  modify(bob, ['add', 'jpegPhoto', photo]),
  modify(bob, ['delete', 'jpegPhoto', photo]),
  modify(bob, ['delete', 'jpegPhoto']),
  modify(bob, ['replace', 'preferredLanguage', 'de', 'en']),
  modify(bob, ['replace', 'preferredLanguage', 'de']),
  modify(bob, ['add', 'preferredLanguage', 'en']),
  modify(bob, ['add', 'employeeNumber', '17']),
  modify(bob, ['add', 'employeeNumber', '18']),
  modify(bob, ['replace', 'manager', 'not a dn']),
  modify(bob, ['add', 'manager', ann.toUpperCase()]),
  modify(bob, ['delete', 'manager', ` uid = ANN , ${people}`]),
  modify(bob, ['delete', 'manager', ann]),
  modify(bob, ['replace', 'manager', bob]),
  modify(bob, ['replace', 'manager', cid]),
  // All or nothing.
  modify(
    dee,
    ['replace', 'title', 'New'],
    ['add', 'description', 'one'],
    ['delete', 'mail', 'none@example.com'],
  ),
  modify(dee, ['replace', 'title', 'New'], ['replace', 'uidNumber', 'x']),
  modify(dee, ['replace', 'title', 'New'], ['replace', 'sn']),
  modify(dee, ['replace', 'title', 'New'], ['add', 'description', 'one'], ['add', 'mail', 'dee@example.com']),
  modify(dee, ['replace', 'sn'], ['add', 'sn', 'Dyson']),
  modify(dee, ['delete', 'sn', 'Dyson'], ['add', 'sn', 'Dyer']),
  // Increment (RFC 4525).
  modify(dee, ['increment', 'uidNumber', '1']),
  modify(dee, ['increment', 'uidNumber', '-10']),
  modify(dee, ['increment', 'uidNumber', '0']),
  modify(dee, ['increment', 'uidNumber', 'x']),
  modify(dee, ['increment', 'uidNumber', '1', '2']),
  modify(dee, ['increment', 'uidNumber']),
  modify(dee, ['increment', 'title', '1']),
  modify(dee, ['increment', 'pager', '1']),
  modify(dee, ['increment', 'description', '1']),
  modify(dee, ['increment', 'shadowMax', '1']),
  modify(dee, ['increment', 'uidNumber', '5'], ['increment', 'gidNumber', '1']),
  modify(dee, ['increment', 'uidNumber', '5'], ['delete', 'uidNumber', '1000'], ['add', 'uidNumber', '3000']),
  // Groups.
  modify(red, ['add', 'member', cid]),
  modify(red, ['add', 'member', cid]),
  modify(red, ['add', 'member', `UID=Cid,OU=People,${suffix}`]),
  modify(red, ['add', 'member', dee, bob]),
  modify(red, ['add', 'member', dee, eve]),
  modify(red, ['add', 'member', dee.toUpperCase(), dee]),
  modify(red, ['delete', 'member', cid, cid]),
  modify(red, ['delete', 'member', cid]),
  modify(red, ['delete', 'member', cid]),
  modify(red, ['delete', 'member', 'uid=nobody,ou=people,dc=example,dc=com']),
  modify(red, ['delete', 'member', 'uid=ann,ou=elsewhere']),
  modify(red, ['delete', 'member', dee, cid]),
  modify(red, ['delete', 'member', dee], ['add', 'member', cid]),
  modify(red, ['add', 'member', dee], ['delete', 'member', dee], ['add', 'member', dee]),
  modify(red, ['add', 'member', 'no dn']),
  modify(red, ['replace', 'member', ann, bob]),
  modify(red, ['replace', 'member', cid, dee], ['add', 'member', ann], ['delete', 'member', cid]),
  modify(red, ['delete', 'member']),
  modify(red, ['replace', 'member']),
  modify(red, ['replace', 'member', ann, ann.toUpperCase()]),
  modify(blue, ['delete', 'member', cid]),
  modify(blue, ['delete', 'member', cid], ['add', 'member', ann]),
  modify(blue, ['add', 'member']),
  modify(blue, ['delete', 'member'], ['add', 'member', cid]),
  modify(blue, ['add', 'member', ann], ['add', 'member', ann]),
  modify(blue, ['replace', 'description', 'A crew']),
  modify(blue, ['replace', 'cn', 'green']),
  // Whose entry?
  modify(personDn('nobody'), ['replace', 'title', 'x']),
  modify(`cn=x,${ann}`, ['replace', 'title', 'x']),
  modify(`uid=x,ou=nowhere,${suffix}`, ['replace', 'title', 'x']),
  modify('dc=elsewhere', ['replace', 'title', 'x']),
  modify('not a dn', ['replace', 'title', 'x']),
  modify('', ['replace', 'description', 'x']),
  modify(personDn('nobody'), ['replace', 'noSuchThing', 'x']),
  modify(personDn('nobody'), ['add', 'title']),
  modify(personDn('nobody'), ['replace', 'createTimestamp', '20200101000000Z']),
  modify(personDn('nobody'), ['replace', 'uidNumber', 'x']),
]

export const entrySteps: readonly Step[] = [
  // Add.
  add(personDn('flo'), newcomer),
  add(personDn('flo'), newcomer),
  add(personDn('FLO'), newcomer),
  add(personDn('gus'), {
    ...newcomer,
    uid: ['gus'],
    mail: ['g@example.com', 'gus@example.org'],
    manager: [ann],
  }),
  add(personDn('hal'), { ...newcomer, uid: ['HAL'] }),
  add(personDn('jon'), { ...newcomer, sn: [] }),
  add(personDn('jon'), { ...newcomer, sn: [''] }),
  add(personDn('jon'), {
    objectClass: classes,
    cn: ['J'],
    uidNumber: ['1'],
    gidNumber: ['1'],
    homeDirectory: ['/'],
  }),
  add(personDn('jon'), { cn: ['J'], sn: ['J'] }),
  add(personDn('jon'), {}),
  add(personDn('jon'), { ...newcomer, objectClass: ['top'] }),
  add(personDn('jon'), { ...newcomer, objectClass: ['noSuchClass'] }),
  add(personDn('jon'), { ...newcomer, objectClass: ['posixAccount'] }),
  add(personDn('jon'), { ...newcomer, noSuchThing: ['x'] }),
  add(personDn('jon'), { ...newcomer, dc: ['x'] }),
  add(personDn('jon'), { ...newcomer, uidNumber: ['x'] }),
  add(personDn('jon'), { ...newcomer, uidNumber: ['1', '2'] }),
  add(personDn('jon'), { ...newcomer, mail: ['j@example.com', 'J@example.com'] }),
  add(personDn('jon'), [
    ...Object.entries(newcomer),
    ['mail', ['j@example.com']],
    ['mail', ['k@example.com']],
  ]),
  add(personDn('jon'), { ...newcomer, entryUUID: ['1b671a64-40d5-491e-99b0-da01ff1f3341'] }),
  add(personDn('jon'), { ...newcomer, createTimestamp: ['20200101000000Z'] }),
  add(personDn('jon'), { ...newcomer, manager: ['no dn'] }),
  add(personDn('jon'), { ...newcomer, objectClass: ['inetOrgPerson', 'posixAccount'] }),
  add(personDn('kim'), { ...newcomer, objectClass: ['TOP', 'INETORGPERSON', '1.3.6.1.1.1.2.0'] }),
  add(`uid=lea,ou=nowhere,${suffix}`, newcomer),
  add('uid=lea,dc=elsewhere', newcomer),
  add('not a dn', newcomer),
  add(people, { objectClass: ['organizationalUnit'], ou: ['people'] }),
  add(crewDn('gold'), { objectClass: ['groupOfNames'], member: [ann, bob] }),
  add(crewDn('gold'), { objectClass: ['groupOfNames'], cn: ['gold'], member: [ann] }),
  add(crewDn('grey'), { objectClass: ['groupOfNames'], cn: ['grey'] }),
  add(crewDn('grey'), { objectClass: ['groupOfNames'], cn: ['grey'], member: [ann, ann.toUpperCase()] }),
  add(`noSuchThing=x,${people}`, newcomer),
  // Rename.
  rename(personDn('flo'), 'uid=flora'),
  rename(personDn('flora'), 'uid=FLORA'),
  rename(personDn('flora'), 'uid=flora'),
  rename(personDn('flora'), 'uid=gus'),
  rename(personDn('nobody'), 'uid=somebody'),
  rename(personDn('flora'), 'not an rdn'),
  rename(personDn('flora'), 'uid=a,ou=b'),
  rename(personDn('flora'), 'noSuchThing=x'),
  rename(personDn('flora'), 'uid=flo', { newSuperior: people }),
  rename(personDn('flo'), 'uid=flo', { newSuperior: `ou=nowhere,${suffix}` }),
  rename(personDn('flo'), 'uid=flo', { newSuperior: 'no dn' }),
  rename(personDn('flo'), 'uid=flo', { newSuperior: 'dc=elsewhere' }),
  rename(personDn('flo'), ''),
  rename(`uid=x,ou=nowhere,${suffix}`, 'uid=y'),
  rename('not a dn', 'uid=y'),
  rename('', 'uid=y'),
  rename(ann, 'uid=anna'),
  modify(personDn('anna'), ['add', 'uid', 'anna']),
  modify(personDn('anna'), ['replace', 'title', 'Renamed']),
  // Delete.
  remove(personDn('gus')),
  remove(personDn('gus')),
  remove(`cn=x,${personDn('flo')}`),
  remove(people),
  remove(suffix),
  remove(`ou=nowhere,${suffix}`),
  remove('dc=elsewhere'),
  remove('not a dn'),
  remove(''),
  remove(crewDn('gold')),
]
