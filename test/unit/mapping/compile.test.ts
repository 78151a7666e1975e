/** A mapping that does not fit its tables is told of all its faults at once, each with its place and its remedy. */
import { describe, expect, it } from 'vitest'
import { compileMappings } from '../../../src/mapping/compile.js'
import { extendSchema } from '../../../src/mapping/custom-schema.js'
import { MappingError, type MappingProblem, Problems } from '../../../src/mapping/problem.js'
import { mappingSchema } from '../../../src/mapping/schema.js'
import { viewOf } from '../../../src/mapping/view.js'
import { standardSchema } from '../../../src/schema/schema.js'
import type { Column, Table } from '../../../src/sources/source.js'

const tableOf = (name: string, columns: Readonly<Record<string, Column['kind']>>): Table => ({
  name,
  columns: new Map(Object.entries(columns).map(([n, kind]) => [n, { name: n, kind }])),
})
const tables = [
  tableOf('users', {
    id: 'integer',
    login: 'text',
    Name: 'text',
    born: 'date',
    active: 'text',
    boss: 'integer',
  }),
  tableOf('mails', { user_id: 'integer', address: 'text', kind: 'integer' }),
  tableOf('links', { a: 'integer', b: 'integer' }),
]

interface Given {
  readonly attributes?: object
  readonly [key: string]: unknown
}

const specOf = ({ attributes, ...more }: Given) =>
  mappingSchema.parse({
    view: 'people',
    source: 'hr',
    from: 'users',
    key: 'id',
    attributes: { uid: 'login', ...attributes },
    ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['account'] },
    ...more,
  })

async function problemsOf(given: Given): Promise<readonly MappingProblem[]> {
  const spec = specOf(given)
  const problems = new Problems()
  const schema = extendSchema(standardSchema(), [spec], problems)
  viewOf(spec, schema, problems)
  try {
    await compileMappings([spec], schema, async (name) => tables.find((t) => t.name === name))
    return problems.list
  } catch (error) {
    if (!(error instanceof MappingError)) throw error
    return [...problems.list, ...error.problems]
  }
}

it('compiles what fits', async () => {
  expect(
    await problemsOf({
      attributes: {
        cn: '{login} {Name}',
        mail: { table: 'mails', on: 'user_id', value: 'address' },
        manager: { ref: 'people', column: 'boss' },
      },
    }),
  ).toEqual([])
})

describe.each<
  readonly [what: string, given: Given, path: readonly (string | number)[], message: RegExp, remedy: RegExp]
