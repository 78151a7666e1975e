/** What the string preparations promise to whoever pushes a comparison down to a database. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { containsPieces } from '../../src/model/match.js'
import { normalizeDn, parseDn } from '../../src/schema/dn-value.js'
import { parseGeneralizedTime, renderGeneralizedTime } from '../../src/schema/generalized-time.js'
import { caseExact, caseIgnore, caseIgnoreIA5, compareCodePoints } from '../../src/schema/normalize.js'
import { syntaxOf } from '../../src/schema/syntaxes.js'

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc
    .array(fc.constantFrom(...' aAéÉ\u0301\u0308\u0327ΣςσßİıKÅ;`K\u037e\u1fef\u212a\u212b😀ﬁ'), {
      maxLength: 12,
    })
    .map((parts) => parts.join('')),
)
/** Every code point that is a character. */
const characters = Array.from({ length: 0x110000 }, (_, point) => point)
  .filter((point) => point < 0xd800 || point > 0xdfff)
  .map((point) => String.fromCodePoint(point))
const asciiOf = (value: string) => value.replace(/[^\0-\x7f]/g, '')

describe('caseIgnore and caseExact', () => {
  it('do nothing to what they have prepared', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(caseIgnore(caseIgnore(value))).toBe(caseIgnore(value))
        expect(caseExact(caseExact(value))).toBe(caseExact(value))
        expect(caseIgnoreIA5(caseIgnoreIA5(value))).toBe(caseIgnoreIA5(value))
      }),
    )
  })

  it('do not depend on case or on spaces at the ends and between', () => {
    fc.assert(
      fc.property(text, (value) => {
        const spaced = `  ${value.replaceAll(' ', '   ')} `
        if (value.trim() !== '' || value.includes(' ')) expect(caseExact(spaced)).toBe(caseExact(value))
        const flipped = value.replace(/[a-zA-Z]/g, (c) => String.fromCharCode(c.charCodeAt(0) ^ 0x20))
        if (/^[\0-\x7f]*$/.test(value)) expect(caseIgnore(flipped)).toBe(caseIgnore(value))
      }),
    )
  })

  it('never make ASCII of what is none', () => {
    for (const character of characters) {
      if (character.charCodeAt(0) < 0x80) continue
      if (asciiOf(caseIgnore(character)) !== '' || asciiOf(caseExact(character)) !== '') {
        expect(character, 'became ASCII').toBe('')
      }
    }
  })

  it('take canonically equivalent characters as one, but for those whose equivalent is ASCII', () => {
    const exceptions = ['\u0130', '\u037e', '\u1fef', '\u212a']
    const different = characters.filter(
      (character) =>
        !exceptions.includes(character) && caseIgnore(character) !== caseIgnore(character.normalize('NFD')),
    )
    expect(different).toEqual([])
  })

  it('lower every character by itself, whatever stands beside it', () => {
    const unusual = ['\u0130', '\u212a']
    const wrong = characters.filter((character) => {
      const lower = unusual.includes(character) ? character : character.toLowerCase()
      return caseIgnore(`a${character}.`) !== caseExact(`a${lower}.`)
    })
    expect(wrong).toEqual([])
  })

  it('find a piece of a value in the value', () => {
    const words = fc.array(fc.string({ unit: fc.constantFrom(...'aB é'), maxLength: 4 }), {
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(words, (parts) => {
        const value = parts.join('')
        const middle = parts.slice(1, -1).filter((part) => part !== '')
        fc.pre(!middle.some((part) => part.trim() === ''))
        fc.pre(
          value.trim() === value &&
            !value.includes('  ') &&
            parts[0]?.trim() !== '' &&
            parts.at(-1)?.trim() !== '',
        )
        const first = caseIgnore(parts[0] ?? '', 'initial')
        const last = parts.length > 1 ? caseIgnore(parts.at(-1) ?? '', 'final') : undefined
        const any = middle.map((part) => caseIgnore(part, 'any'))
        expect(containsPieces(caseIgnore(value), first, any, last)).toBe(true)
      }),
    )
  })
})

describe('compareCodePoints', () => {
  it('agrees with the order of the octets', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareCodePoints(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
    )
  })
})

describe('distinguished names', () => {
  const escaped = (value: string, style: number) =>
    [...value]
      .map((character, at) =>
        style === 0 || at === 0 || /[^A-Za-z0-9]/.test(character)
          ? [...Buffer.from(character)].map((octet) => `\\${octet.toString(16).padStart(2, '0')}`).join('')
          : character,
      )
      .join('')

  it('have one normal form in every spelling, which reads as the same name', () => {
    const value = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 })
    const rdns = fc.array(fc.tuple(fc.constantFrom('cn', 'OU', '2.5.4.3'), value), {
      minLength: 1,
      maxLength: 3,
    })
    fc.assert(
      fc.property(rdns, (parts) => {
        const hex = parts.map(([type, part]) => `${type}=${escaped(part, 0)}`).join(',')
        const mixed = parts.map(([type, part]) => `${type.toUpperCase()} = ${escaped(part, 1)} `).join('; ')
        const normal = normalizeDn(hex)
        expect(normal).toBeDefined()
        expect(normalizeDn(mixed)).toBe(normal)
        expect(normalizeDn(normal ?? '')).toBe(normal)
        expect(parseDn(hex)?.map(([only]) => only?.value)).toEqual(parts.map(([, part]) => part))
      }),
    )
  })

  it('are read from any text without harm', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'cn=a,+;\\"#<> é0'), maxLength: 20 }), (value) => {
        const normal = normalizeDn(value)
        if (normal !== undefined) expect(normalizeDn(normal)).toBe(normal)
      }),
    )
  })
})

describe('the syntaxes', () => {
  it('read the times that they write', () => {
    const range = {
      min: new Date('0000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    }
    fc.assert(
      fc.property(fc.date(range), (date) => {
        expect(parseGeneralizedTime(renderGeneralizedTime(date) ?? '')?.getTime()).toBe(date.getTime())
      }),
    )
  })

  it('read the integers that they write', () => {
    const { parse, render } = syntaxOf('integer')
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), (integer) => {
        expect(BigInt(String(parse(Buffer.from(String(render(integer))))))).toBe(integer)
      }),
    )
  })
})
