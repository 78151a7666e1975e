/**
 * Random filters in RFC 4515's text form over a population, repeated exactly by a seed: what clients ask, and
 * what they get wrong. For comparing our answers with a native directory's.
 */

import { groupDn, personDn } from './ldif.js'
import {
  descriptions,
  displayName,
  employeeTypes,
  isPresent,
  type Person,
  type Population,
} from './people.js'
import type { Random } from './random.js'
import { spellDn, spellName, spellValue } from './spellings.js'

export interface FilterOptions {
  readonly random: Random
  readonly population: Population
  /** Over which entries' attributes the filters ask. */
  readonly about: 'people' | 'groups'
  /** With this suffix, filters also assert DNs of manager (people) or member (groups), in several spellings. */
  readonly suffix?: string
  /** How many operators may enclose an assertion; 4 unless told. */
  readonly depth?: number
}

/** What the filters ask about: values that occur, by attribute name as the schema spells it. */
interface Vocabulary {
  readonly values: ReadonlyMap<string, readonly string[]>
  readonly dns: ReadonlyMap<string, readonly string[]>
  readonly objectClasses: readonly string[]
}

const unmapped = [
  'street',
  'roomNumber',
  'carLicense',
  'pager',
  'l',
  'seeAlso',
  'homePhone',
  'businessCategory',
]
const unknown = ['noSuchAttribute', 'x-unknown', 'mailx', '1.3.6.1.4.1.99999.1']
const otherClasses = ['device', 'posixAccount', 'noSuchClass', '2.5.6.0', '1.2.3.4', '', 'per son']
/** Assertion values that the attribute's syntax refuses, some by a little only; escaped for filters. */
const invalid: readonly (readonly [attribute: string, value: string])[] = [
  ['uidNumber', 'abc'],
  ['uidNumber', '1000x'],
  ['uidNumber', '+1000'],
  ['uidNumber', '01000'],
  ['uidNumber', ' 1000'],
  ['uidNumber', '-0'],
  ['uidNumber', ''],
  ['gidNumber', '100.0'],
  ['manager', 'nobody'],
  ['manager', 'uid='],
  ['manager', 'uid=a,,dc=example'],
  ['member', '=x'],
  ['mail', 'jürgen@example.com'],
  ['mail', ''],
  ['telephoneNumber', '+49 ü'],
  ['telephoneNumber', ''],
  ['telephoneNumber', ' - '],
  ['cn', ''],
  ['sn', '\\ff\\fe'],
]

/** So many filter texts; equal options and an equally seeded `random` give equal texts. */
export function randomFilters(options: FilterOptions, count: number): string[] {
  const vocabulary = options.about === 'people' ? peopleVocabulary(options) : groupVocabulary(options)
  const depth = options.depth ?? 4
  return Array.from({ length: count }, () => filter(options.random, vocabulary, depth))
}

function filter(random: Random, vocabulary: Vocabulary, depth: number): string {
  if (depth === 0 || random.chance(0.35)) return `(${assertion(random, vocabulary)})`
  const inner = () => filter(random, vocabulary, depth - 1)
  if (random.chance(0.3)) return `(!${inner()})`
  const operands = Array.from({ length: 1 + random.integer(3) }, inner).join('')
  return `(${random.pick(['&', '|'])}${operands})`
}

function assertion(random: Random, vocabulary: Vocabulary): string {
  const dice = random.next()
  if (dice < 0.06) return strangeAttribute(random)
  if (dice < 0.12) return objectClass(random, vocabulary)
  if (dice < 0.17) {
    const [attribute, value] = random.pick(invalid)
    return `${attribute}${random.pick(['=', '=', '>=', '<='])}${value}`
  }
  if (dice < 0.3 && vocabulary.dns.size > 0) return reference(random, vocabulary)
  const [attribute, values] = random.pick([...vocabulary.values])
  const name = spellName(random, attribute)
  const value = random.chance(0.08) ? 'Nobody has this' : random.pick(values)
  const kind = random.next()
  if (kind < 0.15) return `${name}=*`
  if (kind < 0.55) return `${name}=${spellValue(random, mutate(random, value))}`
  if (kind < 0.7) return `${name}${random.pick(['>=', '<='])}${spellValue(random, mutate(random, value))}`
  return `${name}=${substring(random, value)}`
}

function strangeAttribute(random: Random): string {
  const name = random.pick(random.chance(0.5) ? unmapped : unknown)
  return name + random.pick(['=*', '=x', '>=x', '=*x*', '=uid=a'])
}

