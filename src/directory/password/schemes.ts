/**
 * The registry: finds the scheme of a stored text by how it begins. What the schemes do is in their own files.
 */
import { argon2Schemes } from './argon2.js'
import { bcryptSchemes } from './bcrypt.js'
import { crypt3Schemes } from './crypt3.js'
import { readKeycloak } from './keycloak.js'
import { ldapSchemes } from './ldap-schemes.js'
import { pbkdf2Schemes } from './pbkdf2.js'
import { phpassSchemes } from './phpass.js'
import type { Derivation, Scheme, Unreadable } from './scheme.js'
import { scryptSchemes } from './scrypt.js'
import { wordpressSchemes } from './wordpress.js'

/** What a stored text turned out to be. `scheme` is a name of ours and holds nothing of the value. */
type Reading =
  | { readonly scheme: string; readonly hash: Derivation | Unreadable }
  /** Looks like a hash, but of no scheme that is supported here; named where it is well known. */
  | { readonly scheme: string | undefined; readonly hash: 'unknown' }
  /** Begins like no hash at all. */
  | { readonly scheme: undefined; readonly hash: undefined }

/** Characters; no hash is nearly as long. */
const longestText = 4096

const byTag = (...families: readonly (readonly Scheme[])[]): ReadonlyMap<string, Scheme> =>
  new Map(families.flat().map((scheme) => [scheme.tag, scheme]))
const tagged = (schemes: readonly Scheme[], start: string) =>
  schemes.filter(({ tag }) => tag.startsWith(start))

const schemes = byTag(
  ldapSchemes,
  crypt3Schemes,
  bcryptSchemes,
  argon2Schemes,
  scryptSchemes,
  pbkdf2Schemes,
  phpassSchemes,
  wordpressSchemes,
)

/** `{NAME}` before a hash that says itself what it is: the names of OpenLDAP, Spring Security and Dovecot. */
const wrappers: ReadonlyMap<string, ReadonlyMap<string, Scheme>> = new Map([
  ['{CRYPT}', byTag(crypt3Schemes, tagged(bcryptSchemes, '$2'))],
  ['{BCRYPT}', byTag(tagged(bcryptSchemes, '$2'))],
  ['{BLF-CRYPT}', byTag(tagged(bcryptSchemes, '$2'))],
  ['{ARGON2}', byTag(tagged(argon2Schemes, '$'))],
  ['{ARGON2I}', byTag(tagged(argon2Schemes, '$'))],
  ['{ARGON2ID}', byTag(tagged(argon2Schemes, '$'))],
  ['{MD5-CRYPT}', byTag(tagged(crypt3Schemes, '$1$'))],
  ['{SHA256-CRYPT}', byTag(tagged(crypt3Schemes, '$5$'))],
  ['{SHA512-CRYPT}', byTag(tagged(crypt3Schemes, '$6$'))],
])

/** Those in braces that are no wrappers, by their tags as most values spell them. */
const plain: ReadonlyMap<string, Scheme> = new Map(
  [...schemes].filter(([tag]) => tag.startsWith('{') && !wrappers.has(tag)),
)

/** Well-known schemes that are not supported, so that the log can name them. */
const unsupported: ReadonlySet<string> = new Set(
  '{SASL} {SCRAM-SHA-1} {SCRAM-SHA-256} {SCRYPT} {NOOP} {PLAIN} {NS-MTA-MD5} $2x$ $3$ $7$ $gy$ $y$ $S$ $sha1$'.split(
    ' ',
  ),
)

const keycloak = /^\{\s*"/
const tag = /^(?:\{[A-Za-z0-9._/-]{1,32}\}|\$[A-Za-z0-9-]{1,32}\$|[a-z0-9_]{1,32}\$)/
const hashLike = /^(?:\{[^}]+\}|\$[^$]+\$)/

/**
 * Reads a stored text. Spaces at its end, with which fixed-width columns are filled up, do not belong to a hash.
 * Never throws.
 */
export function readStored(stored: string): Reading {
  if (stored.length > longestText) return { scheme: undefined, hash: 'unknown' }
  const text = withoutPadding(stored)
  const spelled = text.slice(0, text.indexOf('}') + 1)
  const known = plain.get(spelled)
  if (known !== undefined) return { scheme: spelled, hash: known.read(text.slice(spelled.length)) }
  if (keycloak.test(text)) return { scheme: 'keycloak', hash: readKeycloak(text) }
  const start = tagOf(text) ?? ''
  const inner = wrappers.get(start)
  if (inner !== undefined) {
    const wrapped = text.slice(start.length)
    const scheme = inner.get(tagOf(wrapped) ?? '')
    if (scheme === undefined) return { scheme: start, hash: 'unknown' }
    return { scheme: start, hash: scheme.read(wrapped.slice(scheme.tag.length)) }
  }
  const scheme = schemes.get(start)
  if (scheme !== undefined) return { scheme: start, hash: scheme.read(text.slice(start.length)) }
  if (!hashLike.test(text)) return { scheme: undefined, hash: undefined }
  return { scheme: unsupported.has(start) ? start : undefined, hash: 'unknown' }
}

function withoutPadding(text: string): string {
  let end = text.length
  while (text.charAt(end - 1) === ' ') end--
  return text.slice(0, end)
}

/** The tag with which a text begins, as the registry spells it: names in braces are of any case (RFC 2307 5.3). */
function tagOf(text: string): string | undefined {
  const found = tag.exec(text)?.[0]
  return found?.startsWith('{') === true ? found.toUpperCase() : found
}
