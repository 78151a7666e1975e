/**
 * Resources as what entries hold: the other direction of `render.ts`. The JSON has been checked against the schema by
 * then; what is found here is what the mapping has no place for.
 */
import { VitrineError } from '../../model/errors.js'
import type { ScimAttribute } from '../../model/resource.js'
import { Ref, type Scalar, type Value } from '../../model/value.js'
import type { ViewAttribute } from '../../model/view.js'
import { isAbsent, isArray, isObject, type Json, type JsonObject } from '../json.js'
import type { ElementsNode, Node, Outline, Store } from './outline.js'
import { jsonAt, own, refsIn } from './references.js'
import { keptAs, kindOfPart } from './values.js'

/** One attribute of the view, and its values. */
export interface Stored {
  readonly attr: ViewAttribute
  readonly attribute: ScimAttribute
  readonly values: readonly Value[]
}

/** Values of a new entry. */
export function valuesOf(outline: Outline, json: JsonObject): ReadonlyMap<string, readonly Value[]> {
  const all = new Map<string, readonly Value[]>()
  for (const node of outline.nodes) {
    if (!isGiven(node.attribute)) continue
    const given = jsonAt(json, node)
    if (isAbsent(given)) continue
    for (const stored of storedOf(node, given)) {
      const { attr, attribute, values } = stored
      if (values.length === 0 || !isKept(attr, attribute)) continue
      all.set(attr.name, agreed(attr, attribute, all.get(attr.name) ?? values, values))
    }
  }
  return all
}

/** May clients say what it is? */
export function isGiven(attribute: ScimAttribute): boolean {
  return attribute.mutability !== 'readOnly'
}

/** What is derived from other attributes is shown only. */
export function isKept(attr: ViewAttribute, attribute: ScimAttribute): boolean {
  return isGiven(attribute) && (attr.writable || attribute.mutability === 'writeOnly')
}

/**
 * The values of each of the view's attributes that hold the node; without any where there is nothing.
 * @throws VitrineError `constraintViolation`, `invalidAttributeSyntax`
 */
export function storedOf(node: Node, json: Json | undefined): readonly Stored[] {
  switch (node.kind) {
    case 'plain': {
      const { attr, attribute } = node
      return [{ attr, attribute, values: plainValues(attr, attribute, attribute.name, json) }]
    }
    case 'complex':
      return node.subs.map(({ attr, attribute }) => {
        const sub = isObject(json) ? own(json, attribute.name) : undefined
        const path = `${node.attribute.name}.${attribute.name}`
        return { attr, attribute, values: plainValues(attr, attribute, path, sub) }
      })
    case 'elements':
      return elementValues(node, json)
    case 'references': {
      const { attr, attribute } = node
      return [{ attr, attribute, values: isAbsent(json) ? [] : refsIn(node, json) }]
    }
  }
}

function plainValues(
  attr: ViewAttribute,
  attribute: ScimAttribute,
  path: string,
  json: Json | undefined,
): readonly Value[] {
  if (isAbsent(json)) return []
  // A new password is text, whatever is made of it.
  const kind = attribute.mutability === 'writeOnly' ? 'text' : attr.kind
  const values = (isArray(json) ? json : [json]).flatMap((one) => keptAs(kind, one, path) ?? [])
  if (values.length > 1 && !attr.multiValued) throw onlyOne(path, undefined)
  if (values.length === 0 && attribute.mutability === 'writeOnly') {
    throw new VitrineError('invalidAttributeSyntax', { message: `${path} is blank` })
  }
  return distinct(values)
}

