/** PATCH as RFC 7644 3.5.2 has it: what becomes of a resource, and what is refused. */
import { describe, expect, it } from 'vitest'
import { applyPatch, type Patched } from '../../../../src/frontends/scim/patch.js'
import { PATCH_OP, readPatch } from '../../../../src/frontends/scim/patch-operations.js'
import type { Resource } from '../../../../src/model/resource.js'
import type { Json, JsonObject } from '../../../../src/scim/json.js'
import { failure } from './failing.js'
import { CUSTOM, ENTERPRISE, GROUP, group, USER, user } from './resources.js'

const work = { value: 'bj@work.example', type: 'work', primary: true }
const home = { value: 'bj@home.example', type: 'home' }

const babs: JsonObject = {
  schemas: [USER, ENTERPRISE],
  id: '2819c223',
  meta: { resourceType: 'User' },
  userName: 'bjensen',
  name: { familyName: 'Jensen', givenName: 'Barbara' },
  title: 'Tour Guide',
  emails: [work, home],
  addresses: [
    { type: 'work', streetAddress: '100 Universal City Plaza', locality: 'Hollywood', country: 'US' },
    { type: 'home', streetAddress: '456 Hollywood Blvd', locality: 'Hollywood' },
  ],
  groups: [{ value: 'g1', display: 'Tour Guides' }],
  [ENTERPRISE]: {
    employeeNumber: '701984',
    manager: { value: 'm1', $ref: '../Users/m1', displayName: 'John' },
  },
}

const tourGuides: JsonObject = {
  schemas: [GROUP],
  id: 'g1',
  displayName: 'Tour Guides',
  members: [
    { value: 'a', $ref: 'https://example.com/Users/a', type: 'User', display: 'Ann' },
    { value: 'b', $ref: 'https://example.com/Users/b', type: 'User', display: 'Bob' },
  ],
}

type Operation = readonly [op: string, path: string | undefined, value?: Json | undefined]

function body(operations: readonly Operation[]): Json {
  return {
    schemas: [PATCH_OP],
    Operations: operations.map(([op, path, value]) => ({
      op,
      ...(path === undefined ? undefined : { path }),
      ...(value === undefined ? undefined : { value }),
    })),
  }
}

function patchOf(resource: Resource, current: JsonObject, operations: readonly Operation[]): Patched {
  const profile = { entra: false }
  return applyPatch(resource, current, readPatch(resource, body(operations), profile), profile)
}

/** The attributes of the user that are other than before; undefined where they are gone. */
function changed(...operations: readonly Operation[]): JsonObject {
  return difference(babs, patchOf(user, babs, operations))
}

function difference(before: JsonObject, { resource, touched }: Patched): JsonObject {
  const result: Record<string, Json> = {}
  for (const { schema, attribute } of touched) {
    const object =
      schema === USER || schema === GROUP ? resource : (resource[schema] as JsonObject | undefined)
    result[attribute] = object?.[attribute] ?? null
  }
  for (const name of new Set([...Object.keys(before), ...Object.keys(resource)])) {
    const same = JSON.stringify(before[name]) === JSON.stringify(resource[name])
    const told =
      name === 'schemas' || touched.some(({ schema, attribute }) => schema === name || attribute === name)
    expect(same || told, `${name} changed without being told`).toBe(true)
  }
  return result
}

function refused(...operations: readonly Operation[]): string {
  return failure(() => patchOf(user, babs, operations))
}

