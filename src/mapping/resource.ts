/**
 * A view as a SCIM resource type: the standard correspondence, changed and completed by what the mapping says. Its
 * schemas tell what this mapping keeps, and truly what may be done with it.
 */
import type {
  Binding,
  ElementStore,
  Resource,
  ResourceOperation,
  ScimAttribute,
  ScimSchema,
} from '../model/resource.js'
import { bindingKey } from '../model/resource.js'
import type { ViewAttribute, ViewWrites } from '../model/view.js'
import type { Schema } from '../schema/schema.js'
import { type Correspondence, correspondenceOf } from '../schema/scim/correspondence.js'
import { standardAttribute, standardSchemas } from '../schema/scim/standard.js'
import { activeName, coreSchemaOf, type ScimPath, scimName, splitPath } from './given.js'
import { nearest } from './nearest.js'
import type { Problems } from './problem.js'
import type { MappingSpec, ScimSpec } from './schema.js'

type Attributes = ReadonlyMap<string, ViewAttribute>

/** An attribute of the resource, or a sub-attribute of a single-valued complex one, and where it is kept. */
interface Kept {
  readonly path: ScimPath
  readonly binding: Binding
}

const ALL: readonly ResourceOperation[] = ['create', 'update', 'delete']

interface Shown {
  /** Those of the view, SCIM's own among them. */
  readonly attributes: Attributes
  readonly writes: ViewWrites
}

/** The resource type of a view, if it is one. */
export type TypeOf = (view: string) => string | undefined

export function resourceOf(
  spec: Pick<MappingSpec, 'view' | 'scim'>,
  schema: Schema,
  { attributes, writes }: Shown,
  typeOf: TypeOf,
  problems: Problems,
): Resource | undefined {
  const { scim } = spec
  if (scim === undefined) return undefined
  const standard = correspondenceOf(scim.resource)
  const kept = new Map<string, Kept>()
  for (const given of standard?.attributes ?? []) {
    const binding = bindingOf(given, scim, attributes)
    if (binding !== undefined) kept.set(keyOf(given), { path: given, binding })
  }
  for (const [key, given] of Object.entries(scim.attributes ?? {})) {
    const path = splitPath(scim, key)
    kept.delete(keyOf(path))
    if (given === null) continue
    const isNamed = typeof given === 'object' && 'attribute' in given
    const name = isNamed ? (schema.attribute(given.attribute)?.name ?? given.attribute) : scimName(scim, key)
    const attribute = attributes.get(name)
    if (attribute !== undefined) kept.set(keyOf(path), { path, binding: boundTo(attribute, path) })
    else if (isNamed) {
      const meant = nearest(name, attributes.keys())
      problems.add(
        spec.view,
        ['scim', 'attributes', key, 'attribute'],
        `${name} is not among the view's attributes`,
        meant === undefined ? 'Map it under attributes' : `Did you mean ${meant}?`,
      )
    }
  }
  const core = coreSchemaOf(scim)
  const context = { schema, attributes, typeOf }
  const schemas = [...new Set([core, ...[...kept.values()].map((k) => k.path.schema)])].map((id) =>
    schemaOf(
      id,
      scim,
      [...kept.values()].filter((k) => k.path.schema === id),
      context,
    ),
  )
  const [coreSchema, ...extensions] = schemas
  if (coreSchema === undefined) return undefined
  const first = (names: readonly string[]) => names.find((name) => attributes.has(name))
  const created = first(standard?.created ?? ['createTimestamp', 'whenCreated'])
  const lastModified = first(standard?.lastModified ?? ['modifyTimestamp', 'whenChanged'])
  return {
    type: scim.resource,
    endpoint: scim.endpoint ?? standard?.endpoint ?? `/${scim.resource}s`,
    description: scim.description ?? standard?.description ?? scim.resource,
    schema: coreSchema,
    extensions: extensions.map((extension) => ({ schema: extension, required: false })),
    operations: new Set(
      (scim.operations ?? standard?.operations ?? ALL).filter((one) => lets(one, { attributes, writes })),
    ),
    bindings: new Map([...kept].map(([key, { binding }]) => [key, binding])),
    ...(created !== undefined && { created }),
    ...(lastModified !== undefined && { lastModified }),
  }
}

