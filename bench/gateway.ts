/**
 * The gateway as an operator runs it, in front of each database, with the indexes that `vitrine check` asks for, and in
 * front of a directory.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addLargeGroup, asOwner, type Database, urls } from './databases.js'
import { ports } from './peers.js'
import { type Listening, run, startNode } from './process.js'
import { TOKEN } from './scim/data.js'

const ACCOUNT = 'cn=bench,dc=example,dc=com'
const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
/** As the image starts it. */
const gateway = ['--max-semi-space-size=8', program, 'serve', '--config'] as const
const mapping = (name: string) => fileURLToPath(new URL(`mappings/${name}.yaml`, import.meta.url))

/**
 * Readies a database for the gateway.
 * @param folder where the configuration is written
 */
export async function prepare(database: Database, folder: string): Promise<void> {
  const sources = { db: { type: 'sql', url: urls[database] } }
  await writeConfig(configOf(database, folder), sources, ['people', 'groups'].map(mapping), TOKEN)
  await addLargeGroup(database)
  await createIndexes(database, configOf(database, folder))
}

/** In front of a database that has been readied. */
export function startGateway(database: Database, folder: string): Promise<Listening> {
  return startNode([...gateway, configOf(database, folder)])
}

/** The same, keeping answers of people as a view does that is told to. */
export async function startCached(folder: string): Promise<Listening> {
  const config = join(folder, 'cached.yaml')
  const sources = { db: { type: 'sql', url: urls.maria } }
  await writeConfig(config, sources, [{ mapping: mapping('people'), cache: { ttl: '1h' } }])
  return startNode([...gateway, config])
}

const configOf = (database: Database, folder: string) => join(folder, `${database}.yaml`)

/** In front of the native directory. */
export async function startProxy(folder: string, ...options: readonly string[]): Promise<Listening> {
  const config = join(folder, 'directory.yaml')
  const sources = { directory: { type: 'ldap', url: `ldap://127.0.0.1:${ports.mdb}` } }
  await writeConfig(config, sources, [mapping('directory/people')])
  return startNode([...gateway, config, ...options])
}

/** @param token for those who ask over SCIM; undefined: it does not serve SCIM */
function writeConfig(
  file: string,
  sources: object,
  views: readonly unknown[],
  token?: string,
): Promise<void> {
  const settings = {
    suffix: 'dc=example,dc=com',
    listen: { ldap: 0, ...(token !== undefined && { http: 0 }) },
    sources,
    views,
    serviceAccounts: [{ dn: ACCOUNT, password: '{CLEARTEXT}bench' }],
    access: [
      { who: 'anonymous', views: '*', allow: ['read', 'search'] },
      { who: ACCOUNT, views: '*', allow: ['read', 'search'] },
    ],
    ...(token !== undefined && {
      scim: { tokens: [{ name: 'bench', token: `{CLEARTEXT}${token}`, as: ACCOUNT, scopes: '*' }] },
    }),
    log: { level: 'info' },
  }
  return writeFile(file, JSON.stringify(settings))
}

async function createIndexes(database: Database, config: string): Promise<void> {
  const wanted = await missingIndexes(config)
  if (wanted.length === 0) return
  await asOwner(database, async (owner) => {
    for (const statement of wanted) {
      process.stderr.write(`${database}: ${statement}\n`)
      await owner.query(statement)
    }
    await owner.query(database === 'maria' ? 'ANALYZE TABLE users' : 'VACUUM ANALYZE users')
  })
  const still = await missingIndexes(config)
  if (still.length > 0) throw new Error(`vitrine check still asks for ${still.join(' ')}`)
}

async function missingIndexes(config: string): Promise<readonly string[]> {
  const { code, text } = await run(process.execPath, [program, 'check', '--config', config])
  if (code !== 0) throw new Error(`vitrine check ended with ${code}:\n${text}`)
  return [...text.matchAll(/^ +(CREATE INDEX .*);$/gm)].flatMap(([, statement]) => statement ?? [])
}
