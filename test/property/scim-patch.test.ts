/** Whatever clients send ends in a resource as its schema has it or in a typed error, and changes nothing else. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acceptResource } from '../../src/frontends/scim/accept.js'
import { applyPatch } from '../../src/frontends/scim/patch.js'
import { membershipPatch } from '../../src/frontends/scim/patch-members.js'
import { PATCH_OP, readPatch } from '../../src/frontends/scim/patch-operations.js'
import { VitrineError } from '../../src/model/errors.js'
import type { Resource } from '../../src/model/resource.js'
import { isObject, type Json, type JsonObject } from '../../src/scim/json.js'
import { CUSTOM, ENTERPRISE, GROUP, group, USER, user } from '../unit/frontends/scim/resources.js'

const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>
const text = fc.constantFrom('', 'a', 'A', 'b', 'work', 'home', 'False', 'constructor')
const element = fc.record(
  { value: text, type: text, primary: fc.boolean(), display: text },
  { requiredKeys: [] },
) as fc.Arbitrary<Json>
const anything: fc.Arbitrary<Json> = fc.oneof(
  { arbitrary: fc.oneof(element, fc.array(element, { maxLength: 3 })), weight: 4 },
  { arbitrary: text, weight: 3 },
  { arbitrary: fc.oneof(fc.boolean(), fc.constant(null), fc.integer()), weight: 1 },
  { arbitrary: json, weight: 1 },
)
const names = [
  ...[
    'userName',
    'USERNAME',
    'title',
    'name',
    'emails',
    'Emails',
    'phoneNumbers',
    'addresses',
    'active',
    'password',
  ],
  ...[
    'groups',
    'id',
    'meta',
    'schemas',
    'unknown',
    '__proto__',
    'constructor',
    'toString',
    ENTERPRISE,
    CUSTOM,
  ],
  ...[
    'name.givenName',
    'emails.value',
    'emails[type eq "work"].value',
    `${ENTERPRISE}:manager`,
    `${CUSTOM}:badge`,
  ],
]
const object: fc.Arbitrary<JsonObject> = fc.dictionary(fc.constantFrom(...names), anything, { maxKeys: 6 })
const body = object.map((members) => ({ schemas: [USER], userName: 'bj', ...members }))
const path = fc.oneof(
  fc.constantFrom(...names),
  fc.constantFrom(
    ...[
      'emails[type eq "work"]',
      'emails[value eq "a" and type pr].type',
      'emails[not (primary eq true)].primary',
    ],
    ...[
      'emails.primary',
      'addresses[type eq "home"].country',
      `${CUSTOM}:tags[value eq "a"]`,
      `${CUSTOM}:keys.note`,
    ],
    ...['name[givenName eq "x"]', 'emails[', 'emails[x eq 1]', '', ' ', 'emails[type eq "work"].groups'],
  ),
)
const operation = fc.record(
  { op: fc.constantFrom('add', 'remove', 'replace', 'Add', 'move'), path, value: fc.oneof(anything, object) },
  { requiredKeys: ['op'] },
)
const operations = fc.array(operation, { minLength: 1, maxLength: 5 })
const profile = fc.record({ entra: fc.boolean(), bypass: fc.boolean() })

function outcome<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    expect(error).toBeInstanceOf(VitrineError)
    expect((error as VitrineError).code).not.toBe('internalError')
    return undefined
  }
}

function frozen<T extends Json>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const v of Object.values(value)) frozen(v as Json)
  return Object.freeze(value)
}

/** Holds only what the schema names, with at most one primary element, and nothing without a value. */
function isSound(resource: Resource, value: JsonObject): void {
  const sound = (attributes: Resource['schema']['attributes'], members: JsonObject): void => {
    for (const [name, member] of Object.entries(members)) {
      const attribute = attributes.find((a) => a.name === name)
      expect(attribute, name).toBeDefined()
      expect(member === null || (Array.isArray(member) && member.length === 0), `${name} has a value`).toBe(
        false,
      )
      expect(Array.isArray(member), `${name} is an array`).toBe(attribute?.multiValued)
      const elements = Array.isArray(member) ? (member as readonly Json[]) : [member]
      expect(elements.filter((e) => isObject(e) && e.primary === true).length).toBeLessThanOrEqual(1)
      for (const e of elements) if (isObject(e)) sound(attribute?.subAttributes ?? [], e)
    }
  }
  const { schemas: _, ...members }: Record<string, Json> = value
  for (const { schema } of resource.extensions) {
    const extension = members[schema.id]
    if (isObject(extension)) sound(schema.attributes, extension)
    delete members[schema.id]
  }
  sound(resource.schema.attributes, members)
}

