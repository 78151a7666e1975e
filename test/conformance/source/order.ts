/** The part of the suite about how many rows there are, other orders than the key's, and pages of either. */
import { expect, it } from 'vitest'
import type { Cell, Column, FieldFilter, Operand, Order } from '../../../src/sources/source.js'
import { asking } from './asking.js'
import { compareCells, type MemoryRow, operand, testHolds } from './reference.js'
import type { Asking } from './suite.js'
import { operands } from './tables.js'

export function orderTests(given: Asking): void {
  const { source, table, column, rowsOf, query, ask, keys, meant } = given

  const present = (on: Operand): FieldFilter => ({
    op: 'test',
    on,
    test: { test: 'present' },
    negated: false,
  })

  it('counts what a query finds, whatever its place and limit', async () => {
    const number = column('things', 'number')
    const relation = {
      table: table('kids'),
      on: [{ child: column('kids', 'thing_id'), parent: column('things', 'id') }],
      where: [],
    }
    const isFoo = (on: Column): FieldFilter => ({
      op: 'test',
      on,
      test: { test: 'text', rule: 'caseIgnore', value: 'foo' },
      negated: false,
    })
    const some: FieldFilter = {
      op: 'some',
      relation,
      of: isFoo(column('kids', 'val')),
      negated: false,
    }
    // The same row by several arms, and by several related rows, is one.
    for (const filter of [
      { op: 'const', value: true },
      { op: 'const', value: false },
      present(number),
      some,
      { op: 'or', of: [isFoo(column('things', 'name')), some] },
      { op: 'and', of: [{ op: 'or', of: [isFoo(column('things', 'name')), some] }, present(number)] },
    ] as const satisfies readonly FieldFilter[]) {
      const wanted = (await keys(query('things', { filter }))).length
      for (const more of [{}, { limit: 1 }, { skip: 2 }, { after: 3 }, { fields: [] }])
        expect(await source().count(query('things', { filter, ...more }), asking())).toBe(wanted)
    }
    expect(await source().count(query('many'), asking())).toBe(rowsOf('many').length)
    const where = [{ column: column('things', 'kind'), not: false, values: ['a'] }]
    expect(await source().count(query('things', { where }), asking())).toBe(
      rowsOf('things').filter((row) => row['kind'] === 'a').length,
    )
  })

  it('leaves out rows at the beginning', async () => {
    const all = rowsOf('things').map((row) => row['id'])
    for (const skip of [0, 1, 5, all.length - 1, all.length, all.length + 5]) {
      expect(await keys(query('things', { skip }))).toEqual(all.slice(skip))
      expect(await keys(query('things', { skip, limit: 2 }))).toEqual(all.slice(skip, skip + 2))
      expect(await keys(query('things', { skip, after: 3 }))).toEqual(all.slice(3).slice(skip))
    }
    expect(await keys(query('many', { skip: 700 }))).toEqual(
      rowsOf('many')
        .slice(700)
        .map((row) => row['id']),
    )
    const one: FieldFilter = {
      op: 'test',
      on: column('things', 'id'),
      test: { test: 'compare', op: 'eq', value: 3 },
      negated: false,
    }
    expect(await keys(query('things', { filter: one, skip: 0 }))).toEqual([3])
    expect(await keys(query('things', { filter: one, skip: 1 }))).toEqual([])
  })

  it('gives rows in another order, those without a value last or, descending, first', async () => {
    for (const on of operands(table('things'))) {
      for (const descending of [false, true]) {
        for (const caseExact of [false, true]) {
          const order = { on, descending, caseExact }
          expect(source().orders(order)).toBe(true)
          const what = JSON.stringify({ ...order, on: 'concat' in on ? 'concat' : on.name })
          const found = await keys(query('things', { order, limit: 100 }))
          expect([...found].sort(), what).toEqual(
            rowsOf('things')
              .map((row) => row['id'])
              .sort(),
          )
          const byKey = new Map(rowsOf('things').map((row) => [row['id'], row]))
          const rows = found.map((key) => byKey.get(key as number) ?? {})
          expectOrder(rows, order, what)
          // Every page of it is a part of the whole.
          for (let skip = 0; skip <= found.length + 1; skip++) {
            for (const limit of [1, 3]) {
              const page = await keys(query('things', { order, skip, limit }))
              expect(page, `${what} from ${skip}`).toEqual(found.slice(skip, skip + limit))
            }
          }
        }
      }
    }
  })

  it('orders rows that a filter selects, with their related rows', async () => {
    const order = { on: column('things', 'name'), descending: true, caseExact: false }
    const filter = present(column('things', 'number'))
    const relation = {
      table: table('kids'),
      on: [{ child: column('kids', 'thing_id'), parent: column('things', 'id') }],
      where: [],
    }
    const fields = [
      ...query('things').fields,
      { kind: 'set' as const, relation, columns: [column('kids', 'id')] },
    ]
    const found = await ask(query('things', { order, filter, fields, limit: 50 }))
    expect(found.map((row) => row[0]).sort()).toEqual([...meant('things', filter)].sort())
    for (const [id, kids] of found) {
      const wanted = rowsOf('kids').filter((kid) => kid['thing_id'] === id)
      expect((kids as readonly (readonly Cell[])[]).map(([kid]) => kid).sort()).toEqual(
        wanted.map((kid) => kid['id']),
      )
    }
  })

  it('orders more rows than one batch holds', async () => {
    const order = { on: column('many', 'id'), descending: true, caseExact: false }
    const wanted = rowsOf('many')
      .map((row) => row['id'])
      .reverse()
    expect(await keys(query('many', { order, limit: 2000, skip: 10 }))).toEqual(wanted.slice(10, 2010))
  })
}

/** Texts in the order of their ASCII letters, ignoring case or not; what comes between others is the store's affair. */
function expectOrder(rows: readonly MemoryRow[], order: Order, what: string): void {
  const cells = rows.map((row) => operand(order.on, row))
  const isThere = cells.map((cell) => testHolds({ test: 'present' }, cell))
  expect(isThere, what).toEqual([...isThere].sort((a, b) => (order.descending ? +a - +b : +b - +a)))
  const compared = rows
    .map((row, i) => ({ id: Number(row['id']), cell: cells[i] ?? null, isThere: isThere[i] ?? false }))
    .filter(({ cell }) => typeof cell !== 'string' || /^[A-Za-z ]*$/.test(cell))
    .map(({ cell, ...rest }) => ({
      ...rest,
      cell: typeof cell === 'string' && !order.caseExact ? cell.toLowerCase() : cell,
    }))
  compared.forEach((row, i) => {
    const next = compared[i + 1]
    if (next === undefined || next.isThere !== row.isThere) return
    const by = row.isThere ? (compareCells(row.cell, next.cell) ?? 0) : 0
    const isRight = by === 0 ? row.id < next.id : order.descending ? by > 0 : by < 0
    expect(isRight, `${what}: ${String(row.cell)} (${row.id}), ${String(next.cell)} (${next.id})`).toBe(true)
  })
}
