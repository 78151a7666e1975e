/**
 * What a source is asked and what is decided on its rows select together exactly what the filter means: random
 * mappings of random rows in real databases, asked random filters, against `match` on all entries. And every claim
 * of a source to decide a question by itself is true. VITRINE_RUNS widens a run; a failure names its seed and path,
 * which VITRINE_SEED and VITRINE_PATH repeat.
 */
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CoreDirectory } from '../../src/directory/core.js'
import { filterText } from '../../src/directory/explain.js'
import { SourceMappings } from '../../src/directory/mappings.js'
import { PasswordHasher } from '../../src/directory/password/hasher.js'
import { createPasswordVerifier } from '../../src/directory/password/verifier.js'
import { extendSchema } from '../../src/mapping/custom-schema.js'
import type { Mapping } from '../../src/mapping/mapping.js'
import { Problems } from '../../src/mapping/problem.js'
import { rewrite } from '../../src/mapping/rewrite.js'
import type { MappingSpec } from '../../src/mapping/schema.js'
import { viewOf } from '../../src/mapping/view.js'
import type { Entry } from '../../src/model/entry.js'
import { type ComparisonFilter, type Filter, mapAssertions, TRUE } from '../../src/model/filter.js'
import { type MatchingOf, match } from '../../src/model/match.js'
import { ANONYMOUS, type Context } from '../../src/model/request.js'
import { Ref } from '../../src/model/value.js'
import { standardSchema } from '../../src/schema/schema.js'
import { createSource } from '../../src/sources/registry.js'
import type { Cell, FieldFilter, Source, Table } from '../../src/sources/source.js'
import { type MemoryRow, operand, testHolds } from '../conformance/source/reference.js'
import { openSql, type Parameter, type SqlClient } from '../data/sql-client.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'
import { filterOf, type Intent, intents } from './pushdown-filters.js'
import { mappings as anyMappings } from './pushdown-mappings.js'
import { createWorld, fillWorld, tableColumns, type World, worlds } from './pushdown-world.js'

const runs = Number(process.env['VITRINE_RUNS'] ?? 300)
const seed = process.env['VITRINE_SEED']
const path = process.env['VITRINE_PATH']
const parameters = {
  numRuns: runs,
  ...(seed !== undefined && { seed: Number(seed) }),
  ...(path !== undefined && { path }),
}

const file = join(tmpdir(), `vitrine-pushdown-${process.pid}.sqlite`)
const ctx = (): Context => ({ principal: ANONYMOUS, signal: AbortSignal.timeout(30_000) })
const verifier = createPasswordVerifier({ onUnknownScheme: () => undefined })
const hasher = new PasswordHasher()

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

afterAll(() => verifier.close())

describe.each([
  ['MariaDB', () => mariadbDatabase(), undefined],
  ['PostgreSQL', () => postgresDatabase(), undefined],
  ['SQLite', async () => `sqlite:${file}`, undefined],
  ['SQLite with values of other types', async () => `sqlite:${file}`, stray],
])('%s', (_name, database, strays) => {
  let client: SqlClient
  let source: Source

  beforeAll(async () => {
    await rm(file, { force: true })
    const url = await database()
    client = await openSql(url)
    await createWorld(client)
    const opened = createSource({
      type: 'sql',
      url,
      pool: { max: 2, acquireTimeout: 10_000 },
      statementTimeout: 20_000,
      connectTimeout: 10_000,
    })
    source = describedOnce(opened)
  })

  afterAll(async () => {
    await source?.close()
    await client?.close()
    await rm(file, { force: true })
  })

  it(`selects what filters mean, in ${runs} random directories`, { timeout: 1_800_000 }, async () => {
    await holdsAlways(
      fc.asyncProperty(
        worlds(strays),
        anyMappings,
        fc.array(intents, { minLength: 1, maxLength: 6 }),
        async (world, specs, wanted) => {
          await fillWorld(client, world)
          const { core, all } = await directoryOf(specs, source)
          const everything = [...all.values()].flat()
          for (const intent of wanted) {
            for (const view of core.views.values()) {
              const filter = filterOf(intent, view, everything, core.schema)
              const meant = (all.get(view.name) ?? [])
                .filter(
                  (e) =>
                    match(withoutChains(filter, e, everything, core.matchingOf), e, core.matchingOf) === true,
                )
                .map((e) => e.id)
              const found: string[] = []
              for await (const batch of core.search(
                { view: view.name, filter, attributes: new Set() },
                ctx(),
              ))
                found.push(...batch.map((e) => e.id))
              expect(found, `${view.name} ${filterText(filter)}`).toEqual(meant)
            }
          }
        },
      ),
    )
  })

  it(`decides itself what it says it can, in ${runs} random directories`, {
    timeout: 1_800_000,
  }, async () => {
    await holdsAlways(
      fc.asyncProperty(
        worlds(strays),
        anyMappings,
        fc.array(intents, { minLength: 1, maxLength: 6 }),
        async (world, specs, wanted) => {
          await fillWorld(client, world)
          const { core, all, mapped } = await directoryOf(specs, source)
          const everything = [...all.values()].flat()
          const rows = new Map<string, readonly MemoryRow[]>()
          for (const intent of wanted) {
            for (const view of core.views.values()) {
              const mapping = mapped.get(view.name)
              if (mapping === undefined) throw new Error(`${view.name} is not mapped`)
              const filter = rewrite(filterOf(intent, view, everything, core.schema), mapping)
              for (const { table, leaf } of leaves(filter, mapping.table)) {
                const known = rows.get(table.name) ?? (await scan(source, table))
                rows.set(table.name, known)
                await holdsClaim(source, table, leaf, known)
              }
            }
          }
        },
      ),
    )
  })
})

