/** Filters as RFC 7644 3.4.2.2 has them: what they mean, what is refused, and that no text costs much. */
import { describe, expect, it } from 'vitest'
import { parseFilter } from '../../../src/scim/filter.js'
import type { ScimComparison, ScimFilter } from '../../../src/scim/filter-ast.js'
import { failure } from '../frontends/scim/failing.js'

type Literal = string | number | boolean | null

const compare = (op: ScimComparison, attribute: string, value: Literal, sub?: string): ScimFilter => ({
  op,
  path: { attribute, ...(sub === undefined ? undefined : { sub }) },
  value,
})
const eq = (attribute: string, value: Literal, sub?: string) => compare('eq', attribute, value, sub)
const pr = (attribute: string, sub?: string): ScimFilter => ({
  op: 'pr',
  path: { attribute, ...(sub === undefined ? undefined : { sub }) },
})
const and = (...of: readonly ScimFilter[]): ScimFilter => ({ op: 'and', of })
const or = (...of: readonly ScimFilter[]): ScimFilter => ({ op: 'or', of })
const not = (of: ScimFilter): ScimFilter => ({ op: 'not', of })
const element = (attribute: string, of: ScimFilter): ScimFilter => ({
  op: 'element',
  path: { attribute },
  of,
})

const accepted: readonly (readonly [string, ScimFilter])[] = [
  // The examples of RFC 7644 figure 2.
  ['userName eq "bjensen"', eq('userName', 'bjensen')],
  ['name.familyName co "O\'Malley"', compare('co', 'name', "O'Malley", 'familyName')],
  ['userName sw "J"', compare('sw', 'userName', 'J')],
  [
    'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"',
    {
      op: 'sw',
      path: { schema: 'urn:ietf:params:scim:schemas:core:2.0:User', attribute: 'userName' },
      value: 'J',
    },
  ],
  ['title pr', pr('title')],
  [
    'meta.lastModified gt "2011-05-13T04:42:34Z"',
    compare('gt', 'meta', '2011-05-13T04:42:34Z', 'lastModified'),
  ],
  ['title pr and userType eq "Employee"', and(pr('title'), eq('userType', 'Employee'))],
  ['title pr or userType eq "Intern"', or(pr('title'), eq('userType', 'Intern'))],
  [
    'schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"',
    eq('schemas', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'),
  ],
  [
    'userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")',
    and(
      eq('userType', 'Employee'),
      or(compare('co', 'emails', 'example.com'), compare('co', 'emails', 'example.org', 'value')),
    ),
  ],
  [
    'userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")',
    and(
      compare('ne', 'userType', 'Employee'),
      not(or(compare('co', 'emails', 'example.com'), compare('co', 'emails', 'example.org', 'value'))),
    ),
  ],
  [
    'userType eq "Employee" and (emails.type eq "work")',
    and(eq('userType', 'Employee'), eq('emails', 'work', 'type')),
  ],
  [
    'userType eq "Employee" and emails[type eq "work" and value co "@example.com"]',
    and(
      eq('userType', 'Employee'),
      element('emails', and(eq('type', 'work'), compare('co', 'value', '@example.com'))),
    ),
  ],
  [
    'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
    or(
      element('emails', and(eq('type', 'work'), compare('co', 'value', '@example.com'))),
      element('ims', and(eq('type', 'xmpp'), compare('co', 'value', '@foo.com'))),
    ),
  ],
  // Precedence: not before and before or.
  ['a pr or b pr and c pr', or(pr('a'), and(pr('b'), pr('c')))],
  ['a pr and b pr or c pr', or(and(pr('a'), pr('b')), pr('c'))],
  ['a pr and (b pr or c pr)', and(pr('a'), or(pr('b'), pr('c')))],
  ['not (a pr) and b pr', and(not(pr('a')), pr('b'))],
  ['not(a pr)or not (b pr)', or(not(pr('a')), not(pr('b')))],
  ['NOT (not (a pr))', not(not(pr('a')))],
  ['((a pr))', pr('a')],
  ['(a pr)and(b pr)', and(pr('a'), pr('b'))],
  ['(a pr and b pr) and c pr', and(and(pr('a'), pr('b')), pr('c'))],
  // Inside an element.
  ['emails[not (type eq "work")]', element('emails', not(eq('type', 'work')))],
  ['emails[(a pr or b pr) and not(c pr)]', element('emails', and(or(pr('a'), pr('b')), not(pr('c'))))],
  ['not (emails[primary eq true])', not(element('emails', eq('primary', true)))],
  ['emails[ type pr ]', element('emails', pr('type'))],
  ['emails[type eq "work"].value eq "x"', element('emails', and(eq('type', 'work'), eq('value', 'x')))],
  [
    'addresses[type eq "work" or type eq "home"].locality pr and a pr',
    and(element('addresses', and(or(eq('type', 'work'), eq('type', 'home')), pr('locality'))), pr('a')),
  ],
  // Spelling.
  ['userName EQ "x" AND title Pr OR a pR', or(and(eq('userName', 'x'), pr('title')), pr('a'))],
  ['  userName\teq\r\n  "x"   ', eq('userName', 'x')],
  [
    'active eq TRUE and a eq False and b ne NULL',
    and(eq('active', true), eq('a', false), compare('ne', 'b', null)),
  ],
  ['$ref eq "x" and a-b_c eq 1', and(eq('$ref', 'x'), eq('a-b_c', 1))],
  ['members.$ref sw "https"', compare('sw', 'members', 'https', '$ref')],
  // Operators and literals are names too where a name must stand.
  ['and eq "x" and or pr or not eq 1', or(and(eq('and', 'x'), pr('or')), eq('not', 1))],
  ['not pr', pr('not')],
  ['pr pr', pr('pr')],
  ['eq eq "eq"', eq('eq', 'eq')],
  ['true eq true', eq('true', true)],
  ['not[and pr]', element('not', pr('and'))],
  // URNs with dots, digits and colons, in any case.
  [
    'URN:ietf:params:scim:schemas:extension:Enterprise:2.0:user:manager.displayName eq "x"',
    {
      op: 'eq',
      path: {
        schema: 'URN:ietf:params:scim:schemas:extension:Enterprise:2.0:user',
        attribute: 'manager',
        sub: 'displayName',
      },
      value: 'x',
    },
  ],
  [
    'urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq "work"]',
    {
      op: 'element',
      path: { schema: 'urn:ietf:params:scim:schemas:core:2.0:User', attribute: 'emails' },
      of: eq('type', 'work'),
    },
  ],
  [
    'https://example.com/schemas/v1.2/Thing:size gt 3',
    { op: 'gt', path: { schema: 'https://example.com/schemas/v1.2/Thing', attribute: 'size' }, value: 3 },
  ],
]

describe('a filter', () => {
  it.each(accepted)('%s', (text, filter) => {
    expect(parseFilter(text)).toEqual(filter)
  })

  it.each<readonly [string, Literal]>([
    ['""', ''],
    ['"a b"', 'a b'],
    ['"\\"quoted\\" \\\\ \\/"', '"quoted" \\ /'],
    ['"\\b\\f\\n\\r\\t"', '\b\f\n\r\t'],
    ['"\\u0041\\u00e9"', 'Aé'],
    ['"\\ud83d\\ude00"', '😀'],
    ['"😀 ü"', '😀 ü'],
    ['") or (a pr]"', ') or (a pr]'],
    ['"\u007f\u2028"', '\u007f\u2028'],
    ['0', 0],
    ['-0.5', -0.5],
    ['12.25', 12.25],
    ['1e3', 1000],
    ['1.5E-2', 0.015],
    ['2E+2', 200],
  ])('has the value %s', (text, value) => {
    expect(parseFilter(`a eq ${text}`)).toEqual(eq('a', value))
    expect(parseFilter(`(b[a eq ${text}])`)).toEqual(element('b', eq('a', value)))
  })

  const operator = 'an operator (eq, ne, co, sw, ew, gt, ge, lt, le or pr)'
  const value = 'a value (string, number, true, false or null)'
  const connective = '"and", "or" or the end'

  it.each([
    ['', 'an attribute expected at the end'],
    ['   ', 'an attribute expected at the end'],
    ['userName', 'a space expected at the end'],
    ['userName ', `${operator} expected at the end`],
    ['userName eq', 'a space expected at the end'],
    ['userName eq ', `${value} expected at the end`],
    ['userName eq bjensen', `${value} expected at position 13`],
    ["userName eq 'bjensen'", `${value} expected at position 13`],
    ['userName eq"x"', 'a space expected at position 12'],
    ['userName = "x"', `${operator} expected at position 10`],
    ['userName == "x"', `${operator} expected at position 10`],
    ['userName regex "x"', `${operator} expected at position 10`],
    ['userName[', 'an attribute expected at the end'],
    ['userName eq "x" and', 'a space expected at the end'],
    ['userName eq "x" and ', 'an attribute expected at the end'],
    ['userName eq "x" xor a pr', `${connective} expected at position 17`],
    ['userName eq "x" a pr', `${connective} expected at position 17`],
    ['userName eq "x"and a pr', `${connective} expected at position 16`],
    ['userName eq "x" && a pr', `${connective} expected at position 17`],
    ['and a pr', `${operator} expected at position 5`],
    ['a pr "x"', `${connective} expected at position 6`],
    ['a eq "x" "y"', `${connective} expected at position 10`],
    ['a eq 1 2', `${connective} expected at position 8`],
    ['not a pr', `${operator} expected at position 5`],
    ['not ()', 'an attribute expected at position 6'],
    ['()', 'an attribute expected at position 2'],
    ['(a pr', '")" expected at the end'],
    ['a pr)', 'the end expected at position 5'],
    ['(a pr]', '")" expected at position 6'],
    ['emails[type eq "work"', '"]" expected at the end'],
    ['emails[type eq "work")', '"]" expected at position 22'],
    ['emails[]', 'an attribute expected at position 8'],
    ['emails [type pr]', `${operator} expected at position 8`],
    ['emails[type pr] pr', `${connective} expected at position 17`],
    ['emails[type pr]x', `${connective} expected at position 16`],
    ['emails[type pr].', 'the name of a sub-attribute expected at the end'],
    ['emails[type pr].value', 'a space expected at the end'],
    ['emails[a[b pr]]', 'an operator expected at position 9'],
    ['.a pr', 'an attribute expected at position 1'],
    ['a. pr', 'an attribute expected at position 1'],
    ['a.b.c pr', 'an attribute expected at position 1'],
    ['1a pr', 'an attribute expected at position 1'],
    ['-a pr', 'an attribute expected at position 1'],
    ['ä pr', 'an attribute expected at position 1'],
    ['a/b pr', 'an attribute expected at position 1'],
    [':a pr', 'an attribute expected at position 1'],
    ['urn:x: pr', 'an attribute expected at position 1'],
    ['"a" pr', 'an attribute expected at position 1'],
    ['a eq "x', 'the end of the string expected at the end'],
    ['a eq "x\\', 'the end of the string expected at the end'],
    ['a eq "x\ny"', 'the end of the string expected at position 8'],
    ['a eq "\\x"', 'a valid JSON string expected at position 6'],
    ['a eq "\\u12"', 'a valid JSON string expected at position 6'],
    ['a eq "\\ud83d"', 'a valid JSON string expected at position 6'],
    ['a eq "\\ude00\\ud83d"', 'a valid JSON string expected at position 6'],
    ['a eq 007', `${value} expected at position 6`],
    ['a eq 1.', `${value} expected at position 6`],
    ['a eq .5', `${value} expected at position 6`],
    ['a eq +1', `${value} expected at position 6`],
    ['a eq 0x10', `${value} expected at position 6`],
    ['a eq 1e999', `${value} expected at position 6`],
    ['a eq NaN', `${value} expected at position 6`],
    ['a eq undefined', `${value} expected at position 6`],
    ['a eq [1]', `${value} expected at position 6`],
    ['a eq (b pr)', `${value} expected at position 6`],
  ])('is not %j', (text, message) => {
    expect(failure(() => parseFilter(text))).toBe(`filterError: ${message}`)
  })

  it('may ask for a thousand values', () => {
    const terms = Array.from({ length: 1000 }, (_, i) => eq('id', String(i)))
    expect(parseFilter(terms.map((_, i) => `id eq "${i}"`).join(' or '))).toEqual(or(...terms))
  })

  it('may be nested a hundred deep', () => {
    const nested = (depth: number) => `${'not ('.repeat(depth)}a pr${')'.repeat(depth)}`
    let filter = parseFilter(nested(100))
    for (let depth = 0; depth < 100; depth++) {
      if (filter.op !== 'not') throw new Error('not nested')
      filter = filter.of
    }
    expect(filter).toEqual(pr('a'))
    expect(failure(() => parseFilter(nested(101)))).toBe('filterError: nested more than 100 deep')
  })

  it.each([
    ['not(', 'not('.repeat(20_000), 'nested more than 100 deep'],
    ['not(, longer', 'not('.repeat(50_000), 'longer than 100000 characters'],
    ['(', '('.repeat(50_000), 'nested more than 100 deep'],
    ['a[', 'a['.repeat(50_000), 'an operator expected at position 4'],
    ['terms', 'a pr or '.repeat(12_000), 'more than 5000 terms'],
    ['a million characters', 'a'.repeat(1_000_000), 'longer than 100000 characters'],
    ['a long name', 'a'.repeat(100_000), 'an attribute expected at position 1'],
    ['a long path', 'a.'.repeat(50_000), 'an attribute expected at position 1'],
    ['a long URN', 'a:'.repeat(50_000), 'an attribute expected at position 1'],
    ['a long number', `a eq ${'1'.repeat(99_000)}`, `${value} expected at position 6`],
    ['a long string', `a eq "${'\\'.repeat(99_000)}`, 'the end of the string expected at the end'],
    ['spaces', ' '.repeat(100_000), 'an attribute expected at the end'],
  ])('is refused at once: %s', (_, text, message) => {
    const start = performance.now()
    expect(failure(() => parseFilter(text))).toBe(`filterError: ${message}`)
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})
