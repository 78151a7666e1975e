/** Databases and gateways for tests that ask through sockets, and the plain view of what comes back. */
import type { Gateway, GatewayInput } from '../../src/index.js'
import { LdapClient, LdapError, type SearchOptions } from '../../src/ldap/index.js'
import { loadSql } from '../data/load-sql.js'
import type { Population } from '../data/people.js'
import { runSql as runInDatabase, sqliteDatabase } from '../mappings/databases.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'
import { copiedDatabase, copyAll, gatewayFor, refreshCopies } from './copied.js'
import { loadUpstream, runInUpstream, upstreamDirectory } from './upstream.js'

/** An empty database of a test's own, or a directory in its place. */
export interface Database {
  readonly url: string
  remove(): Promise<void>
}

type Create = () => Promise<Database>

const shared = (create: () => Promise<string>): Create => {
  return async () => ({ url: await create(), remove: async () => undefined })
}

/** The kinds of databases, by name, and how to make one: for `describe.each`. */
export const servers: readonly (readonly [name: string, create: Create])[] = [
  ['MariaDB', shared(mariadbDatabase)],
  ['PostgreSQL', shared(postgresDatabase)],
]
/** Those of the gateway's sources. */
export const engines: typeof servers = [...servers, ['SQLite', async () => sqliteDatabase()]]

/** Those, and a database whose views are all copied. */
export const databases: typeof servers = [...engines, ['a copy', copiedDatabase]]

/** Directories that the small company and the population can stand in. */
const directories: typeof servers = [['a directory', upstreamDirectory]]

/** A directory whose views are all copied. */
const copiedDirectory: Create = async () => {
  const directory = await upstreamDirectory()
  const forget = copyAll(directory.url)
  return {
    url: directory.url,
    remove: async () => {
      forget()
      await directory.remove()
    },
  }
}

/** Whatever can stand behind the gateway with the small company or the population in it. */
export const sources: typeof servers = [
  ...databases,
  ...directories,
  ['a directory, copied', copiedDirectory],
]
/** Those that are not in the gateway's own process. */
export const remoteSources: typeof servers = [...servers, ...directories]

/** Runs scripts of several statements; over a directory, those of the small company's tables. */
export async function runSql(url: string, ...scripts: readonly string[]): Promise<void> {
  if (!(await runInUpstream(url, scripts))) await runInDatabase(url, ...scripts)
  await refreshCopies(url)
}

/** Fills what is empty with a population. */
export async function loadPopulation(url: string, population: Population): Promise<void> {
  if (!(await loadUpstream(url, population))) await loadSql(url, population)
  await refreshCopies(url)
}

export interface Serving {
  readonly gateway: Gateway
  readonly host: string
  readonly port: number
  /** Where SCIM is served, if it is. */
  readonly http: { readonly host: string; readonly port: number } | undefined
  /** `ldap://host:port` */
  readonly url: string
  /** A connection that is closed with the gateway. */
  connect(dn?: string, password?: string): Promise<LdapClient>
  close(): Promise<void>
}

export async function serve(config: GatewayInput): Promise<Serving> {
  const gateway = await gatewayFor(config)
  const { ldap, http } = await gateway.listen()
  if (ldap === undefined) throw new Error('LDAP is not served')
  const { host, port } = ldap
  const clients: LdapClient[] = []
  return {
    gateway,
    host,
    port,
    http,
    url: `ldap://${host}:${port}`,
    connect: async (dn, password = '') => {
      const client = await LdapClient.connect({ host, port, timeoutMs: 20_000 })
      clients.push(client)
      if (dn !== undefined) await client.bind(dn, password)
      return client
    },
    close: async () => {
      for (const client of clients) client.close()
      await gateway.close()
    },
  }
}

/** What a search came to, its failure included. */
export interface Outcome {
  readonly code: number
  readonly matchedDN: string
  readonly dns: readonly string[]
}

export async function outcome(
  client: LdapClient,
  base: string,
  options: SearchOptions = {},
): Promise<Outcome> {
  const dns: string[] = []
  try {
    for await (const entry of client.search(base, options)) dns.push(entry.dn)
    return { code: 0, matchedDN: '', dns }
  } catch (error) {
    if (!(error instanceof LdapError)) throw error
    return { code: error.code, matchedDN: error.matchedDN, dns }
  }
}

/** DNs of the entries that a filter selects, sorted. A refusal is thrown. */
export async function find(client: LdapClient, base: string, filter: string): Promise<readonly string[]> {
  const { entries } = await client.searchAll(base, { filter, attributes: ['1.1'] })
  return entries.map((entry) => entry.dn).sort()
}

/** An entry's attributes by name, their values as text and sorted; undefined if there is no such entry. */
export async function read(
  client: LdapClient,
  dn: string,
  attributes: readonly string[] = [],
): Promise<Record<string, readonly string[]> | undefined> {
  try {
    const { entries } = await client.searchAll(dn, { scope: 'baseObject', attributes })
    return Object.fromEntries(
      (entries[0]?.attributes ?? []).map(({ type, values }) => [type, values.map(String).sort()]),
    )
  } catch (error) {
    if (error instanceof LdapError && error.code === 32) return undefined
    throw error
  }
}

/** The result code that an operation ends with; 0 if it resolves. */
export async function codeOf(operation: Promise<unknown>): Promise<number> {
  try {
    await operation
    return 0
  } catch (error) {
    if (error instanceof LdapError) return error.code
    throw error
  }
}
