/**
 * What every source must do, whatever it is made of: a source that passes finds what it is asked, claims no more
 * than it can, keeps its order, and tells an outage from an absence. A kind of source registers itself with
 * `describeSource(name, store)`; the store is how the suite puts rows into it and how it misbehaves.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fieldFilterText } from '../../../src/directory/explain.js'
import { VitrineError } from '../../../src/model/errors.js'
import type {
  Cell,
  Column,
  FieldFilter,
  Row,
  Source,
  SourceQuery,
  Table,
} from '../../../src/sources/source.js'
import { asking } from './asking.js'
import { lookupTests } from './lookups.js'
import { orderTests } from './order.js'
import { holds, type MemoryRow, type MemoryTables, operand, satisfies, testHolds } from './reference.js'
import { relationTests } from './relations.js'
import { slowTests } from './slow.js'
import { type Fixture, fixtures, operands, questions } from './tables.js'
import { writeRelatedTests } from './write-related.js'
import { writeRowTests } from './write-rows.js'
import { writtenFixtures } from './write-tables.js'
import { writeTogetherTests } from './write-together.js'
import { writerOf } from './writer.js'

export interface OpenOptions {
  /** How many statements may run at a time, and how long a further one waits, in milliseconds. */
  readonly atOnce?: number
  readonly patience?: number
  /** How long one may take, in milliseconds. */
  readonly statementTimeout?: number
}

/** A store of one kind, empty at first. */
export interface Store {
  /** Makes the store hold these tables. */
  load(tables: readonly Fixture[]): Promise<void>
  open(options?: OpenOptions): Source
  /** A source of this kind whose store is not there. */
  openMissing(): Source
  close(): Promise<void>
}

/** What the parts of the suite ask with. */
export interface Asking {
  source(): Source
  readonly memory: MemoryTables
  table(of: string): Table
  column(of: string, named: string): Column
  rowsOf(of: string): readonly MemoryRow[]
  query(of: string, more?: Partial<SourceQuery>): SourceQuery
  ask(asked: SourceQuery, from?: Source): Promise<readonly Row[]>
  keys(asked: SourceQuery): Promise<readonly unknown[]>
  /** The keys of the rows that satisfy a filter, by the reference. */
  meant(of: string, filter: FieldFilter): readonly unknown[]
}

const EVERY: FieldFilter = { op: 'const', value: true }

export interface Traits {
  /** A table with the key `id` whose every row takes a second to read. A store that runs in this process has none. */
  readonly slow?: string
  /** It is written in another way than row by row. */
  readonly readOnly?: boolean
}

