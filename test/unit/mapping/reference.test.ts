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
      attributes: { cn: 'name', member: { ref: 'people', table: 'members', on: 'team', value: 'user' } },
      ldap: { base: 'ou=teams', rdn: 'cn', objectClass: ['groupOfNames'] },
    },
    {
      view: 'people',
      from: 'users',
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
