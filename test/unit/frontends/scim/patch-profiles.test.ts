/** PATCH as Entra, Okta and others send it, and changes of membership that need not see the group. */
import { describe, expect, it } from 'vitest'
import { applyPatch } from '../../../../src/frontends/scim/patch.js'
import { membershipPatch } from '../../../../src/frontends/scim/patch-members.js'
import { PATCH_OP, type PatchProfile, readPatch } from '../../../../src/frontends/scim/patch-operations.js'
import type { Resource } from '../../../../src/model/resource.js'
import type { Json, JsonObject } from '../../../../src/scim/json.js'
import { failure } from './failing.js'
import { ENTERPRISE, GROUP, group, USER, user, userWith } from './resources.js'

const strict: PatchProfile = { entra: false }
const entra: PatchProfile = { entra: true }
const person: JsonObject = { schemas: [USER], userName: 'bj', active: true }

function patched(
  profile: PatchProfile,
  operations: readonly JsonObject[],
  current: JsonObject = person,
  resource: Resource = user,
): JsonObject {
  const body = { schemas: [PATCH_OP], Operations: operations }
  return applyPatch(resource, current, readPatch(resource, body, profile), profile).resource
}

describe('Entra', () => {
  it.each<readonly [string, readonly JsonObject[], JsonObject]>([
    ['disables a user', [{ op: 'Replace', path: 'active', value: 'False' }], { active: false }],
    ['disables a user without a path', [{ op: 'replace', value: { active: 'false' } }], { active: false }],
    [
      'adds an address of a type that is not there',
      [{ op: 'Add', path: 'emails[type eq "work"].value', value: 'a@x' }],
      { emails: [{ type: 'work', value: 'a@x' }] },
    ],
    [
      'replaces an address of a type that is not there',
      [{ op: 'Replace', path: 'emails[type eq "Work"].value', value: 'a@x' }],
      { emails: [{ type: 'Work', value: 'a@x' }] },
    ],
    [
      'puts an address together',
      [
        { op: 'Add', path: 'addresses[type eq "work"].streetAddress', value: 'Bahnhofstrasse 1' },
        { op: 'Add', path: 'addresses[type eq "work"].locality', value: 'Zürich' },
        { op: 'Add', path: 'addresses[type eq "work"].country', value: 'CH' },
      ],
      { addresses: [{ type: 'work', streetAddress: 'Bahnhofstrasse 1', locality: 'Zürich', country: 'CH' }] },
    ],
    [
      'knows the primary role by a string',
      [
        { op: 'Add', path: 'roles[primary eq "True"].value', value: 'Admin' },
        { op: 'Add', path: 'roles[primary eq "True"].display', value: 'Administrator' },
      ],
      { roles: [{ primary: true, value: 'Admin', display: 'Administrator' }] },
    ],
    [
      'describes an element by several tests',
      [{ op: 'Add', path: 'phoneNumbers[type eq "work" and primary eq true].value', value: '1' }],
      { phoneNumbers: [{ type: 'work', primary: true, value: '1' }] },
    ],
    [
      'has paths among the attributes',
      [
        {
          op: 'Add',
          value: {
            'name.givenName': 'Barbara',
            'Name.FamilyName': 'Jensen',
            displayName: 'BJ',
            'emails[type eq "Work"].value': 'a@x',
            [`${ENTERPRISE}:employeeNumber`]: '7',
            [`${ENTERPRISE}:manager.value`]: 'm1',
            'urn:example:unknown:thing': 'ignored',
            'name.unknown': 'ignored',
            'not a path.': 'ignored',
          },
        },
      ],
      {
        schemas: [USER, ENTERPRISE],
        name: { givenName: 'Barbara', familyName: 'Jensen' },
        displayName: 'BJ',
        emails: [{ type: 'Work', value: 'a@x' }],
        [ENTERPRISE]: { employeeNumber: '7', manager: { value: 'm1' } },
      },
    ],
    [
      'refers to a manager by the id alone',
      [{ op: 'Add', path: `${ENTERPRISE}:manager`, value: 'm1' }],
      { schemas: [USER, ENTERPRISE], [ENTERPRISE]: { manager: { value: 'm1' } } },
    ],
    [
      'refers to a manager in an array',
      [{ op: 'Add', path: `${ENTERPRISE}:manager`, value: [{ $ref: 'http://x/Users/m1', value: 'm1' }] }],
      { schemas: [USER, ENTERPRISE], [ENTERPRISE]: { manager: { value: 'm1', $ref: 'http://x/Users/m1' } } },
    ],
  ])('%s', (_, operations, changes) => {
    expect(patched(entra, operations)).toEqual({ ...person, ...changes })
    expect(failure(() => patched(strict, operations))).not.toBe('nothing')
  })

  it('adds a member by the id alone', () => {
    const operations = [{ op: 'add', path: 'members', value: 'a' }]
    const current = { schemas: [GROUP], displayName: 'g' }
    expect(patched(entra, operations, current, group).members).toEqual([{ value: 'a' }])
    expect(failure(() => patched(strict, operations, current, group))).toMatch(/^invalidAttributeSyntax/)
  })

  it('is not stopped by what the standard has and is not kept', () => {
    const resource = userWith('userName', 'title')
    const operations = [
      { op: 'Replace', path: 'nickName', value: 'x' },
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'x' },
      { op: 'Replace', path: `${ENTERPRISE}:department`, value: 'x' },
      { op: 'Replace', path: 'externalId', value: 'x' },
      { op: 'Replace', path: 'title', value: 'Boss' },
    ]
    expect(patched(entra, operations, person, resource)).toEqual({ ...person, title: 'Boss' })
    expect(failure(() => patched(strict, operations, person, resource))).toBe(
      'undefinedAttributeType: nickName is not known',
    )
    expect(failure(() => patched(entra, [{ op: 'Add', path: 'shoeSize', value: 1 }], person, resource))).toBe(
      'undefinedAttributeType: shoeSize is not known',
    )
  })

  it.each([
    'emails[type ne "work"].value',
    'emails[type eq "work" or type eq "home"].value',
    'emails[type pr].value',
  ])('cannot make an element of %s', (path) => {
    expect(failure(() => patched(entra, [{ op: 'Add', path, value: 'x' }]))).toBe(
      'noSuchAttribute: emails.value: nothing matches',
    )
  })
})

