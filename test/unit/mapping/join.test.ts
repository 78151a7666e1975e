/** Mappings whose columns stand in several sources: what fits is compiled, and what cannot be is told with its remedy. */
import { describe, expect, it } from 'vitest'
import { compileMappings } from '../../../src/mapping/compile.js'
import { extendSchema } from '../../../src/mapping/custom-schema.js'
import { MappingError, type MappingProblem, Problems } from '../../../src/mapping/problem.js'
import { mappingSchema } from '../../../src/mapping/schema.js'
import { viewOf } from '../../../src/mapping/view.js'
import { standardSchema } from '../../../src/schema/schema.js'
import { AWAY, joinOf, readTableOfSource } from '../../../src/sources/joined.js'
import type { Table } from '../../../src/sources/source.js'
import { tableOf } from './compiled.js'

const own: readonly Table[] = [
  tableOf('users', {
    id: 'integer',
    login: 'text',
    mail: 'text',
    boss: 'integer',
    status: 'text',
    seen: 'time',
  }),
  tableOf('phones', { user_id: 'integer', number: 'text' }),
]
const personnel: readonly Table[] = [
  tableOf('staff', {
    no: 'integer',
    email: 'text',
    job: 'text',
    active: 'boolean',
    hash: 'text',
    at: 'time',
  }),
  tableOf('phones', { staff_no: 'integer', number: 'text' }),
]

interface Given {
  readonly join?: object
  readonly attributes?: object
  readonly [key: string]: unknown
}

const specOf = ({ join, attributes, ...more }: Given) =>
  mappingSchema.parse({
    view: 'people',
    source: 'own',
    from: 'users',
    writable: true,
    key: 'id',
    join: {
      hr: { source: 'personnel', from: 'staff', on: { email: 'mail' }, key: 'no', ...join },
    },
    attributes: { uid: 'login', ...attributes },
    ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['account'] },
    ...more,
  })

async function compile(given: Given, isAway = false) {
  const spec = specOf(given)
  const schema = extendSchema(standardSchema(), [spec], new Problems())
  const view = viewOf(spec, schema, new Problems())
  const [mapping] = await compileMappings([spec], schema, async (name) => {
    const other = readTableOfSource(name)
    if (other === undefined) return own.find((t) => t.name === name)
    if (isAway) return AWAY
    return other.source === 'personnel' ? personnel.find((t) => t.name === other.table) : undefined
  })
  if (mapping === undefined) throw new Error('nothing is mapped')
  return { mapping, view }
}

async function problemsOf(given: Given): Promise<readonly MappingProblem[]> {
  try {
    await compile(given)
    return []
  } catch (error) {
    if (error instanceof MappingError) return error.problems
    throw error
  }
}

it('knows the columns of all, and by which key rows belong together', async () => {
  const { mapping, view } = await compile({
    join: { optional: true, where: { active: true } },
    attributes: {
      title: 'hr.job',
      description: '{login}: {hr.job}',
      mobile: { table: 'phones', on: 'user_id', value: 'number' },
      telephoneNumber: { table: 'hr.phones', on: 'staff_no', value: 'number' },
    },
    enabled: 'hr.active',
  })
  const [hr] = joinOf(mapping.table)?.secondaries ?? []
  expect(hr).toMatchObject({
    alias: 'hr',
    source: 'personnel',
    optional: true,
    onFailure: 'fail',
    owned: false,
  })
  expect(hr?.of.key.name).toBe('no')
  expect(hr?.of.where).toMatchObject([{ values: [true] }])
  expect(mapping.table.columns.get('hr.job')).toMatchObject({ name: 'hr.job', kind: 'text' })
  expect([...mapping.attributes.keys()]).toEqual(
    expect.arrayContaining(['title', 'description', 'mobile', 'telephoneNumber']),
  )
  for (const name of ['title', 'mobile', 'telephoneNumber'])
    expect(view.attributes.get(name)?.writable, name).toBe(true)
})

it('takes the column of `on` for the key, where none is named', async () => {
  const { mapping } = await compile({ join: { key: undefined } })
  expect(joinOf(mapping.table)?.secondaries[0]?.of.key.name).toBe('email')
})

describe('a source that may be away', () => {
  const absent = { optional: true, onFailure: 'absent' }

  it('leaves its attributes without values while it cannot be asked, and without answers', async () => {
    const { mapping } = await compile(
      {
        join: absent,
        attributes: {
          title: 'hr.job',
          telephoneNumber: { table: 'hr.phones', on: 'staff_no', value: 'number' },
        },
      },
      true,
    )
    for (const name of ['title', 'telephoneNumber']) {
      const [operation] = mapping.attributes.get(name)?.operations ?? []
      expect(operation?.fields).toEqual([])
      expect(operation?.reader(() => 0)([])).toEqual([])
      expect(() => operation?.rewrite({ op: 'present', attr: name })).toThrow('unavailable')
    }
    expect(mapping.attributes.get('uid')?.operations[0]?.fields).toHaveLength(1)
  })

  it.each([
    ['names', { attributes: { uid: 'hr.job' } }, ['attributes', 'uid']],
    [
      'passwords',
      { attributes: { userPassword: { column: 'hr.hash', verifyOnly: true } } },
      ['attributes', 'userPassword'],
    ],
    ['who is enabled', { enabled: { column: 'hr.job', not: 'left' } }, ['enabled']],
  ])('does not decide about %s', async (_what, given, path) => {
    const problems = await problemsOf({ join: absent, ...given })
    expect(problems).toMatchObject([{ path, message: expect.stringContaining('must not be missing') }])
  })

  it('is an optional one', async () => {
    expect(await problemsOf({ join: { onFailure: 'absent' } })).toMatchObject([
      { path: ['join', 'hr', 'onFailure'] },
    ])
  })
})

it.each<[string, Given, readonly (string | number)[], string]>([
  ['no table', { join: { from: 'stuff' } }, ['join', 'hr', 'from'], 'there is no table stuff'],
  ['no column', { join: { on: { e_mail: 'mail' } } }, ['join', 'hr', 'on', 'e_mail'], 'has no column e_mail'],
  ['times as keys', { join: { on: { at: 'seen' } } }, ['join', 'hr', 'on', 'at'], 'cannot be compared'],
  [
    'several columns and no key',
    { join: { key: undefined, on: { email: 'mail', no: 'id' } } },
    ['join', 'hr', 'on'],
    'which column identifies',
  ],
  ['a misspelt column', { attributes: { title: 'hr.jop' } }, ['attributes', 'title'], 'has no column hr.jop'],
  ['a condition', { where: { 'hr.job': 'x' } }, ['where', 'hr.job'], 'no column of the table users itself'],
  ['a version', { version: 'seen' }, ['version'], 'a row of another source has changed'],
  ['a UUID', { uuid: 'hr.no' }, ['uuid'], 'no column of the table users itself'],
  [
    'a reference',
    { attributes: { manager: { ref: 'people', column: 'hr.no' } } },
    ['attributes', 'manager', 'column'],
    'are kept by the source of its rows',
  ],
  [
    'a child table of the other side',
    { attributes: { mobile: { table: 'hr.phones', on: { staff_no: 'id' }, value: 'number' } } },
    ['attributes', 'mobile', 'on'],
    'are of different sources',
  ],
])('complains of %s', async (_what, given, path, message) => {
  const problems = await problemsOf(given)
  expect(problems).toEqual(
    expect.arrayContaining([expect.objectContaining({ path, message: expect.stringContaining(message) })]),
  )
})
