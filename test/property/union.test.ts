/**
 * A union of members in two databases, or a database and a directory, is what a plain model makes of the members' entries: for any filter, in any
 * order, page by page, whatever entries are the same.
 */
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { filterText } from '../../src/directory/explain.js'
import { assemble } from '../../src/gateway/assembly.js'
import { compileAll } from '../../src/gateway/compiling.js'
import type { GatewayParts } from '../../src/gateway/parts.js'
import { readConfig } from '../../src/gateway/reading.js'
import type { GatewayInput } from '../../src/index.js'
import type { LdapClient } from '../../src/ldap/index.js'
import type { Entry } from '../../src/model/entry.js'
import { type Filter, TRUE } from '../../src/model/filter.js'
import { match } from '../../src/model/match.js'
import type { SearchRequest } from '../../src/model/request.js'
import { Ref, type Scalar, scalarOf, type Value } from '../../src/model/value.js'
import { openSql, type SqlClient } from '../data/sql-client.js'
import { ctx, parametersOf, runsOf } from './directories.js'
import { slapdOpened, suffix } from './slapd-world.js'

const files = ['one', 'two'].map((name) => join(tmpdir(), `vitrine-union-${process.pid}-${name}.sqlite`))
const [one, two] = files.map((file) => `sqlite:${file}`)

const members = ['a', 'b', 'c'] as const
type Member = (typeof members)[number]
const modes = ['first', 'merge', 'error'] as const
type Mode = (typeof modes)[number]

const mapping = (view: Member, source: string, columns: Readonly<Record<string, string>>) => ({
  view,
  source,
  from: view,
  writable: true,
  key: 'id',
  attributes: {
    ...columns,
    mail: [String(columns.mail), { table: `${view}_mails`, on: 'owner', value: 'address' }],
    manager: { ref: view, column: 'boss' },
  },
})

const group = (view: string, source: string, of: readonly Member[]) => ({
  view,
  source,
  from: view,
  writable: true,
  key: 'id',
  attributes: {
    cn: 'name',
    member: of.map((ref) => ({ ref, table: `${view}_${ref}`, on: 'owner', value: 'person' })),
  },
})

/** What the second source is made of. */
type Second = 'database' | 'directory'

const ofDatabase = [
  mapping('c', 'two', { uid: 'acct', mail: 'email', departmentNumber: 'section', description: 'remark' }),
  group('h', 'two', ['c']),
]
const ofDirectory = [
  {
    view: 'c',
    source: 'two',
    from: `ou=people,${suffix}??one`,
    writable: true,
    attributes: {
      uid: 'uid',
      mail: 'mail',
      departmentNumber: 'departmentNumber',
      description: 'description',
      manager: { ref: 'c', column: 'manager' },
    },
  },
  {
    view: 'h',
    source: 'two',
    from: `ou=groups,${suffix}??one`,
    writable: true,
    attributes: { cn: 'cn', member: { ref: 'c', column: 'member' } },
  },
]

const config = (
  duplicates: Mode,
  second: GatewayInput['sources'][string],
  views: readonly object[],
): object => ({
  suffix: 'dc=example,dc=com',
  log: { level: 'silent' },
  sources: { one: { type: 'sql', url: String(one) }, two: second },
  views: [
    mapping('a', 'one', { uid: 'login', mail: 'post', departmentNumber: 'dept', description: 'note' }),
    mapping('b', 'one', { uid: 'name', mail: 'address', departmentNumber: 'unit' }),
    group('g', 'one', ['a', 'b']),
    ...views,
    {
      view: 'people',
      union: { members: [...members], by: 'mail', duplicates },
      ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
      scim: { resource: 'User' },
    },
    {
      view: 'groups',
      union: { members: ['g', 'h'], duplicates: 'first' },
      ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['groupOfNames'] },
    },
  ],
})