function lets(operation: ResourceOperation, { attributes, writes }: Shown): boolean {
  if (operation === 'update') return [...attributes.values()].some((a) => a.writable)
  return operation === 'create' ? writes.add : writes.delete
}

const keyOf = ({ schema, attribute, sub }: ScimPath) => bindingKey(schema, attribute, sub)

/** What the standard correspondence finds among the view's attributes. */
function bindingOf(given: Correspondence, scim: ScimSpec, attributes: Attributes): Binding | undefined {
  switch (given.kind) {
    case 'enabled': {
      const attr = activeName(scim)
      return attr !== undefined && attributes.has(attr) ? { kind: 'plain', attr } : undefined
    }
    case 'elements': {
      const stores = given.from.flatMap(({ attr, type }): ElementStore[] => {
        const found = attributes.get(attr)
        return found === undefined
          ? []
          : [{ attr, parts: partsOf(found), ...(type !== undefined && { type }) }]
      })
      return stores.length === 0 ? undefined : { kind: 'elements', stores }
    }
    default: {
      const attr = given.from.find((name) => attributes.has(name))
      if (attr === undefined) return undefined
      const isReference = (attributes.get(attr)?.refers.length ?? 0) > 0
      // A manager that is text, or a group that is no entry, is no reference to a resource.
      if (given.kind === 'references') return isReference ? { kind: 'references', attr } : undefined
      return { kind: 'plain', attr }
    }
  }
}

/** Plain values are elements that have nothing but a value. */
const partsOf = ({ parts }: ViewAttribute) => (parts.length === 0 ? ['value'] : parts.map((p) => p.name))

/** What an attribute that the mapping shows under a name of SCIM is there. */
function boundTo(attribute: ViewAttribute, path: ScimPath): Binding {
  const attr = attribute.name
  if (attribute.refers.length > 0) return { kind: 'references', attr }
  const standard = standardAttribute(path)
  const isComplex = standard === undefined ? attribute.parts.length > 0 : standard.type === 'complex'
  if (!isComplex) return { kind: 'plain', attr }
  return { kind: 'elements', stores: [{ attr, parts: partsOf(attribute) }] }
}

interface DefinitionContext {
  readonly schema: Schema
  readonly attributes: Attributes
  readonly typeOf: TypeOf
}

function schemaOf(id: string, scim: ScimSpec, kept: readonly Kept[], context: DefinitionContext): ScimSchema {
  const standard = standardSchemas.get(id)
  const names = new Set([
    ...(standard?.attributes ?? []).map((a) => a.name),
    ...kept.map((k) => k.path.attribute),
  ])
  const attributes = [...names].flatMap((name): ScimAttribute[] => {
    const own = kept.filter((k) => k.path.attribute === name)
    return own.length === 0
      ? []
      : [definitionOf(name, own, standardAttribute({ schema: id, attribute: name }), context)]
  })
  const isCore = id === coreSchemaOf(scim)
  return {
    id,
    name: standard?.name ?? (isCore ? scim.resource : extensionName(id, scim.resource)),
    description:
      standard?.description ?? (isCore ? (scim.description ?? scim.resource) : `More of a ${scim.resource}`),
    attributes,
  }
}

/** By the piece of its URN that no version or type is, e.g. `Acme User`. */
function extensionName(urn: string, resource: string): string {
  const piece = urn
    .split(':')
    .filter((p) => p !== resource && !/^[\d.]+$/.test(p))
    .at(-1)
  return piece === undefined ? urn : `${piece.slice(0, 1).toUpperCase()}${piece.slice(1)} ${resource}`
}

