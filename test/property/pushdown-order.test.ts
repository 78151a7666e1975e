/**
 * Page by page, in any order that can be asked for, every entry that the filter means comes once and in the same place
 * as without pages: whether the source orders or, where it cannot, the directory.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CoreDirectory } from '../../src/directory/core.js'
import { filterText } from '../../src/directory/explain.js'
import type { Entry } from '../../src/model/entry.js'
import type { SearchRequest } from '../../src/model/request.js'
import { isComplex, Ref, type Scalar, scalarOf, type Value } from '../../src/model/value.js'
import { ctx, directoryOf, looseDatabases, opened, runsOf } from './directories.js'
import { filterOf } from './pushdown-filters.js'
import { type Intent, intents } from './pushdown-intents.js'
import { mappings } from './pushdown-mappings.js'
import { holdsAlways, isMeant } from './pushdown-meaning.js'
import { createWorld, fillWorld, worlds } from './pushdown-world.js'

const runs = runsOf(1 / 3)
/** More than there are. */
const ALL = 100

/** Which attribute to order by is chosen among those there are. */
interface Asked {
  readonly filter: Intent
  readonly attrs: readonly number[]
  readonly size: number
}
const asked: fc.Arbitrary<Asked> = fc.record({
  filter: fc.oneof(
    { weight: 2, arbitrary: fc.constant<Intent>({ op: 'const', value: true }) },
    { weight: 3, arbitrary: intents },
  ),
  attrs: fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 3 }),
  size: fc.integer({ min: 2, max: 4 }),
})

describe.each(looseDatabases)('%s', (_name, database, strays) => {
  const open = opened(database, createWorld)

  it(`gives each entry once and in its place, in ${runs} random directories`, {
    timeout: 1_800_000,
  }, async () => {
    const { client, source } = open()
    await holdsAlways(
      fc.asyncProperty(
        worlds(strays),
        mappings,
        asked,
        async (world, specs, { filter: intent, attrs, size }) => {
          await fillWorld(client, world)
          const { core, all } = await directoryOf(specs, source)
          const everything = [...all.values()].flat()
          for (const view of core.views.values()) {
            const filter = filterOf(intent, view, everything, core.schema)
            const meant = (all.get(view.name) ?? []).filter((e) =>
              isMeant(filter, e, everything, core.matchingOf),
            )
            const request = { view: view.name, filter, attributes: new Set<string>() }
            const told = `${view.name} ${filterText(filter)}`
            const byKey = meant.map((e) => e.id)
            expect(await paged(core, request, size), told).toEqual(byKey)
            expect(await continued(core, request, size), `${told}, from key to key`).toEqual(byKey)
            const names = [...view.attributes.keys()]
            for (const attr of new Set(attrs.flatMap((n) => names[n % names.length] ?? []))) {
              const ids: Record<'up' | 'down', readonly string[]> = { up: [], down: [] }
              for (const way of ['up', 'down'] as const) {
                const order = { attr, descending: way === 'down' }
                const inOrder = `${told} by ${attr}, ${way}`
                ids[way] = await idsOf(core, { ...request, order, limit: ALL })
                expect([...ids[way]].sort(), inOrder).toEqual([...byKey].sort())
                expect(await idsOf(core, { ...request, order }), `${inOrder}, without a limit`).toEqual(
                  ids[way],
                )
                expect(
                  await paged(core, { ...request, order }, size),
                  `${inOrder}, in pages of ${size}`,
                ).toEqual(ids[way])
              }
              holdsOrder(attr, meant, ids, `${told} by ${attr}`)
            }
          }
        },
      ),
      runs,
    )
  })
})

async function idsOf(core: CoreDirectory, request: SearchRequest): Promise<readonly string[]> {
  const ids: string[] = []
  for await (const batch of core.search(request, ctx())) ids.push(...batch.map((e) => e.id))
  return ids
}

