/**
 * Entries of a view as the resources that a remote service is to have: what SCIM and this service let clients write, with
 * references still to the entries they are to.
 */
import type { Directory, Handles } from '../../../directory/directory.js'
import type { Entry } from '../../../model/entry.js'
import type { ScimAttribute } from '../../../model/resource.js'
import { Ref } from '../../../model/value.js'
import type { View } from '../../../model/view.js'
import { standardAttribute } from '../../../schema/scim/standard.js'
import { copyObject, type JsonObject } from '../../../scim/json.js'
import { JsonWriter } from '../../../scim/representation/json-writer.js'
import { type Node, type Outline, outlineOf, viewsReferredTo } from '../../../scim/representation/outline.js'
import { rendererOf } from '../../../scim/representation/render.js'
import type { Provider } from './provider.js'

/** An attribute that is kept at the service as the source has it. */
export interface Managed {
  /** Of its schema. */
  readonly urn: string
  readonly isExtension: boolean
  readonly name: string
  readonly kind: Node['kind']
  readonly multiValued: boolean
  /** The parts of it, or of its elements, that are kept so. */
  readonly subs: readonly string[]
  /** Of its elements, those of these types are kept so; undefined: all. */
  readonly types: ReadonlySet<string> | undefined
  /** Attributes of the view that hold it. */
  readonly attrs: readonly string[]
}

export interface Rendered {
  /** Without what refers to other entries. */
  readonly resource: JsonObject
  /** By attribute; those without values too. */
  readonly references: ReadonlyMap<Managed, readonly Ref[]>
}

export class Rendering {
  readonly view: View
  readonly type: string
  /** Of the core schema. */
  readonly urn: string
  /** In the order of the schemas; references too. */
  readonly managed: readonly Managed[]
  readonly #write: ReturnType<typeof rendererOf>

  /** @param directory what the view belongs to */
  constructor(view: View, directory: Pick<Directory, 'views' | 'schema'>, takes: Provider['takes']) {
    const outline = named(view, directory)
    const shown = outline.nodes.flatMap((node) => {
      const subs = subsOf(node, takes)
      return isPushed(node, takes) && (subs.length > 0 || node.kind === 'plain') ? [{ node, subs }] : []
    })
    this.view = view
    this.type = outline.resource.type
    this.urn = outline.resource.schema.id
    this.managed = shown.map(({ node, subs }) => managedOf(node, subs))
    this.#write = rendererOf(
      outline,
      shown.filter(({ node }) => node.kind !== 'references'),
      [],
    )
  }

  /** What a service is asked by that holds an attribute of the view; undefined where there is no such thing. */
  pathOf(attr: string): string | undefined {
    const held = this.managed.find((one) => one.attrs.includes(attr) && !one.isExtension)
    if (held?.kind === 'elements') return `${held.name}.value`
    return held?.kind === 'plain' ? held.name : undefined
  }

  render(entry: Entry): Rendered {
    const out = new JsonWriter()
    this.#write(out, entry, '')
    const resource = copyObject(JSON.parse(out.finish().toString()) as JsonObject)
    delete resource.id
    const references = new Map<Managed, readonly Ref[]>()
    for (const managed of this.managed) {
      if (managed.kind !== 'references') continue
      const values = managed.attrs.flatMap((attr) => entry.attributes.get(attr) ?? [])
      references.set(
        managed,
        values.filter((value) => value instanceof Ref),
      )
    }
    return { resource, references }
  }
}

/** Nobody sees these ids: the service has its own. */
const HANDLES: Handles = { of: (id) => id, idOf: (id) => id, declared: false }

function named(view: View, directory: Pick<Directory, 'views' | 'schema'>): Outline {
  const names = viewsReferredTo(view, directory.views).add(view.name)
  return outlineOf(view, directory, new Map([...names].map((name) => [name, HANDLES])))
}

/** What may not be written by anybody is not sent; that this gateway may not write something itself is no matter. */
function isPushed({ urn, attribute }: Node, takes: Provider['takes']): boolean {
  const standard = standardAttribute({ schema: urn, attribute: attribute.name })
  return standard?.mutability !== 'readOnly' && attribute.returned !== 'never' && takes(urn, attribute.name)
}

function subsOf(node: Node, takes: Provider['takes']): readonly ScimAttribute[] {
  const { urn, attribute, kind } = node
  if (kind === 'plain') return []
  const all = kind === 'complex' ? node.subs.map((sub) => sub.attribute) : (attribute.subAttributes ?? [])
  return all.filter(({ name }) => {
    if (kind === 'references') return name === 'value'
    const standard = standardAttribute({ schema: urn, attribute: attribute.name, sub: name })
    return standard?.mutability !== 'readOnly' && takes(urn, attribute.name, name)
  })
}

function managedOf(node: Node, subs: readonly ScimAttribute[]): Managed {
  const { urn, isExtension, attribute, kind } = node
  const types =
    kind === 'elements' ? node.stores.map((store) => (store.parts.has('type') ? '' : store.type)) : []
  const constant = types.filter((type) => type !== undefined && type !== '')
  return {
    urn,
    isExtension,
    name: attribute.name,
    kind,
    multiValued: attribute.multiValued,
    subs: subs.map(({ name }) => name),
    types: types.length > 0 && constant.length === types.length ? new Set(constant as string[]) : undefined,
    attrs: attrsOf(node),
  }
}

function attrsOf(node: Node): readonly string[] {
  if (node.kind === 'complex') return node.subs.map(({ attr }) => attr.name)
  return node.kind === 'elements' ? node.stores.map(({ attr }) => attr.name) : [node.attr.name]
}
