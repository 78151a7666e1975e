/** Which elements a value filter of PATCH selects. */
import { describe, expect, it } from 'vitest'
import { elementTest } from '../../../../src/frontends/scim/evaluate.js'
import { attribute, complex, text } from '../../../../src/schema/scim/attribute.js'
import { parseFilter } from '../../../../src/scim/filter.js'
import type { Json } from '../../../../src/scim/json.js'
import { failure } from './failing.js'
import { attributeOf, CUSTOM, GROUP, group, USER, user } from './resources.js'

const emails = attributeOf(user, 'emails')
const addresses = attributeOf(user, 'addresses')
const members = attributeOf(group, 'members')
const things = complex(
  'things',
  '',
  [
    text('code', '', { caseExact: true }),
    attribute('size', 'decimal', ''),
    attribute('at', 'dateTime', ''),
    attribute('key', 'binary', ''),
    text('labels', '', { multiValued: true }),
  ],
  { multiValued: true },
)

const home: Json = { value: 'Barbara@Home.example', type: 'home', primary: false }
const work: Json = { value: 'bj@work.example', type: 'work', primary: true, display: 'B  Jensen' }
const bare: Json = { value: 'x' }

describe('a value filter of emails', () => {
  it.each<readonly [string, readonly Json[]]>([
    ['type eq "work"', [work]],
    ['TYPE eq "WORK"', [work]],
    ['type ne "work"', [home, bare]],
    ['type pr', [home, work]],
    ['not (type pr)', [bare]],
    ['type eq null', [bare]],
    ['type ne null', [home, work]],
    ['primary eq true', [work]],
    ['primary eq "True"', [work]],
    ['primary ne true', [home, bare]],
    ['primary eq false', [home]],
    ['primary eq null', [bare]],
    ['value co "@HOME"', [home]],
    ['value sw "b"', [home, work]],
    ['value ew ".example"', [home, work]],
    ['value co ""', [home, work, bare]],
    ['display eq "b jensen"', [work]],
    ['display co "b j"', [work]],
    ['type gt "home"', [work]],
    ['type ge "home"', [home, work]],
    ['type lt "work"', [home]],
    ['type le "Work"', [home, work]],
    ['type eq "work" and value co "work"', [work]],
    ['type eq "work" and value co "home"', []],
    ['type eq "work" or type eq "home"', [home, work]],
    ['type eq "work" or value eq "X" or display pr', [work, bare]],
    ['type eq "other" or type eq null', [bare]],
    ['not (type eq "work" or primary eq false)', [bare]],
    ['(type eq "work" or type eq "home") and not (primary eq true)', [home]],
  ])('%s', (filter, selected) => {
    const { holds } = elementTest(parseFilter(filter), USER, emails)
    expect([home, work, bare].filter(holds)).toEqual(selected)
  })

  it.each([
    ['typo eq "work"', 'filterError: typo is no sub-attribute of emails'],
    ['emails.type eq "work"', 'filterError: emails.type is no sub-attribute of emails'],
    [`${USER}:type eq "work"`, `filterError: ${USER}:type is no sub-attribute of emails`],
    ['$ref pr', 'filterError: $ref is no sub-attribute of emails'],
    ['constructor pr', 'filterError: constructor is no sub-attribute of emails'],
    ['toString eq "x"', 'filterError: toString is no sub-attribute of emails'],
    ['type eq 5', 'inappropriateMatching: type cannot be compared with this value by "eq"'],
    ['type eq true or type eq "x"', 'inappropriateMatching: type cannot be compared with this value by "eq"'],
    ['primary eq 1', 'inappropriateMatching: primary cannot be compared with this value by "eq"'],
    ['primary gt true', 'inappropriateMatching: primary cannot be compared with this value by "gt"'],
    ['primary co "t"', 'inappropriateMatching: primary cannot be compared with this value by "co"'],
    ['value co 5', 'inappropriateMatching: value cannot be compared with this value by "co"'],
    ['value gt null', 'inappropriateMatching: value cannot be compared with this value by "gt"'],
    ['a[b pr]', 'filterError: a value filter cannot hold another'],
  ])('cannot be %s', (filter, message) => {
    expect(failure(() => elementTest(parseFilter(filter), USER, emails))).toBe(message)
  })
})

describe('a value filter', () => {
  const one: Json = {
    code: 'Ab',
    size: 10,
    at: '2025-01-31T10:00:00+01:00',
    key: 'AQI=',
    labels: ['red', 'blue'],
  }

  it.each<readonly [string, boolean]>([
    ['code eq "Ab"', true],
    ['code eq "ab"', false],
    ['code sw "a"', false],
    ['size eq 10.0', true],
    ['size gt 9', true],
    ['size gt 10', false],
    ['size le 1e1', true],
    ['at eq "2025-01-31T09:00:00Z"', true],
    ['at eq "2025-01-31T09:00:00.001Z"', false],
    ['at gt "2025-01-31T08:59:59Z"', true],
    ['at lt "2025-01-31T10:30:00+02:00"', false],
    ['key eq "AQI"', true],
    ['key eq "AQM="', false],
    ['labels eq "RED"', true],
    ['labels ne "red"', false],
    ['labels eq "green"', false],
    ['labels co "lu"', true],
  ])('compares by type: %s', (filter, holds) => {
    expect(elementTest(parseFilter(filter), CUSTOM, things).holds(one)).toBe(holds)
  })

  it.each(['size eq "10"', 'at eq "yesterday"', 'at co "2025"', 'key gt "AQI="', 'key eq "?"', 'size sw 1'])(
    'refuses what does not fit a type: %s',
    (filter) => {
      expect(failure(() => elementTest(parseFilter(filter), CUSTOM, things))).toMatch(
        /^inappropriateMatching/,
      )
    },
  )

  it('takes what the standard knows and is not kept as absent', () => {
    const kept = {
      ...addresses,
      subAttributes: addresses.subAttributes?.filter((s) => s.name === 'locality') ?? [],
    }
    const holds = (filter: string) => elementTest(parseFilter(filter), USER, kept).holds({ locality: 'Bern' })
    expect(holds('type eq "work"')).toBe(false)
    expect(holds('primary ne true and locality eq "bern"')).toBe(true)
  })

  it('is about the values themselves where these are not complex', () => {
    const { holds } = elementTest(
      parseFilter('value eq "a" or value sw "b"'),
      CUSTOM,
      attributeOf(user, 'tags'),
    )
    expect(['a', 'A', 'bc', 'c'].filter(holds)).toEqual(['a', 'bc'])
    expect(failure(() => elementTest(parseFilter('type eq "a"'), CUSTOM, attributeOf(user, 'tags')))).toMatch(
      /^filterError/,
    )
  })

  it('costs one comparison for any number of alternatives', () => {
    const ids = Array.from({ length: 1000 }, (_, i) => `value eq "${i}"`).join(' or ')
    const { cost, holds } = elementTest(parseFilter(`${ids} or type eq "Group"`), GROUP, members)
    expect(cost).toBe(2)
    expect(holds({ value: '999', type: 'User' })).toBe(true)
    expect(holds({ value: '1000', type: 'User' })).toBe(false)
    expect(holds({ value: '1000', type: 'Group' })).toBe(true)
  })
})
