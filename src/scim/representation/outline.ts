/**
 * A view's resource with everything looked up that its bindings name: what reading, writing, filters and selections
 * work on. Made once.
 */
import type { Directory, Handles } from '../../directory/directory.js'
import type { Entry } from '../../model/entry.js'
import { type Filter, TRUE } from '../../model/filter.js'
import { type Binding, bindingKey, type Resource, type ScimAttribute } from '../../model/resource.js'
import { type EntryId, Ref } from '../../model/value.js'
import type { View, ViewAttribute } from '../../model/view.js'
import type { Schema } from '../../schema/schema.js'
import { commonAttributes } from '../../schema/scim/common.js'
import { standardSchemas } from '../../schema/scim/standard.js'
import type { AttributePath } from '../filter-ast.js'

/** A kind of entry that has an `id`. */
export interface Target {
  readonly view: string
  readonly resource: Resource
  readonly handles: Handles
}

interface Placed {
  /** Of the schema that defines it. */
  readonly urn: string
  readonly isExtension: boolean
  readonly attribute: ScimAttribute
}

/** One value, or several plain ones. */
export interface PlainNode extends Placed {
  readonly kind: 'plain'
  readonly attr: ViewAttribute
}
/** One element, each of whose parts is kept on its own. */
export interface ComplexNode extends Placed {
  readonly kind: 'complex'
  readonly subs: readonly { readonly attribute: ScimAttribute; readonly attr: ViewAttribute }[]
}
/** Elements, or one where the attribute is single-valued. */
export interface ElementsNode extends Placed {
  readonly kind: 'elements'
  readonly stores: readonly Store[]
}
/** References, or one where the attribute is single-valued. */
export interface ReferencesNode extends Placed {
  readonly kind: 'references'
  readonly attr: ViewAttribute
  readonly targets: readonly Target[]
  /** The `type` of an element where it does not tell what the target is, but how it is reached. */
  readonly relation: string | undefined
}
export type Node = PlainNode | ComplexNode | ElementsNode | ReferencesNode

export interface Store {
  readonly attr: ViewAttribute
  readonly parts: ReadonlySet<string>
  /** Of its elements, unless they have one of their own. */
  readonly type: string | undefined
  /** Are its elements plain values? */
  readonly isPlain: boolean
  /** Is its element the primary one because there can be no other? */
  readonly isPrimary: boolean
}

/** What a path means. `unkept`: the standard knows it, this resource does not have it. */
export type Meaning =
  | { readonly kind: 'node'; readonly node: Node; readonly sub: string | undefined }
  | { readonly kind: 'schemas' | 'id' }
  | { readonly kind: 'meta'; readonly sub: string | undefined }
  /** A schema of the resource as a whole. */
  | { readonly kind: 'schema'; readonly urn: string }
  | { readonly kind: 'unkept' | 'unknown' }

const UNKEPT: Meaning = { kind: 'unkept' }
const UNKNOWN: Meaning = { kind: 'unknown' }

export class Outline {
  readonly view: View
  readonly resource: Resource
  readonly schema: Schema
  readonly self: Target
  /** In the order of the schemas, the core first. */
  readonly nodes: readonly Node[]
  readonly #byPath: ReadonlyMap<string, Node>
  /** Of the core schema. */
  readonly #byName: ReadonlyMap<string, Node>

  constructor(view: View, self: Target, schema: Schema, nodes: readonly Node[]) {
    this.view = view
    this.self = self
    this.resource = self.resource
    this.schema = schema
    this.nodes = nodes
    this.#byPath = new Map(nodes.map((node) => [pathKey(node.urn, node.attribute.name), node]))
    const core = nodes.filter(({ isExtension }) => !isExtension)
    this.#byName = new Map(core.map((node) => [node.attribute.name.toLowerCase(), node]))
  }

  idOf(entry: Entry): string | undefined {
    const handle = this.self.handles.of(entry.id)
    if (handle !== undefined || !this.self.handles.declared) return handle
    const uuid = entry.attributes.get('entryUUID')?.[0]
    return typeof uuid === 'string' ? uuid : undefined
  }

