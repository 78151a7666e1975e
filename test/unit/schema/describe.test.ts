import { describe, expect, it } from 'vitest'
import { standardSchema } from '../../../src/schema/schema.js'
import { parseDefinition } from './definition.js'

const schema = standardSchema()
const subschema = schema.describe()
const written = (list: readonly string[], name: string) => list.find((text) => text.includes(`'${name}'`))

describe('the subschema', () => {
  it('is written as RFC 4512 has it', () => {
    expect(written(subschema.attributeTypes, 'cn')).toBe("( 2.5.4.3 NAME ( 'cn' 'commonName' ) SUP name )")
    expect(written(subschema.attributeTypes, 'createTimestamp')).toBe(
      "( 2.5.18.1 NAME 'createTimestamp' EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch " +
        'SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )',
    )
    expect(written(subschema.objectClasses, 'person')).toBe(
      "( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST ( sn $ cn ) " +
        'MAY ( userPassword $ telephoneNumber $ seeAlso $ description ) )',
    )
    expect(written(subschema.objectClasses, 'top')).toBe("( 2.5.6.0 NAME 'top' ABSTRACT MUST objectClass )")
    expect(written(subschema.ldapSyntaxes, 'JPEG')).toBe(
      "( 1.3.6.1.4.1.1466.115.121.1.28 DESC 'JPEG' X-NOT-HUMAN-READABLE 'TRUE' )",
    )
    expect(written(subschema.matchingRules, 'bitAnd')).toBe(
      "( 1.2.840.113556.1.4.803 NAME ( 'bitAnd' 'integerBitAndMatch' ) SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 )",
    )
    expect(written(subschema.matchingRuleUse, 'telephoneNumberMatch')).toBe(
      "( 2.5.13.20 NAME 'telephoneNumberMatch' APPLIES ( telephoneNumber $ homePhone $ mobile $ pager ) )",
    )
  })

  it.each<[string, readonly string[]]>(Object.entries(subschema))(
    'has nothing in %s that a strict client refuses',
    (_name, texts) => {
      const parsed = texts.map(parseDefinition)
      expect(new Set(parsed.map(({ oid }) => oid)).size).toBe(texts.length)
      const names = parsed.flatMap((definition) => definition.names.map((name) => name.toLowerCase()))
      expect(new Set(names).size).toBe(names.length)
    },
  )

  it('mentions nothing that it does not define', () => {
    const parsed = (texts: readonly string[]) => texts.map(parseDefinition)
    const fields = (texts: readonly string[], ...keys: string[]) =>
      parsed(texts).flatMap(({ fields: all }) => keys.flatMap((key) => all.get(key) ?? []))
    const names = (texts: readonly string[]) =>
      new Set(parsed(texts).flatMap((definition) => definition.names))
    const oids = (texts: readonly string[]) => new Set(parsed(texts).map(({ oid }) => oid))
    const { attributeTypes, objectClasses, ldapSyntaxes, matchingRules, matchingRuleUse } = subschema
    const missing = [
      ...fields(attributeTypes, 'SUP').filter((name) => !names(attributeTypes).has(name)),
      ...fields(attributeTypes, 'EQUALITY', 'ORDERING', 'SUBSTR').filter(
        (name) => !names(matchingRules).has(name),
      ),
      ...fields([...attributeTypes, ...matchingRules], 'SYNTAX').filter(
        (oid) => !oids(ldapSyntaxes).has(oid),
      ),
      ...fields(objectClasses, 'SUP').filter((name) => !names(objectClasses).has(name)),
      ...fields([...objectClasses, ...matchingRuleUse], 'MUST', 'MAY', 'APPLIES').filter(
        (name) => !names(attributeTypes).has(name),
      ),
    ]
    expect(missing).toEqual([])
  })

  it('shows what a mapping adds, and quotes what it says of it', () => {
    const own = schema.withAttributes([{ name: 'badge', oid: '1.2.3', description: "the guard's \\ badge" }])
    expect(written(own.describe().attributeTypes, 'badge')).toBe(
      "( 1.2.3 NAME 'badge' DESC 'the guard\\27s \\5C badge' EQUALITY caseIgnoreMatch " +
        'ORDERING caseIgnoreOrderingMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )',
    )
  })
})
