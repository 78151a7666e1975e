/** Attribute values, good and bad, that a schema and a real server must take and compare alike. */
import fc from 'fast-check'

/** Letters with and without case, composed and not, in scripts whose case pairs are simple; no compatibility forms. */
const letters = [...'aAbBzZ019 -._@,+"\\<>;=#*()%éÉßöÖñÑçøØłŁžŽάΆσΣςωΩжЖяЯёЁ日本語한😀']
const marks = ['\u0301', '\u0308', '\u030a', '\u0327']
const awkward = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...letters) },
      { weight: 3, arbitrary: fc.constant(' ') },
      { weight: 1, arbitrary: fc.constantFrom(...marks) },
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join(''))

const texts = [
  ...['foo', 'Foo', ' foo ', 'foo bar', 'foo  bar', ' FOO   BAR ', ' ', '   ', 'foo bar baz'],
  ...['École', 'E\u0301cole', 'école', 'ÉCOLE', 'Straße', 'STRASSE', 'straße'],
  ...[
    'ΣΊΣΥΦΟΣ',
    'σίσυφοσ',
    'σίσυφος',
    'Москва',
    'МОСКВА',
    '東京',
    '😀 a',
    '😀 A',
    'Ångström',
    '\u212bngström',
  ],
  ...['a*b', 'a\\b', '(a)', 'a,b', '#a', 'a+b', '100%', 'a_b', '\t', 'a\tb'],
  ...fc.sample(awkward, { numRuns: 40, seed: 7 }),
]
const ascii = texts.filter((text) => /^[\x20-\x7e]*$/.test(text))

export interface Case {
  readonly attr: string
  readonly values: readonly string[]
  readonly pieces?: boolean
  readonly ordering?: boolean
}

