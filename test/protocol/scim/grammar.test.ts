/** The filter language (RFC 7644 3.4.2.2) as clients write it: what it selects, what is refused, and how. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  databases,
  ENTERPRISE,
  found,
  refusal,
  SEARCH,
  type Service,
  serveDemo,
  sqlite,
  USER,
} from './serving.js'

const MARK = 'grammar-'

/** Five users; in filters below they are told apart by the letter. */
const users = {
  a: {
    title: 'Tour Guide',
    userType: 'Employee',
    active: true,
    name: { givenName: 'Ada', familyName: "O'Malley" },
    emails: [
      { type: 'work', value: 'ada@example.com', primary: true },
      { type: 'home', value: 'ada@example.org' },
    ],
    ims: [{ type: 'xmpp', value: 'ada@foo.com' }],
    addresses: [{ type: 'work', locality: 'Austin', country: 'US' }],
  },
  b: {
    userType: 'Employee',
    active: false,
    preferredLanguage: 'fr',
    name: { givenName: 'Bo', familyName: 'Brandt' },
    emails: [{ type: 'home', value: 'bo@example.com' }],
    addresses: [
      { type: 'home', locality: 'Austin', country: 'US' },
      { type: 'work', locality: 'Paris', country: 'FR' },
    ],
  },
  c: {
    title: 'Intern',
    userType: 'Intern',
    name: { givenName: 'Cy', familyName: 'brandt' },
    emails: [{ type: 'work', value: 'cy@example.net' }],
    [ENTERPRISE]: { department: 'Tours', costCenter: '100%' },
  },
  d: {
    displayName: 'tab\tand "quote" and back\\slash and \u00e9\u4e2d',
    [ENTERPRISE]: { department: 'Guides', costCenter: '1000' },
  },
  e: { nickName: 'not and or pr', title: 'eq "x"' },
} as const

type Letter = keyof typeof users
const letters = ['a', 'b', 'c', 'd', 'e'] as const

