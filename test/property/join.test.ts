/**
 * Entries that several sources hold together are found by what filters mean, whichever source holds what is asked: random
 * mappings over random rows of two databases, against `match` on all entries. VITRINE_RUNS widens a run.
 */
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { filterText } from '../../src/directory/explain.js'
import type { Entry } from '../../src/model/entry.js'
import type { SearchRequest } from '../../src/model/request.js'
import { createJoinSource } from '../../src/sources/join/source.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'
import { checked, ctx, directoryOf, opened, runsOf } from './directories.js'
import { belonging, joinedMappings, pairs } from './join-world.js'
import { filterOf } from './pushdown-filters.js'
import { intents } from './pushdown-intents.js'
import { isMeant } from './pushdown-meaning.js'
import { createWorld, fillWorld } from './pushdown-world.js'

const files = ['first', 'second'].map((name) => join(tmpdir(), `vitrine-join-${name}-${process.pid}.sqlite`))
const [first, second] = files.map((file) => async () => {
  await rm(file, { force: true })
  return `sqlite:${file}`
}) as [() => Promise<string>, () => Promise<string>]
afterAll(() => Promise.all(files.map((file) => rm(file, { force: true }))))

describe.each([
  ['SQLite with SQLite', first, second, runsOf(1 / 8)],
  ['MariaDB with PostgreSQL', mariadbDatabase, postgresDatabase, runsOf(1 / 30)],
  ['PostgreSQL with MariaDB', postgresDatabase, mariadbDatabase, runsOf(1 / 30)],
] as const)('%s', (_name, ofPrimary, ofSecondary, runs) => {
  const primary = opened(ofPrimary, createWorld)
  const secondary = opened(ofSecondary, createWorld)

  it(`selects, counts and pages what filters mean, in ${runs} random directories`, {
    timeout: 1_800_000,
  }, async () => {
    const source = createJoinSource({
      primary: primary().source,
      sources: new Map([['other', secondary().source]]),
    })
    await checked(
      fc.asyncProperty(
        pairs,
        joinedMappings,
        fc.array(intents, { minLength: 6, maxLength: 16 }),
        fc.nat(3),
        fc.nat(3),
        async (worlds, specs, wanted, skip, limit) => {
          await fillWorld(primary().client, worlds.primary)
          await fillWorld(secondary().client, worlds.secondary)
          const { core, all } = await directoryOf(specs, source)
          const everything = [...all.values()].flat()
          expectJoined(all.get('things') ?? [], belonging(worlds), worlds.primary.things.length, specs)
          for (const intent of wanted) {
            for (const view of core.views.values()) {
              const filter = filterOf(intent, view, everything, core.schema)
              const entries = all.get(view.name) ?? []
              const meant = entries
                .filter((e) => isMeant(filter, e, everything, core.matchingOf))
                .map((e) => e.id)
              const ask = async (more: Partial<SearchRequest>) => {
                const found: string[] = []
                const asked = { view: view.name, filter, attributes: new Set<string>(), ...more }
                for await (const batch of core.search(asked, ctx())) found.push(...batch.map((e) => e.id))
                return found
              }
              const what = `${view.name} ${filterText(filter)}`
              expect(await ask({}), what).toEqual(meant)
              expect(await core.count({ view: view.name, filter, attributes: 'all' }, ctx()), what).toBe(
                meant.length,
              )
              expect(await ask({ skip, limit: limit + 1 }), what).toEqual(meant.slice(skip, skip + limit + 1))
              const [after] = meant
              if (after !== undefined) expect(await ask({ after, limit: 2 }), what).toEqual(meant.slice(1, 3))
              const named = view.name === 'things' ? 'uid' : 'cn'
              const ordered = await ask({ order: { attr: named, descending: false } })
              expect([...ordered].sort(), what).toEqual([...meant].sort())
            }
          }
        },
      ),
      runs,
    )
  })
})

/** Each entry has the row that belongs to it, and only entries that need none have none. */
function expectJoined(
  entries: readonly Entry[],
  wanted: ReadonlyMap<string, number>,
  rows: number,
  specs: readonly {
    readonly join?: Readonly<Record<string, { readonly optional?: boolean | undefined }>> | undefined
  }[],
): void {
  const isOptional = specs.some((spec) => spec.join?.hr?.optional === true)
  expect(entries).toHaveLength(isOptional ? rows : wanted.size)
  for (const { id, attributes } of entries)
    expect(attributes.get('employeeNumber')?.map(String) ?? [], id).toEqual(
      wanted.has(id) ? [String(wanted.get(id))] : [],
    )
}
