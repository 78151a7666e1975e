/** Filters and names survive their text forms; any text ends in one of them or a typed error. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DnError,
  escapeFilterValue,
  FilterSyntaxError,
  formatDn,
  formatFilter,
  parseDn,
  parseFilter,
} from '../../src/ldap/index.js'
import { filter, octets, rdn } from './ldap-arbitraries.js'

describe('filters', () => {
  it('come back from their text', () => {
    fc.assert(
      fc.property(filter, (original) => {
        expect(parseFilter(formatFilter(original))).toEqual(original)
      }),
      { numRuns: 2000 },
    )
  })

  it('hold any value that is escaped into them, and nothing else of it', () => {
    fc.assert(
      fc.property(octets, (value) => {
        expect(parseFilter(`(&(a=b)(uid=${escapeFilterValue(value)}))`)).toEqual({
          tag: 'and',
          filters: [
            { tag: 'equality', attribute: 'a', value: Buffer.from('b') },
            { tag: 'equality', attribute: 'uid', value },
          ],
        })
      }),
    )
  })

  it('are read or refused with a position inside the text', () => {
    const character = fc.constantFrom(...'()&|!=<>~:*\\ aé0\0\ud800'.split(''))
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 30 }), (text) => {
        try {
          formatFilter(parseFilter(text))
        } catch (error) {
          expect(error).toBeInstanceOf(FilterSyntaxError)
          const { position } = error as FilterSyntaxError
          expect(position >= 0 && position <= text.length).toBe(true)
        }
      }),
      { numRuns: 5000 },
    )
  })
})

describe('distinguished names', () => {
  it('come back from their text', () => {
    fc.assert(
      fc.property(fc.array(rdn, { maxLength: 4 }), (original) => {
        expect(parseDn(formatDn(original))).toEqual(original)
      }),
      { numRuns: 2000 },
    )
  })

  it('are the same with every octet of a value escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ minLength: 1 }), (a, b) => {
        const escapeAll = (value: string): string => Buffer.from(value).toString('hex').replace(/../g, '\\$&')
        expect(parseDn(`cn=${escapeAll(a)}+sn=${escapeAll(b)}`)).toEqual([
          [
            { type: 'cn', value: a },
            { type: 'sn', value: b },
          ],
        ])
      }),
    )
  })

  it('are read or refused, and what was read comes back', () => {
    const character = fc.constantFrom(...' "#+,;<=>\\a0Fé\0')
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 20 }), (value) => {
        try {
          const dn = parseDn(`a=${value}`)
          expect(parseDn(formatDn(dn))).toEqual(dn)
        } catch (error) {
          expect(error).toBeInstanceOf(DnError)
        }
      }),
      { numRuns: 5000 },
    )
  })
})
