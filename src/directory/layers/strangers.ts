/**
 * References into views of which the asker may know nothing: they are taken out of what is shown, and left alone by
 * what is changed.
 */
import type { Entry } from '../../model/entry.js'
import type { Change } from '../../model/request.js'
import { Ref, scalarOf, type Value } from '../../model/value.js'

/** May the asker know that there are such entries? */
export type Known = (view: string) => boolean

/** The entry without such references in these attributes; one that has no value left is absent. */
export function withoutStrangers(entry: Entry, attributes: readonly string[], known: Known): Entry {
  const shown = new Map(entry.attributes)
  for (const attr of attributes) {
    const values = shown.get(attr)?.filter((value) => isKnown(value, known)) ?? []
    if (values.length > 0) shown.set(attr, values)
    else shown.delete(attr)
  }
  return { ...entry, attributes: shown }
}

/** The same change for an entry with such references, which stay: whoever does not see them does not mean them. */
export function sparingStrangers(change: Change, entry: Entry, known: Known): Change {
  const { op, attr, values } = change
  if (op === 'add' || (op === 'delete' && values.length > 0)) return change
  const hidden = (entry.attributes.get(attr) ?? []).filter((value) => !isKnown(value, known))
  return hidden.length === 0 ? change : { op: 'replace', attr, values: [...values, ...hidden] }
}

/** The entry without what the targets of these views are called. */
export function withoutDisplays(
  entry: Entry,
  attributes: readonly string[],
  views: ReadonlySet<string>,
): Entry {
  const shown = new Map(entry.attributes)
  for (const attr of attributes) {
    const values = shown.get(attr)
    if (values === undefined) continue
    shown.set(
      attr,
      values.map((value) => {
        if (!(value instanceof Ref) || value.display === undefined || !views.has(value.view)) return value
        return new Ref(value.view, value.names, value.id, undefined, value.uuid, value.type)
      }),
    )
  }
  return { ...entry, attributes: shown }
}

export function isKnown(value: Value, known: Known): boolean {
  const scalar = scalarOf(value)
  return !(scalar instanceof Ref) || known(scalar.view)
}
