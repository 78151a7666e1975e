import { describe, expect, it } from 'vitest'
import { Ref } from '../../../../src/model/value.js'
import { BASE, CUSTOM, ENTERPRISE_USER, entryOf, groups, people, represented, USER } from './views.js'

const users = represented(people)
const full = entryOf('people', 1, {
  uid: ['alice'],
  cn: ['Alice Liddell'],
  sn: ['Liddell'],
  givenName: ['Alice'],
  title: ['Dr.'],
  mail: ['alice@example.com'],
  departmentNumber: ['R&D'],
  manager: [new Ref('people', ['bob'], '2', 'Bob')],
  createTimestamp: [new Date(0)],
  [`${USER}:externalId`]: ['ext'],
  [`${CUSTOM}:picture`]: [Uint8Array.of(0)],
  [`${CUSTOM}:pin`]: ['x'],
  [`${CUSTOM}:floor`]: [3],
})

/** The names of what is shown, those in objects behind a dot. */
function shown(attributes?: string, excludedAttributes?: string): string[] {
  const rendered = users.select({ attributes, excludedAttributes }).resource(full, BASE) ?? {}
  const names = (object: object, prefix: string): string[] =>
    Object.entries(object).flatMap(([name, value]) => {
      const inner = Array.isArray(value) ? value[0] : value
      return inner !== null && typeof inner === 'object'
        ? names(inner, `${prefix}${name}.`)
        : [`${prefix}${name}`]
    })
  return names(rendered, '').map((name) =>
    name.replace(ENTERPRISE_USER, 'enterprise').replace(CUSTOM, 'custom'),
  )
}

describe('attributes', () => {
  it('are shown besides what is always shown', () => {
    expect(shown('userName')).toEqual(['schemas', 'id', 'userName', 'custom.pin'])
  })

  it('are named in any case, behind their URN or without it, as sub-attributes or whole', () => {
    const always = ['schemas', 'id']
    const pin = ['custom.pin']
    expect(shown('NAME.familyname')).toEqual([...always, 'name.familyName', ...pin])
    expect(shown(`${USER.toUpperCase()}:Name.familyName , title`)).toEqual([
      ...always,
      'name.familyName',
      'title',
      ...pin,
    ])
    expect(shown('emails.value')).toEqual([...always, 'emails.value', ...pin])
    expect(shown('name.givenName,name')).toEqual([
      ...always,
      ...['formatted', 'familyName', 'givenName'].map((n) => `name.${n}`),
      ...pin,
    ])
    expect(shown(`${ENTERPRISE_USER}:manager.displayName`)).toEqual([
      ...always,
      'enterprise.manager.displayName',
      ...pin,
    ])
    expect(shown('meta.created')).toEqual([...always, 'meta.created', ...pin])
    expect(shown('externalId')).toEqual([...always, 'externalId', ...pin])
  })

  it('are all of a schema where its URN is named', () => {
    expect(shown(ENTERPRISE_USER)).toEqual([
      'schemas',
      'id',
      'enterprise.department',
      ...['value', '$ref', 'displayName'].map((n) => `enterprise.manager.${n}`),
      'custom.pin',
    ])
    expect(shown(CUSTOM)).toEqual(['schemas', 'id', 'custom.floor', 'custom.pin'])
  })

  it('that are unknown, or of an extension without its URN, are passed over', () => {
    expect(shown('nickName,nobody,department,a[b],.,urn:x:y,__proto__,constructor')).toEqual([
      'schemas',
      'id',
      'custom.pin',
    ])
  })

  it('that are shown on request are shown on request only', () => {
    expect(shown()).not.toContain('custom.picture')
    expect(shown(`${CUSTOM}:picture`)).toContain('custom.picture')
  })

  it('are fetched as far as they are shown, and no further', () => {
    expect([...users.select({ attributes: 'name.familyName,emails.type' }).attributes].sort()).toEqual(
      [`${CUSTOM}:pin`, 'mail', 'sn'].sort(),
    )
    expect(users.select({ attributes: 'meta' }).attributes).toContain('createTimestamp')
    expect(users.select({ attributes: 'meta.location' }).attributes).not.toContain('createTimestamp')
  })
})

describe('excluded attributes', () => {
  it('are left out of what is shown otherwise', () => {
    expect(shown('', 'name.formatted,emails.type,meta.location,externalId')).toEqual([
      'schemas',
      'id',
      'meta.resourceType',
      'meta.created',
      'userName',
      'name.familyName',
      'name.givenName',
      'title',
      'emails.value',
      'emails.primary',
      'enterprise.department',
      ...['value', '$ref', 'displayName'].map((n) => `enterprise.manager.${n}`),
      'custom.floor',
      'custom.pin',
    ])
    expect(shown('', `meta,name,emails,${ENTERPRISE_USER},${CUSTOM}`)).toEqual([
      'schemas',
      'id',
      'externalId',
      'userName',
      'title',
      'custom.pin',
    ])
  })

  it('never are id, schemas and what else is always shown', () => {
    expect(shown('', `id,schemas,${CUSTOM}:pin,userName`)).toEqual(
      expect.arrayContaining(['id', 'schemas', 'custom.pin']),
    )
  })

  it('are left out of what is asked for too', () => {
    expect(shown('name', 'name.formatted')).toEqual([
      'schemas',
      'id',
      'name.familyName',
      'name.givenName',
      'custom.pin',
    ])
  })

  it('with all their sub-attributes are gone', () => {
    expect(shown('title,name', 'name.formatted,name.familyName,name.givenName')).toEqual([
      'schemas',
      'id',
      'title',
      'custom.pin',
    ])
  })
})

describe('displays', () => {
  const staff = represented(groups)

  it('are fetched only where they are shown', () => {
    expect(staff.select({}).displays).toBe(true)
    expect(staff.select({ attributes: 'members.display' }).displays).toBe(true)
    expect(staff.select({ attributes: 'members.value' }).displays).toBe(false)
    expect(staff.select({ excludedAttributes: 'members' }).displays).toBe(false)
    expect(users.select({ attributes: `${ENTERPRISE_USER}:manager` }).displays).toBe(true)
  })

  it('can be done without', () => {
    const selection = staff.select({ withoutDisplays: true })
    const entry = entryOf('groups', 7, { cn: ['staff'], member: [new Ref('people', ['a'], '1', 'Alice')] })
    expect(selection.displays).toBe(false)
    expect(JSON.stringify(selection.resource(entry, BASE))).not.toContain('Alice')
  })
})

describe('selections', () => {
  it('of lists that are far too long are refused', () => {
    expect(() => users.select({ attributes: 'x,'.repeat(30_000) })).toThrow(
      expect.objectContaining({ code: 'protocolError' }),
    )
  })

  it('are made once for a text', () => {
    expect(users.select({ attributes: 'title' })).toBe(users.select({ attributes: 'title' }))
    expect(users.select({ attributes: 'title' })).not.toBe(users.select({ excludedAttributes: 'title' }))
  })

  it('of what is stored can be of some attributes only', () => {
    const some = users.stored([
      { attribute: 'NAME', sub: 'x' },
      { schema: CUSTOM, attribute: 'floor' },
    ])
    expect([...some.attributes].sort()).toEqual([`${CUSTOM}:floor`, 'givenName', 'sn', 'cn'].sort())
    expect(users.stored().attributes).toContain(`${CUSTOM}:picture`)
    expect(users.stored().attributes).not.toContain('memberOf')
  })
})
