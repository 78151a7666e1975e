/**
 * What every source must do, whatever it is made of: a source that passes finds what it is asked, claims no more
 * than it can, keeps its order, and tells an outage from an absence. A kind of source registers itself with
 * `describeSource(name, store)`; the store is how the suite puts rows into it and how it misbehaves.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fieldFilterText } from '../../../src/directory/explain.js'
import { VitrineError } from '../../../src/model/errors.js'
import { ANONYMOUS, type Context } from '../../../src/model/request.js'
import type {
  Cell,
  Column,
  FieldFilter,
  Relation,
  Row,
  Source,
  SourceQuery,
  Table,
} from '../../../src/sources/source.js'
import {
  holds,
  type MemoryRow,
  type MemoryTables,
  operand,
  related,
  satisfies,
  testHolds,
} from './reference.js'
import { type Fixture, fixtures, operands, questions } from './tables.js'

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

const signal = () => AbortSignal.timeout(30_000)
const asking = (given: AbortSignal = signal()): Context => ({ principal: ANONYMOUS, signal: given })
const EVERY: FieldFilter = { op: 'const', value: true }

export interface Traits {
  /** A table with the key `id` whose every row takes a second to read. A store that runs in this process has none. */
  readonly slow?: string
}

export function describeSource(
  name: string,
  setup: () => Promise<Store>,
  { slow: slowTable }: Traits = {},
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
      await store.load(fixtures)
      source = store.open()
      for (const { name: table } of fixtures) {
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

    /** Children; children that are visible; children with the labels that they are joined to. */
    const relations = (): readonly Relation[] => {
      const on = [{ child: column('kids', 'thing_id'), parent: column('things', 'id') }]
      const visible = { column: column('kids', 'kind'), not: false, values: ['a'] }
      const join = {
        table: table('labels'),
        on: [{ joined: column('labels', 'id'), child: column('kids', 'label_id') }],
        where: [],
      }
      const shown = { column: column('labels', 'label'), not: true, values: [null] }
      return [
        { table: table('kids'), on, where: [] },
        { table: table('kids'), on, where: [visible] },
        { table: table('kids'), on, where: [visible], join },
        { table: table('kids'), on, where: [], join: { ...join, where: [shown] } },
        {
          table: table('kids'),
          on: [...on, { child: column('kids', 'kind'), parent: column('things', 'kind') }],
          where: [],
        },
      ]
    }

    it('gives related rows with the rows they belong to', async () => {
      for (const relation of relations()) {
        const named = relation.join === undefined ? ['id', 'val'] : ['id', 'label']
        const last = relation.join?.table ?? relation.table
        const columns = named.map((n) => column(last.name, n))
        const fields = [...query('things').fields, { kind: 'set' as const, relation, columns }]
        const found = await ask(query('things', { fields }))
        const wanted = rowsOf('things').map((row) => [
          row['id'],
          related(relation, row, memory).map((r) => named.map((n) => r.last[n] ?? null)),
        ])
        const inOrder = ([id, tuples]: readonly unknown[]) => [
          id,
          (tuples as unknown[]).map((t) => JSON.stringify(t)).sort(),
        ]
        expect(found.map(inOrder)).toEqual(wanted.map(inOrder))
      }
    })

    it('asks related rows, and for rows without such', async () => {
      for (const relation of relations()) {
        const last = relation.join?.table ?? relation.table
        const on = column(last.name, relation.join === undefined ? 'val' : 'label')
        const inner: readonly FieldFilter[] = [
          EVERY,
          { op: 'test', on, test: { test: 'text', rule: 'caseIgnore', value: 'foo' }, negated: false },
          { op: 'test', on, test: { test: 'present' }, negated: true },
        ]
        for (const of of inner) {
          for (const negated of [false, true]) {
            const filter: FieldFilter = { op: 'some', relation, of, negated }
            expect(await keys(query('things', { filter }))).toEqual(meant('things', filter))
          }
          // From the row itself or from related ones: each arm has an index of its own.
          const own: FieldFilter = {
            op: 'test',
            on: column('things', 'name'),
            test: { test: 'text', rule: 'caseIgnore', value: 'foo' },
            negated: false,
          }
          const either: FieldFilter = { op: 'or', of: [own, { op: 'some', relation, of, negated: false }] }
          expect(await keys(query('things', { filter: either }))).toEqual(meant('things', either))
        }
      }
    })

    it('walks references, in circles too', async () => {
      const boss = {
        table: table('things'),
        from: column('things', 'id'),
        to: column('things', 'boss_id'),
        where: [],
      }
      const nodes = { table: table('things'), key: column('things', 'id'), where: [] }
      const hidden = { ...nodes, where: [{ column: column('things', 'kind'), not: true, values: ['b'] }] }
      for (const id of rowsOf('things').map((row) => row['id'] as number)) {
        for (const target of [nodes, hidden]) {
          for (const negated of [false, true]) {
            const of: FieldFilter = {
              op: 'test',
              on: column('things', 'id'),
              test: { test: 'compare', op: 'eq', value: id },
              negated: false,
            }
            const filter: FieldFilter = {
              op: 'reach',
              key: column('things', 'id'),
              first: boss,
              step: boss,
              nodes: target,
              target,
              of,
              negated,
            }
            expect(await keys(query('things', { filter })), `${id} ${negated}`).toEqual(
              meant('things', filter),
            )
          }
        }
      }
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

    const withSlowStore = (slowTable: string) => {
      const slowly = async (
        options: OpenOptions,
        work: (other: Source, slow: SourceQuery) => Promise<void>,
      ) => {
        const other = store.open(options)
        try {
          const found = await other.describe(slowTable)
          const key = found?.columns.get('id')
          if (found === undefined || key === undefined) throw new Error('there is no slow table')
          await work(other, {
            ...query('things'),
            table: found,
            key,
            fields: [{ kind: 'column', column: key }],
          })
        } finally {
          await other.close()
        }
      }

      it('ends a statement with its request, at once, and goes on afterwards', () =>
        slowly({ atOnce: 1 }, async (other, slow) => {
          const reason = new VitrineError('canceled')
          const ending = new AbortController()
          setTimeout(() => ending.abort(reason), 200)
          const began = Date.now()
          const first = other.search(slow, asking(ending.signal))[Symbol.asyncIterator]().next()
          await expect(first).rejects.toBe(reason)
          expect(Date.now() - began).toBeLessThan(1000)
          expect(await ask(query('things', { limit: 1 }), other)).toHaveLength(1)
        }))

      it('is busy while all its connections are', () =>
        slowly({ atOnce: 1, patience: 300 }, async (other, slow) => {
          const ending = new AbortController()
          const first = other.search(slow, asking(ending.signal))[Symbol.asyncIterator]().next()
          const outcome = first.catch((error: unknown) => error)
          await new Promise((resolve) => setTimeout(resolve, 100))
          await expect(ask(query('things'), other)).rejects.toMatchObject({ code: 'busy' })
          ending.abort(new VitrineError('canceled'))
          expect(await outcome).toMatchObject({ code: 'canceled' })
        }))

      it('ends a statement that takes too long', () =>
        slowly({ statementTimeout: 500 }, async (other, slow) => {
          await expect(ask(slow, other)).rejects.toMatchObject({ code: 'timeLimitExceeded' })
          expect(await ask(query('things', { limit: 1 }), other)).toHaveLength(1)
        }))
    }
    if (slowTable !== undefined) describe('with a slow store', () => withSlowStore(slowTable))
  })
}

/** Cells so that equal ones look equal: numbers whatever their JavaScript type, flags as numbers, bytes in hex. */
function comparable(row: readonly unknown[]): readonly unknown[] {
  return row.map((cell) => {
    if (typeof cell === 'boolean' || typeof cell === 'bigint' || typeof cell === 'number')
      return String(Number(cell) === Number.MAX_SAFE_INTEGER ? cell : BigInt(cell as bigint))
    if (cell instanceof Uint8Array) return `hex ${Buffer.from(cell).toString('hex')}`
    return cell instanceof Date ? cell.toISOString() : (cell as Cell)
  })
}