describe('add', () => {
  it.each<readonly [string, Operation, JsonObject]>([
    ['sets a simple attribute', ['add', 'nickName', 'Babs'], { nickName: 'Babs' }],
    ['replaces the value of a simple attribute', ['add', 'title', 'Boss'], { title: 'Boss' }],
    ['changes nothing that is so already', ['add', 'title', 'Tour Guide'], {}],
    ['takes names in any case', ['add', 'NICKNAME', 'Babs'], { nickName: 'Babs' }],
    ['takes the operation in any case', ['ADD', 'nickName', 'Babs'], { nickName: 'Babs' }],
    [
      'takes a path with the URN of the schema',
      ['add', `${USER.toUpperCase()}:nickName`, 'Babs'],
      { nickName: 'Babs' },
    ],
    ['does nothing without a value', ['add', 'title', null], {}],
    ['does nothing with an empty array', ['add', 'emails', []], {}],
    [
      'completes a complex attribute',
      ['add', 'name', { middleName: 'Jane' }],
      { name: { familyName: 'Jensen', givenName: 'Barbara', middleName: 'Jane' } },
    ],
    [
      'sets a sub-attribute',
      ['add', 'name.middleName', 'Jane'],
      { name: { familyName: 'Jensen', givenName: 'Barbara', middleName: 'Jane' } },
    ],
    [
      'adds an element',
      ['add', 'emails', [{ value: 'c@x', type: 'other' }]],
      { emails: [work, home, { value: 'c@x', type: 'other' }] },
    ],
    [
      'adds one element that is in no array',
      ['add', 'emails', { value: 'c@x' }],
      { emails: [work, home, { value: 'c@x' }] },
    ],
    ['adds no element that is there', ['add', 'emails', [{ value: 'BJ@home.example', type: 'HOME' }]], {}],
    ['adds no value that is there with a type', ['add', 'emails', [{ value: 'bj@home.example' }]], {}],
    [
      'adds the same value with another type',
      ['add', 'emails', [{ value: 'bj@home.example', type: 'other' }]],
      { emails: [work, home, { value: 'bj@home.example', type: 'other' }] },
    ],
    [
      'completes an element that is there',
      ['add', 'emails', [{ value: 'bj@home.example', type: 'home', display: 'B' }]],
      { emails: [work, { ...home, display: 'B' }] },
    ],
    [
      'leaves one element primary: the new one',
      ['add', 'emails', [{ value: 'c@x', primary: true }]],
      { emails: [{ ...work, primary: false }, home, { value: 'c@x', primary: true }] },
    ],
    [
      'leaves one element primary: one that was there',
      ['add', 'emails', [{ value: 'bj@home.example', type: 'home', primary: true }]],
      {
        emails: [
          { ...work, primary: false },
          { ...home, primary: true },
        ],
      },
    ],
    [
      'completes the elements of a value path',
      ['add', 'emails[type eq "home"]', { display: 'B' }],
      { emails: [work, { ...home, display: 'B' }] },
    ],
    [
      'sets a sub-attribute of the elements of a value path',
      ['add', 'emails[type eq "home"].display', 'B'],
      { emails: [work, { ...home, display: 'B' }] },
    ],
    [
      'makes an element of a value path the primary one',
      ['add', 'emails[type eq "home"].primary', true],
      {
        emails: [
          { ...work, primary: false },
          { ...home, primary: true },
        ],
      },
    ],
    ['adds an element by its value alone', ['add', 'roles.value', 'Owner'], { roles: [{ value: 'Owner' }] }],
    [
      'adds an element by its value to others',
      ['add', 'emails.value', 'c@x'],
      { emails: [work, home, { value: 'c@x' }] },
    ],
    [
      'sets a sub-attribute of all elements',
      ['add', 'addresses.region', 'CA'],
      { addresses: (babs.addresses as JsonObject[]).map((a) => ({ ...a, region: 'CA' })) },
    ],
    [
      'sets an attribute of an extension',
      ['add', `${ENTERPRISE}:department`, 'Tours'],
      { department: 'Tours' },
    ],
    [
      'sets attributes of an extension',
      ['add', ENTERPRISE, { department: 'Tours', costCenter: '4130' }],
      { department: 'Tours', costCenter: '4130' },
    ],
    [
      'sets attributes of an extension that was not there',
      ['add', CUSTOM, { floor: 3, tags: ['a'] }],
      { floor: 3, tags: ['a'] },
    ],
    [
      'merges into an extension without a path',
      ['add', undefined, { [ENTERPRISE.toLowerCase()]: { department: 'Tours' } }],
      { department: 'Tours' },
    ],
    [
      'adds several attributes without a path',
      ['add', undefined, { emails: [{ value: 'c@x' }], nickName: 'Babs', unknown: 1 }],
      { emails: [work, home, { value: 'c@x' }], nickName: 'Babs' },
    ],
    [
      'ignores what the service says of itself',
      ['add', undefined, { id: 'x', meta: {}, schemas: ['y'] }],
      {},
    ],
    ['ignores schemas, which follow from the rest', ['add', 'schemas', [ENTERPRISE]], {}],
    ['sets a password', ['add', 'password', 'secret'], { password: 'secret' }],
  ])('%s', (_, operation, changes) => {
    expect(changed(operation)).toEqual(changes)
  })

  it('adds to the values of a simple attribute', () => {
    const { resource } = patchOf(user, { ...babs, [CUSTOM]: { visits: ['2010-02-23T15:35:22Z'] } }, [
      ['add', `${CUSTOM}:visits`, ['2011-02-23T15:35:22Z', '2010-02-23T16:35:22+01:00']],
      ['add', CUSTOM, { visits: ['2012-02-23T15:35:22Z'] }],
      ['add', undefined, { [CUSTOM]: { visits: '2013-02-23T15:35:22Z' } }],
    ])
    expect(resource[CUSTOM]).toEqual({
      visits: [
        '2010-02-23T15:35:22Z',
        '2011-02-23T15:35:22Z',
        '2012-02-23T15:35:22Z',
        '2013-02-23T15:35:22Z',
      ],
    })
  })

  it('adds to the values of a sub-attribute', () => {
    const contract = { number: '1', terms: ['a'] }
    const { resource } = patchOf(user, { ...babs, [CUSTOM]: { contract } }, [
      ['add', `${CUSTOM}:contract.terms`, ['A', 'b']],
    ])
    expect(resource[CUSTOM]).toEqual({ contract: { number: '1', terms: ['a', 'b'] } })
  })

  it('tells which schemas the resource has afterwards', () => {
    expect(patchOf(user, babs, [['add', `${CUSTOM}:floor`, 3]]).resource.schemas).toEqual([
      USER,
      ENTERPRISE,
      CUSTOM,
    ])
    expect(patchOf(user, babs, [['remove', ENTERPRISE]]).resource.schemas).toEqual([USER])
  })

  it.each<readonly [Operation, string]>([
    [['add', 'title'], 'invalidAttributeSyntax: add needs a value'],
    [['add', 'title', 5], 'invalidAttributeSyntax: title: a string expected'],
    [['add', 'active', 'False'], 'invalidAttributeSyntax: active: true or false expected'],
    [['add', 'name', 'B'], 'invalidAttributeSyntax: name: an object expected'],
    [['add', 'name.givenName', {}], 'invalidAttributeSyntax: name.givenName: a string expected'],
    [['add', 'emails', 'a@x'], 'invalidAttributeSyntax: emails: an object expected'],
    [
      ['add', undefined, 'x'],
      'invalidAttributeSyntax: without a path the value must be an object of attributes',
    ],
    [['add', ENTERPRISE, 'x'], `invalidAttributeSyntax: ${ENTERPRISE}: an object expected`],
    [
      ['add', 'emails[type eq "home"]', [{ value: 'a' }, { value: 'b' }]],
      'invalidAttributeSyntax: emails: one value expected',
    ],
    [['add', 'shoeSize', 43], 'undefinedAttributeType: shoeSize is not known'],
    [['add', 'name.shoeSize', 43], 'undefinedAttributeType: name.shoeSize is not known'],
    [['add', 'title.x', 'y'], 'undefinedAttributeType: title.x is not known'],
    [['add', 'urn:x:title', 'y'], 'undefinedAttributeType: urn:x:title is not known'],
    [['add', `${ENTERPRISE}:title`, 'y'], `undefinedAttributeType: ${ENTERPRISE}:title is not known`],
    [['add', 'department', 'y'], 'undefinedAttributeType: department is not known'],
    [
      ['add', 'title[value eq "x"]', 'y'],
      'undefinedAttributeType: title has one value only: there is nothing to select',
    ],
    [
      ['add', 'name[givenName eq "x"]', {}],
      'undefinedAttributeType: name has one value only: there is nothing to select',
    ],
    [['add', 'not a path', 'y'], 'undefinedAttributeType: the end expected at position 5'],
    [['add', '', 'y'], 'undefinedAttributeType: an attribute expected at the end'],
    [['add', 'emails[type eq]', {}], 'filterError: a space expected at position 15'],
    [['add', 'emails[typo eq "x"]', {}], 'filterError: typo is no sub-attribute of emails'],
    [
      ['add', 'emails[primary gt true]', {}],
      'inappropriateMatching: primary cannot be compared with this value by "gt"',
    ],
    [['add', 'emails[type eq "other"].value', 'c@x'], 'noSuchAttribute: emails.value: nothing matches'],
    [['add', 'id', 'x'], 'notModifiable: id cannot be changed'],
    [['add', 'meta.created', 'x'], 'notModifiable: meta cannot be changed'],
    [['add', 'groups', [{ value: 'x' }]], 'notModifiable: groups cannot be changed'],
    [['add', undefined, { groups: [{ value: 'x' }] }], 'notModifiable: groups cannot be changed'],
    [
      ['add', `${ENTERPRISE}:manager.displayName`, 'x'],
      `notModifiable: ${ENTERPRISE}:manager.displayName cannot be changed`,
    ],
    [
      ['add', undefined, { 'name.givenName': 'x' }],
      'undefinedAttributeType: name.givenName belongs into "path"',
    ],
    [
      ['add', undefined, { [`${ENTERPRISE}:department`]: 'x' }],
      `undefinedAttributeType: ${ENTERPRISE}:department belongs into "path"`,
    ],
  ])('is refused: %j', (operation, message) => {
    expect(refused(operation)).toBe(message)
  })
})

