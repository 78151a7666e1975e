/**
 * People and groups, made from a seed, awkward where real data is: the one population that `load-sql.ts` puts
 * into databases and `ldif.ts` into a native directory, so that answers can be compared.
 */
import { Random } from './random.js'
import {
  awkwardTexts,
  distinct,
  fold,
  givenNames,
  mailParts,
  mostly,
  surnames,
  telephoneNumbers,
  titles,
  unlimitedTexts,
} from './text.js'

interface Phone {
  readonly number: string
  readonly kind: 'work' | 'mobile'
  readonly main: boolean
}

/** A text of null or '' is an absent attribute; databases hold both. Values of one attribute are distinct. */
export interface Person {
  readonly id: number
  /** Unique under every case, space and accent rule: its ASCII digits at one end are the id. */
  readonly uid: string
  readonly cn: string
  readonly sn: string
  readonly givenName: string | null
  /** From none to three; the first is the main one. */
  readonly mail: readonly string[]
  readonly phones: readonly Phone[]
  readonly title: string | null
  readonly departmentNumber: string | null
  readonly employeeNumber: number | null
  /** A key of `employeeTypes`. */
  readonly employeeTypeCode: number | null
  readonly note: string | null
  readonly remark: string | null
  readonly uidNumber: number | null
  readonly gidNumber: number | null
  /** A person's id. */
  readonly manager: number | null
  readonly active: boolean
  readonly hired: Date | null
  /** A JPEG's beginning and end, with noise between. */
  readonly photo: Uint8Array | null
}

export interface Group {
  readonly id: number
  /** Unique as a person's uid is. */
  readonly cn: string
  readonly description: string | null
  /** Ids of people. */
  readonly members: readonly number[]
  /** Ids of groups that are members; may go round in a circle. */
  readonly groups: readonly number[]
}

export interface Population {
  readonly people: readonly Person[]
  readonly groups: readonly Group[]
}

/** employeeType by the code that databases hold. */
export const employeeTypes: ReadonlyMap<number, string> = new Map([
  [1, 'staff'],
  [2, 'Contractor'],
  [3, 'Guest (100%)'],
])

/** The same population for the same seed and sizes. */
export function makePopulation(options: {
  readonly seed: number
  readonly people: number
  readonly groups: number
}): Population {
  const random = new Random(options.seed)
  const people = Array.from({ length: options.people }, (_, index) =>
    makePerson(random, index + 1, options.people),
  )
  const groups = Array.from({ length: options.groups }, (_, index) => makeGroup(random, index + 1, options))
  return { people, groups }
}

/** displayName, for mappings that make it of two columns: what there is of them, with a space between. */
export function displayName(person: Person): string | null {
  const parts = [person.givenName, person.sn].filter(isPresent)
  return parts.length === 0 ? null : parts.join(' ')
}

/** The values of description, which are two columns. */
export function descriptions(person: Person): string[] {
  return [person.note, person.remark].filter(isPresent)
}

export function isPresent(text: string | null | undefined): text is string {
  return text !== null && text !== undefined && text !== ''
}

function makePerson(random: Random, id: number, last: number): Person {
  const sn = mostly(random, surnames, awkwardTexts)
  const givenName = optional(random, () => mostly(random, givenNames, awkwardTexts))
  const number = optionalNumber(random, () => 1000 + random.integer(60))
  const note = optional(random, () => random.pick(unlimitedTexts), 0.5)
  const remark = optional(random, () => random.pick(unlimitedTexts), 0.3)
  return {
    id,
    uid: uniqueName(random, id),
    cn: mostly(random, [`${givenName ?? 'N.'} ${sn}`], awkwardTexts),
    sn,
    givenName,
    mail: distinct(Array.from({ length: random.integer(4) }, () => makeMail(random, id))),
    phones: distinct(random.sample(telephoneNumbers, random.integer(3))).map((text, index) => ({
      number: text,
      kind: random.chance(0.6) ? 'work' : 'mobile',
      main: index === 0,
    })),
    title: optional(random, () => mostly(random, titles, awkwardTexts, 0.3)),
    departmentNumber: optional(random, () => random.pick(['10', '010', '20', 'R&D', 'r&d', ' 10 '])),
    employeeNumber: random.chance(0.8)
      ? random.integer(50) * 7 + (random.chance(0.1) ? 2_000_000_000 : 0)
      : null,
    employeeTypeCode: optionalNumber(random, () => random.pick([...employeeTypes.keys()])),
    note,
    remark: isPresent(note) && isPresent(remark) && fold(note) === fold(remark) ? null : remark,
    uidNumber: number,
    gidNumber: number === null ? null : 100 + random.integer(3),
    manager: optionalNumber(random, () => 1 + random.integer(last)),
    active: random.chance(0.9),
    hired: random.chance(0.8)
      ? new Date(Date.UTC(2000 + random.integer(26), random.integer(12), 29, 23, 59, 58))
      : null,
    photo: random.chance(0.2) ? makePhoto(random) : null,
  }
}

function makeGroup(
  random: Random,
  id: number,
  sizes: { readonly people: number; readonly groups: number },
): Group {
  const ids = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
  return {
    id,
    cn: uniqueName(random, id),
    description: optional(random, () => random.pick(unlimitedTexts)),
    members: random.sample(ids(sizes.people), random.integer(Math.min(12, sizes.people + 1))),
    groups: random.chance(0.4) ? random.sample(ids(sizes.groups), random.integer(3)) : [],
  }
}

/** Ordinary or awkward, and unique: either begins with the id or, beginning with no digit, ends with it. */
function uniqueName(random: Random, id: number): string {
  if (random.chance(0.5)) return `user.${id}`
  const text = random.pick(awkwardTexts)
  return random.chance(0.5) ? `${text}-${id}` : `${id}_${text}`
}

function makeMail(random: Random, id: number): string {
  const domain = random.pick(['example.com', 'Example.COM', 'mail.example.org'])
  return `${random.pick(mailParts)}${random.chance(0.7) ? `.${id}` : ''}@${domain}`
}

function makePhoto(random: Random): Uint8Array {
  const noise = Array.from({ length: 40 }, () => random.integer(256))
  return Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, ...noise, 0xff, 0xd9])
}

function optional(random: Random, make: () => string, presence = 0.7): string | null {
  if (random.chance(presence)) return make()
  return random.chance(0.3) ? '' : null
}

function optionalNumber(random: Random, make: () => number): number | null {
  return random.chance(0.7) ? make() : null
}