  /** Undefined if no entry can have this `id`. */
  locate(id: string): { readonly filter: Filter; readonly id?: EntryId } | undefined {
    const { handles } = this.self
    const key = handles.idOf(id)
    if (key !== undefined) return { filter: TRUE, id: key }
    if (!handles.declared) return undefined
    const value = this.schema.parse('entryUUID', Buffer.from(id, 'utf8'), 'equality')
    return value === undefined ? undefined : { filter: { op: 'eq', attr: 'entryUUID', value } }
  }

  /** Names are compared in any case; `sub` comes back as the schema spells it where it is kept. */
  meaningOf(path: AttributePath): Meaning {
    const { schema, attribute, sub } = path
    const core = this.resource.schema.id
    if (schema !== undefined && sub === undefined) {
      const urn = this.#schemaUrn(`${schema}:${attribute}`)
      if (urn !== undefined) return { kind: 'schema', urn }
    }
    const urn = schema ?? core
    const node =
      schema === undefined
        ? this.#byName.get(attribute.toLowerCase())
        : this.#byPath.get(pathKey(urn, attribute))
    if (node !== undefined) return meaningOfSub(node, sub)
    if (urn.toLowerCase() === core.toLowerCase()) {
      const name = attribute.toLowerCase()
      if (name === 'meta') return isKnown(commonAttributes, name, sub) ? { kind: 'meta', sub } : UNKNOWN
      if ((name === 'id' || name === 'schemas') && sub === undefined) return { kind: name }
      if (isKnown(commonAttributes, name, sub)) return UNKEPT
    }
    return isKnown(standardOf(urn)?.attributes ?? [], attribute, sub) ? UNKEPT : UNKNOWN
  }

  /** The URN of one of the resource's schemas as it is spelt. */
  #schemaUrn(urn: string): string | undefined {
    const wanted = urn.toLowerCase()
    return [this.resource.schema, ...this.resource.extensions.map((e) => e.schema)].find(
      (each) => each.id.toLowerCase() === wanted,
    )?.id
  }
}

/** A sub-attribute as the schema spells it. */
export function subAttributeOf(attribute: ScimAttribute, name: string): ScimAttribute | undefined {
  const wanted = name.toLowerCase()
  return attribute.subAttributes?.find((sub) => sub.name.toLowerCase() === wanted)
}

/** Does the standard define a part of elements by this name, whether it is kept or not? */
export function isStandardPart(node: Node, { schema, attribute, sub }: AttributePath): boolean {
  return schema === undefined && sub === undefined && isStandardSub(node, attribute)
}

function isStandardSub(node: Node, sub: string): boolean {
  return isKnown(standardOf(node.urn)?.attributes ?? [], node.attribute.name, sub)
}

function meaningOfSub(node: Node, sub: string | undefined): Meaning {
  if (sub === undefined) return { kind: 'node', node, sub }
  const found = subAttributeOf(node.attribute, sub)
  if (found !== undefined) return { kind: 'node', node, sub: found.name }
  // The elements of a plain multi-valued attribute are what `value` says of others (RFC 7643 2.4).
  if (node.kind === 'plain' && node.attribute.multiValued && sub.toLowerCase() === 'value')
    return { kind: 'node', node, sub: undefined }
  return isStandardSub(node, sub) ? UNKEPT : UNKNOWN
}

function isKnown(attributes: readonly ScimAttribute[], name: string, sub: string | undefined): boolean {
  const wanted = name.toLowerCase()
  const found = attributes.find((a) => a.name.toLowerCase() === wanted)
  return found !== undefined && (sub === undefined || subAttributeOf(found, sub) !== undefined)
}

function standardOf(urn: string) {
  const wanted = urn.toLowerCase()
  for (const [id, schema] of standardSchemas) if (id.toLowerCase() === wanted) return schema
  return undefined
}

function pathKey(urn: string, attribute: string): string {
  return `${urn}:${attribute}`.toLowerCase()
}

