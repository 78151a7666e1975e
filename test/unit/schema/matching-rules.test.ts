import { describe, expect, it } from 'vitest'
import type { Scalar } from '../../../src/model/value.js'
import {
  findMatchingRule,
  type MatchingRuleName,
  matchingRuleOf,
  matchingRules,
} from '../../../src/schema/matching-rules.js'
import { matchingBy } from '../../../src/schema/normal-forms.js'

const names = {
  attributeName: (name: string) => name,
  objectIdentifier: (name: string) => name.toLowerCase(),
}
const by = (rule: MatchingRuleName) => matchingBy(matchingRuleOf(rule), names)
const bytes = (...octets: number[]) => Uint8Array.from(octets)

describe('equality rules', () => {
  it.each<[MatchingRuleName, Scalar, Scalar]>([
    ['caseIgnoreMatch', ' ÉA  b', 'e\u0301a B'],
    ['caseIgnoreMatch', 42, '42'],
    ['caseExactMatch', 'A  b', 'A b'],
    ['caseIgnoreIA5Match', 'A@B', 'a@b'],
    ['caseIgnoreListMatch', 'A$ b', 'a$B'],
    ['telephoneNumberMatch', '+1 2-3', '+123'],
    ['numericStringMatch', '1 2', '12'],
    ['integerMatch', 5, 5n],
    ['integerMatch', '05', 5],
    ['integerMatch', 9007199254740993n, '9007199254740993'],
    ['booleanMatch', 'TRUE', true],
    ['generalizedTimeMatch', '1970010100Z', new Date(0)],
    ['octetStringMatch', 'é', bytes(0xc3, 0xa9)],
    ['bitStringMatch', "'01'B", "'01'B"],
    ['UUIDMatch', 'ABABABAB-abab-abab-abab-abababababab', new Uint8Array(16).fill(0xab)],
    ['distinguishedNameMatch', 'CN=A, dc=x', 'cn=a,dc=X'],
    ['uniqueMemberMatch', "CN=A#'1'B", "cn=a#'1'B"],
    ['objectIdentifierMatch', 'Person', 'person'],
    ['objectIdentifierFirstComponentMatch', "( 2.5.4.3 NAME 'cn' )", '2.5.4.3'],
    ['integerFirstComponentMatch', '( 1 NAME x )', 1],
    ['CSNMatch', '20250102030405.000000Z#00000A#000#000000', '20250102030405.000000Z#00000a#000#000000'],
  ])('%s: %s is %s', (rule, a, b) => {
    const { equality } = by(rule)
    expect(equality?.(a)).toBeDefined()
    expect(equality?.(a)).toBe(equality?.(b))
  })

  it.each<[MatchingRuleName, Scalar, Scalar]>([
    ['caseExactMatch', 'A', 'a'],
    ['caseExactIA5Match', 'A', 'a'],
    ['caseIgnoreListMatch', 'a$b', 'a b'],
    ['telephoneNumberMatch', 'ext A', 'ext a'],
    ['numericStringMatch', '012', '12'],
    ['integerMatch', 9007199254740993n, 9007199254740992n],
    ['octetStringMatch', 'a', 'A'],
    ['bitStringMatch', "'01'B", "'1'B"],
    ['uniqueMemberMatch', "cn=a#'1'B", 'cn=a'],
  ])('%s: %s is not %s', (rule, a, b) => {
    const { equality } = by(rule)
    expect(equality?.(a)).toBeDefined()
    expect(equality?.(a)).not.toBe(equality?.(b))
  })

  it.each<[MatchingRuleName, Scalar]>([
    ['caseIgnoreMatch', bytes(0xff)],
    ['integerMatch', 'x'],
    ['integerMatch', 1.5],
    ['booleanMatch', 1],
    ['generalizedTimeMatch', 'x'],
    ['UUIDMatch', 'x'],
    ['distinguishedNameMatch', 'x'],
  ])('%s has no form for %s', (rule, value) => {
    expect(by(rule).equality?.(value)).toBeUndefined()
  })
})

