/** Columns that may hold several values, as LDAP attributes do: shown, asked, named by and written. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Filter } from '../../../src/model/filter.js'
import { Ref } from '../../../src/model/value.js'
import { directoryTable } from '../../data/memory-directory.js'
import { type Served, served } from '../../data/memory-gateway.js'

const people = directoryTable('ou=people', {
  objectClass: { kind: 'text', several: true },
  uid: { kind: 'text', several: true },
  cn: { kind: 'text', several: true },
  mail: { kind: 'text', several: true },
  employeeType: { kind: 'text', several: true },
  entryUUID: { kind: 'uuid', readOnly: true },
  entryCSN: { kind: 'text', readOnly: true },
  manager: { kind: 'text', several: true },
})
const groups = directoryTable('ou=groups', {
  objectClass: { kind: 'text', several: true },
  cn: { kind: 'text', several: true },
  member: { kind: 'text', several: true },
})
const mapped = {
  people: {
    from: 'ou=people',
    writable: true,
    uuid: 'entryUUID',
    version: 'entryCSN',
    where: { objectClass: 'inetOrgPerson' },
    attributes: {
      uid: 'uid',
      cn: 'cn',
      mail: 'mail',
      employeeType: { column: 'employeeType', map: { S: 'staff', C: 'contractor' } },
      title: { column: 'employeeType', single: true },
      description: '{uid}: {mail}',
      seeAlso: { dn: 'uid={uid},o=elsewhere' },
      acmeStaff: { column: 'employeeType', equals: 'S', else: 'X', syntax: 'boolean' },
      manager: { ref: 'people', column: 'manager' },
      memberOf: { ref: 'groups', by: 'member' },
    },
    ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
    scim: { resource: 'User' },
  },
  groups: {
    from: 'ou=groups',
    writable: true,
    attributes: {
      cn: 'cn',
      member: [
        { ref: 'people', column: 'member' },
        { ref: 'groups', column: 'member' },
      ],
      memberOf: { ref: 'groups', by: 'member' },
    },
    ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['groupOfNames'] },
  },
}
const dn = (uid: string) => `uid=${uid},ou=people`
const group = (cn: string) => `cn=${cn},ou=groups`
const uuid = (n: number) => `00000000-0000-4000-8000-00000000000${n}`

let gateway: Served
beforeEach(async () => {
  gateway = await served(mapped, (source) =>
    source
      .add(people, [
        {
          dn: dn('ada'),
          objectClass: ['top', 'inetOrgPerson'],
          uid: ['ada', 'countess'],
          cn: ['Ada Lovelace', 'Ada King'],
          mail: ['ada@example.com', 'al@example.org'],
          employeeType: ['S', 'C', 'Q'],
          entryUUID: uuid(1),
          entryCSN: 'a',
        },
        {
          dn: dn('bob'),
          objectClass: ['inetOrgPerson'],
          uid: ['bob', 'ada'],
          cn: 'Bob',
          employeeType: ['C', 'S'],
          entryUUID: uuid(2),
          entryCSN: 'b',
          manager: [dn('ada'), dn('gone')],
        },
        {
          dn: dn('eve'),
          objectClass: ['inetOrgPerson'],
          uid: 'eve',
          cn: 'Eve',
          entryUUID: uuid(3),
          manager: [dn('bob')],
        },
        { dn: dn('device'), objectClass: ['device'], uid: 'device', cn: 'Device' },
      ])
      .add(groups, [
        {
          dn: group('staff'),
          objectClass: 'groupOfNames',
          cn: 'staff',
          member: [dn('ada'), group('it'), dn('gone')],
        },
        {
          dn: group('it'),
          objectClass: 'groupOfNames',
          cn: ['it', 'staff'],
          member: [dn('bob'), dn('device')],
        },
      ]),
  )
})

const find = (filter: Filter, view = 'people') => gateway.ids(view, filter)
const eq = (attr: string, value: string | Ref | boolean): Filter => ({ op: 'eq', attr, value })
const not = (of: Filter): Filter => ({ op: 'not', of })
const all = [dn('ada'), dn('bob'), dn('eve')]

describe('an attribute of several values', () => {
  it('shows them all, and through a value map those that it lists', async () => {
    const ada = await gateway.entry('people', dn('ada'))
    expect(ada.get('mail')).toEqual(['ada@example.com', 'al@example.org'])
    expect(ada.get('employeeType')).toEqual(['staff', 'contractor'])
  })

  it('is found by any of them, and by none where that is asked', async () => {
    expect(await find(eq('mail', 'AL@example.org'))).toEqual([dn('ada')])
    expect(await find(not(eq('mail', 'al@example.org')))).toEqual([dn('bob'), dn('eve')])
    expect(await find({ op: 'present', attr: 'employeeType' })).toEqual([dn('ada'), dn('bob')])
    expect(await find(not({ op: 'present', attr: 'mail' }))).toEqual([dn('bob'), dn('eve')])
    expect(await find(eq('employeeType', 'contractor'))).toEqual([dn('ada'), dn('bob')])
    for (const filter of [eq('employeeType', 'contractor'), not(eq('mail', 'x'))])
      expect(await gateway.residual('people', filter)).toBeUndefined()
  })

  it('shows the first alone where that is said, and is found by it alone', async () => {
    expect((await gateway.entry('people', dn('bob'))).get('title')).toEqual(['C'])
    expect(await find(eq('title', 'S'))).toEqual([dn('ada')])
    expect(await find(not(eq('title', 's')))).toEqual([dn('bob'), dn('eve')])
  })

  it('makes templates and names by its first', async () => {
    const ada = await gateway.entry('people', dn('ada'))
    expect(ada.get('description')).toEqual(['ada: ada@example.com'])
    expect(ada.get('seeAlso')).toEqual(['uid=ada,o=elsewhere'])
    expect(await find(eq('description', 'countess: ada@example.com'))).toEqual([])
    expect(await find(eq('seeAlso', 'uid=countess,o=elsewhere'))).toEqual([])
    expect(await find(eq('seeAlso', 'uid=ADA,o=elsewhere'))).toEqual([dn('ada')])
  })

  it('is one truth in a test, of any of its values', async () => {
    expect((await gateway.entry('people', dn('bob'))).get('acmeStaff')).toEqual([true])
    expect((await gateway.entry('people', dn('eve'))).get('acmeStaff')).toEqual([false])
    expect(await find(eq('acmeStaff', true))).toEqual([dn('ada'), dn('bob')])
    expect(await find(eq('acmeStaff', false))).toEqual([dn('eve')])
    expect(await find(not(eq('acmeStaff', true)))).toEqual([dn('eve')])
  })

  it('meets a condition by any of its values', async () => {
    expect(await find({ op: 'const', value: true })).toEqual(all)
  })
})

describe('an entry whose naming attribute has further values', () => {
  it('is not found by those where it is named', async () => {
    expect(await gateway.named('people', 'ada')).toEqual([dn('ada')])
    expect(await gateway.named('people', 'countess')).toEqual([])
    expect(await gateway.named('people', 'BOB')).toEqual([dn('bob')])
  })

  it('is found by them otherwise', async () => {
    expect(await find(eq('uid', 'ada'))).toEqual([dn('ada'), dn('bob')])
  })

  it('is compared, and referred to, by its own name alone', async () => {
    expect(await gateway.compare('people', 'countess', eq('cn', 'Ada King'))).toBe('noSuchEntry')
    expect(await gateway.compare('people', 'ada', eq('cn', 'Ada King'))).toBe(true)
    expect(await find(eq('member', new Ref('people', ['ada'])), 'groups')).toEqual([group('staff')])
    expect(await find(eq('member', new Ref('people', ['countess'])), 'groups')).toEqual([])
  })
})

describe('references in columns of several values', () => {
  it('are to the entries that are there', async () => {
    const bob = await gateway.entry('people', dn('bob'))
    expect(bob.get('manager')).toEqual([new Ref('people', ['ada'], dn('ada'))])
    const staff = await gateway.entry('groups', group('staff'))
    expect(staff.get('member')).toEqual([
      new Ref('people', ['ada'], dn('ada')),
      new Ref('groups', ['it'], group('it')),
    ])
    const it_ = await gateway.entry('groups', group('it'))
    expect(it_.get('member')).toEqual([new Ref('people', ['bob'], dn('bob'))])
  })

  it('are seen from the other end, and are found from there', async () => {
    expect((await gateway.entry('people', dn('bob'))).get('memberOf')).toEqual([
      new Ref('groups', ['it'], group('it')),
    ])
    expect((await gateway.entry('groups', group('it'))).get('memberOf')).toEqual([
      new Ref('groups', ['staff'], group('staff')),
    ])
    expect(await find(eq('memberOf', new Ref('groups', ['it'])))).toEqual([dn('bob')])
    expect(await find({ op: 'present', attr: 'memberOf' })).toEqual([dn('ada'), dn('bob')])
    expect(await find(not({ op: 'present', attr: 'memberOf' }))).toEqual([dn('eve')])
  })

  it('are followed to any depth, from either end', async () => {
    const inChain = (attr: string, value: Ref): Filter => ({ op: 'eq', attr, value, rule: 'inChain' })
    expect(await find(inChain('memberOf', new Ref('groups', ['staff'])))).toEqual([dn('ada'), dn('bob')])
    expect(await find(inChain('member', new Ref('people', ['bob'])), 'groups')).toEqual([
      group('it'),
      group('staff'),
    ])
    expect(await find(inChain('manager', new Ref('people', ['ada'])))).toEqual([dn('bob'), dn('eve')])
  })

  it('cannot be counted without being read', async () => {
    const { directory, ctx } = gateway
    expect(await directory.countValues('groups', group('staff'), 'member', ctx)).toBeUndefined()
  })
})

describe('writing', () => {
  const changed = async (...changes: Parameters<Served['change']>[2]) => {
    await gateway.change('people', dn('ada'), changes)
    return gateway.source.entry('ou=people', dn('ada'))
  }

  it('adds and removes values, and replaces them all', async () => {
    expect((await changed({ op: 'add', attr: 'mail', values: ['x@example.com'] }))?.mail).toEqual([
      'ada@example.com',
      'al@example.org',
      'x@example.com',
    ])
    expect((await changed({ op: 'delete', attr: 'mail', values: ['al@example.org'] }))?.mail).toEqual([
      'ada@example.com',
      'x@example.com',
    ])
    expect((await changed({ op: 'replace', attr: 'mail', values: ['a@b', 'c@d'] }))?.mail).toEqual([
      'a@b',
      'c@d',
    ])
    expect((await changed({ op: 'delete', attr: 'mail', values: [] }))?.mail).toBeUndefined()
  })

  it('leaves alone what the source itself keeps up', async () => {
    expect((await changed({ op: 'replace', attr: 'mail', values: ['a@b'] }))?.entryCSN).toEqual(['a'])
  })

  it('changes members by their keys', async () => {
    const member = [new Ref('people', ['eve']), new Ref('groups', ['it'])]
    await gateway.change('groups', group('it'), [{ op: 'add', attr: 'member', values: member }])
    expect(gateway.source.entry('ou=groups', group('it'))?.member).toEqual([
      dn('bob'),
      dn('device'),
      dn('eve'),
      group('it'),
    ])
  })

  it('removes an entry with its values and nothing of others', async () => {
    await gateway.directory.delete({ view: 'people', id: dn('ada') }, gateway.ctx)
    expect(gateway.source.entry('ou=people', dn('ada'))).toBeUndefined()
    expect(gateway.source.entry('ou=groups', group('staff'))?.member).toContain(dn('ada'))
  })
})

it('is known to have several values before the source is asked', () => {
  const of = (attr: string) => gateway.directory.views.get('people')?.attributes.get(attr)
  expect(of('mail')?.multiValued).toBe(true)
  expect(of('title')?.multiValued).toBe(false)
  expect(of('acmeStaff')?.multiValued).toBe(false)
  expect(of('description')?.multiValued).toBe(false)
  expect(of('memberOf')).toMatchObject({ multiValued: true, writable: false, refers: ['groups'] })
})

it('cannot refer by names to what is told apart otherwise', async () => {
  const people_ = { ...mapped.people, key: 'entryUUID' }
  const gone = served({ ...mapped, people: people_ }, (source) => source.add(people, []).add(groups, []))
  await expect(gone).rejects.toThrow(/column member refers by dn, not by the key entryUUID/)
})

it('is no key', async () => {
  const keyed = { ...mapped.groups, key: 'cn' }
  const refused = served({ ...mapped, groups: keyed }, (source) => source.add(people, []).add(groups, []))
  await expect(refused).rejects.toThrow(/cn may hold several values and cannot be a key.*Leave key out/)
})
