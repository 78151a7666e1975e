/**
 * How joined rows are put together: which fields each source is asked for, and how the slots of a row are read from
 * what they gave.
 */
import { type Join, joinOf, ownerOf, parentOf, type Secondary } from '../joined.js'
import { ALWAYS, combined } from '../logic.js'
import type { Cell, Collection, Column, Field, FieldFilter, Row, Slot, Source } from '../source.js'
import type { Wanted } from './fetch.js'
import { keyFields, textOf } from './keys.js'
import { isPlain, lastTable, type Node, ownRelation, plainRelation } from './node.js'

type SetField = Extract<Field, { kind: 'set' }>
type Tuples = readonly (readonly Cell[])[]

/** Fields that are fetched together; each is fetched once. */
class Slots {
  readonly fields: Field[] = []
  readonly #places = new Map<unknown, number>()

  at(field: Field): number {
    const id = field.kind === 'column' ? field.column.name : field
    const known = this.#places.get(id)
    if (known !== undefined) return known
    const place = this.fields.push(field) - 1
    this.#places.set(id, place)
    return place
  }
}

/** Related rows that are joined ones themselves: their keys come with the row, and they are then asked for by key. */
export interface Follow {
  /** Where the tuples of the primary stand in a row, each with the key in front. */
  readonly slot: number
  readonly of: Collection
  readonly filter: FieldFilter
  /** The key in front. */
  readonly fields: readonly Field[]
}

/** Everything that was fetched of one row. */
export interface Fetched {
  readonly row: Row
  /** In the order of the join's secondaries. */
  readonly found: readonly (Row | undefined)[]
  /** In the order of `Layout.follows`: the rows that were found, by key. */
  readonly followed: readonly ReadonlyMap<string, Row>[]
}

export type Read<T> = (fetched: Fetched) => T

export interface SecondaryPart extends Wanted {
  readonly secondary: Secondary
  /** Where the primary's columns of the key stand in its row. */
  readonly keySlots: readonly number[]
  /** Is it asked for at all? */
  readonly isWanted: boolean
}

type Asked = Pick<Source, 'support' | 'decides'>

/** The source of a secondary, or of the primary. */
export type SourceOf = (secondary: Secondary | undefined) => Asked

/** Built up by what is to be read of a row, then read from. */
export class Layout {
  readonly #join: Join | undefined
  readonly #sourceOf: SourceOf
  readonly #slots = new Slots()
  readonly #others: readonly Slots[]
  readonly #wanted = new Set<Secondary>()
  readonly follows: Follow[] = []
  #parts: readonly SecondaryPart[] | undefined

  constructor(join: Join | undefined, sourceOf: SourceOf) {
    this.#join = join
    this.#sourceOf = sourceOf
    this.#others = (join?.secondaries ?? []).map(() => new Slots())
  }

  /** What the primary is asked for. */
  get fields(): readonly Field[] {
    return this.#slots.fields
  }

  /** To be asked for once everything is said to be read. */
  parts(): readonly SecondaryPart[] {
    this.#parts ??= this.#makeParts()
    return this.#parts
  }