>([
  ['a table that is missing', { from: 'user' }, ['from'], /no table user/, /existing table/],
  [
    'a suffix that is no DN',
    { attributes: { seeAlso: { column: 'login', suffix: { 'dc=corp': 'example.com' } } } },
    ['attributes', 'seeAlso', 'suffix', 'dc=corp'],
    /"example.com" is no DN/,
    /Write it as ou=people/,
  ],
  [
    'a suffix of what is no DN',
    { attributes: { cn: { column: 'login', suffix: { 'dc=corp': 'dc=example' } } } },
    ['attributes', 'cn', 'suffix'],
    /cn is no DN/,
    /Leave suffix out/,
  ],
  [
    'a bit of text',
    { attributes: { acmeFlag: { column: 'login', bit: 2 } } },
    ['attributes', 'acmeFlag'],
    /column login is text, which has no bits/,
    /whole numbers/,
  ],
  [
    'a bit of text that enables',
    { enabled: { column: 'login', bit: 2 } },
    ['enabled'],
    /has no bits/,
    /whole/,
  ],
  [
    'a bit that is to be text',
    { attributes: { cn: { column: 'id', bit: 2 } } },
    ['attributes', 'cn', 'bit'],
    /cn is text, not a truth value/,
    /syntax boolean/,
  ],
  ['no key', { key: undefined }, ['key'], /does not say what tells the rows of users apart/, /unique column/],
  [
    'an attribute of another view that refers elsewhere',
    { attributes: { memberOf: { ref: 'people', by: 'uid' } } },
    ['attributes', 'memberOf', 'by'],
    /uid of view people refers to no entry of people/,
    /reference to this view/,
  ],
  [
    'a reference back that would lead in circles',
    { attributes: { memberOf: { ref: 'people', by: 'memberOf' } } },
    ['attributes', 'memberOf', 'by'],
    /memberOf of view people refers to no entry/,
    /by a column or table/,
  ],
  ['a key that is missing', { key: 'number' }, ['key'], /no column number/, /id, login, Name/],
  [
    'a column in another case',
    { attributes: { cn: 'name' } },
    ['attributes', 'cn'],
    /no column name/,
    /Did you mean Name\?/,
  ],
  [
    'one of several sources',
    { attributes: { cn: ['Name', 'nick'] } },
    ['attributes', 'cn', 1],
    /no column nick/,
    /columns are/,
  ],
  [
    'a column in a template',
    { attributes: { cn: '{login} {nick}' } },
    ['attributes', 'cn'],
    /no column nick/,
    /columns are/,
  ],
  [
    'braces in a template',
    { attributes: { cn: '{login} {' } },
    ['attributes', 'cn'],
    /unbalanced braces/,
    /\{column\}/,
  ],
  [
    'a template of no text',
    { attributes: { uidNumber: '1{id}' } },
    ['attributes', 'uidNumber'],
    /not text/,
    /one column/,
  ],
  [
    'a child table',
    { attributes: { mail: { table: 'mail', on: 'user_id', value: 'address' } } },
    ['attributes', 'mail', 'table'],
    /no table mail/,
    /existing/,
  ],
  [
    'the column of a child table',
    { attributes: { mail: { table: 'mails', on: 'user_id', value: 'email' } } },
    ['attributes', 'mail', 'value'],
    /mails has no column email/,
    /address/,
  ],
  [
    'the link to a child table',
    { attributes: { mail: { table: 'mails', on: 'uid', value: 'address' } } },
    ['attributes', 'mail', 'on'],
    /mails has no column uid/,
    /user_id/,
  ],
  ['a condition', { where: { deleted: null } }, ['where', 'deleted'], /no column deleted/, /columns are/],
  [
    'a condition that is never true',
    { attributes: { mail: { table: 'mails', on: 'user_id', value: 'address', where: { kind: 'work' } } } },
    ['attributes', 'mail', 'where', 'kind'],
    /integer and can never be "work"/,
    /value of its type/,
  ],
  [
    'a reference to no view',
    { attributes: { manager: { ref: 'persons', column: 'boss' } } },
    ['attributes', 'manager', 'ref'],
    /no view persons/,
    /view of the same source/,
  ],
  [
    'a reference by two columns',
    { attributes: { manager: { ref: 'people', table: 'links', on: { a: 'id', b: 'boss' }, value: 'b' } } },
    ['attributes', 'manager', 'on'],
    /one column/,
    /Name one column/,
  ],
  [
    'truth of a text',
    { attributes: { xFlag: { column: 'active', syntax: 'boolean' } } },
    ['attributes', 'xFlag'],
    /active is text, xFlag a truth value/,
    /equals/,
  ],
  [
    'truth of a part that is text',
    {
      attributes: {
        mail: { table: 'mails', on: 'user_id', value: 'address', parts: { primary: 'address' } },
      },
    },
    ['attributes', 'mail', 'parts', 'primary'],
    /address is text, primary a truth value/,
    /truth values or numbers/,
  ],
  [
    'a test that makes no truth',
    { attributes: { cn: { column: 'active', equals: 'A' } } },
    ['attributes', 'cn', 'equals'],
    /not a truth value/,
    /map:/,
  ],
  [
    'a value in a map',
    { attributes: { uidNumber: { column: 'active', map: { A: 'many' } } } },
    ['attributes', 'uidNumber', 'map', 'A'],
    /"many" is no valid uidNumber/,
    /integer/,
  ],
  [
    'a constant',
    { attributes: { uidNumber: { constant: 'x' } } },
    ['attributes', 'uidNumber'],
    /no valid uidNumber/,
    /integer/,
  ],
  [
    'a DN',
    { attributes: { seeAlso: { dn: '{login}' } } },
    ['attributes', 'seeAlso', 'dn'],
    /is no DN/,
    /uid=\{column\}/,
  ],
  ['what enables', { enabled: 'active' }, ['enabled'], /text, not a truth value/, /equals/],
  [
    'what enables and can never be',
    { enabled: { column: 'boss', equals: 'yes' } },
    ['enabled', 'equals'],
    /boss is of type integer and can never be "yes"/,
    /value of its type/,
  ],
  [
    'what disables and can never be',
    { enabled: { column: 'boss', not: [1, 'yes'] } },
    ['enabled', 'not'],
    /boss is of type integer and can never be "yes"/,
    /value of its type/,
  ],
  [
    'what disables and no configuration can write',
    { enabled: { column: 'born', not: '2000-01-01' } },
    ['enabled', 'not'],
    /born is of type date and can never be "2000-01-01"/,
    /null/,
  ],
  [
    'a truth that can never be',
    { attributes: { xFlag: { column: 'boss', equals: 'yes', syntax: 'boolean' } } },
    ['attributes', 'xFlag', 'equals'],
    /boss is of type integer and can never be "yes"/,
    /value of its type/,
  ],
  [
    'a database value of a map',
    { attributes: { title: { column: 'boss', map: { 1: 'boss', yes: 'other' } } } },
    ['attributes', 'title', 'map', 'yes'],
    /boss is of type integer and can never be "yes"/,
    /value of its type/,
  ],
  [
    'an attribute that nobody knows',
    { attributes: { favouriteColour: 'Name' } },
    ['attributes', 'favouriteColour'],
    /knows no attribute/,
    /syntax/,
  ],
  [
    'one attribute under two names',
    { attributes: { sn: 'Name', surname: 'login' } },
    ['attributes', 'surname'],
    /one attribute/,
    /Map it once/,
  ],
  [
    'a naming attribute that is not mapped',
    { ldap: { base: '', rdn: 'cn', objectClass: ['account'] } },
    ['ldap', 'rdn'],
    /cn is not among/,
    /Map it/,
  ],
  [
    'a naming attribute of another table',
    {
      attributes: { mail: { table: 'mails', on: 'user_id', value: 'address' } },
      ldap: { base: '', rdn: 'mail', objectClass: ['account'] },
    },
    ['ldap', 'rdn'],
    /mail does not come from the table users alone/,
    /own table/,
  ],
])('%s', (_what, given, path, message, remedy) => {
  it('is told with its place and its remedy', async () => {
    const problems = await problemsOf(given)
    const found = problems.find((p) => JSON.stringify(p.path) === JSON.stringify(path))
    expect(problems.map((p) => p.path)).toContainEqual(path)
    expect(found?.view).toBe('people')
    expect(found?.message).toMatch(message)
    expect(found?.remedy).toMatch(remedy)
  })
})

