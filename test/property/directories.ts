/**
 * Directories of random mappings over real databases, for property tests: how databases are opened, what all entries
 * are, and how many directories are tried. VITRINE_RUNS widens a run; VITRINE_SEED and VITRINE_PATH repeat a failure.
 */
import { setMaxListeners } from 'node:events'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect } from 'vitest'
import { CoreDirectory } from '../../src/directory/core.js'
import { SourceMappings } from '../../src/directory/mappings.js'
import { PasswordHasher } from '../../src/directory/password/hasher.js'
import { createPasswordVerifier } from '../../src/directory/password/verifier.js'
import { extendSchema } from '../../src/mapping/custom-schema.js'
import type { Mapping } from '../../src/mapping/mapping.js'
import { Problems } from '../../src/mapping/problem.js'
import type { MappingSpec } from '../../src/mapping/schema.js'
import { viewOf } from '../../src/mapping/view.js'
import type { Entry } from '../../src/model/entry.js'
import { TRUE } from '../../src/model/filter.js'
import { ANONYMOUS, type Context } from '../../src/model/request.js'
import { standardSchema } from '../../src/schema/schema.js'
import { createSource } from '../../src/sources/registry.js'
import type { Source, Table } from '../../src/sources/source.js'
import { openSql, type Parameter, type SqlClient } from '../data/sql-client.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'

const path = process.env.VITRINE_PATH

/** How many directories a property is tried on: a share of VITRINE_RUNS, which is 300 where it is not given. */
export const runsOf = (share: number) => Math.ceil(Number(process.env.VITRINE_RUNS ?? 300) * share)

const file = join(tmpdir(), `vitrine-property-${process.pid}.sqlite`)

/** What SQLite lets into any column, whatever its type says. */
const stray: fc.Arbitrary<Parameter> = fc.constantFrom(
  'foo',
  '12',
  ' 7 ',
  '1.5',
  '',
  5,
  1.5,
  -1n,
  Buffer.from('foo'),
)

type Database = () => Promise<string>

/** The databases that properties hold on, by name, each new and empty. */
export const databases: readonly (readonly [name: string, database: Database])[] = [
  ['MariaDB', mariadbDatabase],
  ['PostgreSQL', postgresDatabase],
  ['SQLite', async () => `sqlite:${file}`],
]

/** Also with `stray` values in every column. */
export const looseDatabases: readonly (readonly [
  name: string,
  database: Database,
  stray: fc.Arbitrary<Parameter> | undefined,
])[] = [
  ...databases.map(([name, database]) => [name, database, undefined] as const),
  ['SQLite with values of other types', async () => `sqlite:${file}`, stray],
]

export function ctx(): Context {
  const signal = AbortSignal.timeout(30_000)
  // Every statement of the request listens to it.
  setMaxListeners(0, signal)
  return { principal: ANONYMOUS, signal }
}

/** Opens a database for the tests of a `describe`, and makes its tables. */
export function opened(database: Database, create: (client: SqlClient) => Promise<void>) {
  let client: SqlClient | undefined
  let source: Source | undefined
  beforeAll(async () => {
    await rm(file, { force: true })
    const url = await database()
    client = await openSql(url)
    await create(client)
    const made = createSource({
      type: 'sql',
      url,
      pool: { max: 2, acquireTimeout: 10_000 },
      statementTimeout: 20_000,
      connectTimeout: 10_000,
    })
    source = describedOnce(made)
  })
  afterAll(async () => {
    await source?.close()
    await client?.close()
    await rm(file, { force: true })
  })
  return () => {
    if (client === undefined || source === undefined) throw new Error('the database is not open')
    return { client, source }
  }
}

export const parametersOf = (numRuns: number) => ({
  numRuns,
  ...(path !== undefined && { path }),
})

/** As `fc.assert`, from where the environment says. */
export function checked<T>(property: fc.IAsyncProperty<T>, numRuns: number): Promise<void> {
  return fc.assert(property, parametersOf(numRuns))
}

/** The tables stay as they are while rows and mappings change. */
function describedOnce(source: Source): Source {
  const known = new Map<string, Promise<Table | undefined>>()
  return {
    describe: (table) => {
      const found = known.get(table) ?? source.describe(table)
      known.set(table, found)
      return found
    },
    support: (on, test) => source.support(on, test),
    search: (query, context) => source.search(query, context),
    explain: (query) => source.explain(query),
    advise: (query) => source.advise(query),
    health: () => source.health(),
    close: () => source.close(),
    count: (query, context) => source.count(query, context),
    orders: (order) => source.orders(order),
    ...(source.write && { write: source.write }),
    ...(source.mostTests !== undefined && { mostTests: source.mostTests }),
  }
}

const verifier = createPasswordVerifier({ onUnknownScheme: () => undefined })
const hasher = new PasswordHasher()
afterAll(() => verifier.close())

/** The directory, all its entries by view, and its compiled mappings. */
export async function directoryOf(specs: readonly MappingSpec[], source: Source) {
  const problems = new Problems()
  const schema = extendSchema(standardSchema(), specs, problems)
  const views = new Map(specs.map((spec) => [spec.view, viewOf(spec, schema, problems, specs)]))
  expect(problems.list).toEqual([])
  const compiled = new SourceMappings(source, specs, schema)
  const mapped: ReadonlyMap<string, Mapping> = await compiled.compile()
  const core = new CoreDirectory({
    schema,
    views,
    mappings: new Map(specs.map((spec) => [spec.view, compiled])),
    verifier,
    hasher,
    serviceAccounts: new Map(),
  })
  const all = new Map<string, readonly Entry[]>()
  for (const view of views.keys()) {
    const entries: Entry[] = []
    for await (const batch of core.search({ view, filter: TRUE, attributes: 'all', displays: true }, ctx()))
      entries.push(...batch)
    all.set(view, entries)
  }
  return { core, all, mapped }
}
