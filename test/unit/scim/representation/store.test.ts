import { describe, expect, it } from 'vitest'
import { bindingKey } from '../../../../src/model/resource.js'
import { Ref } from '../../../../src/model/value.js'
import type { JsonObject } from '../../../../src/scim/json.js'
import {
  BASE,
  CUSTOM,
  ctx,
  declared,
  ENTERPRISE_USER,
  entryOf,
  groups,
  idOf,
  people,
  represented,
  searching,
  USER,
  uuidKeys,
} from './views.js'
import { added, modified } from './written.js'

const users = represented(people)
const staff = represented(groups)
const values = (json: JsonObject) => Object.fromEntries(users.values(json))

describe('a new entry', () => {
  it('has every value where the mapping keeps it', () => {
    expect(
      values({
        schemas: [USER],
        externalId: 'e',
        userName: 'alice',
        name: { formatted: 'ignored', familyName: 'Liddell' },
        active: false,
        password: 'secret',
        emails: [{ value: 'a@b', type: 'work', primary: true }],
        phoneNumbers: [
          { value: '2', type: 'mobile' },
          { value: '1', type: 'Work' },
          { value: '3', type: 'mobile' },
        ],
        photos: [
          { value: 'https://x/', type: 'photo', primary: true, display: 'me' },
          { value: 'https://y/' },
        ],
        addresses: [
          { locality: 'Bern', type: 'home' },
          { streetAddress: 'Main St 1', primary: true },
        ],
        roles: [{ value: 'admin' }],
        groups: [{ value: idOf('groups', 1) }],
        x509Certificates: [{ value: 'AQL/' }],
        [ENTERPRISE_USER]: { department: 'R&D', manager: { value: idOf('people', 2) } },
        [CUSTOM]: {
          floor: 3,
          height: 1.75,
          visits: ['2024-02-29T12:00:00+02:00'],
          picture: 'AA==',
          tags: ['a', 'b', 'a'],
          contract: { number: 'C-1' },
        },
      }),
    ).toEqual({
      [`${USER}:externalId`]: ['e'],
      uid: ['alice'],
      sn: ['Liddell'],
      [`${USER}:active`]: [false],
      userPassword: ['secret'],
      mail: ['a@b'],
      telephoneNumber: ['1'],
      mobile: ['2', '3'],
      [`${USER}:photos`]: [
        { value: 'https://x/', type: 'photo', primary: true, display: 'me' },
        { value: 'https://y/' },
      ],
      [`${USER}:addresses`]: [
        { locality: 'Bern', type: 'home' },
        { streetAddress: 'Main St 1', primary: true },
      ],
      [`${USER}:roles`]: [{ value: 'admin' }],
      userCertificate: [Buffer.from([1, 2, 255])],
      departmentNumber: ['R&D'],
      manager: [new Ref('people', [], '2')],
      [`${CUSTOM}:floor`]: [3],
      [`${CUSTOM}:height`]: ['1.75'],
      [`${CUSTOM}:visits`]: [new Date('2024-02-29T10:00:00Z')],
      [`${CUSTOM}:picture`]: [Buffer.from([0])],
      [`${CUSTOM}:tags`]: ['a', 'b'],
      [`${CUSTOM}:contract.number`]: ['C-1'],
    })
  })

  it('has nothing of what says nothing', () => {
    const nothing = {
      title: '',
      displayName: '  ',
      locale: null,
      emails: [],
      roles: [{ type: 'work', value: '' }, { value: '' }],
      addresses: [{}],
      name: {},
      [ENTERPRISE_USER]: { manager: {} },
    }
    expect(values({ userName: 'alice', ...nothing })).toEqual({ uid: ['alice'] })
  })

  it('takes an element without a type where there is one for it', () => {
    expect(values({ emails: [{ value: 'a@b' }] })).toEqual({ mail: ['a@b'] })
    expect(values({ phoneNumbers: [{ value: '1' }, { value: '2' }] })).toEqual({
      telephoneNumber: ['1'],
      mobile: ['2'],
    })
  })

  it.each([
    [{ emails: [{ value: 'a@b', type: 'home' }] }, 'emails: elements of the type "home" are not kept'],
    [
      { phoneNumbers: [{ value: '1', type: 'fax' }] },
      'phoneNumbers: elements of the type "fax" are not kept',
    ],
    [
      { emails: [{ value: 'a@b' }, { value: 'c@d', type: 'work' }] },
      'emails: only one value of the type "work" is kept',
    ],
    [
      { [ENTERPRISE_USER]: { manager: { value: 'nobody' } } },
      'manager: there is no resource with the id "nobody"',
    ],
  ])('is refused where there is no place for a value: %j', (json, message) => {
    expect(() => users.values(json)).toThrow(
      expect.objectContaining({ code: 'constraintViolation', safeMessage: message }),
    )
  })

  it('is refused where a value cannot be one of the attribute', () => {
    expect(() => users.values({ [CUSTOM]: { floor: 'third' } })).toThrow(
      expect.objectContaining({ code: 'invalidAttributeSyntax' }),
    )
    expect(() => users.values({ active: { value: true } })).toThrow(
      expect.objectContaining({ code: 'invalidAttributeSyntax' }),
    )
  })
})