interface Person {
  readonly uid: string
  readonly mail: string | null
  readonly mails: readonly string[]
  readonly dept: string | null
  readonly note: string | null
  readonly boss: number | null
}
type World = Readonly<Record<Member, readonly Person[]>> & { readonly groups: readonly (readonly number[])[] }

const uids = ['u0', 'u1', 'U1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7', 'u8']
const mails = ['m0@x', 'M0@x', 'm1@x', 'm2@x', 'm3@x', 'm4@x']
const depts = ['d0', 'd1', 'd2']
const person: fc.Arbitrary<Person> = fc.record({
  uid: fc.constantFrom(...uids),
  mail: fc.option(fc.constantFrom(...mails)),
  mails: fc.uniqueArray(fc.constantFrom(...mails), { maxLength: 2 }),
  dept: fc.option(fc.constantFrom(...depts)),
  note: fc.option(fc.constantFrom('n0', 'n1')),
  boss: fc.option(fc.integer({ min: 1, max: 5 })),
})
/** No two have one name: what is to be made of those within one member is not the union's affair. */
const people = fc.uniqueArray(person, { maxLength: 5, selector: ({ uid }) => uid.toLowerCase() })
const worlds: fc.Arbitrary<World> = fc.record({
  a: people,
  b: people,
  c: people,
  groups: fc.array(fc.array(fc.nat(14), { maxLength: 4 }), { minLength: 4, maxLength: 4 }),
})

const columns: Readonly<Record<Member, readonly string[]>> = {
  a: ['login', 'post', 'dept', 'note'],
  b: ['name', 'address', 'unit'],
  c: ['acct', 'email', 'section', 'remark'],
}
const keys: Readonly<Record<Member, (n: number) => number | string>> = {
  a: (n) => n,
  b: (n) => n,
  c: (n) => `key-of-${n}`,
}
const dnOf = (n: number) => `cn=key-of-${n},ou=people,${suffix}`

/** Filters over what there may be. */
const leaf: fc.Arbitrary<Filter> = fc.oneof(
  fc
    .constantFrom('uid', 'mail', 'departmentNumber', 'description', 'objectClass', 'manager')
    .map((attr): Filter => ({ op: 'present', attr })),
  fc.constantFrom(...uids).map((value): Filter => ({ op: 'eq', attr: 'uid', value })),
  fc.constantFrom(...mails).map((value): Filter => ({ op: 'eq', attr: 'mail', value })),
  fc.constantFrom(...depts).map((value): Filter => ({ op: 'eq', attr: 'departmentNumber', value })),
  fc.constantFrom('n0', 'n1').map((value): Filter => ({ op: 'eq', attr: 'description', value })),
  fc.constantFrom('m1', 'm').map((initial): Filter => ({ op: 'substring', attr: 'mail', initial, any: [] })),
  fc.constantFrom('person', 'device').map((value): Filter => ({ op: 'eq', attr: 'objectClass', value })),
  fc
    .constantFrom(...uids)
    .map((name): Filter => ({ op: 'eq', attr: 'manager', value: new Ref('people', [name]) })),
  fc
    .constantFrom('a:1', 'b:1', 'b:2', 'c:key-of-1', `c:${dnOf(1)}`)
    .map((id): Filter => ({ op: 'eq', attr: 'manager', value: new Ref('people', [], id) })),
  fc.constantFrom('a:1', 'b:2', 'c:key-of-3', `c:${dnOf(3)}`, 'x').map((id): Filter => ({ op: 'key', id })),
  fc.constantFrom(true, false, undefined).map((value): Filter => ({ op: 'const', value })),
)
const filters: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'filter' },
    { weight: 3, arbitrary: leaf },
    { weight: 1, arbitrary: tie('filter').map((of): Filter => ({ op: 'not', of })) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('filter'), { maxLength: 3 }))
        .map(([op, of]): Filter => ({ op, of })),
    },
  ),
})).filter