describe('replace', () => {
  it.each<readonly [string, Operation, JsonObject]>([
    ['replaces a simple attribute', ['replace', 'title', 'Boss'], { title: 'Boss' }],
    ['sets an attribute that was not there', ['replace', 'nickName', 'Babs'], { nickName: 'Babs' }],
    ['takes an attribute away by null', ['replace', 'title', null], { title: null }],
    ['takes all elements away by an empty array', ['replace', 'emails', []], { emails: null }],
    [
      'takes attributes away without a path',
      ['replace', undefined, { title: null, emails: [] }],
      { title: null, emails: null },
    ],
    [
      'leaves the other sub-attributes of a complex attribute',
      ['replace', 'name', { givenName: 'Babs', familyName: null }],
      { name: { givenName: 'Babs' } },
    ],
    ['takes no harm from a value of which nothing is known', ['replace', 'name', { unknown: 1 }], {}],
    ['replaces all elements', ['replace', 'emails', [{ value: 'c@x' }]], { emails: [{ value: 'c@x' }] }],
    [
      'replaces the elements of a value path, each as a whole',
      ['replace', 'emails[type eq "work"]', { value: 'c@x', display: 'C' }],
      { emails: [{ value: 'c@x', display: 'C' }, home] },
    ],
    [
      'replaces a sub-attribute of the elements of a value path',
      ['replace', 'addresses[locality eq "hollywood"].locality', 'Los Angeles'],
      { addresses: (babs.addresses as JsonObject[]).map((a) => ({ ...a, locality: 'Los Angeles' })) },
    ],
    [
      'takes a sub-attribute away by null',
      ['replace', 'addresses[type eq "work"].country', null],
      {
        addresses: [
          { type: 'work', streetAddress: '100 Universal City Plaza', locality: 'Hollywood' },
          (babs.addresses as JsonObject[])[1] ?? null,
        ],
      },
    ],
    [
      'leaves one element primary',
      ['replace', 'emails[type eq "home"]', { value: 'h@x', primary: true }],
      {
        emails: [
          { ...work, primary: false },
          { value: 'h@x', primary: true },
        ],
      },
    ],
    [
      'replaces a sub-attribute of all elements',
      ['replace', 'emails.display', 'B'],
      {
        emails: [
          { ...work, display: 'B' },
          { ...home, display: 'B' },
        ],
      },
    ],
    [
      'makes an element where there is none',
      ['replace', 'phoneNumbers.value', '1'],
      { phoneNumbers: [{ value: '1' }] },
    ],
    [
      'forgets what it knew of a reference that refers to another',
      ['replace', `${ENTERPRISE}:manager`, { value: 'm2' }],
      { manager: { value: 'm2' } },
    ],
    [
      'knows a reference by its sub-attribute too',
      ['replace', `${ENTERPRISE}:manager.value`, 'm2'],
      { manager: { value: 'm2' } },
    ],
    ['leaves a reference to the same', ['replace', `${ENTERPRISE}:manager.value`, 'm1'], {}],
    ['takes the schema as the resource itself', ['replace', USER, { title: 'Boss' }], { title: 'Boss' }],
  ])('%s', (_, operation, changes) => {
    expect(changed(operation)).toEqual(changes)
  })

  it('replaces the value of elements that are not complex', () => {
    const tagged = { ...babs, [CUSTOM]: { tags: ['a', 'b', 'c'] } }
    const { resource } = patchOf(user, tagged, [['replace', `${CUSTOM}:tags[value eq "b"]`, 'x']])
    expect(resource[CUSTOM]).toEqual({ tags: ['a', 'x', 'c'] })
  })

  it.each<readonly [Operation, string]>([
    [['replace', 'title'], 'invalidAttributeSyntax: replace needs a value'],
    [['replace', 'emails[type eq "other"]', { value: 'x' }], 'noSuchAttribute: emails: nothing matches'],
    [['replace', 'emails[type eq "other"].value', 'x'], 'noSuchAttribute: emails.value: nothing matches'],
    [
      ['replace', 'emails[value pr]', { value: 'x', primary: true }],
      'invalidAttributeSyntax: emails: more than one is primary',
    ],
    [['replace', 'photos[type eq "x"].value', 'x'], 'noSuchAttribute: photos.value: nothing matches'],
    [['replace', 'userName', null], 'notModifiable: userName cannot be changed'],
    [['replace', undefined, { userName: null }], 'notModifiable: userName cannot be changed'],
    [
      ['replace', `${CUSTOM}:contract`, { terms: ['x'] }],
      `objectClassViolation: ${CUSTOM}:contract.number is required`,
    ],
    [
      ['replace', `${CUSTOM}:keys`, [{ note: 'x' }]],
      `objectClassViolation: ${CUSTOM}:keys.value is required`,
    ],
  ])('is refused: %j', (operation, message) => {
    expect(refused(operation)).toBe(message)
  })
})

