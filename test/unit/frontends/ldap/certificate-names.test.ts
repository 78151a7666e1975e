/** Whom certificates stand for: which subjects a pattern fits, and that what is in them never becomes part of a DN's form. */
import { describe, expect, it } from 'vitest'
import { CertificateNames } from '../../../../src/frontends/ldap/certificate-names.js'
import { parseDn } from '../../../../src/ldap/index.js'
import { standardSchema } from '../../../../src/schema/schema.js'

const schema = standardSchema()
const nameOf = (pattern: string, dn: string, subject: string) =>
  new CertificateNames([{ subject: pattern, dn }], schema).nameOf(parseDn(subject))

describe('a pattern', () => {
  const people = 'CN={cn},OU=people,O=Example'
  const dn = 'uid={cn},ou=people,dc=example,dc=com'

  it('fits whatever stands in its braces, in any case, spelling and spacing of the rest', () => {
    for (const subject of [
      'CN=ann,OU=people,O=Example',
      'cn=ann, ou=People, o=EXAMPLE',
      'commonName=ann,2.5.4.11=people,organizationName=example',
      'CN=ann,OU=\\20people\\20,O=Example',
    ])
      expect(nameOf(people, dn, subject)).toBe('uid=ann,ou=people,dc=example,dc=com')
  })

  it('fits no other subject', () => {
    for (const subject of [
      'CN=ann,OU=people,O=Example,C=NO',
      'OU=people,O=Example',
      'CN=ann,OU=staff,O=Example',
      'OU=people,CN=ann,O=Example',
      'CN=ann+UID=7,OU=people,O=Example',
      'UID=ann,OU=people,O=Example',
      'CN=ann,OU=people,OU=people,O=Example',
      'CN=ann,OU=people2,O=Example',
      '',
    ])
      expect(nameOf(people, dn, subject)).toBeUndefined()
  })

  it('keeps what it takes a value', () => {
    expect(nameOf(people, dn, 'CN=ann\\,ou\\=admins\\+x,OU=people,O=Example')).toBe(
      'uid=ann\\,ou=admins\\+x,ou=people,dc=example,dc=com',
    )
    expect(nameOf(people, dn, 'CN={cn},OU=people,O=Example')).toBe('uid={cn},ou=people,dc=example,dc=com')
  })

  it('may stand before, between and behind text, and several times', () => {
    expect(nameOf('E={user}@example.com', 'uid={user},dc=x', 'emailAddress=Ann.B@Example.com')).toBe(
      'uid=Ann.B,dc=x',
    )
    expect(
      nameOf('E={user}@example.com', 'uid={user},dc=x', 'emailAddress=ann@example.com.evil'),
    ).toBeUndefined()
    expect(nameOf('E={user}@example.com', 'uid={user},dc=x', 'emailAddress=ann@exampleXcom')).toBeUndefined()
    expect(nameOf('CN={a}-{b} (x\\+y)', 'cn={b},ou={a}', 'CN=1-2 (x\\+y)')).toBe('cn=2,ou=1')
    expect(nameOf('CN={a}.{a}', 'cn={a}', 'CN=x.X')).toBe('cn=x')
    expect(nameOf('CN={a}.{a}', 'cn={a}', 'CN=x.y')).toBeUndefined()
    expect(nameOf('CN={a},OU={a}', 'cn={a}', 'CN=x,OU=y')).toBeUndefined()
    expect(nameOf('CN={a},OU={a}', 'cn={a}', 'CN=x,OU=X')).toBe('cn=X')
  })

  it('fits parts of one RDN in any order', () => {
    expect(nameOf('CN={n}+UID={u},O=x', 'uid={u}', 'UID=7+CN=ann,O=x')).toBe('uid=7')
  })

  it('fits no value that is not text', () => {
    expect(nameOf('CN={n}', 'cn={n}', 'CN=#0403ff00ff')).toBeUndefined()
  })
})

it('the first that fits decides', () => {
  const names = new CertificateNames(
    [
      { subject: 'CN=root,O=x', dn: 'cn=admin' },
      { subject: 'CN={n},O=x', dn: 'cn={n}' },
    ],
    schema,
  )
  expect(names.nameOf(parseDn('CN=Root,O=x'))).toBe('cn=admin')
  expect(names.nameOf(parseDn('CN=other,O=x'))).toBe('cn=other')
})
