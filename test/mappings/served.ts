/** A mapping served over LDAP as its gateway file says, and a client's plain view of it. */
import { Client, type Entry, InvalidCredentialsError, type SearchOptions } from 'ldapts'
import { vi } from 'vitest'
import { check } from '../../src/cli/check.js'
import { createGateway, type Gateway, type Overrides } from '../../src/index.js'
import { mappingFile } from './databases.js'

export interface Served {
  /** A client that nobody has bound yet; closed together with the gateway. */
  connect(): Client
  /** Does the gateway accept the password? Any other answer than yes and no is an error. */
  accepts(dn: string, password: string): Promise<boolean>
  close(): Promise<void>
}

/**
 * @param mapping a folder of `mappings/`
 * @param overrides stand above what its gateway file says
 */
export function serve(mapping: string, overrides: Overrides = {}): Promise<Served> {
  return serveFile(mappingFile(`${mapping}/gateway.yaml`), overrides)
}

export async function serveFile(file: string, overrides: Overrides = {}): Promise<Served> {
  const gateway = await createGateway(file, {
    overrides: {
      ...overrides,
      listen: { ldap: '127.0.0.1:0', ...overrides.listen },
      log: { level: 'silent' },
    },
  })
  return servedOf(gateway)
}

async function servedOf(gateway: Gateway): Promise<Served> {
  const { ldap } = await gateway.listen()
  if (ldap === undefined) throw new Error('LDAP is not served')
  const clients: Client[] = []
  const connect = () => {
    const client = new Client({ url: `ldap://${ldap.host}:${ldap.port}`, timeout: 20_000 })
    clients.push(client)
    return client
  }
  return {
    connect,
    accepts: async (dn, password) => {
      try {
        await connect().bind(dn, password)
        return true
      } catch (error) {
        if (error instanceof InvalidCredentialsError) return false
        throw error
      }
    },
    close: async () => {
      await Promise.all(clients.map((client) => client.unbind()))
      await gateway.close()
    },
  }
}

/** The entries below a base that a filter selects. */
export async function find(
  client: Client,
  base: string,
  filter: string,
  options: SearchOptions = {},
): Promise<readonly Entry[]> {
  return (await client.search(base, { scope: 'sub', filter, ...options })).searchEntries
}

/** An attribute's values, in order. */
export function valuesOf(entry: Entry | undefined, attribute: string): readonly string[] {
  return [entry?.[attribute] ?? []].flat().map(String).sort()
}

/** An attribute's values in all the entries, each once. */
export function allValues(entries: readonly Entry[], attribute: string): readonly string[] {
  return [...new Set(entries.flatMap((entry) => valuesOf(entry, attribute)))].sort()
}

/** What `vitrine check` prints about a mapping on the database that `DB_URL` names. */
export async function checked(mapping: string): Promise<string> {
  const printed: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0)
  try {
    await check({ config: mappingFile(`${mapping}/gateway.yaml`) })
  } finally {
    write.mockRestore()
  }
  return printed.join('')
}