describe.each<Second>(['database', 'directory'])('a union of a database and a %s', (second) => {
  const directory = second === 'directory' ? slapdOpened() : undefined
  const clients: SqlClient[] = []
  const parts = new Map<Mode, GatewayParts>()

  beforeAll(async () => {
    for (const file of files) await rm(file, { force: true })
    for (const url of [one, two]) clients.push(await openSql(String(url)))
    for (const member of members) {
      const of = columns[member].map((name) => `${name} text`)
      const type = member === 'c' ? 'text' : 'integer'
      await clientOf(member).run(
        `create table ${member} (id ${type} primary key, ${of.join(', ')}, boss ${type})`,
      )
      await clientOf(member).run(`create table ${member}_mails (owner ${type}, address text)`)
    }
    for (const [client, view] of [
      [clients[0], 'g'],
      [clients[1], 'h'],
    ] as const) {
      await client?.run(`create table ${view} (id integer primary key, name text)`)
      for (const of of view === 'g' ? ['a', 'b'] : ['c'])
        await client?.run(
          `create table ${view}_${of} (owner integer, person ${of === 'c' ? 'text' : 'integer'})`,
        )
    }
    for (const mode of modes) {
      const opened = directory?.()
      const source = opened === undefined ? { type: 'sql' as const, url: String(two) } : opened.options
      const views = opened === undefined ? ofDatabase : ofDirectory
      const made = await assemble(await readConfig(config(mode, source, views) as GatewayInput, {}))
      await compileAll(made)
      parts.set(mode, made)
    }
  })
  afterAll(async () => {
    for (const made of parts.values()) await made.close()
    for (const client of clients) await client.close()
    for (const file of files) await rm(file, { force: true })
  })

  const clientOf = (member: Member): SqlClient => {
    const client = clients[member === 'c' ? 1 : 0]
    if (client === undefined) throw new Error('not open')
    return client
  }

  async function fill(world: World): Promise<void> {
    if (directory !== undefined) await fillDirectory(directory().client, world)
    for (const member of members) {
      const client = clientOf(member)
      await client.run(`delete from ${member}`)
      await client.run(`delete from ${member}_mails`)
      const rows = world[member].map((p, i) => {
        const values = [p.uid, p.mail, p.dept, p.note].slice(0, columns[member].length)
        return [keys[member](i + 1), ...values, p.boss === null ? null : keys[member](p.boss)]
      })
      if (rows.length > 0) await client.insert(member, ['id', ...columns[member], 'boss'], rows)
      const more = world[member].flatMap((p, i) => p.mails.map((mail) => [keys[member](i + 1), mail]))
      if (more.length > 0) await client.insert(`${member}_mails`, ['owner', 'address'], more)
    }
    for (const [view, client, of] of [
      ['g', clients[0], ['a', 'b']],
      ['h', clients[1], ['c']],
    ] as const) {
      await client?.run(`delete from ${view}`)
      const [first = [], second = []] = view === 'g' ? world.groups : world.groups.slice(2)
      await client?.insert(
        view,
        ['id', 'name'],
        [
          [1, view === 'g' ? 'shared' : 'SHARED'],
          [2, `only ${view}`],
        ],
      )
      for (const member of of) {
        await client?.run(`delete from ${view}_${member}`)
        const rows = [first, second].flatMap((all, i) =>
          all.flatMap((n) =>
            members[Math.floor(n / 5)] === member ? [[i + 1, keys[member]((n % 5) + 1)]] : [],
          ),
        )
        if (rows.length > 0) await client?.insert(`${view}_${member}`, ['owner', 'person'], rows)
      }
    }
  }

  const partsOf = (mode: Mode): GatewayParts => {
    const made = parts.get(mode)
    if (made === undefined) throw new Error('not assembled')
    return made
  }

  async function idsOf(mode: Mode, request: Partial<SearchRequest>): Promise<readonly string[]> {
    const asked = { view: 'people', filter: TRUE, attributes: new Set<string>(), ...request }
    const ids: string[] = []
    for await (const entries of partsOf(mode).whole.search(asked, ctx()))
      ids.push(...entries.map((e) => e.id))
    return ids
  }

  const runs = runsOf(1 / 20)

  it.each(['first', 'merge'] as const)(
    `with duplicates: %s, in ${runs} random worlds`,
    { timeout: 600_000 },
    async (mode) => {
      await fc.assert(
        fc.asyncProperty(
          worlds,
          fc.array(filters, { minLength: 3, maxLength: 3 }),
          fc.integer({ min: 1, max: 4 }),
          fc.constantFrom('uid', 'mail', 'departmentNumber', 'description'),
          async (world, asked, size, attr) => {
            await fill(world)
            const { core, whole } = partsOf(mode)
            const model = await modelOf(core, mode)
            const shown: Entry[] = []
            for await (const entries of whole.search(
              { view: 'people', filter: TRUE, attributes: 'all' },
              ctx(),
            ))
              shown.push(...entries)
            expect(shown.map(plain)).toEqual(model.map(plain))
            for (const filter of asked) {
              const told = filterText(filter)
              const meant = model.filter((entry) => holds(filter, entry, whole))
              const ids = meant.map((entry) => entry.id)
              expect(await idsOf(mode, { filter }), told).toEqual(ids)
              expect(await whole.count({ view: 'people', filter, attributes: new Set() }, ctx()), told).toBe(
                ids.length,
              )
              const paged: string[] = []
              for (;;) {
                const after = paged.at(-1)
                const page = await idsOf(mode, { filter, limit: size, ...(after !== undefined && { after }) })
                expect(page.length, told).toBeLessThanOrEqual(size)
                paged.push(...page)
                if (page.length < size) break
              }
              expect(paged, `${told} from key to key`).toEqual(ids)
              expect(await idsOf(mode, { filter, skip: size }), `${told} behind ${size}`).toEqual(
                ids.slice(size),
              )
              for (const descending of [false, true]) {
                const order = { attr, descending }
                const sorted = sortedBy(meant, attr, descending)
                const how = `${told} by ${attr} ${descending ? 'down' : 'up'}`
                expect(await idsOf(mode, { filter, order }), how).toEqual(sorted)
                expect(await idsOf(mode, { filter, order, skip: size, limit: size }), how).toEqual(
                  sorted.slice(size, 2 * size),
                )
              }
            }
            for (const { id } of model) expect(await idsOf(mode, { id })).toEqual([id])
            await sameGroups(mode, model)
          },
        ),
        parametersOf(runs),
      )
    },
  )

  it(`with duplicates: error, in ${runs} random worlds`, { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(worlds, filters, async (world, filter) => {
        await fill(world)
        const { core, whole } = partsOf('error')
        const all = await membersOf(core)
        const told = filterText(filter)
        const model = all.flat().map((entry) => outward(entry, (ref) => renamed(ref)))
        const meant = model.filter((entry) => holds(filter, entry, whole))
        const twinned = meant.some((entry) =>
          model.some((other) => memberOf(other) !== memberOf(entry) && isSame(entry, other)),
        )
        if (twinned)
          await expect(idsOf('error', { filter }), told).rejects.toThrow(/has two entries that are the same/)
        else expect(await idsOf('error', { filter }), told).toEqual(meant.map((entry) => entry.id))
        expect(await whole.count({ view: 'people', filter, attributes: new Set() }, ctx())).toBe(meant.length)
      }),
      parametersOf(runs),
    )
  })

  /** Groups, and who is found by being their member. */
  async function sameGroups(mode: Mode, model: readonly Entry[]): Promise<void> {
    const { core, whole } = partsOf(mode)
    const heads = headsOf(await membersOf(core))
    const groups: Entry[] = []
    for (const view of ['g', 'h']) {
      for await (const entries of core.search({ view, filter: TRUE, attributes: 'all' }, ctx()))
        groups.push(
          ...entries.map((e) => outward(e, (ref) => heads(ref))).map((e) => ({ ...e, view: 'groups' })),
        )
    }
    // Both databases have a group of that name.
    const shown = groups.filter(
      ({ id, attributes }) => !id.startsWith('h:') || attributes.get('cn')?.[0] !== 'SHARED',
    )
    const found: Entry[] = []
    for await (const entries of whole.search({ view: 'groups', filter: TRUE, attributes: 'all' }, ctx()))
      found.push(...entries)
    expect(found.map(plain)).toEqual(shown.map(plain))
    for (const entry of model) {
      const name = String(entry.attributes.get('uid')?.[0])
      for (const value of [new Ref('people', [name]), new Ref('people', [], entry.id)]) {
        const filter: Filter = { op: 'eq', attr: 'member', value }
        const meant = shown
          .filter((one) => match(filter, one, whole.matchingOf) === true)
          .map((one) => one.id)
        expect(await idsOf(mode, { view: 'groups', filter }), `groups of ${entry.id}`).toEqual(meant)
      }
    }
  }
})

