/** Names as they are read: the same whether their superior has been read before or not, and however they are spelled. */
import { describe, expect, it } from 'vitest'
import { keyAbove, keyOf, parseName } from '../../../../src/frontends/ldap/names.js'
import { standardSchema } from '../../../../src/schema/schema.js'

const schema = standardSchema()
const form = (dn: string) => keyOf(parseName(dn, schema).forms)

describe('a name', () => {
  it('is the same in every spelling', () => {
    const spellings = [
      'uid=ada,ou=people,dc=example,dc=com',
      'UID=Ada,ou=people,dc=example,dc=com',
      'uid=ada,OU=People, dc=example;dc=com',
      'uid = ada ,ou=people,dc=example,dc=com',
      '0.9.2342.19200300.100.1.1=ada,ou=people,dc=example,dc=com',
      'uid=\\61da,ou=people,dc=example,dc=com',
      'uid="ada",ou=people,dc=example,dc=com',
    ]
    const first = form('uid=ada,ou=people,dc=example,dc=com')
    for (const dn of [...spellings, ...spellings]) expect(form(dn), dn).toBe(first)
    expect(parseName('uid=ada,ou=people,dc=example,dc=com', schema).rdns).toEqual([
      [{ type: 'uid', value: 'ada' }],
      [{ type: 'ou', value: 'people' }],
      [{ type: 'dc', value: 'example' }],
      [{ type: 'dc', value: 'com' }],
    ])
  })

  it('is none where it is longer than any', () => {
    expect(() => parseName(`cn=x,`.repeat(1600).slice(0, -1), schema)).not.toThrow()
    expect(() => parseName(`cn=x,`.repeat(1700).slice(0, -1), schema)).toThrow('too long')
  })

  it('knows the key of what is above it, however much is remembered of that', () => {
    const key = form('ou=people,dc=example,dc=com')
    for (const dn of ['uid=ada,ou=people,dc=example,dc=com', 'uid="ada",OU=People,DC=example,dc=com'])
      for (const _ of [1, 2]) expect(keyAbove(parseName(dn, schema)), dn).toBe(key)
    expect(keyAbove(parseName('dc=com', schema))).toBe('')
  })

  it('of several attributes is not taken for one of one', () => {
    expect(parseName('uid=ada+cn=x,dc=example', schema).rdns[0]).toHaveLength(2)
    expect(form('uid=ada+cn=x,dc=example')).not.toBe(form('uid=ada,dc=example'))
  })

  it('tells what nothing can be called by, in itself or above, each time', () => {
    for (const _ of [1, 2]) {
      expect(parseName('uid=ada,nothing=x,dc=com', schema).fault).toMatch(/nothing/)
      expect(parseName('nothing=x,ou=people,dc=com', schema).fault).toMatch(/nothing/)
      expect(parseName('uid=ada,ou=people,dc=com', schema).fault).toBeUndefined()
    }
  })

  it.each(['uid=ada,', 'uid=ada, ', 'uid=ada,people', 'uid=ada,ou=people,', 'uid=ada,ou="x'])(
    '%j is none, each time',
    (dn) => {
      for (const _ of [1, 2])
        expect(() => parseName(dn, schema)).toThrow(expect.objectContaining({ code: 'invalidDNSyntax' }))
    },
  )
})
