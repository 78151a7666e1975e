/** What an LDAP directory is and holds, as far as its root DSE and some of its entries tell. */
import { type LdapClient, LdapError, resultCode, type SearchResultEntry } from '../ldap/index.js'

export interface DirectoryFacts {
  /** Where its entries are. */
  readonly base: string
  readonly isActiveDirectory: boolean
  /** Entries that were looked at, by object class in lower case. */
  readonly people: ReadonlyMap<string, number>
  readonly groups: ReadonlyMap<string, number>
  /** Operational attributes that an entry has, in lower case. */
  readonly operational: ReadonlySet<string>
  /** What it says it is. */
  readonly vendor: string
}

/** Entries of a class that are looked at: of the first ones whatever they are, none might be a user. */
const MOST = 100

const PEOPLE = ['inetOrgPerson', 'posixAccount', 'user', 'person']
const GROUPS = ['groupOfNames', 'groupOfUniqueNames', 'posixGroup', 'group']
/** Of Active Directory (MS-ADTS 3.1.1.3.4.3). */
const ACTIVE_DIRECTORY = '1.2.840.113556.1.4.800'

/** @returns undefined where the directory names no place of its entries */
export async function lookAt(
  client: LdapClient,
  wanted: string | undefined,
): Promise<DirectoryFacts | undefined> {
  const dse = await client.searchAll('', {
    scope: 'baseObject',
    filter: '(objectClass=*)',
    attributes: ['*', '+', 'defaultNamingContext', 'namingContexts', 'supportedCapabilities', 'vendorName'],
  })
  const [root] = dse.entries
  const contexts = [...valuesOf(root, 'defaultNamingContext'), ...valuesOf(root, 'namingContexts')]
  const base =
    wanted ?? contexts.find((name) => name !== '' && !/^cn=(?:config|schema|monitor|changelog)\b/i.test(name))
  if (base === undefined) return undefined
  const sample = async (classes: readonly string[], attributes: readonly string[]) => {
    const found = new Map<string, SearchResultEntry>()
    for (const name of classes) {
      const filter = `(objectClass=${name})`
      const limits = { sizeLimit: MOST, maxEntries: MOST }
      const { entries, done } = await client.searchAnswer(base, { filter, attributes, ...limits })
      if (done.code !== resultCode.success && done.code !== resultCode.sizeLimitExceeded)
        throw new LdapError(done.code, done.message)
      for (const entry of entries) found.set(entry.dn, entry)
    }
    return [...found.values()]
  }
  const people = await sample(PEOPLE, ['objectClass', '+'])
  const groups = await sample(GROUPS, ['objectClass'])
  const isActiveDirectory = valuesOf(root, 'supportedCapabilities').includes(ACTIVE_DIRECTORY)
  return {
    base,
    isActiveDirectory,
    people: classesOf(people),
    groups: classesOf(groups),
    operational: new Set(
      people.flatMap(({ attributes }) => attributes.map(({ type }) => type.toLowerCase())),
    ),
    vendor: isActiveDirectory ? 'Active Directory' : (valuesOf(root, 'vendorName')[0] ?? 'LDAP directory'),
  }
}

function valuesOf(entry: SearchResultEntry | undefined, name: string): readonly string[] {
  const found = entry?.attributes.find(({ type }) => type.toLowerCase() === name.toLowerCase())
  return (found?.values ?? []).map((value) => Buffer.from(value).toString('utf8'))
}

function classesOf(entries: readonly SearchResultEntry[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const entry of entries)
    for (const name of new Set(valuesOf(entry, 'objectClass').map((one) => one.toLowerCase())))
      counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}
