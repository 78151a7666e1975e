/** The codec against octets put together by hand from RFC 4511, and against what it must refuse. */
import { describe, expect, it } from 'vitest'
import {
  BerError,
  decodeMessage,
  encodeMessage,
  type LdapMessage,
  MessageError,
  parseFilter,
} from '../../../src/ldap/index.js'
import { bool, enumerated, hex, int, sequence, text, tlv } from './tlv.js'

/** The error that decoding these octets ends in. */
function refusal(octets: Buffer): unknown {
  try {
    decodeMessage(octets)
  } catch (error) {
    return error
  }
  throw new Error('it was decoded')
}

const present = tlv(0x87, 'objectClass')
const searchBody = (filter: Buffer): Buffer[] => [
  text('dc=example'),
  enumerated(2),
  enumerated(0),
  int(10),
  int(30),
  bool(false),
  filter,
  sequence(text('cn'), text('1.1')),
]

describe('decodeMessage', () => {
  it('reads a simple bind', () => {
    expect(decodeMessage(hex('30 16 020101 60 11 020103 04 04 636e3d61 80 06 736563726574'))).toEqual({
      op: 'bindRequest',
      messageId: 1,
      version: 3,
      name: 'cn=a',
      authentication: { mechanism: 'simple', password: Buffer.from('secret') },
      controls: [],
    })
  })

  it('reads a SASL bind without credentials', () => {
    expect(
      decodeMessage(sequence(int(1), tlv(0x60, int(3), text(''), tlv(0xa3, text('EXTERNAL'))))),
    ).toMatchObject({ authentication: { mechanism: 'sasl', sasl: 'EXTERNAL' } })
  })

  it('reads a search with controls', () => {
    const controls = tlv(
      0xa0,
      sequence(text('1.2.3'), bool(true), text('value')),
      sequence(text('1.2.4')),
      sequence(text('1.2.5'), text('')),
    )
    expect(decodeMessage(sequence(int(2), tlv(0x63, ...searchBody(present)), controls))).toEqual({
      op: 'searchRequest',
      messageId: 2,
      base: 'dc=example',
      scope: 'wholeSubtree',
      derefAliases: 'neverDerefAliases',
      sizeLimit: 10,
      timeLimit: 30,
      typesOnly: false,
      filter: { tag: 'present', attribute: 'objectClass' },
      attributes: ['cn', '1.1'],
      controls: [
        { type: '1.2.3', critical: true, value: Buffer.from('value') },
        { type: '1.2.4', critical: false },
        { type: '1.2.5', critical: false, value: Buffer.alloc(0) },
      ],
    })
  })

  it('reads every form of length, also longer ones than needed', () => {
    const expected = { op: 'delRequest', messageId: 4, entry: 'c=', controls: [] }
    expect(decodeMessage(hex('30 07 020104 4a 02 633d'))).toEqual(expected)
    expect(decodeMessage(hex('30 81 08 020104 4a 81 02 633d'))).toEqual(expected)
    expect(decodeMessage(hex('30 84 0000000b 020104 4a 84 00000002 633d'))).toEqual(expected)
  })

  it('reads the largest message id and refuses what is none', () => {
    expect(decodeMessage(hex('30 08 0204 7fffffff 4200')).messageId).toBe(0x7fffffff)
    expect(refusal(hex('30 08 0204 80000000 4200'))).toBeInstanceOf(BerError)
    expect(refusal(hex('30 05 020100 4200'))).toBeInstanceOf(BerError)
    expect(refusal(hex('30 09 0205 0100000000 4200'))).toBeInstanceOf(BerError)
    expect(refusal(hex('30 04 0200 4200'))).toBeInstanceOf(BerError)
  })

  it('ignores elements that a later version of the protocol may append', () => {
    const compare = tlv(0x6e, text('c=d'), sequence(text('cn'), text('v'), tlv(0x8f, 'new')), tlv(0xa9))
    expect(decodeMessage(sequence(int(1), compare, tlv(0x85, 'new'), tlv(0xa0)))).toEqual({
      op: 'compareRequest',
      messageId: 1,
      entry: 'c=d',
      attribute: 'cn',
      value: Buffer.from('v'),
      controls: [],
    })
  })

  it('takes message id 0 for an unsolicited notification only', () => {
    const notice = tlv(0x78, enumerated(52), text(''), text('bye'), tlv(0x8a, '1.3.6.1.4.1.1466.20036'))
    expect(decodeMessage(sequence(int(0), notice))).toEqual({
      op: 'extendedResponse',
      messageId: 0,
      code: 52,
      matchedDN: '',
      message: 'bye',
      name: '1.3.6.1.4.1.1466.20036',
      controls: [],
    })
  })

  it.each([
    ['an empty message', sequence()],
    ['no operation', sequence(int(1))],
    ['an unknown operation', sequence(int(1), tlv(0x7f, ''))],
    ['an element beyond its sequence', hex('30 07 020104 4a 03 633d')],
    ['an element beyond the octets', hex('30 20 020104 4a 02 633d')],
    ['an indefinite length', hex('30 80 020104 4a 02 633d 0000')],
    ['a length of five octets', hex('30 85 0000000007 020104 4a 02 633d')],
    ['a length that is cut off', hex('30 07 020104 4a 82 00')],
    ['a boolean of two octets', sequence(int(1), tlv(0x6c, text(''), text(''), tlv(0x01, 'ab')))],
    ['a bind without authentication', sequence(int(1), tlv(0x60, int(3), text('')))],
    ['no octets', Buffer.alloc(0)],
  ])('refuses %s as malformed', (_name, octets) => {
    expect(refusal(octets)).toBeInstanceOf(BerError)
  })

  it.each([
    [
      'text that is not UTF-8',
      2,
      'searchRequest',
      tlv(0x63, tlv(0x04, Buffer.from([0xc3, 0x28])), ...searchBody(present).slice(1)),
    ],
    [
      'an unknown scope',
      2,
      'searchRequest',
      tlv(0x63, text(''), enumerated(9), ...searchBody(present).slice(2)),
    ],
    ['an unknown kind of filter', 2, 'searchRequest', tlv(0x63, ...searchBody(tlv(0xaf, text('x'))))],
    [
      'a substrings filter without a substring',
      2,
      'searchRequest',
      tlv(0x63, ...searchBody(tlv(0xa4, text('x'), sequence()))),
    ],
    [
      'substrings out of order',
      2,
      'searchRequest',
      tlv(0x63, ...searchBody(tlv(0xa4, text('x'), sequence(tlv(0x82, 'z'), tlv(0x80, 'a'))))),
    ],
    [
      'an extensible match that names nothing',
      2,
      'searchRequest',
      tlv(0x63, ...searchBody(tlv(0xa9, tlv(0x83, 'x')))),
    ],
    ['an unknown authentication choice', 7, 'bindRequest', tlv(0x60, int(3), text(''), tlv(0x85, ''))],
    [
      'an unknown modify operation',
      2,
      'modifyRequest',
      tlv(0x66, text(''), sequence(sequence(enumerated(7), sequence(text('a'), tlv(0x31))))),
    ],
  ])('refuses %s in a way that can be answered', (_name, code, op, operation) => {
    const error = refusal(sequence(int(9), operation))
    expect(error).toBeInstanceOf(MessageError)
    expect(error).toMatchObject({ resultCode: code, messageId: 9, op })
  })
})