/** The views that hold what the resource's references refer to. */
export function viewsReferredTo(view: View, views: ReadonlyMap<string, View>): Set<string> {
  const names = new Set<string>()
  for (const binding of view.resource?.bindings.values() ?? []) {
    if (binding.kind !== 'references') continue
    for (const name of view.attributes.get(binding.attr)?.refers ?? [])
      if (views.get(name)?.resource !== undefined) names.add(name)
  }
  return names
}

/** @param handles of the view and of every view that it refers to */
export function outlineOf(
  view: View,
  directory: Pick<Directory, 'views' | 'schema'>,
  handles: ReadonlyMap<string, Handles>,
): Outline {
  const targetOf = (name: string): Target | undefined => {
    const { resource } = name === view.name ? view : (directory.views.get(name) ?? {})
    const found = handles.get(name)
    return resource && found && { view: name, resource, handles: found }
  }
  const self = targetOf(view.name)
  if (self === undefined) throw new Error(`view ${view.name} is no resource`)
  const { schema, extensions } = self.resource
  const nodes = [schema, ...extensions.map((e) => e.schema)].flatMap((each, i) =>
    each.attributes.flatMap((attribute): Node[] => {
      const node = nodeOf(view, self.resource, { urn: each.id, isExtension: i > 0, attribute }, targetOf)
      return node === undefined ? [] : [node]
    }),
  )
  return new Outline(view, self, directory.schema, nodes)
}

function nodeOf(
  view: View,
  resource: Resource,
  placed: Placed,
  targetOf: (view: string) => Target | undefined,
): Node | undefined {
  const { urn, attribute } = placed
  const binding = resource.bindings.get(bindingKey(urn, attribute.name))
  if (binding === undefined) {
    const subs = (attribute.subAttributes ?? []).flatMap((sub) => {
      const bound = resource.bindings.get(bindingKey(urn, attribute.name, sub.name))
      return bound?.kind === 'plain' ? [{ attribute: sub, attr: attributeOf(view, bound.attr) }] : []
    })
    return subs.length === 0 ? undefined : { kind: 'complex', ...placed, subs }
  }
  switch (binding.kind) {
    case 'plain':
      return { kind: 'plain', ...placed, attr: attributeOf(view, binding.attr) }
    case 'elements':
      return { kind: 'elements', ...placed, stores: storesOf(view, binding, attribute) }
    case 'references': {
      const attr = attributeOf(view, binding.attr)
      const targets = attr.refers.flatMap((name) => targetOf(name) ?? [])
      const types = subAttributeOf(attribute, 'type')?.canonicalValues
      const relation = types?.includes('direct') === true ? 'direct' : undefined
      return { kind: 'references', ...placed, attr, targets, relation }
    }
  }
}

function storesOf(
  view: View,
  binding: Extract<Binding, { kind: 'elements' }>,
  attribute: ScimAttribute,
): readonly Store[] {
  return binding.stores.map((store): Store => {
    const attr = attributeOf(view, store.attr)
    const parts = new Set(store.parts)
    return {
      attr,
      parts,
      type: store.type,
      isPlain: parts.size === 1 && parts.has('value'),
      isPrimary:
        binding.stores.length === 1 &&
        !attr.multiValued &&
        !parts.has('primary') &&
        subAttributeOf(attribute, 'primary') !== undefined,
    }
  })
}

function attributeOf(view: View, name: string): ViewAttribute {
  const found = view.attributes.get(name)
  if (found === undefined) throw new Error(`view ${view.name} has no attribute ${name}`)
  return found
}

/** The `id` of what is referred to; undefined where it is no resource. */
export function handleOf(ref: Ref, target: Target): string | undefined {
  const handle = ref.id === undefined ? undefined : target.handles.of(ref.id)
  return handle ?? (target.handles.declared ? ref.uuid : undefined)
}

/** The reference behind an `id`, if the target's entries could have such a one. */
export function refTo(id: string, target: Target): Ref | undefined {
  const key = target.handles.idOf(id)
  if (key !== undefined) return new Ref(target.view, [], key)
  return target.handles.declared && UUID.test(id)
    ? new Ref(target.view, [], undefined, undefined, id.toLowerCase())
    : undefined
}

const UUID = /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/
