import { describe, expect, it } from 'vitest'
import { match } from '../../../src/model/match.js'
import { SchemaError } from '../../../src/schema/attribute-types.js'
import { standardSchema } from '../../../src/schema/schema.js'

const schema = standardSchema()
const bytes = (text: string) => new TextEncoder().encode(text)

describe('attribute', () => {
  it.each(['cn', 'CN', 'commonName', 'COMMONNAME', '2.5.4.3'])('finds cn as %s', (name) => {
    expect(schema.attribute(name)?.name).toBe('cn')
  })

  it.each(['', 'nothing', 'cn;lang-en', '2.5.4'])('finds nothing as %j', (name) => {
    expect(schema.attribute(name)).toBeUndefined()
  })

  it('inherits syntax and rules from the supertype', () => {
    const cn = schema.attribute('cn')
    expect(cn?.syntax.name).toBe('directoryString')
    expect(cn?.equality?.name).toBe('caseIgnoreMatch')
    expect(cn?.substring?.name).toBe('caseIgnoreSubstringsMatch')
    expect(cn?.ordering).toBeUndefined()
    expect(schema.attribute('c')?.syntax.name).toBe('countryString')
    expect(schema.attribute('c')?.equality?.name).toBe('caseIgnoreMatch')
  })

  it('knows what is operational', () => {
    expect(schema.attribute('entryUUID')?.operational).toBe(true)
    expect(schema.attribute('cn')?.operational).toBe(false)
  })
})

describe('subtypesOf', () => {
  it('has the type itself and everything derived from it', () => {
    const names = schema.subtypesOf('NAME').map(({ name }) => name)
    expect(names[0]).toBe('name')
    expect(names).toEqual(expect.arrayContaining(['cn', 'sn', 'givenName', 'ou', 'ipServiceProtocol']))
    expect(schema.subtypesOf('uid').map(({ name }) => name)).toEqual(['uid'])
    expect(schema.subtypesOf('nothing')).toEqual([])
  })

  it('reaches any depth', () => {
    const deeper = schema.withAttributes([{ name: 'nickname', sup: 'cn' }])
    expect(deeper.subtypesOf('name').map(({ name }) => name)).toContain('nickname')
    expect(schema.subtypesOf('name').map(({ name }) => name)).not.toContain('nickname')
  })
})

describe('object classes', () => {
  it('know their superclasses', () => {
    const above = (name: string) => schema.superclassesOf(name).map((objectClass) => objectClass.name)
    expect(above('inetOrgPerson')).toEqual(['organizationalPerson', 'person', 'top'])
    expect(above('2.5.6.0')).toEqual([])
    expect(above('pilotOrganization')).toEqual(['organization', 'organizationalUnit', 'top'])
  })

  it('are completed by their superclasses, each once and in its own spelling', () => {
    expect(schema.withSuperclasses(['INETORGPERSON', 'posixAccount', 'unheardOf'])).toEqual([
      ...['inetOrgPerson', 'posixAccount', 'unheardOf', 'organizationalPerson', 'person', 'top'],
    ])
  })

  it('spell their attributes canonically', () => {
    expect(schema.objectClass('account')?.must).toEqual(['uid'])
    expect(schema.objectClass('account')?.may).toContain('ou')
  })
})

