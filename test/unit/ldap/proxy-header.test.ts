/** The PROXY protocol: what its headers say, in both versions, and that nothing else is taken for one. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseProxyHeader } from '../../../src/ldap/proxy-header.js'

const line = (text: string) => parseProxyHeader(Buffer.from(text, 'latin1'))
const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')

function binary(versionAndCommand: number, family: number, body: Buffer, length = body.length): Buffer {
  return Buffer.concat([
    signature,
    Buffer.from([versionAndCommand, family, length >> 8, length & 0xff]),
    body,
  ])
}

const tcp4 = Buffer.from('c0000201c6336402dcc80185', 'hex')
const tcp6 = Buffer.from(`20010db8${'0'.repeat(23)}1${'0'.repeat(31)}1dcc80185`, 'hex')

describe('version 1', () => {
  it('names the client', () => {
    expect(line('PROXY TCP4 192.0.2.1 198.51.100.2 56520 389\r\nrest')).toEqual({
      length: 45,
      client: { address: '192.0.2.1', port: 56520 },
    })
    expect(line('PROXY TCP6 2001:db8::1 ::1 0 65535\r\n')).toMatchObject({
      client: { address: '2001:db8::1', port: 0 },
    })
  })

  it('may not know it', () => {
    expect(line('PROXY UNKNOWN\r\n')).toEqual({ length: 15, client: undefined })
    expect(line('PROXY UNKNOWN ffff::1 whatever 1 2\r\n0')).toEqual({ length: 36, client: undefined })
  })

  it('is waited for until it is complete', () => {
    const text = 'PROXY TCP4 192.0.2.1 198.51.100.2 56520 389\r\n'
    for (let i = 0; i < text.length; i++) expect(line(text.slice(0, i))).toBeUndefined()
  })

  it.each([
    'GET / HTTP/1.1\r\n',
    'proxy TCP4 192.0.2.1 198.51.100.2 56520 389\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 56520\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 56520 389 1\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 65536 389\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 -1 389\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 01 389\r\n',
    'PROXY TCP4 192.0.2.256 198.51.100.2 1 389\r\n',
    'PROXY TCP4 2001:db8::1 ::1 1 389\r\n',
    'PROXY TCP6 192.0.2.1 198.51.100.2 1 389\r\n',
    'PROXY UDP4 192.0.2.1 198.51.100.2 1 389\r\n',
    'PROXY  TCP4 192.0.2.1 198.51.100.2 1 389\r\n',
    `PROXY UNKNOWN ${'x'.repeat(200)}\r\n`,
    '0\x84\0\0\0',
  ])('refuses %j', (text) => {
    expect(() => line(text)).toThrow(/no PROXY protocol header/)
  })
})

describe('version 2', () => {
  it('names the client, whatever extensions follow', () => {
    for (const [family, body, address] of [
      [0x11, tcp4, '192.0.2.1'],
      [0x21, tcp6, '2001:db8::1'],
    ] as const) {
      expect(parseProxyHeader(binary(0x21, family, body))).toEqual({
        length: 16 + body.length,
        client: { address, port: 56520 },
      })
      const extended = Buffer.concat([body, Buffer.alloc(60_000, 1)])
      expect(parseProxyHeader(Buffer.concat([binary(0x21, family, extended), Buffer.from('rest')]))).toEqual({
        length: 16 + extended.length,
        client: { address, port: 56520 },
      })
    }
  })

  it('may speak for the proxy itself, or for no client over TCP', () => {
    expect(parseProxyHeader(binary(0x20, 0x00, Buffer.alloc(0)))).toEqual({ length: 16, client: undefined })
    expect(parseProxyHeader(binary(0x20, 0x11, tcp4))).toEqual({ length: 28, client: undefined })
    for (const family of [0x00, 0x12, 0x31])
      expect(parseProxyHeader(binary(0x21, family, tcp4))).toEqual({ length: 28, client: undefined })
  })

  it('is waited for until it is complete', () => {
    const whole = binary(0x21, 0x21, tcp6)
    for (let i = 0; i < whole.length; i++) expect(parseProxyHeader(whole.subarray(0, i))).toBeUndefined()
  })

  it('refuses other versions and commands, and addresses that are cut off', () => {
    for (const broken of [
      binary(0x11, 0x11, tcp4),
      binary(0x22, 0x11, tcp4),
      binary(0x21, 0x11, tcp4.subarray(0, 11)),
      binary(0x21, 0x21, tcp4),
      Buffer.from('\r\n\r\nX', 'latin1'),
    ])
      expect(() => parseProxyHeader(broken)).toThrow(/no PROXY protocol header/)
  })
})

it('never takes what it has no header for, and never more than there is', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom('', 'PROXY TCP4 ', '\r\n\r\n\0\r\nQUIT\n'),
      (rest, start) => {
        const octets = Buffer.concat([Buffer.from(start, 'latin1'), rest])
        try {
          const header = parseProxyHeader(octets)
          if (header !== undefined) expect(header.length).toBeLessThanOrEqual(octets.length)
        } catch (error) {
          expect(error).toMatchObject({ message: expect.stringContaining('no PROXY protocol header') })
        }
      },
    ),
  )
})