/** What the second database is filled with, as entries. */
async function fillDirectory(client: LdapClient, { c: persons, groups }: World): Promise<void> {
  const { entries } = await client.searchAll(suffix, { scope: 'subordinateSubtree', attributes: ['1.1'] })
  for (const { dn } of entries.sort((a, b) => b.dn.length - a.dn.length)) await client.delete(dn)
  const add = (dn: string, given: Readonly<Record<string, readonly (string | null)[]>>) =>
    client.add(
      dn,
      Object.entries(given).flatMap(([type, all]) => {
        const values = all.filter((value) => value !== null)
        return values.length === 0 ? [] : [{ type, values }]
      }),
    )
  for (const ou of ['people', 'groups'])
    await add(`ou=${ou},${suffix}`, { objectClass: ['organizationalUnit'], ou: [ou] })
  for (const [at, { uid, mail, mails: more, dept, note, boss }] of persons.entries()) {
    const addresses = new Map([mail, ...more].map((value) => [value?.toLowerCase(), value]))
    await add(dnOf(at + 1), {
      objectClass: ['device', 'extensibleObject'],
      cn: [`key-of-${at + 1}`],
      uid: [uid],
      mail: [...addresses.values()],
      departmentNumber: [dept],
      description: [note],
      manager: [boss === null ? null : dnOf(boss)],
    })
  }
  for (const [at, name] of ['SHARED', 'only h'].entries()) {
    await add(`cn=${name},ou=groups,${suffix}`, {
      objectClass: ['device', 'extensibleObject'],
      cn: [name],
      member: [...new Set((groups[at + 2] ?? []).flatMap((n) => (n < 10 ? [] : [dnOf((n % 5) + 1)])))],
    })
  }
}

