/**
 * The population as a native directory holds it: LDIF (RFC 2849) and DNs (RFC 4514). On purpose independent of
 * the product's own code, which is compared with it.
 */
import {
  descriptions,
  displayName,
  employeeTypes,
  type Group,
  isPresent,
  type Person,
  type Population,
} from './people.js'

type Attribute = readonly [name: string, value: string | number | Uint8Array | null | undefined]

/**
 * The whole directory: the suffix entry, `ou=people` and `ou=groups` below it, and their entries. Object class
 * rules are stretched: a group may be empty, and uidNumber stands without posixAccount.
 */
export function toLdif(population: Population, suffix: string): string {
  const people = new Map(population.people.map((person) => [person.id, personDn(person, suffix)]))
  const groups = new Map(population.groups.map((group) => [group.id, groupDn(group, suffix)]))
  return [
    suffixRecord(suffix),
    record(`ou=people,${suffix}`, [
      ['objectClass', 'organizationalUnit'],
      ['ou', 'people'],
    ]),
    record(`ou=groups,${suffix}`, [
      ['objectClass', 'organizationalUnit'],
      ['ou', 'groups'],
    ]),
    ...population.people.map((person) => personRecord(person, people)),
    ...population.groups.map((group) => groupRecord(group, people, groups)),
  ].join('\n')
}

export function personDn(person: Person, suffix: string): string {
  return `uid=${escapeDnValue(person.uid)},ou=people,${suffix}`
}

export function groupDn(group: Group, suffix: string): string {
  return `cn=${escapeDnValue(group.cn)},ou=groups,${suffix}`
}

/** RFC 4514 2.4, with a backslash before each special character, as few of them as the text needs. */
export function escapeDnValue(text: string): string {
  const endsInSpace = text.length > 1 && text.endsWith(' ')
  const escaped = (endsInSpace ? text.slice(0, -1) : text)
    .replace(/["+,;<>\\]/g, '\\$&')
    .replaceAll('\0', '\\00')
    .replace(/^[ #]/, '\\$&')
  return endsInSpace ? `${escaped}\\ ` : escaped
}

function suffixRecord(suffix: string): string {
  const [type = '', value = ''] = (suffix.split(',')[0] ?? '').split('=')
  const objectClass = { dc: 'domain', o: 'organization', ou: 'organizationalUnit' }[type]
  if (objectClass === undefined) throw new Error(`a suffix begins with dc=, o= or ou=: ${suffix}`)
  return record(suffix, [
    ['objectClass', objectClass],
    [type, value],
  ])
}

function personRecord(person: Person, people: ReadonlyMap<number, string>): string {
  const type = person.employeeTypeCode === null ? undefined : employeeTypes.get(person.employeeTypeCode)
  const manager = person.manager === null ? undefined : people.get(person.manager)
  return record(people.get(person.id) ?? '', [
    ...['top', 'person', 'organizationalPerson', 'inetOrgPerson'].map(
      (name): Attribute => ['objectClass', name],
    ),
    ['uid', person.uid],
    ['cn', person.cn],
    ['sn', person.sn],
    ['givenName', person.givenName],
    ['displayName', displayName(person)],
    ...person.mail.map((address): Attribute => ['mail', address]),
    ...person.phones.map(
      (phone): Attribute => [phone.kind === 'mobile' ? 'mobile' : 'telephoneNumber', phone.number],
    ),
    ['title', person.title],
    ['departmentNumber', person.departmentNumber],
    ['employeeNumber', person.employeeNumber],
    ['employeeType', type],
    ...descriptions(person).map((text): Attribute => ['description', text]),
    ['uidNumber', person.uidNumber],
    ['gidNumber', person.gidNumber],
    ['manager', manager],
    ['jpegPhoto', person.photo],
  ])
}

function groupRecord(
  group: Group,
  people: ReadonlyMap<number, string>,
  groups: ReadonlyMap<number, string>,
): string {
  return record(groups.get(group.id) ?? '', [
    ['objectClass', 'top'],
    ['objectClass', 'groupOfNames'],
    ['cn', group.cn],
    ['description', group.description],
    ...group.members.map((id): Attribute => ['member', people.get(id)]),
    ...group.groups.map((id): Attribute => ['member', groups.get(id)]),
  ])
}

function record(dn: string, attributes: readonly Attribute[]): string {
  const lines = [line('dn', dn)]
  for (const [name, value] of attributes) {
    if (value instanceof Uint8Array) lines.push(`${name}:: ${Buffer.from(value).toString('base64')}`)
    else if (typeof value === 'number') lines.push(line(name, String(value)))
    else if (isPresent(value)) lines.push(line(name, value))
  }
  return `${lines.join('\n')}\n`
}

/** Printable ASCII as it is, where RFC 2849's SAFE-STRING allows it, all else in base64. */
function line(name: string, value: string): string {
  const safe = /^[ -~]*$/.test(value) && !/^[ :<]| $/.test(value)
  return safe ? `${name}: ${value}` : `${name}:: ${Buffer.from(value, 'utf8').toString('base64')}`
}