describe('remove', () => {
  const [workAddress, homeAddress] = babs.addresses as [JsonObject, JsonObject]

  it.each<readonly [string, Operation, JsonObject]>([
    ['takes an attribute away', ['remove', 'title'], { title: null }],
    ['takes nothing away that is not there', ['remove', 'nickName'], {}],
    ['takes all elements away', ['remove', 'emails'], { emails: null }],
    ['takes the elements of a value path away', ['remove', 'emails[type eq "work"]'], { emails: [home] }],
    ['takes the attribute away with its last element', ['remove', 'emails[value pr]'], { emails: null }],
    ['takes nothing away that matches nothing', ['remove', 'emails[type eq "other"]'], {}],
    ['takes a sub-attribute away', ['remove', 'name.givenName'], { name: { familyName: 'Jensen' } }],
    [
      'takes a sub-attribute of elements away',
      ['remove', 'addresses[type eq "work" and country eq "US"].locality'],
      {
        addresses: [
          { type: 'work', streetAddress: '100 Universal City Plaza', country: 'US' },
          { ...homeAddress },
        ],
      },
    ],
    [
      'takes a sub-attribute of all elements away',
      ['remove', 'addresses.type'],
      {
        addresses: [
          { streetAddress: '100 Universal City Plaza', locality: 'Hollywood', country: 'US' },
          { streetAddress: '456 Hollywood Blvd', locality: 'Hollywood' },
        ],
      },
    ],
    [
      'takes an attribute of an extension away',
      ['remove', `${ENTERPRISE}:employeeNumber`],
      { employeeNumber: null },
    ],
    ['takes an extension away', ['remove', ENTERPRISE], { employeeNumber: null, manager: null }],
    [
      'takes an extension away by null',
      ['replace', ENTERPRISE, null],
      { employeeNumber: null, manager: null },
    ],
    [
      'takes given values away only',
      ['remove', 'emails', [{ value: 'BJ@work.example' }]],
      { emails: [home] },
    ],
    ['takes a value of its type away', ['remove', 'emails', { value: 'bj@work.example', type: 'home' }], {}],
    [
      'takes elements with given parts away',
      ['remove', 'addresses', [{ type: 'home' }]],
      { addresses: [{ ...workAddress }] },
    ],
    ['takes nothing away if no value is given', ['remove', 'emails', []], {}],
    ['takes nothing away by what is unknown', ['remove', 'emails', [{ unknown: 1 }]], {}],
    ['does not ask for the value of a single one', ['remove', 'title', 'x'], { title: null }],
    ['takes a password away that nobody sees', ['remove', 'password'], { password: null }],
  ])('%s', (_, operation, changes) => {
    expect(changed(operation)).toEqual(changes)
  })

  it('drops elements of which nothing is left', () => {
    const { resource } = patchOf(user, { ...babs, roles: [{ value: 'a' }, { value: 'b', type: 'x' }] }, [
      ['remove', 'roles.value'],
    ])
    expect(resource.roles).toEqual([{ type: 'x' }])
  })

  it.each<readonly [Operation, string]>([
    [['remove', undefined], 'noSuchAttribute: remove needs a path'],
    [['remove', undefined, { title: 'x' }], 'noSuchAttribute: remove needs a path'],
    [['remove', USER], 'noSuchAttribute: remove needs a path'],
    [['remove', 'userName'], 'notModifiable: userName cannot be changed'],
    [['remove', 'groups'], 'notModifiable: groups cannot be changed'],
    [['remove', 'groups[value eq "g1"]'], 'notModifiable: groups cannot be changed'],
    [['remove', 'id'], 'notModifiable: id cannot be changed'],
    [['remove', 'shoeSize'], 'undefinedAttributeType: shoeSize is not known'],
  ])('is refused: %j', (operation, message) => {
    expect(refused(operation)).toBe(message)
  })
})

