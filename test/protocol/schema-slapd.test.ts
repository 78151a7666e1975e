/** The schema against a real slapd: which values it accepts, and what every matching rule makes of pairs of them. */
import {
  Attribute,
  Client,
  EqualityFilter,
  ExtensibleFilter,
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
import { cases } from './schema-cases.js'

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

describe('the bit rules', () => {
  const integers = ['0', '1', '2', '3', '512', '514', '-1', '-2', '2147483648', '-2147483648', '4294967297']

  it.each([
    ['bitAnd', '1.2.840.113556.1.4.803'],
    ['bitOr', '1.2.840.113556.1.4.804'],
  ])('%s selects what slapd selects', async (rule, oid) => {
    const test = schema.ruleFor('shadowMax', rule)?.test
    const entries = new Map<string, number>()
    for (const text of integers) entries.set((await store('shadowMax', text)) ?? '', Number(text))
    for (const value of integers) {
      const theirs = await found(new ExtensibleFilter({ matchType: 'shadowMax', rule: oid, value }))
      const ours = [...entries].filter(([, integer]) => test?.(integer, Number(value)))
      const known = [...theirs].filter((dn) => entries.has(dn))
      expect(new Set(ours.map(([dn]) => dn))).toEqual(new Set(known))
    }
  })
})

describe('object classes', () => {
  it('include their superclasses, by name and OID, as in slapd', async () => {
    const dn = (await store('description', 'object classes')) ?? ''
    const classes = schema.withSuperclasses(['device', 'extensibleObject'])
    const entry = { view: 'test', id: dn, attributes: new Map([['objectClass', classes]]) }
    for (const name of [
      'device',
      'DEVICE',
      '2.5.6.14',
      'top',
      'person',
      'extensibleobject',
      'noSuchClass',
      '1.2.3',
    ]) {
      const value = schema.parse('objectClass', encode(name), 'equality')
      const ours =
        value !== undefined && match({ op: 'eq', attr: 'objectClass', value }, entry, schema.matching)
      const filter = new EqualityFilter({ attribute: 'objectClass', value: name })
      expect({ name, yes: ours }).toEqual({ name, yes: (await found(filter)).has(dn) })
      const not = await found(new NotFilter({ filter }))
      expect({ name, undefined: value === undefined }).toEqual({
        name,
        undefined: !not.has(dn) && !(await found(filter)).has(dn),
      })
    }
  })
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
  // The last is of other directories.
  const hidden = [
    ...['subtreeSpecification', 'dITStructureRules', 'dITContentRules', 'nameForms'],
    'numSubordinates',
  ]
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
  const values = new Map([
    ['objectClass', [Buffer.from('device'), Buffer.from('extensibleObject')]],
    ['uid', [Buffer.from(name)]],
    ['cn', [Buffer.from(name)]],
    [attr, [Buffer.from(text)]],
  ])
  try {
    await client.add(
      dn,
      [...values].map(([type, octets]) => new Attribute({ type, values: octets })),
    )
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
