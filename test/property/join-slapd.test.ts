/**
 * As `join.test.ts`, where one of the sources is a directory, or both: what a real OpenLDAP and a database are asked, and what
 * is decided on their rows, select together exactly what filters mean; and each row has the one that belongs to it.
 */
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { filterText } from '../../src/directory/explain.js'
import { type MappingSpec, mappingSchema } from '../../src/mapping/schema.js'
import type { SearchRequest } from '../../src/model/request.js'
import { caseIgnore } from '../../src/schema/normalize.js'
import { createJoinSource } from '../../src/sources/join/source.js'
import type { SqlClient } from '../data/sql-client.js'
import { mariadbDatabase } from '../servers/shared.js'
import { checked, ctx, directoryOf, opened, runsOf } from './directories.js'
import { filterOf } from './pushdown-filters.js'
import { intents } from './pushdown-intents.js'
import { isMeant } from './pushdown-meaning.js'
import { ascii, type Company, companies, fillSlapd, slapdOpened, suffix, texts } from './slapd-world.js'

const place = `ou=people,${suffix}`
const file = join(tmpdir(), `vitrine-join-slapd-${process.pid}.sqlite`)
const sqlite = async () => {
  await rm(file, { force: true })
  return `sqlite:${file}`
}
afterAll(() => rm(file, { force: true }))

const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null, freq: 4 })

const staff = fc.uniqueArray(
  fc.record({
    no: fc.nat(20),
    login: orNull(fc.constantFrom('u0', 'U1', 'u2', ' u3 ', 'u9')),
    mail: orNull(fc.oneof(ascii, fc.constantFrom(' foo', '', 'é'))),
    dept: orNull(texts),
    title: orNull(texts),
    grade: orNull(fc.constantFrom(0, 1, 2, 6, 42)),
    phones: fc.uniqueArray(fc.constantFrom('+1 555 0100', '+1-555-0100', '2'), { maxLength: 2 }),
  }),
  { maxLength: 6, selector: ({ no }) => no },
)
type Staff = typeof staff extends fc.Arbitrary<infer S> ? S : never

async function createStaff(client: SqlClient): Promise<void> {
  await client.run(`create table staff (no integer not null primary key, login varchar(50), mail varchar(100),
    dept varchar(100), title varchar(100), grade integer)`)
  await client.run('create table phones (staff_no integer not null, number varchar(50) not null)')
}

async function fillStaff(client: SqlClient, rows: Staff): Promise<void> {
  await client.run('delete from staff')
  await client.run('delete from phones')
  const columns = ['no', 'login', 'mail', 'dept', 'title', 'grade'] as const
  if (rows.length > 0)
    await client.insert(
      'staff',
      columns,
      rows.map((row) => columns.map((name) => row[name])),
    )
  const phones = rows.flatMap(({ no, phones: numbers }) => numbers.map((number) => [no, number] as const))
  if (phones.length > 0) await client.insert('phones', ['staff_no', 'number'], phones)
}

/** Something with an id that is found by any of its keys. */
interface Keyed {
  readonly id: string
  readonly keys: readonly (string | null)[]
}

/** By id, the first of those that have a key in common. */
function belonging(
  ours: readonly Keyed[],
  theirs: readonly Keyed[],
  isBefore: (a: string, b: string) => boolean,
): ReadonlyMap<string, string> {
  const formsOf = ({ keys }: Keyed) =>
    keys.flatMap((key) => (key !== null && /[^ ]/.test(key) ? [caseIgnore(key)] : []))
  const found = new Map<string, string>()
  for (const own of ours) {
    const wanted = new Set(formsOf(own))
    const same = theirs.filter((one) => formsOf(one).some((form) => wanted.has(form)))
    const [first, ...others] = same.map(({ id }) => id)
    if (first !== undefined)
      found.set(
        own.id,
        others.reduce((least, id) => (isBefore(id, least) ? id : least), first),
      )
  }
  return found
}

const byNumber = (a: string, b: string) => Number(a) < Number(b)
const byText = (a: string, b: string) => a < b

const peopleBy = (attribute: 'mail' | 'memberUid' | 'uid', { people }: Company): readonly Keyed[] =>
  people.map((person, at) => ({
    id: `uid=u${at},${place}`,
    keys: attribute === 'uid' ? [`u${at}`, ...person.uid] : person[attribute],
  }))
const staffBy = (column: 'mail' | 'login', rows: Staff): readonly Keyed[] =>
  rows.map((row) => ({ id: String(row.no), keys: [row[column]] }))

const ldap = { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] }
const groups = {
  view: 'groups',
  source: 'corp',
  from: `ou=groups,${suffix}`,
  writable: true,
  where: { objectClass: 'groupOfNames' },
  attributes: { cn: 'cn', member: { ref: 'people', column: 'member' } },
  ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['groupOfNames'] },
}

