import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../../src/model/entry.js'
import { VitrineError } from '../../../../src/model/errors.js'
import { FALSE, type Filter, TRUE } from '../../../../src/model/filter.js'
import { match } from '../../../../src/model/match.js'
import { Ref } from '../../../../src/model/value.js'
import { parseFilter } from '../../../../src/scim/filter.js'
import type { Unknown } from '../../../../src/scim/representation/representation.js'
import {
  BASE,
  CUSTOM,
  declared,
  ENTERPRISE_USER,
  entryOf,
  GROUP,
  groups,
  idOf,
  matchingOf,
  people,
  represented,
  textKeys,
  USER,
} from './views.js'

const users = represented(people)
const staff = represented(groups)

const of = (text: string, unknown: Unknown = 'refuse', representation = users) =>
  representation.question(parseFilter(text), unknown)
const filter = (text: string, unknown: Unknown = 'refuse'): Filter => of(text, unknown).filter
const inGroups = (text: string): Filter => of(text, 'refuse', staff).filter

const entries: readonly Entry[] = [
  entryOf('people', 1, {
    uid: ['alice'],
    sn: ['Liddell'],
    mail: ['alice@example.com'],
    telephoneNumber: ['555-1'],
    mobile: ['555-2'],
    [`${USER}:externalId`]: ['Ext'],
    [`${USER}:active`]: [true],
    [`${USER}:photos`]: [
      { value: 'https://x/a.png', type: 'photo', primary: true },
      { value: 'https://x/b.png', type: 'thumbnail' },
    ],
    [`${USER}:addresses`]: [{ locality: 'Bern', type: 'work' }, { locality: 'Basel' }],
    [`${USER}:roles`]: [{ value: 'admin' }, { value: 'owner', type: 'work' }],
    departmentNumber: ['R&D'],
    manager: [new Ref('people', ['bob'], '2')],
    createTimestamp: [new Date('2024-01-01T00:00:00Z')],
    [`${CUSTOM}:floor`]: [3],
    [`${CUSTOM}:tags`]: ['one', 'Two'],
    [`${CUSTOM}:visits`]: [new Date('2024-05-05T05:05:05.5Z')],
    [`${CUSTOM}:picture`]: [Uint8Array.of(1, 2, 3)],
    [`${CUSTOM}:contract.terms`]: ['strict'],
  }),
  entryOf('people', 2, { uid: ['bob'], [`${USER}:active`]: [false], mail: ['müller@example.com'] }),
]

/** Keys of the entries that the filter selects, as the directory would. */
function found(text: string): string[] {
  const { filter: asked, id } = of(text)
  return entries
    .filter((e) => (id === undefined || e.id === id) && match(asked, e, matchingOf) === true)
    .map((e) => e.id)
}

function failure(text: string, unknown: Unknown = 'refuse', representation = users): string {
  try {
    of(text, unknown, representation)
  } catch (error) {
    if (error instanceof VitrineError) return `${error.code}: ${error.safeMessage}`
    throw error
  }
  return 'none'
}