describe('members', () => {
  const refs = (members: JsonObject[]) => staff.values({ members }).get('member')

  it('are found by their id, their type or their URI', () => {
    expect(
      refs([
        { value: idOf('people', 1) },
        { value: idOf('groups', 2), type: 'Group' },
        { value: idOf('people', 1), type: 'User' },
        { $ref: `${BASE}/Groups/${idOf('groups', 3)}` },
      ]),
    ).toEqual([new Ref('people', [], '1'), new Ref('groups', [], '2'), new Ref('groups', [], '3')])
    expect(() => refs([{ value: `x${'y'.repeat(1000)}` }])).toThrow(/"xy{99}…"/)
  })

  it('that could be of several types are what is said, or else what there is', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((d) => `${d.repeat(8)}-0000-4000-8000-000000000000`)
    const { search, asked } = searching([
      entryOf('people', a ?? '', { entryUUID: [a ?? ''] }),
      entryOf('groups', b ?? '', { entryUUID: [b ?? ''] }),
    ])
    const either = represented(groups, { handles: uuidKeys, search })
    const said = { members: [{ value: b, type: 'group' }] } as JsonObject
    expect(await either.settle(said, ctx)).toBe(said)
    expect(asked).toEqual([])
    expect(either.values(said).get('member')).toEqual([new Ref('groups', [], b)])

    const unsaid = { displayName: 'x', members: [a, b, c].map((value) => ({ value })) } as JsonObject
    const settled = await either.settle(unsaid, ctx)
    expect(asked.map((r) => r.view)).toEqual(['people', 'groups'])
    expect(either.values(settled).get('member')).toEqual([
      new Ref('people', [], a),
      new Ref('groups', [], b),
      new Ref('people', [], c),
    ])
    expect(await either.membership('members', { add: [b ?? ''], remove: [a ?? ''] }, ctx)).toEqual([
      { op: 'delete', attr: 'member', values: [new Ref('people', [], a)] },
      { op: 'add', attr: 'member', values: [new Ref('groups', [], b)] },
    ])
  })

  it('are added and removed without a look at the others', async () => {
    const ids = { add: [idOf('people', 1), idOf('groups', 2)], remove: [idOf('people', 3), 'nothing'] }
    expect(await staff.membership('members', ids, ctx)).toEqual([
      { op: 'delete', attr: 'member', values: [new Ref('people', [], '3')] },
      { op: 'add', attr: 'member', values: [new Ref('people', [], '1'), new Ref('groups', [], '2')] },
    ])
    await expect(staff.membership('members', { add: ['nothing'], remove: [] }, ctx)).rejects.toMatchObject({
      code: 'constraintViolation',
    })
    await expect(users.membership('groups', { add: [], remove: [] }, ctx)).rejects.toMatchObject({
      code: 'notModifiable',
    })
  })

  it('that only the directory can look up are handed to it by their UUID', () => {
    const uuid = 'aaaaaaaa-0000-4000-8000-000000000001'
    const own = represented(people, { handles: declared })
    expect(own.values({ [ENTERPRISE_USER]: { manager: { value: uuid } } }).get('manager')).toEqual([
      new Ref('people', [], undefined, undefined, uuid),
    ])
  })
})

const alice = added(
  'people',
  1,
  users.values({
    userName: 'alice',
    title: 'Dr.',
    active: true,
    emails: [{ value: 'a@b', type: 'work' }],
    phoneNumbers: [
      { value: '1', type: 'work' },
      { value: '2', type: 'mobile' },
    ],
    [ENTERPRISE_USER]: { department: 'R&D', manager: { value: idOf('people', 2) } },
    [CUSTOM]: { badge: 'B1', visits: ['2024-01-01T00:00:00Z'], contract: { number: 'C-1', terms: 'strict' } },
  }),
)
const before = users.stored().resource(alice, BASE) ?? {}
const change = (json: JsonObject) => users.changes(before, { ...before, ...json })

