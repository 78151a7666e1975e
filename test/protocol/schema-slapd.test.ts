/** The schema against a real slapd: which values it accepts, and what every matching rule makes of pairs of them. */
import fc from 'fast-check'
import {
  Client,
  EqualityFilter,
  type Filter,
  GreaterThanEqualsFilter,
  NotFilter,
  SubstringFilter,
} from 'ldapts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Filter as ModelFilter } from '../../src/model/filter.js'
import { match } from '../../src/model/match.js'
import type { Scalar } from '../../src/model/value.js'
import { standardSchema } from '../../src/schema/schema.js'
import { type Slapd, startSlapd } from '../servers/slapd.js'
import { type Definition, parseDefinition } from '../unit/schema/definition.js'

const SUFFIX = 'dc=example,dc=com'

/** Attributes with an ordering rule for every syntax that has one; OpenLDAP's own schema has few. */
const schema = standardSchema().withAttributes([
  { name: 'xText', syntax: 'directoryString' },
  { name: 'xExact', syntax: 'directoryString', caseExact: true },
  { name: 'xNumeric', syntax: 'numericString' },
  { name: 'xOctets', syntax: 'octetString' },
  { name: 'xUuid', syntax: 'uuid' },
  { name: 'xBoolean', syntax: 'boolean' },
  { name: 'xTime', syntax: 'generalizedTime' },
  { name: 'xExactMail', syntax: 'ia5String', caseExact: true },
])

let slapd: Slapd
let client: Client
let next = 0