describe('filters on plain attributes', () => {
  it('ask the attribute that holds them', () => {
    expect(filter('userName eq "Alice"')).toEqual({ op: 'eq', attr: 'uid', value: 'Alice' })
    expect(filter(`${USER}:NAME.familyName sw "Lid"`)).toEqual({
      op: 'substring',
      attr: 'sn',
      initial: 'Lid',
      any: [],
    })
    expect(filter('name.familyName co "dd"')).toEqual({ op: 'substring', attr: 'sn', any: ['dd'] })
    expect(filter('name.familyName ew "ll"')).toEqual({
      op: 'substring',
      attr: 'sn',
      any: [],
      final: 'll',
    })
    expect(filter('active eq true')).toEqual({ op: 'eq', attr: `${USER}:active`, value: true })
    expect(filter(`${CUSTOM}:floor ge 3`)).toEqual({ op: 'ge', attr: `${CUSTOM}:floor`, value: 3 })
    expect(filter(`${ENTERPRISE_USER}:department pr`)).toEqual({ op: 'present', attr: 'departmentNumber' })
  })

  it('compare by the rules that LDAP compares by', () => {
    expect(found('userName eq "ALICE"')).toEqual(['1'])
    expect(found('externalId eq "ext"')).toEqual([])
    expect(found('externalId eq "Ext"')).toEqual(['1'])
    expect(found('externalId sw "E" and userName gt "alic" and userName lt "alicf"')).toEqual(['1'])
    expect(found(`${CUSTOM}:tags eq "two"`)).toEqual([])
    expect(found(`${CUSTOM}:tags.value eq "Two"`)).toEqual(['1'])
    expect(found(`${CUSTOM}:tags[value sw "o" or value sw "x"]`)).toEqual(['1'])
    expect(found(`${CUSTOM}:visits eq "2024-05-05T07:05:05.5+02:00"`)).toEqual(['1'])
    expect(found(`${CUSTOM}:picture eq "AQID"`)).toEqual(['1'])
  })

  it('order text that its own rules do not', () => {
    expect(filter('userName ge "b"')).toEqual({
      op: 'ge',
      attr: 'uid',
      value: 'b',
      rule: 'caseIgnoreOrderingMatch',
    })
    expect(filter('externalId lt "b"')).toEqual({ op: 'lt', attr: `${USER}:externalId`, value: 'b' })
    expect(filter('meta.created gt "2023-01-01T00:00:00Z"')).toEqual({
      op: 'gt',
      attr: 'createTimestamp',
      value: new Date('2023-01-01T00:00:00Z'),
    })
  })

  it('take ne, null and pr as what there is and is not', () => {
    expect(found('userName ne "alice"')).toEqual(['2'])
    expect(found('name.familyName ne "Liddell"')).toEqual(['2'])
    expect(found('name.familyName eq null')).toEqual(['2'])
    expect(found('name.familyName ne null')).toEqual(['1'])
    expect(found('name pr')).toEqual(['1'])
    expect(found('not (name pr)')).toEqual(['2'])
    expect(failure('userName gt null')).toMatch(/^filterError/)
  })

  it('take an empty piece of text as one that everything contains', () => {
    expect(filter('userName co ""')).toEqual({ op: 'present', attr: 'uid' })
    expect(filter('userName eq ""')).toEqual(FALSE)
  })

  it('find what is shown even where its LDAP syntax would not have it', () => {
    expect(found('emails.value eq "müller@example.com"')).toEqual(['2'])
    expect(found('emails eq "MÜLLER@example.com"')).toEqual([])
    expect(found('emails co "müller"')).toEqual(['2'])
  })

  it('go into a complex attribute by brackets, too', () => {
    expect(found('name[familyName eq "liddell" and not (givenName pr)]')).toEqual(['1'])
    expect(found(`${CUSTOM}:contract[terms eq "strict"]`)).toEqual(['1'])
  })

  it('with a thousand alternatives are one list', () => {
    const asked = filter(Array.from({ length: 1000 }, (_, i) => `userName eq "u${i}"`).join(' or '))
    expect(asked).toMatchObject({ op: 'or' })
    expect('of' in asked && Array.isArray(asked.of) && asked.of.length).toBe(1000)
  })
})