function elementValues(node: ElementsNode, json: Json | undefined): readonly Stored[] {
  const { attribute, stores } = node
  const placed = new Map<Store, Value[]>(stores.map((store) => [store, []]))
  const elements = isAbsent(json) ? [] : isArray(json) ? json : [json]
  for (const element of elements) {
    if (!isObject(element)) continue
    const { type } = element
    const fitting = storesFor(node, typeof type === 'string' ? type : undefined)
    const [first] = fitting
    if (first === undefined) {
      throw new VitrineError('constraintViolation', {
        message: `${attribute.name}: elements of the type ${JSON.stringify(type)} are not kept`,
      })
    }
    const hasRoom = (store: Store) => store.attr.multiValued || placed.get(store)?.length === 0
    const value = elementValue(attribute, first, element)
    if (value === undefined) continue
    const store = fitting.find(hasRoom)
    if (store !== undefined) {
      placed.get(store)?.push(store === first ? value : (elementValue(attribute, store, element) ?? value))
    } else if (!fitting.some((s) => placed.get(s)?.some((v) => keyOfValue(v) === keyOfValue(value)))) {
      throw onlyOne(attribute.name, first.type)
    }
  }
  return stores.map((store) => ({ attr: store.attr, attribute, values: distinct(placed.get(store) ?? []) }))
}

/** The stores that can hold an element of a type, the best first. */
function storesFor({ stores }: ElementsNode, type: string | undefined): readonly Store[] {
  const wanted = type?.toLowerCase()
  const rank = (store: Store): number | undefined => {
    const hasPart = store.parts.has('type')
    if (wanted === undefined) return hasPart ? 0 : store.type === undefined ? 1 : 2
    if (store.type?.toLowerCase() === wanted) return 0
    return hasPart ? 1 : store.type === undefined ? 2 : undefined
  }
  const readOnly = (store: Store) => (store.attr.writable ? 0 : 10)
  return stores
    .flatMap((store) => {
      const ranked = rank(store)
      return ranked === undefined ? [] : [{ store, rank: ranked + readOnly(store) }]
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ store }) => store)
}

/** Undefined for an element that says nothing: where elements are values, one that is blank. */
function elementValue(attribute: ScimAttribute, store: Store, element: JsonObject): Value | undefined {
  const path = attribute.name
  const value = store.parts.has('value')
    ? keptAs(store.attr.kind, own(element, 'value') ?? null, `${path}.value`)
    : undefined
  if (store.parts.has('value') && value === undefined) {
    if (!isAbsent(own(element, 'value'))) return undefined
    throw new VitrineError('invalidAttributeSyntax', { message: `${path}: an element needs a value` })
  }
  if (store.isPlain) return value
  const parts: Record<string, Scalar> = {}
  for (const sub of attribute.subAttributes ?? []) {
    const { name, type } = sub
    if (!store.parts.has(name) || name === 'value') continue
    const part = keptAs(kindOfPart(type), own(element, name) ?? null, `${path}.${name}`)
    if (part !== undefined) parts[name] = part
  }
  if (value !== undefined) parts.value = value
  return Object.keys(parts).length === 0 ? undefined : parts
}

function onlyOne(path: string, type: string | undefined): VitrineError {
  const what = type === undefined ? '' : ` of the type ${JSON.stringify(type)}`
  return new VitrineError('constraintViolation', { message: `${path}: only one value${what} is kept` })
}

function distinct(values: readonly Value[]): readonly Value[] {
  return values.length < 2 ? values : [...new Map(values.map((v) => [keyOfValue(v), v])).values()]
}

/**
 * What two attributes of the resource say that are kept in one of the view: the same, or one of them more.
 * @throws VitrineError `constraintViolation` where they say different things
 */
export function agreed(
  attr: ViewAttribute,
  attribute: ScimAttribute,
  some: readonly Value[],
  others: readonly Value[],
): readonly Value[] {
  const [fewer, more] = some.length <= others.length ? [some, others] : [others, some]
  const all = new Set(more.map(keyOfValue))
  if (fewer.every((value) => all.has(keyOfValue(value)))) return more
  throw new VitrineError('constraintViolation', {
    message: `${attribute.name} differs from another attribute that is kept in the same place`,
    detail: attr.name,
  })
}

/** The same for values that are the same to the letter. */
export function keyOfValue(value: Value): string {
  if (typeof value === 'string') return `"${value}`
  if (typeof value !== 'object') return String(value)
  if (value instanceof Date) return `@${value.getTime()}`
  if (value instanceof Uint8Array) return `#${Buffer.from(value).toString('base64')}`
  if (value instanceof Ref) return JSON.stringify([value.view, value.id, value.uuid])
  const parts = Object.keys(value).sort()
  return JSON.stringify(parts.map((part) => [part, keyOfValue(value[part] ?? '')]))
}
