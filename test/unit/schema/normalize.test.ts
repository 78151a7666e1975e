import { describe, expect, it } from 'vitest'
import {
  caseExact,
  caseExactIA5,
  caseIgnore,
  caseIgnoreIA5,
  caseIgnoreList,
  compareCodePoints,
  numeric,
  telephone,
} from '../../../src/schema/normalize.js'

describe('caseIgnore', () => {
  it('ignores case in every script, character by character', () => {
    expect(caseIgnore('ÉCOLE Москва ΆΣ')).toBe(caseIgnore('école МОСКВА άσ'))
    expect(caseIgnore('ΣΊΣΥΦΟΣ')).toBe('σίσυφοσ')
    expect(caseIgnore('σίσυφος')).not.toBe(caseIgnore('ΣΊΣΥΦΟΣ'))
  })

  it('does not expand letters', () => {
    expect(caseIgnore('Straße')).toBe('straße')
    expect(caseIgnore('Straße')).not.toBe(caseIgnore('STRASSE'))
  })

  it('takes composed and decomposed spellings as one', () => {
    expect(caseIgnore('E\u0301cole')).toBe(caseIgnore('\u00e9cole'))
    expect(caseIgnore('\u212bngström')).toBe(caseIgnore('Ångström'))
  })

  it('keeps compatibility variants apart', () => {
    expect(caseIgnore('ﬁn')).not.toBe(caseIgnore('fin'))
    expect(caseIgnore('Ａ')).not.toBe(caseIgnore('A'))
  })

  it.each(['\u0130', '\u212a', '\u037e', '\u1fef'])('keeps %j, which would become ASCII', (character) => {
    expect(caseIgnore(character)).toBe(character)
    expect(caseIgnore(`É${character} `)).toBe(`é${character}`)
    expect(caseExact(`E\u0301${character}`)).toBe(`\u00c9${character}`)
  })

  it('trims and collapses spaces, and nothing but spaces', () => {
    expect(caseIgnore('  Foo   Bar ')).toBe('foo bar')
    expect(caseIgnore('   ')).toBe(' ')
    expect(caseIgnore('')).toBe('')
    expect(caseIgnore('\ta\u00a0\u00a0b\n')).toBe('\ta\u00a0\u00a0b\n')
  })

  it('keeps the spaces by which a piece adjoins the rest of the value', () => {
    expect(caseIgnore('  A  b  ', 'initial')).toBe('a b ')
    expect(caseIgnore('  A  b  ', 'any')).toBe(' a b ')
    expect(caseIgnore('  A  b  ', 'final')).toBe(' a b')
    expect(caseIgnore('  ', 'initial')).toBe(' ')
    expect(caseIgnore('  ', 'any')).toBe(' ')
    expect(caseIgnore('  ', 'final')).toBe('')
    expect(caseIgnore(' ', 'any')).toBe(' ')
  })
})

describe('caseExact', () => {
  it('keeps case and treats spaces and composition as caseIgnore does', () => {
    expect(caseExact(' E\u0301A  b ')).toBe('\u00c9A b')
    expect(caseExact('Ab c')).toBe('Ab c')
    expect(caseExact(' Ab', 'any')).toBe(' Ab')
  })
})

describe('the IA5 preparations', () => {
  it('fold ASCII only and leave nothing of a text of spaces', () => {
    expect(caseIgnoreIA5('  Joe@Example.COM  x ')).toBe('joe@example.com x')
    expect(caseIgnoreIA5('JÖRG')).toBe('jÖrg')
    expect(caseExactIA5(' A  b ')).toBe('A b')
    expect(caseIgnoreIA5('   ')).toBe('')
  })
})

describe('telephone and numeric strings', () => {
  it('ignore spaces, and hyphens in telephone numbers', () => {
    expect(telephone('+1 555-01 23')).toBe('+15550123')
    expect(telephone('ext A')).toBe('extA')
    expect(telephone(' - ')).toBe(' ')
    expect(numeric(' 12 3')).toBe('123')
    expect(numeric('1-2')).toBe('1-2')
    expect(numeric('  ')).toBe(' ')
  })
})

describe('caseIgnoreList', () => {
  it('prepares line by line', () => {
    expect(caseIgnoreList(' 1 Main  St $ANYTOWN$')).toBe('1 main st$anytown$')
    expect(caseIgnoreList('a\\24B')).toBe('a\\24b')
  })
})

describe('compareCodePoints', () => {
  it('sorts as UTF-8 octets do', () => {
    const texts = ['', 'a', 'ab', 'b', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}']
    const bytes = (text: string) => Buffer.from(text)
    for (const a of texts) {
      for (const b of texts) {
        expect(Math.sign(compareCodePoints(a, b))).toBe(Buffer.compare(bytes(a), bytes(b)))
      }
    }
  })
})
