/**
 * Distinguished names as attribute values (RFC 4514, and the quoted and spaced forms of RFC 2253 that servers
 * still accept): syntax check and normal form. What entry a name leads to is not known here. Names of a protocol, whose values
 * may be octets or empty, are read by `ldap/dn.ts`.
 */
import { caseIgnore } from './normalize.js'
import { decodeUtf8 } from './scalars.js'

/** One attribute value assertion of an RDN, unescaped. */
export interface NamingValue {
  readonly type: string
  readonly value: string
}

/** The canonical spelling of an attribute type that may have been named by an alias or its OID. */
export type TypeName = (type: string) => string

const TYPE = /(?:[A-Za-z][A-Za-z0-9-]*|(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))+)/y
const SPACE = /[ \t\r\n]*/y
const MAX_LENGTH = 8192

/**
 * The RDNs of a name, leaf first; empty for the root. Undefined where the text is no DN: also for empty values,
 * a type twice in one RDN, values in `#` form and names longer than 8192 characters.
 */
export function parseDn(text: string): readonly (readonly NamingValue[])[] | undefined {
  if (text === '') return []
  if (text.length > MAX_LENGTH || text.includes('\0')) return undefined
  const rdns: NamingValue[][] = []
  let rdn: NamingValue[] = []
  let at = 0
  for (;;) {
    at = endOf(SPACE, text, at)
    const typeEnd = endOf(TYPE, text, at)
    const type = text.slice(at, typeEnd)
    at = endOf(SPACE, text, typeEnd)
    if (type === '' || text[at] !== '=') return undefined
    at = endOf(SPACE, text, at + 1)
    const read = text[at] === '"' ? readQuoted(text, at + 1) : readValue(text, at)
    if (read === undefined || read.value === '') return undefined
    if (rdn.some((other) => other.type.toLowerCase() === type.toLowerCase())) return undefined
    rdn.push({ type, value: read.value })
    at = read.end
    if (text[at] === '+') {
      at++
      continue
    }
    rdns.push(rdn)
    rdn = []
    if (at >= text.length) return rdns
    if (text[at] !== ',' && text[at] !== ';') return undefined
    at++
  }
}

/** Is the text a distinguished name? */
export function isDn(text: string): boolean {
  return parseDn(text) !== undefined
}

/**
 * The form in which two spellings of one name are identical: types in lower case, values as `caseIgnore` has
 * them, escapes canonical, the parts of an RDN sorted. Undefined where the text is no DN.
 */
export function normalizeDn(text: string, typeName?: TypeName): string | undefined {
  return normalizeRdns(text, typeName)?.join(',')
}

/** The same RDN by RDN, leaf first. */
export function normalizeRdns(
  text: string,
  typeName: TypeName = (type) => type,
): readonly string[] | undefined {
  const rdns = parseDn(text)
  if (rdns === undefined) return undefined
  const normal: string[] = []
  for (const rdn of rdns) {
    const parts = rdn.map(
      ({ type, value }) => `${typeName(type).toLowerCase()}=${escapeValue(caseIgnore(value))}`,
    )
    normal.push(parts.length === 1 ? (parts[0] ?? '') : parts.sort().join('+'))
  }
  return normal
}

/** A name and its optional UID (RFC 4517 3.3.21): a bit string behind the last `#` is the UID. */
export function splitNameAndUid(text: string): { readonly dn: string; readonly uid: string } {
  const at = text.lastIndexOf('#')
  const uid = at < 0 ? '' : text.slice(at + 1)
  return isBitString(uid) ? { dn: text.slice(0, at), uid } : { dn: text, uid: '' }
}

/** RFC 4517 3.3.2: binary digits in single quotes, followed by `B`. */
export function isBitString(text: string): boolean {
  return /^'[01]*'B$/.test(text)
}

interface Read {
  readonly value: string
  readonly end: number
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

function readValue(text: string, from: number): Read | undefined {
  if (text[from] === '#') return undefined
  let value = ''
  let significant = 0
  let at = from
  while (at < text.length) {
    const character = text.charAt(at)
    if (character === ',' || character === ';' || character === '+') break
    if (character === '"' || character === '<' || character === '>') return undefined
    if (character !== '\\') {
      value += character
      at++
      if (!/[ \t\r\n]/.test(character)) significant = value.length
      continue
    }
    const escaped = readEscape(text, at)
    if (escaped === undefined) return undefined
    value += escaped.value
    significant = value.length
    at = escaped.end
  }
  return { value: value.slice(0, significant), end: at }
}

/** One escaped character, or a run of hex pairs, which together must be UTF-8. */
function readEscape(text: string, from: number): Read | undefined {
  const next = text.charAt(from + 1)
  if (next !== '' && '\\,;+"<>=# \t\r\n'.includes(next)) return { value: next, end: from + 2 }
  const pairs = /(?:\\[0-9a-fA-F]{2})+/y
  pairs.lastIndex = from
  const run = pairs.exec(text)
  if (run === null) return undefined
  const value = decodeUtf8(Uint8Array.from(run[0].slice(1).split('\\'), (pair) => Number.parseInt(pair, 16)))
  return value === undefined ? undefined : { value, end: pairs.lastIndex }
}

function readQuoted(text: string, from: number): Read | undefined {
  let value = ''
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '"') return { value, end: endOf(SPACE, text, at + 1) }
    if (character === '\\') at++
    value += text.charAt(at)
  }
  return undefined
}

function escapeValue(value: string): string {
  const inner = value.replace(/[\\,;+"<>=]/g, '\\$&').replaceAll('\0', '\\00')
  if (inner === ' ') return '\\ '
  return inner.startsWith('#') ? `\\${inner}` : inner
}
