/**
 * Entries as SCIM resources (RFC 7643 3): closures, put together once for each selection, that follow the schema no
 * more. What is selected is decided in `selection.ts`.
 */
import type { Entry } from '../../../model/entry.js'
import type { ScimAttribute } from '../../../model/resource.js'
import { isComplex, Ref, scalarOf, type Value } from '../../../model/value.js'
import type { Json, JsonObject, MutableJsonObject } from '../json.js'
import {
  type ComplexNode,
  type ElementsNode,
  handleOf,
  type Node,
  type Outline,
  type ReferencesNode,
  type Store,
  type Target,
} from './outline.js'
import { type ShowScalar, showDate, shownAs } from './values.js'

/** An attribute, and which of its sub-attributes are shown. */
export interface ShownNode {
  readonly node: Node
  readonly subs: readonly ScimAttribute[]
}

export const metaParts = ['resourceType', 'created', 'lastModified', 'location', 'version'] as const
export type MetaPart = (typeof metaParts)[number]

type Values = ReadonlyMap<string, readonly Value[]>
/** Undefined for an attribute without a value. */
type Show = (values: Values, base: string) => Json | undefined
interface Member {
  readonly name: string
  readonly show: Show
}

export function rendererOf(
  outline: Outline,
  shown: readonly ShownNode[],
  meta: readonly MetaPart[],
): (entry: Entry, base: string, version?: string) => JsonObject | undefined {
  const core = outline.resource.schema.id
  const own = shown.filter(({ node }) => !node.isExtension)
  const [externalId] = own.filter(({ node }) => isExternalId(node)).map(memberOf)
  const members = own.filter(({ node }) => !isExternalId(node)).map(memberOf)
  const extensions = outline.resource.extensions.flatMap(({ schema }) => {
    const ofIt = shown.filter(({ node }) => node.urn === schema.id).map(memberOf)
    return ofIt.length === 0 ? [] : [{ urn: schema.id, members: ofIt }]
  })
  const showMeta = metaOf(outline, meta)
  const schemas: readonly string[] = Object.freeze([core])

  return (entry, base, version) => {
    const id = outline.idOf(entry)
    if (id === undefined) return undefined
    const { attributes } = entry
    const resource: MutableJsonObject = { schemas, id }
    const external = externalId?.show(attributes, base)
    if (external !== undefined) resource.externalId = external
    if (showMeta !== undefined) resource.meta = showMeta(attributes, id, base, version)
    for (const { name, show } of members) {
      const value = show(attributes, base)
      if (value !== undefined) resource[name] = value
    }
    for (const { urn, members: ofIt } of extensions) {
      const extension = objectOf(ofIt, attributes, base)
      if (extension === undefined) continue
      resource[urn] = extension
      resource.schemas = [...(resource.schemas as readonly string[]), urn]
    }
    return resource
  }
}

function isExternalId({ attribute, isExtension }: Node): boolean {
  return attribute.name === 'externalId' && !isExtension
}

function metaOf(outline: Outline, parts: readonly MetaPart[]) {
  if (parts.length === 0) return undefined
  const { type, created, lastModified } = outline.resource
  const [hasType, hasLocation, hasVersion] = (['resourceType', 'location', 'version'] as const).map((part) =>
    parts.includes(part),
  )
  const times = [
    ['created', created],
    ['lastModified', lastModified],
  ] as const
  const shownTimes = times.flatMap(([name, attr]) =>
    attr !== undefined && parts.includes(name) ? [{ name, attr }] : [],
  )
  const locate = locationOf(outline.self)
  return (values: Values, id: string, base: string, version: string | undefined): JsonObject => {
    const meta: MutableJsonObject = {}
    if (hasType === true) meta.resourceType = type
    for (const { name, attr } of shownTimes) {
      const time = values.get(attr)?.[0]
      const text = time instanceof Date ? showDate(time) : undefined
      if (text !== undefined) meta[name] = text
    }
    if (hasLocation === true) meta.location = locate(id, base)
    if (hasVersion === true && version !== undefined) meta.version = version
    return meta
  }
}

/** What of a path need not be escaped (RFC 3986 2.3). */
const UNRESERVED = /^[A-Za-z0-9._~-]+$/

function locationOf({ resource }: Target): (id: string, base: string) => string {
  const { endpoint } = resource
  return (id, base) => `${base}${endpoint}/${UNRESERVED.test(id) ? id : encodeURIComponent(id)}`
}

function memberOf({ node, subs }: ShownNode): Member {
  return { name: node.attribute.name, show: showOf(node, subs) }
}

function showOf(node: Node, subs: readonly ScimAttribute[]): Show {
  switch (node.kind) {
    case 'plain':
      return showPlain(node.attr.name, node.attribute)
    case 'complex':
      return showComplex(node, subs)
    case 'elements':
      return showElements(node, subs)
    case 'references':
      return showReferences(node, subs)
  }
}