describe('a resource that a client sends', () => {
  it('is accepted as its schema has it, and then again as it is', () => {
    fc.assert(
      fc.property(fc.oneof(body, json), fc.boolean(), (sent, entra) => {
        const accepted = outcome(() => acceptResource(user, frozen(sent), { creates: true, entra }))
        if (accepted === undefined) return
        isSound(user, accepted)
        expect(acceptResource(user, accepted, { creates: true, entra: false })).toEqual(accepted)
      }),
      { numRuns: 500 },
    )
  })
})

describe('a PATCH', () => {
  const patched = (current: JsonObject, ops: readonly object[], how: { entra: boolean; bypass: boolean }) =>
    outcome(() => {
      const request = frozen({ schemas: [PATCH_OP], Operations: ops } as unknown as Json)
      return applyPatch(user, current, readPatch(user, request, how), how)
    })

  it('leaves a resource as its schema has it, and changes no more than it tells', () => {
    fc.assert(
      fc.property(body, operations, profile, (sent, ops, how) => {
        const current = outcome(() => acceptResource(user, sent, { creates: true, entra: true }))
        if (current === undefined) return
        const result = patched(frozen(current), ops, how)
        if (result === undefined) return
        isSound(user, result.resource)
        const touched = new Set(result.touched.map(({ schema, attribute }) => `${schema}:${attribute}`))
        for (const schema of [user.schema, ...user.extensions.map((e) => e.schema)]) {
          const members = (r: JsonObject) => ((schema === user.schema ? r : r[schema.id]) ?? {}) as JsonObject
          for (const { name } of schema.attributes) {
            if (touched.has(`${schema.id}:${name}`)) continue
            expect(members(result.resource)[name]).toEqual(members(current)[name])
          }
        }
        expect(({} as Record<string, unknown>).value).toBeUndefined()
      }),
      { numRuns: 2000 },
    )
  })

  it('that adds or replaces can be sent twice', () => {
    const simple = fc.record({
      op: fc.constantFrom('add', 'replace'),
      path: fc.constantFrom('emails', 'title', 'name', 'phoneNumbers', 'name.givenName', `${CUSTOM}:tags`),
      value: anything,
    })
    fc.assert(
      fc.property(body, simple, (sent, op) => {
        const how = { entra: false, bypass: false }
        const current = outcome(() => acceptResource(user, sent, { creates: true, entra: true }))
        const once = current && patched(current, [op], how)
        if (once === undefined) return
        expect(patched(once.resource, [op], how)).toEqual({ resource: once.resource, touched: [] })
      }),
      { numRuns: 1000 },
    )
  })

  it('of membership comes to the same unseen', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd', 'e')
    const member = id.map((value) => ({ value }))
    const change = fc.oneof(
      fc.record({
        op: fc.constantFrom('add', 'remove'),
        path: fc.constant('members'),
        value: fc.array(member, { maxLength: 3 }),
      }),
      fc.array(id, { minLength: 1, maxLength: 3 }).map((ids) => ({
        op: 'remove',
        path: `members[${ids.map((i) => `value eq "${i}"`).join(' or ')}]`,
      })),
      fc.record({
        op: fc.constant('add'),
        value: fc.record({ members: fc.array(member, { maxLength: 3 }) }),
      }),
    )
    fc.assert(
      fc.property(fc.uniqueArray(id), fc.array(change, { minLength: 1, maxLength: 6 }), (ids, ops) => {
        const how = { entra: false }
        const current = { schemas: [GROUP], displayName: 'g', members: ids.map((value) => ({ value })) }
        const read = readPatch(group, { schemas: [PATCH_OP], Operations: ops } as unknown as Json, how)
        const { resource } = applyPatch(group, current, read, how)
        const net = membershipPatch(group, read)
        const unseen = new Set<string>(ids)
        for (const i of net?.add ?? []) unseen.add(i)
        for (const i of net?.remove ?? []) unseen.delete(i)
        const seen = ((resource.members ?? []) as JsonObject[]).map((m) => m.value)
        expect([...seen].sort()).toEqual([...unseen].sort())
        expect(net).toBeDefined()
      }),
      { numRuns: 500 },
    )
  })
})