export const cases: readonly Case[] = [
  { attr: 'cn', values: texts, pieces: true },
  { attr: 'xText', values: texts, ordering: true },
  { attr: 'xExact', values: texts, pieces: true, ordering: true },
  { attr: 'mail', values: [...ascii, '', 'jörg@example.org'], pieces: true },
  { attr: 'xExactMail', values: [...ascii, ''], pieces: true },
  {
    attr: 'telephoneNumber',
    values: [
      '+49 30 123-45',
      '+493012345',
      '+49 (30) 12345',
      ' - ',
      '-',
      'ext A',
      'EXT a',
      '1*2',
      '',
      '12 ',
      'é',
    ],
    pieces: true,
  },
  {
    attr: 'xNumeric',
    values: ['12 3', '123', ' 1 2 3 ', ' ', '0123', '1-2', '', '99'],
    pieces: true,
    ordering: true,
  },
  {
    attr: 'postalAddress',
    values: [
      '1 Main St$Anytown',
      '1 MAIN  st$anytown ',
      'a$$b',
      'a$b',
      'a\\24b',
      'a\\5Cb',
      'a\\5cb',
      'a\\b',
      ' $ ',
      '$',
    ],
    pieces: true,
  },
  {
    attr: 'uidNumber',
    values: [
      '0',
      '-0',
      '00',
      '1',
      '-1',
      '-10',
      '10',
      '010',
      '9007199254740993',
      '-9007199254740993',
      ' 1',
      '1a',
      '',
    ],
    ordering: true,
  },
  { attr: 'shadowMax', values: ['1', '2'], ordering: true },
  { attr: 'xBoolean', values: ['TRUE', 'FALSE', 'true', '1', '', ' TRUE'] },
  {
    attr: 'xTime',
    values: [
      ...[
        '20250102030405Z',
        '20250102030405.0Z',
        '20250102030405.5Z',
        '20250102030405,50Z',
        '20250102030405.123Z',
      ],
      ...['202501020304Z', '2025010203Z', '20250102040405+0100', '20250101230405-04', '20250102030405+0530'],
      ...['20240229000000Z', '20250229000000Z', '20251301000000Z', '20250100000000Z', '20250102240000Z'],
      ...[
        '20250102036000Z',
        '20250102030461Z',
        '20250102030405',
        '20250102Z',
        '202501020Z',
        '20250102030405.Z',
      ],
      ...[
        '20250102030405+2400',
        '20250102030405+0160',
        '20250102030405z',
        '',
        '00010101000000Z',
        '19000229000000Z',
      ],
    ],
    ordering: true,
  },
  { attr: 'xOctets', values: ['', 'a', 'A', 'ab', 'é', 'e\u0301', ' '], ordering: true },
  {
    attr: 'xUuid',
    values: [
      '597ae2f6-16a6-1027-98f4-d28b5365dc14',
      '597AE2F6-16A6-1027-98F4-D28B5365DC14',
      '00000000-0000-0000-0000-000000000000',
      '597ae2f616a6102798f4d28b5365dc14',
      'ffffffff-ffff-ffff-ffff-fffffffffffg',
    ],
    ordering: true,
  },
  { attr: 'x500UniqueIdentifier', values: ["'0101'B", "'01010'B", "''B", "'2'B", '0101', "'01'b"] },
  { attr: 'c', values: ['DE', 'de', 'D', 'DEU', 'é'], pieces: true },
  { attr: 'serialNumber', values: ['a b', 'A  B', 'a_b', 'a=b', ''], pieces: true },
  { attr: 'labeledURI', values: ['http://a', 'http://A', ' http://a'], pieces: true },
  { attr: 'facsimileTelephoneNumber', values: ['+49 30', '+49 30$fine', '$', 'a$', '*'] },
  { attr: 'preferredDeliveryMethod', values: ['any', 'MHS $ any', 'any $', 'fax', 'any$mhs'] },
  { attr: 'nisNetgroupTriple', values: ['(a,b,c)', '(,,)', '(a,b)', 'a,b,c', '(a,b,c) ', '(a b,,)'] },
  {
    attr: 'bootParameter',
    values: ['root=server:/path', '=:', 'root=server', 'root=server:/p_q', 'a b=c:d'],
  },
  {
    attr: 'seeAlso',
    values: [
      ...['cn=a,dc=x', 'CN=A, DC=X', 'cn = a , dc = x', 'commonName=a;dc=x', '2.5.4.3=a,dc=x', 'cn=a', ''],
      ...['cn=a+uid=b,dc=x', 'uid=B+cn=A,dc=x', 'cn=a+cn=b', 'cn=Smith\\, J,dc=x', 'cn=Smith\\2c J,dc=x'],
      ...[
        'cn="Smith, J",dc=x',
        'cn=Smith, J,dc=x',
        'cn=\\ a,dc=x',
        'cn=a\\ ,dc=x',
        'cn=a ,dc=x',
        'cn=a  b',
        'cn=a b',
      ],
      ...[
        'cn=\\c3\\a9',
        'cn=é',
        'cn=E\\cc\\81',
        'cn=\\c3',
        'cn=a\\',
        'cn=a\\zb',
        'cn=',
        'cn=,dc=x',
        '=a',
        'cn',
        ',',
      ],
      ...[
        'cn=a,',
        ',cn=a',
        'cn=a,,dc=x',
        'cn=a=b',
        'cn=a\\=b',
        'cn=<a>',
        'cn=\\<a\\>',
        'cn=#a',
        'cn=\\#a',
        'cn=a#b',
      ],
      ...[
        'cn=a"b',
        'cn="a"b',
        'cn="a',
        'cn="a\\"b"',
        'cn=a\\"b',
        'cn=\\ ',
        'cn=a\\0Ab',
        '1.=a',
        'cn_x=a',
        'cn=a+',
        '+',
      ],
    ],
  },
  {
    attr: 'uniqueMember',
    values: ["cn=a#'01'B", 'cn=a', "CN=A#'01'B", "cn=a#'1'B", "cn=a#'2'B", "#'01'B", 'a', 'cn=a#b', ''],
  },
]
