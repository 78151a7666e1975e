/** RFC 4514: the examples of its section 4, every spelling of it and of RFC 2253, and refusals. */
import { describe, expect, it } from 'vitest'
import {
  type AttributeTypeAndValue,
  DnError,
  escapeRdnValue,
  formatDn,
  parseDn,
  parseRdn,
} from '../../../src/ldap/index.js'

const ava = (type: string, value: string | Buffer): AttributeTypeAndValue => ({ type, value })
/** The value of a DN of one attribute. */
const onlyValue = (text: string): string | Buffer | undefined => parseDn(`cn=${text}`)[0]?.[0]?.value

describe('parseDn', () => {
  it('reads the root', () => {
    expect(parseDn('')).toEqual([])
    expect(parseDn('  ')).toEqual([])
  })

  it('reads the examples of the RFC', () => {
    expect(parseDn('UID=jsmith,DC=example,DC=net')).toEqual([
      [ava('UID', 'jsmith')],
      [ava('DC', 'example')],
      [ava('DC', 'net')],
    ])
    expect(parseDn('OU=Sales+CN=J.  Smith,DC=example')).toEqual([
      [ava('OU', 'Sales'), ava('CN', 'J.  Smith')],
      [ava('DC', 'example')],
    ])
    expect(parseDn('CN=James \\"Jim\\" Smith\\, III,DC=net')).toEqual([
      [ava('CN', 'James "Jim" Smith, III')],
      [ava('DC', 'net')],
    ])
    expect(parseDn('CN=Before\\0dAfter,DC=net')).toEqual([[ava('CN', 'Before\rAfter')], [ava('DC', 'net')]])
    expect(parseDn('1.3.6.1.4.1.1466.0=#04024869')).toEqual([[ava('1.3.6.1.4.1.1466.0', 'Hi')]])
    expect(parseDn('CN=Lu\\C4\\8Di\\C4\\87')).toEqual([[ava('CN', 'Lučić')]])
  })

  it('reads every spelling of the same name alike', () => {
    const expected = [[ava('cn', 'Smith, John')], [ava('dc', 'x')]]
    for (const text of [
      'cn=Smith\\, John,dc=x',
      'cn=Smith\\2C John,dc=x',
      'cn=Smith\\2c\\20John,dc=x',
      'cn="Smith, John",dc=x',
      'cn="Smith\\, John";dc=x',
      'cn = Smith\\, John ; dc = x',
      ' cn=Smith\\, John , dc=x ',
      'cn=\\53mith\\, John,dc=x',
      'cn=#040b536d6974682c204a6f686e,dc=x',
      'cn=#0C0B536D6974682C204A6F686E,dc=x',
    ]) {
      expect(parseDn(text)).toEqual(expected)
    }
  })

  it('knows every escaped special character', () => {
    for (const c of ' "#+,;<=>\\') expect(onlyValue(`a\\${c}b`)).toBe(`a${c}b`)
  })

  it('turns every escaped pair of digits into that octet', () => {
    for (let octet = 0; octet < 0x80; octet++) {
      expect(onlyValue(`a\\${octet.toString(16).padStart(2, '0')}`)).toBe(`a${String.fromCharCode(octet)}`)
    }
  })

  it('drops spaces around a value and keeps escaped ones', () => {
    expect(onlyValue('  a b  ')).toBe('a b')
    expect(onlyValue('\\ a b\\ ')).toBe(' a b ')
    expect(onlyValue('\\20a\\20  ')).toBe(' a ')
    expect(onlyValue('"  a "  ')).toBe('  a ')
    expect(onlyValue('a\\  ')).toBe('a ')
  })

  it('reads values that only look odd', () => {
    expect(onlyValue('')).toBe('')
    expect(onlyValue('a=b')).toBe('a=b')
    expect(onlyValue('a#b')).toBe('a#b')
    expect(onlyValue('\\#a')).toBe('#a')
    expect(onlyValue('""')).toBe('')
    expect(onlyValue('a\\,b\\C3\\A9c')).toBe('a,béc')
  })

  it('gives octets where they are not UTF-8', () => {
    expect(onlyValue('a\\FF')).toEqual(Buffer.from([0x61, 0xff]))
    expect(onlyValue('#0402fffe')).toEqual(Buffer.from([0xff, 0xfe]))
  })

  it('keeps the encoding of a hex value that is no string', () => {
    expect(onlyValue('#0202ff00')).toEqual(Buffer.from([0x02, 0x02, 0xff, 0x00]))
  })

  it('drops the prefix of the old spelling of OIDs', () => {
    expect(parseDn('OID.2.5.4.3=a,oid.2.5.4.4=b')).toEqual([[ava('2.5.4.3', 'a')], [ava('2.5.4.4', 'b')]])
  })

  it.each([
    'a',
    'cn',
    '=x',
    'cn=a,',
    'cn=a+',
    'cn=a,,dc=b',
    ',cn=a',
    'cn=a"b',
    'cn="a',
    'cn="a"b',
    'cn=a<b',
    'cn=a>b',
    'cn=\\',
    'cn=\\x',
    'cn=\\4',
    'cn=#',
    'cn=#0',
    'cn=#04',
    'cn=#0405aa',
    'cn=#0401aabb',
    'cn=#zz',
    'cn=#1f8101',
    'c n=a',
    '1.=a',
    '1a=b',
    'cn=a\0',
  ])('refuses %j', (text) => {
    let error: unknown
    try {
      parseDn(text)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(DnError)
    expect(error).toMatchObject({ resultCode: 34 })
  })

  it('reads a very long name in linear time', () => {
    const text = `ou=\\2Ca${',ou=x'.repeat(100_000)}`
    const started = performance.now()
    expect(parseDn(text)).toHaveLength(100_001)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('parseRdn', () => {
  it('reads one RDN and refuses none or two', () => {
    expect(parseRdn('cn=a+sn=b')).toEqual([ava('cn', 'a'), ava('sn', 'b')])
    expect(() => parseRdn('')).toThrow(DnError)
    expect(() => parseRdn('cn=a,dc=b')).toThrow(DnError)
  })
})

describe('formatDn', () => {
  it('escapes what RFC 4514 2.4 says', () => {
    expect(escapeRdnValue(' a, b ')).toBe('\\ a\\, b\\ ')
    expect(escapeRdnValue('#a')).toBe('\\#a')
    expect(escapeRdnValue(' ')).toBe('\\ ')
    expect(escapeRdnValue('a+b"c\\d<e>f;g=h')).toBe('a\\+b\\"c\\\\d\\<e\\>f\\;g=h')
    expect(escapeRdnValue('a\0b\rc')).toBe('a\\00b\\0dc')
    expect(escapeRdnValue('Lučić')).toBe('Lučić')
    expect(escapeRdnValue(Buffer.from('a,b'))).toBe('a\\,b')
    expect(escapeRdnValue(Buffer.from([0xff]))).toBe('#0401ff')
  })

  it('writes octets of any length so that they come back', () => {
    for (const length of [1, 127, 128, 255, 256, 70_000]) {
      const value = Buffer.alloc(length, 0xfe)
      const back = onlyValue(escapeRdnValue(value))
      expect(Buffer.isBuffer(back) && back.equals(value)).toBe(true)
    }
  })

  it('writes multi-valued RDNs and the root', () => {
    expect(formatDn([])).toBe('')
    expect(formatDn([[ava('cn', 'a'), ava('sn', 'b,c')], [ava('dc', '')]])).toBe('cn=a+sn=b\\,c,dc=')
  })
})
