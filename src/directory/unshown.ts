/**
 * References that a row keeps besides those that its entry shows: to entries of other views, and to none at all. Whoever
 * replaces what is shown leaves them as they are.
 */
import type { Mapping } from '../mapping/mapping.js'
import { valueRelations } from '../mapping/references.js'
import type { Entry } from '../model/entry.js'
import type { Change } from '../model/request.js'
import { Ref, type Value } from '../model/value.js'

/** @param read the attributes that the entry was read with */
export function sparingUnshown(
  mapping: Mapping,
  changes: readonly Change[],
  entry: Entry,
  read: ReadonlySet<string>,
): readonly Change[] {
  return changes.flatMap((change): readonly Change[] => {
    const { op, attr, values } = change
    const isWhole = op === 'replace' || (op === 'delete' && values.length === 0)
    if (!isWhole || !read.has(attr) || !keepsReferences(mapping, attr)) return [change]
    const shown = entry.attributes.get(attr) ?? []
    const next = new Set(op === 'replace' ? values.map(keyOf) : [])
    const removed = shown.filter((value) => !next.has(keyOf(value)))
    return [
      ...(removed.length > 0 ? [{ op: 'delete', attr, values: removed } as const] : []),
      ...(op === 'replace' && values.length > 0 ? [{ op: 'add', attr, values } as const] : []),
    ]
  })
}

function keepsReferences({ table, attributes }: Mapping, attr: string): boolean {
  const own = valueRelations(table)
  return (attributes.get(attr)?.operations ?? []).some(
    ({ store }) => store?.kind === 'set' && store.target !== undefined && own.has(store.relation),
  )
}

const keyOf = (value: Value) => (value instanceof Ref ? JSON.stringify([value.view, value.id]) : value)