describe('members of a group', () => {
  const members = (...operations: readonly Operation[]) =>
    (patchOf(group, tourGuides, operations).resource.members as JsonObject[] | undefined)?.map((m) => m.value)

  it.each<readonly [Operation, readonly string[] | undefined]>([
    [
      ['add', 'members', [{ display: 'Cy', value: 'c' }]],
      ['a', 'b', 'c'],
    ],
    [
      ['add', 'members', [{ value: 'a', display: 'Other', type: 'Group' }]],
      ['a', 'b'],
    ],
    [['remove', 'members'], undefined],
    [['remove', 'members[value eq "a"]'], ['b']],
    [['remove', 'members[value eq "A"]'], ['b']],
    [
      ['remove', 'members[value eq "z"]'],
      ['a', 'b'],
    ],
    [['remove', 'members[display eq "bob"]'], ['a']],
    [['remove', 'members', [{ value: 'a' }, { value: 'z' }]], ['b']],
    [['replace', 'members', [{ value: 'c' }]], ['c']],
  ])('%j', (operation, ids) => {
    expect(members(operation)).toEqual(ids)
  })

  it('are added and removed in one request, as RFC 7644 3.5.2.3 shows', () => {
    expect(
      members(
        ['remove', 'members[value eq "a" or value eq "b"]'],
        ['add', 'members', [{ value: 'c', $ref: 'https://example.com/Users/c' }]],
      ),
    ).toEqual(['c'])
  })

  it('do not turn into others', () => {
    const run = () => patchOf(group, tourGuides, [['replace', 'members[value eq "a"].value', 'z']])
    expect(failure(run)).toBe('notModifiable: members.value cannot be changed')
    expect(
      failure(() => patchOf(group, tourGuides, [['replace', 'members[value eq "a"].display', 'z']])),
    ).toBe('notModifiable: members.display cannot be changed')
  })

  it('are many', () => {
    const many = { ...tourGuides, members: Array.from({ length: 10_000 }, (_, i) => ({ value: `m${i}` })) }
    const start = performance.now()
    const { resource } = patchOf(group, many, [
      ['replace', 'displayName', 'Many'],
      ...Array.from({ length: 150 }, (_, i): Operation => ['remove', 'members', [{ value: `m${i}` }]]),
      ...Array.from({ length: 150 }, (_, i): Operation => ['add', 'members', [{ value: `n${i}` }]]),
    ])
    expect(resource.members).toHaveLength(10_000)
    expect(performance.now() - start).toBeLessThan(10_000)
  })

  it('are not compared without end', () => {
    const many = { ...tourGuides, members: Array.from({ length: 10_000 }, (_, i) => ({ value: `m${i}` })) }
    const tests = Array.from({ length: 2_000 }, (_, i) => `value co "x${i}"`).join(' or ')
    expect(failure(() => patchOf(group, many, [['remove', `members[${tests}]`]]))).toBe(
      'adminLimitExceeded: the operations take too many comparisons',
    )
  })
})

