/** Paths as they stand in `attributes`, `sortBy` and PATCH operations. */
import { describe, expect, it } from 'vitest'
import { formatPath, parsePatchPath, parsePath } from '../../../src/scim/path.js'
import { failure } from '../frontends/scim/failing.js'

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

describe('a path', () => {
  it.each([
    ['userName', { attribute: 'userName' }],
    ['name.familyName', { attribute: 'name', sub: 'familyName' }],
    ['members.$ref', { attribute: 'members', sub: '$ref' }],
    [`${ENTERPRISE}:employeeNumber`, { schema: ENTERPRISE, attribute: 'employeeNumber' }],
    [`${ENTERPRISE}:manager.displayName`, { schema: ENTERPRISE, attribute: 'manager', sub: 'displayName' }],
    [ENTERPRISE, { schema: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0', attribute: 'User' }],
  ])('%s', (text, path) => {
    expect(parsePath(text)).toEqual(path)
    expect(parsePath(` ${text} `)).toEqual(path)
    expect(parsePatchPath(text)).toEqual(path)
    expect(formatPath(parsePath(text))).toBe(text)
  })

  it.each([
    '',
    ' ',
    'a b',
    'a.b.c',
    'a.',
    '.a',
    'a..b',
    '1a',
    'urn:x:',
    'urn:x:a.b.c',
    ':a',
    'a"b',
    'é',
    'a[',
    '__proto__',
  ])('is not %j', (text) => {
    expect(failure(() => parsePath(text))).toMatch(
      /^undefinedAttributeType: .* expected at (position \d+|the end)$/,
    )
  })

  it('is not longer than a thousand characters', () => {
    expect(parsePath('a'.repeat(1000))).toEqual({ attribute: 'a'.repeat(1000) })
    const long = 'a'.repeat(1001)
    expect(failure(() => parsePath(long))).toBe('undefinedAttributeType: an attribute expected at position 1')
    expect(failure(() => parsePatchPath(`${long}[a pr]`))).toBe(
      'undefinedAttributeType: an attribute expected at position 1',
    )
    expect(failure(() => parsePath(' '.repeat(100_001)))).toBe(
      'undefinedAttributeType: longer than 100000 characters',
    )
  })
})

describe('a path of PATCH', () => {
  const work = { op: 'eq', path: { attribute: 'type' }, value: 'work' }

  it.each([
    ['emails[type eq "work"]', { attribute: 'emails', filter: work }],
    ['emails[type eq "work"].value', { attribute: 'emails', filter: work, sub: 'value' }],
    [
      'urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq "work"].value',
      {
        schema: 'urn:ietf:params:scim:schemas:core:2.0:User',
        attribute: 'emails',
        filter: work,
        sub: 'value',
      },
    ],
    [
      'phoneNumbers[(not(type ge "home") and value ew "9") and display ne null or primary eq null]',
      {
        attribute: 'phoneNumbers',
        filter: {
          op: 'or',
          of: [
            {
              op: 'and',
              of: [
                {
                  op: 'and',
                  of: [
                    { op: 'not', of: { op: 'ge', path: { attribute: 'type' }, value: 'home' } },
                    { op: 'ew', path: { attribute: 'value' }, value: '9' },
                  ],
                },
                { op: 'ne', path: { attribute: 'display' }, value: null },
              ],
            },
            { op: 'eq', path: { attribute: 'primary' }, value: null },
          ],
        },
      },
    ],
    [
      'members[value eq "a]b[c"]',
      { attribute: 'members', filter: { ...work, path: { attribute: 'value' }, value: 'a]b[c' } },
    ],
  ])('%s', (text, path) => {
    expect(parsePatchPath(text)).toEqual(path)
  })

  it.each([
    ['emails[type eq "work"', 'filterError: "]" expected at the end'],
    ['emails[type]', 'filterError: a space expected at position 12'],
    ['emails[]', 'filterError: an attribute expected at position 8'],
    ['emails[a[b pr]]', 'filterError: an operator expected at position 9'],
    ['emails[type pr]value', 'undefinedAttributeType: the end expected at position 16'],
    ['emails[type pr].', 'undefinedAttributeType: the name of a sub-attribute expected at the end'],
    ['emails[type pr].a.b', 'undefinedAttributeType: the name of a sub-attribute expected at position 17'],
    ['emails[type pr][type pr]', 'undefinedAttributeType: the end expected at position 16'],
    [
      'emails.value[type pr]',
      'undefinedAttributeType: no filter behind a sub-attribute expected at position 13',
    ],
    ['emails [type pr]', 'undefinedAttributeType: "[" expected at position 7'],
    ['[type pr]', 'undefinedAttributeType: an attribute expected at position 1'],
    [`emails[${'('.repeat(50_000)}`, 'filterError: nested more than 100 deep'],
  ])('is not %.40j', (text, message) => {
    expect(failure(() => parsePatchPath(text))).toBe(message)
  })
})
