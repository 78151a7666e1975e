/** LDAP URLs (RFC 4516) as text and as parts. */
import { type SearchScope, searchScopes } from './message.js'

export interface LdapUrl {
  readonly scheme: 'ldap' | 'ldaps'
  /** An IPv6 address without brackets; empty where the URL names none. */
  readonly host: string
  readonly port: number
  /** undefined: the URL names none, as that of a whole server. */
  readonly dn?: string
  readonly attributes: readonly string[]
  readonly scope?: SearchScope
  /** In the notation of RFC 4515. */
  readonly filter?: string
  /** Extensions without which the URL must not be used (RFC 4516 section 2). */
  readonly critical: readonly string[]
}

const scopes: Readonly<Record<string, SearchScope>> = {
  base: searchScopes[0],
  one: searchScopes[1],
  sub: searchScopes[2],
}

/** The parts, percent-decoded; undefined if the text is no LDAP URL. */
export function parseLdapUrl(text: string): LdapUrl | undefined {
  const found = /^(ldaps?):\/\/(?:\[([0-9a-f:.%]+)\]|([^\s/?#:[\]@]*))(?::(\d{1,5}))?(?:\/([^#\s]*))?$/i.exec(
    text.trim(),
  )
  if (found === null) return undefined
  const scheme = found[1]?.toLowerCase() === 'ldaps' ? 'ldaps' : 'ldap'
  const port = found[4] === undefined ? (scheme === 'ldaps' ? 636 : 389) : Number(found[4])
  const parts = (found[5] ?? '').split('?')
  if (port > 65_535 || parts.length > 5) return undefined
  let decoded: string[]
  try {
    decoded = [found[2] ?? found[3] ?? '', ...parts].map(decodeURIComponent)
  } catch {
    return undefined
  }
  const [host = '', dn = '', , scopeName = '', filter = ''] = decoded
  const scope = scopes[scopeName.toLowerCase()]
  if (scope === undefined && scopeName !== '') return undefined
  const list = (part: string | undefined) => (part ?? '').split(',').filter((item) => item !== '')
  return {
    scheme,
    host,
    port,
    ...(dn === '' && parts.length === 1 ? undefined : { dn }),
    attributes: list(parts[1]).map(decodeURIComponent),
    ...(scope === undefined ? undefined : { scope }),
    ...(filter === '' ? undefined : { filter }),
    critical: list(parts[4])
      .filter((item) => item.startsWith('!'))
      .map((item) => item.slice(1)),
  }
}
