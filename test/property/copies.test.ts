/**
 * A copy holds the entries that its origin has, and answers what it is asked as the origin does: random mappings of random
 * rows in real databases, copied into stores of each kind, and random filters asked of both.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RowRefused } from '../../src/copy/store/store.js'
import type { CoreDirectory } from '../../src/directory/core.js'
import { filterText } from '../../src/directory/explain.js'
import type { MappingSpec } from '../../src/mapping/schema.js'
import type { Entry } from '../../src/model/entry.js'
import { isComplex, Ref, type Scalar, type Value } from '../../src/model/value.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'
import { all, copied } from '../unit/copy/copied.js'
import { ctx, looseDatabases, opened, runsOf } from './directories.js'
import { filterOf } from './pushdown-filters.js'
import { intents } from './pushdown-intents.js'
import { mappings } from './pushdown-mappings.js'
import { holdsAlways } from './pushdown-meaning.js'
import { createWorld, fillWorld, worlds } from './pushdown-world.js'

const stores: readonly (readonly [string, number, (() => Promise<string>) | undefined])[] = [
  ['SQLite', runsOf(1 / 6), undefined],
  ['MariaDB', runsOf(1 / 30), mariadbDatabase],
  ['PostgreSQL', runsOf(1 / 30), postgresDatabase],
]

describe.each(looseDatabases)('copies of %s', (_name, database, strays) => {
  const open = opened(database, createWorld)

  it.each(stores)(
    'in %s are like it, in %i random directories',
    { timeout: 1_800_000 },
    async (_store, runs, url) => {
      const { client, source } = open()
      await holdsAlways(
        fc.asyncProperty(
          worlds(strays),
          mappings.map((specs) =>
            specs.map((spec) => distinct(strays === undefined ? spec : undeclared(spec))),
          ),
          fc.array(intents, { minLength: 1, maxLength: 6 }),
          async (world, specs, wanted) => {
            await fillWorld(client, world)
            const kept = { ...source, close: async () => {} }
            const made = await copied(Object.setPrototypeOf(kept, Object.getPrototypeOf(source)), specs, {
              ...(url && { url: await url() }),
            })
            try {
              await made.refresh()
              const everything: Entry[] = []
              for (const { name } of made.views) {
                const there = await all(made.origin, name, true)
                everything.push(...there)
                const here = await all(made.copy, name, true)
                expect(here.map(({ id }) => id)).toEqual(there.map(({ id }) => id))
                const shown = (entries: readonly Entry[]) => entries.filter(isShown(made.origin)).map(plain)
                expect(shown(here), name).toEqual(shown(there))
              }
              const unshown = everything.filter((entry) => !isShown(made.origin)(entry))
              const nameless = new Set(unshown.map(({ view, id }) => `${view} ${id}`))
              for (const intent of wanted) {
                for (const view of made.origin.views.values()) {
                  const filter = filterOf(intent, view, everything, made.origin.schema)
                  const asked = { view: view.name, filter, attributes: new Set<string>() }
                  const text = `${view.name} ${filterText(filter)}`
                  const isNamed = (id: string) => !nameless.has(`${view.name} ${id}`)
                  const meant = (await found(made.origin, asked)).filter(isNamed)
                  const here = await found(made.copy, asked)
                  expect(here.filter(isNamed), text).toEqual(meant)
                  expect(await made.copy.count(asked, ctx()), text).toBe(here.length)
                }
              }
            } catch (error) {
              // Numbers of more than 64 bits, and characters that the store's database has not.
              if (!(error instanceof RowRefused)) throw error
            } finally {
              await made.close()
            }
          },
        ),
        runs,
      )
    },
  )
})

async function found(
  core: CoreDirectory,
  asked: Parameters<CoreDirectory['search']>[0],
): Promise<readonly string[]> {
  const ids: string[] = []
  for await (const batch of core.search(asked, ctx())) ids.push(...batch.map((e) => e.id))
  return ids
}

/** What has no name is shown nowhere, and references to it are not copied, though they may lead back. */
const isShown =
  ({ views }: CoreDirectory) =>
  ({ view, attributes }: Entry) =>
    views.get(view)?.rdn.every((attr) => attributes.has(attr)) === true

/** Values are sets. */
function plain({ id, version, attributes }: Entry) {
  const texts = [...attributes].map(([name, values]) => [name, values.map(textOf).sort()] as const)
  return { id, version, attributes: Object.fromEntries(texts.sort(([a], [b]) => (a < b ? -1 : 1))) }
}

/** Without a column of UUIDs: what stands there and is none has no UUID that a store could keep. */
function undeclared({ uuid: _, ...spec }: MappingSpec): MappingSpec {
  return spec
}

/** Without constants of which two are the same value: of several operations, only one of them is shown. */
function distinct(spec: MappingSpec): MappingSpec {
  return JSON.parse(JSON.stringify(spec), (key, value: unknown) => {
    if (key !== 'constant' || !Array.isArray(value)) return value
    const forms = value.map((one) => String(one).toLowerCase())
    return value.filter((_, i) => forms.indexOf(forms[i] ?? '') === i)
  }) as MappingSpec
}

function textOf(value: Value): string {
  if (!isComplex(value)) return scalarText(value)
  return Object.entries(value)
    .map(([part, scalar]) => `${part}=${scalarText(scalar)}`)
    .sort()
    .join(' ')
}

function scalarText(value: Scalar): string {
  if (value instanceof Ref)
    return `ref ${JSON.stringify([value.view, value.names, value.id, value.display, value.uuid, value.type])}`
  if (value instanceof Date) return `time ${value.toISOString()}`
  if (value instanceof Uint8Array) return `octets ${Buffer.from(value).toString('hex')}`
  return `${typeof value} ${String(value)}`
}