describe.each(databases)('filters and %s', (_name, create) => {
  let scim: Service
  const ids = new Map<string, Letter>()

  beforeAll(async () => {
    scim = await serveDemo(create)
    for (const letter of letters) {
      const { id } = await scim.user({ userName: `${MARK}${letter}`, ...users[letter] })
      ids.set(id, letter)
    }
  })
  afterAll(() => scim?.close())

  /** Which of the five a filter selects, as letters. */
  const chosen = async (filter: string) => {
    const all = await found(scim, '/Users', `(${filter}) and userName sw "${MARK}"`)
    return all
      .map((id) => ids.get(id))
      .sort()
      .join('')
  }

  it.each([
    ['userName eq "grammar-a"', 'a'],
    ['userName Eq "GRAMMAR-A"', 'a'],
    ['USERNAME EQ "Grammar-a"', 'a'],
    [`${USER}:userName eq "grammar-a"`, 'a'],
    [`${USER.toUpperCase()}:USERNAME sw "grammar-b"`, 'b'],
    ['userName ne "grammar-a"', 'bcde'],
    ['userName co "ammar-"', 'abcde'],
    ['userName ew "-c"', 'c'],
    ['userName sw ""', 'abcde'],
    ['userName eq ""', ''],
    [`name.familyName co "o'malley"`, 'a'],
    ['name.familyName eq "BRANDT"', 'bc'],
    ['title pr', 'ace'],
    ['not (title pr)', 'bd'],
    ['title eq null', 'bd'],
    ['title ne null', 'ace'],
    ['title ne "Intern"', 'abde'],
    ['active eq true', 'acde'],
    ['active eq FaLSe', 'b'],
    ['active ne true', 'b'],
    ['userName gt "grammar-c"', 'de'],
    ['userName ge "GRAMMAR-C"', 'cde'],
    ['userName lt "grammar-c"', 'ab'],
    ['userName le "grammar-c"', 'abc'],
    ['emails pr', 'abc'],
    ['emails co "example.com"', 'ab'],
    ['emails.value eq "ADA@EXAMPLE.ORG"', 'a'],
    ['emails.type eq "work"', 'ac'],
    ['emails.value ge "bo@example.com"', 'bc'],
    ['emails[type gt "home" and value lt "b"]', 'a'],
    ['emails[type eq "work"]', 'ac'],
    ['emails[not (type eq "work")]', 'ab'],
    ['not (emails[type eq "work"])', 'bde'],
    ['emails[type eq "work" and value co "@example.org"]', ''],
    ['emails.type eq "work" and emails.value co "@example.org"', 'a'],
    ['emails[primary eq true]', 'a'],
    ['emails[type eq "work"].value eq "ada@example.com"', 'a'],
    ['emails[type eq "home"].value sw "cy"', ''],
    [
      'emails[type eq "work" AND value co "@example.com"] OR ims[type eq "xmpp" and value co "@foo.com"]',
      'a',
    ],
    ['emails[(type eq "work" or type eq "home") and not (value ew ".org")]', 'abc'],
    ['addresses[locality eq "austin" and country eq "us"]', 'ab'],
    ['addresses[locality eq "Austin" and country eq "FR"]', ''],
    ['addresses[locality ne "Austin"]', 'b'],
    ['not(addresses[locality ne "Austin"])', 'acde'],
    ['addresses.country eq "FR"', 'b'],
    ['addresses.co eq "FR" or userName eq "grammar-a"', 'refused'],
    [`${ENTERPRISE}:department eq "tours"`, 'c'],
    [`${ENTERPRISE}:costCenter co "0%"`, 'c'],
    [`${ENTERPRISE}:costCenter ew "_0"`, ''],
    [`schemas eq "${ENTERPRISE}"`, 'cd'],
    ['preferredLanguage eq "FR"', 'b'],
    ['nickName eq "not and or pr"', 'e'],
    ['title eq "eq \\"x\\""', 'e'],
    ['displayName eq "tab\\tand \\"quote\\" and back\\\\slash and \\u00e9\\u4e2d"', 'd'],
    ['displayName co "\\/slash"', ''],
    ['meta.resourceType eq "User"', 'abcde'],
    ['meta.created gt "2011-05-13T04:42:34Z"', 'abcde'],
    ['meta.lastModified lt "2011-05-13T04:42:34.123456789+05:30"', ''],
    ['meta.lastModified ge "2011-05-13T04:42:34Z" and meta.lastModified pr', 'abcde'],
    ['title pr and userType eq "Employee"', 'a'],
    ['title pr or userType eq "Employee"', 'abce'],
    ['title pr or userType eq "Employee" and active eq false', 'abce'],
    ['(title pr or userType eq "Employee") and active eq false', 'b'],
    ['active eq false and userType eq "Employee" or title pr', 'abce'],
    ['not (title pr or active eq false) and userName pr', 'd'],
    ['not(title pr) and (userName pr)', 'bd'],
    [' title  pr  and  userType  eq  "Employee" ', 'a'],
    ['TITLE PR AND NOT (USERTYPE EQ "intern") AND USERNAME NE "test"', 'ae'],
    ['((((userName eq "grammar-a"))))', 'a'],
    ['not (not (userName eq "grammar-a"))', 'a'],
    ['userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")', 'ab'],
    ['userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")', 'cde'],
    ['userType eq "Employee" and emails[type eq "work" and value co "@example.com"]', 'a'],
  ] as const)('%s selects %s', async (filter, expected) => {
    if (expected === 'refused') {
      expect(await scim.get('/Users', { filter })).toMatchObject(refusal(400, 'invalidFilter'))
    } else expect(await chosen(filter)).toBe(expected)
  })

  it('says the same of random filters as their definition does', async () => {
    await fc.assert(
      fc.asyncProperty(condition, async ({ text, holds }) => {
        const expected = letters.filter((letter) => holds(letter)).join('')
        expect(await chosen(text), text).toBe(expected)
      }),
      { numRuns: 60 },
    )
  })
})