describe('changes', () => {
  it('are none where nothing differs but in writing', () => {
    expect(users.changes(before, before)).toEqual([])
    expect(
      change({
        emails: [{ value: 'a@b' }],
        phoneNumbers: [
          { value: '2', type: 'MOBILE' },
          { value: '1', type: 'work', display: 'office' },
        ],
        [ENTERPRISE_USER]: { manager: { value: idOf('people', 2) }, department: 'R&D' },
        [CUSTOM]: {
          badge: 'B1',
          visits: ['2024-01-01T01:00:00.000+01:00'],
          contract: { terms: 'strict', number: 'C-1' },
        },
      }),
    ).toEqual([])
  })

  it('are of the attributes that differ only', () => {
    expect(change({ title: 'Prof.', emails: [{ value: 'c@d' }] })).toEqual([
      { op: 'replace', attr: 'title', values: ['Prof.'] },
      { op: 'replace', attr: 'mail', values: ['c@d'] },
    ])
    expect(change({ phoneNumbers: [{ value: '1', type: 'work' }] })).toEqual([
      { op: 'replace', attr: 'mobile', values: [] },
    ])
    expect(
      change({ [ENTERPRISE_USER]: { department: 'R&D', manager: { value: idOf('people', 3) } } }),
    ).toEqual([{ op: 'replace', attr: 'manager', values: [new Ref('people', [], '3')] }])
  })

  it('clear what is left out, but for what clients may not change, the state and the password', () => {
    const cleared = users.changes(before, { userName: 'alice' })
    expect(cleared.map((c) => c.attr)).toEqual([
      'title',
      'mail',
      'telephoneNumber',
      'mobile',
      'departmentNumber',
      'manager',
      `${CUSTOM}:visits`,
      `${CUSTOM}:contract.terms`,
    ])
    expect(cleared.every((c) => c.op === 'replace' && c.values.length === 0)).toBe(true)
  })

  it('set the password whenever there is one', () => {
    expect(change({ password: 'new' })).toEqual([{ op: 'replace', attr: 'userPassword', values: ['new'] }])
  })

  it('of what is immutable are refused once there is a value', () => {
    const custom = before[CUSTOM] as JsonObject
    for (const changed of [{ badge: 'B2' }, { contract: { number: 'C-2', terms: 'strict' } }]) {
      expect(() => change({ [CUSTOM]: { ...custom, ...changed } })).toThrow(
        expect.objectContaining({ code: 'notModifiable' }),
      )
    }
    expect(users.changes({ userName: 'x' }, { userName: 'x', [CUSTOM]: { badge: 'B2' } })).toEqual([
      { op: 'replace', attr: `${CUSTOM}:badge`, values: ['B2'] },
    ])
  })

  it('pass over what clients may not give', () => {
    expect(
      change({ id: 'x', meta: {}, groups: [{ value: idOf('groups', 9) }], name: { formatted: 'x' } }),
    ).toEqual([])
  })

  it('can be looked for in some attributes only', () => {
    const after = { title: 'Prof.', [ENTERPRISE_USER]: { department: 'HR' } }
    expect(users.changes(before, after, [{ attribute: 'title', sub: 'x' }])).toEqual([
      { op: 'replace', attr: 'title', values: ['Prof.'] },
    ])
    expect(users.changes(before, after, [{ schema: ENTERPRISE_USER, attribute: 'department' }])).toEqual([
      { op: 'replace', attr: 'departmentNumber', values: ['HR'] },
    ])
  })

  it('of references are their difference', () => {
    const members = [1, 2, 3].map((n) => ({ value: idOf('people', n) }))
    const group = added('groups', 9, staff.values({ displayName: 'g', members }))
    const was = staff.stored().resource(group, BASE) ?? {}
    const next = { displayName: 'g', members: [2, 3, 4].map((n) => ({ value: idOf('people', n) })) }
    const changes = staff.changes(was, next)
    expect(changes).toEqual([
      { op: 'delete', attr: 'member', values: [new Ref('people', [], '1')] },
      { op: 'add', attr: 'member', values: [new Ref('people', [], '4')] },
    ])
    const now = staff.stored().resource(modified(group, changes), BASE)
    expect(staff.changes(now ?? {}, next)).toEqual([])
    expect(staff.changes(was, { displayName: 'g' })).toEqual([{ op: 'replace', attr: 'member', values: [] }])
  })

  it('of one place that holds two attributes are made once', () => {
    const bindings = new Map([
      ...(people.resource?.bindings ?? []),
      [bindingKey(USER, 'displayName'), { kind: 'plain', attr: 'title' }] as const,
    ])
    const shared = represented({
      ...people,
      ...(people.resource && { resource: { ...people.resource, bindings } }),
    })
    const was = { userName: 'a', displayName: 'x', title: 'x' }
    const replaced = (values: string[]) => [{ op: 'replace', attr: 'title', values }]
    expect(shared.values(was).get('title')).toEqual(['x'])
    expect(shared.changes(was, { ...was, title: 'y' })).toEqual(replaced(['y']))
    expect(shared.changes(was, { ...was, displayName: 'y', title: 'y' })).toEqual(replaced(['y']))
    expect(shared.changes(was, { userName: 'a', displayName: 'x' })).toEqual([])
    expect(shared.changes(was, { userName: 'a', displayName: 'y' })).toEqual(replaced(['y']))
    expect(shared.changes(was, { userName: 'a' })).toEqual(replaced([]))
    for (const act of [
      () => shared.values({ displayName: 'y', title: 'z' }),
      () => shared.changes(was, { ...was, displayName: 'y', title: 'z' }),
    ]) {
      expect(act).toThrow(expect.objectContaining({ code: 'constraintViolation' }))
    }
  })

  it('are not misled by names that every object has', () => {
    const hostile = JSON.parse('{"userName":"alice","__proto__":{"title":"x"},"constructor":{"title":"y"}}')
    expect(users.values(hostile).size).toBe(1)
    expect(users.changes({ userName: 'alice' }, hostile)).toEqual([])
  })
})
