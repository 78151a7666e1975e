/** What questions about references become: only entries that have a name are referred to. */
import { describe, expect, it } from 'vitest'
import type { Filter } from '../../../src/model/filter.js'
import { Ref } from '../../../src/model/value.js'
import type { FieldFilter } from '../../../src/sources/source.js'
import { compiled, operationsOf, tableOf } from './compiled.js'

const tables = [
  tableOf('users', { id: 'integer', login: 'text' }),
  tableOf('teams', { id: 'integer', name: 'text' }),
  tableOf('members', { team: 'integer', user: 'integer' }),
]

const asked = async (of: Filter | Ref) => {
  const teams = await compiled(
    tables,
    {
      view: 'teams',
      from: 'teams',
      writable: true,
      attributes: { cn: 'name', member: { ref: 'people', table: 'members', on: 'team', value: 'user' } },
      ldap: { base: 'ou=teams', rdn: 'cn', objectClass: ['groupOfNames'] },
    },
    {
      view: 'people',
      from: 'users',
      writable: true,
      attributes: { uid: 'login' },
      ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['account'] },
      scim: { resource: 'User' },
    },
  )
  const [operation] = operationsOf(teams, 'member')
  return of instanceof Ref
    ? operation?.rewrite({ op: 'eq', attr: 'member', value: of })
    : operation?.rewriteElement(of)
}

/** The columns that must hold a value. */
function required(filter: FieldFilter | undefined): readonly string[] {
  if (filter?.op === 'some') return required(filter.of)
  if (filter?.op === 'and') return filter.of.flatMap(required)
  return filter?.op === 'test' && filter.test.test === 'present' && !('concat' in filter.on)
    ? [filter.on.name]
    : []
}

describe('a reference', () => {
  it('by key is to an entry that has a name', async () => {
    expect(required(await asked(new Ref('people', [], '7')))).toEqual(['login'])
  })

  it('by name needs no further question', async () => {
    expect(required(await asked(new Ref('people', ['ada'], '7')))).toEqual([])
  })

  it('of any description is to an entry that has a name', async () => {
    expect(required(await asked({ op: 'not', of: { op: 'eq', attr: 'type', value: 'Group' } }))).toEqual([
      'login',
    ])
  })

  it('is to a resource type in any case and however spaced', async () => {
    const meant = await asked({ op: 'present', attr: 'type' })
    for (const value of ['User', 'user', '  USER '])
      expect(await asked({ op: 'eq', attr: 'type', value })).toEqual(meant)
    expect(await asked({ op: 'eq', attr: 'type', value: 'Users' })).not.toEqual(meant)
  })
})

describe('what an entry is called', () => {
  const asks = async (name: object, of: Filter) => {
    const teams = await compiled(
      [...tables, tableOf('heads', { id: 'integer', login: 'text', rank: 'text' })],
      {
        view: 'teams',
        from: 'teams',
        writable: true,
        attributes: { cn: 'name', manager: { ref: 'heads', column: 'id' } },
        ldap: { base: 'ou=teams', rdn: 'cn', objectClass: ['groupOfNames'] },
      },
      {
        view: 'heads',
        from: 'heads',
        writable: true,
        attributes: name,
        ldap: { base: 'ou=heads', rdn: Object.keys(name)[0], objectClass: ['account'] },
      },
    )
    return JSON.stringify(operationsOf(teams, 'manager')[0]?.rewriteElement(of))
  }
  const unknown = '"op":"unknown"'
  const display = { attr: 'display', value: 'chief' } as const

  it('is asked of the source where its attribute ignores case as well', async () => {
    expect(await asks({ uid: 'login' }, { op: 'eq', ...display })).not.toContain(unknown)
    expect(await asks({ homeDirectory: 'login' }, { op: 'eq', ...display })).toContain(unknown)
  })

  it('has an order, which its attribute need not have', async () => {
    const ranks = { cn: { column: 'rank', map: { a: 'chief', b: 'deputy' } } }
    expect(await asks(ranks, { op: 'eq', ...display })).not.toContain(unknown)
    expect(await asks(ranks, { op: 'ge', ...display })).toContain(unknown)
  })
})