// The model.

type Core = Pick<GatewayParts['core'], 'search'>

async function membersOf(core: Core): Promise<readonly (readonly Entry[])[]> {
  const all: Entry[][] = []
  for (const view of members) {
    const own: Entry[] = []
    for await (const entries of core.search({ view, filter: TRUE, attributes: 'all' }, ctx()))
      own.push(...entries)
    all.push(own)
  }
  return all
}

function holds(filter: Filter, entry: Entry, { schema, matchingOf }: GatewayParts['whole']): boolean {
  const classes = schema.withSuperclasses((entry.attributes.get('objectClass') ?? []).map(String))
  const attributes = new Map(entry.attributes).set('objectClass', classes)
  return match(filter, { ...entry, attributes }, matchingOf) === true
}

const memberOf = ({ id }: Pick<Entry, 'id'>) => id.split(':')[0]

/** Of `own`, what is the same as an entry: by mail before by name. */
function twinsIn(own: readonly Entry[], entry: Entry): readonly Entry[] {
  const found = ['mail', 'uid', 'entryUUID'].flatMap((attr) => {
    const forms = new Set((entry.attributes.get(attr) ?? []).map((value) => String(value).toLowerCase()))
    return own.filter((one) =>
      (one.attributes.get(attr) ?? []).some((value) => forms.has(String(value).toLowerCase())),
    )
  })
  return [...new Set(found)]
}

