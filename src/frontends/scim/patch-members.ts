/** Recognises a PATCH that does nothing but add members to a group and remove them, which can be done unseen. */
import type { Resource } from '../../model/resource.js'
import type { ScimFilter } from '../../scim/filter-ast.js'
import { isArray, isObject, type Json } from '../../scim/json.js'
import type { PatchOperation } from './patch-operations.js'

/** ids of members, none of them in both. */
export interface MembershipPatch {
  readonly add: readonly string[]
  readonly remove: readonly string[]
}

/**
 * What the operations come to if each adds or removes members by their ids, in `value` or by a filter such as
 * `members[value eq "a" or value eq "b"]`; undefined if one does anything else, such as removing all.
 */
export function membershipPatch(
  resource: Resource,
  operations: readonly PatchOperation[],
): MembershipPatch | undefined {
  const wanted = new Map<string, 'add' | 'remove'>()
  for (const operation of operations) {
    const { op, target } = operation
    const { schema, attribute } = target
    const isMembers = schema === resource.schema && attribute.name === 'members' && attribute.multiValued
    if (!isMembers || target.sub !== undefined || op === 'replace') return undefined
    const ids = idsOf(operation)
    if (ids === undefined) return undefined
    for (const id of ids) wanted.set(id, op)
  }
  const those = (op: 'add' | 'remove') => [...wanted].filter(([, w]) => w === op).map(([id]) => id)
  return { add: those('add'), remove: those('remove') }
}

function idsOf({ op, target, value }: PatchOperation): readonly string[] | undefined {
  if (target.selection !== undefined) {
    return op === 'remove' ? idsSought(target.selection.filter) : undefined
  }
  if (!isArray(value)) return undefined
  const ids = value.map(idOf)
  return ids.every((id) => id !== undefined) ? ids : undefined
}

function idOf(member: Json): string | undefined {
  return isObject(member) && typeof member.value === 'string' ? member.value : undefined
}

function idsSought(filter: ScimFilter): readonly string[] | undefined {
  if (filter.op === 'or') {
    const ids = filter.of.map(idsSought)
    return ids.every((i) => i !== undefined) ? ids.flat() : undefined
  }
  const isId = filter.op === 'eq' && filter.path.attribute.toLowerCase() === 'value'
  return isId && typeof filter.value === 'string' ? [filter.value] : undefined
}
