import { describe, expect, it } from 'vitest'
import { Ref, type Scalar } from '../../../src/model/value.js'
import { findSyntax, type SyntaxName, syntaxes, syntaxOf } from '../../../src/schema/syntaxes.js'

const bytes = (text: string) => new TextEncoder().encode(text)
const parse = (name: SyntaxName, text: string) => syntaxOf(name).parse(bytes(text))
const render = (name: SyntaxName, value: Scalar) => syntaxOf(name).render(value)

describe('parse', () => {
  it.each<[SyntaxName, string, Scalar]>([
    ['directoryString', ' Zoë ', ' Zoë '],
    ['directoryString', '\ufeffx', '\ufeffx'],
    ['ia5String', '', ''],
    ['printableString', "A-b'(c)", "A-b'(c)"],
    ['telephoneNumber', '+49 30 1', '+49 30 1'],
    ['countryString', 'DE', 'DE'],
    ['numericString', '1 2', '1 2'],
    ['integer', '-42', -42],
    ['integer', '9007199254740993', 9007199254740993n],
    ['boolean', 'TRUE', true],
    ['boolean', 'FALSE', false],
    ['generalizedTime', '2025010203Z', new Date(Date.UTC(2025, 0, 2, 3))],
    ['distinguishedName', '', ''],
    ['distinguishedName', 'CN=A, dc=x', 'CN=A, dc=x'],
    ['nameAndOptionalUid', "cn=a#'0'B", "cn=a#'0'B"],
    ['oid', '2.5.4.3', '2.5.4.3'],
    ['oid', 'cn', 'cn'],
    ['uuid', '597AE2F6-16a6-1027-98f4-d28b5365dc14', '597AE2F6-16a6-1027-98f4-d28b5365dc14'],
    ['postalAddress', 'a$b\\24', 'a$b\\24'],
    ['bitString', "'01'B", "'01'B"],
  ])('%s takes %s', (name, text, value) => {
    expect(parse(name, text)).toEqual(value)
  })

  it.each<[SyntaxName, string]>([
    ['directoryString', ''],
    ['ia5String', 'é'],
    ['printableString', 'a_b'],
    ['printableString', ''],
    ['telephoneNumber', '12*3'],
    ['countryString', 'DEU'],
    ['numericString', '1-2'],
    ['integer', '+1'],
    ['integer', '007'],
    ['integer', '-0'],
    ['integer', ''],
    ['integer', '9'.repeat(1001)],
    ['boolean', 'true'],
    ['generalizedTime', '2025-01-02'],
    ['distinguishedName', 'nobody'],
    ['nameAndOptionalUid', "a#'0'B"],
    ['oid', '1..2'],
    ['oid', 'c n'],
    ['uuid', '597ae2f616a6102798f4d28b5365dc14'],
    ['postalAddress', 'a\\b'],
    ['bitString', "'2'B"],
    ['certificate', 'x'],
    ['changeSequenceNumber', '20250102030405Z'],
  ])('%s refuses %j', (name, text) => {
    expect(parse(name, text)).toBeUndefined()
  })

  it('refuses octets that are not UTF-8', () => {
    expect(syntaxOf('directoryString').parse(Uint8Array.of(0xc3))).toBeUndefined()
    expect(syntaxOf('ia5String').parse(Uint8Array.of(0xed, 0xa0, 0x80))).toBeUndefined()
  })

  it('takes one BER element for certificates and nothing behind it', () => {
    const { parse: read } = syntaxOf('certificate')
    expect(read(Uint8Array.of(0x30, 0x01, 0x00))).toEqual(Uint8Array.of(0x30, 0x01, 0x00))
    expect(read(Uint8Array.of(0x30, 0x81, 0x01, 0x00))).toBeDefined()
    expect(read(Uint8Array.of(0x30, 0x01))).toBeUndefined()
    expect(read(Uint8Array.of(0x30, 0x00, 0x00))).toBeUndefined()
    expect(read(Uint8Array.of(0x04, 0x00))).toBeUndefined()
    expect(syntaxOf('binary').parse(Uint8Array.of(0x04, 0x00))).toBeDefined()
  })
})

describe('render', () => {
  it.each<[SyntaxName, Scalar, string | Uint8Array]>([
    ['directoryString', 'x', 'x'],
    ['directoryString', 42, '42'],
    ['directoryString', 42n, '42'],
    ['directoryString', true, 'TRUE'],
    ['directoryString', new Date(0), '19700101000000Z'],
    ['directoryString', bytes('é'), 'é'],
    ['ia5String', 'jörg@x', 'jörg@x'],
    ['integer', '0042', '42'],
    ['integer', -0, '0'],
    ['integer', 2 ** 60, '1152921504606846976'],
    ['boolean', false, 'FALSE'],
    ['boolean', 'TRUE', 'TRUE'],
    ['generalizedTime', new Date(1500), '19700101000001.5Z'],
    ['generalizedTime', '1970010101+01', '19700101000000Z'],
    ['jpeg', Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
    ['octetString', 'ab', bytes('ab')],
    ['uuid', 'ABCDEF00-0000-0000-0000-000000000000', 'abcdef00-0000-0000-0000-000000000000'],
    ['uuid', new Uint8Array(16).fill(0xab), 'abababab-abab-abab-abab-abababababab'],
    ['distinguishedName', 'CN=A', 'CN=A'],
  ])('%s writes %s', (name, value, expected) => {
    expect(render(name, value)).toEqual(expected)
  })

  it.each<[SyntaxName, Scalar]>([
    ['directoryString', ''],
    ['directoryString', new Ref('people', ['x'])],
    ['directoryString', Uint8Array.of(0xff)],
    ['integer', 1.5],
    ['integer', 'x'],
    ['integer', true],
    ['boolean', 1],
    ['boolean', 'yes'],
    ['generalizedTime', 'yesterday'],
    ['generalizedTime', new Date(Number.NaN)],
    ['uuid', 'x'],
  ])('%s has no form for %s', (name, value) => {
    expect(render(name, value)).toBeUndefined()
  })

  it('writes what parse reads', () => {
    const samples: [SyntaxName, string][] = [
      ['integer', '-9007199254740993'],
      ['boolean', 'TRUE'],
      ['generalizedTime', '20250102030405.25Z'],
      ['postalAddress', 'a$b'],
    ]
    for (const [name, text] of samples) expect(render(name, parse(name, text) ?? '')).toBe(text)
  })
})

describe('findSyntax', () => {
  it('finds by name in any case and by OID', () => {
    expect(findSyntax('directorystring')?.oid).toBe('1.3.6.1.4.1.1466.115.121.1.15')
    expect(findSyntax('1.3.6.1.4.1.1466.115.121.1.27')?.name).toBe('integer')
    expect(findSyntax('nothing')).toBeUndefined()
  })

  it('gives every syntax an OID of its own', () => {
    expect(new Set([...syntaxes.values()].map(({ oid }) => oid)).size).toBe(syntaxes.size)
  })
})
