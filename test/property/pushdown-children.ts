/** Random parts of mappings whose values are the rows of a child table: with parts or without, under conditions, joined. */
import fc from 'fast-check'
import { type ColumnClass, kidColumns } from './pushdown-columns.js'

const where = fc.option(
  fc.oneof(
    fc.constant({ kind: 'work' }),
    fc.constant({ kind: { not: 'work' } }),
    fc.constant({ kind: ['work', 'home'] }),
    fc.constant({ kind: { not: null } }),
  ),
  { nil: undefined, freq: 2 },
)
const partOver = (syntax: string, ...columns: readonly [string, ...string[]]) =>
  fc.constantFrom(...columns).map((column) => ({ column, syntax }))
/** Further parts of what a row of `kids` is, of every kind, some over columns of another. */
const kidParts = fc.record(
  {
    type: fc.constantFrom('kind', 'val_bin', 'num'),
    primary: fc.constantFrom('flag', { column: 'num', syntax: 'boolean' }),
    display: fc.constantFrom('val', 'since', 'flag'),
    rank: partOver('integer', 'num', 'flag', 'val'),
    since: partOver('generalizedTime', 'since', 'val'),
  },
  { requiredKeys: [] },
)
const hasParts = <T extends object>(parts: T) => Object.values(parts).some((part) => part !== undefined)
const onThing = fc.constantFrom('thing_id', { thing_id: 'id' })
/** Rows of `kids` as values. */
export const child = (value: fc.Arbitrary<string>) =>
  fc
    .tuple(value, where, onThing, fc.option(kidParts, { nil: undefined, freq: 2 }))
    .map(([v, w, on, parts]) => ({
      table: 'kids',
      on,
      value: v,
      ...(w && { where: w }),
      ...(parts && hasParts(parts) && { parts }),
    }))
/** Elements that are nothing but parts; one may be called as that of values is. */
export const elements = fc
  .tuple(kidParts, where, fc.option(fc.constantFrom('val', 'val_bin'), { nil: undefined, freq: 1 }))
  .filter(([parts, , value]) => hasParts(parts) || value !== undefined)
  .map(([parts, w, value]) => ({
    table: 'kids',
    on: 'thing_id',
    parts: { ...parts, ...(value !== undefined && { value }) },
    ...(w && { where: w }),
  }))
/** Values of a table behind `kids`. */
export const joined = fc.tuple(where, fc.boolean(), fc.boolean()).map(([w, hide, withParts]) => ({
  table: 'kids',
  on: { thing_id: 'id' },
  value: 'label',
  ...(w && { where: w }),
  ...(withParts && { parts: { type: 'label', primary: 'hidden' } }),
  join: { table: 'labels', on: { id: 'label_id' }, ...(hide && { where: { hidden: 0 } }) },
}))
/** Columns of `kids`. */
export const kids = (...classes: readonly ColumnClass[]) =>
  fc.constantFrom(...kidColumns.filter((c) => classes.includes(c.class)).map((c) => c.name))
