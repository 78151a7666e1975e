import { describe, expect, it } from 'vitest'
import { describedAttributes } from '../../../../src/sources/ldap/description.js'

describe('attribute types as servers publish them', () => {
  it('inherit from their superior what they do not say', () => {
    const [, cn] = describedAttributes([
      "( 2.5.4.41 NAME 'name' DESC 'RFC4519: common supertype' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{32768} )",
      "( 2.5.4.3 NAME ( 'cn' 'commonName' ) DESC 'it\\27s ( a $ name' SUP name )",
    ])
    expect(cn).toMatchObject({
      oid: '2.5.4.3',
      names: ['cn', 'commonName'],
      syntax: '1.3.6.1.4.1.1466.115.121.1.15',
      equality: 'caseIgnoreMatch',
      substring: 'caseIgnoreSubstringsMatch',
      singleValued: false,
    })
  })

  it('may be written without spaces, with quoted OIDs and flags in any order', () => {
    expect(
      describedAttributes([
        "(1.2.3 NAME 'x' SINGLE-VALUE NO-USER-MODIFICATION SYNTAX '1.3.6.1.4.1.1466.115.121.1.27' USAGE dSAOperation X-ORIGIN ( 'a' 'b' ))",
      ]),
    ).toEqual([
      expect.objectContaining({
        names: ['x'],
        syntax: '1.3.6.1.4.1.1466.115.121.1.27',
        singleValued: true,
        readOnly: true,
      }),
    ])
  })

  it('are left out where they make no sense, and end where they go in circles', () => {
    expect(describedAttributes(['', 'nonsense', '('])).toEqual([])
    expect(describedAttributes(["( 1 NAME 'a' SUP b )", "( 2 NAME 'b' SUP a )"])).toHaveLength(2)
  })
})
