/**
 * Writes the demonstration's data: a company that looks real, the same on every run. The tables are in `schema.sql` and
 * its like. Run it with `npx tsx mappings/demo/generate.ts`.
 */
import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { departments } from './generator/company.js'
import { fido2Columns, fido2Rows, fidoColumns, fidoRows } from './generator/devices.js'
import { makeGroups } from './generator/groups.js'
import { hashPassword } from './generator/passwords.js'
import { knownLogins, makePeople, type Person } from './generator/people.js'
import { type Item, type Profile, profileOf } from './generator/profiles.js'
import { randomFrom } from './generator/random.js'
import { insertStatements, type SqlValue } from './generator/sql.js'

const SEED = 1863

type Rows = readonly (readonly SqlValue[])[]
type Described = readonly (readonly [Person, Profile])[]

/** The content of `data.sql`. */
export async function generateData(): Promise<string> {
  const random = randomFrom(SEED)
  const people = makePeople(random)
  const groups = makeGroups(random, people)
  const groupIds = new Map(groups.map((group) => [group.name, group.id]))
  const more = randomFrom(SEED + 1)
  const described: Described = people.map((person) => [person, profileOf(more, person)])
  const present = people.filter((p) => p.deleted === null)

  return [
    head(people),
    insertStatements(
      'departments',
      ['id', 'code', 'name'],
      departments.map((d) => [d.id, d.code, d.name]),
    ),
    insertStatements(
      'users',
      userColumns,
      await Promise.all(described.map(([p, profile]) => userRow(p, profile))),
    ),
    insertStatements('emails', itemColumns, listed(described, emailsOf)),
    insertStatements('phones', itemColumns, listed(described, phonesOf)),
    insertStatements(
      'addresses',
      [
        ...['user_id', 'formatted', 'street', 'locality', 'region', 'postal_code', 'country', 'type'],
        'is_primary',
      ],
      described.flatMap(([p, { addresses }]) =>
        addresses.map((a) => [
          ...[p.id, a.formatted, a.street, a.locality, a.region, a.postalCode, a.country, a.type],
          a.primary,
        ]),
      ),
    ),
    ...(['ims', 'photos', 'entitlements', 'roles'] as const).map((table) =>
      insertStatements(
        table,
        itemColumns,
        listed(described, (_, profile) => profile[table]),
      ),
    ),
    insertStatements(
      'skills',
      ['user_id', 'skill'],
      described.flatMap(([p, { skills }]) => skills.map((skill) => [p.id, skill])),
    ),
    insertStatements(
      'vehicles',
      ['user_id', 'plate', 'model', 'fuel'],
      described.flatMap(([p, { vehicles }]) => vehicles.map((v) => [p.id, v.plate, v.model, v.fuel])),
    ),
    insertStatements(
      'user_groups',
      ['id', 'name', 'description', 'owner_id', 'created_at', 'updated_at'],
      groups.map((g) => [g.id, g.name, g.description, g.owner, g.created, g.created]),
    ),
    insertStatements(
      'group_members',
      ['group_id', 'user_id'],
      groups.flatMap((g) => g.members.map((member) => [g.id, member])),
    ),
    insertStatements(
      'group_groups',
      ['parent_id', 'child_id'],
      groups.flatMap((g) => g.groups.map((name) => [g.id, groupIds.get(name) ?? null])),
    ),
    insertStatements('fido_devices', fidoColumns, fidoRows(present)),
    insertStatements('fido2_devices', fido2Columns, fido2Rows(present)),
  ].join('\n')
}

const userColumns = [
  ...['id', 'username', 'formatted_name', 'first_name', 'middle_name', 'last_name', 'name_prefix'],
  ...['name_suffix', 'display_name', 'nick_name', 'profile_url', 'title', 'user_type', 'language', 'locale'],
  ...['timezone', 'department_id', 'employee_number', 'cost_center', 'organization', 'division'],
  ...['department', 'room', 'photo', 'manager_id', 'status', 'password_hash', 'badge_number', 'is_remote'],
  ...['desk_building', 'desk_floor', 'hired_on', 'created_at', 'updated_at', 'deleted_at'],
]

async function userRow(p: Person, profile: Profile): Promise<readonly SqlValue[]> {
  const { department } = p
  const photo = p.photo && Buffer.from(p.photo).toString('base64')
  const name = p.givenName === null ? p.surname : `${p.givenName} ${p.surname}`
  return [
    ...[p.id, p.login, name, p.givenName, profile.middleName, p.surname, profile.prefix],
    ...[profile.suffix, p.displayName, profile.nickName, profile.page, p.title, p.type, p.language],
    ...[profile.locale, p.office.timezone, department.id, p.employeeNumber, `CC-${department.code}`],
    ...['Example Lighting', profile.division, department.name, p.room, photo, p.manager],
    ...[p.active ? 'A' : 'D', await hashPassword(p.hash, p.password, p.login), profile.badge],
    ...[profile.remote, p.room === null ? null : p.office.building, profile.floor],
    ...[p.hired.toISOString().slice(0, 10), p.created, p.updated, p.deleted],
  ]
}

const itemColumns = ['user_id', 'value', 'type', 'is_primary', 'display']

function listed(described: Described, itemsOf: (person: Person, profile: Profile) => readonly Item[]): Rows {
  return described.flatMap(([person, profile]) =>
    itemsOf(person, profile).map((i) => [person.id, i.value, i.type, i.primary, i.display ?? null]),
  )
}

function emailsOf(person: Person): readonly Item[] {
  return person.mail.map((value, at) => ({ value, type: at === 0 ? 'work' : 'other', primary: at === 0 }))
}

function phonesOf(person: Person): readonly Item[] {
  return person.phones.map(({ number, kind, main }) => ({ value: number, type: kind, primary: main }))
}

/** Who can bind, for people who read the file. */
function head(people: readonly Person[]): string {
  const lines = knownLogins.flatMap((login) => {
    const person = people.find((p) => p.login === login)
    if (person === undefined) return []
    const name = `${person.givenName ?? ''} ${person.surname}`
    return `--   uid=${login.padEnd(8)} ${name.padEnd(16)} ${person.hash.padEnd(9)} ${person.password}`
  })
  return [
    '-- A made-up company, written by generate.ts: change that, not this file.',
    '-- Binding as one of these shows each kind of password hash:',
    ...lines,
    "-- Everybody else's password is demo- and the login, e.g. demo-htanaka.",
    '',
  ].join('\n')
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await writeFile(new URL('data.sql', import.meta.url), await generateData())
}
