/** Rows of entries, laid out as a query asks: their own attributes, what related entries hold, and answers about them. */
import type { Context } from '../../model/request.js'
import type { Field, FieldFilter, Row, Slot } from '../source.js'
import type { LdapColumn, ValuesTable } from './columns.js'
import type { Found } from './entries.js'
import { isOwn, Questions } from './question.js'
import { attributesOf, type Place, type Reading } from './reading.js'
import { ownColumns, relatedTo } from './related.js'

/** The attributes that entries have to be read with. */
export function attributesFor(fields: readonly Field[]): readonly string[] {
  return attributesOf(
    fields.flatMap((field): readonly LdapColumn[] => {
      if (field.kind === 'column') return [field.column as LdapColumn]
      return field.kind === 'set' ? ownColumns(field) : []
    }),
  )
}

/** The slot of a field that an entry fills by itself; undefined for one that others have to be asked about. */
type OwnSlot = (entry: Found) => Slot

function ownSlot(field: Field): OwnSlot | undefined {
  if (field.kind === 'column') {
    const column = field.column as LdapColumn
    return (entry) => entry.cell(column)
  }
  if (field.kind === 'answer' || !isOwn(field.relation)) return undefined
  const { value } = field.relation.table as ValuesTable
  return (entry) => entry.values(value).map((one) => [one])
}

const slotsKnown = new WeakMap<readonly Field[], readonly (OwnSlot | undefined)[]>()

/** Queries of one kind come with the very same fields. */
function slotsOf(fields: readonly Field[]): readonly (OwnSlot | undefined)[] {
  const known = slotsKnown.get(fields)
  if (known !== undefined) return known
  const slots = fields.map(ownSlot)
  slotsKnown.set(fields, slots)
  return slots
}

/** Rows of nothing but what entries hold themselves; undefined where others have to be asked. */
export function ownRows(entries: readonly Found[], fields: readonly Field[]): readonly Row[] | undefined {
  const slots = slotsOf(fields)
  if (slots.includes(undefined)) return undefined
  return entries.map((entry) => slots.map((slot) => slot?.(entry) ?? null))
}

/** In the order of the entries. @throws VitrineError */
export async function rowsOf(
  entries: readonly Found[],
  fields: readonly Field[],
  place: Place,
  reading: Reading,
  ctx: Pick<Context, 'signal'>,
): Promise<readonly Row[]> {
  const own = ownRows(entries, fields)
  if (own !== undefined || entries.length === 0) return own ?? []
  const slots = slotsOf(fields)
  const { signal } = ctx
  const columns = await Promise.all(
    fields.map(async (field, i): Promise<readonly Slot[]> => {
      const slot = slots[i]
      if (slot !== undefined) return entries.map(slot)
      if (field.kind === 'set') return relatedTo(entries, field, reading, signal)
      return field.kind === 'answer' ? answersTo(entries, field.filter, place, reading, signal) : []
    }),
  )
  return entries.map((_, at) => columns.map((column) => column[at] ?? null))
}

async function answersTo(
  entries: readonly Found[],
  question: FieldFilter,
  place: Place,
  reading: Reading,
  signal: AbortSignal,
): Promise<readonly boolean[]> {
  const { filter, names } = await new Questions(reading, signal).of(question, place)
  const asked = entries.map((entry) => entry.name).filter((name) => names?.has(name) ?? true)
  const found = await reading.named(asked, { place, filter, attributes: [], signal })
  return entries.map((entry) => found.has(entry.name))
}
