/** What is stored is shown again, what is changed is as if it had been stored so, and what is shown can be found. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { match } from '../../../../src/model/match.js'
import type { AttributePath, ScimComparison, ScimFilter } from '../../../../src/scim/filter-ast.js'
import type { Json, JsonObject } from '../../../../src/scim/json.js'
import { BASE, CUSTOM, ENTERPRISE_USER, groups, idOf, matchingOf, people, represented } from './views.js'
import { added, modified } from './written.js'

const users = represented(people)
const staff = represented(groups)

const word = fc.constantFrom('a', 'b', 'ab', 'A', 'x y', '100%', 'é', 'tel:+1')
const ia5 = fc.constantFrom('a@b', 'A@b', 'c@d', 'x%y@z')
const time = fc
  .date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true })
  .map((d) => d.toISOString())
const bytes = fc.uint8Array({ minLength: 1, maxLength: 5 }).map((b) => Buffer.from(b).toString('base64'))
const some = <T>(of: fc.Arbitrary<T>, by: (value: T) => unknown) =>
  fc.uniqueArray(of, { minLength: 1, maxLength: 3, selector: (v) => JSON.stringify(by(v)) })
const itself = (value: unknown) => value
const object = (model: Record<string, fc.Arbitrary<unknown>>, requiredKeys: string[] = []) =>
  fc
    .record(model, { requiredKeys: requiredKeys as never })
    .filter((o) => Object.keys(o).length > 0) as fc.Arbitrary<JsonObject>

const phones = fc
  .tuple(fc.option(word, { nil: undefined }), fc.uniqueArray(word, { maxLength: 2 }))
  .map(([work, mobile]) => [
    ...(work === undefined ? [] : [{ value: work, type: 'work' }]),
    ...mobile.map((value) => ({ value, type: 'mobile' })),
  ])
  .filter((p) => p.length > 0)

/** As the service shows it: users with anything that clients may store. */
const user = object(
  {
    externalId: word,
    userName: word,
    name: object({ familyName: word, givenName: word }),
    displayName: word,
    profileUrl: word,
    title: word,
    locale: word,
    active: fc.boolean(),
    emails: ia5.map((value) => [{ value, type: 'work', primary: true }]),
    phoneNumbers: phones,
    photos: some(
      object({ value: word, type: word, primary: fc.boolean(), display: word }, ['value']),
      (p) => p.value,
    ),
    addresses: some(
      object({ streetAddress: word, locality: word, type: word, primary: fc.boolean() }),
      itself,
    ),
    roles: some(object({ value: word, type: word }, ['value', 'type']), (r) => r.value),
    x509Certificates: some(bytes, itself).map((all) => all.map((value) => ({ value }))),
    [ENTERPRISE_USER]: object({
      department: word,
      manager: fc.integer({ min: 1, max: 3 }).map((n) => ({
        value: idOf('people', n),
        $ref: `${BASE}/Users/${idOf('people', n)}`,
      })),
    }),
    [CUSTOM]: object({
      floor: fc.oneof(fc.integer(), fc.constantFrom(Number.MAX_SAFE_INTEGER, 0)),
      height: fc.constantFrom(0, 1.5, -2, 1e21, 1e-7),
      visits: some(time, itself),
      picture: bytes,
      tags: some(word, itself),
      pin: word,
      contract: object({ terms: word }),
    }),
  },
  ['userName'],
)

const member = fc
  .tuple(fc.constantFrom('User', 'Group'), fc.integer({ min: 1, max: 9 }))
  .map(([type, n]): JsonObject => {
    const id = idOf(type === 'User' ? 'people' : 'groups', n)
    return { value: id, $ref: `${BASE}/${type}s/${id}`, type }
  })
const group = object({ displayName: word, members: some(member, (m) => m.value) }, ['displayName'])

/** Without what the service puts there by itself. */
function own(json: JsonObject | undefined): JsonObject {
  const { id: _id, schemas: _schemas, meta: _meta, ...rest } = json ?? {}
  return rest
}