/** People of the directory whom a database completes; what belongs to them is shown as employeeNumber. */
const staffOnPeople = fc
  .record({
    on: fc.constantFrom(
      { column: 'mail', attribute: 'mail' } as const,
      { column: 'login', attribute: 'uid' } as const,
      { column: 'mail', attribute: 'memberUid' } as const,
    ),
    optional: fc.boolean(),
    filter: fc.constantFrom('', '??sub?(uid=*)', '??one?(!(title=foo))'),
    attributes: fc.record({
      cn: fc.constantFrom<unknown>('cn', '{givenName} {hr.title}', ['cn', 'hr.title']),
      description: fc.constantFrom<unknown>('description', 'hr.dept', {
        column: 'hr.dept',
        map: { foo: 'staff', é: 'é x' },
      }),
      title: fc.constantFrom<unknown>('title', 'hr.title', '{hr.dept}/{hr.title}'),
      telephoneNumber: fc.constantFrom<unknown>('telephoneNumber', {
        table: 'hr.phones',
        on: 'staff_no',
        value: 'number',
      }),
      uidNumber: fc.constantFrom('uidNumber', 'hr.grade'),
      xFlag: fc.constantFrom<unknown>(
        { column: 'gidNumber', bit: 2, syntax: 'boolean' },
        { column: 'hr.grade', bit: 2, syntax: 'boolean' },
        { column: 'employeeType', equals: 'foo', syntax: 'boolean' },
      ),
    }),
    key: fc.constantFrom(undefined, 'no'),
  })
  .map(({ on, optional, filter, attributes, key }) => ({
    on,
    optional,
    specs: [
      mappingSchema.parse({
        view: 'people',
        source: 'corp',
        from: `${place}${filter}`,
        writable: true,
        join: {
          hr: {
            source: 'hr',
            from: 'staff',
            key: key ?? 'no',
            on: { [on.column]: on.attribute },
            optional,
          },
        },
        attributes: {
          uid: 'uid',
          employeeNumber: 'hr.no',
          mail: 'mail',
          manager: { ref: 'people', column: 'manager' },
          memberOf: { ref: 'groups', by: 'member' },
          ...attributes,
        },
        ldap,
        scim: { resource: 'User' },
      }),
      mappingSchema.parse(groups),
    ],
  }))

/** What a directory may hold of somebody whose row is elsewhere. */
const ofDirectory = fc.record({
  cn: fc.constantFrom<unknown>('ad.cn', '{ad.givenName} {title}', { column: 'ad.cn', case: 'lower' }),
  description: fc.constantFrom<unknown>(['ad.description', 'title'], {
    column: 'ad.employeeType',
    map: { foo: 'staff', é: 'é x' },
  }),
  displayName: fc.constantFrom<unknown>({ column: 'ad.cn', single: true }, 'ad.displayName'),
  mail: fc.constantFrom<unknown>('ad.mail', ['mail', 'ad.mail']),
  telephoneNumber: fc.constant('ad.telephoneNumber'),
  gidNumber: fc.constantFrom('ad.gidNumber', 'ad.uidNumber'),
  seeAlso: fc.constantFrom<unknown>('ad.seeAlso', {
    column: 'ad.seeAlso',
    suffix: { 'dc=corp': 'dc=example' },
  }),
  jpegPhoto: fc.constant('ad.jpegPhoto'),
  xFlag: fc.constantFrom<unknown>(
    { column: 'ad.gidNumber', bit: 2, syntax: 'boolean' },
    { column: 'ad.employeeType', equals: 'foo', syntax: 'boolean' },
  ),
})

const peopleOnStaff = fc
  .record({
    on: fc.constantFrom(
      { attribute: 'mail', column: 'mail' } as const,
      { attribute: 'uid', column: 'login' } as const,
    ),
    optional: fc.boolean(),
    attributes: ofDirectory,
  })
  .map(({ on, optional, attributes }) => ({
    on,
    optional,
    specs: [
      mappingSchema.parse({
        view: 'people',
        source: 'hr',
        from: 'staff',
        writable: true,
        key: 'no',
        join: {
          ad: { source: 'corp', from: place, on: { [on.attribute]: on.column }, optional },
        },
        attributes: { uid: 'no', employeeNumber: 'ad.dn', title: 'title', ...attributes },
        ldap,
        scim: { resource: 'User' },
      }),
    ],
  }))

const peopleOnPeople = fc
  .record({
    on: fc.constantFrom(
      { attribute: 'uid', own: 'memberUid' } as const,
      { attribute: 'mail', own: 'memberUid' } as const,
      { attribute: 'memberUid', own: 'mail' } as const,
    ),
    optional: fc.boolean(),
    attributes: ofDirectory,
  })
  .map(({ on, optional, attributes }) => ({
    on,
    optional,
    specs: [
      mappingSchema.parse({
        view: 'people',
        source: 'corp',
        from: place,
        writable: true,
        uuid: 'entryUUID',
        join: { ad: { source: 'other', from: place, on: { [on.attribute]: on.own }, optional } },
        attributes: {
          uid: 'uid',
          employeeNumber: 'ad.dn',
          title: 'title',
          manager: { ref: 'people', column: 'manager' },
          secretary: { ref: 'people', by: 'manager' },
          memberOf: { ref: 'groups', by: 'member' },
          ...attributes,
        },
        ldap,
        scim: { resource: 'User' },
      }),
      mappingSchema.parse(groups),
    ],
  }))

