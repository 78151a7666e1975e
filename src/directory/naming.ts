/** How an entry is called: by the values of its view's naming attributes, of which its DN is made. */
import type { Entry } from '../model/entry.js'
import { Ref, scalarOf } from '../model/value.js'
import type { View } from '../model/view.js'
import { nameOfValue } from '../schema/name-value.js'
import type { Schema } from '../schema/schema.js'

/** As `Ref.names` has them; undefined for what lacks a naming attribute: it has no DN, and so no place in the tree. */
export function namesOf(
  { attributes }: Pick<Entry, 'attributes'>,
  view: Pick<View, 'rdn' | 'levels'>,
  schema: Schema,
): readonly string[] | undefined {
  const names: string[] = []
  for (const attr of view.rdn) {
    const name = nameIn(attributes, attr, schema)
    if (name === undefined) return undefined
    names.push(name)
  }
  for (const { attr } of view.levels ?? []) {
    const name = nameIn(attributes, attr, schema)
    if (name === undefined) return names
    names.push(name)
  }
  return names
}

function nameIn(attributes: Entry['attributes'], attr: string, schema: Schema): string | undefined {
  const value = attributes.get(attr)?.[0]
  const scalar = value === undefined ? undefined : scalarOf(value)
  const type = schema.attribute(attr)
  return scalar === undefined || scalar instanceof Ref || type === undefined
    ? undefined
    : nameOfValue(type, scalar)
}
