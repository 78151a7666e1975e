import { describe, expect, it } from 'vitest'
import { Ref } from '../../../../src/model/value.js'
import {
  BASE,
  CUSTOM,
  declared,
  ENTERPRISE_USER,
  entryOf,
  GROUP,
  groups,
  idOf,
  people,
  represented,
  textKeys,
  USER,
} from './views.js'

const users = represented(people)
const CREATED = new Date('2024-02-29T10:00:00.5Z')
const CHANGED = new Date('2025-01-01T00:00:00Z')
const ALICE = idOf('people', 1)

const alice = entryOf('people', 1, {
  uid: ['alice'],
  cn: ['Alice Liddell'],
  sn: ['Liddell'],
  givenName: ['Alice'],
  displayName: ['Alice'],
  mail: ['alice@example.com'],
  telephoneNumber: ['+1 555 1'],
  mobile: ['+1 555 2', '+1 555 3'],
  [`${USER}:externalId`]: ['ext-1'],
  [`${USER}:active`]: [true],
  [`${USER}:photos`]: [{ value: 'https://example.com/a.png', type: 'photo', primary: 1 }],
  [`${USER}:addresses`]: [{ streetAddress: 'Main St 1\nHouse', type: 'home', primary: false }],
  [`${USER}:roles`]: [{ value: 'admin' }, { value: 'owner', type: 'work' }],
  userPassword: ['{SSHA}secret'],
  userCertificate: [Uint8Array.of(1, 2, 255)],
  departmentNumber: ['R&D'],
  manager: [new Ref('people', ['bob'], '2', 'Bob')],
  memberOf: [new Ref('groups', ['staff'], '7', 'Staff')],
  createTimestamp: [CREATED],
  modifyTimestamp: [CHANGED],
  [`${CUSTOM}:floor`]: [9007199254740993n],
  [`${CUSTOM}:height`]: ['1.75'],
  [`${CUSTOM}:visits`]: [CREATED, CHANGED],
  [`${CUSTOM}:picture`]: [Uint8Array.of(0)],
  [`${CUSTOM}:tags`]: ['a', 'B'],
  [`${CUSTOM}:pin`]: ['x'],
  [`${CUSTOM}:contract.number`]: ['C-1'],
})

describe('a user', () => {
  it('is shown with all its attributes, in the order of the RFC', () => {
    const shown = users.select({}).resource(alice, BASE, 'W/"1"')
    expect(shown).toEqual({
      schemas: [USER, ENTERPRISE_USER, CUSTOM],
      id: ALICE,
      externalId: 'ext-1',
      meta: {
        resourceType: 'User',
        created: '2024-02-29T10:00:00.500Z',
        lastModified: '2025-01-01T00:00:00.000Z',
        location: `${BASE}/Users/${ALICE}`,
        version: 'W/"1"',
      },
      userName: 'alice',
      name: { formatted: 'Alice Liddell', familyName: 'Liddell', givenName: 'Alice' },
      displayName: 'Alice',
      active: true,
      emails: [{ value: 'alice@example.com', type: 'work', primary: true }],
      phoneNumbers: [
        { value: '+1 555 1', type: 'work' },
        { value: '+1 555 2', type: 'mobile' },
        { value: '+1 555 3', type: 'mobile' },
      ],
      photos: [{ value: 'https://example.com/a.png', type: 'photo', primary: true }],
      addresses: [{ streetAddress: 'Main St 1\nHouse', type: 'home', primary: false }],
      groups: [
        {
          value: idOf('groups', 7),
          $ref: `${BASE}/Groups/${idOf('groups', 7)}`,
          display: 'Staff',
          type: 'direct',
        },
      ],
      roles: [
        { value: 'admin', type: 'other' },
        { value: 'owner', type: 'work' },
      ],
      x509Certificates: [{ value: 'AQL/' }],
      [ENTERPRISE_USER]: {
        department: 'R&D',
        manager: {
          value: idOf('people', 2),
          $ref: `${BASE}/Users/${idOf('people', 2)}`,
          displayName: 'Bob',
        },
      },
      [CUSTOM]: {
        floor: '9007199254740993',
        height: 1.75,
        visits: ['2024-02-29T10:00:00.500Z', '2025-01-01T00:00:00.000Z'],
        tags: ['a', 'B'],
        pin: 'x',
        contract: { number: 'C-1' },
      },
    })
    expect(Object.keys(shown ?? {}).slice(0, 5)).toEqual(['schemas', 'id', 'externalId', 'meta', 'userName'])
  })

  it('has only the schemas and attributes that have values', () => {
    const bare = entryOf('people', 3, { uid: ['carol'] })
    expect(users.select({}).resource(bare, BASE)).toEqual({
      schemas: [USER],
      id: idOf('people', 3),
      meta: { resourceType: 'User', location: `${BASE}/Users/${idOf('people', 3)}` },
      userName: 'carol',
    })
  })

  it('is not shown what it refers to where that is no resource, has no id or has gone', () => {
    const lost = entryOf('people', 4, {
      uid: ['dan'],
      manager: [new Ref('elsewhere', ['x'], '1')],
      memberOf: ['cn=somewhere,dc=else', new Ref('groups', ['no key'])],
    })
    const shown = users.select({ attributes: `groups,${ENTERPRISE_USER}:manager` }).resource(lost, BASE)
    expect(shown).toEqual({ schemas: [USER], id: idOf('people', 4) })
  })

  it('never shows a password', () => {
    for (const asked of ['password', USER, `${USER}:password`, 'userPassword']) {
      const selection = users.select({ attributes: asked })
      expect(selection.attributes).not.toContain('userPassword')
      expect(JSON.stringify(selection.resource(alice, BASE))).not.toContain('SSHA')
    }
    expect(users.stored().attributes).not.toContain('userPassword')
  })
})

