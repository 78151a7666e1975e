/**
 * What a PATCH does to an entry (RFC 7644 3.5.2): which attributes have to be seen, and what becomes of them. Members
 * that are only added and removed are not looked at: groups may have very many.
 */
import type { Entry } from '../../model/entry.js'
import type { Change, Context } from '../../model/request.js'
import { bindingKey } from '../../model/resource.js'
import type { AttributePath } from '../../scim/filter-ast.js'
import { isObject, type Json, type JsonObject } from '../../scim/json.js'
import type { Representation } from '../../scim/representation/representation.js'
import { refersToResources } from './attributes.js'
import { applyPatch } from './patch.js'
import { membershipPatch } from './patch-members.js'
import { type PatchOperation, type PatchProfile, readPatch } from './patch-operations.js'

export interface PatchPlan {
  /** What `changes` has to be shown of the entry. */
  readonly attributes: ReadonlySet<string>
  /** Those of them without which nobody could say what comes of the operations. */
  readonly needs: ReadonlySet<string>
  readonly isMembership: boolean
  /**
   * Undefined for an entry that is no resource.
   * @throws VitrineError as `applyPatch` and `Representation.changes` do
   */
  changes(entry: Entry, base: string): readonly Change[] | undefined
}

/** @throws VitrineError as `readPatch` and `Representation.membership` do */
export async function patchPlan(
  representation: Representation,
  body: Json | undefined,
  profile: PatchProfile,
  ctx: Context,
): Promise<PatchPlan> {
  const { resource } = representation
  const operations = readPatch(resource, body ?? null, profile)
  const membership = membershipPatch(resource, operations)
  if (membership !== undefined && hasReferences(representation, 'members')) {
    const changes = await representation.membership('members', membership, ctx)
    return { attributes: new Set(), needs: new Set(), isMembership: true, changes: () => changes }
  }
  const paths = pathsOf(operations)
  const stored = representation.stored(paths)
  const settled = await Promise.all(operations.map((operation) => settle(representation, operation, ctx)))
  const building = operations.filter((operation) => buildsOnValue(representation, operation))
  const needed = building.length === 0 ? undefined : representation.stored(pathsOf(building))
  return {
    attributes: stored.attributes,
    needs: needed?.attributes ?? new Set(),
    isMembership: false,
    changes: (entry, base) => {
      const before = stored.resource(entry, base)
      if (before === undefined) return undefined
      const patched = applyPatch(resource, before, settled, profile)
      return representation.changes(before, patched.resource, patched.touched)
    },
  }
}

function hasReferences({ resource }: Representation, attribute: string): boolean {
  return resource.bindings.get(bindingKey(resource.schema.id, attribute))?.kind === 'references'
}

/** Does what comes of the operation hang on the value that there is? */
function buildsOnValue({ resource }: Representation, { op, target }: PatchOperation): boolean {
  const { schema, attribute, selection, sub } = target
  if (op === 'remove') return true
  if (attribute.multiValued) return op === 'add' || selection !== undefined || sub !== undefined
  return resource.bindings.get(bindingKey(schema.id, attribute.name))?.kind === 'elements'
}

/** The attributes that the operations are about, each once. */
function pathsOf(operations: readonly PatchOperation[]): readonly AttributePath[] {
  const paths = new Map<string, AttributePath>()
  for (const { target } of operations) {
    const path = { schema: target.schema.id, attribute: target.attribute.name }
    paths.set(JSON.stringify(path), path)
  }
  return [...paths.values()]
}

/** The operation with references that it gives as `Representation.settle` has them. */
async function settle(
  representation: Representation,
  operation: PatchOperation,
  ctx: Context,
): Promise<PatchOperation> {
  const { target, value } = operation
  if (value === undefined || target.sub !== undefined || !refersToResources(target.attribute))
    return operation
  const { schema, attribute } = target
  const isCore = schema === representation.resource.schema
  const alone: JsonObject = { [attribute.name]: value }
  const settled = await representation.settle(isCore ? alone : { [schema.id]: alone }, ctx)
  const object = isCore ? settled : settled[schema.id]
  const found = isObject(object) ? object[attribute.name] : undefined
  return found === undefined ? operation : { ...operation, value: found }
}