describe.each(sqlite)('filters that are none, and %s', (_name, create) => {
  let scim: Service

  beforeAll(async () => {
    scim = await serveDemo(create)
  })
  afterAll(() => scim?.close())

  it.each([
    '(',
    ')',
    '()',
    'foo',
    'userName',
    '( title pr ) eq ',
    'userName pr "bjensen"',
    'meta.lastModified lte "2011-05-13T04:42:34Z"',
    'userName eq',
    'userName eq ',
    'userName eq and title pr',
    'title pr and userType eq "Employee" eq',
    'title pr and active eq true eq',
    "userName eq 'bjensen'",
    'userName eq "bjensen',
    'userName eq "bjensen\\',
    'userName eq "bjensen\\"',
    'userName eq "\\a"',
    'userName eq bjensen',
    'userName eq bjensen@example.com',
    'userName co "\\ufe" or userName co "a"',
    'userName bad "john"',
    'userName "john"',
    'eq "john"',
    'userName eq ("john")',
    'userName eq ["john"]',
    'userName eq {}',
    '(userName eq "john"',
    'userName eq "john")',
    'userName eq "john" userName pr',
    'userName eq "john" "jack"',
    'userName pr and',
    'and userName pr',
    'userName pr or or title pr',
    'userName pr xor title pr',
    'userName pr && title pr',
    'and or',
    'not',
    'not ( and )',
    'not userName pr',
    'not not (userName pr)',
    'userName pr ()',
    '() userName pr',
    '(userName pr)()',
    '()(userName pr)',
    'emails[]',
    'userName[])',
    'userName pr[)',
    'emails[value pr',
    'emails[value pr]]',
    'emails[value pr)',
    'emails[emails[value pr]]',
    '[value eq "false"]',
    'emails [value pr]',
    'emails[type eq "work"].value',
    'userName[value eq "x"]',
    'name[userName eq "x"]',
    'emails.value.more eq "x"',
    'userName.value eq "x"',
    '.userName pr',
    'userName. pr',
    'user Name pr',
    'userName@x pr',
    'urn:example:nobody:1.0:User:userName pr',
    `${USER}: pr`,
    'noSuchAttribute eq "x"',
    'name.noSuchPart eq "x"',
    'emails[noSuchPart eq "x"]',
    'active eq "true"',
    'active gt true',
    'active co true',
    'userName eq 5',
    'userName eq true',
    'userName gt null',
    'title co null',
    'userName eq nul',
    'userName eq 1.',
    'userName eq -',
    'meta.created gt "yesterday"',
    'meta.created eq 5',
    'userName eq "a"; drop table users',
    '\u0000',
    'userName\u00a0eq "x"',
  ])('%j is refused', async (filter) => {
    const expected = refusal(400, 'invalidFilter')
    const answer = await scim.get('/Users', { filter })
    expect(answer).toMatchObject(expected)
    expect(answer.body.detail).toMatch(/./)
    expect(await scim.post('/Users/.search', { schemas: [SEARCH], filter })).toMatchObject(expected)
  })

  it('a secret is not to be found out', async () => {
    for (const filter of [
      'password pr',
      'password eq "hifalutin"',
      'password sw "{"',
      `${USER}:password co "a"`,
      'PASSWORD ge "a"',
      'not (password eq "x") and password pr',
    ]) {
      const { status, body } = await scim.get('/Users', { filter, count: 1 })
      expect(status === 400 || body.totalResults === 0, filter).toBe(true)
    }
    const sorted = await scim.get('/Users', { sortBy: 'password', count: 1 })
    expect([200, 400]).toContain(sorted.status)
    expect(sorted.text).not.toContain('SSHA')
  })

  it('an attribute of another type of resource selects nothing where several are searched', async () => {
    const root = await scim.post('/.search', {
      schemas: [SEARCH],
      filter: 'members pr or userName eq "bjensen"',
      attributes: ['id'],
    })
    expect(root.status).toBe(200)
    expect(root.body.totalResults).toBeGreaterThan(1)
    expect(await scim.get('/Users', { filter: 'members pr' })).toMatchObject(refusal(400, 'invalidFilter'))
  })
})

interface Condition {
  readonly text: string
  readonly holds: (letter: Letter) => boolean
}

/** A comparison, with the letters it holds for. */
const term = (text: string, selected: string): Condition => ({
  text,
  holds: (letter) => selected.includes(letter),
})

const terms = fc.constantFrom(
  term('title pr', 'ace'),
  term('userType eq "employee"', 'ab'),
  term('active eq false', 'b'),
  term('emails.type eq "work"', 'ac'),
  term('emails[type eq "home" and value co "example"]', 'ab'),
  term('name.familyName sw "BRA"', 'bc'),
  term('nickName eq "not and or pr"', 'e'),
  term(`${ENTERPRISE}:department pr`, 'cd'),
  term('addresses[locality eq "Paris"]', 'b'),
  term('title ne "Intern"', 'abde'),
  term('userName ge "grammar-d"', 'de'),
)

const keyword = (word: string) => fc.constantFrom(word, word.toUpperCase(), ` ${word} `)

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    terms,
    fc.tuple(tie('condition'), keyword('and'), tie('condition')).map(
      ([left, word, right]): Condition => ({
        text: `(${left.text}) ${word} (${right.text})`,
        holds: (letter) => left.holds(letter) && right.holds(letter),
      }),
    ),
    fc.tuple(tie('condition'), keyword('or'), tie('condition')).map(
      ([left, word, right]): Condition => ({
        text: `(${left.text}) ${word} (${right.text})`,
        holds: (letter) => left.holds(letter) || right.holds(letter),
      }),
    ),
    fc.tuple(tie('condition'), keyword('not')).map(
      ([inner, word]): Condition => ({
        text: `${word.trim()} (${inner.text})`,
        holds: (letter) => !inner.holds(letter),
      }),
    ),
    fc.tuple(terms, terms, terms).map(
      ([one, two, three]): Condition => ({
        text: `(${one.text} or ${two.text} and ${three.text})`,
        holds: (letter) => one.holds(letter) || (two.holds(letter) && three.holds(letter)),
      }),
    ),
  ),
}))
