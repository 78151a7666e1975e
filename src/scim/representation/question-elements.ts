/**
 * Questions about the elements of a multi-valued attribute: one of them satisfies the whole of what is asked
 * (RFC 7644 3.4.2.2). Each store is asked for its own, in terms of its parts.
 */
import { FALSE, type Filter, filterAttributes, mapAssertions, TRUE } from '../../model/filter.js'
import type { ScimAttribute } from '../../model/resource.js'
import type { ViewAttribute } from '../../model/view.js'
import { caseExact, caseIgnore } from '../../schema/normalize.js'
import type { ScimFilter } from '../filter-ast.js'
import { checkType, compare } from './compare.js'
import { allOf, anyOf, negated } from './fold.js'
import {
  type ElementsNode,
  isStandardPart,
  type Outline,
  type PlainNode,
  type Store,
  subAttributeOf,
} from './outline.js'
import type { Unknown } from './terms.js'
import { kindOfPart } from './values.js'
import { holdsText, type Test, unknownName, walk } from './walk.js'

type PartTest = Exclude<Test, { op: 'element' }>

/** @param of what one element is to satisfy; undefined: that there is one */
export function askElements(
  outline: Outline,
  node: ElementsNode | PlainNode,
  of: ScimFilter | undefined,
  unknown: Unknown,
): Filter {
  const stores = node.kind === 'plain' ? [plainStore(node.attr)] : node.stores
  return anyOf(
    stores.map((store) => {
      const asked = of === undefined ? TRUE : walk(of, (test) => askPart(outline, node, store, test, unknown))
      return oneElement(store.attr, asked)
    }),
  )
}

function plainStore(attr: ViewAttribute): Store {
  return { attr, parts: new Set(['value']), type: undefined, isPlain: true, isPrimary: false }
}

/**
 * One element satisfies `of`, whose names are parts. Where it says no more than that there is such a value, or there is
 * but one, it is asked of the attribute itself: that is simpler, and sources are better at it.
 */
export function oneElement(attr: ViewAttribute, of: Filter): Filter {
  if (of.op === 'const') return of.value === true ? { op: 'present', attr: attr.name } : FALSE
  const isOfValue = [...filterAttributes(of)].every((part) => part === 'value')
  if (!isOfValue || (attr.multiValued && !isAnyOf(of))) return { op: 'element', attr: attr.name, of }
  const asked = mapAssertions(of, (assertion) => ({ ...assertion, attr: attr.name }))
  return hasNegation(of) ? allOf([{ op: 'present', attr: attr.name }, asked]) : asked
}

/** Is it an assertion, or several of which one is enough? */
function isAnyOf(filter: Filter): boolean {
  if (filter.op === 'or') return filter.of.every(isAnyOf)
  return filter.op !== 'and' && filter.op !== 'not' && filter.op !== 'const'
}

function hasNegation(filter: Filter): boolean {
  if (filter.op === 'and' || filter.op === 'or') return filter.of.some(hasNegation)
  return filter.op === 'not'
}

function askPart(
  outline: Outline,
  node: ElementsNode | PlainNode,
  store: Store,
  test: Test,
  unknown: Unknown,
): Filter {
  const part = partOf(node, test)
  if (part === undefined || test.op === 'element') {
    return isStandardPart(node, test.path) ? FALSE : unknownName(test.path, unknown)
  }
  const { name, type } = part
  const path = `${node.attribute.name}.${name}`
  if (test.op !== 'pr') checkType({ path, type }, test.op, test.value)
  const constant = name === 'type' ? store.type : name === 'primary' && store.isPrimary ? true : undefined
  const own = store.parts.has(name) ? askOwnPart(outline, store, part, path, test) : FALSE
  if (constant === undefined) return own
  const isSo = satisfies(constant, part, test) ? TRUE : FALSE
  if (!store.parts.has(name)) return isSo
  return anyOf([own, allOf([negated({ op: 'present', attr: name }), isSo])])
}

function partOf(node: ElementsNode | PlainNode, { path, op }: Test): ScimAttribute | undefined {
  if (op === 'element' || path.schema !== undefined || path.sub !== undefined) return undefined
  if (node.kind === 'elements') return subAttributeOf(node.attribute, path.attribute)
  return path.attribute.toLowerCase() === 'value' ? { ...node.attribute, name: 'value' } : undefined
}

function askOwnPart(
  outline: Outline,
  { attr }: Store,
  { name, type }: ScimAttribute,
  path: string,
  test: PartTest,
): Filter {
  if (test.op === 'pr') return { op: 'present', attr: name }
  const isValue = name === 'value'
  const key = isValue ? attr.name : `${attr.name}.${name}`
  const kind = isValue ? attr.kind : kindOfPart(type)
  return compare(outline.schema, { path, type, name, key, kind }, test)
}

function satisfies(constant: string | true, part: ScimAttribute, test: PartTest): boolean {
  if (test.op === 'pr') return true
  if (constant === true) return test.value === true
  return holdsText(constant, test.op, String(test.value), part.caseExact ? caseExact : caseIgnore)
}
