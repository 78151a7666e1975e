/**
 * The string preparations of the matching rules (RFC 4518 as OpenLDAP applies it): the form in which two equal
 * texts are identical. Which rule uses which preparation is said in `matching-rules.ts`.
 */
import type { SubstringPlace } from '../model/match.js'

/** Where a text stands: a whole value, or a piece of a substring assertion. */
export type TextPlace = SubstringPlace | 'whole'

/**
 * Case and insignificant spaces ignored: each code point in its simple lower case, composed (NFC), spaces
 * trimmed and collapsed. No character outside ASCII becomes an ASCII one (U+0130, U+037E, U+1FEF and U+212A
 * stay), and compatibility variants stay distinct; the SQL pushdown relies on both.
 */
export function caseIgnore(text: string, place: TextPlace = 'whole'): string {
  if (isTidyAscii(text)) return text.toLowerCase()
  return squeeze(compose(lowerCase(text)), place)
}

/** As `caseIgnore`, but letters keep their case. */
export function caseExact(text: string, place: TextPlace = 'whole'): string {
  if (isTidyAscii(text)) return text
  return squeeze(compose(text), place)
}

/** ASCII letters in lower case, spaces trimmed and collapsed; a text of only spaces is empty. */
export function caseIgnoreIA5(text: string): string {
  return caseExactIA5(text).replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** As `caseIgnoreIA5`, but letters keep their case. */
export function caseExactIA5(text: string): string {
  if (isTidyAscii(text)) return text
  const squeezed = squeeze(text, 'whole')
  return squeezed === ' ' ? '' : squeezed
}

/** Telephone numbers without spaces and hyphens; nothing but these is one space. Case is kept, as slapd does. */
export function telephone(text: string): string {
  return text.replace(/[ -]+/g, '') || (text === '' ? '' : ' ')
}

/** Numeric strings without spaces; nothing but spaces is one space. */
export function numeric(text: string): string {
  return text.replace(/ +/g, '') || (text === '' ? '' : ' ')
}

/** The lines of a postal address (RFC 4517 3.3.28), each as `caseIgnore` has it; `$` separates, escapes stay. */
export function caseIgnoreList(text: string, place: TextPlace = 'whole'): string {
  return text
    .split('$')
    .map((line) => (line === '' ? '' : caseIgnore(line, place)))
    .join('$')
}

/** Sorts by code point, which is the order of the UTF-8 bytes. Negative, zero or positive. */
export function compareCodePoints(a: string, b: string): number {
  const end = Math.min(a.length, b.length)
  for (let i = 0; i < end; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return surrogatesLast(x) - surrogatesLast(y)
  }
  return a.length - b.length
}

/** A UTF-16 unit moved so that surrogates, which stand for the highest code points, sort last. */
function surrogatesLast(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/** ASCII without leading, trailing or repeated spaces: nothing to compose, nothing to trim. */
function isTidyAscii(text: string): boolean {
  let afterSpace = true
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) return false
    if (unit !== 0x20) afterSpace = false
    else if (afterSpace) return false
    else afterSpace = true
  }
  return text === '' || !afterSpace
}

/** The capitals whose lower case depends on the context, has two characters or is ASCII. */
const UNUSUAL_CAPITALS = /[\u03a3\u0130\u212a]/

function lowerCase(text: string): string {
  if (!UNUSUAL_CAPITALS.test(text)) return text.toLowerCase()
  return text
    .split(/([\u03a3\u0130\u212a])/)
    .map((part) => (part === '\u03a3' ? '\u03c3' : UNUSUAL_CAPITALS.test(part) ? part : part.toLowerCase()))
    .join('')
}

/** The characters whose canonical equivalent is an ASCII character. */
const ASCII_EQUIVALENTS = /([\u037e\u1fef\u212a])/

function compose(text: string): string {
  const composed = text.normalize('NFC')
  if (composed === text) return text
  if (!ASCII_EQUIVALENTS.test(text)) return composed
  return text
    .split(ASCII_EQUIVALENTS)
    .map((part) => (ASCII_EQUIVALENTS.test(part) ? part : part.normalize('NFC')))
    .join('')
}

/**
 * Collapses runs of U+0020 and trims the ends that are not adjacent to another piece. Nothing but spaces is one
 * space, except as a final piece: there it is empty, for every value ends in an insignificant space.
 */
function squeeze(text: string, place: TextPlace): string {
  let result = text.replace(/ {2,}/g, ' ')
  if (result === ' ') return place === 'final' ? '' : ' '
  if ((place === 'whole' || place === 'initial') && result.startsWith(' ')) result = result.slice(1)
  if ((place === 'whole' || place === 'final') && result.endsWith(' ')) result = result.slice(0, -1)
  return result
}