/** Values of an attribute have no order (RFC 7643 2.4). */
function inAnyOrder(json: Json): Json {
  if (Array.isArray(json))
    return json.map(inAnyOrder).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, inAnyOrder(value)]))
}

describe('a resource', () => {
  it('is shown as it was stored', () => {
    fc.assert(
      fc.property(user, (json) => {
        const entry = added('people', 1, users.values(json))
        expect(own(users.stored().resource(entry, BASE))).toEqual(json)
      }),
    )
    fc.assert(
      fc.property(group, (json) => {
        const entry = added('groups', 1, staff.values(json))
        expect(own(staff.select({}).resource(entry, BASE))).toEqual(json)
      }),
    )
  })

  it('that is replaced is as if it had been stored so, and is then the same', () => {
    fc.assert(
      fc.property(user, user, (a, b) => {
        const entry = added('people', 1, users.values(a))
        const before = users.stored().resource(entry, BASE) ?? {}
        const now = users.stored().resource(modified(entry, users.changes(before, b)), BASE) ?? {}
        // Who does not say whether the account is in use leaves that as it is.
        const meant = 'active' in b || !('active' in a) ? b : { ...b, active: a.active }
        expect(inAnyOrder(own(now))).toEqual(inAnyOrder(meant))
        expect(users.changes(now, b)).toEqual([])
      }),
    )
    fc.assert(
      fc.property(group, group, (a, b) => {
        const entry = added('groups', 1, staff.values(a))
        const before = staff.stored().resource(entry, BASE) ?? {}
        const now = own(staff.stored().resource(modified(entry, staff.changes(before, b)), BASE))
        expect(inAnyOrder({ members: [], ...now })).toEqual(inAnyOrder({ members: [], ...b }))
      }),
    )
  })
})

/** Few letters, so that much is found; in ASCII without spaces all text rules differ by case alone. */
const letters = fc.constantFrom('a', 'b', 'ab', 'ba', 'A')
const seldom = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined, freq: 4 })
/** Users to be found. */
const found = fc
  .record({
    userName: letters,
    name: seldom(fc.record({ familyName: letters })),
    title: seldom(letters),
    externalId: seldom(letters),
    emails: seldom(letters.map((value) => [{ value }])),
    phoneNumbers: fc
      .uniqueArray(letters, { maxLength: 2 })
      .map((all) => [...all.map((value) => ({ value, type: 'mobile' })), { value: 'ab', type: 'work' }]),
    photos: fc.array(object({ value: letters, type: letters, display: letters }, ['value']), {
      maxLength: 2,
    }),
    addresses: fc.array(object({ locality: letters, type: letters }), { maxLength: 2 }),
    roles: fc.array(object({ value: letters, type: letters }, ['value']), { maxLength: 2 }),
    [ENTERPRISE_USER]: seldom(fc.record({ department: letters })),
    [CUSTOM]: fc.record({
      tags: fc.array(letters, { maxLength: 2 }),
      contract: fc.record({ terms: letters }),
    }),
  })
  .map((json): JsonObject => JSON.parse(JSON.stringify(json)))

const TEXT_PATHS = [
  ...['userName', 'name.familyName', 'title', 'externalId', 'nickName', 'photos', 'name.middleName'],
  ...['emails.value', 'emails.type', 'phoneNumbers.value', 'phoneNumbers.type', 'photos.value'],
  ...['photos.type', 'photos.display', 'addresses.locality', 'addresses.type', 'roles.value', 'roles.type'],
  ...[`${CUSTOM}:tags`, `${CUSTOM}:contract.terms`, `${ENTERPRISE_USER}:department`],
]
const ELEMENTS: Readonly<Record<string, readonly string[]>> = {
  emails: ['value', 'type', 'display'],
  phoneNumbers: ['value', 'type'],
  photos: ['value', 'type', 'display'],
  addresses: ['locality', 'type', 'country'],
  roles: ['value', 'type'],
}
const EXACT = new Set(['externalId', 'photos.value', 'photos', 'tags', 'phoneNumbers.value'])