const isSame = (a: Entry, b: Entry) => twinsIn([a], b).length > 0

/** What a reference to a member is shown as: as its first twin in the first member that has one is. */
function headsOf(all: readonly (readonly Entry[])[]): (ref: Ref) => Ref {
  const headOf = (index: number, entry: Entry): { readonly index: number; readonly entry: Entry } => {
    for (const [i, own] of all.slice(0, index).entries()) {
      const [twin] = twinsIn(own, entry)
      if (twin !== undefined) return headOf(i, twin)
    }
    return { index, entry }
  }
  return (ref) => {
    const index = members.indexOf(ref.view as Member)
    const entry = all[index]?.find((one) => one.id === ref.id)
    if (entry === undefined) return renamed(ref)
    const head = headOf(index, entry)
    return new Ref(
      'people',
      [String(head.entry.attributes.get('uid')?.[0])],
      `${members[head.index]}:${head.entry.id}`,
    )
  }
}

const renamed = ({ view, names, id }: Ref) => new Ref('people', names, `${view}:${id}`)

function outward(entry: Entry, shown: (ref: Ref) => Ref): Entry {
  const attributes = new Map<string, readonly Value[]>()
  for (const [attr, values] of entry.attributes) {
    const refs = new Map<string, Value>()
    for (const [i, value] of values.entries()) {
      const one = value instanceof Ref ? shown(value) : value
      refs.set(one instanceof Ref ? String(one.id) : String(i), one)
    }
    attributes.set(attr, [...refs.values()])
  }
  return { ...entry, view: 'people', id: `${entry.view}:${entry.id}`, attributes }
}

async function modelOf(core: Core, mode: 'first' | 'merge'): Promise<readonly Entry[]> {
  const all = await membersOf(core)
  const heads = headsOf(all)
  return all.flatMap((own, index) =>
    own.flatMap((entry) => {
      if (all.slice(0, index).some((earlier) => earlier.some((other) => isSame(other, entry)))) return []
      const group = [entry]
      if (mode === 'merge')
        for (const later of all.slice(index + 1)) {
          const joined = group.flatMap((one) => twinsIn(later, one))
          group.push(...new Set(joined))
        }
      const attributes = new Map(entry.attributes)
      for (const other of group.slice(1)) {
        for (const [attr, values] of other.attributes) if (!attributes.has(attr)) attributes.set(attr, values)
      }
      return [outward({ ...entry, attributes }, heads)]
    }),
  )
}

/** What is compared of an entry: everything, in an order of its own. */
function plain({ id, attributes }: Entry) {
  const text = (value: Value) => {
    const scalar: Scalar | undefined = scalarOf(value)
    return scalar instanceof Ref ? `${scalar.id} ${scalar.names.join('+')}` : String(scalar)
  }
  return [id, [...attributes].map(([attr, values]) => [attr, values.map(text).sort()]).sort()]
}

/** Without a value last, descending first; the least of several counts. */
function sortedBy(entries: readonly Entry[], attr: string, descending: boolean): readonly string[] {
  const keyOf = (entry: Entry) =>
    (entry.attributes.get(attr) ?? []).map((v) => String(v).toLowerCase()).sort()[0]
  const direction = descending ? -1 : 1
  return entries
    .map((entry, at) => ({ id: entry.id, key: keyOf(entry), at }))
    .sort((a, b) => {
      if (a.key === undefined || b.key === undefined)
        return a.key === b.key ? a.at - b.at : (a.key === undefined ? 1 : -1) * direction
      return (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) * direction || a.at - b.at
    })
    .map(({ id }) => id)
}
