/** What becomes of a resource that a client sends with POST or PUT. */
import { describe, expect, it } from 'vitest'
import { type AcceptOptions, acceptResource, keepImmutable } from '../../../../src/frontends/scim/accept.js'
import type { Resource } from '../../../../src/model/resource.js'
import type { Json, JsonObject } from '../../../../src/scim/json.js'
import { failure } from './failing.js'
import { CUSTOM, ENTERPRISE, GROUP, group, USER, user } from './resources.js'

const post: AcceptOptions = { creates: true, entra: false }

function accept(body: JsonObject, options: AcceptOptions = post): JsonObject {
  return acceptResource(user, { schemas: [USER], userName: 'bj', ...body }, options)
}

describe('a resource', () => {
  it('gets the names of its schemas, and its extensions under their URNs', () => {
    expect(
      acceptResource(
        user,
        {
          SCHEMAS: [USER.toUpperCase(), ENTERPRISE],
          USERNAME: 'bj',
          Name: { FamilyName: 'Jensen', given: 'ignored' },
          EMAILS: [{ VALUE: 'bj@example.com', Type: 'work', PRIMARY: true }],
          externalID: 'x1',
          [ENTERPRISE.toLowerCase()]: { EMPLOYEENUMBER: '701', Manager: { VALUE: 'm1', displayName: 'no' } },
        },
        post,
      ),
    ).toEqual({
      schemas: [USER, ENTERPRISE],
      userName: 'bj',
      name: { familyName: 'Jensen' },
      emails: [{ value: 'bj@example.com', type: 'work', primary: true }],
      externalId: 'x1',
      [ENTERPRISE]: { employeeNumber: '701', manager: { value: 'm1' } },
    })
  })

  it('loses what is readOnly, unknown or has no value', () => {
    expect(
      accept({
        id: 'mine',
        meta: { resourceType: 'Robot' },
        groups: [{ value: 'admins' }],
        shoeSize: 43,
        nickName: null,
        roles: [],
        name: { givenName: null },
        emails: [{ unknown: 1 }],
        'urn:example:unknown': { a: 1 },
        [ENTERPRISE]: { unknown: 'x' },
        [CUSTOM]: null,
      }),
    ).toEqual({ schemas: [USER], userName: 'bj' })
  })

  it('has objects without prototypes only, whatever names come', () => {
    const body = JSON.parse(
      `{"schemas":["${USER}"],"userName":"bj","__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},
        "name":{"__proto__":{"familyName":"x"},"givenName":"B"},"emails":[{"value":"a","__proto__":{"type":"x"}}]}`,
    ) as Json
    const accepted = acceptResource(user, body, post)
    expect(JSON.stringify(accepted)).toBe(
      `{"schemas":["${USER}"],"userName":"bj","name":{"givenName":"B"},"emails":[{"value":"a"}]}`,
    )
    for (const object of [accepted, accepted.name, (accepted.emails as Json[])[0]]) {
      expect(Object.getPrototypeOf(object)).toBeNull()
    }
    expect(({} as Record<string, unknown>).admin).toBeUndefined()
  })

  it.each<readonly [string, Json, Json]>([
    [
      'the first of several primary elements',
      {
        emails: [
          { value: 'a', primary: true },
          { value: 'b', primary: true },
        ],
      },
      {
        emails: [
          { value: 'a', primary: true },
          { value: 'b', primary: false },
        ],
      },
    ],
    ['a repeated element once', { roles: [{ value: 'a' }, { value: 'A' }] }, { roles: [{ value: 'a' }] }],
    [
      'an element that is told twice as one',
      {
        emails: [
          { value: 'a', type: 'work' },
          { value: 'A', type: 'WORK', primary: true },
        ],
      },
      { emails: [{ value: 'a', type: 'work', primary: true }] },
    ],
    [
      'the same value of two types as two',
      {
        emails: [
          { value: 'a', type: 'work' },
          { value: 'a', type: 'home' },
        ],
      },
      {
        emails: [
          { value: 'a', type: 'work' },
          { value: 'a', type: 'home' },
        ],
      },
    ],
    ['an empty string as a value', { title: '' }, { title: '' }],
    [
      'base64 in any spelling',
      { x509Certificates: [{ value: '-_ 8' }] },
      { x509Certificates: [{ value: '+/8=' }] },
    ],
  ])('takes %s', (_, body, accepted) => {
    expect(accept(body as JsonObject)).toEqual({
      schemas: [USER],
      userName: 'bj',
      ...(accepted as JsonObject),
    })
  })

  it('keeps one reference to the same resource', () => {
    expect(
      acceptResource(
        group,
        {
          schemas: [GROUP],
          displayName: 'g',
          members: [
            { value: 'a', display: 'A' },
            { value: 'a', type: 'User' },
          ],
        },
        post,
      ),
    ).toEqual({ schemas: [GROUP], displayName: 'g', members: [{ value: 'a' }] })
  })

  it.each<readonly [string, Json, string]>([
    ['no object', [], 'protocolError: a resource must be a JSON object'],
    ['null', null, 'protocolError: a resource must be a JSON object'],
    ['with empty schemas', { schemas: [], userName: 'bj' }, `protocolError: schemas must contain ${USER}`],
    [
      'with schemas as text',
      { schemas: USER, userName: 'bj' },
      `protocolError: schemas must contain ${USER}`,
    ],
    ['of another type', { schemas: [GROUP], userName: 'bj' }, `protocolError: schemas must contain ${USER}`],
    ['without what is required', { schemas: [USER] }, 'objectClassViolation: userName is required'],
    [
      'with null for what is required',
      { schemas: [USER], userName: null },
      'objectClassViolation: userName is required',
    ],
  ])('is refused %s', (_, body, message) => {
    expect(failure(() => acceptResource(user, body, post))).toBe(message)
  })

  it('is taken for what its endpoint is for where it names no schemas', () => {
    expect(acceptResource(user, { userName: 'bj' }, post)).toMatchObject({ schemas: [USER], userName: 'bj' })
  })

  it('is refused, where that is wanted, with what no schema knows, which would be lost', () => {
    const strict = { ...post, refusesUnknown: true }
    const body = { schemas: [USER], userName: 'bj', id: '1', meta: {}, externalId: 'x', groups: [] }
    expect(failure(() => acceptResource(user, body, strict))).toBe('nothing')
    expect(failure(() => acceptResource(user, { ...body, shoeSize: 40 }, strict))).toBe(
      'protocolError: shoeSize is no attribute of a User',
    )
    expect(failure(() => acceptResource(user, { ...body, shoeSize: 40 }, post))).toBe('nothing')
  })

  it.each<readonly [Json, string]>([
    [{ userName: 5 }, 'userName: a string expected'],
    [{ title: 'a\u0000b' }, 'title: text without U+0000 expected'],
    [{ active: 'true' }, 'active: true or false expected'],
    [{ active: 1 }, 'active: true or false expected'],
    [{ title: ['a'] }, 'title: a string expected'],
    [{ name: 'Barbara' }, 'name: an object expected'],
    [{ name: [{ givenName: 'B' }] }, 'name: an object expected'],
    [{ name: { givenName: { x: 1 } } }, 'name.givenName: a string expected'],
    [{ emails: { value: 'a' } }, 'emails: an array expected'],
    [{ emails: ['a'] }, 'emails: an object expected'],
    [{ emails: [null] }, 'emails: an object expected'],
    [{ emails: [{ primary: 'yes' }] }, 'emails.primary: true or false expected'],
    [{ profileUrl: 1 }, 'profileUrl: a URI as a string expected'],
    [{ x509Certificates: [{ value: 'dummy' }] }, 'x509Certificates.value: base64 expected'],
    [{ x509Certificates: [{ value: 'ä===' }] }, 'x509Certificates.value: base64 expected'],
    [{ [ENTERPRISE]: 'x' }, `${ENTERPRISE}: an object expected`],
    [{ [ENTERPRISE]: { department: 7 } }, `${ENTERPRISE}:department: a string expected`],
    [{ [CUSTOM]: { floor: 1.5 } }, `${CUSTOM}:floor: an integer expected`],
    [{ [CUSTOM]: { floor: '3000' } }, `${CUSTOM}:floor: an integer expected`],
    [{ [CUSTOM]: { floor: 2 ** 53 } }, `${CUSTOM}:floor: an integer expected`],
    [{ [CUSTOM]: { height: '1.5' } }, `${CUSTOM}:height: a number expected`],
    [
      { [CUSTOM]: { visits: ['2016-02-23T15:35:22Z', '2020-09-09'] } },
      `${CUSTOM}:visits: a date and time such as 2025-01-31T09:30:00Z expected`,
    ],
  ])('names what is wrong: %j', (body, message) => {
    expect(failure(() => accept(body as JsonObject))).toBe(`invalidAttributeSyntax: ${message}`)
  })

  it.each<readonly [Json, string]>([
    [{ UserName: 'x' }, 'protocolError: the resource has members that differ in case only'],
    [
      { name: { givenName: 'x', givenname: 'y' } },
      'protocolError: name has members that differ in case only',
    ],
    [
      { [ENTERPRISE.toUpperCase()]: {}, [ENTERPRISE]: {} },
      'protocolError: the resource has members that differ in case only',
    ],
    [
      { [CUSTOM]: { contract: { terms: ['x'] } } },
      `objectClassViolation: ${CUSTOM}:contract.number is required`,
    ],
    [{ [CUSTOM]: { keys: [{ note: 'x' }] } }, `objectClassViolation: ${CUSTOM}:keys.value is required`],
  ])('is refused: %j', (body, message) => {
    expect(failure(() => accept(body as JsonObject))).toBe(message)
  })

  it('must have an extension that is required', () => {
    const [enterprise] = user.extensions
    if (enterprise === undefined) throw new Error('no extension')
    const { schema } = enterprise
    const attributes = schema.attributes.map((a) => (a.name === 'department' ? { ...a, required: true } : a))
    const strict: Resource = { ...user, extensions: [{ schema: { ...schema, attributes }, required: true }] }
    const body = { schemas: [USER], userName: 'bj' }
    expect(failure(() => acceptResource(strict, body, post))).toBe(
      `objectClassViolation: ${ENTERPRISE}:department is required`,
    )
    expect(acceptResource(strict, { ...body, [ENTERPRISE]: { department: 'y' } }, post)).toMatchObject({
      [ENTERPRISE]: { department: 'y' },
    })
  })

  it('may leave out a required secret when it replaces another', () => {
    const attributes = user.schema.attributes.map((a) =>
      a.name === 'password' ? { ...a, required: true } : a,
    )
    const strict: Resource = { ...user, schema: { ...user.schema, attributes } }
    const body = { schemas: [USER], userName: 'bj' }
    expect(failure(() => acceptResource(strict, body, post))).toBe(
      'objectClassViolation: password is required',
    )
    expect(acceptResource(strict, body, { ...post, creates: false })).toEqual(body)
  })

  it('may be in the dialect of Entra where that is spoken', () => {
    const entra = {
      active: 'False',
      title: ['a'],
      emails: ['a@example.com', { value: 'b', primary: 'True' }],
      [ENTERPRISE]: { manager: 'm1' },
    }
    expect(accept(entra, { creates: true, entra: true })).toEqual({
      schemas: [USER, ENTERPRISE],
      userName: 'bj',
      active: false,
      title: 'a',
      emails: [{ value: 'a@example.com' }, { value: 'b', primary: true }],
      [ENTERPRISE]: { manager: { value: 'm1' } },
    })
    expect(failure(() => accept({ active: 'maybe' }, { creates: true, entra: true }))).toBe(
      'invalidAttributeSyntax: active: true or false expected',
    )
  })

  it.each([
    ['2025-01-31T09:30:00Z', true],
    ['2025-01-31T09:30:00', true],
    ['2025-01-31T09:30:00.123456+05:30', true],
    ['2025-01-31T24:00:00Z', true],
    ['2024-02-29T00:00:00Z', true],
    ['2025-02-29T00:00:00Z', false],
    ['2025-13-01T00:00:00Z', false],
    ['2025-01-31T24:00:01Z', false],
    ['2025-01-31T09:60:00Z', false],
    ['2025-01-31T09:30:00+15:00', false],
    ['2025-01-31 09:30:00Z', false],
    ['2025-01-31', false],
    ['', false],
  ])('has dates and times: %j is one: %s', (visit, valid) => {
    const run = () => accept({ [CUSTOM]: { visits: [visit] } })
    if (valid) expect(run()).toMatchObject({ [CUSTOM]: { visits: [visit] } })
    else expect(failure(run)).toMatch(/^invalidAttributeSyntax/)
  })
})

describe('a replaced resource', () => {
  const current = {
    schemas: [USER, CUSTOM],
    userName: 'bj',
    title: 'Boss',
    [CUSTOM]: { badge: 'B1', floor: 3 },
  }

  it('keeps immutable attributes that are not given, and no others', () => {
    expect(keepImmutable(user, current, { schemas: [USER], userName: 'bj' })).toEqual({
      schemas: [USER, CUSTOM],
      userName: 'bj',
      [CUSTOM]: { badge: 'B1' },
    })
  })

  it('may give them as they are, and for the first time', () => {
    const same = { schemas: [USER, CUSTOM], userName: 'bj', [CUSTOM]: { badge: 'b1', floor: 4 } }
    expect(keepImmutable(user, current, same)).toEqual(same)
    expect(keepImmutable(user, { schemas: [USER], userName: 'bj' }, same)).toEqual(same)
  })

  it('cannot change them', () => {
    const other = { schemas: [USER], userName: 'bj', [CUSTOM]: { badge: 'B2' } }
    expect(failure(() => keepImmutable(user, current, other))).toBe(
      `notModifiable: ${CUSTOM}:badge cannot be changed`,
    )
  })
})