/** As `fc.assert`, but tells of the failing directory only what is not NULL in it. */
async function holdsAlways(
  property: fc.IAsyncProperty<[World, readonly MappingSpec[], Intent[]]>,
): Promise<void> {
  const {
    failed,
    counterexample,
    errorInstance,
    seed: failing,
    counterexamplePath,
  } = await fc.check(property, parameters)
  if (!failed || counterexample === null) return expect(failed).toBe(false)
  const [world, specs] = counterexample
  const rows = (Object.keys(tableColumns) as (keyof World)[]).flatMap((table) =>
    world[table].map((row) => {
      const cells = row.flatMap((cell, i) =>
        cell === null ? [] : [`${tableColumns[table][i]}: ${inspect(cell)}`],
      )
      return `  ${table} ${cells.join(', ')}`
    }),
  )
  const shown = specs.map(
    (s) =>
      `  ${s.view} ${inspect({ ...s.attributes, ...(s.where && { where: s.where }) }, { depth: 6, breakLength: 200 })}`,
  )
  const message = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
  throw new Error(
    `${message}\nVITRINE_SEED=${failing} VITRINE_PATH=${counterexamplePath}\n${shown.join('\n')}\n${rows.join('\n')}`,
    { cause: errorInstance },
  )
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
  }
}

async function directoryOf(specs: readonly MappingSpec[], source: Source) {
  const problems = new Problems()
  const schema = extendSchema(standardSchema(), specs, problems)
  const views = new Map(specs.map((spec) => [spec.view, viewOf(spec, schema, problems)]))
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
    for await (const batch of core.search({ view, filter: TRUE, attributes: 'all' }, ctx()))
      entries.push(...batch)
    all.set(view, entries)
  }
  return { core, all, mapped }
}

/** The same filter for this entry, with what asks for chains of references answered by walking them. */
function withoutChains(filter: Filter, entry: Entry, all: readonly Entry[], matchingOf: MatchingOf): Filter {
  return mapAssertions(filter, (asked) => {
    if (asked.op !== 'eq' || asked.rule !== 'inChain' || !(asked.value instanceof Ref)) return asked
    return { op: 'const', value: chained(asked, entry, all, matchingOf) }
  })
}

function chained(
  { attr, value }: ComparisonFilter,
  entry: Entry,
  all: readonly Entry[],
  matchingOf: MatchingOf,
): boolean {
  const form = matchingOf(attr)?.equality
  const pending = [entry]
  const seen = new Set<Entry>()
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (seen.has(at)) continue
    seen.add(at)
    for (const ref of at.attributes.get(attr) ?? []) {
      if (!(ref instanceof Ref)) continue
      if (form?.(ref) === form?.(value as Ref)) return true
      const next = all.find((e) => e.view === ref.view && e.id === ref.id)
      if (next !== undefined) pending.push(next)
    }
  }
  return false
}

type TestLeaf = Extract<FieldFilter, { op: 'test' }>

/** Every test in a question, with the table that it is asked of. */
function leaves(filter: FieldFilter, table: Table): readonly { table: Table; leaf: TestLeaf }[] {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.of.flatMap((f) => leaves(f, table))
    case 'test':
      return [{ table, leaf: filter }]
    case 'some':
      return leaves(filter.of, filter.relation.join?.table ?? filter.relation.table)
    case 'reach':
      return leaves(filter.of, filter.target.table)
    default:
      return []
  }
}

const keyOf = (table: Table) => {
  const key = table.columns.get('id')
  if (key === undefined) throw new Error(`${table.name} has no id`)
  return key
}

async function scan(source: Source, table: Table): Promise<readonly MemoryRow[]> {
  const names = tableColumns[table.name as keyof typeof tableColumns]
  const columns = names.flatMap((name) => table.columns.get(name) ?? [])
  const rows: MemoryRow[] = []
  const query = {
    table,
    key: keyOf(table),
    where: [],
    filter: { op: 'const', value: true } as const,
    fields: columns.map((column) => ({ kind: 'column' as const, column })),
  }
  for await (const batch of source.search(query, ctx()))
    for (const row of batch) rows.push(Object.fromEntries(columns.map((c, i) => [c.name, row[i] as Cell])))
  return rows
}

async function holdsClaim(source: Source, table: Table, leaf: TestLeaf, rows: readonly MemoryRow[]) {
  const support = source.support(leaf.on, leaf.test)
  if (support === 'none') return
  const key = keyOf(table)
  const ask = async (negated: boolean) => {
    const found: unknown[] = []
    const filter = { ...leaf, negated }
    const query = { table, key, where: [], filter, fields: [{ kind: 'column' as const, column: key }] }
    for await (const batch of source.search(query, ctx())) found.push(...batch.map((row) => row[0]))
    return found
  }
  const meant = (truth: boolean) =>
    rows.filter((row) => testHolds(leaf.test, operand(leaf.on, row)) === truth).map((row) => row['id'])
  const what = `${support}: ${JSON.stringify(leaf, (_k, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v))}`
  const found = await ask(false)
  if (support === 'superset') {
    expect(found, what).toEqual(expect.arrayContaining(meant(true)))
    return
  }
  expect(found, what).toEqual(meant(true))
  expect(await ask(true), `not ${what}`).toEqual(meant(false))
}