function objectClass(random: Random, vocabulary: Vocabulary): string {
  const value = random.pick(random.chance(0.6) ? vocabulary.objectClasses : otherClasses)
  const form = random.next()
  if (form < 0.1) return 'objectClass=*'
  if (form < 0.15) return `objectClass=${value.slice(0, 3)}*`
  return `${random.pick(['objectClass', 'objectclass', '2.5.4.0'])}=${changeCase(random, value)}`
}

function reference(random: Random, vocabulary: Vocabulary): string {
  const [attribute, dns] = random.pick([...vocabulary.dns])
  const form = random.next()
  if (form < 0.1) return `${attribute}=*`
  if (form < 0.15) return `${attribute}=uid=*`
  return `${spellName(random, attribute)}=${spellValue(random, spellDn(random, random.pick(dns)))}`
}

/** Pieces of the value in order, as a client types them: some whole, some changed, some that it does not hold. */
function substring(random: Random, value: string): string {
  const text = [...mutate(random, value)]
  const cuts = Array.from({ length: 2 + random.integer(5) }, () => random.integer(text.length + 1)).sort(
    (a, b) => a - b,
  )
  const pieces: string[] = []
  for (let i = 0; i + 1 < cuts.length; i += 2) {
    const piece = text.slice(cuts[i], cuts[i + 1]).join('')
    if (piece !== '') pieces.push(piece)
  }
  if (pieces.length === 0) pieces.push(text[0] ?? 'x')
  const initial = random.chance(0.4) ? text.slice(0, cuts[0]).join('') : ''
  const final = random.chance(0.4) ? text.slice(cuts.at(-1)).join('') : ''
  const any = (initial !== '' || final !== '') && random.chance(0.4) ? [] : pieces
  return [initial, ...any, final].map((piece) => spellValue(random, piece)).join('*')
}

/** The value as the user remembers it. */
function mutate(random: Random, value: string): string {
  switch (random.integer(10)) {
    case 0:
      return changeCase(random, value)
    case 1:
      return ` ${value}  `
    case 2:
      return value.replaceAll(' ', '  ')
    case 3:
      return value.replaceAll(/[ -]/g, '')
    case 4: {
      const characters = [...value]
      return characters.slice(0, Math.max(1, random.integer(characters.length + 1))).join('')
    }
    case 5:
      return random.pick([value.normalize('NFC'), value.normalize('NFD')])
    default:
      return value
  }
}

function changeCase(random: Random, value: string): string {
  return random.pick([value, value.toUpperCase(), value.toLowerCase()])
}

function peopleVocabulary({ population, suffix }: FilterOptions): Vocabulary {
  const people = population.people
  const of = (values: (person: Person) => readonly (string | number | null | undefined)[]) =>
    people.flatMap(values)
  return vocabulary(
    {
      uid: of((p) => [p.uid]),
      cn: of((p) => [p.cn]),
      sn: of((p) => [p.sn]),
      givenName: of((p) => [p.givenName]),
      displayName: of((p) => [displayName(p)]),
      mail: of((p) => p.mail),
      telephoneNumber: of((p) => p.phones.map((phone) => phone.number)),
      mobile: of((p) => p.phones.map((phone) => phone.number)),
      title: of((p) => [p.title]),
      departmentNumber: of((p) => [p.departmentNumber]),
      employeeNumber: of((p) => [p.employeeNumber]),
      employeeType: [...employeeTypes.values()],
      description: of(descriptions),
      uidNumber: of((p) => [p.uidNumber]),
      gidNumber: of((p) => [p.gidNumber]),
    },
    suffix === undefined
      ? {}
      : { manager: [...people.map((p) => personDn(p, suffix)), `ou=people,${suffix}`] },
    ['top', 'person', 'organizationalPerson', 'inetOrgPerson', '2.5.6.6'],
  )
}

function groupVocabulary({ population, suffix }: FilterOptions): Vocabulary {
  const { people, groups } = population
  return vocabulary(
    { cn: groups.map((g) => g.cn), description: groups.map((g) => g.description) },
    suffix === undefined
      ? {}
      : {
          member: [
            ...people.map((p) => personDn(p, suffix)),
            ...groups.map((g) => groupDn(g, suffix)),
            suffix,
          ],
        },
    ['top', 'groupOfNames', '2.5.6.9'],
  )
}

function vocabulary(
  values: Readonly<Record<string, readonly (string | number | null | undefined)[]>>,
  dns: Readonly<Record<string, readonly string[]>>,
  objectClasses: readonly string[],
): Vocabulary {
  const texts = Object.entries(values).map(([name, all]): [string, string[]] => {
    const present = all.map((value) => (typeof value === 'number' ? String(value) : value)).filter(isPresent)
    return [name, present.length === 0 ? ['x'] : present]
  })
  return { values: new Map(texts), dns: new Map(Object.entries(dns)), objectClasses }
}
