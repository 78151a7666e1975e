/** Did-you-mean, and the looks of a DN. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldDn, looksLikeDn } from '../../../src/config/dn-syntax.js'
import { editDistance, nearest } from '../../../src/mapping/nearest.js'

describe('nearest', () => {
  it.each([
    ['colum', ['constant', 'column'], 'column'],
    ['form', ['from', 'key'], 'from'],
    ['attribtues', ['attributes'], 'attributes'],
    ['ObjectClass', ['objectClass'], 'objectClass'],
    ['o', ['on'], 'on'],
  ])('%s of %j is %s', (word, known, meant) => {
    expect(nearest(word, known)).toBe(meant)
  })

  it('prefers the fewest edits, and the first of equals', () => {
    expect(nearest('vlaue', ['valued', 'value', 'values'])).toBe('value')
    expect(nearest('sourcx', ['source', 'sourcy'])).toBe('source')
  })

  it.each([
    ['bogus', ['view', 'source']],
    ['id', ['on']],
    ['a', ['b']],
    ['', ['x']],
  ])('leaves %s alone among %j', (word, known) => {
    expect(nearest(word, known)).toBeUndefined()
  })

  it('counts edits as a metric does', () => {
    const text = fc.string({ maxLength: 8 })
    fc.assert(
      fc.property(text, text, (a, b) => {
        const edits = editDistance(a, b)
        expect(edits).toBe(editDistance(b, a))
        expect(edits === 0).toBe(a === b)
        expect(edits).toBeGreaterThanOrEqual(Math.abs(a.length - b.length))
        expect(edits).toBeLessThanOrEqual(Math.max(a.length, b.length))
      }),
    )
  })
})

describe('a DN', () => {
  it.each([
    'dc=com',
    'dc=example,dc=com',
    'DC=example, DC=com',
    'cn=a+sn=b,o=c',
    String.raw`cn=Doe\, John,ou=people`,
    String.raw`cn=\c3\a9,o=x`,
    '2.5.4.3=x',
    'o=Ünïcode & söns',
  ])('%s looks like one', (text) => {
    expect(looksLikeDn(text)).toBe(true)
  })

  it.each([
    '',
    'example.com',
    'dc=',
    'dc=a,',
    ',dc=a',
    'dc=a,,dc=b',
    '=a',
    'dc=a;dc=b',
    '1x=a',
    String.raw`cn=a\zz`,
  ])('"%s" does not', (text) => {
    expect(looksLikeDn(text)).toBe(false)
  })

  it('is decided in a moment, however long', () => {
    const started = performance.now()
    expect(looksLikeDn(`${'cn=a '.repeat(20_000)}\u0000`)).toBe(false)
    expect(looksLikeDn(`cn=${' '.repeat(50_000)};`)).toBe(false)
    expect(performance.now() - started).toBeLessThan(1000)
  })

  it('is the same one in other case and spacing', () => {
    expect(foldDn('OU=People, DC = Example')).toBe(foldDn('ou=people,dc=example'))
    expect(foldDn('ou=people')).not.toBe(foldDn('ou=peoples'))
  })
})
