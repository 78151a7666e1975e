/** What a gateway's configuration says of the directory behind it, in place of what it says of a database. */
import { fileURLToPath } from 'node:url'
import type { GatewayInput } from '../../../src/index.js'
import { upstreamAccount } from './tree.js'

/**
 * @param url of a database or of the directory
 * @param views of the database
 * @param files the mapping files of this folder that show the same of the directory
 */
export function sourceAndViews(
  url: string,
  views: GatewayInput['views'],
  files: readonly string[],
): Pick<GatewayInput, 'sources' | 'views'> {
  if (!url.startsWith('ldap:')) return { sources: { hr: { type: 'sql', url } }, views }
  const { dn, password } = upstreamAccount
  const source: object = { type: 'ldap', url, bindDn: dn, password }
  return {
    sources: { hr: source as GatewayInput['sources'][string] },
    views: files.map((file) => fileURLToPath(new URL(file, import.meta.url))),
  }
}
