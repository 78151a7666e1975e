/** What one PATCH operation makes of the value of its attribute (RFC 7644 3.5.2.1 to 3.5.2.3). */
import { VitrineError } from '../../model/errors.js'
import type { ScimAttribute } from '../../model/resource.js'
import {
  copyObject,
  emptyObject,
  isAbsent,
  isArray,
  isObject,
  type Json,
  type JsonObject,
} from '../../scim/json.js'
import { notModifiable } from './accept.js'
import { isPrimary } from './accept-value.js'
import { refersToResources } from './attributes.js'
import { sameValue } from './identity.js'
import { elementSought, onlyPrimary, type Work, withElements, withoutElements } from './patch-elements.js'
import type { PatchOperation } from './patch-operations.js'

type Value = Json | undefined

/**
 * The attribute's value afterwards. `creates`: where a value filter selects nothing, what is added or replaced is a new
 * element, if the filter tells what it would be like. Throws `noSuchAttribute` where it selects nothing else,
 * `notModifiable`, `adminLimitExceeded` and, where two elements became primary, `invalidAttributeSyntax`.
 */
export function changedValue(before: Value, operation: PatchOperation, creates: boolean, work: Work): Value {
  const { attribute, sub } = operation.target
  if (!attribute.multiValued) {
    return sub === undefined
      ? changedOne(attribute, before, operation)
      : changedPart(before, sub, operation, work)
  }
  const elements = elementsOf(before)
  const after = changedElements(elements, operation, creates, work)
  return after.length === 0 ? undefined : after
}

function elementsOf(value: Value): readonly Json[] {
  if (isAbsent(value)) return []
  return isArray(value) ? value : [value]
}

function changedOne(attribute: ScimAttribute, before: Value, { op, value }: PatchOperation): Value {
  if (op === 'remove' || value === undefined) return undefined
  if (attribute.type !== 'complex' || !isObject(value)) return value
  return withParts(attribute, isObject(before) ? before : emptyObject(), value)
}

/** A complex value with other parts; null takes one away. */
function withParts(attribute: ScimAttribute, before: JsonObject, parts: JsonObject): JsonObject | undefined {
  const after = copyObject(before)
  for (const [name, part] of Object.entries(parts)) {
    if (isAbsent(part)) delete after[name]
    else after[name] = part
  }
  if (refersToResources(attribute) && after.value !== before.value) {
    // What it said of the resource that it no longer refers to.
    for (const { name, mutability } of attribute.subAttributes ?? []) {
      if ((mutability === 'readOnly' || name === '$ref') && !(name in parts)) delete after[name]
    }
  }
  return Object.keys(after).length === 0 ? undefined : after
}

function changedPart(before: Value, sub: ScimAttribute, operation: PatchOperation, work: Work): Value {
  const { attribute, path } = operation.target
  const object = isObject(before) ? before : emptyObject()
  const old = object[sub.name]
  const added = operation.op === 'add' && sub.multiValued && operation.value !== undefined
  const given = operation.op === 'remove' ? undefined : operation.value
  const part = added ? withElements(sub, elementsOf(old), elementsOf(given), work) : given
  if (sub.mutability === 'immutable' && !isAbsent(old)) {
    if (isAbsent(part) || !sameValue(sub, old, part)) throw notModifiable(path)
  }
  return withParts(attribute, object, { [sub.name]: part ?? null })
}

function changedElements(
  elements: readonly Json[],
  operation: PatchOperation,
  creates: boolean,
  work: Work,
): readonly Json[] {
  const { op, target, value } = operation
  const { attribute, selection, sub, path } = target
  work.spend(elements.length)
  if (selection !== undefined) {
    work.spend(elements.length * selection.test.cost)
    const selected = elements.map(selection.test.holds)
    if (selected.includes(true)) return changedWhere(elements, (i) => selected[i] === true, operation, work)
    if (op === 'remove') return elements
    const created = creates ? elementSought(selection.filter, attribute) : undefined
    if (created === undefined)
      throw new VitrineError('noSuchAttribute', { message: `${path}: nothing matches` })
    const element = changedElement(created, { ...operation, op: 'add' }, work)
    return element === undefined ? elements : withElements(attribute, elements, [element], work)
  }
  if (sub !== undefined) {
    const addsElement = elements.length === 0 || (op === 'add' && sub.name === 'value')
    if (op === 'remove' || !addsElement) return changedWhere(elements, () => true, operation, work)
    const element = Object.assign(emptyObject(), { [sub.name]: value })
    return withElements(attribute, elements, [element], work)
  }
  if (op === 'add') return withElements(attribute, elements, elementsOf(value), work)
  if (op === 'replace') return elementsOf(value)
  return value === undefined ? [] : withoutElements(attribute, elements, elementsOf(value), work)
}

function changedWhere(
  elements: readonly Json[],
  isSelected: (i: number) => boolean,
  operation: PatchOperation,
  work: Work,
): readonly Json[] {
  const { target, value } = operation
  const after = elements.map((element, i) =>
    isSelected(i) ? changedElement(element, operation, work) : element,
  )
  const makesPrimary = target.sub === undefined ? isPrimary(value) : target.sub.name === 'primary'
  const result = makesPrimary ? onlyPrimary(after, isSelected, target.path) : after
  return result.filter((element) => element !== undefined)
}

function changedElement(element: Json, operation: PatchOperation, work: Work): Value {
  const { op, target, value } = operation
  if (target.sub !== undefined) return changedPart(element, target.sub, operation, work)
  if (op === 'remove') return undefined
  return op === 'add' ? changedOne(target.attribute, element, operation) : value
}
