/**
 * Does a text look like a DN (RFC 4514 section 3)? Enough to find slips in a configuration at once; the parser
 * that gives a DN its meaning is the protocol's.
 */

const attribute = String.raw`\s*(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)\s*`
const character = String.raw`(?:[^\\,+;"<>\0]|\\(?:[0-9A-Fa-f]{2}|[\\,+;"<>=# ]))`
const assertion = `${attribute}=\\s*(?!\\s)${character}+`
const syntax = new RegExp(`^${assertion}(?:[,+]${assertion})*$`)

/** True for one or more `attribute=value`, separated by `,` or `+`. The empty DN is none here. */
export function looksLikeDn(text: string): boolean {
  return syntax.test(text)
}

/** The text with what cannot tell two DNs apart removed: case, and spaces around separators. */
export function foldDn(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/\s*([,+=])\s*/g, '$1')
}
