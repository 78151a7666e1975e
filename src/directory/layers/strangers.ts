/** References into views of which the asker may know nothing: they are taken out of what is shown. */
import type { Entry } from '../../model/entry.js'
import { Ref, scalarOf, type Value } from '../../model/value.js'

/** May the asker know that there are such entries? */
export type Known = (view: string) => boolean

/** The entry without such references in these attributes; one that has no value left is absent. */
export function withoutStrangers(entry: Entry, attributes: readonly string[], known: Known): Entry {
  const isKnown = (value: Value): boolean => {
    const scalar = scalarOf(value)
    return !(scalar instanceof Ref) || known(scalar.view)
  }
  const shown = new Map(entry.attributes)
  for (const attr of attributes) {
    const values = shown.get(attr)?.filter(isKnown) ?? []
    if (values.length > 0) shown.set(attr, values)
    else shown.delete(attr)
  }
  return { ...entry, attributes: shown }
}
