/** Rows of entries, laid out as a query asks: their own attributes, what related entries hold, and answers about them. */
import type { Field, Row, Slot, SourceQuery } from '../source.js'
import type { LdapColumn } from './columns.js'
import type { Found } from './entries.js'
import { Questions } from './question.js'
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

/** In the order of the entries. @throws VitrineError */
export async function rowsOf(
  entries: readonly Found[],
  { fields }: Pick<SourceQuery, 'fields'>,
  place: Place,
  reading: Reading,
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const slots = await Promise.all(
    fields.map(async (field): Promise<readonly Slot[]> => {
      switch (field.kind) {
        case 'column':
          return entries.map((entry) => entry.cell(field.column as LdapColumn))
        case 'set':
          return relatedTo(entries, field, reading, signal)
        case 'answer': {
          const { filter, names } = await new Questions(reading, signal).of(field.filter, place)
          const asked = entries.map((entry) => entry.name).filter((name) => names?.has(name) ?? true)
          const found = await reading.named(asked, { place, filter, attributes: [], signal })
          return entries.map((entry) => found.has(entry.name))
        }
      }
    }),
  )
  return entries.map((_, at) => slots.map((slot) => slot[at] ?? null))
}