export function describeSource(
  name: string,
  setup: () => Promise<Store>,
  { slow: slowTable, readOnly = false }: Traits = {},
): void {
  describe(`${name} as a source`, () => {
    let store: Store
    let source: Source
    const described = new Map<string, Table>()
    const memory: MemoryTables = new Map(
      fixtures.map((f) => [
        f.name,
        f.rows.map((row): MemoryRow => Object.fromEntries(f.columns.map((c, i) => [c.name, row[i] ?? null]))),
      ]),
    )

    beforeAll(async () => {
      store = await setup()
      await store.load([...fixtures, ...writtenFixtures])
      source = store.open()
      for (const { name: table } of [...fixtures, ...writtenFixtures]) {
        const found = await source.describe(table)
        if (found !== undefined) described.set(table, found)
      }
    })

    afterAll(async () => {
      await source?.close()
      await store?.close()
    })

    const table = (of: string): Table => {
      const found = described.get(of)
      if (found === undefined) throw new Error(`no table ${of}`)
      return found
    }
    const column = (of: string, named: string): Column => {
      const found = table(of).columns.get(named)
      if (found === undefined) throw new Error(`no column ${of}.${named}`)
      return found
    }
    const rowsOf = (of: string): readonly MemoryRow[] => memory.get(of) ?? []
    const query = (of: string, more: Partial<SourceQuery> = {}): SourceQuery => ({
      table: table(of),
      key: column(of, 'id'),
      where: [],
      filter: EVERY,
      fields: [{ kind: 'column', column: column(of, 'id') }],
      ...more,
    })
    const ask = async (asked: SourceQuery, from: Source = source): Promise<readonly Row[]> => {
      const rows: Row[] = []
      for await (const batch of from.search(asked, asking())) rows.push(...batch)
      return rows
    }
    const keys = async (asked: SourceQuery) => (await ask(asked)).map((row) => row[0])
    const meant = (of: string, filter: FieldFilter) =>
      rowsOf(of)
        .filter((row) => holds(filter, row, memory))
        .map((row) => row['id'])

    it('describes tables with the kinds of their columns', () => {
      for (const { name: of, columns } of fixtures) {
        expect([...table(of).columns.keys()]).toEqual(columns.map((c) => c.name))
        for (const c of columns) {
          const kind = column(of, c.name).kind
          expect(c.kinds ?? [c.kind], `${of}.${c.name}`).toContain(kind)
        }
      }
    })

    it('knows no table that is not there', async () => {
      expect(await source.describe('no_such_table')).toBeUndefined()
      expect(await source.describe(`x'; drop table things; --`)).toBeUndefined()
    })

    it('reads every cell as it was stored', async () => {
      for (const { name: of, columns, rows } of fixtures) {
        const fields = columns.map((c) => ({ kind: 'column' as const, column: column(of, c.name) }))
        expect((await ask(query(of, { fields }))).map(comparable)).toEqual(rows.map(comparable))
      }
    })

    it('gives rows in key order, a limit of them, and those behind a key', async () => {
      const all = rowsOf('things').map((row) => row['id'])
      expect(await keys(query('things'))).toEqual(all)
      for (const limit of [1, 2, all.length, all.length + 1]) {
        expect(await keys(query('things', { limit }))).toEqual(all.slice(0, limit))
        for (const [i, after] of all.entries()) {
          expect(await keys(query('things', { limit, after: after as number }))).toEqual(
            all.slice(i + 1, i + 1 + limit),
          )
        }
      }
    })

    it('goes on behind every key of text, as it orders them itself', async () => {
      const key = column('things', 'code')
      const by = (more: Partial<SourceQuery>) =>
        query('things', { key, fields: [{ kind: 'column', column: key }], ...more })
      const all = await keys(by({}))
      expect(new Set(all).size).toBe(rowsOf('things').length)
      for (const [i, after] of all.entries())
        expect(await keys(by({ after: after as string }))).toEqual(all.slice(i + 1))
    })

    it('gives many rows in batches that end with the last', async () => {
      const batches: number[] = []
      const found: unknown[] = []
      for await (const batch of source.search(query('many'), asking())) {
        batches.push(batch.length)
        found.push(...batch.map((row) => row[0]))
      }
      expect(found).toEqual(rowsOf('many').map((row) => row['id']))
      expect(batches.length).toBeGreaterThan(1)
      expect(Math.min(...batches)).toBeGreaterThan(0)
    })

    it('may be left in the middle, and asked again', async () => {
      for await (const batch of source.search(query('many'), asking())) {
        expect(batch.length).toBeGreaterThan(0)
        break
      }
      expect(await keys(query('things', { limit: 1 }))).toEqual([1])
    })

    it('decides by itself exactly what it claims to, and finds at least the rest', async () => {
      let exact = 0
      for (const on of operands(table('things'))) {
        for (const test of questions(on, rowsOf('things'))) {
          const support = source.support(on, test)
          if (support === 'none') continue
          const what = `${JSON.stringify('concat' in on ? 'concat' : on.name)} ${JSON.stringify(test, (_k, v: unknown) => (typeof v === 'bigint' ? String(v) : v))}`
          const wanted = (truth: boolean) =>
            rowsOf('things')
              .filter((row) => testHolds(test, operand(on, row)) === truth)
              .map((row) => row['id'])
          const found = await keys(query('things', { filter: { op: 'test', on, test, negated: false } }))
          if (support === 'superset') expect(found, what).toEqual(expect.arrayContaining(wanted(true)))
          else {
            exact++
            expect(found, what).toEqual(wanted(true))
            expect(
              await keys(query('things', { filter: { op: 'test', on, test, negated: true } })),
              what,
            ).toEqual(wanted(false))
          }
        }
      }
      expect(exact).toBeGreaterThan(0)
    })

    it('combines questions', async () => {
      const test = (named: string): FieldFilter => ({
        op: 'test',
        on: column('things', named),
        test: { test: 'present' },
        negated: false,
      })
      const not = (f: FieldFilter): FieldFilter => (f.op === 'test' ? { ...f, negated: !f.negated } : f)
      const [a, b, c] = [test('name'), test('number'), test('at')]
      for (const filter of [
        { op: 'and', of: [a, b] },
        { op: 'or', of: [a, b, c] },
        { op: 'and', of: [not(a), { op: 'or', of: [b, not(c)] }] },
        {
          op: 'or',
          of: [
            { op: 'and', of: [a, not(b)] },
            { op: 'const', value: false },
          ],
        },
        { op: 'const', value: false },
      ] as const satisfies readonly FieldFilter[]) {
        expect(await keys(query('things', { filter })), fieldFilterText(filter)).toEqual(
          meant('things', filter),
        )
      }
    })

    it('keeps to the conditions of a configuration', async () => {
      for (const [named, values] of [
        ['kind', ['a']],
        ['kind', ['a', 'b']],
        ['kind', [null]],
        ['kind', [null, 'a']],
        ['number', [0]],
        ['number', [null, 7]],
        ['flag', [true]],
      ] as const) {
        for (const not of [false, true]) {
          const where = [{ column: column('things', named), not, values }]
          const wanted = rowsOf('things').filter((row) => satisfies(where, row))
          expect(await keys(query('things', { where })), JSON.stringify([named, not, values])).toEqual(
            wanted.map((row) => row['id']),
          )
        }
      }
    })

    lookupTests({ source: () => source, memory, table, column, rowsOf, query, ask, keys, meant })
    relationTests({ source: () => source, memory, table, column, rowsOf, query, ask, keys, meant })
    orderTests({ source: () => source, memory, table, column, rowsOf, query, ask, keys, meant })

    if (readOnly) it('offers no writing of rows', () => expect(source.write).toBeUndefined())
    else
      describe('as it is written', () => {
        const writer = writerOf({ source: () => source, store: () => store, table, column, ask })
        writeRowTests(writer)
        writeRelatedTests(writer)
        writeTogetherTests(writer)
      })

    it('explains what it would send', () => {
      const on = column('things', 'name')
      const filter: FieldFilter = {
        op: 'test',
        on,
        test: { test: 'text', rule: 'caseIgnore', value: 'sought' },
        negated: false,
      }
      const [first] = source.explain(query('things', { filter }))
      expect(first?.text).toContain('things')
      expect(JSON.stringify(first?.bindings)).toContain('sought')
      expect(first?.text).not.toContain('sought')
    })

    it('is well, and not well where its store is missing', async () => {
      expect(await source.health()).toEqual({ ok: true })
      const missing = store.openMissing()
      expect(await missing.health()).toMatchObject({ ok: false, detail: expect.stringMatching(/./) })
      await missing.close()
    })

    it('says that it is unavailable, where its store is missing, and never that there is nothing', async () => {
      const missing = store.openMissing()
      await expect(missing.describe('things')).rejects.toMatchObject({ code: 'unavailable' })
      await expect(ask(query('things'), missing)).rejects.toMatchObject({ code: 'unavailable' })
      await missing.close()
    })

    it('does nothing for a request that is over', async () => {
      const reason = new VitrineError('canceled')
      const gone = asking(AbortSignal.abort(reason))
      const first = source.search(query('things'), gone)[Symbol.asyncIterator]().next()
      await expect(first).rejects.toBe(reason)
    })

    it('stops between batches when the request ends', async () => {
      const ending = new AbortController()
      const reason = new VitrineError('timeLimitExceeded')
      const search = async () => {
        for await (const batch of source.search(query('many'), asking(ending.signal)))
          if (batch.length > 0) ending.abort(reason)
      }
      await expect(search()).rejects.toBe(reason)
      expect(await keys(query('things', { limit: 1 }))).toEqual([1])
    })

    it('closes', async () => {
      const other = store.open()
      expect(await ask(query('things', { limit: 1 }), other)).toHaveLength(1)
      await other.close()
    })

    if (slowTable !== undefined)
      describe('with a slow store', () => slowTests(slowTable, () => store, { query, ask }))
  })
}

/** Cells so that equal ones look equal: numbers whatever their JavaScript type, flags as numbers, bytes in hex. */
export function comparable(row: readonly unknown[]): readonly unknown[] {
  return row.map((cell) => {
    if (typeof cell === 'boolean' || typeof cell === 'bigint' || typeof cell === 'number')
      return String(Number(cell) === Number.MAX_SAFE_INTEGER ? cell : BigInt(cell as bigint))
    if (cell instanceof Uint8Array) return `hex ${Buffer.from(cell).toString('hex')}`
    return cell instanceof Date ? cell.toISOString() : (cell as Cell)
  })
}
