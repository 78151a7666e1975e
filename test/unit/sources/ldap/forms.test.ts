import { describe, expect, it } from 'vitest'
import { formOf } from '../../../../src/sources/ldap/forms.js'
import { Names } from '../../../../src/sources/ldap/names.js'
import type { Cell } from '../../../../src/sources/source.js'

const names = new Names(new Set(), new Map([['cn', 'cn']]))
const syntax = (n: number) => `1.3.6.1.4.1.1466.115.121.1.${n}`
const form = (attribute: string, oid?: string, isActiveDirectory = false) =>
  formOf(attribute, oid, { names, isActiveDirectory })

const guid = Buffer.from('33221100554477668899aabbccddeeff', 'hex')
const sid = Buffer.from('010500000000000515000000a065cf7e784b9b5fe77c8770091c0100', 'hex')

describe('octets and cells', () => {
  const cases: readonly (readonly [string, string | undefined, Buffer, Exclude<Cell, null>])[] = [
    ['description', syntax(15), Buffer.from('Größe'), 'Größe'],
    ['employeeNumber', undefined, Buffer.from('x'), 'x'],
    ['uidNumber', syntax(27), Buffer.from('-12'), -12],
    ['accountExpires', '1.2.840.113556.1.4.906', Buffer.from('9223372036854775807'), 2n ** 63n - 1n],
    ['pwdReset', syntax(7), Buffer.from('TRUE'), true],
    ['modifyTimestamp', syntax(24), Buffer.from('20260102030405Z'), new Date('2026-01-02T03:04:05Z')],
    ['validity', syntax(53), Buffer.from('260102030405Z'), new Date('2026-01-02T03:04:05Z')],
    ['jpegPhoto', syntax(28), Buffer.from([0, 255]), Buffer.from([0, 255])],
    ['objectGUID', syntax(40), guid, '00112233-4455-6677-8899-aabbccddeeff'],
    ['objectSid', syntax(40), sid, 'S-1-5-21-2127521184-1604012920-1887927527-72713'],
    [
      'nsUniqueId',
      syntax(15),
      Buffer.from('66446001-1dd211b2-8e0fc1ad-b8a3f4d1'),
      '66446001-1dd2-11b2-8e0f-c1adb8a3f4d1',
    ],
    [
      'entryUUID',
      '1.3.6.1.1.16.1',
      Buffer.from('66446001-1dd2-11b2-8e0f-c1adb8a3f4d1'),
      '66446001-1dd2-11b2-8e0f-c1adb8a3f4d1',
    ],
  ]
  it.each(cases)('of %s (%s) stand for each other', (attribute, oid, octets, cell) => {
    expect(form(attribute, oid).decode(octets)).toEqual(cell)
    expect(form(attribute, oid).encode(cell)).toEqual(octets)
  })

  it('give names one form', () => {
    expect(form('manager', syntax(12)).decode(Buffer.from('CN=Ann, CN=x'))).toBe('cn=ann,cn=x')
  })

  it('of Active Directory have a fraction in every time', () => {
    const time = form('whenChanged', syntax(24), true)
    expect(time.encode(new Date('2026-01-02T03:04:05Z'))?.toString()).toBe('20260102030405.0Z')
    expect(time.decode(Buffer.from('20260102030405.0Z'))).toEqual(new Date('2026-01-02T03:04:05Z'))
  })

  it('that are none of their syntax are no value', () => {
    expect(form('uidNumber', syntax(27)).decode(Buffer.from('12x'))).toBeUndefined()
    expect(form('pwdReset', syntax(7)).decode(Buffer.from('yes'))).toBeUndefined()
    expect(form('objectGUID').decode(Buffer.from('short'))).toBeUndefined()
    expect(form('objectSid').decode(sid.subarray(0, 20))).toBeUndefined()
    expect(form('objectSid').encode('S-1-x')).toBeUndefined()
    expect(form('entryUUID').encode('nobody')).toBeUndefined()
    expect(form('uidNumber', syntax(27)).encode('12')).toBeUndefined()
  })
})