beforeAll(async () => {
  slapd = await startSlapd({
    suffix: SUFFIX,
    schemas: ['namedobject', 'dyngroup', 'msuser'],
    ldif: `dn: ${SUFFIX}\nobjectClass: domain\ndc: example\n`,
    config: schema
      .describe()
      .attributeTypes.filter((text) => / NAME 'x[A-Z]/.test(text))
      .map((text) => `attributetype ${text}`),
  })
  client = new Client({ url: slapd.url })
  await client.bind(slapd.rootDn, slapd.rootPassword)
}, 60_000)

afterAll(async () => {
  await client?.unbind()
  await slapd?.stop()
})

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

interface Case {
  readonly attr: string
  readonly values: readonly string[]
  readonly pieces?: boolean
  readonly ordering?: boolean
}

const cases: readonly Case[] = [
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

const encode = (text: string) => new TextEncoder().encode(text)

describe.each(cases)('$attr', ({ attr, values, pieces, ordering }) => {
  const type = schema.attribute(attr)
  const stored = new Map<string, { text: string; value: Scalar }>()

  beforeAll(async () => {
    for (const text of new Set(values)) {
      const accepted = await store(attr, text)
      const value = type?.syntax.parse(encode(text))
      expect({ text, accepted: value !== undefined }, 'accepted like slapd').toEqual({
        text,
        accepted: accepted !== undefined,
      })
      if (accepted !== undefined && value !== undefined) stored.set(accepted, { text, value })
    }
  }, 30_000)

  async function compare(assertion: ModelFilter, filter: Filter, shown: string) {
    const [yes, no] = [await found(filter), await found(new NotFilter({ filter }))]
    for (const [dn, { text, value }] of stored) {
      const entry = { view: 'test', id: dn, attributes: new Map([[attr, [value]]]) }
      const theirs = yes.has(dn) ? true : no.has(dn) ? false : undefined
      const ours = match(assertion, entry, schema.matching)
      expect({ text, assertion: shown, is: ours }).toEqual({ text, assertion: shown, is: theirs })
    }
  }

  it('is equal to what slapd finds equal', async () => {
    for (const text of values) {
      const value = schema.parse(attr, encode(text), 'equality')
      const assertion: ModelFilter =
        value === undefined ? { op: 'const', value: undefined } : { op: 'eq', attr, value }
      await compare(assertion, new EqualityFilter({ attribute: attr, value: text }), `=${text}`)
    }
  }, 60_000)

  async function compareOrder() {
    for (const text of values) {
      const value = schema.parse(attr, encode(text), 'ordering')
      const assertion: ModelFilter =
        value === undefined ? { op: 'const', value: undefined } : { op: 'ge', attr, value }
      await compare(assertion, new GreaterThanEqualsFilter({ attribute: attr, value: text }), `>=${text}`)
    }
  }

  async function compareSubstrings() {
    for (const text of values.filter((value) => value !== '')) {
      const halves = [text.slice(0, 2), text.slice(2)].filter((half) => half !== '')
      const patterns = [{ initial: text }, { any: [text] }, { final: text }, { any: halves }]
      for (const { initial, any = [], final } of patterns) {
        const whole = { attr, any, ...(initial && { initial }), ...(final && { final }) }
        const valid = [initial, ...any, final].every(
          (piece) => piece === undefined || schema.parse(attr, encode(piece), 'substring') !== undefined,
        )
        const assertion: ModelFilter = valid
          ? { op: 'substring', ...whole }
          : { op: 'const', value: undefined }
        const filter = new SubstringFilter({
          attribute: attr,
          initial: initial ?? '',
          any,
          final: final ?? '',
        })
        await compare(assertion, filter, JSON.stringify({ initial, any, final }))
      }
    }
  }

  if (ordering) it('sorts like slapd', compareOrder, 60_000)
  if (pieces) it('finds the substrings that slapd finds', compareSubstrings, 60_000)
})

describe('the standard definitions', () => {
  let theirs: { types: Map<string, Definition>; classes: Map<string, Definition> }

  beforeAll(async () => {
    const { searchEntries } = await client.search('cn=Subschema', { scope: 'base', attributes: ['+'] })
    const [entry] = searchEntries
    const byOid = (values: unknown) => {
      const parsed = (Array.isArray(values) ? values : []).map((text) => parseDefinition(String(text)))
      return new Map(parsed.map((definition) => [definition.oid, definition]))
    }
    theirs = { types: byOid(entry?.attributeTypes), classes: byOid(entry?.objectClasses) }
  })

  /** Not shown by slapd, which keeps them to itself. */
  const hidden = ['subtreeSpecification', 'dITStructureRules', 'dITContentRules', 'nameForms']
  const isMicrosoft = ({ oid }: { oid: string }) => oid.startsWith('1.2.840.113556.')

  it('has the attribute types of OpenLDAP, rule by rule', () => {
    const lower = (text: string | undefined) => text?.toLowerCase()
    const facts = (definition: Definition | undefined) => ({
      names: definition?.names.map(lower),
      sup: definition?.fields.get('SUP')?.map(lower),
      rules: ['EQUALITY', 'ORDERING', 'SUBSTR'].map((rule) => definition?.fields.get(rule)),
      syntax: definition?.fields.get('SYNTAX')?.map((oid) => oid.replace(/\{\d+\}$/, '')),
      flags: ['SINGLE-VALUE', 'NO-USER-MODIFICATION'].map((flag) => definition?.fields.has(flag)),
      usage: definition?.fields.get('USAGE'),
    })
    const ours = standardSchema()
      .describe()
      .attributeTypes.map(parseDefinition)
      .filter((definition) => !isMicrosoft(definition) && !hidden.includes(definition.names[0] ?? ''))
    expect(ours.map(facts)).toEqual(ours.map(({ oid }) => facts(theirs.types.get(oid))))
    expect(ours.length).toBeGreaterThan(150)
  })

  it('has the names and syntaxes of the Microsoft types that OpenLDAP knows', () => {
    const facts = (definition: Definition | undefined) => ({
      names: definition?.names,
      syntax: definition?.fields.get('SYNTAX'),
      single: definition?.fields.has('SINGLE-VALUE'),
    })
    const ours = standardSchema().describe().attributeTypes.map(parseDefinition).filter(isMicrosoft)
    expect(ours.map(facts)).toEqual(ours.map(({ oid }) => facts(theirs.types.get(oid))))
  })

  it('has the object classes of OpenLDAP, attribute by attribute', () => {
    const canonical = (names: readonly string[] = []) =>
      [...new Set(names.map((name) => standardSchema().attribute(name)?.name ?? name))].sort()
    const facts = (definition: Definition | undefined) => ({
      names: definition?.names,
      kind: ['ABSTRACT', 'STRUCTURAL', 'AUXILIARY'].find((kind) => definition?.fields.has(kind)),
      sup: definition?.fields.get('SUP')?.map((name) => name.toLowerCase()),
      must: canonical(definition?.fields.get('MUST')),
      may: canonical(definition?.fields.get('MAY')),
    })
    const ours = standardSchema()
      .describe()
      .objectClasses.map(parseDefinition)
      .filter((definition) => !isMicrosoft(definition))
    expect(ours.map(facts)).toEqual(ours.map(({ oid }) => facts(theirs.classes.get(oid))))
    expect(ours.length).toBeGreaterThan(50)
  })
})

/** Adds an entry with this one value; undefined where slapd refuses the value. */
async function store(attr: string, text: string): Promise<string | undefined> {
  const name = `entry-${next++}`
  const dn = `uid=${name},${SUFFIX}`
  const own: Record<string, Buffer | string[]> = { cn: Buffer.from(name), [attr]: Buffer.from(text) }
  try {
    await client.add(dn, { objectClass: ['device', 'extensibleObject'], uid: [name], ...own } as Record<
      string,
      string
    >)
    return dn
  } catch (error) {
    if ((error as { code?: number }).code === 21) return undefined
    throw error
  }
}

async function found(filter: Filter): Promise<ReadonlySet<string>> {
  const { searchEntries } = await client.search(SUFFIX, { scope: 'one', filter, attributes: ['1.1'] })
  return new Set(searchEntries.map(({ dn }) => dn))
}
