/**
 * The text that people's attributes are made of: ordinary names, and text that escaping, collations, Unicode
 * and SQL make awkward. Compatibility characters (ligatures, full-width forms, no-break space) are left out:
 * servers differ in folding them.
 */
import type { Random } from './random.js'

export const givenNames = [
  'Ada',
  'Grace',
  'alan',
  'Barbara',
  'Donald',
  'Edsger',
  'Frances',
  'Ümit',
  'Zoë',
  'José',
]
export const surnames = [
  'Lovelace',
  'Hopper',
  'TURING',
  "O'Brien",
  'de la Cruz',
  'Müller',
  'Smith-Jones',
  'Núñez',
]
export const titles = [
  'Engineer',
  'engineer',
  'ENGINEER',
  'Head of  R&D',
  'Head of R&D',
  'Manager (acting)',
  '100% remote',
]

/** 2,000 characters, equal but for the last one: a comparison that looks at the beginning only is found out. */
const long = ['x', 'y'].map((end) => `${'A long story. '.repeat(143).slice(0, 1999)}${end}`)

/** Fits a column of 200 characters. None is empty or blank; none begins with an ASCII digit. */
export const awkwardTexts: readonly string[] = [
  `O'Reilly`,
  `say "hi"`,
  '`tick`',
  'per%cent',
  'under_score',
  'star*dust',
  '(round)',
  'a)b(c',
  'back\\slash',
  'ends with backslash\\',
  'plus+comma,equals=',
  '#hash',
  '<angle>',
  'semi;colon',
  '!bang|pipe~',
  'a{b}c[d]',
  `\${variable}`,
  '%s %d %n',
  '\\2a\\28',
  ' leading',
  'trailing ',
  '  two  everywhere  ',
  'Foo Bar',
  'foo bar',
  'FOO  BAR',
  ' foo bar ',
  'foobar',
  'Ünïcödé',
  'Ünïcödé'.normalize('NFD'),
  'ÜNÏCÖDÉ',
  'Unicode',
  'ΟΔΥΣΣΕΥΣ',
  'οδυσσευς',
  'Οδυσσεύς',
  'οδυσσευσ',
  'Иван Грозный',
  'ИВАН ГРОЗНЫЙ',
  'ёлка',
  '山田太郎',
  '山田',
  '김철수',
  '김철수'.normalize('NFD'),
  'smile 😀',
  'smile 😁',
  '👩‍💻 coder',
  'Straße',
  'STRASSE',
  'strasse',
  'naïve café',
  'naïve café'.normalize('NFD'),
  'Ångström',
  'Łódź',
  "x' OR '1'='1",
  "'; DROP TABLE users; --",
  'NULL',
  'null',
  'true',
  '/* comment */',
  'a -- b',
  '? $1 :name',
]

/** Text for a column without a limit; also long text and several lines. */
export const unlimitedTexts: readonly string[] = [...awkwardTexts, ...long, 'two\nlines', 'tab\there']

/** What LDAP's telephone numbers may hold; some equal each other but for spaces and hyphens. */
export const telephoneNumbers: readonly string[] = [
  '+49 30 123456',
  '+49 30 12-34-56',
  '+4930123456',
  '+49 (30) 654321',
  '555-0100',
  '5550100',
  '555 0101',
  'ext. 42',
  'EXT. 42',
]

/** ASCII, as LDAP's mail is; every local part is to be completed. */
export const mailParts: readonly string[] = [
  'first.last',
  'First.Last',
  "o'neil",
  'a+tag',
  'under_score',
  '50%off',
  '"q q"',
  '#x',
]

/** One of the awkward texts with the given probability, else an ordinary one. */
export function mostly(
  random: Random,
  ordinary: readonly string[],
  awkward: readonly string[],
  share = 0.5,
): string {
  return random.pick(random.chance(share) ? awkward : ordinary)
}

/**
 * Texts with the same fold may be equal to some matching rule or collation; texts with different folds are
 * different to all those of LDAP. Coarser than any one rule on purpose.
 */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .replace(/[\s-]+/gu, '')
}

/** The texts without those that fold like an earlier one. */
export function distinct(texts: readonly string[]): string[] {
  const seen = new Set<string>()
  return texts.filter((text) => seen.size < seen.add(fold(text)).size)
}
