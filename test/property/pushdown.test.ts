/**
 * What a source is asked and what is decided on its rows select together exactly what the filter means: random
 * mappings of random rows in real databases, asked random filters, against `match` on all entries. And every claim
 * of a source to decide a question by itself is true. VITRINE_RUNS widens a run; a failure names its seed and path,
 * which VITRINE_SEED and VITRINE_PATH repeat.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { filterText } from '../../src/directory/explain.js'
import { rewrite } from '../../src/mapping/rewrite.js'
import type { Cell, FieldFilter, Source, Table } from '../../src/sources/source.js'
import { type MemoryRow, operand, testHolds } from '../conformance/source/reference.js'
import { ctx, directoryOf, looseDatabases, opened, runsOf } from './directories.js'
import { filterOf } from './pushdown-filters.js'
import { intents } from './pushdown-intents.js'
import { mappings as anyMappings } from './pushdown-mappings.js'
import { holdsAlways, isMeant } from './pushdown-meaning.js'
import { createWorld, fillWorld, tableColumns, worlds } from './pushdown-world.js'

const runs = runsOf(1)
const claims = runsOf(1 / 3)

describe.each(looseDatabases)('%s', (_name, database, strays) => {
  const open = opened(database, createWorld)

  it(`selects and counts what filters mean, in ${runs} random directories`, {
    timeout: 1_800_000,
  }, async () => {
    const { client, source } = open()
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
                .filter((e) => isMeant(filter, e, everything, core.matchingOf))
                .map((e) => e.id)
              const found: string[] = []
              const asked = { view: view.name, filter, attributes: new Set<string>() }
              for await (const batch of core.search(asked, ctx())) found.push(...batch.map((e) => e.id))
              expect(found, `${view.name} ${filterText(filter)}`).toEqual(meant)
              expect(await core.count(asked, ctx()), `number of ${filterText(filter)}`).toBe(meant.length)
            }
          }
        },
      ),
      runs,
    )
  })

  it(`decides itself what it says it can, in ${claims} random directories`, {
    timeout: 1_800_000,
  }, async () => {
    const { client, source } = open()
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
      claims,
    )
  })
})

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
    rows.filter((row) => testHolds(leaf.test, operand(leaf.on, row)) === truth).map((row) => row.id)
  const what = `${support}: ${JSON.stringify(leaf, (_k, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v))}`
  const found = await ask(false)
  if (support === 'superset') {
    expect(found, what).toEqual(expect.arrayContaining(meant(true)))
    return
  }
  expect(found, what).toEqual(meant(true))
  expect(await ask(true), `not ${what}`).toEqual(meant(false))
}
