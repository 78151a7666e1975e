/** Bits of numbers as truth values, and questions about bits: as AD keeps and asks them. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Filter } from '../../../src/model/filter.js'
import type { FieldFilter } from '../../../src/sources/source.js'
import { directoryTable } from '../../data/memory-directory.js'
import { type Served, served } from '../../data/memory-gateway.js'
import { compiled, operationsOf, tableOf } from './compiled.js'

const DISABLED = 2
const NORMAL = 512
const EXPIRED = 0x800000

const users = directoryTable('cn=Users', {
  sAMAccountName: 'text',
  userAccountControl: 'integer',
  groupType: { kind: 'integer', range: [-(2n ** 31n), 2n ** 31n - 1n] },
  nsAccountLock: { kind: 'text', several: true },
})
const mapped = {
  people: {
    from: 'cn=Users',
    writable: true,
    attributes: {
      uid: 'sAMAccountName',
      userAccountControl: 'userAccountControl',
      acmeExpired: { column: 'userAccountControl', bit: EXPIRED, syntax: 'boolean' },
      acmeNever: { column: 'userAccountControl', bit: 0x10000, is: 'set', readOnly: true },
      acmeSecurity: { column: 'groupType', bit: 2 ** 31 },
    },
    enabled: { column: 'userAccountControl', bit: DISABLED, is: 'clear' },
    ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['account'] },
    scim: { resource: 'User' },
  },
}
const dn = (uid: string) => `cn=${uid},cn=users`
const active = 'urn:ietf:params:scim:schemas:core:2.0:User:active'

let gateway: Served
beforeEach(async () => {
  gateway = await served(mapped, (source) =>
    source.add(users, [
      { dn: dn('ada'), sAMAccountName: 'ada', userAccountControl: NORMAL, groupType: 2 },
      { dn: dn('bob'), sAMAccountName: 'bob', userAccountControl: NORMAL + DISABLED, groupType: -2147483646 },
      { dn: dn('eve'), sAMAccountName: 'eve', userAccountControl: BigInt(NORMAL + EXPIRED) },
      { dn: dn('odd'), sAMAccountName: 'odd' },
    ]),
  )
})

const names = async (filter: Filter) =>
  (await gateway.ids('people', filter)).map((id) => id.slice('cn='.length, 'cn=ada'.length))
const eq = (attr: string, value: boolean | number | bigint, rule?: string): Filter => ({
  op: 'eq',
  attr,
  value,
  ...(rule !== undefined && { rule }),
})
const not = (of: Filter): Filter => ({ op: 'not', of })

describe('a bit', () => {
  it('is TRUE or FALSE, also where there is no number', async () => {
    expect((await gateway.entry('people', dn('eve'))).get('acmeExpired')).toEqual([true])
    expect((await gateway.entry('people', dn('odd'))).get('acmeExpired')).toEqual([false])
    expect((await gateway.entry('people', dn('odd'))).get(active)).toEqual([true])
    expect((await gateway.entry('people', dn('bob'))).get('acmeSecurity')).toEqual([true])
  })

  it('is found by the source alone', async () => {
    for (const [filter, found] of [
      [eq('acmeExpired', true), ['eve']],
      [eq('acmeExpired', false), ['ada', 'bob', 'odd']],
      [not(eq('acmeExpired', false)), ['eve']],
      [eq(active, true), ['ada', 'eve', 'odd']],
      [eq(active, false), ['bob']],
      [{ op: 'present', attr: 'acmeExpired' }, ['ada', 'bob', 'eve', 'odd']],
    ] as const) {
      expect(await names(filter)).toEqual(found)
      expect(await gateway.residual('people', filter)).toBeUndefined()
    }
  })

  it('is changed without the others', async () => {
    const held = () => gateway.source.entry('cn=Users', dn('eve'))?.userAccountControl
    await gateway.change('people', dn('eve'), [{ op: 'replace', attr: active, values: [false] }])
    expect(held()).toEqual([BigInt(NORMAL + EXPIRED + DISABLED)])
    await gateway.change('people', dn('eve'), [
      { op: 'replace', attr: 'acmeExpired', values: [false] },
      { op: 'replace', attr: active, values: [true] },
    ])
    expect(held()).toEqual([BigInt(NORMAL)])
    await gateway.change('people', dn('eve'), [{ op: 'replace', attr: active, values: [] }])
    expect(held()).toEqual([BigInt(NORMAL + DISABLED)])
  })

  it('may be the one that makes a number negative', async () => {
    await gateway.change('people', dn('ada'), [{ op: 'replace', attr: 'acmeSecurity', values: [true] }])
    expect(gateway.source.entry('cn=Users', dn('ada'))?.groupType).toEqual([-2147483646n])
    await gateway.change('people', dn('ada'), [{ op: 'delete', attr: 'acmeSecurity', values: [true] }])
    expect(gateway.source.entry('cn=Users', dn('ada'))?.groupType).toEqual([2n])
  })

  it('is not written where that is not said', async () => {
    const change = gateway.change('people', dn('eve'), [{ op: 'replace', attr: 'acmeNever', values: [true] }])
    await expect(change).rejects.toThrow(/acmeNever cannot be changed/)
    const attributes = gateway.directory.views.get('people')?.attributes
    expect([active, 'acmeExpired', 'acmeNever'].map((name) => attributes?.get(name)?.writable)).toEqual([
      true,
      true,
      false,
    ])
  })
})

describe('a filter by the rules on bits', () => {
  it('is decided by the source', async () => {
    for (const [filter, found] of [
      [eq('userAccountControl', DISABLED, 'bitAnd'), ['bob']],
      [not(eq('userAccountControl', DISABLED, 'bitAnd')), ['ada', 'eve', 'odd']],
      [eq('userAccountControl', NORMAL + DISABLED, 'bitAnd'), ['bob']],
      [eq('userAccountControl', 0, 'bitAnd'), ['ada', 'bob', 'eve']],
      [eq('userAccountControl', BigInt(EXPIRED + DISABLED), 'bitOr'), ['bob', 'eve']],
      [not(eq('userAccountControl', EXPIRED + DISABLED, 'bitOr')), ['ada', 'odd']],
      [eq('userAccountControl', 0, 'bitOr'), []],
    ] as const) {
      expect(await names(filter)).toEqual(found)
      expect(await gateway.residual('people', filter)).toBeUndefined()
    }
  })

  it('about a negative number is decided on the entries', async () => {
    expect(await names(eq('userAccountControl', -1, 'bitAnd'))).toEqual([])
    expect(await names(eq('userAccountControl', -1, 'bitOr'))).toEqual(['ada', 'bob', 'eve'])
  })
})

describe('of several values', () => {
  const enabledBy = async (enabled: object, lock: readonly string[]) => {
    const { ldap } = mapped.people
    const directory = await served(
      {
        people: {
          from: 'cn=Users',
          writable: true,
          attributes: { uid: 'sAMAccountName' },
          enabled,
          ldap,
          scim: { resource: 'User' },
        },
      },
      (source) => source.add(users, [{ dn: dn('ada'), sAMAccountName: 'ada', nsAccountLock: lock }]),
    )
    const shown = (await directory.entry('people', dn('ada'))).get(active)
    const found = await directory.ids('people', eq(active, true))
    expect(found.length).toBe(shown?.[0] === true ? 1 : 0)
    return shown?.[0]
  }

  it('any may be the one that counts', async () => {
    const unless = { column: 'nsAccountLock', not: 'true' }
    expect(await enabledBy(unless, [])).toBe(true)
    expect(await enabledBy(unless, ['x', 'true'])).toBe(false)
    expect(await enabledBy({ column: 'nsAccountLock', equals: 'open' }, ['x', 'open'])).toBe(true)
    expect(await enabledBy({ column: 'nsAccountLock', equals: null }, [])).toBe(true)
    expect(await enabledBy({ column: 'nsAccountLock', equals: null }, ['true'])).toBe(false)
  })
})

it('asks a column of a database for single bits', async () => {
  const mapping = await compiled([tableOf('users', { id: 'integer', flags: 'integer' })], {
    view: 'people',
    from: 'users',
    writable: true,
    attributes: { uid: 'id', gidNumber: 'flags' },
    ldap: { base: '', rdn: 'uid', objectClass: ['account'] },
  })
  const [flags] = operationsOf(mapping, 'gidNumber')
  const asked = flags?.rewrite({ op: 'eq', attr: 'gidNumber', value: 5, rule: 'bitOr' })
  const masks = (filter: FieldFilter | undefined): readonly bigint[] =>
    filter?.op === 'or'
      ? filter.of.flatMap(masks)
      : filter?.op === 'test' && filter.test.test === 'bits'
        ? [filter.test.mask]
        : []
  expect(masks(asked)).toEqual([1n, 4n])
})
