/** The patterns that databases are given find every text that the matching rules accept. LIKE is emulated here. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { containsPieces } from '../../../../src/model/match.js'
import { caseExact, caseIgnore } from '../../../../src/schema/normalize.js'
import { headsOf, likeBody } from '../../../../src/sources/sql/pattern.js'

const characters = [
  ...[
    ' ',
    'a',
    'A',
    'k',
    'K',
    '\u212a',
    'é',
    'É',
    'e\u0301',
    'E\u0301',
    'ß',
    'ẞ',
    'Σ',
    'ς',
    'σ',
    'İ',
    'ı',
    'i',
  ],
  ...[
    '%',
    '_',
    '!',
    '\\',
    '日',
    '😀',
    '\u00a0',
    '\t',
    'Å',
    '\u212b',
    'ﬁ',
    'Я',
    'я',
    '\u0300',
    '\u1fef',
    '`',
    '가',
  ],
  '가'.normalize('NFD'),
]
const text = fc.oneof(
  fc.array(fc.constantFrom(...characters), { maxLength: 6 }).map((c) => c.join('')),
  fc.string({ unit: 'grapheme-composite', maxLength: 6 }),
)

/** SQL's LIKE with the escape character `!`. */
function like(value: string, pattern: string): boolean {
  const literally = (char: string) => char.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')
  let source = ''
  let escaped = false
  for (const char of pattern) {
    if (escaped || !/[!%_]/.test(char)) source += literally(char)
    else if (char !== '!') source += char === '%' ? '.*' : '.'
    escaped = !escaped && char === '!'
  }
  return new RegExp(`^${source}$`, 'su').test(value)
}

/** How little and how much databases fold. */
const foldings = [
  { unicode: false, fold: (t: string) => t.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) },
  { unicode: true, fold: (t: string) => t.replace(/\p{L}/gu, (char) => char.toLowerCase()) },
] as const

describe.each(foldings)('a pattern, where unicode is folded: $unicode', ({ unicode, fold }) => {
  it.each([
    ['caseIgnore', caseIgnore],
    ['caseExact', caseExact],
  ])('finds every text equal under %s', (_name, prepare) => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const wanted = prepare(a)
        for (const stored of [a, ` ${a.replaceAll(' ', '   ')}  `, a.normalize('NFD'), a.toUpperCase(), b]) {
          if (prepare(stored) !== wanted || !/[^ ]/.test(stored)) continue
          const body = fold(likeBody(wanted, { unicode }))
          expect(like(fold(stored).replace(/^ +/, ''), `${body}%`), `${stored} by ${body}`).toBe(true)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('finds every text that contains a piece', () => {
    fc.assert(
      fc.property(text, text, text, (before, middle, after) => {
        const stored = before + middle + after
        const piece = caseIgnore(middle, 'any')
        if (!containsPieces(caseIgnore(stored), undefined, [piece], undefined)) return
        const body = fold(likeBody(piece, { unicode }))
        expect(like(fold(stored), `%${body}%`), `${stored} by ${body}`).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  it('begins with one of the heads', () => {
    fc.assert(
      fc.property(text, (stored) => {
        const heads = headsOf(caseIgnore(stored))
        if (heads === undefined || !/[^ ]/.test(stored)) return
        const start = fold(stored).replace(/^ +/, '')
        expect(
          heads.some((head) => start.startsWith(fold(head)) || start.startsWith(foldings[0].fold(head))),
          `${stored}: ${heads.join(', ')}`,
        ).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })
})

describe('a pattern', () => {
  it('escapes what LIKE would take for more than a character', () => {
    expect(likeBody('100%_sure!', { unicode: true })).toBe('100!%!_sure!!')
  })

  it('asks for what a database can compare, and leaves the rest open', () => {
    expect(likeBody('müller', { unicode: false })).toBe('m%ller')
    expect(likeBody('o neil', { unicode: true })).toBe('o %neil')
    expect(likeBody('日本', { unicode: false })).toBe('日本')
  })

  it('lets an index seek', () => {
    expect(headsOf('jones')).toEqual(['jones'])
    expect(headsOf('de la cruz')).toEqual(['de '])
    expect(headsOf('\u0301')).toBeUndefined()
  })
})