  #makeParts(): readonly SecondaryPart[] {
    return (this.#join?.secondaries ?? []).map((secondary, i) => {
      const slots = this.#others[i] ?? new Slots()
      const isWanted = this.#wanted.has(secondary)
      return {
        secondary,
        isWanted,
        keySlots: isWanted ? keyFields(secondary, 'primary').map((field) => this.#slots.at(field)) : [],
        on: isWanted ? this.#onSlots(secondary, slots) : [],
        key: isWanted ? slots.at({ kind: 'column', column: secondary.of.key }) : 0,
        fields: slots.fields,
      }
    })
  }

  /** The row of this secondary has to be looked for, whatever is read of it. */
  want(secondary: Secondary): number {
    this.#wanted.add(secondary)
    return this.#join?.secondaries.indexOf(secondary) ?? -1
  }

  slot(field: Field): Read<Slot> {
    switch (field.kind) {
      case 'column': {
        const owner = ownerOf(field.column)
        if (owner === undefined) return this.#ofPrimary(field)
        return this.#ofSecondary(owner.secondary, { kind: 'column', column: owner.column }, null)
      }
      case 'set':
        return this.#set(field)
      case 'answer':
        throw new TypeError('an answer is read from its node')
    }
  }

  /** Whether a question is true of a row. */
  decides(node: Node): Read<boolean> {
    switch (node.kind) {
      case 'const':
        return () => node.value
      case 'and': {
        const all = node.of.map((n) => this.decides(n))
        return (fetched) => all.every((is) => is(fetched))
      }
      case 'or': {
        const all = node.of.map((n) => this.decides(n))
        return (fetched) => all.some((is) => is(fetched))
      }
      case 'primary': {
        const read = this.#ofPrimary({
          kind: 'answer',
          filter: decided(node.filter, this.#sourceOf(undefined)),
        })
        return (fetched) => read(fetched) === true
      }
      case 'secondary': {
        const at = this.want(node.of)
        const filter = decided(node.filter, this.#sourceOf(node.of))
        const slot = this.#others[at]?.at({ kind: 'answer', filter }) ?? -1
        return ({ found }) => {
          const row = found[at]
          return row === undefined ? node.absent : row[slot] === true
        }
      }
      case 'followed': {
        const tuplesOf = this.#follow(node.relation, [], node.of)
        return (fetched) => tuplesOf(fetched).length > 0 !== node.negated
      }
    }
  }

  #ofPrimary(field: Field): Read<Slot> {
    const slot = this.#slots.at(field)
    return ({ row }) => row[slot] ?? null
  }

  #ofSecondary(secondary: Secondary, field: Field, absent: Slot): Read<Slot> {
    const at = this.want(secondary)
    const slot = this.#others[at]?.at(field) ?? -1
    return ({ found }) => found[at]?.[slot] ?? absent
  }

  #set(field: SetField): Read<Slot> {
    const { relation, columns } = field
    const secondary = parentOf(relation)
    if (secondary !== undefined) {
      const own: Field = { kind: 'set', relation: ownRelation(relation), columns }
      return this.#ofSecondary(secondary, own, NO_TUPLES)
    }
    if (!isPlain(lastTable(relation), columns)) return this.#follow(relation, columns, ALWAYS)
    const plain = plainRelation(relation)
    return this.#ofPrimary(plain === relation ? field : { ...field, relation: plain })
  }

  /** The tuples whose joined rows are there and satisfy the filter. */
  #follow(relation: Relation, columns: readonly Column[], filter: FieldFilter): Read<Tuples> {
    const table = lastTable(relation)
    const join = joinOf(table)
    if (join === undefined) throw new TypeError('only joined rows are followed')
    const own = columns.filter((column) => ownerOf(column) === undefined)
    const joined = columns.filter((column) => ownerOf(column) !== undefined)
    const slot = this.#slots.at({
      kind: 'set',
      relation: plainRelation(relation),
      columns: [join.key, ...own],
    })
    const fields = [join.key, ...joined].map((column): Field => ({ kind: 'column', column }))
    const at = this.follows.push({ slot, of: { table, key: join.key, where: [] }, filter, fields }) - 1
    return ({ row, followed }) => {
      const rows = followed[at]
      return (row[slot] as Tuples).flatMap((tuple) => {
        const other = rows?.get(keyText(tuple[0] ?? null))
        if (other === undefined) return []
        let nextOwn = 1
        let nextJoined = 1
        return [
          columns.map(
            (column) =>
              (ownerOf(column) === undefined ? tuple[nextOwn++] : (other[nextJoined++] as Cell)) ?? null,
          ),
        ]
      })
    }
  }

  #onSlots(secondary: Secondary, slots: Slots): readonly number[] {
    return keyFields(secondary, 'secondary').map((field) => slots.at(field))
  }
}

type Relation = SetField['relation']

const NO_TUPLES: Tuples = []

export const keyText = (cell: Cell): string => (cell === null ? '' : textOf(cell))

/** An answer holds only what the source decides; what it merely narrows down may be true of any row. */
function decided(filter: FieldFilter, source: Asked): FieldFilter {
  switch (filter.op) {
    case 'and':
    case 'or':
      return combined(
        filter.op,
        filter.of.map((f) => decided(f, source)),
      )
    case 'test':
      return source.support(filter.on, filter.test) === 'exact' ? filter : ALWAYS
    case 'some': {
      const asked = { ...filter, of: decided(filter.of, source) }
      return source.decides?.(asked) === false ? ALWAYS : asked
    }
    case 'reach':
      return { ...filter, of: decided(filter.of, source) }
    default:
      return filter
  }
}
