/** Mappings compiled over tables that are only described. */
import { compileMappings } from '../../../src/mapping/compile.js'
import { extendSchema } from '../../../src/mapping/custom-schema.js'
import type { Mapping, Operation } from '../../../src/mapping/mapping.js'
import { Problems } from '../../../src/mapping/problem.js'
import { mappingSchema } from '../../../src/mapping/schema.js'
import { standardSchema } from '../../../src/schema/schema.js'
import type { Column, Table } from '../../../src/sources/source.js'

export type Columns = Readonly<Record<string, Column['kind'] | Column>>

export function tableOf(name: string, columns: Columns): Table {
  const described = Object.entries(columns).map(
    ([column, kind]) => [column, typeof kind === 'string' ? { name: column, kind } : kind] as const,
  )
  return { name, columns: new Map(described) }
}

/** The one view, or the first of several. @param given what mapping files say */
export async function compiled(tables: readonly Table[], ...given: readonly object[]): Promise<Mapping> {
  const specs = given.map((spec) => mappingSchema.parse({ source: 'hr', key: 'id', ...spec }))
  const schema = extendSchema(standardSchema(), specs, new Problems())
  const [mapping] = await compileMappings(specs, schema, async (name) => tables.find((t) => t.name === name))
  if (mapping === undefined) throw new Error('nothing is mapped')
  return mapping
}

export function operationsOf(mapping: Mapping, attr: string): readonly Operation[] {
  const attribute = mapping.attributes.get(attr)
  if (attribute === undefined) throw new Error(`there is no ${attr}`)
  return attribute.operations
}
