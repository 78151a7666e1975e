/** What of a view may be written, as its mapping says: without a word of it, nothing. */
import type { ViewWrites } from '../model/view.js'
import type { Schema } from '../schema/schema.js'
import { scimName } from './given.js'
import type { MappingSpec } from './schema.js'

/** An attribute that is named, and where. */
export interface NamedWritable {
  readonly given: string
  /** As entries hold it. */
  readonly name: string
  readonly path: readonly (string | number)[]
}

export interface Writes extends ViewWrites {
  /** Attributes as entries hold them, or all that can be written. */
  readonly attributes: 'all' | ReadonlySet<string>
}

const NOTHING: Writes = { add: false, delete: false, attributes: new Set() }
const ALL: Writes = { add: true, delete: true, attributes: 'all' }

/** @param schema knows the attributes of this mapping, see `extendSchema` */
export function writesOf(spec: Pick<MappingSpec, 'writable' | 'scim'>, schema: Schema): Writes {
  const { writable } = spec
  if (writable === undefined || writable === false) return NOTHING
  if (writable === true) return ALL
  const {
    add = false,
    delete: remove = false,
    attributes = false,
  } = Array.isArray(writable)
    ? { attributes: writable }
    : (writable as Exclude<typeof writable, readonly string[]>)
  return {
    add,
    delete: remove !== false,
    deleteTree: remove === 'tree',
    attributes: attributes === true ? 'all' : new Set(namedWritable(spec, schema).map(({ name }) => name)),
  }
}

/** Those that the mapping names. */
export function namedWritable(
  { writable, scim }: Pick<MappingSpec, 'writable' | 'scim'>,
  schema: Schema,
): readonly NamedWritable[] {
  const isList = Array.isArray(writable)
  const list = isList ? writable : typeof writable === 'object' ? writable.attributes : undefined
  if (!Array.isArray(list)) return []
  const path = isList ? ['writable'] : ['writable', 'attributes']
  return list.map((given: string, i: number) => {
    const known = schema.attribute(given)?.name
    const name = known ?? (scim === undefined ? given : scimName(scim, given))
    return { given, name, path: [...path, i] }
  })
}

export const allows = ({ attributes }: Writes, name: string) => attributes === 'all' || attributes.has(name)