describe('ordering rules', () => {
  it.each<[MatchingRuleName, Scalar, Scalar]>([
    ['caseIgnoreOrderingMatch', 'A', 'b'],
    ['caseIgnoreOrderingMatch', '\uffff', '😀'],
    ['caseExactOrderingMatch', 'B', 'a'],
    ['numericStringOrderingMatch', '1 0', '9'],
    ['integerOrderingMatch', -10, -9],
    ['integerOrderingMatch', 9, 10n],
    ['integerOrderingMatch', 9007199254740992n, 9007199254740993n],
    ['generalizedTimeOrderingMatch', new Date(0), '19700101000000.001Z'],
    ['octetStringOrderingMatch', bytes(1, 255), bytes(2)],
    ['UUIDOrderingMatch', '0F000000-0000-0000-0000-000000000000', 'a0000000-0000-0000-0000-000000000000'],
  ])('%s: %s is before %s', (rule, a, b) => {
    const { ordering } = by(rule)
    expect(ordering?.(a, b)).toBeLessThan(0)
    expect(ordering?.(b, a)).toBeGreaterThan(0)
    expect(ordering?.(a, a)).toBe(0)
  })

  it('cannot order what has no form', () => {
    expect(by('integerOrderingMatch').ordering?.('x', 1)).toBeUndefined()
  })
})

describe('substring rules', () => {
  it.each<[MatchingRuleName, string, string, string]>([
    ['caseIgnoreSubstringsMatch', ' Foo  Bar ', 'O  b', 'o b'],
    ['caseExactSubstringsMatch', 'Foo', 'Fo', 'Fo'],
    ['caseIgnoreIA5SubstringsMatch', 'A b', ' B ', 'b'],
    ['telephoneNumberSubstringsMatch', '+1 23', '1-2', '12'],
    ['numericStringSubstringsMatch', '1 23', '1 2', '12'],
    ['caseIgnoreListSubstringsMatch', 'A$B', 'a$B', 'a$b'],
  ])('%s prepares value and piece alike', (rule, value, piece, prepared) => {
    const { substring } = by(rule)
    expect(substring?.piece(piece, 'any')).toBe(prepared)
    expect(substring?.value(value)).toContain(prepared)
  })
})

describe('the rules of Microsoft', () => {
  it('test bits', () => {
    const and = matchingRuleOf('bitAnd').test
    const or = matchingRuleOf('bitOr').test
    expect(and?.(514, 2)).toBe(true)
    expect(and?.(512, 514)).toBe(false)
    expect(or?.(512, 514)).toBe(true)
    expect(or?.(512, 2)).toBe(false)
    expect(and?.(-2147483646, -2147483648)).toBe(true)
    expect(and?.('x', 2)).toBeUndefined()
  })

  it('are found by the names and OIDs clients use', () => {
    expect(findMatchingRule('1.2.840.113556.1.4.803')?.name).toBe('bitAnd')
    expect(findMatchingRule('integerBitOrMatch')?.name).toBe('bitOr')
    expect(findMatchingRule('1.2.840.113556.1.4.1941')?.name).toBe('inChain')
    expect(matchingBy(matchingRuleOf('inChain'), names)).toEqual({})
  })
})

describe("OpenLDAP's rules on names", () => {
  const asserted = 'ou=people,dc=example'
  it.each<[MatchingRuleName, ...boolean[]]>([
    ['dnOneLevelMatch', false, false, true, false, false],
    ['dnSubtreeMatch', false, true, true, true, false],
    ['dnSubordinateMatch', false, false, true, true, false],
    ['dnSuperiorMatch', true, false, false, false, false],
  ])('%s compares places in the tree', (rule, ...expected) => {
    const { test } = by(rule)
    const values = ['DC=example', 'OU=People, dc=example', `uid=a,${asserted}`, `cn=b,uid=a,${asserted}`]
    expect([...values, 'ou=people,dc=other'].map((value) => test?.(value, asserted))).toEqual(expected)
    expect(test?.('nonsense', asserted)).toBeUndefined()
  })

  it('are found by their OIDs', () => {
    expect(findMatchingRule('1.3.6.1.4.1.4203.666.4.9')?.name).toBe('dnSubtreeMatch')
  })
})

describe('the table', () => {
  it('gives every rule an OID of its own', () => {
    expect(new Set([...matchingRules.values()].map(({ oid }) => oid)).size).toBe(matchingRules.size)
    expect(findMatchingRule('CASEIGNOREMATCH')?.oid).toBe('2.5.13.2')
    expect(findMatchingRule('nothing')).toBeUndefined()
  })

  it('lets every rule but those marked none compare something', () => {
    for (const rule of matchingRules.values()) {
      const count = Object.keys(matchingBy(rule, names)).length
      expect({ name: rule.name, count }).toEqual({
        name: rule.name,
        count: rule.normalizing === 'none' && rule.test === undefined ? 0 : 1,
      })
    }
  })
})
