/** Rows to entries. The layout of a row is fixed once per query; reading a row then follows closures only. */
import { Shape, ShapedAttributes } from '../model/attributes.js'
import type { Changeable } from '../model/changeable.js'
import type { Entry } from '../model/entry.js'
import type { MatchingOf } from '../model/match.js'
import { isComplex, type Value } from '../model/value.js'
import type { Cell, Field, Row } from '../sources/source.js'
import { text } from './codecs/literal.js'
import type { Mapping } from './mapping.js'

export interface Decoder {
  /** What a row must hold, in this order. */
  readonly fields: readonly Field[]
  decode(row: Row): Entry
}

interface AttributeReader {
  readonly name: string
  readonly readers: readonly ((row: Row) => readonly Value[])[]
  readonly distinct: Distinct | undefined
}

/**
 * @param attributes names as the schema spells them; those the view does not map are passed over
 * @param displays references come with what their targets are called
 */
export function decoderFor(
  mapping: Mapping,
  attributes: Iterable<string>,
  matchingOf: MatchingOf,
  displays = false,
): Decoder {
  const key: Field = { kind: 'column', column: mapping.key }
  const fields: Field[] = [key]
  const places = new Map<unknown, number>([[mapping.key.name, 0]])
  const slotOf = (field: Field): number => {
    const id = field.kind === 'column' ? field.column.name : field
    const known = places.get(id)
    if (known !== undefined) return known
    places.set(id, fields.push(field) - 1)
    return fields.length - 1
  }
  const readers: AttributeReader[] = []
  for (const name of attributes) {
    const attribute = mapping.attributes.get(name)
    if (attribute === undefined) continue
    readers.push({
      name,
      readers: attribute.operations.map((o) => ((displays && o.displaying) || o).reader(slotOf)),
      distinct: distinctBy(
        name,
        attribute.operations.some((o) => o.fields.some((f) => f.kind === 'set')) ||
          attribute.operations.length > 1,
        matchingOf,
      ),
    })
  }
  const version = mapping.version === undefined ? undefined : slotOf(mapping.version)
  const { view, idOf } = mapping
  const shape = new Shape(readers.map(({ name }) => name))

  return {
    fields,
    decode: (row) => {
      const values = new Array<readonly Value[] | undefined>(readers.length)
      for (let place = 0; place < readers.length; place++) {
        const { readers: all, distinct } = readers[place] as AttributeReader
        const [first] = all
        let found = first === undefined ? [] : first(row)
        for (let i = 1; i < all.length; i++) found = found.concat(all[i]?.(row) ?? [])
        if (found.length > 1 && distinct !== undefined) found = distinct(found)
        values[place] = found.length > 0 ? found : undefined
      }
      const attributes = new ShapedAttributes(shape, values)
      const entry: Changeable<Entry> = { view, id: idOf(row[0] as Cell), attributes }
      const changed = version === undefined ? null : row[version]
      if (changed !== null && changed !== undefined) entry.version = text(changed as Exclude<Cell, null>)
      return entry
    },
  }
}

type Distinct = (values: readonly Value[]) => readonly Value[]

/** An attribute's values are a set: of equal ones (RFC 4512 2.2) the first stays. */
function distinctBy(name: string, needed: boolean, matchingOf: MatchingOf): Distinct | undefined {
  const normalize = matchingOf(name)?.equality
  if (!needed || normalize === undefined) return undefined
  // Elements with parts are more than their value.
  const formOf = (value: Value) => (isComplex(value) ? undefined : normalize(value))
  return (values) => (values.length <= FEW ? distinctFew(values, formOf) : distinctMany(values, formOf))
}

/** Of so many, comparing each with each is faster than a set. */
const FEW = 8

/** Hardly ever are two equal: then nothing is made. */
function distinctFew(values: readonly Value[], formOf: (value: Value) => unknown): readonly Value[] {
  const forms = values.map(formOf)
  const isFirst = (form: unknown, i: number) => form === undefined || forms.indexOf(form) === i
  return forms.every(isFirst) ? values : values.filter((_, i) => isFirst(forms[i], i))
}

function distinctMany(values: readonly Value[], formOf: (value: Value) => unknown): readonly Value[] {
  const seen = new Set<unknown>()
  return values.filter((value) => {
    const form = formOf(value)
    if (form === undefined) return true
    const { size } = seen
    return seen.add(form).size > size
  })
}