describe('filter limits', () => {
  const nested = (depth: number): Buffer => {
    let filter = present
    for (let i = 1; i < depth; i++) filter = tlv(0xa2, filter)
    return sequence(int(1), tlv(0x63, ...searchBody(filter)))
  }
  const wide = (count: number): Buffer =>
    sequence(int(1), tlv(0x63, ...searchBody(tlv(0xa1, ...new Array<Buffer>(count - 1).fill(present)))))

  it('takes a filter up to the limits', () => {
    expect(decodeMessage(nested(128)).op).toBe('searchRequest')
    expect(decodeMessage(wide(4096)).op).toBe('searchRequest')
    expect(decodeMessage(nested(3), { maxFilterDepth: 3, maxFilterNodes: 3 }).op).toBe('searchRequest')
  })

  it('refuses one beyond them with adminLimitExceeded', () => {
    expect(refusal(nested(129))).toMatchObject({ resultCode: 11, messageId: 1, op: 'searchRequest' })
    expect(refusal(wide(4097))).toMatchObject({ resultCode: 11, messageId: 1, op: 'searchRequest' })
  })

  it('never goes deeper than 1000, whatever the limit says', () => {
    const limits = { maxFilterDepth: 1e9, maxFilterNodes: 1e9 }
    expect(decodeMessage(nested(1000), limits).op).toBe('searchRequest')
    expect(() => decodeMessage(nested(1001), limits)).toThrow(MessageError)
  })
})