function showPlain(attr: string, attribute: ScimAttribute): Show {
  const show = shownAs(attribute.type)
  const one = (value: Value): Json | undefined => {
    const scalar = scalarOf(value)
    return scalar === undefined ? undefined : show(scalar)
  }
  if (attribute.multiValued) return (values) => someOf(values.get(attr), one)
  return (values) => {
    const first = values.get(attr)?.[0]
    return first === undefined ? undefined : one(first)
  }
}

/** Undefined in place of an empty array (RFC 7643 2.5). */
function someOf(
  values: readonly Value[] | undefined,
  show: (value: Value) => Json | undefined,
): readonly Json[] | undefined {
  if (values === undefined) return undefined
  const shown: Json[] = []
  for (const value of values) {
    const json = show(value)
    if (json !== undefined) shown.push(json)
  }
  return shown.length === 0 ? undefined : shown
}

function showComplex(node: ComplexNode, subs: readonly ScimAttribute[]): Show {
  const members = node.subs
    .filter(({ attribute }) => subs.includes(attribute))
    .map(({ attribute, attr }) => ({ name: attribute.name, show: showPlain(attr.name, attribute) }))
  return (values, base) => objectOf(members, values, base)
}

function objectOf(members: readonly Member[], values: Values, base: string): JsonObject | undefined {
  let object: MutableJsonObject | undefined
  for (const { name, show } of members) {
    const value = show(values, base)
    if (value === undefined) continue
    object ??= {}
    object[name] = value
  }
  return object
}

function showElements(node: ElementsNode, subs: readonly ScimAttribute[]): Show {
  const stores = node.stores.map((store) => ({ attr: store.attr.name, show: showElement(store, subs) }))
  const [first] = stores
  if (!node.attribute.multiValued) {
    return (values) => {
      for (const { attr, show } of stores) {
        const element = someOf(values.get(attr), show)?.[0]
        if (element !== undefined) return element
      }
      return undefined
    }
  }
  if (stores.length === 1 && first !== undefined) {
    const { attr, show } = first
    return (values) => someOf(values.get(attr), show)
  }
  return (values) => {
    let all: readonly Json[] | undefined
    for (const { attr, show } of stores) {
      const shown = someOf(values.get(attr), show)
      if (shown !== undefined) all = all === undefined ? shown : [...all, ...shown]
    }
    return all
  }
}

function showElement(store: Store, subs: readonly ScimAttribute[]): (value: Value) => JsonObject | undefined {
  const parts = subs.flatMap((sub): { name: string; show: ShowScalar; constant: Json | undefined }[] => {
    const { name } = sub
    const constant = name === 'type' ? store.type : name === 'primary' && store.isPrimary ? true : undefined
    return store.parts.has(name) || constant !== undefined
      ? [{ name, show: shownAs(sub.type), constant }]
      : []
  })
  return (value) => {
    let element: MutableJsonObject | undefined
    for (const { name, show, constant } of parts) {
      const scalar = isComplex(value) ? value[name] : name === 'value' ? value : undefined
      const shown = (scalar === undefined ? undefined : show(scalar)) ?? constant
      if (shown === undefined) continue
      element ??= {}
      element[name] = shown
    }
    return element
  }
}

function showReferences(node: ReferencesNode, subs: readonly ScimAttribute[]): Show {
  const attr = node.attr.name
  const names = new Set(subs.map((sub) => sub.name))
  const [hasValue, hasRef, hasType, hasDisplay, hasDisplayName] = [
    'value',
    '$ref',
    'type',
    'display',
    'displayName',
  ].map((name) => names.has(name))
  /** Is anything shown of a target besides what it is called? */
  const isShown = hasValue === true || hasRef === true || hasType === true
  const targets = new Map(
    node.targets.map((target) => [
      target.view,
      { target, locate: locationOf(target), type: node.relation ?? target.resource.type },
    ]),
  )
  const one = (value: Value, base: string): JsonObject | undefined => {
    if (!(value instanceof Ref)) return undefined
    const found = targets.get(value.view)
    const id = found && handleOf(value, found.target)
    if (found === undefined || id === undefined) return undefined
    if (!isShown && value.display === undefined) return undefined
    const element: MutableJsonObject = {}
    if (hasValue === true) element.value = id
    if (hasRef === true) element.$ref = found.locate(id, base)
    if (value.display !== undefined) {
      if (hasDisplay === true) element.display = value.display
      if (hasDisplayName === true) element.displayName = value.display
    }
    if (hasType === true) element.type = found.type
    return element
  }
  if (node.attribute.multiValued)
    return (values, base) => someOf(values.get(attr), (value) => one(value, base))
  return (values, base) => {
    const first = values.get(attr)?.[0]
    return first === undefined ? undefined : one(first, base)
  }
}