describe('Okta', () => {
  it('disables a user, and renames a group by its whole', () => {
    expect(patched(strict, [{ op: 'replace', value: { active: false } }])).toEqual({
      ...person,
      active: false,
    })
    const current = { schemas: [GROUP], id: 'abf4dd94', displayName: 'g' }
    expect(
      patched(
        strict,
        [{ op: 'replace', value: { id: 'abf4dd94', displayName: 'Test SCIMv2' } }],
        current,
        group,
      ),
    ).toEqual({ ...current, displayName: 'Test SCIMv2' })
  })
})

describe('a change of membership', () => {
  const net = (operations: readonly JsonObject[], profile: PatchProfile = strict) =>
    membershipPatch(group, readPatch(group, { schemas: [PATCH_OP], Operations: operations }, profile))

  it.each<readonly [string, readonly JsonObject[], Json]>([
    [
      'added',
      [{ op: 'add', path: 'members', value: [{ value: 'a' }, { value: 'b', display: 'B' }] }],
      { add: ['a', 'b'], remove: [] },
    ],
    [
      'added, one',
      [{ op: 'add', path: `${GROUP}:members`, value: { value: 'a' } }],
      { add: ['a'], remove: [] },
    ],
    [
      'added without a path',
      [{ op: 'add', value: { members: [{ value: 'a' }] } }],
      { add: ['a'], remove: [] },
    ],
    ['removed by a filter', [{ op: 'remove', path: 'members[value eq "a"]' }], { add: [], remove: ['a'] }],
    [
      'removed by alternatives',
      [{ op: 'remove', path: 'members[value eq "a" or (value eq "b" or Value EQ "c")]' }],
      { add: [], remove: ['a', 'b', 'c'] },
    ],
    [
      'removed by values',
      [{ op: 'Remove', path: 'members', value: [{ value: 'a' }] }],
      { add: [], remove: ['a'] },
    ],
    [
      'added and removed, in this order',
      [
        { op: 'add', path: 'members', value: [{ value: 'a' }, { value: 'b' }] },
        { op: 'remove', path: 'members[value eq "a"]' },
        { op: 'remove', path: 'members', value: [{ value: 'c' }] },
        { op: 'add', path: 'members', value: [{ value: 'c' }] },
      ],
      { add: ['b', 'c'], remove: ['a'] },
    ],
    ['left alone', [{ op: 'add', path: 'members', value: [] }], { add: [], remove: [] }],
    [
      'left alone by removing no value',
      [{ op: 'remove', path: 'members', value: [] }],
      { add: [], remove: [] },
    ],
  ])('is seen where they are %s', (_, operations, result) => {
    expect(net(operations)).toEqual(result)
  })

  it.each<readonly [string, readonly JsonObject[]]>([
    ['all go', [{ op: 'remove', path: 'members' }]],
    ['all are replaced', [{ op: 'replace', path: 'members', value: [{ value: 'a' }] }]],
    [
      'others change too',
      [
        { op: 'add', path: 'members', value: [{ value: 'a' }] },
        { op: 'replace', path: 'displayName', value: 'x' },
      ],
    ],
    [
      'others change too, without a path',
      [{ op: 'add', value: { members: [{ value: 'a' }], displayName: 'x' } }],
    ],
    ['they are sought by name', [{ op: 'remove', path: 'members[display eq "A"]' }]],
    ['they are sought by id or name', [{ op: 'remove', path: 'members[value eq "a" or display eq "A"]' }]],
    ['they are sought by type', [{ op: 'remove', path: 'members[value eq "a" and type eq "User"]' }]],
    ['they are sought by a piece', [{ op: 'remove', path: 'members[value sw "a"]' }]],
    ['all but one go', [{ op: 'remove', path: 'members[not (value eq "a")]' }]],
    ['there is a reference only', [{ op: 'add', path: 'members', value: [{ $ref: 'https://x/Users/a' }] }]],
  ])('is not seen where %s', (_, operations) => {
    expect(net(operations)).toBeUndefined()
  })

  it.each<readonly [string, Json]>([
    ['members[value eq "a" or display eq "Joe"]', { add: [], remove: ['a'] }],
    ['members[display eq "Joe" or value eq "a" or value eq "b"]', { add: [], remove: ['a', 'b'] }],
    ['members[value eq "a" and not (display sw "J")]', { add: [], remove: ['a'] }],
    ['members[display eq "Joe"]', { add: [], remove: [] }],
  ])('does not look at names where these are bypassed: %s', (path, result) => {
    expect(net([{ op: 'remove', path }], { ...strict, bypass: true })).toEqual(result)
  })
})
