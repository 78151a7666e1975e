/** The people who work, or have worked, for the company: names, places, managers. Their groups are elsewhere. */
import { type Department, departments, type Office, offices } from './company.js'
import { type Culture, cultures, type Name, nameOf } from './names.js'
import { type HashKind, hashKinds } from './passwords.js'
import { portrait } from './portrait.js'
import type { Random } from './random.js'

interface Phone {
  readonly number: string
  readonly kind: 'work' | 'mobile' | 'fax'
  readonly main: boolean
}

export interface Person {
  readonly id: number
  readonly login: string
  readonly givenName: string | null
  readonly surname: string
  readonly displayName: string
  /** The first is the account's own; empty for a person without mail. */
  readonly mail: readonly string[]
  readonly phones: readonly Phone[]
  readonly title: string | null
  readonly department: Department
  readonly office: Office
  readonly employeeNumber: string
  readonly type: 'staff' | 'contractor' | 'intern' | null
  readonly room: string | null
  readonly language: string | null
  readonly photo: Uint8Array | null
  readonly manager: number | null
  readonly active: boolean
  readonly password: string
  readonly hash: HashKind
  readonly hired: Date
  readonly created: Date
  readonly updated: Date
  readonly deleted: Date | null
}

/** Somebody whom the documentation names. */
interface Known {
  readonly givenName: string
  readonly surname: string
  readonly language: string
  readonly password: string
  readonly hash: HashKind
}

/** They head or lead the first departments, in this order. */
const knownPeople: readonly Known[] = [
  { givenName: 'Selin', surname: 'Ünal', language: 'tr', password: 'Boğaziçi 1863', hash: 'bcrypt' },
  { givenName: 'Łukasz', surname: 'Nowak', language: 'pl', password: 'zażółć gęślą jaźń', hash: 'argon2id' },
  { givenName: 'Siobhán', surname: "O'Brien", language: 'en', password: "it's a secret", hash: 'PBKDF2' },
  {
    givenName: '花子|hanako',
    surname: '田中|tanaka',
    language: 'ja',
    password: 'demo-htanaka',
    hash: 'SSHA',
  },
  { givenName: 'Barbara', surname: 'Jensen', language: 'en', password: 'hifalutin', hash: 'SSHA' },
]

/** Their logins, for the head of the data. */
export const knownLogins = ['bjensen', 'sunal', 'lnowak', 'sobrien']

const LEAST_TEAM = 7
const DAY = 86_400_000

export function makePeople(random: Random): readonly Person[] {
  const people: Person[] = []
  const logins = new Set<string>()
  let chief: number | null = null
  for (const department of departments) {
    const leads = Math.max(1, Math.floor((department.size - 1) / LEAST_TEAM))
    const head = people.length + 1
    for (let at = 0; at < department.size; at++) {
      const manager = at === 0 ? chief : at <= leads ? head : head + 1 + (at % leads)
      const title =
        at === 0 ? department.head : at <= leads ? department.lead : random.pick(department.titles)
      const person = makePerson(
        random,
        people.length + 1,
        { department, manager, title, junior: at > leads },
        logins,
      )
      people.push(person)
    }
    chief ??= head
  }
  return people
}

interface Post {
  readonly department: Department
  readonly manager: number | null
  readonly title: string
  /** Manages nobody. */
  readonly junior: boolean
}

