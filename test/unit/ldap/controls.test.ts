/** Values of controls against octets put together by hand, and malformed ones as answerable errors. */
import { describe, expect, it } from 'vitest'
import {
  type Control,
  findControl,
  MessageError,
  manageDsaITControl,
  pagedResultsControl,
  parsePagedResults,
  parseProxiedAuthorization,
  parseSortRequest,
  parseSortResponse,
  proxiedAuthorizationControl,
  sortRequestControl,
  sortResponseControl,
} from '../../../src/ldap/index.js'
import { enumerated, int, sequence, text, tlv } from './tlv.js'

const control = (type: string, value?: Buffer): Control =>
  value === undefined ? { type, critical: true } : { type, critical: true, value }

describe('paged results', () => {
  it('reads and writes size and cookie', () => {
    const page = { size: 100, cookie: Buffer.from('next') }
    expect(parsePagedResults(control('1.2.840.113556.1.4.319', sequence(int(100), text('next'))))).toEqual(
      page,
    )
    const made = pagedResultsControl(page, true)
    expect(made).toMatchObject({ type: '1.2.840.113556.1.4.319', critical: true })
    expect(parsePagedResults(made)).toEqual(page)
  })

  it.each([
    ['none', undefined],
    ['nothing in it', Buffer.alloc(0)],
    ['no cookie', sequence(int(1))],
    ['a negative size', sequence(int(0x80), text(''))],
    ['something else', text('x')],
  ])('refuses a value with %s as protocolError', (_name, value) => {
    let error: unknown
    try {
      parsePagedResults(control('1.2.840.113556.1.4.319', value))
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(MessageError)
    expect(error).toMatchObject({ resultCode: 2 })
  })
})

describe('sorting', () => {
  it('reads and writes keys', () => {
    const keys = [
      { attribute: 'sn', reverse: false },
      { attribute: 'cn', orderingRule: 'caseIgnoreOrderingMatch', reverse: true },
    ]
    const octets = sequence(
      sequence(text('sn')),
      sequence(text('cn'), tlv(0x80, 'caseIgnoreOrderingMatch'), tlv(0x81, Buffer.from([0xff]))),
    )
    expect(parseSortRequest(control('1.2.840.113556.1.4.473', octets))).toEqual(keys)
    expect(parseSortRequest(sortRequestControl(keys))).toEqual(keys)
  })

  it('refuses a request without keys', () => {
    expect(() => parseSortRequest(control('1.2.840.113556.1.4.473', sequence()))).toThrow(MessageError)
  })

  it('reads and writes the result', () => {
    expect(
      parseSortResponse(control('1.2.840.113556.1.4.474', sequence(enumerated(16), tlv(0x80, 'nosuch')))),
    ).toEqual({ code: 16, attribute: 'nosuch' })
    expect(parseSortResponse(sortResponseControl({ code: 0 }))).toEqual({ code: 0 })
  })
})

describe('proxied authorization', () => {
  it('holds the identity bare', () => {
    const made = proxiedAuthorizationControl('dn:uid=é,dc=x')
    expect(made).toEqual({
      type: '2.16.840.1.113730.3.4.18',
      critical: true,
      value: Buffer.from('dn:uid=é,dc=x'),
    })
    expect(parseProxiedAuthorization(made)).toBe('dn:uid=é,dc=x')
    expect(parseProxiedAuthorization(control('2.16.840.1.113730.3.4.18', Buffer.alloc(0)))).toBe('')
  })

  it('must be critical and UTF-8', () => {
    expect(() =>
      parseProxiedAuthorization({ ...proxiedAuthorizationControl('u:a'), critical: false }),
    ).toThrow(MessageError)
    expect(() => parseProxiedAuthorization(control('2.16.840.1.113730.3.4.18', Buffer.from([0xff])))).toThrow(
      MessageError,
    )
  })
})

describe('findControl', () => {
  it('finds by OID', () => {
    const controls = [manageDsaITControl(), proxiedAuthorizationControl('')]
    expect(findControl(controls, '2.16.840.1.113730.3.4.2')).toBe(controls[0])
    expect(findControl(controls, '1.2.3')).toBeUndefined()
  })
})