describe('what cannot be asked', () => {
  it.each([
    'active gt true',
    'active co "t"',
    'active eq "true"',
    'userName eq 5',
    'userName eq true',
    `${CUSTOM}:floor eq "3"`,
    `${CUSTOM}:floor eq 3.5`,
    `${CUSTOM}:floor co "3"`,
    `${CUSTOM}:picture gt "AQID"`,
    `${CUSTOM}:picture eq "%"`,
    'meta.created gt "yesterday"',
    'meta.created sw "2024"',
    'name eq "x"',
    'meta eq "x"',
    'emails[value eq 5]',
    'emails.primary gt true',
    'addresses.locality eq 5',
    'title[value eq "x"]',
    'emails.value[value eq "x"]',
    `${ENTERPRISE_USER}:manager.displayName eq 5`,
    `${ENTERPRISE_USER} eq "x"`,
  ])('%s is no filter', (text) => {
    expect(failure(text)).toMatch(/^filterError: /)
  })

  it.each([
    'password eq "x"',
    'password pr',
    'x509Certificates.value eq "AQID"',
    'id gt "x"',
    'meta.version eq "x"',
    'groups.value co "x"',
    'profileUrl co "x"',
  ])('%s cannot be decided, and is false where it is asked of several types', (text) => {
    expect(failure(text)).toMatch(/^inappropriateMatching: /)
    expect(filter(text, 'false')).toEqual(FALSE)
  })

  it.each([
    'nobody eq "x"',
    'name.nobody eq "x"',
    'userName.value eq "x"',
    'emails.nobody pr',
    'emails[nobody eq "x"]',
    'emails[value.x eq "x"]',
    'department eq "x"',
    'urn:example:nothing:1.0:User:x eq "x"',
    'members.value eq "x"',
    `${ENTERPRISE_USER}:manager.nobody pr`,
    'groups[nobody pr]',
    'name[nobody pr]',
    'addresses.value eq "x"',
    'addresses eq "Bern"',
    'constructor.name eq "x"',
  ])('%s is of nothing known, and false where it is asked of several types', (text) => {
    expect(failure(text)).toMatch(/^filterError: there is no attribute /)
    expect(filter(text, 'false')).toEqual(FALSE)
  })

  it('is without a value where the standard knows it', () => {
    for (const text of [
      'nickName eq "x"',
      'nickName gt "x"',
      'name.middleName pr',
      'emails.display eq "x"',
      'emails[display pr]',
      'ims.value eq "x"',
      `${ENTERPRISE_USER}:costCenter eq "x"`,
      'addresses.country eq "CH"',
    ]) {
      expect(filter(text)).toEqual(FALSE)
    }
    expect(filter('nickName ne "x"')).toEqual(TRUE)
    expect(filter('nickName eq null')).toEqual(TRUE)
    expect(of('externalId pr', 'refuse', staff).filter).toEqual(FALSE)
    expect(of('meta.created pr', 'refuse', staff).filter).toEqual(FALSE)
  })
})