function makePerson(random: Random, id: number, post: Post, logins: Set<string>): Person {
  const known = knownPeople[id - 1]
  const culture = random.pick(cultures)
  const given = known === undefined ? random.pick(culture.given) : nameOf(known.givenName)
  const family = known === undefined ? random.pick(culture.family) : nameOf(known.surname)
  const familyFirst = known === undefined ? culture.familyFirst : known.language === 'ja'
  // In some places a name is one word; it then counts as the surname.
  const single = known === undefined && random.chance(0.012)
  const login = loginOf(single ? '' : given.ascii, family, logins)
  const office = random.pick(offices)
  const hired = new Date(Date.UTC(2009, 0, 5) + random.int(5700) * DAY)
  const created = new Date(hired.getTime() - random.int(20) * DAY + (7 * 3600 + random.int(36_000)) * 1000)
  const updated = new Date(created.getTime() + random.int(90 * 86_400) * 1000)
  const removable = known === undefined && post.junior
  return {
    id,
    login,
    givenName: single ? null : given.text,
    surname: family.text,
    displayName: displayNameOf(single ? undefined : given, family, familyFirst),
    mail: mailOf(random, login, single ? undefined : given, family, removable),
    phones: phonesOf(random, office, known !== undefined),
    title: removable && random.chance(0.05) ? null : post.title,
    department: post.department,
    office,
    employeeNumber: String(10_000 + id * 7),
    type: removable ? typeOf(random) : 'staff',
    room: random.chance(0.15)
      ? null
      : `${office.building} ${1 + random.int(6)}.${String(1 + random.int(40)).padStart(2, '0')}`,
    language: random.chance(0.1) ? null : languageOf(known, culture),
    photo: known?.hash === 'SSHA' ? portrait(150 + id * 10) : null,
    manager: post.manager,
    active: !(removable && random.chance(0.04)),
    password: known?.password ?? `demo-${login}`,
    hash: known?.hash ?? hashKinds[id % hashKinds.length] ?? 'SSHA',
    hired,
    created,
    updated,
    deleted: removable && random.chance(0.035) ? new Date(updated.getTime() + 30 * DAY) : null,
  }
}

/** First letter and surname; a number tells people with the same login apart. */
function loginOf(given: string, family: Name, logins: Set<string>): string {
  const stem = given.slice(0, 1) + family.ascii
  let login = stem
  for (let n = 2; logins.has(login); n++) login = `${stem}${n}`
  logins.add(login)
  return login
}

function displayNameOf(given: Name | undefined, family: Name, familyFirst: boolean): string {
  if (given === undefined) return family.text
  return familyFirst ? `${family.text} ${given.text}` : `${given.text} ${family.text}`
}

function languageOf(known: Known | undefined, culture: Culture): string {
  return known?.language ?? culture.language
}

function mailOf(
  random: Random,
  login: string,
  given: Name | undefined,
  family: Name,
  mayLack: boolean,
): readonly string[] {
  if (mayLack && random.chance(0.04)) return []
  const number = /\d+$/.exec(login)?.[0] ?? ''
  const local = given === undefined ? family.ascii : `${given.ascii}.${family.ascii}`
  const mail = [`${local}${number}@example.com`]
  if (login === 'bjensen' || random.chance(0.35)) mail.push(`${login}@example.com`)
  if (login === 'bjensen' || random.chance(0.1)) mail.push(`${local}${number}@example.org`)
  return mail
}

function phonesOf(random: Random, office: Office, complete: boolean): readonly Phone[] {
  const number = (dial: string) => `${dial} 555 ${String(random.int(10_000)).padStart(4, '0')}`
  const phones: Phone[] = []
  if (complete || random.chance(0.85)) phones.push({ number: number(office.dial), kind: 'work', main: true })
  if (random.chance(0.12)) phones.push({ number: number(office.dial), kind: 'work', main: false })
  if (complete || random.chance(0.6))
    phones.push({ number: number(office.mobileDial), kind: 'mobile', main: phones.length === 0 })
  if (complete || random.chance(0.1)) phones.push({ number: number(office.dial), kind: 'fax', main: false })
  return phones
}

function typeOf(random: Random): Person['type'] {
  if (random.chance(0.78)) return 'staff'
  const others = [
    'contractor',
    'contractor',
    'contractor',
    'contractor',
    'intern',
    'intern',
    'intern',
  ] as const
  return others[random.int(others.length + 1)] ?? null
}
