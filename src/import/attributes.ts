/** Attributes of a directory, shown under the names that the imported file gives them; and what kind of directory it is. */
import type { AttributeSpec } from '../mapping/schema.js'
import { standardSchema } from '../schema/schema.js'

/** A destination, and the attributes of the directory whose values it has. */
export type Shown = ReadonlyMap<string, readonly string[]>

/** References to people; other DNs are shown as the directory has them. */
const PEOPLE: ReadonlySet<string> = new Set(['manager', 'secretary'])

/** As a mapping has it for the view of this name. Attributes that no standard knows are text. */
export function attributesOf(
  shown: Shown,
  view: string,
): Readonly<Record<string, AttributeSpec | AttributeSpec[]>> {
  const schema = standardSchema()
  return Object.fromEntries(
    [...shown].map(([destination, columns]) => {
      const type = schema.attribute(destination)
      const specs = columns.map((column): AttributeSpec => {
        if (type === undefined) return { column, syntax: 'directoryString' }
        return PEOPLE.has(type.name) ? { ref: view, column } : column
      })
      const [only = '', ...more] = specs
      return [destination, more.length === 0 ? only : specs]
    }),
  )
}

/** Can an entry show an attribute of this name? */
export function isAttributeName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9-]*(?:;[A-Za-z0-9-]+)*$/.test(name)
}

/** Do no standard classes of people allow it? */
export function isOwn(name: string): boolean {
  return standardSchema().attribute(name) === undefined
}

const OF_ACTIVE_DIRECTORY =
  /\b(?:sAMAccountName|userPrincipalName|objectGUID|objectCategory|userAccountControl|objectClass=user\))/i

/** What filters and names of attributes say of the directory. */
export function looksLikeActiveDirectory(words: Iterable<string>): boolean {
  return [...words].some((word) => OF_ACTIVE_DIRECTORY.test(word))
}

/** The DN without what is before its domain components: where a directory's own tree usually begins. */
export function domainOf(dn: string): string {
  return /(?:^|,)\s*(dc=[^,]+(?:\s*,\s*dc=[^,]+)*)\s*$/i.exec(dn)?.[1] ?? dn
}

/** A name that views and files can have. */
export function plainName(name: string, fallback: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9_-]+/g, '-').replaceAll(/^[-_]+|[-_]+$/g, '')
  return /^[A-Za-z]/.test(plain) ? plain : fallback
}

/** The URL of a server that is written as a host, with or without a port, or as a URL. */
export function serverUrl(server: string, encrypted: boolean): string {
  const trimmed = server.trim().replace(/\/+$/, '')
  if (/^ldaps?:\/\//i.test(trimmed)) return trimmed
  return `${encrypted ? 'ldaps' : 'ldap'}://${trimmed}`
}
