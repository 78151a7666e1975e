/** SCIM schemas as JSON Schemas (2020-12): what a resource looks like in an answer, and what a client may send. */
import type { Resource, ScimAttribute, ScimSchema, ScimType } from '../../model/resource.js'
import { commonAttributes } from '../../schema/scim/common.js'
import type { Json, JsonObject } from '../../scim/json.js'

/** `shown`: all that an answer may hold. `sent`: what a client may say, the rest being ignored. */
export type Direction = 'shown' | 'sent'

export function resourceSchema(resource: Resource, direction: Direction): JsonObject {
  const { schema, extensions } = resource
  const own = new Set(schema.attributes.map(({ name }) => name))
  // What the client calls the resource is kept only where the mapping says where.
  const common = commonAttributes.filter(({ name }) => !own.has(name) && name !== 'externalId')
  const required = direction === 'sent' ? extensions.filter((e) => e.required).map((e) => e.schema.id) : []
  return objectSchema([...common, ...schema.attributes], direction, {
    description: resource.description,
    properties: Object.fromEntries(
      extensions.map((e): [string, Json] => [e.schema.id, extensionSchema(e.schema, direction)]),
    ),
    required,
  })
}

/** Of what the service says of itself, which has no common attributes but these. */
export function ownSchema(schema: ScimSchema): JsonObject {
  const own = new Set(schema.attributes.map(({ name }) => name))
  const common = commonAttributes.filter(
    ({ name }) => !own.has(name) && name !== 'externalId' && name !== 'id',
  )
  return objectSchema([...common, ...schema.attributes], 'shown', { description: schema.description })
}

function extensionSchema(schema: ScimSchema, direction: Direction): JsonObject {
  return objectSchema(schema.attributes, direction, { description: schema.description })
}

interface More {
  readonly description: string
  readonly properties?: JsonObject
  readonly required?: readonly string[]
}

function objectSchema(attributes: readonly ScimAttribute[], direction: Direction, more: More): JsonObject {
  const told = attributes.filter((attribute) =>
    direction === 'sent' ? attribute.mutability !== 'readOnly' : attribute.returned !== 'never',
  )
  const required = [
    ...told.filter((a) => isRequired(a, direction)).map(({ name }) => name),
    ...(more.required ?? []),
  ]
  return {
    type: 'object',
    description: more.description,
    properties: {
      ...Object.fromEntries(told.map((a): [string, Json] => [a.name, valueSchema(a, direction)])),
      ...more.properties,
    },
    ...(required.length > 0 && { required }),
  }
}

/** An answer holds for certain what is always returned; the rest is up to what the client asked for. */
function isRequired({ required, returned }: ScimAttribute, direction: Direction): boolean {
  return direction === 'sent' ? required : returned === 'always'
}

function valueSchema(attribute: ScimAttribute, direction: Direction): JsonObject {
  const { type, multiValued, description, canonicalValues, mutability, subAttributes } = attribute
  const one: JsonObject =
    type === 'complex'
      ? objectSchema(subAttributes ?? [], direction, { description })
      : {
          ...formats[type],
          description,
          ...(canonicalValues !== undefined && { examples: canonicalValues }),
        }
  const traits = {
    ...(mutability === 'readOnly' && { readOnly: true }),
    ...(mutability === 'writeOnly' && { writeOnly: true }),
  }
  return multiValued ? { type: 'array', description, items: one, ...traits } : { ...one, ...traits }
}

const formats: Readonly<Record<Exclude<ScimType, 'complex'>, JsonObject>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  decimal: { type: 'number' },
  integer: { type: 'integer' },
  dateTime: { type: 'string', format: 'date-time' },
  binary: { type: 'string', contentEncoding: 'base64' },
  reference: { type: 'string', format: 'uri-reference' },
}