interface Tried {
  readonly specs: readonly MappingSpec[]
  readonly wanted: ReadonlyMap<string, string>
  readonly isOptional: boolean
  readonly questions: typeof intents extends fc.Arbitrary<infer I> ? readonly I[] : never
}

async function expectRight(source: Parameters<typeof directoryOf>[1], tried: Tried): Promise<void> {
  const { specs, wanted, isOptional, questions } = tried
  const { core, all } = await directoryOf(specs, source)
  const everything = [...all.values()].flat()
  for (const { id, attributes } of all.get('people') ?? []) {
    expect(attributes.get('employeeNumber')?.map(String) ?? [], id).toEqual(
      wanted.has(id) ? [wanted.get(id)] : [],
    )
    if (!isOptional) expect(wanted.has(id), id).toBe(true)
  }
  for (const intent of questions) {
    for (const view of core.views.values()) {
      const filter = filterOf(intent, view, everything, core.schema)
      const entries = all.get(view.name) ?? []
      const meant = entries.filter((e) => isMeant(filter, e, everything, core.matchingOf)).map((e) => e.id)
      const ask = async (more: Partial<SearchRequest>) => {
        const found: string[] = []
        const asked = { view: view.name, filter, attributes: new Set<string>(), ...more }
        for await (const batch of core.search(asked, ctx())) found.push(...batch.map((e) => e.id))
        return found
      }
      const what = `${view.name} ${filterText(filter)}`
      expect(await ask({}), what).toEqual(meant)
      expect((await ask({ unordered: true })).sort(), what).toEqual(meant.toSorted())
      expect(await core.count({ view: view.name, filter, attributes: 'all' }, ctx()), what).toBe(meant.length)
      expect(await ask({ skip: 1, limit: 2 }), what).toEqual(meant.slice(1, 3))
      const [after] = meant
      if (after !== undefined) expect(await ask({ after, limit: 2 }), what).toEqual(meant.slice(1, 3))
      const attr = view.name === 'people' ? 'title' : 'cn'
      expect((await ask({ order: { attr, descending: false } })).sort(), what).toEqual(meant.toSorted())
    }
  }
}

const asked = fc.array(intents, { minLength: 2, maxLength: 8 })

describe.each([
  ['SQLite', sqlite, 1 / 5],
  ['MariaDB', mariadbDatabase, 1 / 15],
] as const)('OpenLDAP and %s', (_name, database, share) => {
  const directory = slapdOpened()
  const records = opened(database, createStaff)
  const runs = runsOf(share)

  it(`selects and counts what filters mean of people whom a database completes, ${runs} times`, {
    timeout: 1_800_000,
  }, async () => {
    const source = createJoinSource({
      primary: directory().source,
      sources: new Map([['hr', records().source]]),
    })
    await checked(
      fc.asyncProperty(
        companies,
        staff,
        staffOnPeople,
        asked,
        async (company, rows, { on, specs, optional }, questions) => {
          await fillSlapd(directory().client, company)
          await fillStaff(records().client, rows)
          const wanted = belonging(peopleBy(on.attribute, company), staffBy(on.column, rows), byNumber)
          await expectRight(source, { specs, wanted, isOptional: optional, questions })
        },
      ),
      runs,
    )
  })

  it(`selects and counts what filters mean of rows that a directory completes, ${runs} times`, {
    timeout: 1_800_000,
  }, async () => {
    const source = createJoinSource({
      primary: records().source,
      sources: new Map([['corp', directory().source]]),
    })
    await checked(
      fc.asyncProperty(
        companies,
        staff,
        peopleOnStaff,
        asked,
        async (company, rows, { on, specs, optional }, questions) => {
          await fillSlapd(directory().client, company)
          await fillStaff(records().client, rows)
          const wanted = belonging(staffBy(on.column, rows), peopleBy(on.attribute, company), byText)
          await expectRight(source, { specs, wanted, isOptional: optional, questions })
        },
      ),
      runs,
    )
  })
})

describe('OpenLDAP and OpenLDAP', () => {
  const directory = slapdOpened()
  const runs = runsOf(1 / 15)

  it(`selects and counts what filters mean of people whom others complete, ${runs} times`, {
    timeout: 1_800_000,
  }, async () => {
    const { source: own, client } = directory()
    const source = createJoinSource({ primary: own, sources: new Map([['other', own]]) })
    await checked(
      fc.asyncProperty(
        companies,
        peopleOnPeople,
        asked,
        async (company, { on, specs, optional }, questions) => {
          await fillSlapd(client, company)
          const wanted = belonging(peopleBy(on.own, company), peopleBy(on.attribute, company), byText)
          await expectRight(source, { specs, wanted, isOptional: optional, questions })
        },
      ),
      runs,
    )
  })
})
