/** In which order rows that refer to each other are deleted. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DoomedRows } from '../../../src/directory/doomed-rows.js'
import type { Mapping } from '../../../src/mapping/mapping.js'
import type { Column, Row, Table } from '../../../src/sources/source.js'

const key: Column = { name: 'id', kind: 'integer' }
const boss: Column = { name: 'boss', kind: 'integer' }
const table: Table = { name: 'staff', columns: new Map([key, boss].map((c) => [c.name, c])), key }
/** What of a mapping tells it apart: its table, its key and what refers to its own entries. */
const mapping = {
  table,
  key,
  where: [],
  attributes: new Map([
    [
      'manager',
      {
        operations: [
          { store: { kind: 'column', column: boss, target: { table, key, where: [], view: 'staff' } } },
        ],
      },
    ],
  ]),
  cellOf: Number,
} as unknown as Mapping

function orderOf(bosses: readonly (number | null)[]): readonly number[] {
  const doomed = new DoomedRows()
  bosses.forEach((_, id) => {
    doomed.add(mapping, String(id), [], () => ({ cells: [], sets: [], exist: [] }))
  })
  return doomed.inOrder(bosses.map((one, id): Row => [id, one]))
}

it('nobody goes before those who refer to them, unless they refer to each other', () => {
  // A reference to a lower number is never part of a circle.
  const tree = fc.array(fc.option(fc.nat(1000)), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(tree, (drawn) => {
      const bosses = drawn.map((one, id) => (one === null || id === 0 ? null : one % id))
      const order = orderOf(bosses)
      expect([...order].sort((a, b) => a - b)).toEqual(bosses.map((_, id) => id))
      for (const [id, one] of bosses.entries())
        if (one !== null) expect(order.indexOf(id)).toBeLessThan(order.indexOf(one))
    }),
  )
})

it('circles, references to oneself and to others come to an end, with everybody in once', () => {
  const any = fc.array(fc.option(fc.nat(40)), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(any, (bosses) => {
      expect([...orderOf(bosses)].sort((a, b) => a - b)).toEqual(bosses.map((_, id) => id))
    }),
  )
})

it('a chain as long as a tree may be is no matter of depth', () => {
  const order = orderOf(Array.from({ length: 10_000 }, (_, id) => (id === 0 ? null : id - 1)))
  expect(order[0]).toBe(9999)
  expect(order.at(-1)).toBe(0)
})
