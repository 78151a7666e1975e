import { describe, expect, it } from 'vitest'
import { parseLocation } from '../../../../src/sources/ldap/location.js'
import { isBelow, Names, superiorOf } from '../../../../src/sources/ldap/names.js'
import { NoTable } from '../../../../src/sources/source.js'

const names = new Names(
  new Set(['serial']),
  new Map([
    ['uid', 'uid'],
    ['userid', 'uid'],
    ['0.9.2342.19200300.100.1.1', 'uid'],
    ['dc', 'dc'],
    ['ou', 'ou'],
    ['cn', 'cn'],
    ['serial', 'serial'],
  ]),
)

describe('the canonical form of a name', () => {
  it.each([
    ['uid=bjensen,ou=people,dc=corp', 'uid=bjensen,ou=people,dc=corp'],
    ['UID=BJensen,OU=People,DC=corp', 'uid=bjensen,ou=people,dc=corp'],
    ['userid=bjensen, ou = people ,dc=corp', 'uid=bjensen,ou=people,dc=corp'],
    ['0.9.2342.19200300.100.1.1=bjensen,dc=corp', 'uid=bjensen,dc=corp'],
    ['cn=Barbara  Jensen,dc=corp', 'cn=barbara jensen,dc=corp'],
    ['cn=Jensen\\, Barbara,dc=corp', 'cn=jensen\\, barbara,dc=corp'],
    ['cn=Jensen\\2c Barbara,dc=corp', 'cn=jensen\\, barbara,dc=corp'],
    ['cn="Jensen, Barbara",dc=corp', 'cn=jensen\\, barbara,dc=corp'],
    ['uid=b+cn=a,dc=corp', 'cn=a+uid=b,dc=corp'],
    ['cn=Lu\\C4\\8Di\\C4\\87,dc=corp', 'cn=lučić,dc=corp'],
    ['CN=\\C3\\84rger,dc=corp', 'cn=ärger,dc=corp'],
    ['serial=AbC,dc=corp', 'serial=AbC,dc=corp'],
    ['unheard=AbC,dc=corp', 'unheard=abc,dc=corp'],
    ['', ''],
  ])('of %s is %s', (text, canonical) => {
    expect(names.canonical(text)).toBe(canonical)
    expect(names.canonical(canonical)).toBe(canonical)
  })

  it('is none of what is no name', () => {
    expect(names.canonical('bjensen')).toBeUndefined()
    expect(names.canonical('uid=a,,dc=b')).toBeUndefined()
  })
})

describe('what stands in a name', () => {
  it('is the attributes of its leaf', () => {
    expect(names.naming('userid=BJensen+CN=Babs,dc=corp')).toEqual([
      { type: 'uid', value: 'BJensen' },
      { type: 'cn', value: 'Babs' },
    ])
  })

  it('is what is above it', () => {
    expect(superiorOf('cn=a\\,b,ou=people,dc=corp')).toBe('ou=people,dc=corp')
    expect(superiorOf('dc=corp')).toBe('')
    expect(superiorOf('')).toBeUndefined()
    expect(isBelow('cn=a,ou=people,dc=corp', 'dc=corp')).toBe(true)
    expect(isBelow('cn=a,dc=xdc=corp', 'dc=corp')).toBe(false)
    expect(isBelow('dc=corp', 'dc=corp')).toBe(true)
    expect(isBelow('dc=corp', '')).toBe(true)
  })
})

describe('a place in a directory', () => {
  it.each([
    ['ou=people,dc=corp', 'wholeSubtree'],
    ['ou=people,dc=corp??one?(uid=*)', 'singleLevel'],
    ['ou=people,dc=corp??base', 'baseObject'],
    ['ou=people,dc=corp??sub?(cn=what?)', 'wholeSubtree'],
  ])('%s', (text, scope) => {
    expect(parseLocation(text, names)).toMatchObject({ base: 'ou=people,dc=corp', scope })
  })

  it.each([
    ['people', /no distinguished name/],
    ['dc=corp?uid?sub', /which attributes are read/],
    ['dc=corp??children', /base, one or sub/],
    ['dc=corp??one?(uid=*', /parenthesis/],
  ])('%s is none', (text, message) => {
    expect(() => parseLocation(text, names)).toThrow(NoTable)
    expect(() => parseLocation(text, names)).toThrow(message)
  })
})
