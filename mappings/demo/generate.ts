/**
 * Writes the demonstration's data: a company that looks real, the same on every run. The tables are in
 * `schema.sql`. Run it with `npx tsx mappings/demo/generate.ts`.
 */
import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { departments } from './generator/company.js'
import { makeGroups } from './generator/groups.js'
import { hashPassword } from './generator/passwords.js'
import { knownLogins, makePeople, type Person } from './generator/people.js'
import { randomFrom } from './generator/random.js'
import { insertStatements, type SqlValue } from './generator/sql.js'

const SEED = 1863

/** The content of `data.sql`. */
export async function generateData(): Promise<string> {
  const random = randomFrom(SEED)
  const people = makePeople(random)
  const groups = makeGroups(random, people)
  const groupIds = new Map(groups.map((group) => [group.name, group.id]))
  const phones = people.flatMap((p) => p.phones.map((phone) => ({ ...phone, user: p.id })))

  return [
    head(people),
    insertStatements(
      'departments',
      ['id', 'code', 'name'],
      departments.map((d) => [d.id, d.code, d.name]),
    ),
    insertStatements('users', userColumns, await Promise.all(people.map(userRow))),
    insertStatements(
      'extra_emails',
      ['user_id', 'address'],
      people.flatMap((p) => p.mail.slice(1).map((address) => [p.id, address])),
    ),
    insertStatements(
      'phones',
      ['id', 'user_id', 'number', 'kind', 'is_main'],
      phones.map((phone, at) => [at + 1, phone.user, phone.number, phone.kind, Number(phone.main)]),
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
  ].join('\n')
}

const userColumns = [
  ...['id', 'username', 'first_name', 'last_name', 'display_name', 'email', 'title', 'department_id'],
  ...['employee_number', 'kind', 'room', 'language', 'photo', 'manager_id', 'status', 'password_hash'],
  ...['hired_on', 'created_at', 'updated_at', 'deleted_at'],
]

async function userRow(p: Person): Promise<readonly SqlValue[]> {
  return [
    ...[p.id, p.login, p.givenName, p.surname, p.displayName, p.mail[0] ?? null, p.title, p.department.id],
    ...[p.employeeNumber, p.kind, p.room, p.language, p.photo, p.manager, p.active ? 'A' : 'D'],
    ...[await hashPassword(p.hash, p.password, p.login), p.hired.toISOString().slice(0, 10)],
    ...[p.created, p.updated, p.deleted],
  ]
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
