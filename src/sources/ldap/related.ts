/** The related rows of entries: values of their own attributes, and what other entries hold, these asked for a batch at a time. */
import type { Cell, Field } from '../source.js'
import { assertionOf, EVERY } from './assertion.js'
import { isValuesTable, type LdapColumn } from './columns.js'
import type { Found } from './entries.js'
import { onePair } from './question.js'
import { attributesOf, type Place, type Reading } from './reading.js'
import type { LdapTable } from './tables.js'

type SetField = Extract<Field, { kind: 'set' }>
type Tuples = readonly (readonly Cell[])[]
type Value = Exclude<Cell, null>

/** Values that other entries are sought by, in one filter. */
const IN_FILTER = 100
/** Searches for the entries that hold a value, at a time. */
const AT_ONCE = 32

const NONE: Tuples = []

/** What has to be read of an entry itself for its related rows. */
export function ownColumns({ relation }: SetField): readonly LdapColumn[] {
  const { table, pair } = onePair(relation)
  return isValuesTable(table) && pair.child === table.owner ? [table.value] : [pair.parent]
}

/** For each of the entries, in their order: what others hold, or what they lead to. @throws VitrineError */
export async function relatedTo(
  entries: readonly Found[],
  { relation, columns }: SetField,
  reading: Reading,
  signal: AbortSignal,
): Promise<readonly Tuples[]> {
  const { table, pair } = onePair(relation)
  const wanted = columns as readonly LdapColumn[]
  if (isValuesTable(table)) {
    const { join } = relation
    const [joined] = join?.on ?? []
    if (join === undefined || joined === undefined) return entries.map(() => NONE)
    const place = { table: join.table as LdapTable, where: join.where }
    return pair.child === table.owner
      ? leading(entries, table.value, place, joined.joined as LdapColumn, wanted, reading, signal)
      : holding(entries, pair.parent, place, table.value, wanted, reading, signal)
  }
  const place = { table: table as LdapTable, where: relation.where }
  return pair.child.values === undefined && !pair.child.isName
    ? holding(entries, pair.parent, place, pair.child, wanted, reading, signal)
    : leading(entries, pair.parent, place, pair.child, wanted, reading, signal)
}

/** The entries whose `by` is one of the values that these hold. */
async function leading(
  entries: readonly Found[],
  held: LdapColumn,
  place: Place,
  by: LdapColumn,
  columns: readonly LdapColumn[],
  reading: Reading,
  signal: AbortSignal,
): Promise<readonly Tuples[]> {
  const values = new Set(entries.flatMap((entry) => entry.values(held)))
  const found = by.isName
    ? await byName(values, place, columns, reading, signal)
    : await byValue(values, place, by, columns, reading, signal)
  return entries.map((entry) => entry.values(held).flatMap((value) => found.get(formOf(value)) ?? NONE))
}

async function byName(
  names: ReadonlySet<Value>,
  place: Place,
  columns: readonly LdapColumn[],
  reading: Reading,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Tuples>> {
  const asked = { place, filter: EVERY, attributes: attributesOf(columns), signal }
  const found = await reading.named([...names].map(String), asked)
  return new Map([...found].map(([name, entry]) => [name, [tupleOf(entry, columns)]]))
}

async function byValue(
  values: ReadonlySet<Value>,
  place: Place,
  by: LdapColumn,
  columns: readonly LdapColumn[],
  reading: Reading,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Tuples>> {
  const found = new Map<string, (readonly Cell[])[]>()
  const all = [...values]
  for (let at = 0; at < all.length; at += IN_FILTER) {
    const some = all.slice(at, at + IN_FILTER)
    const filter = assertionOf(by, { test: 'oneOf', values: some })
    for await (const entries of reading.entries({
      place,
      filter,
      attributes: attributesOf([by, ...columns]),
      signal,
    })) {
      for (const entry of entries) {
        for (const value of entry.values(by)) {
          const tuples = found.get(formOf(value)) ?? []
          tuples.push(tupleOf(entry, columns))
          found.set(formOf(value), tuples)
        }
      }
    }
  }
  return found
}

/** The entries that hold, in `holder`, what these are called by. What else they hold, which may be much, is not read. */
async function holding(
  entries: readonly Found[],
  called: LdapColumn,
  place: Place,
  holder: LdapColumn,
  columns: readonly LdapColumn[],
  reading: Reading,
  signal: AbortSignal,
): Promise<readonly Tuples[]> {
  const result: Tuples[] = entries.map(() => NONE)
  let next = 0
  const take = async () => {
    for (let at = next++; at < entries.length; at = next++) {
      const values = entries[at]?.values(called) ?? []
      if (values.length === 0) continue
      const filter = assertionOf(holder, { test: 'oneOf', values })
      const tuples: (readonly Cell[])[] = []
      const asked = { place, filter, attributes: attributesOf(columns), signal }
      for await (const holders of reading.entries(asked)) {
        for (const one of holders) tuples.push(tupleOf(one, columns))
      }
      result[at] = tuples
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, entries.length) }, take))
  return result
}

const tupleOf = (entry: Found, columns: readonly LdapColumn[]) => columns.map((column) => entry.cell(column))

/** Values are told from others as servers do, by whatever letters they are spelled in. */
const formOf = (value: Value) => String(value).toLowerCase()
