/** What is asked of a service makes a resource what it is to be, leaves all else as it was, and is nothing a second time. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  operationsFor,
  replacementFor,
  type Wanted,
  type WantedReferences,
} from '../../src/copy/targets/scim/difference.js'
import type { Managed } from '../../src/copy/targets/scim/rendering.js'
import { applyPatch } from '../../src/frontends/scim/patch.js'
import { PATCH_OP, readPatch } from '../../src/frontends/scim/patch-operations.js'
import type { Resource } from '../../src/model/resource.js'
import type { Json, JsonObject } from '../../src/scim/json.js'
import { ENTERPRISE, GROUP, group, USER, user } from '../unit/frontends/scim/resources.js'

const managed = (name: string, more: Partial<Managed> = {}): Managed => ({
  ...{ urn: USER, name, isExtension: false, kind: 'plain', multiValued: false },
  ...{ subs: [], types: undefined, attrs: [], ...more },
})
const elements = { kind: 'elements', multiValued: true, subs: ['value', 'type'] } as const

const title = managed('title')
const name = managed('name', { kind: 'complex', subs: ['givenName', 'familyName'] })
const emails = managed('emails', elements)
const numbers = managed('phoneNumbers', { ...elements, types: new Set(['work']) })
const department = managed('department', { urn: ENTERPRISE, isExtension: true })
const manager = managed('manager', {
  urn: ENTERPRISE,
  isExtension: true,
  kind: 'references',
  subs: ['value'],
})
const ofUser = [title, name, emails, numbers, department, manager]
const members = managed('members', { urn: GROUP, kind: 'references', multiValued: true, subs: ['value'] })

const text = fc.constantFrom('a', 'b', 'c', 'd')
const elementsOf = (types: fc.Arbitrary<string>) =>
  fc.uniqueArray(fc.record({ value: text, type: types }), {
    maxLength: 3,
    selector: ({ value, type }) => `${type} ${value}`,
  })
const parts = fc.record({ givenName: text, familyName: text }, { requiredKeys: [] })
const people = fc.constantFrom('1', '2', '3')
const mixed = fc.constantFrom('work', 'home')

/** Without what has no value. */
function whole(urn: string, { ext, ...members }: Record<string, unknown>): JsonObject {
  const given = Object.entries(members).filter(([, value]) => !isEmpty(value))
  const extension = Object.entries((ext ?? {}) as object).filter(([, value]) => !isEmpty(value))
  return {
    schemas: [urn, ...(extension.length > 0 ? [ENTERPRISE] : [])],
    ...Object.fromEntries(given),
    ...(extension.length > 0 && { [ENTERPRISE]: Object.fromEntries(extension) }),
  } as JsonObject
}

const isEmpty = (value: unknown) =>
  value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)

const there = fc
  .record(
    {
      title: text,
      nickName: text,
      name: fc.record({ givenName: text, familyName: text, middleName: text }, { requiredKeys: [] }),
      emails: elementsOf(mixed),
      phoneNumbers: elementsOf(mixed),
      ext: fc.record(
        { department: text, division: text, manager: people.map((value) => ({ value })) },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  )
  .map((members) => whole(USER, { userName: 'bj', ...members }))

const wanted = fc
  .record({
    resource: fc
      .record(
        {
          title: text,
          name: parts,
          emails: elementsOf(mixed),
          phoneNumbers: elementsOf(fc.constant('work')),
          ext: fc.record({ department: text }, { requiredKeys: [] }),
        },
        { requiredKeys: [] },
      )
      .map((members) => whole(USER, members)),
    boss: fc.option(people, { nil: undefined }),
    kept: fc.subarray(ofUser.filter((one) => one !== manager)),
  })
  .map(
    ({ resource, boss, kept }): Wanted => ({
      resource,
      references: new Map([[manager, references(boss === undefined ? [] : [boss])]]),
      kept: new Set(kept),
    }),
  )

const references = (ids: readonly string[], strangers: readonly string[] = []): WantedReferences => ({
  ids: new Set(ids),
  keeps: (id) => strangers.includes(id),
})

const patched = (resource: Resource, before: JsonObject, operations: readonly object[]): JsonObject => {
  if (operations.length === 0) return before
  const body = { schemas: [PATCH_OP], Operations: operations } as unknown as Json
  const profile = { entra: false, lenient: false } as Parameters<typeof readPatch>[2]
  return applyPatch(resource, before, readPatch(resource, body, profile), profile).resource
}

/** What the source has nothing to do with. */
function others(resource: JsonObject): unknown {
  const { userName, nickName, name: names, phoneNumbers, [ENTERPRISE]: extension } = resource
  const { middleName } = (names ?? {}) as JsonObject
  const { division } = (extension ?? {}) as JsonObject
  const home = ((phoneNumbers ?? []) as readonly JsonObject[]).filter(({ type }) => type === 'home')
  return JSON.parse(JSON.stringify({ userName, nickName, middleName, division, home }))
}

describe('Users', () => {
  it('are changed by PATCH', () => {
    fc.assert(
      fc.property(there, wanted, (before, want) => {
        const after = patched(user, before, operationsFor(want, before, ofUser))
        expect(operationsFor(want, after, ofUser)).toEqual([])
        expect(others(after)).toEqual(others(before))
      }),
      { numRuns: 1000 },
    )
  })

  it('are changed by PUT to the same', () => {
    fc.assert(
      fc.property(there, wanted, (before, want) => {
        const after = replacementFor(want, before, ofUser)
        expect(operationsFor(want, after, ofUser)).toEqual([])
        expect(others(after)).toEqual(others(before))
        expect(operationsFor(want, replacementFor(want, {}, ofUser), ofUser)).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })
})

describe('Groups', () => {
  const ids = fc.uniqueArray(fc.constantFrom('1', '2', '3', '4', '5', '6'))
  it('have the members that they are to have, and those of others', () => {
    fc.assert(
      fc.property(ids, ids, ids, (had, has, strangers) => {
        const value = had.map((id) => ({ value: id, display: id }))
        const before = whole(GROUP, { displayName: 'G', members: value })
        const want = { resource: before, references: new Map([[members, references(has, strangers)]]) }
        const after = patched(group, before, operationsFor(want, before, [members]))
        expect(operationsFor(want, after, [members])).toEqual([])
        const found = ((after.members ?? []) as readonly JsonObject[]).map((one) => one.value).sort()
        expect(found).toEqual([...new Set([...has, ...had.filter((id) => strangers.includes(id))])].sort())
        const replaced = replacementFor(want, before, [members])
        expect(operationsFor(want, replaced, [members])).toEqual([])
      }),
      { numRuns: 500 },
    )
  })
})
