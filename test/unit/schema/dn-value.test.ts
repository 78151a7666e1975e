import { describe, expect, it } from 'vitest'
import { isDn, normalizeDn, parseDn, splitNameAndUid } from '../../../src/schema/dn-value.js'

describe('parseDn', () => {
  it('reads types and unescaped values, leaf first', () => {
    expect(parseDn('cn=Smith\\, J+uid=js,ou=R\\26D , dc=x')).toEqual([
      [
        { type: 'cn', value: 'Smith, J' },
        { type: 'uid', value: 'js' },
      ],
      [{ type: 'ou', value: 'R&D' }],
      [{ type: 'dc', value: 'x' }],
    ])
    expect(parseDn('')).toEqual([])
  })

  it.each([
    ['cn=\\ a\\ ', ' a '],
    ['cn="a, b" ', 'a, b'],
    ['cn=\\c3\\a9\\20', 'é '],
    ['cn=a=b', 'a=b'],
    ['cn=a#b', 'a#b'],
    ['cn=\\#a', '#a'],
    ['2.5.4.3=😀', '😀'],
  ])('reads the value of %s', (text, value) => {
    expect(parseDn(text)?.[0]?.[0]?.value).toBe(value)
  })

  it.each([
    ...[
      'cn',
      '=a',
      'cn=',
      'cn=,dc=x',
      'cn=a,',
      ',cn=a',
      'cn=a,,dc=x',
      'cn=a+',
      'cn=a+cn=b',
      'cn=a\\',
      'cn=a\\zb',
    ],
    ...[
      'cn=\\c3',
      'cn=<a',
      'cn=a"b',
      'cn="a',
      'cn="a"b',
      'cn=#0401',
      '1.=a',
      'c_n=a',
      'cn=a\0',
      'plain text',
    ],
  ])('refuses %j', (text) => {
    expect(parseDn(text)).toBeUndefined()
    expect(isDn(text)).toBe(false)
    expect(normalizeDn(text)).toBeUndefined()
  })

  it('refuses names longer than any server takes', () => {
    expect(isDn(`cn=${'a'.repeat(8189)}`)).toBe(true)
    expect(isDn(`cn=${'a'.repeat(8190)}`)).toBe(false)
  })
})

describe('normalizeDn', () => {
  it.each([
    ['CN=Foo  Bar, DC=X', 'cn=foo bar;dc=x'],
    ['uid=b+cn=a,dc=x', 'CN=A+UID=B,dc=x'],
    ['cn=Smith\\2C J', 'cn="Smith, J"'],
    ['cn=\\C3\\89', 'cn=e\u0301'],
    ['cn=\\20a', 'cn=a'],
    ['cn=a\\3db', 'cn=a=b'],
  ])('is the same for %s and %s', (a, b) => {
    expect(normalizeDn(a)).toBe(normalizeDn(b))
    expect(normalizeDn(a)).toBeDefined()
  })

  it.each([
    ['cn=a,dc=x', 'cn=a\\,dc\\=x'],
    ['cn=a+uid=b', 'cn=a\\+uid\\=b'],
    ['cn=a', 'cn=a,dc=x'],
  ])('differs for %s and %s', (a, b) => {
    expect(normalizeDn(a)).not.toBe(normalizeDn(b))
  })

  it('is itself a name with the same normal form', () => {
    for (const text of ['cn=\\#a', 'cn=\\ ', 'cn=a\\00b', 'cn=a\\\\b\\"\\<\\>\\;']) {
      const normal = normalizeDn(text) ?? ''
      expect(normalizeDn(normal)).toBe(normal)
    }
  })

  it('asks how types are called', () => {
    const names = (type: string) => (type === '2.5.4.3' || type === 'commonName' ? 'cn' : type)
    expect(normalizeDn('2.5.4.3=a', names)).toBe('cn=a')
    expect(normalizeDn('commonName=a', names)).toBe('cn=a')
  })
})

describe('splitNameAndUid', () => {
  it('takes a bit string behind the last # as UID', () => {
    expect(splitNameAndUid("cn=a#'01'B")).toEqual({ dn: 'cn=a', uid: "'01'B" })
    expect(splitNameAndUid('cn=a#b')).toEqual({ dn: 'cn=a#b', uid: '' })
  })
})
