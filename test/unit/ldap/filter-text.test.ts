/** RFC 4515: the examples of its section 4, every escape, tolerated spellings, and refusals with their place. */
import { describe, expect, it } from 'vitest'
import {
  escapeFilterValue,
  FilterSyntaxError,
  formatFilter,
  type LdapFilter,
  parseFilter,
} from '../../../src/ldap/index.js'

const eq = (attribute: string, value: string | Buffer): LdapFilter => ({
  tag: 'equality',
  attribute,
  value: Buffer.from(value),
})

describe('parseFilter', () => {
  const cases: [string, LdapFilter][] = [
    ['(cn=Babs Jensen)', eq('cn', 'Babs Jensen')],
    ['(!(cn=Tim Howes))', { tag: 'not', filter: eq('cn', 'Tim Howes') }],
    [
      '(&(objectClass=Person)(|(sn=Jensen)(cn=Babs J*)))',
      {
        tag: 'and',
        filters: [
          eq('objectClass', 'Person'),
          {
            tag: 'or',
            filters: [
              eq('sn', 'Jensen'),
              { tag: 'substrings', attribute: 'cn', initial: Buffer.from('Babs J'), any: [] },
            ],
          },
        ],
      },
    ],
    [
      '(o=univ*of*mich*)',
      {
        tag: 'substrings',
        attribute: 'o',
        initial: Buffer.from('univ'),
        any: [Buffer.from('of'), Buffer.from('mich')],
      },
    ],
    ['(a=*b)', { tag: 'substrings', attribute: 'a', any: [], final: Buffer.from('b') }],
    ['(seeAlso=)', eq('seeAlso', '')],
    ['(a=*)', { tag: 'present', attribute: 'a' }],
    ['(a=**)', { tag: 'present', attribute: 'a' }],
    [
      '(cn:caseExactMatch:=Fred Flintstone)',
      {
        tag: 'extensible',
        rule: 'caseExactMatch',
        attribute: 'cn',
        value: Buffer.from('Fred Flintstone'),
        dnAttributes: false,
      },
    ],
    [
      '(cn:=Betty Rubble)',
      { tag: 'extensible', attribute: 'cn', value: Buffer.from('Betty Rubble'), dnAttributes: false },
    ],
    [
      '(sn:dn:2.4.6.8.10:=Barney Rubble)',
      {
        tag: 'extensible',
        rule: '2.4.6.8.10',
        attribute: 'sn',
        value: Buffer.from('Barney Rubble'),
        dnAttributes: true,
      },
    ],
    [
      '(o:dn:=Ace Industry)',
      { tag: 'extensible', attribute: 'o', value: Buffer.from('Ace Industry'), dnAttributes: true },
    ],
    [
      '(:1.2.3:=Wilma Flintstone)',
      { tag: 'extensible', rule: '1.2.3', value: Buffer.from('Wilma Flintstone'), dnAttributes: false },
    ],
    [
      '(:DN:2.4.6.8.10:=Dino)',
      { tag: 'extensible', rule: '2.4.6.8.10', value: Buffer.from('Dino'), dnAttributes: true },
    ],
    ['(age>=5)', { tag: 'greaterOrEqual', attribute: 'age', value: Buffer.from('5') }],
    ['(age<=5)', { tag: 'lessOrEqual', attribute: 'age', value: Buffer.from('5') }],
    ['(cn~=jon)', { tag: 'approx', attribute: 'cn', value: Buffer.from('jon') }],
    ['(a=b=c>=d:=e)', eq('a', 'b=c>=d:=e')],
    ['(cn;lang-de=x)', eq('cn;lang-de', 'x')],
    ['(2.5.4.3=x)', eq('2.5.4.3', 'x')],
    ['(&)', { tag: 'and', filters: [] }],
    ['(|)', { tag: 'or', filters: [] }],
  ]
  it.each(cases)('reads %s', (text, filter) => {
    expect(parseFilter(text)).toEqual(filter)
  })

  it('turns every \\xx into exactly that octet', () => {
    for (let octet = 0; octet < 256; octet++) {
      const digits = octet.toString(16).padStart(2, '0')
      for (const spelling of [digits, digits.toUpperCase()]) {
        expect(parseFilter(`(a=x\\${spelling}y)`)).toEqual(
          eq('a', Buffer.concat([Buffer.from('x'), Buffer.from([octet]), Buffer.from('y')])),
        )
      }
    }
  })

  it('reads the escapes of the examples', () => {
    expect(parseFilter('(o=Parens R Us \\28for all your parenthetical needs\\29)')).toEqual(
      eq('o', 'Parens R Us (for all your parenthetical needs)'),
    )
    expect(parseFilter('(filename=C:\\5cMyFile)')).toEqual(eq('filename', 'C:\\MyFile'))
    expect(parseFilter('(bin=\\00\\00\\00\\04)')).toEqual(eq('bin', Buffer.from([0, 0, 0, 4])))
    expect(parseFilter('(sn=Lu\\c4\\8di\\c4\\87)')).toEqual(eq('sn', 'Lučić'))
    expect(parseFilter('(sn=Lučić)')).toEqual(eq('sn', 'Lučić'))
    expect(parseFilter('(cn=*\\2A*)')).toEqual({
      tag: 'substrings',
      attribute: 'cn',
      any: [Buffer.from('*')],
    })
  })

  it('tolerates white space around filters and keeps that of values', () => {
    const filter = parseFilter(' ( & ( a=b )\n\t( ! (c= d) ) ) ')
    expect(filter).toEqual({
      tag: 'and',
      filters: [eq('a', 'b '), { tag: 'not', filter: eq('c', ' d') }],
    })
  })

  it('takes a single comparison without parentheses', () => {
    expect(parseFilter('uid=ann')).toEqual(eq('uid', 'ann'))
    expect(parseFilter(' cn=a*')).toEqual({
      tag: 'substrings',
      attribute: 'cn',
      initial: Buffer.from('a'),
      any: [],
    })
  })

  it.each([
    ['', 0],
    ['   ', 3],
    ['(', 0],
    ['()', 1],
    ['(a)', 1],
    ['(=b)', 1],
    ['(a=b', 0],
    ['(a=b))', 5],
    ['(a=b)(c=d)', 5],
    ['(a=b)x', 5],
    ['a=b)', 3],
    ['(&(a=b)', 0],
    ['(&(a=b)x)', 7],
    ['(!)', 0],
    ['(!(a=b)(c=d))', 0],
    ['(a=(b))', 0],
    ['(a b=c)', 1],
    ['(a =c)', 1],
    ['(a>=b*)', 5],
    ['(a:=b*)', 5],
    ['(a=\\)', 3],
    ['(a=\\4)', 3],
    ['(a=\\4g)', 3],
    ['(a=\\zz)', 3],
    ['(a=\0)', 3],
    ['(:=x)', 1],
    ['(a::=x)', 1],
    ['(a:b:c:=x)', 1],
    ['(a=\ud800)', 3],
  ])('refuses %j at %i', (text, position) => {
    let error: unknown
    try {
      parseFilter(text)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(FilterSyntaxError)
    expect(error).toMatchObject({ position })
  })

  it('bounds the depth, however deep the text is', () => {
    const nested = (depth: number): string => `${'(!'.repeat(depth - 1)}(a=b)${')'.repeat(depth - 1)}`
    expect(parseFilter(nested(128)).tag).toBe('not')
    expect(() => parseFilter(nested(129))).toThrow(FilterSyntaxError)
    expect(() => parseFilter('(!'.repeat(100_000))).toThrow(FilterSyntaxError)
    expect(parseFilter(nested(500), { maxDepth: 500 }).tag).toBe('not')
  })
})

describe('formatFilter', () => {
  it.each([
    '(cn=Babs Jensen)',
    '(&(objectClass=Person)(|(sn=Jensen)(cn=Babs J*)))',
    '(!(o=univ*of*mich*))',
    '(cn=*a*)',
    '(cn=*)',
    '(:dn:2.4.6.8.10:=Dino)',
    '(cn:caseExactMatch:=x)',
    '(&)',
    '(a>=1)',
    '(a<=1)',
    '(a~=1)',
    '(sn=Lučić 漢字 😀)',
    '(bin=\\00\\ff\\fe)',
    '(o=\\28\\29\\2a\\5c)',
  ])('writes %s as it was read', (text) => {
    expect(formatFilter(parseFilter(text))).toBe(text)
  })

  it('keeps every octet', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet))
    expect(parseFilter(formatFilter(eq('a', all)))).toEqual(eq('a', all))
  })

  it('shows an attribute description that came malformed over the wire harmlessly', () => {
    expect(formatFilter({ tag: 'present', attribute: 'a)(b\n' })).toBe('(a\\29\\28b\\0a=*)')
  })
})

describe('escapeFilterValue', () => {
  it('makes any text safe to be put into a filter', () => {
    const value = '*)(uid=*))(|(uid=\\\0'
    expect(parseFilter(`(uid=${escapeFilterValue(value)})`)).toEqual(eq('uid', value))
  })
})
