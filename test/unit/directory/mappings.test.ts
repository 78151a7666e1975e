/** Compiled mappings follow tables that change under a running gateway, and no request waits for it. */
import { beforeEach, describe, expect, it } from 'vitest'
import { SourceMappings } from '../../../src/directory/mappings.js'
import { mappingSchema } from '../../../src/mapping/schema.js'
import { VitrineError } from '../../../src/model/errors.js'
import { ANONYMOUS, type Context } from '../../../src/model/request.js'
import { standardSchema } from '../../../src/schema/schema.js'
import type { Column, Source, SourceQuery, Table } from '../../../src/sources/source.js'

const spec = mappingSchema.parse({
  view: 'people',
  source: 'hr',
  from: 'users',
  key: 'id',
  attributes: { uid: 'login' },
  ldap: { base: '', rdn: 'uid', objectClass: ['account'] },
})
const ctx: Context = { principal: ANONYMOUS, signal: new AbortController().signal }

let columns: readonly Column[]
let described: number
let now: number
let failure: VitrineError | undefined
let away: boolean
let warnings: string[]
let mappings: SourceMappings

const source = {
  describe: async (): Promise<Table> => {
    described++
    if (away) throw new VitrineError('unavailable')
    return { name: 'users', columns: new Map(columns.map((c) => [c.name, c])) }
  },
  // biome-ignore lint/correctness/useYield: a query that fails yields nothing
  search: async function* () {
    if (failure !== undefined) throw failure
  },
  count: async () => answer(7),
  write: {
    insert: async () => answer(8),
    update: async () => answer(true),
    remove: async () => answer(false),
  },
} as unknown as Source

function answer<T>(value: T): T {
  if (failure !== undefined) throw failure
  return value
}

beforeEach(() => {
  columns = [
    { name: 'id', kind: 'integer', range: [-128n, 127n] },
    { name: 'login', kind: 'text' },
  ]
  described = 0
  now = 1_000_000
  failure = undefined
  away = false
  warnings = []
  const log = { error() {}, warn: (_: object, text: string) => warnings.push(text), info() {}, debug() {} }
  mappings = new SourceMappings(source, [spec], standardSchema(), { log, clock: () => now })
})

const settled = () => new Promise((resolve) => setImmediate(resolve))
const rangeOfKey = async () => (await mappings.of('people')).key.range
const retype = () => {
  columns = [{ name: 'id', kind: 'integer', range: [0n, 255n] }, ...columns.slice(1)]
}

describe('tables that change', () => {
  it('are seen half a minute later, by the request after the one that found out', async () => {
    expect(await rangeOfKey()).toEqual([-128n, 127n])
    retype()
    now += 29_999
    await mappings.of('people')
    expect(described).toBe(1)
    now += 1
    expect(await rangeOfKey()).toEqual([-128n, 127n])
    await settled()
    expect(await rangeOfKey()).toEqual([0n, 255n])
    expect(described).toBe(2)
  })

  it('are seen at once where a query fails, but not again and again', async () => {
    await mappings.of('people')
    retype()
    now += 1000
    failure = new VitrineError('internalError', { detail: 'unknown column' })
    for (let i = 0; i < 3; i++) {
      const rows = mappings.source.search({} as SourceQuery, ctx)[Symbol.asyncIterator]()
      await expect(rows.next()).rejects.toBe(failure)
      await settled()
    }
    expect(described).toBe(2)
    expect(await rangeOfKey()).toEqual([0n, 255n])
  })

  it('are seen at once where counting or writing fails', async () => {
    await mappings.of('people')
    const { source: watched } = mappings
    const { write } = watched
    const of = { ...({} as SourceQuery) }
    const change = { cells: [], sets: [], exist: [] }
    const decide = () => change
    const asked: readonly (readonly [() => Promise<unknown> | undefined, unknown])[] = [
      [() => watched.count(of, ctx), 7],
      [() => write?.insert(of, change, ctx), 8],
      [() => write?.update(of, 1, [], decide, ctx), true],
      [() => write?.remove(of, 1, [], decide, ctx), false],
    ]
    for (const [ask, wanted] of asked) {
      failure = undefined
      expect(await ask()).toBe(wanted)
      now += 1000
      failure = new VitrineError('internalError', { detail: 'unknown column' })
      const before = described
      await expect(ask()).rejects.toBe(failure)
      await settled()
      expect(described).toBe(before + 1)
    }
  })

  it('and no longer fit are told once and asked as before, until they fit again', async () => {
    await mappings.of('people')
    const fitting = columns
    columns = [{ name: 'id', kind: 'integer' }]
    for (let i = 0; i < 3; i++) {
      now += 30_000
      expect((await mappings.of('people')).attributes.has('uid')).toBe(true)
      await settled()
    }
    expect(warnings).toHaveLength(1)
    columns = fitting
    retype()
    now += 30_000
    await mappings.of('people')
    await settled()
    expect(await rangeOfKey()).toEqual([0n, 255n])
  })
})

it('tables that do not change keep their mapping', async () => {
  const before = await mappings.of('people')
  now += 30_000
  await mappings.of('people')
  await settled()
  expect(described).toBe(2)
  expect(await mappings.of('people')).toBe(before)
})

it('a source that is away is nothing to tell, and what passes is no reason to ask', async () => {
  await mappings.of('people')
  away = true
  now += 30_000
  await mappings.of('people')
  await settled()
  expect(described).toBe(2)
  now += 1000
  failure = new VitrineError('unavailable')
  await expect(
    mappings.source
      .search({} as SourceQuery, ctx)
      [Symbol.asyncIterator]()
      .next(),
  ).rejects.toBe(failure)
  expect(described).toBe(2)
  expect(warnings).toEqual([])
})
