/** Fingerprints tell rows apart by what they hold, and nothing else; what no database can hold is told before. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distinctTuples, Fingerprint, refusal, tupleText } from '../../../../src/copy/store/cells.js'
import { layoutOf } from '../../../../src/copy/store/definitions.js'
import type { StoreTable } from '../../../../src/copy/store/store.js'
import type { Cell, ColumnKind } from '../../../../src/sources/source.js'

const table: StoreTable = {
  name: 'people',
  key: 'id',
  columns: [
    { name: 'id', kind: 'text' },
    { name: 'a', kind: 'text' },
    { name: 'b', kind: 'text' },
    { name: 'n', kind: 'integer' },
    { name: 'at', kind: 'time' },
    { name: 'day', kind: 'date' },
    { name: 'photo', kind: 'binary' },
    { name: 'uuid', kind: 'uuid' },
    { name: 'rate', kind: 'decimal' },
  ],
  children: [
    {
      name: 'mails',
      of: 'person',
      columns: [
        { name: 'mail', kind: 'text' },
        { name: 'type', kind: 'text' },
      ],
      identity: 1,
    },
  ],
}

const fingerprint = new Fingerprint(layoutOf(table))
const of = (cells: readonly Cell[], mails: readonly (readonly Cell[])[] = []) =>
  fingerprint.of({ cells, children: { mails } })

describe('the fingerprint of a row', () => {
  it('is the same whatever the order of children, and however a value is told', () => {
    expect(of(['1'], [['x'], ['y', 'z']])).toBe(
      of(
        ['1', null],
        [
          ['y', 'z'],
          ['x', null],
        ],
      ),
    )
    const bytes = new Uint8Array([1, 2])
    const uuid = '123e4567-e89b-42d3-a456-426614174000'
    expect(of(['1', null, null, 7, null, null, bytes, uuid, '1.50'])).toBe(
      of(['1', null, null, 7n, null, null, Buffer.from([1, 2]), uuid.toUpperCase(), '1.5']),
    )
    const day = new Date('2025-01-02')
    expect(of(['1', null, null, null, null, day])).toBe(
      of(['1', null, null, null, null, new Date('2025-01-02T10:00:00Z')]),
    )
    expect(fingerprint.of({ cells: ['1'], children: {} })).toBe(of(['1'], []))
  })

  it('does not change when the definition has more columns and children, or another order', () => {
    const [first, ...rest] = table.columns
    const wider = new Fingerprint(
      layoutOf({
        ...table,
        columns: [{ name: '0', kind: 'text' }, ...rest, ...(first === undefined ? [] : [first])],
        children: [
          { name: 'added', of: 'of', columns: [{ name: 'x', kind: 'text' }], identity: 1 },
          ...table.children,
        ],
      }),
    )
    const cells: readonly Cell[] = ['1', 'a', 'b', 3, null, null, null, null, null]
    const [id = null, ...others] = cells
    expect(wider.of({ cells: [null, ...others, id], children: { mails: [['m', 't']] } })).toBe(
      of(cells, [['m', 't']]),
    )
  })

  it('differs where anything does', () => {
    const cell = fc.option(
      fc.string({ unit: fc.constantFrom('a', 'A', '=', ',', ':', ';', '[', '|', '1', ' ') }),
    )
    const mails = fc.uniqueArray(fc.tuple(cell, cell), { maxLength: 3, selector: ([mail]) => mail })
    const row = fc.tuple(cell, cell, mails)
    fc.assert(
      fc.property(row, row, ([a, b, some], [c, d, others]) => {
        const text = (tuples: readonly (readonly Cell[])[]) =>
          JSON.stringify(tuples.map((t) => JSON.stringify(t)).sort())
        const equal = a === c && b === d && text(some) === text(others)
        expect(of(['1', a, b], some) === of(['1', c, d], others)).toBe(equal)
      }),
      { numRuns: 2000 },
    )
  })
})

it('takes the last of children that share what tells them apart', () => {
  const [mails] = layoutOf(table).children
  if (mails === undefined) throw new Error('no children')
  const tuples = [
    ['x', '1'],
    ['y', '2'],
    ['x', '3'],
  ]
  expect(distinctTuples(mails, tuples)).toEqual([
    ['x', '3'],
    ['y', '2'],
  ])
  expect(tupleText(['x', null], mails.columns)).not.toBe(tupleText(['x', '-'], mails.columns))
})

it('tells what cannot be held', () => {
  const bounds = { longest: 5, bindable: (text: string) => !text.includes('\0') }
  const told = (cell: Cell, kind: ColumnKind, sought = false) => refusal(cell, { kind, sought }, bounds)
  for (const [cell, kind] of [
    [null, 'text'],
    ['longer than that', 'text'],
    [2n ** 63n - 1n, 'integer'],
    [-(2n ** 63n), 'integer'],
    [true, 'integer'],
    ['-1.5e3', 'decimal'],
    [new Date('9999-12-31T23:59:59.999Z'), 'time'],
    ['123E4567-e89b-42d3-a456-426614174000', 'uuid'],
    [new Uint8Array(), 'binary'],
  ] as const)
    expect(told(cell, kind), String(cell)).toBeUndefined()
  for (const [cell, kind] of [
    ['a\0', 'text'],
    [2n ** 63n, 'integer'],
    [1.5, 'integer'],
    [Number.NaN, 'integer'],
    ['one', 'decimal'],
    [new Date(Number.NaN), 'time'],
    [new Date('+010000-01-01T00:00:00Z'), 'time'],
    ['123e4567', 'uuid'],
  ] as const)
    expect(told(cell, kind), String(cell)).toMatch(/./)
  expect(told('12345', 'text', true)).toBeUndefined()
  expect(told('123456', 'text', true)).toContain('5')
})