describe('a request', () => {
  it('is done in its order', () => {
    expect(
      changed(
        ['replace', 'emails[type eq "work"].type', 'old'],
        ['add', 'emails', [{ value: 'new@x', type: 'work' }]],
        ['remove', 'emails[type eq "old"]'],
        ['replace', 'title', 'x'],
        ['replace', 'title', 'Tour Guide'],
      ),
    ).toEqual({ emails: [home, { value: 'new@x', type: 'work' }] })
  })

  it('may take away and give back what is required', () => {
    expect(changed(['remove', 'userName'], ['add', 'userName', 'babs'])).toEqual({ userName: 'babs' })
  })

  it('is done as a whole or not at all', () => {
    const before = JSON.stringify(babs)
    expect(refused(['replace', 'title', 'x'], ['replace', 'emails[type eq "other"].value', 'y'])).toMatch(
      /^noSuchAttribute/,
    )
    expect(JSON.stringify(babs)).toBe(before)
  })

  it('sets an immutable attribute once', () => {
    expect(changed(['add', `${CUSTOM}:badge`, 'B1'])).toEqual({ badge: 'B1' })
    const badged = { ...babs, [CUSTOM]: { badge: 'B1' } }
    const run = (op: string, value?: Json) =>
      failure(() => patchOf(user, badged, [[op, `${CUSTOM}:badge`, value]]))
    expect(run('replace', 'B1')).toBe('nothing')
    for (const refusal of [run('replace', 'B2'), run('add', 'B2'), run('remove'), run('replace', null)]) {
      expect(refusal).toBe(`notModifiable: ${CUSTOM}:badge cannot be changed`)
    }
  })

  it.each<readonly [Json, string]>([
    [[], 'protocolError: a PATCH request must be a JSON object'],
    [{ Operations: [{ op: 'remove', path: 'title' }] }, `protocolError: schemas must contain ${PATCH_OP}`],
    [{ schemas: [PATCH_OP] }, 'protocolError: Operations must be an array of operations'],
    [{ schemas: [PATCH_OP], Operations: [] }, 'protocolError: Operations must be an array of operations'],
    [{ schemas: [PATCH_OP], Operations: {} }, 'protocolError: Operations must be an array of operations'],
    [{ schemas: [PATCH_OP], Operations: ['x'] }, 'protocolError: an operation must be a JSON object'],
    [{ schemas: [PATCH_OP], Operations: [{}] }, 'protocolError: op must be add, remove or replace'],
    [
      { schemas: [PATCH_OP], Operations: [{ op: 'move' }] },
      'protocolError: op must be add, remove or replace',
    ],
    [
      { schemas: [PATCH_OP], Operations: [{ op: 'add', path: 5, value: 1 }] },
      'undefinedAttributeType: path must be a string',
    ],
    [
      { schemas: [PATCH_OP], Operations: [{ op: 'add', Op: 'remove', path: 'title', value: 'x' }] },
      'protocolError: an operation has members that differ in case only',
    ],
    [
      { schemas: [PATCH_OP], Operations: [{ op: 'add', value: { title: 'a', Title: 'b' } }] },
      'protocolError: the value has members that differ in case only',
    ],
    [
      { schemas: [PATCH_OP], Operations: Array(1001).fill({ op: 'remove', path: 'title' }) },
      'adminLimitExceeded: more than 1000 operations',
    ],
  ])('is refused: %.80j', (request, message) => {
    expect(failure(() => readPatch(user, request, { entra: false }))).toBe(message)
  })

  it.each<[value: Json, path: string | undefined, message: string]>([
    [{ title: 'x', shoeSize: 45 }, undefined, 'shoeSize is no attribute of a User'],
    [{ shoeSize: 45 }, USER, 'shoeSize is no attribute of a User'],
    [{ [ENTERPRISE]: { floor: 1 } }, undefined, `${ENTERPRISE}:floor is no attribute of a User`],
    [{ floor: 1 }, ENTERPRISE, `${ENTERPRISE}:floor is no attribute of a User`],
    [
      { 'urn:example:nobody:1.0:User': {} },
      undefined,
      'urn:example:nobody:1.0:User is no attribute of a User',
    ],
    [{ 'shoe.size': 45 }, undefined, 'shoe.size is no attribute of a User'],
  ])('does not lose what nobody knows: %j', (value, path, message) => {
    const request = { schemas: [PATCH_OP], Operations: [{ op: 'add', value, ...(path && { path }) }] }
    const strict = { entra: false, refusesUnknown: true }
    expect(failure(() => readPatch(user, request, strict))).toBe(`undefinedAttributeType: ${message}`)
  })

  it('passes over what every resource has, and what the standard knows and is not kept here', () => {
    const value = { id: 'x', meta: { version: 'W/"1"' }, schemas: [USER], nickname: 'n', title: 'y' }
    const request = { schemas: [PATCH_OP], Operations: [{ op: 'replace', value }] }
    const attributes = user.schema.attributes.filter(({ name }) => name !== 'nickName')
    const keeping = { ...user, schema: { ...user.schema, attributes } }
    expect(readPatch(keeping, request, { entra: false, refusesUnknown: true })).toMatchObject([
      { value: 'y' },
    ])
  })

  it('takes the names of its members in any case', () => {
    const request = {
      Schemas: [PATCH_OP],
      operations: [{ OP: 'Replace', Path: 'title', VALUE: 'x', name: 'note' }],
    }
    expect(readPatch(user, request, { entra: false })).toMatchObject([{ op: 'replace', value: 'x' }])
  })

  it('makes nothing of names that mean something to JavaScript', () => {
    const value = JSON.parse(
      '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"name":{"__proto__":{"familyName":"x"}}}',
    ) as Json
    expect(changed(['add', undefined, value], ['replace', undefined, value])).toEqual({})
    for (const path of [
      '__proto__',
      'constructor',
      'name.constructor',
      'constructor.prototype',
      'name.toString',
    ]) {
      expect(refused(['add', path, { admin: true }])).toMatch(/^undefinedAttributeType/)
    }
    expect(refused(['add', 'emails[constructor pr]', { value: 'x' }])).toMatch(/^filterError/)
    expect(({} as Record<string, unknown>).admin).toBeUndefined()
  })
})