describe('filters on elements', () => {
  it('ask the attribute itself where no more than its value is asked', () => {
    const byMail: Filter = { op: 'eq', attr: 'mail', value: 'a@b' }
    expect(filter('emails eq "a@b"')).toEqual(byMail)
    expect(filter('emails.value eq "a@b"')).toEqual(byMail)
    expect(filter('emails[value eq "a@b"]')).toEqual(byMail)
    expect(filter('emails[type eq "work" and value eq "a@b"]')).toEqual(byMail)
    expect(filter('emails[type eq "WORK" and value eq "a@b" and primary eq true]')).toEqual(byMail)
    expect(filter('emails[type eq "home" and value eq "a@b"]')).toEqual(FALSE)
    expect(filter('emails[not (value eq "a@b")]')).toEqual({
      op: 'and',
      of: [
        { op: 'present', attr: 'mail' },
        { op: 'not', of: byMail },
      ],
    })
    expect(filter('emails.type eq "work"')).toEqual({ op: 'present', attr: 'mail' })
    expect(filter('emails.primary eq true')).toEqual({ op: 'present', attr: 'mail' })
    expect(filter('emails pr')).toEqual({ op: 'present', attr: 'mail' })
  })

  it('ask every store that it could be in', () => {
    expect(filter('phoneNumbers.value co "5"')).toEqual({
      op: 'or',
      of: [
        { op: 'substring', attr: 'telephoneNumber', any: ['5'] },
        { op: 'substring', attr: 'mobile', any: ['5'] },
      ],
    })
    expect(filter('phoneNumbers[type eq "mobile" and value co "5"]')).toEqual({
      op: 'substring',
      attr: 'mobile',
      any: ['5'],
    })
    expect(found('phoneNumbers[type eq "work" and value eq "555-2"]')).toEqual([])
    expect(found('phoneNumbers[type eq "mobile" and value eq "555-2"]')).toEqual(['1'])
    expect(found('phoneNumbers[not (type eq "mobile")]')).toEqual(['1'])
    expect(found('phoneNumbers[not (value pr)]')).toEqual([])
  })

  it('are satisfied by one element', () => {
    expect(filter('photos[type eq "photo" and value co "b.png"]')).toEqual({
      op: 'element',
      attr: `${USER}:photos`,
      of: {
        op: 'and',
        of: [
          { op: 'eq', attr: 'type', value: 'photo' },
          { op: 'substring', attr: 'value', any: ['b.png'] },
        ],
      },
    })
    expect(found('photos[type eq "photo" and value co "b.png"]')).toEqual([])
    expect(found('photos.type eq "photo" and photos.value co "b.png"')).toEqual(['1'])
    expect(found('photos[primary eq true and value co "a.png"]')).toEqual(['1'])
    expect(found('photos[type eq "thumbnail" and not (primary eq true)]')).toEqual(['1'])
    expect(found('addresses[locality eq "bern" and type eq "work"]')).toEqual(['1'])
    expect(found('addresses[locality eq "basel" and type pr]')).toEqual([])
    expect(found('addresses.locality sw "Ba" and addresses pr')).toEqual(['1'])
  })

  it('know the type that elements have where they have none of their own', () => {
    expect(found('roles[type eq "other" and value eq "admin"]')).toEqual(['1'])
    expect(found('roles[type eq "other" and value eq "owner"]')).toEqual([])
    expect(found('roles[type eq "work" and value eq "owner"]')).toEqual(['1'])
    expect(found('roles[not (type pr)]')).toEqual([])
  })
})

describe('filters on references', () => {
  it('ask for the entry behind an id', () => {
    const bob: Filter = { op: 'eq', attr: 'manager', value: new Ref('people', [], '2') }
    const manager = `${ENTERPRISE_USER}:manager`
    for (const text of [
      `${manager}.value eq "${idOf('people', 2)}"`,
      `${manager} eq "${idOf('people', 2)}"`,
      `${manager}[value eq "${idOf('people', 2)}"]`,
      `${manager}.$ref eq "${BASE}/Users/${idOf('people', 2)}"`,
    ]) {
      expect(filter(text)).toEqual(bob)
      expect(found(text)).toEqual(['1'])
    }
    expect(filter(`${manager}.value eq "nobody"`)).toEqual(FALSE)
    expect(filter(`${manager}.$ref eq "${BASE}/Groups/${idOf('people', 2)}"`)).toEqual(FALSE)
    expect(found(`${manager}[not (value eq "${idOf('people', 9)}")]`)).toEqual(['1'])
    expect(filter(`${manager}.value pr`)).toEqual({ op: 'present', attr: 'manager' })
    expect(inGroups(`members[value eq "${idOf('groups', 1)}" or value eq "${idOf('people', 1)}"]`)).toEqual({
      op: 'or',
      of: [
        { op: 'eq', attr: 'member', value: new Ref('groups', [], '1') },
        { op: 'eq', attr: 'member', value: new Ref('people', [], '1') },
      ],
    })
  })

  it('ask for what they are called and what they are', () => {
    expect(inGroups('members.display co "Al"')).toEqual({
      op: 'element',
      attr: 'member',
      of: { op: 'substring', attr: 'display', any: ['Al'] },
    })
    expect(inGroups(`members[value eq "${idOf('people', 1)}" and type eq "user"]`)).toEqual({
      op: 'element',
      attr: 'member',
      of: {
        op: 'and',
        of: [
          { op: 'eq', attr: 'value', value: new Ref('people', [], '1') },
          { op: 'eq', attr: 'type', value: 'User' },
        ],
      },
    })
    expect(inGroups('members.type co "r"')).toEqual({ op: 'present', attr: 'member' })
    expect(inGroups('members.type eq "Device"')).toEqual(FALSE)
    expect(filter('groups.type eq "direct"')).toEqual({ op: 'present', attr: 'memberOf' })
    expect(filter('groups.type eq "indirect"')).toEqual(FALSE)
  })

  it('by UUIDs that only the directory can look up are handed to it', () => {
    const uuid = 'AAAAAAAA-0000-4000-8000-000000000001'
    const own = represented(people, { handles: declared })
    const { filter: asked } = own.question(parseFilter(`groups.value eq "${uuid}"`), 'refuse')
    expect(asked).toEqual({
      op: 'eq',
      attr: 'memberOf',
      value: new Ref('groups', [], undefined, undefined, uuid.toLowerCase()),
    })
    expect(own.question(parseFilter('groups.value eq "x"'), 'refuse').filter).toEqual(FALSE)
    expect(own.question(parseFilter(`id eq "${uuid}"`), 'refuse')).toEqual({
      filter: { op: 'eq', attr: 'entryUUID', value: uuid },
    })
  })
})

