/** A view while its mapping is being compiled: its table and key are known, its attributes are not yet. */
import type { EntryId } from '../model/value.js'
import type { Schema } from '../schema/schema.js'
import type { Cell, Collection, Column } from '../sources/source.js'
import type { AttributeContext } from './attribute.js'
import { literal, text } from './codecs/literal.js'
import { keyHandles } from './operations/uuid.js'
import type { MappingSpec } from './schema.js'
import type { Resolver } from './tables.js'

export interface Draft {
  readonly spec: MappingSpec
  readonly schema: Schema
  readonly resolve: Resolver
  readonly collection: Collection
}

/** What the views of one source know of each other. */
export type Links = Pick<AttributeContext, 'targets' | 'edgesOf' | 'waysBack' | 'entryTables'>

export const contextOf = ({ spec, schema, resolve, collection }: Draft, links: Links): AttributeContext => ({
  view: spec.view,
  spec,
  collection,
  schema,
  resolve,
  ...links,
})

/** Keys as entry ids: their text; binary keys in hexadecimal. */
export function idCodec(key: Column): {
  idOf(cell: Cell): EntryId
  cellOf(id: EntryId): Exclude<Cell, null> | undefined
} {
  return {
    idOf: (cell) => (cell === null ? '' : text(cell)),
    cellOf: (id) => {
      if (key.kind === 'binary') return /^([0-9a-f]{2})+$/.test(id) ? Buffer.from(id, 'hex') : undefined
      return literal(id, key)
    },
  }
}

/** The integers that most keys are. */
const SMALL = /^(?:0|[1-9]\d{0,13})$/

/** How entries are called where names may change: by a UUID that holds the key, or by the key. */
export function handlesOf({ spec, collection }: Draft) {
  const { key } = collection
  const { idOf, cellOf } = idCodec(key)
  const declared = spec.uuid !== undefined
  const handles = keyHandles(spec.view, key)
  return {
    declaresUuid: declared,
    plainHandles: !declared && (key.kind === 'integer' || key.kind === 'uuid' || key.kind === 'binary'),
    handleOf: (id: EntryId) => {
      if (declared) return undefined
      const cell = key.kind === 'integer' && SMALL.test(id) ? Number(id) : cellOf(id)
      return (cell === undefined ? undefined : handles.handleOf(cell)) ?? id
    },
    keyOfHandle: (handle: string) => {
      if (declared) return undefined
      const cell = handles.keyOf(handle)
      if (cell !== undefined) return idOf(cell)
      // Keys that no UUID can be made of are called by their own text.
      const own = key.kind === 'uuid' ? undefined : cellOf(handle)
      return own !== undefined && handles.handleOf(own) === undefined ? idOf(own) : undefined
    },
  }
}
