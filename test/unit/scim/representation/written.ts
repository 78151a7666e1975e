/** What becomes of an entry that is created or changed, as a directory would do it. */
import type { Entry } from '../../../../src/model/entry.js'
import type { Change } from '../../../../src/model/request.js'
import { Ref, type Value } from '../../../../src/model/value.js'
import { idOf } from './views.js'

/** Equal for references to the same entry, and for values that are the same. */
function keyOf(value: Value): string {
  return value instanceof Ref ? `${value.view}/${value.id ?? value.uuid}` : JSON.stringify(value)
}

export function added(view: string, id: number, attributes: ReadonlyMap<string, readonly Value[]>): Entry {
  return { view, id: String(id), attributes: new Map([...attributes, ['entryUUID', [idOf(view, id)]]]) }
}

export function modified(entry: Entry, changes: readonly Change[]): Entry {
  const attributes = new Map(entry.attributes)
  for (const { op, attr, values } of changes) {
    const had = attributes.get(attr) ?? []
    const gone = new Set(op === 'add' ? [] : values.map(keyOf))
    const kept = had.filter((v) => !gone.has(keyOf(v)))
    const has = op === 'replace' ? values : op === 'add' ? [...had, ...values] : kept
    if (has.length === 0) attributes.delete(attr)
    else attributes.set(attr, has)
  }
  return { ...entry, attributes }
}
