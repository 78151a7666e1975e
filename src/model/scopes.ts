/** What a token may be good for: the scopes of the SCIM face, by the names that the configuration calls them. */

/** The scope of everything. */
export const ALL_SCOPES = '*'

/**
 * Scopes that belong to no resource type: searching several types at once (RFC 7644 3.4.3), bulk requests (3.7), and what
 * operators ask of copies.
 */
export const GENERAL_SCOPES: readonly string[] = ['search', 'bulk', 'copy.read', 'copy.write']

/** Families of devices are called as existing clients know them. */
const families: Readonly<Record<string, string>> = { FidoDevice: 'fido', Fido2Device: 'fido2' }

/** `users.read` for `User`: the lower-cased plural of the type and what is done. */
export function resourceScope(resourceType: string, right: 'read' | 'write'): string {
  return `${families[resourceType] ?? pluralOf(resourceType.toLowerCase())}.${right}`
}

function pluralOf(word: string): string {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`
  return /(?:s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`
}