/** Until a page is not full. */
async function paged(core: CoreDirectory, request: SearchRequest, size: number): Promise<readonly string[]> {
  const ids: string[] = []
  for (let skip = 0; ; skip += size) {
    const page = await idsOf(core, { ...request, skip, limit: size })
    expect(page.length).toBeLessThanOrEqual(size)
    ids.push(...page)
    if (page.length < size) return ids
  }
}

/** Each page behind the last entry of the one before. */
async function continued(
  core: CoreDirectory,
  request: SearchRequest,
  size: number,
): Promise<readonly string[]> {
  const ids: string[] = []
  for (;;) {
    const after = ids.at(-1)
    const page = await idsOf(core, { ...request, ...(after !== undefined && { after }), limit: size })
    ids.push(...page)
    if (page.length < size) return ids
  }
}

/** Entries in the order of their keys, and both orders of them by an attribute. */
function holdsOrder(
  attr: string,
  meant: readonly Entry[],
  { up, down }: Readonly<Record<'up' | 'down', readonly string[]>>,
  told: string,
): void {
  const valued: { id: string; value: Scalar | undefined }[] = []
  const without: string[] = []
  for (const { id, attributes } of meant) {
    const values = leading(attributes.get(attr) ?? [])
    if (values.length === 0) without.push(id)
    // Which of several it is by, is not for this test to say.
    else valued.push({ id, value: values.length === 1 ? values[0] : undefined })
  }
  expect(up.slice(valued.length), `${told}: without a value`).toEqual(without)
  expect(down.slice(0, without.length), `${told}, descending: without a value`).toEqual(without)
  const places = (ids: readonly string[]) => new Map(ids.map((id, i) => [id, i]))
  const [upAt, downAt] = [places(up), places(down)]
  const isBefore = (at: ReadonlyMap<string, number>, a: string, b: string) =>
    (at.get(a) ?? Number.NaN) < (at.get(b) ?? Number.NaN)
  for (const [i, a] of valued.entries()) {
    for (const b of valued.slice(i + 1)) {
      const pair = `${told}: ${textOf(a.value)} of ${a.id} and ${textOf(b.value)} of ${b.id}`
      const rises = isBefore(upAt, a.id, b.id)
      const falls = isBefore(downAt, a.id, b.id)
      // Equal ones are in the order of their keys both ways, all others once so and once so.
      if (!rises || isSame(a.value, b.value)) expect(falls, pair).toBe(true)
      const known = compared(a.value, b.value)
      if (known !== undefined) expect([rises, falls], pair).toEqual([known <= 0, known >= 0])
    }
  }
}

/** The values of primary elements, or else of all (RFC 7644 3.4.2.3). */
function leading(values: readonly Value[]): readonly Scalar[] {
  const primary = values.filter((v) => isComplex(v) && v.primary === true)
  return (primary.length > 0 ? primary : values).flatMap((v) => scalarOf(v) ?? [])
}

/** Databases tell times apart that show as the same millisecond. */
const isSame = (a: Scalar | undefined, b: Scalar | undefined) =>
  a !== undefined && b !== undefined && !(a instanceof Date) && textOf(a) === textOf(b)

/** Of values that have one order only. */
function compared(a: Scalar | undefined, b: Scalar | undefined): number | undefined {
  const [x, y] = [a, b].map((v) => (v instanceof Date ? v.getTime() : v))
  if (a instanceof Date && x === y) return undefined
  const isNumber = (v: unknown) => typeof v === 'number' || typeof v === 'bigint'
  const isKnown = (isNumber(x) && isNumber(y)) || (typeof x === 'boolean' && typeof y === 'boolean')
  if (!isKnown || x === undefined || y === undefined) return undefined
  return x < y ? -1 : x > y ? 1 : 0
}

function textOf(value: Scalar | undefined): string {
  if (value === undefined) return 'one'
  if (value instanceof Ref) return `${value.view} ${value.id}`
  return value instanceof Date ? String(value.getTime()) : String(value)
}