describe('matching', () => {
  const entry = {
    view: 'people',
    id: '1',
    attributes: new Map<string, readonly (string | number)[]>([
      ['objectClass', schema.withSuperclasses(['inetOrgPerson'])],
      ['cn', ['Zoë  Smith']],
      ['uidNumber', [1000]],
      ['seeAlso', ['CN=A, DC=X']],
    ]),
  }

  it('serves match directly', () => {
    expect(match({ op: 'eq', attr: 'cn', value: 'ZOE\u0308 SMITH' }, entry, schema.matching)).toBe(true)
    expect(
      match({ op: 'substring', attr: 'cn', initial: 'zo', any: [], final: 'TH' }, entry, schema.matching),
    ).toBe(true)
    expect(match({ op: 'ge', attr: 'uidNumber', value: 999 }, entry, schema.matching)).toBe(true)
    expect(match({ op: 'eq', attr: 'objectClass', value: 'PERSON' }, entry, schema.matching)).toBe(true)
    expect(match({ op: 'eq', attr: 'objectClass', value: '2.5.6.6' }, entry, schema.matching)).toBe(true)
    expect(
      match({ op: 'eq', attr: 'seeAlso', value: 'commonName=a,domainComponent=x' }, entry, schema.matching),
    ).toBe(true)
  })

  it('is Undefined where a rule is missing', () => {
    expect(match({ op: 'ge', attr: 'cn', value: 'a' }, entry, schema.matching)).toBeUndefined()
    expect(match({ op: 'eq', attr: 'nothing', value: 'a' }, entry, schema.matching)).toBeUndefined()
    expect(match({ op: 'eq', attr: 'jpegPhoto', value: 'a' }, entry, schema.matching)).toBeUndefined()
  })

  it('uses a named rule where it fits the attribute', () => {
    expect(schema.matching('cn', 'caseExactMatch')?.equality?.('A')).toBe('A')
    expect(schema.matching('cn', '2.5.13.5')?.equality?.('A')).toBe('A')
    expect(schema.matching('cn', 'integerMatch')).toBeUndefined()
    expect(schema.matching('cn', 'caseIgnoreSubstringsMatch')).toBeUndefined()
    expect(schema.matching('cn', 'nothing')).toBeUndefined()
    expect(schema.ruleFor('memberOf', '1.2.840.113556.1.4.1941')?.name).toBe('inChain')
    expect(schema.ruleFor('userAccountControl', '1.2.840.113556.1.4.803')?.name).toBe('bitAnd')
    expect(schema.ruleFor('cn', '1.2.840.113556.1.4.803')).toBeUndefined()
  })

  it('compares parts of complex attributes', () => {
    expect(schema.matching('mail.type')?.equality?.('Work')).toBe('work')
    expect(schema.matching('mail.value')).toBe(schema.matching('mail'))
    expect(schema.matching('mail.primary')?.equality?.(true)).toBe(true)
    expect(schema.matching('nothing.type')).toBeUndefined()
  })

  it('is made once per attribute', () => {
    expect(schema.matching('cn')).toBe(schema.matching('cn'))
    expect(schema.matching('commonName')).toBe(schema.matching('cn'))
    expect(schema.matching('cn', 'caseExactMatch')).toBe(schema.matching('cn', 'caseExactMatch'))
  })
})

describe('parse', () => {
  it('reads by the syntax of the rule', () => {
    expect(schema.parse('uidNumber', bytes('42'), 'equality')).toBe(42)
    expect(schema.parse('c', bytes('Germany'), 'equality')).toBe('Germany')
    expect(schema.parse('mail', bytes('é'), 'equality')).toBeUndefined()
    expect(schema.parse('mail', bytes('é'), 'substring')).toBeUndefined()
    expect(schema.parse('cn', bytes('é'), 'substring')).toBe('é')
  })

  it('refuses where there is no rule for the use', () => {
    expect(schema.parse('cn', bytes('a'), 'ordering')).toBeUndefined()
    expect(schema.parse('uidNumber', bytes('4'), 'substring')).toBeUndefined()
    expect(schema.parse('jpegPhoto', bytes('a'), 'equality')).toBeUndefined()
    expect(schema.parse('nothing', bytes('a'), 'equality')).toBeUndefined()
  })

  it('reads by a named rule', () => {
    expect(schema.parse('userAccountControl', bytes('2'), 'equality', 'bitAnd')).toBe(2)
    expect(schema.parse('memberOf', bytes('cn=a'), 'equality', 'inChain')).toBe('cn=a')
    expect(schema.parse('cn', bytes('2'), 'equality', 'bitAnd')).toBeUndefined()
  })

  it('reads a text as its octets in UTF-8, whatever the attribute', () => {
    const texts = [
      'ada',
      '',
      ' ',
      '42',
      '-0',
      'TRUE',
      'é',
      '\ufeffada',
      '\ud800',
      'cn=a,dc=b',
      'a$b',
      'person',
      '2.5.6.6',
    ]
    const names = [...schema.attributes.map(({ name }) => name), 'nothing']
    for (const name of names)
      for (const text of texts)
        expect(schema.parseText(name, text), `${name} ${text}`).toEqual(
          schema.parse(name, Buffer.from(text), 'equality'),
        )
  })

  it('knows object classes by name and OID only', () => {
    expect(schema.parse('objectClass', bytes('PERSON'), 'equality')).toBe('person')
    expect(schema.parse('objectClass', bytes('2.5.6.6'), 'equality')).toBe('person')
    expect(schema.parse('objectClass', bytes('unheardOf'), 'equality')).toBeUndefined()
  })
})