describe('encodeMessage', () => {
  it('writes constructed elements with lengths of four octets, primitive ones with the least', () => {
    const octets = encodeMessage({
      op: 'searchResultEntry',
      messageId: 5,
      dn: 'c=d',
      attributes: [{ type: 'cn', values: [Buffer.from('x'), Buffer.alloc(200, 'y')] }],
      controls: [],
    })
    const constructed = (tag: string, length: number): string =>
      `${tag}84${length.toString(16).padStart(8, '0')}`
    const set = `${constructed('31', 206)}040178 0481c8 ${'79'.repeat(200)}`
    const attribute = `${constructed('30', 4 + 6 + 206)}0402636e${set}`
    const list = `${constructed('30', 6 + 216)}${attribute}`
    const entry = `${constructed('64', 5 + 6 + 222)}0403633d64${list}`
    expect(octets).toEqual(hex(`${constructed('30', 3 + 6 + 233)}020105${entry}`))
  })

  it('writes attributes of entries that are short with lengths of one octet', () => {
    const octets = encodeMessage({
      op: 'searchResultEntry',
      messageId: 5,
      dn: 'c=d',
      attributes: [
        { type: 'cn', values: [Buffer.from('x'), Buffer.from('é')] },
        { type: 'sn', values: [Buffer.alloc(119, 'y')] },
        { type: 'sn', values: [Buffer.alloc(126, 'y')] },
      ],
      controls: [],
    })
    const text = octets.toString('hex')
    expect(text).toContain('300d0402636e31070401780402c3a9')
    expect(text).toContain(`307f0402736e31790477${'79'.repeat(119)}`)
    expect(text).toContain(`318400000080047e${'79'.repeat(126)}`)
  })

  it('writes a response with referrals and SASL credentials', () => {
    const message: LdapMessage = {
      op: 'bindResponse',
      messageId: 300,
      code: 10,
      matchedDN: 'dc=é',
      message: 'elsewhere',
      referrals: ['ldap://a/', 'ldap://b/'],
      serverSaslCreds: Buffer.from([0, 255]),
      controls: [],
    }
    expect(decodeMessage(encodeMessage(message))).toEqual(message)
  })

  it('gives every message a buffer of its own', () => {
    const first = encodeMessage({ op: 'unbindRequest', messageId: 1, controls: [] })
    const before = Buffer.from(first)
    encodeMessage({ op: 'delRequest', messageId: 77, entry: 'cn=x', controls: [] })
    expect(first).toEqual(before)
  })

  it('writes texts of every length and script so that they come back', () => {
    for (const unit of ['a', 'é', '漢', '😀']) {
      for (let length = 0; length < 300; length += length < 50 ? 1 : 31) {
        const entry = unit.repeat(length)
        const message: LdapMessage = { op: 'delRequest', messageId: 1, entry, controls: [] }
        expect(decodeMessage(encodeMessage(message))).toEqual(message)
      }
    }
  })

  it('writes a search so that it comes back', () => {
    const message: LdapMessage = {
      op: 'searchRequest',
      messageId: 1,
      base: 'ou=people,dc=example',
      scope: 'subordinateSubtree',
      derefAliases: 'derefAlways',
      sizeLimit: 0x7fffffff,
      timeLimit: 65536,
      typesOnly: true,
      filter: parseFilter('(&(a=b)(|(c=*d*e*)(!(f>=g)))(h:dn:caseExactMatch:=i)(j=*)(|))'),
      attributes: ['*', '+'],
      controls: [],
    }
    expect(decodeMessage(encodeMessage(message))).toEqual(message)
  })
})