describe('filters on what every resource has', () => {
  it('find an entry by its id', () => {
    expect(of(`id eq "${idOf('people', 1)}"`)).toEqual({ filter: TRUE, id: '1' })
    expect(of(`active eq true and ID eq "${idOf('people', 1)}"`)).toMatchObject({
      id: '1',
      filter: { attr: `${USER}:active` },
    })
    expect(found(`id eq "${idOf('people', 1)}" or id eq "${idOf('people', 2)}"`)).toEqual(['1', '2'])
    expect(found(`id ne "${idOf('people', 1)}"`)).toEqual(['2'])
    expect(found('id eq "nothing" and userName pr')).toEqual([])
    expect(found('id pr')).toEqual(['1', '2'])
    expect(found(`meta.location eq "${BASE}/Users/${idOf('people', 2)}"`)).toEqual(['2'])
  })

  it('find a key that no UUID can hold', () => {
    const odd = represented(people, { handles: textKeys })
    expect(odd.question(parseFilter('id eq "anything"'), 'refuse')).toEqual({ filter: TRUE, id: 'anything' })
    expect(odd.question(parseFilter('id eq "anything" or not (id eq "b")'), 'refuse')).toEqual({
      filter: {
        op: 'or',
        of: [
          { op: 'key', id: 'anything' },
          { op: 'not', of: { op: 'key', id: 'b' } },
        ],
      },
    })
  })

  it('know the resource type and the schemas', () => {
    expect(filter('meta.resourceType eq "User"')).toEqual(TRUE)
    expect(filter('meta.resourceType eq "Group"')).toEqual(FALSE)
    expect(filter('meta[resourceType eq "User" and location pr]')).toEqual(TRUE)
    expect(filter(`schemas eq "${USER}"`)).toEqual(TRUE)
    expect(filter(`schemas eq "${GROUP}"`)).toEqual(FALSE)
    expect(filter('schemas pr')).toEqual(TRUE)
    const enterprise: Filter = {
      op: 'or',
      of: [
        { op: 'present', attr: 'departmentNumber' },
        { op: 'present', attr: 'manager' },
      ],
    }
    expect(filter(`schemas eq "${ENTERPRISE_USER}"`)).toEqual(enterprise)
    expect(filter(`${ENTERPRISE_USER} pr`)).toEqual(enterprise)
    expect(filter(`${USER} pr`)).toEqual(TRUE)
  })
})
