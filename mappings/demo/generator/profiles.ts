/** What else the company knows of its people, as provisioning suites ask for it: addresses, roles, skills and so on. */
import type { Department } from './company.js'
import type { Person } from './people.js'
import type { Random } from './random.js'

/** An element of a list, as the tables of lists have it. */
export interface Item {
  readonly value: string
  readonly type: string | null
  readonly primary: boolean
  readonly display?: string
}

export interface Address {
  readonly formatted: string
  readonly street: string
  readonly locality: string
  readonly region: string | null
  readonly postalCode: string
  readonly country: string
  readonly type: 'work' | 'home'
  readonly primary: boolean
}

interface Vehicle {
  readonly plate: string
  readonly model: string
  readonly fuel: string
}

export interface Profile {
  readonly middleName: string | null
  readonly prefix: string | null
  readonly suffix: string | null
  readonly nickName: string | null
  readonly page: string | null
  readonly locale: string | null
  readonly division: string
  readonly remote: boolean | null
  readonly floor: number | null
  readonly badge: number | null
  readonly addresses: readonly Address[]
  readonly ims: readonly Item[]
  readonly photos: readonly Item[]
  readonly entitlements: readonly Item[]
  readonly roles: readonly Item[]
  readonly skills: readonly string[]
  readonly vehicles: readonly Vehicle[]
}

const nickNames: Readonly<Record<string, string>> = { bjensen: 'Babs', sobrien: 'Shiv', lnowak: 'Łukaszek' }

const middleNames = ['Anne', 'James', 'Lee', 'Marie', 'Rose'] as const
const suffixes = ['Jr.', 'II', 'III'] as const
const entitlements = ['laptop', 'parking', 'vpn', 'build-farm', 'customer-data'] as const
const skills = [
  ...(['soldering', 'TypeScript', 'C++', 'SQL', 'statistics', 'negotiation', 'first aid'] as const),
  ...(['optics', 'bookkeeping', 'Deutsche Gebärdensprache', '日本語', 'Türkçe'] as const),
] as const
const models = ['Kangoo', 'ID. Buzz', 'Corolla', 'Zoe', 'e-Golf', 'Brompton'] as const

export function profileOf(random: Random, person: Person): Profile {
  const { login, language, office, room } = person
  const known = person.id <= 5
  const some = (probability: number) => known || random.chance(probability)
  const english = language === 'en'
  const page = `https://people.example.com/${login}`
  const heads = person.title === person.department.head
  const rights = random.sample(entitlements, 1 + random.int(3))
  return {
    middleName: english && some(0.3) ? random.pick(middleNames) : null,
    prefix: person.department.group === 'R&D' && random.chance(0.4) ? 'Dr.' : null,
    suffix: english && !known && random.chance(0.1) ? random.pick(suffixes) : null,
    nickName: nickNames[login] ?? null,
    page: some(0.5) ? page : null,
    locale: language === null ? null : `${language}-${office.country}`,
    division: divisionOf(person.department),
    remote: known ? person.id % 2 === 0 : random.pick([null, true, false]),
    floor: room === null ? null : Number(/\d/.exec(room)?.[0]),
    badge: some(0.9) ? 900_000 + person.id : null,
    addresses: addressesOf(random, person),
    ims: some(0.3)
      ? [{ value: `${login}@chat.example.com`, type: 'xmpp', primary: true, display: `@${login}` }]
      : [],
    photos:
      person.photo === null
        ? []
        : [
            { value: `${page}/photo.jpg`, type: 'photo', primary: true },
            { value: `${page}/thumbnail.jpg`, type: 'thumbnail', primary: false },
          ],
    entitlements: rights.map((value, at) => ({ value, type: 'it', primary: at === 0 })),
    roles: heads
      ? [{ value: 'approver', type: 'finance', primary: true, display: 'Approves what others order' }]
      : some(0.1)
        ? [{ value: 'mentor', type: 'people', primary: true, display: 'Helps newcomers' }]
        : [],
    skills: random.sample(skills, random.int(4)),
    vehicles: random.chance(0.12)
      ? [
          {
            plate: `${office.country} ${String(random.int(10_000)).padStart(4, '0')}`,
            model: random.pick(models),
            fuel: random.pick(['electricity', 'diesel', 'petrol', 'bread']),
          },
        ]
      : [],
  }
}

const divisions: Readonly<Record<string, string>> = { 1: 'Management', 2: 'Technology', 3: 'Commercial' }

function divisionOf({ code }: Department): string {
  return divisions[code.slice(0, 1)] ?? 'Administration'
}

function addressesOf(random: Random, { id, office, language }: Person): readonly Address[] {
  const { street, postalCode, locality, region, country } = office
  const known = id <= 5
  const formatted = (line: string) => `${line}\n${postalCode} ${locality}\n${country}`
  const place = { locality, region, postalCode, country }
  const addresses: Address[] = []
  if (known || random.chance(0.9)) {
    addresses.push({ ...place, formatted: formatted(street), street, type: 'work', primary: true })
  }
  if (known || random.chance(0.15)) {
    const home = `${language === 'de' ? 'Lindenweg' : 'Hill Road'} ${1 + random.int(99)}`
    const primary = addresses.length === 0
    addresses.push({ ...place, formatted: formatted(home), street: home, type: 'home', primary })
  }
  return addresses
}