function definitionOf(
  name: string,
  kept: readonly Kept[],
  standard: ScimAttribute | undefined,
  context: DefinitionContext,
): ScimAttribute {
  const [whole] = kept.filter((k) => k.path.sub === undefined)
  if (whole !== undefined) return described(name, whole.binding, standard, context)
  const subs = kept.map(({ path, binding }) => {
    const sub = path.sub ?? ''
    const ofStandard = standard?.subAttributes?.find((a) => a.name === sub)
    return described(sub, binding, ofStandard, context)
  })
  return {
    ...(standard ?? { ...plain, name, description: name }),
    type: 'complex',
    multiValued: false,
    mutability: subs.every((s) => s.mutability === 'readOnly') ? 'readOnly' : 'readWrite',
    subAttributes: subs,
  }
}

const plain = {
  type: 'string',
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
} as const

const types = {
  text: 'string',
  integer: 'integer',
  decimal: 'decimal',
  boolean: 'boolean',
  time: 'dateTime',
  binary: 'binary',
} as const

/** As the standard has it, but for what this mapping does otherwise. */
function described(
  name: string,
  binding: Binding,
  standard: ScimAttribute | undefined,
  { schema, attributes, typeOf }: DefinitionContext,
): ScimAttribute {
  const names = binding.kind === 'elements' ? binding.stores.map((s) => s.attr) : [binding.attr]
  const kept = names.flatMap((attr) => attributes.get(attr) ?? [])
  const isWritable = kept.some((a) => a.writable)
  const base = standard ?? {
    ...plain,
    name,
    description: name,
    type: binding.kind === 'plain' ? types[kept[0]?.kind ?? 'text'] : ('complex' as const),
    multiValued: kept.some((a) => a.multiValued),
  }
  const [attr = ''] = names
  const equality = schema.attribute(attr)?.equality?.name ?? ''
  const isText = base.type === 'string' && binding.kind === 'plain'
  return {
    ...base,
    ...(isText && base.mutability !== 'writeOnly' && { caseExact: equality.startsWith('caseExact') }),
    ...(!isWritable && { mutability: 'readOnly' as const }),
    ...(base.type === 'complex' && { subAttributes: subAttributesOf(base, binding, kept, typeOf) }),
  }
}

function subAttributesOf(
  base: ScimAttribute,
  binding: Binding,
  kept: readonly ViewAttribute[],
  typeOf: TypeOf,
): readonly ScimAttribute[] {
  const kinds = new Map(kept.flatMap((a) => a.parts.map((p) => [p.name, p.kind] as const)))
  const known = base.subAttributes ?? []
  if (binding.kind !== 'elements') {
    if (known.length > 0) return known
    const referenceTypes = kept.flatMap((a) => a.refers.flatMap((view) => typeOf(view) ?? []))
    return ['value', '$ref', 'display', 'type'].map((name) => referencePart(name, referenceTypes))
  }
  const parts = new Set(
    binding.stores.flatMap((s) => [...s.parts, ...(s.type === undefined ? [] : ['type'])]),
  )
  // One plain value is told to be the primary one.
  if (binding.stores.every((s) => s.parts.length === 1) && known.some((s) => s.name === 'primary'))
    parts.add('primary')
  return [...parts].map(
    (part) =>
      known.find((s) => s.name === part) ?? {
        ...plain,
        name: part,
        description: part,
        type: types[kinds.get(part) ?? (part === 'primary' ? 'boolean' : 'text')],
      },
  )
}

const referencePart = (name: string, referenceTypes: readonly string[]): ScimAttribute => ({
  ...plain,
  name,
  description: name,
  ...(name === '$ref' && { type: 'reference' as const, caseExact: true, referenceTypes }),
  mutability: name === 'value' ? 'readWrite' : 'readOnly',
})