it.each([
  ['NULL', { enabled: { column: 'born', equals: null } }],
  ['truth written in words', { enabled: { column: 'boss', equals: true } }],
])('lets what enables be %s', async (_what, given) => {
  expect(await problemsOf(given)).toEqual([])
})

describe('a key', () => {
  const problemsOfKey = async (key: Column & { readonly type?: string }) => {
    const table: Table = {
      name: 'users',
      columns: new Map([key, { name: 'login', kind: 'text' as const }].map((c) => [c.name, c])),
    }
    const schema = standardSchema()
    return compileMappings([specOf({})], schema, async () => table).then(
      () => [],
      (error: unknown) => (error instanceof MappingError ? error.problems : [error]),
    )
  }

  it.each<Column['kind']>(['integer', 'text', 'uuid', 'binary'])('can be of kind %s', async (kind) => {
    expect(await problemsOfKey({ name: 'id', kind, type: 'settled' })).toEqual([])
  })

  it.each<Column['kind']>(['date', 'time', 'boolean', 'decimal', 'other'])(
    'cannot be of kind %s',
    async (kind) => {
      expect(await problemsOfKey({ name: 'id', kind })).toEqual([
        expect.objectContaining({
          path: ['key'],
          message: `column id is of kind ${kind} and cannot be a key`,
          remedy: expect.stringMatching(/CAST/),
        }),
      ])
    },
  )

  it.each(["enum('b','a')", "SET('b','a')"])('cannot be an %s', async (type) => {
    expect(await problemsOfKey({ name: 'id', kind: 'text', type })).toEqual([
      expect.objectContaining({ path: ['key'], message: expect.stringMatching(/enumeration/) }),
    ])
  })
})

it.each([
  ['inetOrgPersonn', /Did you mean inetOrgPerson\?/],
  ['groupOfName', /Did you mean groupOfNames\?/],
])('takes %s for a misspelt class', async (name, remedy) => {
  const problems = await problemsOf({ ldap: { base: '', rdn: 'uid', objectClass: ['top', name] } })
  expect(problems).toEqual([
    expect.objectContaining({ path: ['ldap', 'objectClass', 1], remedy: expect.stringMatching(remedy) }),
  ])
})

it.each(['acmePerson', 'xPerson', 'posixUser', 'badge'])(
  'takes %s for a class of one’s own',
  async (name) => {
    expect(await problemsOf({ ldap: { base: '', rdn: 'uid', objectClass: ['top', name] } })).toEqual([])
  },
)

it('tells all problems at once', async () => {
  const problems = await problemsOf({
    where: { deleted: null },
    attributes: { cn: 'name', uidNumber: '1{id}', manager: { ref: 'nobody', column: 'boss' } },
    enabled: 'enabled',
    version: 'changed',
  })
  expect(problems.map((p) => p.path[p.path.length - 1])).toEqual(
    expect.arrayContaining(['deleted', 'cn', 'uidNumber', 'ref', 'enabled', 'version']),
  )
})