function pathOf(path: string): AttributePath {
  const colon = path.lastIndexOf(':')
  const [attribute = '', sub] = path.slice(colon + 1).split('.')
  return {
    ...(colon >= 0 && { schema: path.slice(0, colon) }),
    attribute,
    ...(sub !== undefined && { sub }),
  }
}

function tests(paths: readonly string[]): fc.Arbitrary<ScimFilter> {
  const path = fc.constantFrom(...paths).map(pathOf)
  const ops: readonly ScimComparison[] = ['eq', 'eq', 'ne', 'co', 'sw', 'ew']
  const value = fc.oneof(letters, fc.constantFrom('work', 'mobile', 'other'))
  return fc.oneof(
    { weight: 5, arbitrary: fc.record({ op: fc.constantFrom(...ops), path, value }) },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('pr' as const), path }) },
  )
}

function combined(leaf: fc.Arbitrary<ScimFilter>): fc.Arbitrary<ScimFilter> {
  return fc.letrec<{ all: ScimFilter }>((tie) => ({
    all: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf,
      fc.record({
        op: fc.constantFrom('and', 'or'),
        of: fc.array(tie('all'), { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ op: fc.constant('not' as const), of: tie('all') }),
    ),
  })).all
}

const element = fc.constantFrom(...Object.keys(ELEMENTS)).chain((attribute) =>
  fc.record({
    op: fc.constant('element' as const),
    path: fc.constant({ attribute }),
    of: combined(tests(ELEMENTS[attribute] ?? [])),
  }),
)

const compares: Readonly<Record<string, (text: string, wanted: string) => boolean>> = {
  eq: (text, wanted) => text === wanted,
  co: (text, wanted) => text.includes(wanted),
  sw: (text, wanted) => text.startsWith(wanted),
  ew: (text, wanted) => text.endsWith(wanted),
}

/** What RFC 7644 says a filter means, on the resource as it is shown, or `within` an attribute on an element. */
function holds(filter: ScimFilter, json: JsonObject, within = ''): boolean {
  switch (filter.op) {
    case 'and':
      return filter.of.every((f) => holds(f, json, within))
    case 'or':
      return filter.of.some((f) => holds(f, json, within))
    case 'not':
      return !holds(filter.of, json, within)
    case 'element': {
      const elements = (json[filter.path.attribute] ?? []) as JsonObject[]
      return elements.some((one) => holds(filter.of, one, filter.path.attribute))
    }
    default: {
      const { schema, attribute, sub } = filter.path
      const from = (schema === undefined ? json : (json[schema] ?? {})) as JsonObject
      const values = [from[attribute] ?? []].flat() as Json[]
      if (filter.op === 'pr' && sub === undefined) return values.length > 0
      const texts = values.flatMap((v) =>
        typeof v === 'string' ? v : ((v as JsonObject)[sub ?? 'value'] ?? []),
      )
      if (filter.op === 'pr') return texts.length > 0
      const name = `${within === '' ? '' : `${within}.`}${attribute}${sub === undefined ? '' : `.${sub}`}`
      const cased = (text: string) => (EXACT.has(name) ? text : text.toLowerCase())
      const is = compares[filter.op === 'ne' ? 'eq' : filter.op]
      const some = texts.some((text) => is?.(cased(String(text)), cased(String(filter.value))))
      return filter.op === 'ne' ? !some : some
    }
  }
}

describe('a filter', () => {
  it('selects what the resource shows', () => {
    fc.assert(
      fc.property(found, combined(fc.oneof(tests(TEXT_PATHS), element)), (json, filter) => {
        const entry = added('people', 1, users.values(json))
        const shown = users.select({}).resource(entry, BASE) ?? {}
        const asked = users.question(filter, 'refuse').filter
        expect(match(asked, entry, matchingOf) === true).toBe(holds(filter, shown))
      }),
      { numRuns: 2000 },
    )
  })
})
