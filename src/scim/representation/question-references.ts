/** Questions about references: by the `id` of what they refer to, what it is called, and what it is. */
import { VitrineError } from '../../model/errors.js'
import { FALSE, type Filter, TRUE } from '../../model/filter.js'
import { caseIgnore } from '../../schema/normalize.js'
import type { ScimFilter } from '../filter-ast.js'
import { type Comparison, checkType, compare } from './compare.js'
import { anyOf } from './fold.js'
import { isStandardPart, type Outline, type ReferencesNode, refTo, subAttributeOf } from './outline.js'
import { oneElement } from './question-elements.js'
import { idIn } from './references.js'
import type { Unknown } from './terms.js'
import { holdsText, type Test, unknownName, walk } from './walk.js'

/** @param of what one reference is to satisfy; undefined: that there is one */
export function askReferences(
  outline: Outline,
  node: ReferencesNode,
  of: ScimFilter | undefined,
  unknown: Unknown,
): Filter {
  const asked = of === undefined ? TRUE : walk(of, (test) => askPart(outline, node, test, unknown))
  return oneElement(node.attr, asked)
}

function askPart(outline: Outline, node: ReferencesNode, test: Test, unknown: Unknown): Filter {
  const { path } = test
  const isName = path.schema === undefined && path.sub === undefined
  const part = isName ? subAttributeOf(node.attribute, path.attribute) : undefined
  if (part === undefined || test.op === 'element') {
    return isStandardPart(node, path) ? FALSE : unknownName(path, unknown)
  }
  const { name, type } = part
  const full = `${node.attribute.name}.${name}`
  const isDisplay = name === 'display' || name === 'displayName'
  if (test.op === 'pr') return isDisplay ? { op: 'present', attr: 'display' } : TRUE
  checkType({ path: full, type }, test.op, test.value)
  const value = String(test.value)
  if (isDisplay) {
    const operand = {
      path: full,
      type,
      name: 'display',
      key: `${node.attr.name}.display`,
      kind: 'text',
    } as const
    return compare(outline.schema, operand, test)
  }
  if (name === 'type') return ofType(node, test.op, value)
  if (test.op !== 'eq') {
    throw new VitrineError('inappropriateMatching', { message: `${full} cannot be compared by ${test.op}` })
  }
  const refs = node.targets.flatMap((target) => {
    const id = name === '$ref' ? idIn(value, target) : value
    return (id === undefined ? undefined : refTo(id, target)) ?? []
  })
  return anyOf(refs.map((ref): Filter => ({ op: 'eq', attr: 'value', value: ref })))
}

function ofType({ targets, relation }: ReferencesNode, op: Comparison['op'], value: string): Filter {
  const isSo = (type: string) => holdsText(type, op, value, caseIgnore)
  if (relation !== undefined) return isSo(relation) ? TRUE : FALSE
  const types = [...new Set(targets.map((t) => t.resource.type))]
  const fitting = types.filter(isSo)
  if (fitting.length === types.length) return TRUE
  return anyOf(fitting.map((type): Filter => ({ op: 'eq', attr: 'type', value: type })))
}