describe('a group', () => {
  it('says of each member what it is', () => {
    const staff = entryOf('groups', 7, {
      cn: ['staff'],
      member: [new Ref('people', ['alice'], '1', 'Alice'), new Ref('groups', ['ops'], '8')],
    })
    const shown = represented(groups).select({}).resource(staff, BASE)
    expect(shown).toMatchObject({ schemas: [GROUP], displayName: 'staff' })
    expect(shown?.members).toEqual([
      { value: ALICE, $ref: `${BASE}/Users/${ALICE}`, type: 'User', display: 'Alice' },
      { value: idOf('groups', 8), $ref: `${BASE}/Groups/${idOf('groups', 8)}`, type: 'Group' },
    ])
  })
})

describe('ids', () => {
  it('come from the column that the view declares for them', () => {
    const uuid = 'aaaaaaaa-0000-4000-8000-000000000001'
    const own = represented(people, { handles: declared })
    const entry = entryOf('people', 1, {
      uid: ['alice'],
      entryUUID: [uuid],
      manager: [new Ref('people', ['bob'], '2', 'Bob', 'aaaaaaaa-0000-4000-8000-000000000002')],
    })
    const selection = own.select({ attributes: `userName,${ENTERPRISE_USER}:manager.value` })
    expect(selection.attributes).toContain('entryUUID')
    expect(selection.displays).toBe(true)
    expect(selection.resource(entry, BASE)).toEqual({
      schemas: [USER, ENTERPRISE_USER],
      id: uuid,
      userName: 'alice',
      [ENTERPRISE_USER]: { manager: { value: 'aaaaaaaa-0000-4000-8000-000000000002' } },
    })
    expect(own.locate(uuid)?.filter).toEqual({ op: 'eq', attr: 'entryUUID', value: uuid })
    expect(own.locate('no uuid')).toBeUndefined()
    const without = { view: 'people', id: '5', attributes: new Map([['uid', ['eve']]]) }
    expect(own.select({}).resource(without, BASE)).toBeUndefined()
  })

  it('of any text make a URL that means them', () => {
    const odd = represented(people, { handles: textKeys })
    const shown = odd.select({ attributes: 'meta.location' }).resource(entryOf('people', 'a/ü?', {}), BASE)
    expect(shown).toMatchObject({ id: 'a/ü?', meta: { location: `${BASE}/Users/a%2F%C3%BC%3F` } })
  })

  it('lead back to the key', () => {
    expect(users.locate(ALICE)).toEqual({ filter: { op: 'const', value: true }, id: '1' })
    expect(users.locate(idOf('groups', 1))).toBeUndefined()
    expect(users.locate('constructor')).toBeUndefined()
  })
})