describe('attributes of one own', () => {
  it('compare by the rules that go with their syntax', () => {
    const own = schema.withAttributes([
      { name: 'badgeNumber', syntax: 'integer', singleValued: true },
      { name: 'nickname', aliases: ['nick'] },
      { name: 'token', caseExact: true },
      { name: 'lastSeen', syntax: '1.3.6.1.4.1.1466.115.121.1.24', operational: true },
    ])
    expect(own.attribute('badgenumber')?.ordering?.name).toBe('integerOrderingMatch')
    expect(own.attribute('NICK')?.name).toBe('nickname')
    expect(own.matching('nickname')?.equality?.('A')).toBe('a')
    expect(own.matching('token')?.equality?.('A')).toBe('A')
    expect(own.attribute('lastSeen')?.operational).toBe(true)
    expect(schema.attribute('nickname')).toBeUndefined()
  })

  it('have an OID that depends on the name alone', () => {
    const oid = schema.withAttributes([{ name: 'badge' }]).attribute('badge')?.oid
    expect(oid).toMatch(/^2\.25\.[1-9]\d+$/)
    expect(schema.withAttributes([{ name: 'x' }, { name: 'badge' }]).attribute(oid ?? '')?.name).toBe('badge')
  })

  it('may derive from each other in any order', () => {
    const own = schema.withAttributes([
      { name: 'b', sup: 'a' },
      { name: 'a', syntax: 'integer' },
    ])
    expect(own.attribute('b')?.equality?.name).toBe('integerMatch')
  })

  it.each([
    [[{ name: 'cn' }], /"cn" is already that of cn/],
    [[{ name: 'x', aliases: ['surName'] }], /"surName" is already that of sn/],
    [[{ name: 'x', syntax: 'nothing' }], /there is no syntax "nothing"/],
    [[{ name: 'x', sup: 'nothing' }], /there is no supertype "nothing"/],
    [
      [
        { name: 'x', sup: 'y' },
        { name: 'y', sup: 'x' },
      ],
      /there is no supertype/,
    ],
    [[{ name: 'a b' }], /"a b" is no name/],
  ])('must make sense: %j', (attributes, message) => {
    expect(() => schema.withAttributes(attributes)).toThrow(message)
    expect(() => schema.withAttributes(attributes)).toThrow(SchemaError)
  })
})

describe('object classes of one own', () => {
  it('join the standard ones', () => {
    const own = schema
      .withAttributes([{ name: 'badge' }])
      .withObjectClasses([{ name: 'badgeHolder', sup: ['person'], must: ['BADGE'], may: ['surname'] }])
    expect(own.objectClass('BADGEHOLDER')).toMatchObject({ must: ['badge'], may: ['sn'], kind: 'auxiliary' })
    expect(own.withSuperclasses(['badgeHolder'])).toEqual(['badgeHolder', 'person', 'top'])
    expect(own.parse('objectClass', bytes('badgeholder'), 'equality')).toBe('badgeHolder')
  })

  it.each([
    [{ name: 'person' }, /"person" is already that of person/],
    [{ name: 'x', sup: ['nothing'] }, /there is no superclass "nothing"/],
    [{ name: 'x', must: ['nothing'] }, /there is no attribute "nothing"/],
  ])('must make sense: %j', (objectClass, message) => {
    expect(() => schema.withObjectClasses([objectClass])).toThrow(message)
  })
})

describe('describedBy', () => {
  const optioned = schema.withAttributes([
    { name: 'description;lang-de' },
    { name: 'COMMONNAME;x-Phonetic;lang-ja' },
  ])
  const about = (description: string) => optioned.describedBy(description)?.map(({ name }) => name)

  it('has the type and what is derived from it, with and without options (RFC 4512 2.5)', () => {
    expect(about('description')).toEqual(['description', 'description;lang-de'])
    expect(about('2.5.4.13')).toEqual(['description', 'description;lang-de'])
    expect(about('name')).toEqual(expect.arrayContaining(['name', 'cn', 'sn', 'cn;lang-ja;x-phonetic']))
  })

  it('has only what has all the options', () => {
    expect(about('description;lang-de')).toEqual(['description;lang-de'])
    expect(about('DESCRIPTION;LANG-DE')).toEqual(['description;lang-de'])
    expect(about('cn;lang-ja')).toEqual(['cn;lang-ja;x-phonetic'])
    expect(about('cn;x-phonetic;lang-ja')).toEqual(['cn;lang-ja;x-phonetic'])
    expect(about('name;lang-ja')).toEqual(['cn;lang-ja;x-phonetic'])
    expect(about('cn;lang-de')).toEqual([])
    expect(about('sn;x-phonetic')).toEqual([])
  })

  it('knows languages, the options that are there, and transfer in binary where values are', () => {
    for (const unknown of ['cn;x-unknown', 'cn;', ';cn', 'cn;;lang-de', 'cn;lang_de', 'cn;binary', 'nothing'])
      expect(about(unknown)).toBeUndefined()
    expect(about('jpegPhoto;binary')).toEqual(['jpegPhoto'])
    expect(schema.describedBy('cn;x-phonetic')).toBeUndefined()
  })

  it('finds what was added in every spelling, and describes it as no type of its own', () => {
    expect(optioned.attribute('cn;x-phonetic;LANG-ja')?.equality?.name).toBe('caseIgnoreMatch')
    expect(optioned.attribute('cn;lang-ja')).toBeUndefined()
    expect(optioned.describe().attributeTypes).toEqual(schema.describe().attributeTypes)
  })

  it.each(['cn;', 'cn;a b', 'cn;binary', 'cn;ü'])('takes no %j', (name) => {
    expect(() => schema.withAttributes([{ name }])).toThrow(SchemaError)
  })
})
